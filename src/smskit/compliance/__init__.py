"""The law as dated, cited, replayable rules: may we write to this person, when, and what must the text say."""

from smskit.compliance.desk import Desk, FrequencyCap
from smskit.compliance.facts import CampaignFacts, CustomerBasis, Evidence, Finding, Opening
from smskit.compliance.rules import Rule, Rules, explain
from smskit.compliance.stop import opt_in_word, opt_out_word
from smskit.compliance.vocabulary import Check, Confidence, Declaration, Effect, Force, Profile, Sector

__all__ = [
    "CampaignFacts", "Check", "Confidence", "CustomerBasis", "Declaration", "Desk", "Effect", "Evidence", "Finding",
    "Force", "FrequencyCap", "Opening", "Profile", "Rule", "Rules", "Sector", "explain", "opt_in_word",
    "opt_out_word",
]  # fmt: skip
