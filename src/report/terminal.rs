//! What `latchd status` prints: the overview for a terminal, or for a pipe
//! when the caller wants no colour.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, TableComponent, presets};

use super::harmless::line as safe;
use super::phrase;
use super::row::EntityRow;
use super::status::{Status, WarningRow};

/// Warnings shown before the rest is folded.
const SHOWN: usize = 40;
/// Columns from which on the whole table fits.
const WIDE: u16 = 96;
/// Columns below which nothing is readable.
const NARROWEST: u16 = 60;

/// The report as text of at most `width` columns; it ends in a newline.
pub fn terminal(status: &Status, width: u16, colour: bool) -> String {
    let mut out = terminal_overview(status, width, colour);
    let page = Page::new(width, colour);
    for row in status.tie_out.unexplained.iter().take(SHOWN) {
        let sums = format!("{} in Stax Bill, {} in QuickBooks", row.staxbill, row.quickbooks);
        let (customer, label) = (safe(&row.customer), safe(&row.label));
        page.paragraph(
            &mut out,
            "  ",
            &format!("{customer} {label}: {} {} ({sums})", row.difference, row.currency),
        );
    }
    fold(&mut out, status.tie_out.unexplained.len());
    let standing = status.standing();
    for warning in standing.iter().take(SHOWN) {
        page.warning(&mut out, warning);
    }
    fold(&mut out, standing.len());
    let dismissed = status.dismissed().len();
    if dismissed > 0 {
        let count = u64::try_from(dismissed).unwrap_or(u64::MAX);
        let _ = writeln!(out, "\n{} not shown: dismissed in the files.", phrase::counted(count, "warning"));
    }
    out
}

/// The same without what differs and without the warnings.
pub fn terminal_overview(status: &Status, width: u16, colour: bool) -> String {
    let page = Page::new(width, colour);
    let mut out = String::new();
    page.head(&mut out, status);
    let nothing_seen = status.last_sync_at.is_none() && status.entities.iter().all(|row| row.staxbill == 0);
    if nothing_seen {
        out.push_str("\nNo record was read yet.\n");
        return out;
    }
    let table = overview(status, width.max(NARROWEST), colour);
    let _ = writeln!(out, "\n{}\n", table.trim_end());
    page.paragraph(&mut out, "", &phrase::tie_out(status));
    out
}

struct Page {
    width: usize,
    colour: bool,
}

impl Page {
    fn new(width: u16, colour: bool) -> Self {
        Self { width: usize::from(width.max(NARROWEST)), colour }
    }

    fn head(&self, out: &mut String, status: &Status) {
        let verdict = phrase::verdict(status);
        let well = status.standing().is_empty() && status.tie_out.balanced;
        let name = self.paint("1", &safe(&status.company.name));
        let _ = writeln!(out, "{name}  {}", self.paint(if well { "32" } else { "33" }, &verdict));
        let pass = safe(&phrase::pass(status));
        self.paragraph(out, "", &format!("Last sync: {}. {pass}.", phrase::last_sync(status)));
        if let Some(rejected) = &status.generation.rejected {
            let since = phrase::moment(rejected.since);
            let text = format!("The files were refused at {since}; the last good ones stay in force:");
            let _ = writeln!(out, "{}", self.paint("31", &text));
            for error in rejected.errors.iter().take(SHOWN) {
                self.paragraph(out, "  ", &safe(error));
            }
            fold(out, rejected.errors.len());
        }
    }

    fn warning(&self, out: &mut String, warning: &WarningRow) {
        let key = self.paint("1", &safe(&warning.key));
        let standing = self.paint("31", &phrase::standing(warning));
        // A label that only repeats the key says nothing.
        let label = Some(safe(&warning.label)).filter(|_| warning.label != warning.id);
        let label = label.map(|label| format!("  {label}")).unwrap_or_default();
        let _ = writeln!(out, "\n{key}{label}  {standing}");
        self.paragraph(out, "  ", &phrase::sentence(&safe(&warning.reason)));
        if let Some(fault) = &warning.quickbooks {
            self.paragraph(out, "  ", &format!("QuickBooks: {}", safe(&phrase::vendor(fault))));
        }
        self.paragraph(out, "  ", &format!("To do: {}", safe(&warning.remedy)));
        let blocks = phrase::blocks(&warning.blocks).map(|blocks| format!(" Blocks {blocks}."));
        let text = format!("Known {}.{}", phrase::attempts(warning), blocks.unwrap_or_default());
        self.paragraph(out, "  ", &text);
    }

    /// `text` wrapped between words, each line behind `indent`.
    fn paragraph(&self, out: &mut String, indent: &str, text: &str) {
        let mut used = 0;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > self.width {
                out.push('\n');
                used = 0;
            }
            let gap = if used == 0 { indent } else { " " };
            let _ = write!(out, "{gap}{word}");
            used += gap.len() + length;
        }
        out.push('\n');
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// One column: its heading, what it counts, and its colour where not nought.
type Column = (&'static str, fn(&EntityRow) -> u64, Option<Color>);

const COLUMNS: [Column; 10] = [
    ("Stax\nBill", |row| row.staxbill, None),
    ("Quick-\nBooks", |row| row.quickbooks, None),
    ("in\nscope", |row| row.in_scope, None),
    ("\nsynced", |row| row.synced, Some(Color::Green)),
    ("not\ntried", |row| row.not_tried, Some(Color::Yellow)),
    ("\nfailed", |row| row.failed, Some(Color::Red)),
    ("\nblocked", |row| row.blocked, Some(Color::Yellow)),
    ("\nheld", |row| row.held, Some(Color::Yellow)),
    ("\ndrifted", |row| row.drifted, Some(Color::Red)),
    ("\nwarnings", |row| row.warnings, Some(Color::Red)),
];
/// Columns of the table that tell something even where all is well.
const ALWAYS: [&str; 4] = ["Stax\nBill", "Quick-\nBooks", "\nsynced", "\nwarnings"];

/// The table of all seven kinds. Where it does not fit, columns that are
/// nought for every kind are left out.
fn overview(status: &Status, width: u16, colour: bool) -> String {
    let wanted = |column: &Column| {
        let tells = ALWAYS.contains(&column.0) || status.entities.iter().any(|row| column.1(row) > 0);
        width >= WIDE || tells
    };
    let columns: Vec<Column> = COLUMNS.into_iter().filter(wanted).collect();
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_style(TableComponent::HeaderLines, '─');
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let headings = columns.iter().map(|column| Cell::new(column.0).set_alignment(CellAlignment::Right));
    table.set_header(std::iter::once(Cell::new("")).chain(headings));
    for row in &status.entities {
        let counts = columns.iter().map(|(_, count, paint)| {
            let cell = Cell::new(count(row)).set_alignment(CellAlignment::Right);
            match paint {
                Some(paint) if colour && count(row) > 0 => cell.fg(*paint),
                Some(_) | None => cell,
            }
        });
        table.add_row(std::iter::once(Cell::new(phrase::plural(row.entity))).chain(counts));
    }
    let gap = if width >= WIDE { 2 } else { 1 };
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if number == 0 { 0 } else { gap }, 0));
    }
    table.trim_fmt()
}

fn fold(out: &mut String, all: usize) {
    if all > SHOWN {
        let _ = writeln!(out, "… and {} more; all of them are in status.json.", all - SHOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{hostile, sample};
    use super::*;

    #[test]
    fn the_whole_text() {
        insta::assert_snapshot!(terminal(&sample(), 110, false));
    }

    #[test]
    fn it_fits_and_is_plain_unless_colour_is_wanted() {
        for width in [60, 80, 100, 120] {
            let text = terminal(&sample(), width, false);
            assert!(!text.contains('\u{1b}'));
            for line in text.lines() {
                assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
            }
        }
        assert!(terminal(&sample(), 100, true).contains("\u{1b}[31mfailed, name-taken\u{1b}[0m"));
    }

    #[test]
    fn names_in_bad_faith_do_nothing_to_a_terminal() {
        let text = terminal(&hostile(), 100, false);
        assert!(text.chars().all(|sign| sign == '\n' || !sign.is_control()));
        assert!(!text.contains('\u{202e}') && !text.contains("two\nlines"));
        assert!(text.contains("1 warning not shown"));
    }

    #[test]
    fn what_does_not_fit_is_folded() {
        let mut status = sample();
        status.warnings = vec![status.warnings[1].clone(); SHOWN + 5];
        let text = terminal(&status, 100, false);
        assert_eq!(text.matches("customer/20771").count(), SHOWN);
        assert!(text.contains("… and 5 more"));
    }
}
