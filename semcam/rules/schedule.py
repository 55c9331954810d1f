"""When a rule is in force: hours of the local day, across midnight too, and the days on which they begin."""

from dataclasses import dataclass

from semcam.contract.local_time import LocalTime
from semcam.contract.rule_base import WEEKDAYS, RuleBase, minutes


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hours and days as numbers."""

    begins: int = 0
    """Minutes since midnight."""
    ends: int = 24 * 60
    """The same; before `begins` where the hours run across midnight."""
    weekdays: frozenset[int] = frozenset(range(7))
    """On which the hours begin; 0 is Monday."""

    @classmethod
    def of(cls, rule: RuleBase) -> "Schedule":
        """What the rule says of itself."""
        begins, ends = map(minutes, rule.between or ("00:00", "24:00"))
        weekdays = frozenset(map(WEEKDAYS.index, rule.weekdays))
        return cls(begins, ends, weekdays or frozenset(range(7)))

    def is_open(self, now: LocalTime) -> bool:
        """Whether the rule is in force; the hour it ends at no longer counts."""
        if self.begins < self.ends:
            return self.begins <= now.minute < self.ends and now.weekday in self.weekdays
        if now.minute >= self.begins:
            return now.weekday in self.weekdays
        return now.minute < self.ends and (now.weekday - 1) % 7 in self.weekdays
