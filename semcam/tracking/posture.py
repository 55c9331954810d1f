"""Keypoints → posture, with the numbers behind it."""

import numpy as np

from semcam.tracking.geometry import angle_from_vertical
from semcam.tracking.observation import Floats, Joint, Posture, PostureKind

SEEN = 0.15
"""A joint with less score than this is a guess."""

LYING_DEG = 55.0
"""Torso this far from vertical is down, unless the legs still carry it (see `_kind`)."""
LEANING_DEG = 35.0
LYING_ASPECT = 1.2
LOW = 0.62
"""A body whose extent is below this share of its own standing height does not stand."""
LOW_BENT = 0.5
"""The same for one whose head hangs: a deep bend over straight legs."""
SHORT, LONG = 0.9, 1.15
"""Torso over shoulders, seen from above: end on, and stretched out."""
OFF_CENTRE = 0.2
"""Frame heights from the centre of the picture, from where a ceiling camera sees bodies from the side."""
OUTWARD_DEG = 30.0
"""A torso this near to pointing away from the centre may stand there."""
LONG_OUTWARD = 2.0
"""Torso over shoulders of somebody who points away from the centre and lies there nevertheless: on the side."""
FLAT = 0.45
"""And below this it is on the floor."""


def judge(keypoints: Floats, standing_height: float) -> Posture:
    """The posture of one body.

    Args:
        keypoints: (17, 3), frame heights and scores.
        standing_height: the body's own height when upright, frame heights; `nan` if not known.
    """
    shoulders, shoulder_score = _middle(keypoints, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    hips, hip_score = _middle(keypoints, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    if min(shoulder_score, hip_score) < SEEN:
        return Posture(score=min(shoulder_score, hip_score))
    seen = keypoints[keypoints[:, 2] >= SEEN]
    width, extent = float(np.ptp(seen[:, 0])), float(np.ptp(seen[:, 1]))
    torso_deg = angle_from_vertical(shoulders - hips)
    aspect = width / max(extent, 1e-6)
    height = extent / standing_height
    return Posture(
        kind=_kind(keypoints, torso_deg, aspect, height),
        torso_deg=torso_deg,
        aspect=aspect,
        height=height,
        torso=float(np.hypot(*(shoulders - hips))),
        stature=body_height(keypoints),
        shoulders_y=float(shoulders[1]),
        score=(shoulder_score + hip_score) / 2,
    )


def judge_from_above(keypoints: Floats, centre: Floats) -> Posture:
    """The posture of one body seen from straight above, where up and down in the picture mean nothing.

    Who stands or sits right below shows head and shoulders: the torso, seen end on, is shorter than the shoulders are
    wide. Who lies shows its length. The ratio of the two knows no scale. Away from the centre of the picture, who
    stands is seen from the side, always with the head away from the centre; there it takes more to be lying.

    Args:
        keypoints: (17, 3), frame heights and scores.
        centre: (2,), the middle of the picture, frame heights.
    """
    shoulders, shoulder_score = _middle(keypoints, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    hips, hip_score = _middle(keypoints, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    if min(shoulder_score, hip_score) < SEEN:
        return Posture(score=min(shoulder_score, hip_score))
    width = np.hypot(*(keypoints[Joint.LEFT_SHOULDER, :2] - keypoints[Joint.RIGHT_SHOULDER, :2]))
    torso, outward = shoulders - hips, hips - centre
    ratio = float(np.hypot(*torso) / max(width, 1e-6))
    leans_out = np.hypot(*outward) > OFF_CENTRE and _angle_between(torso, outward) < OUTWARD_DEG
    if ratio > (LONG_OUTWARD if leans_out else LONG):
        kind = PostureKind.LYING
    else:
        kind = PostureKind.UPRIGHT if ratio < SHORT or leans_out else PostureKind.BENDING
    return Posture(kind=kind, aspect=ratio, score=(shoulder_score + hip_score) / 2)


def body_height(keypoints: Floats) -> float:
    """Vertical extent from head to ankles, frame heights; `nan` where either end is not seen."""
    ankles, ankle_score = _middle(keypoints, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)
    head = keypoints[Joint.NOSE : Joint.LEFT_SHOULDER]
    if ankle_score < SEEN or head[:, 2].max() < SEEN:
        return float("nan")
    return float(ankles[1] - np.average(head[:, 1], weights=head[:, 2]))


def _kind(keypoints: Floats, torso_deg: float, aspect: float, height: float) -> PostureKind:
    legs_deg = _legs_deg(keypoints)
    if torso_deg > LYING_DEG or (aspect > LYING_ASPECT and torso_deg > LEANING_DEG) or height < FLAT:
        # somebody who picks something up is bent over legs that still stand
        standing_legs = legs_deg < LEANING_DEG and not height < LOW_BENT
        return PostureKind.BENDING if standing_legs else PostureKind.LYING
    if torso_deg > LEANING_DEG:
        return PostureKind.BENDING
    if height < LOW or legs_deg > LYING_DEG or _thighs_deg(keypoints) > LYING_DEG:
        return PostureKind.SITTING
    return PostureKind.UPRIGHT


def _thighs_deg(keypoints: Floats) -> float:
    """Angle of the line from knees to hips from vertical; 0 where the knees are not seen. Level on a chair."""
    hips, _ = _middle(keypoints, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    knees, score = _middle(keypoints, Joint.LEFT_KNEE, Joint.RIGHT_KNEE)
    return angle_from_vertical(hips - knees) if score >= SEEN else 0.0


def _legs_deg(keypoints: Floats) -> float:
    """Angle of the line from ankles (or knees) to hips from vertical; 90 where the legs are not seen."""
    hips, _ = _middle(keypoints, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    for left, right in ((Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE), (Joint.LEFT_KNEE, Joint.RIGHT_KNEE)):
        end, score = _middle(keypoints, left, right)
        if score >= SEEN:
            return angle_from_vertical(hips - end)
    return 90.0


def _middle(keypoints: Floats, left: Joint, right: Joint) -> tuple[Floats, float]:
    """The point between two joints, weighted by their scores, and the better of the two scores."""
    pair = keypoints[[left, right]]
    weights = np.maximum(pair[:, 2], 1e-3)
    middle = np.average(pair[:, :2], axis=0, weights=weights)
    return middle.astype(np.float32), float(pair[:, 2].max())


def _angle_between(a: Floats, b: Floats) -> float:
    """Degrees between two vectors, 0 to 180."""
    cosine = float(np.dot(a, b)) / max(float(np.hypot(*a) * np.hypot(*b)), 1e-6)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
