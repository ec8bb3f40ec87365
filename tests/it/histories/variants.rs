//! What a variant of a history means: for both vendors, and in `[posting]`.

use std::time::Duration;

use latchd::sandbox::staxbill::{Allocations, CreditNotes, Options};
use latchd::sandbox::{Sandbox, SandboxOptions, quickbooks};
use serde_json::json;

use super::acts::Variant;
use crate::company::options;

/// What customers are billed in; the first is the company's own.
pub(super) const CURRENCIES: [&str; 3] = ["USD", "EUR", "JPY"];
const DAY: Duration = Duration::from_hours(24);

/// Both vendors as the variant has them.
pub(super) fn sandbox(variant: Variant) -> Sandbox {
    let staxbill = Options {
        allocations: if variant.gross { Allocations::Gross } else { Allocations::Net },
        credit_notes: if variant.note_per_charge { CreditNotes::PerCharge } else { CreditNotes::PerAct },
        reversal_frees_payments: variant.reversal_frees,
        ..Options::default()
    };
    // A kill may fall between Intuit's rotation and our writing; what comes of
    // that where there is no grace is told by the tests of tokens.
    let quickbooks = quickbooks::Options { rotation_grace: DAY, ..quickbooks::Options::default() };
    let sandbox = Sandbox::bare(SandboxOptions { staxbill, quickbooks, ..options(false) });
    if variant.currencies {
        sandbox.quickbooks.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
        for code in &CURRENCIES[1..] {
            let entered = sandbox.quickbooks.bookkeeper().create("CompanyCurrency", json!({ "Code": code }));
            entered.expect("it is a currency");
        }
    }
    sandbox
}

/// What stands in `[posting]` beside the usual.
pub(super) fn posting(variant: Variant) -> String {
    let mut lines = String::new();
    if variant.entries {
        lines.push_str("refund_as = \"journal-entry\"\nrefund_account = \"Checking\"\n");
    }
    if variant.discount_line {
        lines.push_str("discounts = \"line\"\n");
    }
    if variant.tax_codes {
        lines.push_str("tax = \"codes\"\n");
    }
    lines
}
