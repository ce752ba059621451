"""What measuring, encoding and packing cost, in calls of a C function that does nothing.

    python benchmarks/encoding.py

Each figure is a ratio taken in this run: short slices of the function and of its yardstick alternate, and the
fastest of each are compared. So a machine that slows down in between, or that others use too, matters little.
Peers are measured where they are installed (``pip install smsutil``; ``npm install sms-segments-calculator`` in a
folder named by ``SMSKIT_BENCH_NODE``); where one is not, the reason is printed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import shlex
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import timeit
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from smskit.encoding import _pure

try:
    from smskit.encoding import _speedups
except ImportError:
    _speedups = None

SENTENCE = "Bonjour Élodie, votre commande est prête : à déguster dès aujourd'hui, -15% (été) chez MABOUTIQUE ! "
FRENCH = SENTENCE.replace("ê", "é") * 5


def mixed(length: int = 1000) -> str:
    rng = random.Random(1)
    characters = rng.choices("абвгдежзиклмнопрстуфхц éàçœ’abcdefghij", k=length)
    for place in range(5, length, 91):
        characters[place] = "😀"
    return "".join(characters)


TEXTS = {"gsm160": FRENCH[:160], "gsm459": FRENCH[:459], "emoji70": "😀😀" + "ab" * 33, "mixed1000": mixed()}
GOALS = {
    "C": {"gsm160": 6, "gsm459": 20, "emoji70": 4, "mixed1000": 15},
    "Python": {"gsm160": 40, "gsm459": 60, "emoji70": 100, "mixed1000": 250},
}
# Shorter than what a scheduler gives to one process at a time, so that some slices are not interrupted.
SLICE_S = 0.0003
PACK_GOALS = {"gsm160": 15, "gsm459": 40}


def build_noop() -> Callable[[object], None]:
    """Compile noop.c into a folder of its own, which is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="smskit-bench-"))
    target = folder / f"noop{sysconfig.get_config_var('EXT_SUFFIX')}"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    source = Path(__file__).with_name("noop.c")
    include = f"-I{sysconfig.get_path('include')}"
    shared = ["-bundle", "-undefined", "dynamic_lookup"] if sys.platform == "darwin" else ["-shared"]
    try:
        subprocess.run([*compiler, "-O3", "-fPIC", *shared, include, str(source), "-o", str(target)], check=True)
        spec = importlib.util.spec_from_file_location("noop", target)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.noop
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ratio(statement: str, yardstick: str, names: dict[str, object], *, slices: int = 150) -> float:
    """Give how many times the statement costs what the yardstick costs."""
    one, other = timeit.Timer(statement, globals=names), timeit.Timer(yardstick, globals=names)

    def fitting(timer: timeit.Timer) -> int:
        rounds = 1
        while timer.timeit(rounds) < SLICE_S:
            rounds *= 2
        return rounds

    rounds_one, rounds_other = fitting(one), fitting(other)
    pairs = [(one.timeit(rounds_one), other.timeit(rounds_other)) for _ in range(slices)]
    return (min(pair[0] for pair in pairs) / rounds_one) / (min(pair[1] for pair in pairs) / rounds_other)


def row(label: str, value: float, goal: float | None = None, *, least: bool = False) -> None:
    if goal is None:
        print(f"  {label:<34}{value:>10.1f}")
        return
    met = value >= goal if least else value <= goal
    bound = f"at {'least' if least else 'most'} {goal:g}"
    print(f"  {label:<34}{value:>10.1f}   {bound:<14}{'' if met else 'MISSED'}")


def measure_table(name: str, twin: ModuleType, noop: Callable[[object], None]) -> None:
    print(f"\n{name} twin, in no-op calls")
    for label, text in TEXTS.items():
        names = {"measure": twin.measure, "noop": noop, "text": text}
        row(f"measure {label}", ratio("measure(text)", "noop(text)", names), GOALS[name][label])
    for label, goal in PACK_GOALS.items():
        names = {"encode": twin.encode, "pack": twin.pack, "noop": noop, "text": TEXTS[label]}
        cost = ratio("pack(encode(text))", "noop(text)", names)
        row(f"encode + pack {label}", cost, goal if name == "C" else None)
    texts = [f"{TEXTS['gsm160'][:-6]}{number:06}" for number in range(1000)]
    names = {"measure_many": twin.measure_many, "measure": twin.measure, "noop": noop, "texts": texts}
    loop = "[noop(text) for text in texts]"
    row("measure_many, per text", ratio("measure_many(texts)", loop, names), 1 if name == "C" else None)
    row("measure one by one, per text", ratio("[measure(text) for text in texts]", loop, names))
    texts = [f"{TEXTS['mixed1000'][:60]}{number:06}" for number in range(1000)]
    row("measure_many, UCS-2 of 66, per text", ratio("measure_many(texts)", loop, {**names, "texts": texts}))


def peer_smsutil(twins: dict[str, ModuleType]) -> None:
    print("\nsmsutil.split against measure, in times")
    try:
        import smsutil
    except ImportError:
        print("  not measured: smsutil is not installed here (pip install smsutil==1.1.3)")
        return
    text = TEXTS["gsm160"]
    for name, twin in twins.items():
        names = {"measure": twin.measure, "split": smsutil.split, "text": text}
        value = ratio("split(text)", "measure(text)", names, slices=30)
        row(f"gsm160, {name} twin", value, {"C": 200, "Python": 25}[name], least=True)


TWILIO = """
const {SegmentedMessage} = require('sms-segments-calculator');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const out = {};
for (const [name, text] of Object.entries(texts)) {
  for (let i = 0; i < 20; i++) new SegmentedMessage(text).segmentsCount;
  const times = [];
  for (let k = 0; k < 15; k++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 5; i++) new SegmentedMessage(text).segmentsCount;
    times.push(Number(process.hrtime.bigint() - start) / 5);
  }
  out[name] = [times.sort((a, b) => a - b)[7], new SegmentedMessage(text).segmentsCount];
}
console.log(JSON.stringify(out));
"""


def peer_twilio(twins: dict[str, ModuleType]) -> None:
    print("\nTwilio's calculator (node) against measure, in times")
    folder = os.environ.get("SMSKIT_BENCH_NODE", "")
    if shutil.which("node") is None:
        print("  not measured: there is no node here")
        return
    if not (Path(folder) / "node_modules" / "sms-segments-calculator").is_dir():
        print("  not measured: set SMSKIT_BENCH_NODE to a folder with npm's sms-segments-calculator")
        return
    done = subprocess.run(
        ["node", "-e", TWILIO], input=json.dumps(TEXTS), capture_output=True, text=True, cwd=folder, check=True
    )
    for label, (nanoseconds, parts) in json.loads(done.stdout).items():
        assert parts == _pure.measure(TEXTS[label]).parts
        for name, twin in twins.items():
            timer = timeit.Timer("measure(text)", globals={"measure": twin.measure, "text": TEXTS[label]})
            ours = statistics.median(timer.repeat(15, 200)) / 200 * 1e9
            row(f"{label}, {name} twin", nanoseconds / ours)


def long_texts(twins: dict[str, ModuleType]) -> None:
    print("\nten million characters against five million (2 is linear), and the peak of memory beside the text")
    for name, twin in twins.items():
        for label, unit in {"GSM-7": "Été à [Paris], ", "UCS-2": "Été à Nîmes 😀, "}.items():
            short, long = unit * (5 * 10**6 // len(unit)), unit * (10**7 // len(unit))
            names = {"measure": twin.measure, "short": short, "long": long}
            growth = ratio("measure(long)", "measure(short)", names, slices=3)
            tracemalloc.start()
            twin.measure(long)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            print(
                f"  {label}, {name} twin {growth:>16.1f}      peak {peak / sys.getsizeof(long):.4f} of the text's size"
            )


def main() -> None:
    """Print every table."""
    twins = {"Python": _pure}
    if _speedups is None:
        print("the C extension is not built here: only the Python twin is measured")
    else:
        twins["C"] = _speedups
    try:
        noop = build_noop()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no ratios to a no-op call: it cannot be compiled here ({error})")
    else:
        for name, twin in twins.items():
            measure_table(name, twin, noop)
    peer_smsutil(twins)
    peer_twilio(twins)
    long_texts(twins)


if __name__ == "__main__":
    main()
