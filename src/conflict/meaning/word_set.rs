//! Words as numbers, and sets of them. Enters: numbers. Leaves: sets in which they are looked up without another hash.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// A word, as a number: two words of one number only cost a parse.
pub(super) type Word = u64;

/// Words that are looked up as they are: their numbers are hashes already.
pub(super) type WordSet = HashSet<Word, BuildHasherDefault<AsItIs>>;

/// Takes a number for its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
