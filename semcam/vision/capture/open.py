"""From the words in `source:` to frames."""

from pathlib import Path

import cv2

from semcam.contract.config import Job
from semcam.vision.capture.device import device_of, pipe_of
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Source
from semcam.vision.capture.stream import StreamSource
from semcam.vision.capture.v4l2 import V4L2Source


def open_source(job: Job) -> Source:
    """Open what the job names: a /dev/video device, the pipe of a relay, or a file.

    Raises:
        VisionFault: it is not there, not readable, or in use.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # errors leave as codes, not as OpenCV words
    cv2.setNumThreads(1)  # pictures are small: waking a second thread costs more than it saves
    if device_of(job.source):
        return V4L2Source(job.source, job.fps)
    if (pipe := pipe_of(job.source)) is not None:
        return StreamSource(pipe, job.fps)
    return open_file(Path(job.source), Playback(job.fps, job.hold_last_s, job.realtime, job.loop))
