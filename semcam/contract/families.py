"""What there is to look with and to compute on: closed vocabularies, because some of the words cross the wall."""

from enum import StrEnum

from semcam.contract.labels import COCO_80, coco_by_category


class Role(StrEnum):
    """What a model is there for."""

    DETECTOR = "detector"  # animals and things
    POSE = "pose"  # people and how they hold themselves


class Family(StrEnum):
    """How a model wants its picture and spells its answer. The words cross the wall."""

    YOLOX = "yolox"
    YOLOV8 = "yolov8"
    YOLO11 = "yolo11"
    RT_DETR = "rt-detr"
    D_FINE = "d-fine"
    RF_DETR = "rf-detr"
    NANODET = "nanodet"
    CENTERNET = "centernet"
    YOLOV8_POSE = "yolov8-pose"
    YOLO11_POSE = "yolo11-pose"
    RTMPOSE = "rtmpose"
    MOVENET = "movenet"

    @property
    def role(self) -> Role:
        """What models of this family are there for."""
        return Role.POSE if self in _OF_POSE else Role.DETECTOR

    @property
    def called(self) -> str:
        """As its makers write it."""
        return _TITLES[self]

    @property
    def labels(self) -> tuple[str | None, ...]:
        """What each class means where the file was trained on COCO and nothing else is said."""
        # the last of RF-DETR's columns is for no object, also where COCO has a category of that number
        return coco_by_category()[:-1] if self is Family.RF_DETR else COCO_80


_OF_POSE = (Family.YOLOV8_POSE, Family.YOLO11_POSE, Family.RTMPOSE, Family.MOVENET)
_TITLES = {
    Family.YOLOX: "YOLOX",
    Family.YOLOV8: "YOLOv8",
    Family.YOLO11: "YOLO11",
    Family.RT_DETR: "RT-DETR",
    Family.D_FINE: "D-FINE",
    Family.RF_DETR: "RF-DETR",
    Family.NANODET: "NanoDet",
    Family.CENTERNET: "CenterNet",
    Family.YOLOV8_POSE: "YOLOv8 pose",
    Family.YOLO11_POSE: "YOLO11 pose",
    Family.RTMPOSE: "RTMPose",
    Family.MOVENET: "MoveNet",
}


class Compute(StrEnum):
    """What computes. The words cross the wall."""

    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"
    OPENVINO = "openvino"
    XNNPACK = "xnnpack"
