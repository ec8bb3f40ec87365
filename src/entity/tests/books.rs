//! What is made of records, sent to the sandbox's books: they take it, and come
//! to the same totals.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::reversals::{note, reversal};
use super::*;
use crate::entity::charge_reversal::{self, Earlier};
use crate::entity::{application, credit, memo, payment, refund, write_off};
use crate::model::{Applied, Credit, CreditNote, Entity, Key, Payment, Reference, Taken, WriteOff, fill};
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::quickbooks::{Company, Options};

/// A company, with its items and codes as a preflight would find them.
struct Books {
    company: Arc<Company>,
    targets: Targets,
    customer: String,
}

impl Books {
    fn of(country: &str, currency: Option<&str>) -> Self {
        let clock = SandboxClock::starting_at("2026-05-05T09:00:00Z".parse().unwrap());
        let company = Company::demo(Options { country: country.to_owned(), ..Options::default() }, clock);
        let named = |entity: &str| {
            let rows = company.objects(entity).into_iter();
            let rows = rows
                .filter_map(|row| Some((row["Name"].as_str()?.to_owned(), row["Id"].as_str()?.to_owned())));
            rows.map(|(name, id)| (name, ObjectId::new(id))).collect()
        };
        let home = match country {
            "CA" => "CAD",
            "GB" => "GBP",
            _ => "USD",
        };
        let targets = Targets {
            items: named("Item"),
            accounts: named("Account"),
            tax_codes: named("TaxCode"),
            discount_account: Some(ObjectId::new("86")),
            receivable: Some(ObjectId::new("84")),
            home_currency: Some(home.parse().unwrap()),
            multicurrency: currency.is_some(),
            united_states: country == "US",
            ..Targets::default()
        };
        let books = company.bookkeeper();
        let mut card = json!({ "DisplayName": "Bolt Bakery (10482)" });
        if let Some(currency) = currency {
            company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
            books.create("CompanyCurrency", json!({ "Code": currency })).unwrap();
            card["CurrencyRef"] = json!({ "value": currency });
        }
        let customer = books.create("Customer", card).unwrap()["Id"].as_str().unwrap().to_owned();
        Self { company, targets, customer }
    }

    fn filled(&self, body: Value, references: &[Reference], ids: &[(Key, &Value)]) -> Value {
        let known = |key: Key| ids.iter().find(|(of, _)| *of == key).map(|(_, made)| text(&made["Id"]));
        let id = |key: Key| {
            if key.entity == Entity::Customer { Ok(self.customer.clone()) } else { known(key).ok_or(key) }
        };
        fill(body, references, id).unwrap()
    }

    fn create(&self, desired: &Desired, ids: &[(Key, &Value)]) -> Value {
        let body = self.filled(desired.body.clone(), &desired.references, ids);
        let made = self.company.bookkeeper().create(desired.object.name(), body.clone());
        made.unwrap_or_else(|fault| panic!("{fault:?}\n{body:#}"))
    }

    fn edit(
        &self,
        kind: &str,
        made: &Value,
        (body, references): &(Value, Vec<Reference>),
        ids: &[(Key, &Value)],
    ) -> Value {
        let body = self.filled(body.clone(), references, ids);
        self.company.bookkeeper().edit(kind, &text(&made["Id"]), body).unwrap()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn amount(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

fn settings(tax: TaxMode, discounts: Discounts, no_tax_code: Option<&str>) -> Posting {
    let name = |text: &str| Some(text.to_owned());
    Posting {
        tax,
        discounts,
        no_tax_code: no_tax_code.map(ToOwned::to_owned),
        credit_item: name("Account credit"),
        bad_debt_item: name("Bad debt"),
        refund_as: RefundAs::JournalEntry { account: "Checking".to_owned() },
        items: [("PRO".to_owned(), "Design".to_owned())].into(),
        deposit_accounts: BTreeMap::new(),
        ..posting()
    }
}

fn codes(rows: &[(&str, &str)]) -> TaxMode {
    TaxMode::Codes { codes: rows.iter().map(|(tax, code)| ((*tax).to_owned(), (*code).to_owned())).collect() }
}

fn item() -> TaxMode {
    TaxMode::Item { item: Some("Sales tax collected".to_owned()) }
}

/// Two charges, one of them discounted, and taxes that QuickBooks' own
/// arithmetic would not come to.
fn bill(currency: &str, taxes: Vec<Tax>) -> Invoice {
    let currency: Currency = currency.parse().unwrap();
    let (first, off, second) =
        if currency.minor_digits() == 0 { ("10000", "1000", "3333") } else { ("100.00", "10.00", "33.33") };
    let charges = vec![
        Charge { id: 1, ..charge("3", "33.333333", first, off, Some("PRO")) },
        Charge { id: 2, name: "Setup — 東京 🚀".to_owned(), ..charge("1", "33.33", second, "0", None) },
    ];
    Invoice { currency, ..invoice(charges, taxes) }
}

type Case = (&'static str, Option<&'static str>, TaxMode, Option<&'static str>, Vec<Tax>);

fn companies() -> Vec<Case> {
    let gst = || vec![tax("GST", "5", "6.19"), tax("QST", "9.975", "12.28")];
    let quebec = || codes(&[("GST 5", "GST/QST QC - 9.975"), ("QST 9.975", "GST/QST QC - 9.975")]);
    let californian = || vec![tax("State", "6", "7.41"), tax("County", "2", "2.45")];
    let california = || codes(&[("State 6", "California"), ("County 2", "California")]);
    let vat = || vec![tax("VAT", "20", "24.65")];
    vec![
        ("US", None, item(), None, californian()),
        ("US", None, california(), None, californian()),
        ("US", None, california(), None, Vec::new()),
        ("CA", None, quebec(), Some("Exempt"), gst()),
        ("CA", None, quebec(), Some("Exempt"), Vec::new()),
        ("CA", None, item(), Some("Out of Scope"), gst()),
        ("GB", None, item(), Some("No VAT"), vat()),
        ("GB", None, codes(&[("VAT 20", "20.0% S")]), Some("No VAT"), vat()),
        ("US", Some("JPY"), item(), None, vec![tax("CT", "10", "1233")]),
        ("US", Some("JPY"), codes(&[("CT 10", "California")]), None, vec![tax("CT", "10", "1233")]),
        ("GB", Some("KRW"), codes(&[("VAT 20", "20.0% S")]), Some("No VAT"), vec![tax("VAT", "20", "2467")]),
    ]
}

#[test]
fn invoices_and_their_reversals_come_to_the_same() {
    for (country, foreign, tax, free, taxes) in companies() {
        for discounts in [Discounts::Net, Discounts::Line] {
            let name = format!("{country} {foreign:?} {tax:?} {discounts:?}");
            let books = Books::of(country, foreign);
            let posting = settings(tax.clone(), discounts, free);
            let home = books.targets.home_currency.unwrap();
            let bill = bill(foreign.unwrap_or(home.as_str()), taxes.clone());
            let made = books.create(&billed(&bill, &posting, &books.targets).unwrap(), &[]);
            assert_eq!(amount(&made["TotalAmt"]), bill.amount.decimal(), "{name}");
            assert_eq!(made["CurrencyRef"]["value"], bill.currency.as_str(), "{name}");
            reverse_in_parts(&books, &posting, (&bill, &made), &name);
        }
    }
}

/// A third of the first charge, then all that is left.
fn reverse_in_parts(books: &Books, posting: &Posting, (bill, made): (&Invoice, &Value), name: &str) {
    let lines = bill.lines.as_ref().unwrap();
    let tax = lines.taxes.iter().map(|tax| tax.total).sum::<Money>();
    let whole = bill.currency.minor_digits() == 0;
    let (third, rest) = if whole { ("3333", "6667") } else { ("33.33", "66.67") };
    let second = lines.charges[1].amount.to_string();
    let part = if tax.is_zero() {
        "30.00"
    } else if whole {
        "3300"
    } else {
        "36.00"
    };
    let mut earlier = Earlier::default();
    let mut sum = Decimal::ZERO;
    for (id, total, reversals) in [
        (1, money(part), vec![reversal(1, 1, third)]),
        (2, bill.amount - money(part), vec![reversal(2, 1, rest), reversal(3, 2, &second)]),
    ] {
        let one = CreditNote {
            id,
            number: format!("1100-CR-0{id}"),
            currency: bill.currency,
            ..note(total, reversals)
        };
        let desired = in_setting(posting, &books.targets, |setting| {
            charge_reversal::translate(&one, lines, &earlier, setting)
        });
        let key = desired.as_ref().unwrap().key;
        let memo = books.create(&desired.unwrap(), &[]);
        assert_eq!(amount(&memo["TotalAmt"]), one.amount.decimal(), "{name} {id}");
        sum += amount(&memo["TxnTaxDetail"]["TotalTax"]);
        apply(books, (key, &memo), (bill, made), one.amount);
        earlier.reversals.extend(one.reversals);
        earlier.amount += one.amount;
    }
    assert_eq!(sum, amount(&made["TxnTaxDetail"]["TotalTax"]), "{name}");
    let after = books.company.objects("Invoice").into_iter().find(|row| row["Id"] == made["Id"]).unwrap();
    assert!(amount(&after["Balance"]).is_zero(), "{name}: {}", after["Balance"]);
}

fn apply(books: &Books, (key, memo): (Key, &Value), (bill, made): (&Invoice, &Value), of: Money) {
    let currency = books.targets.multicurrency.then_some(bill.currency);
    let head = application::Memo { key, customer: bill.customer, number: "1".to_owned(), currency };
    let row = Applied { to: Key::invoice(bill.id), amount: of };
    let desired = application::create(&head, &row, "2026-05-05".parse().unwrap());
    let payment = books.create(&desired, &[(key, memo), (row.to, made)]);
    assert!(amount(&payment["UnappliedAmt"]).is_zero());
}

#[test]
fn memos_payments_and_entries_are_taken_and_lowered() {
    for (country, foreign, tax, free, taxes) in companies() {
        let books = Books::of(country, foreign);
        let posting = settings(tax, Discounts::Net, free);
        let home = books.targets.home_currency.unwrap();
        let bill = bill(foreign.unwrap_or(home.as_str()), taxes);
        let made = books.create(&billed(&bill, &posting, &books.targets).unwrap(), &[]);
        let small = if bill.currency.minor_digits() == 0 { money("30") } else { money("30.00") };
        in_setting(&posting, &books.targets, |setting| {
            memos(&books, (&bill, &made), small, setting);
            payments(&books, (&bill, &made), small, setting);
        });
        assert_eq!(books.company.audit(), Vec::<String>::new());
    }
}

fn memos(books: &Books, (bill, made): (&Invoice, &Value), small: Money, setting: Setting<'_>) {
    let (customer, currency, effective_at) = (bill.customer, bill.currency, bill.effective_at);
    let words = invoice::words(bill.id, bill.lines.as_ref().unwrap(), None, setting);
    let after = books.edit("Invoice", made, &(words, Vec::new()), &[]);
    assert_eq!(after["TotalAmt"], made["TotalAmt"]);
    assert_eq!(after.get("CustomerMemo"), None);
    let given = Credit {
        id: 553,
        customer,
        effective_at,
        currency,
        amount: small,
        unallocated: small,
        allocations: Vec::new(),
        debits: Vec::new(),
        reference: None,
        opening: false,
        quickbooks_id: None,
    };
    let credit = credit::translate(&given, small, setting).unwrap();
    let memo = books.create(&credit, &[]);
    assert_eq!(amount(&memo["RemainingCredit"]), small.decimal());
    apply(books, (credit.key, &memo), (bill, made), small);
    let write_off = WriteOff {
        id: 9,
        customer,
        invoice: bill.id,
        effective_at,
        currency,
        amount: small,
        reference: None,
    };
    let lost = books.create(&write_off::translate(&write_off, setting).unwrap(), &[]);
    let item = ObjectId::new(text(&lost["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]));
    let lowered = memo::lowered(customer, &item, Money::ZERO, None, setting);
    assert!(amount(&books.edit("CreditMemo", &lost, &lowered, &[])["TotalAmt"]).is_zero());
}

fn payments(books: &Books, (bill, made): (&Invoice, &Value), small: Money, setting: Setting<'_>) {
    let (customer, currency, effective_at) = (bill.customer, bill.currency, bill.effective_at);
    let paid = Payment {
        id: 70,
        activity: 1,
        customer,
        effective_at,
        currency,
        amount: small,
        unallocated: small,
        allocations: Vec::new(),
        refunds: Vec::new(),
        method: String::new(),
        reference: None,
        parent: None,
        send: true,
        quickbooks_id: None,
    };
    let rows = [Applied { to: Key::invoice(bill.id), amount: small }];
    let ids = [(rows[0].to, made)];
    let payment = books.create(&payment::translate(&paid, small, &rows, setting).unwrap(), &ids);
    let freed = books.edit("Payment", &payment, &payment::amendment(customer, small, &[], &[]), &ids);
    assert_eq!(amount(&freed["UnappliedAmt"]), small.decimal());
    let taken = Taken { id: 7, effective_at, amount: small, allocations: Vec::new(), quickbooks_id: None };
    let entry = refund::translate(&taken, (customer, currency), setting);
    let foreign = setting.targets.home_currency != Some(currency);
    assert_eq!(entry.is_err(), foreign, "only the home currency has entries: {entry:?}");
    if let Ok(entry) = entry {
        books.create(&entry, &[]);
    }
}
