"""A vision process that has fallen into wrong hands: the job's source says what it tries.

python -m tests.hostile_vision < job.json
"""

import base64
import os
import pickle
import signal
import sys
import time
from collections.abc import Iterator

from semcam.contract.config import Job
from semcam.contract.labels import PERSON
from semcam.contract.signal import Beat, Ready, RuleSignal, Stage, to_line

SECRET = base64.b64encode(bytes(range(200)) * 40).decode()
"""What must appear nowhere: a face, as text."""


def main() -> None:
    job = Job.model_validate_json(sys.stdin.buffer.readline())
    good, _, trick = job.source.partition(":")
    sys.stderr.write(SECRET + "\n")
    sys.stderr.flush()
    if good == "trusted":
        write(to_line(Ready()) + to_line(Beat(t_s=0.0, frames=1)))
    for line in TRICKS[trick]():
        write(line)
    time.sleep(60)  # whoever is waited for stays


def write(line: bytes) -> None:
    os.write(sys.stdout.fileno(), line)


def pixels() -> Iterator[bytes]:
    yield SECRET[:200].encode() + b"\n"


def pixels_in_json() -> Iterator[bytes]:
    yield b'{"type":"beat","t_s":1.0,"frames":2,"view":"%s"}\n' % SECRET[:100].encode()


def pixels_behind_a_heartbeat() -> Iterator[bytes]:
    yield to_line(Beat(t_s=1.0, frames=2)).rstrip() + SECRET[:20].encode() + b"\n"


def pixels_in_the_rule() -> Iterator[bytes]:
    yield to_line(fall(1.0, SECRET[:24].lower().replace("+", "-").replace("/", "_")))


def a_pickle() -> Iterator[bytes]:
    yield pickle.dumps(SECRET) + b"\n"


def one_endless_line() -> Iterator[bytes]:
    while True:
        yield SECRET.encode()


def too_many_lines() -> Iterator[bytes]:
    for number in range(10_000):
        yield to_line(fall(float(number), "fall"))


def too_many_heartbeats() -> Iterator[bytes]:
    for number in range(10_000):
        yield to_line(Beat(t_s=float(number), frames=number))


def spaces() -> Iterator[bytes]:
    yield to_line(fall(1.0, "fall")).rstrip() + b" \t  \t\n"


def digits() -> Iterator[bytes]:
    yield to_line(Beat(t_s=1.0, frames=2)).replace(b"1.0,", b"1.000000000000000123456,")


def half_a_line_and_silence() -> Iterator[bytes]:
    yield SECRET[:100].encode()


def deaf() -> Iterator[bytes]:
    """Does not end when it is asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield SECRET.encode() + b"\n"


def fall(t_s: float, rule: str) -> RuleSignal:
    return RuleSignal(rule=rule, stage=Stage.CONFIRMED, t_s=t_s, track=int(t_s), label=PERSON)


TRICKS = {
    trick.__name__: trick
    for trick in (
        pixels, pixels_in_json, pixels_behind_a_heartbeat, pixels_in_the_rule, a_pickle, one_endless_line,
        too_many_lines, too_many_heartbeats, spaces, digits, half_a_line_and_silence, deaf,
    )
}  # fmt: skip

if __name__ == "__main__":
    main()
