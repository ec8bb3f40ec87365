//! The verdict for each customer, seen together: one QuickBooks customer is
//! never `unique` for two.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::alike::Fit;
use super::contact;
use super::evidence::Candidate;
use super::index::{Board, Index};
use super::judge::{Judged, Others, judge};
use super::wanted::Wanted;
use crate::model::Customer;

/// So many candidates are told.
const TOLD: usize = 5;
/// By so many points of contact data must the better of two customers of one
/// name lead.
const LEAD: i32 = 3;

/// How sure a suggestion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One candidate, and nothing to hesitate about.
    Unique,
    /// A person has to look.
    Ambiguous,
    /// Nobody comes near.
    None,
}

impl Verdict {
    /// The word for it, part of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Ambiguous => "ambiguous",
            Self::None => "none",
        }
    }
}

/// What is suggested for a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Stax Bill's id.
    pub customer: u64,
    /// How people know it.
    pub label: String,
    /// How sure it is.
    pub verdict: Verdict,
    /// The likeliest first; the one of which it is sure before all others.
    pub candidates: Vec<Candidate>,
    /// Its address is not known and would tell more.
    pub wants_address: bool,
}

/// Suggests for each of `customers` that has no line yet.
///
/// `customers` are all of Stax Bill's, because one that is not asked about may
/// be the better match; `settled` are those that have a line.
pub fn suggest(index: &Index, customers: &[Customer], settled: &BTreeSet<u64>) -> Vec<Suggestion> {
    let crowd = Crowd::of(customers);
    let mut board = Board::default();
    let mut rows: Vec<(&Customer, Vec<Judged>)> = Vec::new();
    for customer in customers.iter().filter(|customer| !settled.contains(&customer.id)) {
        let wanted = Wanted::new(customer);
        let likely = index.likely(&wanted, &mut board);
        let judged = likely.into_iter().filter_map(|at| judge(index, at, &wanted, &crowd));
        let mut judged: Vec<Judged> = judged.collect();
        judged.sort_by_key(|one| (std::cmp::Reverse(one.candidate.score), one.at));
        judged.truncate(2 * TOLD);
        rows.push((customer, judged));
    }
    let claims = claims(&rows);
    let suggestion = |(customer, mut judged): (&Customer, Vec<Judged>)| {
        let verdict = match verdict(customer.id, &judged, &claims) {
            // What may not be linked can rank before it; whoever reads the first takes this one.
            Told::Unique(best) => {
                judged[..=best].rotate_right(1);
                Verdict::Unique
            }
            Told::Ambiguous => Verdict::Ambiguous,
            Told::None => Verdict::None,
        };
        let unknown = customer.billing_address.is_none() && customer.shipping_address.is_none();
        let told = || judged.iter().take(TOLD);
        let wants_address = unknown && told().any(|one| one.has_place) && !told().any(|one| one.is_named);
        let candidates = judged.into_iter().take(TOLD).map(|one| one.candidate).collect();
        Suggestion { customer: customer.id, label: customer.label(), verdict, candidates, wants_address }
    };
    rows.into_iter().map(suggestion).collect()
}

/// How strongly a customer claims a QuickBooks customer.
#[derive(Clone, Copy)]
struct Claim {
    customer: u64,
    strength: Strength,
}

#[derive(Clone, Copy)]
struct Strength {
    is_named: bool,
    fit: Fit,
    points: i32,
}

impl Strength {
    fn of(judged: &Judged) -> Self {
        Self { is_named: judged.is_named, fit: judged.fit, points: judged.points }
    }

    /// Whether `other` is too near to be sure of this one.
    fn is_neared_by(self, other: Self) -> bool {
        if self.is_named || other.is_named {
            return other.is_named;
        }
        let alike = other.fit <= Fit::Similar;
        // Spelling does not tell two firms apart.
        let as_close = other.fit <= self.fit.max(Fit::Normalised) || self.fit > Fit::Rearranged;
        // A worse name with as much behind it may be the better one all the same.
        let backed = other.points > self.points;
        alike && (as_close && self.points - other.points < LEAD || backed)
    }
}

fn claims(rows: &[(&Customer, Vec<Judged>)]) -> BTreeMap<u32, Vec<Claim>> {
    let mut claims: BTreeMap<u32, Vec<Claim>> = BTreeMap::new();
    for (customer, judged) in rows {
        for one in judged.iter().filter(|one| one.is_named || one.fit <= Fit::Similar) {
            let claim = Claim { customer: customer.id, strength: Strength::of(one) };
            claims.entry(one.at).or_default().push(claim);
        }
    }
    claims
}

/// A verdict that names its candidate by its place.
enum Told {
    Unique(usize),
    Ambiguous,
    None,
}

fn verdict(customer: u64, judged: &[Judged], claims: &BTreeMap<u32, Vec<Claim>>) -> Told {
    if judged.is_empty() {
        return Told::None;
    }
    let mut sure = judged.iter().enumerate().filter(|(_, one)| one.is_sure);
    let best = sure.clone().find(|(_, one)| one.is_named).or_else(|| sure.next());
    let Some((place, best)) = best else { return Told::Ambiguous };
    let strength = Strength::of(best);
    let mut rivals = judged.iter().filter(|one| one.at != best.at && !one.is_barred());
    // More may speak for another one, though its name is not alike.
    let outdone = rivals.clone().any(|one| one.candidate.score > best.candidate.score);
    let theirs = claims.get(&best.at).into_iter().flatten().filter(|claim| claim.customer != customer);
    let mut theirs = theirs.map(|claim| claim.strength);
    let neared = rivals.any(|one| strength.is_neared_by(Strength::of(one)))
        || theirs.any(|other| strength.is_neared_by(other));
    if outdone || neared { Told::Ambiguous } else { Told::Unique(place) }
}

/// All of Stax Bill's customers, as far as they have things in common.
struct Crowd {
    emails: HashMap<String, u32>,
    phones: HashMap<String, u32>,
    ids: HashSet<String>,
}

impl Crowd {
    fn of(customers: &[Customer]) -> Self {
        let mut crowd = Self { emails: HashMap::new(), phones: HashMap::new(), ids: HashSet::new() };
        for customer in customers {
            for email in contact::emails(customer.email.as_deref().unwrap_or_default()) {
                *crowd.emails.entry(email).or_default() += 1;
            }
            if let Some(phone) = customer.phone.as_deref().and_then(contact::phone) {
                *crowd.phones.entry(phone).or_default() += 1;
            }
            crowd.ids.insert(customer.id.to_string());
        }
        crowd
    }
}

impl Others for Crowd {
    fn share_email(&self, email: &str) -> bool {
        self.emails.get(email).is_some_and(|count| *count > 1)
    }

    fn share_phone(&self, phone: &str) -> bool {
        self.phones.get(phone).is_some_and(|count| *count > 1)
    }

    fn have_id(&self, number: &str) -> bool {
        self.ids.contains(number)
    }
}
