"""From evidence to a receipt: what it comes to, and what remains unknown."""

import hashlib
import os
import platform
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from semcam import __version__
from semcam.contract.errors import FaultCode
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.privacy import Layers, LayerState, PrivacyMode
from semcam.vision.confine.attacks import ATTACKS
from semcam.vision.confine.confinement import Layer
from semcam.workbench.prove import inside
from semcam.workbench.prove.evidence import Evidence
from semcam.workbench.prove.place import where_core_files_go
from semcam.workbench.prove.receipt import Outcome, Receipt, Tried
from semcam.workbench.prove.tasks import Answer
from semcam.workbench.prove.watch import Fact, Verdict, swap_devices
from semcam.workbench.prove.watermark import Word

_CLASSES = {
    FaultCode.TRIED_FILE: "files and memory files",
    FaultCode.TRIED_NETWORK: "sockets of every family",
    FaultCode.TRIED_PROGRAM: "programs and processes",
    FaultCode.TRIED_PROCESS: "other processes",
    FaultCode.TRIED_KERNEL: "kernel and machine",
}
_MISSING = {
    "limits": "the limits of the process: other layers have to keep it from writing",
    "namespace": "a network of its own: only the list of system calls keeps it from sockets",
    "seccomp": "a list of system calls: whatever the other layers do not refuse is possible",
    "landlock": "Landlock: files are kept shut by the list of system calls and by limits alone",
    "memory": "memory that never goes to a swap device",
}


def account(
    clip: Path, word: Word, marked: Answer, fps: float, without: tuple[Layer, ...], evidence: Evidence, took_s: float
) -> Receipt:
    """The receipt of a proof that is complete."""
    assert evidence.watch is not None
    told, facts = evidence.told, evidence.watch.facts
    by_class, through = _attacks(bytes(told.words))
    outcome, reasons = _judged(evidence, marked, through)
    stored, sent = _frames_that_got_out(evidence)
    with clip.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Receipt(
        outcome=outcome,
        reasons=reasons,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        semcam=__version__,
        models=models_digest(models_dir()),
        machine=f"{platform.system()} {platform.release()}, {platform.machine()}",
        user="root" if os.geteuid() == 0 else "an ordinary user",
        masked=tuple(layer.value for layer in without),
        clip=clip.name,
        clip_sha256=sha256,
        seconds=marked.frames / fps,
        is_cut=marked.is_cut,
        watermark=word.fingerprint,
        mode=evidence.mode,
        frames_seen=told.frames,
        frames_stored=stored,
        frames_sent=sent,
        told=tuple(told.sentences),
        lines=len(told.lines),
        line_bytes=sum(map(len, told.lines)),
        messages=evidence.messages,
        message_bytes=sum(map(len, evidence.streams)),
        searched=len(evidence.outputs),
        searched_bytes=sum(len(each.content) for each in evidence.outputs),
        leaks=tuple(map(str, evidence.leaks)),
        attacks=by_class,
        went_through=through,
        layers=told.layers,
        facts=facts,
        looks=evidence.watch.looks,
        written=None if evidence.written is None else tuple(evidence.written),
        sudden_end=_sudden_end(evidence),
        controls=tuple(evidence.controls),
        not_enforced=tuple(_not_enforced(told.layers)),
        not_checked=tuple(_not_checked(evidence)),
        took_s=round(took_s, 1),
    )


def _attacks(words: bytes) -> tuple[dict[str, Tried], tuple[str, ...]]:
    """By class; and what went through, or was not told of because the process did not come back from one."""
    lines = words.decode(errors="replace").splitlines()
    told = {line.split()[1]: line.split()[-1] for line in lines if line.startswith("attack ")}
    tried: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for attack in ATTACKS:
        tried[_CLASSES[attack.family]] += 1
        refused[_CLASSES[attack.family]] += told.get(attack.name) == inside.REFUSED
    by_class = {name: Tried(refused=refused[name], tried=tried[name]) for name in _CLASSES.values()}
    through = (f"{each.name}: {each.what}" for each in ATTACKS if told.get(each.name) != inside.REFUSED)
    return by_class, tuple(through)


def _judged(evidence: Evidence, marked: Answer, through: tuple[str, ...]) -> tuple[Outcome, tuple[str, ...]]:
    assert evidence.watch is not None
    fails = [f"{fact.what}: {fact.seen}" for fact in evidence.watch.facts if fact.verdict is Verdict.FAILS]
    is_strict = evidence.mode is PrivacyMode.STRICT
    broken = [
        *(
            [f"the watermark was found in {len({leak.output for leak in evidence.leaks})} outputs"]
            * bool(evidence.leaks)
        ),
        *([f"{len(through)} attacks went through"] * bool(through)),
        *([f"the vision process opened {len(evidence.written or ())} files for writing"] * bool(evidence.written)),
        *(f"it left {path} behind" for path in evidence.left_behind),
        *([f"it said a line that must not pass: {evidence.told.broken}"] * bool(evidence.told.broken)),
        *(fails if is_strict else ()),
    ]
    refused = [f"a camera would not start here: {evidence.strict_refused}"] if evidence.strict_refused else []
    if broken:
        return Outcome.NOT_KEPT, (*broken, *refused)
    missed = [control.what for control in evidence.controls if control.found is False]
    doubts = [
        *refused,
        *(() if is_strict else fails),
        *(f"the search does not find {what} that was planted" for what in missed),
        *(["the process was never seen from outside while it looked at frames"] * (not evidence.watch.looks)),
        *(["nothing reached the broker"] * (not evidence.messages)),
        *(["not every frame was looked at"] * (evidence.told.frames != marked.frames)),
        *(["the process could not be broken off"] * (evidence.sudden.code != -signal.SIGSEGV)),
    ]
    return (Outcome.NOT_PROVEN if doubts else Outcome.KEPT), tuple(doubts)


def _frames_that_got_out(evidence: Evidence) -> tuple[int, int]:
    """In how many files, and in how many other outputs, something of a frame was found."""
    outputs = {leak.output for leak in evidence.leaks}
    stored = {output for output in outputs if output.startswith(("/", "names of files"))}
    return len(stored), len(outputs - stored)


def _sudden_end(evidence: Evidence) -> Fact:
    what = "a sudden end"
    if evidence.sudden.code != -signal.SIGSEGV:
        return Fact(what=what, seen="it could not be broken off", verdict=Verdict.UNCHECKED)
    if evidence.left_behind:
        return Fact(what=what, seen=f"left behind: {', '.join(evidence.left_behind)}", verdict=Verdict.FAILS)
    return Fact(what=what, seen="a segmentation fault left no core file and no other", verdict=Verdict.HOLDS)


def _not_enforced(layers: Layers) -> Iterator[str]:
    for name, words in _MISSING.items():
        if getattr(layers, name) is not LayerState.HOLDS:
            yield words


def _not_checked(evidence: Evidence) -> Iterator[str]:
    assert evidence.watch is not None
    unseen = [fact.what for fact in evidence.watch.facts if fact.verdict is Verdict.UNCHECKED]
    if os.geteuid() != 0:
        yield f"by an ordinary user: {', '.join(unseen)}, files written; run it as root as well"
    elif unseen:
        yield f"by root: {', '.join(unseen)}; run it as an ordinary user as well"
    if evidence.written is None and os.geteuid() == 0:
        yield "files written: this kernel does not tell who opens files (fanotify)"
    if (pattern := where_core_files_go()) is not None:
        yield f"core files: this machine hands them to {pattern.split()[0]}, and that was not looked into"
    devices = swap_devices()
    if devices and evidence.told.layers.memory is not LayerState.HOLDS:
        yield f"swap: {', '.join(devices)} was not read"
    yield from (f"{control.what}: {control.why_not}" for control in evidence.controls if control.found is None)
    yield from evidence.not_checked
    yield "a picture that is encrypted, hidden in other data, or cut out and scaled at once: no search finds these"
    yield "kernel and hardware themselves, what a camera keeps on its own, and what your broker does with text"
