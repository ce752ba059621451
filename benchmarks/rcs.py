"""What checking, writing and personalising rich messages cost.

    python benchmarks/rcs.py

Each figure is the fastest of many short slices, so that a machine which others use too matters little; the ratio is to
``json.dumps`` of the same payload, which only writes. ``built anew`` makes the objects each time as well, for those who
do not keep them. The stream is read row by row from a generator and nothing of it is kept.
"""

from __future__ import annotations

import gc
import json
import time
import timeit
import tracemalloc
from collections.abc import Callable, Iterator

from smskit.rcs import Carousel, Filled, Media, OpenUrl, Reply, RichCard, RichMessage, RichTemplate, check, load
from smskit.text import Template

SLICES = 150
SLICE_S = 0.002
CONTACTS = 100_000
LEAST_A_SECOND = 20_000


def text() -> RichMessage:
    return RichMessage(
        "Bonjour Léa, votre commande est prête. On vous l'apporte demain entre 9 h et 12 h ?",
        suggestions=[Reply("Oui"), Reply("Non")],
        traffic="promotion",
    )


def rich_card(number: int = 0) -> RichCard:
    return RichCard(
        f"Robe d'été n° {number}",
        "Lin lavé, du 34 au 46. Jusqu'à dimanche dans nos boutiques.",
        media=Media(f"https://boutique.example/robe-{number}.jpg", alt="Une robe en lin", height="tall"),
        suggestions=[OpenUrl("Voir", f"https://boutique.example/robe/{number}"), Reply("Plus tard")],
    )


def card() -> RichMessage:
    return RichMessage(rich_card(), suggestions=[Reply("STOP")], traffic="promotion")


def carousel() -> RichMessage:
    return RichMessage(Carousel([rich_card(number) for number in range(10)]), traffic="promotion")


GOALS: list[tuple[str, Callable[[], RichMessage], float]] = [
    ("text, two suggestions", text, 10),
    ("card, two buttons", card, 25),
    ("carousel of ten cards", carousel, 150),
]


def fastest_us(call: Callable[[], object]) -> float:
    timer = timeit.Timer(call)
    rounds = max(1, int(SLICE_S / max(timer.timeit(20) / 20, 1e-7)))
    return min(timer.repeat(SLICES, rounds)) / rounds * 1e6


def calls_table() -> None:
    columns = ("check+write", "goal", "dumps", "ratio", "built anew", "check()", "load()")
    print(f"{'us a message':<24}" + "".join(f"{column:>12}" for column in columns))
    for name, make, goal in GOALS:
        message = make()
        body, payload = message.json(), message.payload()
        assert load(body) == message
        spent = fastest_us(message.json)
        dumps = fastest_us(lambda payload=payload: json.dumps(payload, ensure_ascii=False).encode())
        others = (
            fastest_us(lambda make=make: make().json()),
            fastest_us(lambda payload=payload: check(payload)),
            fastest_us(lambda body=body: load(body)),
        )
        figures = (spent, goal, dumps, spent / dumps, *others)
        met = "" if spent <= goal else "  MISSED"
        print(f"{name:<24}" + "".join(f"{figure:>12.1f}" for figure in figures) + met)


def contacts() -> Iterator[dict[str, str]]:
    for number in range(CONTACTS):
        yield {"prenom": f"Zoë{number}", "code": f"ÉTÉ-{number}", "ville": "Nîmes"}


def stream_table() -> None:
    content = RichCard(
        "Bonjour ${prenom|à vous}, -15 %",
        "Avec le code $code, jusqu'à dimanche, à $ville.",
        media=Media("https://boutique.example/robe.jpg", alt="Une robe en lin", height="tall"),
        suggestions=[
            OpenUrl("Voir", "https://boutique.example/robe?code=$code"),
            Reply("Plus tard", postback="later $code"),
        ],
    )
    template = RichTemplate(RichMessage(content, suggestions=[Reply("STOP")], traffic="promotion"), Template.parse)
    gc.collect()
    started = time.perf_counter()
    sizes = sum(len(one.json) for one in template.fill_many(contacts()) if isinstance(one, Filled))
    rate = CONTACTS / (time.perf_counter() - started)
    slow = fastest_us(lambda: template.render(next(contacts())).json())
    tracemalloc.start()
    count = sum(isinstance(one, Filled) for one in template.fill_many(contacts()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == CONTACTS
    print(f"\nstream of {CONTACTS:,} personal cards, {sizes / CONTACTS:.0f} bytes each")
    met = "" if rate >= LEAST_A_SECOND else "  MISSED"
    print(f"  a second                {rate:>12,.0f}   at least {LEAST_A_SECOND:,}{met}")
    print(f"  as objects, a second    {1e6 / slow:>12,.0f}   the stream is {rate * slow / 1e6:.1f} times as fast")
    print(f"  peak of memory, kB      {peak / 1000:>12,.0f}")


def main() -> None:
    calls_table()
    stream_table()


if __name__ == "__main__":
    main()
