"""Somebody asks for help with the hands: holds both above the head, or waves. Each body alone."""

import math
from collections.abc import Iterable, Iterator, Sequence

from semcam.contract.labels import PERSON
from semcam.contract.rules import GestureRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.hands import STEADY_SHARE, TURNS, Hands
from semcam.rules.holding import Case, Holding
from semcam.rules.places import is_inside, zone_of
from semcam.rules.room import Room
from semcam.tracking.observation import Track


class Gesture:
    """Told once the hands have said the same for a time.

    Who lies may wave, with a hand well above the whole body; arms that are stretched out beyond the head say nothing
    there, since that is how people sleep. From the ceiling, raised hands look like lowered ones: nothing is told.
    """

    def __init__(self, rule: GestureRule, room: Room) -> None:
        self._rule = rule
        self._from_above = room.view == "ceiling"
        self._holding = Holding(rule, room)
        self._hands: dict[int, Hands] = {}

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        people = [track for track in tracks if track.label == PERSON]
        self._hands = {track.id: self._hands.get(track.id, Hands()) for track in people}
        for track in people:
            self._hands[track.id].see(track)
        return list(self._holding.step(t_s, [self._case(track) for track in people if track.visible]))

    def _case(self, track: Track) -> Case:
        hands = self._hands[track.id]
        since_s = [since_s for since_s, condition in self._said(hands) if condition.met]
        return Case(
            track,
            self._conditions(track, hands),
            zone_of(self._rule, track),
            since_s=min(since_s, default=math.nan),
            why={Reason.SCORE: track.score},
        )

    def _conditions(self, track: Track, hands: Hands) -> Iterator[Condition]:
        if self._from_above:
            yield Condition(False, "seen from above, where raised hands do not show")
        if not is_inside(self._rule, track):
            yield Condition(False, "outside its zones")
        said = [condition for _, condition in self._said(hands)]
        yield max(said, key=lambda condition: condition.share)

    def _said(self, hands: Hands) -> Iterator[tuple[float, Condition]]:
        """Each gesture that is asked for: since when, and whether it goes on."""
        if self._rule.gesture != "waving":
            up = hands.up
            yield (
                up.since_s,
                Condition(up.share >= STEADY_SHARE, "both hands up, share of looks", up.share, STEADY_SHARE),
            )
        if self._rule.gesture != "hands_up":
            wave = hands.waving
            yield wave.since_s, Condition(wave.turns >= TURNS, "a hand waves, turns", wave.turns, TURNS)
