"""Members that smskit does not know: where they stand in the JSON, put back in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import cast

from smskit.errors import InvalidInput


def why_no_json(value: object) -> str | None:
    """Say why *value* cannot be written as JSON in UTF-8, None when it can."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        return "it holds half a character" if isinstance(error, UnicodeError) else str(error)
    return None


_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def put_all(payload: dict[str, object], extra: Mapping[str, object]) -> None:
    """Write each value of *extra* at its path; what stands on the way must be there.

    Raises:
        InvalidInput: a path leads nowhere, or to something that a message has already.
    """
    for path, value in extra.items():
        steps = [int(index) if index else name for index, name in _STEP.findall(path)]
        last = steps.pop() if steps else 0
        place: object = payload
        for step in steps:
            place = _at(place, step, path)
        if not isinstance(place, dict) or not isinstance(last, str):
            raise InvalidInput(f"extra {path!r} leads to no member of the message")
        inside = cast("dict[str, object]", place)
        if last in inside:
            raise InvalidInput(f"extra {path!r} stands where the message has something of its own")
        inside[last] = value


def _at(place: object, step: int | str, path: str) -> object:
    try:
        return cast("dict[int | str, object]", place)[step]
    except (KeyError, IndexError, TypeError):
        raise InvalidInput(f"extra {path!r} leads to nothing that the message has") from None
