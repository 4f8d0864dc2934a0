"""The ring of signing keys: one file a key in a folder that only the office can read, its public half on the board.

The newest key signs; older ones stay on the board, since what they signed still hangs on doors.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from chengxin.board.token import KEY_LIMIT


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key and its number on the ring."""

    number: int
    private_key: Ed25519PrivateKey

    @property
    def public_bytes(self) -> bytes:
        """The thirty-two bytes of the public half."""
        return self.private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class RingBroken(Exception):
    """A key file cannot be read, or the ring is full."""


def signers(folder: Path) -> Iterator[Signer]:
    """Yield the keys of a ring, oldest first.

    :raises RingBroken: a file is no Ed25519 key.
    """
    for path in sorted(folder.glob("*.pem")):
        try:
            private_key = load_pem_private_key(path.read_bytes(), password=None)
            number = int(path.stem)
        except (ValueError, TypeError) as error:
            raise RingBroken(f"签发钥匙文件 {path} 已损坏，请从备份恢复") from error
        if not isinstance(private_key, Ed25519PrivateKey):
            raise RingBroken(f"签发钥匙文件 {path} 不是 Ed25519 钥匙")
        yield Signer(number, private_key)


def make(folder: Path, *, number: int) -> Signer:
    """Make a key, keep it in the ring's folder, and return it.

    :raises RingBroken: the number is taken, or past what a token can name.
    """
    if number >= KEY_LIMIT:
        raise RingBroken(f"签发钥匙已用到第 {number} 号，令牌只能写到 {KEY_LIMIT - 1} 号")
    signer = Signer(number, Ed25519PrivateKey.generate())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{number:04}.pem"
    fresh = folder / f".{number:04}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())  # a code signed with a key that a power cut took back could never be verified again
    try:
        os.link(fresh, path)
    except FileExistsError as error:
        raise RingBroken(f"第 {number} 号签发钥匙已存在") from error
    finally:
        fresh.unlink()
    return signer
