"""Carriers over HTTP: the caller that makes the requests of their flows. Each provider is a module of its own here."""

from smskit.transports.http.caller import HttpCaller

__all__ = ["HttpCaller"]
