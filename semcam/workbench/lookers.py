"""Several lookers side by side: as many clips at the same time as there are cores."""

import os
import queue
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

from semcam.contract.errors import VisionError
from semcam.courier.faults import explain_fault
from semcam.courier.vision_process import SILENT
from semcam.workbench.task import Finding, Task


class Looker:
    """One process that looks at one clip after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "semcam.workbench.looker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **SILENT},
            start_new_session=True,  # Ctrl-C is for us, who end it in order
        )

    def find(self, task: Task) -> Finding:
        """Have one clip judged.

        Raises:
            SemcamError: the clip, a model or the process failed.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(task.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            code = self._process.wait()
            raise VisionError(f"{task.job.source}: the process that looks ended with exit code {code}; run it again")
        finding = Finding.model_validate_json(line)
        if finding.fault is not None:
            raise explain_fault(finding.fault, task.job)
        return finding

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # a task that nobody took
                pipe.close()


def find_all(tasks: Sequence[Task], jobs: int, done: Callable[[int], None]) -> list[Finding]:
    """Judge all clips, `jobs` at the same time; `done` is told how many are finished.

    Raises:
        SemcamError: of the first clip that failed; the others are given up.
    """
    free: queue.SimpleQueue[Looker] = queue.SimpleQueue()

    def find(task: Task) -> Finding:
        looker = free.get()
        try:
            return looker.find(task)
        finally:
            free.put(looker)

    jobs = max(1, min(jobs, len(tasks)))
    with ThreadPoolExecutor(jobs) as pool, ExitStack() as processes:  # the processes end first: nobody waits for a clip
        for _ in range(jobs):
            free.put(processes.enter_context(Looker()))
        futures = [pool.submit(find, task) for task in tasks]
        try:
            for number, future in enumerate(as_completed(futures), start=1):
                future.result()
                done(number)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]
