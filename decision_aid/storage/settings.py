"""What a clinic set for every consultation: who checked the texts, a telephone, a PIN for leaving the patient's view.

Nothing in it is about a patient, so it stands beside the saved work in a plain file that only its owner may read, and
is there also while the saved work is locked. The PIN is kept as a salted hash. It keeps a patient from turning the page
by chance; whoever can read files of this account can get round it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from decision_aid.storage import files
from decision_aid.storage.errors import Doing, StoreError, Trouble, reporting

LONGEST_LINE = 80  # characters: it is printed on the handout
FEWEST_SIGNS = 4  # of a PIN
_Line = Annotated[str, Field(max_length=LONGEST_LINE)]


@dataclass(frozen=True, slots=True)
class Settings:
    """`checked_by` is a name and a role, `pin` a salt and a hash with a colon between; empty: not set."""

    checked_by: _Line = ""
    checked_on: date | None = None
    telephone: _Line = ""
    pin: str = ""


def path() -> Path:
    """The file, beside the folder of the saved work. Raises `StoreError` as `files.default_path`."""
    return files.default_path().parent / "settings.json"


def load() -> Settings:
    """What the clinic set; the defaults where nothing was. Raises `StoreError` when the file cannot be read."""
    file = path()
    with reporting(file, Doing.OPENING):
        stored = files.read(file)
    try:
        return Settings() if stored is None else _ADAPTER.validate_json(stored)
    except ValidationError:
        raise StoreError(Trouble.DAMAGED, path=file, doing=Doing.OPENING) from None


def save(settings: Settings) -> None:
    """Keep them; a damaged file in their place is set aside. Raises `StoreError` when they are not kept."""
    file = path()
    with reporting(file, Doing.SAVING):
        files.make_folder(file.parent)
        try:
            load()
        except StoreError as error:
            if error.trouble is not Trouble.DAMAGED:
                raise
            files.put_aside(file)
        files.write(file, _ADAPTER.dump_json(settings, indent=1))


def with_pin(settings: Settings, pin: str) -> Settings:
    """The settings with this PIN, or with none. Raises `ValueError` for one that is too short."""
    if not pin:
        return replace(settings, pin="")
    if len(pin) < FEWEST_SIGNS:
        raise ValueError(f"a PIN has at least {FEWEST_SIGNS} signs")
    salt = secrets.token_bytes(16)
    return replace(settings, pin=f"{salt.hex()}:{_hash(pin, salt).hex()}")


def is_pin(settings: Settings, given: str) -> bool:
    """Whether this is the PIN that was set. Any opens where none is set."""
    if not settings.pin:
        return True
    salt, _, kept = settings.pin.partition(":")
    try:
        return hmac.compare_digest(_hash(given, bytes.fromhex(salt)), bytes.fromhex(kept))
    except ValueError:  # changed by hand
        return False


def _hash(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode("utf-8", "surrogatepass"), salt=salt, n=2**14, r=8, p=1, dklen=32)


_ADAPTER = TypeAdapter(Settings)
