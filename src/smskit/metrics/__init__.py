"""What a campaign was worth: rates with their basis and interval, money, orders, arms and hold-out."""

from smskit.metrics.alerts import Alert, AlertKind, RaisedAlert, check_alerts
from smskit.metrics.arms import Arm, ArmComparison, Outcome, compare_arms
from smskit.metrics.attribution import Attribution, Join, LeftOut
from smskit.metrics.benchmarks import Benchmarks, Better, Figure, Metric, Standing, Threshold
from smskit.metrics.build import Asked, billed_note, build_report, report_from_arrow, report_on, zone_of
from smskit.metrics.campaigns import CampaignComparison, compare_campaigns
from smskit.metrics.clicks import ClickRules, Moment, RequestRule, TimingRule
from smskit.metrics.counts import Counts
from smskit.metrics.cuts import Cut, Slice
from smskit.metrics.difference import Difference
from smskit.metrics.economics import Economics
from smskit.metrics.experiments import Against, ExperimentPlan
from smskit.metrics.figures import Heard
from smskit.metrics.goals import Goal, GoalCheck, GoalProgress
from smskit.metrics.holdout import Holdout, Worth, visits
from smskit.metrics.inference import (
    Interval,
    detectable_lift,
    newcombe,
    pooled_z,
    power_of,
    sample_size,
    wilson,
    wilson_of_sample,
)
from smskit.metrics.marks import Mark
from smskit.metrics.orders import Order, OrderIssue, Orders, orders_from_rows
from smskit.metrics.rates import Rate, RateBasis
from smskit.metrics.reactivity import Reaction, Reactivity
from smskit.metrics.report import Report
from smskit.metrics.revenue import (
    MeanDifference,
    MoneyInterval,
    RevenueComparison,
    RevenueTest,
    Takings,
    compare_revenue,
)
from smskit.metrics.sample_ratio import SampleRatio, check_sample_ratio
from smskit.metrics.scope import RunData, Scope, Segments
from smskit.metrics.sequential import AlwaysValid, always_valid
from smskit.metrics.simulator import Simulation, Span, simulate

__all__ = [
    "Against",
    "Alert",
    "AlertKind",
    "AlwaysValid",
    "Arm",
    "ArmComparison",
    "Asked",
    "Attribution",
    "Benchmarks",
    "Better",
    "CampaignComparison",
    "ClickRules",
    "Counts",
    "Cut",
    "Difference",
    "Economics",
    "ExperimentPlan",
    "Figure",
    "Goal",
    "GoalCheck",
    "GoalProgress",
    "Heard",
    "Holdout",
    "Interval",
    "Join",
    "LeftOut",
    "Mark",
    "MeanDifference",
    "Metric",
    "Moment",
    "MoneyInterval",
    "Order",
    "OrderIssue",
    "Orders",
    "Outcome",
    "RaisedAlert",
    "Rate",
    "RateBasis",
    "Reaction",
    "Reactivity",
    "Report",
    "RequestRule",
    "RevenueComparison",
    "RevenueTest",
    "RunData",
    "SampleRatio",
    "Scope",
    "Segments",
    "Simulation",
    "Slice",
    "Span",
    "Standing",
    "Takings",
    "Threshold",
    "TimingRule",
    "Worth",
    "always_valid",
    "billed_note",
    "build_report",
    "check_alerts",
    "check_sample_ratio",
    "compare_arms",
    "compare_campaigns",
    "compare_revenue",
    "detectable_lift",
    "newcombe",
    "orders_from_rows",
    "pooled_z",
    "power_of",
    "report_from_arrow",
    "report_on",
    "sample_size",
    "simulate",
    "visits",
    "wilson",
    "wilson_of_sample",
    "zone_of",
]
