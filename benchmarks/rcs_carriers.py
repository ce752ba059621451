"""What it costs to put personalised cards into the words of other carriers.

    python benchmarks/rcs_carriers.py

A thousand cards of one shape, each with a name and an address of its own, are checked and made into requests, as a run
does it. Beside it stands what reading each card whole would cost alone; compare within one run, machines differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from smskit.kinds import Kind
from smskit.rcs import Dial, Media, OpenUrl, Reply, RichCard, RichMessage, RichTemplate, load
from smskit.records import Outgoing
from smskit.text import Template
from smskit.transports import InfobipRcs, SinchRcs, SmsModeRcs, TelnyxRcs, TwilioContent, TwilioRcs, VonageRcs
from smskit.transports.wire import rich

CARDS = 1000
MOST_US = 150
CARD = RichCard(
    "Soldes d'été",
    "Bonjour $prenom, -15 % jusqu'à dimanche",
    media=Media("https://boutique.example/ete.jpg", alt="Une plage"),
    suggestions=[OpenUrl("Voir", "https://b.example/x?c=$code"), Reply("STOP"), Dial("Appeler", "+33123456789")],
)
MESSAGE = RichMessage(CARD, traffic="promotion", ttl=timedelta(hours=4))
ACCOUNT = {"account": "AC" + "0" * 32, "token": "t"}
PROVIDERS = {
    "smsmode": SmsModeRcs(key="k", channel="c"),
    "vonage": VonageRcs(key="k", secret="s"),
    "sinch": SinchRcs(token="t", project="p", app="a"),
    "telnyx": TelnyxRcs(key="k", profile="p"),
    "infobip": InfobipRcs(key="k"),
    "twilio": TwilioRcs(**ACCOUNT, contents=[TwilioContent("HX" + "0" * 32, MESSAGE)]),
}


def messages(turn: int) -> list[Outgoing]:
    """Give a thousand that were never seen before."""
    template = RichTemplate(MESSAGE, Template.parse)
    filled = (template.fill({"prenom": f"Anaïs {turn}", "code": f"{turn}-{seq}"}) for seq in range(CARDS))
    return [
        Outgoing(f"run-{seq}", 33_612_000_000 + seq, "", 1, "agent", Kind.MARKETING, rich=one.json.decode())
        for seq, one in enumerate(filled)
    ]


def fastest_us(work: Callable[[list[Outgoing]], object]) -> float:
    took = []
    for turn in range(5):
        batch = messages(turn)
        start = time.perf_counter()
        work(batch)
        took.append(time.perf_counter() - start)
        rich.loaded.cache_clear()
    return min(took) / CARDS * 1e6


def main() -> None:
    whole = fastest_us(lambda batch: [load(one.rich or "") for one in batch])
    print(f"{'reading each card whole':26}{whole:7.1f} us")
    for name, provider in PROVIDERS.items():

        def work(batch: list[Outgoing], provider: object = provider) -> None:
            for one in batch:
                provider.check_message(one)  # type: ignore[attr-defined]
                provider.request([one])  # type: ignore[attr-defined]

        cost = fastest_us(work)
        print(f"{name:26}{cost:7.1f} us, {cost / whole:4.2f} of reading; at most {MOST_US} asked")


if __name__ == "__main__":
    main()
