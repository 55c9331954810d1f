"""From the configuration of rules to rules that run."""

from collections.abc import Mapping

from semcam.contract.config import Zone
from semcam.contract.rules import FallRule, SightingRule
from semcam.contract.rules import Rule as RuleConfig
from semcam.rules.fall import Fall
from semcam.rules.rule import Rule
from semcam.rules.sighting import Sighting


def build_rules(rules: Mapping[str, RuleConfig], zones: Mapping[str, Zone]) -> list[Rule]:
    """One running rule for each configured one, in the order of the file."""
    return [_build(rule, zones) for rule in rules.values()]


def _build(rule: RuleConfig, zones: Mapping[str, Zone]) -> Rule:
    match rule:
        case FallRule():
            return Fall(rule, frozenset(name for name, zone in zones.items() if zone.lying_is_normal))
        case SightingRule():
            return Sighting(rule)
