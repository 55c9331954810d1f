"""All layers in their order: before the libraries, before the first frame, and on guard while there are frames."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from semcam.contract.privacy import Layers, LayerState
from semcam.vision.confine import landlock, limits, namespace, seccomp
from semcam.vision.confine.attacks import QUICK, Attack, Target
from semcam.vision.confine.bpf import Filter
from semcam.vision.confine.calls import Loop, on_guard, once_open, while_loading, while_looking
from semcam.vision.confine.sentry import Sentry


class Layer(Enum):
    """What can be had or left out: tests and `semcam prove` want to see what each is good for."""

    LIMITS = "limits"
    NAMESPACE = "namespace"
    SECCOMP = "seccomp"
    LANDLOCK = "landlock"
    MEMORY = "memory"


Teller = Callable[[Attack, bool], None]
"""Told of each attack whether it went through."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the vision process is confined. Nothing in a job can change it: it is the program's own."""

    layers: frozenset[Layer] = frozenset(Layer)
    attacks: tuple[Attack, ...] = QUICK
    target: Target | None = None
    """What is attacked; by default the courier, and the folders that everybody may write to."""
    tell: Teller | None = None


SYSTEM_READABLE = (
    "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/nix/store", "/gnu/store",
    "/proc", "/sys", "/dev/null", "/dev/urandom",
)  # fmt: skip
"""What libraries read while they are loaded, beside what Python's own search path leads to."""


@dataclass(slots=True)
class Confinement:
    """One process's way into confinement. Each step is taken once, in the order in which they stand here."""

    plan: Plan = Plan()
    _states: dict[str, LayerState] = field(default_factory=dict)
    _device: Path | None = None
    _library: bool = False
    """Whether a library opens the camera, and goes on speaking to it."""
    _kept: int = 0
    """Capabilities that are needed to the end."""
    _sentry: Sentry | None = None

    @property
    def layers(self) -> Layers:
        """How each layer fares so far."""
        return Layers(**self._states)

    def before_libraries(
        self, readable: tuple[Path, ...], device: Path | None, behind: tuple[Path, ...] | None = None
    ) -> None:
        """Give up all but reading. `readable` are the job's own files, `device` the camera where it is one.

        `behind` are the devices of a camera that a library opens, where one does.

        Whatever starts threads must not be imported yet: most layers bind only a thread and those that it starts.
        """
        self._device, self._library = device, behind is not None
        devices = (*([device] if device else []), *(behind or ()))
        limits.gain_nothing()
        self._take(Layer.NAMESPACE, _leave_network)
        self._take(Layer.MEMORY, self._lock_memory)
        readable = (*_paths_of_the_system(), *readable)
        self._take(Layer.LIMITS, lambda: self._first_limits(readable))
        self._take(Layer.LANDLOCK, lambda: _restrict_files(readable, devices))
        loading = while_loading(device=device is not None, library=self._library)
        self._take(Layer.SECCOMP, lambda: _filter(loading) and seccomp.holds())

    def source_is_open(self) -> None:
        """Nothing else needs to be opened for writing; only camera devices did."""
        if (self._device is not None or self._library) and self._holds(Layer.SECCOMP):
            self._take(Layer.SECCOMP, lambda: _filter(once_open()))

    def before_frames(self, voice: int, at_work: Callable[[], str | None], pipe: int | None = None) -> None:
        """Give up the rest, see whether it holds, and go on guard.

        `voice` is the descriptor on which signals leave; `at_work` tells which rule is being judged, if any; `pipe` is
        the descriptor that pictures are read from, where a relay hands them on.
        """
        if self._holds(Layer.LIMITS):
            self._take(Layer.LIMITS, self._last_limits)
        if self._holds(Layer.SECCOMP):
            self._sentry = Sentry(voice, at_work)
            self._take(Layer.SECCOMP, lambda: self._post(voice, pipe))
        self._attack()
        if self._holds(Layer.SECCOMP):
            self._take(Layer.SECCOMP, lambda: _filter(on_guard()))

    def _post(self, voice: int, pipe: int | None) -> bool:
        assert self._sentry is not None
        self._sentry.post()
        return _filter(while_looking(Loop(voice, self._device is not None, self._library, pipe)))

    def _attack(self) -> None:
        if not self.plan.attacks:
            return
        target = self.plan.target or Target(parent=os.getppid())
        refused = True
        for attack in self.plan.attacks:
            went_through = attack.goes_through(target)
            refused = refused and not went_through
            if self.plan.tell:
                self.plan.tell(attack, went_through)
        self._states["attacks"] = LayerState.HOLDS if refused else LayerState.FAILED

    def _holds(self, layer: Layer) -> bool:
        return self._states.get(layer.value) is LayerState.HOLDS

    def _take(self, layer: Layer, step: Callable[[], bool]) -> None:
        """Take one layer; the step says whether it then holds."""
        if layer not in self.plan.layers:
            return
        try:
            state = LayerState.HOLDS if step() else LayerState.FAILED
        except OSError:
            state = LayerState.ABSENT
        self._states[layer.value] = state

    def _lock_memory(self) -> bool:
        self._kept = limits.lock_memory()
        return True

    def _first_limits(self, readable: Iterable[Path]) -> bool:
        kept = self._kept | (limits.READ_ANYTHING if limits.must_read_anything(readable) else 0)
        limits.set_limits()
        limits.drop_capabilities(kept)
        return limits.limits_hold(kept, running=False)

    def _last_limits(self) -> bool:
        limits.close_the_list()
        limits.drop_capabilities(self._kept)
        return limits.limits_hold(self._kept, running=True)


def _leave_network() -> bool:
    namespace.leave_network()
    return namespace.is_empty()


def _restrict_files(readable: Iterable[Path], devices: Iterable[Path]) -> bool:
    landlock.restrict(readable, devices)
    return landlock.holds()


def _filter(wanted: Filter) -> bool:
    seccomp.install(wanted)
    return True


def _paths_of_the_system() -> Iterator[Path]:
    yield from map(Path, SYSTEM_READABLE)
    # Python, what it finds packages by, this one, which may be installed by a link, and libraries in other places
    yield from map(Path, {*sys.path, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix})
    yield Path(__file__).parents[2]
    yield from map(Path, filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":")))
