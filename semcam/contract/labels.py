"""What the detectors can name. The order of COCO_80 is the class index of the detectors (COCO, 2017)."""

COCO_80: tuple[str, ...] = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic_light",
    "fire_hydrant", "stop_sign", "parking_meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports_ball", "kite", "baseball_bat", "baseball_glove", "skateboard", "surfboard",
    "tennis_racket", "bottle", "wine_glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot_dog", "pizza", "donut", "cake", "chair", "couch",
    "potted_plant", "bed", "dining_table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard",
    "cell_phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy_bear", "hair_drier", "toothbrush",
)  # fmt: skip

PERSON = "person"
BEAR = "bear"
LARGE_ANIMAL = "large_animal"
"""Said when something is surely a big animal but not surely which one."""

BIG: frozenset[str] = frozenset({"bear", "cow", "horse", "elephant"})
"""What small detectors call a bear in poor light; any of them is a large animal."""

ANIMALS: frozenset[str] = BIG | {"bird", "cat", "dog", "sheep", "zebra", "giraffe", LARGE_ANIMAL}

LABELS: frozenset[str] = frozenset(COCO_80) | {LARGE_ANIMAL}

_NOT_USED = frozenset({0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83})
"""Category ids of COCO under which nothing was labelled."""


def coco_by_category() -> tuple[str | None, ...]:
    """The same labels by COCO's own category ids, 0 to 90, which have gaps."""
    names = iter(COCO_80)
    return tuple(None if id in _NOT_USED else next(names) for id in range(91))
