"""Throws random texts and octets at the encoding for a while; stops at the first thing that should not be.

    python fuzz/encoding.py [--seconds 60] [--seed 1]

Texts go to both twins, which must agree, and through split and fold, which must keep their laws. Octets go to
everything that reads them: whatever they hold, the only errors are smskit's own. The seed of a finding is printed.
"""

from __future__ import annotations

import argparse
import random
import time

from smskit.encoding import (
    GSM7,
    UCS2,
    Cut,
    Language,
    Layout,
    Left,
    Level,
    _pure,
    decode,
    fold,
    national,
    pack,
    ports,
    read_header,
    split,
    unpack,
)
from smskit.errors import InvalidInput, TooLong

try:
    from smskit.encoding import _speedups as fast
except ImportError:
    print("the C extension is not built here: Python is compared with itself")
    fast = _pure

PLAIN = sorted(GSM7.characters)
JOINING = list("\r\n\u0301\u0302\u200d\ufe0f\u20e3🇫🇷👩👧👍🏽❤☀कि\u094dक한각ᄀ\u1161\u11a8\u0600\u0e33")
PLANES = (0x80, 0x100, 0x3000, 0x10000, 0x20000, 0x110000)


def some_text(rng: random.Random) -> str:
    """Give a text of one of several tempers: plain, foreign here and there, of clusters, of anything."""
    top = rng.choice(PLANES)
    pool = rng.choice((PLAIN, [*PLAIN * 3, *JOINING], JOINING, [chr(rng.randrange(top)) for _ in range(50)]))
    length = rng.choice((0, 1, 31, 32, 33, 67, 70, 71, 134, 153, 160, 161, 306, rng.randrange(3000)))
    return "".join(rng.choices(pool, k=max(0, length + rng.randrange(-2, 3))))


def outcome(call, *arguments, **keywords):
    try:
        return call(*arguments, **keywords)
    except (InvalidInput, TooLong) as error:
        return type(error), str(error)


def check_text(text: str, rng: random.Random) -> None:
    """Hold one text to what is promised of all."""
    found = _pure.measure(text)
    assert fast.measure(text) == found
    assert fast.measure_many([text, text]) == _pure.measure_many([text, text])
    octets = outcome(_pure.encode, text)
    assert outcome(fast.encode, text) == octets
    if isinstance(octets, bytes):
        fill = rng.randrange(7)
        packed = _pure.pack(octets, fill_bits=fill)
        assert fast.pack(octets, fill_bits=fill) == packed
        assert unpack(packed, count=len(octets), fill_bits=fill) == octets
        assert decode(octets) == text
    layout = Layout(cut=rng.choice(list(Cut)), elements=rng.choice([(), (ports(1),)]))
    parts = split(text, layout=layout)
    assert "".join(part.text for part in parts) == text
    assert max(len(part.user_data) for part in parts) <= 140
    level, left = rng.choice(list(Level)), rng.choice([Left.KEEP, Left.DROP, Left.QUESTION_MARK])
    folded = fold(text, level=level, left=left)
    assert fold(folded.text, level=level, left=left).text == folded.text


def check_octets(octets: bytes, rng: random.Random) -> None:
    """Read what nobody wrote."""
    outcome(read_header, octets)
    outcome(decode, octets)
    outcome(decode, octets, alphabet=UCS2)
    outcome(unpack, octets, count=rng.randrange(200), fill_bits=rng.randrange(7))
    septets = bytes(octet & 0x7F for octet in octets)
    tables = national(locking=rng.choice([None, Language.TAMIL]), single=rng.choice([None, *Language]))
    assert len(decode(septets, alphabet=tables)) <= len(septets)
    assert decode(septets) == septets.decode("gsm7")
    assert unpack(pack(septets), count=len(septets)) == septets


def main() -> None:
    """Go on until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    seed, until = given.seed, time.monotonic() + given.seconds
    while time.monotonic() < until:
        rng = random.Random(seed)
        try:
            check_text(some_text(rng), rng)
            check_octets(rng.randbytes(rng.randrange(160)), rng)
        except BaseException:
            print(f"found with --seed {seed}")
            raise
        seed += 1
    print(f"nothing found in {seed - given.seed} rounds from seed {given.seed}")


if __name__ == "__main__":
    main()
