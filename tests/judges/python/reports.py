"""Reports, which the service computes from the books."""

import json

from quickbooks.exceptions import QuickbooksException

from bench import check, holds, same


@check("reports come with header, columns and rows, and the trial balances")
def _(world):
    for name in ("TrialBalance", "ProfitAndLoss", "BalanceSheet"):
        report = world.qb.get_report(name)
        same((report["Header"]["ReportName"], report["Header"]["Currency"]), (name, "USD"))
        holds(report["Columns"]["Column"] and "Row" in report["Rows"], f"{name} is empty")
    rows = [row["ColData"] for row in world.qb.get_report("TrialBalance")["Rows"]["Row"] if "ColData" in row]
    debit, credit = (round(sum(float(row[side]["value"] or 0) for row in rows) * 100) for side in (1, 2))
    same(debit, credit, "the debits")
    holds(json.dumps(rows).count('"id"') == len(rows), "a row does not name its account")
    try:
        world.qb.get_report("NoSuchReport")
    except QuickbooksException:
        return
    raise AssertionError("a report that is none is answered")
