"""The vision process from outside, as a stranger sees it under /proc while it looks at frames."""

import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from semcam.contract.base import Frozen

_HARMLESS_RIGHTS = {
    1 << 14: "may lock memory",  # CAP_IPC_LOCK
    # CAP_DAC_READ_SEARCH, where files had to be read that are not root's
    1 << 2: "threads of libraries could read others' files, if they could open any",
}
"""docs/privacy.md explains them."""
_HARMLESS = ("pipe:", "/dev/null")


class Verdict(StrEnum):
    """What a look at it says."""

    HOLDS = "holds"
    FAILS = "fails"
    UNCHECKED = "unchecked"


class Fact(Frozen):
    """One thing that can be seen."""

    what: str
    seen: str
    verdict: Verdict


class _TellsNothingError(PermissionError):
    """Who we are, a look would say nothing."""


class Watch:
    """Looks as often as it is asked to; the worst that was seen of each thing stays."""

    def __init__(self, clip: Path) -> None:
        """`clip` is the one file that the process may have open."""
        self._clip = clip
        self._facts: dict[str, Fact] = {}
        self.looks = 0

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All that was seen."""
        return tuple(self._facts.values())

    def look(self, pid: int) -> None:
        """Look once; a process that has just ended is not seen any more."""
        place = Path("/proc", str(pid))
        looked = []
        for what, look in _LOOKS.items():
            try:
                good, seen = look(place, self._clip)
                looked.append(Fact(what=what, seen=seen, verdict=Verdict.HOLDS if good else Verdict.FAILS))
            except PermissionError as error:
                seen = str(error) if isinstance(error, _TellsNothingError) else "only root may look"
                looked.append(Fact(what=what, seen=seen, verdict=Verdict.UNCHECKED))
            except (FileNotFoundError, ProcessLookupError):
                return
        if _state(place) in ("Z", "X", ""):
            return
        self.looks += 1
        for fact in looked:
            before = self._facts.get(fact.what)
            if before is None or before.verdict is not Verdict.FAILS:
                self._facts[fact.what] = fact


def _state(place: Path) -> str:
    try:
        return _status(place).get("State", "")[:1]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _status(place: Path) -> dict[str, str]:
    lines = (place / "status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _threads(place: Path) -> list[dict[str, str]]:
    return [_status(task) for task in (place / "task").iterdir()]


def _privileges(place: Path, _: Path) -> tuple[bool, str]:
    threads = _threads(place)
    values = sorted({thread["NoNewPrivs"] for thread in threads})
    return values == ["1"], f"NoNewPrivs {', '.join(values)} in {len(threads)} threads"


def _filters(place: Path, _: Path) -> tuple[bool, str]:
    threads = _threads(place)
    values = sorted({thread["Seccomp"] for thread in threads})
    return values == ["2"], f"Seccomp {', '.join(values)} in {len(threads)} threads"


def _rights(place: Path, _: Path) -> tuple[bool, str]:
    held = 0
    for thread in _threads(place):
        held |= int(thread["CapEff"], 16) | int(thread["CapPrm"], 16)
    words = [word for right, word in _HARMLESS_RIGHTS.items() if held & right]
    return held & ~sum(_HARMLESS_RIGHTS) == 0, f"CapEff {held:x}" + (f" ({', '.join(words)})" if words else "")


def _limits(place: Path, _: Path) -> tuple[bool, str]:
    lines = {line[:26].strip(): line[26:].split()[:2] for line in (place / "limits").read_text().splitlines()}
    core, size, files = (lines[f"Max {name}"] for name in ("core file size", "file size", "open files"))
    seen = f"core file {core[1]}, size of files {size[1]}, open files {files[1]}"
    return core == size == ["0", "0"] and int(files[1]) < 64, seen


def _swap(place: Path, _: Path) -> tuple[bool, str]:
    status = _status(place)
    swapped, locked = status["VmSwap"], status["VmLck"]
    return swapped.split()[0] == "0", f"{swapped} in swap, {locked} locked"


def _children(place: Path, _: Path) -> tuple[bool, str]:
    children = [pid for task in (place / "task").iterdir() for pid in (task / "children").read_text().split()]
    return not children, f"{len(children)} other processes started"


def _network(place: Path, _: Path) -> tuple[bool, str]:
    own, ours = ((Path("/proc") / pid / "ns" / "net").readlink() for pid in (place.name, "self"))
    devices = [line.split(":")[0].strip() for line in (place / "net" / "dev").read_text().splitlines()[2:]]
    return own != ours and devices == ["lo"], f"{own}, ours is {ours}; devices: {', '.join(devices)}"


def _descriptors(place: Path, clip: Path) -> tuple[bool, str]:
    leads_to = {each.name: str(each.readlink()) for each in (place / "fd").iterdir()}
    strange = sorted(
        target
        for name, target in leads_to.items()
        if not target.startswith(_HARMLESS) and not _reads_only(place, name, target, clip)
    )
    return not strange, ", ".join([f"{len(leads_to)}: pipes, /dev/null, the clip to read", *strange])


def _reads_only(place: Path, name: str, target: str, clip: Path) -> bool:
    flags = next(line for line in (place / "fdinfo" / name).read_text().splitlines() if line.startswith("flags:"))
    is_clip = target.removesuffix(" (deleted)") in (str(clip), "/dev/null") or target.endswith("/kept")
    return is_clip and int(flags.split()[1], 8) & (os.O_WRONLY | os.O_RDWR) == 0


def _memory(place: Path, _: Path) -> tuple[bool, str]:
    if os.geteuid() == 0:
        raise _TellsNothingError("root may read every process, and that says nothing about others")
    try:
        (place / "mem").open("rb").close()
    except PermissionError:
        return True, "refused to us, who are the same user"
    return False, "we could open it"


_LOOKS: dict[str, Callable[[Path, Path], tuple[bool, str]]] = {
    "can gain no rights": _privileges,
    "system calls filtered": _filters,
    "rights of root": _rights,
    "limits": _limits,
    "swap": _swap,
    "programs": _children,
    "network": _network,
    "open descriptors": _descriptors,
    "memory readable by others": _memory,
}


def swap_devices() -> list[str]:
    """Where this machine would put memory that it runs short of."""
    return list(_devices())


def _devices() -> Iterator[str]:
    try:
        yield from (line.split()[0] for line in Path("/proc/swaps").read_text().splitlines()[1:])
    except OSError:
        return
