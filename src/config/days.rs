//! Days: from when on things count, and whether that day has come.

use jiff::civil::Date;
use toml::de::DeValue;

use super::faults::{Faults, Spot};
use super::tree::Entry;
use super::values;
use crate::model::Start;

/// The words that may stand in place of a day.
pub(super) type Words = &'static [(&'static str, Start)];
/// Those of a link.
pub(super) const LINK: Words = &[("beginning", Start::Beginning), ("now", Start::Now)];
/// Those of `count_from`.
pub(super) const COUNT_FROM: Words = &[("beginning", Start::Beginning)];
/// Those of customers that are created unasked: nobody looked into what is
/// booked already of their past.
pub(super) const ACTIVATION: Words = &[("now", Start::Now)];

/// A day, or one of some words.
pub(super) fn start(entry: &Entry<'_>, key: &str, words: Words, faults: &Faults) -> Option<Start> {
    let read = match entry.value {
        DeValue::Datetime(at) => values::day(at).map(Start::On),
        DeValue::String(word) => words.iter().find(|(known, _)| *known == &**word).map(|(_, start)| *start),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    };
    if read.is_none() {
        let dated = entry.value.as_str().is_some_and(|text| text.parse::<Date>().is_ok());
        let message = if dated { format!("`{key}` is in quotes") } else { format!("`{key}` is not a day") };
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let comma = if known.len() > 1 { ", " } else { " or " };
        let remedy = format!("write a day without quotes (2026-01-01){comma}{}", known.join(" or "));
        faults.report(&entry.at, message).remedy(remedy);
    }
    read
}

/// A day, in the form of every other.
pub(super) fn day(entry: &Entry<'_>, key: &str, faults: &Faults) -> Option<Date> {
    let read = entry.value.as_datetime().and_then(values::day);
    if read.is_none() {
        let dated = entry.value.as_str().is_some_and(|text| text.parse::<Date>().is_ok());
        let message = if dated { format!("`{key}` is in quotes") } else { format!("`{key}` is not a day") };
        faults.report(&entry.at, message).remedy("write a day without quotes, such as 2026-12-31");
    }
    read
}

/// Reports a `start` that lies after `today`: nothing would be posted, and
/// nothing would say why.
pub(super) fn mind_future(start: Start, at: &Spot, today: Date, faults: &Faults) {
    let day = match start {
        Start::On(day) if day > today => day,
        Start::On(_) | Start::Beginning | Start::Now => return,
    };
    faults
        .report(at, format!("`start` is {day}, and today is {today}"))
        .remedy("write a day that has come, or leave the decision until then");
}
