"""Why each alarm was raised, and what came closest where none was: the rules' own conditions, in words."""

from collections.abc import Iterable

from semcam.contract.signal import Stage
from semcam.courier.console import clip_position
from semcam.rules.condition import Asked


class Explainer:
    """Listens to what the rules ask while a clip runs."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._confirmed: set[str] = set()
        self._nearest: dict[str, tuple[float, Asked]] = {}

    def listen(self, t_s: float, questions: Iterable[tuple[str, Asked]]) -> None:
        """Take in what each rule, named by its id, asked about the frame at `t_s`."""
        for rule, asked in questions:
            if asked.met:
                self._told.append(f"{clip_position(t_s)}  {rule} {asked.stage}, {_who(asked)}: {_reasons(asked)}")
                if asked.stage is Stage.CONFIRMED:
                    self._confirmed.add(rule)
            elif asked.stage is not Stage.CLEARED:
                best = self._nearest.get(rule)
                if best is None or _nearness(asked) > _nearness(best[1]):
                    self._nearest[rule] = (t_s, asked)

    def sentences(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        """One for each step of each alarm, and one for each of the `rules` that confirmed nothing."""
        return (*self._told, *(self._nearest_to(rule) for rule in rules if rule not in self._confirmed))

    def _nearest_to(self, rule: str) -> str:
        if rule not in self._nearest:
            return f"nothing came near to {rule}: nothing that it asks about was in view"
        t_s, asked = self._nearest[rule]
        return f"nearest to {rule} ({asked.stage}): {_who(asked)} at {clip_position(t_s)}: {_reasons(asked)}"


def _who(asked: Asked) -> str:
    if isinstance(asked.about, str):
        return asked.about
    return f"{asked.about.label.replace('_', ' ')} {asked.about.id}"


def _reasons(asked: Asked) -> str:
    *met, last = map(str, asked.conditions)
    if asked.met:
        return ", ".join((*met, last))
    return f"{', '.join(met)}, but {last}" if met else last


def _nearness(asked: Asked) -> tuple[bool, float]:
    """The conditions are asked in order: the further one gets, and the more of the next one is there, the nearer."""
    return asked.stage is Stage.CONFIRMED, sum(condition.share for condition in asked.conditions)
