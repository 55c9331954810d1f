"""What one camera's desk has counted since the service was started."""

from collections import Counter
from dataclasses import dataclass, field

from semcam.contract.delivery import AlarmStage
from semcam.contract.signal import Beat, View


@dataclass(slots=True)
class Tally:
    """Sums that only ever grow, and the last of what comes again and again. Times are of the clock that never leaps."""

    frames: int = 0
    """Pictures that were looked at, over all vision processes."""
    losses: int = 0
    """How often a vision process died, fell silent or had to be ended."""
    events: Counter[tuple[str, AlarmStage]] = field(default_factory=Counter)
    """By kind and stage."""
    view_s: dict[View | None, float] = field(default_factory=dict)
    """Seconds for which the view was so; None: nobody looked."""
    last_frame_s: float | None = None
    """When the last heartbeat with new pictures came."""
    age_ms: int | None = None
    """How old the oldest picture of that heartbeat was by then."""
    _frames_of_process: int = 0
    _passed_s: float | None = None

    def beat(self, beat: Beat, now_s: float) -> None:
        """A heartbeat with new pictures has come."""
        # a new vision process counts from 0
        self.frames += beat.frames - (self._frames_of_process if beat.frames >= self._frames_of_process else 0)
        self._frames_of_process = beat.frames
        self.last_frame_s, self.age_ms = now_s, beat.age_ms

    def pass_time(self, view: View | None, now_s: float) -> None:
        """Until now the view was so."""
        if self._passed_s is not None:
            self.view_s[view] = self.view_s.get(view, 0.0) + max(0.0, now_s - self._passed_s)
        self._passed_s = now_s
