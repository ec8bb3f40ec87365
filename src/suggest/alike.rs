//! How two names compare, word by word.

use super::name::Name;
use super::words;

/// How two names stand to each other, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The same text but for capitals and spaces.
    Exact,
    /// The same after what people vary.
    Normalised,
    /// The same words in another order.
    Rearranged,
    /// Each word has its like: a slip, a short form.
    Similar,
    /// One has more words than the other.
    Part,
    /// Each has words that the other lacks.
    Mixed,
    /// Nothing in common.
    Apart,
}

/// How two names compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Likeness {
    pub(super) fit: Fit,
    /// The weight of what is common, in thousandths.
    pub(super) share: u32,
    /// What is taken for a slip may be another word.
    pub(super) risky: bool,
    /// Both tell their legal form, and not the same.
    pub(super) other_form: bool,
}

impl Likeness {
    pub(super) const APART: Self = Self { fit: Fit::Apart, share: 0, risky: false, other_form: false };

    /// The closer the greater.
    pub(super) fn rank(self) -> (std::cmp::Reverse<Fit>, u32) {
        (std::cmp::Reverse(self.fit), self.share)
    }
}

/// Compares two names; `weight` says how telling a word is.
pub(super) fn compare(one: &Name, other: &Name, is_person: bool, weight: impl Fn(&str) -> u32) -> Likeness {
    let other_form = !one.legal.is_empty()
        && !other.legal.is_empty()
        && !one.legal.iter().all(|form| other.legal.contains(form))
        && !other.legal.iter().all(|form| one.legal.contains(form));
    let same = |fit| Likeness { fit, share: 1000, risky: false, other_form };
    if one.plain == other.plain {
        return same(Fit::Exact);
    }
    if one.words == other.words {
        return same(Fit::Normalised);
    }
    // "Jet Stream" is "Jetstream", but "Car Pet" may be no "Carpet".
    if one.joined == other.joined {
        return Likeness { share: 990, ..same(Fit::Similar) };
    }
    if is_initials(one, other) || is_initials(other, one) {
        return Likeness { fit: Fit::Part, share: 600, risky: true, other_form };
    }
    let aligned = align(one, other, is_person, &weight);
    let fit = match (aligned.common > 0, aligned.left == 0, aligned.right == 0) {
        (true, true, true) if aligned.all_same => Fit::Rearranged,
        (true, true, true) => Fit::Similar,
        (true, true, false) | (true, false, true) => Fit::Part,
        (true, false, false) => Fit::Mixed,
        (false, ..) => Fit::Apart,
    };
    let whole = 2 * aligned.common + aligned.left + aligned.right;
    let share = u32::try_from(2 * aligned.alike / whole.max(1)).unwrap_or(1000);
    let found = Likeness { fit, share, risky: aligned.risky, other_form };
    // A slip may also join or part words.
    if matches!(fit, Fit::Part | Fit::Mixed | Fit::Apart)
        && let Some(slip) = slip(&one.joined, &other.joined, 10)
    {
        return Likeness { fit: Fit::Similar, share: slip, risky: true, other_form };
    }
    found
}

/// Whether `short` is one word made of the initials of `long`.
fn is_initials(short: &Name, long: &Name) -> bool {
    short.words.len() == 1 && initials(long).is_some_and(|initials| initials == short.joined)
}

/// The initials of a name of three words or more.
pub(super) fn initials(name: &Name) -> Option<String> {
    let initials: String = name.words.iter().filter_map(|word| word.chars().next()).collect();
    (initials.len() > 2).then_some(initials)
}

struct Aligned {
    /// Weight of the words that found their like, on one side.
    common: u64,
    /// The same times its likeness in thousandths.
    alike: u64,
    /// Weight of the words that did not, on either side.
    left: u64,
    right: u64,
    all_same: bool,
    risky: bool,
}

fn align(one: &Name, other: &Name, is_person: bool, weight: impl Fn(&str) -> u32) -> Aligned {
    let mut free = vec![true; other.words.len()];
    let mut found: Vec<Option<(usize, Pair)>> = vec![None; one.words.len()];
    // Words that are the same are not taken away from each other by a slip.
    for exact in [true, false] {
        for (at, word) in one.words.iter().enumerate() {
            if found[at].is_some() {
                continue;
            }
            let rows = other.words.iter().enumerate().filter(|(there, _)| free[*there]);
            let pairs = rows.filter_map(|(there, like)| {
                let pair =
                    if exact { (word == like).then_some(Pair::SAME) } else { pair(word, like, is_person) };
                Some((there, pair?))
            });
            if let Some((there, pair)) = pairs.max_by_key(|(_, pair)| pair.thousandths) {
                free[there] = false;
                found[at] = Some((there, pair));
            }
        }
    }
    let mut aligned = Aligned { common: 0, alike: 0, left: 0, right: 0, all_same: true, risky: false };
    for (at, word) in one.words.iter().enumerate() {
        match found[at] {
            Some((there, pair)) => {
                let weight = u64::from(weight(word).min(weight(&other.words[there])).max(1));
                aligned.common += weight;
                aligned.alike += weight * u64::from(pair.thousandths);
                aligned.all_same &= pair.thousandths == 1000;
                aligned.risky |= pair.risky;
            }
            None => aligned.left += u64::from(weight(word).max(1)),
        }
    }
    let lonely = other.words.iter().enumerate().filter(|(there, _)| free[*there]);
    aligned.right = lonely.map(|(_, word)| u64::from(weight(word).max(1))).sum();
    aligned
}

#[derive(Clone, Copy)]
struct Pair {
    thousandths: u32,
    risky: bool,
}

impl Pair {
    const SAME: Self = Self { thousandths: 1000, risky: false };
}

/// How one word is like another; nothing where it is another word. Numbers
/// have no slips: 14 is not 41.
fn pair(one: &str, other: &str, is_person: bool) -> Option<Pair> {
    if one == other {
        return Some(Pair::SAME);
    }
    let has_digit = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    if has_digit(one) || has_digit(other) {
        return None;
    }
    let sure = |thousandths| Some(Pair { thousandths, risky: false });
    // John is no slip of Joan, and an initial may be anybody's in the house.
    let but_persons = |thousandths| Some(Pair { thousandths, risky: is_person });
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if is_person && short.len() == 1 && long.starts_with(short) {
        return but_persons(800);
    }
    if words::are_one_first_name(one, other) {
        return if is_person { sure(930) } else { Some(Pair { thousandths: 850, risky: true }) };
    }
    if let Some(thousandths) = slip(one, other, 4) {
        let begins_alike = one.as_bytes().first() == other.as_bytes().first();
        let risky = is_person || !begins_alike || words::are_two_words(one, other);
        return Some(Pair { thousandths, risky });
    }
    if folded(one) == folded(other) {
        return sure(960);
    }
    if singular(one) == singular(other) {
        return but_persons(940);
    }
    // "Distr", "Techn": the beginning of the word.
    if short.len() > 2 && long.starts_with(short) && long.len() > short.len() + 1 {
        return Some(Pair { thousandths: 820, risky: true });
    }
    None
}

/// How little a slip changed, in thousandths; nothing where it is too much.
fn slip(one: &str, other: &str, shortest: usize) -> Option<u32> {
    let (least, most) = (one.len().min(other.len()), one.len().max(other.len()));
    if least < shortest || most - least > 2 {
        return None;
    }
    let allowed = if most >= 8 { 2 } else { 1 };
    let distance = strsim::osa_distance(one, other);
    if distance > allowed || distance == 0 {
        return None;
    }
    u32::try_from(1000 - 1000 * distance / (most + 2)).ok()
}

/// A word without its plural: `supplies` is `supply`.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    word.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(word).to_owned()
}

/// Spellings of one sound: `ue` for `ü`, two letters for one.
fn folded(word: &str) -> String {
    let plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u").replace("ph", "f");
    let mut out = String::with_capacity(plain.len());
    for sign in plain.chars() {
        let sign = match sign {
            'y' => 'i',
            'k' => 'c',
            'z' => 's',
            sign => sign,
        };
        if !out.ends_with(sign) {
            out.push(sign);
        }
    }
    out
}
