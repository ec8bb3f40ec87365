//! Layout: the canonical form of link files. One line a customer, in the order
//! of their ids, keys always in the same order; long lines as blocks behind
//! them; comments stay with what they stand above. Everything that is no link
//! stays as it is, letter by letter.

mod line;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::ConfigErrors;
use super::faults::{Faults, Spot};
use super::files::SourceFile;
use super::parse::parse;
use super::pieces::header_path;
use super::repair::path_of;
use super::statements::{line_end, statements, string_end};
use super::{generation, source::Source};

/// The canonical form of the text of the file `path`.
///
/// # Errors
///
/// Everything that is wrong in it; a file with mistakes is not touched.
pub fn layout(path: &Path, text: &str) -> Result<String, ConfigErrors> {
    let before = meaning(path, text)?;
    let laid_out = Pages::of(text).write(text);
    // The new text is read as the old one was: a layout never changes what is
    // said, and loses no comment.
    let same = meaning(path, &laid_out).ok().as_deref() == Some(before.as_str());
    let sorted = |text: &str| {
        let mut comments = comments_within(text);
        comments.sort();
        comments
    };
    if same && sorted(text) == sorted(&laid_out) {
        return Ok(laid_out);
    }
    let (file, faults) = read(path, text);
    faults
        .report(&Spot::whole(0), "this file cannot be laid out without changing what it says")
        .remedy("write each customer as a line of its own under [links]");
    Err(faults.into_errors(&file))
}

/// What a file says, as a generation of it alone.
fn meaning(path: &Path, text: &str) -> Result<String, ConfigErrors> {
    let (files, faults) = read(path, text);
    let meaning = parse(&files, &faults, |tree, links| generation::of(tree, &links.finish()));
    if faults.is_empty() { Ok(meaning) } else { Err(faults.into_errors(&files)) }
}

fn read(path: &Path, text: &str) -> (Vec<SourceFile>, Faults) {
    let stored: Vec<(PathBuf, String)> = vec![(path.to_owned(), text.to_owned())];
    let faults = Faults::default();
    let file = SourceFile::read(path, Path::new(""), &stored as &dyn Source, (&faults, 0));
    (vec![file], faults)
}

/// What stands about one customer besides its keys.
#[derive(Debug, Default)]
struct Comments {
    /// Above it, each with its `#`.
    above: Vec<String>,
    /// Behind it.
    behind: Option<String>,
}

/// A text, taken apart.
#[derive(Debug, Default)]
struct Pages {
    /// What stands in front of the links.
    head: String,
    /// Comments below `[links]` that belong to no customer.
    title: Vec<String>,
    links: BTreeMap<u64, Comments>,
    /// What stands behind them.
    rest: String,
    /// Whether there are links.
    found: bool,
}

impl Pages {
    fn of(text: &str) -> Self {
        let mut pages = Self::default();
        // Under which header the statements stand; empty: none.
        let (mut under, mut at) = (Vec::new(), 0);
        for statement in statements(text) {
            let lead = &text[at..statement.span.start];
            let own = &text[statement.span.clone()];
            at = (line_end(text, statement.span.end) + 1).min(text.len());
            if statement.header {
                under = header_path(own);
            }
            if under.first().is_none_or(|name| name != "links") {
                pages.keep(lead, own);
                continue;
            }
            let is_title = statement.header && under.len() == 1;
            pages.link(lead, own, (&under, is_title));
        }
        pages.keep(&text[at..], "");
        pages
    }

    /// What is no link, letter by letter.
    fn keep(&mut self, lead: &str, own: &str) {
        let into = if self.found { &mut self.rest } else { &mut self.head };
        into.push_str(lead);
        into.push_str(own);
        if !own.is_empty() {
            into.push('\n');
        }
    }

    fn link(&mut self, lead: &str, own: &str, (under, is_title): (&[String], bool)) {
        self.found = true;
        if is_title {
            // What stands above `[links]` is about all of them.
            self.head.push_str(lead);
            self.title.extend(comments_within(own));
            return;
        }
        let (mut above, free) = comments(lead);
        if self.links.is_empty() && free > 0 {
            self.title.extend(above.drain(..free));
        }
        let block = statement_header(own) || under.len() > 1;
        let id = if block {
            under.get(1).cloned()
        } else {
            DeTable::parse(own).ok().and_then(|tree| path_of(tree.get_ref()).into_iter().next())
        };
        let Some(id) = id.and_then(|id| id.parse().ok()) else { return };
        let entry = self.links.entry(id).or_default();
        entry.above.append(&mut above);
        let mut within = comments_within(own);
        // Within a block, what stands behind a key stands above the customer.
        if !block && !own.contains('\n') && entry.behind.is_none() {
            entry.behind = within.pop();
        }
        entry.above.append(&mut within);
    }

    fn write(self, text: &str) -> String {
        if !self.found {
            return text.to_owned();
        }
        let tree = DeTable::parse_recoverable(text).0;
        let table = tree.get_ref().get("links").and_then(|table| table.get_ref().as_table());
        let (mut out, mut blocks) = (self.head.clone() + "[links]\n", String::new());
        for comment in &self.title {
            let _ = writeln!(out, "{comment}");
        }
        if !self.title.is_empty() {
            out.push('\n');
        }
        for (id, comments) in &self.links {
            let customer = table.and_then(|table| table.get(id.to_string().as_str()));
            let Some(customer) = customer.and_then(|value| value.get_ref().as_table()) else { continue };
            if let Some(written) = line::line(*id, customer) {
                comments.write_above(&mut out);
                out.push_str(&written);
                if let Some(comment) = &comments.behind {
                    let _ = write!(out, " {comment}");
                }
                out.push('\n');
            } else {
                blocks.push('\n');
                comments.write_above(&mut blocks);
                if let Some(comment) = &comments.behind {
                    let _ = writeln!(blocks, "{comment}");
                }
                blocks.push_str(&line::block(*id, customer));
            }
        }
        out.push_str(&blocks);
        let rest = self.rest.trim_start_matches(['\n', '\r']).trim_end();
        if !rest.is_empty() {
            let _ = write!(out, "\n{rest}\n");
        }
        out
    }
}

impl Comments {
    fn write_above(&self, out: &mut String) {
        for comment in &self.above {
            let _ = writeln!(out, "{comment}");
        }
    }
}

/// The comments of the text above a statement, and how many of them are cut
/// off from it by a blank line.
fn comments(lead: &str) -> (Vec<String>, usize) {
    let (mut found, mut free) = (Vec::new(), 0);
    for line in lead.lines().map(str::trim) {
        if line.is_empty() {
            free = found.len();
        } else {
            found.push(line.to_owned());
        }
    }
    (found, free)
}

/// The comments within a statement and behind it.
fn comments_within(own: &str) -> Vec<String> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(byte) = own.as_bytes().get(at) {
        match byte {
            b'#' => {
                let end = line_end(own, at);
                found.push(own[at..end].trim_end().to_owned());
                at = end;
            }
            b'"' | b'\'' => at = string_end(own.as_bytes(), at).unwrap_or(own.len()),
            _ => at += 1,
        }
    }
    found
}

fn statement_header(own: &str) -> bool {
    own.starts_with('[')
}

#[cfg(test)]
mod tests;
