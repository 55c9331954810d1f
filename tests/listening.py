"""mosquitto_sub as an independent witness: collects what a subscriber really gets."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.conftest import program, tool_environment


@dataclass(frozen=True)
class Heard:
    """One message as it came."""

    retained: bool
    topic: str
    payload: str

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.payload)
        return value


class Listener:
    """A subscriber; messages are added by a thread of its own as they come in."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._heard: list[Heard] = []
        self._news = threading.Condition()
        self._subscribed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._subscribed.wait(10):
            self.close()
            raise AssertionError("mosquitto_sub could not subscribe")

    @property
    def heard(self) -> list[Heard]:
        with self._news:
            return list(self._heard)

    def on(self, topic: str) -> list[Heard]:
        """What came on one topic so far."""
        return [message for message in self.heard if message.topic == topic]

    def wait_for(self, what: Callable[[Heard], bool], within_s: float, *, after: int = 0) -> Heard:
        """The first message, from number `after` on, that is `what`; fails when none came in time."""
        deadline = time.monotonic() + within_s
        with self._news:
            while True:
                for message in self._heard[after:]:
                    if what(message):
                        return message
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    came = "\n".join(f"  {message.topic} {message.payload}" for message in self._heard)
                    raise AssertionError(f"did not come within {within_s} s; what came:\n{came}")
                self._news.wait(left_s)

    def wait_until(self, enough: Callable[[list[Heard]], bool], within_s: float) -> None:
        """Wait until all that was heard is `enough`."""
        deadline = time.monotonic() + within_s
        with self._news:
            while not enough(self._heard):
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"{len(self._heard)} messages in {within_s} s are not enough"
                self._news.wait(left_s)

    def close(self) -> None:
        """End it; what it had written by then counts as heard."""
        self._process.kill()
        self._process.wait(5)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("Subscribed"):  # -d tells when the subscription stands
                self._subscribed.set()
            flag, _, rest = line.removesuffix("\n").partition(" ")
            if flag in ("heard:0", "heard:1"):
                topic, _, payload = rest.partition(" ")
                with self._news:
                    self._heard.append(Heard(flag.endswith("1"), topic, payload))
                    self._news.notify_all()


def publish(port: int, topic: str, payload: str | bytes, *more: str) -> None:
    """One message of somebody else's, by mosquitto_pub; taken by the broker when this returns."""
    content = payload.encode() if isinstance(payload, str) else payload
    what = "-s" if content else "-n"
    subprocess.run(
        [program("mosquitto_pub"), "-V", "5", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", topic, what, *more],
        input=content,
        env=tool_environment(),
        timeout=20,
        check=True,
    )


@contextmanager
def listening(port: int, *topics: str, more: tuple[str, ...] = ()) -> Iterator[Listener]:
    """Subscribed from the first line of the block on; `topics` default to everything of semcam's."""
    wanted = [part for topic in topics or ("semcam/#",) for part in ("-t", topic)]
    arguments = ["-V", "5", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-d", "-F", "heard:%r %t %p", *wanted, *more]
    process = subprocess.Popen(
        # stdbuf: into a pipe, the word that the subscription stands would wait for the first message
        ["stdbuf", "-oL", program("mosquitto_sub"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",  # anybody may publish anything
        env=tool_environment(),
    )
    listener = Listener(process)
    try:
        yield listener
    finally:
        listener.close()
