"""Models of a few bytes, one for each way in which a family writes its answer: real ONNX files, run by ONNX Runtime.

Each sees the same thing at the same place, as sure of it as the first channel of its input is bright. So what comes
out tells whether colours, scaling and places are those of the family.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from semcam.contract.families import Family

Floats = npt.NDArray[np.float32]

HEIGHT, WIDTH = 64, 96
BOX = (24.0, 16.0, 56.0, 48.0)
"""Where the thing is, in pixels of the input."""
CLASSES, CLASS = 3, 1
CELLS = 126
"""Of 8, 16 and 32 pixels; the one at row 3 and column 4 of the smallest knows of the thing."""
CELL = 3 * 12 + 4
KEYPOINTS = np.stack([24 + np.arange(17), 16 + np.arange(17)], axis=1).astype(np.float32)

_IMAGENET = (123.675, 58.395)
"""Mean and deviation of red."""


@dataclass(frozen=True)
class Tiny:
    """A model. Outputs are constants, plus the brightness where `marks` say so."""

    family: Family
    outputs: dict[str, Floats]
    marks: dict[str, Floats]
    """1 where an output is the brightness, 0 to 1; of the shape of the output."""
    first_channel: str = "R"
    mean: float = 0.0
    std: float = 1.0
    channels_last: bool = False
    dtype: int = TensorProto.FLOAT
    as_logit: bool = False
    in_pixels_asked_for: bool = False
    """Like RT-DETR and D-FINE: the size in which boxes come back is an input, and classes are an output."""
    people: bool = False
    opset: int = 17
    sides: tuple[int | str, int | str] = field(default=(HEIGHT, WIDTH))

    def write(self, path: Path) -> Path:
        """As an ONNX file."""
        shape = [1, *self.sides, 3] if self.channels_last else [1, 3, *self.sides]
        inputs = [helper.make_tensor_value_info("picture", self.dtype, shape)]
        first = [0, 0, 0, 0] if self.channels_last else [0, 0]
        last = [2**31, 2**31, 2**31, 1] if self.channels_last else [2**31, 1]
        constants = {"first": np.array(first), "last": np.array(last), "axes": np.arange(len(first))}
        # undo what the family does to values, and divide by 255: 0 to 1
        constants |= {"std": np.array(self.std / 255, np.float32), "mean": np.array(self.mean / 255, np.float32)}
        constants |= {"least": np.array(0.001, np.float32), "most": np.array(0.999, np.float32)}
        nodes = [
            helper.make_node("Cast", ["picture"], ["numbers"], to=TensorProto.FLOAT),
            helper.make_node("Slice", ["numbers", "first", "last", "axes"], ["channel"]),
            helper.make_node("ReduceMean", ["channel"], ["average"], keepdims=0),
            helper.make_node("Mul", ["average", "std"], ["scaled"]),
            helper.make_node("Add", ["scaled", "mean"], ["unbounded"]),
            # as the logistic function would, whatever values come in
            helper.make_node("Clip", ["unbounded", "least", "most"], ["share"]),
        ]
        brightness = "share"
        if self.as_logit:
            constants |= {"one": np.array(1, np.float32)}
            nodes += [
                helper.make_node("Sub", ["one", "share"], ["rest"]),
                helper.make_node("Div", ["share", "rest"], ["odds"]),
                helper.make_node("Log", ["odds"], ["logit"]),
            ]
            brightness = "logit"
        outputs = []
        for name, values in self.outputs.items():
            constants |= {f"{name}_base": values, f"{name}_mark": self.marks.get(name, np.zeros_like(values))}
            nodes += [
                helper.make_node("Mul", [f"{name}_mark", brightness], [f"{name}_marked"]),
                helper.make_node("Add", [f"{name}_base", f"{name}_marked"], [f"{name}_whole"]),
                self._last_node(name),
            ]
            outputs.append(helper.make_tensor_value_info(name, self._type_of(name), list(values.shape)))
        if self.in_pixels_asked_for:
            inputs.append(helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2]))
            nodes[:0] = [
                helper.make_node("Cast", ["orig_target_sizes"], ["asked"], to=TensorProto.FLOAT),
                helper.make_node("Concat", ["asked", "asked"], ["corners"], axis=1),
            ]
        weights = [numpy_helper.from_array(value, name) for name, value in constants.items()]
        graph = helper.make_graph(nodes, self.family.value, inputs, outputs, weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString())
        return path

    def _last_node(self, name: str) -> onnx.NodeProto:
        if self.in_pixels_asked_for and name == "boxes":
            return helper.make_node("Mul", [f"{name}_whole", "corners"], [name])
        return helper.make_node("Cast", [f"{name}_whole"], [name], to=self._type_of(name))

    def _type_of(self, name: str) -> int:
        return TensorProto.INT64 if self.in_pixels_asked_for and name == "labels" else TensorProto.FLOAT


def _array(shape: tuple[int, ...], fill: float = 0.0) -> Floats:
    return np.full((1, *shape), fill, np.float32)


def _mark(shape: tuple[int, ...], *place: int) -> Floats:
    marks = _array(shape)
    marks[(0, *place)] = 1
    return marks


def _middle() -> Floats:
    x1, y1, x2, y2 = BOX
    return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], np.float32)


_SIZE = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT], np.float32)


def _yolox(*, decoded: bool) -> Tiny:
    rows = _array((CELLS, 5 + CLASSES))
    rows[..., :4] = 30 if decoded else -0.5
    # a cell to the right of and below the corner of the cell; four cells wide and high
    rows[0, CELL, :4] = _middle() if decoded else (1, 1, np.log(4), np.log(4))
    rows[0, CELL, 4] = 1
    marks = _mark((CELLS, 5 + CLASSES), CELL, 5 + CLASS)
    return Tiny(Family.YOLOX, {"output": rows}, {"output": marks}, first_channel="B")


def _yolov8() -> Tiny:
    columns = _array((4 + CLASSES, CELLS))
    columns[:, :4] = 10
    columns[0, :4, CELL] = _middle()
    marks = _mark((4 + CLASSES, CELLS), 4 + CLASS, CELL)
    return Tiny(Family.YOLOV8, {"output0": columns}, {"output0": marks}, std=255)


def _yolov8_chosen() -> Tiny:
    rows = _array((5, 6))
    rows[0, 0] = (*BOX, 0, CLASS)
    return Tiny(Family.YOLOV8, {"output0": rows}, {"output0": _mark((5, 6), 0, 4)}, std=255)


def _rt_detr() -> Tiny:
    boxes, labels = _array((4, 4)), _array((4,))
    boxes[0, 2] = np.array(BOX, np.float32) / _SIZE
    labels[0, 2] = CLASS
    outputs = {"labels": labels, "boxes": boxes, "scores": _array((4,))}
    return Tiny(Family.RT_DETR, outputs, {"scores": _mark((4,), 2)}, std=255, in_pixels_asked_for=True)


def _rt_detr_raw() -> Tiny:
    boxes, logits = _array((4, 4), 0.1), _array((4, CLASSES), -20)
    boxes[0, 2] = _middle() / _SIZE
    logits[0, 2, CLASS] = 0
    marks = {"logits": _mark((4, CLASSES), 2, CLASS)}
    return Tiny(Family.RT_DETR, {"logits": logits, "pred_boxes": boxes}, marks, std=255, as_logit=True)


def _rt_detr_in_one() -> Tiny:
    rows = _array((4, 4 + CLASSES))
    rows[0, 2, :4] = _middle() / _SIZE
    return Tiny(Family.RT_DETR, {"output0": rows}, {"output0": _mark((4, 4 + CLASSES), 2, 4 + CLASS)}, std=255)


def _rf_detr() -> Tiny:
    # as many columns as a box has numbers: only values and names tell which is which
    boxes, logits = _array((4, 4), 0.1), _array((4, CLASSES + 1), -20)
    boxes[0, 2] = _middle() / _SIZE
    logits[0, 2] = (-20, 0, -20, 20)  # the last one is for no object, however sure
    marks = {"labels": _mark((4, CLASSES + 1), 2, CLASS)}
    mean, std = _IMAGENET
    return Tiny(Family.RF_DETR, {"dets": boxes, "labels": logits}, marks, mean=mean, std=std, as_logit=True)


def _distances(bins: int, *strides: float) -> Floats:
    """Logits of distances in strides; halves lie between two bins."""
    logits = np.full((4, bins), -30, np.float32)
    for side, distance in enumerate(strides):
        logits[side, [int(np.floor(distance)), int(np.ceil(distance))]] = 30
    return logits.ravel()


def _nanodet(*, plus: bool) -> Tiny:
    width, count = CLASSES + 4 * 8, CELLS + 2 * plus
    rows = _array((count, width), -5)
    rows[..., :CLASSES] = 0
    # from the middle of the cell (36, 28), or with Plus from its corner (32, 24)
    sides = (1, 1, 3, 3) if plus else (1.5, 1.5, 2.5, 2.5)
    rows[0, CELL, CLASSES:] = _distances(8, *sides)
    marks = _mark((count, width), CELL, CLASS)
    return Tiny(Family.NANODET, {"output": rows}, {"output": marks}, first_channel="B", mean=103.53, std=57.375)


def _nanodet_apart() -> Tiny:
    outputs = {f"scores_{stride}": _array((count, CLASSES)) for stride, count in ((8, 96), (16, 24), (32, 6))}
    outputs |= {f"distances_{stride}": _array((count, 44)) for stride, count in ((8, 96), (16, 24), (32, 6))}
    outputs["distances_8"][0, CELL] = _distances(11, 1.5, 1.5, 2.5, 2.5)
    marks = {"scores_8": _mark((96, CLASSES), CELL, CLASS)}
    return Tiny(Family.NANODET, outputs, marks, first_channel="B", mean=103.53, std=57.375)


def _centernet() -> Tiny:
    rows = _array((5, 6))
    rows[0, 0] = (*BOX, 0, CLASS)
    return Tiny(Family.CENTERNET, {"detections": rows}, {"detections": _mark((5, 6), 0, 4)}, channels_last=True)


def _centernet_maps() -> Tiny:
    heat, sizes, places = _array((CLASSES, 16, 24)), _array((2, 16, 24)), _array((2, 16, 24))
    sizes[0, :, 7, 9], places[0, :, 7, 9] = 8, 1  # the middle is a cell further than the peak
    marks = _mark((CLASSES, 16, 24), CLASS, 7, 9)
    marks[0, CLASS, 7, 10] = 0.9  # beside the peak, lower, and no thing of its own
    outputs = {"hm": heat, "wh": sizes, "reg": places}
    return Tiny(Family.CENTERNET, outputs, {"hm": marks}, first_channel="B", mean=104.04, std=73.695)


def _yolov8_pose() -> Tiny:
    columns = _array((56, CELLS))
    columns[:, [*range(4), *range(5, 56, 3), *range(6, 56, 3)]] = 10
    columns[0, :4, CELL] = _middle()
    columns[0, 5:, CELL] = np.column_stack([KEYPOINTS, np.full(17, 0.5)]).ravel()
    return Tiny(
        Family.YOLOV8_POSE, {"output0": columns}, {"output0": _mark((56, CELLS), 4, CELL)}, std=255, people=True
    )


def _yolov8_pose_chosen() -> Tiny:
    rows = _array((5, 57))
    rows[0, 0, :6] = (*BOX, 0, 0)
    rows[0, 0, 6:] = np.column_stack([KEYPOINTS, np.full(17, 0.5)]).ravel()
    return Tiny(Family.YOLOV8_POSE, {"output0": rows}, {"output0": _mark((5, 57), 0, 4)}, std=255, people=True)


def _rtmpose() -> Tiny:
    across, down = _array((17, 2 * WIDTH)), _array((17, 2 * HEIGHT))
    for joint, (x, y) in enumerate(KEYPOINTS.astype(int)):
        across[0, joint, 2 * x] = down[0, joint, 2 * y] = 1
    marks = {"simcc_x": across, "simcc_y": down}
    nothing = {"simcc_x": np.zeros_like(across), "simcc_y": np.zeros_like(down)}
    mean, std = _IMAGENET
    return Tiny(Family.RTMPOSE, nothing, marks, mean=mean, std=std, people=True)


def _movenet() -> Tiny:
    rows = _array((6, 56))
    shares = KEYPOINTS[:, ::-1] / (HEIGHT, WIDTH)
    rows[0, 3, :51] = np.column_stack([shares, np.full(17, 0.5)]).ravel()
    rows[0, 3, 51:55] = np.array(BOX, np.float32)[[1, 0, 3, 2]] / _SIZE[[1, 0, 3, 2]]
    marks = {"poses": _mark((6, 56), 3, 55)}
    return Tiny(Family.MOVENET, {"poses": rows}, marks, channels_last=True, dtype=TensorProto.INT32, people=True)


def _movenet_for_one() -> Tiny:
    joints = _array((1, 17, 3))
    joints[0, 0, :, :2] = KEYPOINTS[:, ::-1] / (HEIGHT, WIDTH)
    marks = _array((1, 17, 3))
    marks[..., 2] = 1
    return Tiny(
        Family.MOVENET,
        {"output_0": joints},
        {"output_0": marks},
        channels_last=True,
        dtype=TensorProto.INT32,
        people=True,
    )


_MAKERS: dict[str, Callable[[], Tiny]] = {
    "yolox": lambda: _yolox(decoded=False),
    "yolox, decoded": lambda: _yolox(decoded=True),
    "yolov8": _yolov8,
    "yolov8, nms": _yolov8_chosen,
    "rt-detr": _rt_detr,
    "rt-detr, raw": _rt_detr_raw,
    "rt-detr, in one": _rt_detr_in_one,
    "rf-detr": _rf_detr,
    "nanodet": lambda: _nanodet(plus=False),
    "nanodet-plus": lambda: _nanodet(plus=True),
    "nanodet, apart": _nanodet_apart,
    "centernet": _centernet,
    "centernet, maps": _centernet_maps,
    "yolov8-pose": _yolov8_pose,
    "yolov8-pose, nms": _yolov8_pose_chosen,
    "rtmpose": _rtmpose,
    "movenet": _movenet,
    "movenet, for one": _movenet_for_one,
}
TINY: dict[str, Tiny] = {name: make() for name, make in _MAKERS.items()}
