//! `latchd auth login`: asks for consent, takes the answer by loopback or as a
//! pasted address, and keeps the tokens of the right company alone.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::time::Duration;

use tokio::sync::mpsc;
use uuid::Uuid;

use super::auth::own;
use super::auth_door::Door;
use super::auth_side::{Login, unfinished};
use super::{Exit, Failure, print};
use crate::config::{Config, Environment};
use crate::quickbooks::{Connected, Consent, NoConsent};
use crate::store::TokenFile;

/// The page of a login with development keys, unless the files name another.
const OWN_PAGE: &str = "http://localhost:8095/callback";
/// A person signs in, with a second factor, and chooses a company.
const PATIENCE: Duration = Duration::from_mins(10);
/// Far more than any address.
const ADDRESS_BYTES_MAX: u64 = 16 << 10;

/// Where Intuit's answer comes to.
enum Page {
    /// This machine.
    Own(Door),
    /// A page of the operator's; its address is pasted.
    Elsewhere,
}

pub(super) async fn login(config: &Config) -> Result<Exit, Failure> {
    let redirect_uri = redirect_uri(config)?;
    own(&config.settings.paths.state)?;
    let page = if redirect_uri.starts_with("http://") {
        Page::Own(Door::open(&redirect_uri).await.map_err(|words| unfinished(&words))?)
    } else {
        Page::Elsewhere
    };
    // 122 bits of chance, which nobody guesses within the patience above.
    let state = Uuid::new_v4().simple().to_string();
    let (login, consent_url) = Login::begin(config, &redirect_uri, &state).await?;
    let company = &config.settings.company;
    print(&format!(
        "Open this address in a browser, sign in as an administrator of `{}`, and choose Connect:\n\n{consent_url}\n\n{}\n",
        company.expect,
        match page {
            Page::Own(_) =>
                "latchd waits here for Intuit's answer. If the browser runs on another machine, the page that \
                             it is sent to does not open: paste its address here.",
            Page::Elsewhere => "Then paste the address of the page that the browser was sent to.",
        }
    ));
    let waiting = answer(page, &state, config);
    let (consent, address) = tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| {
        let minutes = PATIENCE.as_secs() / 60;
        Err(unfinished(&format!("no answer of Intuit's came within {minutes} minutes; run it again")))
    })?;
    let connected = login.connect(&consent, address).await?;
    print(&told(config, &connected));
    Ok(Exit::InBalance)
}

/// The page that Intuit sends the browser to, as far as the keys allow it.
fn redirect_uri(config: &Config) -> Result<String, Failure> {
    let quickbooks = &config.settings.quickbooks;
    // Intuit's own hosts alone know production keys.
    let production = quickbooks.environment == Environment::Production
        && quickbooks.discovery_url.contains(".intuit.com/");
    match &quickbooks.redirect_uri {
        Some(page) if production && page.starts_with("http://") => Err(Failure::new(
            Exit::InvalidFiles,
            "error: Intuit refuses http://localhost for production keys; name in [quickbooks] redirect_uri the https page \
             that is registered with the app",
        )),
        Some(page) => Ok(page.clone()),
        None if production => Err(Failure::new(
            Exit::InvalidFiles,
            "error: production keys need a page that Intuit sends the browser to: register one of yours with the app \
             (it need not do anything), and name it in [quickbooks] redirect_uri",
        )),
        None => Ok(OWN_PAGE.to_owned()),
    }
}

/// The first answer that is ours, with its address: from the browser, or pasted.
async fn answer(page: Page, state: &str, config: &Config) -> Result<(Consent, String), Failure> {
    let realm_id = &config.settings.company.realm_id;
    let own = matches!(page, Page::Own(_));
    let judged = |address: &str| Consent::judge(address, state, realm_id);
    let is_foreign = |address: &str| judged(address).is_err_and(|wrong| wrong.is_foreign());
    let (mut lines, mut nobody) = (pasted(), false);
    let browser = async {
        match page {
            Page::Own(mut door) => door.answer(&is_foreign).await,
            Page::Elsewhere => std::future::pending().await,
        }
    };
    tokio::pin!(browser);
    loop {
        let came = tokio::select! {
            address = &mut browser => address,
            line = lines.recv(), if !nobody => match line {
                Some(line) => line,
                // Nobody is there to paste anything; the browser may still come.
                None if own => {
                    nobody = true;
                    continue;
                }
                None => return Err(unfinished("no address was pasted; nothing was stored")),
            },
        };
        match judged(&came) {
            Ok(consent) => return Ok((consent, came)),
            // A slip of the hand is no reason to begin anew.
            Err(wrong @ NoConsent::Incomplete(_)) if std::io::stdin().is_terminal() => {
                let _ = writeln!(anstream::stderr(), "{wrong}");
            }
            Err(wrong) => return Err(unfinished(&format!("{wrong}; nothing was stored"))),
        }
    }
}

/// Lines of stdin, read beside everything else: the program ends without
/// waiting for one.
fn pasted() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        let stdin = std::io::stdin();
        loop {
            if stdin.is_terminal() {
                let _ = write!(anstream::stderr(), "Address: ");
            }
            let mut line = String::new();
            let read = stdin.lock().take(ADDRESS_BYTES_MAX).read_line(&mut line);
            let over = !read.is_ok_and(|bytes| bytes > 0);
            if over || (!line.trim().is_empty() && sender.blocking_send(line).is_err()) {
                return;
            }
        }
    });
    lines
}

fn told(config: &Config, connected: &Connected) -> String {
    let ends = connected.hard_expires_at;
    let ends = ends.map_or_else(String::new, |at| format!(" until {}", at.strftime("%Y-%m-%d")));
    format!(
        "Connected to `{}` ({}). The token lies in {}; latchd renews it by itself{ends}.\n",
        connected.company_name,
        config.settings.company.realm_id,
        TokenFile::new(&config.settings.paths.state).path().display()
    )
}
