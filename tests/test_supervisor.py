"""The courier against a vision process in wrong hands: it is ended, somebody is told, nothing gets through."""

import threading
import time
from dataclasses import dataclass, field

import psutil
import pytest

from semcam.contract.config import Camera, Config, job_for
from semcam.contract.errors import SemcamError, WallError
from semcam.contract.event import CAMERA_FAULT, MadeBy, Status
from semcam.contract.rules import FallRule
from semcam.contract.signal import BEAT_BYTES, Beat, RuleSignal, Stage, Wall, to_line
from semcam.courier import supervisor, vision_process
from semcam.courier.clock import WallClock
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.outbox import Outbox
from semcam.courier.supervisor import Supervisor
from tests.conftest import ROOT
from tests.hostile_vision import SECRET, TRICKS, fall

PIECE = 12
"""Characters of the secret in a row that count as a leak; chance does not make them."""


@dataclass
class House:
    """A supervisor at work in a thread, and everything that leaves it."""

    source: str
    stop: threading.Event = field(default_factory=threading.Event)
    deliveries: list[Delivery] = field(default_factory=list)
    statuses: set[Status] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    error: SemcamError | None = None
    failures: int = 0
    """How often the camera has failed in a row before."""

    def deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)

    def live_until_the_camera_has_failed(self, times: int = 1, within_s: float = 30) -> None:
        """Run until so many faults were raised and the log knows why, or the supervisor gave up."""
        camera = Camera(source=self.source, rules={"fall": FallRule(id="fall")})
        config = Config(cameras={"bath": camera})
        made_by = MadeBy(semcam="0", models="sha256:0", config="sha256:0")
        outbox = Outbox.in_memory("bath", "abcdef")
        desk = Desk(config, "bath", WallClock(), outbox, made_by, [self])
        watcher = Supervisor({"bath": job_for(camera, self.source)}, {"bath": desk}, self.said.append)
        watcher._watches["bath"].failures = self.failures
        deadline = time.monotonic() + within_s

        def look() -> None:
            assert time.monotonic() < deadline, f"{self.source}: no fault within {within_s} s"
            self.statuses.add(desk.status)
            if len(self.faults("confirmed")) >= times and len(self.said) >= times:
                self.stop.set()

        try:
            watcher.run(self.stop, look)
        except SemcamError as error:
            self.error = error

    def faults(self, stage: str) -> list[Delivery]:
        return [
            delivery
            for delivery in self.deliveries
            if delivery.event.kind == CAMERA_FAULT and delivery.event.data.stage == stage
        ]

    def everything(self) -> str:
        """All that a terminal, a log or a broker could have got."""
        events = [delivery.event.to_json() for delivery in self.deliveries]
        return "\n".join(
            [*events, *(status.model_dump_json() for status in self.statuses), *self.said, str(self.error)]
        )


@pytest.fixture(autouse=True)
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(vision_process, "MODULE", "tests.hostile_vision")


def leaks(text: str) -> bool:
    haystack = text.lower()
    secret = SECRET[:2000].lower().replace("+", "-").replace("/", "_")
    plain = SECRET[:2000].lower()
    return any(plain[at : at + PIECE] in haystack or secret[at : at + PIECE] in haystack for at in range(1900))


def vision_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "tests.hostile_vision" in child.cmdline()]


@pytest.mark.parametrize("trick", sorted(set(TRICKS) - {"half_a_line_and_silence", "deaf"}))
def test_a_trusted_camera_that_turns_hostile_is_ended_and_leaks_nothing(
    trick: str, capfd: pytest.CaptureFixture[str]
) -> None:
    house = House(f"trusted:{trick}")
    house.live_until_the_camera_has_failed()
    assert house.error is None  # the service goes on; the camera is started again
    assert house.faults("confirmed")
    assert "the vision process was ended" in house.said[0]
    assert not leaks(house.everything())
    printed = capfd.readouterr()
    assert not leaks(printed.out + printed.err)
    assert vision_processes() == []


def test_a_flood_of_valid_signals_stops_at_two_kilobytes() -> None:
    house = House("trusted:too_many_lines")
    house.live_until_the_camera_has_failed()
    falls = [delivery for delivery in house.deliveries if delivery.event.kind == "fall"]
    assert sum(len(to_line(fall(float(n), "fall"))) for n in range(len(falls))) <= 2048


def test_a_camera_that_is_hostile_from_the_start_ends_the_service_with_one_reason() -> None:
    house = House("stranger:pixels")
    house.live_until_the_camera_has_failed(times=99)
    assert "the vision process was ended: a line outside the vocabulary" in str(house.error)
    assert not leaks(house.everything())
    assert vision_processes() == []


def test_a_vision_process_that_does_not_listen_is_ended_all_the_same() -> None:
    house = House("trusted:deaf")
    house.live_until_the_camera_has_failed()
    assert vision_processes() == []
    assert not leaks(house.everything())


def test_half_a_line_is_never_acted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SILENCE_S", 0.5)
    house = House("trusted:half_a_line_and_silence")
    house.live_until_the_camera_has_failed()
    assert "no new picture" in house.said[0]
    assert not leaks(house.everything())


def test_a_camera_that_keeps_failing_is_started_ever_later_and_told_once_each_time() -> None:
    house = House("trusted:pixels")
    began_s = time.monotonic()
    house.live_until_the_camera_has_failed(times=3)
    assert time.monotonic() - began_s >= 0 + 1 + 2  # the pauses before the second, third and fourth start
    # each start beats once, and so ends the fault of the last: fault and all-clear take turns
    stages = [delivery.event.data.stage for delivery in house.deliveries if delivery.event.kind == CAMERA_FAULT]
    assert [stage.value for stage in stages[:5]] == ["confirmed", "cleared", "confirmed", "cleared", "confirmed"]


def test_a_camera_that_was_unplugged_for_a_month_is_still_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE_S", 0.2)
    house = House("trusted:pixels", failures=30 * 24 * 120)
    house.live_until_the_camera_has_failed(times=2)
    assert len(house.faults("confirmed")) >= 2


# -- the wall alone


@pytest.fixture
def wall() -> Wall:
    return Wall(rules={"fall"}, zones={"tub"})


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"null\n",
        b'"' + SECRET[:100].encode() + b'"\n',
        to_line(fall(1, "fall"))[:-1],  # no end of line
        to_line(fall(1, "fall")) + b"\n",
        to_line(fall(1, "fall")).replace(b'"why"', b'"count":1.0,"why"'),
        to_line(fall(1, "fall")).replace(b'"why"', b'"count":true,"why"'),
        to_line(fall(1, "fall")).replace(b'"why":{}', b'"why":{"torso_deg":1.2345}'),
        to_line(fall(1, "fall")).replace(b'"why":{}', b'"why":{"torso_deg":NaN}'),
        to_line(fall(1, "fall")).replace(b'"why":{}', b'"why":{"face":1.0}'),
        to_line(fall(1, "fall")).replace(b'"label":"person"', b'"label":"tanaka"'),
        to_line(fall(1, "fall")).replace(b'"type"', b'"note":"hello","type"'),
        to_line(fall(1, "fall")).replace(b'"rule"', b'"rule"', 1).replace(b"fall", "倒れ".encode()),
    ],
)
def test_no_line_but_the_one_spelling_passes(wall: Wall, line: bytes) -> None:
    with pytest.raises(WallError) as refused:
        wall.admit(line, 0.0)
    assert not leaks(str(refused.value))


@pytest.mark.parametrize("changed", [{"rule": "bear"}, {"zone": "bed"}])
def test_only_what_is_configured_may_be_named(wall: Wall, changed: dict[str, str]) -> None:
    signal = RuleSignal.model_validate(fall(1, "fall").model_dump() | changed)
    with pytest.raises(WallError, match="not in the configuration"):
        wall.admit(to_line(signal), 0.0)


def test_after_a_quiet_minute_there_is_room_again(wall: Wall) -> None:
    line = to_line(fall(1, "fall"))
    for _ in range(2048 // len(line)):
        wall.admit(line, 0.0)
    with pytest.raises(WallError, match="more than 2048 bytes"):
        wall.admit(line, 59.0)
    assert isinstance(wall.admit(line, 61.0), RuleSignal)


def test_heartbeats_all_have_one_length_and_a_budget_of_their_own(wall: Wall) -> None:
    assert {len(to_line(Beat(t_s=t_s, frames=frames))) for t_s, frames in [(0, 0), (999999.999, 999_999_999)]} == {
        BEAT_BYTES
    }
    for second in range(300):
        wall.admit(to_line(Beat(t_s=second, frames=second)), float(second))
    assert isinstance(wall.admit(to_line(fall(1, "fall")), 300.0), RuleSignal)
    assert fall(1, "fall").stage is Stage.CONFIRMED
