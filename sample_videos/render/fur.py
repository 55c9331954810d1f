"""Fur: strands rooted on an animal's skin, combed with the shape and bent by gravity."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mesh import Array, vertex_normals

_POINTS = 4  # per strand
_LIFT = 0.55  # of a strand's root along the normal, against 0.75 along the comb
_COMB = 0.75
_GRAVITY = 0.30
_SUNK_M = 0.004  # the roots lie below the skin, or the strands would float over its facets


@dataclass(frozen=True, slots=True)
class Coat:
    """How an animal is furred.

    `comb` gives the direction (N, 3) in the rest pose, `length_m` the length (N,), at points (N, 3); `shade`
    says from 0 to 1 where between the colours `dark` and `light` it lies.
    """

    strands: int
    comb: Callable[[Array], Array]
    length_m: Callable[[Array], Array]
    shade: Callable[[Array], Array]
    dark: tuple[float, float, float]
    light: tuple[float, float, float]


class Fur:
    """The strands of one animal."""

    def __init__(self, coat: Coat, vertices: Array, faces: Array) -> None:
        """Scatter the roots evenly over the skin (V, 3), (F, 3) in the rest pose."""
        rng = np.random.default_rng(1)
        self._faces = faces
        corners = vertices[faces]
        areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        self._on = rng.choice(len(faces), coat.strands, p=areas / areas.sum())
        pair = rng.random((coat.strands, 2))
        pair[pair.sum(axis=1) > 1] = 1 - pair[pair.sum(axis=1) > 1]
        self._share = np.c_[1 - pair.sum(axis=1), pair][..., None]
        roots = self._at(vertices)
        self._length = coat.length_m(roots) * rng.uniform(0.6, 1.25, coat.strands)
        self._comb = coat.comb(roots) + 0.13 * rng.normal(size=(coat.strands, 3))
        self._stray = 0.10 * rng.normal(size=(coat.strands, 3))
        self._rest = _facet_frames(vertices, faces[self._on])
        self.shades = np.clip(coat.shade(roots) + 0.25 * rng.normal(size=coat.strands), 0, 1)

    def strands(self, vertices: Array) -> Array:
        """Points (N, 4, 3) of the strands on the posed skin (V, 3)."""
        now = _facet_frames(vertices, self._faces[self._on])
        turned = np.einsum("nij,nkj->nik", now, self._rest)
        normals = _unit(self._at(vertex_normals(vertices, self._faces)))
        comb = np.einsum("nij,nj->ni", turned, self._comb)
        comb -= normals * (comb * normals).sum(axis=1, keepdims=True)
        comb /= np.maximum(np.linalg.norm(comb, axis=1, keepdims=True), 0.25)
        ahead = _unit(normals * _LIFT + comb * _COMB + np.einsum("nij,nj->ni", turned, self._stray))
        length = self._length[:, None]
        bend = length * (np.array([0, 0, -_GRAVITY]) + 0.25 * comb - 0.10 * normals)
        roots = self._at(vertices) - normals * _SUNK_M
        return np.stack(
            [roots + ahead * length * t + bend * t * t for t in np.linspace(0, 1, _POINTS)], axis=1
        )

    def _at(self, values: Array) -> Array:
        """Values (V, 3) at the vertices, interpolated at the roots (N, 3)."""
        return (values[self._faces[self._on]] * self._share).sum(axis=1)


def _facet_frames(vertices: Array, facets: Array) -> Array:
    """An orthonormal frame (N, 3, 3) on each facet (N, 3), its axes in the columns."""
    first, second, third = (vertices[facets[:, corner]] for corner in range(3))
    along = _unit(second - first)
    normal = _unit(np.cross(second - first, third - first))
    return np.stack([along, np.cross(normal, along), normal], axis=-1)


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def bear_coat(dark: tuple[float, float, float], light: tuple[float, float, float]) -> Coat:
    """A bear's fur: long on the trunk, short on legs and face, combed backwards and down, muzzle lighter."""
    along_body = ([-1, 0.4, 0.8, 0.95, 1.1, 1.2, 1.4], [0.042, 0.046, 0.049, 0.032, 0.015, 0.008, 0.005])
    up_the_leg = ([0, 0.1, 0.3, 0.5, 0.7], [0.25, 0.35, 0.6, 0.9, 1.0])

    def length_m(roots: Array) -> Array:
        return np.interp(roots[:, 0], *along_body) * np.interp(roots[:, 2], *up_the_leg)

    def comb(roots: Array) -> Array:
        way = np.tile([-0.8, 0.0, -0.55], (len(roots), 1))
        way[roots[:, 2] < 0.5] = (-0.15, 0, -1)
        way[roots[:, 0] > 0.85] = (-1, 0, 0.15)
        return way

    def shade(roots: Array) -> Array:
        height = 0.35 + 0.35 * (roots[:, 2] - 0.6)
        height = np.where(roots[:, 2] < 0.35, 0.3 * height, height)
        return np.where(roots[:, 0] > 1.13, height + 0.5, height)

    return Coat(36_000, comb, length_m, shade, dark, light)
