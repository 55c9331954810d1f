"""The receipt: what was looked at, what was found, and what could not be checked."""

from collections.abc import Iterator
from enum import StrEnum

from semcam.contract.base import Frozen
from semcam.contract.privacy import Layers, LayerState, PrivacyMode
from semcam.workbench.prove.watch import Fact, Verdict

WIDTH = 27
_MARKS = {Verdict.HOLDS: "holds", Verdict.FAILS: "FAILS", Verdict.UNCHECKED: "not checked"}
_LAYERS = {
    "limits": "no core file, no byte to any file, no further file, no rights, not readable",
    "namespace": "a network of its own, with nothing in it",
    "seccomp": "a short list of system calls",
    "landlock": "no file but those it has to read",
    "memory": "no pixel in swap",
    "attacks": "every attack on itself was refused",
}


class Outcome(StrEnum):
    """What the proof comes to."""

    KEPT = "kept"
    NOT_KEPT = "not kept"
    NOT_PROVEN = "not proven"


_SAID = {
    Outcome.KEPT: "No frame was stored or sent, and every attempt to was refused.",
    Outcome.NOT_KEPT: "Pictures got out, or could have:",
    Outcome.NOT_PROVEN: "Nothing got out, but that proves too little:",
}


class Tried(Frozen):
    """Attacks of one class."""

    refused: int
    tried: int


class Control(Frozen):
    """A leak that was planted with the confinement off."""

    what: str
    found: bool | None
    """None where it could not be planted on this machine."""
    why_not: str | None = None


class Receipt(Frozen):
    """What a person who answers for data protection can file."""

    outcome: Outcome
    reasons: tuple[str, ...]
    """Why it is not kept, or not proven."""
    made: str
    semcam: str
    models: str
    machine: str
    user: str
    masked: tuple[str, ...]
    """Layers that were left out on purpose."""
    clip: str
    clip_sha256: str
    seconds: float
    is_cut: bool
    """Only the beginning of the clip was used."""
    watermark: str
    mode: PrivacyMode
    frames_seen: int
    frames_stored: int
    frames_sent: int
    told: tuple[str, ...]
    lines: int
    line_bytes: int
    messages: int
    message_bytes: int
    searched: int
    searched_bytes: int
    leaks: tuple[str, ...]
    attacks: dict[str, Tried]
    went_through: tuple[str, ...]
    layers: Layers
    facts: tuple[Fact, ...]
    looks: int
    written: tuple[str, ...] | None
    """Files that the vision process opened for writing; None where only root may know."""
    sudden_end: Fact
    controls: tuple[Control, ...]
    not_enforced: tuple[str, ...]
    not_checked: tuple[str, ...]
    took_s: float

    def to_json(self) -> str:
        """One object."""
        return self.model_dump_json()

    def to_text(self) -> str:
        """For people and files."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"semcam prove: {self.outcome.upper()}. {_SAID[self.outcome]}"
        yield from (f"  - {reason}" for reason in self.reasons)
        yield ""
        yield _row("made", self.made)
        yield _row("with", f"semcam {self.semcam}, models {self.models}")
        yield _row("on", f"{self.machine}, as {self.user}")
        if self.masked:
            yield _row("on purpose without", ", ".join(self.masked))
        beginning = "the beginning of " if self.is_cut else ""
        yield _row("clip", f"{beginning}{self.clip}, {self.seconds:.1f} s, sha256 {self.clip_sha256[:16]}…")
        yield _row("watermark", f"{self.watermark}, in every frame")
        yield from self._what_came_out()
        yield from self._attacks()
        yield from self._outside()
        yield from self._controls()
        yield from _list("What this machine cannot enforce", self.not_enforced or ("nothing is missing",))
        yield from _list("What could not be checked", self.not_checked)
        yield ""
        yield f"Done in {self.took_s:.0f} s. docs/privacy.md says what each line means."

    def _what_came_out(self) -> Iterator[str]:
        yield from ("", "What went in, and what came out")
        yield _row("frames seen", str(self.frames_seen))
        yield _row("frames stored", str(self.frames_stored))
        yield _row("frames sent", str(self.frames_sent))
        yield _row("to the courier", f"{self.lines} lines, {self.line_bytes:,} bytes")
        yield _row("to the broker", f"{self.messages} messages, {self.message_bytes:,} bytes")
        yield from (_row("told", sentence) for sentence in self.told)
        yield _row("searched", f"{self.searched} outputs, {self.searched_bytes:,} bytes")
        yield _row("of the watermark", f"{len(self.leaks)} finds" if self.leaks else "nothing")
        yield from (_row("LEAK", leak) for leak in self.leaks)

    def _attacks(self) -> Iterator[str]:
        refused, tried = (sum(getattr(each, name) for each in self.attacks.values()) for name in ("refused", "tried"))
        yield from ("", f"Attacks from inside: {refused} of {tried} refused")
        yield from (_row(name, f"{each.refused} of {each.tried}") for name, each in self.attacks.items())
        yield from (_row("WENT THROUGH", name) for name in self.went_through)

    def _outside(self) -> Iterator[str]:
        yield from ("", f"What holds the process, as it says itself (privacy: {self.mode})")
        for name, what in _LAYERS.items():
            state: LayerState = getattr(self.layers, name)
            yield _row(name, f"{state.value:13}{what}")
        yield from ("", f"What was seen of it from outside, {self.looks} times while it looked at frames")
        for fact in self.facts:
            yield _row(fact.what, f"{_MARKS[fact.verdict]:13}{fact.seen}")
        if self.written is None:
            yield _row("files written", f"{_MARKS[Verdict.UNCHECKED]:13}only root may know")
        else:
            verdict = Verdict.FAILS if self.written else Verdict.HOLDS
            seen = ", ".join(self.written) or "none was opened for writing, on any file system"
            yield _row("files written", f"{_MARKS[verdict]:13}{seen}")
        yield _row("a sudden end", f"{_MARKS[self.sudden_end.verdict]:13}{self.sudden_end.seen}")

    def _controls(self) -> Iterator[str]:
        tried = [control for control in self.controls if control.found is not None]
        found = sum(control.found is True for control in tried)
        yield from ("", f"The same search on leaks that were planted, with nothing held: {found} of {len(tried)} found")
        for control in self.controls:
            word = {True: "found", False: "NOT FOUND", None: "not planted"}[control.found]
            yield f"  {word:12}{control.what}" + (f" ({control.why_not})" if control.why_not else "")


def _row(name: str, value: str) -> str:
    return f"  {name:{WIDTH}}{value}"


def _list(title: str, points: tuple[str, ...]) -> Iterator[str]:
    yield from ("", title)
    yield from (f"  - {point}" for point in points)
