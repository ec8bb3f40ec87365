//! What `latchd explain` is asked about, and what may have been meant by what
//! is no key.

use crate::model::{Code, Entity, Key, Mark};

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A record.
    Record(Key),
    /// What a code means.
    Code(Code),
    /// A cause of the whole company.
    Company(Code),
}

/// Other words for the kinds, as Stax Bill, QuickBooks and people have them.
const OTHER_WORDS: [(&str, Entity); 9] = [
    ("debit", Entity::Credit),
    ("creditnote", Entity::ChargeReversal),
    ("creditmemo", Entity::Credit),
    ("reversal", Entity::ChargeReversal),
    ("chargereversal", Entity::ChargeReversal),
    ("writeoff", Entity::WriteOff),
    ("inv", Entity::Invoice),
    ("cust", Entity::Customer),
    ("pay", Entity::Payment),
];
/// Letters by which a word may differ from the one that is meant.
const TYPOS_MAX: usize = 2;

/// A key or a code out of an argument, also out of the note of an object in
/// QuickBooks; the error says what one looks like.
pub(super) fn parse(text: &str) -> Result<Asked, String> {
    let wrong = match text.parse::<Key>() {
        Ok(key) => return Ok(Asked::Record(key)),
        Err(wrong) => wrong,
    };
    if let Some(mark) = Mark::find(text) {
        return Ok(Asked::Record(mark.key));
    }
    let (name, asked): (_, fn(Code) -> Asked) = match text.strip_prefix("company/") {
        Some(name) => (name, Asked::Company),
        None => (text, Asked::Code),
    };
    if let Some(code) = Code::ALL.iter().find(|code| code.name() == name) {
        return Ok(asked(*code));
    }
    Err(meant(text).map_or_else(|| wrong.to_string(), |key| format!("did you mean {key}?")))
}

/// What may have been meant: the right kind and the id without what is around.
fn meant(text: &str) -> Option<String> {
    let digits = text.find(|sign: char| sign.is_ascii_digit());
    let (word, rest) = text.split_at(digits.unwrap_or(text.len()));
    let word: String = word.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let id: u64 = id.parse().ok().filter(|id| *id > 0).or_else(|| id.is_empty().then_some(0))?;
    if word.is_empty() {
        return (id > 0).then(|| format!("invoice/{id} or customer/{id}"));
    }
    if id == 0 {
        let (company, name) = text.split_once('/').map_or(("", text), |(_, name)| ("company/", name));
        let near = Code::ALL.iter().map(|code| (strsim::damerau_levenshtein(code.name(), name), code.name()));
        let near = near.min().filter(|(distance, _)| *distance <= TYPOS_MAX);
        return near.map(|(_, name)| format!("{company}{name}"));
    }
    Some(Key { entity: kind(&word)?, id }.to_string())
}

/// The kind that a word of small letters means.
fn kind(word: &str) -> Option<Entity> {
    let own = Entity::ALL.map(|entity| (entity.name().replace('-', ""), entity));
    let others = OTHER_WORDS.map(|(word, entity)| (word.to_owned(), entity));
    let known: Vec<(String, Entity)> = own.into_iter().chain(others).collect();
    let word = word.strip_suffix('s').unwrap_or(word);
    let exact = known.iter().find(|(name, _)| name == word);
    let near = || {
        let far = |name: &str| strsim::damerau_levenshtein(name, word);
        let nearest = known.iter().min_by_key(|(name, _)| far(name));
        nearest.filter(|(name, _)| name.len() > 4 && far(name) <= TYPOS_MAX)
    };
    exact.or_else(near).map(|(_, entity)| *entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_codes_are_taken_and_the_rest_is_guessed_at() {
        assert_eq!(parse("invoice/88123"), Ok(Asked::Record(Key::invoice(88123))));
        assert_eq!(parse("chq 17 [latchd payment/7]"), Ok(Asked::Record(Key::payment(7))));
        assert_eq!(parse("company/throttled"), Ok(Asked::Company(Code::Throttled)));
        assert_eq!(parse("name-taken"), Ok(Asked::Code(Code::NameTaken)));
        let cases = [
            ("invoices/88123", "did you mean invoice/88123?"),
            ("Invoice/88123", "did you mean invoice/88123?"),
            ("invoice:088123", "did you mean invoice/88123?"),
            ("invoce 88123", "did you mean invoice/88123?"),
            ("INV-88123", "did you mean invoice/88123?"),
            ("credit-note/7", "did you mean charge-reversal/7?"),
            ("Charge Reversals 7", "did you mean charge-reversal/7?"),
            ("write_off/7", "did you mean write-off/7?"),
            ("88123", "did you mean invoice/88123 or customer/88123?"),
            ("name-takne", "did you mean name-taken?"),
            ("company/reconect", "did you mean company/reconnect?"),
            ("bill/7", "`bill/7` is not a record's key; one looks like `invoice/88123`"),
            ("invoice/", "`invoice/` is not a record's key; one looks like `invoice/88123`"),
            ("invoice/99999999999999999999", "`invoice/99999999999999999999` is not"),
            ("", "`` is not a record's key"),
        ];
        for (text, expected) in cases {
            let told = parse(text).unwrap_err();
            assert!(told.starts_with(expected), "{text}: {told}");
        }
    }
}
