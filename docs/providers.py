"""Write docs/reference/providers/matrix.md from what the providers declare.

python docs/providers.py           write the page if it changed
python docs/providers.py --check   write nothing; exit 1 when the page is not up to date
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from smskit.kinds import Channel
from smskit.protocols import Features, Receipts
from smskit.transports import providers
from smskit.transports.providers.json_carrier import JsonCarrier
from smskit.transports.wire.provider import HttpProvider

FOLDER = Path(__file__).parent / "reference" / "providers"
PAGE = FOLDER / "matrix.md"

# What an account is made with; any other text that a provider needs is filled in. Options that change what it can do
# are those of a full account.
OPTIONS: Mapping[str, Mapping[str, object]] = {
    "Sinch": {"service_plan": "a-plan"},
    "Telnyx": {"profile": "a-profile"},
    "TelnyxRcs": {"profile": "a-profile"},
    "VonageMessages": {"key": "a-key", "secret": "a-secret"},
    "Twilio": {"account": "AC" + "0" * 32, "token": "a-token", "messaging_service": "MG" + "0" * 32},
    "TwilioRcs": {"account": "AC" + "0" * 32, "token": "a-token", "messaging_service": "MG" + "0" * 32},
    "VonageRcs": {"key": "a-key", "secret": "a-secret"},
}

INTRODUCTION = """# What each provider can do

Made from what the providers declare (`transport.features`) by `docs/providers.py`. A provider is offered only what
stands here: a message that asks for more is refused before anything is sent. Where an option of your account changes
something, the page of the provider says so.
"""

NOTES = """
- **batch**: messages in one submission; **in flight**: submissions at once, unless `in_flight=` says otherwise.
- **pace**: parts a second that one sender may send; give `parts_per_second=` what your contract says.
- **longest**: of one message; – leaves it at the 255 parts of the standard.
- **own STOP**: where the provider prints the way to object itself, if it is told to. Elsewhere smskit writes it.
- **idempotency**: *any* means that one reference is taken once, for how long if it forgets; *repetition* that the very
  same request is. Without it a message whose answer was lost is in doubt, and is not sent again.
- **withdraw**: it takes back what waits for its time; **revoke**: what the handset has not got yet.
- **asked**: it tells whether it took a message that is in doubt. **look-up**: it tells the receipt of one that it took.
- **who has RCS**: it tells which numbers have it.
- **receipts**: *pushed* to your webhook, or *fetched*. **signature**: how its calls are signed; the others need a
  secret path.
- **any carrier**: a description says what it can do, see [its page](json.md).
"""

NO = "–"


def classes() -> Iterator[type[HttpProvider]]:
    """Give the providers of all modules, each once."""
    for module in sorted(info.name for info in pkgutil.iter_modules(providers.__path__)):
        found = vars(import_module(f"{providers.__name__}.{module}")).values()
        for kind in found:
            is_provider = isinstance(kind, type) and issubclass(kind, HttpProvider) and kind is not HttpProvider
            if is_provider and kind.__module__.endswith(f".{module}") and not kind.__name__.startswith("_"):
                yield kind


def made(kind: type[HttpProvider]) -> HttpProvider:
    """Make an account with what it needs and nothing else."""
    given = dict(OPTIONS.get(kind.__name__, {}))
    for field in attrs.fields(kind):
        if field.init and field.default is attrs.NOTHING and field.name not in given:
            given[field.name] = f"a-{field.name.replace('_', '-')}"
    try:
        return kind(**given)
    except Exception as error:
        raise SystemExit(f"{kind.__name__} cannot be made with {sorted(given)} ({error}); add it to OPTIONS") from error


def able(provider: HttpProvider, name: str) -> str:
    return "yes" if hasattr(provider, name) else NO


def spoken(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def idempotency(provider: HttpProvider) -> str:
    features = provider.features
    if features.idempotent:
        return f"any, {spoken(features.idempotent_for_s)}" if features.idempotent_for_s else "any"
    return "repetition" if type(provider).repeats is not HttpProvider.repeats else NO


def printed(features: Features) -> str:
    places = [place for place, form in features.stop.items() if form.printed_by_transport]
    return ", ".join("everywhere" if place == "*" else place for place in sorted(places)) or NO


def validity(features: Features) -> str:
    bounds = features.validity_s
    return NO if bounds is None else f"{spoken(bounds[0])} to {spoken(bounds[1])}"


def longest(features: Features) -> str:
    if features.longest_text is not None:
        return f"{features.longest_text} characters"
    return NO if features.largest_parts is None else f"{features.largest_parts} parts"


Column = tuple[str, Callable[[HttpProvider], str]]

SENDING: Sequence[Column] = (
    ("channel", lambda p: p.features.channel.name),
    ("batch", lambda p: f"{p.features.largest_batch}"),
    ("in flight", lambda p: f"{p.features.in_flight}"),
    ("pace", lambda p: f"{p.features.parts_per_second:g}/s" if p.features.parts_per_second else "by contract"),
    ("longest", lambda p: longest(p.features)),
    ("alphabets", lambda p: ", ".join(p.features.alphabets) if p.features.channel is Channel.SMS else "UTF-8"),
    ("word as sender", lambda p: "yes" if p.features.alphanumeric_senders else NO),
    ("own STOP", lambda p: printed(p.features)),
    ("schedule", lambda p: "yes" if p.features.schedules else NO),
    ("withdraw", lambda p: able(p, "withdraw") if p.features.schedules else NO),
    ("revoke", lambda p: able(p, "revoke")),
    ("validity", lambda p: validity(p.features)),
    ("idempotency", idempotency),
)
AFTERWARDS: Sequence[Column] = (
    ("asked", lambda p: "yes" if p.features.can_be_asked else NO),
    ("look-up", lambda p: able(p, "look_up")),
    ("receipts", lambda p: NO if p.features.receipts is Receipts.NONE else p.features.receipts.value),
    ("replies", lambda p: "yes" if p.features.replies else NO),
    ("fetch", lambda p: able(p, "fetch")),
    ("who has RCS", lambda p: able(p, "capabilities")),
    ("signature", lambda p: p.features.signature or NO),
    ("balance", lambda p: "yes" if p.features.balance else NO),
)


def title(kind: type[HttpProvider]) -> str:
    """Give what the provider is called, with a link to its page where it has one."""
    module = kind.__module__.rpartition(".")[2]
    page = FOLDER / f"{'json' if kind is JsonCarrier else module}.md"
    name = "any carrier" if kind is JsonCarrier else kind.__name__
    if page.exists() and kind is not JsonCarrier:
        name = page.read_text("utf-8").splitlines()[0].removeprefix("# ").strip()
    return f"[{name}]({page.name})" if page.exists() else name


def table(columns: Sequence[Column]) -> Iterator[str]:
    yield "| provider | " + " | ".join(name for name, _ in columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    kinds = sorted(classes(), key=lambda kind: (kind is JsonCarrier, kind.__name__.casefold()))
    for kind in kinds:
        if kind is JsonCarrier:
            cells = ["as described", *("" for _ in columns[1:])]
        else:
            provider = made(kind)
            cells = [cell(provider) for _, cell in columns]
        yield f"| {title(kind)} | " + " | ".join(cells) + " |"


def page() -> str:
    """Give the text of the page."""
    sending, afterwards = "\n".join(table(SENDING)), "\n".join(table(AFTERWARDS))
    return f"{INTRODUCTION}\n## Sending\n\n{sending}\n\n## Afterwards\n\n{afterwards}\n{NOTES}"


def main() -> int:
    text = page()
    is_stale = not PAGE.exists() or PAGE.read_text("utf-8") != text
    if is_stale:
        print(PAGE.name)
        if "--check" not in sys.argv:
            PAGE.write_text(text, encoding="utf-8")
    return int("--check" in sys.argv and is_stale)


if __name__ == "__main__":
    raise SystemExit(main())
