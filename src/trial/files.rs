//! The files that a scenario tries: the operator's own, or those that it holds
//! itself; in either case turned towards the sandbox.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use glob::Pattern;
use jiff::Timestamp;

use super::read::{DECISIONS, SETTINGS};
use super::{Invalid, Trial};
use crate::config::{self, Config, Environment, Paths, Reference};
use crate::model::{Posting, TaxMode};
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::excerpt::{Ground, Wanted};
use crate::sandbox::quickbooks::Options;
use crate::sandbox::scenario::ScenarioError;
use crate::sandbox::{Sandbox, SandboxOptions};

/// The ports that nobody listens on: the network is the sandbox's routers.
pub(super) const QUICKBOOKS_PORT: u16 = 8090;
pub(super) const STAXBILL_PORT: u16 = 8091;

/// A trial with the files that it tries.
#[derive(Debug)]
pub struct Prepared {
    pub(super) trial: Trial,
    pub(super) config: Config,
    pub(super) ground: Ground,
    pub(super) begins: Timestamp,
}

impl Trial {
    /// Reads the files that it tries: those that it names, its own, or else
    /// those of `main`; and looks whether both vendors would have what it says.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with either.
    pub fn prepare(self, main: &Path) -> Result<Prepared, Invalid> {
        let mut config = if self.settings.is_some() { self.own_files(true)? } else { self.operators(main)? };
        if self.settings.is_none() {
            if self.decides {
                config.decisions = self.own_files(false)?.decisions;
            } else {
                // The excerpt is all that Stax Bill holds: lines about others say nothing here.
                let here: BTreeSet<u64> =
                    self.excerpt.customers().filter_map(|id| u64::try_from(id).ok()).collect();
                config.decisions.links.retain(|customer, _| here.contains(customer));
            }
        }
        let zone = config.settings.company.time_zone.clone();
        let begins = self.now.at(&zone);
        let ground = Ground { zone, wanted: wanted(&config.settings.posting) };
        let prepared = Prepared { trial: self, config, ground, begins };
        prepared.sandbox().map_err(|errors| prepared.trial.invalid(errors))?;
        Ok(prepared)
    }

    fn operators(&self, main: &Path) -> Result<Config, Invalid> {
        let Some((named, span)) = &self.config else { return config::load(main).map_err(Invalid::Files) };
        let path = self.path.parent().unwrap_or(Path::new("")).join(named);
        if !path.is_file() {
            return Err(self.invalid(vec![ScenarioError {
                span: span.clone(),
                message: format!("there is no file {}", path.display()),
                remedy: Some("name the operator's file, from the folder that this one is in".to_owned()),
            }]));
        }
        config::load(&path).map_err(Invalid::Files)
    }

    /// The tables of its own, with what every set of files needs besides.
    fn own_files(&self, settings: bool) -> Result<Config, Invalid> {
        let wanted = |name: &str| DECISIONS.contains(&name) || (settings && SETTINGS.contains(&name));
        let own = config::only(&self.text, wanted);
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = std::path::absolute(".").unwrap_or_default();
        let main = folder.join("latchd-test.toml");
        let has = |table: &str| own.lines().any(|line| line.trim_start().starts_with(&format!("[{table}]")));
        let pattern = Pattern::escape(&path.to_string_lossy());
        let mut text =
            format!("version = 1\ninclude = [{}]\n{OWN_CONNECTION}", super::section::quoted(&pattern));
        if !has("company") {
            text.push_str(OWN_COMPANY);
        }
        if !settings {
            text.push_str(OWN_POSTING);
        }
        let files: Vec<(PathBuf, String)> = vec![(main.clone(), text), (path, own)];
        config::load_from(&main, &files).map_err(Invalid::Files)
    }
}

impl Prepared {
    /// Both vendors as they are when the scenario begins.
    pub(super) fn sandbox(&self) -> Result<Sandbox, Vec<ScenarioError>> {
        let company = &self.config.settings.company;
        let quickbooks = Options {
            realm_id: company.realm_id.as_str().to_owned(),
            company_name: company.expect.clone(),
            country: self.trial.excerpt.country().unwrap_or("US").to_owned(),
            ..Options::default()
        };
        let sandbox = Sandbox::new(SandboxOptions {
            throttled: false,
            clock: SandboxClock::starting_at(self.begins),
            quickbooks,
            ..SandboxOptions::default()
        });
        self.trial.excerpt.fill(&sandbox, &self.ground)?;
        Ok(sandbox)
    }

    /// The files, with the sandbox where the vendors are and `folder` where the
    /// state and the reports are.
    pub(super) fn towards_the_sandbox(&self, folder: &Path) -> Config {
        let mut config = self.config.clone();
        let settings = &mut config.settings;
        let options = Options::default();
        let quickbooks = format!("http://127.0.0.1:{QUICKBOOKS_PORT}");
        settings.staxbill.base_url = format!("http://127.0.0.1:{STAXBILL_PORT}/v1");
        settings.staxbill.api_key =
            Reference::literal("staxbill.api_key", &crate::sandbox::staxbill::Options::default().api_key);
        settings.quickbooks.environment = Environment::Sandbox;
        settings.quickbooks.discovery_url = format!("{quickbooks}/.well-known/openid_configuration");
        settings.quickbooks.api_url = quickbooks;
        settings.quickbooks.client_id = Reference::literal("quickbooks.client_id", &options.client_id);
        settings.quickbooks.client_secret =
            Reference::literal("quickbooks.client_secret", &options.client_secret);
        settings.quickbooks.refresh_token =
            Some(Reference::literal("quickbooks.refresh_token", &options.refresh_token));
        settings.quickbooks.token_key = None;
        settings.receivers = Vec::new();
        settings.paths = Paths { state: folder.join("state"), reports: folder.join("reports") };
        config
    }
}

/// What QuickBooks has because the files name it.
fn wanted(posting: &Posting) -> Vec<Wanted> {
    let percents = |name: &str| match &posting.tax {
        TaxMode::Item { .. } => "0".to_owned(),
        TaxMode::Codes { codes } => {
            let known = codes.iter().find(|(_, code)| *code == name);
            known.and_then(|(tax, _)| tax.rsplit_once(' ')).map_or("0", |(_, percent)| percent).to_owned()
        }
    };
    let items = posting.item_names().into_iter().map(|name| Wanted::Item(name.to_owned()));
    let accounts = posting.account_names().into_iter().map(|name| Wanted::Account(name.to_owned()));
    let codes = posting.tax_code_names().into_iter();
    let codes = codes.map(|name| Wanted::TaxCode(name.to_owned(), percents(name)));
    items.chain(accounts).chain(codes).collect()
}

const OWN_CONNECTION: &str = r#"
[staxbill]
base_url = "http://127.0.0.1:8091/v1"
api_key = "MDpzYW5kYm94"
[quickbooks]
environment = "sandbox"
api_url = "http://127.0.0.1:8090"
discovery_url = "http://127.0.0.1:8090/.well-known/openid_configuration"
client_id = "sandbox-client"
client_secret = "sandbox-secret"
[paths]
state = "state"
reports = "reports"
"#;

const OWN_COMPANY: &str = r#"
[company]
name = "scenario"
realm_id = "9130350000000000"
expect = "Scenario"
time_zone = "America/Los_Angeles"
"#;

const OWN_POSTING: &str = r#"
[posting]
deferred_revenue_item = "Services"
deposit_account = "Undeposited Funds"
"#;
