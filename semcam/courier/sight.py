"""Whether a camera sees, by its heartbeats, and for how long of each day it did not."""

import json
from datetime import UTC, date, datetime, timedelta, tzinfo

from semcam.contract.event import LostDay
from semcam.contract.signal import NOTICED_AFTER_S, Beat, View
from semcam.courier.moment import Moment

LATE_MS = 3000
"""A picture so old when it is judged is late: help would be called when the next fall has happened."""
KNOWS_AFTER_S = 15.0
"""A vision process that has just begun says that all is well before it can know; by then it does."""
DAYS = 8
"""So many are kept, with today."""
WRITE_EVERY_S = 60.0


class Lateness:
    """Tells when pictures have been late for long enough to be said, and when no longer."""

    def __init__(self) -> None:
        self._is_late = False
        self._turned_s: float | None = None
        """Since when heartbeats have said otherwise."""

    def view_of(self, beat: Beat) -> View:
        """What the heartbeat says; `late` where it sees well, but pictures that are old."""
        is_late = beat.age_ms is not None and beat.age_ms >= LATE_MS
        if is_late is self._is_late:
            self._turned_s = None
        elif self._turned_s is None or beat.t_s < self._turned_s:
            self._turned_s = beat.t_s
        elif beat.t_s - self._turned_s >= NOTICED_AFTER_S:
            self._is_late, self._turned_s = is_late, None
        return View.LATE if self._is_late and beat.view is View.OK else beat.view


class LostDays:
    """Sums of seconds, day by day as the calendar at the camera has them: some have 23 hours, and some 25."""

    def __init__(self, zone: tzinfo, written: str = "") -> None:
        """`written` is what `written` gave; what cannot be read begins anew."""
        self._zone = zone
        self._seconds: dict[date, float] = {}
        self._unwritten_s = 0.0
        self._counted: Moment | None = None
        try:
            days = json.loads(written) if written else {}
            self._seconds = {date.fromisoformat(day): float(seconds) for day, seconds in days.items()}
        except (ValueError, TypeError, AttributeError):
            self._seconds = {}

    def pass_time(self, now: Moment, lost: bool) -> None:
        """Count what has gone by since this was called last; `lost` is whether the camera did not see meanwhile."""
        since_s = now.since(self._counted) if self._counted else None
        self._counted = now
        if lost and since_s is not None:
            self.add(since_s, now)

    def add(self, seconds: float, now: Moment) -> None:
        """Count time that has just been lost."""
        today = self._day(now)
        self._seconds[today] = self._seconds.get(today, 0.0) + seconds
        self._unwritten_s += seconds
        self._forget(today)

    def of(self, now: Moment) -> tuple[LostDay, ...]:
        """Today, and the days of the last week on which anything was lost, the latest first."""
        today = self._day(now)
        self._forget(today)
        days = sorted({today, *self._seconds}, reverse=True)
        return tuple(LostDay(day=day.isoformat(), seconds=round(self._seconds.get(day, 0.0))) for day in days)

    @property
    def is_due(self) -> bool:
        """Whether so much has been counted that it should be written, and told."""
        return self._unwritten_s >= WRITE_EVERY_S

    def written(self) -> str:
        """All of it on one line."""
        self._unwritten_s = 0.0
        return json.dumps({day.isoformat(): round(seconds, 1) for day, seconds in sorted(self._seconds.items())})

    def _day(self, now: Moment) -> date:
        return datetime.fromtimestamp(now.unix_s, UTC).astimezone(self._zone).date()

    def _forget(self, today: date) -> None:
        """What is old, and what a clock that was wrong took for days to come."""
        oldest = today - timedelta(days=DAYS - 1)
        self._seconds = {day: seconds for day, seconds in self._seconds.items() if oldest <= day <= today}
