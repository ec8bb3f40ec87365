//! Taxes: by item and by code, at home and abroad.

use super::*;

/// What the lines bear, the number of lines, and what is said of the form.
type Expected = Result<(&'static str, usize, &'static str), (Code, &'static str)>;

type Case = (&'static str, Posting, Targets, Vec<Tax>, Expected);

fn by_item() -> Vec<Case> {
    let item_abroad = Posting { no_tax_code: Some("Exempt".to_owned()), ..posting() };
    let no_code = posting();
    let gone = Posting { no_tax_code: Some("Gone".to_owned()), ..posting() };
    let gst = || vec![tax("GST", "5.00", "5.00")];
    let both = || vec![tax("GST+QST", "5", "5.00"), tax("QST", "9.975", "9.98")];
    let excluded = r#""GlobalTaxCalculation":"TaxExcluded""#;
    vec![
        ("item", posting(), targets(), gst(), Ok(("NON", 2, ""))),
        ("item, untaxed", posting(), targets(), Vec::new(), Ok(("NON", 1, ""))),
        ("item, several", posting(), targets(), both(), Ok(("NON", 2, ""))),
        ("item abroad", item_abroad.clone(), abroad(), gst(), Ok(("2", 2, excluded))),
        ("item abroad, untaxed", item_abroad, abroad(), Vec::new(), Ok(("2", 1, excluded))),
        ("abroad without a code", no_code, abroad(), gst(), Err((Code::CompanySetting, "no_tax_code"))),
        ("abroad, code gone", gone, abroad(), gst(), Err((Code::ReferenceMissing, "`Gone`"))),
    ]
}

fn by_code() -> Vec<Case> {
    let gst = || vec![tax("GST", "5.00", "5.00")];
    let both = || vec![tax("GST+QST", "5", "5.00"), tax("QST", "9.975", "9.98")];
    let us = r#""TxnTaxDetail":{"TotalTax":5.00,"TxnTaxCodeRef":{"value":"5"}}"#;
    let zero = || vec![tax("Zero", "0", "0.00")];
    let excluded = r#""GlobalTaxCalculation":"TaxExcluded""#;
    let stated = r#""GlobalTaxCalculation":"TaxExcluded","TxnTaxDetail":{"TotalTax":5.00}"#;
    let stated_both = r#""GlobalTaxCalculation":"TaxExcluded","TxnTaxDetail":{"TotalTax":14.98}"#;
    vec![
        ("codes", by_codes(), targets(), gst(), Ok(("TAX", 1, us))),
        ("codes, untaxed", by_codes(), targets(), Vec::new(), Ok(("NON", 1, ""))),
        (
            "codes, rounded to nothing",
            by_codes(),
            targets(),
            vec![tax("GST", "5", "0.00")],
            Ok(("NON", 1, "")),
        ),
        ("codes abroad", by_codes(), abroad(), gst(), Ok(("5", 1, stated))),
        ("codes abroad, several of one code", by_codes(), abroad(), both(), Ok(("8", 1, stated_both))),
        ("codes abroad, untaxed", by_codes(), abroad(), Vec::new(), Ok(("2", 1, excluded))),
        ("codes abroad, a rate of zero", by_codes(), abroad(), zero(), Ok(("3", 1, excluded))),
        (
            "codes abroad, rounded to nothing",
            by_codes(),
            abroad(),
            vec![tax("GST", "5", "0.00")],
            Ok(("2", 1, excluded)),
        ),
        (
            "two codes",
            by_codes(),
            abroad(),
            vec![tax("GST", "5", "5.00"), tax("QST", "9.975", "9.98")],
            Err((Code::UnmappedTax, r#""GST 5" = "GST", "QST 9.975" = "GST/QST""#)),
        ),
        (
            "unmapped",
            by_codes(),
            targets(),
            vec![tax(" PST ", "7.0", "7.00"), tax("HST", "13", "13.00"), tax("GST", "5", "5.00")],
            Err((Code::UnmappedTax, r#""HST 13" and "PST 7""#)),
        ),
    ]
}

#[test]
fn every_way_says_what_it_must() {
    for (name, posting, targets, taxes, expected) in by_item().into_iter().chain(by_code()) {
        let found =
            billed(&invoice(vec![charge("1", "100", "100.00", "0", None)], taxes), &posting, &targets);
        match (found, expected) {
            (Ok(desired), Ok((code, lines, form))) => {
                let rows = desired.body["Line"].as_array().unwrap();
                assert_eq!(rows.len(), lines, "{name}");
                for row in rows {
                    assert_eq!(row["SalesItemLineDetail"]["TaxCodeRef"]["value"], code, "{name}");
                }
                let mut said = serde_json::Map::new();
                for key in ["TxnTaxDetail", "GlobalTaxCalculation", "ApplyTaxAfterDiscount"] {
                    said.extend(desired.body.get(key).map(|value| (key.to_owned(), value.clone())));
                }
                assert_eq!(Value::Object(said), json(&format!("{{{form}}}")), "{name}");
            }
            (Err(problem), Err((code, words))) => {
                assert_eq!(problem.code, code, "{name}");
                assert!(problem.reason.contains(words), "{name}: {}", problem.reason);
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn tax_is_of_what_discounts_leave() {
    let charges = || vec![charge("1", "100", "100.00", "20.00", None)];
    let by_line = Posting { discounts: Discounts::Line, ..by_codes() };
    let taxed = invoice(charges(), vec![tax("GST", "5", "4.00")]);
    assert_eq!(billed(&taxed, &by_line, &targets()).unwrap().body["ApplyTaxAfterDiscount"], true);
    assert_eq!(billed(&taxed, &by_codes(), &targets()).unwrap().body.get("ApplyTaxAfterDiscount"), None);
    // What discounts made free is kept where nothing else can bear the tax.
    let free = invoice(vec![charge("1", "100", "100.00", "100.00", None)], vec![tax("GST", "5", "5.00")]);
    let body = billed(&free, &by_codes(), &targets()).unwrap().body;
    assert_eq!(body["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"], "TAX");
    assert_eq!(billed(&free, &posting(), &targets()).unwrap().body["Line"].as_array().unwrap().len(), 1);
}
