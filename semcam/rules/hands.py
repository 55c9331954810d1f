"""What somebody's hands say: both held above the head, or one that waves. Numbers only, in the body's own heights."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from semcam.tracking.observation import Floats, Joint, PostureKind, Track

HEAD = tuple(range(Joint.NOSE, Joint.LEFT_SHOULDER))
SHOULDERS = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
TRUNK = (*HEAD, *SHOULDERS, Joint.LEFT_HIP, Joint.RIGHT_HIP)
ARMS = (
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
)

SEEN = 0.2
"""A joint with less score than this is a guess: the model invents the arms of who lies half hidden."""
NOSE_OVER_SHOULDERS, BETWEEN_SHOULDERS = 0.12, 0.22
"""Shares of a body's height (Drillis and Contini 1966), for whom only the upper body is seen."""
ABOVE_HEAD = 0.08
"""How far above the eyes both wrists must be, in own heights: more than hands that lie on the head or behind it."""
STEADY_S = 0.8
"""Hands are judged over this window, so that one odd frame decides nothing."""
STEADY_SHARE = 0.6
UNSEEN_S = 1.0
"""After so long without a look at the hands nobody knows what they did."""
SWING = 0.08
"""Least way of a waving wrist from one turn to the next, in own heights: about 14 cm."""
PAUSE_S = 1.0
"""Most time from one turn to the next: slower is no waving."""
TURNS = 3
"""Turns from which it is waving."""
OFF_HEAD = 0.13
"""A hand nearer to the nose than this, in own heights, combs, eats or holds a telephone."""
LOWERED_S = 0.4
"""A hand that is seen down for so long has stopped waving."""
OVER_ALL = 0.1
"""How far above the whole trunk the hand of who lies must be, in own heights: raised, not lying beside the head."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm in one frame, in own heights; x to the right, y down."""

    raised: bool
    """Above the elbow and the shoulder, and not at the head."""
    above_eyes: float
    """How far the wrist is above the eyes; negative below."""
    aside: float
    """Of the wrist, from the middle of the shoulders: who walks while waving does not wave the more for it."""


def arms_of(track: Track) -> Iterator[Arm | None]:
    """The left and the right arm as this frame shows them; None for one that is not seen, or whose body is not."""
    points = track.keypoints
    size = _own_height(track)
    head = math.inf if points is None else _highest(points, HEAD)
    if points is None or math.isinf(head) or not size > 0:
        yield from (None, None)
        return
    middle = float(points[list(SHOULDERS), 0].mean())
    over_trunk = math.inf if is_head_up(track) else _highest(points, TRUNK) - OVER_ALL * size
    for joints in ARMS:
        shoulder, elbow, wrist = points[list(joints)]
        if min(shoulder[2], elbow[2], wrist[2]) < SEEN:
            yield None
            continue
        at_head = math.dist(wrist[:2], points[Joint.NOSE, :2]) < OFF_HEAD * size
        yield Arm(
            raised=bool(wrist[1] < min(shoulder[1], elbow[1], over_trunk)) and not at_head,
            above_eyes=(head - float(wrist[1])) / size,
            aside=(float(wrist[0]) - middle) / size,
        )


def is_head_up(track: Track) -> bool:
    """Whether the body holds its head above its shoulders. Of who lies, up and down in the picture say little."""
    points = track.keypoints
    if points is None or track.posture.kind is PostureKind.LYING:
        return False
    return _highest(points, HEAD) < float(points[list(SHOULDERS), 1].min())


def _highest(points: Floats, joints: tuple[int, ...]) -> float:
    """The top of those joints that are seen, frame heights from the top of the picture; infinite where none is."""
    return min((float(y) for _, y, score in points[list(joints)] if score >= SEEN), default=math.inf)


def _own_height(track: Track) -> float:
    """The body's own height, frame heights; by head and shoulders where no more of it was ever seen; `nan` without."""
    if track.standing_height > 0 or track.keypoints is None:
        return track.standing_height
    left, right = track.keypoints[list(SHOULDERS)]
    nose = track.keypoints[Joint.NOSE]
    if min(left[2], right[2]) < SEEN:
        return math.nan
    across = math.dist(left[:2], right[:2])
    up = math.dist(nose[:2], (left[:2] + right[:2]) / 2) if nose[2] >= SEEN else 0.0
    # a body that is turned or bent shows less of either, never more
    return max(across / BETWEEN_SHOULDERS, up / NOSE_OVER_SHOULDERS)


@dataclass(slots=True)
class HandsUp:
    """Both hands above the head, for as long as most looks say so."""

    since_s: float = math.nan
    """Since when; `nan` while they are not."""
    share: float = 0.0
    """Of the last looks."""
    _looks: deque[tuple[float, bool]] = field(default_factory=deque)

    def see(self, t_s: float, are_up: bool) -> None:
        """Take in one look."""
        if self._looks and t_s - self._looks[-1][0] > UNSEEN_S:
            self._looks.clear()
            self.since_s = math.nan
        self._looks.append((t_s, are_up))
        while self._looks[0][0] < t_s - STEADY_S:
            self._looks.popleft()
        up = [at_s for at_s, was_up in self._looks if was_up]
        self.share = len(up) / len(self._looks)
        if self.share < STEADY_SHARE:
            self.since_s = math.nan
        elif math.isnan(self.since_s):
            self.since_s = up[0]


@dataclass(slots=True)
class Waving:
    """One hand that goes to and fro. A turn counts once the way back is a SWING long: trembling turns nothing."""

    turns: int = 0
    """In a row, each within PAUSE_S of the last."""
    since_s: float = math.nan
    """When the first of them was."""
    _turned_s: float = math.nan
    _raised_s: float = math.nan
    _way: int = 0
    """1 to the right, -1 to the left, 0 not known yet."""
    _least: float = math.inf
    _most: float = -math.inf

    def see(self, t_s: float, arm: Arm | None) -> None:
        """Take in one look; None where the arm is not seen: a fast hand is a blur."""
        if arm is not None:
            if arm.raised:
                self._raised_s = t_s
                self._follow(t_s, arm.aside)
            elif not t_s - self._raised_s < LOWERED_S:
                self._stop()
        if self.turns and t_s - self._turned_s > PAUSE_S:
            self._stop()

    def _follow(self, t_s: float, aside: float) -> None:
        self._least, self._most = min(self._least, aside), max(self._most, aside)
        came_back = aside <= self._most - SWING if self._way > 0 else aside >= self._least + SWING
        if self._way == 0:
            if self._most - self._least >= SWING:
                self._way = 1 if aside == self._most else -1
                self._least = self._most = aside
        elif came_back:
            self._way = -self._way
            self._least = self._most = aside
            self.since_s = t_s if self.turns == 0 else self.since_s
            self.turns, self._turned_s = self.turns + 1, t_s

    def _stop(self) -> None:
        self.turns, self.since_s, self._turned_s = 0, math.nan, math.nan
        self._way, self._least, self._most = 0, math.inf, -math.inf


@dataclass(slots=True)
class Hands:
    """Both hands of one body over time."""

    up: HandsUp = field(default_factory=HandsUp)
    left: Waving = field(default_factory=Waving)
    right: Waving = field(default_factory=Waving)

    def see(self, track: Track) -> None:
        """Take in what this frame shows of them."""
        if not track.visible:
            return
        left, right = arms_of(track)
        above = left is not None and right is not None and min(left.above_eyes, right.above_eyes) > ABOVE_HEAD
        self.up.see(track.t_s, above and is_head_up(track))
        self.left.see(track.t_s, left)
        self.right.see(track.t_s, right)

    @property
    def waving(self) -> Waving:
        """The hand that has turned more often."""
        return max(self.left, self.right, key=lambda hand: hand.turns)
