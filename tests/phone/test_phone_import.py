"""phonenumbers is large: it loads when a number is read, not when smskit is imported."""

import subprocess
import sys

import pytest

STEPS = [
    # what                              code                                                        loaded
    ("importing the package", "import smskit.phone", "no"),
    ("masking a number", "from smskit.phone import mask; mask(33612345678)", "no"),
    ("an empty list", "from smskit.phone import territories_of; territories_of([])", "no"),
    ("reading a number", "from smskit.phone import read_number; read_number('0612345678')", "yes"),
]


@pytest.mark.parametrize(("what", "code", "loaded"), STEPS, ids=[row[0] for row in STEPS])
def test_phonenumbers_loads_late(what, code, loaded):
    script = f"import sys; sys.path[:] = {sys.path!r}; {code}; print('yes' if 'phonenumbers' in sys.modules else 'no')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded
