//! The index over QuickBooks' customers: what might be the one, found without
//! comparing everybody with everybody.

use std::collections::{BTreeMap, HashMap};

use super::alike::initials;
use super::contact;
use super::living::{Living, Ready};
use super::name::Name;
use super::wanted::Wanted;

/// So many customers are compared because of their names.
const BY_NAME: usize = 24;
/// So many because of one e-mail, telephone, id or address.
const BY_KEY: usize = 40;

/// QuickBooks' customers, by what they can be found by.
#[derive(Debug)]
pub struct Index {
    pub(super) ready: Vec<Ready>,
    keys: HashMap<String, Vec<u32>>,
    /// Three letters of a word, to the names that have them.
    letters: HashMap<[u8; 3], Vec<u32>>,
    /// Names: whose each is, and the weight of its letters.
    names: Vec<(u32, u32)>,
    /// How many customers bear a word in their names.
    bearers: HashMap<String, u32>,
}

impl Index {
    /// An index over `living`.
    pub fn new(living: Vec<Living>) -> Self {
        let ready: Vec<Ready> = living.into_iter().map(Ready::new).collect();
        let mut index = Self {
            ready: Vec::new(),
            keys: HashMap::new(),
            letters: HashMap::new(),
            names: Vec::new(),
            bearers: HashMap::new(),
        };
        for (at, one) in ready.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            index.add_keys(at, one);
            index.add_names(at, one);
        }
        index.ready = ready;
        let weights: Vec<u32> = {
            let mut weights = vec![0; index.names.len()];
            for rows in index.letters.values() {
                let weight = index.weight_of(rows.len());
                for row in rows {
                    weights[*row as usize] += weight;
                }
            }
            weights
        };
        index.names.iter_mut().zip(weights).for_each(|(name, weight)| name.1 = weight);
        index
    }

    /// How many customers it holds.
    pub fn len(&self) -> usize {
        self.ready.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    fn add_keys(&mut self, at: u32, one: &Ready) {
        let mut keys: Vec<String> = one.emails.iter().map(|email| format!("e {email}")).collect();
        keys.extend(
            one.emails.iter().filter_map(|email| contact::own_host(email)).map(|host| format!("h {host}")),
        );
        keys.extend(one.phones.iter().map(|phone| format!("p {}", contact::phone_key(phone))));
        keys.extend(one.numbers.iter().map(|(number, _)| format!("n {number}")));
        keys.extend(one.place.iter().flat_map(contact::Place::keys).map(|place| format!("a {place}")));
        keys.extend(one.living.mark.map(|mark| format!("m {mark}")));
        let joined = one.names.iter().map(|(_, name)| format!("j {}", name.joined));
        keys.extend(joined);
        keys.extend(
            one.names.iter().filter_map(|(_, name)| initials(name)).map(|short| format!("i {short}")),
        );
        keys.sort();
        keys.dedup();
        for key in keys {
            self.keys.entry(key).or_default().push(at);
        }
    }

    fn add_names(&mut self, at: u32, one: &Ready) {
        let mut words: Vec<&String> = one.names.iter().flat_map(|(_, name)| &name.words).collect();
        words.sort();
        words.dedup();
        for word in words {
            *self.bearers.entry(word.clone()).or_default() += 1;
        }
        for (_, name) in &one.names {
            let row = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.names.push((at, 0));
            for letters in letters(name) {
                self.letters.entry(letters).or_default().push(row);
            }
        }
    }

    /// How telling what `many` names have is: the rarer the more.
    fn weight_of(&self, many: usize) -> u32 {
        1 + (self.names.len() / many.max(1)).max(1).ilog2()
    }

    /// How telling a word is.
    pub(super) fn weight(&self, word: &str) -> u32 {
        let bearers = self.bearers.get(word).copied().unwrap_or(1) as usize;
        2 + (self.ready.len().max(64) / bearers.max(1)).max(1).ilog2()
    }

    /// Whether few customers bear the word.
    pub(super) fn is_rare(&self, word: &str) -> bool {
        let bearers = self.bearers.get(word).copied().unwrap_or(0) as usize;
        bearers <= 3 + self.ready.len() / 1000
    }

    /// The customers found by a key.
    pub(super) fn by_key(&self, kind: &str, key: &str) -> &[u32] {
        self.keys.get(&format!("{kind} {key}")).map_or(&[], Vec::as_slice)
    }

    /// Whoever might be `wanted`, each once.
    pub(super) fn likely(&self, wanted: &Wanted<'_>, board: &mut Board) -> Vec<u32> {
        let mut found = Vec::new();
        let mut put = |kind: &str, key: &str| found.extend(self.by_key(kind, key).iter().take(BY_KEY));
        put("m", &wanted.id);
        put("n", &wanted.id);
        for email in &wanted.emails {
            put("e", email);
            if let Some(host) = contact::own_host(email) {
                put("h", host);
            }
        }
        if let Some(phone) = &wanted.phone {
            put("p", contact::phone_key(phone));
        }
        for key in wanted.place.iter().flat_map(contact::Place::keys) {
            put("a", &key);
        }
        for name in wanted.names() {
            put("j", &name.joined);
            put("i", &name.joined);
            if let Some(short) = initials(name) {
                put("j", &short);
            }
        }
        for name in wanted.names() {
            found.extend(self.by_name(name, BY_NAME, board));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The customers whose names have most letters in common with `name`.
    pub(super) fn by_name(&self, name: &Name, most: usize, board: &mut Board) -> Vec<u32> {
        board.marks.resize(self.names.len(), 0);
        let mut own = 0;
        for letters in letters(name) {
            let Some(rows) = self.letters.get(&letters) else {
                own += self.weight_of(1);
                continue;
            };
            let weight = self.weight_of(rows.len());
            own += weight;
            for row in rows {
                let mark = &mut board.marks[*row as usize];
                if *mark == 0 {
                    board.touched.push(*row);
                }
                *mark += weight;
            }
        }
        let mut best: BTreeMap<u32, u32> = BTreeMap::new();
        for row in board.touched.drain(..) {
            let mark = std::mem::take(&mut board.marks[row as usize]);
            let (whose, theirs) = self.names[row as usize];
            let share = mark * 2000 / (own + theirs).max(1);
            if share > 250 {
                let kept = best.entry(whose).or_default();
                *kept = share.max(*kept);
            }
        }
        let mut best: Vec<(u32, u32)> = best.into_iter().map(|(whose, share)| (share, whose)).collect();
        best.sort_unstable_by_key(|(share, whose)| (std::cmp::Reverse(*share), *whose));
        best.into_iter().take(most).map(|(_, whose)| whose).collect()
    }
}

/// Where marks are counted, kept between searches.
#[derive(Debug, Default)]
pub(super) struct Board {
    marks: Vec<u32>,
    touched: Vec<u32>,
}

/// Each three letters of each word, with its two ends.
fn letters(name: &Name) -> Vec<[u8; 3]> {
    let mut found = Vec::new();
    for word in &name.words {
        let ended = [b" ", word.as_bytes(), b" "].concat();
        found.extend(ended.windows(3).map(|three| [three[0], three[1], three[2]]));
    }
    found.sort_unstable();
    found.dedup();
    found
}
