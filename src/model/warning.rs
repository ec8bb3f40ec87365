//! Warnings: the stable codes, each with what it means, what to do and who does
//! it.
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
    /// What QuickBooks says of it, code and words, where it is the one that
    /// complains.
    pub says: Option<&'static str>,
    /// Who can mend it.
    pub who: Who,
    /// When it is tried again.
    pub retry: Retry,
}

/// Who can mend what a warning tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// Who keeps the books in QuickBooks and the records in Stax Bill.
    Bookkeeper,
    /// Who may change settings, subscriptions and connections of a company.
    Administrator,
    /// Who decides about latchd's own files.
    Reviewer,
    /// It heals by itself.
    Nobody,
}

impl Who {
    /// The word in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bookkeeper => "bookkeeper",
            Self::Administrator => "administrator",
            Self::Reviewer => "reviewer of the files",
            Self::Nobody => "nobody: it heals by itself",
        }
    }
}

/// When something that went wrong is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Retry {
    /// Soon, then at growing distances, at most an hour.
    Soon,
    /// As soon as the vendor said.
    Throttled,
    /// When the record, the settings, its object or a resend change it, and once
    /// a day.
    Person,
    /// It is looked for before anything is sent again.
    Probe,
}

impl Retry {
    /// In words, for tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Soon => "soon, at most once an hour",
            Self::Throttled => "as soon as the vendor allows",
            Self::Person => "when something about it changes, and once a day",
            Self::Probe => "after a look in QuickBooks",
        }
    }
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $who:ident, $retry:ident, $means:literal, $todo:literal $(, says $says:literal)?;)*) => {
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

            /// What it means, what to do and who does it.
            pub fn remedy(self) -> Remedy {
                match self {
                    $(Self::$variant => {
                        let remedy = Remedy {
                            means: $means,
                            todo: $todo,
                            says: None,
                            who: Who::$who,
                            retry: Retry::$retry,
                        };
                        $(let remedy = Remedy { says: Some($says), ..remedy };)?
                        remedy
                    })*
                }
            }
        }
    };
}

codes! {
    NotConnected = "not-connected", Reviewer, Person,
        "The customer has no line in the files.",
        "Decide: add a line under [links] that adopts it, creates it or skips it.";
    LinkNotFound = "link-not-found", Reviewer, Person,
        "The QuickBooks customer named by the link is not there.",
        "Look the customer up in QuickBooks and correct `adopt` in its line.",
        says "610 Object Not Found";
    LinkInactive = "link-inactive", Bookkeeper, Person,
        "The linked QuickBooks customer is inactive.",
        "Make it active again in QuickBooks, or link another one.",
        says "610 Object Not Found: Something you're trying to use has been made inactive";
    LinkShared = "link-shared", Reviewer, Person,
        "Two links name the same QuickBooks customer.",
        "Correct the line that is wrong, or write shared = true into both; nothing is posted for either until then.";
    LinkRemoved = "link-removed", Reviewer, Person,
        "The customer's line vanished from the files.",
        "Put the line back, or write `skip` or `unlink` with the reason. Nothing is undone in QuickBooks.";
    IdentityMismatch = "identity-mismatch", Reviewer, Person,
        "The living QuickBooks customer is not the one the link expects.",
        "Compare both names; correct `expect` or `adopt` in the customer's line.";
    CurrencyMismatch = "currency-mismatch", Reviewer, Person,
        "The currency of a customer or an account differs between Stax Bill and QuickBooks.",
        "Link a QuickBooks customer of the same currency, as QuickBooks cannot change one; in a company with one currency switch several on first, or leave the customer out with `skip`; where the reason names an account, name another.",
        says "2220 Invalid currency";
    NameTaken = "name-taken", Reviewer, Person,
        "The name is already used by a customer, vendor or employee in QuickBooks.",
        "Adopt that customer, or give another name with `create = \"…\"`.",
        says "6240 Duplicate Name Exists Error";
    DuplicateNumber = "duplicate-number", Bookkeeper, Person,
        "QuickBooks already has a document with this number, and it is not ours.",
        "Renumber or delete the other document in QuickBooks; if it is the same one, `match` it in the customer's line, and if both are meant, `accept` it there.",
        says "6140 Duplicate Document Number Error";
    PossibleDuplicate = "possible-duplicate", Reviewer, Person,
        "The record may already stand in QuickBooks.",
        "Compare the two. If they are the same, write `match = { \"invoice/88123\" = \"1042\" }` with QuickBooks' id into the customer's line, and for a customer `adopt = \"1042\"`; if not, `accept = [\"invoice/88123\"]` there, with the record's own key, posts it anyway.";
    ReferenceMissing = "reference-missing", Bookkeeper, Person,
        "Something that the files name is not in QuickBooks, not active or of another kind: an item, an account, a tax code, a matched document.",
        "Create it in QuickBooks, make it active, or name another one in the files.",
        says "2500 Invalid Reference Id";
    UnmappedProduct = "unmapped-product", Reviewer, Person,
        "A charge's product has no entry in [items].",
        "Add its code to [items], or set unmapped_product = \"default\".";
    UnmappedTax = "unmapped-tax", Reviewer, Person,
        "The invoice bears a tax and the files do not say where it goes.",
        "Name an item in [posting] tax_item; with tax = \"codes\", add the tax to [taxes] as the reason writes it.";
    AmountMismatch = "amount-mismatch", Bookkeeper, Person,
        "QuickBooks has another total than Stax Bill.",
        "Compare the two documents; usually tax or a discount setting in QuickBooks adds to ours. Correct it and change the settings; a matched document is corrected there by hand.";
    InvalidRecord = "invalid-record", Bookkeeper, Person,
        "Stax Bill's record contradicts itself or cannot be posted exactly.",
        "Do what the reason says; else look at the record in Stax Bill and correct it there.",
        says "2210 Invalid Email Address format";
    AppliedBeforeStart = "applied-before-start", Reviewer, Person,
        "A payment and an invoice lie on both sides of the customer's start.",
        "Move `start` back so that both halves are posted; where the older one was booked by hand, leave it.";
    ClosedPeriod = "closed-period", Administrator, Person,
        "Its date lies in a period that is closed in QuickBooks.",
        "Reopen the period in QuickBooks, or choose a later `start`.",
        says "6200 or 6210 Account Period Closed";
    Frozen = "frozen", Reviewer, Person,
        "A freeze in the files holds it.",
        "Wait for the end of the freeze, or change it.";
    Deposited = "deposited", Bookkeeper, Person,
        "The payment is part of a bank deposit in QuickBooks and cannot be changed.",
        "Take the payment off the deposit in QuickBooks.",
        says "6540 Deposited Transaction cannot be changed";
    DeletedInQuickbooks = "deleted-in-quickbooks", Reviewer, Person,
        "Someone deleted or voided the object in QuickBooks.",
        "QuickBooks brings nothing back, and latchd does not post it again by itself: send it again with its key in [resend], or leave it out.",
        says "610 Another user has deleted this transaction";
    Drifted = "drifted", Bookkeeper, Person,
        "Someone changed the object in QuickBooks.",
        "Change it back in QuickBooks, or send it again with its key in [resend]; on_drift = \"restore\" puts all of them back by itself.";
    UnknownOutcome = "unknown-outcome", Nobody, Probe,
        "A write was cut off, and it is not known yet whether it took effect.",
        "Nothing: latchd looks in QuickBooks and settles it by itself.",
        says "10000 An application error has occurred";
    Guard = "guard", Reviewer, Person,
        "A guard, or a line that only looks on, holds it.",
        "Read the reason; take `policy = \"observe\"` out of the line, or release a guard with an approval.";
    CompanySetting = "company-setting", Administrator, Person,
        "A setting of the QuickBooks company forbids posting.",
        "Change the setting in QuickBooks (Account and settings), as the reason says.",
        says "5030 Feature Not Supported Error";
    CompanyInactive = "company-inactive", Administrator, Person,
        "The QuickBooks subscription has ended or has a billing problem.",
        "Renew the subscription of the QuickBooks company.",
        says "6190 Invalid Company Status";
    Reconnect = "reconnect", Administrator, Person,
        "QuickBooks no longer accepts latchd's token.",
        "Connect again as an administrator of the company: `latchd auth login` (the reason has the whole command), or a new refresh_token in [quickbooks].",
        says "3200 AuthenticationFailed, 3100 ApplicationAuthorizationFailed";
    Throttled = "throttled", Nobody, Throttled,
        "QuickBooks or Stax Bill asks for fewer calls.",
        "Nothing: latchd waits as told. If it stays, look for another program that uses the same company.",
        says "3001 ThrottleExceeded";
    OtherSyncActive = "other-sync-active", Administrator, Person,
        "Stax Bill's own integration is posting into the same company.",
        "Switch it off in Stax Bill: Settings, Integrations, QuickBooks Online. 25 hours after the last id that it notes, latchd creates again by itself.";
    StaxbillUnreachable = "staxbill-unreachable", Nobody, Soon,
        "Stax Bill does not answer.",
        "Nothing at first: latchd tries again. If it stays, check the network and base_url.";
    StaxbillRefused = "staxbill-refused", Administrator, Person,
        "Stax Bill refuses latchd's key or a call.",
        "Check api_key in [staxbill]: the key from Settings, Integrations, API Key, unmodified.";
    QuickbooksUnreachable = "quickbooks-unreachable", Nobody, Soon,
        "QuickBooks does not answer.",
        "Nothing at first: latchd tries again. If it stays, check the network and Intuit's status page.",
        says "150 Company Under Maintenance";
    Refused = "refused", Bookkeeper, Person,
        "QuickBooks refused the record.",
        "Read QuickBooks' words; correct the cause in QuickBooks or Stax Bill.",
        says "6000 A business validation error has occurred";
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
            let remedy = code.remedy();
            assert!(remedy.todo.ends_with('.') && remedy.means.ends_with('.'), "{name}");
            // What QuickBooks says begins with its code.
            assert!(remedy.says.is_none_or(|says| says.starts_with(|c: char| c.is_ascii_digit())), "{name}");
            assert_eq!(remedy.who == Who::Nobody, remedy.retry != Retry::Person, "{name}");
        }
    }
}
