"""Customers, vendors, employees, items and accounts: create, update in both
ways, deactivate, and the rules about their names."""

import decimal

from quickbooks.exceptions import QuickbooksException, ValidationException
from quickbooks.objects.account import Account
from quickbooks.objects.base import Address, EmailAddress, PhoneNumber
from quickbooks.objects.customer import Customer
from quickbooks.objects.employee import Employee
from quickbooks.objects.item import Item
from quickbooks.objects.vendor import Vendor

from bench import check, holds, reference, refused, same, unique


@check("a customer is made with empty strings and zeros for what is unset")
def _(world):
    made = Customer()
    made.DisplayName, made.CompanyName = unique("Zoë & Söhne"), "Zoë"
    made.PrimaryEmailAddr, made.PrimaryPhone, made.BillAddr = EmailAddress(), PhoneNumber(), Address()
    made.PrimaryEmailAddr.Address, made.BillAddr.City = "zoe@example.com", "Bayshore"
    made = made.save(qb=world.qb)
    seen = world.raw("Customer", made.Id)
    same((seen["DisplayName"], seen["CompanyName"]), (made.DisplayName, "Zoë"))
    same((seen["SyncToken"], seen["Active"], seen["Job"], seen["BillWithParent"]), ("0", True, False, False))
    same((seen["Balance"], seen["BalanceWithJobs"]), (0, 0))
    same((seen["FullyQualifiedName"], seen["PrintOnCheckName"]), (made.DisplayName, "Zoë"))
    same(seen["BillAddr"]["City"], "Bayshore")
    holds(seen["BillAddr"]["Id"].isdigit(), "the address has no id of its own")
    for key in ("Title", "GivenName", "Notes", "ResaleNum", "WebAddr"):
        holds(key not in seen, f"{key} was not set but is {seen.get(key)!r}")


@check("a sparse update keeps what it does not name")
def _(world):
    made = world.customer(Notes="kept", CompanyName="Kept too")
    answer = world.post("Customer", {"Id": made.Id, "SyncToken": "0", "sparse": True, "GivenName": "New"})
    same((answer["SyncToken"], answer["sparse"]), ("1", False))
    same((answer["Notes"], answer["CompanyName"], answer["GivenName"]), ("kept", "Kept too", "New"))
    same(world.raw("Customer", made.Id)["Notes"], "kept")


@check("a full update takes away what it does not name")
def _(world):
    made = world.customer(Notes="gone", CompanyName="Kept")
    made.Notes = ""
    made = made.save(qb=world.qb)
    seen = world.raw("Customer", made.Id)
    same((seen["SyncToken"], seen["CompanyName"], "Notes" in seen), ("1", "Kept", False))
    answer = world.post("Customer", {"Id": made.Id, "SyncToken": "1", "DisplayName": made.DisplayName})
    same(("CompanyName" in answer, answer["SyncToken"]), (False, "2"))


@check("a name that is made inactive is marked and free again")
def _(world):
    made = world.customer()
    name = made.DisplayName
    made.Active = False
    made = made.save(qb=world.qb)
    same((made.Active, made.DisplayName), (False, f"{name} (deleted)"))
    same(Customer.get(made.Id, qb=world.qb).Active, False)
    again = world.customer(DisplayName=name)
    holds(again.Id != made.Id, "it is the same customer")


@check("a name is taken over customers, vendors and employees, in any case")
def _(world):
    name = unique("Taken by a customer")
    world.customer(DisplayName=name)
    vendor, employee, customer = Vendor(), Employee(), Customer()
    vendor.DisplayName, customer.DisplayName = name, name.upper()
    employee.DisplayName = employee.GivenName = name
    for rival in (customer, vendor, employee):
        refused(
            QuickbooksException,
            6240,
            lambda: rival.save(qb=world.qb),
            "The name supplied already exists.",
            "Duplicate Name Exists Error",
        )


@check("a job hangs under its parent")
def _(world):
    parent = world.customer()
    job = world.customer(Job=True, ParentRef=reference(parent.Id))
    seen = world.raw("Customer", job.Id)
    same(seen["FullyQualifiedName"], f"{parent.DisplayName}:{job.DisplayName}")
    same((seen["Job"], seen["Level"], seen["ParentRef"]["value"]), (True, 1, parent.Id))


@check("a vendor and an employee are made, changed, read and made inactive")
def _(world):
    vendor = Vendor()
    vendor.DisplayName = unique("Vendor")
    employee = Employee()
    employee.GivenName, employee.FamilyName = "Erna", unique("Employee")
    for one, kind in ((vendor, Vendor), (employee, Employee)):
        one = one.save(qb=world.qb)
        same((one.SyncToken, one.Active), ("0", True), kind.__name__)
        one.PrintOnCheckName = "Changed"
        one = one.save(qb=world.qb)
        same((one.SyncToken, one.PrintOnCheckName), ("1", "Changed"), kind.__name__)
        one.Active = False
        one = one.save(qb=world.qb)
        holds(one.DisplayName.endswith(" (deleted)"), f"{one.DisplayName} is not marked")
        same(kind.where(f"Id = '{one.Id}'", qb=world.qb), [])
        same(kind.get(one.Id, qb=world.qb).Active, False)


@check("a service is sold over a deferred revenue account, priced exactly")
def _(world):
    account = Account()
    account.Name, account.AccountType = unique("Deferred revenue"), "Other Current Liability"
    account = account.save(qb=world.qb)
    same((account.Classification, account.CurrentBalance, account.SyncToken), ("Liability", 0, "0"))
    holds(account.AccountSubType, "the account has no sub-type")
    item = Item()
    item.Name, item.Type, item.UnitPrice = unique("Plan"), "Service", decimal.Decimal("33.333333")
    item.IncomeAccountRef = account.to_ref()
    item = item.save(qb=world.qb)
    seen = world.raw("Item", item.Id)
    same((seen["IncomeAccountRef"]["value"], seen["UnitPrice"]), (account.Id, 33.333333))
    same((seen["Type"], seen["TrackQtyOnHand"]), ("Service", False))
    item.Name = unique("Plan")
    same(item.save(qb=world.qb).SyncToken, "1")


@check("an account is renamed sparsely and made inactive")
def _(world):
    account = Account()
    account.Name, account.AccountType = unique("Bank"), "Bank"
    account = account.save(qb=world.qb)
    same((account.AccountSubType, account.Classification), ("CashOnHand", "Asset"))
    name = unique("Bank")
    answer = world.post("Account", {"Id": account.Id, "SyncToken": "0", "sparse": True, "Name": name})
    same((answer["Name"], answer["AccountType"], answer["SyncToken"]), (name, "Bank", "1"))
    answer = world.post(
        "Account", {"Id": account.Id, "SyncToken": "1", "sparse": True, "Name": name, "Active": False}
    )
    same((answer["Name"], answer["Active"]), (f"{name} (deleted)", False))


@check("what names may not hold is refused")
def _(world):
    def named(kind, **fields):
        one = kind()
        for key, value in fields.items():
            setattr(one, key, value)
        return lambda: one.save(qb=world.qb)

    email = EmailAddress()
    email.Address = "nobody"
    cases = [
        (ValidationException, 2020, named(Customer), "Required param"),
        (ValidationException, 2020, named(Item), "Required parameter Name is missing in the request"),
        (ValidationException, 2050, named(Customer, DisplayName="x" * 501), "Supplied length:501"),
        (ValidationException, 2210, named(Customer, DisplayName="x", PrimaryEmailAddr=email), ""),
        (QuickbooksException, 6010, named(Account, Name=unique("No type")), ""),
        (
            QuickbooksException,
            6430,
            named(Item, Name=unique("On A/R"), Type="Service", IncomeAccountRef=reference("84")),
            "",
        ),
        (
            ValidationException,
            2500,
            named(Item, Name=unique("On none"), Type="Service", IncomeAccountRef=reference("4242")),
            "Invalid Reference Id : Accounts element id 4242 not found",
        ),
    ]
    for kind, code, call, detail in cases:
        if code == 2020 and detail == "Required param":
            refused(kind, code, call, "", detail)
        else:
            refused(kind, code, call, detail)
