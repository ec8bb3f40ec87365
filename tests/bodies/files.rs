//! The operator's files: any bytes are read or refused with every place; what is
//! read says the same after it was laid out, and when it is read again.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use glob::PatternError;
use latchd::config::{self, Config, ConfigErrors, Source, layout};
use latchd::model::is_unseen;

use super::mutate::{Draw, cut};

/// Files as bytes, which may be no text.
struct Bytes(Vec<(PathBuf, Vec<u8>)>);

impl Source for Bytes {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.iter().find(|(name, _)| name == path);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>, PatternError> {
        let texts: Vec<(PathBuf, String)> =
            self.0.iter().map(|(path, _)| (path.clone(), String::new())).collect();
        texts.matching(pattern)
    }
}

const MAIN: &str = "/etc/latchd/latchd.toml";
const OTHERS: [&str; 3] =
    ["/etc/latchd/links.d/a.toml", "/etc/latchd/dismiss.d/a.toml", "/etc/latchd/resend.d/a.toml"];

/// Sound files that say something in every table.
const SETTINGS: &str = r#"version = 1
include = ["links.d/*.toml", "dismiss.d/*.toml", "resend.d/*.toml"]

[company]
name = "craigs"                        # label in reports, metrics and logs
realm_id = "9130350000000000"          # pinned: a token for another company is refused
expect = "Craig's Design and Landscaping Services"   # must equal QBO's CompanyName
time_zone = "America/Los_Angeles"      # decides which day a UTC instant belongs to

[staxbill]
api_key = "${cred:staxbill-api-key}"   # also ${env:NAME} and ${file:/path}
base_url = "http://127.0.0.1:8091/v1"

[quickbooks]
environment = "production"             # or "sandbox"
client_id = "${cred:quickbooks-client-id}"
client_secret = "${cred:quickbooks-client-secret}"
refresh_token = "${cred:quickbooks-refresh-token}"
redirect_uri = "https://example.com/back"
token_key = "${cred:latchd-token-key}"
api_url = "http://127.0.0.1:8090"
discovery_url = "http://127.0.0.1:8090/.well-known/openid_configuration"

[schedule]
interval = "1h30m"
full_scan = "12h"

[paths]
state = "state"
reports = "/var/lib/latchd-reports"

[customers]
on_activation = "leave"
display_name = ["reference", "first_name", "last_name"]
contact = "at-birth"
count_from = 2025-01-01

[posting]
deferred_revenue_item = "Subscription services"
discount_item = "Discounts given"
credit_item = "Account credit"
bad_debt_item = "Bad debt"
deposit_account = "Undeposited Funds"
tax = "item"
tax_item = "Sales tax collected"
unmapped_product = "hold"
discounts = "net"
document_numbers = "staxbill"
refund_as = "payment"
on_drift = "restore"
closed_period = "hold"
[deposit_accounts]
"CreditCard" = "Card clearing"
[items]
"PRO-MONTHLY" = "Subscription services"
[taxes]
"GST 5" = "GST"
[transaction_types]
"Goodwill-Credit" = "credit"

[limits]
quickbooks_requests_minute = 5_000
unknown_wait = "2s"
"#;
const LINKS: &str = include_str!("../../examples/links.toml");
const DISMISS: &str = include_str!("../../examples/dismiss.toml");
const RESEND: &str = include_str!("../../examples/resend.toml");

const BITS: &[&str] = &[
    "\n",
    "\r\n",
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "1",
    "-",
    "\"\"\"",
    "'''",
    "\\",
    "\\u0000",
    "é",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
    " ",
    "\t",
    "inf",
    "nan",
    "0x10",
    "1_000",
    "1979-05-27",
    "1979-05-27T07:32:00Z",
    "99999999999999999999",
    "true",
    "\n[links]\n",
    "\n[company]\n",
    "\n[links.10482]\n",
    "\n[[dismiss]]\n",
    "\n10483 = { skip = \"z\" }\n",
    "include = [\"**\"]\n",
    "include = [\"[\"]\n",
    "\"beginning\"",
    "\"now\"",
    "a.b.c = 1\n",
    "match = { \"invoice/1\" = \"5\" }",
    "accept = [\"invoice/1\"]",
    "${file:/etc/passwd}",
    "${env:",
    "interval = \"999999999999h\"\n",
];

/// The promise.
pub(crate) fn body(bytes: &[u8]) {
    let mut draw = Draw::of(bytes);
    let which = draw.byte();
    let mut texts = [SETTINGS, LINKS, DISMISS, RESEND].map(|text| text.as_bytes().to_vec());
    let changed = usize::from(which % 4);
    texts[changed] = if which > 200 { draw.rest().to_vec() } else { cut(&texts[changed], BITS, &mut draw) };
    let paths = [MAIN, OTHERS[0], OTHERS[1], OTHERS[2]].map(PathBuf::from);
    let files = Bytes(paths.into_iter().zip(texts).collect());
    match config::load_from(Path::new(MAIN), &files) {
        Ok(config) => says_the_same(&config),
        Err(errors) => every_error_has_its_place(&errors, &files),
    }
    for (path, bytes) in &files.0 {
        if let Ok(text) = std::str::from_utf8(bytes) {
            lays_out(path, text);
        }
    }
}

fn says_the_same(config: &Config) {
    let again = config::load_from(Path::new(MAIN), &config.files).expect("what was read once is read again");
    assert_eq!(again.generation, config.generation, "read again, it is another generation");
    let laid_out: Vec<(PathBuf, String)> = config
        .files
        .iter()
        .map(|(path, text)| (path.clone(), layout(path, text).unwrap_or_else(|_| text.clone())))
        .collect();
    let again = config::load_from(Path::new(MAIN), &laid_out)
        .unwrap_or_else(|errors| panic!("laid out, the files are wrong:\n{errors}\n{laid_out:#?}"));
    assert_eq!(again.generation, config.generation, "laid out, it is another generation:\n{laid_out:#?}");
}

fn every_error_has_its_place(errors: &ConfigErrors, files: &Bytes) {
    assert!(errors.iter().count() > 0, "refused without a reason");
    let text = errors.to_string();
    let obeyed = |sign: char| sign != '\n' && is_unseen(sign);
    assert!(!text.chars().any(obeyed), "a terminal obeys an error:\n{text:?}");
    for error in errors {
        assert!(error.line > 0 && error.column > 0 && !error.message.trim().is_empty(), "{error:?}");
        let named = files.0.iter().find(|(path, _)| path.ends_with(&*error.file));
        if let Some((_, bytes)) = named {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!(error.line as usize <= lines, "line {} of {lines}: {error}", error.line);
        }
    }
}

fn lays_out(path: &Path, text: &str) {
    let Ok(once) = layout(path, text) else { return };
    let twice = layout(path, &once);
    assert_eq!(twice.as_deref().ok(), Some(once.as_str()), "a second layout changes the first");
}
