"""The scripts in examples/notify, with the very document that latchd writes."""

import http.server
import json
import re
import subprocess
import sys
import tempfile
import threading

SNAPSHOT = "src/alert/snapshots/latchd__alert__message__tests__document.snap"
HOSTILE = (
    "<!channel> & [Pay your invoice](https://evil.example) www.evil.example pay@evil.example "
    "*b* _i_ ~s~ `c` \x1b[2J\u202e\u2066\r\nlast"
)
MORE = [
    {"event": "recovery", "key": "invoice/1", "code": "refused"},
    {"event": "recovery", "key": "invoice/2", "code": "refused", "how": "gone"},
    {"event": "recovery", "key": "invoice/3", "code": "refused", "how": "dismissed"},
    {"event": "recovery", "key": "invoice/4", "code": "refused", "how": "waits"},
    {"event": "reload-failed", "errors": ["links.d/a.toml:1:1: <broken> & \"quoted\""]},
    {"event": "reload-recovered"},
    {"event": "token", "expires_at": "2026-12-06T15:00:00Z"},
    {"event": "of-a-later-version"},
]


def document():
    with open(SNAPSHOT, encoding="utf-8") as file:
        news = json.loads(file.read().split("---\n", 2)[2])
    news["text"] = f"{HOSTILE}\n- a line"
    news["events"][0].update(label=HOSTILE, reason=HOSTILE, remedy=HOSTILE)
    news["events"][0]["blocks"]["records"] = 1
    news["events"][1]["blocks"]["records"] = 2
    news["events"] = (news["events"][:2] + MORE) * 2
    news["more"] = 3
    return news


def texts(value):
    """Every text of a message that a person reads."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def harmless(name, shown):
    """Nothing in a name is obeyed: neither mention nor link nor markup."""
    said = list(texts(shown))
    unseen = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
    for text in said:
        for pattern in (r"https?:/", r"www\.\w", r"evil\.\w", r"pay@\w", unseen):
            found = re.search(pattern, text)
            assert not found, f"{name} leaves {found.group()!r} alive in {text!r}"
    marks = r"(?<!\\)[\[\]()<>`~]" if name == "teams" else r"<"
    for text in said:
        if "Pay your" in text:
            assert not re.search(marks, text), f"{name} leaves markup alive in {text!r}"
    if name == "slack":
        assert shown["mrkdwn"] is False, "the text beside the blocks"
        assert json.dumps(shown).count('"mrkdwn", ') == json.dumps(shown).count('"verbatim": true')
        first = shown["blocks"][1]["text"]["text"].split("\n")
        assert not re.search(r"\*b\*|_i_|~s~|`c`", first[0] + first[1]), first


class Receiver(http.server.BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        Receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    news = document()
    given = json.dumps(news).encode()
    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("slack", "teams"):
        script = f"examples/notify/{name}"
        run = lambda argument: subprocess.run([script, argument], input=given, stdout=subprocess.PIPE, check=True)
        shown = json.loads(run("--print").stdout)
        said = "\n".join(texts(shown))
        harmless(name, shown)
        for wanted in ("name-taken", "20771", "files were refused", "2026-12-06", "of-a-later-version", "more", "up 1 record.", "up 2 records.", "is gone", "was dismissed", "waits for"):
            assert wanted in said, f"{name} does not say {wanted}: {said}"
        if name == "slack":
            assert len(shown["blocks"]) <= 50, "Slack takes 50 blocks"
        with tempfile.NamedTemporaryFile("w") as secret:
            secret.write(f"http://127.0.0.1:{server.server_port}/hook\n")
            secret.flush()
            run(secret.name)
        assert json.loads(Receiver.bodies.pop()) == shown, f"{name} sends what it shows"
        print(f"{name}: {len(said)} characters told")
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
