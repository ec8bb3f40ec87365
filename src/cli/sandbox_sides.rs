//! The options of `latchd sandbox` that make either vendor's side.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use crate::sandbox::quickbooks::{self, Misreading};
use crate::sandbox::staxbill::{self, AccountKind, Allocations, CreditNotes};

/// The QuickBooks company.
#[derive(Debug, Args)]
pub(super) struct CompanyArgs {
    /// The country in which the company keeps its books: it decides the home
    /// currency and how tax is taken.
    #[arg(long, default_value = "US", value_parser = ["US", "CA", "GB", "AU"])]
    country: String,
    /// Several currencies from the start, which cannot be turned off again.
    #[arg(long)]
    pub(super) multicurrency: bool,
    /// The company's id.
    #[arg(long, value_name = "ID", value_parser = digits)]
    realm: Option<String>,
    /// The id of the app that may connect.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    client_id: Option<String>,
    /// The secret of that app.
    #[arg(long, value_name = "SECRET", value_parser = NonEmptyStringValueParser::new())]
    client_secret: Option<String>,
    /// A refresh token that is good from the start.
    #[arg(long, value_name = "TOKEN", value_parser = NonEmptyStringValueParser::new())]
    refresh_token: Option<String>,
    /// Meter reads as Intuit's plans do: so many successful ones in a calendar
    /// month, then 429; 500000 on the free plan.
    #[arg(long, value_name = "N")]
    core_plus: Option<u64>,
    /// Forget a requestid after so long, 24h for example. Without it, never.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    request_ids_kept: Option<Duration>,
    /// Let a refresh token live on for so long after another took its place, 1h
    /// for example. Without it, it dies at once.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    rotation_grace: Option<Duration>,
    /// Tell of exceeded limits in the old way, with 403 instead of 429.
    #[arg(long)]
    old_throttle: bool,
    /// Understand QuickBooks wrongly in one point: sorted-lists,
    /// ignored-sync-token, plain-quote, common-401 or feed-without-deletions.
    /// Tests that still pass against it do not test that point.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    misread: Option<Misreading>,
}

/// The Stax Bill account.
#[derive(Debug, Args)]
pub(super) struct AccountArgs {
    /// Whose limits Stax Bill enforces.
    #[arg(long, value_enum, default_value_t = Limits::Live)]
    account: Limits,
    /// Show `invoiceAllocations` as they were before refunds.
    #[arg(long)]
    gross_allocations: bool,
    /// How many credit notes a reversal of several charges makes.
    #[arg(long, value_enum, default_value_t = Notes::PerAct)]
    credit_notes: Notes,
    /// Let a reversed charge set the payment free that paid it.
    #[arg(long)]
    reversal_frees_payments: bool,
    /// Switch Stax Bill's own synchronisation on: QuickBooks ids appear on its
    /// records every hour.
    #[arg(long)]
    pub(super) own_synchronisation: bool,
    /// Stax Bill's key, in base64 as the vendor shows it.
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new())]
    api_key: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Limits {
    /// 1,000 calls a minute and 180,000 a day.
    Live,
    /// 50 and 5,000.
    Sandbox,
    /// 10 and 500.
    #[value(name = "testdrive")]
    TestDrive,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Notes {
    /// One.
    PerAct,
    /// One for each charge.
    PerCharge,
}

impl CompanyArgs {
    pub(super) fn options(&self) -> quickbooks::Options {
        let usual = quickbooks::Options::default();
        let or = |given: &Option<String>, usual: String| given.clone().unwrap_or(usual);
        quickbooks::Options {
            realm_id: or(&self.realm, usual.realm_id),
            country: self.country.clone(),
            client_id: or(&self.client_id, usual.client_id),
            client_secret: or(&self.client_secret, usual.client_secret),
            refresh_token: or(&self.refresh_token, usual.refresh_token),
            core_plus: self.core_plus,
            rotation_grace: self.rotation_grace.unwrap_or_default(),
            request_ids_kept: self.request_ids_kept,
            old_throttle: self.old_throttle,
            misreading: self.misread,
            ..quickbooks::Options::default()
        }
    }
}

impl AccountArgs {
    pub(super) fn options(&self) -> staxbill::Options {
        let usual = staxbill::Options::default();
        staxbill::Options {
            api_key: self.api_key.clone().unwrap_or(usual.api_key),
            account: match self.account {
                Limits::Live => AccountKind::Live,
                Limits::Sandbox => AccountKind::Sandbox,
                Limits::TestDrive => AccountKind::TestDrive,
            },
            allocations: if self.gross_allocations { Allocations::Gross } else { Allocations::Net },
            credit_notes: match self.credit_notes {
                Notes::PerAct => CreditNotes::PerAct,
                Notes::PerCharge => CreditNotes::PerCharge,
            },
            reversal_frees_payments: self.reversal_frees_payments,
            ..usual
        }
    }
}

fn digits(text: &str) -> Result<String, String> {
    let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if sound { Ok(text.to_owned()) } else { Err("a company's id is made of digits".to_owned()) }
}

fn span(text: &str) -> Result<Duration, String> {
    let span: Option<SignedDuration> = text.parse().ok();
    span.and_then(|span| Duration::try_from(span).ok())
        .ok_or_else(|| "a span of time reads 90s, 10m or 24h".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Sides {
        #[command(flatten)]
        company: CompanyArgs,
        #[command(flatten)]
        account: AccountArgs,
    }

    fn sides(line: &str) -> Result<(quickbooks::Options, staxbill::Options), clap::Error> {
        let sides = Sides::try_parse_from(["sandbox"].into_iter().chain(line.split_whitespace()))?;
        Ok((sides.company.options(), sides.account.options()))
    }

    /// Without options the sides are the simulator's own defaults.
    #[test]
    fn defaults_are_the_simulators() {
        let (company, account) = sides("").unwrap();
        assert_eq!(format!("{company:?}"), format!("{:?}", quickbooks::Options::default()));
        assert_eq!(format!("{account:?}"), format!("{:?}", staxbill::Options::default()));
    }

    #[test]
    fn every_option_is_handed_on() {
        type Reads = fn(&quickbooks::Options, &staxbill::Options) -> String;
        let table: &[(&str, &str, Reads)] = &[
            ("--country CA", "CA", |one, _| one.country.clone()),
            ("--realm 123", "123", |one, _| one.realm_id.clone()),
            ("--client-id me", "me", |one, _| one.client_id.clone()),
            ("--client-secret hush", "hush", |one, _| one.client_secret.clone()),
            ("--refresh-token again", "again", |one, _| one.refresh_token.clone()),
            ("--core-plus 500000", "Some(500000)", |one, _| format!("{:?}", one.core_plus)),
            ("--request-ids-kept 24h", "Some(86400s)", |one, _| format!("{:?}", one.request_ids_kept)),
            ("--rotation-grace 1h", "3600s", |one, _| format!("{:?}", one.rotation_grace)),
            ("--old-throttle", "true", |one, _| one.old_throttle.to_string()),
            ("--misread plain-quote", "Some(PlainQuote)", |one, _| format!("{:?}", one.misreading)),
            ("--account live", "Live", |_, one| format!("{:?}", one.account)),
            ("--account sandbox", "Sandbox", |_, one| format!("{:?}", one.account)),
            ("--account testdrive", "TestDrive", |_, one| format!("{:?}", one.account)),
            ("--gross-allocations", "Gross", |_, one| format!("{:?}", one.allocations)),
            ("--credit-notes per-charge", "PerCharge", |_, one| format!("{:?}", one.credit_notes)),
            ("--reversal-frees-payments", "true", |_, one| one.reversal_frees_payments.to_string()),
            ("--api-key QUJD", "QUJD", |_, one| one.api_key.clone()),
        ];
        for (line, expected, reads) in table {
            let (company, account) = sides(line).unwrap();
            assert_eq!(reads(&company, &account), *expected, "{line}");
        }
    }

    #[test]
    fn bad_values_are_refused() {
        for (line, word) in [
            ("--country DE", "US, CA, GB, AU"),
            ("--realm 12a", "made of digits"),
            ("--client-id=", "a value is required"),
            ("--request-ids-kept soon", "a span of time reads 90s"),
            ("--request-ids-kept -1h", "unexpected argument"),
            ("--account big", "live, sandbox, testdrive"),
            ("--credit-notes many", "per-act, per-charge"),
            ("--misread nothing", "one of sorted-lists"),
        ] {
            let error = sides(line).unwrap_err().to_string();
            assert!(error.contains(word), "{line}: {error}");
        }
    }
}
