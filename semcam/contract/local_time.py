"""What the clocks on the wall of the camera's place show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A reading of a wall clock; around a change to summer time it leaps as the clock does."""

    day: int
    """Days of the calendar, counted from a day long ago."""
    weekday: int
    """0 for Monday to 6 for Sunday."""
    minute: float
    """Since midnight, 0 to 1440."""


LocalTimes = Callable[[float], LocalTime]
"""From the source's own time, in seconds, to the wall clock at that moment."""


def local_time(unix_s: float, zone: tzinfo) -> LocalTime:
    """The wall clock in a time zone at a moment given in seconds since 1970, UTC."""
    moment = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=unix_s)).astimezone(zone)
    minute = moment.hour * 60 + moment.minute + (moment.second + moment.microsecond / 1e6) / 60
    return LocalTime(moment.toordinal(), moment.weekday(), minute)


def source_times(start_unix_s: float, zone: tzinfo) -> LocalTimes:
    """The wall clock of a source that began at a given moment."""
    return lambda t_s: local_time(start_unix_s + t_s, zone)


def read_zone(name: str) -> tzinfo:
    """A time zone by its name, `Asia/Tokyo`, or by its distance from UTC, `+09:00`.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    try:
        offset = datetime.strptime(name, "%z").utcoffset()
    except ValueError:
        offset = None
    if offset is None:
        raise ValueError(f"{name!r} is not a time zone; write it like Asia/Tokyo or +09:00")
    return timezone(offset)
