"""Until when certificates are valid: of X.509 no more than that (RFC 5280, 4.1; DER as in ITU-T X.690)."""

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def valid_until(der: bytes) -> datetime:
    """The last moment at which a certificate is valid.

    Raises:
        ValueError: it is no certificate.
    """
    tbs = _inside(_inside(der, _SEQUENCE), _SEQUENCE)
    if tbs[:1] == bytes([_VERSION]):
        tbs = _after(tbs)
    for _ in ("serial number", "signature algorithm", "issuer"):
        tbs = _after(tbs)
    validity = _inside(tbs, _SEQUENCE)
    end = _after(validity)
    written = _inside(end, end[0] if end else 0).decode("ascii")
    if end[0] == _UTC_TIME:  # two digits of the year: from 1950 to 2049
        written = ("20" if int(written[:2]) < 50 else "19") + written
    elif end[0] != _GENERALIZED_TIME:
        raise ValueError("no time where one should be")
    return datetime.strptime(written, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def in_file(path: Path) -> list[datetime]:
    """Until when each of the certificates in a PEM file is valid.

    Raises:
        OSError: it cannot be read.
        ValueError: it holds something else.
    """
    return [valid_until(ssl.PEM_cert_to_DER_cert(each)) for each in _PEM.findall(path.read_text(encoding="ascii"))]


def _split(content: bytes) -> tuple[int, int]:
    """Where the first element's content begins, and where it ends."""
    if len(content) < 2:
        raise ValueError("cut off")
    length, begin = content[1], 2
    if length >= 0x80:
        begin = 2 + (length & 0x7F)
        length = int.from_bytes(content[2:begin])
    if begin + length > len(content):
        raise ValueError("cut off")
    return begin, begin + length


def _inside(content: bytes, kind: int) -> bytes:
    begin, end = _split(content)
    if content[0] != kind:
        raise ValueError("not what should be here")
    return content[begin:end]


def _after(content: bytes) -> bytes:
    return content[_split(content)[1] :]
