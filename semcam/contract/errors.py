"""Everything semcam raises on purpose. Each message is one sentence that ends in the remedy.

SemcamError
├── ConfigError    (ValueError)         the configuration or a manifest cannot be used
├── SourceError    (OSError)            a clip or camera cannot be opened or read
├── ModelError     (RuntimeError)       a model file is missing, altered or unusable
├── WallError      (ValueError)         a line from the vision process breaks the contract
├── VisionError    (RuntimeError)       the vision process ended or fell silent
├── SettingsError  (ValueError)         settings that came over MQTT cannot be used
├── VisionFault    (RuntimeError)       the same inside that process, as the few words that may leave it
└── BrokerError    (ConnectionError)    the MQTT broker is absent, refuses, or did not take an event
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from semcam.contract.families import Family, Role

if TYPE_CHECKING:  # the relay needs these errors, and nothing of what Given is made of
    from semcam.contract.capture import Given


class Trouble(StrEnum):
    """Why a camera has stopped, as events say it: what a person would look after."""

    SOURCE = "source"  # it does not open, or gives nothing any more
    HANGS = "hangs"  # its vision process gives no sign of life
    PAUSED = "paused"  # somebody or something has stopped that process with a signal
    KILLED = "killed"  # or ended it
    OUT_OF_MEMORY = "out_of_memory"
    MODEL = "model"
    PRIVACY = "privacy"  # the promise cannot be kept, or something tried to break it
    INTERNAL = "internal"


class SemcamError(Exception):
    """The root of all errors that semcam explains to its user."""

    trouble = Trouble.INTERNAL
    """Why a camera stops, where it stops for this."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file that a person wrote."""

    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        key = f"{self.key}: " if self.key else ""
        return f"{place}{key}{self.message}"


class ConfigError(SemcamError, ValueError):
    """The file cannot be used; `problems` lists every mistake that was found in it."""

    def __init__(self, where: str, problems: tuple[Problem, ...]) -> None:
        self.where = where
        self.problems = problems
        super().__init__("\n".join(f"{where}: {problem}" for problem in problems))


class SourceError(SemcamError, OSError):
    """A clip or camera cannot be opened or read."""

    trouble = Trouble.SOURCE


class ModelError(SemcamError, RuntimeError):
    """A model file is missing, altered or unusable."""

    trouble = Trouble.MODEL


class WallError(SemcamError, ValueError):
    """A line from the vision process breaks the contract of the wall."""


class SettingsError(SemcamError, ValueError):
    """Settings that came over MQTT cannot be used; nothing has changed."""


class VisionError(SemcamError, RuntimeError):
    """The vision process ended or fell silent without saying why."""

    def __init__(self, message: str, trouble: Trouble = Trouble.INTERNAL) -> None:
        self.trouble = trouble
        super().__init__(message)


class BrokerError(SemcamError, ConnectionError):
    """The MQTT broker is absent, refuses, or did not take an event."""


class FaultCode(StrEnum):
    """Why the vision process gave up: all that it may say about it."""

    JOB_INVALID = "job_invalid"
    SOURCE_MISSING = "source_missing"
    SOURCE_UNREADABLE = "source_unreadable"
    SOURCE_LOST = "source_lost"
    CAMERA_UNAVAILABLE = "camera_unavailable"
    CAMERA_REFUSES = "camera_refuses"  # it gives other pictures than it was asked for
    LIBRARY_MISSING = "library_missing"  # what would speak to this kind of camera is not installed
    PIPELINE_WRONG = "pipeline_wrong"  # GStreamer does not understand it
    FOLDER_TOO_LARGE = "folder_too_large"
    OUT_OF_MEMORY = "out_of_memory"
    MODEL_MISSING = "model_missing"
    MODEL_ALTERED = "model_altered"
    MODEL_UNUSABLE = "model_unusable"
    MODEL_FAMILY = "model_family"  # it answers in another way than its family does
    MODEL_LABELS = "model_labels"  # it knows another number of classes than there are labels
    COMPUTE_ABSENT = "compute_absent"  # what shall compute is not there
    TELEMETRY_ON = "telemetry_on"  # ONNX Runtime would report home
    CONFINEMENT_FAILED = "confinement_failed"  # a layer that `privacy: strict` insists on does not hold
    # while it was confined, something in it tried what is forbidden:
    TRIED_FILE = "tried_file"  # to write, create, rename or mark a file
    TRIED_NETWORK = "tried_network"
    TRIED_PROGRAM = "tried_program"  # to start a program or another process
    TRIED_PROCESS = "tried_process"  # to read, end or share memory with another process, or to become readable
    TRIED_KERNEL = "tried_kernel"  # to change the machine, its mounts, its users or its own confinement
    INTERNAL = "internal"


class VisionFault(SemcamError, RuntimeError):
    """Raised inside the vision process; only these words cross the wall."""

    def __init__(
        self,
        code: FaultCode,
        role: Role | None = None,
        looks_like: Family | None = None,
        classes: int | None = None,
        given: "Given | None" = None,
    ) -> None:
        """Of a model: what it is there for, which family it looks like, and how many classes it knows.

        Of a camera: what it gives instead of what it was asked for.
        """
        self.given = given
        self.code = code
        self.role = role
        self.looks_like = looks_like
        self.classes = classes
        super().__init__(code.value)
