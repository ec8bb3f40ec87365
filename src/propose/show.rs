//! Suggestions as TOML to paste, as a table and as JSON. Names are anybody's
//! words: none of them ends a string, a line or a cell.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};

use super::counted;
use super::taken::Match;
use crate::model::{ObjectId, Start};
use crate::report::harmless;
use crate::suggest::{Candidate, Suggestion, Verdict};

/// What is shown.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) start: Option<Start>,
    /// What could not be known.
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// What was searched for, and what was found.
    pub(super) search: Option<(String, Vec<Candidate>)>,
    /// The links are those of Stax Bill's own integration.
    pub(super) from_staxbill: bool,
}

/// A customer with what is suggested for it.
pub(super) struct Row {
    pub(super) suggestion: Suggestion,
    /// What Stax Bill's own integration noted.
    pub(super) taken: Option<Taken>,
}

/// A link that Stax Bill's own integration noted.
pub(super) struct Taken {
    pub(super) id: ObjectId,
    /// How the customer is called, where it lives.
    pub(super) name: Option<String>,
    /// Why a person has to look at it.
    pub(super) objection: Option<String>,
    /// Documents that it posted and that are open.
    pub(super) matches: Vec<Match>,
    /// Those that cannot be matched, and why.
    pub(super) unmatched: Vec<(Match, String)>,
}

impl Row {
    pub(super) fn new(suggestion: Suggestion) -> Self {
        Self { suggestion, taken: None }
    }
}

impl Sheet {
    fn start(&self) -> String {
        match self.start.unwrap_or(Start::Now) {
            Start::On(day) => day.to_string(),
            Start::Beginning => "\"beginning\"".to_owned(),
            Start::Now => "\"now\"".to_owned(),
        }
    }

    fn head(&self) -> Vec<String> {
        let count =
            |verdict: Verdict| self.rows.iter().filter(|row| row.suggestion.verdict == verdict).count();
        let mut head = vec![
            "Suggestions of `latchd suggest`. Nothing is linked until a line stands in a file.".to_owned(),
        ];
        match (self.from_staxbill, &self.search) {
            (true, _) => {
                let live = self.rows.iter().filter(|row| row.is_live()).count();
                head.push(format!(
                    "{} linked by Stax Bill's own integration: {live} live lines, {} for a person to look at.",
                    counted(self.rows.len(), "customer"),
                    self.rows.len() - live
                ));
                head.push("`match` names what it posted and what is open; switch it off before these lines are used.".to_owned());
            }
            (false, Some((text, found))) => {
                head.push(format!(
                    "{} for `{}`.",
                    counted(found.len(), "QuickBooks customer"),
                    harmless::line(text)
                ));
            }
            (false, None) => head.push(format!(
                "{} without a line: {} unique, {} ambiguous, {} none.",
                counted(self.rows.len(), "customer"),
                count(Verdict::Unique),
                count(Verdict::Ambiguous),
                count(Verdict::None)
            )),
        }
        if self.start.is_none() {
            head.push("start = \"now\" posts nothing of the past: write the day from which financials count, or use --start.".to_owned());
        }
        head.extend(self.notes.iter().cloned());
        head
    }
}

impl Row {
    fn is_live(&self) -> bool {
        match &self.taken {
            Some(taken) => taken.objection.is_none(),
            None => self.suggestion.verdict == Verdict::Unique,
        }
    }
}

/// Lines for a file of links.
pub(super) fn toml(sheet: &Sheet) -> String {
    let mut out = String::new();
    for line in sheet.head() {
        let _ = writeln!(out, "# {line}");
    }
    if sheet.rows.is_empty() {
        for one in sheet.search.iter().flat_map(|(_, found)| found) {
            let _ = writeln!(
                out,
                "# adopt = {}, expect = {} # {}",
                harmless::toml(one.id.as_str()),
                harmless::toml(&one.name),
                why(one)
            );
        }
        return out;
    }
    out.push_str("\n[links]\n");
    let start = sheet.start();
    for row in &sheet.rows {
        match &row.taken {
            Some(taken) => taken_line(&mut out, row, taken, &start),
            None => lines(&mut out, &row.suggestion, &start),
        }
    }
    out
}

fn lines(out: &mut String, one: &Suggestion, start: &str) {
    let (id, label) = (one.customer, harmless::line(&one.label));
    let line = |candidate: &Candidate| adopt(id, &candidate.id, &candidate.name, start, &[]);
    match (one.verdict, one.candidates.first()) {
        (Verdict::Unique, Some(best)) => {
            let _ = writeln!(out, "{} # {label}: {}", line(best), why(best));
        }
        (Verdict::Unique | Verdict::Ambiguous, _) => {
            let _ =
                writeln!(out, "# {id} {label}: ambiguous; take the `#` off one line, if it is one of them");
            for candidate in &one.candidates {
                let _ = writeln!(out, "# {} # {}", line(candidate), why(candidate));
            }
        }
        (Verdict::None, _) => {
            let _ = writeln!(out, "# {id} {label}: nobody comes near; to have it made:");
            let _ = writeln!(out, "# {id} = {{ create = true, start = {start} }}");
        }
    }
}

fn taken_line(out: &mut String, row: &Row, taken: &Taken, start: &str) {
    let (id, label) = (row.suggestion.customer, harmless::line(&row.suggestion.label));
    let name = taken.name.clone().unwrap_or_default();
    let line = adopt(id, &taken.id, &name, start, &taken.matches);
    match &taken.objection {
        None => {
            let _ = writeln!(out, "{line} # {label}");
        }
        Some(objection) => {
            let _ = writeln!(
                out,
                "# {id} {label}: Stax Bill names {}: {objection}",
                harmless::line(taken.id.as_str())
            );
            let _ = writeln!(out, "# {line}");
        }
    }
    for ((key, object), reason) in &taken.unmatched {
        let _ = writeln!(out, "# {id} \"{key}\" = {}: {reason}", harmless::toml(object.as_str()));
    }
}

fn adopt(customer: u64, id: &ObjectId, name: &str, start: &str, matches: &[Match]) -> String {
    let (id, name) = (harmless::toml(id.as_str()), harmless::toml(name));
    let matches: Vec<String> =
        matches.iter().map(|(key, id)| format!("\"{key}\" = {}", harmless::toml(id.as_str()))).collect();
    let matches =
        if matches.is_empty() { String::new() } else { format!(", match = {{ {} }}", matches.join(", ")) };
    format!("{customer} = {{ adopt = {id}, expect = {name}, start = {start}{matches} }}")
}

/// The score and what speaks for it and against it.
fn why(one: &Candidate) -> String {
    let evidence: Vec<&str> = one.evidence.iter().map(|word| word.word()).collect();
    let against: Vec<&str> = one.against.iter().map(|word| word.word()).collect();
    let against =
        if against.is_empty() { String::new() } else { format!("; against: {}", against.join(", ")) };
    format!("{} {}{against}", score(one), evidence.join(", "))
}

/// Thousandths as a fraction of one: `0.97`.
fn score(one: &Candidate) -> String {
    let hundredths = one.score.min(1000) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A table for people.
pub(super) fn table(sheet: &Sheet, width: u16) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.max(60));
    table.set_header(["Stax Bill", "verdict", "QuickBooks", "score", "for and against"]);
    let words =
        |one: &Candidate| why(one).split_once(' ').map(|(_, words)| words.to_owned()).unwrap_or_default();
    let known =
        |one: &Candidate| format!("{} {}", harmless::line(one.id.as_str()), harmless::line(&one.name));
    for row in &sheet.rows {
        let one = &row.suggestion;
        let label = format!("{} {}", one.customer, harmless::line(&one.label));
        if let Some(taken) = &row.taken {
            let name = format!(
                "{} {}",
                harmless::line(taken.id.as_str()),
                harmless::line(taken.name.as_deref().unwrap_or_default())
            );
            let words = taken
                .objection
                .clone()
                .unwrap_or_else(|| counted(taken.matches.len(), "document") + " to match");
            let words = match taken.unmatched.len() {
                0 => words,
                count => format!("{words}; {} for a person to look at", counted(count, "document")),
            };
            table.add_row([label, "from-staxbill".to_owned(), name, String::new(), words]);
            continue;
        }
        let mut lead = [label, one.verdict.word().to_owned()];
        if one.candidates.is_empty() {
            let [label, verdict] = lead;
            table.add_row([label, verdict, String::new(), String::new(), String::new()]);
            continue;
        }
        for candidate in &one.candidates {
            let [label, verdict] = std::mem::take(&mut lead);
            table.add_row([label, verdict, known(candidate), score(candidate), words(candidate)]);
        }
    }
    if sheet.rows.is_empty() {
        for one in sheet.search.iter().flat_map(|(_, found)| found) {
            table.add_row([String::new(), String::new(), known(one), score(one), words(one)]);
        }
    }
    let head: String = sheet.head().into_iter().flat_map(|line| [line, "\n".to_owned()]).collect();
    format!("{head}{table}\n")
}

/// The contract's JSON.
pub(super) fn json(sheet: &Sheet) -> String {
    let candidate = |one: &Candidate| {
        json!({
            "quickbooks_id": one.id,
            "name": one.name,
            "score": number(one),
            "evidence": one.evidence.iter().map(|word| word.word()).collect::<Vec<_>>(),
            "against": one.against.iter().map(|word| word.word()).collect::<Vec<_>>(),
        })
    };
    let unmatched = |((key, id), reason): &(Match, String)| json!({ "key": key.to_string(), "quickbooks_id": id, "reason": reason });
    let customers: Vec<Value> = sheet
        .rows
        .iter()
        .map(|row| {
            let one = &row.suggestion;
            let mut value = json!({
                "id": one.customer.to_string(),
                "label": one.label,
                "verdict": one.verdict.word(),
                "candidates": one.candidates.iter().map(candidate).collect::<Vec<_>>(),
            });
            if let Some(taken) = &row.taken {
                let matches = taken.matches.iter().map(|(key, id)| (key.to_string(), json!(id)));
                value["from_staxbill"] = json!({
                    "quickbooks_id": taken.id,
                    "name": taken.name,
                    "objection": taken.objection,
                    "match": matches.collect::<serde_json::Map<_, _>>(),
                    "unmatched": taken.unmatched.iter().map(unmatched).collect::<Vec<_>>(),
                });
            }
            value
        })
        .collect();
    let mut all = json!({ "schema": 1, "customers": customers });
    if let Some((_, found)) = &sheet.search {
        all["found"] = found.iter().map(candidate).collect();
    }
    // Texts and numbers alone: it can always be written.
    let text = serde_json::to_string_pretty(&all).unwrap_or_default();
    harmless::json(&text) + "\n"
}

/// The score as a number of JSON, without a float in between.
fn number(one: &Candidate) -> Value {
    score(one).parse().map_or(Value::Null, Value::Number)
}
