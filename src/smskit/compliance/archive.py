"""Requests and verdicts as JSON: other processes ask with it, audits keep it, and it replays byte for byte.

The schema is described in ``docs/reference/compliance.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timezone
from enum import Enum
from typing import TypeVar, cast

from attrs import asdict, field, frozen

from smskit.compliance.decision import Request, Verdict, decide
from smskit.compliance.facts import CampaignFacts, CustomerBasis, Evidence, aware
from smskit.compliance.history import event_row, read_event_row
from smskit.compliance.rules import Rules
from smskit.compliance.schema import Reading
from smskit.compliance.vocabulary import Declaration, Profile, Sector
from smskit.errors import InvalidInput
from smskit.kinds import Kind, Reason
from smskit.protocols import StopForm, Window

SCHEMA = "smskit-decision/1"

T = TypeVar("T")


@frozen(kw_only=True)
class DecisionRecord:
    """A request, the rules that were asked, and what they answered.

    ``record_id`` is the same for the same request and rules on every machine.
    """

    record_id: str
    request: Request = field(repr=False)
    verdict: Verdict

    def to_json(self) -> str:
        """Write the record: keys in order, no blanks, one line."""
        body = {
            "schema": SCHEMA,
            "id": self.record_id,
            "rules": self.verdict.rules_version,
            "request": request_document(self.request),
            "verdict": verdict_document(self.verdict),
        }
        return canonical(body)


def record_of(request: Request, /, *, rules: Rules | None = None) -> DecisionRecord:
    """Decide, and give the record to archive."""
    verdict = decide(request, rules=rules)
    return DecisionRecord(record_id=record_id(request, verdict.rules_version), request=request, verdict=verdict)


def record_id(request: Request, rules_version: str, /) -> str:
    """Name a decision by what it rests on."""
    inputs = canonical({"rules": rules_version, "request": request_document(request)})
    return hashlib.sha256(inputs.encode()).hexdigest()[:32]


def replay(text: str, /, *, rules: Rules | None = None) -> DecisionRecord:
    """Decide an archived request again and see that the same bytes come out.

    Args:
        text: what :meth:`DecisionRecord.to_json` wrote.
        rules: the rules of that time (:meth:`Rules.archive` keeps them); None takes the packaged ones.

    Raises:
        InvalidInput: not a record, other rules than those that were asked, or another answer.
    """
    rules = rules or Rules.default()
    document = _document(text)
    asked = document.text("rules")
    if asked != rules.version:
        raise InvalidInput(f"the record rests on rules {asked}, these are {rules.version}; keep Rules.archive()")
    again = record_of(_reading(request_of, document.mapping("request")), rules=rules)
    if again.to_json() != text.rstrip("\n"):
        raise InvalidInput(f"record {document.text('id')} does not replay to the same bytes: it was changed")
    return again


def read_request(text: str, /) -> Request:
    """Read a request written as JSON: the document alone, or a whole record.

    Raises:
        InvalidInput: what cannot be read is named, personal data is not.
        NaiveDatetime: a time has no zone.
    """
    document = _document(text)
    return _reading(request_of, document.mapping("request") or document.of)


def canonical(document: Mapping[str, object], /) -> str:
    """Write JSON in one way only."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


# ---------------------------------------------------------------- writing


def request_document(request: Request, /) -> dict[str, object]:
    """Give a request as the document of the schema."""
    facts = request.facts
    return {
        "destination": {"territory": request.territory, "zones": _list(request.zones)},
        "at": facts.at.isoformat(),
        "kind": facts.kind.value,
        "profile": request.profile.value,
        "sender": facts.sender,
        "advertiser": facts.advertiser,
        "text": facts.text,
        "sector": facts.sector.value if facts.sector else None,
        "declarations": sorted(word.value for word in facts.declarations),
        "allowed_hosts": None if facts.allowed_hosts is None else sorted(facts.allowed_hosts),
        "strict_consent": facts.strict_consent,
        "votes": sorted(day.isoformat() for day in facts.votes),
        "relation": None if facts.customers is None else asdict(facts.customers),
        "transport": {
            "stop": {place: asdict(form) for place, form in facts.stop.items()},
            "windows": {place: _window(window) for place, window in facts.windows.items()},
        },
        "evidence": {key: _plain(value) for key, value in asdict(request.evidence).items()},
        "history": [dict(event_row(event)) for event in request.history],
        "recent": [sent.isoformat() for sent in request.recent],
        "suppressed": request.suppressed.value if request.suppressed else None,
    }


def verdict_document(verdict: Verdict, /) -> dict[str, object]:
    """Give a verdict as the document of the schema."""
    return {
        "decision": verdict.decision.value,
        # In UTC: the question keeps its offset but not its zone, and clocks may change while a message waits.
        "until": verdict.until.astimezone(timezone.utc).isoformat() if verdict.until else None,
        "kind": verdict.kind.value,
        "rules": [_enums(asdict(finding)) for finding in verdict.findings],
        "warnings": [_enums(asdict(finding)) for finding in verdict.warnings],
        "actions": [_enums(asdict(action)) for action in verdict.actions],
    }


def _enums(row: Mapping[str, object]) -> dict[str, object]:
    return {key: _plain(value) for key, value in row.items()}


def _plain(value: object) -> object:
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _list(words: Iterable[str] | None) -> list[str] | None:
    return None if words is None else list(words)


def _window(window: Window) -> dict[str, object]:
    return {
        "opens": window.opens.isoformat(),
        "closes": window.closes.isoformat(),
        "weekdays": sorted(window.weekdays),
        "holidays": window.holidays,
    }


# ---------------------------------------------------------------- reading


def _document(text: str) -> Reading:
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as problem:
        raise InvalidInput(f"the decision is not JSON: {problem.msg} at {problem.pos}") from None
    if not isinstance(value, dict):
        raise InvalidInput("the decision is not a JSON object")
    document = Reading(cast("dict[str, object]", value))
    if document.of.get("schema", SCHEMA) != SCHEMA:
        raise InvalidInput(f"the schema of the decision must be {SCHEMA!r}")
    return document


def _reading(read: Callable[[Mapping[str, object]], T], document: Mapping[str, object]) -> T:
    try:
        return read(document)
    except InvalidInput:
        raise
    except (KeyError, TypeError, ValueError) as problem:
        # The value itself may be personal; a KeyError holds the name of what is missing.
        name = f" {problem}" if isinstance(problem, KeyError) else ""
        raise InvalidInput(f"the request cannot be read: {type(problem).__name__}{name}") from None


def request_of(document: Mapping[str, object], /) -> Request:
    """Build a request from its document; keys that may be empty may be absent."""
    reading = Reading(document)
    destination = reading.reading("destination")
    zones = destination.words("zones")
    return Request(
        territory=_needed(destination, "territory"),
        facts=_facts(reading),
        evidence=_evidence(reading.mapping("evidence")),
        history=tuple(read_event_row(cast("Mapping[str, str]", row.of)) for row in reading.rows("history")),
        zones=zones or None,
        recent=tuple(_instant(sent, "recent") for sent in reading.words("recent")),
        suppressed=Reason(reading.text("suppressed")) if reading.text("suppressed") else None,
        profile=Profile(reading.text("profile") or "law"),
    )


def _facts(reading: Reading) -> CampaignFacts:
    sector, relation = reading.text("sector"), reading.of.get("relation")
    transport = reading.reading("transport")
    return CampaignFacts(
        kind=Kind(_needed(reading, "kind")),
        sender=_needed(reading, "sender"),
        text=_needed(reading, "text"),
        at=_instant(_needed(reading, "at"), "at"),
        advertiser=reading.text("advertiser"),
        sector=Sector(sector) if sector else None,
        declarations=frozenset(Declaration(word) for word in reading.words("declarations")),
        allowed_hosts=None if reading.of.get("allowed_hosts") is None else frozenset(reading.words("allowed_hosts")),
        stop={place: _stop(row) for place, row in _objects(transport, "stop")},
        windows={place: _read_window(row) for place, row in _objects(transport, "windows")},
        customers=None if relation is None else _customers(reading.reading("relation")),
        strict_consent=reading.flag("strict_consent"),
        votes=frozenset(date.fromisoformat(day) for day in reading.words("votes")),
    )


def _needed(reading: Reading, key: str) -> str:
    value = reading.of[key]
    if not isinstance(value, str):
        raise InvalidInput(f"{key} of the request must be a text")
    return value


def _objects(reading: Reading, key: str) -> Iterable[tuple[str, Reading]]:
    return ((place, Reading(cast("Mapping[str, object]", row))) for place, row in reading.mapping(key).items())


def _stop(row: Reading) -> StopForm:
    separator = row.of.get("separator", " ")
    return StopForm(_needed(row, "mention"), str(separator), row.flag("printed_by_transport"))


def _read_window(row: Reading) -> Window:
    days = cast("Iterable[int]", row.of.get("weekdays", range(7)))
    opens, closes = (time.fromisoformat(_needed(row, key)) for key in ("opens", "closes"))
    return Window(opens, closes, frozenset(days), row.of.get("holidays", True) is True)


def _customers(row: Reading) -> CustomerBasis:
    return CustomerBasis(
        same_entity=row.flag("same_entity"),
        collected_from_person=row.flag("collected_from_person"),
        similar_products=row.flag("similar_products"),
        opt_out_offered=row.flag("opt_out_offered"),
        assessment=row.text("assessment"),
    )


def _evidence(row: Mapping[str, object]) -> Evidence:
    reading = Reading(row)
    birth = reading.text("birth_date")
    return Evidence(
        granted_at=_optional(reading, "granted_at"),
        source=reading.text("source"),
        withdrawn_at=_optional(reading, "withdrawn_at"),
        wording=reading.text("wording"),
        channel=reading.text("channel") or "sms",
        advertiser=reading.text("advertiser"),
        last_contact=_optional(reading, "last_contact"),
        purchased_at=_optional(reading, "purchased_at"),
        birth_date=date.fromisoformat(birth) if birth else None,
        professional=reading.flag("professional"),
    )


def _optional(reading: Reading, key: str) -> datetime | None:
    return _instant(reading.text(key), key) if reading.text(key) else None


def _instant(text: str, name: str) -> datetime:
    # Python 3.10 does not read the Z that the rest of the world writes.
    return aware(datetime.fromisoformat(text.replace("Z", "+00:00") if text.endswith("Z") else text), name)
