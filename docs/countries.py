"""Write docs/reference/countries/*.md from the registry of rules.

python docs/countries.py           write the pages that changed
python docs/countries.py --check   write nothing; exit 1 when a page is not up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from smskit.compliance import Rules
from smskit.compliance.pages import country_pages

FOLDER = Path(__file__).parent / "reference" / "countries"


def stale() -> dict[Path, str]:
    """Give the pages that are missing or differ, with the text that they should have."""
    pages = {FOLDER / name: text for name, text in country_pages(Rules.default())}
    return {path: text for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text}


def main() -> int:
    pages = stale()
    for path, text in pages.items():
        print(path.name)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    return int("--check" in sys.argv and bool(pages))


if __name__ == "__main__":
    raise SystemExit(main())
