"""Kills a courier again and again while it writes, and looks each time at what is left.

`python -m tests.killed_writer FOLDER ROUNDS` prints how many events were acknowledged and how often a writer was killed
in the middle of its work; it fails where an acknowledged event is missing, a number is missing, or the state of the
alarms is ahead of the events or behind them.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from semcam.courier.outbox import Outbox
from tests.posting import ROOMY, all_ids, at, ids, post, told


def write_for_ever(folder: Path, pipe: int) -> None:
    """Write events, tell each of them that is written, and mark some of them as sent."""
    outbox = Outbox.open(folder, "bath", ROOMY)
    second = 0.0
    while True:
        second += 1
        for id in post(outbox, told(random.choice((1, 1, 1, 3))), at(second)):
            os.write(pipe, f"{id}\n".encode())
        for id in ids(outbox.unsent(at(second), 2)):
            outbox.mark_sent(id)
        if random.random() < 0.2:
            outbox.tend(at(second))


def one_life(folder: Path, patient: bool) -> list[str]:
    """Let a writer live for a moment and kill it, at work if `patient`; gives what it had acknowledged."""
    listening, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(listening)
        try:
            write_for_ever(folder, telling)
        finally:
            os._exit(1)  # it only ends when it is killed; anything else is a failure
    os.close(telling)
    with os.fdopen(listening, "rb") as pipe:
        first = pipe.readline() if patient else b""
        time.sleep(random.uniform(0.0, 0.01))
        os.kill(child, signal.SIGKILL)
        acknowledged = (first + pipe.read()).decode().split()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"
    return acknowledged


def main(folder: Path, rounds: int) -> None:
    """Many lives, one numbering."""
    random.seed(5)
    acknowledged: list[str] = []
    middle = 0
    for number in range(rounds):
        lived = one_life(folder, patient=number % 4 > 0)
        acknowledged += lived
        middle += bool(lived)
        outbox = Outbox.open(folder, "bath", ROOMY)
        there = all_ids(outbox, at(0))
        head = outbox.head
        assert set(acknowledged) <= set(there), set(acknowledged) - set(there)
        assert there == [f"{head.epoch}-{seq:06d}" for seq in range(1, head.last + 1)], "gapless"
        assert outbox.kept.text == (there[-1] if there else ""), "neither is ahead of the other"
        assert not outbox.is_in_memory
        assert outbox.close() == []
    print(len(acknowledged), middle)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
