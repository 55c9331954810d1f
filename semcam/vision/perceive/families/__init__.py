"""All families, and which of them an answer looks like."""

from collections.abc import Iterator

from semcam.contract.families import Family
from semcam.vision.perceive.families.centernet import CENTERNET, CENTERNET_MAPS
from semcam.vision.perceive.families.detr import RF_DETR, RT_DETR
from semcam.vision.perceive.families.kinds import Answer, DetectorKind, PoseKind
from semcam.vision.perceive.families.movenet import MOVENET
from semcam.vision.perceive.families.nanodet import NANODET
from semcam.vision.perceive.families.rtmpose import RTMPOSE
from semcam.vision.perceive.families.yolov8 import YOLOV8, YOLOV8_POSE
from semcam.vision.perceive.families.yolox import YOLOX

Kind = DetectorKind | PoseKind

KINDS: dict[Family, tuple[Kind, ...]] = {
    Family.YOLOX: (YOLOX,),
    Family.YOLOV8: (YOLOV8,),
    Family.YOLO11: (YOLOV8,),
    Family.RT_DETR: (RT_DETR,),
    Family.D_FINE: (RT_DETR,),
    Family.RF_DETR: (RF_DETR,),
    Family.NANODET: (NANODET,),
    Family.CENTERNET: (CENTERNET, CENTERNET_MAPS),
    Family.YOLOV8_POSE: (YOLOV8_POSE,),
    Family.YOLO11_POSE: (YOLOV8_POSE,),
    Family.RTMPOSE: (RTMPOSE,),
    Family.MOVENET: (MOVENET,),
}
"""Each family by the ways in which its files are written."""


def kind_of(family: Family, answer: Answer) -> Kind | None:
    """In which of the family's ways the answer is written; None where it is in none of them."""
    return next((kind for kind in KINDS[family] if kind.fits(answer)), None)


def families_like(answer: Answer) -> Iterator[Family]:
    """Whose answer it could be."""
    return (family for family in Family if kind_of(family, answer) is not None)
