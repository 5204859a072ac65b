//! What a test's title says of a flag. Enters: the titles of the test and its suites. Leaves: the value that they name.

use super::words::split;
use crate::flag::FlagValue;

/// Words that say *on*, and words that say *off*.
const ON: &[&str] = &["on", "enabled", "active", "true"];
const OFF: &[&str] = &["off", "disabled", "inactive", "false"];

/// The value that the titles name for the flag, if they name the flag and exactly one value.
///
/// The flag is named by all words of its key in a row (`when snapshotRead is off` names `snapshot_read`); a key of one word must
/// stand beside the word *flag*, *feature* or *toggle*, because such words are everyday language.
#[must_use]
pub fn stated_value(titles: &[&str], key: &str) -> Option<FlagValue> {
    let key = split(key);
    let found: Vec<FlagValue> = titles
        .iter()
        .filter_map(|title| in_title(&split(title), &key))
        .collect();
    // The innermost title that says anything counts.
    found.last().copied()
}

fn in_title(title: &[String], key: &[String]) -> Option<FlagValue> {
    let at = title.windows(key.len().max(1)).position(|window| window == key)?;
    let after = &title[at + key.len()..];
    let before = &title[..at];
    if key.len() < 2 {
        let beside = [before.last(), after.first()];
        beside
            .into_iter()
            .flatten()
            .find(|word| matches!(word.as_str(), "flag" | "feature" | "toggle"))?;
    }
    let says = |words: &[&str]| after.iter().chain(before).any(|word| words.contains(&word.as_str()));
    match (says(ON), says(OFF)) {
        (true, false) => Some(FlagValue::On),
        (false, true) => Some(FlagValue::Off),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(titles: &[&str], key: &str, expected: Option<FlagValue>) {
        assert_eq!(stated_value(titles, key), expected, "{titles:?} {key}");
    }

    #[test]
    fn a_title_names_flag_and_value() {
        check(
            &["quotes", "when quoteSnapshotRead is off"],
            "quote_snapshot_read",
            Some(FlagValue::Off),
        );
        check(
            &["with quote_snapshot_read enabled", "uses frozen rates"],
            "quote_snapshot_read",
            Some(FlagValue::On),
        );
        check(
            &["new-checkout is on", "and new-checkout is off"],
            "new-checkout",
            Some(FlagValue::Off),
        );
    }

    #[test]
    fn a_title_that_names_half_of_it_says_nothing() {
        check(&["snapshot read is described"], "quote_snapshot_read", None);
        check(&["quote snapshot read works on and off"], "quote_snapshot_read", None);
        check(&["turns search off"], "search", None);
        check(&["with the search flag off"], "search", Some(FlagValue::Off));
    }
}
