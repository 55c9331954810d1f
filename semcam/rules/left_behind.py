"""An object, a pet or a child that was with somebody is alone now."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from semcam.contract.labels import PERSON
from semcam.contract.rules import LeftBehindRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.distance import gap, sameness
from semcam.rules.holding import Case, Holding
from semcam.rules.places import is_inside, zone_of
from semcam.rules.room import Room
from semcam.tracking.observation import Floats, Track

UNSEEN_S = 10.0
"""What is not seen for no longer is there still: detectors missed things that stood still for up to 8.5 s."""
PERSON_UNSEEN_S = 60.0
"""The same for somebody, such as a child that has fallen asleep: nobody came for it, and it was not seen to leave."""
JUST_LEFT_S = 10.0
"""Whoever was near so short a time before something is first seen was with it: they hid it, or it is hard to see."""
REMEMBERED_S = 600.0
"""For so long the place of something unseen is remembered, so that it is known when it is seen again."""


@dataclass(slots=True)
class Item:
    """Something that may be left behind."""

    track: Track
    """As last seen, under the id and the label by which it was first known."""
    followed_as: int
    """Its id with the tracker now."""
    was_kept: bool = False
    """Whether somebody was with it."""
    distance: float = math.inf
    """To the nearest person, frame heights; infinite where nobody is in view."""
    kept_s: float = -math.inf
    """When somebody was near it last."""
    alone_since_s: float = math.nan
    stands_at: Floats | None = None
    """Where it has stood alone from the first: a part of the place, which whoever passes does not leave behind."""

    def see(self, track: Track) -> None:
        """Take in one look."""
        self.followed_as = track.id
        self.track = replace(track, id=self.track.id, label=self.track.label)
        if self.stands_at is not None and sameness(self.stands_at, track.box) <= 0:
            self.stands_at = None


class LeftBehind:
    """Told once something that was with somebody has been alone for a time; over when somebody is near, or it is gone.

    People who are themselves asked about, such as children on the seats of a bus, keep nobody company.
    """

    def __init__(self, rule: LeftBehindRule, room: Room) -> None:
        self._rule = rule
        self._holding = Holding(rule, room)
        self._items: list[Item] = []
        self._keepers: deque[tuple[float, list[Floats]]] = deque()

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everything at `t_s`."""
        keepers = [track.box for track in tracks if track.label == PERSON and not self._is_asked_about(track)]
        self._keepers.append((t_s, keepers))
        while self._keepers[0][0] < t_s - JUST_LEFT_S:
            self._keepers.popleft()
        self._find(t_s, [track for track in tracks if track.visible])
        for item in self._items:
            self._see_who_is_near(t_s, item, keepers)
        return list(self._holding.step(t_s, [self._case(t_s, item) for item in self._items]))

    def _is_asked_about(self, track: Track) -> bool:
        return track.label in self._rule.labels and is_inside(self._rule, track)

    def _find(self, t_s: float, seen: Sequence[Track]) -> None:
        """Find each known item among what is seen, by its id or else by its place; whatever is new becomes known."""
        by_id = {track.id: track for track in seen}
        for item in self._items:
            if track := by_id.pop(item.followed_as, None):
                item.see(track)
        for track in by_id.values():
            if self._is_asked_about(track):
                self._recognised(t_s, track).see(track)
        self._items = [
            item for item in self._items if is_inside(self._rule, item.track) and t_s - item.track.t_s <= REMEMBERED_S
        ]

    def _recognised(self, t_s: float, track: Track) -> Item:
        unseen = [item for item in self._items if item.track.t_s < t_s and _may_be(item, track)]
        if unseen:
            return max(unseen, key=lambda item: sameness(item.track.box, track.box))
        boxes = [box for _, keepers in self._keepers for box in keepers]
        self._items.append(Item(track, track.id, any(gap(track.box, box) <= self._rule.near for box in boxes)))
        return self._items[-1]

    def _see_who_is_near(self, t_s: float, item: Item, keepers: Sequence[Floats]) -> None:
        item.distance = min((gap(item.track.box, box) for box in keepers), default=math.inf)
        if item.distance <= self._rule.near:
            item.kept_s, item.alone_since_s = t_s, math.nan
            item.was_kept = item.was_kept or item.stands_at is None
            return
        item.alone_since_s = t_s if math.isnan(item.alone_since_s) else item.alone_since_s
        if not item.was_kept and t_s - item.alone_since_s >= self._rule.hold:
            item.stands_at = item.track.box

    def _case(self, t_s: float, item: Item) -> Case:
        why = {} if math.isinf(item.distance) else {Reason.DISTANCE: item.distance}
        return Case(item.track, self._conditions(t_s, item), zone_of(self._rule, item.track), why=why)

    def _conditions(self, t_s: float, item: Item) -> Iterator[Condition]:
        unseen_s = t_s - item.track.t_s
        patience_s = PERSON_UNSEEN_S if item.track.label == PERSON else UNSEEN_S
        yield Condition(unseen_s <= patience_s, "there" if unseen_s <= patience_s else "not seen any more")
        stands = "was there before anybody came" if item.stands_at is not None else "nobody was with it"
        yield Condition(item.was_kept, "was with somebody" if item.was_kept else stands)
        if math.isinf(item.distance):
            yield Condition(True, "nobody in view")
        else:
            away = item.distance > self._rule.near
            yield Condition(away, "nearest person at", item.distance, self._rule.near, " heights of the picture")
        is_left = item.track.t_s > item.kept_s
        yield Condition(is_left, "seen there since" if is_left else "not seen there since")


def _may_be(item: Item, track: Track) -> bool:
    """Whether what comes into sight is the item: a thing at its place, or somebody where somebody was."""
    if PERSON in (item.track.label, track.label):
        return item.track.label == track.label and gap(item.track.box, track.box) == 0
    return sameness(item.track.box, track.box) > 0
