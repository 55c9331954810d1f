"""Models of one's own, asked who they are before a camera has to rely on them. No picture is needed for that."""

from collections.abc import Iterator
from pathlib import Path

from semcam.contract.config import Config
from semcam.contract.document import read_document
from semcam.contract.errors import ConfigError, FaultCode, ModelError, VisionFault
from semcam.contract.models import OwnModel, look_up
from semcam.contract.signal import Fault
from semcam.courier.faults import of_model

_KEYS = {FaultCode.MODEL_FAMILY: "family", FaultCode.MODEL_LABELS: "labels"}


def check_models(file: Path, config: Config) -> None:
    """Load every model that the configuration in `file` names, and see whether it is what is said of it.

    Raises:
        ConfigError: with everything that was found.
    """
    if not config.models:
        return
    document = read_document(file)
    problems = [
        document.problem(("models", name, key), message)
        for name, model in config.models.items()
        for key, message in _found(name, model)
    ]
    if problems:
        raise ConfigError(str(file), tuple(problems))


def _found(name: str, model: OwnModel) -> Iterator[tuple[str, str]]:
    """What is wrong with one model: at which key, and in words."""
    from semcam.vision.perceive.load import load_own  # ONNX Runtime: not where there is nothing to load

    try:
        load_own(look_up(name, model), model.family.role, threads=1)
    except ModelError as error:
        yield "file", str(error).removeprefix(f"models.{name}.file: ")
    except VisionFault as fault:
        yield _KEYS.get(fault.code, "file"), of_model(Fault.of(fault), model) or str(fault)
