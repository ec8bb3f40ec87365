//! The catalogue of warnings for a reader: what `latchd explain --codes` prints.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, TableComponent, presets};
use serde::Serialize;

use super::page::Page;
use crate::model::{Code, Remedy};

/// Columns from which on a table is easier to read than a list.
const WIDE: u16 = 80;
/// Columns beyond which a line of prose is hard to follow.
const WIDEST: u16 = 160;

/// The table of `codes`, of at most `width` columns; it ends in a newline.
pub fn catalogue(codes: &[Code], width: u16, colour: bool) -> String {
    if width < WIDE {
        return list(codes, &Page::new(width, colour));
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_style(TableComponent::HeaderLines, '─');
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.min(WIDEST));
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(["code, and who", "means", "to do"].map(Cell::new));
    for code in codes {
        let remedy = code.remedy();
        let name = Cell::new(format!("{code}\n{}", remedy.who.name())).set_alignment(CellAlignment::Left);
        let name = if colour { name.fg(Color::Red) } else { name };
        let said = remedy.says.map(|words| format!("\nQuickBooks: {words}")).unwrap_or_default();
        table.add_row([name, Cell::new(format!("{}{said}", remedy.means)), Cell::new(remedy.todo)]);
    }
    if let Some(column) = table.column_mut(0) {
        // A code that is broken in two cannot be searched for.
        let longest = codes.iter().map(|code| code.name().len()).max().unwrap_or(0);
        let longest = u16::try_from(longest + 2).unwrap_or(u16::MAX);
        column.set_constraint(comfy_table::ColumnConstraint::Absolute(comfy_table::Width::Fixed(longest)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt() + "\n"
}

fn list(codes: &[Code], page: &Page) -> String {
    let mut out = String::new();
    for (number, code) in codes.iter().enumerate() {
        let remedy = code.remedy();
        if number > 0 {
            out.push('\n');
        }
        out.push_str(&page.paint("31", code.name()));
        out.push('\n');
        page.paragraph(&mut out, "  ", remedy.means);
        if let Some(words) = remedy.says {
            page.paragraph(&mut out, "  ", &format!("QuickBooks: {words}"));
        }
        page.paragraph(&mut out, "  ", &format!("To do: {}", remedy.todo));
        page.paragraph(&mut out, "  ", &format!("Who: {}", remedy.who.name()));
    }
    out
}

/// The same for programs.
pub fn catalogue_json(codes: &[Code]) -> String {
    #[derive(Serialize)]
    struct Catalogue {
        schema: u32,
        codes: Vec<Entry>,
    }
    #[derive(Serialize)]
    struct Entry {
        code: Code,
        means: &'static str,
        remedy: &'static str,
        who: &'static str,
        quickbooks: Option<&'static str>,
    }
    let entry = |code: &Code| {
        let Remedy { means, todo, says, who, .. } = code.remedy();
        Entry { code: *code, means, remedy: todo, who: who.name(), quickbooks: says }
    };
    let all = Catalogue { schema: 1, codes: codes.iter().map(entry).collect() };
    serde_json::to_string_pretty(&all).expect("it has text keys only") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_whole_and_fits() {
        for width in [40, 79, 80, 120, 500] {
            let text = catalogue(Code::ALL, width, false);
            for code in Code::ALL {
                let found = text.lines().any(|line| line.split(' ').next() == Some(code.name()));
                assert!(found, "{width}: {code}\n{text}");
            }
            for line in text.lines() {
                assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
                assert!(!line.contains('\u{1b}'));
            }
        }
        assert!(catalogue(Code::ALL, 80, true).contains('\u{1b}'));
        let json: serde_json::Value = serde_json::from_str(&catalogue_json(Code::ALL)).unwrap();
        assert_eq!(json["codes"].as_array().unwrap().len(), Code::ALL.len());
        assert_eq!((&json["schema"], &json["codes"][0]["code"]), (&1.into(), &"not-connected".into()));
    }

    #[test]
    fn the_look_of_it() {
        let some = [Code::NotConnected, Code::DuplicateNumber, Code::StaxbillUnreachable];
        insta::assert_snapshot!(catalogue(&some, 100, false));
        insta::assert_snapshot!(catalogue(&some, 40, false));
    }
}
