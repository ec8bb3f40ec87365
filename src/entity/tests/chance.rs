//! Invoices reversed in parts made by chance: every memo comes to its note, and
//! all of them together to the invoice, in every charge and every tax.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};

use super::reversals::{note, reversal};
use super::*;
use crate::entity::charge_reversal::{self, Earlier};
use crate::entity::proportion;
use crate::model::{CreditNote, Reversal};

/// A charge by chance: amount and discounts in smallest units, and which taxes
/// it bears.
type Sold = (i64, Vec<i64>, u8);

#[derive(Clone, Debug)]
struct Case {
    currency: Currency,
    sold: Vec<Sold>,
    percents: Vec<i64>,
    /// For each note: for each charge, how many hundredths of what is left.
    notes: Vec<Vec<i64>>,
}

fn cases() -> impl Strategy<Value = Case> {
    let currency = prop_oneof![Just("USD"), Just("JPY"), Just("KWD")];
    let charge = (1_i64..2_000_000, prop::collection::vec(0_i64..=100, 0..3), any::<u8>());
    let part = prop_oneof![Just(0_i64), Just(100), 1_i64..100];
    (
        currency,
        prop::collection::vec(charge, 1..6),
        prop::collection::vec(0_i64..30_000, 0..4),
        prop::collection::vec(prop::collection::vec(part, 5), 0..5),
    )
        .prop_map(|(currency, sold, percents, notes)| {
            let sold = sold.into_iter().map(|(amount, discounts, bears)| {
                let mut left = amount;
                let discounts = discounts.into_iter().map(|part| {
                    let off = left * part / 100;
                    left -= off;
                    off
                });
                (amount, discounts.collect(), bears)
            });
            Case { currency: currency.parse().unwrap(), sold: sold.collect(), percents, notes }
        })
}

impl Case {
    fn money(&self, units: i64) -> Money {
        Money::exact(Decimal::new(units, self.currency.minor_digits()), self.currency).unwrap()
    }

    /// What of each tax falls on each charge.
    fn taxes_of(&self, at: usize) -> Vec<i64> {
        let (amount, discounts, bears) = &self.sold[at];
        let net = amount - discounts.iter().sum::<i64>();
        let taxes = self
            .percents
            .iter()
            .enumerate()
            .map(|(tax, percent)| if bears & (1 << tax) == 0 { 0 } else { part(net, *percent, 100_000) });
        taxes.collect()
    }

    fn lines(&self) -> InvoiceLines {
        let charges = self.sold.iter().zip(1_u64..).map(|((amount, discounts, _), id)| Charge {
            id,
            amount: self.money(*amount),
            discount: self.money(discounts.iter().sum()),
            ..charge("1", "1", "0", "0", None)
        });
        let taxes = self.percents.iter().enumerate().map(|(tax, percent)| {
            let total = (0..self.sold.len()).map(|at| self.taxes_of(at)[tax]).sum();
            Tax { name: format!("T{tax}"), percent: Decimal::new(*percent, 3), total: self.money(total) }
        });
        let none = invoice(Vec::new(), Vec::new()).lines.unwrap();
        InvoiceLines { charges: charges.collect(), taxes: taxes.collect(), ..none }
    }

    /// The notes, the last of which takes back all that is left; each discount
    /// and each tax of a charge is rounded by itself, by what went before.
    fn credit_notes(&self) -> Vec<CreditNote> {
        let mut reversed = vec![0_i64; self.sold.len()];
        let (mut id, mut made) = (0, Vec::new());
        let all = vec![100; self.sold.len()];
        for wanted in self.notes.iter().chain([&all]) {
            let (mut net, mut rows): (i64, Vec<Reversal>) = (0, Vec::new());
            for (at, (amount, discounts, _)) in self.sold.iter().enumerate() {
                let own = (amount - reversed[at]) * wanted[at] / 100;
                if own == 0 {
                    continue;
                }
                let of = |whole: i64| {
                    part(whole, reversed[at] + own, *amount) - part(whole, reversed[at], *amount)
                };
                net += own - discounts.iter().map(|off| of(*off)).sum::<i64>();
                net += self.taxes_of(at).iter().map(|tax| of(*tax)).sum::<i64>();
                reversed[at] += own;
                id += 1;
                let charge = u64::try_from(at).unwrap() + 1;
                rows.push(Reversal { amount: self.money(own), ..reversal(id, charge, "0") });
            }
            if !rows.is_empty() {
                made.push(CreditNote { currency: self.currency, ..note(self.money(net), rows) });
            }
        }
        made
    }

    fn single_discounts(&self) -> bool {
        self.sold.iter().all(|(_, discounts, _)| discounts.len() < 2)
    }
}

fn part(whole: i64, part: i64, of: i64) -> i64 {
    let share = Decimal::from(whole) * Decimal::from(part) / Decimal::from(of);
    share.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).try_into().unwrap()
}

/// What the form of a memo comes to, added up from what is sent.
fn total(body: &Value) -> Decimal {
    let number = |value: &Value| value.to_string().parse::<Decimal>().unwrap();
    let rows = body["Line"].as_array().unwrap().iter().map(|row| {
        let amount = number(&row["Amount"]);
        assert!(!amount.is_sign_negative() || amount.is_zero(), "QuickBooks refuses {row}");
        if row["DetailType"] == "DiscountLineDetail" { -amount } else { amount }
    });
    rows.sum::<Decimal>()
        + body.get("TxnTaxDetail").map(|detail| number(&detail["TotalTax"])).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_make_the_whole(case in cases()) {
        let lines = case.lines();
        let notes = case.credit_notes();
        let codes: BTreeMap<_, _> =
            lines.taxes.iter().map(|tax| (format!("{} {}", tax.name, tax.percent.normalize()), "GST".to_owned())).collect();
        let several = Targets { multicurrency: true, ..targets() };
        let mut earlier = Earlier::default();
        let mut back: BTreeMap<u64, (Money, Money)> = BTreeMap::new();
        let (mut taxes, mut residues) = (Money::ZERO, Money::ZERO);
        for note in &notes {
            let parts = proportion::of(note, &lines, &earlier).unwrap();
            for one in &parts.charges {
                let sum = back.entry(one.charge.id).or_default();
                sum.0 += one.amount;
                sum.1 += one.discount;
            }
            prop_assert!(parts.taxes.iter().all(|tax| !tax.total.is_negative()), "{parts:?}");
            taxes += parts.taxes.iter().map(|tax| tax.total).sum::<Money>();
            residues += parts.residue;
            if case.single_discounts() {
                prop_assert!(parts.residue.is_zero(), "{parts:?}");
            }
            // A note of nothing is no document, but its reversals count.
            let modes = [posting().tax, TaxMode::Codes { codes: codes.clone() }];
            for tax in modes.into_iter().filter(|_| !note.amount.is_zero()) {
                for discounts in [Discounts::Net, Discounts::Line] {
                    let posting = Posting { tax: tax.clone(), discounts, ..posting() };
                    let memo = in_setting(&posting, &several, |setting| {
                        charge_reversal::translate(note, &lines, &earlier, setting)
                    });
                    prop_assert_eq!(total(&memo.unwrap().body), note.amount.decimal());
                }
            }
            earlier.reversals.extend(note.reversals.iter().cloned());
            earlier.amount += note.amount;
        }
        for charge in &lines.charges {
            let (amount, discount) = back.get(&charge.id).copied().unwrap_or_default();
            prop_assert!(amount == charge.amount && discount == charge.discount, "{charge:?}");
        }
        prop_assert_eq!(taxes + residues, lines.taxes.iter().map(|tax| tax.total).sum::<Money>());
    }

    #[test]
    fn every_tax_comes_back_whichever_charge_bears_it(
        amounts in prop::collection::vec((20_000_i64..2_000_000, any::<u8>()), 1..5),
        percents in prop::collection::vec(3_000_i64..20_000, 1..4),
        notes in prop::collection::vec(prop::collection::vec(5_i64..50, 4), 0..3),
    ) {
        let sold = amounts.into_iter().map(|(amount, bears)| (amount, Vec::new(), bears)).collect();
        let case = Case { currency: Currency::USD, sold, percents, notes };
        let lines = case.lines();
        let mut earlier = Earlier::default();
        let mut back = vec![Money::ZERO; lines.taxes.len()];
        for note in case.credit_notes() {
            let parts = proportion::of(&note, &lines, &earlier).unwrap();
            for (sum, tax) in back.iter_mut().zip(&parts.taxes) {
                *sum += tax.total;
            }
            earlier.reversals.extend(note.reversals);
            earlier.amount += note.amount;
        }
        let whole = lines.taxes.iter().map(|tax| tax.total).collect::<Vec<_>>();
        prop_assert_eq!(back, whole);
    }
}
