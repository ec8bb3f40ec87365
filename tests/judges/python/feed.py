"""Batches and the change feed."""

import datetime
import json
import zoneinfo

from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.exceptions import QuickbooksException
from quickbooks.objects.customer import Customer
from quickbooks.objects.estimate import Estimate
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item
from quickbooks.objects.payment import Payment

from bench import bill, check, holds, reference, same, told, unique


def named(name):
    """A customer that is not saved yet."""
    made = Customer()
    made.DisplayName = name
    return made


@check("a batch answers each item by its id of 36 characters, good or bad")
def _(world):
    taken = world.customer().DisplayName
    names = [unique("Batch"), taken, unique("Batch")]
    answer = batch_create([named(name) for name in names], qb=world.qb)
    same([one.DisplayName for one in answer.successes], [names[0], names[2]])
    same([one.bId.count("-") for one in answer.batch_responses], [4, 4, 4])
    fault = answer.faults[0]
    same((fault.type, fault.Error[0].code, fault.original_object.DisplayName), ("ValidationFault", "6240", taken))


@check("a batch of more than thirty goes in parts")
def _(world):
    answer = batch_create([named(unique("Many")) for _ in range(31)], qb=world.qb)
    same((len(answer.successes), len(answer.faults)), (31, 0))


@check("a batch updates with tokens, and deletes")
def _(world):
    first, second = world.customer(), world.customer()
    first.Notes, second.Notes, second.SyncToken = "new", "new", "7"
    answer = batch_update([first, second], qb=world.qb)
    same([one.Notes for one in answer.successes], ["new"], "what was updated")
    same(answer.faults[0].Error[0].code, "5010")
    holds("Stale Object Error : You and " in answer.faults[0].Error[0].Detail, "the words")

    made = [world.invoice(first, 5), world.invoice(first, 6)]
    made[1].Id = "424242"
    body = [{"bId": str(number), "operation": "delete", "Invoice": {"Id": one.Id, "SyncToken": "0"}}
            for number, one in enumerate(made)]
    answer = world.qb.batch_operation(json.dumps({"BatchItemRequest": body}))["BatchItemResponse"]
    answer = {item["bId"]: item for item in answer}
    same(answer["0"]["Invoice"]["status"], "Deleted")
    same(answer["1"]["Fault"]["Error"][0]["code"], "610")
    payment = world.payment(first, 3)
    same(batch_delete([payment], qb=world.qb).successes[0].status, "Deleted")


@check("the feed tells what was made, changed, voided, deleted and made inactive")
def _(world):
    customer, leaver = world.customer(), world.customer()
    since = world.now()
    made, changed, voided, gone = (world.invoice(customer, amount) for amount in (1, 2, 3, 4))
    changed.PrivateNote = "changed"
    changed.save(qb=world.qb)
    voided.void(qb=world.qb)
    gone.delete(qb=world.qb)
    paid = world.payment(customer, 9)
    paid.delete(qb=world.qb)
    leaver.Active = False
    leaver.save(qb=world.qb)
    found = told(world, [Estimate, Invoice, Payment, Customer], since)
    invoices = found[Invoice]
    same((invoices[made.Id].TotalAmt, invoices[made.Id].SyncToken), (1.0, "0"))
    same((invoices[changed.Id].PrivateNote, invoices[changed.Id].SyncToken), ("changed", "1"))
    same((invoices[voided.Id].TotalAmt, invoices[voided.Id].PrivateNote), (0, "Voided"))
    holds(gone.Id in invoices, "the deleted invoice is not in the feed")
    same((invoices[gone.Id].status, invoices[gone.Id].domain), ("Deleted", "QBO"))
    holds(invoices[gone.Id].MetaData.LastUpdatedTime, "the deletion has no time")
    holds(paid.Id in found[Payment], "the deleted payment is not in the feed")
    same(found[Payment][paid.Id].status, "Deleted")
    same((found[Customer][leaver.Id].Active, found[Customer][customer.Id].SyncToken), (False, "0"))
    same(found[Estimate], {})


@check("the feed answers entity by entity, in order, with its counts")
def _(world):
    since = world.now()
    made = world.invoice(world.customer(), 1)
    parts = world.qb.change_data_capture("Bill,Invoice,Estimate", since)["CDCResponse"][0]["QueryResponse"]
    same((len(parts), parts[0], parts[2]), (3, {}, {}))
    same((parts[1]["startPosition"], parts[1]["maxResults"], parts[1]["totalCount"]),
         (1, len(parts[1]["Invoice"]), len(parts[1]["Invoice"])))
    holds(made.Id in [one["Id"] for one in parts[1]["Invoice"]], "the new invoice is missing")


@check("a time without zone is the company's own")
def _(world):
    made = world.invoice(world.customer(), 1)
    local = datetime.datetime.now(zoneinfo.ZoneInfo("America/Los_Angeles")).replace(tzinfo=None)
    found = told(world, [Invoice], local - datetime.timedelta(minutes=1))
    holds(made.Id in found[Invoice], "a minute ago by the company's clock is too late")
    same(told(world, [Invoice], local + datetime.timedelta(hours=1))[Invoice], {})


@check("the feed refuses what it cannot tell")
def _(world):
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=31)
    for entities, since in [("Invoice", old.isoformat()), ("Nonsense", world.now()), ("Invoice", "soon")]:
        try:
            world.qb.change_data_capture(entities, since)
        except QuickbooksException as error:
            holds(2000 <= error.error_code < 5000, f"{error} is no validation fault")
        else:
            raise AssertionError(f"{entities} since {since} is answered")


@check("an item's price changes without its sales")
def _(world):
    item = Item.get(1, qb=world.qb)
    made = bill(world.customer(), 30)
    made.Line[0].SalesItemLineDetail.ItemRef = reference(item.Id)
    made = made.save(qb=world.qb)
    same(Invoice.get(made.Id, qb=world.qb).TotalAmt, 30.0)
    same(made.Line[0].SalesItemLineDetail.ItemRef.name, item.Name)
