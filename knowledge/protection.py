"""Who a resident is, kept so that nobody who reads the database can tell."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from knowledge.errors import UnreadableAddress

MIN_SECRET = 16


class Vault:
    """Hashes and encrypts the addresses of residents under one secret.

    Raises: ValueError, when the secret is shorter than `MIN_SECRET` characters.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < MIN_SECRET:
            raise ValueError(f"The secret has {len(secret)} characters, fewer than {MIN_SECRET}.")
        self._hash_key = _derive(secret, b"resident key")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, b"resident address")))

    def key_of(self, channel: str, address: str) -> str:
        """A stable name for one resident, from which the address cannot be worked out; 64 hexadecimal digits."""
        message = f"{channel}\0{address}".encode("utf-8", "surrogatepass")
        return hmac.new(self._hash_key, message, hashlib.sha256).hexdigest()

    def seal(self, address: str) -> bytes:
        """The address, encrypted."""
        return self._fernet.encrypt(address.encode("utf-8", "surrogatepass"))

    def open(self, sealed: bytes) -> str:
        """The address again.

        Raises: UnreadableAddress, when it was sealed under another secret.
        """
        try:
            return self._fernet.decrypt(sealed).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise UnreadableAddress from error


def _derive(secret: str, purpose: bytes) -> bytes:
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
