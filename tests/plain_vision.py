"""A vision process that looks at nothing. Its camera gives as many pictures as are asked for, but `TOO_FAST` breaks it.

python -m tests.plain_vision < job.json
"""

import itertools
import os
import sys
import time

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode
from semcam.contract.privacy import Layers
from semcam.contract.signal import Beat, Fault, Privacy, Ready, RuleSignal, Signal, Stage, to_line

TOO_FAST = 29.0


def say(signal: Signal) -> None:
    os.write(sys.stdout.fileno(), to_line(signal))


def main() -> None:
    job = Job.model_validate_json(sys.stdin.buffer.readline())
    say(Privacy(layers=Layers()))
    if job.fps == TOO_FAST:
        say(Fault(code=FaultCode.CAMERA_UNAVAILABLE))
        return
    say(Ready())
    if "fall" in job.rules:
        say(RuleSignal(rule="fall", stage=Stage.CONFIRMED, t_s=0.0, track=1, label="person"))
    for second in itertools.count():
        say(Beat(t_s=second, frames=round(second * job.fps)))
        time.sleep(1)


if __name__ == "__main__":
    main()
