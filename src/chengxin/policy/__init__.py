"""Policy is data: reads, checks, dates, compares and publishes the packs under `policies/` (design.md sections 5 and 6).

    policies = load(policies_dir())
    item = policies.item("penalty", date(2026, 11, 21))
    rules = policies.rules("penalty", date(2026, 11, 21))

Knows no database, no web and not the engine: who runs the rules is handed in (`check`).
"""

from __future__ import annotations

from chengxin.policy.catalogue import Item
from chengxin.policy.errors import PolicyError, Problem
from chengxin.policy.fields import Field
from chengxin.policy.loader import digest_of, load
from chengxin.policy.packs import Agency, Code, CodeTable
from chengxin.policy.policies import Assumption, Policies, PublicityRule, UnknownPolicy
from chengxin.policy.rules import Grading, Rule, rules_for, severity_sql

__all__ = [
    "Agency", "Assumption", "Code", "CodeTable", "Field", "Grading", "Item", "Policies", "PolicyError", "Problem",
    "PublicityRule", "Rule", "UnknownPolicy", "digest_of", "load", "rules_for", "severity_sql",
]  # fmt: skip
