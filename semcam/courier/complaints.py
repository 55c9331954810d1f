"""What comes again and again, such as mistakes in messages that anybody may send: said once in a while, and counted."""

SAY_AGAIN_S = 600.0
MOST_KINDS = 100


class Complaints:
    """Whoever may write to the broker must not be able to fill the log; nor must a broker that comes and goes."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[float, int]] = {}
        """When each was said last, and how often it was kept back since."""
        self._due: list[str] = []

    def add(self, sentence: str, now_s: float) -> None:
        """Say it, unless the same was said a short time ago; `sentence` holds nothing that others have written."""
        said_s, kept_back = self._said.get(sentence, (None, 0))
        if said_s is not None and now_s - said_s < SAY_AGAIN_S:
            self._said[sentence] = said_s, kept_back + 1
        elif said_s is not None or len(self._said) < MOST_KINDS:
            self._said[sentence] = now_s, 0
            self._due.append(f"{sentence} (and {kept_back} times more before)" if kept_back else sentence)

    def told(self) -> list[str]:
        """What is to be said now."""
        due, self._due = self._due, []
        return due
