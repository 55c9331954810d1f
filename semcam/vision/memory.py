"""Whether what failed has failed for want of memory: libraries then give way in all sorts of manners.

A limit on the process (`ulimit -v`, systemd's `LimitAS=`), or a kernel that promises no more than it has
(`vm.overcommit_memory=2`), refuses memory when it is asked for. Python and OpenCV say so; ONNX Runtime takes a model
for unusable, the linker a library for broken, and OpenBLAS ends the process without a word. Any other shortage shows
when memory is filled: then the kernel ends the process, and the courier says so.
"""

import errno
from contextlib import suppress
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap

from semcam.contract.errors import FaultCode, VisionFault

SPARE_BYTES = 48 << 20
"""More than any library asks for at a time: OpenBLAS takes 32 MB, ONNX Runtime 16 MB for the models that come along."""
LEAST_BYTES = 128 << 20
"""What libraries and models take for themselves at the least; to be asked for before they are there."""

_OPENCV_NO_MEMORY = -4  # cv::Error::StsNoMem
_WORDS = ("bad_alloc", "failed to allocate memory", "out of memory", "alloc_failed", "failed to map segment")
"""Of ONNX Runtime, of CUDA, and of the linker of shared libraries; in small letters."""


def is_scarce(size: int = SPARE_BYTES) -> bool:
    """Whether the system refuses a piece of so many bytes. It is not filled, and so takes nothing from anybody."""
    with suppress(OSError, MemoryError):
        mmap(-1, size, MAP_PRIVATE | MAP_ANONYMOUS).close()
        return False
    return True


def require(size: int = SPARE_BYTES) -> None:
    """To be asked before a library that would end the process without a word.

    Raises:
        VisionFault: there are not so many bytes.
    """
    if is_scarce(size):
        raise VisionFault(FaultCode.OUT_OF_MEMORY)


def says_so(error: Exception) -> bool:
    """Whether an error tells of it: Python by its type, the system and OpenCV by a number, others only in words."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    opencv_says = getattr(error, "code", None) == _OPENCV_NO_MEMORY and type(error).__module__ == "cv2"
    return opencv_says or any(word in str(error).lower() for word in _WORDS)


def explains(error: Exception) -> bool:
    """Whether an error is one of memory; where there is none left, all else is a consequence of that."""
    return says_so(error) or is_scarce()
