"""What OpenTelemetry gets to see, read back from the exporters of the real SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

pytest.importorskip("opentelemetry.sdk", reason="the OpenTelemetry SDK is not installed")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tests.transports.http_faults import answers, closed_port, hangs_up, serving, whole

from smskit.contrib.opentelemetry import OpenTelemetryWatch
from smskit.errors import TransportError
from smskit.kinds import FailureClass, Kind
from smskit.protocols import Call, Features, Flow
from smskit.records import Accepted, Outcome, Outgoing, Postponed
from smskit.transports.client import Client
from smskit.transports.http import BlockingHttpCaller, HttpCaller, HttpOptions, Throttled


class Bench:
    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        self.tracing = TracerProvider()
        self.tracing.add_span_processor(SimpleSpanProcessor(self.spans))
        self.reader = InMemoryMetricReader()
        self.metering = MeterProvider([self.reader])
        self.watch = OpenTelemetryWatch(tracer_provider=self.tracing, meter_provider=self.metering)

    def points(self, name: str) -> list[tuple[dict[str, object], float]]:
        data = self.reader.get_metrics_data()
        found = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
        return [
            (dict(point.attributes), point.sum if hasattr(point, "sum") else point.value)
            for metric in found
            for point in metric.data.data_points
        ]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def _call(port: int) -> Call:
    return Call(
        "POST", f"http://127.0.0.1:{port}/to/33612345678?key=hush", {"X-Key": "hush"}, b"Bonjour", label="submit"
    )


def test_an_answered_call_is_a_span_with_its_sizes(bench: Bench) -> None:
    with (
        serving(answers(whole(b"taken", status=b"201 Created"))) as server,
        BlockingHttpCaller(HttpOptions(watch=bench.watch)) as caller,
    ):
        caller(_call(server.port))
    (span,) = bench.spans.get_finished_spans()
    assert (span.name, span.kind, span.status.status_code) == ("POST submit", SpanKind.CLIENT, StatusCode.UNSET)
    assert dict(span.attributes) == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "http.response.status_code": 201,
        "smskit.call": "submit",
        "http.request.body.size": 7,
        "http.response.body.size": 5,
    }
    assert 0 < span.end_time - span.start_time < 5e9


FAILURES = [
    ("a status from 400 on", answers(whole(b"", status=b"503 Service Unavailable")), "503"),
    ("no answer", hangs_up, "RemoteProtocolError"),
]


@pytest.mark.parametrize(("fault", "error"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_a_call_that_failed_is_an_error_with_its_class(bench: Bench, fault: object, error: str) -> None:
    async def run(port: int) -> None:
        async with HttpCaller(HttpOptions(watch=bench.watch)) as caller:
            try:
                await caller(_call(port))
            except TransportError:
                pass

    with serving(fault) as server:
        asyncio.run(run(server.port))
    (span,) = bench.spans.get_finished_spans()
    assert (span.status.status_code, span.attributes["error.type"]) == (StatusCode.ERROR, error)
    ((about, seconds),) = bench.points("http.client.request.duration")
    assert about["error.type"] == error
    assert seconds > 0


def test_a_span_belongs_to_the_trace_that_is_open(bench: Bench) -> None:
    with serving(answers(whole(b""))) as server, BlockingHttpCaller(HttpOptions(watch=bench.watch)) as caller:
        with bench.tracing.get_tracer("shop").start_as_current_span("order") as order:
            caller(_call(server.port))
    inner = next(span for span in bench.spans.get_finished_spans() if span.name == "POST submit")
    assert inner.parent.span_id == order.get_span_context().span_id


def test_a_connection_that_is_tried_again_is_counted_and_stands_in_the_trace(bench: Bench) -> None:
    class Poster:
        name = "poster"
        features = Features(live=False)

        def __init__(self, url: str) -> None:
            self._url = url

        def submit(self, messages: Sequence[Outgoing], /) -> Flow[tuple[Outcome, ...]]:
            yield Call("POST", self._url)
            return tuple(Accepted(m.reference) for m in messages)

    with closed_port() as port, bench.tracing.get_tracer("shop").start_as_current_span("order"):
        client = Client(
            Poster(f"http://127.0.0.1:{port}"), attempts=2, options=HttpOptions(watch=bench.watch), sleep=lambda _: None
        )
        outcomes = client.submit([Outgoing("r-0", 33612345678, "Bonjour", 1, "SHOP", Kind.OTP)])
    assert outcomes == (Postponed("r-0", FailureClass.PROVIDER_UNAVAILABLE),)
    about = {"smskit.transport": "poster", "smskit.reason": "provider_unavailable"}
    assert bench.points("smskit.retried") == [(about, 1)]
    order = next(span for span in bench.spans.get_finished_spans() if span.name == "order")
    assert [event.name for event in order.events] == ["smskit.retry"]


def test_throttled_messages_are_counted(bench: Bench) -> None:
    bench.watch(Throttled("carrier", 40, 2.5))
    assert bench.points("smskit.throttled") == [({"smskit.transport": "carrier"}, 40)]


def test_nothing_that_is_told_names_a_person_or_a_key(bench: Bench) -> None:
    with serving(answers(whole(b"{}"))) as server, BlockingHttpCaller(HttpOptions(watch=bench.watch)) as caller:
        caller(_call(server.port))
    told = (
        "".join(span.to_json() for span in bench.spans.get_finished_spans()) + bench.reader.get_metrics_data().to_json()
    )
    assert "POST submit" in told
    for secret in ("33612345678", "hush", "Bonjour", "/to/"):
        assert secret not in told
