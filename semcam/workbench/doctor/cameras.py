"""Cameras: each is opened as `run` would open it, by a vision process of its own, until there are pictures."""

import os
from collections.abc import Iterator
from pathlib import Path

from semcam.contract.address import without_secrets
from semcam.contract.config import Camera, Config
from semcam.contract.errors import ConfigError, SemcamError
from semcam.contract.event import Status
from semcam.contract.signal import View
from semcam.courier.clock import system_zone
from semcam.courier.service import dial_of, job_of
from semcam.workbench.doctor import v4l2
from semcam.workbench.doctor.broker import Statuses
from semcam.workbench.doctor.finding import Finding, explained, fail, good, unknown, warn, who
from semcam.workbench.doctor.trial import Trial, try_out

LOOK_S = 2.0
_DEVICE = "/dev/video"
_DEVICES = Path("/dev")


def look_at(config: Config, file: Path, running: int | None, statuses: Statuses) -> Iterator[Finding]:
    """One finding for each camera. Those of a semcam that is `running` are not taken from it."""
    for name, camera in config.cameras.items():
        check = f"camera {name}"
        if camera.source is None:
            yield fail(check, "it has no source", f"add source: to it in {file}, such as /dev/video0")
        elif running is not None:
            yield _as_it_says(check, camera, statuses.get(name))
        else:
            yield _tried(check, config, name, camera, camera.source)


def _as_it_says(check: str, camera: Camera, status: Status | None) -> Finding:
    if status is None or status.state == "offline" or status.fps is None:
        remedy = "stop semcam first, if it shall be tried: sudo systemctl stop semcam"
        return unknown(check, "in use by the semcam that runs here, which says nothing of it", remedy)
    seen = f"in use by the semcam that runs here: {status.fps:.1f} pictures a second"
    if status.view and status.view is not View.OK:
        return _poor(check, seen, status.view.value)
    if status.fps < 0.8 * camera.fps_at_rest:
        return warn(check, f"{seen}, of {camera.fps:g}", "lower fps: of the cameras, or use a faster board")
    return good(check, f"{seen}, and it sees well")


def _tried(check: str, config: Config, name: str, camera: Camera, source: str) -> Finding:
    seen = without_secrets(source)
    if source.startswith(_DEVICE):
        device = _device(check, source)
        if isinstance(device, Finding):
            return device
        seen = f"{seen}: {device}"
    try:
        privacy = camera.privacy or config.privacy
        job = job_of(config, name, config.timezone or system_zone(), privacy)
        trial = try_out(job, LOOK_S, dial_of(camera, privacy))
    except (SemcamError, ConfigError) as error:
        return explained(check, error)
    return _of_trial(check, seen, trial)


def _of_trial(check: str, seen: str, trial: Trial) -> Finding:
    if trial.error is not None:
        # what the relay had to say is nearer to the cause than that no picture came
        return explained(check, trial.trouble[-1].replace(", trying again", "") if trial.trouble else trial.error)
    seen = f"{seen}; the first picture after {trial.first_s or 0.0:.1f} s"
    if trial.view and trial.view != View.OK.value:
        return _poor(check, seen, trial.view)
    return good(check, f"{seen}, and it sees well")


def _poor(check: str, seen: str, view: str) -> Finding:
    remedy = "look at the camera and its lamp" if view == View.DARK.value else "look at the camera"
    return warn(check, f"{seen}, but the view is {view}", f"{remedy}; docs/view.md says how that is told")


def _device(check: str, source: str) -> str | Finding:
    """What a camera device has to offer."""
    try:
        device = v4l2.look_at(source)
    except FileNotFoundError:
        there = ", ".join(sorted(str(each) for each in _DEVICES.glob("video*"))) or "none"
        remedy = "plug the camera in, or correct source:"
        return fail(check, f"{source}: no such device; there are: {there}", remedy)
    except PermissionError:
        return fail(check, f"{source}: {who()} may not use it", f"run: sudo usermod -aG video {who()}")
    except OSError as error:
        return fail(check, f"{source}: {os.strerror(error.errno or 0)}", "name a camera, such as /dev/video0")
    if not device.captures:
        remedy = "name its other device, usually the one with the next lower number"
        return fail(check, f"{source}: {device.card} gives no pictures here", remedy)
    formats = ", ".join(f"{each.name} {_range(each.sizes)}".strip() for each in device.formats)
    return f"{device.card} ({formats})" if formats else device.card


def _range(sizes: tuple[str, ...]) -> str:
    if len(sizes) < 2:
        return "".join(sizes)
    by_width = sorted(sizes, key=lambda size: [int(part) for part in size.split(" ")[0].split("x")])
    return f"{by_width[0]} to {by_width[-1]}"
