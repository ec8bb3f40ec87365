//! Terms: how long a customer may take to pay.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, reference};
use super::super::stamp;
use super::field::{flag, idle, number, text};
use super::list::{self, list};
use super::{Draft, Entity, Field, Sequence};

pub(crate) static ENTITY: Entity = Entity { complete, ..list("Term", Sequence::Terms, &[FIELDS]) };

const FIELDS: &[Field] = &[
    text("Name", 31).queryable(),
    flag("Active").queryable(),
    text("Type", 20).queryable().read_only(),
    number("DueDays").queryable(),
    number("DayOfMonthDue"),
    number("DueNextMonthDays"),
    number("DiscountPercent"),
    number("DiscountDays"),
    number("DiscountDayOfMonth"),
    idle("SalesTermEx"),
];

/// Whole numbers, and the least and most each may be.
const RANGES: &[(&str, u32, u32)] = &[
    ("DueDays", 0, 999),
    ("DayOfMonthDue", 1, 31),
    ("DueNextMonthDays", 0, 999),
    ("DiscountPercent", 0, 100),
    ("DiscountDays", 0, 999),
    ("DiscountDayOfMonth", 1, 31),
];

/// The day by which a sales form of this customer is to be paid: by its own
/// term, else by the customer's, else by the company's. The form does not come
/// to carry a term that it was not sent (recorded for the company's).
pub(crate) fn due_date(books: &Books, draft: &Draft<'_>, customer: &Object) -> Result<String, Fault> {
    let day = draft.text("TxnDate").unwrap_or_default();
    let invalid = || Fault::bad_value("2060", "Invalid date", "TxnDate", day);
    let company = || books.preference("SalesFormsPrefs.DefaultTerms")?.get("value")?.as_str();
    let id = draft.reference("SalesTermRef").or_else(|| reference(customer, "SalesTermRef"));
    let term = id.or_else(company).and_then(|id| books.find("Term", id));
    let date: Date = day.parse().map_err(|_| invalid())?;
    let Some(term) = term else { return Ok(day.to_owned()) };
    Ok(due(term, date).ok_or_else(invalid)?.to_string())
}

fn due(term: &Object, date: Date) -> Option<Date> {
    let whole = |key: &str| decimal(term, key).to_i64();
    if !term.contains_key("DayOfMonthDue") {
        return stamp::days_after(&date.to_string(), whole("DueDays")?)?.parse().ok();
    }
    let in_month = |date: Date| {
        let day = i8::try_from(whole("DayOfMonthDue")?).ok()?.min(date.days_in_month());
        date.with().day(day).build().ok()
    };
    // Issued too shortly before the day, or after it, it is the next month's.
    let due = in_month(date)?;
    let notice: Date = stamp::days_after(&date.to_string(), whole("DueNextMonthDays")?)?.parse().ok()?;
    if notice <= due { Some(due) } else { in_month(date.first_of_month().checked_add(1.month()).ok()?) }
}

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    list::complete_name(books, draft, ("Term", "Name"))?;
    for (key, least, most) in RANGES {
        let value = decimal(&draft.object, key);
        let fits = value.fract().is_zero() || *key == "DiscountPercent";
        if draft.object.contains_key(*key)
            && !(fits && (Decimal::from(*least)..=Decimal::from(*most)).contains(&value))
        {
            return Err(Fault::bad_value("2090", "Invalid Number", key, &value.to_string()));
        }
    }
    let (by_days, by_date) = (draft.sends("DueDays"), draft.sends("DayOfMonthDue"));
    if by_days && by_date {
        let detail = "A term is due either after DueDays or on DayOfMonthDue.";
        return Err(Fault::new("2600", "Conflicting elements", detail));
    }
    if by_days {
        draft.object.remove("DayOfMonthDue");
        draft.object.remove("DueNextMonthDays");
    }
    let dated = draft.object.contains_key("DayOfMonthDue");
    if dated {
        draft.object.remove("DueDays");
    } else {
        draft.default("DueDays", json!(0));
        draft.default("DiscountDays", json!(0));
    }
    draft.default("DiscountPercent", json!(0));
    draft.set("Type", if dated { "DateDriven" } else { "Standard" });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::json::object;
    use super::*;

    #[test]
    fn finds_the_day() {
        let cases = [
            (json!({ "DueDays": 30 }), "2026-05-05", "2026-06-04"),
            (json!({ "DueDays": 0 }), "2026-05-05", "2026-05-05"),
            (json!({ "DayOfMonthDue": 15, "DueNextMonthDays": 5 }), "2026-05-05", "2026-05-15"),
            (json!({ "DayOfMonthDue": 15, "DueNextMonthDays": 5 }), "2026-05-10", "2026-05-15"),
            (json!({ "DayOfMonthDue": 15, "DueNextMonthDays": 5 }), "2026-05-11", "2026-06-15"),
            (json!({ "DayOfMonthDue": 31 }), "2026-02-03", "2026-02-28"),
            (json!({ "DayOfMonthDue": 31, "DueNextMonthDays": 9 }), "2026-01-31", "2026-02-28"),
        ];
        for (term, from, expected) in cases {
            let found = due(&object(term.clone()), from.parse().unwrap()).unwrap();
            assert_eq!(found.to_string(), expected, "{term} {from}");
        }
    }
}
