"""What is said, word for word, in both languages."""

from typing import get_args

import pytest

from semcam.contract.labels import LABELS, LARGE_ANIMAL
from semcam.contract.signal import Stage
from semcam.contract.text import Language, Text
from semcam.courier.languages.ja import NOUNS
from semcam.courier.wording import Facts, sentence, sentences

TANAKA: Text = {"ja": "田中さん", "en": "Ms Tanaka"}
BATH: Text = {"ja": "浴室", "en": "bathroom"}
GATE: Text = {"ja": "門", "en": "gate"}

MAY, SURE, STILL, OVER = Stage.SUSPECTED, Stage.CONFIRMED, Stage.UPDATED, Stage.CLEARED

Case = tuple[str, Stage, Text | None, Text | None, str, str]

TABLE: list[Case] = [
    ("fall", MAY, None, None, "どなたかが倒れたかもしれません。", "Someone may have fallen."),
    ("fall", MAY, TANAKA, None, "田中さんが倒れたかもしれません。", "Ms Tanaka may have fallen."),
    ("fall", MAY, None, BATH, "どなたかが浴室で倒れたかもしれません。", "Someone may have fallen in the bathroom."),
    ("fall", MAY, TANAKA, BATH, "田中さんが浴室で倒れたかもしれません。", "Ms Tanaka may have fallen in the bathroom."),
    ("fall", SURE, None, None, "どなたかが倒れました。", "Someone has fallen."),
    ("fall", SURE, TANAKA, None, "田中さんが倒れました。", "Ms Tanaka has fallen."),
    ("fall", SURE, None, BATH, "どなたかが浴室で倒れました。", "Someone has fallen in the bathroom."),
    ("fall", SURE, TANAKA, BATH, "田中さんが浴室で倒れました。", "Ms Tanaka has fallen in the bathroom."),
    ("fall", STILL, None, None, "どなたかが倒れました。", "Someone has fallen."),
    ("fall", STILL, TANAKA, None, "田中さんが倒れました。", "Ms Tanaka has fallen."),
    ("fall", STILL, None, BATH, "どなたかが浴室で倒れました。", "Someone has fallen in the bathroom."),
    ("fall", STILL, TANAKA, BATH, "田中さんが浴室で倒れました。", "Ms Tanaka has fallen in the bathroom."),
    ("fall", OVER, None, None, "どなたかが起き上がりました。", "Someone is up again."),
    ("fall", OVER, TANAKA, None, "田中さんが起き上がりました。", "Ms Tanaka is up again."),
    ("fall", OVER, None, BATH, "どなたかが浴室で起き上がりました。", "Someone is up again in the bathroom."),
    ("fall", OVER, TANAKA, BATH, "田中さんが浴室で起き上がりました。", "Ms Tanaka is up again in the bathroom."),
    ("bear", MAY, None, None, "クマがいるかもしれません。", "There may be a bear."),
    ("bear", MAY, None, GATE, "門にクマがいるかもしれません。", "There may be a bear at the gate."),
    ("bear", SURE, None, None, "クマがいます。", "A bear is in view."),
    ("bear", SURE, None, GATE, "門にクマがいます。", "A bear is at the gate."),
    ("bear", STILL, None, None, "クマがいます。", "A bear is in view."),
    ("bear", STILL, None, GATE, "門にクマがいます。", "A bear is at the gate."),
    ("bear", OVER, None, None, "クマはいなくなりました。", "The bear has gone."),
    ("bear", OVER, None, GATE, "門のクマはいなくなりました。", "The bear at the gate has gone."),
    (LARGE_ANIMAL, MAY, None, None, "大きな動物がいるかもしれません。", "There may be a large animal."),
    (LARGE_ANIMAL, MAY, None, GATE, "門に大きな動物がいるかもしれません。", "There may be a large animal at the gate."),
    (LARGE_ANIMAL, SURE, None, None, "大きな動物がいます。", "A large animal is in view."),
    (LARGE_ANIMAL, SURE, None, GATE, "門に大きな動物がいます。", "A large animal is at the gate."),
    (LARGE_ANIMAL, STILL, None, None, "大きな動物がいます。", "A large animal is in view."),
    (LARGE_ANIMAL, STILL, None, GATE, "門に大きな動物がいます。", "A large animal is at the gate."),
    (LARGE_ANIMAL, OVER, None, None, "大きな動物はいなくなりました。", "The large animal has gone."),
    (LARGE_ANIMAL, OVER, None, GATE, "門の大きな動物はいなくなりました。", "The large animal at the gate has gone."),
    ("camera_fault", SURE, None, None, "カメラが止まりました。", "The camera has stopped."),
    ("camera_fault", SURE, None, BATH, "浴室のカメラが止まりました。", "The camera in the bathroom has stopped."),
    ("camera_fault", OVER, None, None, "カメラが再び動き出しました。", "The camera works again."),
    ("camera_fault", OVER, None, BATH, "浴室のカメラが再び動き出しました。", "The camera in the bathroom works again."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "stage", "who", "place", "japanese", "english"), TABLE)
def test_each_event_has_its_sentence(
    kind: str, stage: Stage, who: Text | None, place: Text | None, japanese: str, english: str
) -> None:
    label = kind if kind in LABELS else None
    assert sentences(Facts(kind, stage, label, who, place)) == {"ja": japanese, "en": english}


@pytest.mark.parametrize("kind", ["bear", "large_animal", "camera_fault"])
@pytest.mark.parametrize("place", [None, GATE])
def test_animals_and_cameras_are_not_named_after_the_owner_of_the_place(kind: str, place: Text | None) -> None:
    label = kind if kind in LABELS else None
    for stage in (SURE, OVER):
        assert sentences(Facts(kind, stage, label, TANAKA, place)) == sentences(Facts(kind, stage, label, None, place))


@pytest.mark.parametrize("language", get_args(Language))
def test_everything_a_detector_can_name_can_be_told(language: Language) -> None:
    for label in sorted(LABELS):
        for stage in Stage:
            for place in (None, GATE):
                said = sentence(Facts(label, stage, label, None, place), language)
                assert "_" not in said
                assert "None" not in said
                assert said.endswith("。" if language == "ja" else ".")
                assert said[0] == said[0].upper()
                assert "  " not in said


def test_every_thing_has_a_name_of_its_own_in_japanese() -> None:
    assert set(NOUNS) == LABELS
    assert len(set(NOUNS.values())) == len(NOUNS)
    assert all(all(ord(letter) > 0x7F for letter in noun) for noun in NOUNS.values())


def test_living_things_are_there_as_the_living_are() -> None:
    said = {label: sentence(Facts(label, SURE, label), "ja") for label in ("dog", "person", "hot_dog", "teddy_bear")}
    assert said == {
        "dog": "イヌがいます。",
        "person": "人がいます。",
        "hot_dog": "ホットドッグがあります。",
        "teddy_bear": "ぬいぐるみがあります。",
    }


def test_english_articles_and_plurals() -> None:
    said = {label: sentence(Facts(label, SURE, label), "en") for label in ("elephant", "umbrella", "scissors", "skis")}
    assert said == {
        "elephant": "An elephant is in view.",
        "umbrella": "An umbrella is in view.",
        "scissors": "Scissors are in view.",
        "skis": "Skis are in view.",
    }


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("school gate", "A bear is at the school gate."),
        ("behind the shed", "A bear is behind the shed."),
        ("on Mill Lane", "A bear is on Mill Lane."),
        ("the gate", "A bear is at the gate."),
        ("The gate", "A bear is at the gate."),
    ],
)
def test_a_place_is_told_as_its_owner_wrote_it(place: str, told: str) -> None:
    assert sentence(Facts("bear", SURE, "bear", None, place), "en") == told


def test_a_name_in_one_language_serves_for_both() -> None:
    facts = Facts("fall", SURE, None, {"ja": "田中さん"}, "Zimmer 3")
    assert sentences(facts) == {"ja": "田中さんがZimmer 3で倒れました。", "en": "田中さん has fallen in the Zimmer 3."}
