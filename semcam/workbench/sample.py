"""The clip that comes with semcam: what is tried and measured where nobody has one of their own."""

from pathlib import Path

from semcam.contract.errors import SourceError

_PACKAGE = Path(__file__).parent.parent
_NAME = "bedroom_fall.mp4"


def sample_clip() -> Path:
    """Inside an installed wheel, or beside the package in a checkout.

    Raises:
        SourceError: it is not there.
    """
    installed = _PACKAGE / "sample_videos" / _NAME
    clip = installed if installed.is_file() else _PACKAGE.parent / "sample_videos" / _NAME
    if not clip.is_file():
        raise SourceError("the sample clip is missing in this installation; give a clip of yours, or reinstall semcam")
    return clip
