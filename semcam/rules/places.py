"""Where a rule looks: in its zones, or anywhere in view."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from semcam.contract.rule_base import RuleBase
from semcam.tracking.observation import Track

IN_VIEW = "in view"
"""What a place without zones is called in explanations."""


def is_inside(rule: RuleBase, track: Track) -> bool:
    """Whether the track is where the rule looks; without zones that is anywhere."""
    return not rule.zones or not set(rule.zones).isdisjoint(track.zones)


def zone_of(rule: RuleBase, track: Track) -> str | None:
    """The first of the rule's zones that the track is in; None without zones."""
    return next((zone for zone in rule.zones if zone in track.zones), None)


def labelled(labels: Collection[str], tracks: Iterable[Track]) -> Iterator[Track]:
    """Those that bear one of the labels."""
    return (track for track in tracks if track.label in labels)


def each_place(rule: RuleBase, tracks: Sequence[Track]) -> Iterator[tuple[str | None, list[Track]]]:
    """Each zone of the rule with whoever is in it; without zones the whole view, as None."""
    for zone in rule.zones or (None,):
        yield zone, [track for track in tracks if zone is None or zone in track.zones]
