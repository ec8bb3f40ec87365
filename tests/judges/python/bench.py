"""What every check of the Python judge stands on: its registration, a
connection made as an app makes one, and words for what must be refused."""

import contextlib
import itertools
import json
import os
import urllib.parse
import warnings

import requests

# The sandbox speaks plain HTTP, on this machine alone.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from quickbooks import QuickBooks
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import QuickbooksException
from quickbooks.objects.base import Ref
from quickbooks.objects.customer import Customer
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.payment import Payment, PaymentLine

warnings.simplefilter("ignore", DeprecationWarning)

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
REALM = "9130350000000000"
CALLBACK = "http://localhost:9999/callback"

CHECKS = []
_numbers = itertools.count(1)


def check(words):
    """Makes a check of the function below it; its words are its name."""

    def keep(function):
        CHECKS.append((words, function))
        return function

    return keep


def same(found, expected, about=""):
    """Demands equality and says both sides where there is none."""
    if found != expected:
        raise AssertionError(f"{about or 'it'} is {found!r}, not {expected!r}")


def holds(fact, words):
    """Demands a fact."""
    if not fact:
        raise AssertionError(words)


def refused(kind, code, call, detail="", message=""):
    """Demands that a call is refused with this exception type and code, and
    that the texts are in it; gives the exception."""
    try:
        answer = call()
    except QuickbooksException as error:
        same(type(error), kind, f"the exception for {code}")
        same(error.error_code, code, "the code")
        holds(detail in error.detail, f"{detail!r} is not in {error.detail!r}")
        holds(message in error.message, f"{message!r} is not in {error.message!r}")
        return error
    raise AssertionError(f"it was not refused with {code} but answered {answer!r}")


class World:
    """One sandbox without throttle, one with throttle and control page, and a
    client of the first."""

    def __init__(self, url, throttled, control):
        self.url, self.throttled, self.control = url, throttled, control
        self.auth = self.connected(url)
        self.qb = self.client(self.auth, url)

    def auth_client(self, url, secret=CLIENT_SECRET):
        """A client of the OAuth endpoints, which it finds by discovery."""
        discovery = f"{url}/.well-known/openid_configuration"
        return AuthClient(CLIENT_ID, secret, CALLBACK, discovery)

    def consent(self, auth, state="a state & more"):
        """What the administrator is sent back with."""
        page = auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL], state)
        answer = requests.get(page, allow_redirects=False, timeout=20)
        same(answer.status_code, 302, "the status of the consent page")
        address = answer.headers["Location"]
        holds(address.startswith(CALLBACK + "?"), f"{address} is not the app's own")
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))

    def connected(self, url):
        """An OAuth client with tokens of its own."""
        auth = self.auth_client(url)
        back = self.consent(auth)
        auth.get_bearer_token(back["code"], realm_id=back["realmId"])
        return auth

    def client(self, auth, url, **options):
        """A client of the Accounting API. The addresses belong to the class,
        which is the only way it lets itself be pointed elsewhere."""
        QuickBooks.api_url_v3 = QuickBooks.sandbox_api_url_v3 = f"{url}/v3"
        return QuickBooks(
            auth_client=auth, refresh_token=auth.refresh_token, company_id=REALM, minorversion=75, **options
        )

    def later(self, span):
        """Turns the clock of the throttled sandbox on by a span like `25h`."""
        answer = requests.post(f"{self.control}/clock/turn", {"advance": span}, allow_redirects=False, timeout=20)
        same(answer.status_code, 303, "the control page's status")

    @contextlib.contextmanager
    def trouble(self, what, **rule):
        """One call to QuickBooks that fits a rule goes wrong while this lasts."""
        address = f"{self.url}/sandbox/trouble"
        answer = requests.post(address, json={"vendor": "quickbooks", "what": what, **rule}, timeout=20)
        same(answer.ok, True, answer.text)
        try:
            yield
        finally:
            requests.delete(address, timeout=20)

    def raw(self, entity, id):
        """An object as it is on the wire."""
        return self.qb.get_single_object(entity, id)[entity]

    def post(self, entity, body, **params):
        """Posts a body as it stands, which the library's classes never do."""
        return self.qb.create_object(entity, json.dumps(body), params=params)[entity]

    def query(self, statement):
        """The `QueryResponse` to a statement."""
        return self.qb.query(statement)["QueryResponse"]

    def now(self):
        """The company's time, from the envelope of an answer."""
        return self.qb.query("select count(*) from CompanyInfo")["time"]

    def customer(self, **fields):
        """A new customer with a name nobody has."""
        made = Customer()
        made.DisplayName = unique("Customer")
        for key, value in fields.items():
            setattr(made, key, value)
        return made.save(qb=self.qb)

    def invoice(self, customer, amount, **fields):
        """A new invoice of one line."""
        return bill(customer, amount, **fields).save(qb=self.qb)

    def payment(self, customer, amount, invoices=(), **fields):
        """A new payment; `invoices` are pairs of an invoice and an amount."""
        made = Payment()
        made.CustomerRef = reference(customer.Id)
        made.TotalAmt = amount
        for invoice, part in invoices:
            made.Line.append(applied(invoice, part))
        for key, value in fields.items():
            setattr(made, key, value)
        return made.save(qb=self.qb)


def unique(word):
    """A name that was not used before."""
    return f"{word} {next(_numbers)}"


def reference(id):
    """A reference by id."""
    made = Ref()
    made.value = id
    return made


def applied(invoice, amount):
    """A payment's line that pays an invoice."""
    line = PaymentLine()
    line.Amount = amount
    line.LinkedTxn = [invoice.to_linked_txn()]
    return line


def sale(amount, item="1", **detail):
    """A line that sells an item."""
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = reference(item)
    line.SalesItemLineDetail.TaxCodeRef = reference("NON")
    for key, value in detail.items():
        setattr(line.SalesItemLineDetail, key, value)
    return line


def bill(customer, amount, **fields):
    """An invoice that is not saved yet."""
    made = Invoice()
    made.CustomerRef = reference(customer.Id)
    made.Line = [sale(amount)]
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def told(world, kinds, since):
    """What the feed says, as `{kind: {id: object}}`."""
    answer = change_data_capture(kinds, since, qb=world.qb)
    found = {}
    for kind in kinds:
        entries = getattr(answer, kind.qbo_object_name, None)
        found[kind] = {entry.Id: entry for entry in entries} if entries else {}
    return found
