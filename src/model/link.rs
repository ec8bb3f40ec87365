//! Links: the declared decision for each customer.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Approval, Currency, Entity, Exceptions, Key, ObjectId, ObjectKind, toml_text};

/// Where something stands in the operator's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the operator would name it (relative to `latchd.toml`).
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// From which day a linked customer's financials are in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// All of them.
    Beginning,
    /// From this day on, inclusive, in the company's time zone.
    On(Date),
    /// From the day on which latchd first saw the link; the state remembers it.
    Now,
}

/// What is to become of a customer. Exactly one verb a link, mirroring Stax
/// Bill's own `LatchExisting`, `CreateNew` and `DoNothing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is this living QuickBooks customer.
    Adopt {
        /// QuickBooks' id.
        id: ObjectId,
        /// The name we mean; compared with the living customer's.
        expect: String,
        /// From when on.
        start: Start,
        /// The QuickBooks customer that it was until now, which was merged
        /// into this one or was the wrong one; never the same as `id`.
        from: Option<ObjectId>,
    },
    /// It is to be created in QuickBooks.
    Create {
        /// The name before the id is put behind it; `None`: by the template.
        name: Option<String>,
        /// From when on.
        start: Start,
    },
    /// It is left alone, with the reason.
    Skip {
        /// Why.
        why: String,
    },
    /// It was linked and is so no longer: what was posted stays as it is, and
    /// nothing is posted any more.
    Unlink {
        /// Why.
        why: String,
    },
}

/// Whether what is decided about a customer's records is carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// It is posted.
    #[default]
    Live,
    /// It is computed and shown, and nothing is posted.
    Observe,
}

/// One line of `[links]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The decision.
    pub verb: Verb,
    /// The currency that the QuickBooks customer must have, when said.
    pub currency: Option<Currency>,
    /// Another link may adopt the same QuickBooks customer, if it says so too.
    pub shared: bool,
    /// Whether anything is posted.
    pub policy: Policy,
    /// Records that stand in QuickBooks already, as the object with this id.
    /// Each is a document that [`matched_kind`] knows, and no object stands for
    /// two records in all of the links.
    pub matches: BTreeMap<Key, ObjectId>,
    /// Documents that are posted though something in QuickBooks looks like
    /// them; none of them is in `matches` of any link.
    pub accept: BTreeSet<Key>,
    /// Who or which ticket decided, when said.
    pub by: Option<String>,
    /// Where it is written.
    pub at: Place,
}

impl Link {
    /// A link that says nothing beyond its decision.
    pub fn new(verb: Verb, at: Place) -> Self {
        Self {
            verb,
            currency: None,
            shared: false,
            policy: Policy::Live,
            matches: BTreeMap::new(),
            accept: BTreeSet::new(),
            by: None,
            at,
        }
    }

    /// From which day on financials count; `None` for a customer that is left
    /// alone.
    pub fn start(&self) -> Option<Start> {
        match &self.verb {
            Verb::Adopt { start, .. } | Verb::Create { start, .. } => Some(*start),
            Verb::Skip { .. } | Verb::Unlink { .. } => None,
        }
    }

    /// Whether the customer and its documents count: it is adopted or created.
    pub fn counts(&self) -> bool {
        self.start().is_some()
    }

    /// Whether everything is computed and nothing posted.
    pub fn observes(&self) -> bool {
        match self.policy {
            Policy::Live => false,
            Policy::Observe => true,
        }
    }

    /// The QuickBooks customer that it adopts.
    pub fn adopted(&self) -> Option<&ObjectId> {
        match &self.verb {
            Verb::Adopt { id, .. } => Some(id),
            Verb::Create { .. } | Verb::Skip { .. } | Verb::Unlink { .. } => None,
        }
    }

    /// The QuickBooks customer that it was until now, where it is relinked.
    pub fn relinked_from(&self) -> Option<&ObjectId> {
        match &self.verb {
            Verb::Adopt { from, .. } => from.as_ref(),
            Verb::Create { .. } | Verb::Skip { .. } | Verb::Unlink { .. } => None,
        }
    }
}

impl Link {
    /// The line as an operator would write it for `customer`, with all that it
    /// says.
    pub fn line(&self, customer: u64) -> String {
        let mut keys = match &self.verb {
            Verb::Adopt { id, expect, start, from } => {
                let from = from.iter().map(|from| format!("from = {}", toml_text(from.as_str())));
                let head = [format!("adopt = {}", toml_text(id.as_str()))].into_iter().chain(from);
                head.chain([format!("expect = {}", toml_text(expect)), format!("start = {}", day(*start))])
                    .collect()
            }
            Verb::Create { name, start } => {
                let name = name.as_deref().map_or_else(|| "true".to_owned(), toml_text);
                vec![format!("create = {name}"), format!("start = {}", day(*start))]
            }
            Verb::Skip { why } => vec![format!("skip = {}", toml_text(why))],
            Verb::Unlink { why } => vec![format!("unlink = {}", toml_text(why))],
        };
        keys.extend(self.currency.map(|currency| format!("currency = \"{currency}\"")));
        keys.extend(self.shared.then(|| "shared = true".to_owned()));
        keys.extend(self.observes().then(|| "policy = \"observe\"".to_owned()));
        if !self.matches.is_empty() {
            let one = |(key, id): (&Key, &ObjectId)| format!("\"{key}\" = {}", toml_text(id.as_str()));
            keys.push(format!(
                "match = {{ {} }}",
                self.matches.iter().map(one).collect::<Vec<_>>().join(", ")
            ));
        }
        if !self.accept.is_empty() {
            let all = self.accept.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>();
            keys.push(format!("accept = [{}]", all.join(", ")));
        }
        keys.extend(self.by.as_deref().map(|by| format!("by = {}", toml_text(by))));
        format!("{customer} = {{ {} }}", keys.join(", "))
    }
}

fn day(start: Start) -> String {
    match start {
        Start::Beginning => "\"beginning\"".to_owned(),
        Start::On(day) => day.to_string(),
        Start::Now => "\"now\"".to_owned(),
    }
}

/// What a document that stands in QuickBooks already is there; `None`: such a
/// record cannot be matched. A customer is adopted instead, and a refund has no
/// document of its own.
pub fn matched_kind(entity: Entity) -> Option<ObjectKind> {
    match entity {
        Entity::Customer | Entity::Refund => None,
        Entity::Invoice => Some(ObjectKind::Invoice),
        Entity::Payment => Some(ObjectKind::Payment),
        Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => Some(ObjectKind::CreditMemo),
    }
}

/// All that the operators decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The links, by Stax Bill's customer id.
    pub links: BTreeMap<u64, Link>,
    /// Warnings that are left alone, and records that are sent again.
    pub exceptions: Exceptions,
    /// What is released of that which guards hold, by its digest.
    pub approvals: BTreeMap<String, Approval>,
}

/// A link that adopts the same QuickBooks customer as another, where one of
/// those that do does not say that it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing<'d> {
    /// The QuickBooks customer.
    pub id: &'d ObjectId,
    /// Stax Bill's customer.
    pub customer: u64,
    /// Its line.
    pub at: &'d Place,
    /// Another customer that adopts it; one without the word, unless that is
    /// the customer itself.
    pub other: u64,
    /// The other's line.
    pub other_at: &'d Place,
}

impl Decisions {
    /// The links whose `start` has not come on the day `today` of the company's
    /// calendar, by customer: most likely a slip, because nothing is posted
    /// under them.
    pub fn future(&self, today: Date) -> impl Iterator<Item = (u64, Date, &Link)> {
        self.links.iter().filter_map(move |(customer, link)| match link.start()? {
            Start::On(day) => (day > today).then_some((*customer, day, link)),
            Start::Beginning | Start::Now => None,
        })
    }

    /// Every link that adopts a QuickBooks customer together with others,
    /// unless each of them says `shared`; by customer.
    pub fn shared_without_word(&self) -> Vec<Sharing<'_>> {
        let mut first: HashMap<&ObjectId, u64> = HashMap::with_capacity(self.links.len());
        let mut groups: BTreeMap<&ObjectId, Vec<u64>> = BTreeMap::new();
        for (customer, link) in &self.links {
            let Some(id) = link.adopted() else { continue };
            if let Some(earlier) = first.insert(id, *customer) {
                groups.entry(id).or_insert_with(|| vec![earlier]).push(*customer);
            }
        }
        let mut sharing: Vec<Sharing<'_>> =
            groups.into_iter().flat_map(|(id, group)| self.sharing(id, &group)).collect();
        sharing.sort_unstable_by_key(|sharing| sharing.customer);
        sharing
    }

    fn sharing<'d>(&'d self, id: &'d ObjectId, group: &[u64]) -> Vec<Sharing<'d>> {
        let Some(wordless) = group.iter().copied().find(|customer| !self.links[customer].shared) else {
            return Vec::new();
        };
        let beside = group.iter().copied().find(|other| *other != wordless).unwrap_or(wordless);
        let pair = |customer: u64| {
            let other = if customer == wordless { beside } else { wordless };
            Sharing { id, customer, at: &self.links[&customer].at, other, other_at: &self.links[&other].at }
        };
        group.iter().copied().map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn decisions(links: Vec<(u64, Verb, bool)>) -> Decisions {
        let link = |(customer, verb, shared): (u64, Verb, bool)| {
            let line = u32::try_from(customer).unwrap();
            (customer, Link { shared, ..Link::new(verb, Place { file: "a.toml".into(), line }) })
        };
        Decisions { links: links.into_iter().map(link).collect(), ..Decisions::default() }
    }

    fn adopt(id: &str, start: Start) -> Verb {
        Verb::Adopt { id: ObjectId::new(id), expect: "Amy".to_owned(), start, from: None }
    }

    #[test]
    fn a_start_that_has_not_come_is_found() {
        let (today, tomorrow) = (date(2026, 11, 23), date(2026, 11, 24));
        let decisions = decisions(vec![
            (1, adopt("5", Start::On(today)), false),
            (2, adopt("6", Start::On(tomorrow)), false),
            (3, adopt("7", Start::Now), false),
            (4, Verb::Create { name: None, start: Start::Beginning }, false),
            (5, Verb::Create { name: None, start: Start::On(tomorrow) }, false),
            (6, Verb::Skip { why: "x".to_owned() }, false),
            (7, Verb::Unlink { why: "x".to_owned() }, false),
        ]);
        let found = |today| decisions.future(today).map(|(id, day, _)| (id, day)).collect::<Vec<_>>();
        assert_eq!(found(today), [(2, tomorrow), (5, tomorrow)]);
        assert_eq!(found(tomorrow), []);
        let counting = decisions.links.values().filter(|link| link.counts()).count();
        assert_eq!((counting, decisions.links.len()), (5, 7));
    }

    #[test]
    fn one_customer_for_two_needs_the_word_of_all() {
        // Whether customers 1, 2 and 3, who adopt the same one, say so; pairs
        // that are told.
        let cases: [(&[bool], &str); 6] = [
            (&[false], ""),
            (&[true, true], ""),
            (&[true, false], "1-2 2-1"),
            (&[false, false], "1-2 2-1"),
            (&[true, true, false], "1-3 2-3 3-1"),
            (&[false, false, true], "1-2 2-1 3-1"),
        ];
        for (sharing, expected) in cases {
            let mut links: Vec<_> =
                (1..).zip(sharing).map(|(id, shared)| (id, adopt("5", Start::Now), *shared)).collect();
            links.push((9, adopt("6", Start::Now), false));
            links.push((10, Verb::Create { name: Some("5".to_owned()), start: Start::Now }, false));
            let decisions = decisions(links);
            let found = decisions.shared_without_word();
            let pairs: Vec<_> =
                found.iter().map(|pair| format!("{}-{}", pair.customer, pair.other)).collect();
            assert_eq!(pairs.join(" "), expected);
            for pair in found {
                let places = (u64::from(pair.at.line), u64::from(pair.other_at.line));
                assert_eq!((pair.id.as_str(), places), ("5", (pair.customer, pair.other)));
            }
        }
    }
}
