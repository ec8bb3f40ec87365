//! A free search among QuickBooks' customers, for whom a person looks for.

use super::evidence::{Candidate, For, Objection};
use super::index::{Board, Index};
use super::name::Name;

/// So many are told.
const TOLD: usize = 20;

impl Index {
    /// The customers that `text` might mean: an id, an e-mail, a telephone, or
    /// a part of a name, the likeliest first.
    pub fn search(&self, text: &str) -> Vec<Candidate> {
        let low = text.trim().to_lowercase();
        let mut found: Vec<(u32, u32, Option<For>)> = Vec::new();
        for (at, one) in self.ready.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let living = &one.living;
            let is_id = living.id.as_str() == low;
            let email = one.emails.contains(&low);
            let phone = super::contact::phone(&low);
            let phone = phone.is_some_and(|phone| one.phones.iter().any(|one| one.ends_with(&phone)));
            let names = [Some(&living.name), living.full_name.as_ref(), living.company.as_ref()];
            let names = names.into_iter().flatten().map(|name| name.to_lowercase());
            let part = !low.is_empty() && names.clone().any(|name| name.contains(&low));
            let whole = names.clone().any(|name| name == low);
            let found_by = match (is_id, email, phone, whole, part) {
                (true, ..) => Some((1000, None)),
                (_, true, ..) => Some((950, Some(For::Email))),
                (_, _, true, ..) => Some((900, Some(For::Phone))),
                (_, _, _, true, _) => Some((990, Some(For::ExactName))),
                (.., true) => Some((700, Some(For::PartOfName))),
                _ => None,
            };
            found.extend(found_by.map(|(score, word)| (score, at, word)));
        }
        if let Some(name) = Name::of(text) {
            let near = self.by_name(&name, TOLD, &mut Board::default());
            let near = near.into_iter().filter(|at| found.iter().all(|(_, other, _)| other != at));
            let near: Vec<u32> = near.collect();
            found.extend(
                near.into_iter().zip(0_u32..).map(|(at, place)| (500 - place, at, Some(For::SimilarName))),
            );
        }
        found.sort_by_key(|(score, at, _)| (std::cmp::Reverse(*score), *at));
        found.truncate(TOLD);
        found.into_iter().map(|(score, at, word)| self.found(score, at, word)).collect()
    }

    fn found(&self, score: u32, at: u32, word: Option<For>) -> Candidate {
        let living = &self.ready[at as usize].living;
        let objections = [
            (living.is_inactive, Objection::Inactive),
            (living.linked.is_some(), Objection::Linked),
            (living.is_sub, Objection::SubCustomer),
        ];
        Candidate {
            id: living.id.clone(),
            name: living.full_name.clone().unwrap_or_else(|| living.name.clone()),
            score,
            evidence: word.into_iter().collect(),
            against: objections.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect(),
        }
    }
}
