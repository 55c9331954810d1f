"""One camera's settings from afar: refused, tried, in force, or taken back; and all of it survives a power cut.

What is in force is kept as it came, signature and all, and is judged anew at each start: whoever can write the file
can no more change a camera than whoever can write to the broker. A file of its own, beside the outbox: it must
outlive a damaged database, and an older semcam, to which a device falls back after an update, must still know it.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from semcam.contract.base import Frozen
from semcam.contract.config import Config
from semcam.contract.errors import SettingsError
from semcam.contract.settings import (
    Addressed,
    Outcome,
    Settings,
    SettingsState,
    SignedSettings,
    lay_settings,
    read_signed,
)
from semcam.courier.signature import is_signed

UP_WITHIN_S = 75.0
"""Until the first picture: as long as a start may take, and some more for a busy board."""
MOST_TRIES = 2
"""A power cut while settings are tried is not their fault; twice in a row looks as if they were."""
_BY_HAND = Settings()


class _Kept(Frozen):
    """What must not be forgotten."""

    number: Annotated[int, Field(ge=0, lt=2**53)] = 0
    """The highest that was judged: nothing up to it is obeyed ever again."""
    good: SignedSettings | None = None
    """In force; None: only what semcam.yaml says."""
    trial: SignedSettings | None = None
    tries: int = 0
    outcome: Outcome | None = None
    why: str | None = None


class CameraSettings:
    """What semcam.yaml and its owner from afar say about one camera, and which of it is in force."""

    def __init__(self, config: Config, name: str, path: Path | None) -> None:
        """Go on with what was in force; `path` is where that is written, None where it need not outlive us."""
        self._config = config
        self._name = name
        self._path = path
        self._news: list[str] = []
        self._refused = ""
        """Why the last thing that came by nobody known was refused."""
        self._trying_since_s: float | None = None
        self._losses = 0
        self._changed = False
        self._kept = self._read()
        self._good = self._judge_kept(self._kept.good)
        self._trial: Addressed | None = None
        self._begin_again()

    @property
    def topic(self) -> str:
        """Where they are sent to, retained; the answer is retained below it, at `state`."""
        return f"semcam/{self._config.site}/{self._name}/settings"

    @property
    def config(self) -> Config:
        """As the camera is to run now: semcam.yaml, with what is tried or in force laid over this camera."""
        return self._laid(self._trial or self._good)

    @property
    def state(self) -> SettingsState | None:
        """What is told of it; None where nobody wants to know."""
        kept = self._kept
        if self._config.settings is None and not (self._refused or kept.number):
            return None
        outcome, why = (Outcome.REFUSED, self._refused) if self._refused else (kept.outcome, kept.why)
        return SettingsState(
            number=self._good.number if self._good else 0,
            settings=self._good.settings if self._good else _BY_HAND,
            answers=None if self._refused else kept.number or None,
            outcome=outcome,
            why=why,
        )

    def receive(self, payload: bytes) -> str | None:
        """Something was sent. Returns why it is not obeyed, where it is not."""
        if not payload:  # somebody has taken back what was retained; what is in force stays
            return None
        try:
            signed = read_signed(payload)
            addressed = self._authentic(signed)
        except SettingsError as error:
            self._refused = str(error)
            return f"camera {self._name}: settings are refused: {error}"
        if addressed.number == self._kept.number:  # what is retained comes again with each connection
            self._refused = ""
            return None
        if addressed.number < self._kept.number:
            self._refused = "settings that are older than those already judged; send them anew"
            return f"camera {self._name}: settings are refused: {self._refused}"
        self._refused = ""
        return self._judge(signed, addressed)

    def tend(self, is_watching: bool, losses: int, now_s: float) -> list[str]:
        """Look how the camera fares. Returns what a person should know.

        Args:
            is_watching: whether a heartbeat has come from the vision process that runs now.
            losses: how often a vision process of this camera was lost so far.
            now_s: the time, by a clock that never goes back.
        """
        if self._trial is not None:
            if self._trying_since_s is None:
                self._trying_since_s, self._losses = now_s, losses
            elif losses > self._losses or now_s - self._trying_since_s > UP_WITHIN_S:
                self._roll_back(self._trial.number, "the camera did not come up with them")
            elif is_watching:
                self._prove()
        news, self._news = self._news, []
        return news

    def change(self) -> Config | None:
        """The configuration that the camera is to go on with, once, where it has changed."""
        changed, self._changed = self._changed, False
        return self.config if changed else None

    # -- inside

    def _authentic(self, signed: SignedSettings) -> Addressed:
        if self._config.settings is None:
            raise SettingsError("semcam.yaml names no key of whoever may send them; add settings: {key: …}")
        if not is_signed(self._config.settings.key, signed.message, signed.signature):
            raise SettingsError("they are not signed with the key that semcam.yaml names; use that one")
        addressed = signed.addressed()
        if (addressed.site, addressed.camera) != (self._config.site, self._name):
            raise SettingsError("they are for another camera; send them to that one")
        return addressed

    def _judge(self, signed: SignedSettings, addressed: Addressed) -> str | None:
        number = addressed.number
        try:
            laid = self._laid(addressed)
        except SettingsError as error:
            self._keep(self._judged(number, Outcome.REFUSED, str(error)))
            return f"camera {self._name}: settings {number} are refused: {error}"
        if laid.cameras[self._name] == self._laid(self._good).cameras[self._name] and self._trial is None:
            self._good = addressed
            self._keep(_Kept(number=number, good=signed, outcome=Outcome.APPLIED))
            return None
        before = self._kept
        if not self._keep(_Kept(number=number, good=before.good, trial=signed, tries=1, outcome=Outcome.TRIED)):
            self._kept = before
            self._refused = "they cannot be written to the disk of the camera; make room on it and send them anew"
            return f"camera {self._name}: settings are refused: {self._refused}"
        self._trial, self._trying_since_s, self._changed = addressed, None, True
        self._news.append(f"camera {self._name}: settings {number} are tried")
        return None

    def _prove(self) -> None:
        assert self._trial is not None
        number = self._trial.number
        self._good, self._trial = self._trial, None
        kept = self._judged(number, Outcome.APPLIED)
        self._keep(kept.model_copy(update={"good": kept.trial, "trial": None}))
        self._news.append(f"camera {self._name}: settings {number} are in force")

    def _roll_back(self, number: int, why: str) -> None:
        self._trial, self._trying_since_s, self._changed = None, None, True
        self._keep(self._judged(number, Outcome.ROLLED_BACK, why).model_copy(update={"trial": None}))
        last = f"settings {self._good.number}" if self._good else "those of semcam.yaml"
        self._news.append(f"camera {self._name}: settings {number} are taken back: {why}; {last} are in force again")

    def _judged(self, number: int, outcome: Outcome, why: str | None = None) -> _Kept:
        """What is to be kept of a judgement; of settings that others have followed by then, nothing is told."""
        if number < self._kept.number:
            return self._kept
        return self._kept.model_copy(update={"number": number, "outcome": outcome, "why": why})

    def _laid(self, addressed: Addressed | None) -> Config:
        if addressed is None:
            return self._config
        camera = lay_settings(self._config, self._name, addressed.settings)
        return self._config.model_copy(update={"cameras": {**self._config.cameras, self._name: camera}})

    # -- over a restart

    def _begin_again(self) -> None:
        """What was tried when we stopped is tried again, but not for ever."""
        trial = self._kept.trial
        if trial is None:
            return
        addressed = self._judge_kept(trial)
        if addressed is None:
            self._keep(self._kept.model_copy(update={"trial": None}))
        elif self._kept.tries >= MOST_TRIES or not self._keep(
            self._kept.model_copy(update={"tries": self._kept.tries + 1})
        ):
            self._roll_back(addressed.number, "semcam was stopped while it tried them")
        else:
            self._trial = addressed
        self._changed = False

    def _judge_kept(self, signed: SignedSettings | None) -> Addressed | None:
        """What was kept, if it may still be: the key, the zones or the rules of semcam.yaml can be others by now."""
        if signed is None:
            return None
        try:
            addressed = self._authentic(signed)
            self._laid(addressed)
        except SettingsError as error:
            self._news.append(f"camera {self._name}: settings from afar are no longer in force: {error}")
            self._kept = self._kept.model_copy(update={"outcome": Outcome.REFUSED, "why": str(error)})
            return None
        return addressed

    def _read(self) -> _Kept:
        if self._path is None:
            return _Kept()
        try:
            return _Kept.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _Kept()
        except (OSError, ValidationError):
            self._news.append(
                f"camera {self._name}: {self._path} cannot be read; semcam.yaml alone is in force, and settings that "
                "were sent before could be sent again"
            )
            return _Kept()

    def _keep(self, kept: _Kept) -> bool:
        """Whole or not at all; says whether it is on the disk."""
        self._kept = kept
        if self._path is None:
            return True
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(kept.model_dump_json(exclude_none=True))
                file.flush()
                os.fsync(descriptor)
            fresh.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink()
            reason = error.strerror
            self._news.append(f"camera {self._name}: what became of its settings cannot be written ({reason})")
            return False
        _sync_folder(self._path.parent)
        return True


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
