"""Ways to handsets: the sandbox, carriers over HTTP, SMPP; clients for single calls, and the drivers that run flows.

A carrier is loaded when its name is first used: nobody pays for those of others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from smskit.transports.drivers import BlockingCaller, Caller, adrive, drive
from smskit.transports.sandbox import SANDBOX_FEATURES, Sandbox, SentMessage
from smskit.transports.story import Delays

if TYPE_CHECKING:
    from smskit.transports.client import AsyncClient as AsyncClient
    from smskit.transports.client import Client as Client
    from smskit.transports.http.options import HttpOptions as HttpOptions
    from smskit.transports.providers.allmysms import AllMySms as AllMySms
    from smskit.transports.providers.brevo import Brevo as Brevo
    from smskit.transports.providers.infobip import Infobip as Infobip
    from smskit.transports.providers.infobip_rcs import InfobipRcs as InfobipRcs
    from smskit.transports.providers.json_carrier import JsonCarrier as JsonCarrier
    from smskit.transports.providers.messagebird import MessageBird as MessageBird
    from smskit.transports.providers.octopush import Octopush as Octopush
    from smskit.transports.providers.ovhcloud import OvhCloud as OvhCloud
    from smskit.transports.providers.plivo import Plivo as Plivo
    from smskit.transports.providers.rbm import Rbm as Rbm
    from smskit.transports.providers.rbm_files import FileCache as FileCache
    from smskit.transports.providers.rbm_files import JsonFileCache as JsonFileCache
    from smskit.transports.providers.rbm_files import MemoryFileCache as MemoryFileCache
    from smskit.transports.providers.rbm_files import Upload as Upload
    from smskit.transports.providers.rbm_tokens import ServiceAccount as ServiceAccount
    from smskit.transports.providers.sinch import Sinch as Sinch
    from smskit.transports.providers.sinch_rcs import SinchRcs as SinchRcs
    from smskit.transports.providers.smsmode import SmsMode as SmsMode
    from smskit.transports.providers.smsmode_rcs import SmsModeRcs as SmsModeRcs
    from smskit.transports.providers.telnyx import Telnyx as Telnyx
    from smskit.transports.providers.telnyx_rcs import TelnyxRcs as TelnyxRcs
    from smskit.transports.providers.twilio import Twilio as Twilio
    from smskit.transports.providers.twilio_rcs import TwilioContent as TwilioContent
    from smskit.transports.providers.twilio_rcs import TwilioRcs as TwilioRcs
    from smskit.transports.providers.vonage_messages import VonageMessages as VonageMessages
    from smskit.transports.providers.vonage_messages import application_token as application_token
    from smskit.transports.providers.vonage_rcs import VonageRcs as VonageRcs
    from smskit.transports.providers.vonage_sms import VonageSms as VonageSms
    from smskit.transports.rcs_sandbox import RcsSandbox as RcsSandbox
    from smskit.transports.rcs_sandbox import SentRichMessage as SentRichMessage
    from smskit.transports.rcs_story import RcsBehaviour as RcsBehaviour
    from smskit.transports.smpp.client import Centre as Centre
    from smskit.transports.smpp.client import Smpp as Smpp
    from smskit.transports.wire.rich import TellsLosses as TellsLosses
    from smskit.transports.wire.webhooks import LARGEST_BODY as LARGEST_BODY
    from smskit.transports.wire.webhooks import Webhook as Webhook
    from smskit.transports.wire.webhooks import parse_events as parse_events

PROVIDERS = {
    "AllMySms": "allmysms",
    "Brevo": "brevo",
    "Infobip": "infobip",
    "InfobipRcs": "infobip_rcs",
    "JsonCarrier": "json_carrier",
    "MessageBird": "messagebird",
    "Octopush": "octopush",
    "OvhCloud": "ovhcloud",
    "Plivo": "plivo",
    "Rbm": "rbm",
    "Sinch": "sinch",
    "SinchRcs": "sinch_rcs",
    "SmsMode": "smsmode",
    "SmsModeRcs": "smsmode_rcs",
    "Telnyx": "telnyx",
    "TelnyxRcs": "telnyx_rcs",
    "Twilio": "twilio",
    "TwilioRcs": "twilio_rcs",
    "VonageMessages": "vonage_messages",
    "VonageRcs": "vonage_rcs",
    "VonageSms": "vonage_sms",
}
"""The carriers over HTTP, by the name of their class; the word is that of their module."""

_HOMES = {
    "AsyncClient": "client",
    "Centre": "smpp.client",
    "Client": "client",
    "FileCache": "providers.rbm_files",
    "HttpOptions": "http.options",
    "JsonFileCache": "providers.rbm_files",
    "LARGEST_BODY": "wire.webhooks",
    "MemoryFileCache": "providers.rbm_files",
    "ServiceAccount": "providers.rbm_tokens",
    "RcsBehaviour": "rcs_story",
    "RcsSandbox": "rcs_sandbox",
    "SentRichMessage": "rcs_sandbox",
    "Smpp": "smpp.client",
    "TellsLosses": "wire.rich",
    "TwilioContent": "providers.twilio_rcs",
    "Upload": "providers.rbm_files",
    "Webhook": "wire.webhooks",
    "application_token": "providers.vonage_messages",
    "parse_events": "wire.webhooks",
} | {name: f"providers.{module}" for name, module in PROVIDERS.items()}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "LARGEST_BODY", "PROVIDERS", "SANDBOX_FEATURES", "AllMySms", "AsyncClient", "BlockingCaller", "Brevo", "Caller",
    "Centre", "Client", "Delays", "FileCache", "HttpOptions", "Infobip", "InfobipRcs", "JsonCarrier", "JsonFileCache",
    "MemoryFileCache", "MessageBird", "Octopush", "OvhCloud", "Plivo", "Rbm", "RcsBehaviour", "RcsSandbox", "Sandbox",
    "SentMessage", "SentRichMessage", "ServiceAccount", "Sinch", "SinchRcs", "Smpp", "SmsMode", "SmsModeRcs",
    "TellsLosses", "Telnyx", "TelnyxRcs", "Twilio", "TwilioContent", "TwilioRcs", "Upload", "VonageMessages",
    "VonageRcs", "VonageSms", "Webhook", "adrive", "application_token", "drive", "parse_events",
]  # fmt: skip
