//! The arithmetic of tax: what each rate takes of what, to the cent.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::super::json::{money, plain};
use super::tax_code::Applied;

/// What a form asks tax for under one code.
#[derive(Clone, Debug)]
pub(crate) struct Taxable {
    pub(crate) rates: Vec<Applied>,
    pub(crate) net: Decimal,
}

/// One rate's part of a form's tax: a `TaxLine`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) rate: String,
    pub(crate) percent: Decimal,
    pub(crate) net: Decimal,
    pub(crate) amount: Decimal,
}

/// Takes tax under each code, rounds it code by code and rate by rate, and
/// adds up the rows of the same rate.
pub(crate) fn rows(taxables: &[Taxable], places: u32) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for taxable in taxables {
        let mut taken = Decimal::ZERO;
        for applied in &taxable.rates {
            let base = if applied.on_tax { taxable.net + taken } else { taxable.net };
            let amount = round(base * applied.percent / Decimal::ONE_HUNDRED, places);
            taken += amount;
            let row = Row { rate: applied.rate.clone(), percent: applied.percent, net: base, amount };
            merge(&mut rows, row);
        }
    }
    rows
}

/// Adds a row to those of the same rate.
pub(crate) fn merge(rows: &mut Vec<Row>, row: Row) {
    if let Some(known) = rows.iter_mut().find(|known| known.rate == row.rate) {
        known.net += row.net;
        known.amount += row.amount;
    } else {
        rows.push(row);
    }
}

/// Spreads a tax that the client states over the rates, in proportion to what
/// each would have taken; the last row takes what rounding leaves.
pub(crate) fn prorate(rows: &mut [Row], total: Decimal, places: u32) {
    let weight = |row: &Row| row.net * row.percent;
    let whole: Decimal = rows.iter().map(weight).sum();
    let mut left = total;
    let last = rows.len().saturating_sub(1);
    for (index, row) in rows.iter_mut().enumerate() {
        let share = round(part(total, weight(row), whole), places);
        row.amount = if index == last { left } else { share };
        left -= row.amount;
    }
}

/// The part of `amount` that falls on `share` of `whole`; none of nothing.
/// Amounts beyond all numbers lose their last digits and are refused later.
pub(crate) fn part(amount: Decimal, share: Decimal, whole: Decimal) -> Decimal {
    let exact = amount.checked_mul(share).and_then(|product| product.checked_div(whole));
    let rough = || share.checked_div(whole)?.checked_mul(amount);
    exact.or_else(rough).unwrap_or_default()
}

/// What is left of an amount that holds its tax already.
pub(crate) fn net_of(gross: Decimal, rates: &[Applied], places: u32) -> Decimal {
    let mut factor = Decimal::ZERO;
    for applied in rates {
        let base = if applied.on_tax { Decimal::ONE + factor } else { Decimal::ONE };
        factor += base * applied.percent / Decimal::ONE_HUNDRED;
    }
    round(gross / (Decimal::ONE + factor), places)
}

pub(crate) fn total(rows: &[Row]) -> Decimal {
    rows.iter().map(|row| row.amount).sum()
}

/// Rounds the way the service does, half away from zero.
pub(crate) fn round(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

impl Row {
    /// The row as answers show it (recorded).
    pub(crate) fn json(&self) -> Value {
        json!({
            "Amount": money(self.amount), "DetailType": "TaxLineDetail",
            "TaxLineDetail": {
                "TaxRateRef": { "value": self.rate }, "PercentBased": true,
                "TaxPercent": plain(self.percent), "NetAmountTaxable": money(self.net),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(id: &str, percent: &str, on_tax: bool) -> Applied {
        Applied { rate: id.into(), percent: percent.parse().unwrap(), on_tax }
    }

    fn amounts(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| format!("{}:{}", row.rate, row.amount.normalize())).collect()
    }

    /// Codes with their net, decimals, and the rows expected.
    type Case = (Vec<(Vec<Applied>, &'static str)>, u32, &'static [&'static str]);

    #[test]
    fn takes_each_rate_of_each_code() {
        let eight = || vec![rate("3", "8", false)];
        let two = || vec![rate("1", "7.1", false), rate("2", "2", false)];
        let cases: [Case; 6] = [
            (vec![(eight(), "325.75")], 2, &["3:26.06"]),
            (vec![(two(), "99.99")], 2, &["1:7.1", "2:2"]),
            (vec![(vec![rate("a", "5", false), rate("b", "9.5", true)], "100")], 2, &["a:5", "b:9.98"]),
            // Two codes round apart though they share the rate: 0.044 and 0.044 are 0.08, not 0.09.
            (vec![(eight(), "0.55"), (eight(), "0.55")], 2, &["3:0.08"]),
            (vec![(eight(), "1234")], 0, &["3:99"]),
            (vec![(vec![], "10")], 2, &[]),
        ];
        for (taxables, places, expected) in cases {
            let taxables: Vec<Taxable> = taxables
                .into_iter()
                .map(|(rates, net)| Taxable { rates, net: net.parse().unwrap() })
                .collect();
            assert_eq!(amounts(&rows(&taxables, places)), expected, "{taxables:?}");
        }
    }

    #[test]
    fn spreads_a_stated_tax_to_the_cent() {
        let taxable = Taxable {
            rates: vec![rate("1", "6", false), rate("2", "1.25", false)],
            net: Decimal::ONE_HUNDRED,
        };
        for (stated, expected) in
            [("7.25", ["1:6", "2:1.25"]), ("10", ["1:8.28", "2:1.72"]), ("0.01", ["1:0.01", "2:0"])]
        {
            let mut rows = rows(std::slice::from_ref(&taxable), 2);
            prorate(&mut rows, stated.parse().unwrap(), 2);
            assert_eq!(amounts(&rows), expected, "{stated}");
        }
    }

    #[test]
    fn takes_tax_out_of_an_amount_that_holds_it() {
        let cases = [
            ("120", vec![rate("1", "20", false)], "100"),
            ("100", vec![rate("1", "20", false)], "83.33"),
            ("114.98", vec![rate("1", "5", false), rate("2", "9.5", true)], "100"),
            ("50", vec![], "50"),
        ];
        for (gross, rates, net) in cases {
            assert_eq!(net_of(gross.parse().unwrap(), &rates, 2), net.parse::<Decimal>().unwrap(), "{gross}");
        }
    }
}
