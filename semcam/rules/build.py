"""From the configuration of rules to rules that run."""

from semcam.contract.config import Job
from semcam.contract.rules import FallRule, SightingRule
from semcam.contract.rules import Rule as RuleConfig
from semcam.rules.fall import Fall
from semcam.rules.rule import Rule
from semcam.rules.sighting import Sighting


def build_rules(job: Job) -> list[Rule]:
    """One running rule for each configured one, in the order of the file."""
    return [_build(rule, job) for rule in job.rules.values()]


def _build(rule: RuleConfig, job: Job) -> Rule:
    match rule:
        case FallRule():
            beds = frozenset(name for name, zone in job.zones.items() if zone.lying_is_normal)
            return Fall(rule, beds, job.view)
        case SightingRule():
            return Sighting(rule)
