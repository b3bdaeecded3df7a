"""Runs a published random draw again: python verify_draw.py plan.json. Needs Python 3.11 and nothing else.

It trusts nothing of the platform but the file: the seed must be the one that was committed to before the draw, the pool
the one that was, and seed and pool must give exactly the subjects and the inspectors that were published.
"""

import hashlib
import hmac
import json
import math
import sys
from fractions import Fraction


def faults(plan: dict) -> list[str]:
    """Everything that does not fit, in words; nothing when the draw is what the file says."""
    if "seed" not in plan:
        return ["no seed: the draw has not been made"]
    seed, before = bytes.fromhex(plan["seed"]), plan["commitment"]
    found = []
    if hashlib.sha256(seed).hexdigest() != before["seed_sha256"]:
        found.append("the seed is not the one committed to (SHA-256)")
    if "sm3" in hashlib.algorithms_available and hashlib.new("sm3", seed).hexdigest() != before["seed_sm3"]:
        found.append("the seed is not the one committed to (SM3)")
    if "pool" not in plan:
        return [*found, "the pool is not public: only the seed could be checked"]
    lines = "\n".join("|".join(map(str, row)) for row in sorted(plan["pool"], key=lambda row: row[0].encode()))
    if hashlib.sha256(lines.encode()).hexdigest() != before["pool_sha256"]:
        found.append("the pool is not the one committed to")

    def key(*parts: str) -> str:
        message = "|".join([plan["plan"], plan["beacon"], *parts])
        return hmac.new(seed, message.encode(), hashlib.sha256).hexdigest()

    drawn: set[str] = set()
    for stratum in plan["strata"]:
        members = [row for row in plan["pool"] if row[1] == stratum["id"]]
        if len(members) != stratum["size"] or stratum["k"] != math.ceil(Fraction(stratum["ratio"]) * len(members)):
            found.append(f"stratum {stratum['id']}: size {len(members)} and ratio {stratum['ratio']} do not give k")
        free = sorted((row for row in members if not row[3]), key=lambda row: (key(row[1], row[0]), row[0]))
        drawn |= {row[0] for row in free[: stratum["k"]]} | {row[0] for row in free if row[2]}
    published = {row["code"]: row["inspectors"] for row in plan["drawn"]}
    found += [f"{code} is drawn, and not published" for code in sorted(drawn - published.keys())]
    found += [f"{code} is published, and not drawn" for code in sorted(published.keys() - drawn)]

    rules = plan["inspectors"]
    recused = {tuple(pair) for pair in rules["recused"]}
    for code in sorted(drawn & published.keys()):
        may = [number for number in rules["numbers"] if (code, number) not in recused]
        may.sort(key=lambda number: (key("inspectors", code, number), number))
        chosen = may[: rules["together"]]
        if sorted(chosen) == rules["last"].get(code):
            chosen = [*chosen[:-1], *may[rules["together"] : rules["together"] + 1]]
        if chosen != published[code]:
            found.append(f"{code}: inspectors {published[code]} are published, {chosen} are drawn")
    return found


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        problems = faults(json.load(file))
    print("\n".join(problems) or "the draw is what the file says")
    sys.exit(1 if problems else 0)
