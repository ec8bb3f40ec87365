//! `latchd auth status`: how long the connection lasts, from the token file
//! alone; it contacts nobody.

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::auth::login_words;
use super::{Exit, Failure, print};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, SecretSources};
use crate::quickbooks::{WARN_AHEAD, seed_digest};
use crate::store::{TokenFile, Tokens};

/// Options of `latchd auth status`.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = StatusFormat::Text, value_name = "FORM")]
    format: StatusFormat,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StatusFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What `refresh_token` in the files is to the token that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Seed {
    /// The files have none.
    None,
    /// The kept token is of its line, or of a login after it.
    Used,
    /// The next call begins a new line with it.
    Newer,
    /// It is not readable here.
    Unknown,
}

/// The answer, of which the text is a view.
#[derive(Debug, Serialize)]
struct Standing {
    schema: u32,
    company: Company,
    connected: bool,
    connected_at: Option<Timestamp>,
    renewed_at: Option<Timestamp>,
    rotated_at: Option<Timestamp>,
    access_expires_at: Option<Timestamp>,
    refresh_expires_at: Option<Timestamp>,
    hard_expires_at: Option<Timestamp>,
    sealed: bool,
    seed: Seed,
    /// Why a person must connect anew, now or before long.
    reconnect: Option<String>,
}

#[derive(Debug, Serialize)]
struct Company {
    name: String,
    realm_id: String,
}

pub(super) fn status(config: &Config, args: &StatusArgs) -> Result<Exit, Failure> {
    let file = TokenFile::new(&config.settings.paths.state);
    let tokens = file.peek().map_err(|error| {
        let words = format!(
            "error: cannot read {}: {error}; run this as the user that runs latchd",
            file.path().display()
        );
        Failure::new(Exit::Unfinished, words)
    })?;
    let sources = SecretSources::of_process();
    let seed = seed(config, &sources, tokens.as_ref());
    let now = SystemClock.now();
    let standing = standing(config, (tokens, seed), now);
    print(&match args.format {
        StatusFormat::Text => text(&standing, now),
        StatusFormat::Json => serde_json::to_string_pretty(&standing).unwrap_or_default() + "\n",
    });
    Ok(if standing.reconnect.is_some() { Exit::Warnings } else { Exit::InBalance })
}

fn seed(config: &Config, sources: &SecretSources, tokens: Option<&Tokens>) -> Seed {
    let Some(reference) = &config.settings.quickbooks.refresh_token else { return Seed::None };
    match (reference.resolve(sources), tokens) {
        (Err(_), _) => Seed::Unknown,
        (Ok(token), Some(kept)) if kept.seed == Some(seed_digest(token.expose_secret())) => Seed::Used,
        (Ok(_), _) => Seed::Newer,
    }
}

fn standing(config: &Config, (tokens, seed): (Option<Tokens>, Seed), now: Timestamp) -> Standing {
    let login = login_words(config);
    // What Intuit was not asked about yet has no known end.
    let known = |at: Timestamp| (at != Timestamp::MAX && at != Timestamp::MIN).then_some(at);
    let ends = tokens.as_ref().map(Tokens::ends_at);
    let reconnect = match ends {
        _ if seed == Seed::Newer => None,
        None => Some(format!("there is no token; run {login}")),
        Some(ends) if ends <= now => Some(format!("the connection has ended; run {login}")),
        Some(ends) if ends.duration_since(now) < WARN_AHEAD => {
            Some(format!("the connection ends at {}; run {login} before that", day(ends)))
        }
        Some(_) => None,
    };
    let company = &config.settings.company;
    Standing {
        schema: 1,
        company: Company { name: company.name.clone(), realm_id: company.realm_id.to_string() },
        connected: ends.is_some_and(|ends| ends > now),
        connected_at: tokens.as_ref().and_then(|tokens| tokens.connected_at),
        renewed_at: tokens.as_ref().and_then(|tokens| tokens.renewed_at),
        rotated_at: tokens.as_ref().and_then(|tokens| tokens.rotated_at),
        access_expires_at: tokens.as_ref().and_then(|tokens| known(tokens.access_expires_at)),
        refresh_expires_at: tokens.as_ref().and_then(|tokens| known(tokens.refresh_expires_at)),
        hard_expires_at: tokens.as_ref().and_then(|tokens| tokens.hard_expires_at),
        sealed: tokens.as_ref().is_some_and(Tokens::is_sealed),
        seed,
        reconnect,
    }
}

fn text(standing: &Standing, now: Timestamp) -> String {
    let mut text = format!("{} ({})\n", standing.company.name, standing.company.realm_id);
    let rows = [
        ("connected", standing.connected_at),
        ("renewed", standing.renewed_at),
        ("value changed", standing.rotated_at),
        ("access until", standing.access_expires_at),
        ("unused until", standing.refresh_expires_at),
        ("at most until", standing.hard_expires_at),
    ];
    for (name, at) in rows {
        if let Some(at) = at {
            let _ = writeln!(text, "  {name:<15}{} ({})", day(at), distance(at.duration_since(now)));
        }
    }
    if standing.sealed {
        text.push_str("  the token is sealed with token_key\n");
    }
    match standing.seed {
        Seed::None | Seed::Used => {}
        Seed::Newer => text.push_str("  refresh_token in the files is newer: the next call begins with it\n"),
        Seed::Unknown => text.push_str("  refresh_token in the files cannot be read here\n"),
    }
    match &standing.reconnect {
        Some(why) => {
            let _ = writeln!(text, "reconnect: {why}");
        }
        None if standing.connected => text.push_str("The connection stands.\n"),
        None => {}
    }
    text
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `3 days ago`, `in 41 minutes`.
fn distance(span: SignedDuration) -> String {
    let minutes = span.as_mins().unsigned_abs();
    let (count, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2880 => (minutes / 60, "hour"),
        2880.. => (minutes / 1440, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if span.is_negative() {
        format!("{count} {unit}{plural} ago")
    } else {
        format!("in {count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_in_the_unit_that_fits() {
        let cases = [
            (0, "in 0 minutes"),
            (60, "in 1 minute"),
            (-41 * 60, "41 minutes ago"),
            (119 * 60, "in 119 minutes"),
            (-120 * 60, "2 hours ago"),
            (47 * 3600, "in 47 hours"),
            (100 * 86_400, "in 100 days"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(distance(SignedDuration::from_secs(seconds)), expected);
        }
    }
}
