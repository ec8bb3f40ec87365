//! Masking: hides what may be a secret in a line that an error shows.

use std::ops::Range;

/// Keys of the connections and of `[[notify]]` whose values are no secrets.
const PUBLIC: [&str; 7] = ["environment", "base_url", "api_url", "discovery_url", "name", "on", "digest_at"];
/// Tables whose values are taken for secrets unless their key is known not to be.
const SECRET_TABLES: [&str; 3] = ["staxbill", "quickbooks", "notify"];
/// Words in a key that make its value a secret wherever it stands.
const SECRET_WORDS: [&str; 7] = ["secret", "token", "api_key", "apikey", "api-key", "password", "client_id"];
/// How like a table's name must be to a secret one: a slip of the pen still hides.
#[expect(clippy::disallowed_types, reason = "a likeness is no money")]
const LIKENESS_MIN: f64 = 0.85;

/// The lines, by offset, that stand in a table with secrets.
pub(super) fn secret_ranges(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            found.extend(open.take().map(|start| start..at));
            let name = line.trim().trim_matches(['[', ']', '"', '\'', ' ']);
            open = is_secret_table(name).then_some(at + line.len());
        }
        at += line.len();
    }
    found.extend(open.map(|start| start..at));
    found
}

/// The line with secrets replaced by as many stars, byte for byte, so that
/// columns stay.
pub(super) fn mask(line: &str, in_secret_table: bool) -> String {
    let Some(from) = secret_from(line, in_secret_table) else { return line.to_owned() };
    let (kept, hidden) = line.split_at(from);
    let mut masked = kept.to_owned();
    let mut rest = hidden;
    while let Some(first) = rest.chars().next() {
        let reference = rest.starts_with("${").then(|| rest.find('}')).flatten();
        let length = reference.map_or(first.len_utf8(), |end| end + 1);
        let (part, behind) = rest.split_at(length);
        let shown = reference.is_some() || first.is_whitespace() || "\"'[]{}=,".contains(first);
        masked.push_str(if shown { part } else { "****" }.get(..length).unwrap_or(part));
        rest = behind;
    }
    masked
}

/// From which offset on a line may hold a secret.
fn secret_from(line: &str, in_secret_table: bool) -> Option<usize> {
    let start = line.trim_start();
    if start.starts_with('#') && !in_secret_table {
        return None;
    }
    let mut assignments = line.match_indices('=').map(|(at, _)| (at, key_before(&line[..at])));
    if in_secret_table && !start.starts_with('[') {
        let Some((at, key)) = assignments.next() else { return Some(0) };
        let public = PUBLIC.contains(&key) && !line.contains('@') && line.matches('=').count() == 1;
        return (!public).then_some(at + 1);
    }
    let secret = |(_, key): &(usize, &str)| {
        let key = key.to_ascii_lowercase();
        SECRET_WORDS.iter().any(|word| key.contains(word)) || key.split('.').any(is_secret_table)
    };
    assignments.find(secret).map(|(at, _)| at + 1)
}

fn key_before(text: &str) -> &str {
    let text = text.trim_end();
    let start = text.rfind(|one: char| !(one.is_alphanumeric() || "_-.\"'".contains(one)));
    let key = start.map_or(text, |at| &text[at..]);
    key.trim_matches(|one: char| !(one.is_alphanumeric() || "_-".contains(one)))
}

fn is_secret_table(name: &str) -> bool {
    SECRET_TABLES.iter().any(|secret| strsim::jaro_winkler(secret, name) >= LIKENESS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_may_be_a_secret_and_keeps_columns() {
        let cases = [
            ("api_key = \"canary\" x", true, "api_key = \"******\" *"),
            ("api_kye = \"canary\"", true, "api_kye = \"******\""),
            ("api_key = \"${cred:a}\"", true, "api_key = \"${cred:a}\""),
            ("environment = \"prod\"", true, "environment = \"prod\""),
            ("base_url = \"https://u:canary@x\"", true, "base_url = \"******************\""),
            ("canary", true, "******"),
            ("name = \"craigs\"", false, "name = \"craigs\""),
            ("Client_Secret = 'canäry'", false, "Client_Secret = '*******'"),
            ("staxbill = { api_kye = 'canary' }", false, "staxbill = { ******* = '******' }"),
            ("10482 = { skip = \"test\", by = \"the token\" }", false, ""),
            ("quickboks.x = 'canary'", false, "quickboks.x = '******'"),
        ];
        for (line, in_secret_table, expected) in cases {
            let masked = mask(line, in_secret_table);
            assert_eq!(masked, if expected.is_empty() { line } else { expected });
            assert_eq!(masked.len(), line.len());
        }
    }

    #[test]
    fn finds_the_tables_that_hold_secrets() {
        let text = "a = 1\n[staxbill]\nb = 2\n[x]\nc = 3\n [ \"quickboks\" ]\nd = 4";
        let found: Vec<&str> = secret_ranges(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["b = 2\n", "d = 4"]);
    }
}
