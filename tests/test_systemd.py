"""What systemd hears of the service: by a real socket, as sd_notify(3) has it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from semcam.courier.systemd import Systemd


class Manager:
    """systemd's end of the line."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        words = []
        while True:
            try:
                words.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return words

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@semcam-test-{os.getpid()}"
    manager = Manager(address)
    yield manager
    manager.close()


def test_a_service_is_ready_once_alive_every_quarter_and_says_goodbye(manager: Manager) -> None:
    environment = {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}
    systemd = Systemd.of(environment)
    assert environment == {}  # no child can speak in its name
    for _ in range(3):
        systemd.ready()
    assert manager.heard() == ["READY=1"]
    for tenth in range(600):
        systemd.alive(1000.0 + tenth / 10)
    assert manager.heard() == ["WATCHDOG=1"] * 4
    for text in ("2 of 2 cameras work", "2 of 2 cameras work", "1 of 2 cameras work;\nbath: gone" + "x" * 500):
        systemd.status(text)
    first, second = manager.heard()
    assert first == "STATUS=2 of 2 cameras work"
    assert second.startswith("STATUS=1 of 2 cameras work; bath: gone")
    assert "\n" not in second
    assert len(second) < 220
    systemd.stopping()
    assert manager.heard() == ["STOPPING=1"]
    systemd.alive(5000.0)  # nothing more is said, and nothing breaks
    assert manager.heard() == []


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "60000000"}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_without_systemd_nothing_is_said_and_nothing_breaks(environment: dict[str, str]) -> None:
    systemd = Systemd.of(dict(environment))
    systemd.ready()
    systemd.status("2 of 2 cameras work")
    systemd.alive(1.0)
    systemd.stopping()


@pytest.mark.parametrize("patience", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "-1"}, {"WATCHDOG_USEC": "x"}])
def test_a_watchdog_that_does_not_watch_is_not_fed(manager: Manager, patience: dict[str, str]) -> None:
    systemd = Systemd.of({"NOTIFY_SOCKET": manager.address, **patience})
    systemd.alive(1.0)
    systemd.stopping()
    assert manager.heard() == ["STOPPING=1"]


def test_a_watchdog_of_another_process_is_not_fed(manager: Manager) -> None:
    systemd = Systemd.of({"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"})
    systemd.alive(1.0)
    systemd.stopping()
    assert manager.heard() == ["STOPPING=1"]


def test_a_systemd_that_does_not_listen_holds_nobody_up(manager: Manager) -> None:
    systemd = Systemd(manager.address, 1.0)
    for second in range(5000):  # far more than its queue takes
        systemd.alive(float(second))
    assert 0 < len(manager.heard()) < 5000
    systemd.stopping()
