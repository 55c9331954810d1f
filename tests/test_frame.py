"""A Frame can be looked at and nothing else."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import numpy as np
import numpy.typing as npt
import pytest

from semcam.vision.capture.frame import Frame


def a_frame(value: int = 77) -> Frame:
    return Frame(np.full((48, 64, 3), value, np.uint8), t_s=1.25, index=12)


def test_pixels_cannot_be_written() -> None:
    frame = a_frame()
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels.fill(0)


def test_a_frame_cannot_be_given_other_pixels_or_another_time() -> None:
    frame = a_frame()
    with pytest.raises(FrozenInstanceError):
        frame.pixels = np.zeros((1, 1, 3), np.uint8)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        frame.t_s = 2.0  # type: ignore[misc]


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{0!r:>60}".format])
def test_no_way_of_printing_a_frame_shows_a_pixel(show: Callable[[object], str]) -> None:
    text = show(a_frame(value=77))
    assert "Frame(index=12, t_s=1.250)" in text
    assert "77" not in text
    assert "array" not in text


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_frame_refuses_to_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="does not leave its process"):
        pickle.dumps(a_frame(), protocol)
    with pytest.raises(TypeError, match="does not leave its process"):
        pickle.dumps([{"hidden": (a_frame(),)}], protocol)


def test_a_frame_refuses_to_be_copied() -> None:
    with pytest.raises(TypeError, match="does not leave its process"):
        copy.deepcopy(a_frame())
    with pytest.raises(TypeError, match="does not leave its process"):
        copy.copy(a_frame())


def test_a_frame_has_no_place_to_hang_things_on() -> None:
    with pytest.raises((AttributeError, TypeError)):
        a_frame().note = "x"  # type: ignore[attr-defined]
    assert not hasattr(a_frame(), "__dict__")


def test_two_frames_are_equal_only_if_they_are_the_same() -> None:
    frame = a_frame()
    assert frame == frame
    assert frame != a_frame()
    assert hash(frame)


@pytest.mark.parametrize(
    ("pixels", "named"),
    [
        (np.zeros((4, 4), np.uint8), r"\(4, 4\) uint8"),
        (np.zeros((4, 4, 4), np.uint8), r"\(4, 4, 4\) uint8"),
        (np.zeros((2, 4, 4, 3), np.uint8), r"\(2, 4, 4, 3\) uint8"),
        (np.zeros((4, 4, 3), np.float32), r"\(4, 4, 3\) float32"),
        (np.zeros((), np.uint8), r"\(\) uint8"),
    ],
)
def test_a_wrong_shape_is_named_beside_the_right_one(pixels: npt.NDArray[np.uint8], named: str) -> None:
    with pytest.raises(ValueError, match=r"pixels must be \(H, W, 3\) uint8, got " + named):
        Frame(pixels, 0.0, 0)
