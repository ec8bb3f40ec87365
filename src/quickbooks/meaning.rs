//! What a fault means: which warning, whose matter, and when to try again.

use crate::model::{Code, Retry, VendorFault};

/// What a refusal may say besides its code.
const ONE_NAME: &str = "only add or edit one name at a time";

/// A fault as a record's warning: by code and by words, because Intuit's own
/// pages do not agree on the codes.
pub fn code_of(fault: &VendorFault) -> Code {
    let words = words(fault);
    // An old page of Intuit's prints 6210 for it, and some programs know it as
    // 6240.
    if words.contains("duplicate document number") {
        return Code::DuplicateNumber;
    }
    match fault.code.as_str() {
        "100" | "110" | "120" | "3100" | "3200" | "3202" => Code::Reconnect,
        "130" | "140" | "150" | "4002" => Code::QuickbooksUnreachable,
        "600" | "10000" => Code::UnknownOutcome,
        "610" if words.contains("deleted") => Code::DeletedInQuickbooks,
        // An item or an account is made inactive far more often than a customer,
        // and the link of that one is looked at by itself.
        "610" | "2500" | "6010" | "6160" | "6170" | "6230" | "6250" | "6430" | "6470" => {
            Code::ReferenceMissing
        }
        "2200" | "2210" | "6420" => Code::InvalidRecord,
        "2220" => Code::CurrencyMismatch,
        "3001" => Code::Throttled,
        "5020" | "5030" | "10200" => Code::CompanySetting,
        "6140" => Code::DuplicateNumber,
        "6190" => Code::CompanyInactive,
        "6200" | "6210" => Code::ClosedPeriod,
        "6240" => Code::NameTaken,
        "6540" => Code::Deposited,
        _ if words.contains("throttleexceeded") => Code::Throttled,
        _ if words.contains("already using this name") => Code::NameTaken,
        _ if words.contains("account period") && words.contains("closed") => Code::ClosedPeriod,
        _ if words.contains("has been deposited") => Code::Deposited,
        _ => Code::Refused,
    }
}

/// The warning of the whole company that a fault becomes, where it concerns
/// more than one record.
pub fn company_code(fault: &VendorFault) -> Option<Code> {
    match (fault.code.as_str(), code_of(fault)) {
        ("10200", code) | (_, code @ (Code::CompanyInactive | Code::Reconnect | Code::Throttled)) => {
            Some(code)
        }
        (_, code @ Code::QuickbooksUnreachable) => Some(code),
        _ => None,
    }
}

/// When what was refused is tried again though nothing about it changed.
pub fn retry_of(fault: &VendorFault) -> Retry {
    let words = words(fault);
    match fault.code.as_str() {
        // Two programs met; nothing is wrong with the record.
        _ if words.contains(ONE_NAME) => Retry::Soon,
        // What it refers to moved on meanwhile; the next pass sees how.
        "620" | "5010" => Retry::Soon,
        _ => code_of(fault).remedy().retry,
    }
}

/// Faults that Intuit's own trouble causes: the request may be made again, and
/// a write may have taken effect.
pub(super) fn is_transient(fault: &VendorFault) -> bool {
    matches!(fault.code.as_str(), "600" | "10000" | "150" | "140" | "130" | "4002")
}

fn words(fault: &VendorFault) -> String {
    format!("{} {}", fault.message, fault.detail).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (&'static [&'static str], &'static str, &'static str, Code, Option<Code>, Retry);

    const NOBODY: Option<Code> = None;

    /// Intuit's list of codes, with the words of its answers where they are
    /// known.
    #[rustfmt::skip]
    const ROWS: &[Row] = &[
        (&["3200"], "message=AuthenticationFailed; errorCode=003200; statusCode=401", "Token expired: ", Code::Reconnect, Some(Code::Reconnect), Retry::Person),
        (&["3202", "100", "110"], "message=AuthenticationFailed", "empty token", Code::Reconnect, Some(Code::Reconnect), Retry::Person),
        (&["120"], "Authorization Failure", "AuthorizationFailure: -11014-You do not have access", Code::Reconnect, Some(Code::Reconnect), Retry::Person),
        (&["3100"], "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403", "", Code::Reconnect, Some(Code::Reconnect), Retry::Person),
        (&["130", "140", "150"], "Company Under Maintenance", "", Code::QuickbooksUnreachable, Some(Code::QuickbooksUnreachable), Retry::Soon),
        (&["3001"], "message=ThrottleExceeded; errorCode=003001; statusCode=429", "", Code::Throttled, Some(Code::Throttled), Retry::Throttled),
        (&[""], "message=ThrottleExceeded; statusCode=403", "", Code::Throttled, Some(Code::Throttled), Retry::Throttled),
        (&["500"], "Unsupported Operation", "Operation merge is not supported.", Code::Refused, NOBODY, Retry::Person),
        (&["600"], "Duplicate Request ID", "", Code::UnknownOutcome, NOBODY, Retry::Probe),
        (&["610"], "Object Not Found", "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.", Code::ReferenceMissing, NOBODY, Retry::Person),
        (&["610"], "Object Not Found", "Another user has deleted this transaction.", Code::DeletedInQuickbooks, NOBODY, Retry::Person),
        (&["620"], "TxnID Cannot Be Linked", "Cannot validate linked transactions", Code::Refused, NOBODY, Retry::Soon),
        (&["630", "700", "800", "900"], "Duplicate Object", "", Code::Refused, NOBODY, Retry::Person),
        (&["1000", "1010", "1020", "1030", "1040"], "Operation failed", "", Code::Refused, NOBODY, Retry::Person),
        (&["2000"], "Invalid object name", "", Code::Refused, NOBODY, Retry::Person),
        (&["2010"], "Request has invalid or unsupported property", "Property Name:Unrecognized field", Code::Refused, NOBODY, Retry::Person),
        (&["2020"], "Required param missing, need to supply the required value for the API", "Required parameter Line is missing in the request", Code::Refused, NOBODY, Retry::Person),
        (&["2030"], "Invalid ID", "Id should be a valid number. Supplied value:1.5", Code::Refused, NOBODY, Retry::Person),
        (&["2040"], "Invalid String", "", Code::Refused, NOBODY, Retry::Person),
        (&["2050"], "String length is either shorter or longer than supported by specification", "Min:0 Max:1,000 supported. Supplied length:1,001", Code::Refused, NOBODY, Retry::Person),
        (&["2060", "2070", "2080", "2090", "2100", "2110"], "Invalid Number", "", Code::Refused, NOBODY, Retry::Person),
        (&["2140", "2150", "2160", "2170"], "Invalid Enumeration", "", Code::Refused, NOBODY, Retry::Person),
        (&["2200", "2210"], "Invalid Email Address format", "Email Address does not conform to the syntax rules of RFC 822.", Code::InvalidRecord, NOBODY, Retry::Person),
        (&["2220"], "Invalid currency", "", Code::CurrencyMismatch, NOBODY, Retry::Person),
        (&["2250", "2260", "2270", "2280", "2290", "2300"], "Missing lines", "", Code::Refused, NOBODY, Retry::Person),
        (&["2500"], "Invalid Reference Id", "Invalid Reference Id : Accounts element id 7 not found", Code::ReferenceMissing, NOBODY, Retry::Person),
        (&["2600"], "Conflicting elements", "", Code::Refused, NOBODY, Retry::Person),
        (&["4000", "4001"], "Error parsing query", "QueryParserError: Encountered", Code::Refused, NOBODY, Retry::Person),
        (&["4002"], "Error processing query", "", Code::QuickbooksUnreachable, Some(Code::QuickbooksUnreachable), Retry::Soon),
        (&["5010"], "Stale Object Error", "Stale Object Error : You and X were working on this at the same time. X finished before you did, so your work was not saved.", Code::Refused, NOBODY, Retry::Soon),
        (&["5020", "5030"], "Feature Not Supported Error", "", Code::CompanySetting, NOBODY, Retry::Person),
        (&["6000"], "A business validation error has occurred while processing your request", "Business Validation Error: You must set a transaction amount.", Code::Refused, NOBODY, Retry::Person),
        (&["6000"], "A business validation error has occurred while processing your request", "Business Validation Error: You can only add or edit one name at a time.", Code::Refused, NOBODY, Retry::Soon),
        (&["6010", "6430"], "Invalid Account Type", "", Code::ReferenceMissing, NOBODY, Retry::Person),
        (&["6070"], "Amount calculation incorrect in the request", "Amount is not equal to UnitPrice * Qty", Code::Refused, NOBODY, Retry::Person),
        (&["6090", "6100"], "US TaxCode must be TAX or NON", "", Code::Refused, NOBODY, Retry::Person),
        (&["6140"], "Duplicate Document Number Error", "Duplicate Document Number Error : You must specify a different number. This number has already been used. DocNumber=1042 is assigned to TxnType=Invoice with TxnId=58", Code::DuplicateNumber, NOBODY, Retry::Person),
        (&["6210", "6240"], "Duplicate Document Number Error", "You must specify a different number.", Code::DuplicateNumber, NOBODY, Retry::Person),
        (&["6160", "6170", "6230", "6470"], "Invalid tax code", "", Code::ReferenceMissing, NOBODY, Retry::Person),
        (&["6190"], "Invalid Company Status", "Subscription period has ended or canceled or there was a billing problem", Code::CompanyInactive, Some(Code::CompanyInactive), Retry::Person),
        (&["6200", "6210"], "Account Period Closed", "The account period has closed and the account books cannot be updated through the QBO Services API.", Code::ClosedPeriod, NOBODY, Retry::Person),
        (&["6220", "6280"], "Cannot delete with a balance", "", Code::Refused, NOBODY, Retry::Person),
        (&["6240"], "Duplicate Name Exists Error", "The name supplied already exists. : Another customer, vendor or employee is already using this name. Please use a different name.", Code::NameTaken, NOBODY, Retry::Person),
        (&["6240"], "Duplicate Name Exists Error", "The name supplied already exists. : null", Code::NameTaken, NOBODY, Retry::Person),
        (&["6250"], "InvalidSalesCustomer", "", Code::ReferenceMissing, NOBODY, Retry::Person),
        (&["6270"], "Invalid inventory date", "", Code::Refused, NOBODY, Retry::Person),
        (&["6420"], "Email required", "", Code::InvalidRecord, NOBODY, Retry::Person),
        (&["6450", "6480"], "Cannot void a settled transaction", "", Code::Refused, NOBODY, Retry::Person),
        (&["6540"], "Deposited Transaction cannot be changed", "This transaction has been deposited. If you want to change or delete it, you must edit the deposit it appears on and remove it first.", Code::Deposited, NOBODY, Retry::Person),
        (&["6560"], "CustomerRef missing", "", Code::Refused, NOBODY, Retry::Person),
        (&["10000"], "An application error has occurred while processing your request", "System Failure Error: ", Code::UnknownOutcome, NOBODY, Retry::Probe),
        (&["10100"], "Result set too big", "", Code::Refused, NOBODY, Retry::Person),
        (&["10200"], "Company reset", "", Code::CompanySetting, Some(Code::CompanySetting), Retry::Person),
    ];

    #[test]
    fn every_code_of_intuits_leads_to_a_warning() {
        for (codes, message, detail, code, company, retry) in ROWS {
            for number in *codes {
                let fault = VendorFault {
                    code: (*number).to_owned(),
                    message: (*message).to_owned(),
                    detail: (*detail).to_owned(),
                    intuit_tid: None,
                };
                let found = (code_of(&fault), company_code(&fault), retry_of(&fault));
                assert_eq!(found, (*code, *company, *retry), "{number} {message} {detail}");
            }
        }
    }
}
