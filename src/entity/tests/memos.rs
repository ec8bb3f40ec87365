//! Credits, write-offs, applications and refunds as journal entries.

use super::*;
use crate::entity::{application, credit, memo, refund, write_off};
use crate::model::{Applied, Credit, Entity, Key, Taken, WriteOff};

fn given() -> Credit {
    Credit {
        id: 553,
        customer: 10482,
        effective_at: "2026-03-01T05:00:00Z".parse().unwrap(),
        currency: Currency::USD,
        amount: money("50.00"),
        unallocated: money("50.00"),
        allocations: Vec::new(),
        debits: Vec::new(),
        reference: Some("goodwill\tMay".to_owned()),
        opening: false,
        quickbooks_id: None,
    }
}

fn given_up() -> WriteOff {
    WriteOff {
        id: 9_001,
        customer: 10482,
        invoice: 88123,
        effective_at: "2026-03-02T12:00:00Z".parse().unwrap(),
        currency: Currency::USD,
        amount: money("17.25"),
        reference: None,
    }
}

#[test]
fn a_credit_is_exactly_this() {
    let free = Posting { no_tax_code: Some("Exempt".to_owned()), ..posting() };
    let theirs = Posting { document_numbers: DocumentNumbers::Quickbooks, ..posting() };
    let several = Targets { multicurrency: true, ..targets() };
    let cases = [
        ("at home", posting(), targets(), "50.00", "NON", r#","DocNumber":"C-553""#),
        (
            "abroad",
            free,
            abroad(),
            "50.00",
            "2",
            r#","DocNumber":"C-553","GlobalTaxCalculation":"TaxExcluded""#,
        ),
        (
            "several currencies",
            posting(),
            several,
            "50.00",
            "NON",
            r#","DocNumber":"C-553","CurrencyRef":{"value":"USD"}"#,
        ),
        ("QuickBooks numbers it", theirs, targets(), "50.00", "NON", ""),
        ("debited to nothing", posting(), targets(), "0.00", "NON", r#","DocNumber":"C-553""#),
    ];
    for (name, posting, targets, total, code, more) in cases {
        let found =
            in_setting(&posting, &targets, |setting| credit::translate(&given(), money(total), setting));
        let expected = format!(
            r#"{{"CustomerRef":{{"value":null}},"TxnDate":"2026-02-28","PrivateNote":"[latchd credit/553] goodwill May",
                "Line":[{{"Amount":{total},"DetailType":"SalesItemLineDetail","Description":"goodwill May",
                "SalesItemLineDetail":{{"ItemRef":{{"value":"33"}},"TaxCodeRef":{{"value":"{code}"}}}}}}]{more}}}"#
        );
        assert_eq!(found.unwrap().body, json(&expected), "{name}");
    }
    let none = Posting { credit_item: None, ..posting() };
    let problem =
        in_setting(&none, &targets(), |setting| credit::translate(&given(), money("1.00"), setting));
    assert_eq!(problem.unwrap_err().code, Code::ReferenceMissing);
}

#[test]
fn a_lowered_memo_is_exactly_this() {
    let free = Posting { no_tax_code: Some("Exempt".to_owned()), ..posting() };
    for (posting, targets, code) in [(posting(), targets(), "NON"), (free, abroad(), "2")] {
        for (reference, words) in [(None, "Credit"), (Some("Goodwill"), "Goodwill")] {
            let (body, references) = in_setting(&posting, &targets, |setting| {
                memo::lowered(10482, &ObjectId::new("33"), money("0.00"), reference, setting)
            });
            let expected = format!(
                r#"{{"CustomerRef":{{"value":null}},"Line":[{{"Amount":0.00,"DetailType":"SalesItemLineDetail",
                    "Description":"{words}","SalesItemLineDetail":{{"ItemRef":{{"value":"33"}},"TaxCodeRef":{{"value":"{code}"}}}}}}]}}"#
            );
            assert_eq!(body, json(&expected));
            assert_eq!(references.len(), 1);
        }
    }
}

#[test]
fn a_write_off_is_exactly_this() {
    let found =
        in_setting(&posting(), &targets(), |setting| write_off::translate(&given_up(), setting)).unwrap();
    let expected = r#"{"CustomerRef":{"value":null},"TxnDate":"2026-03-02","PrivateNote":"[latchd write-off/9001]",
        "DocNumber":"W-9001","Line":[{"Amount":17.25,"DetailType":"SalesItemLineDetail","Description":"Write-off",
        "SalesItemLineDetail":{"ItemRef":{"value":"34"},"TaxCodeRef":{"value":"NON"}}}]}"#;
    assert_eq!(found.body, json(expected));
    let none = Posting { bad_debt_item: None, ..posting() };
    let problem = in_setting(&none, &targets(), |setting| write_off::translate(&given_up(), setting));
    assert_eq!(problem.unwrap_err().code, Code::ReferenceMissing);
}

#[test]
fn an_application_is_exactly_this() {
    let refund = Key { entity: Entity::Refund, id: 7 };
    let cases = [
        (Key::invoice(511_684), "Invoice", None, ""),
        (refund, "JournalEntry", Some(Currency::USD), r#","CurrencyRef":{"value":"USD"}"#),
    ];
    for (to, kind, currency, more) in cases {
        let key = Key { entity: Entity::Credit, id: 553 };
        let memo = application::Memo { key, customer: 10482, number: "C-553".to_owned(), currency };
        let applied = Applied { to, amount: money("8.00") };
        let desired = application::create(&memo, &applied, "2026-03-05".parse().unwrap());
        let expected = format!(
            r#"{{"CustomerRef":{{"value":null}},"TotalAmt":0,"TxnDate":"2026-03-05","PaymentRefNum":"C-553",
                "PrivateNote":"[latchd credit/553 {to}]","Line":[
                {{"Amount":8.00,"LinkedTxn":[{{"TxnId":null,"TxnType":"{kind}"}}]}},
                {{"Amount":8.00,"LinkedTxn":[{{"TxnId":null,"TxnType":"CreditMemo"}}]}}]{more}}}"#
        );
        assert_eq!(desired.body, json(&expected));
        let places = desired.references.iter().map(|one| (one.pointer.as_str(), one.to)).collect::<Vec<_>>();
        assert_eq!(
            places,
            [
                ("/Line/0/LinkedTxn/0/TxnId", to),
                ("/Line/1/LinkedTxn/0/TxnId", key),
                ("/CustomerRef/value", Key::customer(10482)),
            ]
        );
    }
}

#[test]
fn a_refund_as_a_journal_entry_is_exactly_this() {
    let account = "Checking".to_owned();
    let entries = Posting { refund_as: RefundAs::JournalEntry { account }, ..posting() };
    let theirs = Posting { document_numbers: DocumentNumbers::Quickbooks, ..entries.clone() };
    let taken = Taken {
        id: 77,
        effective_at: "2026-03-05T20:00:00Z".parse().unwrap(),
        amount: money("12.30"),
        allocations: Vec::new(),
        quickbooks_id: None,
    };
    let translated = |posting: &Posting, targets: &Targets, currency: &str| {
        let of = (10482, currency.parse().unwrap());
        in_setting(posting, targets, |setting| refund::translate(&taken, of, setting))
    };
    let expected = |number: &str| {
        json(&format!(
            r#"{{"TxnDate":"2026-03-05","PrivateNote":"[latchd refund/77]"{number},"Line":[
              {{"Id":"0","Amount":12.30,"DetailType":"JournalEntryLineDetail","JournalEntryLineDetail":
                {{"PostingType":"Debit","AccountRef":{{"value":"84"}},"Entity":{{"Type":"Customer","EntityRef":{{"value":null}}}}}}}},
              {{"Id":"1","Amount":12.30,"DetailType":"JournalEntryLineDetail","JournalEntryLineDetail":
                {{"PostingType":"Credit","AccountRef":{{"value":"35"}}}}}}]}}"#
        ))
    };
    assert_eq!(translated(&entries, &targets(), "USD").unwrap().body, expected(r#","DocNumber":"R-77""#));
    assert_eq!(translated(&theirs, &targets(), "USD").unwrap().body, expected(""));
    let gone = Targets { accounts: BTreeMap::new(), ..targets() };
    let no_receivables = Targets { receivable: None, ..targets() };
    let cases = [
        (posting(), targets(), "USD", Code::ReferenceMissing),
        (entries.clone(), targets(), "EUR", Code::CurrencyMismatch),
        (entries.clone(), gone, "USD", Code::ReferenceMissing),
        (entries, no_receivables, "USD", Code::ReferenceMissing),
    ];
    for (posting, targets, currency, code) in cases {
        assert_eq!(translated(&posting, &targets, currency).unwrap_err().code, code, "{currency} {code}");
    }
}
