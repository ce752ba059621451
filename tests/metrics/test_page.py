"""The page of a campaign: what is on it, and how it looks in a real browser where there is one."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve
from tests.display import browser

import smskit as sk
from smskit import metrics
from smskit.errors import InvalidInput
from smskit.kinds import FailureClass
from smskit.metrics import Outcome, RateBasis, Report, Standing
from smskit.metrics.build import Asked, report_on
from smskit.metrics.page import page_of
from smskit.metrics.scope import RunData
from smskit.metrics.showing import CUTS
from smskit.metrics.wording import METRICS, wording
from smskit.rcs import RichCard, RichPrices

THIN = "\N{NARROW NO-BREAK SPACE}"
HOSTILE = "</title><script>alert(1)</script>"
FIRST = 33612345000
PEOPLE = 900


def run(folder: Path, name: str, **more: object) -> sk.Run:
    """A campaign with two versions and a hold-out, sent to people of the mainland and of Martinique."""
    lines = (
        f"Zoé,+{FIRST + place if place % 9 else 596696200000 + place},01/02/2026,caisse" for place in range(PEOPLE)
    )
    (folder / "clients.csv").write_text("Prénom,Mobile,Opt-in,Source\n" + "\n".join(lines), encoding="utf-8")
    contacts = sk.Contacts.read(
        folder / "clients.csv", region="FR", consent=sk.ConsentColumns(granted_at="Opt-in", source="Source")
    )
    link = {"lien": "https://boutique.example"}
    campaign = sk.Campaign(
        name, sk.Message("Bonjour $prenom : $lien", links=link), to=contacts, sender="MABOUTIQUE",
        kind=sk.Kind.MARKETING, holdout=0.2, variants={"B": sk.Message("$prenom, vite : $lien", links=link)},
        weights={"A": 1, "B": 1}, short_links=sk.ShortLinks("go.boutique.example"),
        allowed_hosts={"go.boutique.example"},
    )  # fmt: skip
    plan = campaign.plan(at="2026-06-24 12:00", prices=sk.Prices.per_part("0.0715", FR="0.045"))
    return plan.send(sk.Sandbox(seed=5, refused=0.02, unanswered=0.004, clicked=0.2))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    sent = run(tmp_path_factory.mktemp("shop"), "soldes-ete")
    noon = datetime(2026, 6, 24, 11, tzinfo=timezone.utc)
    orders = [
        sk.Order(noon + timedelta(minutes=7 * place), "1022.50", number=FIRST + place) for place in range(0, PEOPLE, 11)
    ]
    return sent.report(orders, confirmation_price="0.045")


class Page(HTMLParser):
    """What a reader of the source sees: tags, attributes and the words of each section."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.sections: dict[str, str] = {}
        self.language = ""
        self._title: str | None = None
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "action")]
        if tag == "html":
            self.language = dict(attrs)["lang"] or ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        if self._open[-1] == "h2":
            self._title = data
        elif self._title is not None:
            self.sections[self._title] = self.sections.get(self._title, "") + data + "|"


SECTIONS = {
    "en": (
        "Key figures", "From plan to order", "How soon people reacted", "Conversion rate, by hour of sending",
        "Conversion rate, by version", "What made a difference", "Money", "Why messages did not arrive",
        "Against the benchmarks", "To know",
    ),
    "fr": (
        "Chiffres clés", "De l’envoi à l’achat", "Le temps de réaction", "Taux d’achat, selon l’heure d’envoi",
        "Taux d’achat, par version", "Ce qui fait la différence", "Budget et recettes",
        "Pourquoi des messages n’arrivent pas", "Face aux repères", "À savoir",
    ),
}  # fmt: skip
both = pytest.mark.parametrize("language", ["en", "fr"])


@both
def test_the_page_has_all_its_parts(language: str, made: Report) -> None:
    page = Page(page_of(made, language))
    assert tuple(page.sections) == SECTIONS[language]
    assert page.language == language
    assert page.tags.count("svg") == 5
    assert page.tags.count("details") == 5, "each picture is a table too"


@both
def test_the_page_stands_alone_and_names_nobody(language: str, made: Report) -> None:
    html = page_of(made, language)
    page = Page(html)
    assert page.addresses == []
    assert not {"script", "link", "iframe", "img", "object", "form"} & set(page.tags)
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html
    assert not re.search(r"33\d{9}|596\d{9}", html)


def test_french_first(made: Report) -> None:
    page = Page(page_of(made, "fr"))
    told = page.sections["Chiffres clés"]
    money = made.economics
    assert money is not None
    revenue = f"{money.revenue.amount:,.2f}".replace(",", THIN).replace(".", ",")
    assert f"{revenue}\N{NO-BREAK SPACE}€" in told
    assert "mercredi 24 juin 2026" in page_of(made, "fr")
    assert re.search(rf"\d,\d{THIN}%", told)
    assert not re.search(rf"\d\.\d+{THIN}%", told)


SAME = {"messages", "points", "notification", "source", "ROI", "{value} points"}
"""Words that are the same in both languages."""


def said(module: str) -> Iterator[str]:
    """Each word that a module of ours says."""
    source = Path(metrics.__file__).with_name(f"{module}.py").read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            yield from (one.value for one in node.args if isinstance(one, ast.Constant))


def test_every_word_is_said_in_french() -> None:
    french = wording("fr")
    words = {word for module in ("page", "charts", "showing") for word in said(module)}
    assert len(words) > 40
    for vocabulary in (Standing, Outcome, sk.Kind, METRICS):
        words |= {one.value for one in vocabulary}
    words |= (
        {f"cut {cut.value}" for cut in CUTS} | {f"basis {basis.value}" for basis in RateBasis} | set(METRICS.values())
    )
    assert {word for word in words if word not in french.words} - SAME == set()
    assert set(french.failures) == set(wording("en").failures) == set(FailureClass)


def test_every_note_is_said_in_french() -> None:
    source = Path(__file__).parents[2].joinpath("src/smskit/metrics/build.py").read_text("utf-8")
    for start in (
        "messages in doubt:",
        "no receipt has come yet:",
        "there is no order to join",
        "orders before the message",
    ):
        assert start in source, "a note was reworded: the French of it no longer fits"
    for note in NOTES:
        told, spoken = wording("fr").note(note)
        assert (spoken, told == note) == ("fr", False), note
    assert wording("fr").note("a note of tomorrow") == ("a note of tomorrow", "en")


NOTES = (
    "the ledger has 3 planned messages and the account 2: the run changed while it was read; make the report again",
    "messages of several kinds are counted together; report.by('kind') tells them apart",
    "messages in doubt: 3; no answer of the carrier was recorded, they are in no rate",
    "this transport tells no receipts: what was delivered is not known, and rates are of what was sent",
    "no receipt has come yet: what was delivered is not known, and rates are of what was sent",
    "the carrier billed 3 parts more than planned: what it says is in billed_parts",
    "the carrier billed 3 parts fewer than planned: what it says is in billed_parts",
    "more messages were clicked than delivered: receipts are missing; take the rates of what was sent",
    "clicks, replies or oppositions without a message that was sent: 3",
    "people who were forgotten are in neither group of the hold-out: 3",
    "cells of the orders that could not be read: 3; the first is in row 4, column 'Date'; orders_from_rows(...).issues has all",
    "there is no order to join",
    "orders before the message, put down to nothing: 3",
    "orders that were given twice, counted once: 3",
    "orders in another currency than EUR, in no figure: 3; convert them first",
)


def test_a_foreign_note_says_that_it_is_english(made: Report) -> None:
    html = page_of(evolve(made, notes=("a note of tomorrow",)), "fr")
    assert '<li lang="en">a note of tomorrow</li>' in html


def test_what_is_not_known_is_left_out_or_said(tmp_path: Path) -> None:
    page = Page(page_of(run(tmp_path, "essai").report()))
    funnel = page.sections["From plan to order"]
    assert "converted" not in funnel
    assert "opened" not in funnel
    assert "No carrier and no handset tells whether an SMS was read. No orders were given." in funnel
    assert "revenue" not in page.sections["Key figures"]
    assert "0.0" not in page.sections["Money"]


def test_two_campaigns_stand_side_by_side(tmp_path: Path) -> None:
    runs = [run(tmp_path, name) for name in ("soldes-ete", "soldes-hiver")]
    data = [RunData(one.record, one.sends(), one.store.events(one.id), one.account) for one in runs]
    report = report_on(data, Asked())
    told = Page(page_of(report, "fr")).sections["Côte à côte"]
    for words in ("campagne|", "soldes-ete|", "soldes-hiver|", "cliqués|"):
        assert words in told
    assert "soldes-hiver" in str(report)


def test_foreign_texts_stay_texts(made: Report) -> None:
    html = page_of(evolve(made, campaign=HOSTILE, sender=HOSTILE, notes=(HOSTILE,), zone=HOSTILE, run_id=HOSTILE))
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5


def test_a_page_is_replaced_in_one_go(made: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    made.to_html(path, language="fr")
    before = path.read_text("utf-8")
    assert before == page_of(made, "fr")

    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no space left"):
        made.to_html(str(path))
    assert path.read_text("utf-8") == before
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


def test_another_language_is_refused(made: Report, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'en' and 'fr'"):
        made.to_html(tmp_path / "page.html", language="de")
    assert not list(tmp_path.iterdir())


def test_threads_that_write_one_page_leave_it_whole(made: Report, tmp_path: Path) -> None:
    path = tmp_path / "page.html"

    def write(_: int) -> bool:
        made.to_html(path)
        return path.read_text("utf-8").endswith("</html>\n")

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(write, range(24)))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="it has neither links for everybody nor pipes with a name")
def test_a_link_a_pipe_and_permissions_stay_what_they_are(made: Report, tmp_path: Path) -> None:
    path, link, pipe = (tmp_path / name for name in ("page.html", "link.html", "pipe"))
    path.touch(0o600)
    link.symlink_to(path)
    made.to_html(link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "</html>" in path.read_text("utf-8")
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, "utf-8")
        made.to_html(pipe)
        assert read.result(30).endswith("</html>\n")
    assert pipe.is_fifo()


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    program = browser.found()
    if program is None:
        pytest.skip(f"there is no browser on this machine: none of {', '.join(browser.NAMES)} is on the path")
    with browser.Browser(program, tmp_path_factory.mktemp("browser")) as opened:
        yield opened


LOOKS = [
    ("a screen, light", {}),
    ("a screen, dark", {"dark": True}),
    ("a telephone", {"width": 390}),
    ("a small telephone, dark", {"width": 320, "dark": True}),
    ("a sheet of A4", {"width": 680, "media": "print", "dark": True}),
]


@both
@pytest.mark.parametrize("look", [row[1] for row in LOOKS], ids=[row[0] for row in LOOKS])
def test_the_page_as_a_browser_shows_it(
    look: dict[str, object], language: str, made: Report, window: browser.Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    made.to_html(path, language=language)
    window.asked_for.clear()
    window.open(path, **look)  # type: ignore[arg-type]
    assert window.see(browser.DRAWN) >= 15, "bars, columns and points"
    assert window.see(browser.OVERFLOW) == []
    assert window.complaints == []
    assert window.asked_for == [path.as_uri()]
    ground = window.see("getComputedStyle(document.body).backgroundColor")
    is_dark = look.get("dark") and look.get("media") != "print"
    assert ground == ("rgb(20, 24, 29)" if is_dark else "rgb(255, 255, 255)")
    assert window.picture().startswith(b"\x89PNG")


def test_the_page_is_printed_on_two_or_three_sheets_of_a4(
    made: Report, window: browser.Browser, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    made.to_html(path)
    window.open(path, media="print")
    printed = window.printed()
    sheets = [tuple(float(one) for one in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", printed)]
    assert 2 <= len(sheets) <= 3
    assert {(round(width), round(height)) for _, _, width, height in sheets} <= {(595, 842), (594, 841), (596, 842)}


def test_the_browser_would_tell_of_a_page_that_is_wrong(window: browser.Browser, tmp_path: Path) -> None:
    path = tmp_path / "wrong.html"
    path.write_text(
        '<div style="width:3000px">wide</div><svg viewBox="0 0 10 10" width="50"><text x="9" y="5">far outside</text></svg>'
        "<script>console.error('no')</script>",
        encoding="utf-8",
    )
    window.complaints.clear()
    window.open(path, width=400)
    assert window.see(browser.OVERFLOW) == ["the page is wider than the window", "outside of its picture: far outside"]
    assert window.see(browser.DRAWN) == 0
    assert len(window.complaints) == 1
    window.complaints.clear()


def test_what_is_billed_over_rcs_is_no_part_of_an_sms(tmp_path: Path) -> None:
    contacts = sk.Contacts.read([{"mobile": f"06123456{place:02}"} for place in range(30)])
    campaign = sk.Campaign(
        "colis", content=RichCard(title="Votre colis"), fallback="Votre colis", to=contacts, sender="BOUTIQUE",
        kind="notification", try_unknown=True,
    )  # fmt: skip
    prices = {"prices": sk.Prices.per_part("0.05"), "rich_prices": RichPrices.of(basic="0.05", single="0.08")}
    made = campaign.plan(at="2026-06-24 12:00", **prices, store=sk.MemoryStore()).send(sk.Sandbox(3)).report()
    target = tmp_path / "page.html"
    made.to_html(target, language="fr")
    page = target.read_text("utf-8")
    assert "SMS et messages RCS facturés" in page
    assert ">RCS<" in page
    assert ">SMS<" in page
