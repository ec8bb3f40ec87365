//! Money: exact decimal amounts of one currency's minor unit.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An ISO 4217 currency code, such as `USD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// ISO 4217's code for no currency: of a record whose currency cannot be read.
    pub const NONE: Self = Self(*b"XXX");

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters are UTF-8")
    }

    /// Digits after the point in this currency's amounts (ISO 4217's minor
    /// unit); two for every code that is not listed.
    pub fn minor_digits(self) -> u32 {
        match self.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }
}

/// Why a text is not a currency.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not an ISO 4217 currency code such as `USD`")]
pub struct CurrencyError(String);

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        <[u8; 3]>::try_from(text.as_bytes())
            .ok()
            .filter(|code| code.iter().all(u8::is_ascii_uppercase))
            .map(Self)
            .ok_or_else(|| CurrencyError(text.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An exact amount; never a float.
///
/// It is read with [`Money::exact`], which refuses amounts finer than the
/// currency's minor unit: latchd must not decide who loses half a cent. It is
/// written as a string (`"402.88"`), with at least two digits after the point
/// unless the currency has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(Decimal);

/// Why a number is not an amount of a currency.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MoneyError {
    /// Finer than the currency's minor unit.
    #[error("the amount {amount} is finer than {currency} allows")]
    TooFine {
        /// What was read.
        amount: Decimal,
        /// The currency it was to be in.
        currency: Currency,
    },
    /// Not a plain decimal number.
    #[error("`{0}` is not an amount")]
    NotAnAmount(String),
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// `amount` as money of `currency`.
    ///
    /// # Errors
    ///
    /// Fails when digits would be lost: `10.0050` USD, `0.5` JPY.
    pub fn exact(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.minor_digits();
        // Intuit takes 15 digits; more is a fault, and sums of it could overflow.
        if amount.abs() >= Decimal::from(1_000_000_000_000_000_i64) {
            return Err(MoneyError::NotAnAmount(amount.to_string()));
        }
        if amount.round_dp(digits) != amount {
            return Err(MoneyError::TooFine { amount, currency });
        }
        let mut amount = amount;
        amount.rescale(digits);
        Ok(Self(amount))
    }

    /// The amount of `cents` hundredths.
    pub fn from_cents(cents: i64) -> Self {
        Self(Decimal::new(cents, 2))
    }

    /// The number itself, for arithmetic with quantities and JSON numbers.
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < Decimal::ZERO
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Decimal::from_str_exact(text).map(Self).map_err(|_| MoneyError::NotAnAmount(text.to_owned()))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Adding keeps the larger scale, so that only a bare zero has none.
        if self.0.is_zero() && self.0.scale() == 0 { f.pad("0.00") } else { f.pad(&self.0.to_string()) }
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        // Not the negation: minus zero would print its sign.
        Self(Decimal::ZERO - self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        let yen: Currency = "JPY".parse().unwrap();
        let cases = [
            ("10", Currency::USD, Some("10.00")),
            ("10.000000", Currency::USD, Some("10.00")),
            ("-3.07", Currency::USD, Some("-3.07")),
            ("0", Currency::USD, Some("0.00")),
            ("0.005", Currency::USD, None),
            ("100.000", yen, Some("100")),
            ("0.5", yen, None),
        ];
        for (text, currency, expected) in cases {
            let amount = Decimal::from_str_exact(text).unwrap();
            let read = Money::exact(amount, currency).ok().map(|money| money.to_string());
            assert_eq!(read.as_deref(), expected, "{text} {currency}");
        }
    }

    #[test]
    fn sums_keep_the_cents() {
        let sum: Money = ["0.10", "0.20", "-0.30"].iter().map(|text| text.parse::<Money>().unwrap()).sum();
        assert!(sum.is_zero());
        assert_eq!(sum.to_string(), "0.00");
        assert!("1e3".parse::<Money>().is_err());
        assert!("usd".parse::<Currency>().is_err());
    }
}
