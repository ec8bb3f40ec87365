//! Currencies: which a company has, what a transaction is in, and what it is
//! worth at home.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, flag, plain, reference, text};
use super::{Draft, exchange_rate};

/// Settles the currency of a transaction: that of its customer, at the rate of
/// its day unless the client names another.
///
/// # Errors
///
/// 2020 where a company with several currencies is not told one (§ required by
/// the reference), 6000 for one that is not the customer's, 2090 for a rate that
/// is none.
pub(crate) fn complete(books: &Books, draft: &mut Draft<'_>, customer: &Object) -> Result<(), Fault> {
    let home = books.home_currency();
    let own = reference(customer, "CurrencyRef").unwrap_or(home);
    let sent = draft.reference("CurrencyRef").map(str::to_owned);
    let several = is_multi(books);
    if several && sent.is_none() {
        return Err(Fault::missing("CurrencyRef"));
    }
    // A receipt without a customer may be in any currency the company has.
    let expected = if customer.is_empty() && several { sent.as_deref().unwrap_or(home) } else { own };
    if sent.as_deref().is_some_and(|sent| sent != expected) {
        return Err(Fault::business("The currency of the transaction must be the currency of the customer."));
    }
    check_known(books, expected)?;
    let currency = expected.to_owned();
    if let Some(account) = draft.reference("DepositToAccountRef") {
        check_account(books, account, &currency)?;
    }
    if several {
        complete_rate(books, draft, (home, &currency))?;
    } else {
        draft.object.remove("ExchangeRate");
    }
    draft.set("CurrencyRef", json!({ "value": currency }));
    Ok(())
}

/// Settles the currency of a customer or vendor, which is chosen once.
pub(crate) fn complete_once(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let home = books.home_currency();
    let old = draft.old.and_then(|old| reference(old, "CurrencyRef"));
    let asked = reference(draft.sent, "CurrencyRef");
    let kept = old.or(asked).unwrap_or(home).to_owned();
    if asked.is_some_and(|asked| asked != kept) {
        return Err(invalid("The currency cannot be changed."));
    }
    if old.is_none() {
        check_known(books, &kept)?;
    }
    draft.set("CurrencyRef", json!({ "value": kept }));
    Ok(())
}

/// Whether the company keeps more than its own currency.
pub(crate) fn is_multi(books: &Books) -> bool {
    books.allows("CurrencyPrefs.MultiCurrencyEnabled")
}

/// Decimals of a currency; yen and won have none.
pub(crate) fn places(code: &str) -> u32 {
    if matches!(code, "JPY" | "KRW") { 0 } else { 2 }
}

/// What a currency is called in answers.
pub(crate) fn name(code: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

/// What money is worth at home, for transactions of companies that keep several
/// currencies: what answers show beside the amounts.
pub(crate) fn at_home(object: &Object) -> Vec<(&'static str, Decimal)> {
    // A journal entry has no total of its own to tell at home (recorded in 2019).
    if !object.contains_key("ExchangeRate") || object.contains_key("Adjustment") {
        return Vec::new();
    }
    let rate = decimal(object, "ExchangeRate");
    let shown = [("TotalAmt", "HomeTotalAmt"), ("Balance", "HomeBalance")];
    let held = shown.into_iter().filter(|(key, _)| object.contains_key(*key));
    held.filter_map(|(key, home)| Some((home, decimal(object, key).checked_mul(rate)?))).collect()
}

/// Money goes into accounts of its own currency or of the company's, and what
/// customers and vendors owe into those of its own alone (our reading).
pub(crate) fn check_account(books: &Books, account: &str, currency: &str) -> Result<(), Fault> {
    let Some(account) = books.find("Account", account) else { return Ok(()) };
    let home = books.home_currency();
    let held = reference(account, "CurrencyRef").unwrap_or(home);
    let debts = matches!(text(account, "AccountType"), Some("Accounts Receivable" | "Accounts Payable"));
    if held == currency || (held == home && !debts) {
        return Ok(());
    }
    Err(Fault::business(
        "The currency of the account must be the currency of the transaction or the home currency.",
    ))
}

fn complete_rate(books: &Books, draft: &mut Draft<'_>, (home, currency): (&str, &str)) -> Result<(), Fault> {
    let moved = draft.old.is_some_and(|old| reference(old, "CurrencyRef").is_some_and(|old| old != currency));
    if home == currency {
        draft.set("ExchangeRate", json!(1));
    } else if !draft.object.contains_key("ExchangeRate") || (moved && !draft.sends("ExchangeRate")) {
        let day = draft.text("TxnDate").map_or_else(|| books.today(), str::to_owned);
        draft.set("ExchangeRate", plain(exchange_rate::on((home, currency), &day)));
    }
    let rate = decimal(&draft.object, "ExchangeRate");
    if rate <= Decimal::ZERO {
        return Err(Fault::bad_value("2090", "Invalid Number", "ExchangeRate", &rate.to_string()));
    }
    Ok(())
}

/// A company's currencies are its own and, if it keeps several, those on its
/// list.
pub(crate) fn check_known(books: &Books, code: &str) -> Result<(), Fault> {
    if code == books.home_currency() {
        return Ok(());
    }
    let listed = books.shelf("CompanyCurrency").by_id().any(|(_, kept)| {
        text(&kept.object, "Code") == Some(code) && flag(&kept.object, "Active") != Some(false)
    });
    if is_multi(books) && listed { Ok(()) } else { Err(invalid(&format!("Supplied value:{code}"))) }
}

fn invalid(what: &str) -> Fault {
    Fault::known("2220").because(format!("Invalid currency. {what}")).at("CurrencyRef")
}

const NAMES: &[(&str, &str)] = &[
    ("USD", "United States Dollar"),
    ("AUD", "Australian Dollar"),
    ("BRL", "Brazilian Real"),
    ("CAD", "Canadian Dollar"),
    ("CHF", "Swiss Franc"),
    ("CNY", "Chinese Yuan Renminbi"),
    ("DKK", "Danish Krone"),
    ("EUR", "Euro"),
    ("GBP", "British Pound Sterling"),
    ("HKD", "Hong Kong Dollar"),
    ("INR", "Indian Rupee"),
    ("JPY", "Japanese Yen"),
    ("KRW", "South Korean Won"),
    ("MXN", "Mexican Peso"),
    ("NOK", "Norwegian Krone"),
    ("NZD", "New Zealand Dollar"),
    ("SEK", "Swedish Krona"),
    ("SGD", "Singapore Dollar"),
    ("ZAR", "South African Rand"),
];
