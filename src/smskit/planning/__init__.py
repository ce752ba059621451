"""Campaigns and their plans: who is sent what, when and at which price, and why the others are not."""

from smskit.planning.account import PlanAccount
from smskit.planning.brief import FrequencyCap
from smskit.planning.campaign import Campaign
from smskit.planning.experiment import Experiment
from smskit.planning.fallback import Fallback
from smskit.planning.plan import Plan

__all__ = ["Campaign", "Experiment", "Fallback", "FrequencyCap", "Plan", "PlanAccount"]
