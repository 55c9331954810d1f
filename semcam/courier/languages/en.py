"""English."""

import re

from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.labels import ANIMALS, PERSON
from semcam.contract.signal import Stage, View, Way
from semcam.courier.facts import MOVERS, Facts, Named, in_words
from semcam.courier.spans import Unit, spans

SOMEONE = "someone"
FOR_A_WHILE = "a while"

_PREPOSITIONS = (
    "above ", "across ", "along ", "around ", "at ", "behind ", "below ", "beside ", "between ", "by ", "in ",
    "inside ", "near ", "next to ", "on ", "opposite ", "outside ", "over ", "under ",
)  # fmt: skip
_PLAIN = re.compile(r"(at|in|on) (?!front of )", re.IGNORECASE)
"""What can be left out where the verb needs none: "at the gate" is the gate; "behind the shed" is not the shed."""

_AT = frozenset({
    "bar", "checkout", "counter", "crossing", "desk", "door", "doorway", "entrance", "exit", "fence", "gate",
    "gateway", "reception", "sink", "station", "stop", "table", "till", "window",
})  # fmt: skip
_ON = frozenset({
    "balcony", "bench", "bridge", "couch", "deck", "driveway", "floor", "landing", "lawn", "mat", "path", "patio",
    "platform", "porch", "ramp", "road", "roof", "sofa", "staircase", "stairs", "street", "terrace", "trail",
})  # fmt: skip
_DETERMINERS = frozenset({"a", "an", "her", "his", "its", "my", "our", "that", "the", "their", "this", "your"})

_NOUNS = {"tv": "TV", "hair_drier": "hair dryer"}
_PLURALS = {"person": "people", "knife": "knives", "mouse": "mice", "sheep": "sheep", "broccoli": "broccoli"}
_PAIRS = frozenset({"scissors", "skis"})
_WITHOUT_ARTICLE = _PAIRS | {"broccoli"}

TITLES: dict[str, str] = {
    "fall": "Fall", "lying": "Lying down", "long_stay": "Long stay", "absence": "Nobody seen",
    "left_bed": "Out of bed", "not_back": "Not back in bed", "wandering": "Wandering", "gesture": "Call for help",
    "no_motion": "No motion", "entered": "Entered", "left": "Left", "dwell": "Staying", "line_crossed": "Crossings",
    "occupancy": "Occupancy", "queue": "Queue", "crossed_closed_hours": "Out of hours", "sighting": "Sighting",
    "left_behind": "Left behind", "taken": "Taken", "camera_fault": "Camera fault", "rule_fault": "Rule fault",
    "view_lost": "View lost", "lost_today": "View lost today",
    "event": "Events", "connectivity": "Connection", "view": "View", "fps": "Pictures per second",
    "ack": "Acknowledge all alarms", "mute": "Mute", "in": "in", "out": "out",
}  # fmt: skip
"""What a state is called where it is shown."""

_UNITS = {Unit.DAY: "day", Unit.HOUR: "hour", Unit.MINUTE: "minute", Unit.SECOND: "second"}


def say(facts: Facts, named: Named) -> str:
    """The sentence for one event; a place may bring its own preposition: "at the gate"."""
    text = _capital(_say(facts, named))
    return text if text.endswith(".") else f"{text}."


def title(kind: str, rule: str | None = None) -> str:
    """Fall; a rule with a name of its own goes by that: After hours."""
    return TITLES[kind] if rule in (None, kind) else _capital(in_words(rule or kind))


def tail(stage: AlarmStage, ending: Ending | None, by: str | None) -> str:
    """Nobody has acknowledged it yet."""
    match stage, ending:
        case ((AlarmStage.REPEATED | AlarmStage.ESCALATED), _):
            return "Nobody has acknowledged it yet."
        case AlarmStage.ACKNOWLEDGED, _:
            return f"Acknowledged by {by}." if by else "Acknowledged."
        case AlarmStage.CLEARED, Ending.CLOSED:
            return f"Closed by {by}." if by else "Closed."
        case AlarmStage.CLEARED, Ending.LAPSED:
            return "It is no longer seen."
        case AlarmStage.CLEARED, Ending.REMOVED:
            return "It is no longer watched for."
        case _:
            return ""


def append(text: str, tail: str) -> str:
    """With a space between."""
    return f"{text} {tail}" if tail else text


def noun(label: str | None) -> str:
    """bear, cell phone."""
    return "thing" if label is None else _NOUNS.get(label, label.replace("_", " "))


def duration(seconds: float) -> str:
    """1 hour 30 minutes."""
    return " ".join(f"{many} {_UNITS[unit]}{'' if many == 1 else 's'}" for many, unit in spans(seconds))


def join(text: str, word: str) -> str:
    """A capital at the beginning, and "an" before a vowel: "A {label}" must be right for an elephant too."""
    if not text:
        return _capital(word)
    article = re.search(r"(?:^|\W)[Aa] $", text)
    return f"{text[:-1]}n {word}" if article and _begins_with_vowel(word) else text + word


def _say(facts: Facts, named: Named) -> str:
    match facts.kind:
        case "fall" | "lying" | "no_motion" | "wandering" | "gesture":
            return _person(facts, named)
        case "left_bed" | "not_back":
            return _bed(facts, named)
        case "absence":
            return _absence(facts, named)
        case "long_stay" | "dwell" | "crossed_closed_hours":
            return _staying(facts, named)
        case "entered" | "left" | "line_crossed":
            return _moving(facts, named)
        case "occupancy":
            return _occupancy(facts, named)
        case "queue":
            return _queue(facts, named)
        case "left_behind":
            return _left_behind(facts, named)
        case "taken":
            return _taken(facts, named)
        case "camera_fault" | "rule_fault":
            return _fault(facts, named)
        case "view_lost":
            return _view_lost(facts, named)
        case "sighting":
            return _sighting(facts, named)
        case _:
            return _title(facts, named)


# -- people


def _person(facts: Facts, named: Named) -> str:
    who, where, long = named.who or SOMEONE, _where(named), _long(facts)
    match facts.kind, facts.stage:
        case "fall", Stage.SUSPECTED:
            return f"{who} may have fallen{where}"
        case "fall", Stage.UPDATED:
            return f"{who} is still down{where}" if facts.seconds is None else f"{who} has been down{where}{long}"
        case "fall" | "lying", Stage.CLEARED:
            return f"{who} is up again{where}"
        case "fall", _:
            return f"{who} has fallen{where}"
        case "lying", _:
            return f"{who} has been lying down{where}{long}"
        case "no_motion", Stage.CLEARED:
            return f"{who} is moving again{where}"
        case "no_motion", _:
            return f"{who} has not moved{where}{long}"
        case "wandering", Stage.CLEARED:
            return f"{who} has settled down{where}"
        case "wandering", _:
            return f"{who} keeps walking about{where}"
        case _, Stage.CLEARED:
            return f"{who} has stopped signalling for help{where}"
        case _, Stage.UPDATED:
            return f"{who} is still asking for help{where}"
        case _:
            return f"{who} is asking for help{where}"


def _bed(facts: Facts, named: Named) -> str:
    who = named.who or SOMEONE
    bed = named.zone and _object(named.zone)
    out_of = f"out of {bed or 'bed'}"
    in_bed = f"in {bed or 'bed'}{_at(named.place)}"
    match facts.kind, facts.stage:
        case _, Stage.CLEARED:
            return f"{who} is back {in_bed}"
        case "not_back", _:
            after = "yet" if facts.seconds is None else f"after {duration(facts.seconds)}"
            return f"{who} is not back {in_bed} {after}"
        case _, Stage.UPDATED:
            return f"{who} has been {out_of}{_at(named.place)}{_long(facts)}"
        case _:
            return f"{who} is {out_of}{_at(named.place)}"


def _absence(facts: Facts, named: Named) -> str:
    where = _where(named)
    if facts.stage is Stage.CLEARED:
        return f"{named.who or SOMEONE} has been seen again{where}"
    if facts.by is not None:
        return f"{f'{named.who} was not' if named.who else 'nobody was'} seen{where} by {facts.by}"
    return f"{f'{named.who} has not' if named.who else 'nobody has'} been seen{where}{_long(facts)}"


# -- places


def _staying(facts: Facts, named: Named) -> str:
    where = _where(named) or " there"
    if facts.stage is Stage.CLEARED:
        if facts.kind == "long_stay" and named.who is None:
            return f"nobody is{where} any more"
        return f"{_the_one(facts, named)} {_is(facts)} no longer{where}"
    if facts.kind == "crossed_closed_hours":
        return f"{_subject(facts, named)} {_is(facts)}{where} out of hours"
    return f"{_subject(facts, named)} {_has(facts)} been{where}{_long(facts)}"


def _moving(facts: Facts, named: Named) -> str:
    begin, moves = f"{_subject(facts, named)} {_has(facts)}", facts.label is None or facts.label in MOVERS
    match facts.kind, facts.way:
        case "entered", _:
            return f"{begin} {_in(_spots(named), moves)}"
        case "left", _:
            return f"{begin} {_out(_spots(named), moves)}"
        case _, Way.IN:
            goes = _in([named.place], moves) if named.place else "come in"
        case _, Way.OUT:
            goes = _out([named.place], moves) if named.place else "gone out"
        case _:
            goes = "passed"
    today = "" if facts.way is None or facts.crossings is None else f"; {facts.crossings} {facts.way} today"
    return f"{begin} {goes}{_at(named.line, 'at')}{today}"


def _in(spots: list[str], moves: bool) -> str:
    """Into a place, the inmost one first."""
    if not spots:
        return "come into view"
    goes = f"appeared{_at(spots[0])}" if _is_placed(spots[0]) or not moves else f"entered {_the(spots[0])}"
    return f"{goes}{''.join(map(_at, spots[1:]))}"


def _out(spots: list[str], moves: bool) -> str:
    """Out of a place, the inmost one first."""
    if not spots:
        return "gone out of view"
    bare = _object(spots[0])
    goes = f"gone from{_at(spots[0])}" if bare is None else f"{'left' if moves else 'gone from'} {bare}"
    return f"{goes}{''.join(map(_at, spots[1:]))}"


def _occupancy(facts: Facts, named: Named) -> str:
    where, most, least = _where(named), facts.more_than, facts.fewer_than
    if facts.stage is Stage.CLEARED:
        if least is not None:
            return f"{_there_are(least, facts, where, 'at least ')} again"
        return _there_are(most, facts, where, "no longer more than ") if most else _nobody(facts, where, " any more")
    if facts.count is None:
        limit, than = (least, "fewer than ") if most is None else (most, "more than ")
        return _title(facts, named) if limit is None else _there_are(limit, facts, where, than)
    rest = f"; there should be at least {least}" if least is not None else f"; the limit is {most}" if most else ""
    if facts.count == 0:
        return _nobody(facts, where, rest)
    return f"{_there_are(facts.count, facts, where, '' if least is None else 'only ')}{rest}"


def _there_are(count: int, facts: Facts, where: str, compared: str = "") -> str:
    """There are at least 5 people in the hall."""
    return f"there {'is' if count == 1 else 'are'} {compared}{_counted(count, facts.label)}{where}"


def _nobody(facts: Facts, where: str, rest: str) -> str:
    if facts.label == PERSON:
        return f"nobody is{where or ' there'}{rest}"
    return f"there {'is nothing' if facts.label is None else f'are no {_several(facts.label)}'}{where}{rest}"


def _queue(facts: Facts, named: Named) -> str:
    where = _where(named, "at")
    if facts.stage is Stage.CLEARED:
        return f"the queue{where} has cleared"
    if facts.count is None:
        return f"people are waiting{where}"
    return f"{_counted(facts.count, PERSON)} {'is' if facts.count == 1 else 'are'} waiting{where}"


# -- things and animals


def _sighting(facts: Facts, named: Named) -> str:
    where, name = _where(named, "at"), noun(facts.label)
    match facts.stage:
        case Stage.SUSPECTED:
            return f"there may be {_a(facts.label)}{where}"
        case Stage.UPDATED:
            return f"the {name} {_is(facts)} still{where or ' in view'}"
        case Stage.CLEARED:
            return f"the {name}{where} {_has(facts)} gone"
        case _:
            return f"{_a(facts.label)} {_is(facts)}{where or ' in view'}"


def _left_behind(facts: Facts, named: Named) -> str:
    where, alone = _where(named), "alone" if _is_person(facts) or facts.label in ANIMALS else "unattended"
    match facts.stage:
        case Stage.CLEARED:
            return f"{_the_one(facts, named)} {_is(facts)} no longer {alone}{where}"
        case Stage.UPDATED:
            return f"{_the_one(facts, named)} {_has(facts)} been {alone}{where}{_long(facts)}"
        case _:
            return f"{_subject(facts, named)} {_has(facts)} been left behind{where}"


def _taken(facts: Facts, named: Named) -> str:
    one, is_, where = _the_one(facts, named), _is(facts), _where(named)
    if facts.stage is Stage.CLEARED:
        return f"{one} {is_} back{where}"
    return f"{one}{where} {is_} {'still gone' if facts.stage is Stage.UPDATED else 'gone'}"


# -- anything


def _title(facts: Facts, named: Named) -> str:
    title = f"{in_words(facts.rule) or noun(facts.kind)}{_where(named)}"
    return f"no longer: {title}" if facts.stage is Stage.CLEARED else title


def _fault(facts: Facts, named: Named) -> str:
    camera = f"the camera{_at(named.place)}"
    if facts.kind == "rule_fault":
        is_off = "is still switched off" if facts.stage is Stage.UPDATED else "has failed and is switched off"
        return f"the rule “{facts.rule}” of {camera} {'works again' if facts.stage is Stage.CLEARED else is_off}"
    match facts.stage:
        case Stage.CLEARED:
            return f"{camera} works again"
        case Stage.UPDATED:
            return f"{camera} still does not work"
        case _:
            return f"{camera} has stopped"


def _view_lost(facts: Facts, named: Named) -> str:
    camera, lasts = f"the camera{_at(named.place)}", facts.stage is Stage.UPDATED and facts.seconds is not None
    if facts.stage is Stage.CLEARED:
        return f"{camera} sees again{'' if facts.seconds is None else f', after {duration(facts.seconds)}'}"
    since = _long(facts) if lasts else ""
    match facts.view:
        case View.DARK:
            return f"it {'has been' if lasts else 'is'} too dark for {camera} to see{since}"
        case View.COVERED | View.BRIGHT | View.BLURRED:
            how = {View.COVERED: "covered", View.BRIGHT: "dazzled"}.get(facts.view, "out of focus")
            return f"{camera} {'has been' if lasts else 'is'} {how}{since}"
        case View.FROZEN:
            return f"{camera} {'has shown' if lasts else 'shows'} one and the same picture{since}"
        case View.MOVED:
            return f"{camera} has been moved"
        case View.COLOURS:
            return f"{camera} {'has shown' if lasts else 'shows'} wrong colours{since}"
        case View.NO_FRAMES:
            return f"{camera} {'has given' if lasts else 'gives'} no pictures{since}"
        case View.LATE:
            return f"the pictures of {camera} {'have come' if lasts else 'come'} late{since}"
        case _:
            return f"{camera} {'has not seen' if lasts else 'does not see'}{since}"


# -- words


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _begins_with_vowel(word: str) -> bool:
    return word[:1].lower() in "aeiou"


def _is_person(facts: Facts) -> bool:
    return facts.label in (None, PERSON)


def _subject(facts: Facts, named: Named) -> str:
    return named.who or SOMEONE if _is_person(facts) else _a(facts.label)


def _a(label: str | None) -> str:
    name = noun(label)
    return name if label in _WITHOUT_ARTICLE else f"{'an' if _begins_with_vowel(name) else 'a'} {name}"


def _is(facts: Facts) -> str:
    return "are" if facts.label in _PAIRS else "is"


def _has(facts: Facts) -> str:
    return "have" if facts.label in _PAIRS else "has"


def _the_one(facts: Facts, named: Named) -> str:
    return named.who or "the person" if _is_person(facts) else f"the {noun(facts.label)}"


def _counted(count: int, label: str | None) -> str:
    """5 people; several kinds of things are counted together."""
    if label is None:
        return f"{count} in all"
    if count == 1:
        return f"1 {'pair of ' if label in _PAIRS else ''}{noun(label)}"
    return f"{count} {_several(label)}"


def _several(label: str) -> str:
    name = noun(label)
    if label in _PAIRS:
        return f"pairs of {name}"
    return _PLURALS.get(label, f"{name}es" if name.endswith(("s", "ch", "sh")) else f"{name}s")


def _long(facts: Facts) -> str:
    return " for a long time" if facts.seconds is None else f" for {duration(facts.seconds)}"


def _spots(named: Named) -> list[str]:
    return [spot for spot in (named.zone, named.place) if spot]


def _where(named: Named, preposition: str = "in") -> str:
    """In the tub in the bathroom."""
    return "".join(_at(spot, "in" if around else preposition) for around, spot in enumerate(_spots(named)))


def _is_placed(spot: str) -> bool:
    """Whether it brings its own preposition."""
    return spot.lower().startswith(_PREPOSITIONS)


def _at(spot: str | None, preposition: str = "in") -> str:
    """A place with its preposition: the one it brings, the one its noun asks for, or else the given one."""
    if not spot:
        return ""
    if _is_placed(spot):
        return f" {spot}"
    words = [word for word in spot.lower().split() if word.isalpha()]
    last = words[-1] if words else ""
    return f" {'at' if last in _AT else 'on' if last in _ON else preposition} {_the(spot)}"


def _object(spot: str) -> str | None:
    """A place without a preposition; None where it does not do without."""
    bare = _PLAIN.sub("", spot, count=1) if _PLAIN.match(spot) else spot
    return None if _is_placed(bare) else _the(bare)


def _the(name: str) -> str:
    """With its article, unless it has one or is a name of its own: the gate, Room 12, Anna's room, Mill Lane."""
    words = name.split()
    first, last = words[0], words[-1]
    if first.lower() == "the":
        return " ".join(("the", *words[1:]))
    numbered = bool(re.search(r"\d(?!\d*(?:st|nd|rd|th)\b)", last)) or bool(re.fullmatch("[A-Z]", last))
    own_name = len(words) > 1 and all(word[0].isupper() for word in words)
    owned = first.lower() in _DETERMINERS or "'s " in name or "’s " in name
    return name if numbered or own_name or owned or not first[0].isascii() else f"the {name}"
