"""Somebody in view does not move: asleep in a chair, or worse."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from semcam.contract.rules import NoMotionRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.bodies import BLINKS_S, GONE_AFTER_S, Bodies, Body
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import is_inside, zone_of
from semcam.rules.room import Room
from semcam.tracking.observation import KEYPOINTS, Floats, PostureKind, Track

OVER_S = 2.0
"""A pose is the median of each joint over this window: the model's jitter averages out, what stays moved does not."""
LOOKS_EVERY_S = 0.5
SEEN = 0.2
"""A joint with less score than this is a guess, and guesses move about."""
LEAST_JOINTS = 5
"""A pose of fewer joints says nothing."""
MOVED = 0.08
"""How far a third of the joints must be from where they were, in the body's own sizes, to say that it moved: about
thirteen centimetres. In real clips, people who lay still for ten seconds and more showed 0.001 to 0.015, one whom the
model took to lie now so, now so 0.06; people who sat or stood quietly 0.03 to 0.2 within ten seconds. A third, because
a hidden limb is taken to be now here, now there."""
THIRD = 3
SURE_SCORE = 0.25
"""Mean score from which somebody who was never seen to move is believed in: a coat on a hook keeps perfectly still."""
CALM_S = 3.0
"""After a movement, a body counts as in motion for so long."""


@dataclass(slots=True)
class Stillness:
    """How long one body has kept its pose."""

    moved_at_s: float
    """When it moved last, or was first seen."""
    seen_at_s: float
    """When so much of it was seen last that a movement would have shown."""
    moved: float = 0.0
    """How far from its pose it was found last, in own sizes."""
    is_sure: bool = False
    """Whether it is surely somebody: seen to move, or seen well."""
    _glimpses: deque[tuple[float, Floats, float]] = field(default_factory=deque)
    """(t_s, keypoints (17, 3), score)."""
    _looked_at_s: float = -math.inf
    _pose: Floats | None = None
    """(17, 2) of when it moved last, frame heights; `nan` for joints that were not seen."""

    @property
    def known_s(self) -> float:
        """For how long it was seen to be motionless."""
        return max(self.seen_at_s - self.moved_at_s, 0.0)

    def see(self, track: Track, size: float) -> None:
        """Take in what this frame shows; `size` is the body's own, frame heights."""
        if track.keypoints is None:
            return
        t_s = track.t_s
        self._glimpses.append((t_s, track.keypoints, track.score))
        while self._glimpses[0][0] < t_s - OVER_S:
            self._glimpses.popleft()
        if t_s - self._looked_at_s >= LOOKS_EVERY_S and t_s - self._glimpses[0][0] >= OVER_S / 2:
            self._looked_at_s = t_s
            self._look(t_s, size)

    def _look(self, t_s: float, size: float) -> None:
        """Compare the pose with the one it had when it moved last."""
        self.is_sure |= float(np.mean([score for *_, score in self._glimpses])) >= SURE_SCORE
        pose = _median([keypoints for _, keypoints, _ in self._glimpses])
        if self._pose is None or np.count_nonzero(~np.isnan(self._pose[:, 0])) < LEAST_JOINTS:
            self._pose = pose
        both = ~np.isnan(pose[:, 0]) & ~np.isnan(self._pose[:, 0])
        if np.count_nonzero(both) < LEAST_JOINTS:
            return
        self.seen_at_s = t_s
        ways = np.sort(np.hypot(*(pose - self._pose)[both].T))[::-1] / size
        self.moved = float(ways[len(ways) // THIRD])
        if self.moved >= MOVED:
            self.moved_at_s, self._pose, self.is_sure = t_s, pose, True


def _median(glimpses: Sequence[Floats]) -> Floats:
    """(17, 2): where each joint mostly was; `nan` for those that were mostly not seen."""
    joints = np.stack(glimpses)
    seen = joints[:, :, 2] >= SEEN
    often = seen.sum(axis=0)
    places = np.sort(np.where(seen[:, :, None], joints[:, :, :2], np.nan), axis=0)  # what was not seen comes last
    each = np.arange(KEYPOINTS)
    pose: Floats = (places[(often - 1) // 2, each] + places[often // 2, each]) / 2
    pose[often < len(glimpses) / 2] = np.nan
    return pose


class NoMotion:
    """Told once somebody has kept their pose for `hold`; cleared once they have been in motion for `clear_after`.

    Everybody is judged alone, visible or lost: who does not move does not leave. Who is lost while motionless, or seen
    too badly, is taken to be motionless still, for as long as they had been before, unless they were on their feet;
    once told, until they are seen to have moved, or for an hour (see bodies.py). A zone where lying is normal counts
    only where `zones` names it.
    """

    def __init__(self, rule: NoMotionRule, room: Room) -> None:
        self._rule = rule
        self._normal = room.lying_is_normal.difference(rule.zones)
        self._bodies = Bodies(room.aspect, lambda track: Stillness(track.first_seen_s, track.first_seen_s))
        self._holding = Holding(rule, room)

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        bodies = self._bodies.step(t_s, tracks, self._patience_s)
        for body in bodies:
            if body.is_shown(t_s):
                body.memory.see(body.track, body.size)
        return list(self._holding.step(t_s, [self._case(t_s, body) for body in bodies]))

    def _patience_s(self, body: Body[Stillness]) -> float:
        """For how long somebody who is lost is taken to be motionless still."""
        if body.track.posture.kind is PostureKind.UPRIGHT:
            return 0.0  # one step, and they are gone
        if self._holding.is_told(body.id):
            return GONE_AFTER_S
        return body.memory.known_s if self._bodies.is_within(body) else 0.0

    def _case(self, t_s: float, body: Body[Stillness]) -> Case:
        track, stillness = body.track, body.memory
        return Case(
            track,
            self._conditions(t_s, body),
            zone_of(self._rule, track),
            since_s=max(stillness.moved_at_s, t_s - CALM_S),
            why={Reason.STILL_S: t_s - stillness.moved_at_s, Reason.SCORE: track.score},
        )

    def _conditions(self, t_s: float, body: Body[Stillness]) -> Iterator[Condition]:
        zones, stillness = body.track.zones, body.memory
        if beds := self._normal.intersection(zones):
            yield Condition(False, f"where lying is normal ({', '.join(sorted(beds))})")
        if not is_inside(self._rule, body.track):
            yield Condition(False, "outside its zones")
        if not stillness.is_sure:
            yield Condition(False, "not surely somebody: seen badly and never to move")
        unseen_s = t_s - stillness.seen_at_s
        if unseen_s > max(BLINKS_S, stillness.known_s) and not self._holding.is_told(body.id):
            yield Condition(
                False, f"motionless for {stillness.known_s:.0f} s, not seen well for {unseen_s:.0f} s since"
            )
        is_calm = t_s - stillness.moved_at_s >= CALM_S
        yield Condition(is_calm, "motionless" if is_calm else f"moved by {stillness.moved:.2f} of its size")
