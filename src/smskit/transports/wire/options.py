"""What the options of every carrier have to be; a mistake is told when the carrier is made, not by a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from smskit.errors import InvalidInput
from smskit.protocols import StopForm
from smskit.transports.wire.requests import is_address, json_of
from smskit.transports.wire.webhooks import Webhook


def check_texts(options: Mapping[str, object], *, needed: Collection[str]) -> None:
    """Refuse a key that is not there, or that brings along what surrounded it in a file.

    Raises:
        InvalidInput: the first such, by its name; its value is never shown.
    """
    for name, told in options.items():
        # What a callable gives, or a description says, is looked at where it is read.
        is_there = callable(told) or isinstance(told, Mapping) or (isinstance(told, str) and told.isascii() and told)
        if name in needed and not is_there:
            raise InvalidInput(
                f"{name}= takes a text of plain letters, digits and signs; is the variable that it is read from set?"
            )
        if isinstance(told, str) and (told != told.strip() or not told.isprintable()):
            raise InvalidInput(f"{name}= has a line break or a space at its end, as what is read from a file may have")


def check_addresses(base_url: str, callback: str, webhook: Webhook) -> None:
    """Refuse addresses that nobody could call.

    Raises:
        InvalidInput: one of them.
    """
    for name, url in (("base_url", base_url), ("callback", callback)):
        if url and not is_address(url):
            raise InvalidInput(f"{name}= takes a whole address such as https://shop.example/sms, with its scheme")
    if "@" in base_url or not base_url.isascii():
        raise InvalidInput("base_url= takes no password and no letter that has to be percent-encoded")
    if callback and webhook.path_secrets and not webhook.knows(callback):
        raise InvalidInput(
            "callback= has none of the path_secrets of webhook= in its path: every call to it would be refused"
        )


def check_numbers(
    in_flight: int | None, largest_batch: int | None, parts_per_second: float | None, timeout_s: float
) -> None:
    """Refuse sizes below 1, and a pace or a time that is not above 0.

    Raises:
        InvalidInput: one of them.
    """
    if any(size is not None and size < 1 for size in (in_flight, largest_batch)):
        raise InvalidInput("in_flight= and largest_batch= take 1 or more")
    if not timeout_s > 0 or not (parts_per_second is None or parts_per_second > 0):
        raise InvalidInput("parts_per_second= and timeout_s= take a number above 0")


def check_values(stop: Mapping[str, StopForm], extra: Mapping[str, object]) -> None:
    """Refuse mentions that are none, and options of the carrier that no request can hold.

    Raises:
        InvalidInput: one of them.
    """
    if any(not isinstance(form, StopForm) for form in stop.values()):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidInput("stop= takes a StopForm for each territory, such as {'FR': StopForm('STOP au 36111')}")
    try:
        json_of(extra)
    except (TypeError, ValueError):
        raise InvalidInput(
            "extra= holds a value that cannot be written; give texts, numbers, lists and objects"
        ) from None
