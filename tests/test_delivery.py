"""No alarm is lost: to `kill -9`, to a full disk, to a clock that is set. `benchmarks/delivery.py` does more of it."""

from pathlib import Path

from tests.ordeal import Ordeal, Plan, seconds_to_arrive


def suffer(folder: Path, plan: Plan) -> None:
    outcome = Ordeal(folder, plan).run()
    assert outcome.is_good, f"{outcome}; lost: {outcome.lost[:5]}; after its end: {outcome.after_its_end[:5]}"
    assert outcome.events >= plan.events
    assert (outcome.broker_kills, outcome.courier_kills) == (plan.broker_kills, plan.courier_kills)
    assert outcome.lost_in_memory == []
    assert min(outcome.stages[stage] for stage in ("suspected", "confirmed", "cleared")) > plan.events / 5


def test_nothing_is_lost_when_all_are_killed_and_the_tablet_is_away(tmp_path: Path) -> None:
    suffer(tmp_path, Plan(events=200, per_second=200, broker_kills=3, courier_kills=3))


def test_nothing_is_lost_on_a_disk_that_is_filled_and_freed(tmp_path: Path) -> None:
    suffer(tmp_path, Plan(events=200, per_second=200, broker_kills=2, courier_kills=2, disk="full"))


def test_nothing_is_lost_when_the_clock_is_set_back_and_the_broker_forgets_all(tmp_path: Path) -> None:
    plan = Plan(events=200, per_second=200, broker_kills=2, courier_kills=3, set_back=True, remembers=False)
    suffer(tmp_path, plan)


def test_a_signal_is_with_a_subscriber_in_a_moment(tmp_path: Path) -> None:
    seconds = seconds_to_arrive(tmp_path, 40, 20)
    assert seconds[len(seconds) // 2] < 0.5
