"""The other forms that move money: credit memos, journal entries, sales and
refund receipts, deposits."""

from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects.creditmemo import CreditMemo
from quickbooks.objects.customer import Customer
from quickbooks.objects.deposit import Deposit, DepositLine
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.journalentry import Entity, JournalEntry, JournalEntryLine, JournalEntryLineDetail
from quickbooks.objects.payment import Payment, PaymentLine
from quickbooks.objects.refundreceipt import RefundReceipt
from quickbooks.objects.salesreceipt import SalesReceipt

from bench import check, holds, reference, refused, sale, same, told, unique

FROZEN = (
    "This transaction has been deposited. If you want to change or delete it, "
    "you must edit the deposit it appears on and remove it first."
)


def form(kind, customer, amount, **fields):
    """A sales form of one line that is not saved yet."""
    made = kind()
    made.CustomerRef = reference(customer.Id)
    made.Line = [sale(amount)]
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def entry(posting, account, amount, customer=None):
    """A line of a journal entry."""
    line = JournalEntryLine()
    line.Amount = amount
    line.JournalEntryLineDetail = JournalEntryLineDetail()
    line.JournalEntryLineDetail.PostingType = posting
    line.JournalEntryLineDetail.AccountRef = reference(account)
    if customer:
        line.JournalEntryLineDetail.Entity = Entity()
        line.JournalEntryLineDetail.Entity.Type = "Customer"
        line.JournalEntryLineDetail.Entity.EntityRef = reference(customer.Id)
    return line


def journal(*lines):
    """A journal entry that is not saved yet."""
    made = JournalEntry()
    made.Line = list(lines)
    made.DocNumber = unique("JE")
    return made


def joined(customer, *parts):
    """A payment of nothing that joins charges and credits."""
    made = Payment()
    made.CustomerRef = reference(customer.Id)
    made.TotalAmt = 0
    for document, amount in parts:
        line = PaymentLine()
        line.Amount = amount
        line.LinkedTxn = [document.to_linked_txn()]
        made.Line.append(line)
    return made


def deposited(payment, amount):
    """A deposit of a payment that is not saved yet."""
    made, line = Deposit(), DepositLine()
    line.Amount = amount
    line.LinkedTxn = [payment.to_linked_txn()]
    line.LinkedTxn[0].TxnLineId = "0"
    line.DetailType = None
    made.DepositToAccountRef = reference("35")
    made.Line = [line]
    return made


@check("a credit memo is all credit until it is applied")
def _(world):
    customer = world.customer()
    made = form(CreditMemo, customer, 100).save(qb=world.qb)
    seen = world.raw("CreditMemo", made.Id)
    same((seen["TotalAmt"], seen["RemainingCredit"], seen["Balance"], seen["SyncToken"]), (100.0, 100.0, 100.0, "0"))
    same([line["DetailType"] for line in seen["Line"]], ["SalesItemLineDetail", "SubTotalLineDetail"])
    same((seen["TxnTaxDetail"]["TotalTax"], "DueDate" in seen), (0, False))
    same(Customer.get(customer.Id, qb=world.qb).Balance, -100.0)
    same([one.Id for one in CreditMemo.where(f"CustomerRef = '{customer.Id}'", qb=world.qb)], [made.Id])
    holds("totalCount" not in world.query("SELECT * FROM CreditMemo MAXRESULTS 1"), "credit memos are counted")


@check("a payment of nothing applies a credit memo to an invoice")
def _(world):
    customer = world.customer()
    memo, invoice = form(CreditMemo, customer, 100).save(qb=world.qb), world.invoice(customer, 80)
    made = joined(customer, (invoice, 80), (memo, 80)).save(qb=world.qb)
    seen = world.raw("Payment", made.Id)
    same((seen["TotalAmt"], seen["UnappliedAmt"], "DepositToAccountRef" in seen), (0, 0, False))
    same([line["LinkedTxn"][0]["TxnType"] for line in seen["Line"]], ["Invoice", "CreditMemo"])
    holds(all("LineEx" in line for line in seen["Line"]), "a line has no LineEx")
    after = world.raw("CreditMemo", memo.Id)
    same((after["RemainingCredit"], after["Balance"], after["TotalAmt"]), (20.0, 20.0, 100.0))
    paid = world.raw("Invoice", invoice.Id)
    same((paid["Balance"], [link["TxnId"] for link in paid["LinkedTxn"]]), (0, [made.Id]))
    same(Customer.get(customer.Id, qb=world.qb).Balance, -20.0)
    made.delete(qb=world.qb)
    same(world.raw("CreditMemo", memo.Id)["RemainingCredit"], 100.0)


@check("a credit memo is deleted but never voided")
def _(world):
    made = form(CreditMemo, world.customer(), 10).save(qb=world.qb)
    for params in ({"operation": "void"}, {"operation": "update", "include": "void"}):
        try:
            world.post("CreditMemo", {"Id": made.Id, "SyncToken": "0", "sparse": True}, **params)
        except QuickbooksException:
            continue
        raise AssertionError(f"{params} is answered")
    same(world.raw("CreditMemo", made.Id)["TotalAmt"], 10.0)
    same(made.delete(qb=world.qb)["CreditMemo"]["status"], "Deleted")
    refused(ObjectNotFoundException, 610, lambda: CreditMemo.get(made.Id, qb=world.qb))


@check("a journal entry balances, or is refused")
def _(world):
    made = journal(entry("Debit", "7", 50), entry("Credit", "35", 50)).save(qb=world.qb)
    seen = world.raw("JournalEntry", made.Id)
    same((seen["TotalAmt"], [line["Id"] for line in seen["Line"]]), (0, ["0", "1"]))
    same([line["JournalEntryLineDetail"]["PostingType"] for line in seen["Line"]], ["Debit", "Credit"])
    bad = [
        journal(entry("Debit", "7", 50), entry("Credit", "35", 49)),
        journal(entry("Debit", "7", 50), entry("Credit", "84", 50)),
    ]
    for one in bad:
        try:
            one.save(qb=world.qb)
        except QuickbooksException as error:
            holds(error.error_code in (2300, 6000), f"{error} is neither 2300 nor 6000")
        else:
            raise AssertionError("it is taken")
    same(made.delete(qb=world.qb)["JournalEntry"]["status"], "Deleted")


@check("a journal entry's credit on receivables pays an invoice")
def _(world):
    customer = world.customer()
    invoice = world.invoice(customer, 30)
    off = journal(entry("Debit", "7", 30), entry("Credit", "84", 30, customer)).save(qb=world.qb)
    same(Customer.get(customer.Id, qb=world.qb).Balance, 0)
    joined(customer, (invoice, 30), (off, 30)).save(qb=world.qb)
    same((Invoice.get(invoice.Id, qb=world.qb).Balance, Customer.get(customer.Id, qb=world.qb).Balance), (0, 0))


@check("a sales receipt is paid at once, and voided by include=void")
def _(world):
    customer = world.customer()
    made = form(SalesReceipt, customer, 337.5, DocNumber=unique("SR")).save(qb=world.qb)
    seen = world.raw("SalesReceipt", made.Id)
    same((seen["TotalAmt"], seen["Balance"], seen["DepositToAccountRef"]["value"]), (337.5, 0, "4"))
    same(Customer.get(customer.Id, qb=world.qb).Balance, 0)
    found = SalesReceipt.where("TotalAmt > '300.00'", qb=world.qb)
    same([one.Id for one in found], [made.Id])
    answer = made.void(qb=world.qb)["SalesReceipt"]
    same((answer["SyncToken"], answer["TotalAmt"], answer["Balance"]), ("1", 0, 0))
    same((answer["PrivateNote"], answer["DocNumber"]), ("Voided", made.DocNumber))
    same([line["Amount"] for line in answer["Line"]], [0, 0])


@check("a refund names the account it is paid from")
def _(world):
    customer = world.customer()
    refused(ValidationException, 2020, lambda: form(RefundReceipt, customer, 20).save(qb=world.qb))
    made = form(RefundReceipt, customer, 20, DepositToAccountRef=reference("35")).save(qb=world.qb)
    seen = world.raw("RefundReceipt", made.Id)
    same((seen["TotalAmt"], seen["DepositToAccountRef"]["value"]), (20.0, "35"))
    same(Customer.get(customer.Id, qb=world.qb).Balance, 0)
    same(made.delete(qb=world.qb)["RefundReceipt"]["status"], "Deleted")


@check("6540: a deposit freezes its payment, and thaws it when it goes")
def _(world):
    customer = world.customer()
    payment = world.payment(customer, 25)
    deposit = deposited(payment, 25).save(qb=world.qb)
    same(world.raw("Deposit", deposit.Id)["TotalAmt"], 25.0)
    seen = world.raw("Payment", payment.Id)
    same([(link["TxnId"], link["TxnType"]) for link in seen["LinkedTxn"]], [(deposit.Id, "Deposit")])
    body = {"Id": payment.Id, "SyncToken": seen["SyncToken"], "sparse": True, "PrivateNote": "x"}
    frozen = Payment.get(payment.Id, qb=world.qb)
    for call in (lambda: world.post("Payment", body), lambda: frozen.void(qb=world.qb), lambda: frozen.delete(qb=world.qb)):
        refused(QuickbooksException, 6540, call, FROZEN)
    same(deposit.delete(qb=world.qb)["Deposit"]["status"], "Deleted")
    thawed = Payment.get(payment.Id, qb=world.qb)
    same(thawed.void(qb=world.qb)["Payment"]["TotalAmt"], 0)


@check("the feed tells the other forms, and their deletions")
def _(world):
    customer, since = world.customer(), world.now()
    memo, gone = (form(CreditMemo, customer, amount).save(qb=world.qb) for amount in (1, 2))
    receipt = form(SalesReceipt, customer, 3).save(qb=world.qb)
    gone.delete(qb=world.qb)
    found = told(world, [CreditMemo, SalesReceipt], since)
    same((found[CreditMemo][memo.Id].TotalAmt, found[SalesReceipt][receipt.Id].TotalAmt), (1.0, 3.0))
    holds(gone.Id in found[CreditMemo], "the deleted memo is not in the feed")
    same(found[CreditMemo][gone.Id].status, "Deleted")
