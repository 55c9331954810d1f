"""Clip → observations: looked at once, then remembered."""

from semcam.contract.config import Job
from semcam.workbench.cache import Cache, code_digest, key_of
from semcam.workbench.observations import Observations


def observe(job: Job, cache: Cache | None) -> Observations:
    """What the eyes see in the job's clip; the same numbers whether they come from the cache or not.

    Raises:
        VisionFault: the clip or a model cannot be used.
        ModelError: the models folder has no usable manifest.
    """
    known = cache.get(key_of(job, code_digest())) if cache else None
    if known is not None and (enough := known.held(job.hold_last_s)) is not None:
        return enough
    from semcam.workbench import eyesight  # OpenCV and ONNX Runtime: what is remembered needs neither

    seen = eyesight.look(job)
    if cache:
        cache.put(key_of(job, eyesight.CODE), seen)
    return seen
