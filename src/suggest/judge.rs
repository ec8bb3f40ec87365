//! A pair judged: what speaks for it, what against it, and how much it comes to.

use super::alike::{Fit, Likeness, compare};
use super::contact::{self, Places};
use super::evidence::{Candidate, For, Objection};
use super::index::Index;
use super::living::{Field, Ready};
use super::name::{Name, without_end};
use super::wanted::Wanted;

/// How many others have what a pair has in common.
pub(super) trait Others {
    /// Whether several Stax Bill customers have this e-mail.
    fn share_email(&self, email: &str) -> bool;
    /// Whether several have this telephone.
    fn share_phone(&self, phone: &str) -> bool;
    /// Whether `number` is the id of another Stax Bill customer.
    fn have_id(&self, number: &str) -> bool;
}

/// A pair, judged.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    /// Which of the index.
    pub(super) at: u32,
    pub(super) candidate: Candidate,
    pub(super) fit: Fit,
    /// What contact data say for it less what they say against it.
    pub(super) points: i32,
    /// It bears our mark or our id.
    pub(super) is_named: bool,
    /// Addresses could be compared, were the Stax Bill customer's known.
    pub(super) has_place: bool,
    /// Good enough to be unique, if no other comes near.
    pub(super) is_sure: bool,
}

impl Judged {
    pub(super) fn is_barred(&self) -> bool {
        self.candidate.against.iter().any(|objection| objection.is_bar())
    }
}

/// Judges a pair; nothing where nothing speaks for it.
pub(super) fn judge(index: &Index, at: u32, wanted: &Wanted<'_>, others: &dyn Others) -> Option<Judged> {
    let ready = &index.ready[at as usize];
    let mut tally = Tally::default();
    tally.standing(ready, wanted);
    let bare = tally.numbers(ready, wanted, others);
    let (likeness, field) = best_name(index, ready, wanted, bare.as_ref());
    tally.names(likeness, field);
    tally.contacts(index, ready, wanted, others);
    tally.end(index, at, wanted, (likeness, field))
}

/// How the closest two names came together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    /// The name that each is known by.
    Known,
    /// Persons, each known by that name.
    Persons,
    /// A name behind another one.
    Behind,
    /// The last part of a sub-customer's.
    Leaf,
    /// The contact of the firm.
    Contact,
}

fn best_name(index: &Index, ready: &Ready, wanted: &Wanted<'_>, bare: Option<&Name>) -> (Likeness, Met) {
    let weight = |word: &str| index.weight(word);
    let mut best = (Likeness::APART, Met::Known);
    let mut take = |one: &Name, other: &Name, met: Met| {
        let is_person = matches!(met, Met::Persons | Met::Contact);
        let found = compare(one, other, is_person, weight);
        // Of two that are as close, the better known one counts.
        if found.rank() > best.0.rank() {
            best = (found, met);
        }
    };
    let theirs = ready.names.iter().map(|(field, name)| (*field, name));
    let theirs: Vec<(Field, &Name)> =
        bare.map(|bare| (Field::Display, bare)).into_iter().chain(theirs).collect();
    let persons = wanted.is_person() || ready.is_person;
    for (at, one) in wanted.firm.iter().enumerate() {
        for (field, other) in &theirs {
            let met = match field {
                Field::Display | Field::Person if at == 0 && persons => Met::Persons,
                Field::Display if at == 0 => Met::Known,
                Field::Leaf => Met::Leaf,
                Field::Person => Met::Contact,
                Field::Display | Field::Behind => Met::Behind,
            };
            take(one, other, met);
        }
    }
    if let Some(one) = &wanted.person {
        let is_firm = !wanted.firm.is_empty();
        for (field, other) in theirs {
            let met = match field {
                Field::Display if !is_firm => Met::Persons,
                Field::Person if !is_firm && ready.is_person => Met::Persons,
                Field::Leaf if !is_firm => Met::Leaf,
                Field::Behind if !is_firm => Met::Behind,
                Field::Display | Field::Person => Met::Contact,
                Field::Leaf | Field::Behind => continue,
            };
            take(one, other, met);
        }
    }
    best
}

#[derive(Default)]
struct Tally {
    evidence: Vec<For>,
    against: Vec<Objection>,
    points: i32,
    /// An e-mail, a telephone or an address that nobody else has.
    strong: u32,
    /// How near two addresses are that are not the same, in thousandths.
    near: u32,
}

impl Tally {
    /// Whether it may be linked at all.
    fn standing(&mut self, ready: &Ready, wanted: &Wanted<'_>) {
        let living = &ready.living;
        let mine = wanted.customer.id;
        match living.mark {
            Some(mark) if mark == mine => self.evidence.push(For::Mark),
            Some(_) => self.against.push(Objection::OtherMark),
            None => {}
        }
        if living.linked.is_some_and(|linked| linked != mine) {
            self.against.push(Objection::Linked);
        }
        if living.is_inactive {
            self.against.push(Objection::Inactive);
        }
        let theirs = living.currency.as_deref();
        if theirs.is_some_and(|theirs| theirs != wanted.customer.currency.as_str()) {
            self.against.push(Objection::OtherCurrency);
        }
        if living.is_sub {
            self.against.push(Objection::SubCustomer);
        }
    }

    /// Ids and references in its name; gives the name without them.
    fn numbers(&mut self, ready: &Ready, wanted: &Wanted<'_>, others: &dyn Others) -> Option<Name> {
        if let Some((_, bare)) = ready.numbers.iter().find(|(number, _)| *number == wanted.id) {
            self.evidence.push(For::Id);
            return Name::of(bare);
        }
        let reference = wanted.customer.reference.as_deref();
        if let Some(bare) = reference.and_then(|reference| without_end(&ready.living.name, reference)) {
            self.evidence.push(For::Reference);
            self.points += 2;
            return Name::of(&bare);
        }
        if ready.numbers.iter().any(|(number, _)| others.have_id(number)) {
            self.against.push(Objection::OtherId);
        }
        None
    }

    fn names(&mut self, likeness: Likeness, met: Met) {
        let word = match likeness.fit {
            Fit::Exact | Fit::Normalised if met == Met::Behind => For::CompanyName,
            Fit::Exact => For::ExactName,
            Fit::Normalised | Fit::Rearranged => For::NormalisedName,
            Fit::Similar => For::SimilarName,
            Fit::Part | Fit::Mixed if likeness.share > 300 => For::PartOfName,
            Fit::Part | Fit::Mixed | Fit::Apart => return,
        };
        if met == Met::Contact {
            if likeness.fit <= Fit::Similar {
                self.evidence.push(For::ContactName);
            }
        } else {
            self.evidence.push(word);
        }
        if likeness.other_form {
            self.against.push(Objection::OtherForm);
        }
    }

    fn contacts(&mut self, index: &Index, ready: &Ready, wanted: &Wanted<'_>, others: &dyn Others) {
        let mut shared = false;
        let mut count = |tally: &mut Self, word: For, is_shared: bool| {
            tally.evidence.push(word);
            tally.points += if is_shared { 1 } else { 2 };
            tally.strong += u32::from(!is_shared);
            shared |= is_shared;
        };
        if let Some(email) = wanted.emails.iter().find(|email| ready.emails.contains(email)) {
            let is_shared = index.by_key("e", email).len() > 1 || others.share_email(email);
            count(self, For::Email, is_shared);
        } else {
            let hosts = |emails: &[String]| -> Vec<String> {
                emails.iter().filter_map(|email| contact::own_host(email)).map(ToOwned::to_owned).collect()
            };
            let (mine, theirs) = (hosts(&wanted.emails), hosts(&ready.emails));
            if let Some(host) = mine.iter().find(|host| theirs.contains(host)) {
                self.evidence.push(For::EmailDomain);
                self.points += i32::from(index.by_key("h", host).len() == 1);
            } else if !wanted.emails.is_empty() && !ready.emails.is_empty() {
                self.against.push(Objection::OtherEmail);
                self.points -= 1;
            }
        }
        if let Some(phone) = &wanted.phone {
            if ready.phones.iter().any(|one| contact::is_same_phone(one, phone)) {
                let rows = index.by_key("p", contact::phone_key(phone)).iter();
                let bear = |at: &&u32| {
                    let phones = &index.ready[**at as usize].phones;
                    phones.iter().any(|one| contact::is_same_phone(one, phone))
                };
                let is_shared = rows.filter(bear).count() > 1 || others.share_phone(phone);
                count(self, For::Phone, is_shared);
            } else if !ready.phones.is_empty() {
                self.against.push(Objection::OtherPhone);
                self.points -= 1;
            }
        }
        if let (Some(mine), Some(theirs)) = (&wanted.place, &ready.place) {
            match mine.compare(theirs) {
                Places::Same => {
                    let shared = mine.keys().first().is_some_and(|key| index.by_key("a", key).len() > 1);
                    count(self, For::Address, shared);
                }
                Places::Other => {
                    self.against.push(Objection::OtherAddress);
                    self.points -= 2;
                }
                Places::Unknown(near) => self.near = near,
            }
        }
        if shared {
            self.against.push(Objection::Shared);
        }
    }

    fn end(
        self,
        index: &Index,
        at: u32,
        wanted: &Wanted<'_>,
        (likeness, met): (Likeness, Met),
    ) -> Option<Judged> {
        let ready = &index.ready[at as usize];
        let has = |word: For| self.evidence.contains(&word);
        let (is_mark, is_id) = (has(For::Mark), has(For::Id));
        let score = self.score(likeness, met);
        if self.evidence.is_empty() || (score < SHOWN && !is_mark && !is_id) {
            return None;
        }
        let is_bar = self.against.iter().any(|objection| objection.is_bar());
        let is_sure = !is_bar && self.is_sure((index, ready, wanted), (likeness, met));
        let candidate = Candidate {
            id: ready.living.id.clone(),
            name: ready.living.name.clone(),
            score,
            evidence: self.evidence,
            against: self.against,
        };
        let fit = if met == Met::Contact { likeness.fit.max(Fit::Part) } else { likeness.fit };
        Some(Judged {
            at,
            candidate,
            fit,
            points: self.points,
            is_named: is_mark || is_id,
            has_place: ready.place.is_some(),
            is_sure,
        })
    }

    /// Whether a person who sees all this would not hesitate.
    fn is_sure(
        &self,
        (index, ready, wanted): (&Index, &Ready, &Wanted<'_>),
        (likeness, met): (Likeness, Met),
    ) -> bool {
        if self.evidence.contains(&For::Mark) {
            return true;
        }
        let objects = |word: Objection| self.against.contains(&word);
        if self.evidence.contains(&For::Id) {
            // A short id may be a year or the number of a house.
            let long = wanted.id.len() > 4;
            return likeness.fit <= Fit::Similar || (long && likeness.fit <= Fit::Part) || self.points >= 2;
        }
        let contradicted =
            [Objection::OtherEmail, Objection::OtherPhone, Objection::OtherAddress].into_iter().any(objects);
        let backed = self.points >= 1;
        let well_backed = self.points >= 2 && self.strong > 0;
        let name = wanted.names().next();
        let distinctive = name.is_some_and(Name::is_distinctive);
        let rare = distinctive && name.is_some_and(|name| name.tells(|word| index.is_rare(word)));
        match (likeness.fit, met) {
            (Fit::Exact | Fit::Normalised, Met::Known) if !ready.living.is_sub => {
                backed || (rare && !contradicted && !objects(Objection::OtherForm))
            }
            (Fit::Exact | Fit::Normalised, Met::Known) => backed || rare && self.points >= 0,
            (Fit::Exact | Fit::Normalised, Met::Behind) => backed && distinctive,
            (Fit::Exact | Fit::Normalised | Fit::Rearranged, Met::Persons)
            | (Fit::Rearranged, Met::Known) => well_backed,
            (Fit::Similar, Met::Known) => well_backed && !likeness.risky && !contradicted,
            (Fit::Similar, Met::Persons) => {
                self.evidence.contains(&For::Email) && well_backed && !likeness.risky && !contradicted
            }
            _ => false,
        }
    }

    fn score(&self, likeness: Likeness, met: Met) -> u32 {
        let share = i64::from(likeness.share);
        let name = match likeness.fit {
            Fit::Exact => 700,
            Fit::Normalised => 690,
            Fit::Rearranged => 660,
            Fit::Similar => 400 + share * 25 / 100,
            Fit::Part => 200 + share * 40 / 100,
            Fit::Mixed => share * 55 / 100,
            Fit::Apart => 0,
        };
        let name = match met {
            Met::Known | Met::Persons => name,
            Met::Behind => name - name / 20,
            Met::Leaf => name - name / 5,
            Met::Contact => name / 3,
        };
        let has = |word: For| i64::from(self.evidence.contains(&word));
        let named = has(For::Mark) * 600 + has(For::Id) * 400;
        let barred = self.against.iter().any(|objection| objection.is_bar());
        let against = i64::from(barred) * 150;
        let backing = i64::from(self.points) * 75 + i64::from(self.near) / 8;
        // What nobody else has is worth a look, whatever the names are; so is a
        // close name, whatever speaks against it.
        let least = if self.strong > 0 || name >= CLOSE { i64::from(SHOWN) } else { 0 };
        u32::try_from((name + named + backing - against).clamp(least, 1000)).unwrap_or(0)
    }
}

/// A name of so much by itself is always told.
const CLOSE: i64 = 380;
/// Less is no candidate.
const SHOWN: u32 = 300;
