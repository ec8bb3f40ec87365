//! Texts in queries: whatever a customer is called, the service reads back just
//! that, and nothing behind it.

use latchd::quickbooks::{among, same};
use latchd::sandbox::quickbooks::read_query_back;

/// The promise.
pub(crate) fn body(bytes: &[u8]) {
    let texts: Vec<String> =
        bytes.split(|byte| *byte == 0xff).map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    for text in &texts {
        let filter = same("DisplayName", text);
        let read = read(&format!("{filter} AND Active IN (true, false)"));
        let [(property, values), (_, others)] = read.as_slice() else { panic!("{filter} reads as {read:?}") };
        assert_eq!((property.as_str(), others.len()), ("DisplayName", 2), "{filter}");
        let [value] = values.as_slice() else { panic!("{filter} reads as {values:?}") };
        assert!(finds(text, value), "{text:?} is asked for as {value:?}");
    }
    let mut asked = Vec::new();
    for filter in among("Name", texts.iter().map(String::as_str)) {
        for (property, values) in read(&filter) {
            assert_eq!(property, "Name");
            asked.extend(values);
        }
    }
    assert_eq!(asked.len(), texts.len(), "{texts:?} are asked for as {asked:?}");
    for text in &texts {
        assert!(asked.iter().any(|value| finds(text, value)), "{text:?} is not among {asked:?}");
    }
}

fn read(filter: &str) -> Vec<(String, Vec<String>)> {
    let query = format!("SELECT * FROM Customer WHERE {filter} MAXRESULTS 1000");
    // A backslash before anything but a quote has no meaning that is published.
    let bare = query.replace("\\'", "");
    assert!(!bare.contains('\\'), "a backslash of its own is sent: {query}");
    assert_eq!(bare.matches('\'').count() % 2, 0, "a quote stays open: {query}");
    read_query_back(&query).unwrap_or_else(|fault| panic!("{query} is refused: {fault}"))
}

/// Whether a value is the text, but for what cannot be written.
fn finds(text: &str, value: &str) -> bool {
    let odd = |sign: char| sign == '\\' || sign.is_control();
    value.chars().count() == text.chars().count()
        && text.chars().zip(value.chars()).all(|(one, other)| one == other || (odd(one) && other == '%'))
}
