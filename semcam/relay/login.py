"""User and password, as cameras ask for them: Digest (RFC 7616, RFC 2617) or Basic (RFC 7617)."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

_PARAMETER = re.compile(r'([A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_BEST_FIRST = ("SHA-256", "MD5")


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Who we are to the camera."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a camera asks for."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str | None = None
    """As the camera wrote it; None where it wrote nothing, which means MD5."""
    qop: bool = False
    """Whether it understands `qop=auth`."""

    @property
    def hash_name(self) -> str:
        """The hash without the suffix of session keys."""
        return (self.algorithm or "MD5").upper().removesuffix("-SESS")


def read_challenges(headers: Iterable[str]) -> Challenge | None:
    """The best of what `WWW-Authenticate` headers offer and we can do; None where that is nothing."""
    found: list[Challenge] = []
    for header in headers:
        # one header may hold several challenges, each a word before its parameters
        for part in re.split(r"(?i)(?:^|,)\s*(?=(?:Digest|Basic)(?:\s|$))", header):
            scheme, _, rest = part.strip().partition(" ")
            match scheme.lower():
                case "basic":
                    found.append(Challenge("basic"))
                case "digest":
                    found.append(_digest(rest))
    digests = [each for each in found if each.scheme == "digest" and each.hash_name in _HASHES and each.nonce]
    if digests:
        return min(digests, key=lambda each: _BEST_FIRST.index(each.hash_name))
    return next((each for each in found if each.scheme == "basic"), None)


def answer(challenge: Challenge, login: Login, method: str, uri: str, count: int = 1, cnonce: str | None = None) -> str:
    """The value of `Authorization`; `count` is how often this nonce has been answered, this time included."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{login.user}:{login.password}".encode()).decode()
    cnonce = cnonce or secrets.token_hex(8)

    def digest(*parts: str) -> str:
        name = _HASHES[challenge.hash_name]
        return hashlib.new(name, ":".join(parts).encode(), usedforsecurity=False).hexdigest()

    secret = digest(login.user, challenge.realm, login.password)
    is_session = (challenge.algorithm or "").upper().endswith("-SESS")
    if is_session:
        secret = digest(secret, challenge.nonce, cnonce)
    times = f"{count:08x}"
    middle = (times, cnonce, "auth") if challenge.qop else ()
    response = digest(secret, challenge.nonce, *middle, digest(method, uri))
    said = {
        "username": login.user,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": response,
    }
    if challenge.opaque is not None:
        said["opaque"] = challenge.opaque
    if challenge.qop or is_session:
        said["cnonce"] = cnonce
    parts = [f'{name}="{_quoted(value)}"' for name, value in said.items()]
    if challenge.algorithm is not None:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.qop:
        parts += [f"nc={times}", "qop=auth"]
    return "Digest " + ", ".join(parts)


def _digest(text: str) -> Challenge:
    given = {name.lower(): re.sub(r"\\(.)", r"\1", quoted or plain) for name, quoted, plain in _PARAMETER.findall(text)}
    return Challenge(
        "digest",
        realm=given.get("realm", ""),
        nonce=given.get("nonce", ""),
        opaque=given.get("opaque"),
        algorithm=given.get("algorithm"),
        qop="auth" in [word.strip().lower() for word in given.get("qop", "").split(",")],
    )


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
