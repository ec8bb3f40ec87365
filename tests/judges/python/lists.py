"""Reading and the query language, by python-quickbooks, which posts its
statements as application/text."""

import re

from quickbooks.batch import batch_create
from quickbooks.exceptions import ValidationException
from quickbooks.objects.account import Account
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.customer import Customer
from quickbooks.objects.employee import Employee
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.vendor import Vendor

from bench import REALM, bill, check, holds, refused, same, unique

STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00$")


@check("a customer reads as the demo company's first")
def _(world):
    one = world.raw("Customer", 1)
    same((one["Id"], one["SyncToken"], one["domain"], one["sparse"]), ("1", "0", "QBO", False))
    same(one["DisplayName"], "Amy's Bird Sanctuary")
    for key in ("CreateTime", "LastUpdatedTime"):
        holds(STAMP.match(one["MetaData"][key]), f"{one['MetaData'][key]} is no time of the company")
    same(type(one["Balance"]), float, "the balance")
    same(one["PrimaryEmailAddr"], {"Address": "Birds@Intuit.com"})


@check("company and preferences read")
def _(world):
    company = CompanyInfo.get(REALM, qb=world.qb)
    holds("Craig's" in company.CompanyName and company.Country == "US", f"{company.CompanyName}")
    preferences = Preferences.get(qb=world.qb)
    same(preferences.CurrencyPrefs.HomeCurrency.value, "USD", "the home currency")
    same(type(preferences.SalesFormsPrefs.CustomTxnNumbers), bool)


@check("a quote in a name is found, escaped as the library escapes it")
def _(world):
    found = Customer.filter(DisplayName="Amy's Bird Sanctuary", qb=world.qb)
    same([one.Id for one in found], ["1"])
    found = Customer.choose(["Amy's Bird Sanctuary", "Cool Cars"], field="DisplayName", qb=world.qb)
    same(sorted(one.Id for one in found), ["1", "3"])
    found = Vendor.where(r"DisplayName LIKE '%\'s%'", qb=world.qb)
    holds("Bob's Burger Joint" in [one.DisplayName for one in found], "LIKE does not find it")


@check("names without an order come by alphabet, jobs after their parents")
def _(world):
    found = Customer.where("Id IN ('10','9','8','7','1')", qb=world.qb)
    same([one.Id for one in found], ["1", "7", "8", "9", "10"])
    found = [one.FullyQualifiedName.lower() for one in Customer.all(max_results=1000, qb=world.qb)]
    same(found, sorted(found), "the list of customers")
    found = [one.Id for one in Vendor.where("Id IN ('47','48','50','56')", qb=world.qb)]
    same(found, ["56", "48", "47", "50"], "the list of vendors, capitals first")


@check("transactions without an order come last changed first")
def _(world):
    customer = world.customer()
    made = [world.invoice(customer, 10 + step) for step in range(3)]
    made[1].PrivateNote = "touched"
    made[1].save(qb=world.qb)
    found = [one.Id for one in Invoice.where(f"CustomerRef = '{customer.Id}'", qb=world.qb)]
    same(found, [made[1].Id, made[2].Id, made[0].Id])


@check("items come with their Sku by SELECT *, Sku")
def _(world):
    item = Item()
    item.Name, item.Sku, item.Type = unique("Item"), "SKU-1", "Service"
    item.IncomeAccountRef = Account.get(79, qb=world.qb).to_ref()
    item = item.save(qb=world.qb)
    found = {one.Id: one for one in Item.all(max_results=1000, qb=world.qb)}
    same((found[item.Id].Sku, found[item.Id].Name), ("SKU-1", item.Name))
    same(Item.filter(Sku="SKU-1", qb=world.qb)[0].Id, item.Id)


@check("inactive names show only to those who ask")
def _(world):
    same(Employee.where("Id = '55'", qb=world.qb), [])
    found = Employee.where("Active IN (true, false)", qb=world.qb)
    same([(one.Id, one.DisplayName, one.Active) for one in found][0], ("55", "Emily Platt (deleted)", False))
    same([one.Id for one in Employee.where("Active = false", qb=world.qb)], ["55"])
    same(Employee.get(55, qb=world.qb).Active, False)
    same((Employee.count(qb=world.qb), Employee.count("Active IN (true, false)", qb=world.qb)), (1, 2))


@check("filters compare, with numbers quoted or not")
def _(world):
    plain = {one.Id for one in Customer.where("Balance > 300", qb=world.qb)}
    quoted = {one.Id for one in Customer.where("Balance > '300.00'", qb=world.qb)}
    same(plain, quoted, "what 300 and '300.00' find")
    holds("10" in plain and "2" not in plain, "Balance is not compared as a number")
    same({one.Id for one in Customer.where("Id >= '2' AND Id <= '4'", qb=world.qb)}, {"2", "3", "4"})
    same([one.Id for one in Customer.where("displayname = 'cool cars'", qb=world.qb)], ["3"])
    made = world.invoice(world.customer(), 5, TxnDate="2026-01-31", DocNumber=unique("F"))
    same([one.Id for one in Invoice.filter(DocNumber=made.DocNumber, qb=world.qb)], [made.Id])
    where = f"TxnDate < '2026-02-01' AND CustomerRef = '{made.CustomerRef.value}'"
    same([one.Id for one in Invoice.where(where, qb=world.qb)], [made.Id])


@check("ORDER BY, ORDERBY, several keys and directions order")
def _(world):
    up = [one.DisplayName for one in Customer.all(order_by="DisplayName", max_results=5, qb=world.qb)]
    same(up, sorted(up, key=str.lower))
    down = [one.DisplayName for one in Customer.all(order_by="DisplayName DESC", max_results=5, qb=world.qb)]
    same(down, sorted(down, key=str.lower, reverse=True))
    holds(up != down, "DESC is ignored")
    found = Account.where("AccountType = 'Bank'", order_by="AccountType, Name DESC", qb=world.qb)
    names = [one.Name for one in found]
    same(names, sorted(names, reverse=True))


@check("pages meet without gap or overlap")
def _(world):
    whole = [one.Id for one in Account.all(order_by="Id", max_results=1000, qb=world.qb)]
    pages, start = [], 1
    while True:
        page = Account.all(order_by="Id", start_position=start, max_results=17, qb=world.qb)
        pages += [one.Id for one in page]
        start += len(page)
        if len(page) < 17:
            break
    same(pages, whole)
    same(len(whole), Account.count(qb=world.qb), "the count")


@check("answers tell their rows, and an empty one tells nothing")
def _(world):
    page = world.query("SELECT * FROM Vendor MAXRESULTS 5 STARTPOSITION 6")
    same((page["startPosition"], page["maxResults"], len(page["Vendor"])), (6, 5, 5))
    holds("totalCount" not in page, "a list of vendors has a totalCount")
    same(world.query("SELECT * FROM Customer WHERE Id = '424242'"), {})
    world.invoice(world.customer(), 1)
    holds("totalCount" in world.query("SELECT * FROM Invoice MAXRESULTS 1"), "invoices have no totalCount")
    same(list(world.query("SELECT COUNT(*) FROM Customer")), ["totalCount"])


@check("a query gives a hundred rows unasked and a thousand at most")
def _(world):
    customer = world.customer()
    bills = [bill(customer, 1 + number) for number in range(101)]
    same(len(batch_create(bills, qb=world.qb).successes), 101, "the invoices made")
    where = f"CustomerRef = '{customer.Id}'"
    same(len(Invoice.where(where, qb=world.qb)), 100)
    same(len(Invoice.where(where, max_results=5000, qb=world.qb)), 101)


@check("whole objects come back whatever was selected")
def _(world):
    found = world.query("select Id, DisplayName from customer where Id = '1'")["Customer"][0]
    holds("Balance" in found and "PrimaryPhone" in found, f"{sorted(found)} is a projection")


@check("changes since a time are found by MetaData.LastUpdatedTime")
def _(world):
    before = world.now()
    made = world.customer()
    where = f"MetaData.LastUpdatedTime >= '{before[:19]}{before[-6:]}'"
    holds(made.Id in [one.Id for one in Customer.where(where, qb=world.qb)], "the new customer is missing")
    same(Customer.where("Metadata.CreateTime > '2100-01-01T00:00:00Z'", qb=world.qb), [])


REFUSED = [
    ("SELECT * FROM Custmoer", 4001, "QueryValidationError: invalid context declaration: Custmoer"),
    (
        "SELECT * FROM Customer WHERE Email = 'x'",
        4001,
        "QueryValidationError: Property Email not found for Entity Customer",
    ),
    (
        "SELECT * FROM Invoice WHERE PrivateNote = 'x'",
        4001,
        "QueryValidationError: property 'PrivateNote' is not queryable",
    ),
    (
        "SELECT * FROM Customer STARTPOSITION 0",
        4001,
        "QueryValidationError: value 0 is too small. Min allowed value is 1",
    ),
    (
        "SELECT * FROM Customer WHERE Id = 'one'",
        2030,
        "Id should be a valid number. Supplied value:",
    ),
    ("SELECT * FROM NULL", 4000, 'QueryParserError: Encountered " "null" "NULL "" at line 1, column 15.'),
    ("SELECT * FROM Customer WHERE Id = '1' OR Id = '2'", 4000, "QueryParserError: "),
    ("SELECT * FROM Customer WHERE Id != '1'", 4000, "QueryParserError: "),
    ("SELECT * FROM Customer GROUP BY Id", 4000, "QueryParserError: "),
    ("SELECT * FROM Customer, Vendor", 4000, "QueryParserError: "),
]


@check("statements outside the grammar are refused in the service's words")
def _(world):
    messages = {2030: "Invalid ID", 4000: "Error parsing query", 4001: "Invalid query"}
    for statement, code, detail in REFUSED:
        try:
            refused(ValidationException, code, lambda: world.query(statement), detail, messages[code])
        except AssertionError as error:
            raise AssertionError(f"{statement}: {error}") from error
