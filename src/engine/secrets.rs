//! What the files name as secrets, with their values.

use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, Reference, ResolveError, SecretSources};
use crate::model::Digest;
use crate::store::SealKey;

/// All secrets that a process needs.
pub(super) struct Secrets {
    pub(super) api_key: SecretString,
    pub(super) quickbooks: QuickBooksSecrets,
}

/// Those of QuickBooks.
pub(super) struct QuickBooksSecrets {
    pub(super) client_id: SecretString,
    pub(super) client_secret: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) token_key: Option<(SecretString, SealKey)>,
}

impl Secrets {
    /// What clients are made from: addresses, limits and the secrets'
    /// values, digested; a new value behind the same reference counts.
    pub(super) fn connection(&self, config: &Config) -> Digest {
        let settings = &config.settings;
        let open = format!(
            "{} {} {} {:?} {} {:?}",
            settings.staxbill.base_url,
            settings.quickbooks.api_url,
            settings.quickbooks.discovery_url,
            settings.limits,
            settings.company.realm_id,
            settings.transaction_types
        );
        let quickbooks = &self.quickbooks;
        let given = |secret: Option<&SecretString>| {
            secret.map(ExposeSecret::expose_secret).unwrap_or_default().to_owned()
        };
        Digest::of([
            open.as_str(),
            self.api_key.expose_secret(),
            quickbooks.client_id.expose_secret(),
            quickbooks.client_secret.expose_secret(),
            &given(quickbooks.refresh_token.as_ref()),
            &given(quickbooks.token_key.as_ref().map(|(text, _)| text)),
        ])
    }

    pub(super) fn resolve(config: &Config, sources: &SecretSources) -> Result<Self, ResolveError> {
        let api_key = config.settings.staxbill.api_key.resolve(sources)?;
        Ok(Self { api_key, quickbooks: QuickBooksSecrets::resolve(config, sources)? })
    }
}

impl QuickBooksSecrets {
    pub(super) fn resolve(config: &Config, sources: &SecretSources) -> Result<Self, ResolveError> {
        let quickbooks = &config.settings.quickbooks;
        let resolve = |reference: &Reference| reference.resolve(sources);
        let sealing = |reference: &Reference| {
            let text = reference.resolve(sources)?;
            let key = SealKey::parse(text.expose_secret()).ok_or_else(|| {
                let remedy = "make one with `openssl rand -base64 32`, and keep the one that the token was sealed with";
                reference.error("it is not 32 bytes in base64 or hexadecimal".to_owned(), remedy)
            })?;
            Ok((text, key))
        };
        Ok(Self {
            client_id: quickbooks.client_id.resolve(sources)?,
            client_secret: quickbooks.client_secret.resolve(sources)?,
            refresh_token: quickbooks.refresh_token.as_ref().map(resolve).transpose()?,
            token_key: quickbooks.token_key.as_ref().map(sealing).transpose()?,
        })
    }
}
