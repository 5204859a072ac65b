//! What a test's title says of a flag. Enters: the titles of the test and its suites. Leaves: the value that they name.

pub(super) mod phrase;

use super::words::split;
use crate::flag::FlagValue;
use crate::prd::prose::words;
use crate::prd::prose::words::Titles;

/// What stands for a comma or full stop among the words.
const MARK: &str = ",";
/// A colon, which also links a flag to its value.
const COLON: &str = ":";
/// Words between a value that is a part of a name, and the value that is said of it.
const SAYS: &[&str] = &[COLON, "equals", "flag", "is", "set", "to", "toggle"];

/// The words of `rules/prose/words.toml` that tell what a title says.
fn said() -> &'static Titles {
    &words().titles
}

/// A text, taken apart once for all the questions to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words {
    words: Vec<String>,
    gaps: Vec<Gap>,
}

/// What stands before a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Gap {
    /// White space, or nothing.
    Space,
    /// Something else that is no letter: `new_tax`, `new-tax`, `tax=on`.
    Sign,
    /// The word before, in one name: `newTax`.
    Nothing,
}

impl Words {
    /// The words of a title, or of a name of a flag.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = &*without_open_values(text);
        // A mark that ends a part of a sentence is a word of its own: "on, uses" is not "on uses".
        let mut found = Self {
            words: Vec::new(),
            gaps: Vec::new(),
        };
        let mut start = 0;
        for (at, mark) in text.match_indices([',', ';', ':', ')', '.', '(', '-', '–', '—']) {
            let ends = match mark {
                "(" => text[..at].chars().next_back().is_none_or(char::is_whitespace),
                _ => text[at + mark.len()..].chars().next().is_none_or(char::is_whitespace),
            };
            if ends {
                found.take(&text[start..at]);
                found.words.push(if mark == ":" { COLON } else { MARK }.to_owned());
                found.gaps.push(Gap::Sign);
                start = at + mark.len();
            }
        }
        found.take(&text[start..]);
        found
    }

    fn take(&mut self, text: &str) {
        for token in text.split_whitespace() {
            let mut gap = Gap::Space;
            for name in token.split(|c: char| !c.is_alphanumeric()) {
                for word in split(name) {
                    self.words.push(word);
                    self.gaps.push(gap);
                    gap = Gap::Nothing;
                }
                if gap == Gap::Nothing {
                    gap = Gap::Sign;
                }
            }
        }
    }

    /// Its words, in lower case.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// True if the words from `start` to `end` stand apart, as everyday words do.
    fn is_everyday(&self, start: usize, end: usize) -> bool {
        self.gaps[start + 1..end].contains(&Gap::Space)
    }
}

/// `enabled: ${on}` and `enabled: %t` say neither: the word before the hole goes, and what fills it, which is code.
fn without_open_values(text: &str) -> String {
    let holes = ["${", "%t", "%v"].iter().flat_map(|hole| text.match_indices(hole));
    let mut gone = Vec::new();
    for (at, hole) in holes {
        if let Some(length) = text[at..].find('}').filter(|_| hole == "${") {
            gone.push(at..at + length + 1);
        }
        let before = text[..at].trim_end();
        let Some(before) = before.strip_suffix([':', '=']) else {
            continue;
        };
        let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        if value_of(&word.to_lowercase()).is_some() {
            gone.push(before.len() - word.len()..before.len());
        }
    }
    let kept = text
        .char_indices()
        .filter(|(at, _)| !gone.iter().any(|range| range.contains(at)));
    kept.map(|(_, character)| character).collect()
}

/// The value that the titles name for the flag, if they name the flag and exactly one value.
///
/// The flag is named by all words of its key in a row (`when snapshotRead is off` names `snapshot_read`); a key of one word must
/// stand beside the word *flag*, *feature* or *toggle*, because such words are everyday language. For the same reason the value stands
/// beside the flag, or beside one of these words: "shows a new total on checkout" says nothing of `new_total`. Where one of the `others` is
/// named, a flag whose name is a part of it is not.
#[must_use]
pub fn stated_value(titles: &[Words], key: &Words, others: &[&Words]) -> Option<FlagValue> {
    let mut found = titles.iter().filter_map(|title| in_title(title, &key.words, others));
    // The innermost title that says anything counts.
    found.next_back()
}

/// True if a title leaves no doubt that it speaks of a state: it opens with a word of condition ("when new_tax is on", "with new_tax off") or says
/// that the flag *is* so. "newTax true" alone may be a value as well, or a part of a text.
#[must_use]
pub fn is_unmistakable(titles: &[Words], key: &Words) -> bool {
    titles.iter().any(|whole| {
        let title = whole.words.as_slice();
        let mut named = (0..title.len()).filter(|at| title[*at..].starts_with(&key.words) && !key.words.is_empty());
        named.any(|at| {
            let opens = title[..at].iter().any(|word| said().opening.contains(word));
            let is = |word: &String| matches!(word.as_str(), "is" | "are" | "being" | "set");
            let end = at + key.words.len();
            let links = title[end..]
                .iter()
                .take_while(|word| said().links.contains(word) || said().flag.contains(word));
            let said_so = links.into_iter().any(is) || title[..at].iter().any(|word| said().flag.contains(word));
            opens || said_so || title.get(end).is_some_and(|word| said().flag.contains(word))
        })
    })
}

/// The value that the titles name for "the flag", whichever it is: beside the word *flag* alone, because a feature or a toggle may be
/// what a product is about. The innermost title that says anything counts.
#[must_use]
pub fn unnamed_value(titles: &[Words]) -> Option<FlagValue> {
    value_beside(titles, &["flag", "killswitch", "ff"])
}

/// The same for "the feature" and "the toggle": only where the test itself sets one flag so are those the flag.
#[must_use]
pub fn unnamed_value_of_own(titles: &[Words]) -> Option<FlagValue> {
    value_beside(titles, &["feature", "features", "toggle"])
}

fn value_beside(titles: &[Words], names: &[&str]) -> Option<FlagValue> {
    let value = |title: &Words| {
        let words = title
            .words
            .iter()
            .enumerate()
            .filter(|(_, word)| names.contains(&word.as_str()));
        let mut values = words.filter_map(|(at, _)| beside(&title.words, at, at + 1));
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    };
    titles.iter().rev().find_map(value)
}

/// The words that say which flag is meant where a title does not name it in full: "when the buildless feature flag is off", "the `${name}`
/// flag". Nothing for "when the flag is off".
#[must_use]
pub fn qualifiers(titles: &[Words]) -> Vec<String> {
    let plain = |word: &str| {
        let lists = [&said().links, &said().flag, &said().opening, &said().after_on];
        matches!(
            word,
            MARK | COLON | "its" | "labs" | "this" | "that" | "only" | "no" | "does" | "not" | "test" | "tests"
        ) || value_of(word).is_some()
            || lists.iter().any(|words| words.contains(word))
    };
    let before = |title: &Words| {
        let at = title
            .words
            .iter()
            .position(|word| matches!(word.as_str(), "flag" | "killswitch" | "ff"))?;
        let named = title.words[..at].iter().rev();
        let named = named
            .skip_while(|word| said().flag.contains(word))
            .take_while(|word| !plain(word));
        Some(named.cloned().collect::<Vec<_>>())
    };
    titles.iter().rev().find_map(before).unwrap_or_default()
}

fn in_title(whole: &Words, key: &[String], others: &[&Words]) -> Option<FlagValue> {
    let title = whole.words.as_slice();
    let mut named = (0..title.len()).filter(|at| title[*at..].starts_with(key) && !key.is_empty());
    let at = named.find(|at| !others.iter().any(|other| is_part(title, *at, key.len(), &other.words)))?;
    let end = at + key.len();
    let is_flag = |word: Option<&String>| word.is_some_and(|word| said().flag.contains(word));
    if key.len() < 2 && !is_flag(title[..at].last()) && !is_flag(title.get(end)) {
        return None;
    }
    let held = is_held(whole, at, end);
    let own = (!held).then(|| beside(title, at, end));
    let mut values: Vec<FlagValue> = own.flatten().into_iter().collect();
    if values.is_empty() {
        let words = (0..title.len()).filter(|word| {
            let of_value = held && (end..end + 2).contains(word);
            !(at..end).contains(word) && !of_value && is_flag(title.get(*word))
        });
        values.extend(words.filter_map(|word| beside(title, word, word + 1)));
    }
    let first = values.first().copied()?;
    values.iter().all(|value| *value == first).then_some(first)
}

/// True if what stands around the flag and its value says that it is a text or a place, holds for a part of the world, or is not so.
fn is_held(whole: &Words, start: usize, end: usize) -> bool {
    let title = whole.words.as_slice();
    let opens = title[..start].iter().any(|word| said().opening.contains(word));
    let mut before = title[..start].iter().rev();
    let verb = before.find(|word| !said().links.contains(word) || said().doing.contains(word));
    let value = title[end..].iter().position(|word| value_of(word).is_some());
    let (between, rest) = match value {
        Some(at) => (&title[end..end + at], &title[end + at + 1..]),
        None => (&title[end..end], &title[end..end]),
    };
    let first = rest.first();
    let is = |word: Option<&String>, words: &[&str]| word.is_some_and(|word| words.contains(&word.as_str()));
    let place = !opens && first.is_some_and(|word| said().places.contains(word));
    let part = whole.is_everyday(start, end) && !opens && first.is_some_and(|word| said().partly.contains(word));
    let elsewhere =
        is(first, &["in", "on", "for"]) && rest.get(1).is_some_and(|word| said().environments.contains(word));
    let denied = is(first, &[MARK]) && is(rest.get(1), &["which"]);
    let thing = first.is_some_and(|word| said().flag.contains(word))
        && is(rest.get(1), &["is", "are", "gets"])
        && rest.get(2).is_none_or(|word| value_of(word).is_none());
    let wished = between.iter().any(|word| word == "were");
    verb.is_some_and(|word| said().doing.contains(word)) || place || part || elsewhere || denied || thing || wished
}

/// True if the words from `at` on are only a part of `other`, which stands there.
fn is_part(title: &[String], at: usize, length: usize, other: &[String]) -> bool {
    let longer = other.len().checked_sub(length).filter(|longer| *longer > 0);
    longer.is_some_and(|longer| (0..=longer.min(at)).any(|before| title[at - before..].starts_with(other)))
}

/// The one value that stands before or after some words of a title, links aside.
fn beside(title: &[String], start: usize, end: usize) -> Option<FlagValue> {
    if is_denied(&title[..start]) {
        return None;
    }
    // `isTaxEnabled`, `useIsTaxEnabled` are names of code that ask: only what is said after them is a value ("returns isTaxEnabled: false").
    if title[..start].last().is_some_and(|word| word == "is")
        && title.get(end).is_some_and(|word| value_of(word).is_some())
    {
        return first_value(title[end + 1..].iter());
    }
    // "when useNewTax() returns true": as a condition, what a flag's function gives is its value.
    let opens = title[..start].iter().any(|word| said().opening.contains(word));
    let given = title[end..]
        .iter()
        .position(|word| !matches!(word.as_str(), MARK | "function" | "hook"));
    let returns = given.filter(|at| opens && matches!(title[end + at].as_str(), "returns" | "return"));
    let given = returns
        .and_then(|at| title.get(end + at + 1))
        .filter(|word| matches!(word.as_str(), "true" | "false"));
    if let Some(word) = given {
        return value_of(word);
    }
    let after = first_value(title[end..].iter()).or_else(|| is_set(&title[end..]));
    // "on" and "off" stand before nothing that they switch, and "enabled" says nothing of the flag where its words only begin a longer name
    // ("get enabled org mirror config count").
    let ends = title
        .get(end)
        .is_none_or(|next| ends_on(next) || said().links.contains(next) || said().flag.contains(next));
    let before = first_value(title[..start].iter().rev())
        .filter(|_| ends && !matches!(nearest_word(&title[..start]), Some("on" | "off")));
    match (after, before) {
        (Some(after), Some(before)) if after != before => None,
        (after, before) => after.or(before),
    }
}

/// A mark, or a word after which *on* has ended: elsewhere what follows makes a preposition of it ("logs in with a token on stdin").
fn ends_on(word: &str) -> bool {
    matches!(word, MARK | COLON) || said().after_on.contains(word)
}

/// True if the words before a flag take away what is said of it: "does not need X on", "unless X is on", "if someone turns X on".
fn is_denied(before: &[String]) -> bool {
    let is_mark = |word: &String| matches!(word.as_str(), MARK | COLON);
    let opening = before
        .iter()
        .rposition(|word| is_mark(word) || said().opening.contains(word));
    let scope = &before[opening.map_or(0, |at| at + 1)..];
    let main = &before[..opening.unwrap_or(0)];
    let begin = before.iter().rposition(is_mark);
    let clause = &main[begin.map_or(0, |at| at + 1).min(main.len())..];
    let turns = |word: &String| said().turning.contains(word);
    let turned = match clause {
        [.., not, only] if matches!(only.as_str(), "only" | "just") => turns(not),
        [.., last] => turns(last),
        [] => false,
    };
    turned || is_needless(clause) || is_either(main) || (0..scope.len()).any(|at| denies(scope, at))
}

/// True for a word that takes the need away. "checks that X is on": who tests a thing says that it is so.
fn denies(scope: &[String], at: usize) -> bool {
    let checked = || {
        at.checked_sub(1)
            .is_none_or(|before| said().testing.contains(&scope[before]))
    };
    said().denying.contains(&scope[at]) && !(scope[at] == "that" && checked())
}

/// "does not need to run with X on", but not "does not require a coupon when X is on".
fn is_needless(clause: &[String]) -> bool {
    let Some(needed) = clause.iter().position(|word| said().needing.contains(word)) else {
        return false;
    };
    let denied = clause[needed.saturating_sub(3)..needed]
        .iter()
        .any(|word| said().denying.contains(word));
    let rest = &clause[needed + 1..];
    let runs = rest.len() == 2 && rest[0] == "to" && said().running.contains(&rest[1]);
    denied && (rest.is_empty() || runs)
}

/// "is not affected when X is on", "works either way with X on"; not "shows either card or cash when X is on".
fn is_either(main: &[String]) -> bool {
    let Some((last, rest)) = main.split_last() else {
        return false;
    };
    let denied = rest[rest.len().saturating_sub(3)..]
        .iter()
        .any(|word| said().denying.contains(word));
    let way = rest.last().is_some_and(|word| word == "either") && said().way.contains(last);
    way || said().either.contains(last) || (denied && said().affected.contains(last))
}

/// "if the flag is set" says on, where nothing follows that it is set to.
fn is_set(words: &[String]) -> Option<FlagValue> {
    let links = words.iter().take_while(|word| said().links.contains(word)).count();
    let (links, rest) = words.split_at(links);
    let ends = rest.first().is_none_or(|next| ends_on(next));
    let is_set = links.last().is_some_and(|last| last == "set") && links.len() > 1;
    (is_set && ends).then_some(FlagValue::On)
}

fn nearest_word(words: &[String]) -> Option<&str> {
    let mut words = words.iter().rev().map(String::as_str);
    words.find(|word| !said().links.contains(word))
}

/// The value that the words begin with. "on and off" is no value.
fn first_value<'w>(words: impl Iterator<Item = &'w String> + Clone) -> Option<FlagValue> {
    let mut words = words.map(String::as_str).peekable();
    // "is on" and "the flag on" leave no doubt.
    let mut linked_to = false;
    while words
        .next_if(|word| *word == COLON || said().links.contains(word))
        .is_some()
    {
        linked_to = true;
    }
    let flips = words.next_if(|word| matches!(*word, "not" | "isn")).is_some();
    if flips {
        words.next_if(|word| *word == "t");
    }
    let word = words.next()?;
    let value = value_of(word)?;
    // "enabled flag is off", "enabled: false"
    let mut rest = words.clone();
    if matches!(word, "enabled" | "disabled" | "active" | "inactive")
        && rest.next_if(|word| SAYS.contains(word)).is_some()
    {
        while rest.next_if(|word| SAYS.contains(word)).is_some() {}
        if let Some(last) = rest.next().and_then(value_of) {
            return Some(if value == FlagValue::Off { last.flipped() } else { last });
        }
    }
    if word == "on" && !linked_to && words.peek().is_some_and(|next| !ends_on(next)) {
        return None;
    }
    if words.next_if(|word| matches!(*word, "and" | "or")).is_some() && words.next().and_then(value_of).is_some() {
        return None;
    }
    Some(if flips { value.flipped() } else { value })
}

fn value_of(word: &str) -> Option<FlagValue> {
    match word {
        word if said().on.contains(word) => Some(FlagValue::On),
        word if said().off.contains(word) => Some(FlagValue::Off),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
