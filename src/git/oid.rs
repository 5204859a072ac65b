//! Object ids. Enters: hexadecimal text. Leaves: [`Oid`], which is known to be one and so can never be taken for an option or a name.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The id of a git object: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Oid(Arc<str>);

impl Oid {
    /// The id that `text` spells; `None` if it spells none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (matches!(text.len(), 40 | 64) && text.bytes().all(hexadecimal)).then(|| Self(text.into()))
    }

    /// The id of these bytes: twenty, or thirty-two.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
        let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]);
        Self(digits.collect::<String>().into())
    }

    /// All its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its first ten digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..10]
    }

    /// True for the id of nothing (all zeros), which git prints for the missing side of a change.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.bytes().all(|byte| byte == b'0')
    }

    /// The id of nothing, as long as this one.
    #[must_use]
    pub fn zero(&self) -> Self {
        Self("0".repeat(self.0.len()).into())
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({})", self.short())
    }
}

impl TryFrom<String> for Oid {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not an object id: {text:?}"))
    }
}

impl From<Oid> for String {
    fn from(oid: Oid) -> Self {
        oid.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_object_ids_are_object_ids() {
        let id = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        assert_eq!(Oid::parse(id).expect("an id").short(), "4b825dc642");
        for wrong in [
            "",
            "4b825dc",
            "--upload-pack=x",
            &id.to_uppercase(),
            &format!("{id}0"),
            &id.replace('4', "g"),
        ] {
            assert_eq!(Oid::parse(wrong), None, "{wrong}");
        }
        assert!(Oid::parse(id).expect("an id").zero().is_zero());
    }
}
