"""From the words in `source:` to frames."""

from pathlib import Path

import cv2

from semcam.contract.config import Job
from semcam.vision.capture.device import device_of, picamera_of, pipe_of, pipeline_of
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.folder import open_folder
from semcam.vision.capture.frame import Pace, Source
from semcam.vision.capture.gstreamer import GStreamerSource
from semcam.vision.capture.picamera import PicameraSource
from semcam.vision.capture.stream import StreamSource
from semcam.vision.capture.v4l2 import V4L2Source


def open_source(job: Job, pace: Pace | None = None) -> Source:
    """Open what the job names: a camera, the pipe of a relay, a file, or a folder of them; it listens to `pace`.

    Raises:
        VisionFault: it is not there, not readable, or in use.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # errors leave as codes, not as OpenCV words
    cv2.setNumThreads(1)  # pictures are small: waking a second thread costs more than it saves
    pace = pace or Pace()
    if device_of(job.source):
        return V4L2Source(job.source, job.fps, job.capture, pace)
    if (number := picamera_of(job.source)) is not None:
        return PicameraSource(number, job.fps, job.capture, pace)
    if (pipeline := pipeline_of(job.source)) is not None:
        return GStreamerSource(pipeline, job.fps, pace)
    if (pipe := pipe_of(job.source)) is not None:
        return StreamSource(pipe, job.fps, pace)
    path, playback = Path(job.source), Playback(job.fps, job.hold_last_s, job.realtime, job.loop, pace)
    return open_folder(path, playback) if path.is_dir() else open_file(path, playback)
