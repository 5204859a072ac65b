//! Names of flags in everyday words. Enters: the titles of a test and the key of a flag that its file sets. Leaves: the words of a title that
//! are the key without what keys are wrapped in: `feature_room_history` is "room history", `ui.hide-filters.enabled` is "hide filters".

use super::title::Words;
use super::words::split;
use crate::prd::prose::words;

/// A word without the `s` of many: "passkeys" and "passkey" are one.
fn stem(word: &str) -> &str {
    word.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(word)
}

/// True if two words are one, but for the number.
fn alike(one: &str, other: &str) -> bool {
    stem(one) == stem(other)
}

/// The words of a key without its namespace, and without the words that only say that it is a flag.
#[must_use]
pub(super) fn core(key: &str) -> Vec<String> {
    let wraps = |word: &String| words().titles.wrapping.contains(word.as_str());
    let mut parts: Vec<Vec<String>> = key.split(['.', '/', ':']).map(split).collect();
    while parts.len() > 1 && parts.last().is_some_and(|part| part.iter().all(wraps)) {
        parts.pop();
    }
    let mut core = parts.pop().unwrap_or_default();
    while core.last().is_some_and(wraps) {
        core.pop();
    }
    let first = core.iter().position(|word| !wraps(word)).unwrap_or(core.len());
    let mut core = core.split_off(first);
    // What is new is only called so while it is.
    if core.len() > 2 && core[0] == "new" {
        core.remove(0);
    }
    core
}

/// The words of a name by which a test sets a flag that may name the flag: `mockUseKesselFlag.mockReturnValue` is "kessel".
#[must_use]
pub(super) fn words_of(name: &str) -> Vec<String> {
    let plain = |word: &String| {
        word.len() > 2 && !words().titles.wrapping.contains(word.as_str()) && !words().titles.mocking.contains(word)
    };
    split(name).into_iter().filter(plain).collect()
}

/// The words of the titles that are this core of a key; nothing where they are its name in full, which is looked for elsewhere.
#[must_use]
pub(super) fn named(titles: &[Words], key: &str, core: &[String]) -> Option<Words> {
    let full = split(key);
    titles.iter().rev().find_map(|title| {
        let said: Vec<&str> = title.iter().collect();
        let at = said
            .windows(core.len().max(1))
            .find(|said| said.len() == core.len() && said.iter().zip(core).all(|(said, word)| alike(said, word)))?;
        (full.iter().map(String::as_str).ne(at.iter().copied())).then(|| Words::of(&at.join(" ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keys_are_wrapped_in_is_no_part_of_the_name() {
        for (key, expected) in [
            ("feature_dynamic_room_predecessors", "dynamic room predecessors"),
            ("ui.hide-filters.enabled", "hide filters"),
            ("ENABLE_DARK_MODE", "dark mode"),
            ("useNewCheckout", "new checkout"),
            ("SUPPORT_PASSKEY_USAGE", "passkey usage"),
            ("feature_flag", ""),
            ("newTax", "new tax"),
            ("support_new_international_sms", "international sms"),
        ] {
            assert_eq!(core(key).join(" "), expected, "{key}");
        }
    }

    #[test]
    fn a_title_names_the_core_in_one_or_many() {
        let titles = |title: &str| vec![Words::of(title)];
        let found = |title: &str, key: &str| named(&titles(title), key, &core(key)).is_some();
        assert!(found("when dark modes are enabled", "ENABLE_DARK_MODE"));
        assert!(found("when room predecessor is off", "feature_room_predecessors"));
        assert!(!found("when newTax is on", "newTax"));
        assert!(!found("when dark is on", "ENABLE_DARK_MODE"));
    }
}
