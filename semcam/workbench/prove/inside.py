"""The vision process as `semcam prove` starts it: the same in all, but that it tries every attack and tells of each.

    python -m semcam.workbench.prove.inside < job.json > signals

What is wanted stands in the environment, as JSON; a job can change nothing of it. Before the confinement nothing may be
loaded that starts threads, as in the vision process itself.
"""

import os
import sys
from pathlib import Path

from semcam.contract.base import Frozen
from semcam.vision.confine.attacks import ATTACKS, Attack, Target
from semcam.vision.confine.confinement import Layer, Plan
from semcam.vision.start import main

WANTED = "SEMCAM_PROVE"
REFUSED, WENT_THROUGH = "refused", "went-through"


class Wanted(Frozen):
    """What the process shall do without, and what it attacks beside its courier."""

    folder: Path
    kept: Path
    """A file in it."""
    without: tuple[Layer, ...] = ()


def _tell(attack: Attack, went_through: bool) -> None:
    os.write(2, f"attack {attack.name} {WENT_THROUGH if went_through else REFUSED}\n".encode())


def plan_for(wanted: Wanted) -> Plan:
    """Every layer but those that are to be masked off, and every attack."""
    reading = os.open(wanted.kept, os.O_RDONLY | os.O_CLOEXEC)
    target = Target(os.getppid(), wanted.folder, wanted.kept, reading)
    return Plan(frozenset(Layer) - set(wanted.without), ATTACKS, target, _tell)


if __name__ == "__main__":
    sys.exit(main(plan_for(Wanted.model_validate_json(os.environ[WANTED]))))
