//! Numbers as people read them: in groups of three, as sums, as shares.

use super::super::phrase;
use super::super::row::Amount;
use crate::model::Money;

/// `10,000`.
pub(super) fn grouped(count: u64) -> String {
    phrase::grouped(&count.to_string())
}

/// `1,234.50`.
pub(super) fn sum(of: Money) -> String {
    phrase::grouped(&of.to_string())
}

/// `88,410.00 USD`.
pub(super) fn amount(of: &Amount) -> String {
    format!("{} {}", sum(of.amount), of.currency)
}

/// A share in percent, rounded down: all is said only where it is all.
pub(super) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let permille = u128::from(part) * 1000 / u128::from(whole);
    match (permille / 10, permille % 10) {
        (percent, 0) => format!("{percent} %"),
        (percent, tenth) => format!("{percent}.{tenth} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Currency;

    #[test]
    fn shares_are_never_rounded_up() {
        for (part, whole, expected) in
            [(0, 0, "–"), (0, 5, "0 %"), (5, 5, "100 %"), (99_999, 100_000, "99.9 %"), (1, 3, "33.3 %")]
        {
            assert_eq!(share(part, whole), expected);
        }
        let usd = Amount { currency: Currency::USD, amount: Money::from_cents(8_841_000) };
        assert_eq!(amount(&usd), "88,410.00 USD");
    }
}
