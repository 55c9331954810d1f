"""Which alarms burn. Signals of one rule about one track are the steps of one alarm."""

from dataclasses import dataclass
from typing import NamedTuple

from semcam.contract.event import CAMERA_FAULT, AlarmState
from semcam.contract.signal import Stage


class AlarmKey(NamedTuple):
    """What makes two signals steps of the same alarm. Tracks count anew in each run of the vision process."""

    rule: str
    run: int = 0
    track: int = 0
    zone: str | None = None
    """Where it is about a place."""


FAULT_KEY = AlarmKey(CAMERA_FAULT)


@dataclass(slots=True)
class Alarm:
    """One alarm from its first step to its last."""

    id: str
    """The id of the event that began it."""
    stage: Stage


class AlarmBook:
    """The alarms of one camera that are not yet cleared."""

    def __init__(self) -> None:
        self._open: dict[AlarmKey, Alarm] = {}

    def take(self, key: AlarmKey, stage: Stage, event_id: str) -> str:
        """Enter one step, told by the event `event_id`; returns the id of the alarm.

        Raises:
            KeyError: the step ends an alarm that nobody was told of; ask `is_open` first.
        """
        if stage is Stage.CLEARED:
            return self._open.pop(key).id
        alarm = self._open.setdefault(key, Alarm(event_id, stage))
        if stage is Stage.CONFIRMED:
            alarm.stage = stage
        return alarm.id

    def state(self, rule: str) -> AlarmState:
        """Whether any alarm of the rule burns: a suspicion does not."""
        burning = any(key.rule == rule and alarm.stage is not Stage.SUSPECTED for key, alarm in self._open.items())
        return AlarmState.ON if burning else AlarmState.OFF

    def is_open(self, key: AlarmKey) -> bool:
        """Whether there is an uncleared alarm under `key`."""
        return key in self._open

    def forget_suspicions(self) -> None:
        """The vision process starts anew: what it only suspected will not be followed up; what burns goes on."""
        self._open = {key: alarm for key, alarm in self._open.items() if alarm.stage is not Stage.SUSPECTED}
