"""The same token life by intuit-oauth and by latchd: what one finds, the other
finds. latchd is driven as a person drives it, by its commands."""

import datetime
import json
import os
import pathlib
import subprocess
import tempfile
import urllib.parse

import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

from bench import CLIENT_ID, CLIENT_SECRET, REALM, check, holds, same
from connection import rejected

PAGE = "https://example.com/back"
LIVES = {"access_expires_at": 3600, "refresh_expires_at": 8726400}


class Latchd:
    """The program with a folder of its own, against the throttled sandbox."""

    def __init__(self, world):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="latchd-judged-"))
        (self.folder / "latchd.toml").write_text(SETTINGS.format(url=world.throttled, staxbill=os.environ["LATCHD_STAXBILL"]))

    def start(self, *args):
        command = [os.environ["LATCHD_PROGRAM"], *args, "--config", str(self.folder / "latchd.toml")]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def run(self, *args):
        """Its exit code and all that it said."""
        running = self.start(*args)
        out, err = running.communicate(timeout=120)
        return running.returncode, out + err

    def login(self):
        """Connects; gives the address at which it asks for consent."""
        running = self.start("auth", "login")
        page = next(line.strip() for line in running.stdout if line.startswith("http"))
        back = requests.get(page, allow_redirects=False, timeout=20).headers["Location"]
        out, err = running.communicate(back + "\n", timeout=120)
        same(running.returncode, 0, out + err)
        return page

    def call(self):
        """A call to QuickBooks, with the token as it then stands; `None` where
        a new connection is asked for."""
        code, said = self.run("suggest", "--format", "json", "--without-addresses")
        if code == 0:
            return self.kept()
        holds("reconnect" in said and "auth login" in said, said)
        return None

    def kept(self):
        return json.loads((self.folder / "state" / "token.json").read_text())


SETTINGS = f"""version = 1
[company]
name = "judged"
realm_id = "{REALM}"
expect = "Craig's Design and Landscaping Services"
time_zone = "America/Los_Angeles"
[staxbill]
base_url = "{{staxbill}}"
api_key = "MDpzYW5kYm94"
[quickbooks]
environment = "sandbox"
api_url = "{{url}}"
discovery_url = "{{url}}/.well-known/openid_configuration"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
redirect_uri = "{PAGE}"
[paths]
state = "state"
reports = "reports"
[posting]
deferred_revenue_item = "Subscription services"
deposit_account = "Undeposited Funds"
"""


def library(world):
    """intuit-oauth as the same app, with the same page."""
    return AuthClient(CLIENT_ID, CLIENT_SECRET, PAGE, f"{world.throttled}/.well-known/openid_configuration")


def asked(page):
    """Where consent is asked for, and what for; the state is everybody's own."""
    address = urllib.parse.urlsplit(page)
    fields = dict(urllib.parse.parse_qsl(address.query))
    holds(len(fields.pop("state")) >= 20, "the state can be guessed")
    return (address.netloc, address.path, fields)


@check("both ask for consent in the same words, and are told the same lives")
def _(world):
    latchd, auth = Latchd(world), library(world)
    ours = asked(latchd.login())
    same(ours, asked(auth.get_authorization_url([Scopes.ACCOUNTING], "s" * 20)), "what latchd asks for")
    kept, moment = latchd.kept(), datetime.datetime.fromisoformat
    for name, seconds in LIVES.items():
        same(round((moment(kept[name]) - moment(kept["renewed_at"])).total_seconds()), seconds, name)
    auth.refresh(kept["refresh_token"])
    same((auth.expires_in, auth.x_refresh_token_expires_in), tuple(LIVES.values()), "the lives")
    same(auth.refresh_token, kept["refresh_token"], "the token in the hands of both")


@check("both see a refresh token change after a day, and each other's predecessor die")
def _(world):
    latchd, auth = Latchd(world), library(world)
    latchd.login()
    back = requests.get(auth.get_authorization_url([Scopes.ACCOUNTING], "s"), allow_redirects=False, timeout=20)
    fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back.headers["Location"]).query))
    auth.get_bearer_token(fields["code"], realm_id=fields["realmId"])
    for span in ("23h", "2h", "1h", "25h", "2400h", "26h"):
        ours, theirs = latchd.kept()["refresh_token"], auth.refresh_token
        world.later(span)
        auth.refresh()
        kept = latchd.call()
        same(kept["refresh_token"] != ours, auth.refresh_token != theirs, f"whether it changed after {span}")
        if kept["refresh_token"] != ours:
            same(kept["previous_refresh_token"], ours, "what latchd falls back to")
            for dead in (ours, theirs):
                rejected(400, "invalid_grant", lambda dead=dead: library(world).refresh(dead))
    world.later("2425h")
    rejected(400, "invalid_grant", auth.refresh)
    same(latchd.call(), None, "latchd's call after 101 days")


@check("what latchd's logout ends is ended for both, as what the library revokes")
def _(world):
    latchd = Latchd(world)
    latchd.login()
    token = latchd.kept()["refresh_token"]
    library(world).refresh(token)
    code, said = latchd.run("auth", "logout")
    same(code, 0, said)
    rejected(400, "invalid_grant", lambda: library(world).refresh(token))
    latchd.login()
    auth, token = library(world), latchd.kept()["refresh_token"]
    same(auth.revoke(token), True, "the answer")
    world.later("2h")
    same(latchd.call(), None, "latchd's call after it was revoked")
    try:
        auth.refresh(token)
    except AuthClientError as refusal:
        same(refusal.status_code, 400)
    else:
        raise AssertionError("a revoked token is renewed")
