//! What `latchd status` prints: the overview for a terminal, or for a pipe
//! when the caller wants no colour.

use std::fmt::Write as _;

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, TableComponent, presets};

use super::harmless::line as safe;
use super::page::Page;
use super::phrase;
use super::row::EntityRow;
use super::status::{Status, WarningRow};

/// Warnings shown before the rest is folded.
const SHOWN: usize = 40;
/// Columns from which on the whole table fits.
const WIDE: u16 = 96;
/// Columns below which the kinds are listed instead.
const LISTED: u16 = 60;
/// Dismissed warnings that are named.
const NAMED: usize = 5;

/// The report as text of at most `width` columns; it ends in a newline.
pub fn terminal(status: &Status, width: u16, colour: bool) -> String {
    let mut sheet = sheet(status, width, colour);
    sheet.unexplained(status);
    let standing = status.standing();
    for warning in standing.iter().take(SHOWN) {
        sheet.warning(warning);
    }
    sheet.fold(standing.len());
    sheet.dismissed(status);
    sheet.notices(status);
    sheet.out
}

/// The same without what differs, without warnings and notices.
pub fn terminal_overview(status: &Status, width: u16, colour: bool) -> String {
    sheet(status, width, colour).out
}

fn sheet(status: &Status, width: u16, colour: bool) -> Sheet {
    let mut sheet = Sheet { page: Page::new(width, colour), out: String::new() };
    sheet.head(status);
    let nothing_seen = status.last_sync_at.is_none() && status.entities.iter().all(|row| row.staxbill == 0);
    if nothing_seen {
        sheet.out.push_str("\nNo record was read yet.\n");
    } else {
        sheet.table(status, width, colour);
        if let Some(waiting) = phrase::not_tried(status) {
            sheet.paragraph("", &waiting);
        }
        sheet.paragraph("", &phrase::tie_out(status));
    }
    sheet
}

struct Sheet {
    page: Page,
    out: String,
}

impl Sheet {
    fn head(&mut self, status: &Status) {
        let verdict = phrase::verdict(status);
        let colour = if phrase::is_in_balance(status) { "32" } else { "33" };
        self.page.heading(&mut self.out, &[("1", &safe(&status.company.name)), (colour, &verdict)]);
        let pass = safe(&phrase::pass(status));
        self.paragraph("", &format!("Last sync: {}. {pass}.", phrase::last_sync(status)));
        if let Some(rejected) = &status.generation.rejected {
            let since = phrase::moment(rejected.since);
            let text = format!("The files were refused at {since}; the last good ones stay in force:");
            let text = self.page.paint("31", &text);
            self.paragraph("", &text);
            for error in rejected.errors.iter().take(SHOWN) {
                self.paragraph("  ", &safe(error));
            }
            self.fold(rejected.errors.len());
        }
    }

    fn table(&mut self, status: &Status, width: u16, colour: bool) {
        if width >= LISTED {
            let table = overview(status, width, colour);
            let _ = writeln!(self.out, "\n{}\n", table.trim_end());
            return;
        }
        self.out.push('\n');
        for row in &status.entities {
            let kind = phrase::plural(row.entity);
            self.page.hung(&mut self.out, ("", "  "), &format!("{kind}: {}", listed(row)));
        }
        self.out.push('\n');
    }

    fn unexplained(&mut self, status: &Status) {
        for row in status.tie_out.unexplained.iter().take(SHOWN) {
            let sums = format!("{} in Stax Bill, {} in QuickBooks", row.staxbill, row.quickbooks);
            let (customer, label) = (safe(&row.customer), safe(&row.label));
            let text = format!("{customer} {label}: {} {} ({sums})", row.difference, row.currency);
            self.paragraph("  ", &text);
        }
        self.fold(status.tie_out.unexplained.len());
    }

    fn warning(&mut self, warning: &WarningRow) {
        // A label that only repeats the key says nothing.
        let label = Some(safe(&warning.label)).filter(|_| warning.label != warning.id).unwrap_or_default();
        let (key, standing) = (safe(&warning.key), phrase::standing(warning));
        self.out.push('\n');
        self.page.heading(&mut self.out, &[("1", &key), ("", &label), ("31", &standing)]);
        self.paragraph("  ", &phrase::sentence(&safe(&warning.reason)));
        if let Some(fault) = &warning.quickbooks {
            self.paragraph("  ", &format!("QuickBooks: {}", safe(&phrase::vendor(fault))));
        }
        self.paragraph("  ", &format!("To do: {}", safe(&warning.remedy)));
        // Whole and unwrapped: it is copied as it stands.
        for line in &warning.paste {
            let _ = writeln!(self.out, "{line}");
        }
        if let Some(blocks) = phrase::blocks(&warning.blocks) {
            self.paragraph("  ", &format!("Holds up {blocks}."));
        }
        self.paragraph("  ", &format!("Known {}.", phrase::attempts(warning)));
    }

    /// Dismissed warnings are counted and named, and not told.
    fn dismissed(&mut self, status: &Status) {
        let dismissed = status.dismissed();
        if dismissed.is_empty() {
            return;
        }
        let count = u64::try_from(dismissed.len()).unwrap_or(u64::MAX);
        let one = |warning: &&WarningRow| format!("{} ({})", safe(&warning.key), warning.code);
        let mut named: Vec<String> = dismissed.iter().take(NAMED).map(one).collect();
        named.extend((dismissed.len() > NAMED).then(|| "…".to_owned()));
        self.out.push('\n');
        let count = phrase::counted(count, "warning");
        self.paragraph("", &format!("{count} not shown: dismissed in the files: {}.", named.join(", ")));
    }

    fn notices(&mut self, status: &Status) {
        if status.notices.is_empty() {
            return;
        }
        let _ = writeln!(self.out, "\n{}", self.page.paint("1", "Notices"));
        for notice in status.notices.iter().take(SHOWN) {
            let place = notice.at.as_ref().map(|at| format!("{}:{}: ", safe(&at.file), at.line));
            let place = place.unwrap_or_default();
            let text = format!("{place}{} ({})", safe(&notice.text), safe(&notice.code));
            self.page.hung(&mut self.out, ("  ", "    "), &text);
        }
        self.fold(status.notices.len());
    }

    fn paragraph(&mut self, indent: &str, text: &str) {
        self.page.paragraph(&mut self.out, indent, text);
    }

    fn fold(&mut self, all: usize) {
        if all > SHOWN {
            let text = format!("… and {} more; all of them are in status.json.", all - SHOWN);
            self.paragraph("", &text);
        }
    }
}

/// One kind in a sentence, for where no table fits.
fn listed(row: &EntityRow) -> String {
    if row.staxbill == 0 && row.quickbooks == 0 {
        return "none".to_owned();
    }
    let states = row.states().into_iter().filter(|(_, count)| *count > 0);
    let states: Vec<String> =
        states.map(|(state, count)| format!("{count} {}", phrase::state(state))).collect();
    let mut text =
        format!("{} in Stax Bill, {} in QuickBooks; {}", row.staxbill, row.quickbooks, states.join(", "));
    if row.warnings > 0 {
        let _ = write!(text, "; {}", phrase::counted(row.warnings, "warning"));
    }
    text
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

#[cfg(test)]
mod tests {
    use super::super::sample::{hostile, sample};
    use super::*;

    #[test]
    fn the_whole_text() {
        insta::assert_snapshot!(terminal(&sample(), 110, false));
        insta::assert_snapshot!("narrow", terminal(&sample(), 40, false));
    }

    #[test]
    fn it_fits_and_is_plain_unless_colour_is_wanted() {
        for width in [40, 60, 80, 100, 200] {
            let text = terminal(&sample(), width, false);
            assert!(!text.contains('\u{1b}'));
            let status = sample();
            let pasted =
                |line: &str| status.warnings.iter().any(|one| one.paste.iter().any(|own| own == line));
            for line in text.lines() {
                // A line to paste stays whole.
                assert!(pasted(line) || line.chars().count() <= usize::from(width), "{width}: {line}");
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
        status.notices = vec![status.notices[0].clone(); SHOWN + 3];
        status.warnings.iter_mut().for_each(|warning| warning.dismissed = Some("known".to_owned()));
        let text = terminal(&status, 100, false);
        assert!(
            text.contains("45 warnings not shown: dismissed in the files: customer/20771 (name-taken), ")
        );
        assert!(text.contains("… and 3 more"), "{text}");
    }
}
