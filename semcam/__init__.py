"""semcam: a camera that tells what happened and cannot show it."""

__version__ = "0.1.0"
