//! Refusals by Intuit's number, for rules that ask for one out of the blue.

/// Status, type, headline and detail of a refusal. A number that is not listed
/// is a validation fault of no particular words.
pub(super) fn by_code(code: u32) -> (u16, &'static str, &'static str, &'static str) {
    let found = FAULTS.iter().find(|fault| fault.0 == code);
    let (_, status, kind, message, detail) = found.unwrap_or(&UNLISTED);
    (*status, kind, message, detail)
}

type Listed = (u32, u16, &'static str, &'static str, &'static str);

const UNLISTED: Listed = (0, 400, VALIDATION, "Validation error", "The request was refused.");

const VALIDATION: &str = "ValidationFault";
const SYSTEM: &str = "SystemFault";
const AUTHENTICATION: &str = "AuthenticationFault";
const AUTHORIZATION: &str = "AuthorizationFault";

/// By number. Where only a headline is published, the detail repeats it.
const FAULTS: &[Listed] = &[
    (100, 401, AUTHENTICATION, "General authentication error", "General authentication error"),
    (110, 401, AUTHENTICATION, "Empty authentication token", "Empty authentication token"),
    (
        120,
        401,
        AUTHORIZATION,
        "Authorization Failure",
        "Authorization Failure: AuthorizationFailure: Unknown during Authentication, errorCode: -11014, message: You do not have access.",
    ),
    (130, 400, AUTHENTICATION, "Wrong cluster", "The company was moved to another cluster."),
    (140, 400, AUTHENTICATION, "Locked out", "The company is locked."),
    (150, 503, SYSTEM, "Maintenance", "The company is being maintained. Please try again later."),
    (500, 400, VALIDATION, "Unsupported Operation", "Operation is not supported."),
    (600, 400, VALIDATION, "Duplicate Request ID", "Duplicate Request ID"),
    (
        610,
        400,
        VALIDATION,
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
    ),
    (
        620,
        400,
        VALIDATION,
        "Transaction ID Cannot Be Linked",
        "TxnID Cannot Be Linked : Cannot validate linked transactions. One or more of the linked transactions does not exist, is paid, or belongs to another customer.",
    ),
    (4000, 400, VALIDATION, "Error parsing query", "QueryParserError: Error parsing query"),
    (4001, 400, VALIDATION, "Invalid query", "QueryValidationError: Invalid query"),
    (4002, 500, SYSTEM, "Error processing query", "Error processing query"),
    (
        5010,
        400,
        VALIDATION,
        "Stale Object Error",
        "Stale Object Error : You and Craig Carlson were working on this at the same time. Craig Carlson finished before you did, so your work was not saved.",
    ),
    (5020, 403, AUTHORIZATION, "Permission Denied Error", "Permission Denied Error"),
    (
        5030,
        400,
        VALIDATION,
        "Feature Not Supported Error",
        "Feature Not Supported Error : The feature you are trying to use is not included in this subscription.",
    ),
    (
        6000,
        400,
        VALIDATION,
        "A business validation error has occurred while processing your request",
        "Business Validation Error: You can only add or edit one name at a time. Please try again.",
    ),
    (
        6140,
        400,
        VALIDATION,
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used.",
    ),
    (
        6190,
        403,
        AUTHORIZATION,
        "Invalid Company Status",
        "Subscription period has ended or canceled or there was a billing problem : You can't add data to QuickBooks Online because your trial or subscription period ended, you canceled your subscription, or there was a billing problem.",
    ),
    (
        6200,
        400,
        VALIDATION,
        "Account Period Closed, password required",
        "The account period has closed and the account books cannot be updated through the QBO Services API. Please use the QBO website to make these changes.",
    ),
    (
        6210,
        400,
        VALIDATION,
        "Account Period Closed",
        "The account period has closed and the account books cannot be updated through the QBO Services API. Please use the QBO website to make these changes.",
    ),
    (6240, 400, VALIDATION, "Duplicate Name Exists Error", "The name supplied already exists. : null"),
    (
        6540,
        400,
        VALIDATION,
        "Deposited Transaction cannot be changed",
        "This transaction has been deposited. If you want to change or delete it, you must edit the deposit it appears on and remove it first.",
    ),
    (
        10000,
        500,
        SYSTEM,
        "An application error has occurred while processing your request",
        "System Failure Error: null",
    ),
    (10200, 400, SYSTEM, "The company was reset", "The company was reset."),
];
