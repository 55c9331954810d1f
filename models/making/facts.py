"""What is known about each model: where it comes from, what goes in, what comes out.

The build turns these facts into ONNX metadata, `MANIFEST.yaml` and seeded test inputs: each is stated once.
"""

from dataclasses import dataclass, replace

Shape = tuple[int | str, ...]
"""Sizes; a name instead of a number is a size the caller may choose."""


@dataclass(frozen=True, slots=True)
class Input:
    """The picture a model expects."""

    name: str
    tensor: str  # the name in the source graph
    dtype: str
    layout: str
    shape: Shape
    colour: str
    range: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Output:
    """One tensor a model gives back."""

    name: str
    tensor: str  # the name in the source graph
    shape: Shape
    meaning: str


@dataclass(frozen=True, slots=True)
class Quantised:
    """How the 8-bit form of a model is made."""

    source: str  # the name of the float model
    operators: tuple[str, ...]  # what is computed in 8 bits
    kept_float: tuple[str, ...]  # nodes that are not, by the names that the build gives them
    differs: float  # largest difference of a score from the float model's, on the sample clips


@dataclass(frozen=True, slots=True)
class Facts:
    """One model."""

    name: str
    stem: str  # file name inside the source package, without suffix
    title: str
    task: str
    author: str
    upstream: str
    licence: str  # SPDX, or NOASSERTION where its author stated none
    licence_note: str
    copyright: str
    input: Input
    outputs: tuple[Output, ...]
    decode: str
    labels: str
    sizes: tuple[tuple[int, int], ...]  # (height, width) in pixels, tried by --check
    measured: tuple[tuple[int, int], ...]  # (height, width) in pixels, timed by --measure
    quantised: Quantised | None = None
    lean: bool = False  # what surrounds the convolutions is written anew, see making/lean.py


_UNSCALED = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)

MOVENET = Facts(
    name="movenet-multipose",
    stem="movenet-multipose",
    title="MoveNet MultiPose Lightning: up to 6 people, 17 keypoints each",
    task="pose",
    author="Google",
    upstream="https://tfhub.dev/google/tfjs-model/movenet/multipose/lightning/1",
    licence="Apache-2.0",
    licence_note="As stated on the model's TensorFlow Hub page.",
    copyright="Copyright Google LLC (MoveNet); Copyright (c) 2021 Vladimir Mandic (float16 packaging, MIT)",
    input=Input("image", "input:0", "int32", "NHWC", (1, "height", "width", 3), "RGB", "0..255", *_UNSCALED),
    outputs=(
        Output(
            "poses",
            "Identity:0",
            (1, 6, 56),
            "one row per person: 17 x (y, x, score) in COCO-17 order, then ymin, xmin, ymax, xmax, score",
        ),
    ),
    decode=(
        "Height and width may be any multiple of 32. Coordinates are fractions of the input's height and "
        "width, scores are 0..1. Always 6 rows; rows with a low person score (index 55) are empty."
    ),
    labels="coco-17-keypoints",
    sizes=((192, 320), (256, 320), (320, 320), (320, 192)),
    measured=((192, 320), (256, 320)),
    lean=True,
)


def _nanodet_outputs() -> tuple[Output, ...]:
    """The source calls them Identity to Identity_5: scores at strides 8, 16, 32, then the distances."""
    tensors = {"scores": ("Identity:0", "Identity_1:0", "Identity_2:0")}
    tensors["distances"] = ("Identity_3:0", "Identity_4:0", "Identity_5:0")
    columns = {"scores": 80, "distances": 44}
    meaning = {
        "scores": "score 0..1 of each of the 80 classes (sigmoid already applied)",
        "distances": "left, top, right, bottom: 11 logits each, softmax not yet applied",
    }
    return tuple(
        Output(
            f"{kind}_{stride}",
            tensors[kind][level],
            (1, (416 // stride) ** 2, columns[kind]),
            f"stride {stride}, one row per cell, row by row from the top left: {meaning[kind]}",
        )
        for kind in ("scores", "distances")
        for level, stride in enumerate((8, 16, 32))
    )


NANODET = Facts(
    name="nanodet",
    stem="nanodet",
    title="NanoDet-g 416: 80 kinds of objects",
    task="detect",
    author="RangiLyu",
    upstream="https://github.com/RangiLyu/nanodet",
    licence="Apache-2.0",
    licence_note="LICENSE of the upstream repository, which publishes the trained weights.",
    copyright="Copyright 2020-2021 RangiLyu; Copyright (c) 2021 Vladimir Mandic (float16 packaging, MIT)",
    input=Input(
        "image",
        "input_1:0",
        "float32",
        "NCHW",
        (1, 3, 416, 416),
        "BGR",
        "0..255, then (value - mean) / std",
        (103.53, 116.28, 123.675),
        (57.375, 57.12, 58.395),
    ),
    outputs=_nanodet_outputs(),
    decode=(
        "Cell i of a level with stride s and n = 416/s columns has its centre at x = (i mod n + 0.5) s, "
        "y = (i div n + 0.5) s. Each side's distance is s times the softmax-weighted mean of 0..10 over its "
        "11 logits; the box is (x - left, y - top, x + right, y + bottom) in input pixels. Boxes overlap: "
        "apply NMS per class (upstream uses IoU 0.6)."
    ),
    labels="coco-80",
    sizes=((416, 416),),
    measured=((416, 416),),
)

CENTERNET = Facts(
    name="centernet",
    stem="centernet",
    title="CenterNet with MobileNetV3-large 0.75: 80 kinds of objects",
    task="detect",
    author="610265158 (GitHub user name)",
    upstream="https://github.com/610265158/mobilenetv3_centernet",
    licence="NOASSERTION",
    licence_note=(
        "The npm package that carries the weights is MIT as a whole and names this upstream. In the upstream "
        "repository no licence was found and its issue 10 asks for one: what its author permits is not known."
    ),
    copyright=(
        "Copyright the author of mobilenetv3_centernet (name not stated); "
        "Copyright (c) 2021 Vladimir Mandic (float16 packaging, MIT)"
    ),
    input=Input("image", "tower_0/images:0", "float32", "NHWC", (1, 512, 512, 3), "RGB", "0..255", *_UNSCALED),
    outputs=(
        Output(
            "detections",
            "tower_0/detections:0",
            (1, 100, 6),
            "one row per object, best first: x1, y1, x2, y2 in input pixels, score 0..1, class as a float",
        ),
    ),
    decode=(
        "Always 100 rows; boxes may reach outside the picture. Peaks are already picked by a 3x3 maximum in "
        "the graph; one object may still appear twice, so apply NMS."
    ),
    labels="coco-80",
    sizes=((512, 512),),
    measured=((512, 512),),
)


def _convolutions(*numbers: int) -> tuple[str, ...]:
    return tuple(f"Conv_{number}" for number in numbers)


MOVENET_INT8 = replace(
    MOVENET,
    name="movenet-multipose-int8",
    title=f"{MOVENET.title}; 8-bit",
    quantised=Quantised(
        source=MOVENET.name,
        operators=("Conv", "Clip", "Relu"),
        kept_float=_convolutions(
            *(5, 7, 9),  # the first three see the picture
            *(102, 112, 114, 115, 126, 128, 129, 140, 142, 143),  # the pyramid
            *(187, 188, 190, 150, 151, 153),  # the heads that are asked everywhere
        ),
        differs=0.1,
    ),
)

NANODET_INT8 = replace(
    NANODET,
    name="nanodet-int8",
    title=f"{NANODET.title}; 8-bit",
    quantised=Quantised(
        source=NANODET.name,
        operators=("Conv", "LeakyRelu", "Concat"),  # the only MaxPool sees minus infinity at the edges
        kept_float=(
            *("Conv_1", "LeakyRelu_2"),  # the first sees the picture; in 8 bits it cost one bear of 24
            *_convolutions(99, 113, 123),  # the heads
        ),
        differs=0.2,
    ),
)

ALL: tuple[Facts, ...] = (MOVENET, MOVENET_INT8, NANODET, NANODET_INT8, CENTERNET)
