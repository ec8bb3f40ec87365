//! Warnings: the stable codes, each with what it means and what to do.
//!
//! This table is the only place where the words stand: reports, `latchd
//! explain --codes` and the README's table are made from it.

use serde::{Deserialize, Serialize};

/// What to do about a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What it means, in a sentence.
    pub means: &'static str,
    /// What a person does next.
    pub todo: &'static str,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $means:literal, $todo:literal;)*) => {
        /// The root cause why a record is not right. The names are part of the
        /// contract: they are added to, never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`")] #[serde(rename = $name)] $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in reports and files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means and what to do.
            pub fn remedy(self) -> Remedy {
                match self { $(Self::$variant => Remedy { means: $means, todo: $todo },)* }
            }
        }
    };
}

codes! {
    NotConnected = "not-connected", "The customer has no line in the files.",
        "Decide: add a line under [links] that adopts it, creates it or skips it.";
    LinkNotFound = "link-not-found", "The QuickBooks customer named by the link is not there.",
        "Look the customer up in QuickBooks and correct `adopt` in its line.";
    LinkInactive = "link-inactive", "The linked QuickBooks customer is inactive.",
        "Make it active again in QuickBooks, or link another one.";
    LinkShared = "link-shared", "Two links name the same QuickBooks customer.",
        "Correct the line that is wrong, or write shared = true into both; nothing is posted for either until then.";
    LinkRemoved = "link-removed", "The customer's line vanished from the files.",
        "Put the line back, or write `skip` or `unlink` with the reason. Nothing is undone in QuickBooks.";
    IdentityMismatch = "identity-mismatch", "The living QuickBooks customer is not the one the link expects.",
        "Compare both names; correct `expect` or `adopt` in the customer's line.";
    CurrencyMismatch = "currency-mismatch", "The currency of a customer or an account differs between Stax Bill and QuickBooks.",
        "Link a QuickBooks customer of the same currency, as QuickBooks cannot change one; where the reason names an account, name another.";
    NameTaken = "name-taken", "The name is already used by a customer, vendor or employee in QuickBooks.",
        "Adopt that customer, or give another name with `create = \"…\"`.";
    DuplicateNumber = "duplicate-number", "QuickBooks already has a document with this number, and it is not ours.",
        "Renumber or delete the other document in QuickBooks; if it is the same one, `match` it in the customer's line, and if both are meant, `accept` it there.";
    PossibleDuplicate = "possible-duplicate", "The record may already stand in QuickBooks.",
        "Compare the two. If they are the same, write `match = { \"invoice/88123\" = \"1042\" }` with QuickBooks' id into the customer's line; if not, `accept = [\"invoice/88123\"]` posts it anyway.";
    ReferenceMissing = "reference-missing", "Something that the files name is not in QuickBooks or not active: an item, an account, a tax code, a matched document.",
        "Create it in QuickBooks, make it active, or name another one in the files.";
    UnmappedProduct = "unmapped-product", "A charge's product has no entry in [items].",
        "Add its code to [items], or set unmapped_product = \"default\".";
    UnmappedTax = "unmapped-tax", "The invoice bears a tax and the files do not say where it goes.",
        "Name an item in [posting] tax_item; with tax = \"codes\", add the tax to [taxes] as the reason writes it.";
    AmountMismatch = "amount-mismatch", "QuickBooks has another total than Stax Bill.",
        "Compare the two documents; usually tax or a discount setting in QuickBooks adds to ours. Correct it and change the settings; a matched document is corrected there by hand.";
    InvalidRecord = "invalid-record", "Stax Bill's record contradicts itself or cannot be posted exactly.",
        "Do what the reason says; else look at the record in Stax Bill and correct it there.";
    AppliedBeforeStart = "applied-before-start", "A payment and an invoice lie on both sides of the customer's start.",
        "Move `start` back so that both halves are posted; where the older one was booked by hand, leave it.";
    ClosedPeriod = "closed-period", "Its date lies in a period that is closed in QuickBooks.",
        "Reopen the period in QuickBooks, or choose a later `start`.";
    Frozen = "frozen", "A freeze in the files holds it.", "Wait for the end of the freeze, or change it.";
    Deposited = "deposited", "The payment is part of a bank deposit in QuickBooks and cannot be changed.",
        "Take the payment off the deposit in QuickBooks.";
    DeletedInQuickbooks = "deleted-in-quickbooks", "Someone deleted or voided the object in QuickBooks.",
        "Restore it there, or leave it out; latchd does not post it again by itself.";
    Drifted = "drifted", "Someone changed the object in QuickBooks.",
        "Change it back in QuickBooks, or set on_drift = \"restore\".";
    UnknownOutcome = "unknown-outcome", "A write was cut off, and it is not known yet whether it took effect.",
        "Nothing: latchd looks in QuickBooks and settles it by itself.";
    Guard = "guard", "A guard, or a line that only looks on, holds it.", "Read the reason; take `policy = \"observe\"` out of the line, or release a guard with an approval.";
    CompanySetting = "company-setting", "A setting of the QuickBooks company forbids posting.",
        "Change the setting in QuickBooks (Account and settings), as the reason says.";
    CompanyInactive = "company-inactive", "The QuickBooks subscription has ended or has a billing problem.",
        "Renew the subscription of the QuickBooks company.";
    Reconnect = "reconnect", "QuickBooks no longer accepts latchd's token.",
        "Connect again as an administrator and set a new refresh_token in [quickbooks].";
    Throttled = "throttled", "QuickBooks or Stax Bill asks for fewer calls.",
        "Nothing: latchd waits as told. If it stays, look for another program that uses the same company.";
    OtherSyncActive = "other-sync-active", "Stax Bill's own integration is posting into the same company.",
        "Switch it off in Stax Bill: Settings, Integrations, QuickBooks Online. 25 hours after the last id that it notes, latchd creates again by itself.";
    StaxbillUnreachable = "staxbill-unreachable", "Stax Bill does not answer.",
        "Nothing at first: latchd tries again. If it stays, check the network and base_url.";
    StaxbillRefused = "staxbill-refused", "Stax Bill refuses latchd's key or a call.",
        "Check api_key in [staxbill]: the key from Settings, Integrations, API Key, unmodified.";
    QuickbooksUnreachable = "quickbooks-unreachable", "QuickBooks does not answer.",
        "Nothing at first: latchd tries again. If it stays, check the network and Intuit's status page.";
    Refused = "refused", "QuickBooks refused the record.",
        "Read QuickBooks' words; correct the cause in QuickBooks or Stax Bill.";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_kebab_name_and_a_remedy() {
        assert_eq!(Code::ALL.len(), 32);
        for code in Code::ALL {
            let name = code.name();
            assert!(name.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase()), "{name}");
            assert_eq!(serde_json::to_value(code).unwrap(), name);
            assert!(code.remedy().todo.ends_with('.') && code.remedy().means.ends_with('.'), "{name}");
        }
    }
}
