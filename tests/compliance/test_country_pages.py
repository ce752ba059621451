"""The pages per country say what the registry says, today."""

from pathlib import Path

import pytest

from smskit.compliance import Rules
from smskit.compliance.pages import country_pages

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "countries"
PAGES = dict(country_pages(Rules.default()))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name):
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == PAGES[name], "run: python docs/countries.py"


def test_no_page_is_left_of_a_country_without_rules():
    assert {path.name for path in FOLDER.glob("*.md")} - {"index.md"} == set(PAGES)


def test_every_rule_stands_on_one_page():
    text = "".join(PAGES.values())
    assert all(text.count(f"## {rule.rule_id}\n") == 1 for rule in Rules.default())
