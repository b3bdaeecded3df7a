"""Every kind of policy file but `catalogue`, and what each is checked for once all files are read.

A room that needs a new kind writes its schema in a module of this folder and adds one line to each table here; the
loader reads it, lists its assumptions and hands it out by `Policies.of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from chengxin.policy.alerts import Alerts, alerts_problems
from chengxin.policy.commitments import Commitments, check_commitments
from chengxin.policy.errors import Problem
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_check import of_evaluations
from chengxin.policy.gathered import Reading
from chengxin.policy.inspection import Inspection, InspectionRecord, inspection_problems
from chengxin.policy.lists import Lists, lists_problems
from chengxin.policy.measures import Measures, measures_problems
from chengxin.policy.packs import Agencies, CodeTable, Disclosure, Forbidden, Quality, RetentionDefaults
from chengxin.policy.procedure_checks import check_procedures
from chengxin.policy.procedures import Procedure
from chengxin.policy.queries import Queries, check_queries
from chengxin.policy.receivers import Receivers, check_receivers
from chengxin.policy.repair import Repair, check_repair
from chengxin.policy.reports import Report, check_reports
from chengxin.policy.schema import Header
from chengxin.policy.sign_in import SignIn, check_sign_in

KINDS: Mapping[str, type[Header]] = {
    "agencies": Agencies,
    "alerts": Alerts,
    "codes": CodeTable,
    "commitments": Commitments,
    "disclosure": Disclosure,
    "evaluation": Evaluation,
    "forbidden": Forbidden,
    "inspection": Inspection,
    "inspection-record": InspectionRecord,
    "lists": Lists,
    "measures": Measures,
    "procedure": Procedure,
    "quality": Quality,
    "queries": Queries,
    "receivers": Receivers,
    "repair": Repair,
    "report": Report,
    "retention": RetentionDefaults,
    "sign-in": SignIn,
}
"""`kind = "..."` of a file -> its schema."""

Crosscheck = Callable[[Reading], Iterable[Problem]]

ACROSS: tuple[Crosscheck, ...] = (
    of_evaluations, check_commitments, check_procedures, check_queries, check_receivers, check_repair, check_reports,
    lists_problems, measures_problems, inspection_problems, alerts_problems, check_sign_in,
)  # fmt: skip
"""What shows only when all files are read: names that lead nowhere, two versions for one day."""
