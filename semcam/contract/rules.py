"""What each kind of rule can be told, as pydantic models: the `rules:` part of semcam.yaml."""

from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from semcam.contract.base import Id
from semcam.contract.expression import MOST_LETTERS, check_expression
from semcam.contract.labels import BEAR, LARGE_ANIMAL, PERSON
from semcam.contract.rule_base import (
    Duration,
    HoldRule,
    Hours,
    LabelledRule,
    Labels,
    RuleBase,
    Severity,
    TimeOfDay,
    Zones,
    hold,
    minutes,
)

BAGS = ("backpack", "handbag", "suitcase")
SomeZones = Annotated[Zones, Field(min_length=1)]
HeadCount = Annotated[int, Field(ge=0, le=99)]


def _covers(hours: Hours, time_of_day: TimeOfDay) -> bool:
    begins, ends, time = *map(minutes, hours), minutes(time_of_day)
    return begins <= time < ends if begins < ends else time >= begins or time < ends


# -- people


class FallRule(RuleBase):
    """Somebody who was up goes down fast and stays down."""

    kind: Literal["fall"] = "fall"
    severity: Severity = Severity.CRITICAL
    confirm_after: Duration = Field(
        default=3.0,
        validation_alias=AliasChoices("confirm_after", "for", "after"),
        description="time down until the fall is confirmed",
    )
    clear_after: Duration = Field(default=1.5, description="time up again until the alarm is cleared")
    min_drop: Annotated[float, Field(ge=0, le=2)] = Field(
        default=0.2, description="least way the shoulders sink, in the person's own standing heights"
    )
    min_speed: Annotated[float, Field(ge=0, le=10)] = Field(
        # trunks that fall pass 1.3 m/s downwards, trunks that lie down do not (Bourke 2008), at 1.65 m of height
        default=0.8,
        description="fastest sinking from which a way down is a fall, in own standing heights per second",
    )


class LyingRule(HoldRule):
    """Somebody has been down for long, however they got there; not where lying is normal, unless the zone is named."""

    kind: Literal["lying"] = "lying"
    hold: Duration = hold(600.0, "time down until it is told")
    clear_after: Duration = Field(default=5.0, description="time up again until it is over")


class LongStayRule(HoldRule):
    """Somebody has been in a place for long, such as a bathroom."""

    kind: Literal["long_stay"] = "long_stay"
    zones: Zones = Field(default=(), description="each a place of its own; without it, the whole view is one")
    hold: Duration = hold(1800.0, "time in the place until it is told")
    clear_after: Duration = Field(
        default=120.0, description="time without anybody in sight until the place counts as empty"
    )


class AbsenceRule(HoldRule):
    """Nobody has been seen: by a time of day, or for a time."""

    kind: Literal["absence"] = "absence"
    zones: Zones = Field(default=(), description="in none of them; without it, nowhere in view")
    hold: Duration = hold(12 * 3600.0, "time without anybody until it is told; not used where `by` is given")
    by: TimeOfDay | None = Field(
        default=None, description='told at this time of day, such as "09:00", if nobody was seen since `since`'
    )
    since: TimeOfDay = Field(
        default="04:00", description="from when somebody must be seen, where `by` is given; maybe of the evening before"
    )
    clear_after: Duration = Field(default=0.0, description="time in view until it is over")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        # a job brings every key along: what was left out shows only in what it says
        plain = {name: field.default for name, field in type(self).model_fields.items()}
        if self.by is None:
            if self.since != plain["since"]:
                raise ValueError("`since` goes with a time of day to tell it at; add `by`, or leave `since` out")
            return self
        if self.hold != plain["hold"]:
            raise ValueError("`by` and `for` are two ways to say it; keep one")
        if self.between is not None and not _covers(self.between, self.by):
            raise ValueError("`by` is out of the hours in `between`, so that it would never be told; leave them out")
        return self


class LeftBedRule(HoldRule):
    """Somebody who was in bed is out of it."""

    kind: Literal["left_bed"] = "left_bed"
    zones: SomeZones = Field(description="the bed, as a zone around the mattress; each zone is a bed of its own")
    hold: Duration = hold(5.0, "time out of bed until it is told")
    clear_after: Duration = Field(default=5.0, description="time back in bed until it is over")


class NotBackRule(HoldRule):
    """Somebody who left the bed is not back."""

    kind: Literal["not_back"] = "not_back"
    zones: SomeZones = Field(description="the bed, as a zone around the mattress; each zone is a bed of its own")
    hold: Duration = hold(900.0, "time out of bed until it is told")
    clear_after: Duration = Field(default=5.0, description="time back in bed until it is over")


class WanderingRule(HoldRule):
    """Somebody is restless: up and about again and again."""

    kind: Literal["wandering"] = "wandering"
    hold: Duration = hold(300.0, "time on the move, all together, until it is told")
    within: Duration = Field(default=1800.0, description="the time over which it is added up")
    clear_after: Duration = Field(default=300.0, description="time at rest until it is over")

    @model_validator(mode="after")
    def _can_add_up(self) -> Self:
        if self.hold > self.within:
            raise ValueError("`for` is more time on the move than there is; make `within` longer")
        return self


class GestureRule(HoldRule):
    """Somebody asks for help with the hands; not seen by a camera that looks straight down."""

    kind: Literal["gesture"] = "gesture"
    severity: Severity = Severity.CRITICAL
    gesture: Literal["help", "hands_up", "waving"] = Field(
        default="help",
        description="both hands above the head, one that waves from side to side, or either (help)",
    )
    hold: Duration = hold(3.0, "time it must last")


class NoMotionRule(HoldRule):
    """Somebody in view does not move; not where lying is normal, unless the zone is named."""

    kind: Literal["no_motion"] = "no_motion"
    hold: Duration = hold(600.0, "time without motion until it is told; ten seconds and more, to be sure of it")
    clear_after: Duration = Field(default=1.0, description="time in motion until it is over")


# -- places


class EnteredRule(LabelledRule):
    """Somebody or something comes into a place, or into view."""

    kind: Literal["entered"] = "entered"
    momentary: ClassVar[bool] = True
    severity: Severity = Severity.INFO
    hold: Duration = hold(0.5, "time that it must be seen inside until it counts")
    clear_after: Duration = Field(default=5.0, description="time outside until the same one may enter again")


class LeftRule(LabelledRule):
    """Somebody or something leaves a place, or the view."""

    kind: Literal["left"] = "left"
    momentary: ClassVar[bool] = True
    severity: Severity = Severity.INFO
    hold: Duration = hold(2.0, "time outside, or out of view, until it counts")
    clear_after: Duration = Field(
        default=5.0, description="time outside or inside again until the same one may leave again"
    )


class DwellRule(LabelledRule):
    """Somebody or something stays in a place: loitering."""

    kind: Literal["dwell"] = "dwell"
    hold: Duration = hold(60.0, "time inside until it is told")


class LineCrossedRule(RuleBase):
    """Somebody or something crosses a line; told with the counts of the day so far."""

    kind: Literal["line_crossed"] = "line_crossed"
    momentary: ClassVar[bool] = True
    severity: Severity = Severity.INFO
    labels: Labels = Field(default=(PERSON,), description="what is counted")
    line: Id = Field(description="one of the camera's lines")
    direction: Literal["in", "out", "both"] = Field(
        default="both", description="which crossings are told; all are counted"
    )

    @property
    def wants_things(self) -> bool:
        """Whether it counts anything but people."""
        return self.labels != (PERSON,)


class OccupancyRule(LabelledRule):
    """More, or fewer, than so many are in a place."""

    kind: Literal["occupancy"] = "occupancy"
    hold: Duration = hold(10.0, "time it must last until it is told")
    clear_after: Duration = Field(default=10.0, description="time for which it must be over")
    more_than: HeadCount | None = Field(default=None, description="told when more than so many are there")
    fewer_than: HeadCount | None = Field(default=None, description="told when fewer than so many are there")

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if (self.more_than is None) == (self.fewer_than is None):
            raise ValueError("needs one limit; give either more_than or fewer_than")
        return self


class QueueRule(HoldRule):
    """People stand in a place and wait for long."""

    kind: Literal["queue"] = "queue"
    zones: SomeZones = Field(description="where people queue")
    hold: Duration = hold(60.0, "time that each of them has been standing there")
    more_than: HeadCount = Field(default=2, description="told when more than so many have")
    clear_after: Duration = Field(default=10.0, description="time for which it must be over")


class ClosedHoursRule(LabelledRule):
    """Anyone is there out of hours."""

    kind: Literal["crossed_closed_hours"] = "crossed_closed_hours"
    between: Hours = Field(description='closed from when to when, such as ["20:00", "07:00"]')
    hold: Duration = hold(1.0, "time in view until it is told")
    clear_after: Duration = Field(default=10.0, description="time out of view until it is over")


# -- things and animals


class SightingRule(LabelledRule):
    """Something with one of the labels is in view for a time."""

    kind: Literal["sighting"] = "sighting"
    labels: Labels = (BEAR, LARGE_ANIMAL)
    hold: Duration = hold(1.0, "time in view until it is reported")
    clear_after: Duration = Field(default=10.0, description="time out of view until the alarm is cleared")


class LeftBehindRule(LabelledRule):
    """An object, a child or a pet stays when its person has gone."""

    kind: Literal["left_behind"] = "left_behind"
    labels: Labels = BAGS
    hold: Duration = hold(60.0, "time alone until it is told")
    clear_after: Duration = Field(default=5.0, description="time with somebody near, or gone, until it is over")
    near: Annotated[float, Field(gt=0, le=4)] = Field(
        default=0.5, description="how near somebody must be to be with it, in heights of the picture"
    )

    @model_validator(mode="after")
    def _knows_who_keeps(self) -> Self:
        if PERSON in self.labels and not self.zones:
            raise ValueError("labels people, so that nobody is left to be with them; say in `zones` where they sit")
        return self


class TakenRule(LabelledRule):
    """An object that stood there is gone."""

    kind: Literal["taken"] = "taken"
    labels: Labels = BAGS
    hold: Duration = hold(10.0, "time it must be gone, while nobody hides its place, until it is told")
    clear_after: Duration = Field(default=5.0, description="time it must be back until it is over")
    settled: Duration = Field(default=30.0, description="time it must have stood there before")

    @model_validator(mode="after")
    def _is_about_things(self) -> Self:
        if PERSON in self.labels:
            raise ValueError("labels people, who leave and are not taken; use a rule of kind left for them")
        return self


# -- anything


class WhenRule(HoldRule):
    """An expression in CEL over people, objects, zones, counts and local time holds for a time."""

    kind: Literal["when"] = "when"
    when: Annotated[str, Field(min_length=1, max_length=MOST_LETTERS), AfterValidator(check_expression)] = Field(
        description="an expression that is true or false"
    )

    @property
    def wants_things(self) -> bool:
        """It may speak of anything."""
        return True


AnyRule = (
    FallRule
    | LyingRule
    | LongStayRule
    | AbsenceRule
    | LeftBedRule
    | NotBackRule
    | WanderingRule
    | GestureRule
    | NoMotionRule
    | EnteredRule
    | LeftRule
    | DwellRule
    | LineCrossedRule
    | OccupancyRule
    | QueueRule
    | ClosedHoursRule
    | SightingRule
    | LeftBehindRule
    | TakenRule
    | WhenRule
)
Rule = Annotated[AnyRule, Field(discriminator="kind")]

RULE_KINDS: tuple[str, ...] = tuple(model.model_fields["kind"].default for model in get_args(AnyRule))
