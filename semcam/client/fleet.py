"""`semcam fleet`: how every camera fares, from what the broker retains. The troubled ones come first."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from semcam.client.reading import read_alarm, read_payload
from semcam.client.retained import Retained
from semcam.contract.broker import Broker
from semcam.contract.errors import BrokerError
from semcam.contract.event import FAULTS, VIEW_LOST, Alarm, AlarmState, Status
from semcam.contract.rule_base import Severity
from semcam.contract.settings import Outcome, SettingsState
from semcam.contract.signal import View
from semcam.courier.mqtt import Received

REFRESH_S = 1.0
STALE_S = 180.0
"""The time of the last picture is told once a minute: so long without it is no delay any more."""
AHEAD_S = 120.0
"""A picture from the future: one of the two clocks is wrong."""
_SEES = (View.OK, View.DARK)
"""A dark room at night is none of the camera's fault."""


class Health(IntEnum):
    """How a house fares, the worst first; also the exit code of `semcam fleet`."""

    TROUBLE = 4
    """A camera is offline, sees nothing, or does not do what it shall."""
    BURNING = 3
    """Every camera works, and an alarm burns."""
    WELL = 0


@dataclass(slots=True)
class Row:
    """What is known of one camera."""

    name: str
    """`site/camera`."""
    status: Status | None = None
    alarms: dict[str, Alarm] = field(default_factory=dict)
    """Those that burn, by their rule."""
    settings: SettingsState | None = None

    @property
    def is_online(self) -> bool:
        """Whether its courier is connected to the broker."""
        return self.status is not None and self.status.state == "online"

    @property
    def version(self) -> str | None:
        """Of semcam."""
        made_by = self.status.made_by if self.status else None
        return made_by.semcam if made_by else None

    @property
    def privacy(self) -> str | None:
        """`kept`, or what does not hold."""
        report = self.status.privacy if self.status else None
        if report is None:
            return None
        missing = report.layers.missing()
        return f"without {', '.join(missing)}" if missing else "kept"

    @property
    def burning(self) -> tuple[str, ...]:
        """The rules whose alarms burn, without faults of the camera itself."""
        return tuple(sorted(set(self.alarms) - set(FAULTS)))

    def frame_age_s(self, now: datetime) -> float | None:
        """Seconds since it looked at a picture, to a minute; negative where a clock is wrong."""
        last = self.status.last_frame if self.status else None
        try:
            return (now - datetime.fromisoformat(last)).total_seconds() if last else None
        except (ValueError, TypeError):
            return None

    def troubles(self, now: datetime) -> list[str]:
        """What is wrong with the camera itself, the worst first."""
        return list(self._troubles(now))

    def health(self, now: datetime) -> Health:
        """The sum of it."""
        return Health.TROUBLE if self.troubles(now) else Health.BURNING if self.burning else Health.WELL

    def _troubles(self, now: datetime) -> Iterator[str]:
        if self.status is None or not self.is_online:
            yield "offline"
            return
        is_blind = self.status.view not in (None, *_SEES)
        for fault in FAULTS:
            if fault in self.alarms and _is_trouble(self.alarms[fault]) and not (fault == VIEW_LOST and is_blind):
                yield fault.replace("_", " ")
        age_s = self.frame_age_s(now)
        if age_s is not None and age_s > STALE_S:
            yield f"no picture for {in_short(age_s)}"
        elif age_s is not None and age_s < -AHEAD_S:
            yield f"its clock is {in_short(-age_s)} ahead"
        if is_blind:
            yield f"view: {self.status.view}"
        if self.privacy not in (None, "kept"):
            yield f"privacy: {self.privacy}"
        if self.settings and self.settings.outcome in (Outcome.REFUSED, Outcome.ROLLED_BACK):
            yield f"settings {self.settings.outcome.replace('_', ' ')}"


class Fleet:
    """All cameras that have ever told the broker something."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    @staticmethod
    def topics(site: str) -> list[str]:
        """What must be listened to."""
        return [f"semcam/{site}/+/{part}" for part in ("status", "alarm/+", "settings/state")]

    def take(self, heard: Iterable[Received]) -> None:
        """What the broker has told."""
        for note in heard:
            _, site, camera, *rest = note.topic.split("/")
            row = self._rows.setdefault(f"{site}/{camera}", Row(f"{site}/{camera}"))
            try:
                _note(row, rest, note.payload)
            except ValueError:
                continue  # somebody else's, or of a later version: semcam watch names it

    def rows(self, now: datetime) -> list[Row]:
        """Those that ever had a status: the troubled first, then where alarms burn, then by name."""
        known = [row for row in self._rows.values() if row.status is not None]
        return sorted(known, key=lambda row: (-row.health(now), row.is_online, row.name))

    def health(self, now: datetime) -> Health:
        """Of the worst."""
        return max((row.health(now) for row in self.rows(now)), default=Health.WELL)


def _is_trouble(fault: Alarm) -> bool:
    """What is told for information only, such as that it is dark, is none."""
    return fault.event is None or fault.event.data.severity is not Severity.INFO


def _note(row: Row, rest: list[str], payload: bytes) -> None:
    """An empty payload: somebody has removed what was retained of a camera that is no more."""
    match rest:
        case ["status"]:
            row.status = read_payload(Status, payload) if payload else None
        case ["settings", "state"]:
            row.settings = read_payload(SettingsState, payload) if payload else None
        case ["alarm", rule] if payload and (alarm := read_alarm(payload)).state is AlarmState.ON:
            row.alarms[rule] = alarm
        case ["alarm", rule]:
            row.alarms.pop(rule, None)


def look_at_fleet(broker: Broker, site: str) -> Iterator[tuple[Fleet, datetime]]:
    """All that is retained; and then again whenever a second has passed, for ever.

    Raises:
        BrokerError: the broker cannot be reached, or no camera has ever told it anything.
    """
    fleet = Fleet()
    with Retained(broker, fleet.topics(site)) as retained:
        fleet.take(retained.hear_all())
        if not fleet.rows(now := datetime.now(UTC)):
            raise BrokerError(f"no camera {site}/+ has ever told {broker.where} anything; check site, port and user")
        yield fleet, now
        while True:
            until_s = time.monotonic() + REFRESH_S
            while (left_s := until_s - time.monotonic()) > 0:
                fleet.take(retained.hear(left_s))
            yield fleet, datetime.now(UTC)


def in_json(fleet: Fleet, now: datetime) -> str:
    """Everything, as one JSON object on one line."""
    rows = fleet.rows(now)
    counts = {health.name.lower(): sum(row.health(now) is health for row in rows) for health in Health}
    document = {"at": _time(now), "cameras": [_as_json(row, now) for row in rows], "counts": counts}
    return json.dumps(document, ensure_ascii=False)


def _as_json(row: Row, now: datetime) -> dict[str, Any]:
    site, _, camera = row.name.partition("/")
    age_s = row.frame_age_s(now)
    status = json.loads(row.status.model_dump_json(exclude_none=True)) if row.status else {}
    return {
        "site": site,
        "camera": camera,
        "health": row.health(now).name.lower(),
        "troubles": row.troubles(now),
        "burning": {rule: _alarm_id(alarm) for rule, alarm in sorted(row.alarms.items())},
        "frame_age_s": None if age_s is None else round(age_s),
        "version": row.version,
        "settings": row.settings.number if row.settings else None,
        **status,
    }


def _alarm_id(alarm: Alarm) -> str | None:
    return alarm.event.data.alarm if alarm.event else None


def _time(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def in_short(seconds: float) -> str:
    """A time as it fits into a column: 12 s, 3 min, 5 h, 2 d."""
    for unit, length_s in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds // length_s:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
