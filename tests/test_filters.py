"""The filters of system calls, run as the kernel would run them: on both processors, whichever this one is."""

import errno
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.vision.confine import bpf, numbers
from semcam.vision.confine.bpf import ALLOW, KILL, Exactly, Filter, HasAny, HasNone, Is, Rule, Test, assemble, refuse
from semcam.vision.confine.calls import (
    FAMILIES,
    FORBIDDEN,
    FORKS,
    PROBED,
    Loop,
    on_guard,
    once_open,
    while_loading,
    while_looking,
)
from semcam.vision.confine.numbers import NEWEST, Machine, number

fuzz = settings(max_examples=200, deadline=None, derandomize=True)
both = pytest.mark.parametrize("machine", Machine, ids=lambda machine: machine.name)

REFUSED, UNKNOWN = refuse(errno.EPERM), refuse(errno.ENOSYS)
VOICE = 7
PID = os.getpid()
FOREIGN = 0x4000_0003  # i386

Words = tuple[int, ...]


@dataclass(frozen=True)
class Call:
    """struct seccomp_data."""

    number: int
    arch: int
    arguments: Words = (0, 0, 0, 0, 0, 0)

    def packed(self) -> bytes:
        return struct.pack("<IIQ6Q", self.number & 0xFFFF_FFFF, self.arch, 0, *self.arguments)


def decide(filter: Filter, machine: Machine, call: Call) -> int:
    """Classic BPF as man 2 seccomp and linux/filter.h have it, written without looking at our assembler."""
    program, data = assemble(filter, machine), call.packed()
    assert len(program) <= 4096
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, constant = program[at]
        at += 1
        match code:
            case 0x20:  # ld [k]
                (accumulator,) = struct.unpack_from("<I", data, constant)
            case 0x54:  # and #k
                accumulator &= constant
            case 0x15:  # jeq
                at += if_true if accumulator == constant else if_false
            case 0x25:  # jgt
                at += if_true if accumulator > constant else if_false
            case 0x35:  # jge
                at += if_true if accumulator >= constant else if_false
            case 0x45:  # jset
                at += if_true if accumulator & constant else if_false
            case 0x06:  # ret #k
                return constant
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")
        assert at < len(program)


def of(name: str, machine: Machine, *arguments: int) -> Call | None:
    """A call by its name; None where the machine has none of that name."""
    its_number = number(name, machine)
    padded = (*arguments, *[0] * (6 - len(arguments)))
    return None if its_number is None else Call(its_number, machine.value, padded)


def answer(filter: Filter, machine: Machine, name: str, *arguments: int) -> int | None:
    call = of(name, machine, *arguments)
    return decide(filter, machine, call) if call else None


# -- the assembler


def fits(test: Test, arguments: Words) -> bool:
    """What a test means, in Python."""
    word = arguments[test.argument]
    match test:
        case Is(_, value, mask):
            return word & 0xFFFF_FFFF & mask == value
        case HasAny(_, bits):
            return bool(word & 0xFFFF_FFFF & bits)
        case HasNone(_, bits):
            return not word & 0xFFFF_FFFF & bits
        case Exactly(_, value):
            return word == value


words = st.sampled_from([0, 1, 2, 3, 4, 0x241, 0xFFFF_FFFF, 1 << 32, (1 << 32) + 2, (1 << 64) - 1])
low = st.sampled_from([0, 1, 2, 3, 4, 0x241, 0xFFFF_FFFF])
tests = st.one_of(
    st.builds(Is, st.integers(0, 5), low, st.just(0xFFFF_FFFF) | low),
    st.builds(HasAny, st.integers(0, 5), low),
    st.builds(HasNone, st.integers(0, 5), low),
    st.builds(Exactly, st.integers(0, 5), words),
)
names = st.sampled_from(["read", "write", "openat", "open", "clone", "fork", "futex", "prctl"])
actions = st.sampled_from([ALLOW, REFUSED, UNKNOWN, KILL, bpf.report(3)])
rules = st.builds(Rule, names, actions, st.lists(tests, max_size=3).map(tuple))
filters = st.builds(Filter, st.lists(rules, max_size=12).map(tuple), actions, actions, st.none() | actions)


@given(filters, names, st.tuples(*[words] * 6), st.sampled_from(Machine))
@fuzz
def test_the_program_does_what_its_rules_say(filter: Filter, name: str, arguments: Words, machine: Machine) -> None:
    said = (
        rule.action for rule in filter.rules if rule.name == name and all(fits(test, arguments) for test in rule.tests)
    )
    call = of(name, machine, *arguments)
    if call:
        assert decide(filter, machine, call) == next(said, filter.otherwise)


@given(filters, st.integers(0, 0xFFFF_FFFF), st.sampled_from(Machine))
@fuzz
def test_a_call_in_a_foreign_tongue_is_never_mistaken_for_one_of_ours(
    filter: Filter, its_number: int, machine: Machine
) -> None:
    assert decide(filter, machine, Call(its_number, FOREIGN)) == filter.stranger
    if machine is Machine.X86_64 and its_number >= 0x4000_0000:
        assert decide(filter, machine, Call(its_number, machine.value)) == filter.stranger


# -- the numbers

HEADERS = {
    Machine.X86_64: (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")),
    Machine.AARCH64: (Path("/usr/include/asm-generic/unistd.h"),),
}


def in_the_headers(machine: Machine) -> dict[str, int]:
    """What linux-libc-dev says; in the generic table, 64-bit machines have these behind other names."""
    header = next((path for path in HEADERS[machine] if path.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed (linux-libc-dev)")
    text = header.read_text()
    found = {name: int(at) for name, at in re.findall(r"^#define __NR_(\w+)\s+(\d+)", text, re.MULTILINE)}
    behind = {name: int(at) for name, at in re.findall(r"^#define __NR3264_(\w+)\s+(\d+)", text, re.MULTILINE)}
    return found | behind | ({"newfstatat": behind["fstatat"]} if "fstatat" in behind else {})


@both
def test_the_numbers_are_the_kernels(machine: Machine) -> None:
    theirs = in_the_headers(machine)
    checked = 0
    for name in numbers._NUMBERS:
        ours = number(name, machine)
        if name in theirs and machine is Machine.X86_64:
            assert ours == theirs[name], name
        elif name in theirs:
            # the generic header also lists calls that aarch64 does not have
            assert ours in (theirs[name], None), name
        checked += name in theirs
    assert checked > 150


# -- what may be called when


def stages(device: bool = False, library: bool = False) -> dict[str, Filter]:
    loop = Loop(VOICE, device, library)
    return {"loading": while_loading(device=device, library=library), "looking": while_looking(loop)}


ALWAYS_FORBIDDEN = [name for names in FORBIDDEN.values() for name in names] + list(FORKS) + list(PROBED)


@both
@pytest.mark.parametrize("stage", ["loading", "looking"])
def test_what_is_forbidden_is_forbidden_at_every_stage(machine: Machine, stage: str) -> None:
    for name in ALWAYS_FORBIDDEN:
        assert answer(stages()[stage], machine, name) in (REFUSED, None), name


@both
def test_who_tries_what_is_forbidden_while_there_are_frames_is_reported_by_what_it_was(machine: Machine) -> None:
    guard = on_guard()
    for family, its_names in FORBIDDEN.items():
        for name in its_names:
            assert answer(guard, machine, name) in (bpf.report(FAMILIES.index(family) + 1), None), name
    for name in FORKS:
        assert answer(guard, machine, name) in (KILL, None)
    for name in PROBED:
        assert answer(guard, machine, name) in (ALLOW, None)  # refused by the filter below, and not reported


def opens(machine: Machine, flags: int) -> Iterator[Call]:
    for name, arguments in (("open", (0, flags)), ("openat", (0, 0, flags))):
        call = of(name, machine, *arguments)
        if call:
            yield call


WRITING = (
    os.O_WRONLY,
    os.O_RDWR,
    os.O_CREAT,
    os.O_TRUNC,
    os.O_APPEND,
    os.O_RDWR | os.O_TMPFILE,
    os.O_RDONLY | os.O_TRUNC,
)


@both
@pytest.mark.parametrize("more", [0, os.O_CLOEXEC, os.O_DIRECTORY, 1 << 40])
def test_files_are_opened_to_read_while_loading_and_then_not_at_all(machine: Machine, more: int) -> None:
    loading, looking, guard = while_loading(device=False), while_looking(Loop(VOICE)), on_guard()
    for call in opens(machine, os.O_RDONLY | more):
        assert decide(loading, machine, call) == ALLOW
        assert decide(looking, machine, call) == REFUSED
        assert decide(guard, machine, call) == ALLOW  # not worth a report
    for flags in WRITING:
        for call in opens(machine, flags | more):
            assert decide(loading, machine, call) == REFUSED
            assert decide(looking, machine, call) == REFUSED
            assert decide(guard, machine, call) == bpf.report(1)


@both
def test_a_camera_device_is_opened_for_both_and_after_it_nothing(machine: Machine) -> None:
    loading = while_loading(device=True)
    for call in opens(machine, os.O_RDWR | os.O_NONBLOCK):
        assert decide(loading, machine, call) == ALLOW
        assert decide(once_open(), machine, call) == REFUSED
    for flags in (os.O_WRONLY, os.O_RDWR | os.O_CREAT, os.O_RDWR | os.O_TRUNC, os.O_RDWR | os.O_APPEND):
        for call in opens(machine, flags):
            assert decide(loading, machine, call) == REFUSED


VIDIOC_DQBUF, VIDIOC_S_FMT, TIOCSTI, FS_IOC_SETFLAGS = 0xC0585611, 0xC0D05605, 0x5412, 0x40086602


@both
@pytest.mark.parametrize("stage", ["loading", "looking"])
def test_only_cameras_are_spoken_to_as_cameras(machine: Machine, stage: str) -> None:
    for request in (VIDIOC_DQBUF, VIDIOC_S_FMT):
        assert answer(stages(device=True)[stage], machine, "ioctl", 4, request) == ALLOW
        assert answer(stages()[stage], machine, "ioctl", 4, request) != ALLOW
    for request in (TIOCSTI, FS_IOC_SETFLAGS):
        assert answer(stages(device=True)[stage], machine, "ioctl", 4, request) != ALLOW


# -- a camera behind a library: libcamera, GStreamer

MEDIA_IOC_DEVICE_INFO, DMA_BUF_IOCTL_SYNC, DMA_HEAP_IOCTL_ALLOC = 0xC1007C00, 0x40086200, 0xC0184800
IN_MEMORY_WHILE_LOADING = {"socketpair", "memfd_create"}
ANOTHER = 9
"""A descriptor that is not the voice."""


@both
@pytest.mark.parametrize("stage", ["loading", "looking"])
def test_a_library_asks_the_devices_of_cameras_and_no_others(machine: Machine, stage: str) -> None:
    for request in (MEDIA_IOC_DEVICE_INFO, DMA_BUF_IOCTL_SYNC, DMA_HEAP_IOCTL_ALLOC, VIDIOC_DQBUF):
        assert answer(stages(library=True)[stage], machine, "ioctl", 4, request) == ALLOW
    for request in (MEDIA_IOC_DEVICE_INFO, DMA_BUF_IOCTL_SYNC, DMA_HEAP_IOCTL_ALLOC):
        assert answer(stages(device=True)[stage], machine, "ioctl", 4, request) != ALLOW
    for request in (TIOCSTI, FS_IOC_SETFLAGS):
        assert answer(stages(library=True)[stage], machine, "ioctl", 4, request) != ALLOW


@both
@pytest.mark.parametrize("stage", ["loading", "looking"])
def test_for_a_library_everything_else_stays_forbidden(machine: Machine, stage: str) -> None:
    for name in ALWAYS_FORBIDDEN:
        if stage == "looking" or name not in IN_MEMORY_WHILE_LOADING:
            assert answer(stages(library=True)[stage], machine, name) in (REFUSED, None), name


@both
def test_while_it_is_loaded_a_library_opens_devices_and_shares_memory_with_itself(machine: Machine) -> None:
    loading, unix, inet = while_loading(device=False, library=True), 1, 2
    assert answer(loading, machine, "memfd_create") == answer(loading, machine, "socketpair", unix) == ALLOW
    for family in (0, inet, 16, 17):  # netlink, packets
        assert answer(loading, machine, "socketpair", family) == REFUSED
        assert answer(loading, machine, "socket", family) == REFUSED
    for call in opens(machine, os.O_RDWR | os.O_NONBLOCK):
        assert decide(loading, machine, call) == ALLOW
    for flags in (os.O_WRONLY, os.O_RDWR | os.O_CREAT, os.O_RDWR | os.O_TRUNC, os.O_RDWR | os.O_APPEND):
        for call in opens(machine, flags):
            assert decide(loading, machine, call) == REFUSED
    # and what it was allowed there is reported once there are frames
    assert answer(on_guard(), machine, "memfd_create") == bpf.report(1)
    assert answer(on_guard(), machine, "socketpair", unix) == bpf.report(2)


@both
def test_a_library_wakes_its_threads_with_a_byte_or_eight_and_writes_no_more_than_that(machine: Machine) -> None:
    looking, without = while_looking(Loop(VOICE, library=True)), while_looking(Loop(VOICE))
    for size in (1, 8):
        assert answer(looking, machine, "write", ANOTHER, 4096, size) == ALLOW
        assert answer(without, machine, "write", ANOTHER, 4096, size) == REFUSED
    # the kernel takes a size of 64 bits, and writes as much as it can
    for size in (0, 2, 7, 9, 4096, (1 << 32) + 1, (1 << 32) + 8, (1 << 63) + 8):
        assert answer(looking, machine, "write", ANOTHER, 4096, size) == REFUSED
    assert answer(looking, machine, "writev", ANOTHER, 4096, 1) == REFUSED
    for name in ("epoll_wait", "epoll_pwait", "epoll_ctl"):
        assert answer(looking, machine, name) in (ALLOW, None)
        assert answer(without, machine, name) in (REFUSED, None)


@both
def test_memory_of_a_library_is_shared_and_never_code(machine: Machine) -> None:
    looking, shared, read_and_write, code = while_looking(Loop(VOICE, library=True)), 0x1, 3, 5
    assert answer(looking, machine, "mmap", 0, 4096, read_and_write, shared) == ALLOW
    assert answer(looking, machine, "mmap", 0, 4096, code, shared) == REFUSED
    assert answer(looking, machine, "mprotect", 0, 4096, code) == REFUSED


A_THREAD = 0x3D0F00
MORE_THAN_A_THREAD = (0x11, 0x4111, A_THREAD | 0x1000_0000, A_THREAD | 0x4000_0000, A_THREAD & ~0x10000)
"""fork, vfork, with a new user or network namespace, and without CLONE_THREAD."""


@both
def test_threads_may_be_started_and_processes_may_not(machine: Machine) -> None:
    for filter in (*stages().values(), on_guard()):
        assert answer(filter, machine, "clone", A_THREAD) == ALLOW
        assert answer(filter, machine, "clone", A_THREAD | 0x400000) == ALLOW  # musl
    for flags in MORE_THAN_A_THREAD:
        for filter in stages().values():
            assert answer(filter, machine, "clone", flags) == REFUSED
        assert answer(on_guard(), machine, "clone", flags) == KILL
    for filter in stages().values():  # its flags lie in memory, where no filter can look
        assert answer(filter, machine, "clone3") == UNKNOWN


@both
def test_what_is_newer_than_our_list_is_unknown(machine: Machine) -> None:
    for its_number in (NEWEST + 1, NEWEST + 100, 0x3FFF_FFFF):
        call = Call(its_number, machine.value)
        assert decide(while_loading(device=False), machine, call) == UNKNOWN
        assert decide(while_looking(Loop(VOICE)), machine, call) == REFUSED


@both
def test_words_leave_by_the_pipe_and_by_nothing_else(machine: Machine) -> None:
    looking = while_looking(Loop(VOICE))
    for descriptor in range(64):
        expected = ALLOW if descriptor in (VOICE, 1, 2) else REFUSED
        assert answer(looking, machine, "write", descriptor) == expected
        assert answer(looking, machine, "writev", descriptor) == expected
    for name in ("sendfile", "splice", "tee", "vmsplice", "copy_file_range", "sendto"):
        assert answer(looking, machine, name) == REFUSED


@both
def test_no_memory_is_both_of_its_own_and_code(machine: Machine) -> None:
    looking = while_looking(Loop(VOICE))
    private, shared = 0x22, 0x1
    for prot, flags, expected in (
        (3, private, ALLOW),
        (0, private, ALLOW),
        (7, private, REFUSED),
        (5, private, REFUSED),
    ):
        assert answer(looking, machine, "mmap", 0, 4096, prot, flags) == expected
    assert answer(looking, machine, "mmap", 0, 4096, 3, shared) == REFUSED  # a file
    assert answer(while_looking(Loop(VOICE, device=True)), machine, "mmap", 0, 4096, 3, shared) == ALLOW  # a camera's
    assert answer(looking, machine, "mprotect", 0, 4096, 3) == ALLOW
    assert answer(looking, machine, "mprotect", 0, 4096, 5) == REFUSED


@both
def test_a_process_speaks_only_of_itself(machine: Machine) -> None:
    for filter in stages().values():
        assert answer(filter, machine, "tgkill", PID, PID, 6) == ALLOW  # abort()
        assert answer(filter, machine, "tgkill", PID + 1, PID + 1, 9) == REFUSED
        assert answer(filter, machine, "prlimit64", PID + 1, 7, 0, 1) == REFUSED
    looking = while_looking(Loop(VOICE))
    assert answer(looking, machine, "prlimit64", 0, 7, 0, 1) == ALLOW  # to read
    for new in (1, 1 << 32):
        assert answer(looking, machine, "prlimit64", 0, 7, new, 0) == REFUSED


@both
def test_it_cannot_become_readable_again(machine: Machine) -> None:
    pr_set_dumpable, pr_set_ptracer, pr_set_pdeathsig = 4, 0x59616D61, 1
    for option in (pr_set_dumpable, pr_set_ptracer, pr_set_pdeathsig):
        for filter in stages().values():
            assert answer(filter, machine, "prctl", option, 1) == REFUSED
    for option in (pr_set_dumpable, pr_set_ptracer):
        assert answer(on_guard(), machine, "prctl", option, 1) == bpf.report(4)


@both
def test_filters_can_be_added_until_the_last_one(machine: Machine) -> None:
    assert answer(while_looking(Loop(VOICE)), machine, "seccomp", 1) == ALLOW
    assert answer(on_guard(), machine, "seccomp", 1) == REFUSED
