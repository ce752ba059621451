"""Carriers over HTTP: the callers that make the requests of their flows. No HTTP library is loaded before a call."""

from smskit.transports.http.aiohttp_caller import AiohttpCaller
from smskit.transports.http.caller import BlockingHttpCaller, HttpCaller, HttpLibrary
from smskit.transports.http.options import HttpOptions
from smskit.transports.http.watching import CallBegan, CallEnded, Notice, Retried, Throttled, Watch, log, together

__all__ = [
    "AiohttpCaller",
    "BlockingHttpCaller",
    "CallBegan",
    "CallEnded",
    "HttpCaller",
    "HttpLibrary",
    "HttpOptions",
    "Notice",
    "Retried",
    "Throttled",
    "Watch",
    "log",
    "together",
]
