"""The request bodies that providers publish as OpenAPI documents, for requests to be held against.

The documents leave objects open, and a misspelt field would pass; here a key that a schema does not name is a fault.
Where an object may be one of several, a key has to stand in one of those that fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

_VECTORS = Path(__file__).parents[2] / "vectors" / "provider_request_schemas.json"


@cache
def schema_of(provider: str) -> Mapping[str, Any]:
    """Give the schema of a provider by its id in the file (``twilio``, ``vonage-sms``, ``telnyx``, ``infobip`` …)."""
    return json.loads(_VECTORS.read_text("utf-8"))["schemas"][provider]["schema"]


def problems_of(provider: str, body: object, *, beside: frozenset[str] = frozenset()) -> list[str]:
    """Say what is wrong with *body*; nothing for a request as documented.

    *beside* names keys that the provider takes though its document is too old to have them.
    """
    schema = schema_of(provider)
    wrong = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
    unknown = [f"{path}: the schema has no such key" for path in _unknown(schema, body, "$")]
    return wrong + [problem for problem in unknown if problem.split(":")[0].removeprefix("$.") not in beside]


def form_body(provider: str, body: bytes) -> dict[str, object]:
    """Read a form as the schema means it: a field that is a number, a truth or an array there becomes one."""
    properties = schema_of(provider)["properties"]
    read: dict[str, object] = {}
    for name, text in parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True):
        kind = properties.get(name, {}).get("type")
        assert kind == "array" or name not in read, f"{name} stands twice in the form"
        if kind == "array":
            read[name] = [*read.get(name, []), text]  # type: ignore[misc]
        else:
            read[name] = _read(kind, text)
    return read


def _read(kind: str | None, text: str) -> object:
    if kind == "integer" and text.lstrip("-").isdigit():
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return float(text) if kind == "number" else text


def _unknown(schema: Mapping[str, Any], value: object, path: str) -> Iterator[str]:
    if isinstance(value, list):
        inner = [items for one in _fitting(schema, value) if isinstance(items := one.get("items"), dict)]
        for place, element in enumerate(value):
            for items in inner:
                yield from _unknown(items, element, f"{path}[{place}]")
    elif isinstance(value, dict):
        shapes = [one["properties"] for one in _fitting(schema, value) if "properties" in one]
        for key, element in value.items() if shapes else ():
            inside = [shape[key] for shape in shapes if key in shape]
            if not inside:
                yield f"{path}.{key}"
            for one in inside:
                yield from _unknown(one, element, f"{path}.{key}")


def _fitting(schema: Mapping[str, Any], value: object) -> Iterator[Mapping[str, Any]]:
    """Give the schema and those within it, by allOf, oneOf and anyOf, that *value* fits."""
    yield schema
    for one in schema.get("allOf", ()):
        yield from _fitting(one, value)
    for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        if Draft202012Validator(one).is_valid(value):
            yield from _fitting(one, value)
