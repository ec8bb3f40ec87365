//! Charge reversals: what of charges, discounts and taxes a credit note takes
//! back.

use super::*;
use crate::entity::charge_reversal::{self, Earlier};
use crate::model::{CreditNote, Reversal};

pub(super) fn reversal(id: u64, charge: u64, amount: &str) -> Reversal {
    let effective_at = "2026-04-02T12:00:00Z".parse().unwrap();
    Reversal { id, charge, amount: money(amount), effective_at }
}

pub(super) fn note(amount: Money, reversals: Vec<Reversal>) -> CreditNote {
    CreditNote {
        id: 360,
        number: "1100-CR-01".to_owned(),
        customer: 10482,
        invoice: 88123,
        effective_at: "2026-04-02T12:00:00Z".parse().unwrap(),
        currency: Currency::USD,
        amount,
        reversals,
        quickbooks_id: None,
    }
}

/// Two charges, of which the first is discounted, and two taxes on all.
fn billed_lines() -> InvoiceLines {
    let charges = vec![
        Charge { id: 1, ..charge("1", "100", "100.00", "10.00", Some("PRO")) },
        Charge { id: 2, name: "Setup".to_owned(), ..charge("1", "33.33", "33.33", "0", None) },
    ];
    let lines = invoice(charges, vec![tax("GST", "5", "6.17"), tax("PST", "7", "8.63")]).lines;
    lines.unwrap()
}

/// `item amount` of each line, then what else the form says of money.
fn figures(body: &Value) -> String {
    let rows = body["Line"].as_array().unwrap().iter().map(|row| {
        let item = row["SalesItemLineDetail"]["ItemRef"]["value"].as_str().unwrap_or("off");
        format!("{item} {}", row["Amount"])
    });
    let mut rows = rows.collect::<Vec<_>>();
    rows.extend(body.get("TxnTaxDetail").map(|detail| format!("tax {}", detail["TotalTax"])));
    rows.join(", ")
}

fn translated(note: &CreditNote, earlier: &Earlier, posting: &Posting) -> Result<Desired, Problem> {
    in_setting(posting, &targets(), |setting| {
        charge_reversal::translate(note, &billed_lines(), earlier, setting)
    })
}

#[test]
fn the_body_is_exactly_this() {
    let half = note(money("50.40"), vec![reversal(1, 1, "50.00")]);
    let expected = r#"{"CustomerRef":{"value":null},"TxnDate":"2026-04-02","DocNumber":"1100-CR-01",
        "PrivateNote":"[latchd charge-reversal/360]","Line":[
        {"Amount":45.00,"DetailType":"SalesItemLineDetail","Description":"Pro",
         "SalesItemLineDetail":{"ItemRef":{"value":"32"},"TaxCodeRef":{"value":"NON"}}},
        {"Amount":5.40,"DetailType":"SalesItemLineDetail","Description":"GST 5%: 2.25; PST 7%: 3.15",
         "SalesItemLineDetail":{"ItemRef":{"value":"31"},"TaxCodeRef":{"value":"NON"}}}]}"#;
    let desired = translated(&half, &Earlier::default(), &posting()).unwrap();
    assert_eq!(desired.body, json(expected));
    assert_eq!(desired.total, money("50.40"));
}

#[test]
fn every_part_is_what_earlier_ones_left() {
    let by_line = Posting { discounts: Discounts::Line, ..posting() };
    let codes =
        [("GST 5", "GST"), ("PST 7", "GST")].map(|(tax, code)| (tax.to_owned(), code.to_owned())).into();
    let codes = Posting { tax: TaxMode::Codes { codes }, ..posting() };
    let whole = || vec![reversal(1, 1, "100.00"), reversal(2, 2, "33.33")];
    let third = || vec![reversal(3, 1, "33.33")];
    let cases = [
        ("all", "138.13", whole(), vec![], posting(), "32 90.00, 30 33.33, 31 14.80"),
        (
            "all, discounts as a line",
            "138.13",
            whole(),
            vec![],
            by_line.clone(),
            "32 100.00, 30 33.33, 31 14.80, off 10.00",
        ),
        ("all, by codes", "138.13", whole(), vec![], codes.clone(), "32 90.00, 30 33.33, tax 14.80"),
        ("one of two", "100.80", vec![reversal(1, 1, "100.00")], vec![], codes, "32 90.00, tax 10.80"),
        ("a third", "33.60", vec![reversal(1, 1, "33.33")], vec![], posting(), "32 30.00, 31 3.60"),
        (
            "a third after a third",
            "33.59",
            vec![reversal(1, 1, "33.33")],
            third(),
            posting(),
            "32 29.99, 31 3.60",
        ),
        ("its own row among the earlier", "33.60", third(), third(), posting(), "32 30.00, 31 3.60"),
        (
            "one charge twice",
            "67.19",
            vec![reversal(1, 1, "33.33"), reversal(2, 1, "33.33")],
            vec![],
            posting(),
            "32 59.99, 31 7.20",
        ),
        ("untaxed after all", "30.00", vec![reversal(1, 1, "33.33")], vec![], posting(), "32 30.00"),
        (
            "a cent below",
            "29.99",
            vec![reversal(1, 1, "33.33")],
            vec![],
            by_line.clone(),
            "32 33.32, off 3.33",
        ),
        ("more than all its tax", "138.15", whole(), vec![], posting(), "32 90.02, 30 33.33, 31 14.80"),
    ];
    for (name, amount, reversals, earlier, posting, expected) in cases {
        let earlier = Earlier { reversals: earlier, ..Earlier::default() };
        let found = translated(&note(money(amount), reversals), &earlier, &posting).unwrap();
        assert_eq!(figures(&found.body), expected, "{name}");
    }
}

#[test]
fn what_contradicts_itself_is_a_problem() {
    let numbered =
        CreditNote { number: "1".repeat(22), ..note(money("33.60"), vec![reversal(1, 1, "33.33")]) };
    let hold = Posting { unmapped_product: UnmappedProduct::Hold, ..posting() };
    let cases = [
        ("nothing", note(money("1.00"), vec![]), vec![], posting(), Code::InvalidRecord),
        (
            "a stranger",
            note(money("1.00"), vec![reversal(1, 9, "1.00")]),
            vec![],
            posting(),
            Code::InvalidRecord,
        ),
        (
            "half of it unknown",
            note(money("138.13"), vec![reversal(1, 1, "100.00")]),
            vec![],
            posting(),
            Code::InvalidRecord,
        ),
        (
            "too little",
            note(money("80.00"), vec![reversal(1, 1, "100.00")]),
            vec![],
            posting(),
            Code::InvalidRecord,
        ),
        (
            "more than the charge",
            note(money("50.40"), vec![reversal(1, 1, "50.00")]),
            vec![reversal(2, 1, "50.01")],
            posting(),
            Code::InvalidRecord,
        ),
        ("a long number", numbered, vec![], posting(), Code::InvalidRecord),
        (
            "unmapped",
            note(money("37.33"), vec![reversal(1, 2, "33.33")]),
            vec![],
            hold,
            Code::UnmappedProduct,
        ),
    ];
    for (name, note, earlier, posting, code) in cases {
        let earlier = Earlier { reversals: earlier, ..Earlier::default() };
        assert_eq!(translated(&note, &earlier, &posting).unwrap_err().code, code, "{name}");
    }
}

#[test]
fn what_rounding_leaves_goes_to_the_largest_line() {
    let translated = |amounts: [&str; 2], total: &str| {
        let sold = |id: u64, amount: &str| Charge { id, ..charge("1", amount, amount, "0", None) };
        let lines = invoice(vec![sold(1, amounts[0]), sold(2, amounts[1])], Vec::new()).lines.unwrap();
        let rows = vec![reversal(1, 1, amounts[0]), reversal(2, 2, amounts[1])];
        let found = in_setting(&posting(), &targets(), |setting| {
            charge_reversal::translate(&note(money(total), rows), &lines, &Earlier::default(), setting)
        });
        found.map(|desired| figures(&desired.body)).map_err(|problem| problem.code)
    };
    let cases = [
        (["1.00", "2.00"], "3.01", Ok("30 1.00, 30 2.01")),
        (["2.00", "1.00"], "2.99", Ok("30 1.99, 30 1.00")),
        (["2.00", "2.00"], "4.02", Ok("30 2.02, 30 2.00")),
        (["0.01", "0.02"], "0.01", Ok("30 0.01")),
        // A line below zero is refused (2290).
        (["0.02", "0.02"], "0.01", Err(Code::InvalidRecord)),
        (["2.00", "2.00"], "4.11", Err(Code::InvalidRecord)),
    ];
    for (amounts, total, expected) in cases {
        assert_eq!(translated(amounts, total), expected.map(ToOwned::to_owned), "{amounts:?} {total}");
    }
}

#[test]
fn each_tax_comes_back_though_one_charge_bears_none() {
    let charges = vec![
        Charge { id: 1, ..charge("1", "100", "100.00", "0", Some("PRO")) },
        Charge { id: 2, name: "Books".to_owned(), ..charge("1", "100", "100.00", "0", None) },
    ];
    let lines = invoice(charges, vec![tax("GST", "5", "5.00"), tax("PST", "10", "10.00")]).lines.unwrap();
    let words = |note: &CreditNote, earlier: &Earlier| {
        let made = in_setting(&posting(), &targets(), |setting| {
            charge_reversal::translate(note, &lines, earlier, setting)
        });
        let body = made.unwrap().body;
        let rows = body["Line"].as_array().unwrap().iter();
        rows.map(|row| row["Description"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
    };
    let taxed = note(money("115.00"), vec![reversal(1, 1, "100.00")]);
    let free = note(money("100.00"), vec![reversal(2, 2, "100.00")]);
    let after = |one: &CreditNote| Earlier { reversals: one.reversals.clone(), amount: one.amount };
    let tax = "GST 5%: 5.00; PST 10%: 10.00";
    assert_eq!(words(&taxed, &Earlier::default()), format!("Pro, {tax}"));
    assert_eq!(words(&free, &after(&taxed)), "Books");
    assert_eq!(words(&free, &Earlier::default()), "Books");
    assert_eq!(words(&taxed, &after(&free)), format!("Pro, {tax}"));
}
