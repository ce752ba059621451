"""What a campaign was worth: rates with their basis and interval, money, orders, arms and hold-out."""

from smskit.metrics.arms import Arm, ArmComparison, Outcome, compare_arms
from smskit.metrics.attribution import Attribution, Join, LeftOut
from smskit.metrics.benchmarks import Benchmarks, Better, Figure, Metric, Standing, Threshold
from smskit.metrics.build import Asked, billed_note, build_report, report_on
from smskit.metrics.clicks import ClickRules, Moment, RequestRule, TimingRule
from smskit.metrics.counts import Counts
from smskit.metrics.cuts import Cut, Slice
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.figures import Heard
from smskit.metrics.inference import Interval, detectable_lift, newcombe, pooled_z, sample_size, wilson
from smskit.metrics.orders import Order, OrderIssue, Orders, orders_from_rows
from smskit.metrics.marks import Mark
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.reactivity import Reaction, Reactivity
from smskit.metrics.report import Report
from smskit.metrics.scope import RunData, Scope, Segments

__all__ = [
    "Arm",
    "ArmComparison",
    "Asked",
    "Attribution",
    "Benchmarks",
    "Better",
    "ClickRules",
    "Counts",
    "Cut",
    "Difference",
    "Economics",
    "Figure",
    "Heard",
    "Interval",
    "Join",
    "LeftOut",
    "Mark",
    "Metric",
    "Moment",
    "Order",
    "OrderIssue",
    "Orders",
    "Outcome",
    "Rate",
    "RateBasis",
    "Reaction",
    "Reactivity",
    "Report",
    "RequestRule",
    "RunData",
    "Scope",
    "Segments",
    "Slice",
    "Standing",
    "Threshold",
    "TimingRule",
    "billed_note",
    "build_report",
    "compare_arms",
    "detectable_lift",
    "newcombe",
    "orders_from_rows",
    "pooled_z",
    "report_on",
    "sample_size",
    "wilson",
]
