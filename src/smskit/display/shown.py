"""What gives an object its two faces."""

from __future__ import annotations

from abc import ABC, abstractmethod

from smskit.display.html import to_html
from smskit.display.text import to_text
from smskit.display.views import View


class Shown(ABC):
    """A base for whatever a person looks at: write ``view()``, get ``print(x)`` and the notebook's picture.

    It has no fields and no ``__dict__``, so that it goes with ``@frozen`` as it is; ``repr`` stays that of
    attrs, short and masked.
    """

    __slots__ = ()

    @abstractmethod
    def view(self) -> View:
        """Give what is to be seen; a pure function of the object, with numbers masked."""

    def __str__(self) -> str:
        return to_text(self.view())

    def _repr_html_(self) -> str:
        return to_html(self.view())
