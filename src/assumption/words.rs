//! Words of names and titles. Enters: any text. Leaves: its words in lower case, with camelCase, snake_case and kebab-case taken
//! apart, so that `quoteSnapshotRead`, `quote_snapshot_read` and "quote snapshot read" are the same three words.

use crate::prd::prose::words as words_of_rules;

/// The words of a text, in lower case.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut previous = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_alphanumeric() {
            flush(&mut word, &mut words);
        } else {
            let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
            let starts = character.is_uppercase() && (!previous.is_uppercase() || next_is_lower);
            if starts {
                flush(&mut word, &mut words);
            }
            word.extend(character.to_lowercase());
        }
        previous = character;
    }
    flush(&mut word, &mut words);
    words
}

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// True for a text that is unlikely to mean the same thing anywhere by accident: at least two words and eight characters.
#[must_use]
pub fn is_distinctive(text: &str) -> bool {
    text.trim().len() >= 8 && split(text).iter().filter(|word| word.len() > 1).count() >= 2
}

/// False if a sentence speaks of another environment than this one.
#[must_use]
pub fn speaks_of(sentence: &str, environment: &str) -> bool {
    let sentence = sentence.to_lowercase();
    let mut words = sentence.split(|c: char| !c.is_alphanumeric());
    words.all(|word| word == environment || !words_of_rules().titles.environments.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_style_have_the_same_words() {
        for name in [
            "quoteSnapshotRead",
            "quote_snapshot_read",
            "QUOTE_SNAPSHOT_READ",
            "quote snapshot-read",
        ] {
            assert_eq!(split(name), ["quote", "snapshot", "read"], "{name}");
        }
        assert_eq!(split("useUIFlag2"), ["use", "ui", "flag2"]);
        assert!(split("…").is_empty());
    }

    #[test]
    fn generic_words_are_not_distinctive() {
        assert!(is_distinctive("frozen-snapshot"));
        assert!(!is_distinctive("secret"));
        assert!(!is_distinctive("a b"));
    }
}
