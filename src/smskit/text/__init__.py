"""Texts with variables: templates, links, and what a text will weigh once names are filled in."""

from smskit.text.links import ShortLinks, token_of
from smskit.text.message import Message, Rendered
from smskit.text.template import Template, Variable, is_whole

__all__ = ["Message", "Rendered", "ShortLinks", "Template", "Variable", "is_whole", "token_of"]
