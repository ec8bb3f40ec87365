//! Tokens: who may call for how long. Access lasts an hour; a refresh token
//! rolls on for 101 days and changes its value about once a day, when the
//! value before it dies, at once or after a time of grace.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Life of an access token.
pub(super) const ACCESS_SECONDS: i64 = 3600;

/// Life of a refresh token from its last use, as the service tells it.
pub(super) const REFRESH_SECONDS: i64 = 8_726_400;

/// Life of a connection however often it is refreshed: five years.
const HARD_SECONDS: i64 = 5 * 365 * 86_400;

const ROTATE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// An authorization code waits so long for its exchange.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// Makes values that look random and repeat with the seed.
#[derive(Debug)]
pub(super) struct Mint {
    seed: u64,
    made: u64,
}

impl Mint {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, made: 0 }
    }

    pub(super) fn next(&mut self, label: &str) -> String {
        self.made += 1;
        let name = format!("{}/{label}/{}", self.seed, self.made);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).simple().to_string()
    }
}

/// A connection between the app and the company.
#[derive(Debug)]
struct Grant {
    app: usize,
    refresh: String,
    /// The value before it, and until when it is good beside it.
    before: Option<(String, Timestamp)>,
    minted: Timestamp,
    expires: Timestamp,
    ends: Timestamp,
    alive: bool,
}

#[derive(Debug)]
struct Access {
    grant: usize,
    expires: Timestamp,
}

#[derive(Debug)]
struct Code {
    app: usize,
    redirect_uri: String,
    expires: Timestamp,
}

/// What a token request answers.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) hard_seconds: i64,
}

/// All connections of the company.
#[derive(Debug)]
pub(super) struct Gate {
    grants: Vec<Grant>,
    access: HashMap<String, Access>,
    codes: HashMap<String, Code>,
    grace: SignedDuration,
}

impl Gate {
    /// A gate that already knows one connection; a value that was rotated away
    /// is good for `grace`.
    pub(super) fn new(refresh: String, grace: SignedDuration, now: Timestamp) -> Self {
        let grants = vec![Grant::new(0, refresh, now)];
        Self { grants, access: HashMap::new(), codes: HashMap::new(), grace }
    }

    /// Connects an app without anyone asking, and gives its refresh token.
    pub(super) fn connect(&mut self, app: usize, now: Timestamp, mint: &mut Mint) -> String {
        let refresh = format!("RT1-{}", mint.next("refresh"));
        self.grants.push(Grant::new(app, refresh.clone(), now));
        refresh
    }

    /// The code a consenting administrator is sent back with.
    pub(super) fn consent(&mut self, (app, redirect_uri): (usize, &str), code: String, now: Timestamp) {
        let expires = later(now, CODE_LIFE);
        self.codes.insert(code, Code { app, redirect_uri: redirect_uri.to_owned(), expires });
    }

    /// Exchanges a code, once, for a connection of its own.
    pub(super) fn exchange(
        &mut self,
        app: usize,
        (code, redirect_uri): (&str, &str),
        now: Timestamp,
        mint: &mut Mint,
    ) -> Result<Pair, &'static str> {
        let known = self.codes.remove(code).ok_or("Invalid authorization code")?;
        if known.app != app {
            return Err("Invalid authorization code");
        }
        if known.redirect_uri != redirect_uri {
            return Err("Invalid redirect uri");
        }
        if known.expires < now {
            return Err("Authorization code expired");
        }
        self.connect(app, now, mint);
        Ok(self.issue(self.grants.len() - 1, now, mint))
    }

    /// Gives a new access token and, once a day, a new refresh token.
    pub(super) fn refresh(
        &mut self,
        app: usize,
        token: &str,
        now: Timestamp,
        mint: &mut Mint,
    ) -> Result<Pair, &'static str> {
        let index = self.grants.iter().position(|grant| grant.app == app && grant.knows(token, now));
        let index = index.ok_or("Incorrect or invalid refresh token")?;
        let grant = &mut self.grants[index];
        if !grant.alive || grant.expires < now || grant.ends < now {
            return Err("Token invalid");
        }
        grant.expires = later(now, SignedDuration::from_secs(REFRESH_SECONDS));
        if now.duration_since(grant.minted) >= ROTATE_AFTER {
            let next = format!("RT1-{}", mint.next("refresh"));
            grant.before = Some((std::mem::replace(&mut grant.refresh, next), later(now, self.grace)));
            grant.minted = now;
        }
        Ok(self.issue(index, now, mint))
    }

    fn issue(&mut self, index: usize, now: Timestamp, mint: &mut Mint) -> Pair {
        self.access.retain(|_, access| access.expires > now);
        let access = mint.next("access");
        let expires = later(now, SignedDuration::from_secs(ACCESS_SECONDS));
        self.access.insert(access.clone(), Access { grant: index, expires });
        let grant = &self.grants[index];
        Pair {
            access,
            refresh: grant.refresh.clone(),
            hard_seconds: grant.ends.duration_since(now).as_secs(),
        }
    }

    /// The app whose access token this is.
    pub(super) fn admits(&self, access: &str, now: Timestamp) -> Option<usize> {
        let access = self.access.get(access).filter(|access| access.expires > now)?;
        Some(self.grants[access.grant].app)
    }

    /// Every token and code that is out.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &String> {
        let refresh = self.grants.iter().map(|grant| &grant.refresh);
        refresh.chain(self.access.keys()).chain(self.codes.keys())
    }

    /// Ends the connection either of its tokens belongs to.
    pub(super) fn revoke(&mut self, app: usize, token: &str) -> bool {
        let by_access = self.access.get(token).map(|access| access.grant);
        let index = by_access.or_else(|| self.grants.iter().position(|grant| grant.refresh == token));
        let own = |index: &usize| self.grants[*index].alive && self.grants[*index].app == app;
        let Some(index) = index.filter(own) else { return false };
        self.grants[index].alive = false;
        self.access.retain(|_, access| access.grant != index);
        true
    }

    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }

    pub(super) fn kill_refresh(&mut self) {
        for grant in &mut self.grants {
            grant.alive = false;
        }
    }
}

impl Grant {
    fn new(app: usize, refresh: String, now: Timestamp) -> Self {
        let expires = later(now, SignedDuration::from_secs(REFRESH_SECONDS));
        let ends = later(now, SignedDuration::from_secs(HARD_SECONDS));
        Self { app, refresh, before: None, minted: now, expires, ends, alive: true }
    }

    /// Whether a value is its present one, or the one before in its grace.
    fn knows(&self, token: &str, now: Timestamp) -> bool {
        let before = self.before.as_ref().filter(|(_, until)| now < *until);
        self.refresh == token || before.is_some_and(|(value, _)| value == token)
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
