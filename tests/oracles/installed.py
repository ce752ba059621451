"""Packages of others, imported where they are installed."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import Any

import pytest


def package(module: str, name: str) -> Any:
    """Import *module* of the package *name*, whatever it warns of; where it is not to be had the test is skipped."""
    top = module.partition(".")[0]
    if importlib.util.find_spec(top) is None:
        pytest.skip(f"the package {name} is not installed here; make test-oracles installs it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.partition(".")[0] != top:
                raise
            pytest.skip(f"the package {name} is not installed here; make test-oracles installs it")
