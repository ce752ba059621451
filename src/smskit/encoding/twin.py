"""Chooses once between the C extension and its Python twin, and says which it chose.

``SMSKIT_PURE_PYTHON=1`` takes the Python twin. ``SMSKIT_REQUIRE_EXTENSION=1`` makes a missing extension an
ImportError: for the machines that build and test wheels, where a silent fall-back would hide a broken build.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smskit.encoding._speedups import encode, measure, measure_many, pack

    IMPLEMENTATION = ""
else:
    _asked_for_python = os.environ.get("SMSKIT_PURE_PYTHON", "") not in ("", "0")
    _required = os.environ.get("SMSKIT_REQUIRE_EXTENSION", "") not in ("", "0")
    if _asked_for_python and _required:
        raise ImportError("SMSKIT_PURE_PYTHON and SMSKIT_REQUIRE_EXTENSION contradict each other; unset one")

    IMPLEMENTATION = "Python"
    if not _asked_for_python:
        try:
            from smskit.encoding._speedups import encode, measure, measure_many, pack

            IMPLEMENTATION = "C"
        except ImportError as _error:
            if _required:
                raise ImportError(
                    "SMSKIT_REQUIRE_EXTENSION is set and the C extension smskit.encoding._speedups cannot be loaded; "
                    "install a C compiler and reinstall smskit, or unset the variable"
                ) from _error
    if IMPLEMENTATION == "Python":
        from smskit.encoding._pure import encode, measure, measure_many, pack

__all__ = ["IMPLEMENTATION", "encode", "measure", "measure_many", "pack"]
