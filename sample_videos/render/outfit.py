"""Clothes, shoes and hair: regions of the body's skin pushed outwards along the normals and smoothed."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

from body import Body
from mesh import Array, grow, neighbour_mean, smooth, smooth_border, submesh
from pose import Part


@dataclass(frozen=True)
class _Regions:
    """The landmarks and skin regions that garments are cut from; masks and weights are (V,)."""

    crotch_m: float
    ankle_m: float
    waist_m: float
    neck_m: float
    head: Array
    hand: Array
    foot: Array
    arm: Array


def _regions(body: Body) -> _Regions:
    x, y, z = body.vertices.T
    midline = body.envelope & (np.abs(x) < 0.012) & (np.abs(y) < 0.2) & (z < 0.4)
    return _Regions(
        crotch_m=float(z[midline].min()),
        ankle_m=float(body.joint("foot.L")[2]),
        waist_m=float(body.joint("root")[2]),
        neck_m=float(body.joint("neck01")[2]),
        head=body.weight_of("head", "neck03", "neck02", "eye"),
        hand=body.weight_of("wrist", "finger", "meta"),
        foot=body.weight_of("foot", "toe"),
        arm=body.weight_of("upperarm", "lowerarm", "wrist", "finger", "meta"),
    )


def _shell(
    body: Body,
    mask: Array,
    offset_m: Array | float,
    smoothing: int,
    weight_smoothing: int,
    border_smoothing: int = 12,
) -> Part:
    """The masked skin, `offset_m` further out; smoothing rounds off the anatomy below."""
    used, faces = submesh(mask, body.faces)
    mean = neighbour_mean(len(used), faces)
    skin, normals = body.vertices[used], body.normals[used]
    offsets = np.broadcast_to(offset_m, len(body.vertices))[used]
    vertices = smooth(skin + normals * offsets[:, None], mean, smoothing)
    gap = ((vertices - skin) * normals).sum(axis=1)
    # Smoothing shrinks: keep the cloth outside the skin all the same.
    vertices = vertices + normals * np.maximum(0, 0.8 * offsets - gap)[:, None]
    weights = smooth(body.weights[used], mean, weight_smoothing)
    vertices = smooth_border(vertices, faces, border_smoothing)
    return Part(vertices, faces, weights / weights.sum(axis=1, keepdims=True))


def _toe_caps(body: Body, offset_m: float) -> list[Part]:
    """A hull round each forefoot: a shell alone would show ten toes."""
    caps, foot = [], body.weight_of("foot", "toe")
    for side in "LR":
        front = body.joint(f"foot.{side}")[1] - 0.05
        mine = body.vertices[:, 0] > 0 if side == "L" else body.vertices[:, 0] < 0
        forefoot = body.envelope & mine & (foot > 0.9) & (body.vertices[:, 1] < front)
        vertices = body.vertices[forefoot] + offset_m * body.normals[forefoot]
        hull = ConvexHull(vertices)
        used, faces = np.unique(hull.simplices, return_inverse=True)
        faces = _facing_outwards(vertices[used], faces.reshape(-1, 3))
        caps.append(Part(vertices[used], faces, body.weights[forefoot][used]))
    return caps


def _facing_outwards(vertices: Array, faces: Array) -> Array:
    """The faces of a convex mesh, wound so that their normals point away from its middle."""
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outwards = ((corners.mean(axis=1) - vertices.mean(axis=0)) * normals).sum(axis=1) > 0
    return np.where(outwards[:, None], faces, faces[:, ::-1])


def _joined(parts: list[Part]) -> Part:
    firsts = np.cumsum([0] + [len(part.vertices) for part in parts])
    return Part(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.faces + first for part, first in zip(parts, firsts, strict=False)]),
        np.concatenate([part.weights for part in parts]),
    )


def _down_the_arm(body: Body) -> Array:
    """How far (V,) down the nearer arm a vertex lies: 0 at the shoulder, 1 at the elbow."""
    shoulder, elbow = body.joint("upperarm01.L"), body.joint("lowerarm01.L")
    left = np.abs(body.vertices * (1, 0, 0)) + body.vertices * (0, 1, 1)
    return (left - shoulder) @ (elbow - shoulder) / ((elbow - shoulder) @ (elbow - shoulder))


def _shirt_mask(body: Body, at: _Regions, sleeve: float) -> Array:
    x, _, z = body.vertices.T
    trunk = (z > at.crotch_m + 0.03) & (z < at.neck_m + 0.005) & (at.head < 0.3)
    sleeves = (at.arm > 0.5) & (np.abs(x) > 0.15)
    bare = (at.arm > 0.5) & (_down_the_arm(body) > sleeve)
    return body.envelope & (at.hand < 0.35) & (trunk | sleeves) & ~bare


def _trousers_mask(body: Body, at: _Regions, hem_m: float) -> Array:
    z = body.vertices[:, 2]
    height = (z > hem_m) & (z < at.waist_m + 0.05)
    return body.envelope & height & (at.foot < 0.75) & (at.arm < 0.3)


def _shoe_mask(body: Body, at: _Regions) -> Array:
    return body.envelope & (at.foot > 0.35) & (body.vertices[:, 2] < at.ankle_m + 0.045)


def _sock_mask(body: Body, at: _Regions) -> Array:
    """From inside the shoe to well inside the trouser leg, so that no bent ankle opens a gap."""
    z = body.vertices[:, 2]
    return body.envelope & (z < at.ankle_m + 0.20) & (z > at.ankle_m - 0.07)


def _hair_mask(body: Body, at: _Regions) -> Array:
    """The scalp: above a hairline that rises from temples to forehead, and behind the ears to the nape."""
    x, y, z = (body.vertices - body.joint("head")).T
    top = z > np.interp(-y, [0.01, 0.05, 0.11], [0.070, 0.094, 0.112])
    back = (y > 0.005) & (z > 0.01 - 0.2 * np.clip(y - 0.03, 0, 0.2))
    ears = (np.abs(x) > 0.06) & (z < 0.07) & (y < 0.045)
    return body.envelope & (at.head > 0.6) & (top | back) & ~ears


def _depth(mask: Array, faces: Array, rings: int) -> Array:
    """How deep (V,) in the mask a vertex lies: near 0 at its border, 1 from `rings` rings inwards."""
    return 1 - np.mean([grow(~mask, faces, ring) for ring in range(1, rings + 1)], axis=0)


def _brow_mask(body: Body) -> Array:
    """A strip over each eye; without brows a face looks blank from across the room."""
    x, y, _ = (body.vertices - body.joint("head")).T
    above_eye = body.vertices[:, 2] - body.joint("eye.L")[2]
    over_eyes = (np.abs(np.abs(x) - 0.032) < 0.022) & (np.abs(above_eye - 0.020) < 0.009)
    return body.envelope & over_eyes & (y < -0.06)


def _bare_skin(body: Body, at: _Regions, clothed: dict[str, Array], hem_m: float) -> Part:
    """The skin that shows and a margin under the hems; deeper under cloth it would poke through when bent."""
    z = body.vertices[:, 2]
    covered = clothed["shirt"] & (z > at.crotch_m + 0.06)
    covered |= clothed["trousers"] & (z < at.crotch_m + 0.04) & (z > hem_m + 0.15)
    covered |= clothed["shoes"] & (z < at.ankle_m - 0.05)
    showing = grow(~covered, body.faces, 4)
    eyes = body.weight_of("eye") > 0.5
    used, faces = submesh(showing & ~eyes, body.faces)
    return Part(body.vertices[used], faces, body.weights[used])


def _eyes(body: Body) -> Part:
    used, faces = submesh(body.weight_of("eye") > 0.5, body.faces)
    return Part(body.vertices[used], faces, body.weights[used])


def long_sleeves_and_trousers(body: Body) -> dict[str, Part]:
    """Dress a body in a long-sleeved shirt, trousers, socks and shoes; the keys name the materials."""
    at = _regions(body)
    return _dressed(body, at, sleeve=np.inf, hem_m=at.ankle_m - 0.03)


def short_sleeves_and_trousers(body: Body) -> dict[str, Part]:
    """Dress a body in a T-shirt, trousers, socks and shoes."""
    at = _regions(body)
    return _dressed(body, at, sleeve=0.72, hem_m=at.ankle_m - 0.03)


def short_sleeves_and_shorts(body: Body) -> dict[str, Part]:
    """Dress a body in a T-shirt, shorts that end above the knee, socks and shoes."""
    at = _regions(body)
    return _dressed(body, at, sleeve=0.72, hem_m=float(body.joint("lowerleg01.L")[2]) + 0.06)


def _dressed(body: Body, at: _Regions, sleeve: float, hem_m: float) -> dict[str, Part]:
    """Dress a body; `sleeve` is the share of the upper arm that is covered, `hem_m` where the legs end."""
    x, _, z = body.vertices.T
    masks = {
        "shirt": _shirt_mask(body, at, sleeve),
        "trousers": _trousers_mask(body, at, hem_m),
        "shoes": _shoe_mask(body, at),
        "socks": _sock_mask(body, at),
        "hair": _hair_mask(body, at),
    }
    # Cloth stands off further where it hangs freely: the shirt's lower half, the sleeves, the trouser legs.
    shirt_offset = 0.012 + 0.018 * np.clip((0.35 - z) / 0.3, 0, 1) * (np.abs(x) < 0.3)
    shirt_offset = shirt_offset + 0.008 * body.weight_of("upperarm", "lowerarm")
    trousers_offset = 0.012 + 0.022 * np.clip((-0.1 - z) / 0.6, 0, 1)
    hair_offset = 0.014 + 0.008 * np.clip((z - body.joint("head")[2] - 0.08) / 0.08, 0, 1)
    hair_offset = hair_offset * _depth(masks["hair"], body.faces, 4)
    hair = _shell(body, masks["hair"], hair_offset, 4, 2)
    brows = _shell(body, _brow_mask(body), 0.003, 0, 0, border_smoothing=4)
    return {
        "shirt": _shell(body, masks["shirt"], shirt_offset, 14, 6),
        "trousers": _shell(body, masks["trousers"], trousers_offset, 14, 6),
        "shoes": _joined([_shell(body, masks["shoes"], 0.012, 10, 3), *_toe_caps(body, 0.013)]),
        "socks": _shell(body, masks["socks"], 0.005, 2, 2),
        "hair": _joined([hair, brows]),
        "eyes": _eyes(body),
        "skin": _bare_skin(body, at, masks, hem_m),
    }
