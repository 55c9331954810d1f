"""Frames to a small H.264 file, the same bytes for the same frames."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg

from mesh import Array

_CRF = 23  # what cameras' sub-streams look like, at 100 to 400 kB a clip


def encode(frames: Sequence[Array], path: Path, fps: int) -> None:
    """Write (H, W, 3) uint8 RGB frames, all of one size, to an MP4 file."""
    height, width, _ = frames[0].shape
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "-"]
    command += ["-c:v", "libx264", "-preset", "slow", "-crf", str(_CRF), "-pix_fmt", "yuv420p"]
    # One thread and no metadata: more threads or a version string would change the bytes.
    command += ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"]
    command += ["-movflags", "+faststart", str(path)]
    subprocess.run(command, input=b"".join(frame.tobytes() for frame in frames), check=True)
