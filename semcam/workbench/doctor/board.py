"""The machine itself: heat, power, memory, disk, clock. What the kernel tells under /proc and /sys, of any machine.

`root` is where those lie: / but in tests, which bring the tree of another board.
"""

import os
import platform
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from semcam.contract.config import Config
from semcam.courier.heat import COOL_C, HOT_C, hottest_c
from semcam.courier.time_service import is_synced
from semcam.workbench.doctor.finding import Finding, fail, good, unknown, warn, who

MEMORY_OF_A_CAMERA_MB, MEMORY_OF_THE_REST_MB = 250, 300
"""A vision process has at most 215 MB resident; the rest is the courier, a broker and the system."""
LEAST_FREE_MB = 50
"""Beyond what the outboxes may grow to: logs and updates."""

# https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
_LOW_VOLTAGE, _SLOWED = 1 << 0, 1 << 1 | 1 << 2 | 1 << 3
_SINCE_START = 16
"""So many bits further up the same stands for what has happened since the start."""
_SUPPLY = "use the board's own power supply and a short cable"
_COOL = "give it a cooler or a fan, or lower fps: of its cameras"


def system(root: Path) -> Finding:
    """Which machine, system and Python this is."""
    machine = platform.machine()
    seen = (
        f"{_model(root) or machine}, {_system_name(root)}, Linux {platform.release()}, Python "
        f"{platform.python_version()}, as {who()}"
    )
    if machine not in ("x86_64", "aarch64") or sys.maxsize < 2**32:
        remedy = "install a 64-bit system, such as Raspberry Pi OS (64-bit)"
        return fail("system", f"{seen}; {machine} cannot keep privacy: strict", remedy)
    return good("system", seen)


def memory(root: Path, config: Config | None) -> Finding:
    """Whether it is enough for all cameras."""
    cameras = len(config.cameras) if config else 1
    needed = MEMORY_OF_THE_REST_MB + cameras * MEMORY_OF_A_CAMERA_MB
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        numbers = {line.partition(":")[0]: int(line.split()[1]) // 1024 for line in lines}
        total, free = numbers["MemTotal"], numbers["MemAvailable"]
    except (OSError, ValueError, KeyError, IndexError):
        return unknown("memory", "this kernel does not tell")
    seen = f"{total:,} MB, {free:,} MB of it free; {_counted(cameras)} and the system take {needed:,} MB at most"
    if total < needed:
        return fail("memory", seen, "use a board with more memory, or fewer cameras on this one")
    if free < LEAST_FREE_MB:
        return warn("memory", seen, "end other programs on this board")
    return good("memory", seen)


def disk(state: Path, config: Config | None) -> Finding:
    """Whether events can be written, and whether there is room for as many as may be kept."""
    folder = next(each for each in (state, *state.absolute().parents) if each.is_dir())
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(4096))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        remedy = f"let {who()} write there, or name another folder by --state"
        return fail("disk", f"{folder} cannot be written ({error.strerror})", remedy)
    free = shutil.disk_usage(folder).free // 10**6
    # as it is written, an outbox takes about twice its text, and as much again while it is packed
    kept = 4 * config.outbox.megabytes * len(config.cameras) if config else 0
    seen = f"{free:,} MB free for {state}" + (f"; outboxes may grow to {kept:,} MB" if kept else "")
    if free < LEAST_FREE_MB:
        return fail("disk", seen, "make room: nothing can be kept on a full disk")
    if free < kept + LEAST_FREE_MB:
        return warn("disk", seen, "make room, or lower outbox.megabytes")
    return good("disk", seen)


def temperature(root: Path) -> Finding:
    """The hottest part of the processor against where small boards slow down."""
    degrees = hottest_c(root / "sys/class/thermal")
    if degrees is None:
        return unknown("temperature", "this machine has no thermometer that Linux knows")
    seen = f"{degrees:.0f} °C; small boards slow down from {HOT_C:.0f} °C"
    if degrees >= HOT_C:
        return fail("temperature", seen, _COOL)
    return warn("temperature", seen, _COOL) if degrees >= COOL_C else good("temperature", seen)


def throttling(root: Path) -> Finding:
    """Whether the board slows itself down, now or since its start, for heat or want of power."""
    with suppress(StopIteration):
        return _raspberry_pi(next((root / "sys/devices/platform").glob("*/*firmware/get_throttled")))
    slowed = [
        name
        for device in sorted((root / "sys/class/thermal").glob("cooling_device*"))
        # fans are cooling devices as well, and may turn
        if (name := _text(device / "type")).lower().startswith(("cpufreq", "devfreq", "processor"))
        and _number(device / "cur_state")
    ]
    if slowed:
        return fail("throttling", f"slowed down for heat now: {', '.join(slowed)}", _COOL)
    # Jetson: how often the supply could not give what was drawn
    counts = {each.name: _number(each) for each in (root / "sys/class/hwmon").glob("hwmon*/oc*_event_cnt")}
    if any(counts.values()):
        seen = f"slowed down {sum(each or 0 for each in counts.values())} times since its start for want of power"
        return warn("throttling", seen, "use a stronger power supply, or a lower power mode (nvpmodel)")
    known = bool(counts) or any((root / "sys/class/thermal").glob("cooling_device*"))
    return good("throttling", "none") if known else unknown("throttling", "this machine does not tell")


def clock(synced: bool | None = None) -> Finding:
    """Whether the kernel's clock is kept right by any time service."""
    if is_synced() if synced is None else synced:
        return good("clock", "kept right by a time service")
    remedy = "let a time service run (sudo timedatectl set-ntp true) and reach a time server"
    return warn("clock", "not set by a time service: times of events and hours of rules may be wrong", remedy)


def _raspberry_pi(file: Path) -> Finding:
    try:
        bits = int(_text(file), 16)
    except ValueError:
        return unknown("throttling", "the firmware does not tell")
    if bits & _LOW_VOLTAGE:
        return fail("throttling", "the voltage is too low now", _SUPPLY)
    if bits & _SLOWED:
        return fail("throttling", "slowed down for heat now", _COOL)
    past = bits >> _SINCE_START
    if past & _LOW_VOLTAGE:
        return warn("throttling", "the voltage was too low since the last start", _SUPPLY)
    if past & _SLOWED:
        return warn("throttling", "slowed down for heat since the last start", _COOL)
    return good("throttling", "none since the last start, and the voltage was high enough")


def _model(root: Path) -> str:
    for file in ("proc/device-tree/model", "sys/class/dmi/id/product_name"):
        if name := _text(root / file):
            return name
    return ""


def _system_name(root: Path) -> str:
    for line in _text(root / "etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return "an unknown system"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:  # many a sensor answers with an error while its part sleeps
        return ""


def _number(file: Path) -> int | None:
    try:
        return int(_text(file))
    except ValueError:
        return None


def _counted(cameras: int) -> str:
    return "1 camera" if cameras == 1 else f"{cameras} cameras"
