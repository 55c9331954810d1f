"""`semcam fleet` over a real broker: every camera, the troubled ones first, and an exit code that says how it is."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from semcam.client.fleet import Fleet, Health, in_json, in_short
from semcam.client.fleet_table import WIDE, table
from semcam.contract.broker import Broker
from semcam.contract.event import CAMERA_FAULT, RULE_FAULT, Alarm, AlarmState, MadeBy, Status, timestamp
from semcam.contract.families import Compute
from semcam.contract.privacy import Layers, LayerState, PrivacyMode, PrivacyReport
from semcam.contract.settings import Outcome, Settings, SettingsState
from semcam.contract.signal import View
from semcam.courier.mqtt import Acknowledged, MqttLink, Received
from tests.conftest import ROOT, Mosquitto, free_port, semcam
from tests.test_event import a_fall

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEPT = PrivacyReport(mode=PrivacyMode.STRICT, layers=Layers(**dict.fromkeys(Layers.model_fields, LayerState.HOLDS)))
OPEN = PrivacyReport(
    mode=PrivacyMode.BEST_EFFORT, layers=KEPT.layers.model_copy(update={"namespace": LayerState.ABSENT})
)
MADE_BY = MadeBy(semcam="0.1.0", models="sha256:0", config="sha256:0")
ON = Alarm(AlarmState.ON, a_fall()).to_json()
OFF = Alarm(AlarmState.OFF).to_json()


def well(seen_s: float = 20.0, now: datetime = NOW, **more: Any) -> str:
    """The status of a camera that looked at a picture so long ago."""
    given_status = {
        "view": View.OK,
        "fps": 10.0,
        "last_frame": timestamp(now - timedelta(seconds=seen_s)),
        "made_by": MADE_BY,
        "privacy": KEPT,
        "compute": Compute.CPU,
    } | more
    return Status(state="online", **given_status).model_dump_json(exclude_none=True)  # type: ignore[arg-type]


GONE = Status(state="offline", made_by=MADE_BY).model_dump_json(exclude_none=True)


def fleet_of(retained: dict[str, str]) -> Fleet:
    fleet = Fleet()
    fleet.take(Received(f"semcam/{topic}", payload.encode(), True) for topic, payload in retained.items())
    return fleet


def health(**retained: str) -> tuple[list[str], Health]:
    (row,) = fleet_of({f"home/bath/{topic.replace('__', '/')}": text for topic, text in retained.items()}).rows(NOW)
    return row.troubles(NOW), row.health(NOW)


@pytest.mark.parametrize(
    ("retained", "troubles", "verdict"),
    [
        ({"status": well()}, [], Health.WELL),
        ({"status": well(), "alarm__fall": OFF, f"alarm__{CAMERA_FAULT}": OFF}, [], Health.WELL),
        ({"status": well(view=View.DARK)}, [], Health.WELL),
        ({"status": well(), "alarm__fall": ON}, [], Health.BURNING),
        ({"status": GONE, "alarm__fall": ON}, ["offline"], Health.TROUBLE),
        ({"status": well(), f"alarm__{CAMERA_FAULT}": ON}, ["camera fault"], Health.TROUBLE),
        ({"status": well(), f"alarm__{RULE_FAULT}": ON}, ["rule fault"], Health.TROUBLE),
        ({"status": well(seen_s=600)}, ["no picture for 10 min"], Health.TROUBLE),
        ({"status": well(seen_s=-600)}, ["its clock is 10 min ahead"], Health.TROUBLE),
        ({"status": well(view=View.COVERED)}, ["view: covered"], Health.TROUBLE),
        ({"status": well(privacy=OPEN)}, ["privacy: without namespace"], Health.TROUBLE),
        (
            {
                "status": well(),
                "settings__state": SettingsState(
                    number=0, settings=Settings(), answers=5, outcome=Outcome.ROLLED_BACK, why="…"
                ).to_json(),
            },
            ["settings rolled back"],
            Health.TROUBLE,
        ),
    ],
)
def test_what_is_wrong_with_a_camera_is_said(retained: dict[str, str], troubles: list[str], verdict: Health) -> None:
    assert health(**retained) == (troubles, verdict)


def a_site() -> dict[str, str]:
    return {
        "home/b/status": well(),
        "home/b/alarm/fall": ON,
        "home/c/status": well(seen_s=500),
        "home/a/status": well(),
        "home/d/status": GONE,
        "home/e/status": "",  # somebody has removed a camera that is no more
        "home/f/alarm/fall": ON,  # and of this one, not all
    }


def test_the_troubled_come_first_and_those_that_are_gone_before_them() -> None:
    fleet = fleet_of(a_site())
    assert [row.name for row in fleet.rows(NOW)] == ["home/d", "home/c", "home/b", "home/a"]
    assert fleet.health(NOW) is Health.TROUBLE
    document = json.loads(in_json(fleet, NOW))
    assert document["counts"] == {"trouble": 2, "burning": 1, "well": 1}
    burning = document["cameras"][2]
    assert burning["burning"] == {"fall": a_fall().data.alarm}
    assert (burning["site"], burning["camera"], burning["version"], burning["frame_age_s"]) == (
        "home",
        "b",
        "0.1.0",
        20,
    )
    assert (burning["view"], burning["compute"], burning["fps"]) == ("ok", "cpu", 10.0)
    assert document["cameras"][0]["version"] == "0.1.0"  # the last will says it


def shown(fleet: Fleet, width: int) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(table(fleet, NOW, width))
    return capture.get()


def test_on_a_narrow_terminal_what_matters_is_still_there() -> None:
    narrow = shown(fleet_of(a_site()), 50)
    assert max(map(len, narrow.splitlines())) <= 50
    assert "no picture for 8 min" in narrow
    assert "version" not in narrow
    wide = shown(fleet_of(a_site()), WIDE)
    assert "version" in wide and "kept" in wide
    assert "4 cameras: 2 in trouble, 1 with an alarm that burns, 1 well" in wide


@given(topic=st.lists(st.text("abc+-_/\x1b", max_size=8), min_size=2, max_size=5), payload=st.binary(max_size=60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_whatever_somebody_leaves_with_the_broker_stops_nothing(topic: list[str], payload: bytes) -> None:
    fleet = Fleet()
    fleet.take([Received("/".join(["semcam", "a", "b", *topic]), payload, True)])
    fleet.take([Received("semcam/a\x1b[31m/b/status", GONE.encode(), True)])
    assert "\x1b" not in shown(fleet, 80)
    assert json.loads(in_json(fleet, NOW))["counts"]["trouble"] == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "2 d")],
)
def test_times_fit_into_a_column(seconds: float, words: str) -> None:
    assert in_short(seconds) == words


# -- the command


@contextmanager
def retained(mosquitto: Mosquitto, messages: dict[str, str]) -> Iterator[None]:
    """Left with the broker by somebody who is connected as long as that lasts."""
    link = MqttLink(Broker(host="127.0.0.1", port=mosquitto.port), "somebody", None)
    link.open()
    try:
        waiting = {link.publish(f"semcam/{topic}", payload, retain=True) for topic, payload in messages.items()}
        until_s = time.monotonic() + 60
        while waiting and time.monotonic() < until_s:
            waiting -= {note.token for note in link.notes(0.1) if isinstance(note, Acknowledged)}
        assert not waiting
        yield
    finally:
        link.stop()


@pytest.mark.parametrize(
    ("messages", "code"),
    [({}, Health.WELL), ({"home/a/alarm/fall": ON}, Health.BURNING), ({"home/b/status": GONE}, Health.TROUBLE)],
)
def test_the_exit_code_says_how_it_is(messages: dict[str, str], code: Health, mosquitto: Mosquitto) -> None:
    with retained(mosquitto, {"home/a/status": well(now=datetime.now(UTC))} | messages):
        done = semcam("fleet", mosquitto.address, "--json")
        assert done.returncode == code, done.stderr
        assert json.loads(done.stdout)["cameras"][-1]["camera"] == "a"


def test_a_broker_that_knows_no_camera_is_no_good_news(mosquitto: Mosquitto) -> None:
    done = semcam("fleet", mosquitto.address, "--site", "other")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no camera other/+ has ever told" in done.stderr
    away = semcam("fleet", f"127.0.0.1:{free_port()}")
    assert away.returncode == 1
    assert "no MQTT broker answers" in away.stderr


def test_three_hundred_cameras_are_listed_though_the_broker_queues_only_a_thousand_messages(
    mosquitto: Mosquitto,
) -> None:
    """Mosquitto's default; with QoS 1 it drops what is over that, of what it retains too."""
    now = datetime.now(UTC)
    names = [f"home-{number // 20}/camera-{number % 20}" for number in range(300)]
    messages = {f"{name}/status": well(now=now) for name in names}
    messages |= {f"{name}/alarm/rule-{rule}": ON if rule == 7 else OFF for name in names for rule in range(8)}
    messages[f"{names[137]}/status"] = GONE
    with retained(mosquitto, messages):
        done = semcam("fleet", mosquitto.address)
        assert done.returncode == Health.TROUBLE
        first, *others, summary = done.stdout.splitlines()[1:]
        assert first.startswith("home-6/camera-17") and first.endswith("offline, rule-7 burns")
        assert all("rule-7 burns" in line for line in others)
        assert summary == "300 cameras: 1 in trouble, 299 with an alarm that burns"


def test_who_watches_sees_a_camera_go(mosquitto: Mosquitto) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "semcam", "fleet", mosquitto.address, "--watch"]
    seen = b""

    def see(word: bytes) -> None:
        nonlocal seen
        until_s = time.monotonic() + 30
        while word not in seen:
            assert time.monotonic() < until_s, seen.decode(errors="replace")
            if select.select([ours], [], [], 0.5)[0]:
                seen += os.read(ours, 65536)

    with retained(mosquitto, {"home/a/status": well(now=datetime.now(UTC))}):
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment)
        os.close(theirs)
        try:
            see(b"1 camera: 1 well")
            with retained(mosquitto, {"home/a/status": GONE}):
                see(b"1 camera: 1 in trouble")
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()
            os.close(ours)
