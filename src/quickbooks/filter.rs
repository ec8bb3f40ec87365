//! Filters of queries that compare with a text. Intuit documents `\'` for a
//! quote, and nothing for a backslash or a control character: whether `\\` is one
//! or two is not known, so that neither is ever sent. `%` of LIKE stands for them,
//! and a name that ends in a backslash cannot swallow the quote behind it.

/// `property = 'text'`. Where the text holds what cannot be written, a little
/// more is asked for than meant: who asks compares.
pub fn same(property: &str, text: &str) -> String {
    let quoted = quoted(text);
    if is_plain(text) { format!("{property} = {quoted}") } else { format!("{property} LIKE {quoted}") }
}

/// `property IN (…)` for all of the texts that can be written, and a filter for
/// each of the others: one query each.
pub fn among<'a>(property: &str, texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let (plain, odd): (Vec<_>, Vec<_>) = texts.partition(|text| is_plain(text));
    let list = plain.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
    let list = (!list.is_empty()).then(|| format!("{property} IN ({list})"));
    list.into_iter().chain(odd.into_iter().map(|text| same(property, text))).collect()
}

fn is_plain(text: &str) -> bool {
    !text.chars().any(is_odd)
}

fn is_odd(sign: char) -> bool {
    sign == '\\' || sign.is_control()
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for sign in text.chars() {
        match sign {
            '\'' => out.push_str("\\'"),
            sign if is_odd(sign) => out.push('%'),
            sign => out.push(sign),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_quotes_however_a_backslash_is_read() {
        for (text, expected) in [
            ("Amy", "Name = 'Amy'"),
            ("Amy's", r"Name = 'Amy\'s'"),
            ("' OR Id > '0", r"Name = '\' OR Id > \'0'"),
            (r"C:\", "Name LIKE 'C:%'"),
            (r"\' OR Id > '0", r"Name LIKE '%\' OR Id > \'0'"),
            ("two\nlines", "Name LIKE 'two%lines'"),
            ("100%", "Name = '100%'"),
        ] {
            assert_eq!(same("Name", text), expected, "{text:?}");
        }
        assert_eq!(
            among("Name", ["a", r"b\", "c's"].into_iter()),
            [r"Name IN ('a', 'c\'s')", "Name LIKE 'b%'"]
        );
        assert!(among("Name", [].into_iter()).is_empty());
    }
}
