"""Helpers on triangle meshes in numpy: vertices (V, 3) in metres, faces (F, 3) of vertex indices."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

Array = np.ndarray


def vertex_normals(vertices: Array, faces: Array) -> Array:
    """Compute unit normals (V, 3), each the area-weighted mean of the faces round the vertex."""
    corners = vertices[faces]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], face_normals)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return normals / np.maximum(lengths, 1e-12)


def _adjacency(count: int, faces: Array) -> sparse.csr_matrix:
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = np.concatenate([edges, edges[:, ::-1]])
    matrix = sparse.coo_matrix((np.ones(len(edges)), edges.T), shape=(count, count)).tocsr()
    matrix.data[:] = 1.0  # an edge shared by two faces was counted twice
    matrix.setdiag(0.0)
    matrix.eliminate_zeros()
    return matrix


def neighbour_mean(count: int, faces: Array) -> sparse.csr_matrix:
    """Matrix (V, V) that replaces a value at a vertex by the mean over its neighbours."""
    matrix = _adjacency(count, faces)
    degrees = np.asarray(matrix.sum(axis=1)).ravel()
    return (sparse.diags(1 / np.maximum(degrees, 1)) @ matrix).tocsr()


def smooth(values: Array, mean: sparse.csr_matrix, rounds: int) -> Array:
    """`values` (V, ...) moved half-way to the neighbours' mean, `rounds` times."""
    for _ in range(rounds):
        values = 0.5 * values + 0.5 * (mean @ values)
    return values


def smooth_border(vertices: Array, faces: Array, rounds: int) -> Array:
    """`vertices` (V, 3) with open edges drawn straight: border vertices move only along the border."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, uses = np.unique(edges, axis=0, return_counts=True)
    border = unique[uses == 1]
    mean = neighbour_mean(len(vertices), np.c_[border, border[:, :1]])
    on_border = np.zeros(len(vertices), bool)
    on_border[border] = True
    smoothed = vertices
    for _ in range(rounds):
        smoothed = np.where(on_border[:, None], 0.5 * smoothed + 0.5 * (mean @ smoothed), smoothed)
    return smoothed


def largest_component(count: int, faces: Array) -> Array:
    """Mask (V,) of the largest connected piece of the mesh."""
    _, labels = connected_components(_adjacency(count, faces), directed=False)
    return labels == np.bincount(labels).argmax()


def grow(mask: Array, faces: Array, rings: int) -> Array:
    """`mask` (V,) widened by `rings` rings of neighbouring vertices."""
    mask = mask.copy()
    for _ in range(rings):
        touched = faces[mask[faces].any(axis=1)]
        mask[touched.ravel()] = True
    return mask


def submesh(keep: Array, faces: Array) -> tuple[Array, Array]:
    """Cut out the faces whose three corners are all in `keep` (V,).

    Returns the indices (U,) of the vertices they use, and the faces renumbered to these.
    """
    faces = faces[keep[faces].all(axis=1)]
    used, renumbered = np.unique(faces, return_inverse=True)
    return used, renumbered.reshape(faces.shape)


def sphere(
    radius_m: float, rings: int = 12, sides: int = 18
) -> tuple[Array, list[tuple[int, int, int, int]]]:
    """Vertices (V, 3) and four-cornered faces of a sphere round the origin."""
    down = np.linspace(0.01, np.pi - 0.01, rings)
    around = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    down, around = (grid.ravel() for grid in np.meshgrid(down, around, indexing="ij"))
    vertices = np.stack([np.sin(down) * np.cos(around), np.sin(down) * np.sin(around), np.cos(down)], axis=1)
    faces = []
    for ring in range(rings - 1):
        for side in range(sides):
            beside = (side + 1) % sides
            low, high = ring * sides, (ring + 1) * sides
            faces.append((low + side, high + side, high + beside, low + beside))
    return radius_m * vertices, faces
