"""The JSON schema of Vega-Lite, as Altair brings it along: version 5 with Altair 5, version 6 with Altair 6."""

from __future__ import annotations

import json
from importlib.resources import files

from jsonschema import Draft7Validator


def vega_lite() -> Draft7Validator:
    """A specification of ours has to please whichever is there: nothing that we use was taken out of version 6."""
    homes = [home for home in files("altair").joinpath("vegalite").iterdir() if home.name in ("v5", "v6")]
    (home,) = [home for home in homes if home.joinpath("schema/vega-lite-schema.json").is_file()]
    return Draft7Validator(json.loads(home.joinpath("schema/vega-lite-schema.json").read_text(encoding="utf-8")))
