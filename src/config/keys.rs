//! Keys: every table and key of the contract, and which one an unknown word
//! was meant to be.

/// What a table may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// These keys.
    Fixed(&'static [&'static str]),
    /// Keys that the operator chooses: ids, product codes.
    Free,
    /// Any number of tables of these keys: `[[notify]]`.
    Many(&'static [&'static str]),
    /// Part of the contract, but not carried out by this version: only empty
    /// ones are accepted.
    NotYet,
}

/// Keys outside of any table.
pub(super) const TOP: &[&str] = &["version", "include", "allow_empty"];

/// The tables.
pub(super) const TABLES: &[(&str, Keys)] = &[
    ("company", Keys::Fixed(&["name", "realm_id", "expect", "time_zone"])),
    ("staxbill", Keys::Fixed(&["api_key", "base_url"])),
    (
        "quickbooks",
        Keys::Fixed(&[
            "environment",
            "client_id",
            "client_secret",
            "refresh_token",
            "redirect_uri",
            "token_key",
            "api_url",
            "discovery_url",
        ]),
    ),
    ("schedule", Keys::Fixed(&["interval", "full_scan"])),
    ("paths", Keys::Fixed(&["state", "reports"])),
    ("customers", Keys::Fixed(&["on_activation", "display_name", "contact", "count_from", "start"])),
    (
        "posting",
        Keys::Fixed(&[
            "deferred_revenue_item",
            "discount_item",
            "credit_item",
            "bad_debt_item",
            "deposit_account",
            "tax",
            "tax_item",
            "unmapped_product",
            "discounts",
            "document_numbers",
            "refund_as",
            "refund_account",
            "no_tax_code",
            "on_drift",
            "closed_period",
        ]),
    ),
    ("deposit_accounts", Keys::Free),
    ("items", Keys::Free),
    ("taxes", Keys::Free),
    ("transaction_types", Keys::Free),
    ("links", Keys::Free),
    (
        "limits",
        Keys::Fixed(&[
            "quickbooks_requests_minute",
            "quickbooks_requests_second",
            "quickbooks_batches_minute",
            "quickbooks_reads_month",
            "staxbill_requests_minute",
            "unknown_wait",
        ]),
    ),
    ("dismiss", Keys::Free),
    ("dismiss_rule", Keys::Free),
    ("resend", Keys::Free),
    ("guard", Keys::Fixed(GUARD)),
    ("approve", Keys::Free),
    ("freeze", Keys::NotYet),
    ("notify", Keys::Many(NOTIFY)),
];

/// Keys of one receiver of alerts.
pub(super) const NOTIFY: &[&str] = &["name", "url", "command", "on", "digest_at"];

/// Keys of `[guard]`.
const GUARD: &[&str] =
    &["links_changed", "links_changed_percent", "documents", "amount", "backfill", "customers", "first_sync"];
/// Keys of one approval.
pub(super) const APPROVE: &[&str] = &["why", "by"];

/// Keys of one link.
pub(super) const LINK: &[&str] = &[
    "adopt", "create", "skip", "unlink", "expect", "start", "from", "currency", "shared", "policy", "match",
    "accept", "by",
];

/// Keys of one dismissal.
pub(super) const DISMISS: &[&str] = &["codes", "until", "why", "by"];
/// Keys of one rule of dismissal.
pub(super) const DISMISS_RULE: &[&str] = &["entity", "codes", "before", "max_matches", "until", "why", "by"];
/// Keys of one resend.
pub(super) const RESEND: &[&str] = &["token", "scope", "why", "by"];

/// What the table `name` may hold.
pub(super) fn of_table(name: &str) -> Option<(&'static str, Keys)> {
    TABLES.iter().find(|(table, _)| *table == name).copied()
}

/// How like two words must be (Jaro-Winkler) for one to be taken for a slip
/// of the other; `adpt` and `adopt` have 0.93, `name` and `expect` 0.47.
#[expect(clippy::disallowed_types, reason = "a likeness is no money")]
const LIKENESS_MIN: f64 = 0.82;

/// The word that an unknown one was probably meant to be.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&word, &known.to_lowercase());
    let rated = known.into_iter().map(|known| (likeness(known), known));
    rated
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|best| best.0 >= LIKENESS_MIN)
        .map(|best| best.1)
}

/// What to do about an unknown key of the table `table` (empty: of none).
pub(super) fn remedy(word: &str, table: &str, known: &[&'static str]) -> String {
    if let Some(near) = nearest(word, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let holds = |keys: Keys| match keys {
        Keys::Fixed(keys) | Keys::Many(keys) => keys.contains(&word),
        Keys::Free | Keys::NotYet => false,
    };
    if let Some((home, _)) = TABLES.iter().find(|(name, keys)| *name != table && holds(*keys)) {
        return format!("it belongs into the table [{home}]");
    }
    if table != "links" && TOP.contains(&word) {
        return "it belongs to the top of the file, above the first table".to_owned();
    }
    format!("known are: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_what_was_meant() {
        let cases = [
            ("adpt", "links", LINK, "did you mean `adopt`?"),
            ("Start", "links", LINK, "did you mean `start`?"),
            ("api_key", "company", &["name", "expect"], "it belongs into the table [staxbill]"),
            (
                "include",
                "company",
                &["name", "expect"],
                "it belongs to the top of the file, above the first table",
            ),
            ("colour", "company", &["name", "expect"], "known are: name, expect"),
        ];
        for (word, table, known, expected) in cases {
            assert_eq!(remedy(word, table, known), expected);
        }
    }
}
