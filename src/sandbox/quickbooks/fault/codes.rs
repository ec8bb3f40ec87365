//! Every code the service is documented to answer, with its headline, an
//! example of its detail, its HTTP status and the kind of fault it comes as.
//! Only a few were recorded; where the service's list of codes gives no
//! example, the detail is ours.

/// What belongs to a code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) code: &'static str,
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) message: &'static str,
    pub(super) detail: &'static str,
}

/// The row of a code.
pub(super) fn row(code: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.code == code)
}

const fn validation(code: &'static str, message: &'static str, detail: &'static str) -> Row {
    Row { code, status: 400, kind: "ValidationFault", message, detail }
}

const fn other(
    code: &'static str,
    (status, kind): (u16, &'static str),
    message: &'static str,
    detail: &'static str,
) -> Row {
    Row { code, status, kind, message, detail }
}

/// The gateway's answers to calls it does not know (recorded for 401).
const AUTHENTICATION: (u16, &str) = (401, "AUTHENTICATION");

/// By number, as the service lists them.
pub(super) const ROWS: &[Row] = &[
    other(
        "100",
        AUTHENTICATION,
        "message=AuthenticationErrorGeneral; errorCode=000100; statusCode=401",
        "AuthenticationErrorGeneral: the request could not be authenticated",
    ),
    other(
        "110",
        AUTHENTICATION,
        "message=AuthenticationOAuthError; errorCode=000110; statusCode=401",
        "AuthenticationOAuthError: the request carries no access token",
    ),
    other(
        "120",
        (401, "AuthorizationFault"),
        "Authorization Failure",
        "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus.",
    ),
    other(
        "130",
        (400, "AuthorizationFault"),
        "Accessing Wrong Cluster",
        "WrongClusterError: the company lives on another cluster, statusCode: 400",
    ),
    other(
        "140",
        (400, "AuthorizationFault"),
        "Company Locked Out",
        "CompanyLockedOut: the company is locked, statusCode: 400",
    ),
    other(
        "150",
        (400, "AuthorizationFault"),
        "Company Under Maintenance",
        "CompanyUnderMaintenance: the company is under maintenance, statusCode: 400",
    ),
    validation("500", "Unsupported Operation", "Operation merge is not supported."),
    validation("600", "Duplicate Request ID", "The request ID already exists in the system."),
    validation(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the fields with \
         accounts, customers, items, vendors or employees.",
    ),
    validation(
        "620",
        "Transaction ID Cannot Be Linked",
        "TxnID Cannot Be Linked : Cannot validate linked transactions. One or more of the linked \
         transactions does not exist, is paid, or belongs to another customer.",
    ),
    validation("630", "Duplicate Object", "An object with the same unique properties already exists."),
    validation("700", "Parent Reference Invalid", "The parent is not a valid reference."),
    validation("800", "Cannot delete object", "The object cannot be deleted while others depend on it."),
    validation("900", "Parent cannot be child", "An object cannot be the parent or child of itself."),
    validation("1000", "Operation failed", "Operation create failed."),
    validation("1010", "Create Failed", "Object creation failed."),
    validation("1020", "Update Failed", "Object update failed."),
    validation("1040", "Batch size exceeds allowed limit", "The batch holds 31 items. Maximum allowed is 30"),
    validation("2000", "Invalid object name", "Object Custmoer is not supported"),
    validation(
        "2010",
        "Request has invalid or unsupported property",
        "Property Name:Unrecognized field specified is unsupported or invalid",
    ),
    validation(
        "2020",
        "Required param missing, need to supply the required value for the API",
        "Required parameter Line is missing in the request",
    ),
    validation("2030", "Invalid ID", "Id should be a valid number. Supplied value:1.5"),
    validation("2040", "Invalid String", "Invalid String. DisplayName has characters that are not supported"),
    validation(
        "2050",
        "String length is either shorter or longer than supported by specification",
        "String length specified does not match the supported length. Min:0 Max:1,000 supported. Supplied \
         length:1,001",
    ),
    validation("2060", "Invalid date", "Invalid date. Supplied value:yesterday"),
    validation("2070", "Invalid Date Range", "Invalid Date Range. Supplied value:0001-01-01"),
    validation("2080", "Invalid Boolean", "Invalid Boolean. Supplied value:maybe"),
    validation("2090", "Invalid Number", "Invalid Number. Supplied value:ten"),
    validation("2100", "Number out of range", "Number out of range. Supplied value:1e15"),
    validation("2110", "Invalid decimal format", "Invalid decimal format. Supplied value:1.2.3"),
    validation("2140", "Invalid amount", "Invalid amount. Supplied value:1e15"),
    validation("2150", "Invalid percent", "Invalid percent. Supplied value:101"),
    validation("2160", "Invalid quantity", "Invalid quantity. Supplied value:1e15"),
    validation("2170", "Invalid Enumeration", "Invalid Enumeration : Odd"),
    validation("2200", "Invalid URL format", "Invalid URL format. Supplied value:not a page"),
    validation(
        "2210",
        "Invalid Email Address format",
        "Email Address does not conform to the syntax rules of RFC 822.",
    ),
    validation("2220", "Invalid currency", "Invalid currency. Supplied value:XYZ"),
    validation("2250", "Missing lines", "The transaction has no lines"),
    validation("2260", "Posting type missing", "Posting type is required for journal entry lines"),
    validation("2270", "Invalid tax", "Tax is not supported for this line"),
    validation("2280", "Invalid tax code", "Invalid tax code. Supplied value:2"),
    validation("2290", "Negative amount not supported", "Negative amounts are not supported on lines"),
    validation(
        "2300",
        "Journal entry is not balanced",
        "Total debits and total credits of the journal entry differ",
    ),
    validation("2500", "Invalid Reference Id", "Invalid Reference Id : Accounts element id 7 not found"),
    validation("2600", "Conflicting elements", "Elements of the request contradict each other"),
    other(
        "3001",
        (429, "SERVICE"),
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached. Please try again later.",
    ),
    other(
        "3100",
        (403, "AUTHORIZATION"),
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
        "The app is not connected to this company",
    ),
    other(
        "3200",
        AUTHENTICATION,
        "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        "Token expired: ",
    ),
    other(
        "3202",
        AUTHENTICATION,
        "message=AuthenticationFailed; errorCode=003202; statusCode=401",
        "Token is malformed",
    ),
    validation(
        "4000",
        "Error parsing query",
        "QueryParserError: Encountered \" \">\" \"> \"\" at line 1, column 45.\nWas expecting one of:",
    ),
    validation("4001", "Invalid query", "QueryValidationError: invalid context declaration: Custmoer"),
    validation("4002", "Error processing query", "QueryProcessingError: the query could not be carried out"),
    validation(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and Craig Carlson were working on this at the same time. Craig Carlson \
         finished before you did, so your work was not saved.",
    ),
    validation(
        "5020",
        "Permission Denied Error",
        "Permission Denied Error : You do not have permission to access this feature.",
    ),
    validation("5030", "Feature Not Supported Error", "Feature Not Supported Error : Purchase Orders"),
    validation(
        "6000",
        "A business validation error has occurred while processing your request",
        "Business Validation Error: You must set a transaction amount.",
    ),
    validation(
        "6010",
        "Invalid Account Type",
        "Either an Account.AccountType or an Account.AccountSubType must be specified",
    ),
    validation(
        "6040",
        "The file metadata must be of Attachable type",
        "The file metadata submitted must be of Attachable type.",
    ),
    validation(
        "6050",
        "The entity reference type is unsupported for Attachable",
        "The entity reference type Odd is unsupported for Attachable",
    ),
    validation(
        "6070",
        "Amount calculation incorrect in the request",
        "Amount is not equal to UnitPrice * Qty. Supplied value:10",
    ),
    validation(
        "6090",
        "Discount Line missing required info",
        "Discount amount or percent should be provided.",
    ),
    validation(
        "6100",
        "Invalid Line TaxCode in the request",
        "Valid Line TaxCodes for US should be TAX or NON. Supplied value:2",
    ),
    validation(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has already \
         been used. DocNumber=1038 is assigned to TxnType=Invoice with TxnId=201",
    ),
    validation("6160", "Invalid tax code", "The tax code of a line is missing or unknown"),
    validation("6170", "Invalid tax detail", "The tax detail of the transaction is missing or unknown"),
    validation(
        "6190",
        "Invalid Company Status",
        "Subscription period has ended or canceled or there was a billing problem : You can't add data to \
         QuickBooks Online Plus because your trial or subscription period ended.",
    ),
    validation(
        "6200",
        "Account Period Closed, password required",
        "The account period has closed, a password is required to change it.",
    ),
    validation(
        "6210",
        "Account Period Closed",
        "The account period has closed and the account books cannot be updated through the QBO Services \
         API. Please use the QBO website to make these changes.",
    ),
    validation("6220", "Cannot delete with balance", "The object has a balance and cannot be deleted."),
    validation("6230", "Invalid tax rate", "The tax rate of the transaction is missing or unknown"),
    validation("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null"),
    validation("6250", "Invalid Sales Customer", "The customer of the sale is missing or inactive."),
    validation("6270", "Invalid inventory date", "The date lies before the item's inventory start date."),
    validation("6280", "Cannot delete with unbilled charges", "The object has unbilled charges."),
    validation("6420", "E-mail address required", "An e-mail address is required to send the form."),
    validation("6430", "Invalid account type", "The account has a type that cannot be used here."),
    validation("6450", "Cannot void settled transaction", "The transaction is settled and cannot be voided."),
    validation("6470", "Invalid tax detail", "The tax code and the tax detail contradict each other"),
    validation("6480", "Cannot void matched transaction", "The transaction is matched and cannot be voided."),
    validation(
        "6540",
        "Deposited Transaction cannot be changed",
        "This transaction has been deposited. If you want to change or delete it, you must edit the deposit \
         it appears on and remove it first.",
    ),
    validation("6560", "CustomerRef missing", "CustomerRef is required."),
    other(
        "10000",
        (500, "SystemFault"),
        "An application error has occurred while processing your request",
        "System Failure Error: null",
    ),
    other("10100", (400, "SystemFault"), "Result set too big", "The result set is too big: use paging."),
    other("10200", (400, "SystemFault"), "Company reset", "The data of the company was reset."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_in_order() {
        let numbers: Vec<u32> = ROWS.iter().map(|row| row.code.parse().unwrap()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }

    #[test]
    fn gateway_messages_name_their_code_and_status() {
        for row in ROWS.iter().filter(|row| row.message.starts_with("message=")) {
            let number: u32 = row.code.parse().unwrap();
            let tail = format!("; errorCode={number:06}; statusCode={}", row.status);
            assert!(row.message.ends_with(&tail), "{}", row.message);
        }
    }
}
