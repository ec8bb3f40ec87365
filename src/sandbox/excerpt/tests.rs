//! What an excerpt makes of both vendors.

use jiff::tz::TimeZone;
use toml::de::DeTable;

use super::*;
use crate::sandbox::SandboxOptions;

fn read(text: &str) -> Excerpt {
    let (mut excerpt, mut errors) = (Excerpt::default(), Vec::new());
    for (key, value) in DeTable::parse(text).unwrap().into_inner() {
        excerpt.take(key.get_ref(), value, &mut errors);
    }
    assert!(errors.is_empty(), "{errors:?}");
    excerpt
}

fn filled(text: &str, wanted: &[Wanted]) -> Result<Sandbox, Vec<String>> {
    let sandbox = Sandbox::new(SandboxOptions::default());
    let zone = TimeZone::get("America/Los_Angeles").unwrap();
    let done = read(text).fill(&sandbox, &Ground { zone, wanted: wanted.to_vec() });
    done.map(|()| sandbox).map_err(|errors| errors.into_iter().map(|error| error.message).collect())
}

/// Ids are those of the file, and what a biller does afterwards goes on with the
/// account's own.
#[tokio::test(start_paused = true)]
async fn records_bear_the_ids_that_they_are_given() {
    let sandbox = filled(
        "[[customer]]\nid = 7\nname = \"Bolt\"\n\
         [[invoice]]\nid = 500\nnumber = 42\ncustomer = 7\ndate = 2026-03-01\nlines = [{ amount = \"100.00\" }, { amount = \"20.00\" }]\n\
         [[payment]]\nid = 600\ncustomer = 7\ndate = 2026-02-01\namount = \"60.00\"\ninvoices = { 500 = \"50.00\" }\n\
         [[refund]]\nid = 700\npayment = 600\ndate = 2026-03-03\namount = \"10.00\"\n\
         [[credit]]\nid = 800\ncustomer = 7\ndate = 2026-03-04\namount = \"9.00\"\n\
         [[debit]]\nid = 900\ncredit = 800\ndate = 2026-03-05\namount = \"2.00\"\n\
         [[reversal]]\nid = 950\ninvoice = 500\ndate = 2026-03-06\nlines = { 2 = \"20.00\" }\n\
         [[write_off]]\nid = 990\ninvoice = 500\ndate = 2026-03-07\namount = \"3.00\"\n",
        &[],
    )
    .unwrap();
    let account = &sandbox.staxbill;
    let invoice = account.invoice(500).unwrap();
    assert_eq!((invoice.number, invoice.outstanding().to_string()), (42, "47.00".to_owned()));
    assert_eq!(account.payment(600).unwrap().unallocated().to_string(), "0.00");
    assert_eq!(account.credit(800).unwrap().unallocated().to_string(), "7.00");
    let ids = |ids: Vec<i64>| ids;
    assert_eq!(ids(account.refunds().iter().map(|one| one.id).collect()), [700]);
    assert_eq!(ids(account.debits().iter().map(|one| one.id).collect()), [900]);
    assert_eq!(ids(account.credit_notes().iter().map(|one| one.id).collect()), [950]);
    assert_eq!(ids(account.write_offs().iter().map(|one| one.id).collect()), [990]);
    assert_eq!(account.add_customer(crate::sandbox::staxbill::NewCustomer::default()), 10_482);
    assert_eq!(invoice.effective.to_string(), "2026-03-01T20:00:00Z");
}

/// The books hold what is said, and what the files name besides.
#[tokio::test(start_paused = true)]
async fn the_books_hold_what_is_said_and_what_is_named() {
    let item = |name: &str| Wanted::Item(name.to_owned());
    let wanted = [
        item("Sales:Pro"),
        item("77"),
        Wanted::Account("Card clearing".to_owned()),
        Wanted::Account("Stripe".to_owned()),
        Wanted::Account("1010".to_owned()),
        Wanted::TaxCode("GST".to_owned(), "5".to_owned()),
    ];
    let names = |sandbox: &Sandbox, entity: &str, names: &[&str]| {
        let objects = sandbox.quickbooks.objects(entity);
        let there = |name: &&&str| {
            objects
                .iter()
                .any(|object| ["Id", "Name", "FullyQualifiedName"].iter().any(|key| object[*key] == **name))
        };
        names.iter().filter(there).count()
    };
    for (text, items, accounts, codes) in [
        ("", 2, 3, 1),
        ("[quickbooks]\nonly_declared = true\n", 0, 1, 0),
        ("[[quickbooks.item]]\nid = 77\nname = \"Sales:Pro\"\n", 2, 3, 1),
        ("[quickbooks]\nonly_declared = true\n[[quickbooks.account]]\nname = \"Stripe\"\n", 0, 2, 0),
    ] {
        let sandbox = filled(text, &wanted).unwrap();
        let found = (
            names(&sandbox, "Item", &["Sales:Pro", "77"]),
            names(&sandbox, "Account", &["Card clearing", "Stripe", "1010"]),
            names(&sandbox, "TaxCode", &["GST"]),
        );
        assert_eq!(found, (items, accounts, codes), "{text}");
        assert_eq!(sandbox.quickbooks.objects("Customer").len(), 0);
    }
    let sandbox = filled("[[quickbooks.customer]]\nid = 4711\nname = \"Amy\"\n", &[]).unwrap();
    let hand = sandbox.quickbooks.bookkeeper();
    let made = hand.create("Customer", serde_json::json!({ "DisplayName": "Next" })).unwrap();
    assert_eq!(made["Id"], "4712", "ids go on after those that were given");
}

/// What Stax Bill's screens would not allow is an error, and no panic.
#[tokio::test(start_paused = true)]
async fn what_neither_vendor_would_have_is_told() {
    const BILLED: &str = "[[customer]]\nid = 7\n[[customer]]\nid = 8\n\
        [[invoice]]\nid = 500\ncustomer = 7\ndate = 2026-03-01\nlines = [{ amount = \"100.00\" }]\n\
        [[payment]]\nid = 600\ncustomer = 7\ndate = 2026-03-02\namount = \"60.00\"\ninvoices = { 500 = \"50.00\" }\n\
        [[credit]]\nid = 800\ncustomer = 7\ndate = 2026-03-02\namount = \"9.00\"\n";
    for (text, message) in [
        (
            "[[refund]]\nid = 1\npayment = 600\ndate = 2026-03-03\namount = \"20.00\"\n",
            "10.00 is free to be taken back",
        ),
        (
            "[[refund]]\nid = 1\npayment = 600\ndate = 2026-03-03\namount = \"60.00\"\ninvoices = { 500 = \"55.00\" }\n",
            "50.00 lies on invoice 500",
        ),
        ("[[refund]]\nid = 1\npayment = 6\ndate = 2026-03-03\namount = \"1.00\"\n", "there is no payment 6"),
        ("[[debit]]\nid = 1\ncredit = 6\ndate = 2026-03-03\namount = \"1.00\"\n", "there is no credit 6"),
        (
            "[[write_off]]\nid = 1\ninvoice = 500\ndate = 2026-03-03\namount = \"51.00\"\n",
            "50.00 is owed on invoice 500, not 51.00",
        ),
        (
            "[[reversal]]\nid = 1\ninvoice = 500\ndate = 2026-03-03\nlines = { 2 = \"1.00\" }\n",
            "invoice 500 has no line 2",
        ),
        (
            "[[reversal]]\nid = 1\ninvoice = 500\ndate = 2026-03-03\nlines = { 1 = \"101.00\" }\n",
            "100.00 of line 1 is left",
        ),
        ("[[reversal]]\nid = 1\ninvoice = 5\ndate = 2026-03-03\n", "there is no invoice 5"),
        ("[quickbooks.preferences]\n\"SalesFormsPrefs.CustomTxnNumbers.x\" = true\n", "CustomTxnNumbers"),
        ("[[quickbooks.item]]\nname = \"A\"\naccount = \"nowhere\"\n", "there is no account nowhere"),
        (
            "[[quickbooks.item]]\nid = 5\nname = \"A\"\n[[quickbooks.item]]\nid = 5\nname = \"B\"\n",
            "item 5 stands here twice",
        ),
    ] {
        let told = filled(&format!("{BILLED}{text}"), &[]).err().unwrap_or_default();
        assert!(told.len() == 1 && told[0].contains(message), "{message}: {told:?}");
    }
    let other = BILLED.replace("id = 600\ncustomer = 7", "id = 600\ncustomer = 8");
    assert_eq!(filled(&other, &[]).err().unwrap_or_default(), ["invoice 500 is another customer's"]);
}
