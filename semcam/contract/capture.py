"""In which size, format and rate a camera that hangs on this machine is asked for its pictures."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from semcam.contract.base import Frozen


class PixelFormat(StrEnum):
    """How a camera packs its pictures, by the names of Video4Linux; only those that can be unpacked here."""

    MJPG = "MJPG"
    YUYV = "YUYV"
    UYVY = "UYVY"
    NV12 = "NV12"
    NV21 = "NV21"
    YU12 = "YU12"
    YV12 = "YV12"
    BGR3 = "BGR3"
    RGB3 = "RGB3"
    GREY = "GREY"


Side = Annotated[int, Field(ge=16, le=16_384)]


class Capture(Frozen):
    """What a camera is asked for; what is left out, it may choose."""

    size: Annotated[str, Field(pattern=r"^[1-9][0-9]{1,3}x[1-9][0-9]{1,3}$")] = Field(
        default="640x480", description="width and height, such as 1280x720"
    )
    format: PixelFormat | None = Field(
        default=None, strict=False, description="such as MJPG, which leaves more room on a USB bus than YUYV"
    )
    rate: Annotated[float, Field(ge=1, le=240)] | None = Field(
        default=None, description="pictures per second that the camera takes; fps: says how many are looked at"
    )

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.size.partition("x")[0])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.size.partition("x")[2])


class Given(Frozen):
    """What a camera gives instead of what it was asked for."""

    width: Side
    height: Side
    format: PixelFormat | None = None
    """None where it is one that cannot be unpacked here."""
    rate: Annotated[int, Field(ge=0, le=1000)] | None = None

    def __str__(self) -> str:
        """As a sentence has it: 640x480 in YUYV at 30 pictures a second."""
        packed = f" in {self.format}" if self.format else ""
        return f"{self.width}x{self.height}{packed}" + (f" at {self.rate} pictures a second" if self.rate else "")
