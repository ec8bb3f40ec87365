//! The control page's HTML: tables made of its JSON, everything escaped.

use std::fmt::Write as _;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::data::View;

const STYLE: &str = include_str!("page.css");

/// A column: its key in a row, its heading, and whether it holds numbers.
type Column = (&'static str, &'static str, bool);

/// The page of a view.
pub(super) fn html(view: View, data: &Value) -> String {
    let mut page = String::from(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"10\"><title>latchd sandbox</title>",
    );
    let _ = write!(
        page,
        "<style>{STYLE}</style></head><body><header><h1><a href=\"/\">latchd sandbox</a></h1><nav>"
    );
    for (name, known) in View::ALL {
        let here = if known == view { " class=\"here\"" } else { "" };
        let _ = write!(page, "<a href=\"/{name}\"{here}>{name}</a>");
    }
    page.push_str("</nav></header><main>");
    for (key, show) in SECTIONS {
        if let Some(part) = data.get(*key) {
            show(&mut page, part);
        }
    }
    let name = View::ALL.iter().find(|(_, known)| *known == view).map_or("overview", |(name, _)| name);
    let _ = write!(
        page,
        "</main><footer>As JSON: <a href=\"/{name}.json\">/{name}.json</a>. Times are UTC. This page loads itself anew every ten seconds.</footer></body></html>"
    );
    page
}

type Section = (&'static str, fn(&mut String, &Value));

const SECTIONS: &[Section] = &[
    ("clock", clock),
    ("trial_balance", trial_balance),
    ("records", |page, rows| {
        table(
            page,
            "Records",
            rows,
            &[("vendor", "Where", false), ("record", "Kind", false), ("count", "Count", true)],
        );
    }),
    ("customers", |page, rows| {
        table(
            page,
            "Customers with a balance",
            rows,
            &[
                ("id", "Id", false),
                ("name", "Name", false),
                ("balance", "Balance", true),
                ("currency", "Currency", false),
                ("active", "Active", false),
            ],
        );
    }),
    ("documents", |page, rows| {
        table(
            page,
            "Documents, the last changed first",
            rows,
            &[
                ("changed", "Changed", false),
                ("kind", "Kind", false),
                ("id", "Id", false),
                ("number", "Number", false),
                ("date", "Date", false),
                ("customer", "Customer", false),
                ("total", "Total", true),
                ("open", "Open", true),
                ("links", "Linked to", false),
            ],
        );
    }),
    ("steps", |page, rows| {
        table(
            page,
            "Scenario",
            rows,
            &[
                ("line", "Line", true),
                ("title", "Step", false),
                ("when", "When", false),
                ("times", "Played", true),
                ("at", "Last", false),
                ("next", "Next", false),
                ("done", "Outcome", false),
                ("failed", "Failed", false),
            ],
        );
    }),
    ("trouble", trouble),
    ("counts", |page, rows| {
        table(
            page,
            "Calls by sort",
            rows,
            &[
                ("vendor", "To", false),
                ("method", "Verb", false),
                ("path", "Path", false),
                ("status", "Answer", false),
                ("count", "Count", true),
            ],
        );
    }),
    ("calls", |page, rows| {
        table(
            page,
            "Last calls",
            rows,
            &[
                ("time", "Time", false),
                ("vendor", "To", false),
                ("method", "Verb", false),
                ("path", "Path", false),
                ("status", "Answer", false),
            ],
        );
    }),
];

/// What to do about a table without a row, by its title.
const HINTS: &[(&str, &str)] = &[
    ("Documents, the last changed first", "They appear here as soon as somebody posts one."),
    ("Customers with a balance", "Nobody owes anything."),
    ("Scenario", "Start with --scenario FILE, or post a file to /scenario."),
    ("Trouble", "Post a rule to /sandbox/trouble on either vendor's port."),
    ("Last calls", "Nobody has called yet."),
];

fn clock(page: &mut String, clock: &Value) {
    let _ = write!(
        page,
        "<section class=\"clock\"><div><h2>Clock</h2><p class=\"now\">{} UTC</p><p>{} s a second. Company {}.",
        shown(&clock["now"]),
        text(&clock["speed"]),
        text(&clock["realm"])
    );
    for condition in clock["conditions"].as_array().into_iter().flatten() {
        let _ = write!(page, " <strong class=\"bad\">{}</strong>", text(condition));
    }
    page.push_str("</p></div>");
    for (field, label, hint, button) in [
        ("advance", "Put forward by", "1h", "Forward"),
        ("set", "Set to", "2026-01-31T23:59:00-08:00", "Set"),
        ("speed", "Seconds a second", "60", "Run"),
    ] {
        let _ = write!(
            page,
            "<form method=\"post\" action=\"/clock/turn\"><label>{label}<input name=\"{field}\" placeholder=\"{hint}\" required></label><button>{button}</button></form>"
        );
    }
    page.push_str("</section>");
}

fn trial_balance(page: &mut String, balance: &Value) {
    const COLUMNS: &[Column] = &[
        ("id", "Id", false),
        ("account", "Account", false),
        ("debit", "Debit", true),
        ("credit", "Credit", true),
    ];
    page.push_str("<div class=\"joined\">");
    table(page, "Trial balance", &balance["accounts"], COLUMNS);
    let balanced = balance["balanced"] == Value::Bool(true);
    let (class, word) = if balanced { ("good", "in balance") } else { ("bad", "NOT in balance") };
    let _ = write!(
        page,
        "<p class=\"sum {class}\">Debit {} and credit {}: {word}.</p></div>",
        or_zero(&balance["debit"]),
        or_zero(&balance["credit"])
    );
}

fn or_zero(amount: &Value) -> String {
    let told = shown(amount);
    if told.is_empty() { "0.00".to_owned() } else { told }
}

fn trouble(page: &mut String, rules: &Value) {
    let rows: Vec<Value> = rules
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let mut rule = one["rule"].clone();
            let what = words(&rule["what"].take());
            if let Some(rule) = rule.as_object_mut() {
                rule.retain(|key, value| {
                    key != "what"
                        && !value.is_null()
                        && *value != Value::Bool(false)
                        && *value != ""
                        && !(["skip", "seed"].contains(&key.as_str()) && value.as_u64() == Some(0))
                });
            }
            serde_json::json!({ "what": what, "rule": words(&rule), "seen": one["seen"], "hit": one["hit"] })
        })
        .collect();
    let any = !rows.is_empty();
    table(
        page,
        "Trouble",
        &Value::Array(rows),
        &[("what", "What", false), ("rule", "When", false), ("seen", "Fitted", true), ("hit", "Hit", true)],
    );
    if any {
        page.push_str(
            "<form method=\"post\" action=\"/trouble/clear\"><button>Take all rules away</button></form>",
        );
    }
}

fn table(page: &mut String, title: &str, rows: &Value, columns: &[Column]) {
    let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
    let _ = write!(page, "<section><h2>{title} <small>{}</small></h2>", rows.len());
    if rows.is_empty() {
        let hint = HINTS.iter().find(|(about, _)| *about == title).map_or("", |(_, hint)| hint);
        let _ = write!(page, "<p class=\"none\">None. {hint}</p></section>");
        return;
    }
    // Many columns become a card a row on a narrow screen.
    let cards = if columns.len() > 4 { " class=\"cards\"" } else { "" };
    let _ = write!(page, "<div class=\"wide\"><table{cards}><thead><tr>");
    for (_, heading, number) in columns {
        let _ = write!(page, "<th{}>{heading}</th>", class(*number));
    }
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        for column in columns {
            cell(page, *column, &row[column.0]);
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div></section>");
}

fn cell(page: &mut String, (key, heading, number): Column, value: &Value) {
    let class = match (key, value.as_u64()) {
        ("status", None) => " class=\"bad\"",
        ("status", Some(status)) if status >= 500 => " class=\"bad\"",
        ("status", Some(status)) if status >= 400 => " class=\"warn\"",
        ("failed", _) if !value.is_null() => " class=\"bad\"",
        _ => class(number),
    };
    let told = if key == "status" && value.is_null() { "cut".to_owned() } else { shown(value) };
    let _ = write!(page, "<td{class} data-is=\"{heading}\">{told}</td>");
}

fn class(number: bool) -> &'static str {
    if number { " class=\"number\"" } else { "" }
}

/// A value for the eye: instants to the second, amounts in groups of three.
fn shown(value: &Value) -> String {
    let told = text(value);
    if let Ok(at) = told.parse::<Timestamp>() {
        return format!("<time>{}</time>", at.strftime("%Y-%m-%d&nbsp;%H:%M:%S"));
    }
    match told.split_once('.') {
        Some((whole, cents)) if cents.len() == 2 && whole.len() > 3 && told.parse::<Decimal>().is_ok() => {
            format!("{}.{cents}", grouped(whole))
        }
        Some(_) | None => told,
    }
}

fn grouped(whole: &str) -> String {
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut told = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// A rule's parts in a row: `late-effect: seconds 60`.
fn words(value: &Value) -> String {
    let parts = |object: &serde_json::Map<String, Value>| {
        let told = object.iter().map(|(key, value)| match value {
            Value::Object(_) => format!("{key}: {}", words(value)),
            Value::Bool(true) => key.clone(),
            Value::Null | Value::Bool(false) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                format!("{key} {}", words(value))
            }
        });
        told.collect::<Vec<_>>().join(", ")
    };
    match value {
        Value::Object(object) => parts(object),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}

/// A value as escaped text; lists and objects as their JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escaped(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => escaped(&value.to_string()),
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Control characters, those that turn the reading direction, and those
            // that take no room.
            sign if sign.is_control()
                || matches!(sign, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
                || matches!(sign, '\u{2060}'..='\u{206f}' | '\u{feff}') =>
            {
                safe.push('\u{fffd}');
            }
            sign => safe.push(sign),
        }
    }
    safe
}
