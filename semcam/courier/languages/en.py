"""English."""

from semcam.contract.signal import Stage

_PREPOSITIONS = ("at ", "in ", "on ", "by ", "near ", "behind ", "outside ")

_WITHOUT_ARTICLE = frozenset({"scissors", "skis", "broccoli"})


def say(kind: str, stage: Stage, label: str | None, who: str | None, place: str | None) -> str:
    """The sentence for one event; a place may bring its own preposition: "at the gate"."""
    match kind:
        case "fall":
            text = _fall(stage, who or "someone", _where(place, "in the"))
        case "camera_fault":
            camera = f"the camera{_where(place, 'in the')}"
            text = f"{camera} works again" if stage is Stage.CLEARED else f"{camera} has stopped"
        case _:
            text = _sighting(stage, label or kind, _where(place, "at the"))
    return text[0].upper() + text[1:] + "."


def _fall(stage: Stage, who: str, where: str) -> str:
    match stage:
        case Stage.SUSPECTED:
            return f"{who} may have fallen{where}"
        case Stage.CLEARED:
            return f"{who} is up again{where}"
        case _:
            return f"{who} has fallen{where}"


def _sighting(stage: Stage, label: str, where: str) -> str:
    noun = label.replace("_", " ")
    are, have = ("are", "have") if label in ("scissors", "skis") else ("is", "has")
    article = "" if label in _WITHOUT_ARTICLE else "an " if noun[0] in "aeiou" else "a "
    match stage:
        case Stage.SUSPECTED:
            return f"there may be {article}{noun}{where}"
        case Stage.CLEARED:
            return f"the {noun}{where} {have} gone"
        case _:
            return f"{article}{noun} {are}{where or ' in view'}"


def _where(place: str | None, preposition: str) -> str:
    if place is None:
        return ""
    if place.lower().startswith(_PREPOSITIONS):
        return f" {place}"
    return f" {preposition} {place[4:] if place.lower().startswith('the ') else place}"
