"""What a campaign was worth: rates with their basis and interval, money, orders, arms and hold-out."""

from smskit.metrics.arms import Arm, ArmComparison, Outcome, compare_arms
from smskit.metrics.attribution import Attribution, Join
from smskit.metrics.benchmarks import Benchmarks, Better, Figure, Metric, Standing, Threshold
from smskit.metrics.build import billed_note, build_report
from smskit.metrics.counts import Counts
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.inference import Interval, detectable_lift, newcombe, pooled_z, sample_size, wilson
from smskit.metrics.orders import Order, OrderIssue, Orders, orders_from_rows
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.report import Report

__all__ = [
    "Arm",
    "ArmComparison",
    "Attribution",
    "Benchmarks",
    "Better",
    "Counts",
    "Difference",
    "Economics",
    "Figure",
    "Interval",
    "Join",
    "Metric",
    "Order",
    "OrderIssue",
    "Orders",
    "Outcome",
    "Rate",
    "RateBasis",
    "Report",
    "Standing",
    "Threshold",
    "billed_note",
    "build_report",
    "compare_arms",
    "detectable_lift",
    "newcombe",
    "orders_from_rows",
    "pooled_z",
    "sample_size",
    "wilson",
]
