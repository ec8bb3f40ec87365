//! Five ways to misunderstand the service, kept so that whoever judges this
//! sandbox can be judged: a suite of tests that passes against one of them has
//! not looked.

use std::str::FromStr;

/// A belief about the Accounting API that is wrong and easily held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misreading {
    /// Lists without ORDERBY come sorted by `Id`. Really transactions come last
    /// changed first and names by alphabet.
    SortedLists,
    /// An update with an old `SyncToken` is carried out. Really it is refused
    /// with 5010.
    IgnoredSyncToken,
    /// `\'` ends a string of a query. Really it is a quote within it.
    PlainQuote,
    /// A call without a valid token is answered in the shape of every other
    /// fault. Really the gateway answers, with `fault.error` in lower case.
    Common401,
    /// The change feed says nothing of what was deleted. Really it names it
    /// with the status `Deleted`.
    FeedWithoutDeletions,
}

impl Misreading {
    /// Every one there is.
    pub const ALL: [Self; 5] = [
        Self::SortedLists,
        Self::IgnoredSyncToken,
        Self::PlainQuote,
        Self::Common401,
        Self::FeedWithoutDeletions,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::SortedLists => "sorted-lists",
            Self::IgnoredSyncToken => "ignored-sync-token",
            Self::PlainQuote => "plain-quote",
            Self::Common401 => "common-401",
            Self::FeedWithoutDeletions => "feed-without-deletions",
        }
    }
}

impl FromStr for Misreading {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|misreading| misreading.name() == name);
        found.ok_or_else(|| format!("one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}
