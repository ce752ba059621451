"""What a message is billed as, and what that costs."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from smskit.errors import InvalidInput
from smskit.money import to_micros
from smskit.rcs import limits
from smskit.rcs.vocabulary import Billing

BASIC_BYTES = limits.count("basic.max")
"""How many bytes in UTF-8 a text alone may weigh to be billed as basic."""


def weight_of(text: str) -> int:
    """Count the bytes of *text* in UTF-8."""
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


@frozen
class RichPrices:
    """What a delivered message costs by its class: ``RichPrices.of(basic="0.04", single="0.06")``.

    Prices are set by operators and differ by country; an agent is billed by messages or by conversations, not by both.
    """

    basic_micros: int
    single_micros: int
    conversation_micros: int | None = None
    currency: str = "EUR"

    @classmethod
    def of(
        cls,
        *,
        basic: str | Decimal,
        single: str | Decimal,
        conversation: str | Decimal | None = None,
        currency: str = "EUR",
    ) -> RichPrices:
        """Write a price list.

        Args:
            basic: a text alone of at most 160 bytes.
            single: anything else.
            conversation: 24 hours with one person, where the agent is billed so; None where it is not.
            currency: ISO 4217 code.

        Raises:
            InvalidInput: a price that is no amount.
        """
        whole = None if conversation is None else to_micros(conversation, "conversation")
        return cls(to_micros(basic, "basic"), to_micros(single, "single"), whole, currency)

    def micros_for(self, billing: Billing) -> int:
        """Give the price of one delivered message of a class, in millionths.

        A message in a conversation costs nothing of its own: the reply that opened it was billed.

        Raises:
            InvalidInput: *billing* is CONVERSATION and there is no price for conversations.
        """
        if billing is Billing.CONVERSATION:
            self._conversation()
            return 0
        return self.basic_micros if billing is Billing.BASIC else self.single_micros

    def expected_micros(self, billing: Billing, reply_share: Decimal) -> int:
        """Give what a message costs on average, where some people answer it and so open a conversation.

        The message that was answered joins the conversation: it is billed with it, and not by itself.

        Args:
            billing: what the message is billed as when nobody answers.
            reply_share: who answers within 24 hours, 0 to 1.

        Raises:
            InvalidInput: a share that is none, or no price for conversations.
        """
        if not 0 <= reply_share <= 1:
            raise InvalidInput(f"reply_share={reply_share} must be between 0 and 1")
        alone = self.micros_for(billing) * (1 - reply_share)
        return round(alone + self._conversation() * reply_share) if reply_share else round(alone)

    def _conversation(self) -> int:
        if self.conversation_micros is None:
            raise InvalidInput("there is no price for conversations; add RichPrices.of(..., conversation='0.08')")
        return self.conversation_micros
