"""The scripts in examples/notify, with the very document that latchd writes."""

import http.server
import json
import subprocess
import sys
import tempfile
import threading

SNAPSHOT = "src/alert/snapshots/latchd__alert__message__tests__document.snap"
MORE = [
    {"event": "recovery", "key": "invoice/1", "code": "refused"},
    {"event": "reload-failed", "errors": ["links.d/a.toml:1:1: <broken> & \"quoted\""]},
    {"event": "reload-recovered"},
    {"event": "token", "expires_at": "2026-12-06T15:00:00Z"},
    {"event": "of-a-later-version"},
]


HOSTILE = "[Pay here](https://evil.example) *now* www.evil.example \u202egpj.exe\x1b[2J"


def document():
    with open(SNAPSHOT, encoding="utf-8") as file:
        news = json.loads(file.read().split("---\n", 2)[2])
    news["text"] = "craigs: <!channel> & more\n- a line"
    news["events"] += MORE
    news["events"][0]["label"] = "<!channel> & sons"
    news["events"][1]["label"] = HOSTILE
    news["events"][1]["blocks"]["records"] = 1
    news["events"] *= 2
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
        for wanted in ("name-taken", "88123", "files were refused", "2026-12-06", "of-a-later-version", "more"):
            assert wanted in said, f"{name} does not say {wanted}: {said}"
        # A name brings no link, no emphasis and nothing that is not seen.
        own = {"slack": ("<!channel>",), "teams": ("](http", "https://evil", " www.evil")}
        for ill in ("*now*", "\u202e", "\x1b", *own[name]):
            assert ill not in said, f"{name} says {ill}: {said}"
        assert "1 record." in said and "1 records" not in said, name
        if name == "slack":
            sections = [block["text"] for block in shown["blocks"] if block["type"] == "section"]
            assert all(section["verbatim"] for section in sections), "addresses in names are no links"
            assert "<!channel>" not in said, "a name must not call the channel"
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
