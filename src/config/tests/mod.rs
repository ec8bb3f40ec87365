//! Tests of whole files: what loads, what is told, what changes a generation.

mod chance;
mod days;
mod generations;
mod guards;
mod mistakes;
mod receivers;
mod shipped;
mod sound;

use std::path::{Path, PathBuf};

use super::{Config, ConfigErrors, load_from};

/// Where the stored files of these tests pretend to be.
const FOLDER: &str = "/etc/latchd";

/// The smallest `latchd.toml` that says all that must be said; 20 lines.
const MINIMAL: &str = r#"version = 1
include = ["links.d/*.toml"]

[company]
name = "craigs"
realm_id = "9130350000000000"
expect = "Craig's Design and Landscaping Services"
time_zone = "America/Los_Angeles"

[staxbill]
api_key = "${cred:staxbill-api-key}"

[quickbooks]
environment = "production"
client_id = "${cred:quickbooks-client-id}"
client_secret = "${cred:quickbooks-client-secret}"

[posting]
deferred_revenue_item = "Subscription services"
deposit_account = "Undeposited Funds"
"#;

/// Loads stored files, the first being `latchd.toml`.
fn load_files(files: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let stored: Vec<(PathBuf, String)> =
        files.iter().map(|(name, text)| (Path::new(FOLDER).join(name), (*text).to_owned())).collect();
    load_from(&Path::new(FOLDER).join("latchd.toml"), &stored)
}

/// Loads the minimal file with a links file beside it.
fn load_links(links: &str) -> Result<Config, ConfigErrors> {
    load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", links)])
}

/// The errors as `file:line:column: message; remedy`.
fn told(loaded: Result<Config, ConfigErrors>) -> Vec<String> {
    loaded.err().iter().flat_map(ConfigErrors::iter).map(ToString::to_string).collect()
}
