"""From the configuration of rules to rules that run."""

from collections.abc import Callable
from typing import Any

from semcam.contract import rules as told
from semcam.contract.config import Job
from semcam.contract.local_time import LocalTimes
from semcam.rules.absence import Absence
from semcam.rules.closed_hours import ClosedHours
from semcam.rules.dwell import Dwell
from semcam.rules.entered import Entered
from semcam.rules.fall import Fall
from semcam.rules.gesture import Gesture
from semcam.rules.left import Left
from semcam.rules.left_bed import LeftBed
from semcam.rules.left_behind import LeftBehind
from semcam.rules.line_crossed import LineCrossed
from semcam.rules.long_stay import LongStay
from semcam.rules.lying import Lying
from semcam.rules.no_motion import NoMotion
from semcam.rules.not_back import NotBack
from semcam.rules.occupancy import Occupancy
from semcam.rules.queue import Queue
from semcam.rules.room import Room
from semcam.rules.rule import Rule
from semcam.rules.sighting import Sighting
from semcam.rules.taken import Taken
from semcam.rules.wandering import Wandering
from semcam.rules.when import When

_BUILDERS: dict[type[told.AnyRule], Callable[[Any, Room], Rule]] = {
    told.FallRule: Fall,
    told.SightingRule: Sighting,
    told.LyingRule: Lying,
    told.LongStayRule: LongStay,
    told.AbsenceRule: Absence,
    told.LeftBedRule: LeftBed,
    told.NotBackRule: NotBack,
    told.WanderingRule: Wandering,
    told.GestureRule: Gesture,
    told.NoMotionRule: NoMotion,
    told.EnteredRule: Entered,
    told.LeftRule: Left,
    told.DwellRule: Dwell,
    told.LineCrossedRule: LineCrossed,
    told.OccupancyRule: Occupancy,
    told.QueueRule: Queue,
    told.ClosedHoursRule: ClosedHours,
    told.LeftBehindRule: LeftBehind,
    told.TakenRule: Taken,
    told.WhenRule: When,
}


def build_rules(job: Job, aspect: float, local: LocalTimes) -> dict[str, Rule]:
    """One running rule for each configured one, in the order of the file.

    `aspect` is the picture's width over its height.
    """
    room = Room.of(job, aspect, local)
    return {id: _BUILDERS[type(rule)](rule, room) for id, rule in job.rules.items()}
