"""What is installed: the configuration, the models, what the kernel enforces, and how fast this board looks."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semcam.contract.config import Camera, Config, job_for
from semcam.contract.errors import ConfigError, ModelError, SemcamError
from semcam.contract.load import DEMO, load_config, read_config
from semcam.contract.manifest import models_digest, models_dir, read_manifest
from semcam.contract.privacy import Layers, LayerState, PrivacyMode
from semcam.courier.clock import system_zone
from semcam.workbench.doctor.broker import Statuses
from semcam.workbench.doctor.finding import Finding, explained, fail, good, unknown, warn
from semcam.workbench.doctor.trial import Trial, try_out
from semcam.workbench.own_models import check_models
from semcam.workbench.sample import sample_clip

MEASURE_S = 5.0
USUAL_FPS = 10
_FASTER = "lower fps: of the cameras, or use a faster board"


@dataclass(frozen=True, slots=True)
class Measured:
    """What cameras with the same models cost."""

    fps: float
    """Pictures a second that all of them want."""
    trial: Trial


def configuration(file: Path | None) -> tuple[Config | None, Finding]:
    """Whether it can be used, models of one's own included."""
    if file is None:
        remedy = "write one: semcam init living_room"
        return None, warn("configuration", "there is none here; what follows is tried without one", remedy)
    try:
        loaded = read_config(file)
        check_models(file, loaded.config)
    except ConfigError as error:
        first, *others = str(error).splitlines()
        more = f" (and {len(others)} more)" if others else ""
        return None, fail("configuration", f"{first}{more}", f"correct it: semcam check {file}")
    cameras = len(loaded.config.cameras)
    seen = f"{file} is good: " + ("1 camera" if cameras == 1 else f"{cameras} cameras")
    if loaded.hints:
        return loaded.config, warn("configuration", f"{seen}; hint: {loaded.hints[0]}", f"see semcam check {file}")
    return loaded.config, good("configuration", seen)


def models(config: Config | None) -> Finding:
    """Whether each file is the one that belongs to this version."""
    folder = models_dir()
    try:
        for name, entry in read_manifest(folder).items():
            try:
                with (folder / entry.file).open("rb") as file:
                    altered = hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256
            except OSError as error:
                return fail("models", f"{name}: {folder / entry.file}: {error.strerror}", "reinstall semcam")
            if altered:
                return fail("models", f"{name} is not the one in MANIFEST.yaml: its sha256 differs", "reinstall semcam")
        own = dict(config.model_files) if config else {}
        names = ", ".join([*read_manifest(folder), *own])
        return good("models", f"{names}: as they should be ({models_digest(folder, own)})")
    except ModelError as error:
        return explained("models", error)


def measure(config: Config | None, *, at_length: bool) -> list[Measured]:
    """Let the sample clip run through the real vision process, as fast as it goes, once for each choice of models.

    Every picture is looked at, as with somebody in view. Not `at_length`, only its start is seen.

    Raises:
        SemcamError: the sample clip or a model is missing.
    """
    groups: dict[tuple[str, str, int], list[Camera]] = {}
    for camera in (config or load_config(DEMO)).cameras.values():
        groups.setdefault((camera.detector, camera.pose, camera.pose_pixels), []).append(camera)
    zone = (config.timezone if config else None) or system_zone()
    measured = []
    for cameras in groups.values():
        privacy = cameras[0].privacy or (config.privacy if config else PrivacyMode.STRICT)
        job = job_for(cameras[0], str(sample_clip()), config, loop=True, timezone=zone, privacy=privacy)
        trial = try_out(job.model_copy(update={"motion_gate": False}), MEASURE_S if at_length else 0.0)
        measured.append(Measured(sum(camera.fps for camera in cameras), trial))
    return measured


def confinement(config: Config | None, measured: Sequence[Measured]) -> Finding:
    """What the kernel enforces for this user, read back by a vision process."""
    trial = measured[0].trial
    if trial.layers is None:
        return explained("confinement", trial.error or "the vision process said nothing of it; reinstall semcam")
    held = [name for name in Layers.model_fields if getattr(trial.layers, name) is LayerState.HOLDS]
    missing = [name for name in Layers.model_fields if name not in held]
    seen = f"holds: {', '.join(held) or 'nothing'}" + (f"; not here: {', '.join(missing)}" if missing else "")
    if not trial.layers.missing():
        return good("confinement", seen)
    remedy = "docs/privacy.md says how to have it (Where `strict` does not start)"
    strict = config is None or config.privacy is PrivacyMode.STRICT
    if strict:
        return fail("confinement", f"{seen}; privacy: strict starts no camera", remedy)
    return warn("confinement", seen, remedy)


def speed(config: Config | None, measured: Sequence[Measured]) -> Finding:
    """Pictures a second against what the cameras want, all of them with somebody in view at once."""
    for each in measured:
        if each.trial.error is not None:
            return explained("speed", each.trial.error)
        if not each.trial.rate:
            return fail("speed", "fewer than two pictures a second", "use a faster board")
    rates = [(each.fps, each.trial.rate or 1.0) for each in measured]
    load = sum(fps / rate for fps, rate in rates)
    rate = sum(fps for fps, _ in rates) / load
    compute = measured[0].trial.compute
    able = int(rate / USUAL_FPS)
    manages = f"enough for {able} at {USUAL_FPS} a second" if able else f"not enough for one at {USUAL_FPS}"
    seen = f"{rate:.1f} pictures a second ({compute.value if compute else 'cpu'}) with somebody in view: {manages}"
    if config is None:
        return good("speed", seen)
    seen = f"{seen}; the cameras want {sum(fps for fps, _ in rates):g} in all"
    if load <= 1:
        return good("speed", seen)
    return fail("speed", seen, _FASTER) if load > 2 else warn("speed", seen, _FASTER)


def speed_while_running(config: Config, statuses: Statuses) -> Finding:
    """A measurement would take from those who watch: what they themselves say."""
    told = {name: status.fps for name, status in statuses.items() if status.state == "online" and status.fps}
    if set(told) != set(config.cameras):
        remedy = "stop semcam first, if it shall be measured: sudo systemctl stop semcam"
        return unknown("speed", "not measured beside the semcam that runs here", remedy)
    wanted = sum(camera.fps for camera in config.cameras.values())
    seen = f"the semcam that runs here looks at {sum(told.values()):.1f} pictures a second, of {wanted:g}"
    slow = [name for name, camera in config.cameras.items() if told[name] < 0.8 * camera.fps_at_rest]
    return warn("speed", f"{seen}; too few at {', '.join(slow)}", _FASTER) if slow else good("speed", seen)


def measured_or_error(config: Config | None, *, at_length: bool) -> list[Measured]:
    """The same, with what cannot even be tried as the error of a trial."""
    try:
        return measure(config, at_length=at_length)
    except SemcamError as error:
        return [Measured(0.0, Trial(error=error))]
