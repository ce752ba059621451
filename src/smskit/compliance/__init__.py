"""The law as dated, cited, replayable rules: may we write to this person, when, and what must the text say."""

from smskit.compliance.archive import DecisionRecord, read_request, record_of, replay
from smskit.compliance.decision import Action, ActionKind, Decision, Request, Verdict, decide
from smskit.compliance.desk import Desk, FrequencyCap
from smskit.compliance.dryrun import DryRun, DryRunRow, dry_run
from smskit.compliance.facts import CampaignFacts, CustomerBasis, Evidence, Finding, Opening
from smskit.compliance.history import evidence_of
from smskit.compliance.rulebook import Rule
from smskit.compliance.rules import Rules, explain
from smskit.compliance.stop import opt_in_word, opt_out_word, stop_confirmation
from smskit.compliance.vocabulary import Check, Confidence, Declaration, Effect, Force, Profile, Sector

__all__ = [
    "Action",
    "ActionKind",
    "CampaignFacts",
    "Check",
    "Confidence",
    "CustomerBasis",
    "Decision",
    "DecisionRecord",
    "Declaration",
    "Desk",
    "DryRun",
    "DryRunRow",
    "Effect",
    "Evidence",
    "Finding",
    "Force",
    "FrequencyCap",
    "Opening",
    "Profile",
    "Request",
    "Rule",
    "Rules",
    "Sector",
    "Verdict",
    "decide",
    "dry_run",
    "evidence_of",
    "explain",
    "opt_in_word",
    "opt_out_word",
    "read_request",
    "record_of",
    "replay",
    "stop_confirmation",
]
