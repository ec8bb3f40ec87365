//! One event as one line. Whatever a vendor's words hold, they end no line,
//! begin none, and move no cursor.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;
use tracing::Level;

use super::Form;
use super::fields::Fields;
use crate::model::is_unseen;

/// What lines look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dress {
    pub(super) form: Form,
    /// Levels are coloured, in text.
    pub(super) colour: bool,
    /// Text begins with the time; where the journal writes it down, it does not.
    pub(super) dated: bool,
    /// Lines begin with their priority, as sd-daemon(3) says.
    pub(super) ranked: bool,
}

/// An event with all that is known of it.
#[derive(Debug)]
pub(super) struct Happening<'a> {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) target: &'a str,
    pub(super) message: &'a str,
    pub(super) fields: &'a Fields,
}

impl Dress {
    /// The line of an event, with its end.
    pub(super) fn line(self, event: &Happening<'_>) -> String {
        let mut line = String::with_capacity(256);
        if self.ranked {
            line.push_str(rank(event.level));
        }
        match self.form {
            Form::Text => self.text(&mut line, event),
            Form::Json => json(&mut line, event),
        }
        line.push('\n');
        line
    }

    fn text(self, line: &mut String, event: &Happening<'_>) {
        if self.dated {
            let _ = write!(line, "{} ", time(event.at));
        }
        // The journal shows the priority in its own way.
        if self.colour {
            let _ = write!(line, "\u{1b}[{}m{:>5}\u{1b}[0m ", hue(event.level), event.level);
        } else if !self.ranked {
            let _ = write!(line, "{:>5} ", event.level);
        }
        // Where latchd tells what it does, the module is of no use to its reader.
        let inner = event.level <= Level::INFO && event.target.starts_with("latchd");
        if !inner {
            let _ = write!(line, "{}: ", tame(event.target));
        }
        line.push_str(&tame(event.message));
        for (name, value) in &event.fields.0 {
            let shown = value.as_str().filter(|text| plain(text)).map(ToOwned::to_owned);
            let _ = write!(line, " {name}={}", shown.unwrap_or_else(|| tame(&value.to_string())));
        }
    }
}

/// The priority of syslog that the journal reads off a line's begin.
pub(super) fn rank(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        Level::DEBUG | Level::TRACE => "<7>",
    }
}

fn hue(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Whether a value needs no quotes: nothing in it reads as another field.
fn plain(text: &str) -> bool {
    let usual = |sign: char| sign.is_ascii_alphanumeric() || "-_./:+@".contains(sign);
    !text.is_empty() && text.chars().all(usual)
}

fn json(line: &mut String, event: &Happening<'_>) {
    const OWN: [&str; 4] = ["timestamp", "level", "message", "target"];
    let own = [time(event.at), event.level.to_string(), event.message.to_owned(), event.target.to_owned()];
    let own = OWN.into_iter().zip(own.map(Value::from));
    let others = event.fields.0.iter().filter(|(name, _)| !OWN.contains(name));
    let others = others.map(|(name, value)| (*name, value.clone()));
    let mut opening = '{';
    for (name, value) in own.chain(others) {
        let _ = write!(line, "{opening}{}:{}", Value::from(name), unread(&value.to_string()));
        opening = ',';
    }
    line.push('}');
}

/// JSON whose texts a terminal cannot obey: `serde_json` escapes controls below
/// U+0020 alone.
fn unread(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for sign in json.chars() {
        if is_unseen(sign) {
            let mut units = [0; 2];
            for unit in sign.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(sign);
        }
    }
    out
}

/// A text of which nothing ends the line, moves the cursor or turns the reading
/// direction.
pub fn tame(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            sign if is_unseen(sign) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(sign));
            }
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORGED: &str =
        "a\n2026-11-23T12:00:00.000Z ERROR forged\r\u{1b}[2K\u{9b}A\u{202e}\u{2028}<3>x\" key=invoice/1";

    fn line(dress: Dress, level: Level, message: &str, fields: &[(&'static str, &str)]) -> String {
        let fields = Fields(fields.iter().map(|(name, value)| (*name, Value::from(*value))).collect());
        let at = "2026-11-23T12:00:00Z".parse().unwrap();
        dress.line(&Happening { at, level, target: "latchd::pass", message, fields: &fields })
    }

    const TEXT: Dress = Dress { form: Form::Text, colour: false, dated: true, ranked: false };

    #[test]
    fn a_line_is_dressed_for_its_reader() {
        let journal = Dress { dated: false, ranked: true, ..TEXT };
        let terminal = Dress { colour: true, ..TEXT };
        let json = Dress { form: Form::Json, ..TEXT };
        let cases = [
            (TEXT, Level::INFO, "2026-11-23T12:00:00.000Z  INFO written key=invoice/1 why=\"a b\"\n"),
            (
                TEXT,
                Level::DEBUG,
                "2026-11-23T12:00:00.000Z DEBUG latchd::pass: written key=invoice/1 why=\"a b\"\n",
            ),
            (journal, Level::ERROR, "<3>written key=invoice/1 why=\"a b\"\n"),
            (journal, Level::WARN, "<4>written key=invoice/1 why=\"a b\"\n"),
            (journal, Level::INFO, "<6>written key=invoice/1 why=\"a b\"\n"),
            (journal, Level::TRACE, "<7>latchd::pass: written key=invoice/1 why=\"a b\"\n"),
            (
                terminal,
                Level::WARN,
                "2026-11-23T12:00:00.000Z \u{1b}[33m WARN\u{1b}[0m written key=invoice/1 why=\"a b\"\n",
            ),
            (
                json,
                Level::INFO,
                "{\"timestamp\":\"2026-11-23T12:00:00.000Z\",\"level\":\"INFO\",\"message\":\"written\",\"target\":\"latchd::pass\",\"key\":\"invoice/1\",\"why\":\"a b\"}\n",
            ),
        ];
        for (dress, level, expected) in cases {
            let found = line(dress, level, "written", &[("key", "invoice/1"), ("why", "a b")]);
            assert_eq!(found, expected, "{dress:?}");
        }
    }

    #[test]
    fn no_text_ends_a_line_or_begins_one() {
        for form in [Form::Text, Form::Json] {
            for ranked in [false, true] {
                let dress = Dress { form, ranked, ..TEXT };
                let found = line(dress, Level::INFO, FORGED, &[("why", FORGED), ("level", FORGED)]);
                assert_eq!(
                    found.chars().filter(|sign| is_unseen(*sign)).collect::<String>(),
                    "\n",
                    "{found:?}"
                );
                assert!(found.ends_with('\n') && found.contains("x\\\" key=invoice/1\""), "{found}");
                if form == Form::Json {
                    let read: Value = serde_json::from_str(found.trim_start_matches("<6>")).unwrap();
                    assert_eq!((&read["message"], &read["why"]), (&FORGED.into(), &FORGED.into()));
                    assert_eq!(read["level"], "INFO", "a field takes no name of the line's own");
                }
            }
        }
    }
}
