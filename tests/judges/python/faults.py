"""Refusals, by the library's own exception types, and the shapes that are not
the common one. Those of one thing only are judged beside it:

    here        500 Unsupported, 610 ObjectNotFound, 2010 2020 2030 2050 2500
                Validation, 5010 Quickbooks, 401 Authorization, 403 and 429
    lists       2030, 4000 and 4001 of queries: Validation
    names       6240 and 6430: Quickbooks
    money       6070, 6140, 6000: Quickbooks
    forms       6540: Quickbooks
    settings    5010, 6210, 6240: Quickbooks
    papers      6000 within an answer of 200
    trouble     6190 Quickbooks, 10000 Severe, 500, 502, 503
    connection  invalid_grant and invalid_client: AuthClientError
    clock       401 after an hour, invalid_grant after a day, 101 days, 5 years
"""

import concurrent.futures
import json

from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects.base import CustomerMemo
from quickbooks.objects.customer import Customer
from quickbooks.objects.invoice import Invoice

from bench import REALM, bill, check, holds, reference, refused, sale, same


@check("2010: a property the class does not have")
def _(world):
    made = bill(world.customer(), 1, BadJson=True)
    refused(
        ValidationException,
        2010,
        lambda: made.save(qb=world.qb),
        'Property Name:Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Invoice), '
        "not marked as ignorable (",
        "Request has invalid or unsupported property",
    )


@check("2020: an invoice without lines, and one without customer")
def _(world):
    made = bill(world.customer(), 1, Line=[])
    error = refused(ValidationException, 2020, lambda: made.save(qb=world.qb))
    same(error.message, "Required param missing, need to supply the required value for the API")
    same(error.detail, "Required parameter Line is missing in the request")
    refused(ValidationException, 2020, lambda: world.post("Invoice", {"Line": [json.loads(sale(1).to_json())]}))


@check("2030: an id that is no number, answered without a time")
def _(world):
    error = refused(ValidationException, 2030, lambda: Customer.get("1.5", qb=world.qb))
    same((error.message, error.detail), ("Invalid ID", "Id should be a valid number. Supplied value:1.5"))


@check("2050: a memo that is too long")
def _(world):
    memo = CustomerMemo()
    memo.value = "x" * 1001
    made = bill(world.customer(), 1, CustomerMemo=memo)
    error = refused(ValidationException, 2050, lambda: made.save(qb=world.qb))
    same(error.message, "String length is either shorter or longer than supported by specification")
    holds("Min:0 Max:1,000 supported. Supplied length:1,001" in error.detail, error.detail)


@check("2500: references to what is not there")
def _(world):
    made = bill(world.customer(), 1)
    made.Line[0].SalesItemLineDetail.ItemRef = reference("4242")
    text = "Invalid Reference Id : Items element id 4242 not found"
    refused(ValidationException, 2500, lambda: made.save(qb=world.qb), text)
    made = bill(world.customer(), 1, DepositToAccountRef=reference("4242"))
    text = "Invalid Reference Id : Accounts element id 4242 not found"
    refused(ValidationException, 2500, lambda: made.save(qb=world.qb), text)


@check("500: a path that is none, and an operation an entity lacks")
def _(world):
    def path(end):
        return lambda: world.qb.get(f"{world.url}/v3/company/{REALM}/{end}")

    error = refused(UnsupportedException, 500, path("customer/1/5"))
    holds(error.detail.startswith("Operation Could not find resource for relative : /v3/company/"), error.detail)
    holds(error.detail.endswith(" is not supported."), error.detail)
    body = json.dumps({"Id": "1", "SyncToken": "0"})
    refused(UnsupportedException, 500, lambda: world.qb.delete_object("Customer", body), "is not supported")


@check("610: what was never there")
def _(world):
    text = (
        "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees."
    )
    for kind in (Customer, Invoice):
        error = refused(ObjectNotFoundException, 610, lambda: kind.get(424242, qb=world.qb))
        same((error.message, error.detail), ("Object Not Found", text))


@check("5010: a token that is not the last, for update, void and delete")
def _(world):
    made = world.invoice(world.customer(), 10)
    late = Invoice.get(made.Id, qb=world.qb)
    made.PrivateNote = "first"
    made.save(qb=world.qb)
    late.PrivateNote = "second"
    for call in (late.save, late.void, late.delete):
        error = refused(QuickbooksException, 5010, lambda: call(qb=world.qb), message="Stale Object Error")
        holds(error.detail.startswith("Stale Object Error : You and "), error.detail)
        holds(error.detail.endswith("so your work was not saved."), error.detail)
    seen = Invoice.get(made.Id, qb=world.qb)
    same((seen.PrivateNote, seen.SyncToken, seen.TotalAmt), ("first", "1", 10.0))


@check("401: a token that is none, in the gateway's own shape")
def _(world):
    stranger = world.client(world.auth, world.url)
    stranger.session.token = {"access_token": "nonsense"}
    try:
        Customer.get(1, qb=stranger)
    except AuthorizationException as error:
        same(error.error_code, 401)
        body = json.loads(error.detail)
    else:
        raise AssertionError("it is answered")
    holds("Fault" not in body, f"{body} has the shape of every other fault")
    fault = body["fault"]["error"][0]
    same((body["fault"]["type"], fault["code"]), ("AUTHENTICATION", "3200"))
    same(fault["message"], "message=AuthenticationFailed; errorCode=003200; statusCode=401")
    same((type(body["time"]), body["batchItemResponse"], body["queryResponse"]), (int, [], None))


@check("403: another company, in the gateway's own shape")
def _(world):
    elsewhere = world.client(world.auth, world.url)
    elsewhere.company_id = "1"
    error = refused(QuickbooksException, 10000, lambda: Customer.get(1, qb=elsewhere))
    holds("status code '403'" in error.message and "errorCode=003100" in error.message, error.message)


@check("429: more than ten calls within a second")
def _(world):
    auth = world.connected(world.throttled)
    busy = world.client(auth, world.throttled)

    def call(_):
        try:
            Customer.get(1, qb=busy)
        except ValidationException as error:
            return error

    try:
        with concurrent.futures.ThreadPoolExecutor(15) as pool:
            refusals = [error for error in pool.map(call, range(30)) if error]
    finally:
        world.client(world.auth, world.url)
    holds(1 <= len(refusals) <= 20, f"{len(refusals)} of 30 calls at once were turned away")
    for error in refusals:
        same(error.error_code, 3001)
        holds("ThrottleExceeded; errorCode=003001; statusCode=429" in error.message, error.message)
