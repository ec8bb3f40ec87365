//! Parsing: the texts of all files, piece by piece, into links and one tree
//! of all other tables; also of files with syntax errors.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Faults;
use super::files::SourceFile;
use super::links::Links;
use super::pieces::pieces;
use super::repair::{first_of, repair};
use super::syntax_words::Mistake;
use super::tree::{Origin, Swallowed, Tree, check_inline};

/// A parsed piece that holds more than links.
struct Kept<'t> {
    origin: Origin,
    under: Option<&'static str>,
    table: Spanned<DeTable<'t>>,
}

/// Parses and merges the files, reports what is wrong, and hands the outcome
/// to `use_it`. Links are converted at once, piece by piece, because there
/// may be very many of them.
pub(super) fn parse<T>(
    files: &[SourceFile],
    faults: &Faults,
    use_it: impl FnOnce(&Tree<'_>, Links<'_>) -> T,
) -> T {
    let mut links = Links::new(files, faults);
    let (mut sound, mut repaired, mut layers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut swallowed, mut untold) = (Swallowed::default(), None);
    for (file, source) in files.iter().enumerate() {
        let (pieces, mistakes) = pieces(&source.text);
        report(Origin { file, base: 0 }, mistakes, faults);
        for piece in pieces {
            let origin = Origin { file, base: piece.span.start };
            let last = piece.span.end == source.text.len();
            let text = &source.text[piece.span];
            let (table, errors) = DeTable::parse_recoverable(text);
            if errors.is_empty() {
                take(Kept { origin, under: piece.under, table }, text, &mut links, &mut sound);
                continue;
            }
            untold.get_or_insert_with(|| (origin, first_of(&errors)));
            let found = repair(text, piece.under, last);
            report(origin, found.mistakes, faults);
            swallowed.add(file, found.broken, found.lost);
            layers.extend(found.layers.into_iter().map(|layer| (origin, piece.under, layer)));
        }
    }
    links.swallowed = swallowed.clone();
    for (origin, under, text) in &layers {
        let table = DeTable::parse_recoverable(text).0;
        take(Kept { origin: *origin, under: *under, table }, text, &mut links, &mut repaired);
    }
    let mut tree = Tree { swallowed, ..Tree::default() };
    sound
        .iter()
        .chain(&repaired)
        .for_each(|kept| tree.add(kept.origin, kept.under, kept.table.get_ref(), faults));
    // What TOML forbids and merging would allow, such as a table in two forms.
    if let Some((origin, mistake)) = untold.filter(|_| faults.is_empty()) {
        report(origin, vec![mistake], faults);
    }
    use_it(&tree, links)
}

/// Takes the links out of a piece and keeps the rest of it, if there is any.
fn take<'t>(piece: Kept<'t>, text: &str, links: &mut Links<'_>, kept: &mut Vec<Kept<'t>>) {
    let table = piece.table.get_ref();
    for (key, value) in table {
        let path = [piece.under.unwrap_or_default(), &**key.get_ref()];
        let path = if piece.under.is_some() { &path[..] } else { &path[1..] };
        check_inline(text, path, value, (piece.origin, links.faults()));
    }
    if piece.under == Some("links") {
        links.add(piece.origin, table);
        return;
    }
    let own = table.get("links").filter(|_| piece.under.is_none());
    let own = own.map(Spanned::get_ref).and_then(DeValue::as_table);
    if let Some(own) = own {
        links.add(piece.origin, own);
    }
    if own.is_none() || table.len() > 1 {
        kept.push(piece);
    }
}

fn report(origin: Origin, mistakes: Vec<Mistake>, faults: &Faults) {
    for Mistake { span, message, remedy, other } in mistakes {
        let mut fault = faults.report(&origin.spot(span), message);
        if let Some(remedy) = remedy {
            fault = fault.remedy(remedy);
        }
        if let Some(other) = other {
            fault.other(&origin.spot(other..other));
        }
    }
}
