//! The company's settings: which there are, which of them a client may set, and
//! what follows from setting one.

use serde_json::{Value, json};

use super::books::{Books, Token};
use super::entity::singleton::PREFERENCES;
use super::fault::Fault;
use super::json::{Object, object, scalar};
use super::{exchange, normalise, references, taxes};

/// What may stand in a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Flag,
    /// A flag that stays once it is set.
    Once,
    Text,
    Day,
    /// The id of an object, alone or in a reference. Libraries send `false` or an
    /// empty string for none, which we take as that (ours: not recorded).
    Id(&'static str),
    Reference(&'static str),
    Any,
    /// `Name` and `Value` pairs; a pair that is sent replaces the one of its name.
    Pairs,
    /// Answered, and ignored when sent.
    ReadOnly,
}

use Form::{Any, Day, Flag, Id, Once, Pairs, ReadOnly, Reference, Text};

type Section = (&'static str, &'static [(&'static str, Form)]);

/// Every setting known to the class. Which may be written is documented for few
/// of them; the rest is our reading.
const SECTIONS: &[Section] = &[
    ("AccountingInfoPrefs", ACCOUNTING),
    (
        "ProductAndServicesPrefs",
        &[
            ("ForSales", Flag),
            ("ForPurchase", Flag),
            ("QuantityWithPriceAndRate", Flag),
            ("QuantityOnHand", Flag),
            ("RevenueRecognition", ReadOnly),
            ("RevenueRecognitionFrequency", ReadOnly),
        ],
    ),
    ("SalesFormsPrefs", SALES_FORMS),
    (
        "EmailMessagesPrefs",
        &[
            ("InvoiceMessage", Any),
            ("EstimateMessage", Any),
            ("SalesReceiptMessage", Any),
            ("StatementMessage", Any),
        ],
    ),
    (
        "VendorAndPurchasesPrefs",
        &[
            ("TrackingByCustomer", Flag),
            ("BillableExpenseTracking", Flag),
            ("DefaultTerms", Reference("Term")),
            ("DefaultMarkup", Any),
            ("DefaultMarkupAccount", Id("Account")),
            ("POCustomField", ReadOnly),
            ("TPAREnabled", ReadOnly),
        ],
    ),
    (
        "TimeTrackingPrefs",
        &[
            ("UseServices", Flag),
            ("BillCustomers", Flag),
            ("ShowBillRateToAll", Flag),
            ("WorkWeekStartDate", Text),
            ("MarkTimeEntriesBillable", Flag),
        ],
    ),
    (
        "TaxPrefs",
        &[
            ("UsingSalesTax", Flag),
            ("PartnerTaxEnabled", ReadOnly),
            ("TaxGroupCodeRef", Reference("TaxCode")),
            ("TaxRateRef", ReadOnly),
            ("PaySalesTax", ReadOnly),
            ("NonTaxableSalesTaxCodeRef", ReadOnly),
            ("TaxableSalesTaxCodeRef", ReadOnly),
        ],
    ),
    ("CurrencyPrefs", &[("MultiCurrencyEnabled", Once), ("HomeCurrency", ReadOnly)]),
    ("ReportPrefs", &[("ReportBasis", Text), ("CalcAgingReportFromTxnDate", Flag)]),
    ("OtherPrefs", &[("NameValue", Pairs)]),
];

const ACCOUNTING: &[(&str, Form)] = &[
    ("TrackDepartments", Flag),
    ("DepartmentTerminology", Text),
    ("ClassTrackingPerTxn", Flag),
    ("ClassTrackingPerTxnLine", Flag),
    ("CustomerTerminology", Text),
    ("BookCloseDate", Day),
    ("UseAccountNumbers", Flag),
    ("FirstMonthOfFiscalYear", ReadOnly),
    ("TaxYearMonth", ReadOnly),
    ("TaxForm", ReadOnly),
];

const SALES_FORMS: &[(&str, Form)] = &[
    ("CustomTxnNumbers", Flag),
    ("AllowDeposit", Flag),
    ("AllowDiscount", Flag),
    ("DefaultDiscountAccount", Id("Account")),
    ("AllowEstimates", Flag),
    ("ETransactionEnabledStatus", Text),
    ("ETransactionAttachPDF", Flag),
    ("ETransactionPaymentEnabled", Flag),
    ("IPNSupportEnabled", ReadOnly),
    ("AllowServiceDate", Flag),
    ("AllowShipping", Flag),
    ("DefaultShippingAccount", Id("Account")),
    ("AutoApplyCredit", Flag),
    ("AutoApplyPayments", Flag),
    ("DefaultTerms", Reference("Term")),
    ("UsingPriceLevels", Flag),
    ("UsingProgressInvoicing", Flag),
    ("DefaultCustomerMessage", Text),
    ("EstimateMessage", Text),
    ("EmailCopyToCompany", Flag),
    ("SalesEmailCc", Any),
    ("SalesEmailBcc", Any),
    ("CustomField", ReadOnly),
];

/// The settings as an update leaves them: a sparse one changes what it names, a
/// full one also clears what it does not name and may be written.
///
/// # Errors
///
/// 2010 for a setting there is not or a value of another form, 2500 for a
/// reference to nothing, 6000 for turning several currencies off.
pub(super) fn updated(books: &Books, old: &Object, (body, sparse): (&Object, bool)) -> Result<Object, Fault> {
    let empty = Object::new();
    let mut settings = old.clone();
    for (section, known) in SECTIONS {
        let sent = match body.get(*section).filter(|value| !value.is_null()) {
            Some(value) => value.as_object().ok_or_else(|| normalise::wrong_type(section))?,
            None => &empty,
        };
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        normalise::check_keys(sent, section, &names)?;
        let place = settings.entry(*section).or_insert_with(|| json!({}));
        let Some(place) = place.as_object_mut() else { continue };
        for (name, form) in *known {
            match sent.get(*name).filter(|value| !value.is_null()) {
                Some(value) => set(books, place, (name, *form), value)?,
                None if !sparse => clear(place, (name, *form)),
                None => {}
            }
        }
    }
    settings.retain(|_, value| *value != json!({}));
    Ok(settings)
}

/// Sets a setting by its dotted path, whatever it holds, as Intuit itself could;
/// `null` takes it away. A name below `OtherPrefs` is that of a pair.
///
/// # Errors
///
/// Where the path leads through a value that is no object.
pub(super) fn put(books: &mut Books, path: &str, value: Value) -> Result<(), String> {
    let Some(kept) = books.shelf("Preferences").get(1) else { return Ok(()) };
    let mut settings = Value::Object(kept.object.clone());
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let mut place = &mut settings;
    for step in parents.split('.').filter(|step| !step.is_empty()) {
        place = &mut place[step];
        if !place.is_object() && !place.is_null() {
            return Err(format!("{path} is no setting: {step} holds a value and no settings"));
        }
    }
    if parents == "OtherPrefs" && last != "NameValue" {
        let pairs = merged(place.get("NameValue"), &[json!({ "Name": last, "Value": scalar(&value) })]);
        place["NameValue"] = pairs;
    } else if value.is_null() {
        if let Some(parent) = place.as_object_mut() {
            parent.remove(last);
        }
    } else {
        place[last] = value;
    }
    books.put(&PREFERENCES, 1, object(settings), Token::Rise);
    follow(books);
    Ok(())
}

/// What comes with a setting: automated tax brings its codes, several currencies
/// the account for what is gained between them.
pub(super) fn follow(books: &mut Books) {
    if books.allows("CurrencyPrefs.MultiCurrencyEnabled") {
        exchange::seed_account(books);
    }
    if books.allows("TaxPrefs.PartnerTaxEnabled") {
        taxes::seed_states(books).expect("the codes of the states have names of their own");
    }
}

fn set(
    books: &Books,
    place: &mut Object,
    (name, form): (&'static str, Form),
    value: &Value,
) -> Result<(), Fault> {
    let kept = match form {
        ReadOnly => return Ok(()),
        Flag | Once => {
            let flag = value.as_bool().ok_or_else(|| normalise::wrong_type(name))?;
            if form == Once && !flag && place.get(name) == Some(&json!(true)) {
                return Err(Fault::business("Multicurrency cannot be turned off once it is turned on."));
            }
            json!(flag)
        }
        Text => json!(normalise::text(name, value, 4000)?),
        Day | Id(_) if value == "" || (value == false && form != Day) => {
            place.remove(name);
            return Ok(());
        }
        Day => normalise::day(name, value)?,
        Id(target) => {
            let id = scalar(value).ok_or_else(|| normalise::wrong_type(name))?;
            references::check(books, target, &id)?;
            json!(id)
        }
        Reference(target) => {
            let reference = normalise::reference(name, value)?;
            if let Some(id) = reference.get("value").and_then(Value::as_str) {
                references::check(books, target, id)?;
            }
            reference
        }
        Any => value.clone(),
        Pairs => {
            let pairs = value.as_array().filter(|pairs| pairs.iter().all(Value::is_object));
            merged(place.get(name), pairs.ok_or_else(|| normalise::wrong_type(name))?)
        }
    };
    if kept.is_null() {
        place.remove(name);
    } else {
        place.insert(name.to_owned(), kept);
    }
    Ok(())
}

fn clear(place: &mut Object, (name, form): (&'static str, Form)) {
    match form {
        Flag => {
            if let Some(value) = place.get_mut(name) {
                *value = json!(false);
            }
        }
        Text | Day | Id(_) | Reference(_) | Any => {
            place.remove(name);
        }
        Once | Pairs | ReadOnly => {}
    }
}

fn merged(old: Option<&Value>, sent: &[Value]) -> Value {
    let mut pairs = old.and_then(Value::as_array).cloned().unwrap_or_default();
    for pair in sent {
        match pairs.iter_mut().find(|known| known["Name"] == pair["Name"]) {
            Some(known) => known["Value"] = pair["Value"].clone(),
            None => pairs.push(pair.clone()),
        }
    }
    json!(pairs)
}
