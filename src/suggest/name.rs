//! A name taken apart: its words in their long forms, without legal forms and
//! fillers; the other names that it mentions; the numbers that it bears.

use super::words;
use crate::entity::customer;

/// Longer texts are no names; the rest of one is not read.
const CHARS_MAX: usize = 400;
/// So many words of a name are compared.
const WORDS_MAX: usize = 24;

/// A name, ready to be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// As written, in small letters, spaces collapsed.
    pub(super) plain: String,
    /// Its words, compared by.
    pub(super) words: Vec<String>,
    /// The same without spaces.
    pub(super) joined: String,
    /// Legal forms, each once, sorted.
    pub(super) legal: Vec<&'static str>,
}

impl Name {
    /// The name in `text`; nothing where it has no word.
    pub(super) fn of(text: &str) -> Option<Self> {
        Self::of_words(text, all_words(text))
    }

    fn of_words(text: &str, all: Vec<String>) -> Option<Self> {
        let mut kept: Vec<String> = Vec::new();
        let mut legal = Vec::new();
        let tail = all.iter().rposition(|word| words::legal_form(word).is_none()).map_or(0, |at| at + 1);
        for (at, word) in all.iter().enumerate() {
            match words::legal_form(word).filter(|_| at > 0 && (at >= tail || is_form_anywhere(word))) {
                Some(form) if !form.is_empty() => legal.push(form),
                Some(_) => {}
                None if words::is_filler(word) || (at == 0 && words::is_title(word)) => {}
                // "Rock 'n' Roll"; at the end it is a point of the compass.
                None if word == "n" && at > 0 && at + 1 < all.len() => {}
                None => kept.extend(words::long_form(word).split(' ').map(ToOwned::to_owned)),
            }
        }
        if kept.is_empty() {
            kept = all;
        }
        // "No. 27", "Number 27", "#27": the word says nothing.
        let counts =
            |at: usize| kept.get(at + 1).is_some_and(|next| next.bytes().all(|b| b.is_ascii_digit()));
        let mut words = Vec::new();
        for (at, word) in kept.iter().enumerate() {
            if !(["no", "nr", "number", "num"].contains(&word.as_str()) && counts(at)) {
                words.push(word.clone());
            }
        }
        words.truncate(WORDS_MAX);
        legal.sort_unstable();
        legal.dedup();
        let joined = words.concat();
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        (!joined.is_empty()).then_some(Self { plain, words, joined, legal })
    }

    /// Whether it is a name at all, and not `ABC` or a number.
    pub(super) fn is_distinctive(&self) -> bool {
        self.joined.len() > 5 && self.tells(|_| true)
    }

    /// Whether one of its words is not everywhere, and passes `rare`.
    pub(super) fn tells(&self, rare: impl Fn(&str) -> bool) -> bool {
        self.words.iter().any(|word| {
            let number = word.bytes().all(|byte| byte.is_ascii_digit());
            word.len() > 2 && !number && !words::is_anybodys(word) && rare(word)
        })
    }
}

/// The names that `text` holds: itself, and where it tells of another name
/// (`dba`, `formerly`), each of them.
pub(super) fn names_in(text: &str) -> Vec<Name> {
    let text = cut(text);
    let text = site(text).unwrap_or(text);
    let all = all_words(text);
    let mut parts = vec![Vec::new()];
    for (at, word) in all.iter().enumerate() {
        match word.as_str() {
            "dba" | "aka" | "fka" | "nka" | "formerly" if at > 0 && at + 1 < all.len() => {
                parts.push(Vec::new());
            }
            // Who takes the post is somebody else.
            "careof" if at > 0 => break,
            _ => parts.last_mut().expect("one was put there").push(word.clone()),
        }
    }
    let whole = parts.concat();
    let mut names: Vec<Name> = Name::of_words(text, whole).into_iter().collect();
    if parts.len() > 1 {
        let others = parts.into_iter().filter_map(|words| Name::of_words(&words.join(" "), words));
        names.extend(others);
    }
    names
}

/// The numbers that a name bears where an id stands: in brackets, behind `#`,
/// as its first or last word; each with the name without it.
pub(super) fn numbers_in(text: &str) -> Vec<(String, String)> {
    let text = cut(text).strip_suffix(" (deleted)").unwrap_or(text);
    let mut found = Vec::new();
    for (open, _) in text.match_indices(['(', '[', '#']) {
        let inner = &text[open + 1..];
        let hash = text[open..].starts_with('#');
        let end = if hash {
            inner.find(|c: char| !c.is_ascii_digit()).or(Some(inner.len()))
        } else {
            inner.find([')', ']'])
        };
        let Some(end) = end else { continue };
        let digits: String = inner[..end].chars().filter(char::is_ascii_digit).collect();
        let words = customer::words(&inner[..end]);
        let told = ["id", "no", "nr", "customer", "cust", "acct", "account", "stax"];
        let sole = words.iter().all(|word| *word == digits || told.contains(&word.as_str()));
        if sole && (1..=19).contains(&digits.len()) {
            let rest = inner.get(end + usize::from(!hash)..).unwrap_or_default();
            found.push((digits, format!("{} {rest}", &text[..open])));
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_number =
        |word: &str| (4..=19).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    if let [first, rest @ ..] = words.as_slice()
        && is_number(first)
    {
        found.push(((*first).to_owned(), rest.join(" ")));
    }
    if let [rest @ .., last] = words.as_slice()
        && !rest.is_empty()
        && is_number(last)
    {
        found.push(((*last).to_owned(), rest.join(" ")));
    }
    found
}

/// The name without `suffix`'s words at its end, where they stand there.
pub(super) fn without_end(text: &str, suffix: &str) -> Option<String> {
    let (all, end) = (customer::words(cut(text)), customer::words(cut(suffix)));
    let telling = end.concat();
    if telling.len() < 3 || !telling.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest = all.strip_suffix(end.as_slice())?;
    (!rest.is_empty()).then(|| rest.join(" "))
}

/// All words, signs read as people mean them.
fn all_words(text: &str) -> Vec<String> {
    let text = cut(text).replace(['™', '®', '©', '℠'], "");
    let low = text.to_lowercase();
    let low = low
        .replace("c/o", " careof ")
        .replace('+', " and ")
        .replace("trading as", " dba ")
        .replace(" t/a ", " dba ");
    let low = low.replace("doing business as", " dba ").replace("formerly known as", " formerly ");
    let low = low.replace("do not use", " ").replace("accounts payable", " ");
    // Letters that stand alone beside each other are initials: "d/b/a", "J. P.".
    let mut joined: Vec<(String, bool)> = Vec::new();
    for word in customer::words(&low) {
        let alone = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        match joined.last_mut() {
            Some((last, true)) if alone => last.push_str(&word),
            _ => joined.push((word, alone)),
        }
    }
    joined.into_iter().map(|(word, _)| word).collect()
}

/// Forms that are no other word, wherever they stand.
fn is_form_anywhere(word: &str) -> bool {
    ["inc", "incorporated", "llc", "pllc", "llp", "ltd", "limited", "corp", "corporation", "gmbh", "pty"]
        .contains(&word)
}

/// The name in the address of a site: `www.bolt.example` is `bolt`.
fn site(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let text = text.strip_prefix("www.").or_else(|| text.strip_prefix("WWW.")).unwrap_or(text);
    let (name, rest) = text.split_once('.')?;
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let last = rest.rsplit('.').next().unwrap_or_default().to_lowercase();
    let ends = [
        "com", "net", "org", "io", "co", "us", "ca", "uk", "au", "de", "eu", "biz", "info", "shop", "app",
        "example",
    ];
    let whole = rest.split('.').all(plain) && ends.contains(&last.as_str());
    (name.len() > 3 && plain(name) && whole).then_some(name)
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(CHARS_MAX).map_or(text, |(at, _)| &text[..at])
}
