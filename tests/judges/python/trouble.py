"""What an app cannot know or prevent: connections that are cut, servers that
fail, and a company whose subscription has ended."""

import uuid

import requests
from quickbooks.exceptions import (
    AuthorizationException,
    QuickbooksException,
    SevereException,
)
from quickbooks.objects.customer import Customer
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.payment import Payment

from bench import REALM, bill, check, holds, refused, same

INVOICES = f"/v3/company/{REALM}/invoice"


def unknown(call):
    """Demands that a call ends without an answer."""
    try:
        answer = call()
    except requests.exceptions.ConnectionError:
        return
    raise AssertionError(f"it was answered: {answer!r}")


def invoices_of(world, customer):
    """The ids of a customer's invoices."""
    return [one.Id for one in Invoice.filter(CustomerRef=customer.Id, qb=world.qb)]


@check("a create that was cut after its effect is repeated under its requestid: one invoice")
def _(world):
    customer, request = world.customer(), uuid.uuid4().hex
    with world.trouble("cut", method="POST", path=INVOICES):
        unknown(lambda: bill(customer, 12).save(qb=world.qb, request_id=request))
    there = invoices_of(world, customer)
    same(len(there), 1, "the number of invoices after the cut")
    made = bill(customer, 12).save(qb=world.qb, request_id=request)
    same(([made.Id], made.SyncToken), (there, "0"), "what the repeat answers")
    same(invoices_of(world, customer), there, "the invoices after the repeat")
    same(Customer.get(customer.Id, qb=world.qb).Balance, 12, "the balance")


@check("a create that was cut before its effect is repeated under its requestid: one invoice")
def _(world):
    customer, request = world.customer(), uuid.uuid4().hex
    with world.trouble("refuse", method="POST", path=INVOICES):
        unknown(lambda: bill(customer, 12).save(qb=world.qb, request_id=request))
    same(invoices_of(world, customer), [], "the invoices after the cut")
    made = bill(customer, 12).save(qb=world.qb, request_id=request)
    same(invoices_of(world, customer), [made.Id], "the invoices after the repeat")


@check("a create that was cut and is repeated without its requestid is made twice")
def _(world):
    customer = world.customer()
    with world.trouble("cut", method="POST", path=INVOICES):
        unknown(lambda: bill(customer, 12).save(qb=world.qb, request_id=uuid.uuid4().hex))
    bill(customer, 12).save(qb=world.qb, request_id=uuid.uuid4().hex)
    same(len(invoices_of(world, customer)), 2, "the number of invoices")


@check("a void and a delete that were cut are repeated under their requestid")
def _(world):
    customer = world.customer()
    paid = world.payment(customer, 5)
    with world.trouble("cut", method="POST", path=f"/v3/company/{REALM}/payment"):
        unknown(lambda: paid.delete(qb=world.qb, request_id="judge-cut-delete"))
    answer = paid.delete(qb=world.qb, request_id="judge-cut-delete")["Payment"]
    same((answer["Id"], answer["status"]), (paid.Id, "Deleted"), "what the repeat answers")
    same(Payment.filter(CustomerRef=customer.Id, qb=world.qb), [])
    made = world.invoice(customer, 5)
    with world.trouble("cut", method="POST", path=INVOICES):
        unknown(lambda: made.void(qb=world.qb))
    refused(QuickbooksException, 5010, lambda: made.void(qb=world.qb), message="Stale Object Error")
    same(Invoice.get(made.Id, qb=world.qb).TotalAmt, 0, "the voided invoice")


@check("10000: the service's own failures are severe, and no repeat is harmful")
def _(world):
    customer = world.customer()
    with world.trouble({"fault": {"code": 10000}}, path=INVOICES):
        refused(SevereException, 10000, lambda: bill(customer, 7).save(qb=world.qb, request_id="judge-severe"))
    same(invoices_of(world, customer), [], "the invoices after the failure")


@check("a server's 500 and 503, and a proxy's page, are no answers of the books")
def _(world):
    for what in ({"status": {"code": 500}}, {"status": {"code": 503}}, {"html": {"code": 502}}):
        with world.trouble(what, method="GET"):
            try:
                Customer.get(1, qb=world.qb)
            except QuickbooksException as error:
                holds(not isinstance(error, AuthorizationException), f"{what} reads as a lost connection")
            else:
                raise AssertionError(f"{what} is answered")
    same(Customer.get(1, qb=world.qb).Id, "1")


@check("6190: a company whose subscription has ended writes nothing")
def _(world):
    customer = world.customer()
    with world.trouble({"fault": {"code": 6190}}, method="POST", path=INVOICES):
        refused(QuickbooksException, 6190, lambda: world.invoice(customer, 7), message="Invalid Company Status")


@check("a token that dies between two calls is refreshed, and the call repeated")
def _(world):
    auth = world.connected(world.url)
    qb = world.client(auth, world.url)
    with world.trouble("expire-tokens", method="GET"):
        try:
            Customer.get(1, qb=qb)
        except AuthorizationException as error:
            same(error.error_code, 401)
        else:
            raise AssertionError("a dead token is let in")
    for each in (auth, world.auth):
        each.refresh()
    world.qb = world.client(world.auth, world.url)
    same(Customer.get(1, qb=world.client(auth, world.url)).Id, "1")
