//! Repair: what a text with syntax errors still says. Statements that do not
//! parse are reported and left out; those that stand twice go into a second
//! layer, so that merging can name both places.

use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::statements::{Statement, line_end, statements};
use super::syntax_words::{Mistake, explain};

/// What could be saved of a text.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    /// Texts of the same length that parse; what stands twice in a row of
    /// them is a duplicate.
    pub layers: Vec<String>,
    /// What is wrong.
    pub mistakes: Vec<Mistake>,
    /// Keys that were left out, by path: their absence is no further error.
    pub broken: Vec<Vec<String>>,
    /// A header could not be read, or the text ends in the middle: anything
    /// may be absent.
    pub lost: bool,
}

/// More layers than this only come from texts that say a thing over and over.
const LAYERS_MAX: usize = 8;

/// Repairs `text`, which `errors` were found in.
pub(super) fn repair(text: &str, errors: &[Error]) -> Repaired {
    let mut work = Work { text, ..Work::default() };
    for statement in statements(text) {
        work.take(&statement);
    }
    let mut out = work.out;
    if out.mistakes.is_empty() && work.layers.len() < 2 {
        let first = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start));
        out.mistakes.extend(first.map(|error| explain(error.message(), error.span().unwrap_or(0..0))));
    }
    for layer in work.layers {
        out.layers.push(String::from_utf8(layer.bytes).expect("whole statements were copied"));
    }
    out
}

#[derive(Default)]
struct Layer {
    bytes: Vec<u8>,
    taken: HashMap<Vec<String>, usize>,
    header: usize,
}

#[derive(Default)]
struct Work<'t> {
    text: &'t str,
    layers: Vec<Layer>,
    headers: HashMap<Vec<String>, usize>,
    /// Where the present table's header stands, and its path; `None` while the
    /// header could not be read.
    table: Option<(Range<usize>, Vec<String>)>,
    in_lost_table: bool,
    out: Repaired,
}

impl Work<'_> {
    fn take(&mut self, statement: &Statement) {
        let span = statement.span.clone();
        let text = &self.text[span.clone()];
        if statement.header {
            (self.table, self.in_lost_table) = (None, false);
        }
        let (tree, errors) = DeTable::parse_recoverable(text);
        let path = path_of(tree.get_ref());
        if !errors.is_empty() {
            self.refuse(statement, tree.get_ref(), &errors);
        } else if statement.header {
            self.take_header(span, path, text.starts_with("[["));
        } else if !self.in_lost_table {
            self.take_pair(&span, path);
        }
    }

    fn refuse(&mut self, statement: &Statement, tree: &DeTable<'_>, errors: &[Error]) {
        let Range { start, end } = statement.span;
        let text = &self.text[start..end];
        let start_of = |error: &&Error| error.span().map_or(0, |span| span.start);
        let told = errors.iter().find(|error| error.message().starts_with("unclosed"));
        let Some(told) = told.or_else(|| errors.iter().min_by_key(start_of)) else { return };
        let local = told.span().unwrap_or(0..0);
        let mut mistake = explain(told.message(), start + local.start..start + local.end);
        if told.message() == "duplicate key" {
            let key = &text[local];
            mistake.message = format!("`{key}` stands twice: here and at {{other}}");
            mistake.other = first_key(tree, key.trim_matches(['"', '\''])).map(|span| start + span.start);
        }
        let conflict = ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|marker| text.starts_with(marker));
        if conflict {
            mistake = Mistake::new(start..end, "a merge conflict was left here")
                .remedy("decide between both sides and delete the marker lines");
        }
        let line_end = line_end(self.text, end.saturating_sub(1));
        if line_end == self.text.len() && !conflict {
            mistake.remedy =
                Some("the file ends on this line: perhaps it was written only in part".to_owned());
            self.out.lost = true;
        }
        self.out.mistakes.push(mistake);
        if statement.header || conflict {
            self.out.lost = true;
            self.in_lost_table |= statement.header;
        } else {
            let key = text.split('=').next().unwrap_or_default();
            let mut path = self.table.as_ref().map(|(_, path)| path.clone()).unwrap_or_default();
            path.extend(key.split('.').map(|part| part.trim().trim_matches(['"', '\'']).to_owned()));
            self.out.broken.push(path);
        }
    }

    fn take_header(&mut self, span: Range<usize>, path: Vec<String>, array: bool) {
        let first = self.headers.get(&path).copied().filter(|_| !array);
        if let Some(first) = first.filter(|_| path.len() != 2) {
            let message = format!("the table `[{}]` stands twice: here and at {{other}}", path.join("."));
            let mistake = Mistake::new(span.clone(), message)
                .other(first)
                .remedy("write all its keys under one header");
            self.out.mistakes.push(mistake);
        }
        self.headers.entry(path.clone()).or_insert(span.start);
        if let Some(layer) = self.free_layer(&path, &span) {
            self.copy(layer, &span);
            self.layers[layer].header = span.start;
            self.layers[layer].taken.insert(path.clone(), span.start);
        }
        self.table = Some((span, path));
    }

    fn take_pair(&mut self, span: &Range<usize>, keys: Vec<String>) {
        let (header, mut path) = self.table.clone().unwrap_or_default();
        path.extend(keys);
        let taken = self.layers.iter().find_map(|layer| layer.taken.get(&path)).copied();
        if let Some(first) = taken.filter(|_| path.len() > 2) {
            let name = path.last().map_or("", String::as_str);
            let message = format!("`{name}` stands twice: here and at {{other}}");
            self.out.mistakes.push(Mistake::new(span.clone(), message).other(first));
            return;
        }
        let Some(layer) = self.free_layer(&path, span) else { return };
        if !header.is_empty() && self.layers[layer].header != header.start {
            self.copy(layer, &header);
            self.layers[layer].header = header.start;
        }
        self.copy(layer, span);
        self.layers[layer].taken.insert(path, span.start);
    }

    /// The first layer that does not say `path` yet.
    fn free_layer(&mut self, path: &[String], span: &Range<usize>) -> Option<usize> {
        let free = |layer: &Layer| {
            !layer.taken.contains_key(path)
                && !(1..path.len()).any(|length| {
                    layer.taken.get(&path[..length]).is_some_and(|at| self.text.as_bytes()[*at] != b'[')
                })
        };
        let found = self.layers.iter().position(free).unwrap_or(self.layers.len());
        if found == LAYERS_MAX {
            let first = self.layers.iter().find_map(|layer| layer.taken.get(path)).copied();
            let message = format!("`{}` stands more than once: here and at {{other}}", path.join("."));
            let mut mistake = Mistake::new(span.clone(), message);
            mistake.other = first.or(Some(span.start));
            self.out.mistakes.push(mistake);
            return None;
        }
        if found == self.layers.len() {
            let blank = self.text.bytes().map(|byte| if byte == b'\n' { byte } else { b' ' }).collect();
            self.layers.push(Layer { bytes: blank, header: usize::MAX, ..Layer::default() });
        }
        Some(found)
    }

    fn copy(&mut self, layer: usize, span: &Range<usize>) {
        let from = &self.text.as_bytes()[span.clone()];
        self.layers[layer].bytes[span.clone()].copy_from_slice(from);
    }
}

/// The path that a lone statement names: `[a.b]` or `a.b = …`.
fn path_of(tree: &DeTable<'_>) -> Vec<String> {
    let mut path = Vec::new();
    let mut table = Some(tree);
    while let Some((key, value)) = table.and_then(|table| table.iter().next()) {
        path.push(key.get_ref().to_string());
        table = value.get_ref().as_table().filter(|_| value.span() == key.span());
        // A header's last table bears the span of the header itself.
        if table.is_none() && value.span().start == 0 {
            table = value.get_ref().as_table();
        }
    }
    path
}

/// The first place where the key `name` stands in a tree.
fn first_key(tree: &DeTable<'_>, name: &str) -> Option<Range<usize>> {
    let own = tree.iter().find(|(key, _)| key.get_ref() == name).map(|(key, _)| key.span());
    let inner =
        |value: &Spanned<DeValue<'_>>| value.get_ref().as_table().and_then(|table| first_key(table, name));
    own.or_else(|| tree.values().find_map(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> Repaired {
        let (_, errors) = DeTable::parse_recoverable(text);
        assert!(!errors.is_empty(), "{text:?} has no error");
        let repaired = repair(text, &errors);
        for layer in &repaired.layers {
            assert_eq!(layer.len(), text.len());
            assert!(DeTable::parse(layer).is_ok(), "{text:?} gave {layer:?}");
        }
        repaired
    }

    #[test]
    fn one_mistake_hides_nothing_else() {
        let text = "a = 1\nb = \"x\n[c]\nd = nope\ne = 2\n[f\ng = 1\n[h]\ni = = 2\nj = 3\n";
        let repaired = repaired(text);
        let found: Vec<usize> =
            repaired.mistakes.iter().map(|mistake| text[..mistake.span.start].lines().count()).collect();
        assert_eq!(found, [2, 4, 6, 9]);
        assert_eq!(repaired.broken, [vec!["b"], vec!["c", "d"], vec!["h", "i"]]);
        assert!(repaired.lost);
        assert_eq!(repaired.layers.len(), 1);
        let kept: Vec<&str> = repaired.layers[0].split_whitespace().collect();
        assert_eq!(kept.join(" "), "a = 1 [c] e = 2 [h] j = 3");
    }

    #[test]
    fn what_stands_twice_goes_into_a_second_layer() {
        let text = "[links]\n1 = {}\n2 = {}\n1 = { }\n[links.2]\nskip = 'x'\n";
        let repaired = repaired(text);
        assert!(repaired.mistakes.is_empty(), "{:?}", repaired.mistakes);
        let layers: Vec<String> = repaired
            .layers
            .iter()
            .map(|layer| layer.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(layers, ["[links] 1 = {} 2 = {}", "[links] 1 = { } [links.2] skip = 'x'"]);
    }

    #[test]
    fn a_file_cut_off_in_the_middle_is_one_mistake() {
        let whole = "[staxbill]\napi_key = \"${cred:a}\"\n[links]\n1 = { skip = \"why\", by = \"x\" }";
        for length in 1..whole.len() {
            let text = &whole[..length];
            if DeTable::parse(text).is_err() {
                let repaired = repaired(text);
                assert_eq!(repaired.mistakes.len(), 1, "{text:?} gave {:?}", repaired.mistakes);
                assert!(repaired.lost, "{text:?}");
            }
        }
    }
}
