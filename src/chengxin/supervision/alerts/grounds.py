"""On which basis an alert was raised: of its rule, or of the model whose grade moved (R-209, G-05)."""

from __future__ import annotations

from collections.abc import Iterable

from chengxin.policy.alerts import Alerts
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.policies import Policies
from chengxin.policy.schema import basis_text
from chengxin.registry.packs import policies
from chengxin.supervision.alerts.telling import RULE
from chengxin.supervision.models import Alert


def bases_of(alerts: Iterable[Alert], packs: Policies | None = None) -> dict[tuple[str, str], str]:
    """(rule, version) of each alert -> its basis in words, of the version that raised it, else of the newest there is.

    Empty only where the packs know the rule no longer.
    """
    packs = packs or policies()
    known = _known(packs)
    wanted = {(a.rule, a.version) for a in alerts}
    return {(rule, version): known.get((rule, version)) or known.get((rule, ""), "") for rule, version in wanted}


def _known(packs: Policies) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    files = sorted(packs.of(Alerts), key=lambda p: p.version)
    for pack in files:
        for rule in pack.rules:
            found[rule.id, pack.version] = found[rule.id, ""] = basis_text(rule.basis)
    for model in sorted(packs.of(Evaluation), key=lambda m: m.version):
        name = f"{RULE}{model.id}"[:60]  # as the notice is kept
        found[name, model.version] = found[name, ""] = basis_text(model.basis)
    return found
