"""Events in order, each once, and what is missing asked for: however the broker loses, doubles and shuffles them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.client.sequencer import (
    ASK_AGAIN_S,
    GRACE_S,
    HOLD_AT_MOST_S,
    HOLD_S,
    Ask,
    Deliver,
    Missing,
    Sequencer,
    Step,
)
from semcam.contract.event import Event, Head, HeadSpan
from tests.test_event import a_fall

fuzz = settings(max_examples=300, deadline=None, derandomize=True)


def numbered(seq: int, epoch: str = "aaaa") -> Event:
    event = a_fall(seq=seq)
    return event.model_copy(update={"id": f"{epoch}-{seq:06d}"})


def delivered(steps: list[Step]) -> list[str]:
    return [step.event.id for step in steps if isinstance(step, Deliver)]


def ids(*numbers: int, epoch: str = "aaaa") -> list[str]:
    return [f"{epoch}-{number:06d}" for number in numbers]


def asks(steps: list[Step]) -> list[Ask]:
    return [step for step in steps if isinstance(step, Ask)]


def head(epoch: str, first: int, last: int, *before: tuple[str, int, int]) -> Head:
    spans = tuple(HeadSpan(epoch=name, first=one, last=other) for name, one, other in before)
    return Head(epoch=epoch, first=first, last=last, before=spans)


def waiting(family: Sequencer, seconds: float, since_s: float = 0.0) -> list[Step]:
    """What is done while time passes."""
    return [step for tick in range(int(seconds * 4)) for step in family.tick(since_s + tick / 4)]


def without_asking(steps: list[Step]) -> list[Step]:
    return [step for step in steps if not isinstance(step, Ask)]


def follower(last: int = 0) -> Sequencer:
    """Somebody who has heard everything up to `last`."""
    return Sequencer({"aaaa": last + 1})


def test_a_newcomer_hears_what_happens_from_now_on() -> None:
    newcomer = Sequencer()
    assert newcomer.head(head("aaaa", 1, 41), 0.0) == []
    assert newcomer.tick(60.0) == []
    assert delivered(newcomer.event(numbered(42), 61.0)) == ids(42)


def test_a_newcomer_to_a_camera_that_was_never_told_of_begins_with_the_first_event_that_comes() -> None:
    newcomer = Sequencer()
    assert delivered(newcomer.event(numbered(7), 0.0)) == ids(7)
    assert delivered(newcomer.event(numbered(6), 0.1)) == []


def test_what_comes_twice_is_told_once() -> None:
    family = follower()
    told = [family.event(numbered(number), 0.0) for number in (1, 1, 2, 1, 2, 3)]
    assert [name for steps in told for name in delivered(steps)] == ids(1, 2, 3)


def test_a_gap_is_asked_for_after_a_moment_and_then_told_in_order() -> None:
    family = follower()
    assert family.event(numbered(3), 0.0) == []
    assert family.tick(GRACE_S / 2) == []
    assert asks(family.tick(GRACE_S)) == [Ask("aaaa", 1, 2)]
    assert family.tick(GRACE_S + 1) == []
    assert delivered(family.event(numbered(2), 2.0)) == []
    assert delivered(family.event(numbered(1), 2.0)) == ids(1, 2, 3)
    assert family.tick(99.0) == []


def test_a_subscriber_who_was_away_asks_for_what_the_head_says_there_was() -> None:
    family = follower(last=10)
    family.head(head("aaaa", 1, 14), 0.0)
    assert asks(family.tick(GRACE_S)) == [Ask("aaaa", 11, 14)]
    assert asks(family.tick(GRACE_S + ASK_AGAIN_S)) == [Ask("aaaa", 11, 14)]


def test_what_the_camera_no_longer_has_is_named_as_missing() -> None:
    family = follower(last=10)
    assert family.head(head("aaaa", 13, 14), 0.0) == [Missing("aaaa", 11, 12)]
    assert delivered(family.event(numbered(13), 0.1)) == ids(13)


def test_a_camera_that_does_not_answer_must_not_hold_back_the_next_fall_for_ever() -> None:
    family = follower()
    family.event(numbered(2), 0.0)
    told = without_asking(waiting(family, HOLD_S + 2))
    assert told == [Missing("aaaa", 1, 1, is_final=False), Deliver(numbered(2))]


def test_what_was_not_waited_for_any_longer_is_still_asked_for_and_told_when_it_comes() -> None:
    family = follower()
    family.event(numbered(3), 0.0)
    waiting(family, HOLD_S + 2)
    later = waiting(family, 120, HOLD_S + 2)
    assert {Ask("aaaa", 1, 2)} == set(later)
    assert len(later) <= 7, "ever more seldom"
    assert delivered(family.event(numbered(2), 200.0)) == ids(2)
    assert delivered(family.event(numbered(2), 201.0)) == []
    assert asks(waiting(family, 120, 201.0))[0] == Ask("aaaa", 1, 1)
    assert family.head(head("aaaa", 3, 3), 400.0) == []
    assert waiting(family, 120, 400.0) == [], "the camera no longer has it"


def test_a_question_that_may_be_lost_is_asked_anew_once_there_is_a_connection() -> None:
    family = follower()
    family.event(numbered(3), 0.0)
    assert asks(family.tick(GRACE_S)) == [Ask("aaaa", 1, 2)]
    family.reconnected(1.0)
    assert asks(family.tick(1.0)) == []
    assert asks(family.tick(1.0 + GRACE_S)) == [Ask("aaaa", 1, 2)]


def test_no_time_to_answer_is_no_reason_to_tell_things_out_of_order_but_even_that_has_an_end() -> None:
    """A broker that dies every 10 seconds."""
    family = follower()
    family.event(numbered(2), 0.0)
    told: list[tuple[float, Step]] = []
    for tick in range(4 * 200):
        if tick % 40 == 0:
            family.reconnected(tick / 4)
        told += [(tick / 4, step) for step in family.tick(tick / 4) if not isinstance(step, Ask)]
    assert [step for _, step in told] == [Missing("aaaa", 1, 1, is_final=False), Deliver(numbered(2))]
    assert {now_s for now_s, _ in told} == {HOLD_AT_MOST_S}


def test_an_answer_that_comes_bit_by_bit_is_not_asked_for_again_and_again() -> None:
    family = follower()
    family.head(head("aaaa", 1, 60), 0.0)
    assert asks(family.tick(GRACE_S)) == [Ask("aaaa", 1, 60)]
    for number in range(1, 31):
        since_s = GRACE_S + number
        assert asks(family.event(numbered(number), since_s) + waiting(family, 1, since_s)) == []
    assert asks(waiting(family, 4, since_s))[0] == Ask("aaaa", 31, 60), "it has stopped"


def test_nothing_is_given_up_while_nothing_waits_for_it() -> None:
    """The camera is away; there may be an end to that."""
    family = follower(last=10)
    family.head(head("aaaa", 1, 14), 0.0)
    assert without_asking(waiting(family, 3600)) == []
    assert [delivered(family.event(numbered(number), 3600.0)) for number in range(11, 15)] == [
        ids(number) for number in range(11, 15)
    ]


def test_a_camera_that_lost_its_memory_begins_anew_and_nothing_old_is_told_again() -> None:
    family = follower(last=5)
    assert asks(family.head(head("bbbb", 1, 1), 1.0)) == []
    assert asks(family.tick(1.0 + GRACE_S)) == [Ask("bbbb", 1, 1)]
    assert delivered(family.event(numbered(1, "bbbb"), 2.0)) == ids(1, epoch="bbbb")
    assert delivered(family.event(numbered(5), 3.0)) == []


def test_what_is_missing_of_an_epoch_that_is_over_is_asked_for_and_then_given_up() -> None:
    family = follower(last=5)
    family.event(numbered(8), 0.0)
    family.head(head("bbbb", 1, 0), 0.0)
    told = waiting(family, HOLD_S + 2)
    assert Ask("aaaa", 6, 7) in told
    assert without_asking(told) == [Missing("aaaa", 6, 7, is_final=False), Deliver(numbered(8))]


def test_the_end_of_an_epoch_that_a_broker_forgot_is_asked_for_and_told_before_the_next_one() -> None:
    """Its disk fails: the camera goes on under other numbers, and says how far the old ones went."""
    family = follower(last=5)
    family.head(head("bbbb", 1, 1, ("aaaa", 1, 7)), 0.0)
    assert delivered(family.event(numbered(1, "bbbb"), 0.1)) == []
    assert asks(waiting(family, 2)) == [Ask("aaaa", 6, 7)]
    assert delivered(family.event(numbered(6), 3.0)) == ids(6)
    assert delivered(family.event(numbered(7), 3.0)) == [*ids(7), *ids(1, epoch="bbbb")]


def test_a_whole_epoch_that_was_missed_is_asked_for_in_its_turn() -> None:
    family = follower(last=5)
    family.head(head("cccc", 1, 1, ("aaaa", 1, 5), ("bbbb", 3, 4)), 0.0)
    assert asks(waiting(family, 2)) == [Ask("bbbb", 3, 4)]
    for number in (3, 4):
        family.event(numbered(number, "bbbb"), 3.0)
    assert asks(waiting(family, 2, 3.0)) == [Ask("cccc", 1, 1)]


def test_an_epoch_from_before_its_time_is_nothing_to_a_newcomer() -> None:
    newcomer = Sequencer()
    assert delivered(newcomer.event(numbered(7, "bbbb"), 0.0)) == ids(7, epoch="bbbb")
    said = head("bbbb", 1, 7, ("aaaa", 1, 900))
    assert newcomer.head(said, 0.1) == []
    assert Sequencer().head(said, 0.0) == []
    assert waiting(newcomer, 120) == []


def test_an_old_head_that_a_broker_kept_over_its_death_does_no_harm() -> None:
    family = follower(last=5)
    family.head(head("bbbb", 1, 2, ("aaaa", 1, 5)), 0.0)
    family.event(numbered(1, "bbbb"), 0.0)
    assert without_asking(family.head(head("aaaa", 1, 4), 1.0)) == []
    assert without_asking(waiting(family, 600, 1.0)) == []
    assert delivered(family.event(numbered(2, "bbbb"), 601.0)) == ids(2, epoch="bbbb")
    assert delivered(family.event(numbered(3, "bbbb"), 602.0)) == ids(3, epoch="bbbb")


def test_a_camera_whose_disk_works_again_comes_back_to_its_old_epoch_and_is_heard() -> None:
    family = follower(last=5)
    family.head(head("memory", 1, 1), 0.0)
    assert delivered(family.event(numbered(1, "memory"), 0.1)) == ids(1, epoch="memory")
    family.head(head("aaaa", 1, 6), 1.0)
    assert delivered(family.event(numbered(6), 1.1)) == ids(6)
    assert family.tick(99.0) == []


def test_the_next_subscriber_goes_on_where_the_last_one_stopped() -> None:
    family = follower(last=5)
    family.head(head("bbbb", 1, 3), 0.0)
    for number in (1, 2):
        family.event(numbered(number, "bbbb"), 0.1)
    heir = Sequencer(family.places)
    heir.head(head("bbbb", 1, 3), 100.0)
    assert asks(heir.tick(100.0 + GRACE_S)) == [Ask("bbbb", 3, 3)]


def test_a_long_absence_is_asked_for_in_parts() -> None:
    family = follower()
    family.head(head("aaaa", 1, 1200), 0.0)
    (ask,) = asks(family.tick(GRACE_S))
    assert (ask.first, ask.last) == (1, 500)


@pytest.mark.parametrize("loss", [0.0, 0.2, 0.5])
@given(seed=st.integers(0, 10**6), count=st.integers(1, 40))
@settings(fuzz, max_examples=60)
def test_whatever_the_broker_loses_doubles_and_shuffles_all_is_told_once_and_in_order_unless_that_takes_too_long(
    loss: float, seed: int, count: int
) -> None:
    chance = random.Random(seed)
    family = follower()
    on_the_way: list[int] = []
    told: list[str] = []
    now_s, said, is_patient = 0.0, 0, True
    for _ in range(4000):
        now_s += 0.25
        steps = family.tick(now_s)
        if said < count:
            said += 1
            on_the_way += [said] * chance.choice([1, 1, 2])
            steps += family.head(head("aaaa", 1, said), now_s)
        chance.shuffle(on_the_way)
        for number in [on_the_way.pop() for _ in range(chance.randint(0, len(on_the_way)))]:
            if chance.random() >= loss:
                steps += family.event(numbered(number), now_s)
        for ask in asks(steps):
            on_the_way += range(ask.first, ask.last + 1)
        is_patient &= not any(isinstance(step, Missing) for step in steps)
        told += delivered(steps)
        if said == count and len(told) == count:
            break
    assert (told if is_patient else sorted(told)) == ids(*range(1, count + 1))
    assert is_patient or loss > 0.2
