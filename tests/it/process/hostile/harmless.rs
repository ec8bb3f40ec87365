//! What a text must be for its reader to do no more than show it, judged without
//! the code that makes it so.

use std::collections::BTreeSet;

use latchd::model::is_unseen;

/// A terminal shows it, and turns nothing.
#[track_caller]
pub(super) fn terminal(what: &str, text: &str) {
    let obeyed = text.char_indices().find(|(_, sign)| *sign != '\n' && is_unseen(*sign));
    if let Some((at, sign)) = obeyed {
        let around: String =
            text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{what}: {sign:?} behind {around:?}");
    }
}

/// Lines of TOML: the whole is a table of links, each comment that could be a
/// line is just that one when it is pasted.
#[track_caller]
pub(super) fn toml(text: &str) {
    terminal("suggest", text);
    let links = |text: &str| {
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(table.keys().collect::<Vec<_>>(), ["links"], "{text}");
        table["links"].as_table().expect("it is a table").clone()
    };
    let live = links(text);
    assert!(!live.contains_key("10999"), "a name wrote a line: {text}");
    let mut pasted = 0;
    for line in text.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.contains(" = { "))
    {
        if line.split(' ').next().is_some_and(|id| id.parse::<u64>().is_ok()) {
            let one = links(&format!("[links]\n{line}"));
            assert_eq!(one.len(), 1, "{line}");
            pasted += 1;
        }
    }
    assert!(live.len() + pasted > 5, "{text}");
}

/// Elements that the page is made of; a name brings none of its own.
const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "bdi",
    "body",
    "caption",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "i",
    "input",
    "label",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "option",
    "p",
    "pre",
    "rect",
    "script",
    "section",
    "select",
    "span",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tiles",
    "time",
    "title",
    "tr",
    "u64",
    "ul",
];

/// Every tag is one of the page's own, its attributes closed and none of them an
/// act or an address elsewhere; there are no more scripts than one.
#[track_caller]
pub(super) fn html(page: &str) {
    let mut scripts = 0;
    let mut rest = page;
    let mut seen = BTreeSet::new();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").expect("a comment ends").1;
            continue;
        }
        let end = tag_end(rest);
        let tag = &rest[..end];
        let name: String =
            tag.trim_start_matches(['/', '!']).chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(name == "doctype" || ELEMENTS.contains(&name.as_str()), "<{tag}>");
        attributes(tag);
        rest = &rest[end..];
        if name == "script" || name == "style" {
            scripts += usize::from(name == "script" && !tag.starts_with('/'));
            if !tag.starts_with('/') {
                let close = format!("</{name}");
                let (inside, behind) = rest.split_once(&close).expect("it ends");
                assert!(!inside.contains("alert(1)") && !inside.contains("evil.test"), "{name}: {inside}");
                rest = &rest[rest.len() - behind.len() - close.len()..];
            }
        }
        seen.insert(name);
    }
    assert!(seen.contains("table") && scripts <= 1, "{scripts} scripts, {seen:?}");
    assert!(
        page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;"),
        "a name is text on the page"
    );
}

/// Where a tag ends that begins here: `>` within quotes does not end it.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, sign) in text.char_indices() {
        match (quote, sign) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if sign == open => quote = None,
            _ => {}
        }
    }
    panic!("a tag does not end: {}", text.chars().take(80).collect::<String>());
}

fn attributes(tag: &str) {
    // Names stand outside of quotes.
    let mut outside = String::new();
    let mut quote = None;
    for sign in tag.chars() {
        match quote {
            None if sign == '"' || sign == '\'' => quote = Some(sign),
            None => outside.push(sign),
            Some(open) if sign == open => quote = None,
            Some(_) => {}
        }
    }
    let acts = outside.split([' ', '=', '/', '\n']).any(|name| name.to_ascii_lowercase().starts_with("on"));
    assert!(!acts && !outside.contains("alert"), "<{tag}>");
    for place in ["href=\"", "src=\"", "action=\""] {
        let values = tag.split(place).skip(1).filter_map(|rest| rest.split('"').next());
        for value in values {
            assert!(!value.contains("evil") && !value.contains("javascript:"), "<{tag}>");
        }
    }
}

/// What is left after everything that is escaped is markup, and a name has none.
#[track_caller]
pub(super) fn markdown(page: &str) {
    let mut bare = String::new();
    let mut signs = page.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => bare.extend(signs.next().map(|_| '\u{b7}')),
            sign => bare.push(sign),
        }
    }
    let active = [
        "<script",
        "<img",
        "<svg",
        "<iframe",
        "<u>",
        "<https",
        "**bold",
        "~~gone",
        "`code",
        "`reboot",
        "](https://evil",
        "https://evil",
        "www.evil",
        "@channel",
        "@SUM",
        "<@U",
        "<!here",
        "| cell",
        "$x^2$",
        " #1",
    ];
    for mark in active {
        assert!(!bare.contains(mark), "{mark} in {:?}", around(&bare, mark));
    }
    for line in page.lines() {
        let start = line.trim_start();
        assert!(!start.starts_with("- list") && !start.starts_with("# heading"), "{line}");
    }
    assert!(page.contains("&lt;script&gt;"), "a name is text on the page");
}

fn around(text: &str, mark: &str) -> String {
    let at = text.find(mark).unwrap_or_default();
    text[at..].chars().take(80).collect()
}

/// A line an event behind the first, and no name makes one more. What a chat
/// obeys is for the receiver to take out, as the examples do.
#[track_caller]
pub(super) fn told(text: &str) {
    let named = |line: &str| {
        let key = line.strip_prefix("- ").and_then(|rest| rest.split_once(['/', ' ']));
        key.is_some_and(|(kind, _)| kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
    };
    for line in text.lines().skip(1) {
        assert!(named(line) || line.starts_with("and "), "{line:?} of {text}");
    }
}

/// The text format of Prometheus: comments, and samples of latchd's own.
#[track_caller]
pub(super) fn prometheus(page: &str) {
    let mut samples = 0;
    for line in page.lines().filter(|line| !line.is_empty()) {
        if let Some(comment) = line.strip_prefix("# ") {
            assert!(comment.starts_with("HELP latchd_") || comment.starts_with("TYPE latchd_"), "{line}");
            continue;
        }
        let name: String =
            line.chars().take_while(|sign| sign.is_ascii_alphanumeric() || *sign == '_').collect();
        assert!(name.starts_with("latchd_"), "{line}");
        let mut rest = &line[name.len()..];
        if rest.starts_with('{') {
            rest = labels(&rest[1..]).unwrap_or_else(|| panic!("labels of {line}"));
        }
        let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{line}"));
        assert!(value.parse::<rust_decimal::Decimal>().is_ok() || value == "NaN", "{line}");
        samples += 1;
    }
    assert!(samples > 20, "{page}");
}

/// What stands behind the labels.
fn labels(mut rest: &str) -> Option<&str> {
    loop {
        let (name, value) = rest.split_once("=\"")?;
        if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return None;
        }
        let mut escaped = false;
        let end = value.char_indices().find_map(|(at, sign)| {
            let ends = sign == '"' && !escaped;
            escaped = sign == '\\' && !escaped;
            ends.then_some(at)
        })?;
        rest = &value[end + 1..];
        match rest.as_bytes().first()? {
            b',' => rest = &rest[1..],
            b'}' => return Some(&rest[1..]),
            _ => return None,
        }
    }
}
