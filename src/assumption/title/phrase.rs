//! Conditions that titles put in a few words: "when Kessel is off", "with reauth enabled". Enters: titles, and the words that name something.
//! Leaves: the value that is said of it. A word is enough, because it is asked for only where a test sets what it names.

use super::{COLON, MARK, Words, beside, is_denied, said, value_of};
use crate::flag::FlagValue;

/// Words of a name beside the one that is looked for.
const MOST_BESIDE: usize = 2;

/// The value that the innermost title says of what one of `names` names, as a condition: right behind a word that opens one, or at the beginning of
/// the title or of a part of it.
#[must_use]
pub(in crate::assumption) fn condition(titles: &[Words], names: &dyn Fn(&str) -> bool) -> Option<FlagValue> {
    titles.iter().rev().find_map(|title| in_title(&title.words, names))
}

fn in_title(title: &[String], names: &dyn Fn(&str) -> bool) -> Option<FlagValue> {
    let named = (0..title.len()).filter(|at| names(&title[*at]));
    let mut values = named.filter_map(|at| of_word(title, at));
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn of_word(title: &[String], at: usize) -> Option<FlagValue> {
    let is_mark = |word: &String| matches!(word.as_str(), MARK | COLON);
    let plain = |word: &&String| {
        let word = word.as_str();
        value_of(word).is_none() && !said().links.contains(word) && !matches!(word, MARK | COLON | "and" | "or")
    };
    let opens = |word: &String| said().opening.contains(word);
    let before = title[..at].iter().rev().take_while(|word| plain(word) && !opens(word));
    let start = at - before.count();
    let after = title[at + 1..].iter().take_while(|word| plain(word) && !opens(word));
    let end = at + 1 + after.count();
    if end - start > MOST_BESIDE + 1 {
        return None;
    }
    // "when the Kessel flag is on"
    let from = title[..start]
        .iter()
        .rposition(|word| !said().links.contains(word))
        .map_or(0, |at| at + 1);
    // Where nothing opens a condition, the word itself begins ("Kessel on", not "turns Kessel on").
    let is_condition = match from.checked_sub(1).map(|at| &title[at]) {
        Some(word) if opens(word) => true,
        before => start == at && before.is_none_or(is_mark),
    };
    (is_condition && !is_denied(&title[..from])).then(|| beside(title, start, end))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use FlagValue::{Off, On};

    #[test]
    fn a_condition_names_it_by_a_word() {
        let check = |title: &str, expected| {
            let found = condition(&[Words::of(title)], &|word| word == "kessel");
            assert_eq!(found, expected, "{title}");
        };
        check("when Kessel is off, returns rbac mode", Some(Off));
        check("shows a link if the Kessel migration is enabled", Some(On));
        check("Kessel enabled: asks for permissions", Some(On));
        check("with Kessel flag disabled", Some(Off));
        check("asks nobody (Kessel off)", Some(Off));
        check("Kessel on and off", None);
        check("turns Kessel on", None);
        check("disables the button when Kessel denies", None);
        check("shows Kessel users that are enabled", None);
        check("works the same unless Kessel is on", None);
        check("when a host of Kessel with many groups is off", None);
    }
}
