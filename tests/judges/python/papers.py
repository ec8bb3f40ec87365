"""What is not an object of the books: forms as PDF and by mail, and files that
are attached."""

from quickbooks.exceptions import ObjectNotFoundException
from quickbooks.objects.attachable import Attachable
from quickbooks.objects.base import AttachableRef, Ref
from quickbooks.objects.invoice import Invoice

from bench import check, holds, refused, same


@check("an invoice comes as a PDF")
def _(world):
    made = world.invoice(world.customer(), 12)
    paper = made.download_pdf(qb=world.qb)
    holds(paper.startswith(b"%PDF-") and b"%%EOF" in paper[-1024:], f"{paper[:20]!r} is no PDF")
    made.Id = "424242"
    refused(ObjectNotFoundException, 610, lambda: made.download_pdf(qb=world.qb))


@check("an invoice that is sent says so")
def _(world):
    made = world.invoice(world.customer(), 12)
    answer = made.send(qb=world.qb, send_to="judge+1@example.com")["Invoice"]
    same((answer["EmailStatus"], answer["BillEmail"]["Address"]), ("EmailSent", "judge+1@example.com"))
    same(answer["DeliveryInfo"]["DeliveryType"], "Email")
    holds(Invoice.get(made.Id, qb=world.qb).email_sent, "it reads as not sent")


def attached(kind, id):
    """A file that is attached to something."""
    made, reference = Attachable(), AttachableRef()
    reference.EntityRef = Ref()
    reference.EntityRef.type, reference.EntityRef.value = kind, id
    made.AttachableRef = [reference]
    made.FileName, made.ContentType, made._FileBytes = "note.txt", "text/plain", b"a note"
    return made


@check("a file is attached, read and deleted")
def _(world):
    invoice = world.invoice(world.customer(), 12)
    made = attached("Invoice", invoice.Id).save(qb=world.qb)
    same((made.FileName, made.ContentType, made.SyncToken), ("note.txt", "text/plain", "0"))
    entity = made.AttachableRef[0].EntityRef
    same((entity.type, entity.value), ("Invoice", invoice.Id))
    same(Attachable.get(made.Id, qb=world.qb).FileName, "note.txt")
    answer = made.delete(qb=world.qb)["Attachable"]
    same(answer, {"domain": "QBO", "status": "Deleted", "Id": made.Id})


@check("a file for what is not there is refused under 200")
def _(world):
    body = attached("Estimate", "75")
    answer = world.qb.create_object("Attachable", body.to_json(), _file_bytes=b"a note")
    fault = answer["AttachableResponse"][0]["Fault"]
    same((fault["type"], fault["Error"][0]["code"]), ("ValidationFault", "6000"))
    same(
        fault["Error"][0]["Detail"],
        "Business Validation Error: The entity Estimate 75 that you are trying to link does not exist. Estimate 75",
    )
