//! Exchange rates: home units for one of another currency, on a day.
//!
//! The service takes them from a market. Here a fixed table of what each was
//! worth in US dollars at the end of 2019 stands for it, moved by up to one
//! percent from day to day, so that a wrong day shows.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

/// US dollars for one of each.
const DOLLARS: &[(&str, &str)] = &[
    ("USD", "1"),
    ("AUD", "0.685175"),
    ("BRL", "0.246121"),
    ("CAD", "0.75933"),
    ("CHF", "1.020235"),
    ("CNY", "0.142854"),
    ("DKK", "0.149219"),
    ("EUR", "1.114975"),
    ("GBP", "1.310264"),
    ("HKD", "0.128424"),
    ("INR", "0.014073"),
    ("JPY", "0.009132"),
    ("KRW", "0.000857"),
    ("MXN", "0.052792"),
    ("NOK", "0.111219"),
    ("NZD", "0.656775"),
    ("SEK", "0.106663"),
    ("SGD", "0.737202"),
    ("ZAR", "0.069574"),
];

/// The rate of a currency against another on `day`, in six decimals; one where
/// either is not in the table.
pub(crate) fn on((home, currency): (&str, &str), day: &str) -> Decimal {
    let dollars = |code: &str| {
        let (_, worth) = DOLLARS.iter().find(|(known, _)| *known == code)?;
        worth.parse::<Decimal>().ok()
    };
    if home == currency {
        return Decimal::ONE;
    }
    let (Some(theirs), Some(ours)) = (dollars(currency), dollars(home)) else { return Decimal::ONE };
    let rate = theirs / ours * moved(day);
    let rounded = rate.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
    rounded.normalize()
}

fn moved(day: &str) -> Decimal {
    let number =
        day.parse::<Date>().map_or(0, |date| i64::from(date.day_of_year()) + i64::from(date.year()) * 366);
    Decimal::ONE + Decimal::new((number * 7) % 41 - 20, 0) / Decimal::from(2000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_day() {
        let days = ["2026-05-05", "2026-05-06", "2024-02-29"];
        for (home, currency, least, most) in [
            ("USD", "EUR", "1.1", "1.13"),
            ("CAD", "USD", "1.3", "1.34"),
            ("USD", "JPY", "0.009", "0.0093"),
            ("USD", "USD", "1", "1"),
        ] {
            let rates: Vec<Decimal> = days.iter().map(|day| on((home, currency), day)).collect();
            let range = least.parse().unwrap()..=most.parse().unwrap();
            assert!(rates.iter().all(|rate| range.contains(rate)), "{currency}: {rates:?}");
            assert_eq!(rates[0] == rates[1], home == currency, "{currency}: {rates:?}");
        }
    }
}
