"""The one connection that a relay makes, and what is read from it before a time."""

import select
import socket
import ssl
import time
from contextlib import suppress

from semcam.contract.address import Address
from semcam.contract.relay import RelayCode, Trouble

DIAL_WITHIN_S = 5.0
WRITE_WITHIN_S = 5.0
MOST_BYTES = 64 * 1024


class HungUp(Exception):
    """The courier wants no more."""


def dial(address: Address, context: ssl.SSLContext | None) -> socket.socket:
    """Connect to the address and nowhere else; with TLS where there is a context for it.

    Raises:
        Trouble: why it did not come about.
    """
    try:
        connection = socket.create_connection((address.host, address.port), DIAL_WITHIN_S)
        connection.settimeout(WRITE_WITHIN_S)
        if context is not None:
            return context.wrap_socket(connection, server_hostname=address.host)
    except (socket.gaierror, UnicodeError):  # a name that nobody knows, or that cannot be one
        raise Trouble(RelayCode.NAME_UNKNOWN) from None
    except ConnectionRefusedError:
        raise Trouble(RelayCode.REFUSED) from None
    except ssl.SSLCertVerificationError:
        raise Trouble(RelayCode.CERTIFICATE) from None
    except ssl.SSLError:
        raise Trouble(RelayCode.GARBLED) from None
    except OSError:
        raise Trouble(RelayCode.UNREACHABLE) from None
    return connection


class Wire:
    """Bytes from and to the camera, and an ear for the courier."""

    def __init__(self, connection: socket.socket, courier: int) -> None:
        """`courier` is a descriptor that the courier closes when it wants no more."""
        self._connection = connection
        self._courier = courier

    def read(self, until_s: float) -> bytes:
        """What has come, as soon as anything has; empty if nothing has by then, in seconds of the monotonic clock.

        Raises:
            Trouble: the camera has ended the connection (CLOSED), or it broke (RESET, STALLED).
            HungUp: the courier has.
        """
        while True:
            pending = isinstance(self._connection, ssl.SSLSocket) and self._connection.pending()
            wait_s = 0.0 if pending else max(0.0, until_s - time.monotonic())
            ready, _, _ = select.select([self._connection.fileno(), self._courier], [], [], wait_s)
            if self._courier in ready:
                raise HungUp
            if not ready and not pending:
                return b""
            try:
                some = self._connection.recv(MOST_BYTES)
            except ssl.SSLWantReadError:
                continue
            except TimeoutError:
                raise Trouble(RelayCode.STALLED) from None
            except OSError:
                raise Trouble(RelayCode.RESET) from None
            if not some:
                raise Trouble(RelayCode.CLOSED)
            return some

    def drain(self, within_s: float) -> None:
        """Let the camera have its say, and listen no more: who hangs up on it in mid-sentence is not heard either."""
        until_s = time.monotonic() + within_s
        with suppress(OSError):
            while (left_s := until_s - time.monotonic()) > 0:
                ready, _, _ = select.select([self._connection.fileno()], [], [], left_s)
                if ready and not self._connection.recv(MOST_BYTES):
                    return

    def write(self, some: bytes) -> None:
        """All of it.

        Raises:
            Trouble: the connection broke (RESET), or the camera does not take it (STALLED).
        """
        try:
            self._connection.sendall(some)
        except TimeoutError:
            raise Trouble(RelayCode.STALLED) from None
        except OSError:
            raise Trouble(RelayCode.RESET) from None
