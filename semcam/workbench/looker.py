"""The process that looks at clips for the workbench: whatever pixels there are live and die in it.

    python -m semcam.workbench.looker < tasks > findings

One line of JSON each way; it ends when no more tasks come.
"""

import io
import sys
from collections.abc import Iterable, Iterator

from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.local_time import read_zone, source_times
from semcam.contract.signal import Fault, RuleFault, RuleSignal, from_line
from semcam.rules.judge import Judge
from semcam.vision.gate import Gate
from semcam.vision.places import print_places
from semcam.vision.voice import private_stdout
from semcam.workbench.cache import Cache
from semcam.workbench.explain import Explainer
from semcam.workbench.observe import observe
from semcam.workbench.task import Finding, Task
from semcam.workbench.trail import TrailRecorder

Said = RuleSignal | RuleFault

TICK_S = 1.0
"""What the gate holds back leaves with the heartbeats, as in the vision process."""


def main() -> None:
    """Answer every task on stdin."""
    out = private_stdout()
    for line in sys.stdin.buffer:
        out.write(_answer(Task.model_validate_json(line)).model_dump_json().encode() + b"\n")
        out.flush()


def _answer(task: Task) -> Finding:
    try:
        return find(task)
    except VisionFault as fault:
        return Finding(fault=Fault.of(fault))
    except Exception as error:
        print_places(error)
        return Finding(fault=Fault(code=FaultCode.INTERNAL))


def find(task: Task) -> Finding:
    """Judge one clip exactly as the vision process does.

    Raises:
        VisionFault: the clip or a model cannot be used.
    """
    seen = observe(task.job, Cache.at(task.cache) if task.cache else None)
    judge = Judge(task.job, seen.aspect, source_times(task.job.start_unix_s or 0.0, read_zone(task.job.timezone)))
    recorder = TrailRecorder(seen.aspect) if task.trail else None
    explainer = Explainer()
    said: list[tuple[float, tuple[Said, ...]]] = []
    for moment in seen.moments:
        judgement = judge.step(moment.people, moment.objects)
        explainer.listen(moment.people.t_s, judge.asked())
        said.append((moment.people.t_s, judgement.signals))
        if recorder:
            recorder.add(moment.people.t_s, judgement.tracks)
    return Finding(
        length_s=seen.moments[-1].people.t_s,
        signals=tuple(through_the_gate(said)),
        reasons=explainer.sentences(tuple(task.job.rules)),
        trail=recorder.trail() if recorder else None,
    )


def through_the_gate(said: Iterable[tuple[float, Iterable[Said]]]) -> Iterator[Said]:
    """What reaches the courier of what is said at each moment: the gate holds back storms and rounds numbers."""
    pipe = io.BytesIO()
    gate = Gate(pipe)
    now_s, tick_due_s = 0.0, 0.0
    for now_s, signals in said:
        for signal in signals:
            gate.say(now_s, signal)
        if now_s >= tick_due_s:
            gate.flush(now_s)
            tick_due_s = now_s + TICK_S
    while gate.waiting:
        now_s += TICK_S
        gate.flush(now_s)
    for line in pipe.getvalue().splitlines(keepends=True):
        passed = from_line(line)
        if isinstance(passed, RuleSignal | RuleFault):
            yield passed


if __name__ == "__main__":
    main()
