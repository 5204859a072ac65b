//! What the imports of a text say, by its lines alone. Enters: the lines of a file before and after a change. Leaves: the words of imports that went.

use super::touched::{number, words};
use super::word_set::WordSet;
use crate::conflict::LineRange;

/// The words of imports of which a line went, and that no import of a new line has.
pub(super) fn dropped((before, after): (&[&str], &[&str]), hunks: &[(LineRange, LineRange)]) -> WordSet {
    let of = |all: &[&str], ranges: Vec<LineRange>| {
        let mut found = WordSet::default();
        let changed = |at: usize| {
            let line = at as u32 + 1;
            ranges
                .iter()
                .any(|range| (range.start..range.start + range.count).contains(&line))
        };
        let mut open = false;
        for (at, line) in all.iter().enumerate() {
            open |= is_import(line);
            if open && changed(at) {
                words(line).for_each(|word| _ = found.insert(number(word)));
            }
            // A statement ends with its module's name or a semicolon; a list in brackets goes on.
            let bare = line.trim_end();
            open &= bare.ends_with([',', '(', '{', '\\'])
                || (bare.starts_with([' ', '\t', '"']) && !bare.ends_with([';', ')', '}']));
        }
        found
    };
    let gone = of(before, hunks.iter().map(|(old, _)| *old).collect());
    if gone.is_empty() {
        return gone;
    }
    let new = of(after, hunks.iter().map(|(_, new)| *new).collect());
    gone.difference(&new).copied().collect()
}

/// True for a line with which an import begins.
pub(super) fn is_import(text: &str) -> bool {
    let text = text.trim_start();
    ["import ", "import{", "import(", "from ", "use ", "pub use "]
        .iter()
        .any(|start| text.starts_with(start))
}
