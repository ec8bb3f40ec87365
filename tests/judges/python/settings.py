"""Terms, classes, departments, tax codes and the company's settings."""

from quickbooks.exceptions import QuickbooksException
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.customer import Customer
from quickbooks.objects.department import Department
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.taxagency import TaxAgency
from quickbooks.objects.taxcode import TaxCode
from quickbooks.objects.taxrate import TaxRate
from quickbooks.objects.taxservice import TaxRateDetails, TaxService
from quickbooks.objects.term import Term
from quickbooks.objects.trackingclass import Class

from bench import check, holds, refused, same, unique


@check("a term sets the day an invoice is due")
def _(world):
    same(Term.get(3, qb=world.qb).Name, "Net 30")
    term = Term()
    term.Name, term.DueDays = unique("Net 7"), "7"
    term = term.save(qb=world.qb)
    same((term.Type.lower(), term.DueDays, term.SyncToken), ("standard", 7, "0"))
    made = world.invoice(world.customer(), 1, TxnDate="2026-01-30", SalesTermRef=term.to_ref())
    same(Invoice.get(made.Id, qb=world.qb).DueDate, "2026-02-06")
    refused(QuickbooksException, 6240, lambda: same_name(term).save(qb=world.qb))


def same_name(term):
    """A second term of the same name."""
    made = Term()
    made.Name, made.DueDays = term.Name, "9"
    return made


@check("a class is made, found, made inactive")
def _(world):
    made = Class()
    made.Name = unique("Class")
    made = made.save(qb=world.qb)
    same((made.FullyQualifiedName, made.SubClass, made.SyncToken), (made.Name, False, "0"))
    same([one.Id for one in Class.filter(Name=made.Name, qb=world.qb)], [made.Id])
    made.Active = False
    made.save(qb=world.qb)
    same(Class.where(f"Id = '{made.Id}'", qb=world.qb), [])


@check("a department below another is named with it, and marks an invoice")
def _(world):
    above, below = Department(), Department()
    above.Name = unique("Department")
    above = above.save(qb=world.qb)
    below.Name, below.SubDepartment, below.ParentRef = "Shop", True, above.to_ref()
    below = below.save(qb=world.qb)
    same((below.FullyQualifiedName, below.SubDepartment), (f"{above.Name}:Shop", True))
    for tracked in (True, False):
        kept = Preferences.get(qb=world.qb)
        kept.AccountingInfoPrefs.TrackDepartments = tracked
        kept.save(qb=world.qb)
        made = world.invoice(world.customer(), 1, DepartmentRef=below.to_ref())
        marked = world.raw("Invoice", made.Id).get("DepartmentRef", {}).get("value")
        same(marked, below.Id if tracked else None, f"the department when tracking is {tracked}")
    below.Active = False
    below.save(qb=world.qb)
    same(Department.filter(Id=below.Id, qb=world.qb), [])


@check("the company tells of itself, alone and in a query")
def _(world):
    told = CompanyInfo.get(1, qb=world.qb)
    same((told.CompanyName, told.Country), ("Craig's Design and Landscaping Services", "US"))
    same([one.CompanyName for one in CompanyInfo.all(qb=world.qb)], [told.CompanyName])
    same(told.CompanyAddr.CountrySubDivisionCode, "CA")
    enabled = [pair["Value"] for pair in told.NameValue if pair["Name"] == "NeoEnabled"]
    same(enabled, ["true"], "a value of a name")


@check("settings that are changed change what the books do")
def _(world):
    sales = Preferences.get(qb=world.qb).SalesFormsPrefs
    same((sales.CustomTxnNumbers, sales.AutoApplyCredit, sales.AutoApplyPayments), (True, False, False))

    def numbered(by_hand):
        kept = Preferences.get(qb=world.qb)
        kept.SalesFormsPrefs.CustomTxnNumbers = by_hand
        same(kept.save(qb=world.qb).SalesFormsPrefs.CustomTxnNumbers, by_hand)

    numbered(False)
    try:
        made = [world.invoice(Customer.get(1, qb=world.qb), 5).Id for _ in range(2)]
        first, second = (Invoice.get(each, qb=world.qb).DocNumber for each in made)
        # The company goes on from the pattern of the last number, whoever chose it.
        stem = first.rstrip("0123456789")
        same(second, f"{stem}{int(first[len(stem):]) + 1}", f"the number after {first!r}")
    finally:
        numbered(True)
    holds(not world.invoice(Customer.get(1, qb=world.qb), 5).DocNumber, "it is numbered though numbers are the app's")


@check("tax codes and rates read as the demo company's")
def _(world):
    code = TaxCode.get(2, qb=world.qb)
    rates = [one.TaxRateRef.value for one in code.SalesTaxRateList.TaxRateDetail]
    same((code.Taxable, rates), (True, ["3"]))
    same(TaxRate.get(3, qb=world.qb).RateValue, 8)
    same("2" in [one.Id for one in TaxCode.all(qb=world.qb)], True)
    holds(TaxAgency.all(qb=world.qb), "there is no tax agency")


@check("6240: a tax code is made by the tax service, once")
def _(world):
    agency = TaxAgency.all(qb=world.qb)[0]

    def service(name):
        made, rate = TaxService(), TaxRateDetails()
        made.TaxCode = name
        rate.TaxRateName, rate.RateValue, rate.TaxAgencyId = f"{name} rate", 10, agency.Id
        made.TaxRateDetails = [rate]
        return made

    name = unique("Tax")
    answer = world.qb.create_object("TaxService/Taxcode", service(name).to_json())
    same((answer["TaxCode"], len(answer["TaxRateDetails"])), (name, 1))
    same(TaxCode.get(answer["TaxCodeId"], qb=world.qb).Name, name)
    refused(
        QuickbooksException, 6240, lambda: world.qb.create_object("TaxService/Taxcode", service(name).to_json())
    )


@check("6210: closed books take nothing in and let nothing out")
def _(world):
    customer = world.customer()
    old = world.invoice(customer, 5, TxnDate="2020-01-31")
    preferences = Preferences.get(qb=world.qb)
    preferences.AccountingInfoPrefs.BookCloseDate = "2020-12-31"
    same(preferences.save(qb=world.qb).AccountingInfoPrefs.BookCloseDate, "2020-12-31")
    try:
        calls = [
            lambda: world.invoice(customer, 5, TxnDate="2020-12-31"),
            lambda: old.void(qb=world.qb),
            lambda: old.delete(qb=world.qb),
        ]
        for call in calls:
            refused(
                QuickbooksException,
                6210,
                call,
                "The account period has closed and the account books cannot be updated through the QBO Services API.",
            )
        world.invoice(customer, 5, TxnDate="2021-01-01")
    finally:
        preferences = Preferences.get(qb=world.qb)
        preferences.AccountingInfoPrefs.BookCloseDate = ""
        preferences.save(qb=world.qb)
    old.delete(qb=world.qb)


@check("5010: settings too have a token")
def _(world):
    late = Preferences.get(qb=world.qb)
    late.SyncToken = "424242"
    refused(QuickbooksException, 5010, lambda: late.save(qb=world.qb), message="Stale Object Error")
