//! The scenarios that are played.

/// Settings of its own, one customer, one of each kind of record, and what
/// QuickBooks lacks for one of them.
pub(super) const WHOLE_STORY: &str = r#"
about = "One of each"
now = 2026-03-31
passes = ["0s", "1d"]

[posting]
deferred_revenue_item = "Sales:Subscriptions"
credit_item = "Account credit"
bad_debt_item = "Bad debt"
deposit_account = "Undeposited Funds"
tax_item = "Sales tax collected"
unmapped_product = "hold"
[deposit_accounts]
"Check" = "1010"
[items]
"PRO" = "Sales:Subscriptions"
[links]
1 = { adopt = "4711", expect = "Amy's Bird Sanctuary", start = 2026-01-01 }
2 = { create = "Bolt Bakery", start = 2026-01-01 }
[dismiss]
"invoice/13" = { codes = ["unmapped-product"], until = 2027-01-01, why = "by hand", by = "FIN-1" }

[[quickbooks.customer]]
id = 4711
name = "Amy's Bird Sanctuary"

[[customer]]
id = 1
name = "Amy's Bird Sanctuary"
[[customer]]
id = 2
name = "Bolt Bakery"
email = "bolt@example.com"

[[invoice]]
id = 11
number = 1042
customer = 1
date = 2026-02-01
po_number = "PO 7"
lines = [{ product = "PRO", amount = "100.00", discount = "10.00" }]
taxes = [{ name = "GST", percent = 5, amount = "4.50" }]
[[invoice]]
id = 12
customer = 2
date = 2026-02-02
lines = [{ product = "PRO", quantity = 2, amount = "50.00" }, { product = "PRO", amount = "25.00" }]
[[invoice]]
id = 13
customer = 2
date = 2026-02-03
lines = [{ product = "GATEWAY", amount = "30.00" }]
[[payment]]
id = 21
customer = 1
date = 2026-02-05
amount = "60.00"
method = "Check"
invoices = { 11 = "50.00" }
[[refund]]
id = 31
payment = 21
date = 2026-02-06
amount = "15.00"
invoices = { 11 = "5.00" }
[[credit]]
id = 41
customer = 2
date = 2026-02-07
amount = "20.00"
invoices = { 12 = "12.00" }
[[debit]]
id = 51
credit = 41
date = 2026-02-08
amount = "3.00"
[[reversal]]
id = 61
invoice = 12
date = 2026-02-09
lines = { 2 = "25.00" }
[[write_off]]
id = 71
invoice = 12
date = 2026-02-10
amount = "8.00"

[[step]]
name = "The first answer to an invoice is lost"
at = "0s"
trouble = { vendor = "quickbooks", method = "POST", path = "/v3/company/*/invoice", what = "cut" }
"#;

/// Tax codes outside the United States, closed books, refunds as entries.
pub(super) const ABROAD: &str = r#"
now = 2026-03-31
[company]
name = "ca"
realm_id = "9130350000000000"
expect = "Maple"
time_zone = "America/Toronto"
[posting]
deferred_revenue_item = "Pro"
deposit_account = "Undeposited Funds"
tax = "codes"
no_tax_code = "Exempt"
refund_as = "journal-entry"
refund_account = "Checking"
[taxes]
"GST 5" = "GST"
"HST 15" = "HST NB"
[links]
7 = { create = "Bolt", start = 2026-01-01 }
[quickbooks]
country = "CA"
closed_through = 2026-01-31
[[customer]]
id = 7
name = "Bolt"
currency = "CAD"
[[invoice]]
id = 1
customer = 7
date = 2026-02-01
lines = [{ amount = "100.00" }]
taxes = [{ name = "GST", percent = 5, amount = "5.00" }]
[[invoice]]
id = 2
customer = 7
date = 2026-01-15
lines = [{ amount = "100.00" }]
[[invoice]]
id = 3
customer = 7
date = 2026-02-15
lines = [{ amount = "100.00" }]
taxes = [{ name = "HST", percent = 15, amount = "15.00" }]
[[payment]]
id = 9
customer = 7
date = 2026-02-02
amount = "50.00"
invoices = { 1 = "50.00" }
[[refund]]
id = 10
payment = 9
date = 2026-02-03
amount = "20.00"
invoices = { 1 = "20.00" }

[expect]
balanced = true

[[expect.posting]]
key = "invoice/1"
currency = "CAD"
tax = "5.00"
lines = [{ amount = "100.00", tax = "GST" }]
[[expect.posting]]
key = "invoice/3"
tax = "15.00"
lines = [{ amount = "100.00", tax = "HST NB" }]
[[expect.posting]]
key = "payment/9"
applied = [{ to = "invoice/1", amount = "50.00" }]
[[expect.posting]]
key = "refund/10"
kind = "JournalEntry"
number = "R-10"
lines = [{ amount = "20.00", side = "Debit" }, { account = "Checking", amount = "20.00", side = "Credit" }]

[[expect.warning]]
key = "invoice/2"
code = "closed-period"
state = "held"
"#;
