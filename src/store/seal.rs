//! Seals: values of a file that only who has the key can read.
//!
//! ChaCha20-Poly1305 (RFC 8439) with a nonce drawn anew for each value; the
//! value's name is part of what is authenticated, so that one cannot be put in
//! the place of another.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};

/// What a sealed value begins with. A token of Intuit never does.
const MARK: &str = "sealed:v1:";
const KEY_BYTES: usize = 32;

/// The key of values at rest.
#[derive(Clone)]
pub struct SealKey(LessSafeKey);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey([REDACTED])")
    }
}

impl SealKey {
    /// Reads 32 bytes in base64 (`openssl rand -base64 32`) or in hexadecimal
    /// (`openssl rand -hex 32`); `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = if text.len() == 2 * KEY_BYTES { from_hex(text) } else { STANDARD.decode(text).ok() };
        let bytes = bytes.filter(|bytes| bytes.len() == KEY_BYTES)?;
        UnboundKey::new(&CHACHA20_POLY1305, &bytes).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Seals the value called `name`; `None` where the system has no chance to
    /// give.
    pub(super) fn seal(&self, name: &str, value: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut bytes = value.as_bytes().to_vec();
        let sealing = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(sealing, Aad::from(name.as_bytes()), &mut bytes).ok()?;
        Some(format!("{MARK}{}", STANDARD.encode([nonce.as_slice(), &bytes].concat())))
    }

    /// The value that was sealed under `name`; `None` for another key, another
    /// name, or damage.
    pub(super) fn open(&self, name: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed.strip_prefix(MARK)?).ok()?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(name.as_bytes()), &mut rest).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

/// Whether a value is sealed.
pub(super) fn is_sealed(value: &str) -> bool {
    value.starts_with(MARK)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    Some(digits?.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_thirty_two_bytes() {
        let hex = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
        let base64 = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=";
        let (one, other) = (SealKey::parse(hex).unwrap(), SealKey::parse(base64).unwrap());
        assert_eq!(other.open("a", &one.seal("a", "canary").unwrap()).as_deref(), Some("canary"));
        assert!(!format!("{one:?}").contains("00"));
        for wrong in ["", "canary", "AAAA", &hex[2..], &format!("{}zz", &hex[2..]), &hex.replace('0', "ä")] {
            assert!(SealKey::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_seal_opens_with_its_key_and_name_alone() {
        let key = SealKey::parse(&"7".repeat(64)).unwrap();
        let sealed = key.seal("refresh_token", "canary").unwrap();
        assert!(is_sealed(&sealed) && !sealed.contains("canary"));
        assert_ne!(key.seal("refresh_token", "canary").unwrap(), sealed, "a nonce is used once");
        assert_eq!(key.open("refresh_token", &sealed).as_deref(), Some("canary"));
        assert_eq!(key.open("access_token", &sealed), None);
        assert_eq!(SealKey::parse(&"8".repeat(64)).unwrap().open("refresh_token", &sealed), None);
        let turned = if sealed.ends_with('=') { sealed.replace('=', "") } else { sealed.replace(MARK, "") };
        for damaged in [turned.as_str(), MARK, "", "canary", &sealed[..sealed.len() - 8]] {
            assert_eq!(key.open("refresh_token", damaged), None, "{damaged}");
        }
    }
}
