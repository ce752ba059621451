"""The OpenAPI document of the RBM interface, made from its schemas: what Prism serves."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.rcs.rich_messages import SCHEMA

from smskit.transports.providers.rbm import message_id

REFERENCE = "run-7"
NUMBER = 33612000007
INTERFACE = json.loads(Path(__file__).with_name("rbm_interface.json").read_text("utf-8"))

ANSWERS: Mapping[str, object] = {
    "AgentMessageResource": {
        "name": f"phones/+{NUMBER}/agentMessages/{message_id(REFERENCE)}",
        "sendTime": "2026-06-24T10:00:00Z",
    },
    "Capabilities": {"features": ["RICHCARD_STANDALONE", "ACTION_OPEN_URL"]},
    "Tester": {"inviteStatus": "PENDING"},
    "BatchGetUsersResponse": {
        "reachableUsers": [f"+{NUMBER}"],
        "totalRandomSampleUserCount": 375,
        "reachableRandomSampleUserCount": 150,
    },
    "File": {"name": "files/1234"},
}

# None for 400: then Prism says what it found, and where.
ERRORS = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}  # fmt: skip


def document() -> Mapping[str, Any]:
    """Give the document: each method with its parameters, what it takes and an answer of each kind."""
    paths: dict[str, dict[str, object]] = {}
    for method in INTERFACE["methods"]:
        paths.setdefault(method["path"], {})[method["method"]] = _operation(method)
    made = {
        "openapi": "3.1.0",
        "info": {"title": "RBM", "version": "1"},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _without_formats({**SCHEMA["$defs"], **INTERFACE["$defs"]}),
        },
    }
    return json.loads(json.dumps(made).replace("#/$defs/", "#/components/schemas/"))


def _without_formats(schema: Any) -> Any:
    """Leave ``format`` out: that of addresses refuses every accent, which browsers take; their pattern stays."""
    if isinstance(schema, list):
        return [_without_formats(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _without_formats(one) for name, one in schema.items() if name != "format"}


def _operation(method: Mapping[str, Any]) -> Mapping[str, object]:
    in_path = re.findall(r"{(\w+)}", method["path"])
    asked = [*(("path", name) for name in in_path), *(("query", name) for name in method["query"])]
    made: dict[str, object] = {
        "parameters": [
            {"name": name, "in": place, "required": True, "schema": INTERFACE["parameters"][name]}
            for place, name in asked
        ],
        "responses": {
            "200": _answer(method["response"]),
            **{str(code): _error(code, status) for code, status in ERRORS.items()},
        },
    }
    if method["request"] is not None:
        made["requestBody"] = {"required": True, "content": _taken(method["request"])}
    return made


def _taken(name: str) -> Mapping[str, object]:
    if name == "bytes":
        return {kind: {"schema": {}} for kind in INTERFACE["mediaTypes"]}
    return {"application/json": {"schema": {"$ref": f"#/$defs/{name}"}}}


def _answer(name: str | None) -> Mapping[str, object]:
    schema = {"type": "object"} if name is None else {"$ref": f"#/$defs/{name}"}
    example = {} if name is None else ANSWERS[name]
    return {"description": "done", "content": {"application/json": {"schema": schema, "example": example}}}


def _error(code: int, status: str) -> Mapping[str, object]:
    example = {"error": {"code": code, "message": "Something.", "status": status}}
    schema = {"$ref": "#/$defs/ErrorResponse"}
    return {"description": status, "content": {"application/json": {"schema": schema, "example": example}}}
