"""The key file, which the passphrase opens, and what is encrypted under its keys.

An entry is encrypted with AES-256-GCM under a random key, and bound to its name. The key file holds the keys, encrypted in
the same way under one that scrypt makes of the passphrase: another passphrase is one small file in the place of another.
Without a passphrase the key file is open to everybody, and the encryption only shows damage. Each change of the passphrase
adds a key, so that whoever had the file before cannot read what is saved from then on.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from decision_aid.storage.errors import Detail, StoreError, Trouble

Keys = tuple[bytes, ...]  # 32 bytes each; the last one is used for what is written
SCRYPT_COST = 16  # two to the power of it: 64 MB and some tenths of a second for every passphrase that is tried
_HEAD = re.compile(rb"spine-choice (\d{1,9}) ")
_ENTRY = re.compile(rb"spine-choice 1 under (\d{4})\n")
_KEY_FILE = re.compile(rb"(spine-choice 1 (open|locked) (0[1-9]|1[0-8])\n(.{16}))(.{60,})(.{32})", re.DOTALL)
_NONCE = 12


def with_another(keys: Keys) -> Keys:
    """The keys and a new one, which is used from then on."""
    return (*keys, secrets.token_bytes(32))


def seal(keys: Keys, name: str, content: bytes) -> bytes:
    """What is written into the file of this name."""
    head = b"spine-choice 1 under %04d\n" % len(keys)
    return head + _encrypted(keys[-1], content, head + name.encode())


def unseal(keys: Keys, name: str, stored: bytes) -> bytes:
    """What `seal` was given. Raises `StoreError` for anything else, also what was written under another name."""
    _refuse_newer(stored)
    found = _ENTRY.match(stored)
    if found is None or not 0 < int(found[1]) <= len(keys):
        raise StoreError(Trouble.DAMAGED)
    key, head = keys[int(found[1]) - 1], found[0] + name.encode()
    return _decrypted(key, stored[found.end() :], head, Trouble.DAMAGED)


def lock(keys: Keys, passphrase: str | None) -> bytes:
    """The key file for this passphrase; None: open to everybody."""
    how, cost = ("open", 1) if passphrase is None else ("locked", SCRYPT_COST)
    salt = secrets.token_bytes(16)
    head = f"spine-choice 1 {how} {cost:02d}\n".encode() + salt
    whole = head + _encrypted(_derived(passphrase, salt, cost), b"".join(keys), head)
    return whole + hashlib.sha256(whole).digest()


def unlock(file: bytes, passphrase: str | None) -> Keys:
    """The keys of a key file. Raises `StoreError` when it is not for this passphrase, or not whole."""
    found = _KEY_FILE.fullmatch(file)
    if found is None:
        raise StoreError(Trouble.DAMAGED)
    if (passphrase is None) != is_open(file):
        detail = Detail.NOT_ENCRYPTED if is_open(file) else Detail.PASSPHRASE_MISSING
        raise StoreError(Trouble.WRONG_PASSPHRASE, detail)
    key = _derived(passphrase, found[4], int(found[3]))
    joined = _decrypted(key, found[5], found[1], Trouble.WRONG_PASSPHRASE)
    return tuple(joined[at : at + 32] for at in range(0, len(joined), 32))


def is_open(file: bytes) -> bool:
    """Whether no passphrase is needed for a key file."""
    return file.startswith(b"spine-choice 1 open")


def is_whole(file: bytes | None) -> bool:
    """Whether it is a key file as it was written. Raises `StoreError` for that of a newer version."""
    _refuse_newer(file or b"")
    found = _KEY_FILE.fullmatch(file or b"")
    return found is not None and hashlib.sha256(found[1] + found[5]).digest() == found[6]


def checked_passphrase(passphrase: str | None) -> str | None:
    """The passphrase in the one form that is used. Raises `StoreError` when it would not protect."""
    if passphrase is None:
        return None
    try:
        passphrase.encode()
        usable = passphrase.strip() != "" and "\0" not in passphrase
    except UnicodeEncodeError:  # the text of the error would show the passphrase
        usable = False
    if not usable:
        raise StoreError(Trouble.REFUSED, Detail.NO_PASSPHRASE)
    return unicodedata.normalize("NFC", passphrase)  # an é is typed as one character here and as two there


def _refuse_newer(stored: bytes) -> None:
    found = _HEAD.match(stored)
    if found and int(found[1]) > 1:
        raise StoreError(Trouble.OTHER, Detail.NEWER_VERSION)


def _derived(passphrase: str | None, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << cost, r=8, p=1).derive((passphrase or "").encode())


def _encrypted(key: bytes, content: bytes, head: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, head)


def _decrypted(key: bytes, stored: bytes, head: bytes, trouble: Trouble) -> bytes:
    try:
        return AESGCM(key).decrypt(stored[:_NONCE], stored[_NONCE:], head)
    except (InvalidTag, ValueError):  # ValueError: cut short
        raise StoreError(trouble) from None
