//! Words that are looked for in texts. Enters: the words. Leaves: whether one of them stands in a text as a word of its own.

use aho_corasick::AhoCorasick;

/// Words that are looked for in texts.
#[derive(Clone, Debug)]
pub struct Words(pub(super) Option<AhoCorasick>);

impl Words {
    /// These words; the empty one is left out.
    #[must_use]
    pub fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Self(None);
        }
        Self(AhoCorasick::new(words).ok())
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// True if one of them stands in the text as a word of its own.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        let part =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
        let bytes = text.as_bytes();
        self.0
            .iter()
            .flat_map(|words| words.find_overlapping_iter(text))
            .any(|found| {
                let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
                !part(before) && !part(bytes.get(found.end()))
            })
    }
}
