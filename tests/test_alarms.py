"""Which alarms burn: stories of one and of several people. No clock, no broker, no camera."""

import pytest

from semcam.contract.config import Camera, Config, Subject, Zone
from semcam.contract.event import MAX_EVENT_BYTES, AlarmState, Clock, MadeBy, Status
from semcam.contract.rules import FallRule, SightingRule
from semcam.contract.signal import Beat, Reason, RuleSignal, Stage, View
from semcam.courier.alarms import FAULT_KEY, AlarmBook, AlarmKey
from semcam.courier.delivery import Delivery, Numbering
from semcam.courier.desk import Desk

SUSPECTED, CONFIRMED, UPDATED, CLEARED = Stage.SUSPECTED, Stage.CONFIRMED, Stage.UPDATED, Stage.CLEARED
ANNA, BEN = AlarmKey("fall", 0, 1), AlarmKey("fall", 0, 2)


@pytest.fixture
def book() -> AlarmBook:
    return AlarmBook()


def test_two_people_on_the_floor_are_two_alarms(book: AlarmBook) -> None:
    assert book.take(ANNA, CONFIRMED, "e-1") == "e-1"
    assert book.take(BEN, CONFIRMED, "e-2") == "e-2"
    assert book.take(ANNA, UPDATED, "e-3") == "e-1"
    assert book.take(BEN, UPDATED, "e-4") == "e-2"


def test_who_gets_up_ends_only_their_own_alarm(book: AlarmBook) -> None:
    book.take(ANNA, CONFIRMED, "e-1")
    book.take(BEN, CONFIRMED, "e-2")
    assert book.take(ANNA, CLEARED, "e-3") == "e-1"
    assert not book.is_open(ANNA)
    assert book.state("fall") is AlarmState.ON
    assert book.take(BEN, CLEARED, "e-4") == "e-2"
    assert book.state("fall") is AlarmState.OFF


def test_a_suspicion_does_not_burn_until_it_is_confirmed(book: AlarmBook) -> None:
    book.take(ANNA, SUSPECTED, "e-1")
    assert book.state("fall") is AlarmState.OFF
    assert book.take(ANNA, CONFIRMED, "e-2") == "e-1"
    assert book.state("fall") is AlarmState.ON


def test_an_update_does_not_turn_a_suspicion_into_an_alarm(book: AlarmBook) -> None:
    book.take(ANNA, SUSPECTED, "e-1")
    book.take(ANNA, UPDATED, "e-2")
    assert book.state("fall") is AlarmState.OFF


def test_a_late_suspicion_does_not_put_a_burning_alarm_out(book: AlarmBook) -> None:
    book.take(ANNA, CONFIRMED, "e-1")
    book.take(ANNA, SUSPECTED, "e-2")
    assert book.state("fall") is AlarmState.ON


def test_who_falls_again_has_a_new_alarm(book: AlarmBook) -> None:
    book.take(ANNA, CONFIRMED, "e-1")
    book.take(ANNA, CLEARED, "e-2")
    assert book.take(ANNA, CONFIRMED, "e-3") == "e-3"


def test_a_bear_at_the_gate_does_not_set_off_the_fall_alarm(book: AlarmBook) -> None:
    book.take(AlarmKey("bear", 0, 1), CONFIRMED, "e-1")
    assert (book.state("bear"), book.state("fall")) == (AlarmState.ON, AlarmState.OFF)


def test_the_end_of_what_never_began_is_a_mistake_of_ours(book: AlarmBook) -> None:
    with pytest.raises(KeyError):
        book.take(ANNA, CLEARED, "e-1")


def test_when_the_camera_restarts_what_burns_goes_on_burning(book: AlarmBook) -> None:
    book.take(ANNA, CONFIRMED, "e-1")
    book.take(BEN, SUSPECTED, "e-2")
    book.forget_suspicions()
    assert book.is_open(ANNA)
    assert not book.is_open(BEN)
    # track 1 of the new run is somebody else until proven otherwise
    same_number = ANNA._replace(run=1)
    assert book.take(same_number, CONFIRMED, "e-3") == "e-3"
    book.take(same_number, CLEARED, "e-4")
    assert book.state("fall") is AlarmState.ON


def test_a_fault_of_the_camera_is_an_alarm_like_any_other(book: AlarmBook) -> None:
    book.take(FAULT_KEY, CONFIRMED, "e-1")
    assert book.state("camera_fault") is AlarmState.ON
    assert book.take(FAULT_KEY, CLEARED, "e-2") == "e-1"


# -- at the desk


class Shelf:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.statuses: list[Status] = []

    def deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)

    def tell_status(self, status: Status) -> None:
        self.statuses.append(status)

    def told(self) -> list[tuple[str, str, AlarmState | None]]:
        return [(each.event.kind, each.event.data.stage.value, each.state) for each in self.deliveries]


class StoppedClock:
    """Every event at the same time: no test here asks for another."""

    def stamp(self, t_s: float) -> tuple[str, Clock]:
        return "1970-01-01T00:00:00.000Z", Clock(synced=False, boot="test", mono_s=t_s)


HOUSE = Config(
    site="sakura-home",
    language="en",
    subjects={"tanaka": Subject(name="Ms Tanaka"), "sato": Subject(name="Mr Sato")},
    cameras={
        "room": Camera(
            place="bedroom",
            belongs_to="tanaka",
            zones={"bed-2": Zone(shape=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), belongs_to="sato")},
            rules={"fall": FallRule(id="fall"), "bear": SightingRule(id="bear", labels=("bear", "large_animal"))},
        )
    },
)


def desk_of(config: Config, shelf: Shelf) -> Desk:
    made_by = MadeBy(semcam="0.1.0", models="sha256:" + "0" * 12, config=config.digest())
    return Desk(config, next(iter(config.cameras)), StoppedClock(), Numbering("abcdef"), made_by, [shelf])


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def desk(shelf: Shelf) -> Desk:
    return desk_of(HOUSE, shelf)


def falls(stage: Stage, track: int, zone: str | None = None) -> RuleSignal:
    return RuleSignal(rule="fall", stage=stage, t_s=1.0, track=track, zone=zone, label="person")


def test_a_fall_from_suspicion_to_all_clear(desk: Desk, shelf: Shelf) -> None:
    for stage in (SUSPECTED, CONFIRMED, CLEARED):
        desk.take(falls(stage, 1))
    assert shelf.told() == [
        ("fall", "suspected", None),
        ("fall", "confirmed", AlarmState.ON),
        ("fall", "cleared", AlarmState.OFF),
    ]
    assert {each.event.data.alarm for each in shelf.deliveries} == {"abcdef-000001"}
    assert [each.event.data.severity.value for each in shelf.deliveries] == ["info", "critical", "info"]
    assert [each.event.data.seq for each in shelf.deliveries] == [1, 2, 3]


def test_the_name_comes_from_the_zone_where_there_is_one(desk: Desk, shelf: Shelf) -> None:
    desk.take(falls(CONFIRMED, 1))
    desk.take(falls(CONFIRMED, 2, "bed-2"))
    assert [each.event.data.message for each in shelf.deliveries] == [
        "Ms Tanaka has fallen in the bedroom.",
        "Mr Sato has fallen in the bedroom.",
    ]
    assert [each.event.subject for each in shelf.deliveries] == ["tanaka", "sato"]


def test_an_all_clear_that_nobody_waits_for_is_not_told(desk: Desk, shelf: Shelf) -> None:
    desk.take(falls(CLEARED, 1))
    assert shelf.deliveries == []


def test_a_camera_that_dies_again_and_again_is_reported_once(desk: Desk, shelf: Shelf) -> None:
    desk.fault()
    desk.fault()
    desk.fault()
    assert shelf.told() == [("camera_fault", "confirmed", AlarmState.ON)]
    desk.beat(Beat(t_s=0.0, frames=1))
    assert shelf.told()[1:] == [("camera_fault", "cleared", AlarmState.OFF)]


def test_a_fall_before_the_camera_died_is_not_ended_by_the_next_person_of_the_same_number(
    desk: Desk, shelf: Shelf
) -> None:
    desk.take(falls(CONFIRMED, 1))
    desk.fault()
    desk.beat(Beat(t_s=0.0, frames=1))
    desk.take(falls(CLEARED, 1))  # nobody's: the new run has not seen a fall
    desk.take(falls(CONFIRMED, 1))
    desk.take(falls(CLEARED, 1))
    fall_states = [state for kind, _, state in shelf.told() if kind == "fall"]
    assert fall_states == [AlarmState.ON, AlarmState.ON, AlarmState.ON]


def test_one_rule_tells_a_bear_from_a_large_animal(desk: Desk, shelf: Shelf) -> None:
    for track, label in enumerate(("bear", "large_animal")):
        desk.take(RuleSignal(rule="bear", stage=CONFIRMED, t_s=1.0, track=track, label=label))
    assert [each.event.kind for each in shelf.deliveries] == ["bear", "large_animal"]
    assert {each.event.data.rule for each in shelf.deliveries} == {"bear"}


def test_status_is_told_when_the_view_changes_and_not_with_every_heartbeat(desk: Desk, shelf: Shelf) -> None:
    for second in range(60):
        desk.beat(Beat(t_s=float(second), frames=10 * second + second % 2))
    quiet = len(shelf.statuses)
    assert quiet <= 2  # the first, and the first with a frame rate
    desk.beat(Beat(t_s=60.0, frames=600, view=View.DARK))
    assert [status.view for status in shelf.statuses[quiet:]] == [View.DARK]


def test_no_configuration_makes_an_event_too_large_to_be_published() -> None:
    """The longest names that the configuration takes; an event over the limit would be lost."""
    longest = _longest_text()
    name = "n" * 24
    config = Config(
        site=name,
        subjects={name: Subject(name=longest)},
        cameras={
            name: Camera(
                place=longest,
                belongs_to=name,
                zones={name: Zone(shape=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))},
                rules={name: FallRule(id=name)},
            )
        },
    )
    shelf = Shelf()
    why = dict.fromkeys(Reason, -9999.99)
    signal = RuleSignal(
        rule=name, stage=SUSPECTED, t_s=1.0, track=999_999, zone=name, label="person", count=999, why=why
    )
    desk_of(config, shelf).take(signal)
    (delivery,) = shelf.deliveries
    room_for_state = len('"state":"OFF",')
    assert len(delivery.event.to_json().encode()) + room_for_state <= MAX_EVENT_BYTES


def _longest_text() -> str:
    """The longest name, in the widest letters, that a subject may have; a kilobyte where there is no limit."""
    for length in range(1024, 0, -1):
        try:
            return str(Subject(name="倒" * length).name)
        except ValueError:
            continue
    raise AssertionError("no name is allowed at all")


@pytest.mark.parametrize("nothing", ["", {}, {"ja": ""}])
def test_a_name_must_say_something(nothing: str | dict[str, str]) -> None:
    with pytest.raises(ValueError, match="name"):
        Subject.model_validate({"name": nothing})
    with pytest.raises(ValueError, match="place"):
        Camera.model_validate({"place": nothing, "rules": {"fall": {"kind": "fall", "id": "fall"}}})
