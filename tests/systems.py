"""What some tests need of the system they run on."""

from __future__ import annotations

import os

import pytest

posix = pytest.mark.skipif(os.name != "posix", reason="This can be made on POSIX systems only.")
