"""A process that attacks itself, held by the layers that it is told: python -m tests.attacked FOLDER STAGE LAYER...

Prints what went through, as JSON. STAGE is `free`, `loading` or `looking`.
"""

import json
import os
import sys
from pathlib import Path

from semcam.vision.confine.attacks import ATTACKS, Attack, Target
from semcam.vision.confine.confinement import Confinement, Layer, Plan


def main(folder: str, stage: str, *layers: str) -> None:
    went_through: dict[str, bool] = {}
    target = Target.prepare(Path(folder))

    def tell(attack: Attack, through: bool) -> None:
        went_through[attack.name] = through

    # under filters no process can be started, and after the last of them an attack is the end: before it, then
    inside = stage == "looking" and Layer.SECCOMP.value in layers
    plan = Plan(frozenset(map(Layer, layers)), ATTACKS if inside else (), target, tell)
    confinement = Confinement(plan)
    if stage != "free":
        confinement.before_libraries((Path(folder),), None)
    if stage == "looking":
        confinement.before_frames(sys.stdout.fileno(), lambda: None)
    for attack in () if inside else ATTACKS:
        tell(attack, apart(attack, target))
    states = confinement.layers.model_dump(mode="json")
    os.write(sys.stdout.fileno(), json.dumps({"went_through": went_through, "layers": states}).encode())
    os._exit(0)


def apart(attack: Attack, target: Target) -> bool:
    """In a process of its own where that is possible: some attacks leave nothing of the process that makes them."""
    try:
        child = os.fork()
    except OSError:
        return attack.goes_through(target)
    if child == 0:
        os._exit(0 if attack.goes_through(target) else 1)
    return os.waitpid(child, 0)[1] == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
