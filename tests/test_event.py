"""The published contract: one event, letter for letter.

    python -m tests.test_event > tests/golden/event.json
    python -m tests.test_event others > tests/golden/payloads.json

write the golden payloads anew. Whoever has to do so has changed what subscribers read.
"""

import json
import re
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.event import (
    MAX_EVENT_BYTES,
    Alarm,
    AlarmState,
    Clock,
    Event,
    EventData,
    Head,
    HeadSpan,
    LostDay,
    MadeBy,
    Status,
    timestamp,
)
from semcam.contract.rule_base import Severity
from semcam.contract.signal import Reason, View

GOLDEN = Path(__file__).parent / "golden" / "event.json"
OTHERS = Path(__file__).parent / "golden" / "payloads.json"

REQUIRED = ("id", "source", "specversion", "type")  # CloudEvents 1.0.2, section 3.1
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def a_fall(**changes: Any) -> Event:
    """Ms Tanaka has fallen: the example of the design."""
    data: dict[str, Any] = {
        "alarm": "k3v9-000041",
        "stage": AlarmStage.CONFIRMED,
        "severity": Severity.CRITICAL,
        "rule": "fall",
        "place": "bathroom",
        "zone": "floor",
        "who": "tanaka",
        "label": "person",
        "message": "田中さんが浴室で倒れました。",
        "messages": {"ja": "田中さんが浴室で倒れました。", "en": "Ms Tanaka has fallen in the bathroom."},
        "evidence": {Reason.TORSO_DEG: 84.0, Reason.DOWN_S: 5.0, Reason.SCORE: 0.41},
        "seq": 42,
        "clock": Clock(synced=True, boot="9f2c", mono_s=5321.4),
        "made_by": MadeBy(semcam="0.1.0", models="sha256:1f0c1f0c1f0c", config="sha256:77ab77ab77ab"),
    }
    return Event(
        id="k3v9-000042",
        source="semcam/sakura-home/bath-101",
        type="semcam.fall",
        time="2026-11-21T16:00:00.123Z",
        subject="tanaka",
        data=EventData(**(data | changes)),
    )


def the_end() -> Event:
    """Somebody has helped her up: an event with everything that an all-clear can have."""
    return a_fall(
        stage=AlarmStage.CLEARED,
        severity=Severity.INFO,
        evidence={},
        times=3,
        lasted_s=75.5,
        ending=Ending.CLOSED,
        by="佐藤",
        historical=True,
    )


def other_payloads() -> dict[str, str]:
    """One of everything else that is published."""
    made_by = a_fall().data.made_by
    until = "2026-11-21T17:00:00.000Z"
    spans = (HeadSpan(epoch="a2b3", first=7, last=99),)
    return {
        "event, at the end": the_end().to_json(),
        "alarm that burns": Alarm(AlarmState.ON, a_fall()).to_json(),
        "alarm of which nothing was told": Alarm(AlarmState.OFF).to_json(),
        "head": Head(epoch="k3v9", first=1, last=42, before=spans).model_dump_json(),
        "status": Status(
            state="online",
            view=View.OK,
            lost_by_day=(LostDay(day="2026-11-22", seconds=75),),
            fps=9.8,
            age_ms=100,
            muted_until=until,
            made_by=made_by,
        ).model_dump_json(exclude_none=True),
        "last will": Status(state="offline").model_dump_json(exclude_none=True),
    }


def readable(payload: str) -> str:
    """The payload with its members in the order in which they are sent, one a line."""
    return json.dumps(json.loads(payload), ensure_ascii=False, indent=2) + "\n"


def readable_others() -> str:
    return readable(json.dumps({name: json.loads(payload) for name, payload in other_payloads().items()}))


def check_cloud_event(document: dict[str, Any]) -> None:
    """The rules of CloudEvents 1.0.2 and its JSON format that apply to structured content."""
    for name in REQUIRED:
        assert isinstance(document[name], str), name
        assert document[name], name
    assert document["specversion"] == "1.0"
    for name, value in document.items():
        assert re.fullmatch("[a-z0-9]{1,20}", name), name  # section 3: lower-case letters and digits
        assert value is not None, name  # an attribute without a value is left out
        if name != "data":
            assert isinstance(value, str), name
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", document["source"])  # a URI-reference
    assert RFC3339.fullmatch(document["time"])
    datetime.fromisoformat(document["time"])
    assert document["datacontenttype"] == "application/json"
    assert "data_base64" not in document


def members(document: object) -> list[object]:
    """All values in a document, however deep."""
    if isinstance(document, dict):
        return [inner for value in document.values() for inner in (value, *members(value))]
    if isinstance(document, list):
        return [inner for value in document for inner in (value, *members(value))]
    return []


def test_the_payload_is_the_golden_one_letter_for_letter() -> None:
    assert readable(a_fall().to_json()) == GOLDEN.read_text(encoding="utf-8")


def test_all_other_payloads_are_the_golden_ones_letter_for_letter() -> None:
    assert readable_others() == OTHERS.read_text(encoding="utf-8")


def test_the_state_of_an_alarm_and_its_event_fit_into_one_message() -> None:
    (longest,) = {len(Alarm(AlarmState.OFF, event).to_json()) - len(event.to_json()) for event in (a_fall(), the_end())}
    assert longest == len('"state":"OFF",')


def test_the_golden_payload_reads_back_as_the_same_event() -> None:
    assert Event.model_validate_json(GOLDEN.read_bytes()) == a_fall()


def test_the_payload_is_one_line_of_utf8_without_spare_spaces() -> None:
    text = a_fall().to_json()
    assert "\n" not in text
    assert "田中さん" in text  # as letters, not as \\u escapes, which would be twice as long
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


def test_the_golden_payload_is_a_cloud_event() -> None:
    check_cloud_event(json.loads(GOLDEN.read_bytes()))


def test_an_event_says_what_kind_it_is() -> None:
    assert a_fall().kind == "fall"


def test_absent_members_are_left_out_and_not_null() -> None:
    bare = a_fall(place=None, zone=None, who=None, label=None, evidence={}).model_copy(update={"subject": None})
    document = json.loads(bare.to_json())
    assert None not in members(document)
    assert "subject" not in document
    assert not {"place", "zone", "who", "label"} & set(document["data"])
    check_cloud_event(document)


def test_the_schema_member_comes_first_and_is_one() -> None:
    data = json.loads(a_fall().to_json())["data"]
    assert next(iter(data.items())) == ("schema", 1)
    assert "schema_" not in data


def test_long_japanese_names_still_fit() -> None:
    """Forty signs are twice the longest name in the family register."""
    name, place = "寿" * 40, "奥" * 40
    message = f"{name}さんが{place}で倒れました。しばらく起き上がれないようです。"
    event = a_fall(message=message, messages={"ja": message, "en": f"{name} has fallen in {place}."}, place=place)
    assert len(event.to_json().encode()) <= MAX_EVENT_BYTES


def test_the_json_schema_describes_the_golden_payload() -> None:
    schema = Event.model_json_schema(by_alias=True)
    document = json.loads(GOLDEN.read_bytes())
    assert set(document) <= set(schema["properties"])
    assert set(schema["required"]) <= set(document)
    data = schema["$defs"]["EventData"]
    assert set(document["data"]) <= set(data["properties"])
    assert set(data["required"]) <= set(document["data"])
    assert schema["additionalProperties"] is False
    assert data["additionalProperties"] is False


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((), {"picture": "data:image/jpeg;base64,"}),
        (("data",), {"thumbnail": [1, 2, 3]}),
        (("data",), {"evidence": {"mood": 1.0}}),
        (("data",), {"evidence": {"drop": 1e9}}),
        (("data",), {"severity": "loud"}),
        (("data",), {"seq": 0}),
        (("data",), {"schema": 2}),
        (("data",), {"label": "ghost"}),
        ((), {"type": "other.fall"}),
        ((), {"specversion": "0.3"}),
        (("data", "clock"), {"zone": "JST"}),
    ],
)
def test_nothing_but_the_contract_reads_as_an_event(place: tuple[str, ...], value: dict[str, Any]) -> None:
    document = json.loads(GOLDEN.read_bytes())
    node = document
    for step in place:
        node = node[step]
    node.update(value)
    with pytest.raises(ValidationError):
        Event.model_validate_json(json.dumps(document))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_bytes_are_refused_as_an_event(payload: bytes) -> None:
    with pytest.raises(ValidationError):
        Event.model_validate_json(payload)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1)))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_any_moment_is_written_as_rfc_3339_to_the_millisecond(moment: datetime) -> None:
    text = timestamp(moment.replace(tzinfo=UTC))
    assert RFC3339.fullmatch(text)
    assert timedelta(0) <= moment.replace(tzinfo=UTC) - datetime.fromisoformat(text) < timedelta(milliseconds=1)


def test_a_moment_of_another_time_zone_stays_the_same_moment() -> None:
    tokyo = datetime(2026, 11, 22, 1, 0, tzinfo=timezone(timedelta(hours=9)))
    assert datetime.fromisoformat(timestamp(tokyo)) == tokyo


def test_an_event_never_changes() -> None:
    event = a_fall()
    with pytest.raises(ValidationError, match="frozen"):
        event.id = "other"


def test_a_camera_is_online_or_offline_and_nothing_else() -> None:
    assert Status.model_validate_json('{"state":"online"}') == Status(state="online")
    with pytest.raises(ValidationError):
        Status.model_validate_json('{"state":"maybe"}')


if __name__ == "__main__":
    print(readable_others() if sys.argv[1:] == ["others"] else readable(a_fall().to_json()), end="")
