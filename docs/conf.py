"""Sphinx: MyST pages, furo, and the docstrings of the package. Nothing here asks the network."""

from __future__ import annotations

import sys
from pathlib import Path

# The pages describe the source that they lie beside, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import providers

providers.main()  # what each can do is written anew from what they declare

project = "smskit"
author = "The smskit authors"
copyright = "The smskit authors"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = "smskit"
html_copy_source = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
