//! Literals that say on or off. Enters: the words of a value as code or data has them. Leaves: which bytes of them to replace by what,
//! so that the value is the other one.

use crate::flag::FlagValue;

/// Pairs of words, off first.
const PAIRS: [(&str, &str); 6] = [
    ("false", "true"),
    ("off", "on"),
    ("disabled", "enabled"),
    ("disable", "enable"),
    ("no", "yes"),
    ("0", "1"),
];

/// The range of `words` to replace and its replacement, so that a value that is `from` becomes the opposite. `None` where it is not one
/// literal that says so.
#[must_use]
pub fn flipped(words: &str, from: FlagValue) -> Option<(std::ops::Range<usize>, String)> {
    whole(words, from).or_else(|| only_boolean(words, from))
}

/// The words are the literal, perhaps in quotes.
fn whole(words: &str, from: FlagValue) -> Option<(std::ops::Range<usize>, String)> {
    let inner = words.trim().trim_matches(['\'', '"', '`']);
    let start = words.find(inner).filter(|_| !inner.is_empty())?;
    let other = opposite(inner, from)?;
    Some((start..start + inner.len(), other))
}

/// Among other things (`{ enabled: false, variant: 'a' }`, `parse(env.X, false)`) there is one boolean, and it says `from`.
fn only_boolean(words: &str, from: FlagValue) -> Option<(std::ops::Range<usize>, String)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut found = Vec::new();
    for word in ["true", "false", "True", "False"] {
        for (at, _) in words.match_indices(word) {
            let (before, after) = (&words[..at], &words[at + word.len()..]);
            let stands_alone = !before.ends_with(is_word) && !after.starts_with(is_word);
            // In quotes it is what something is compared with, not the value.
            if stands_alone && !before.ends_with(['\'', '"', '`']) {
                found.push((at, word));
            }
        }
    }
    let [(at, word)] = found[..] else { return None };
    Some((at..at + word.len(), opposite(word, from)?))
}

/// The opposite of a word that says `from`, in the same case.
fn opposite(word: &str, from: FlagValue) -> Option<String> {
    let lower = word.to_lowercase();
    let other = PAIRS.iter().find_map(|(off, on)| match from {
        FlagValue::Off if lower == *off => Some(*on),
        FlagValue::On if lower == *on => Some(*off),
        _ => None,
    })?;
    let capital = |c: &char| c.is_uppercase();
    Some(if word.chars().all(char::is_uppercase) {
        other.to_uppercase()
    } else if word.chars().next().as_ref().is_some_and(capital) {
        other[..1].to_uppercase() + &other[1..]
    } else {
        other.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use FlagValue::{Off, On};

    fn after(words: &str, from: FlagValue) -> Option<String> {
        flipped(words, from).map(|(range, other)| {
            let mut text = words.to_owned();
            text.replace_range(range, &other);
            text
        })
    }

    #[test]
    fn one_literal_is_turned_and_nothing_else() {
        for (words, from, expected) in [
            ("false", Off, "true"),
            ("'off'", Off, "'on'"),
            ("True", On, "False"),
            ("\"ENABLED\"", On, "\"DISABLED\""),
            ("1", On, "0"),
            ("parseBool(process.env.X, false)", Off, "parseBool(process.env.X, true)"),
            (
                "{ enabled: true, variant: 'a' }",
                On,
                "{ enabled: false, variant: 'a' }",
            ),
        ] {
            assert_eq!(after(words, from).as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn what_is_not_one_literal_is_left_alone() {
        for (words, from) in [
            ("true", Off),
            ("process.env.X === 'true'", Off),
            ("a ? true : false", On),
            ("untrue", On),
            ("", Off),
            ("DEFAULTS.x", Off),
        ] {
            assert_eq!(after(words, from), None, "{words}");
        }
    }
}
