"""Ways to fall that several scenes share: keyframes from the moment the balance goes."""

from collections.abc import Sequence

from motion import Key
from pose import angles

SIDEWAYS_LASTS_S = 0.95
"""From the first key of `to_the_right` until the shoulder is on the floor."""
FORWARDS_LASTS_S = 1.0
"""From the moment the knees give way in `onto_the_face` until the chest is on the floor."""
BACKWARDS_LASTS_S = 0.75
"""From the slip in `onto_the_back` until the back is on the floor."""

_SWAYING = (
    angles(roll=-6, side=-8, nod=10, tilt=-6)
    | angles(hip_l=6, knee_l=10, ankle_l=4, hip_r=10, knee_r=18, ankle_r=8)
    | angles(raise_l=14, out_l=16, elbow_l=36, raise_r=20, out_r=20, elbow_r=30)
)
_LEG_GIVES = (
    angles(roll=-20, side=-10, bend=14)
    | angles(hip_l=22, knee_l=34, ankle_l=8, hip_r=36, knee_r=58, ankle_r=14)
    | angles(raise_l=40, out_l=36, elbow_l=30, raise_r=50, out_r=30, elbow_r=30)
)
_GOING_OVER = (
    angles(roll=-48, side=-6, bend=18)
    | angles(hip_l=44, knee_l=60, hip_r=56, hip_out_r=-8, knee_r=84)
    | angles(raise_l=50, out_l=40, elbow_l=20, raise_r=74, out_r=4, elbow_r=30)
)
_LANDING = (
    angles(roll=-84, side=4, bend=14, tilt=-2, press=2)
    | angles(hip_l=46, hip_out_l=-4, knee_l=58, hip_r=52, hip_out_r=-16, knee_r=76)
    | angles(raise_l=50, out_l=10, elbow_l=40, raise_r=86, out_r=-14, elbow_r=40)
)
_ON_THE_SIDE = (
    angles(roll=-93, side=0, bend=18, nod=10, tilt=-12, press=3)
    | angles(hip_l=30, hip_out_l=-8, knee_l=44, ankle_l=-20, hip_r=48, hip_out_r=-14, knee_r=68, ankle_r=-20)
    | angles(raise_l=46, out_l=-4, elbow_l=44, raise_r=98, out_r=-14, elbow_r=50)
)

_KNEES_GIVE = (
    angles(pitch=4, bend=18, nod=24, side=4)
    | angles(hip_l=36, knee_l=70, ankle_l=30, hip_r=34, knee_r=72, ankle_r=30)
    | angles(raise_l=30, raise_r=14, out_r=14)
)
_ON_THE_KNEES = (
    angles(pitch=14, bend=20, nod=26)
    | angles(hip_l=26, knee_l=98, ankle_l=0, hip_r=24, knee_r=100, ankle_r=0)
    | angles(raise_l=36, elbow_l=90, raise_r=24, out_r=24, elbow_r=30)
)
_TOPPLING = (
    angles(pitch=52, bend=10, nod=4, side=0)
    | angles(hip_l=30, knee_l=78, ankle_l=-40, hip_r=28, knee_r=76, ankle_r=-40)
    | angles(raise_l=66, out_l=20, roll_in_l=0, elbow_l=70, raise_r=50, out_r=30, elbow_r=40)
)
_FACE_DOWN = (
    angles(pitch=84, bend=2, nod=-8, turn=-30, press=1)
    | angles(hip_l=6, knee_l=22, ankle_l=-44, hip_r=6, knee_r=26, ankle_r=-44)
    | angles(raise_l=30, out_l=66, roll_in_l=-50, elbow_l=90, raise_r=20, out_r=50, roll_in_r=-40, elbow_r=60)
)
_PRONE = (
    angles(pitch=89, bend=0, nod=0, turn=-52, tilt=-6, press=3)
    | angles(hip_l=3, hip_out_l=6, knee_l=8, ankle_l=-48, hip_r=8, hip_out_r=10, knee_r=16, ankle_r=-46)
    | angles(raise_l=6, out_l=86, roll_in_l=-80, elbow_l=86)
    | angles(raise_r=4, out_r=20, roll_in_r=-40, elbow_r=24)
)

_SLIPPING = (
    angles(pitch=-16, bend=10, nod=10)
    | angles(hip_l=46, knee_l=14, hip_r=14, knee_r=40)
    | angles(raise_l=30, out_l=40, raise_r=44, out_r=40, elbow_r=30)
)
_AIRBORNE = (
    angles(pitch=-46, bend=24, nod=26)
    | angles(hip_l=62, knee_l=26, hip_r=58, knee_r=64)
    | angles(raise_l=-10, out_l=56, elbow_l=20, raise_r=-10, out_r=54, elbow_r=20)
)
_BACK_LANDS = (
    angles(pitch=-76, bend=20, nod=30, press=2)
    | angles(hip_l=58, knee_l=40, hip_r=62, knee_r=66)
    | angles(raise_l=-20, out_l=52, roll_in_l=-20, elbow_l=30, raise_r=-16, out_r=50, elbow_r=30)
)
SUPINE = (
    angles(pitch=-89, bend=4, nod=8, press=4)
    | angles(hip_l=34, knee_l=62, ankle_l=0, hip_r=14, knee_r=26, ankle_r=-10)
    | angles(raise_l=-6, out_l=40, roll_in_l=-60, elbow_l=30, raise_r=12, out_r=16, roll_in_r=60, elbow_r=80)
)


def to_the_right(at_s: float) -> Sequence[Key]:
    """Sway, give way on the right leg and fall to the right, onto the side."""
    return (
        Key(at_s, _SWAYING),
        Key(at_s + 0.28, _LEG_GIVES),
        Key(at_s + 0.56, _GOING_OVER),
        Key(at_s + SIDEWAYS_LASTS_S, _LANDING),
        Key(at_s + SIDEWAYS_LASTS_S + 0.4, _ON_THE_SIDE),
    )


def onto_the_face(at_s: float) -> Sequence[Key]:
    """The knees give way at `at_s`; sink on them and fall forwards."""
    return (
        Key(at_s + 0.3, _KNEES_GIVE),
        Key(at_s + 0.5, _ON_THE_KNEES),
        Key(at_s + 0.78, _TOPPLING),
        Key(at_s + FORWARDS_LASTS_S, _FACE_DOWN),
        Key(at_s + FORWARDS_LASTS_S + 0.5, _PRONE),
    )


def onto_the_back(at_s: float, slide_m: tuple[float, float]) -> Sequence[Key]:
    """The left foot slips at `at_s`; fall backwards while the hips slide on by `slide_m` over the floor."""
    x, y = slide_m
    return (
        Key(at_s + 0.25, _SLIPPING),
        Key(at_s + 0.5, _AIRBORNE | angles(go_x=0.7 * x, go_y=0.7 * y)),
        Key(at_s + BACKWARDS_LASTS_S, _BACK_LANDS | angles(go_x=x, go_y=y)),
        Key(at_s + BACKWARDS_LASTS_S + 0.45, SUPINE),
    )


def mirrored(keys: Sequence[Key]) -> Sequence[Key]:
    """Swap left and right."""
    return tuple(Key(key.at_s, dict(_mirror(*angle) for angle in key.angles.items())) for key in keys)


def _mirror(name: str, angle: float) -> tuple[str, float]:
    if name[-2:] in ("_l", "_r"):
        return name[:-1] + ("r" if name.endswith("l") else "l"), angle
    return name, -angle if name in ("yaw", "roll", "side", "twist", "tilt", "turn") else angle
