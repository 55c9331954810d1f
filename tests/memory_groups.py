"""Memory groups of the kernel: for one process memory really runs out, and not for the machine that runs the tests.

Whoever runs out of it in a group is ended by the kernel, and counted, as on a board that has no more (see cgroups(7)).
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT_OF_ALL = Path("/sys/fs/cgroup")
FIRST_VERSION = ROOT_OF_ALL / "memory"
"""Of memory groups; those of version 2 lie in the root itself."""


@contextmanager
def a_memory_group() -> Iterator[Callable[[int, int], None]]:
    """Gives a function that leaves a process, by its id, so many bytes beside those that it has already.

    Skips the test where this user may make no group, or the kernel does not count memory in it.
    """
    is_first = FIRST_VERSION.exists()
    home, limit = (FIRST_VERSION, "memory.limit_in_bytes") if is_first else (ROOT_OF_ALL, "memory.max")
    group = home / f"semcam-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no memory groups can be made here ({error.strerror})")
    try:
        if not (group / limit).exists():
            pytest.skip("memory is not counted in the groups of this machine")

        def squeeze(pid: int, size: int) -> None:
            (group / limit).write_text(str(size))
            if (group / "memory.swap.max").exists():
                (group / "memory.swap.max").write_text("0")
            if not is_first:
                (group / "cgroup.procs").write_text(str(pid))
                return
            for task in Path(f"/proc/{pid}/task").iterdir():
                (group / "tasks").write_text(task.name)

        yield squeeze
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return group.rmdir()
        except OSError:  # its process is still on its way out
            time.sleep(0.1)
    pytest.fail("the memory group could not be removed")
