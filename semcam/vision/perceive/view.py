"""Whether the camera sees: each second one picture is judged, and what lasts is said.

First by what holds for any camera (black, overexposed, without an edge), then against the camera's own normal. Nothing
is kept of a picture but an `Impression`.
"""

import weakref
from collections import Counter, deque
from enum import Enum

from semcam.contract.signal import FROZEN_AFTER_S, NOTICED_AFTER_S, View
from semcam.vision.capture.frame import Frame, Pixels
from semcam.vision.perceive.impression import Impression, checksum_of, impression_of
from semcam.vision.perceive.normal import Likeness, Normal

RESTORED_AFTER_S = 3.0
"""It must have seen for so long before that is said."""
STILL_EVERY_S = 5.0
"""So often a picture is judged where nothing changes: what comes over the lens slowly is slower than that."""
ADOPT_AFTER_S = 600.0
"""A camera that has another view or other colours for so long, and sees: that is its normal from then on."""

_BLACK, _DIM = 25.0, 40.0
"""Brightness, of 255, of the bright parts: below the first nothing is seen, below the second only edges are."""
_WHITE, _OVEREXPOSED = 243.0, 0.7
"""Mean brightness, of 255, and share of overexposed pixels, above which nothing is seen."""
_PLAIN = 8.0
"""Standard deviation of brightness below which a picture without an edge shows nothing."""
_SOFT = 0.2
"""Sharpness that no sharp picture falls below, whatever it shows."""

_LOST, _KNOWN = 0.6, 0.4
"""Share of the usual blocks that show nothing any more, or that must be known again."""
_DAZZLED, _GLARING = 0.4, 190.0
"""Share of lost blocks, and how bright these are, where it is light that hides them."""
_SOFTER = 0.5
"""Sharpness in times of the normal."""
_KEPT = 0.35
"""Share known again of the blocks that show anything, below which the camera looks elsewhere."""
_CAST, _MOSTLY_THERE = 0.5, 0.25
"""Toward magenta or green, relative to brightness; and share of lost blocks from which something else is in view."""

_COLOURLESS = 0.02
_TWILIGHT = 45.0
"""Mean brightness, of 255, below which a room is not what it is by day."""
_SPELLINGS = 4
"""An encoder can give one and the same picture in so many forms, over and over. A clip that is looped has more."""
_OWN_REPEATS = 5
"""Repeats of the stream itself that are remembered."""
_LONG_REPEAT_S = 5.0
_MOST_REPEAT_S = 60.0


class _Light(Enum):
    """What looks different with nothing wrong: each has a normal of its own."""

    DAY = "day"
    DIM = "dim"
    INFRARED = "infrared"


class ViewHealth:
    """Judges one camera. It learns its normal from what it is shown, anew in each process."""

    def __init__(self) -> None:
        self._normals = {light: Normal() for light in _Light}
        self._last_normal: Normal | None = None
        self._repeats = Repeats()
        self._readings: deque[tuple[float, View]] = deque()
        """Of the last seconds."""
        self._good_since_s: float | None = None
        self._view = View.OK
        self._since_s = 0.0
        self._still_until_s = 0.0
        """Until then a picture that has not changed need not be judged."""

    def judge(self, frame: Frame, *, is_still: bool = False) -> View:
        """What is to be said of the camera with this picture; call it once a second.

        `is_still` where something else has found that nothing has changed.
        """
        is_frozen = self._repeats.is_frozen(frame)
        if is_still and frame.t_s < self._still_until_s:
            reading = View.OK
        else:
            reading = self._look(frame, is_frozen=is_frozen)
            is_well_known = reading is View.OK and self._last_normal is not None
            self._still_until_s = frame.t_s + STILL_EVERY_S if is_well_known else 0.0
        view = self._settle(frame.t_s, reading)
        if view is View.OK and is_frozen:
            return View.FROZEN
        if view in (View.MOVED, View.COLOURS) and frame.t_s - self._since_s >= ADOPT_AFTER_S:
            self._begin_anew()
            return View.OK
        return view

    def _look(self, frame: Frame, *, is_frozen: bool) -> View:
        """Judge a picture, and learn from it where it is good."""
        seen = impression_of(frame)
        normal = self._normals[_light_of(seen)]
        reading = self._read(seen, normal)
        if reading is View.OK and not is_frozen:
            normal.learn(seen)
            self._last_normal = normal if normal.is_known else self._last_normal
        return reading

    def _read(self, seen: Impression, normal: Normal) -> View:
        """One picture by itself."""
        if seen.light < _BLACK or (seen.light < _DIM and not seen.has_edges):
            return View.DARK
        if seen.mean > _WHITE or seen.glare > _OVEREXPOSED:
            return View.BRIGHT
        if seen.spread < _PLAIN and not seen.has_edges:
            return View.COVERED
        if normal.is_known:
            return _compared(normal.likeness(seen))
        # the light is new to it: what is hidden can be told by the last one it knew
        if self._last_normal and _is_hidden(self._last_normal.likeness(seen)):
            return View.COVERED
        return View.BLURRED if seen.sharpness < _SOFT else View.OK

    def _settle(self, t_s: float, reading: View) -> View:
        """What has lasted long enough to be said; a single picture that says otherwise changes nothing."""
        if self._readings and t_s - self._readings[-1][0] > NOTICED_AFTER_S:
            self._readings.clear()  # there were no pictures meanwhile
        self._readings.append((t_s, reading))
        while len(self._readings) > 1 and self._readings[1][0] <= t_s - NOTICED_AFTER_S:
            self._readings.popleft()
        if reading is not View.OK:
            self._good_since_s = None
        elif self._good_since_s is None:
            self._good_since_s = t_s
        lost = Counter(view for _, view in self._readings if view is not View.OK)
        has_lasted = t_s - self._readings[0][0] >= NOTICED_AFTER_S
        if self._good_since_s is not None and t_s - self._good_since_s >= RESTORED_AFTER_S:
            self._view = View.OK
        elif has_lasted and lost.total() >= max(2, len(self._readings) - 1):
            view = lost.most_common(1)[0][0]
            if view is not self._view:
                self._view, self._since_s = view, t_s
        return self._view

    def _begin_anew(self) -> None:
        self._normals = {light: Normal() for light in _Light}
        self._last_normal = None
        self._readings.clear()
        self._view = View.OK


class Repeats:
    """How long the camera has shown one and the same picture, and how long it usually does by itself."""

    def __init__(self) -> None:
        self._held: weakref.ref[Pixels] | None = None
        self._known: dict[int, float] = {}
        """Checksums of the last different pictures, the latest at the end, and when each was shown first."""
        self._since_s: float | None = None
        """Since when nothing new was shown."""
        self._last_s = 0.0
        self._own: deque[float] = deque(maxlen=_OWN_REPEATS)
        """How long the last long repeats were."""

    def is_frozen(self, frame: Frame) -> bool:
        """Whether this picture has been shown for too long. What is held on purpose is never frozen."""
        is_held = self._held is not None and self._held() is frame.pixels
        self._held = weakref.ref(frame.pixels)
        checksum = checksum_of(frame.pixels)
        first_s = None if is_held else self._known.pop(checksum, None)
        if first_s is None:
            self._end_repeat()
        elif self._since_s is None:
            self._since_s = first_s
        self._known[checksum] = frame.t_s if first_s is None else first_s
        if len(self._known) > _SPELLINGS:
            del self._known[next(iter(self._known))]
        self._last_s = frame.t_s
        return self._since_s is not None and frame.t_s - self._since_s >= self._patience_s

    def _end_repeat(self) -> None:
        if self._since_s is not None and self._last_s - self._since_s >= _LONG_REPEAT_S:
            self._own.append(self._last_s - self._since_s)
        self._since_s = None

    @property
    def _patience_s(self) -> float:
        """A stream that has repeated itself for so long several times does so because nothing moves."""
        if len(self._own) < _OWN_REPEATS:
            return FROZEN_AFTER_S
        usual_s = sorted(self._own)[_OWN_REPEATS // 2]
        return max(FROZEN_AFTER_S, min(1.5 * usual_s, _MOST_REPEAT_S))


def _light_of(seen: Impression) -> _Light:
    if seen.colour < _COLOURLESS:
        return _Light.INFRARED
    return _Light.DIM if seen.mean < _TWILIGHT else _Light.DAY


def _compared(like: Likeness) -> View:
    if like.lost > _DAZZLED and like.lost_light > _GLARING:
        return View.BRIGHT
    if _is_hidden(like):
        return View.COVERED
    if like.known >= _KNOWN and (like.sharpness < _SOFTER or like.lost > _LOST):
        return View.BLURRED
    if like.kept < _KEPT:
        return View.MOVED
    if like.lost < _MOSTLY_THERE and (like.swapped or abs(like.cast) > _CAST):
        return View.COLOURS
    return View.OK


def _is_hidden(like: Likeness) -> bool:
    return like.lost > _LOST and like.known < _KNOWN
