"""The two twins against each other, and the C one under threads, in a subinterpreter, and for leaks."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import threading
import tracemalloc
import unicodedata

import pytest

from smskit.encoding import GSM7, _pure
from smskit.errors import InvalidInput, UnencodableText

try:
    from smskit.encoding import _speedups
except ImportError:
    _speedups = None

needs_extension = pytest.mark.skipif(_speedups is None, reason="the C extension is not built here")

LATIN = sorted(character for character in GSM7.characters if character < "\u0100")
POOLS = {
    "GSM-7 in Latin-1": LATIN,
    "GSM-7": sorted(GSM7.characters),
    "Latin-1": list(map(chr, range(256))),
    "two octets": [*LATIN, *map(chr, range(0x100, 0x10000, 97)), "\ufe0f", "\u200d", "\u0301", "\ud83d", "\udc00"],
    "four octets": [*LATIN, *"😀👍🏽👩🇫🇷𠀀é", "\u200d", "\ufe0f", "\U000e0061", "\u0301", *"क\u094dि"],
    "line ends and marks": ["\r", "\n", "a", "\x1b", "\0", "\x01", "\x02", "\x03", "€"],
}  # fmt: skip
LENGTHS = [0, 1, 7, 8, 31, 32, 33, 66, 67, 68, 70, 71, 134, 135, 152, 153, 154, 159, 160, 161, 306, 307, 459, 1000]


def seeded_texts(count):
    rng = random.Random(20240607)
    pools = list(POOLS.values())
    for number in range(count):
        pool = pools[number % len(pools)]
        if number % 3 == 0:  # mostly plain, so that the special ones stand in any place of a long text
            pool = [*"abcdefghij" * 8, *pool]
        length = max(0, rng.choice(LENGTHS) + rng.choice((-1, 0, 0, 1)))
        yield "".join(rng.choices(pool, k=length))


def outcome(call, *arguments, **keywords):
    try:
        return call(*arguments, **keywords)
    except (UnencodableText, InvalidInput, TypeError) as error:
        return type(error), str(error)


@needs_extension
def test_ten_thousand_seeded_texts_in_three_widths():
    texts = list(seeded_texts(10_000))
    widths = {1: 0, 2: 0, 4: 0}
    for text in texts:
        highest = max(text, default="")
        widths[1 if highest < "\u0100" else 2 if highest <= "\uffff" else 4] += 1
        assert _speedups.measure(text) == _pure.measure(text), ascii(text)
        septets = outcome(_pure.encode, text)
        assert outcome(_speedups.encode, text) == septets
        if isinstance(septets, bytes):
            fill = len(text) % 7
            assert _speedups.pack(septets, fill_bits=fill) == _pure.pack(septets, fill_bits=fill)
    assert min(widths.values()) > 1000
    assert _speedups.measure_many(texts) == _pure.measure_many(texts)
    assert _speedups.measure_many(tuple(texts)) == _speedups.measure_many(iter(texts)) == _pure.measure_many(texts)


class Name(str):
    """A str that is not quite one."""

    __slots__ = ()


def test_a_subclass_of_str_is_text(twin):
    assert twin.measure(Name("été")) == twin.measure("été")
    assert twin.encode(Name("été")) == twin.encode("été")
    assert twin.measure_many([Name("été")]).units == (3,)


WRONG = [
    ("measure nothing", "measure", (), {}),
    ("measure None", "measure", (None,), {}),
    ("measure a number", "measure", (5,), {}),
    ("measure octets", "measure", (b"abc",), {}),
    ("measure a list", "measure", (["abc"],), {}),
    ("measure two texts", "measure", ("a", "b"), {}),
    ("measure by an unknown keyword", "measure", ("a",), {"nope": 1}),
    ("measure by the name of its argument", "measure", (), {"text": "a"}),
    ("measure one text as many", "measure_many", ("abc",), {}),
    ("measure octets as many", "measure_many", (b"abc",), {}),
    ("measure no iterable", "measure_many", (5,), {}),
    ("measure many that hold a number", "measure_many", (["a", 5],), {}),
    ("measure many that hold octets", "measure_many", ([b"a"],), {}),
    ("encode None", "encode", (None,), {}),
    ("encode octets", "encode", (b"a",), {}),
    ("encode nothing", "encode", (), {}),
    ("pack a text", "pack", ("abc",), {}),
    ("pack a bytearray", "pack", (bytearray(b"abc"),), {}),
    ("pack by a position too many", "pack", (b"abc", 1), {}),
    ("pack with a text of fill bits", "pack", (b"abc",), {"fill_bits": "1"}),
    ("pack with half a fill bit", "pack", (b"abc",), {"fill_bits": 0.5}),
    ("pack by an unknown keyword", "pack", (b"abc",), {"fill": 1}),
    ("pack by two keywords", "pack", (b"abc",), {"fill_bits": 1, "fill": 1}),
]


@pytest.mark.parametrize(("name", "arguments", "keywords"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_types_raise_type_error(twin, name, arguments, keywords):
    with pytest.raises(TypeError):
        getattr(twin, name)(*arguments, **keywords)


@needs_extension
@pytest.mark.parametrize(("name", "arguments", "keywords"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_types_raise_the_same(name, arguments, keywords):
    found = [outcome(getattr(twin, name), *arguments, **keywords) for twin in (_pure, _speedups)]
    assert found[0] == found[1]


def test_an_error_while_texts_are_read_is_passed_on(twin):
    def broken():
        yield "a"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        twin.measure_many(broken())


@needs_extension
def test_a_list_that_shrinks_while_it_is_measured_is_noticed():
    texts = ["é" * 66 + "e\u0301" * 10, *"abcdefgh"]

    def shrink(frame, event, argument):
        if frame.f_code.co_name == "boundary":
            del texts[4:]

    before = sys.gettrace()
    sys.settrace(shrink)
    try:
        with pytest.raises(RuntimeError, match="changed"):
            _speedups.measure_many(texts)
    finally:
        sys.settrace(before)
    assert len(texts) == 4


def use_everything(twin):
    texts = ["", "été" * 60, "€" * 90, "ê" * 80, "e\u0301" * 80, "😀" * 40, "👨‍👩‍👧‍👦" * 20, "a\ud83d"]
    for text in texts:
        twin.measure(text)
        septets = outcome(twin.encode, text)
        if isinstance(septets, bytes):
            twin.pack(septets, fill_bits=1)
    twin.measure_many(texts)
    for _, name, arguments, keywords in WRONG:
        outcome(getattr(twin, name), *arguments, **keywords)
    outcome(twin.pack, b"\x80")
    outcome(twin.pack, b"a", fill_bits=9)


def test_nothing_leaks(twin):
    def held():
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    for _ in range(20):
        use_everything(twin)
    tracemalloc.start()
    try:
        use_everything(twin)
        before = held()
        for _ in range(200):
            use_everything(twin)
        grown = held() - before
    finally:
        tracemalloc.stop()
    # One object that is kept at each round would be 200 times 16 octets at the least.
    assert grown < 3200


@needs_extension
def test_no_reference_is_kept_or_lost():
    text, septets = "été" * 90 + "\u0141", b"abc" * 30
    many = [text, text]
    before = [sys.getrefcount(one) for one in (text, septets, many, None, GSM7)]
    for _ in range(1000):
        _speedups.measure(text)
        _speedups.measure_many(many)
        _speedups.pack(septets)
        outcome(_speedups.encode, text)
    after = [sys.getrefcount(one) for one in (text, septets, many, None, GSM7)]
    assert [abs(new - old) < 100 for new, old in zip(after, before, strict=True)] == [True] * 5


def test_threads_get_what_one_gets(twin):
    texts = list(seeded_texts(400))
    alone = [twin.measure(text) for text in texts]
    wrong = []

    def work(seed):
        order = list(range(len(texts)))
        random.Random(seed).shuffle(order)
        wrong.extend(place for place in order for _ in range(3) if twin.measure(texts[place]) != alone[place])
        if twin.measure_many(texts).units != tuple(one.units for one in alone):
            wrong.append(-1)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def run(code, **environment):
    # The path as it is here, so that the same smskit is found; nothing of ours from the environment.
    known = {name: value for name, value in os.environ.items() if not name.startswith("SMSKIT_")}
    known["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run(
        [sys.executable, "-c", code], env={**known, **environment}, capture_output=True, text=True, timeout=120
    )


WHICH = "import smskit.encoding as e; print(e.IMPLEMENTATION, e.measure.__module__, e.measure('€').units)"


def test_pure_python_can_be_asked_for():
    done = run(WHICH, SMSKIT_PURE_PYTHON="1")
    assert done.stdout.split() == ["Python", "smskit.encoding._pure", "2"], done.stderr


@needs_extension
def test_the_extension_is_taken_where_it_is():
    for environment in ({}, {"SMSKIT_REQUIRE_EXTENSION": "1"}, {"SMSKIT_PURE_PYTHON": "0"}):
        done = run(WHICH, **environment)
        assert done.stdout.split() == ["C", "smskit.encoding._speedups", "2"], done.stderr


HIDDEN = "import sys; sys.modules['smskit.encoding._speedups'] = None; "


def test_without_the_extension_python_does_it():
    done = run(HIDDEN + WHICH)
    assert done.stdout.split() == ["Python", "smskit.encoding._pure", "2"], done.stderr


def test_a_missing_extension_can_be_made_fatal():
    done = run(HIDDEN + WHICH, SMSKIT_REQUIRE_EXTENSION="1")
    assert done.returncode != 0
    assert "SMSKIT_REQUIRE_EXTENSION" in done.stderr.splitlines()[-1]
    both = run(WHICH, SMSKIT_REQUIRE_EXTENSION="1", SMSKIT_PURE_PYTHON="1")
    assert "contradict" in both.stderr.splitlines()[-1]


def test_clusters_and_tables_are_loaded_only_when_they_are_needed():
    code = (
        "import sys, smskit.encoding as e; e.split('été' * 100); e.measure('ê' * 100); "
        "print(sorted({'regex', 'httpx', 'phonenumbers'} & set(sys.modules)))"
    )
    done = run(code)
    assert done.stdout.strip() == "[]", done.stderr


SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
    run = interpreters.run_string
except ImportError:
    import _xxsubinterpreters as interpreters
    run = interpreters.run_string
code = '''
import sys
sys.path[:] = {path!r}
from smskit.encoding import {module} as twin
assert twin.measure("12 €").units == 5
assert twin.measure("ê" * 71).parts == 2
assert twin.pack(twin.encode("hellohello")).hex() == "e8329bfd4697d9ec37"
assert twin.measure_many(["a", "b"] * 100).parts == (1,) * 200
try:
    twin.measure(None)
except TypeError:
    pass
else:
    raise AssertionError
'''.format(path=sys.path, module={module!r})
import smskit.encoding
for _ in range(3):
    one = interpreters.create()
    failed = run(one, code)
    interpreters.destroy(one)
    assert failed is None, failed
assert smskit.encoding.measure("a" * 161).parts == 2
print("done")
"""


@needs_extension
def test_subinterpreters_have_their_own():
    done = run(SUBINTERPRETER.replace("{module!r}", "'_speedups'"))
    assert done.stdout.strip() == "done", done.stderr


def test_the_texts_under_test_hold_what_they_should():
    text = "".join(seeded_texts(2000))
    assert {"\ud83d", "\x1b", "\0", "\u200d", "😀", "\u0301"} <= set(text)
    assert {unicodedata.category(character) for character in set(text)} >= {"Cs", "Cc", "Cf", "Mn", "Lu", "So", "Sc"}
