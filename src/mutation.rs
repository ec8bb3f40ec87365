//! Deliberate bugs: they show that the tests would see one.
//!
//! In every build but one none of them is there: without the feature
//! `mutations`, [`Mutation::is_planted`] is the constant `false`, and the
//! compiler leaves out what stands behind it. With the feature, which is for
//! `tests/tools/mutations` alone, the environment variable `LATCHD_MUTATION`
//! names the one that is planted.

/// A bug, its name, and what it does.
macro_rules! mutations {
    ($($bug:ident $name:literal $says:literal;)*) => {
        /// A deliberate bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutation {
            $(#[doc = $says] $bug,)*
        }

        impl Mutation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$bug),*];

            /// Its name in the environment and in `tests/mutations.md`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$bug => $name,)*
                }
            }

            /// What it does, in a sentence without its end.
            pub fn says(self) -> &'static str {
                match self {
                    $(Self::$bug => $says,)*
                }
            }
        }
    };
}

mutations! {
    SkipIntent "skip-intent" "A write is sent and was not journaled";
    RetryBlindly "retry-blindly" "A write without a definite answer is sent again at once";
    ForgetUnknown "forget-unknown" "A write without a definite answer is taken for not done";
    WriteWhileOpen "write-while-open" "A record is written about while an earlier write about it has no answer";
    ProbeEarly "probe-early" "What was cut off is looked for at once, though Intuit may still work on it";
    SkipProbe "skip-probe" "What was cut off is sent again without looking for it";
    FreshRequestId "fresh-requestid" "The same bytes are sent again under another requestid";
    RecomposeBatch "recompose-batch" "A batch is put together anew for its second sending, under the old requestid";
    ReuseRequestId "reuse-requestid" "A new decision is sent under the requestid of the one before";
    IgnoreBlocked "ignore-blocked" "What depends on something that is missing is written all the same";
    TakeFirst "take-first" "Invoices are taken before others let go of them";
    AdvanceWatermark "advance-watermark" "A list of Stax Bill that could not be read counts as read";
    IgnoreFeed "ignore-feed" "What QuickBooks' change feed tells is passed over";
    FirstPage "first-page" "Of a list of Stax Bill only the first page is read";
    IgnoreStart "ignore-start" "Documents count from before the customer's start";
    DaysInUtc "days-in-utc" "A document bears the day in UTC, not the company's";
    DropApplication "drop-application" "Of what a payment settles the last is forgotten";
    IgnoreWithdrawals "ignore-withdrawals" "Refunds and debits lower nothing";
    AdoptByNumber "adopt-by-number" "A document is taken for ours by its number, though it bears no mark";
    TokenAfterUse "token-after-use" "A new token is used before it is on the disk";
    RefreshFirst "refresh-first" "A token is renewed before there is room to keep it";
    SkipFlush "skip-flush" "A commit is not flushed to the disk";
    IgnoreAnchor "ignore-anchor" "A state that is older than its anchor is used";
    DismissAll "dismiss-all" "A dismissal hides every warning of its record";
    ForgetMarks "forget-marks" "Objects that bear our mark and that the state does not know are left alone";
}

impl Mutation {
    /// Whether it is there: never, in a build for anybody.
    #[cfg(not(feature = "mutations"))]
    pub const fn is_planted(self) -> bool {
        let _ = self;
        false
    }

    /// Whether it is the one that the environment names.
    #[cfg(feature = "mutations")]
    pub fn is_planted(self) -> bool {
        *PLANTED == Some(self)
    }
}

#[cfg(feature = "mutations")]
#[expect(clippy::disallowed_methods, reason = "whoever plants a bug names it to the process")]
static PLANTED: std::sync::LazyLock<Option<Mutation>> = std::sync::LazyLock::new(|| {
    let name = std::env::var("LATCHD_MUTATION").ok().filter(|name| !name.is_empty())?;
    let planted = Mutation::ALL.iter().copied().find(|one| one.name() == name);
    Some(planted.unwrap_or_else(|| panic!("LATCHD_MUTATION={name} is no bug that is known")))
});
