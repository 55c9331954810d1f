"""Ed25519 signatures. The only file that knows PyNaCl."""

import base64

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey


def make_key() -> str:
    """A new secret key, base64 of 32 bytes."""
    return _text(bytes(SigningKey.generate()))


def public_key(secret: str) -> str:
    """The public half of a secret key, base64 of 32 bytes.

    Raises:
        ValueError: it is no secret key.
    """
    return _text(bytes(_signing(secret).verify_key))


def sign(secret: str, message: bytes) -> str:
    """The signature of a message, base64 of 64 bytes.

    Raises:
        ValueError: it is no secret key.
    """
    return _text(_signing(secret).sign(message).signature)


def is_signed(public: str, message: bytes, signature: str) -> bool:
    """Whether whoever has the secret half of `public` has signed just this."""
    try:
        VerifyKey(base64.b64decode(public)).verify(message, base64.b64decode(signature))
    except (BadSignatureError, ValueError):
        return False
    return True


def _signing(secret: str) -> SigningKey:
    try:
        return SigningKey(base64.b64decode(secret, validate=True))
    except ValueError:  # also of a wrong length
        raise ValueError("holds no secret key; make one with semcam settings key") from None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
