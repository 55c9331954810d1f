"""Filters of system calls, and their program for the kernel (Documentation/userspace-api/seccomp_filter.rst).

A filter is a list of rules; the first that fits decides. It is classic BPF: a straight run of compare and return.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semcam.vision.confine.numbers import NEWEST, Machine, number

ALLOW = 0x7FFF_0000
KILL = 0x8000_0000
"""The whole process is ended on the spot, by SIGSYS."""
_ERRNO = 0x0005_0000
_TRAP = 0x0003_0000

_X32 = 0x4000_0000
"""Set in the numbers of x86-64's x32 calls, which would be a second name for everything."""

LOAD, AND, EQUAL, ABOVE, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x54, 0x15, 0x25, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant: struct sock_filter."""


def refuse(code: int) -> int:
    """The call is not made; the caller sees this errno."""
    return _ERRNO | code


def report(code: int) -> int:
    """The call is not made; SIGSYS is raised in the thread that tried, and carries this number."""
    return _TRAP | code


@dataclass(frozen=True, slots=True)
class Is:
    """An argument, as far as the mask lets it be seen, has this value. Only the lower 32 bits count."""

    argument: int
    value: int
    mask: int = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class HasAny:
    """One of these bits is set in an argument."""

    argument: int
    bits: int


@dataclass(frozen=True, slots=True)
class HasNone:
    """None of these bits is set in an argument."""

    argument: int
    bits: int


@dataclass(frozen=True, slots=True)
class Exactly:
    """An argument has this value in all of its 64 bits: a size, or a pointer."""

    argument: int
    value: int


Test = Is | HasAny | HasNone | Exactly

NULL = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of one system call where all tests fit."""

    name: str
    action: int
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Rules, and what becomes of everything else."""

    rules: tuple[Rule, ...]
    otherwise: int
    stranger: int
    """What becomes of calls in the tongue of another processor: i386 or x32 on x86-64, ARM on AArch64."""
    newer: int | None = None
    """What becomes of calls that are newer than our list; None where `otherwise` is right for them."""


def assemble(filter: Filter, machine: Machine) -> list[Instruction]:
    """The program of a filter."""
    program = [(LOAD, 0, 0, _ARCH_AT), (EQUAL, 1, 0, machine.value), (RETURN, 0, 0, filter.stranger)]
    program.append((LOAD, 0, 0, _NUMBER_AT))
    if machine is Machine.X86_64:
        program += [(AT_LEAST, 0, 1, _X32), (RETURN, 0, 0, filter.stranger)]
    if filter.newer is not None:
        program += [(ABOVE, 0, 1, NEWEST), (RETURN, 0, 0, filter.newer)]
    for rule in filter.rules:
        its_number = number(rule.name, machine)
        if its_number is not None:
            program += _block(its_number, rule.tests, rule.action)
    program.append((RETURN, 0, 0, filter.otherwise))
    return program


def _block(its_number: int, tests: Sequence[Test], action: int) -> list[Instruction]:
    """One rule: if anything does not fit, on to the next one, with the number in the accumulator again."""
    if not tests:
        return [(EQUAL, 0, 1, its_number), (RETURN, 0, 0, action)]
    body = [step for test in tests for step in _steps(test)]
    # a number that does not fit is still in the accumulator: past the load as well
    begin = (EQUAL, 0, len(body) + 2, its_number)
    return [begin, *_patched(body), (RETURN, 0, 0, action), (LOAD, 0, 0, _NUMBER_AT)]


_OUT = 255
"""Stands for "out of this block" until the block's length is known."""


def _steps(test: Test) -> Iterator[Instruction]:
    low = _ARGUMENTS_AT + 8 * test.argument
    yield LOAD, 0, 0, low
    match test:
        case Is(_, value, mask):
            if mask != 0xFFFF_FFFF:
                yield AND, 0, 0, mask
            yield EQUAL, 0, _OUT, value
        case HasAny(_, bits):
            yield ANY_BIT, 0, _OUT, bits
        case HasNone(_, bits):
            yield ANY_BIT, _OUT, 0, bits
        case Exactly(_, value):
            yield EQUAL, 0, _OUT, value & 0xFFFF_FFFF
            yield LOAD, 0, 0, low + 4
            yield EQUAL, 0, _OUT, value >> 32


def _patched(body: Sequence[Instruction]) -> Iterator[Instruction]:
    for at, (code, if_true, if_false, constant) in enumerate(body):
        out = len(body) - at  # over the rest and the return, to the load behind it
        yield code, out if if_true == _OUT else if_true, out if if_false == _OUT else if_false, constant
