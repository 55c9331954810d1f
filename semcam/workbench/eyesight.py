"""The real eyes on a clip, inside this process. Imported only where a clip has to be looked at: it is slow to load."""

from semcam.contract.config import Job
from semcam.contract.manifest import models_dir
from semcam.vision.capture.frame import Gap, Pace
from semcam.vision.capture.open import open_source
from semcam.vision.perceive.eyes import Eyes
from semcam.workbench.cache import code_digest
from semcam.workbench.observations import Moment, Observations

CODE = code_digest()
"""The state of the code that was imported: files may change while a long evaluation runs."""


def look(job: Job) -> Observations:
    """Every frame of the job's clip through the same source and eyes as in the vision process.

    Raises:
        VisionFault: the clip or a model cannot be used.
    """
    pace = Pace()
    source = open_source(job, pace)
    eyes = Eyes.load(models_dir(), job)
    aspect, moments = 1.0, []
    for frame in source.frames():
        if isinstance(frame, Gap):  # clips have none
            continue
        aspect = frame.aspect
        sight = eyes.look(frame)
        pace.is_calm = eyes.are_at_rest
        moments.append(Moment(sight.people, sight.objects))
    source.close()
    return Observations(aspect, job.fps, job.hold_last_s, tuple(moments))
