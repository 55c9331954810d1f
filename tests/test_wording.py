"""What is said of every kind and stage of event, in every language.

The sentences stand in tests/golden/sentences.txt, to be read by people who speak the languages. To accept a change of
the golden list that is meant:

    SEMCAM_UPDATE_GOLDEN=1 tests/run -k golden
"""

import difflib
import os
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.event import FAULTS, RULE_FAULT, VIEW_LOST
from semcam.contract.labels import LABELS, LARGE_ANIMAL
from semcam.contract.message import MAX_SENTENCE_BYTES, json_bytes
from semcam.contract.rules import RULE_KINDS, AnyRule
from semcam.contract.signal import Stage, View, Way
from semcam.contract.text import Language, Text
from semcam.courier.facts import Facts, Named
from semcam.courier.languages import SPEAKERS
from semcam.courier.languages.ja import NOUNS
from semcam.courier.spans import Unit, spans
from semcam.courier.wording import sentence, sentences
from tests.conftest import ROOT

GOLDEN = Path(__file__).parent / "golden" / "sentences.txt"

TANAKA: Text = {"ja": "田中さん", "en": "Ms Tanaka"}
BATH: Text = {"ja": "浴室", "en": "bathroom"}
TUB: Text = {"ja": "浴槽", "en": "tub"}
GATE: Text = {"ja": "校門", "en": "school gate"}
SHOP: Text = {"ja": "店", "en": "shop"}
DOOR: Text = {"ja": "入口", "en": "entrance"}
BEDROOM: Text = {"ja": "寝室", "en": "bedroom"}
WINDOW_BED: Text = {"ja": "窓側のベッド", "en": "bed by the window"}
HALL: Text = {"ja": "ホール", "en": "hall"}
CORNER: Text = {"ja": "談話コーナー", "en": "reading corner"}

MAY, SURE, STILL, OVER = Stage.SUSPECTED, Stage.CONFIRMED, Stage.UPDATED, Stage.CLEARED
MOMENTS = {model.model_fields["kind"].default for model in get_args(AnyRule) if model.momentary}
KINDS = (*RULE_KINDS, *FAULTS)


def stages(kind: str) -> tuple[Stage, ...]:
    """Those that an event of the kind can have."""
    if kind in MOMENTS:
        return (SURE,)
    return tuple(Stage) if kind in ("fall", "sighting") else (SURE, STILL, OVER)


# -- the golden list

Variant = dict[str, Any]

LABELLED: list[Variant] = [{"label": label} for label in ("person", "dog", "car", "suitcase")]
VARIANTS: dict[str, list[Variant]] = {
    "lying": [{"seconds": 600.0}],
    "fall": [{"seconds": 725.0}],
    "long_stay": [{"seconds": 1800.04}],
    "absence": [{"seconds": 12 * 3600.0}, {"by": "10:00"}],
    "left_bed": [{"seconds": 305.0}],
    "not_back": [{"seconds": 900.0}],
    "wandering": [{"seconds": 300.0}],
    "no_motion": [{"seconds": 5400.0}],
    "entered": LABELLED,
    "left": LABELLED,
    "dwell": [{"seconds": 90.0, **each} for each in LABELLED],
    "line_crossed": [
        {"way": Way.IN, "crossings": 12},
        {"way": Way.OUT, "crossings": 1},
        {"way": Way.IN, "crossings": 3, "label": "car"},
        {"way": Way.OUT, "crossings": 3, "label": "dog", "mixed": True},
        {"way": None},
    ],
    "occupancy": [
        {"count": 5, "more_than": 3},
        {"count": 1, "more_than": 0},
        {"count": 1, "fewer_than": 2},
        {"count": 0, "fewer_than": 1},
        {"count": 4, "more_than": 1, "label": "dog"},
        {"count": 0, "fewer_than": 2, "label": "car"},
        {"count": 9, "more_than": 8, "label": None, "mixed": True},
    ],
    "queue": [{"count": 3}, {"count": 1}],
    "crossed_closed_hours": LABELLED,
    "sighting": [{"label": label} for label in ("bear", LARGE_ANIMAL, "person", "umbrella", "scissors")],
    "left_behind": [{"label": label, "seconds": 60.0} for label in ("backpack", "dog", "person")],
    "taken": [{"label": "suitcase"}, {"label": "dog"}],
    "when": [{"rule": "two_people_at_night"}],
    RULE_FAULT: [{"rule": "fall"}],
    VIEW_LOST: [{"view": view, "seconds": 600.0} for view in View if view is not View.OK],
}
PLACES: dict[str, tuple[Text, Text]] = {
    "fall": (BATH, TUB),
    "lying": (BATH, TUB),
    "long_stay": (BATH, TUB),
    "left_bed": (BEDROOM, WINDOW_BED),
    "not_back": (BEDROOM, WINDOW_BED),
    "sighting": (GATE, {"ja": "物置の裏", "en": "behind the shed"}),
    "camera_fault": (BATH, TUB),
    "view_lost": (BATH, TUB),
    "line_crossed": (SHOP, DOOR),
    "entered": (SHOP, CORNER),
    "left": (SHOP, CORNER),
    "queue": (SHOP, {"ja": "レジ", "en": "checkout"}),
}


def described(kind: str) -> Iterator[str]:
    """All that is said of a kind."""
    place, spot = PLACES.get(kind, (HALL, CORNER))
    inner = {"line": spot} if kind == "line_crossed" else {"zone": spot}
    names: dict[str, dict[str, Any]] = {
        "": {},
        "who": {"who": TANAKA},
        "place": {"place": place},
        "zone": inner,
        "all": {"who": TANAKA, "place": place, **inner},
    }
    variants = VARIANTS.get(kind, [{}])
    for stage, variant in product(stages(kind), variants):
        about = ", ".join(f"{key}={value}" for key, value in variant.items() if value is not None)
        yield f"{kind} {stage}{f' ({about})' if about else ''}"
        # every name alone once, none and all of them in every stage, and the place with everything else
        wanted = (
            names if stage is SURE and variant is variants[0] else ("", "all") if variant is variants[0] else ("place",)
        )
        told: list[dict[Language, str]] = []
        for name in wanted:
            facts = Facts(kind, stage, **({"label": "person", "rule": kind} | variant | names[name]))
            if (said := sentences(facts)) not in told:
                told.append(said)
                yield from (f"    {text}" for text in said.values())


def test_golden_sentences() -> None:
    lines = [line for kind in KINDS for line in described(kind)]
    if os.environ.get("SEMCAM_UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    difference = "\n".join(difflib.unified_diff(golden, lines, "golden", "now", lineterm=""))
    assert not difference, f"\n{difference}\n{__doc__}"


# -- every combination

GIVEN: dict[str, tuple[Any, ...]] = {
    "who": (None, TANAKA),
    "place": (None, BATH),
    "zone": (None, TUB),
    "line": (None, DOOR),
    "label": (None, "person", "dog", "car", "scissors", "umbrella"),
    "count": (None, 0, 1, 2),
    "seconds": (None, 0.0, 90.0),
}
LINES = {"way": (None, Way.IN, Way.OUT), "crossings": (None, 0, 1), "mixed": (False, True)}
LIMITS = {"more_than": (None, 0, 2), "fewer_than": (None, 1, 2), "by": (None, "10:00")}
ASKED: dict[str, dict[str, tuple[Any, ...]]] = {
    "line_crossed": {"count": (None,), "seconds": (None,), **LINES},
    "occupancy": {"line": (None,), "who": (None,), "seconds": (None,), **LIMITS},
    "absence": {"line": (None,), "label": ("person",), "count": (None,), **LIMITS},
}
"""What a kind asks for besides, and what it can do without."""

ODD = re.compile(
    r"None|Stage|Way\.|[{}_]|  |\(\)|「」|“”|^\W*$|(^|[^.])\.\.| [.,;。、]|。。|^[ .,;。、]|のの|[をにでがはの]。"
)


def check(said: str, facts: Facts) -> None:
    """What no sentence may hold, in any language."""
    assert not ODD.search(said), (said, facts)
    assert said.endswith((".", "。")), (said, facts)
    assert said[0] == said[0].upper(), (said, facts)
    assert said == said.strip(), (said, facts)
    assert said.isprintable(), (said, facts)


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_stage_is_said_whatever_is_known(kind: str, language: Language) -> None:
    asked = GIVEN | ASKED.get(kind, {"line": (None,), "count": (None, 0, 1, 2)})
    if kind == "sighting":  # what is sighted always has a label
        asked = asked | {"label": asked["label"][1:]}
    for stage, *values in product(Stage, *asked.values()):
        facts = Facts(kind, stage, rule="rule-1", camera="cam-1", **dict(zip(asked, values, strict=True)))
        check(sentence(facts, language), facts)


@pytest.mark.parametrize("language", get_args(Language))
def test_whatever_a_detector_can_name_is_said_in_every_kind(language: Language) -> None:
    limits: dict[str, Any] = {"count": 3, "more_than": 2, "way": Way.IN, "crossings": 7, "seconds": 61.0}
    for kind, stage, label, place in product(RULE_KINDS, Stage, sorted(LABELS), (None, GATE)):
        facts = Facts(kind, stage, rule="rule-1", camera="cam-1", label=label, place=place, **limits)
        check(sentence(facts, language), facts)


@pytest.mark.parametrize("language", get_args(Language))
def test_stages_of_one_alarm_are_told_apart(language: Language) -> None:
    """Whoever hears the end of an alarm must not take it for its beginning; what is going on may sound the same."""
    for kind in KINDS:
        said = {stage: sentence(Facts(kind, stage, rule="r", label="person"), language) for stage in stages(kind)}
        assert OVER not in said or said[OVER] not in [text for stage, text in said.items() if stage is not OVER]
        assert MAY not in said or said[MAY] != said[SURE]


# -- names that people really give, and names that they do not

ODD_NAMES = (
    "{who}", "{}", "{0.__class__}", "%s", "%(who)s", "\\n", '"', "$HOME", "O'Brien", "  Bob  ", " ", "a  b", ".", "the",
    "The", "at ", "at the", "on the", "the  ", "1", "№ 5", "🐻", "ﬁ", "ß", "İ", "‘s", "Dr. med. univ.", "が", "の",
)  # fmt: skip
names = st.text(max_size=40).filter(str.isprintable) | st.sampled_from(ODD_NAMES)
texts = names | st.dictionaries(st.sampled_from(get_args(Language)), names, min_size=1)


@given(
    kind=st.sampled_from(KINDS),
    stage=st.sampled_from(Stage),
    label=st.sampled_from(["person", "bear", "suitcase"]),
    given_names=st.fixed_dictionaries({}, optional=dict.fromkeys(("who", "place", "zone", "line"), texts)),
    way=st.sampled_from([None, *Way]),
)
@settings(max_examples=250, deadline=None, derandomize=True)
def test_any_name_is_told_as_it_stands(
    kind: str, stage: Stage, label: str, given_names: dict[str, Any], way: Way | None
) -> None:
    facts = Facts(kind, stage, rule="rule-1", label=label, way=way, **given_names)
    plain = Facts(kind, stage, rule="rule-1", label=label, way=way)
    for language, said in sentences(facts).items():
        known = facts.named(language)
        assert said.endswith((".", "。"))
        assert json_bytes(said) <= MAX_SENTENCE_BYTES
        assert "  " not in said
        assert said == said.strip()
        # braces and the like come from names alone: nothing in a name is taken for a field
        for sign in "{}%\\$":
            assert said.count(sign) == 0 or any(sign in name for name in known if name)
        if not any(known):
            assert said == sentence(plain, language)


@pytest.mark.parametrize("language", get_args(Language))
def test_a_sentence_too_long_for_its_event_leaves_out_the_least(language: Language) -> None:
    who, place, zone = "田" * 42, "浴" * 42, "洗" * 42
    said = sentence(Facts("fall", SURE, who=who, place="浴" * 10, zone=zone), language)
    assert who in said
    assert "浴" * 10 in said
    assert zone not in said
    said = sentence(Facts("fall", MAY, who=who, place=place, zone=zone), language)
    assert who in said
    assert json_bytes(said) <= MAX_SENTENCE_BYTES
    quoted = sentence(Facts("fall", MAY, who='"' * 128, place="\\" * 128), language)  # JSON writes each twice
    assert json_bytes(quoted) <= MAX_SENTENCE_BYTES


def test_names_in_no_language_at_all_and_blank_ones_are_not_said() -> None:
    assert sentence(Facts("fall", SURE, who=" ", place="   "), "en") == "Someone has fallen."


# -- languages


def test_every_language_that_can_be_configured_has_its_file_and_the_list_of_them_stands_once() -> None:
    assert set(SPEAKERS) == set(get_args(Language))
    code = f"""["']({"|".join(get_args(Language))})["']"""
    listed = re.compile(rf"{code}, *{code}")
    files = [path for path in (ROOT / "semcam").rglob("*.py") if listed.search(path.read_text(encoding="utf-8"))]
    assert [path.name for path in files] == ["text.py"]


def test_a_language_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third one, as its file would be, says what it is asked to, fields of own messages included."""

    class Esperanto:
        SOMEONE = "iu"
        FOR_A_WHILE = "iom da tempo"

        def say(self, facts: Facts, named: Named) -> str:
            return f"{named.who or self.SOMEONE}: {facts.kind}."

        def noun(self, label: str | None) -> str:
            return {"bear": "urso"}.get(label or "", "io")

        def duration(self, seconds: float) -> str:
            return f"{seconds:.0f} s"

        def join(self, text: str, word: str) -> str:
            return text + word

    monkeypatch.setitem(SPEAKERS, "en", Esperanto())
    facts = Facts("sighting", SURE, label="bear", seconds=5.0)
    assert sentence(facts, "en") == "iu: sighting."
    assert sentences(facts, "{label} {duration}")["en"] == "urso 5 s"


def test_japanese_has_a_name_of_its_own_for_every_thing() -> None:
    assert set(NOUNS) == LABELS
    assert len(set(NOUNS.values())) == len(NOUNS)
    assert all(all(ord(letter) > 0x7F for letter in noun) for noun in NOUNS.values())


def test_a_name_in_one_language_serves_for_all() -> None:
    facts = Facts("fall", SURE, who={"ja": "田中さん"}, place="Zimmer 3")
    assert sentences(facts) == {"ja": "田中さんがZimmer 3で倒れました。", "en": "田中さん has fallen in Zimmer 3."}


# -- English places


@pytest.mark.parametrize(
    ("place", "fallen", "seen"),
    [
        ("bathroom", "in the bathroom", "at the bathroom"),
        ("Bathroom", "in the Bathroom", "at the Bathroom"),
        ("school gate", "at the school gate", "at the school gate"),
        ("The gate", "at the gate", "at the gate"),
        ("terrace", "on the terrace", "on the terrace"),
        ("behind the shed", "behind the shed", "behind the shed"),
        ("in front of the house", "in front of the house", "in front of the house"),
        ("on Mill Lane", "on Mill Lane", "on Mill Lane"),
        ("Mill Lane", "in Mill Lane", "at Mill Lane"),
        ("room 12", "in room 12", "at room 12"),
        ("Room 12", "in Room 12", "at Room 12"),
        ("Ward B", "in Ward B", "at Ward B"),
        ("bath-101", "in bath-101", "at bath-101"),
        ("2nd floor", "on the 2nd floor", "on the 2nd floor"),
        ("Anna's room", "in Anna's room", "at Anna's room"),
        ("our hall", "in our hall", "at our hall"),
        ("浴室", "in 浴室", "at 浴室"),
    ],
)
def test_an_english_place_gets_the_preposition_and_article_it_needs(place: str, fallen: str, seen: str) -> None:
    assert sentence(Facts("fall", SURE, place=place), "en") == f"Someone has fallen {fallen}."
    assert sentence(Facts("sighting", SURE, label="bear", place=place), "en") == f"A bear is {seen}."


@pytest.mark.parametrize(
    ("place", "entered", "left"),
    [
        ("kitchen", "entered the kitchen", "left the kitchen"),
        ("at the gate", "appeared at the gate", "left the gate"),
        ("in room 12", "appeared in room 12", "left room 12"),
        ("behind the shed", "appeared behind the shed", "gone from behind the shed"),
        ("in front of the shop", "appeared in front of the shop", "gone from in front of the shop"),
    ],
)
def test_english_verbs_of_motion_take_a_place_or_its_preposition(place: str, entered: str, left: str) -> None:
    assert sentence(Facts("entered", SURE, place=place), "en") == f"Someone has {entered}."
    assert sentence(Facts("left", SURE, place=place), "en") == f"Someone has {left}."


def test_english_articles_and_plurals() -> None:
    said = {
        label: sentence(Facts("sighting", SURE, label=label), "en")
        for label in ("elephant", "umbrella", "scissors", "skis", "tv", "broccoli")
    }
    assert said == {
        "elephant": "An elephant is in view.",
        "umbrella": "An umbrella is in view.",
        "scissors": "Scissors are in view.",
        "skis": "Skis are in view.",
        "tv": "A TV is in view.",
        "broccoli": "Broccoli is in view.",
    }
    counted = {
        label: sentence(Facts("occupancy", SURE, label=label, count=2, more_than=0), "en")
        for label in ("person", "bus", "sheep", "knife", "mouse", "toothbrush", "scissors", "wine_glass", "tv")
    }
    assert counted == {
        "person": "There are 2 people.",
        "bus": "There are 2 buses.",
        "sheep": "There are 2 sheep.",
        "knife": "There are 2 knives.",
        "mouse": "There are 2 mice.",
        "toothbrush": "There are 2 toothbrushes.",
        "scissors": "There are 2 pairs of scissors.",
        "wine_glass": "There are 2 wine glasses.",
        "tv": "There are 2 TVs.",
    }


def test_japanese_counts_and_existence() -> None:
    said = {
        label: sentence(Facts("occupancy", SURE, label=label, count=2, more_than=0), "ja")
        for label in ("person", "bear", "cat", "bird", "car", "bottle", "book", "chair", "teddy_bear", "hot_dog")
    }
    assert said == {
        "person": "2人います。",
        "bear": "クマが2頭います。",
        "cat": "ネコが2匹います。",
        "bird": "鳥が2羽います。",
        "car": "車が2台あります。",
        "bottle": "瓶が2本あります。",
        "book": "本が2冊あります。",
        "chair": "椅子が2脚あります。",
        "teddy_bear": "ぬいぐるみが2個あります。",
        "hot_dog": "ホットドッグが2本あります。",
    }


# -- lengths of time


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (0.0, "1 second", "1秒"),
        (0.6, "1 second", "1秒"),
        (45.2, "45 seconds", "45秒"),
        (59.6, "1 minute", "1分"),
        (60.04, "1 minute", "1分"),
        (64.0, "1 minute", "1分"),
        (90.0, "1 minute 30 seconds", "1分30秒"),
        (725.0, "12 minutes", "12分"),
        (1800.04, "30 minutes", "30分"),
        (3600.0, "1 hour", "1時間"),
        (5400.0, "1 hour 30 minutes", "1時間30分"),
        (7200.0, "2 hours", "2時間"),
        (12.7 * 3600, "12 hours", "12時間"),
        (24 * 3600.0, "1 day", "1日"),
        (50.5 * 3600, "2 days 2 hours", "2日2時間"),
        (7 * 24 * 3600.0, "7 days", "7日"),
    ],
)
def test_lengths_of_time_are_told_as_one_says_them(seconds: float, english: str, japanese: str) -> None:
    assert SPEAKERS["en"].duration(seconds) == english
    assert SPEAKERS["ja"].duration(seconds) == japanese


@given(st.floats(0, 1e6))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_length_of_time_is_never_overstated_and_never_far_off(seconds: float) -> None:
    told = sum(many * unit for many, unit in spans(seconds))
    assert told <= max(1, round(seconds))
    assert max(1, round(seconds)) - told <= max(9, 0.1 * seconds)
    assert all(many > 0 for many, _ in spans(seconds))
    assert spans(seconds)[-1][1] in Unit


@pytest.mark.parametrize(("seconds", "said"), [(600.0, "10分間"), (7200.0, "2時間"), (9000.0, "2時間30分間")])
def test_japanese_says_how_long_without_saying_the_same_sign_twice(seconds: float, said: str) -> None:
    assert sentence(Facts("no_motion", SURE, seconds=seconds), "ja") == f"どなたかが{said}動いていません。"
