"""Spans and metrics of what callers and clients do; ``pip install smskit[otel]``.

Give it to the options: ``HttpOptions(watch=OpenTelemetryWatch())``. Without providers named, those that the application
has set up are used. No attribute holds a number, a text, an address beyond the host, or a header.

Source of the names: OpenTelemetry semantic conventions for HTTP clients, 1.27 and later; ``smskit.*`` are ours.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from smskit.transports.http.watching import CallBegan, CallEnded, Notice, Retried, Throttled

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider


class OpenTelemetryWatch:
    """Makes a span of each call, in the trace that is open where it was made, and measures calls, retries and waits.

    Args:
        tracer_provider: where spans go; None takes the one that the application set.
        meter_provider: where measurements go; None takes the one that the application set.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer("smskit", tracer_provider=tracer_provider)
        meter = metrics.get_meter("smskit", meter_provider=meter_provider)
        self._duration = meter.create_histogram("http.client.request.duration", "s", "How long calls take.")
        self._retried = meter.create_counter("smskit.retried", "{message}", "Messages that are offered again.")
        self._throttled = meter.create_counter("smskit.throttled", "{message}", "Messages that the carrier put off.")
        self._wait = meter.create_histogram("smskit.wait", "s", "How long messages wait to be offered again.")

    def __call__(self, notice: Notice) -> None:
        """Take one notice."""
        if isinstance(notice, CallEnded):
            self._ended(notice)
        elif isinstance(notice, Retried):
            about = {"smskit.transport": notice.transport, "smskit.reason": notice.reason}
            self._retried.add(notice.messages, about)
            self._wait.record(notice.wait_s, about)
            trace.get_current_span().add_event("smskit.retry", {**about, "smskit.attempt": notice.attempt})
        elif isinstance(notice, Throttled):
            self._throttled.add(notice.messages, {"smskit.transport": notice.transport})
        else:
            # A span is made when the call has ended: it needs nothing that is only known at the beginning.
            assert isinstance(notice, CallBegan)

    def _ended(self, call: CallEnded) -> None:
        about: dict[str, str | int] = {
            "http.request.method": call.method,
            "server.address": call.host,
            "smskit.call": call.label,
        }
        if call.status is not None:
            about["http.response.status_code"] = call.status
        failed = call.error or (str(call.status) if call.status is not None and call.status >= 400 else "")
        if failed:
            about["error.type"] = failed
        self._duration.record(call.seconds, about)
        now = time.time_ns()
        span = self._tracer.start_span(
            f"{call.method} {call.label}",
            kind=SpanKind.CLIENT,
            attributes={
                **about,
                "http.request.body.size": call.request_bytes,
                "http.response.body.size": call.reply_bytes,
            },
            start_time=now - int(call.seconds * 1e9),
        )
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)
