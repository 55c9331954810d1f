"""How strictly the promise is kept, and which layers of the kernel keep it."""

from enum import StrEnum

from semcam.contract.base import Frozen


class PrivacyMode(StrEnum):
    """What happens where this machine cannot keep every layer."""

    STRICT = "strict"  # the camera does not start
    BEST_EFFORT = "best_effort"  # it starts, and says so


class LayerState(StrEnum):
    """How one layer fares."""

    HOLDS = "holds"
    ABSENT = "absent"  # this kernel or this user does not have it
    FAILED = "failed"  # it is there and does not hold


class Layers(Frozen):
    """What keeps the vision process from storing or sending anything. Each state was read back, not assumed."""

    limits: LayerState = LayerState.ABSENT
    """No core file, no byte to any file, no new descriptor, no privilege, not readable by other processes."""
    namespace: LayerState = LayerState.ABSENT
    """A network of its own, with nothing in it."""
    seccomp: LayerState = LayerState.ABSENT
    """A list of the few system calls that are allowed, for every thread."""
    landlock: LayerState = LayerState.ABSENT
    """No file but those it has to read, and those only to read."""
    memory: LayerState = LayerState.ABSENT
    """No pixel goes to the swap device."""
    attacks: LayerState = LayerState.ABSENT
    """It has attacked itself, and everything was refused."""

    def missing(self) -> tuple[str, ...]:
        """Which of the layers that `strict` insists on do not hold."""
        return tuple(name for name in REQUIRED if getattr(self, name) is not LayerState.HOLDS)


REQUIRED = ("limits", "namespace", "seccomp", "attacks")
"""The layers that every kernel of the last ten years has; the others are worth having where they are."""


class PrivacyReport(Frozen):
    """The promise as the status tells it: what was asked for, and what holds."""

    mode: PrivacyMode
    layers: Layers
