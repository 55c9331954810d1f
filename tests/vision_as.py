"""The real vision process, held by fewer layers or with something hostile inside: python -m tests.vision_as < job.json

What is wanted stands in the environment, as JSON; the job itself can change nothing of it.
"""

import ctypes
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from semcam.vision.confine.attacks import ATTACKS, QUICK, Attack, Target
from semcam.vision.confine.confinement import Confinement, Layer, Plan
from semcam.vision.start import main

WANTED = "VISION_AS"

TRIED_AT_S = 2.0


def write_a_file() -> None:
    Path("/tmp/semcam-hostile").write_bytes(b"pixels")


def call_home() -> None:
    import _socket

    _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)


def run_a_shell() -> None:
    os.system("true")


def read_the_courier() -> None:
    next(each for each in ATTACKS if each.name == "read_the_parents_memory").attempt(Target(os.getppid()))


def filter_nothing() -> None:
    next(each for each in ATTACKS if each.name == "calls_by_ring").attempt(Target(os.getppid()))


def quietly() -> None:
    """Who looks the other way afterwards is found out all the same."""
    try:
        write_a_file()
    except OSError:
        return


def fork() -> None:
    os.fork()


def remove_a_file_in_a_thread_of_c() -> None:
    in_a_thread_of_c(ctypes.CDLL(None).unlink, b"/tmp/semcam-hostile")


def fork_in_a_thread_of_c() -> None:
    in_a_thread_of_c(ctypes.CDLL(None).fork, None)


def in_a_thread_of_c(function: Any, argument: bytes | None) -> None:
    """Which Python knows nothing of."""
    libc = ctypes.CDLL(None)
    thread = ctypes.c_ulong()
    libc.pthread_create(ctypes.byref(thread), None, function, ctypes.c_char_p(argument))
    libc.pthread_join(thread, None)


def write_in_a_thread_of_python() -> None:
    thread = threading.Thread(target=write_a_file)
    thread.start()
    thread.join()


def look_around() -> None:
    """What a library may do in good faith: it is refused, and nobody has to die for it."""
    for path in ("/etc/hostname", "/proc/cpuinfo"):
        try:
            Path(path).read_text()
        except PermissionError:
            continue
        os._exit(99)


def hunger() -> None:
    """Takes ever more memory, and fills it."""
    TAKEN.append(bytearray(os.urandom(4096)) * 4096)


TAKEN: list[bytearray] = []


def chatter() -> None:
    """Talks more than anybody wants to hear, in letters that nobody can read."""
    for _ in range(100):
        os.write(2, b"\x1b[31m" + bytes(range(1, 256)) * 4 + b"\n")


TRICKS: dict[str, Callable[[], None]] = {
    trick.__name__: trick
    for trick in (
        write_a_file, call_home, run_a_shell, read_the_courier, filter_nothing, quietly, fork,
        remove_a_file_in_a_thread_of_c, fork_in_a_thread_of_c, write_in_a_thread_of_python, look_around, hunger,
        chatter,
    )
}  # fmt: skip


def make_a_rule_hostile(trick: Callable[[], None]) -> None:
    from semcam.rules.fall import Fall

    honest = Fall.step

    def step(self: Any, t_s: float, tracks: Any) -> Iterator[Any]:
        if t_s >= TRIED_AT_S:
            trick()
        yield from honest(self, t_s, tracks)

    Fall.step = step  # type: ignore[method-assign]


def make_a_model_hostile(trick: Callable[[], None]) -> None:
    """From the first picture of the clip on; in the warm-up it still behaves."""
    from semcam.vision.perceive.pose import PoseModel

    honest = PoseModel.look

    def look(self: Any, frame: Any, long_side: int | None = None) -> Any:
        if frame.t_s >= TRIED_AT_S:
            trick()
        return honest(self, frame, long_side)

    PoseModel.look = look  # type: ignore[method-assign]


def tell(attack: Attack, through: bool) -> None:
    sys.stderr.write(f"{attack.name} {'WENT THROUGH' if through else 'refused'}\n")
    sys.stderr.flush()


def plan(wanted: dict[str, Any]) -> Plan:
    layers = frozenset() if wanted.get("free") else frozenset(Layer) - set(map(Layer, wanted.get("without", ())))
    attacked = "attacked" in wanted
    target = Target.prepare(Path(wanted["attacked"])) if attacked else None
    attacks = () if wanted.get("free") else ATTACKS if attacked else QUICK
    return Plan(layers, attacks, target, tell if attacked else None)


def corrupt(wanted: dict[str, Any]) -> None:
    """Once the libraries are there, and not before: the rest has to be as it always is."""
    honest = Confinement.source_is_open

    def source_is_open(self: Confinement) -> None:
        honest(self)
        if "rule" in wanted:
            make_a_rule_hostile(TRICKS[wanted["rule"]])
        if "model" in wanted:
            make_a_model_hostile(TRICKS[wanted["model"]])

    Confinement.source_is_open = source_is_open  # type: ignore[method-assign]


if __name__ == "__main__":
    its = json.loads(os.environ[WANTED])
    corrupt(its)
    sys.exit(main(plan(its)))
