//! Parsing: texts of files into trees, also of files with syntax errors.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeTable;

use super::faults::{Faults, Spot};
use super::files::SourceFile;
use super::repair::repair;
use super::syntax_words::Mistake;
use super::tree::Tree;

/// The parsed files, and of those that did not parse what they still say.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    layers: Vec<(usize, String)>,
    broken: Vec<Vec<String>>,
    lost: BTreeSet<usize>,
}

/// Finds syntax errors, reports them and repairs the texts; the sound texts'
/// trees are put into `sound`, beside the number of their file.
pub(super) fn parse<'f>(
    files: &'f [SourceFile],
    sound: &mut Vec<(usize, Spanned<DeTable<'f>>)>,
    faults: &Faults,
) -> Parsed {
    let mut parsed = Parsed::default();
    for (index, file) in files.iter().enumerate() {
        let (tree, errors) = DeTable::parse_recoverable(&file.text);
        if errors.is_empty() {
            sound.push((index, tree));
            continue;
        }
        drop(tree);
        let repaired = repair(&file.text, &errors);
        repaired.mistakes.into_iter().for_each(|mistake| report(index, mistake, faults));
        parsed.layers.extend(repaired.layers.into_iter().map(|layer| (index, layer)));
        parsed.broken.extend(repaired.broken);
        parsed.lost.extend(repaired.lost.then_some(index));
    }
    parsed
}

impl Parsed {
    /// The trees of what was repaired.
    pub(super) fn repaired(&self) -> Vec<(usize, Spanned<DeTable<'_>>)> {
        self.layers.iter().map(|(index, text)| (*index, DeTable::parse_recoverable(text).0)).collect()
    }

    /// Merges all trees, in the order of their files.
    pub(super) fn merge<'t>(
        &self,
        trees: &'t [(usize, Spanned<DeTable<'t>>)],
        context: (&[SourceFile], &Faults),
    ) -> Tree<'t> {
        let mut tree = Tree {
            broken: self.broken.iter().cloned().collect(),
            lost: self.lost.clone(),
            ..Tree::default()
        };
        for (index, table) in trees {
            tree.add(*index, table.get_ref(), context);
        }
        tree
    }
}

fn report(index: usize, mistake: Mistake, faults: &Faults) {
    let mut fault = faults.report(&Spot::new(index, mistake.span), mistake.message);
    if let Some(remedy) = mistake.remedy {
        fault = fault.remedy(remedy);
    }
    if let Some(other) = mistake.other {
        fault.other(&Spot::new(index, other..other));
    }
}
