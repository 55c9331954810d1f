"""A night with five hundred falls: few messages, and none of them hides another person. Time is an argument."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from semcam.contract.broker import Broker
from semcam.contract.delivery import AlarmSettings
from semcam.contract.labels import PERSON
from semcam.contract.signal import Beat, RuleSignal, Stage, to_line
from tests.chatty_courier import CAMERA, SITE, Courier
from tests.conftest import Mosquitto
from tests.listening import Heard, Listener, listening
from tests.posting import Hands

PREFIX = f"semcam/{SITE}/{CAMERA}"
ANNA, BEN = 7, 8


class Night:
    """A camera and whoever listens to it; time passes when it is told to."""

    def __init__(self, courier: Courier, clock: Hands, family: Listener) -> None:
        self.courier = courier
        self.clock = clock
        self.family = family

    def sees(self, stage: Stage, track: int) -> None:
        self.courier.take(to_line(RuleSignal(rule="fall", stage=stage, t_s=0.0, track=track, label=PERSON)))
        self.courier.tend()

    def passes(self, seconds: float) -> None:
        self.clock.second += seconds
        self.courier.take(to_line(Beat(t_s=self.clock.second, frames=round(10 * self.clock.second))))
        self.courier.tend()

    def messages(self) -> list[Heard]:
        """What a subscriber has of it, once all has arrived."""
        last = self.courier.outbox.head.last
        self.courier.tend_until(lambda: [each.json["data"]["seq"] for each in self._events()][-1:] == [last])
        return self._events()

    def _events(self) -> list[Heard]:
        return [message for message in self.family.heard if "/event/" in message.topic]


@contextmanager
def a_night(mosquitto: Mosquitto, alarms: AlarmSettings) -> Iterator[Night]:
    clock = Hands()
    with listening(mosquitto.port) as family:
        courier = Courier(Broker(host="127.0.0.1", port=mosquitto.port), alarms=alarms, clock=clock)
        courier.post.start()
        courier.tend_until(lambda: bool(family.on(f"{PREFIX}/status")))
        yield Night(courier, clock, family)
        courier.close()


@pytest.fixture
def night(mosquitto: Mosquitto) -> Iterator[Night]:
    with a_night(mosquitto, AlarmSettings()) as quiet:
        yield quiet


def stages(messages: list[Heard]) -> Counter[str]:
    return Counter(message.json["data"]["stage"] for message in messages)


def test_five_hundred_suspected_falls_in_ten_minutes_are_six_messages_and_a_second_person_gets_through(
    night: Night,
) -> None:
    for number in range(500):
        night.sees(Stage.SUSPECTED, ANNA)
        if number == 250:
            night.messages()
            before = len(night.family.heard)
            night.sees(Stage.SUSPECTED, BEN)
            night.sees(Stage.CONFIRMED, BEN)
            # not a second passes by the clock of the camera, which is what everything is counted by
            burning = night.family.wait_for(lambda message: message.topic == f"{PREFIX}/alarm/fall", 5, after=before)
            assert burning.json["state"] == "ON"
            assert burning.json["data"]["stage"] == "confirmed"
        night.passes(0.6)
        night.sees(Stage.CLEARED, ANNA)
        night.passes(0.6)
    assert night.clock.second == pytest.approx(600)
    assert stages(night.messages()) == {"suspected": 3 + 1, "cleared": 3, "confirmed": 1, "escalated": 1}
    assert len(night.family.heard) <= 40, "retained states and heads included"


def test_under_a_new_number_each_time_they_are_forty_and_a_second_person_gets_through(night: Night) -> None:
    """Nobody can say then whether it is one person: of each rule, twenty are told within an hour."""
    for number in range(500):
        night.sees(Stage.SUSPECTED, 100 + number)
        if number == 250:
            told = len(night.messages())
            night.sees(Stage.CONFIRMED, BEN)
            assert [message.json["data"]["stage"] for message in night.messages()[told:]] == ["confirmed"]
        night.passes(0.6)
        night.sees(Stage.CLEARED, 100 + number)
        night.passes(0.6)
    assert stages(night.messages()) == {"suspected": 20, "cleared": 20, "confirmed": 1, "escalated": 1}


def test_falls_that_are_over_at_once_are_nine_messages_and_later_a_count(night: Night) -> None:
    for _ in range(250):
        night.sees(Stage.SUSPECTED, ANNA)
        night.sees(Stage.CONFIRMED, ANNA)
        night.passes(1.2)
        night.sees(Stage.CLEARED, ANNA)
        night.passes(1.2)
    assert stages(night.messages()) == {"suspected": 3, "confirmed": 3, "cleared": 3}
    assert len(night.family.heard) <= 40, "retained states and heads included"
    night.passes(3600)
    *_, count = night.messages()
    assert (count.json["data"]["stage"], count.json["data"]["times"]) == ("updated", 247)


def test_the_fall_that_lasts_is_told_in_a_storm_too(night: Night) -> None:
    for _ in range(100):
        night.sees(Stage.CONFIRMED, ANNA)
        night.passes(1)
        night.sees(Stage.CLEARED, ANNA)
    told = len(night.messages())
    night.sees(Stage.CONFIRMED, ANNA)
    for _ in range(121):
        night.passes(1)
    (last,) = night.messages()[told:]
    assert (last.json["data"]["stage"], last.json["data"]["severity"]) == ("confirmed", "critical")
    assert last.json["data"]["times"] == 98  # with those that were held back


def test_whoever_wants_to_hear_all_of_it_can(mosquitto: Mosquitto) -> None:
    with a_night(mosquitto, AlarmSettings(often=0)) as loud:
        for _ in range(50):
            loud.sees(Stage.CONFIRMED, ANNA)
            loud.passes(1)
            loud.sees(Stage.CLEARED, ANNA)
        assert stages(loud.messages()) == {"confirmed": 50, "cleared": 50}
