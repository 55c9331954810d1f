"""What comes together while a proof is made."""

from dataclasses import dataclass, field

from semcam.contract.privacy import PrivacyMode
from semcam.workbench.prove.household import Told
from semcam.workbench.prove.outputs import Leak, Output
from semcam.workbench.prove.receipt import Control
from semcam.workbench.prove.watch import Watch


@dataclass(slots=True)
class Evidence:
    """All that a receipt is made from."""

    told: Told = field(default_factory=Told)
    sudden: Told = field(default_factory=Told)
    mode: PrivacyMode = PrivacyMode.STRICT
    strict_refused: str | None = None
    watch: Watch | None = None
    written: list[str] | None = None
    streams: list[bytes] = field(default_factory=list)
    messages: int = 0
    outputs: list[Output] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    """Files where the vision process might have put some."""
    controls: list[Control] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
