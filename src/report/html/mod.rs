//! `index.html`: the Overview page, whole in one file. It loads nothing, it
//! works without its script, and everything in it that is not latchd's own
//! text is tamed and escaped.
//!
//! | file | job |
//! |---|---|
//! | `warnings` | a row a root cause |
//! | `kinds` | a row a kind of record, with its bar of states |
//! | `chart` | the last passes as columns |
//! | `tiles` | the figures at the head |
//! | `tables` | tie-out, requests, resends, notices |
//! | `figures`, `prose` | numbers and sentences as people read them |
//!
//! The page itself is `templates/index.html`.

mod chart;
mod figures;
mod kinds;
mod prose;
mod tables;
mod tiles;
mod warnings;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::harmless::line;
use super::phrase;
use super::status::{Status, WarningRow};
use chart::Chart;
use kinds::Kind;
use prose::{Piece, pieces};
use tables::Table;
use warnings::{Group, Row};

const STYLE: &str = include_str!("../../../templates/style.css");
const SCRIPT: &str = include_str!("../../../templates/script.js");

/// Rows of a list that stand open; the rest is folded, so that a page of ten
/// thousand is there at once.
const OPEN: usize = 50;

/// The page.
pub fn html(status: &Status) -> String {
    Page::of(status).render().expect("the template writes into memory and calls nothing that fails")
}

#[derive(Template)]
#[template(path = "index.html")]
struct Page {
    style: &'static str,
    script: &'static str,
    policy: String,
    company: String,
    tone: &'static str,
    verdict: String,
    pass: String,
    tiles: Vec<tiles::Tile>,
    refused: Option<Refused>,
    whole: Vec<Row>,
    /// A cause of the company keeps everything from being mended.
    stopped: bool,
    kinds: Vec<Kind>,
    counted: String,
    codes: Vec<&'static str>,
    groups: Vec<Group>,
    dismissed: Vec<Row>,
    charts: Vec<Chart>,
    not_tried: Option<String>,
    tie_out: String,
    books: Vec<Table>,
    work: Vec<Table>,
    notices: Option<Table>,
    resends: Option<Table>,
    passes: Option<Table>,
    about: Vec<(&'static str, String)>,
    last_sync: Moment,
    next_sync: Option<Moment>,
}

/// Files that were refused.
struct Refused {
    since: String,
    errors: Vec<Vec<Piece>>,
    more: usize,
}

/// A moment for people and for programs.
struct Moment {
    text: String,
    at: String,
}

impl Moment {
    fn of(at: Timestamp) -> Self {
        Self { text: phrase::moment(at), at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
    }
}

impl Page {
    fn of(status: &Status) -> Self {
        let standing = status.standing();
        let (whole, records): (Vec<&WarningRow>, Vec<_>) =
            standing.iter().copied().partition(|warning| warning.entity.is_none());
        let mut codes: Vec<_> = status.warnings.iter().map(|warning| warning.code.name()).collect();
        codes.sort_unstable();
        codes.dedup();
        let rejected = status.generation.rejected.as_ref();
        let row = |warning| Row::of(warning, &status.pages);
        Self {
            style: STYLE,
            script: SCRIPT,
            policy: policy(),
            company: line(&status.company.name),
            tone: tone(status),
            verdict: phrase::verdict(status),
            pass: line(&phrase::pass(status)),
            tiles: tiles::tiles(status),
            refused: rejected.map(|rejected| Refused {
                since: phrase::moment(rejected.since),
                errors: rejected.errors.iter().take(OPEN).map(|error| pieces(&line(error))).collect(),
                more: rejected.errors.len().saturating_sub(OPEN),
            }),
            whole: whole.into_iter().map(row).collect(),
            stopped: status.last_pass.outcome == "failed",
            kinds: status.entities.iter().map(Kind::of).collect(),
            counted: figures::grouped(records.len() as u64),
            codes,
            groups: warnings::groups(&records, &status.pages),
            dismissed: status.dismissed().into_iter().map(row).collect(),
            charts: chart::charts(&status.recent_passes),
            not_tried: phrase::not_tried(status),
            tie_out: phrase::tie_out(status),
            books: tables::books(&status.tie_out, &status.pages),
            work: vec![tables::requests(status)],
            notices: tables::notices(status),
            resends: tables::resends(status),
            passes: tables::passes(status),
            about: about(status),
            last_sync: status
                .last_sync_at
                .map_or_else(|| Moment { text: phrase::last_sync(status), at: String::new() }, Moment::of),
            next_sync: status.next_pass_at.map(Moment::of),
        }
    }
}

/// Nothing may be loaded, sent or run but what the file itself holds.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// How urgent the page is: `bad` where the whole company stands still.
fn tone(status: &Status) -> &'static str {
    let standing = status.standing();
    if status.last_pass.outcome == "failed" || status.generation.rejected.is_some() {
        "bad"
    } else if !standing.is_empty() || !status.tie_out.balanced {
        "warn"
    } else if status.last_sync_at.is_none() {
        "idle"
    } else if phrase::is_in_balance(status) {
        "ok"
    } else {
        "warn"
    }
}

/// As much of a digest as people compare.
fn short(digest: &str) -> String {
    const SHOWN: usize = 19;
    match digest.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &digest[..at]),
        None => digest.to_owned(),
    }
}

fn about(status: &Status) -> Vec<(&'static str, String)> {
    let mut about = vec![
        ("QuickBooks company", line(status.company.realm_id.as_str())),
        ("Generation in force", short(&line(&status.generation.applied))),
        ("latchd", line(&status.version)),
        ("Written", phrase::moment(status.generated_at)),
    ];
    if let Some(token) = status.token {
        about.insert(1, ("The connection ends", phrase::moment(token.until())));
    }
    about
}

#[cfg(test)]
mod tests {
    use super::super::sample::{HOSTILE, hostile, sample};
    use super::*;

    /// What a reader gets who sees no picture: texts, and the words of bars.
    fn words(page: &str) -> String {
        let (_, body) = page.split_once("<body>").unwrap();
        let (body, _) = body.split_once("<script>").unwrap();
        let mut out = String::new();
        for (at, part) in body.split('<').enumerate() {
            let (tag, text) = if at == 0 { ("", part) } else { part.split_once('>').unwrap() };
            if let Some((_, label)) = tag.split_once("role=\"img\" aria-label=\"") {
                out.extend(["\n[", label.split('"').next().unwrap(), "]"]);
            }
            let block = ["p", "h", "li", "tr", "th", "td", "dt", "dd", "caption", "summary", "figcaption"];
            let name = tag.split([' ', '/']).next().unwrap();
            if block
                .iter()
                .any(|block| name == *block || (*block == "h" && name.len() == 2 && name.starts_with('h')))
            {
                out.push('\n');
            }
            out.push_str(text);
        }
        let lines = out.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_whole_page_in_words() {
        let mut status = sample();
        status.warnings[2].dismissed = Some("booked by hand".to_owned());
        insta::assert_snapshot!(words(&html(&status)));
    }

    #[test]
    fn names_in_bad_faith_stay_text() {
        let page = html(&hostile());
        assert_eq!(page.matches("<script").count(), 1);
        for bad in ["\u{1b}", "\u{202e}", "two\nlines", "<img"] {
            assert!(!page.contains(bad), "{bad:?}");
        }
        let safe = askama::filters::escape(line(HOSTILE[0]), askama::filters::Html).unwrap().to_string();
        assert!(page.matches(&safe).count() >= HOSTILE.len());
        // A tag that a name opened would stand between these.
        assert_eq!(
            page.matches("<li ").count() + page.matches("<li>").count(),
            page.matches("</li>").count()
        );
        assert_eq!(page.matches("<table").count(), page.matches("</table>").count());
    }

    #[test]
    fn it_is_whole_in_one_file_and_runs_nothing_but_its_own_script() {
        let page = html(&sample());
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        let between = |open: &str, close: &str| {
            let (_, rest) = page.split_once(open).unwrap();
            rest.split_once(close).unwrap().0.to_owned()
        };
        let policy = between("Content-Security-Policy\" content=\"", "\">").replace("&#39;", "'");
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(
            policy.contains(&format!("style-src {};", hash(&between("<style>", "</style>")))),
            "{policy}"
        );
        assert!(
            policy.contains(&format!("script-src {};", hash(&between("<script>", "</script>")))),
            "{policy}"
        );
        for foreign in [" src=", "http://", "https://", "url(", "@import", " style=", " onclick", "//cdn"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn what_has_an_object_leads_to_its_page_in_quickbooks() {
        let mut status = sample();
        let page = "https://qbo.intuit.com/app/customerdetail?nameId=1&x";
        let keys = ["customer/20771", "invoice/88123", "invoice/88130", "customer/10482"];
        assert!(!html(&status).contains("In QuickBooks"));
        status.pages = keys.map(|key| (key.to_owned(), format!("{page}={key}"))).into();
        let shown = html(&status);
        for key in keys {
            assert!(
                shown.contains(&format!("href=\"{}={key}\" target", page.replace('&', "&#38;"))),
                "{key}"
            );
        }
        assert!(shown.contains("aria-label=\"Open in QuickBooks: customer/20771\""), "links are told apart");
        assert_eq!(
            shown.matches("target=\"_blank\" rel=\"noopener noreferrer\"").count(),
            shown.matches(page.split('&').next().unwrap()).count()
        );
    }

    #[test]
    fn rows_beyond_the_first_are_folded_and_all_are_there() {
        let mut status = sample();
        let row = status.warnings[1].clone();
        status.warnings = vec![row; OPEN];
        assert!(!html(&status).contains("<details class=\"more\">"));
        status.warnings.push(status.warnings[0].clone());
        let page = html(&status);
        assert!(page.contains("<details class=\"more\"><summary>1 more</summary>"));
        assert_eq!(page.matches("<li class=\"w ").count(), OPEN + 1);
    }

    #[test]
    fn only_what_stops_everything_comes_before_all() {
        let mut status = sample();
        assert!(html(&status).contains("nothing else can be mended"));
        status.last_pass.outcome = "complete".to_owned();
        assert!(!html(&status).contains("nothing else can be mended"));
        // Dismissed ones are found too where nothing else stands.
        status.warnings.retain(|row| row.entity.is_some());
        status.warnings.iter_mut().for_each(|row| row.dismissed = Some("by hand".to_owned()));
        assert!(html(&status).contains("id=\"filter\""));
    }

    #[test]
    fn the_tone_is_that_of_the_worst() {
        let mut status = sample();
        assert_eq!(tone(&status), "bad");
        status.warnings.remove(0);
        status.last_pass.outcome = "complete".to_owned();
        assert_eq!(tone(&status), "warn");
        status.warnings.clear();
        assert_eq!(tone(&status), "warn");
        status.tie_out.balanced = true;
        assert_eq!(tone(&status), "warn", "some are not tried yet");
        status.entities.iter_mut().for_each(|row| row.not_tried = 0);
        assert_eq!(tone(&status), "ok");
        status.last_sync_at = None;
        assert_eq!(tone(&status), "idle");
    }
}
