//! What the imports of a text say, by its lines alone. Enters: the lines of a file before and after a change. Leaves: the words of imports that went,
//! and those of imports that came.

use super::touched::{number, words};
use super::word_set::WordSet;
use crate::conflict::LineRange;

/// Words of every import.
const PLAIN: [&str; 10] = [
    "import", "from", "use", "pub", "crate", "super", "self", "type", "as", "default",
];

/// The words of imports of which a line went and that no import of a new line has, and the words that no import had before.
pub(super) fn changed((before, after): (&[&str], &[&str]), hunks: &[(LineRange, LineRange)]) -> [WordSet; 2] {
    let gone = said(before, |line| holds(hunks.iter().map(|(old, _)| old), line));
    let new = said(after, |line| holds(hunks.iter().map(|(_, new)| new), line));
    let fresh = if new.is_empty() {
        new.clone()
    } else {
        less(&new, &said(before, |_| true))
    };
    [less(&gone, &new), fresh]
}

fn less(all: &WordSet, without: &WordSet) -> WordSet {
    all.difference(without).copied().collect()
}

fn holds<'r>(mut ranges: impl Iterator<Item = &'r LineRange>, line: u32) -> bool {
    ranges.any(|range| (range.start..range.start + range.count).contains(&line))
}

/// The words of those one-based lines of imports that `counts` takes.
fn said(all: &[&str], counts: impl Fn(u32) -> bool) -> WordSet {
    let mut found = WordSet::default();
    let mut open = false;
    for (line, at) in all.iter().zip(1u32..) {
        open |= is_import(line);
        if open && counts(at) {
            let telling = words(line).filter(|word| !PLAIN.contains(word));
            telling.for_each(|word| _ = found.insert(number(word)));
        }
        // A statement ends with its module's name or a semicolon; a list in brackets goes on.
        let bare = line.trim_end();
        open &= bare.ends_with([',', '(', '{', '\\'])
            || (bare.starts_with([' ', '\t', '"']) && !bare.ends_with([';', ')', '}']));
    }
    found
}

/// True for a line with which an import begins.
pub(super) fn is_import(text: &str) -> bool {
    let text = text.trim_start();
    ["import ", "import{", "import(", "from ", "use ", "pub use "]
        .iter()
        .any(|start| text.starts_with(start))
}
