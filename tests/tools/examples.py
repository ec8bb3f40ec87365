"""Runs the commands of a document as they stand in it, each of its blocks of `sh`
in the same shell, and holds every command to what the document says it ends with
(`# ends with 2`, else 0).

    examples.py DOCUMENT FOLDER
"""

import re
import subprocess
import sys
from pathlib import Path

ENDS = re.compile(r"\s+# ends with (\d+)$")


def commands(text):
    """Every command with its line and the code it is to end with."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```sh"
            continue
        if not inside or not line.strip():
            continue
        if line.endswith("\\") or line.startswith((" ", "\t")):
            raise SystemExit(f"line {number}: a command stands in one line: {line}")
        ends = ENDS.search(line)
        yield number, ENDS.sub("", line), int(ends[1]) if ends else 0


def script(document, found):
    lines = ["set -u", "trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
    for number, command, wanted in found:
        where = f"{document}:{number}"
        lines += [
            f"printf '%s\\n' {quoted(f'$ {command}')}",
            command,
            f'code=$?; if [ "$code" != {wanted} ]; then'
            f' echo "{where}: it ended with $code and not with {wanted}" >&2; exit 1; fi',
        ]
    return "\n".join(lines) + "\n"


def quoted(words):
    return "'" + words.replace("'", "'\\''") + "'"


def main():
    document, folder = Path(sys.argv[1]), sys.argv[2]
    found = list(commands(document.read_text(encoding="utf-8")))
    # A document that lost its commands proves nothing.
    if len(found) < 15:
        raise SystemExit(f"{document} has {len(found)} commands")
    ended = subprocess.run(
        ["bash", "-c", script(document, found)], cwd=folder, stdin=subprocess.DEVNULL, timeout=300, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{document} is not true")
    print(f"{document}: {len(found)} commands end as it says")


if __name__ == "__main__":
    main()
