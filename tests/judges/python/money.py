"""Invoices and payments: what the service adds, how they change each other,
voids and deletes, and amounts to the cent."""

import decimal
import json

from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects.base import CustomerMemo
from quickbooks.objects.customer import Customer
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.payment import Payment

from bench import bill, check, holds, refused, reference, sale, same, unique


@check("an invoice comes back with what the service adds")
def _(world):
    customer = world.customer()
    made = world.invoice(customer, 100)
    seen = world.raw("Invoice", made.Id)
    same((seen["TotalAmt"], seen["Balance"], seen["SyncToken"]), (100.0, 100.0, "0"))
    same((seen["EmailStatus"], seen["LinkedTxn"], seen["TxnTaxDetail"]["TotalTax"]), ("NotSet", [], 0))
    same([line["DetailType"] for line in seen["Line"]], ["SalesItemLineDetail", "SubTotalLineDetail"])
    first, last = seen["Line"]
    same((first["Id"], first["LineNum"], first["Amount"]), ("1", 1, 100.0))
    same(("Id" in last, last["Amount"]), (False, 100.0), "the subtotal")
    same(seen["CustomerRef"], {"value": customer.Id, "name": customer.DisplayName})
    same(seen["CurrencyRef"], {"value": "USD", "name": "United States Dollar"})
    holds(seen["DueDate"] > seen["TxnDate"], "no terms moved the due date")


@check("a customer owes the invoice without being edited")
def _(world):
    customer = world.customer()
    world.invoice(customer, decimal.Decimal("10.50"))
    after = Customer.get(customer.Id, qb=world.qb)
    same((after.Balance, after.BalanceWithJobs, after.SyncToken), (10.5, 10.5, "0"))


@check("amounts are taken as strings and kept to the cent")
def _(world):
    exact = world.client(world.auth, world.url, use_decimal=True)
    amount = decimal.Decimal("1234567.89")
    made = bill(world.customer(), amount).save(qb=exact)
    same((made.TotalAmt, made.Balance), (amount, amount))
    same(world.qb.get_single_object("Invoice", made.Id)["Invoice"]["Line"][0]["Amount"], 1234567.89)


@check("an amount is quantity by price, with the price unrounded")
def _(world):
    made = bill(world.customer(), 100)
    made.Line = [sale(100, Qty=3, UnitPrice=decimal.Decimal("33.333333"))]
    same(made.save(qb=world.qb).TotalAmt, 100.0)
    made.Id, made.Line = None, [sale(100, Qty=3, UnitPrice=decimal.Decimal("33.33"))]
    refused(
        QuickbooksException, 6070, lambda: made.save(qb=world.qb), "Amount is not equal to UnitPrice * Qty"
    )


@check("an invoice read is saved again, whole")
def _(world):
    memo = CustomerMemo()
    memo.value = "Thank you"
    made = world.invoice(world.customer(), 10, PrivateNote="a note", CustomerMemo=memo)
    read = Invoice.get(made.Id, qb=world.qb)
    read.PrivateNote = "another note"
    saved = read.save(qb=world.qb)
    same((saved.SyncToken, saved.PrivateNote, saved.CustomerMemo.value), ("1", "another note", "Thank you"))
    same((saved.TotalAmt, len(saved.Line)), (10.0, 2))


@check("a sparse update with lines replaces them all")
def _(world):
    made = bill(world.customer(), 10, DocNumber=unique("N"))
    made.Line = [sale(10), sale(20)]
    made = made.save(qb=world.qb)
    same((made.TotalAmt, made.PrivateNote), (30.0, ""))
    line = json.loads(sale(25).to_json())
    body = {"Id": made.Id, "SyncToken": "0", "sparse": True, "Line": [line]}
    answer = world.post("Invoice", body)
    same((answer["TotalAmt"], answer["Balance"], len(answer["Line"])), (25.0, 25.0, 2))
    same(answer["DocNumber"], made.DocNumber)


@check("a payment alone is unapplied and goes to undeposited funds")
def _(world):
    made = world.payment(world.customer(), 100)
    seen = world.raw("Payment", made.Id)
    same((seen["TotalAmt"], seen["UnappliedAmt"], seen["Line"]), (100.0, 100.0, []))
    same((seen["DepositToAccountRef"]["value"], seen["ProcessPayment"]), ("4", False))
    for key in ("PaymentRefNum", "PrivateNote"):
        holds(key not in seen, f"{key} was not set")


@check("a payment pays invoices, and both tell of each other")
def _(world):
    customer = world.customer()
    first, second = world.invoice(customer, 60), world.invoice(customer, 60)
    made = world.payment(customer, 100, [(first, 60), (second, 30)], PaymentRefNum="R-1")
    seen = world.raw("Payment", made.Id)
    same((seen["UnappliedAmt"], [line["Amount"] for line in seen["Line"]]), (10.0, [60.0, 30.0]))
    line = seen["Line"][1]
    same([(link["TxnId"], link["TxnType"]) for link in line["LinkedTxn"]], [(second.Id, "Invoice")])
    extra = {one["value"]["Name"]: one["value"]["Value"] for one in line["LineEx"]["any"]}
    same((extra["txnId"], decimal.Decimal(extra["txnOpenBalance"])), (second.Id, decimal.Decimal(60)))
    paid, open_ = world.raw("Invoice", first.Id), world.raw("Invoice", second.Id)
    same((paid["Balance"], open_["Balance"]), (0, 30.0))
    same([(link["TxnId"], link["TxnType"]) for link in paid["LinkedTxn"]], [(made.Id, "Payment")])
    holds(paid["SyncToken"] != "0", "the invoice's token did not move")
    same(Customer.get(customer.Id, qb=world.qb).Balance, 20.0)
    same([one.Id for one in Payment.filter(PaymentRefNum="R-1", qb=world.qb)], [made.Id])


@check("a payment's lines are replaced or removed all at once")
def _(world):
    customer = world.customer()
    invoice = world.invoice(customer, 50)
    made = world.payment(customer, 50, [(invoice, 50)])
    body = {"Id": made.Id, "SyncToken": "0", "sparse": True, "PrivateNote": "kept"}
    same(len(world.post("Payment", body)["Line"]), 1)
    body = {"Id": made.Id, "SyncToken": "1", "sparse": True, "Line": []}
    answer = world.post("Payment", body)
    same((answer["Line"], answer["UnappliedAmt"], answer["PrivateNote"]), ([], 50.0, "kept"))
    same(world.raw("Invoice", invoice.Id)["Balance"], 50.0)


@check("a payment that was read is not taken back with its LineEx")
def _(world):
    customer = world.customer()
    made = world.payment(customer, 5, [(world.invoice(customer, 5), 5)])
    read = Payment.get(made.Id, qb=world.qb)
    read.PrivateNote = "echoed"
    refused(ValidationException, 2010, lambda: read.save(qb=world.qb))


@check("a voided invoice keeps its number and is worth nothing")
def _(world):
    customer = world.customer()
    made = world.invoice(customer, 70, DocNumber=unique("N"))
    answer = made.void(qb=world.qb)["Invoice"]
    same((answer["Id"], answer["SyncToken"], answer["DocNumber"]), (made.Id, "1", made.DocNumber))
    same((answer["TotalAmt"], answer["Balance"], answer["PrivateNote"]), (0, 0, "Voided"))
    same((answer["LinkedTxn"], [line["Amount"] for line in answer["Line"]]), ([], [0, 0]))
    same(Customer.get(customer.Id, qb=world.qb).Balance, 0)


@check("a voided payment opens its invoice again")
def _(world):
    customer = world.customer()
    invoice = world.invoice(customer, 40)
    made = world.payment(customer, 40, [(invoice, 40)])
    answer = made.void(qb=world.qb)["Payment"]
    same((answer["SyncToken"], answer["TotalAmt"], answer["UnappliedAmt"]), ("1", 0, 0))
    same((answer["Line"], answer["PrivateNote"]), ([], "Voided"))
    after = world.raw("Invoice", invoice.Id)
    same((after["Balance"], after["LinkedTxn"]), (40.0, []))


@check("what is deleted is gone")
def _(world):
    customer = world.customer()
    for made in (world.invoice(customer, 5), world.payment(customer, 5)):
        kind = made.qbo_object_name
        answer = made.delete(qb=world.qb)[kind]
        same(answer, {"domain": "QBO", "status": "Deleted", "Id": made.Id}, kind)
        refused(
            ObjectNotFoundException,
            610,
            lambda: type(made).get(made.Id, qb=world.qb),
            "Object Not Found : Something you're trying to use has been made inactive.",
        )
        refused(ObjectNotFoundException, 610, lambda: made.delete(qb=world.qb))
    same(Customer.get(customer.Id, qb=world.qb).Balance, 0)


@check("a request id that comes again changes nothing and answers the same")
def _(world):
    customer = world.customer()
    first = bill(customer, 9).save(qb=world.qb, request_id="judge-once")
    second = bill(customer, 9).save(qb=world.qb, request_id="judge-once")
    same(second.Id, first.Id)
    same(Invoice.count(f"CustomerRef = '{customer.Id}'", qb=world.qb), 1)


@check("a used number is refused unless duplicates are allowed")
def _(world):
    customer, number = world.customer(), unique("N")
    first = world.invoice(customer, 1, DocNumber=number)
    error = refused(
        QuickbooksException,
        6140,
        lambda: world.invoice(customer, 2, DocNumber=number),
        "You must specify a different number. This number has already been used.",
        "Duplicate Document Number Error",
    )
    holds(first.Id in error.detail and number in error.detail, f"{error.detail} does not say by what")
    again = bill(customer, 2, DocNumber=number).save(qb=world.qb, params={"include": "allowduplicatedocnum"})
    same(again.DocNumber, number)


@check("money that does not add up is refused")
def _(world):
    customer, other = world.customer(), world.customer()
    invoice = world.invoice(customer, 10)
    world.payment(customer, 10, [(invoice, 10)])
    open_ = world.invoice(customer, 10)
    nothing = Payment()
    nothing.CustomerRef = reference(customer.Id)
    cases = [
        (lambda: world.payment(customer, 20, [(open_, 11)]), (6000,)),
        (lambda: world.payment(other, 10, [(open_, 10)]), (6000, 620)),
        (lambda: world.payment(customer, 10, [(invoice, 10)]), (6000, 620)),
        (lambda: nothing.save(qb=world.qb), (6000,)),
        (lambda: world.invoice(customer, 10, DocNumber="1234567890123456789012"), (6000,)),
    ]
    for call, codes in cases:
        try:
            call()
        except QuickbooksException as error:
            holds(error.error_code in codes, f"{error} is not one of {codes}")
        else:
            raise AssertionError(f"it was not refused with {codes}")
    same(world.raw("Invoice", open_.Id)["Balance"], 10.0)
