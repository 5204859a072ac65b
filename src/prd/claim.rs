//! What a document claims. Enters: its sentences. Leaves: [`Claim`](super::Claim)s with the words that make them.

use super::Flip;

/// When a flip comes, from the words for it.
pub(crate) fn flip_of(words: &str) -> Flip {
    Flip::Later(words.trim().to_owned())
}
