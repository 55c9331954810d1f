"""Attacks on the promise, from inside, each by its name.

Every one of them goes through where nothing holds, as far as the user's rights and the kernel go; the tests see to
that, so that a refusal is never hollow. Each undoes what it did: a leaky machine is left as it was found.
"""

from semcam.vision.confine.attacks import files, machine, network, processes, programs
from semcam.vision.confine.attacks.attack import Attack, Target, enlisted

ATTACKS = tuple(enlisted)
"""Everything that is tried by `semcam prove` and in the tests."""
QUICK = tuple(each for each in ATTACKS if each.quick)
"""What is tried at every start."""

__all__ = ["ATTACKS", "QUICK", "Attack", "Target", "files", "machine", "network", "processes", "programs"]
