"""Validates status.json and customers.json against their schemas, and the
schemas against reports that are wrong on purpose: one that takes everything
would prove nothing."""

import copy
import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

SPOILT = {
    "status": [
        ("schema", 2),
        ("entities", None),
        ("generated_at", 7),
        ("warnings", [{"key": "invoice/1"}]),
        ("tie_out", {}),
    ],
    "customers": [("schema", "1"), ("customers", [{"id": 7}]), ("pass", -1)],
}


def main(schemas: Path, reports: Path) -> int:
    wrong = []
    for name, spoilt in SPOILT.items():
        schema = json.loads((schemas / f"{name}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        report = json.loads((reports / f"{name}.json").read_text())
        for error in validator.iter_errors(report):
            wrong.append(f"{name}.json: {error.json_path}: {error.message}")
        for field, value in spoilt:
            bad = copy.deepcopy(report)
            bad[field] = value
            if validator.is_valid(bad):
                wrong.append(f"{name}.schema.json takes {field} = {value}")
            del bad[field]
            if validator.is_valid(bad):
                wrong.append(f"{name}.schema.json does without {field}")
        rows = report.get("entities", report.get("customers"))
        print(f"{name}.json has its form; {len(rows)} rows, {2 * len(spoilt)} spoilt ones refused")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
