"""RBM behind the sockets: agent, handsets, messages, testers, files. It does no input or output.

What is refused, and how, is read at Google's guides 'Send messages', 'Capability checks' and 'Test agents' as of
2026-04 and the types of its generated clients (2025-07). Where those leave something open it is as strict as they
allow.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, cast

from attrs import evolve, field, frozen

from smskit import rcs
from smskit.clock import VirtualClock
from smskit.rcs import limits
from smskit.rcs.findings import errors_of
from smskit.rcs.message import hosted
from smskit.rcs.pieces import timestamp
from smskit.testing.rbm.records import Handset, RbmMessage, RbmState

SAMPLED: Final = 0.75
"""The share of a bulk question that is counted over all networks."""

_WAITS_FOR: Final = timedelta(days=limits.count("retention.offline"))
_FILES_KEPT_FOR: Final = timedelta(days=limits.count("file.cache"))
_DAY: Final = timedelta(days=1)
_OF_PHONE: Final = re.compile(r"/v1/phones/(?P<number>[^/]+)/(?P<what>\w+)(?:/(?P<id>[^/]+))?")
_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_NO_BODY: Final[Mapping[str, object]] = {}


@frozen
class Request:
    """What came in; *query* has each parameter once."""

    method: str
    path: str = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self, *known: str) -> Mapping[str, object]:
        """Give the body, an object with no other members than those that are *known*.

        Raises:
            Refusal: it is none, or has others.
        """
        try:
            told: object = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise invalid("Invalid JSON payload received.")
        for name in cast("dict[str, object]", told):
            if known and name not in known:
                raise invalid(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
        return cast("dict[str, object]", told)


class Refusal(Exception):
    """An answer that is an error, as Google's interfaces write it."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(code, status, message)
        self.code = code
        self.body: Mapping[str, object] = {"error": {"code": code, "message": message, "status": status}}


def invalid(message: str) -> Refusal:
    """Give the refusal of a request that is wrong."""
    return Refusal(400, "INVALID_ARGUMENT", message)


_NOT_FOUND = "Requested entity was not found."
_FORBIDDEN = "The caller does not have permission"
Tell = Callable[[int, Mapping[str, object]], None]
"""Is given each event: about whom, and its JSON without what all have."""


class Platform:
    """Takes requests and gives answers; whoever calls it holds a lock.

    Args:
        agent: id of the agent.
        clock: moves only when it is told to.
        tell: is given each event.
        usual: the handset of a number of which nothing was said.
        is_launched: whether the agent reaches others than its testers.
        is_of_one_use: whether messages without a traffic type are taken.
        delivers: whether what is sent to a handset that is online arrives at once.
        seed: draws the samples of bulk questions.
    """

    def __init__(
        self,
        agent: str,
        clock: VirtualClock,
        tell: Tell,
        *,
        usual: Handset,
        is_launched: bool,
        is_of_one_use: bool,
        delivers: bool,
        seed: int,
    ) -> None:
        self.agent = agent
        self.clock = clock
        self.usual = usual
        self.is_launched = is_launched
        self.is_of_one_use = is_of_one_use
        self.delivers = delivers
        self.handsets: dict[int, Handset] = {}
        self.messages: dict[str, RbmMessage] = {}
        self.duplicates: Counter[str] = Counter()
        self.shown: list[tuple[int, Mapping[str, object]]] = []
        self.invitations: list[tuple[datetime, int]] = []
        self.testers: set[int] = set()
        self.files: dict[str, datetime] = {}
        self.stubborn: set[int] = set()
        self._event_ids: set[str] = set()
        self._bulk: list[datetime] = []
        self._random = Random(seed)
        self._tell = tell

    # ------------------------------------------------------------ requests

    def answer(self, request: Request) -> Mapping[str, object]:
        """Do what is asked.

        Raises:
            Refusal: it is not to be done.
        """
        method, path = request.method, request.path
        if (method, path) == ("POST", "/v1/users:batchGet"):
            return self._batch_get(request)
        if request.query.get("agentId", "").removesuffix("@rbm.goog") != self.agent:
            raise Refusal(403, "PERMISSION_DENIED", _FORBIDDEN)
        if (method, path) == ("POST", "/v1/files"):
            return self._fetch_file(request)
        if (method, path) == ("POST", "/upload/v1/files"):
            return self._keep_file(request)
        found = _OF_PHONE.fullmatch(path)
        if found is None:
            raise Refusal(404, "NOT_FOUND", "Method not found.")
        if not _E164.fullmatch(found["number"]):
            raise invalid("The phone number is not in E.164 format.")
        return self._of_phone(request, int(found["number"][1:]), found["what"], found["id"])

    def _of_phone(self, request: Request, number: int, what: str, message_id: str | None) -> Mapping[str, object]:
        match request.method, what, message_id:
            case "POST", "agentMessages", None:
                return self._create(request, number)
            case "DELETE", "agentMessages", str():
                return self._delete(number, message_id)
            case "POST", "agentEvents", None:
                return self._show(request, number)
            case "GET", "capabilities", None:
                return self._capabilities(number)
            case "POST", "testers", None:
                return self._invite(request, number)
            case _:
                raise Refusal(404, "NOT_FOUND", "Method not found.")

    def handset(self, number: int) -> Handset:
        """Give the handset of a number."""
        return self.handsets.get(number, self.usual)

    def _reach(self, number: int) -> Handset:
        if not self.is_launched and number not in self.testers:
            raise Refusal(403, "PERMISSION_DENIED", _FORBIDDEN)
        handset = self.handset(number)
        if not handset.has_rcs:
            raise Refusal(404, "NOT_FOUND", _NOT_FOUND)
        return handset

    # ------------------------------------------------------------ messages

    def _create(self, request: Request, number: int) -> Mapping[str, object]:
        message_id = request.query.get("messageId", "")
        if not message_id:
            raise invalid("messageId is required.")
        if message_id in self.messages:
            # Whatever it says now: an id of the agent's is taken once.
            self.duplicates[message_id] += 1
            return _resource(self.messages[message_id])
        payload = request.json()
        message = self._read(payload)
        handset = self._reach(number)
        lacking = sorted({feature.value for feature in message.features} - handset.features)
        if lacking:
            raise invalid(f"The user's device does not support {', '.join(lacking)}.")
        now = self.clock.now()
        ends_at = now + message.ttl if message.ttl is not None else message.expires_at
        kept = self.messages[message_id] = RbmMessage(message_id, number, payload, now, ends_at)
        if self.delivers:
            self.deliver(kept)
        return _resource(kept)

    def _read(self, payload: Mapping[str, object]) -> rcs.RichMessage:
        wrong = errors_of(rcs.check(payload))
        if wrong:
            raise invalid(f"Invalid value at '{wrong[0].path or 'agent_message'}' ({wrong[0].rule})")
        message = rcs.load(payload)
        if message.traffic is None and not self.is_of_one_use:
            raise invalid("message_traffic_type is required for an agent of several uses.")
        if wrong := errors_of(message.findings(now=self.clock.now())):
            raise invalid(f"Invalid value at '{wrong[0].path}' ({wrong[0].rule})")
        for one in hosted(message.content):
            for name in (one.url, one.thumbnail) if one.uploaded else ():
                if name is not None and self.files.get(name, self.clock.now()) <= self.clock.now():
                    raise invalid("The uploaded file does not exist.")
        return message

    def _delete(self, number: int, message_id: str) -> Mapping[str, object]:
        kept = self.messages.get(message_id)
        if kept is not None and kept.number == number and kept.state is RbmState.WAITING:
            self.messages[message_id] = evolve(kept, state=RbmState.REVOKED)
        return _NO_BODY

    def deliver(self, kept: RbmMessage) -> bool:
        """Bring a message that waits to its handset, if that is online."""
        if kept.state is not RbmState.WAITING or not self.handset(kept.number).is_online:
            return False
        self.messages[kept.id] = evolve(kept, state=RbmState.DELIVERED)
        self._tell(kept.number, {"eventType": "DELIVERED", "messageId": kept.id})
        return True

    def read(self, kept: RbmMessage) -> bool:
        """Have the owner of the handset look at a message that arrived."""
        if kept.state is not RbmState.DELIVERED:
            return False
        self.messages[kept.id] = evolve(kept, state=RbmState.READ)
        self._tell(kept.number, {"eventType": "READ", "messageId": kept.id})
        return True

    def advance(self, seconds: float) -> None:
        """Move the clock; messages come to their end on the way, each at its time."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while due := self._due(until):
            for at, message_id in due:
                self.clock.advance(max(0.0, (at - self.clock.now()).total_seconds()))
                self._end(self.messages[message_id])
        self.clock.advance((until - self.clock.now()).total_seconds())

    def _due(self, until: datetime) -> list[tuple[datetime, str]]:
        waiting = (one for one in self.messages.values() if one.state is RbmState.WAITING)
        ends = ((_end_of(one), one.id) for one in waiting)
        return sorted(one for one in ends if one[0] <= until)

    def _end(self, kept: RbmMessage) -> None:
        if kept.ends_at is None or kept.at + _WAITS_FOR < kept.ends_at:
            self.messages[kept.id] = evolve(kept, state=RbmState.DROPPED)
            return
        is_stubborn = kept.number in self.stubborn
        # What could not be taken back goes on waiting, now without an end.
        after = evolve(kept, ends_at=None) if is_stubborn else evolve(kept, state=RbmState.REVOKED)
        self.messages[kept.id] = after
        word = "TTL_EXPIRATION_REVOKE_FAILED" if is_stubborn else "TTL_EXPIRATION_REVOKED"
        self._tell(kept.number, {"eventType": word, "messageId": kept.id})

    # ------------------------------------------------------------ events of the agent, capabilities, testers

    def _show(self, request: Request, number: int) -> Mapping[str, object]:
        event_id, told = request.query.get("eventId", ""), request.json("eventType", "messageId")
        if not event_id or told.get("eventType") not in ("IS_TYPING", "READ"):
            raise invalid("eventId and eventType are required.")
        if told["eventType"] == "READ" and not told.get("messageId"):
            raise invalid("messageId is required for READ.")
        self._reach(number)
        if event_id not in self._event_ids:
            self._event_ids.add(event_id)
            self.shown.append((number, told))
        return told

    def _capabilities(self, number: int) -> Mapping[str, object]:
        handset = self.handset(number)
        if not handset.has_rcs or not (self.is_launched or number in self.testers):
            # Unlike a message, a question about somebody who is no tester is answered with 404.
            raise Refusal(404, "NOT_FOUND", _NOT_FOUND)
        return {"features": sorted(handset.features)}

    def _batch_get(self, request: Request) -> Mapping[str, object]:
        told = request.json("users", "agentId")
        users = told.get("users")
        if told.get("agentId") != self.agent:
            raise Refusal(403, "PERMISSION_DENIED", _FORBIDDEN)
        numbers = _numbers_in(users)
        if not 0 < len(numbers) <= limits.count("batch.users.max") or len(set(numbers)) < len(numbers):
            raise invalid("users takes up to 10000 unique phone numbers.")
        now = self.clock.now()
        self._bulk = [at for at in self._bulk if now - at < timedelta(minutes=1)]
        if len(self._bulk) >= limits.count("batch.qpm"):
            raise Refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded: 600 calls per minute.")
        self._bulk.append(now)
        reached = [one for one in numbers if self.handset(one).has_rcs and self._is_served(one)]
        # Too few for a sample: both counts are 0 then, and not the share of a handful.
        size = round(len(numbers) * SAMPLED) if len(numbers) >= limits.count("batch.users.min") else 0
        sample = self._random.sample(numbers, size)
        return {
            "reachableUsers": [f"+{one}" for one in reached],
            "totalRandomSampleUserCount": len(sample),
            "reachableRandomSampleUserCount": sum(self.handset(one).has_rcs for one in sample),
        }

    def _is_served(self, number: int) -> bool:
        return self.is_launched or number in self.testers

    def _invite(self, request: Request, number: int) -> Mapping[str, object]:
        request.json("name", "inviteStatus")
        if not self.handset(number).has_rcs:
            raise Refusal(404, "NOT_FOUND", _NOT_FOUND)
        now = self.clock.now()
        today = [at for at, _ in self.invitations if now - at < _DAY]
        if len(today) >= limits.count("testers.day") or len(self.invitations) >= limits.count("testers.total"):
            raise Refusal(429, "RESOURCE_EXHAUSTED", "Too many tester invitations.")
        self.invitations.append((now, number))
        return {"name": f"phones/+{number}/testers", "inviteStatus": "PENDING"}

    # ------------------------------------------------------------ files

    def _fetch_file(self, request: Request) -> Mapping[str, object]:
        told = request.json("agentId", "fileUrl", "thumbnailUrl", "contentDescription")
        url = told.get("fileUrl")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise invalid("fileUrl is required.")
        return self._named()

    def _keep_file(self, request: Request) -> Mapping[str, object]:
        kind = request.headers.get("content-type", "").partition(";")[0]
        if kind not in limits.FILE_TYPES | limits.INDIAN_CARD_TYPES:
            raise invalid("Unsupported media type.")
        if not 0 < len(request.body) <= limits.count("file.max"):
            raise invalid("The file is empty or too large.")
        return self._named()

    def _named(self) -> Mapping[str, object]:
        name = f"files/fake-{len(self.files) + 1}"
        self.files[name] = self.clock.now() + _FILES_KEPT_FOR
        return {"name": name}


def _resource(kept: RbmMessage) -> Mapping[str, object]:
    name = f"phones/+{kept.number}/agentMessages/{kept.id}"
    return {**kept.payload, "name": name, "sendTime": timestamp(kept.at)}


def _end_of(kept: RbmMessage) -> datetime:
    dropped_at = kept.at + _WAITS_FOR
    return dropped_at if kept.ends_at is None else min(kept.ends_at, dropped_at)


def _numbers_in(users: object) -> Sequence[int]:
    told = cast("Collection[object]", users) if isinstance(users, list) else ()
    if not all(isinstance(one, str) and _E164.fullmatch(one) for one in told):
        raise invalid("users takes phone numbers in E.164 format.")
    return [int(cast("str", one)) for one in told]
