//! E-mails, telephones and addresses, reduced to what tells whether they are
//! the same.

use crate::entity::customer;
use crate::model::Address;

/// Hosts at which anybody may have an address: a common one tells nothing.
const ANYBODYS: [&str; 24] = [
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "yahoo.ca",
    "yahoo.co.uk",
    "ymail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "live.com",
    "msn.com",
    "aol.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "comcast.net",
    "att.net",
    "verizon.net",
    "sbcglobal.net",
    "gmx.de",
    "gmx.net",
    "web.de",
    "proton.me",
    "protonmail.com",
];

/// The e-mail addresses in a field that may hold several, in small letters.
pub(super) fn emails(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '<' | '>' | '(' | ')'));
    let mut found: Vec<String> = parts
        .map(|part| part.trim_matches(['.', '"', '\'']).to_lowercase())
        .filter(|part| part.len() <= 254 && is_email(part))
        .take(8)
        .collect();
    found.dedup();
    found
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let nobody = ["none", "noemail", "no", "na", "n/a", "test", "noreply", "no-reply"].contains(&name);
    !name.is_empty() && host.contains('.') && !host.contains('@') && !nobody
}

/// The host of an address, where it is somebody's own.
pub(super) fn own_host(email: &str) -> Option<&str> {
    let (_, host) = email.split_once('@')?;
    (!ANYBODYS.contains(&host)).then_some(host)
}

/// The digits of a telephone, the last ten of them, without an extension.
pub(super) fn phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    for sign in text.chars().take(60) {
        // What follows a letter behind a number is an extension.
        if sign.is_alphabetic() && digits.len() >= 7 {
            break;
        }
        if sign.is_ascii_digit() {
            digits.push(sign);
        }
    }
    let digits = digits.trim_start_matches('0');
    let same = digits.as_bytes().first().is_none_or(|first| digits.bytes().all(|byte| byte == *first));
    (digits.len() >= 7 && !same).then(|| digits[digits.len().saturating_sub(10)..].to_owned())
}

/// Whether two telephones are one: the shorter may lack its area.
pub(super) fn is_same_phone(one: &str, other: &str) -> bool {
    one.ends_with(other) || other.ends_with(one)
}

/// What of a telephone is always written.
pub(super) fn phone_key(phone: &str) -> &str {
    &phone[phone.len() - 7..]
}

/// A postal address, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    number: Option<String>,
    street: Vec<String>,
    city: String,
    postcode: String,
}

/// How two addresses compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Places {
    /// The same house.
    Same,
    /// Too little in common to say, or too little known; how much is common in
    /// thousandths.
    Unknown(u32),
    /// Another house in another place.
    Other,
}

impl Place {
    /// The place of an address; nothing where it tells too little.
    pub(super) fn of(address: &Address) -> Option<Self> {
        let text = |field: &Option<String>| customer::words(field.as_deref().unwrap_or_default());
        let mut lines = text(&address.line1);
        lines.extend(text(&address.line2));
        let number = lines.iter().find(|word| word.bytes().any(|byte| byte.is_ascii_digit())).cloned();
        let kinds =
            ["st", "street", "rd", "road", "ave", "avenue", "ln", "lane", "blvd", "dr", "drive", "the"];
        let street = lines
            .into_iter()
            .filter(|word| Some(word) != number.as_ref() && !kinds.contains(&word.as_str()))
            .take(8)
            .collect();
        let postcode = text(&address.postal_code).concat();
        // ZIP+4: the last four tell a side of the street.
        let is_zip4 = postcode.len() == 9 && postcode.bytes().all(|byte| byte.is_ascii_digit());
        let postcode = if is_zip4 { postcode[..5].to_owned() } else { postcode };
        let place = Self { number, street, city: text(&address.city).concat(), postcode };
        (place != Self::default()).then_some(place)
    }

    /// What such addresses are found by.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let Some(number) = &self.number else { return keys };
        if !self.postcode.is_empty() {
            keys.push(format!("{number} {}", self.postcode));
        }
        keys.extend(self.street.iter().filter(|word| word.len() > 2).map(|word| format!("{number} {word}")));
        keys
    }

    /// Compares two places.
    pub(super) fn compare(&self, other: &Self) -> Places {
        let both = |one: &str, other: &str| !one.is_empty() && !other.is_empty();
        let same_number = self.number.is_some() && self.number == other.number;
        let same_code = both(&self.postcode, &other.postcode) && self.postcode == other.postcode;
        let same_city = both(&self.city, &other.city) && near(&self.city, &other.city);
        let common =
            self.street.iter().filter(|word| other.street.iter().any(|like| near(word, like))).count();
        let longest = self.street.len().max(other.street.len());
        if same_number && (same_code || same_city) && common * 2 >= longest && common > 0 {
            return Places::Same;
        }
        let other_number = self.number.is_some() && other.number.is_some() && !same_number;
        let other_code = both(&self.postcode, &other.postcode) && !same_code;
        let other_city = both(&self.city, &other.city) && !same_city;
        let elsewhere = common == 0 || other_number;
        if (other_code && elsewhere && (other_city || other_number))
            || (other_city && elsewhere && other_number)
        {
            return Places::Other;
        }
        let points = [(same_number, 250), (same_code, 300), (same_city, 150), (common > 0, 300)];
        Places::Unknown(points.into_iter().filter(|(is, _)| *is).map(|(_, points)| points).sum())
    }
}

fn near(one: &str, other: &str) -> bool {
    one == other
        || (one.len().abs_diff(other.len()) < 2 && one.len() > 4 && strsim::osa_distance(one, other) < 2)
}
