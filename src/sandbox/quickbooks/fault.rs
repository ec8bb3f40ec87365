//! Refusals of the Accounting API, worded as the service words them.

use std::fmt;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::stamp;

mod codes;

/// One entry of a `Fault` block. A single call answers it with HTTP 400, a
/// batch puts it beside the item under HTTP 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Intuit's number for the kind of refusal; a string on the wire.
    pub code: &'static str,
    /// The headline, the same for every refusal of this code.
    pub message: String,
    /// What was wrong with this request.
    pub detail: String,
    /// The property at fault, where the service names one.
    pub element: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.detail, self.code)
    }
}

impl std::error::Error for Fault {}

impl Fault {
    pub(super) fn new(code: &'static str, message: &str, detail: impl Into<String>) -> Self {
        Self { code, message: message.to_owned(), detail: detail.into(), element: None }
    }

    pub(super) fn at(mut self, element: &str) -> Self {
        self.element = Some(element.to_owned());
        self
    }

    /// The fault of a code as the service words it, with an example of its
    /// detail; `None` for a code it is not documented to have.
    pub fn by_code(code: &str) -> Option<Self> {
        let row = codes::row(code)?;
        Some(Self::new(row.code, row.message, row.detail))
    }

    /// Every code the service is documented to have, by number.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        codes::ROWS.iter().map(|row| row.code)
    }

    /// Status and body of the answer to a single call, in the shape this code
    /// comes in: the gateway speaks for itself, the API puts a `Fault` block
    /// beside the time.
    pub fn answer(&self, now: Timestamp) -> (StatusCode, Value) {
        let row = codes::row(self.code);
        let status = row.and_then(|row| StatusCode::from_u16(row.status).ok());
        let status = status.unwrap_or(StatusCode::BAD_REQUEST);
        if self.kind().chars().all(char::is_uppercase) && status != StatusCode::TOO_MANY_REQUESTS {
            return (status, self.gateway(now));
        }
        let mut body = json!({ "Fault": self.json() });
        // An invalid id is answered without a time (recorded).
        if self.code != "2030" {
            body["time"] = json!(stamp::millis(now));
        }
        (status, body)
    }

    /// The `Fault` block itself, without its envelope.
    pub fn json(&self) -> Value {
        let mut error = json!({ "Message": self.message, "Detail": self.detail, "code": self.code });
        if let Some(element) = &self.element {
            error["element"] = json!(element);
        }
        json!({ "Error": [error], "type": self.kind() })
    }

    /// The gateway's own envelope, whose time is a number (recorded for 401).
    fn gateway(&self, now: Timestamp) -> Value {
        let error = json!({
            "message": self.message, "detail": self.detail, "code": self.code, "element": null,
        });
        json!({
            "warnings": null, "intuitObject": null,
            "fault": { "error": [error], "type": self.kind() }, "report": null,
            "queryResponse": null, "batchItemResponse": [], "attachableResponse": [],
            "syncErrorResponse": null, "requestId": null, "time": now.as_millisecond(), "status": null,
            "cdcresponse": [],
        })
    }

    fn kind(&self) -> &'static str {
        codes::row(self.code).map_or("ValidationFault", |row| row.kind)
    }

    /// A code of the table; its detail may be set anew.
    pub(super) fn known(code: &'static str) -> Self {
        Self::by_code(code).unwrap_or_else(|| Self::new(code, "", ""))
    }

    /// The same with another detail.
    pub(super) fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    pub(super) fn missing(parameter: &str) -> Self {
        let message = "Required param missing, need to supply the required value for the API";
        let detail = format!("Required parameter {parameter} is missing in the request");
        Self::new("2020", message, detail).at(parameter)
    }

    pub(super) fn invalid_id(supplied: &str) -> Self {
        let detail = format!("Id should be a valid number. Supplied value:{supplied}");
        Self::new("2030", "Invalid ID", detail).at("Id")
    }

    /// The answer for an id that was never given, is gone, or is inactive.
    pub(super) fn not_found() -> Self {
        let detail = "Object Not Found : Something you're trying to use has been made inactive. Check the \
                      fields with accounts, customers, items, vendors or employees.";
        Self::new("610", "Object Not Found", detail).at("")
    }

    pub(super) fn stale() -> Self {
        let detail = "Stale Object Error : You and Craig Carlson were working on this at the same time. \
                      Craig Carlson finished before you did, so your work was not saved.";
        Self::new("5010", "Stale Object Error", detail).at("")
    }

    /// REST answers end in `: null` where the UI names the rival (recorded).
    pub(super) fn name_taken() -> Self {
        Self::new("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null")
    }

    pub(super) fn number_taken(number: &str, kind: &str, id: u64) -> Self {
        let detail = format!(
            "Duplicate Document Number Error : You must specify a different number. This number has already \
             been used. DocNumber={number} is assigned to TxnType={kind} with TxnId={id}"
        );
        Self::new("6140", "Duplicate Document Number Error", detail)
    }

    pub(super) fn bad_reference(table: &str, id: &str) -> Self {
        let detail = format!("Invalid Reference Id : {table} element id {id} not found");
        Self::new("2500", "Invalid Reference Id", detail)
    }

    pub(super) fn inactive_reference() -> Self {
        let detail = "Invalid Reference Id : Something you're trying to use has been made inactive. Check the \
                      fields with accounts, customers, items, vendors or employees.";
        Self::new("2500", "Invalid Reference Id", detail)
    }

    pub(super) fn length(element: &str, max: usize, supplied: usize) -> Self {
        let detail = format!(
            "String length specified does not match the supported length. Min:0 Max:{} supported. Supplied \
             length:{}",
            thousands(max),
            thousands(supplied)
        );
        Self::new("2050", "String length is either shorter or longer than supported by specification", detail)
            .at(element)
    }

    pub(super) fn characters(element: &str) -> Self {
        let detail =
            format!("Invalid String. {element} has characters that are not supported: colon, tab, new line");
        Self::new("2040", "Invalid String", detail).at(element)
    }

    pub(super) fn property(text: &str) -> Self {
        let detail = format!("Property Name:{text} specified is unsupported or invalid");
        Self::new("2010", "Request has invalid or unsupported property", detail)
    }

    /// A field the class does not have, in the words of its JSON reader.
    pub(super) fn unrecognized(field: &str, class: &str, known: &[&str]) -> Self {
        let names: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
        Self::property(&format!(
            "Unrecognized field \"{field}\" (class com.intuit.schema.finance.v3.{class}), not marked as \
             ignorable ({} known properties: {}])\n",
            known.len(),
            names.join(", ")
        ))
    }

    pub(super) fn business(text: &str) -> Self {
        let message = "A business validation error has occurred while processing your request";
        Self::new("6000", message, format!("Business Validation Error: {text}")).at("")
    }

    /// The refusal of a line that was read from an answer and sent back with
    /// its `LineEx` (recorded).
    pub(super) fn line_ex() -> Self {
        Self::property("Unrecognized field \"globalScope\" (class javax.xml.bind.JAXBElement)\n")
    }

    pub(super) fn unsupported(operation: &str) -> Self {
        let detail = format!("Operation {operation} is not supported.");
        Self::new("500", "Unsupported Operation", detail)
    }

    pub(super) fn cannot_link() -> Self {
        let detail = "TxnID Cannot Be Linked : Cannot validate linked transactions. One or more of the linked \
                      transactions does not exist, is paid, or belongs to another customer.";
        Self::new("620", "Transaction ID Cannot Be Linked", detail)
    }

    pub(super) fn closed() -> Self {
        let detail = "The account period has closed and the account books cannot be updated through the QBO \
                      Services API. Please use the QBO website to make these changes.";
        Self::new("6210", "Account Period Closed", detail)
    }

    pub(super) fn deposited() -> Self {
        let detail = "This transaction has been deposited. If you want to change or delete it, you must edit \
                      the deposit it appears on and remove it first.";
        Self::new("6540", "Deposited Transaction cannot be changed", detail)
    }

    pub(super) fn bad_value(code: &'static str, message: &str, element: &str, supplied: &str) -> Self {
        Self::new(code, message, format!("{message}. Supplied value:{supplied}")).at(element)
    }
}

/// The service groups digits in lengths: `1,001` (recorded).
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn has_the_recorded_shape() {
        let expected = json!({ "Error": [{
            "Message": "Required param missing, need to supply the required value for the API",
            "Detail": "Required parameter Name is missing in the request",
            "code": "2020", "element": "Name" }], "type": "ValidationFault" });
        assert_eq!(Fault::missing("Name").json(), expected);
    }
}
