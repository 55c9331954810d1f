"""Own messages of rules, and what events say: from what a person writes in semcam.yaml to what a carer reads."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from semcam.contract.command import Ack
from semcam.contract.config import Camera, Config, Line, Subject, Zone, job_for
from semcam.contract.delivery import AlarmStage
from semcam.contract.errors import ConfigError
from semcam.contract.event import FAULTS, MAX_EVENT_BYTES, AlarmState, Event, MadeBy
from semcam.contract.labels import LABELS
from semcam.contract.load import load_config
from semcam.contract.message import MAX_SENTENCE_BYTES, MAX_WORD_BYTES, Blank, Message, json_bytes, parse
from semcam.contract.rules import RULE_KINDS, AnyRule, Rule
from semcam.contract.signal import Beat, Reason, RuleFault, RuleFaultCode, RuleSignal, Stage, Way
from semcam.contract.text import Language, Text
from semcam.courier.clock import ReplayClock
from semcam.courier.console import Sentences
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.facts import Facts
from semcam.courier.outbox import Outbox
from semcam.courier.wording import sentences
from tests.conftest import ROOT

CONFIRMED, UPDATED, CLEARED = Stage.CONFIRMED, Stage.UPDATED, Stage.CLEARED
TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
EVENING = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)

NEEDED: dict[str, dict[str, Any]] = {
    "left_bed": {"zones": ["bed-2"]},
    "not_back": {"zones": ["bed-2"]},
    "queue": {"zones": ["bed-2"]},
    "line_crossed": {"line": "door"},
    "occupancy": {"more_than": 3},
    "crossed_closed_hours": {"between": ["20:00", "07:00"]},
    "when": {"when": "size(people) >= 2"},
}
"""What a rule of a kind cannot be without."""
MOMENTS = sorted(model.model_fields["kind"].default for model in get_args(AnyRule) if model.momentary)

_rules: TypeAdapter[AnyRule] = TypeAdapter(Rule)


def a_rule(kind: str, id: str = "", **keys: Any) -> AnyRule:
    """A rule as it stands in a configuration."""
    return _rules.validate_python({"kind": kind, "id": id or kind, **NEEDED.get(kind, {}), **keys}, strict=False)


def house(*rules: AnyRule, **keys: Any) -> Config:
    """A room of Ms Tanaka's with a bed, a named corner and a door."""
    camera = Camera(
        place={"ja": "居間", "en": "living room"},
        belongs_to="tanaka",
        zones={
            "bed-2": Zone(shape=TRIANGLE),
            "corner": Zone(shape=TRIANGLE, name={"ja": "窓ぎわ", "en": "by the window"}),
        },
        lines={
            "door": Line(shape=((0.0, 0.5), (1.0, 0.5)), inside=(0.5, 0.9), name={"ja": "玄関", "en": "front door"})
        },
        rules={rule.id: rule for rule in rules},
    )
    subjects = {"tanaka": Subject(name={"ja": "田中さん", "en": "Ms Tanaka"})}
    return Config(subjects=subjects, cameras={"room-1": camera}, **keys)


class Shelf:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    def deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)


def desk_for(config: Config, start: datetime = EVENING) -> tuple[Desk, Shelf]:
    """The desk of the first camera."""
    shelf = Shelf()
    made_by = MadeBy(semcam="0.1.0", models="sha256:" + "0" * 12, config=config.digest())
    name = next(iter(config.cameras))
    desk = Desk(config, name, ReplayClock(start), Outbox.in_memory(name, "abcdef"), made_by, [shelf])
    return desk, shelf


def signal(rule: str, stage: Stage = CONFIRMED, **fields: Any) -> RuleSignal:
    return RuleSignal.model_validate({"rule": rule, "stage": stage, "t_s": 5.0, "track": 1, "label": "person"} | fields)


def told(rule: AnyRule, start: datetime = EVENING, stage: Stage = CONFIRMED, **fields: Any) -> dict[Language, str]:
    """What an event of the rule says, in each language."""
    desk, shelf = desk_for(house(rule), start)
    desk.take(signal(rule.id, stage, **fields))
    return shelf.deliveries[-1].event.data.messages


# -- what a person may write


def complaint(folder: Path, message: str) -> str:
    """What `semcam check` says of a message, without the name of the file."""
    page = folder / "semcam.yaml"
    page.write_text(f"cameras:\n  bath:\n    rules:\n      fall:\n        message: {message}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(page)
    (problem,) = refused.value.problems
    return str(problem)


ALLOWED = "allowed: {who}, {place}, {zone}, {label}, {count}, {duration}, {time}, {camera}, {rule}"
AT = "line 5: cameras.bath.rules.fall.message"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("'{whom} fell'", f"{AT}: {{whom}} is not a field; did you mean 'who'? {ALLOWED}"),
        ("'{Who}'", f"{AT}: {{Who}} is not a field; did you mean 'who'? {ALLOWED}"),
        ("'{colour}'", f"{AT}: {{colour}} is not a field; {ALLOWED}"),
        ("'{}'", f"{AT}: {{}} is not a field; {ALLOWED}"),
        ("'{0}'", f"{AT}: {{0}} is not a field; {ALLOWED}"),
        ("'{who.__class__}'", f"{AT}: {{who.__class__}} holds more than the name of a field; write {{who}}"),
        ("'{who[0]}'", f"{AT}: {{who[0]}} holds more than the name of a field; write {{who}}"),
        ("'{count:>9}'", f"{AT}: {{count:>9}} holds more than the name of a field; write {{count}}"),
        ("'{who!r}'", f"{AT}: {{who!r}} holds more than the name of a field; write {{who}}"),
        ("'{ who }'", f"{AT}: {{ who }} holds more than the name of a field; write {{who}}"),
        (
            "'{who fell'",
            f"{AT}: holds a {{ that is not closed; close the field, such as {{who}}, or write {{{{ for a brace",
        ),
        (
            "'who} fell'",
            f"{AT}: holds a }} that nothing opens; open the field, such as {{who}}, or write }}}} for a brace",
        ),
        (
            "'{who}}'",
            f"{AT}: holds a }} that nothing opens; open the field, such as {{who}}, or write }}}} for a brace",
        ),
        (
            "'{{who}'",
            f"{AT}: holds a }} that nothing opens; open the field, such as {{who}}, or write }}}} for a brace",
        ),
        ("'｛who｝です'", f"{AT}: holds a wide brace, ｛ or ｝; write {{ and }} around a field, such as {{who}}"),
        ("{who}", f"{AT}: begins with a brace, which YAML takes for keys of its own; put it in quotes"),
        ("''", f"{AT}: is empty; give it a text"),
        ("'  '", f"{AT}: is empty; give it a text"),
        ("{ja: '{who}が', en: '{hwo}'}", f"{AT}.en: {{hwo}} is not a field; did you mean 'who'? {ALLOWED}"),
        (f"'{'x' * 129}'", f"{AT}: is longer than 128 bytes of UTF-8; shorten it"),
        (
            f"'{'{who}' * 20}'",
            f"{AT}: grows too long for an event once its fields are said; shorten it or leave out a field",
        ),
    ],
)
def test_check_says_what_is_wrong_with_a_message_and_what_to_write(tmp_path: Path, message: str, said: str) -> None:
    assert complaint(tmp_path, message) == said


def test_a_mistake_in_one_language_is_told_with_its_own_line(tmp_path: Path) -> None:
    said = complaint(tmp_path, "\n          ja: '{who}が倒れました'\n          en: '{who'")
    assert said.startswith("line 7: cameras.bath.rules.fall.message.en: holds a { that is not closed")


def test_a_message_stays_on_its_side_of_the_wall() -> None:
    camera = house(a_rule("fall", message="{who} fell")).cameras["room-1"]
    assert "fell" not in job_for(camera, "clip.mp4").model_dump_json()


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("A fall.", ("A fall.",)),
        ("{who} fell", (Blank.WHO, " fell")),
        ("{{who}}", ("{", "who", "}")),
        ("{{{who}}}", ("{", Blank.WHO, "}")),
        ("{who}{{", (Blank.WHO, "{")),
        ("{who}{place}", (Blank.WHO, Blank.PLACE)),
    ],
)
def test_a_message_is_read_as_its_texts_and_fields(message: str, parts: tuple[str | Blank, ...]) -> None:
    assert parse(message) == parts


_messages: TypeAdapter[Text] = TypeAdapter(Message)
pieces = st.sampled_from(
    ["{", "}", "{{", "}}", "{who}", "{duration}", "{rule}", " ", "a", "A ", "田", '"', "\\", "who", ":"]
)


@given(st.text(max_size=40) | st.lists(pieces, max_size=16).map("".join))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_any_text_is_a_message_that_can_be_told_or_is_refused_in_one_sentence(message: str) -> None:
    try:
        taken = _messages.validate_python(message)
    except ValidationError as refused:
        (only,) = refused.errors()
        assert "; " in only["msg"] or only["type"] == "string_too_short"  # what is wrong; what to do
        return
    facts = Facts("fall", CONFIRMED, rule="rule-1", camera="cam-1", who="{who}", place='"' * 128, time="22:05")
    for said in sentences(facts, taken).values():
        assert json_bytes(said) <= MAX_SENTENCE_BYTES
        assert said.count("{who}") <= message.count("who")  # a name is no message: its braces are said as they are


@given(st.lists(st.text(alphabet="ab{}田 ", max_size=6) | st.sampled_from(list(Blank)), max_size=8))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_what_is_written_with_doubled_braces_is_read_as_meant(parts: list[str | Blank]) -> None:
    written = [f"{{{p}}}" if isinstance(p, Blank) else p.replace("{", "{{").replace("}", "}}") for p in parts]
    meant = [f"<{p}>" if isinstance(p, Blank) else p for p in parts]
    assert "".join(f"<{p}>" if isinstance(p, Blank) else p for p in parse("".join(written))) == "".join(meant)


# -- what is told


def test_each_field_says_what_there_is_to_say() -> None:
    rule = a_rule("no_motion", "still-too-long", message="|".join(f"{{{blank}}}" for blank in list(Blank)))
    assert told(rule, zone="corner", why={Reason.STILL_S: 725.0}) == {
        "ja": "田中さん|居間|窓ぎわ|人|1|12分|13:05|room-1|still too long",
        "en": "Ms Tanaka|living room|by the window|person|1|12 minutes|13:05|room-1|still too long",
    }


def test_where_there_is_nothing_to_say_a_field_says_the_next_best() -> None:
    rule = a_rule("fall", message="|".join(f"{{{blank}}}" for blank in list(Blank)))
    desk, shelf = desk_for(Config(cameras={"cam-7": Camera(rules={"fall": rule})}))
    desk.take(signal("fall"))
    assert shelf.deliveries[0].event.data.messages == {
        "ja": "どなたか|cam-7|cam-7|人|1|しばらくの間|13:05|cam-7|fall",
        "en": "Someone|cam-7|cam-7|person|1|a while|13:05|cam-7|fall",
    }


def test_a_line_without_a_name_is_told_by_its_id_and_not_by_the_zone_around_it() -> None:
    line = Line(shape=((0.0, 0.5), (1.0, 0.5)), inside=(0.5, 0.9))
    rule = a_rule("line_crossed", line="front-door", message="{zone}")
    camera = Camera(
        zones={"corner": Zone(shape=TRIANGLE, name="corner")}, lines={"front-door": line}, rules={"line_crossed": rule}
    )
    desk, shelf = desk_for(Config(cameras={"cam-7": camera}))
    desk.take(signal("line_crossed", zone="corner", way=Way.IN))
    assert shelf.deliveries[0].event.data.message == "Front door"


@pytest.mark.parametrize(
    ("kind", "fields", "message", "english", "japanese"),
    [
        ("sighting", {"label": "bear"}, "A {label}!", "A bear!", "A クマ!"),
        ("sighting", {"label": "elephant"}, "A {label}!", "An elephant!", "A ゾウ!"),
        ("sighting", {"label": "bear"}, "Seen: {label}", "Seen: bear", "Seen: クマ"),
        ("sighting", {"label": "bear"}, "{label} 🐻", "Bear 🐻", "クマ 🐻"),
        ("occupancy", {"track": 0, "zone": "corner", "count": 5}, "{zone}: {count}", "By the window: 5", "窓ぎわ: 5"),
        ("queue", {"track": 0, "zone": "bed-2", "count": 4}, "{zone}: {count}", "Bed 2: 4", "bed 2: 4"),
        (
            "line_crossed",
            {"way": Way.IN, "count": 2, "why": {Reason.INS: 1200.0, Reason.OUTS: 3.0}},
            "{zone}: {count}",
            "Front door: 1200",
            "玄関: 1200",
        ),
        (
            "absence",
            {"track": 0, "why": {Reason.HELD_S: 43200.0}},
            "no {who} for {duration}",
            "no Ms Tanaka for 12 hours",
            "no 田中さん for 12時間",
        ),
        ("when", {}, "{{{rule}}}", "{when}", "{when}"),
    ],
)
def test_a_message_for_all_languages_has_its_fields_in_each(
    kind: str, fields: dict[str, Any], message: str, english: str, japanese: str
) -> None:
    assert told(a_rule(kind, message=message), **fields) == {"ja": japanese, "en": english}


def test_a_message_in_each_language_is_told_in_each() -> None:
    message = {"ja": "{who}を見に行ってください。", "en": "Please look after {who}."}
    assert told(a_rule("fall", message=message)) == {
        "ja": "田中さんを見に行ってください。",
        "en": "Please look after Ms Tanaka.",
    }


def test_a_message_in_one_language_serves_for_all_with_its_fields_in_that_language() -> None:
    message = {"ja": "{label}です。{who}に電話してください。"}
    said = "クマです。田中さんに電話してください。"
    assert told(a_rule("sighting", message=message), label="bear") == {"ja": said, "en": said}


@pytest.mark.parametrize("kind", RULE_KINDS)
def test_an_own_message_tells_what_is_sure_and_the_kind_tells_the_rest(kind: str) -> None:
    rule, plain = a_rule(kind, message="Look after {who}!"), a_rule(kind)
    assert told(rule)["en"] == "Look after Ms Tanaka!"
    if rule.momentary:
        return
    for stage in (UPDATED, CLEARED):
        desk, shelf = desk_for(house(rule))
        desk.take(signal(kind))
        desk.take(signal(kind, stage))
        said = shelf.deliveries[-1].event.data.messages["en"]
        if stage is UPDATED:
            assert said == "Look after Ms Tanaka!"
        else:
            other, standard = desk_for(house(plain))
            other.take(signal(kind))
            other.take(signal(kind, stage))
            assert said == standard.deliveries[-1].event.data.messages["en"]
            assert "Look after" not in said


def test_a_suspected_fall_is_not_told_as_a_sure_one() -> None:
    rule = a_rule("fall", message="{who} fell!")
    assert told(rule, stage=Stage.SUSPECTED)["en"] == "Ms Tanaka may have fallen in the living room."


@pytest.mark.parametrize(
    ("zone", "start", "said"),
    [
        (None, EVENING, "13:05"),
        (None, EVENING.astimezone(timezone(timedelta(hours=9))), "22:05"),
        ("Asia/Tokyo", EVENING, "22:05"),
        ("+09:00", EVENING, "22:05"),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 59, 54, tzinfo=UTC), "02:59"),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 59, 56, tzinfo=UTC), "02:00"),  # back from summer time at 01:00 UTC
    ],
)
def test_the_time_is_that_of_the_clocks_at_the_camera(zone: str | None, start: datetime, said: str) -> None:
    desk, shelf = desk_for(house(a_rule("fall", message="{time}"), timezone=zone), start)
    desk.take(signal("fall"))
    assert shelf.deliveries[0].event.data.message == said


# -- what the kinds say of what the configuration adds


@pytest.mark.parametrize(
    ("rule", "fields", "english", "japanese"),
    [
        (
            a_rule("fall"),
            {"zone": "corner"},
            "Ms Tanaka has fallen by the window in the living room.",
            "田中さんが居間の窓ぎわで倒れました。",
        ),
        (a_rule("fall"), {"zone": "bed-2"}, "Ms Tanaka has fallen in the living room.", "田中さんが居間で倒れました。"),
        (
            a_rule("absence", by="10:00"),
            {"track": 0},
            "Ms Tanaka was not seen in the living room by 10:00.",
            "10:00までに、居間で田中さんの姿が見えませんでした。",
        ),
        (
            a_rule("occupancy", more_than=3),
            {"track": 0, "count": 5},
            "There are 5 people in the living room; the limit is 3.",
            "居間に5人います。上限は3人です。",
        ),
        (
            a_rule("occupancy", more_than=None, fewer_than=2),
            {"track": 0, "count": 1},
            "There is only 1 person in the living room; there should be at least 2.",
            "居間に1人しかいません。少なくとも2人必要です。",
        ),
        (
            a_rule("occupancy", more_than=3, labels=["car", "truck"]),
            {"track": 0, "count": 5, "label": "car"},
            "There are 5 in all in the living room; the limit is 3.",
            "居間の合計は5です。上限は3です。",
        ),
        (
            a_rule("line_crossed"),
            {"way": Way.IN, "count": 12, "zone": "corner", "why": {Reason.INS: 12.0, Reason.OUTS: 9.0}},
            "Ms Tanaka has entered the living room at the front door; 12 in today.",
            "田中さんが居間の玄関から入りました。本日12人目です。",
        ),
        (
            a_rule("line_crossed", labels=["person", "dog"]),
            {"way": Way.OUT, "label": "dog", "why": {Reason.INS: 12.0, Reason.OUTS: 9.0}},
            "A dog has left the living room at the front door; 9 out today.",
            "イヌが居間の玄関から出ました。本日9件目です。",
        ),
        (
            a_rule("when", "two_people_at_night"),
            {"track": 0},
            "Two people at night in the living room.",
            "居間で「two people at night」を検知しました。",
        ),
    ],
)
def test_a_sentence_says_what_the_rule_asks_for(
    rule: AnyRule, fields: dict[str, Any], english: str, japanese: str
) -> None:
    assert told(rule, **fields) == {"ja": japanese, "en": english}


def test_a_rule_that_was_switched_off_is_named() -> None:
    desk, shelf = desk_for(house(a_rule("when", "two-at-night", message="Two!")))
    desk.rule_fault(RuleFault(rule="two-at-night", code=RuleFaultCode.SLOW))
    assert shelf.deliveries[0].event.data.messages == {
        "ja": "居間のカメラのルール「two-at-night」は、問題が起きたため停止しました。",
        "en": "The rule “two-at-night” of the camera in the living room has failed and is switched off.",
    }


# -- events


def test_which_way_a_line_was_crossed_is_in_the_event_and_absent_elsewhere() -> None:
    desk, shelf = desk_for(house(a_rule("line_crossed"), a_rule("fall")))
    desk.take(signal("line_crossed", way=Way.OUT, count=3, zone="corner"))
    desk.take(signal("fall"))
    crossing, fall = (delivery.event for delivery in shelf.deliveries)
    assert crossing.data.way is Way.OUT
    assert crossing.data.zone == "corner"  # the id, whatever it is called
    assert '"way":"out"' in crossing.to_json()
    assert '"way"' not in fall.to_json()
    assert Event.model_validate_json(crossing.to_json()) == crossing


@pytest.mark.parametrize("kind", MOMENTS)
def test_a_moment_does_not_leave_an_alarm_burning(kind: str) -> None:
    desk, shelf = desk_for(house(a_rule(kind), a_rule("fall")))
    desk.take(signal("fall"))
    for _ in range(3):  # the same person, three times
        desk.take(signal(kind, way=Way.IN))
    desk.fault()
    states = [(delivery.event.kind, delivery.state) for delivery in shelf.deliveries]
    off = (kind, AlarmState.OFF)
    assert states == [("fall", AlarmState.ON), off, off, off, ("camera_fault", AlarmState.ON)]
    moments = [delivery.event for delivery in shelf.deliveries[1:4]]
    assert [event.data.alarm for event in moments] == [event.id for event in moments]  # each is one of its own
    assert {event.data.stage for event in moments} == {AlarmStage.CONFIRMED}


@pytest.mark.parametrize("kind", MOMENTS)
def test_nobody_is_told_that_a_moment_is_over(kind: str) -> None:
    desk, shelf = desk_for(house(a_rule(kind)))
    desk.take(signal(kind))
    desk.take(signal(kind, CLEARED))
    assert len(shelf.deliveries) == 1


def test_at_a_terminal_a_moment_is_noted_and_an_alarm_confirmed() -> None:
    lines: list[str] = []
    console = Sentences(lines.append, clip_time=True)
    desk, shelf = desk_for(house(a_rule("fall"), a_rule("entered")))
    desk.take(signal("entered"))
    for stage in (Stage.SUSPECTED, CONFIRMED, UPDATED, CLEARED):
        desk.take(signal("fall", stage))
    for delivery in shelf.deliveries:
        console.deliver(delivery)
    assert lines == [
        "0:05.0  noted      Ms Tanaka has entered the living room.",
        "0:05.0  suspected  Ms Tanaka may have fallen in the living room.",
        "0:05.0  CONFIRMED  Ms Tanaka has fallen in the living room.",
        "0:05.0  updated    Ms Tanaka has been down in the living room for 1 second.",
        "0:05.0  cleared    Ms Tanaka is up again in the living room.",
    ]


# -- the room in an event

LONGEST = "倒" * 42
QUOTES = '"' * 128  # JSON writes each twice
ROOM_FOR_STATE = len('"state":"OFF",')


def longest_event(rule: Callable[[str], AnyRule], name: str, stage: Stage) -> int:
    """Bytes of the largest event that a rule can make, of its longest ids, names and numbers, to its alarm's end."""
    id = "n" * 24
    config = Config(
        site=id,
        subjects={id: Subject(name=name)},
        cameras={
            id: Camera(
                place=name,
                belongs_to=id,
                zones={id: Zone(shape=TRIANGLE, name=name)},
                lines={id: Line(shape=((0.0, 0.5), (1.0, 0.5)), inside=(0.5, 0.9), name=name)},
                rules={id: rule(id)},
            )
        },
    )
    desk, shelf = desk_for(config)
    why = dict.fromkeys(sorted(Reason, key=len)[-6:], -999999.99)
    now_s = 123_456_789.123
    most = {"t_s": now_s, "track": 10**9 - 1, "zone": id, "count": 999, "way": Way.OUT, "why": why}
    label = max(LABELS, key=len) if rule(id).kind in ("sighting", "entered", "taken", "left_behind") else "person"
    if stage in (UPDATED, CLEARED):
        desk.take(signal(id, CONFIRMED, label=label, **most))
    desk.take(signal(id, stage, label=label, **most))
    if stage is CONFIRMED:
        for _ in range(3):  # reminders, then whoever takes it upon them and closes it, with the longest of names
            now_s += 700.0
            desk.beat(Beat(t_s=now_s, frames=1))
        desk.obey(Ack(by=LONGEST_NAME))
        desk.obey(Ack(over=True, by=LONGEST_NAME))
    sizes = [len(delivery.event.to_json().encode()) for delivery in shelf.deliveries]
    return max(sizes) + ROOM_FOR_STATE


LONGEST_NAME = "倒" * 16

LONG_MESSAGES = [
    LONGEST,
    QUOTES,
    {"ja": QUOTES, "en": QUOTES},
    "{zone}" * 10,
    "{who}{place}{zone}{who}{place}{zone}{who}",
    "{label}{duration}{rule}{camera}" * 2 + "倒" * 15,
    "{who}" + '"' * 123,
]


@pytest.mark.parametrize("name", ["n", LONGEST, QUOTES])
@pytest.mark.parametrize("kind", RULE_KINDS)
def test_no_configuration_makes_an_event_too_large_to_be_published(kind: str, name: str) -> None:
    """An event over the limit would be lost."""
    long_keys = {"line_crossed": {"line": "n" * 24}} | {
        k: {"zones": ["n" * 24]} for k in ("left_bed", "not_back", "queue")
    }
    for message in (None, *LONG_MESSAGES):

        def rule(id: str, message: object = message) -> AnyRule:
            return a_rule(kind, id, message=message, **long_keys.get(kind, {}))

        stages = (CONFIRMED,) if kind in MOMENTS else tuple(Stage)
        for stage in stages:
            assert longest_event(rule, name, stage) <= MAX_EVENT_BYTES, (message, stage)


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("blank", list(Blank))
def test_a_field_without_a_name_says_no_more_than_it_was_given_room_for(blank: Blank, language: Language) -> None:
    id = "n" * 24
    spans = [None, 0.0, 59.0, 599.0, 35999.0, 9.9 * 86400, 1e6]
    for label, seconds in [*((label, 1.0) for label in sorted(LABELS)), *(("person", s) for s in spans)]:
        facts = Facts(
            "fall", CONFIRMED, rule=id, camera=id, spot=id, label=label, seconds=seconds, count=999, time="22:05"
        )
        assert json_bytes(sentences(facts, f"{{{blank}}}")[language]) <= MAX_WORD_BYTES


def test_a_message_keeps_its_names_where_there_is_room() -> None:
    """A short message holds names of ordinary length in full, even with all of them in it."""
    rule = a_rule("fall", message="{who}, {place}, {zone}: {duration}")
    said = told(rule, zone="corner", why={Reason.DOWN_S: 60.0})
    assert said["ja"] == "田中さん, 居間, 窓ぎわ: 1分"
    assert not re.search("[{}]", said["en"])


# -- the page about it

PAGE = (ROOT / "docs" / "wording.md").read_text(encoding="utf-8")


def test_the_page_shows_sentences_that_are_said() -> None:
    said = {line.strip() for line in (ROOT / "tests/golden/sentences.txt").read_text(encoding="utf-8").splitlines()}
    rows = re.findall(r"^\| (?:`(\w+)`)? ?\| (?:suspected|confirmed|updated|cleared) \| (.+?) \| (.+?) \|$", PAGE, re.M)
    assert {kind for kind, _, _ in rows if kind} == {*RULE_KINDS, *FAULTS}
    assert [shown for _, *shown in rows if not said.issuperset(shown)] == []


def test_the_page_names_every_field_and_no_other() -> None:
    table = re.findall(r"^\| `\{(\w+)\}` \|", PAGE, re.M)
    assert table == [blank.value for blank in Blank]


def test_the_example_on_the_page_says_what_it_should(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
    page = tmp_path / "semcam.yaml"
    page.write_text(example, encoding="utf-8")
    desk, shelf = desk_for(load_config(page))
    desk.take(signal("long_wait", zone="desk", why={Reason.HELD_S: 300.0}))
    desk.take(signal("bear", track=2, label="bear"))
    wait, bear = (delivery.event.data.messages for delivery in shelf.deliveries)
    assert wait == {
        "ja": "受付でどなたかが5分お待ちです。",
        "en": "Someone has been waiting at the reception for 5 minutes.",
    }
    assert bear == {"ja": "13:05 玄関ホール: クマ!", "en": "13:05 hall: bear!"}
