"""Arrows point one way: the imports of src/smskit are walked, those inside functions and for types too."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

# What each part may import, beside what stands on lower layers. Parts of one layer do not import each other, but
# for those of the ground floor, which are named one by one.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "kinds", "phone", "records", "protocols", "money", "clock", "cells", "exports", "display"),
    ("encoding",),
    ("text", "rcs"),  # both count what they will cost, and so ask encoding
    ("contacts", "compliance", "metrics"),
    ("stores", "transports"),
    ("delivery",),
    ("planning",),
    ("kit", "testing", "contrib"),
    ("smskit",),  # the package itself: its __init__ names things and nobody below may ask it
)
GROUND_FLOOR: Mapping[str, frozenset[str]] = {
    "errors": frozenset(),
    "kinds": frozenset({"errors"}),
    "phone": frozenset({"errors", "kinds"}),
    "records": frozenset({"errors", "kinds", "phone"}),
    "protocols": frozenset({"errors", "kinds", "phone", "records"}),
    "money": frozenset({"errors"}),
    "clock": frozenset({"errors"}),
    "cells": frozenset({"errors"}),
    "exports": frozenset({"errors"}),
    "display": frozenset({"errors", "phone"}),
}
FLOORS = {part: floor for floor, parts in enumerate(LAYERS) for part in parts}

Imports = dict[str, set[str]]
"""Which modules each module imports, by full name."""


def modules_of(source: Path) -> dict[str, ast.Module]:
    found: dict[str, ast.Module] = {}
    # A module written in C is known by its stub.
    for path in sorted((source / "smskit").rglob("*.py*")):
        if path.suffix not in (".py", ".pyi"):
            continue
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"), str(path))
    return found


def imports_of(modules: Mapping[str, ast.Module], packages: Iterable[str]) -> Imports:
    """Resolve every import to a module that exists: ``from smskit.text import links`` to ``smskit.text.links``."""
    known, inner = set(modules), set(packages)
    return {
        name: {found for asked in _asked(name, name in inner, tree) if (found := _nearest(asked, known))} - {name}
        for name, tree in modules.items()
    }


def _asked(name: str, is_package: bool, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: None if is_package else -1]
            above = base[: len(base) - node.level + 1] if node.level else []
            whence = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{whence}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _nearest(asked: str, known: set[str]) -> str | None:
    while asked:
        if asked in known:
            return asked
        asked = asked.rpartition(".")[0]
    return None


def part_of(module: str) -> str:
    """The part that a module belongs to: ``smskit.text.links`` to ``text``, and ``smskit`` to itself."""
    return module.split(".")[1] if "." in module else module


def climbing(imports: Imports) -> list[str]:
    wrong: list[str] = []
    for module, asked in sorted(imports.items()):
        for target in sorted(asked):
            here, there = part_of(module), part_of(target)
            if here == there or here == "smskit":
                continue
            if FLOORS[there] < FLOORS[here] or there in GROUND_FLOOR.get(here, ()):
                continue
            wrong.append(f"{module} imports {target}")
    return wrong


def cycle_in(graph: Mapping[str, set[str]]) -> list[str] | None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return None


@pytest.fixture(scope="module")
def imports() -> Imports:
    modules = modules_of(SOURCE)
    packages = [name for name in modules if SOURCE.joinpath(*name.split("."), "__init__.py").exists()]
    return imports_of(modules, packages)


def test_every_part_of_the_house_has_its_floor(imports: Imports) -> None:
    assert {part_of(module) for module in imports} <= set(FLOORS)


def test_no_arrow_climbs(imports: Imports) -> None:
    assert climbing(imports) == []


def test_no_module_imports_itself_round_a_corner(imports: Imports) -> None:
    without_root = {module: asked - {"smskit"} for module, asked in imports.items() if module != "smskit"}
    assert cycle_in(without_root) is None


def test_the_imports_are_really_read(imports: Imports) -> None:
    assert "smskit.records" in imports["smskit.protocols.store"]
    assert "smskit.display.views" in imports["smskit.display"]
    assert sum(map(len, imports.values())) > 50


def test_the_ground_floor_is_named_whole_and_in_order() -> None:
    assert set(GROUND_FLOOR) == set(LAYERS[0])
    assert cycle_in({part: set(asked) for part, asked in GROUND_FLOOR.items()}) is None


# ---------------------------------------------------------------- the walker itself

FAKES: list[tuple[str, str, str, list[str]]] = [
    # what                                   module           source                                      found
    ("a step down", "smskit.planning.plan", "from smskit.contacts import Contacts", []),
    ("a step up", "smskit.contacts.rows", "from smskit.planning import Plan", ["smskit.planning"]),
    ("a step up inside a function", "smskit.text.cost", "def f():\n    import smskit.delivery", ["smskit.delivery"]),
    (
        "a step up for types only",
        "smskit.text.cost",
        "if TYPE_CHECKING:\n    from smskit.stores import Store",
        ["smskit.stores"],
    ),
    ("a step up by name", "smskit.text.cost", "importlib.import_module('smskit.kit')", ["smskit.kit"]),
    ("a relative step up", "smskit.text.cost", "from ..stores import Store", ["smskit.stores"]),
    ("a relative step inside", "smskit.text.cost", "from .links import short", []),
    ("a step to the side", "smskit.contacts.rows", "import smskit.compliance", ["smskit.compliance"]),
    ("the package itself", "smskit.contacts.rows", "import smskit as sk", ["smskit"]),
    ("a name of the package itself", "smskit.contacts.rows", "from smskit import Plan", ["smskit"]),
    ("a step up on the ground floor", "smskit.errors", "from smskit.kinds import Kind", ["smskit.kinds"]),
    ("a step down on the ground floor", "smskit.records", "from smskit.kinds import Kind", []),
    ("from the package itself", "smskit", "from smskit.kit import Kit", []),
    ("something else", "smskit.errors", "import json\nfrom collections import abc", []),
]


@pytest.mark.parametrize(("module", "source", "found"), [row[1:] for row in FAKES], ids=[row[0] for row in FAKES])
def test_a_climbing_import_is_caught(module: str, source: str, found: list[str]) -> None:
    others = ["smskit", *(f"smskit.{part}" for part in FLOORS if part != "smskit"), "smskit.text.links"]
    modules = {name: ast.parse("") for name in others} | {module: ast.parse(source)}
    assert climbing(imports_of(modules, others)) == [f"{module} imports {target}" for target in found]


def test_a_cycle_is_caught() -> None:
    modules = {
        "smskit.text.a": ast.parse("from smskit.text.b import B"),
        "smskit.text.b": ast.parse("def f():\n    from smskit.text import c"),
        "smskit.text.c": ast.parse("if TYPE_CHECKING:\n    from smskit.text.a import A"),
        "smskit.text": ast.parse(""),
    }
    cycle = cycle_in(imports_of(modules, ["smskit.text"]))
    assert cycle is not None
    assert set(cycle) == {"smskit.text.a", "smskit.text.b", "smskit.text.c"}
