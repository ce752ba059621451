"""Refusing arguments of a wrong type, in the same words everywhere."""

from __future__ import annotations


def require_text(text: object, /) -> None:
    """Raise a TypeError unless *text* is a str."""
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")


def require_texts(texts: object, /) -> None:
    """Raise a TypeError where one text stands for many: each of its characters would be taken for a text."""
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"texts must be an iterable of str, not {type(texts).__name__}")


def require_octets(octets: object, name: str, /) -> None:
    """Raise a TypeError unless *octets* is bytes."""
    if not isinstance(octets, bytes):
        raise TypeError(f"{name} must be bytes, not {type(octets).__name__}")
