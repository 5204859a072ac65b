//! The pattern language of `rules/prose/`. Enters: a pattern as text, the tokens of a sentence. Leaves: [`Match`]es. Knows nothing of
//! what a match means: that a thing is assumed, and whether it is denied, is said in `claim`.
//!
//! A pattern is a row of elements, separated by spaces:
//!
//! | element | matches |
//! |---|---|
//! | `assume\|expect` | one of these words, in any form |
//! | `=flagged` | exactly this form of a word |
//! | `{on}`, `{on\|off}` | an entry of a word class; `{state}` is `on` or `off`, `{toggled}` the same without words like "shipped" |
//! | `<thing>` | a few words, kept; at the end of a pattern all words up to the end of the clause, at its beginning the noun phrase before it |
//! | `<key>` | a name in backticks, or a bare name that can only be code |
//! | `<prd>` | a reference to a PRD |
//! | `...` | at most five words |
//! | `,` `:` `(` `.` `—` | this mark |
//! | `^` | the beginning of a clause |
//! | `$` | the end of a sentence |
//!
//! A `?` after an element makes it optional.

use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;

use super::sentence::Sentence;
use super::token::{Form, Token, stem};
use super::words::{Class, words};
use crate::flag::FlagValue;
use crate::prd::shape;

/// The words of `<thing>` in the middle of a pattern.
const LONGEST_THING: usize = 14;
/// The words of `...`.
const LONGEST_GAP: usize = 5;
/// The words of an aside in parentheses, with them.
const LONGEST_ASIDE: usize = 6;

/// What a pattern is made of.
#[derive(Debug)]
enum Element {
    Words(Vec<Box<str>>),
    Exact(Box<str>),
    Classes(Vec<(&'static Class, Option<FlagValue>)>),
    Thing,
    Key,
    Prd,
    Gap,
    Mark(char),
    Start,
    End,
}

/// One pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    elements: Vec<(Element, bool)>,
    leading_thing: bool,
}

/// Why a pattern is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum PatternError {
    /// An element in angle brackets that does not exist.
    #[error("unknown element `{0}`")]
    Element(String),
    /// A class that the word file does not have.
    #[error("unknown word class `{0}`")]
    Class(String),
    /// Nothing to hold on to.
    #[error("a pattern needs a word")]
    Empty,
}

/// The words of a sentence, for the question which patterns may fit it at all.
pub(crate) struct Vocabulary<'a> {
    stems: HashSet<&'a str>,
    /// Of each class, by its number, whether an entry begins with one of the words; found when it is first asked.
    classes: Vec<Cell<Option<bool>>>,
}

impl<'a> Vocabulary<'a> {
    /// That of these stems.
    pub(crate) fn new(stems: impl Iterator<Item = &'a str>) -> Self {
        Self {
            stems: stems.collect(),
            classes: vec![Cell::new(None); words().classes.len()],
        }
    }

    fn begins(&self, class: &Class) -> bool {
        let known = &self.classes[class.number];
        known.get().unwrap_or_else(|| {
            let begins = self.stems.iter().any(|stem| class.begins_with(stem));
            known.set(Some(begins));
            begins
        })
    }
}

/// Where a pattern was found in a sentence.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Match {
    /// All of it, in tokens.
    pub(crate) at: Range<usize>,
    /// The words of `<thing>`.
    pub(crate) thing: Option<Range<usize>>,
    /// The token of `<key>`.
    pub(crate) key: Option<usize>,
    /// The first token of `<prd>`.
    pub(crate) prd: Option<usize>,
    /// What its state words say.
    pub(crate) state: Option<FlagValue>,
}

/// References to PRDs in a sentence: the tokens of each.
pub(crate) type References = [Range<usize>];

impl Pattern {
    /// Reads a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut elements = Vec::new();
        for word in text.split_whitespace() {
            let (word, optional) = match word.strip_suffix('?') {
                Some(word) => (word, true),
                None => (word, false),
            };
            elements.push((element(word)?, optional));
        }
        let leading_thing = matches!(elements.first(), Some((Element::Thing, _)));
        if leading_thing {
            elements.remove(0);
        }
        let firm = |(element, optional): &(Element, bool)| {
            !optional && !matches!(element, Element::Gap | Element::Start | Element::End | Element::Thing)
        };
        let whole_clause = matches!(elements.as_slice(), [(Element::Start, _), (Element::Thing, _)]);
        if !(elements.iter().any(firm) || whole_clause)
            || matches!(elements.first(), Some((Element::Gap | Element::Thing, _)))
        {
            return Err(PatternError::Empty);
        }
        Ok(Self {
            elements,
            leading_thing,
        })
    }

    /// False if the pattern cannot fit a sentence of these words: cheap, and true of most patterns and sentences.
    pub(crate) fn may_fit(&self, said: &Vocabulary<'_>) -> bool {
        let firm = self.elements.iter().filter(|(_, optional)| !optional);
        firm.into_iter().all(|(element, _)| match element {
            Element::Words(words) => words.iter().any(|word| said.stems.contains(&**word)),
            Element::Classes(classes) => classes.iter().any(|(class, _)| said.begins(class)),
            _ => true,
        })
    }

    /// Every place of `sentence` that this pattern fits, in order; places do not overlap.
    pub(crate) fn find(&self, sentence: &Sentence<'_>, references: &References) -> Vec<Match> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < sentence.tokens.len() {
            let search = Search {
                elements: &self.elements,
                sentence,
                references,
            };
            let found = search.run(
                0,
                at,
                Match {
                    at: at..at,
                    ..Match::default()
                },
            );
            match found.and_then(|found| self.with_leading_thing(found, sentence)) {
                Some(found) => {
                    at = found.at.end.max(at + 1);
                    out.push(found);
                }
                None => at += 1,
            }
        }
        out
    }

    fn with_leading_thing(&self, mut found: Match, sentence: &Sentence<'_>) -> Option<Match> {
        if self.leading_thing {
            let thing = noun_phrase_before(&sentence.tokens, found.at.start);
            if thing.is_empty() {
                return None;
            }
            found.at.start = thing.start;
            found.thing = Some(thing);
        }
        Some(found)
    }
}

fn element(word: &str) -> Result<Element, PatternError> {
    let inside = |open: char, close: char| word.strip_prefix(open)?.strip_suffix(close);
    if let Some(names) = inside('{', '}') {
        return names
            .split('|')
            .map(class)
            .collect::<Result<Vec<_>, _>>()
            .map(|all| Element::Classes(all.concat()));
    }
    if let Some(name) = inside('<', '>') {
        return match name {
            "thing" => Ok(Element::Thing),
            "key" => Ok(Element::Key),
            "prd" => Ok(Element::Prd),
            _ => Err(PatternError::Element(word.to_owned())),
        };
    }
    if let Some(exact) = word.strip_prefix('=').filter(|exact| !exact.is_empty()) {
        return Ok(Element::Exact(exact.into()));
    }
    Ok(match word {
        "..." => Element::Gap,
        "^" => Element::Start,
        "$" => Element::End,
        "," | ":" | "(" | ")" | "=" | "." | "—" => Element::Mark(word.chars().next().unwrap_or(',')),
        _ => Element::Words(word.split('|').filter(|word| !word.is_empty()).map(stem).collect()),
    })
}

fn class(name: &str) -> Result<Vec<(&'static Class, Option<FlagValue>)>, PatternError> {
    let (on, off) = (Some(FlagValue::On), Some(FlagValue::Off));
    let pairs = match name {
        "state" => vec![("off", off), ("on", on)],
        "toggled" => vec![("toggled_off", off), ("toggled_on", on)],
        "on" | "toggled_on" => vec![(name, on)],
        "off" | "toggled_off" | "just_off" => vec![(name, off)],
        _ => vec![(name, None)],
    };
    let resolved = pairs.into_iter().map(|(name, value)| match words().classes.get(name) {
        Some(class) => Ok((class, value)),
        None => Err(PatternError::Class(name.to_owned())),
    });
    resolved.collect()
}

/// A backtracking search; its depth is the length of the pattern, its breadth bounded by the longest gap.
struct Search<'a> {
    elements: &'a [(Element, bool)],
    sentence: &'a Sentence<'a>,
    references: &'a References,
}

impl Search<'_> {
    fn run(&self, next: usize, at: usize, so_far: Match) -> Option<Match> {
        let Some((element, optional)) = self.elements.get(next) else {
            return Some(Match {
                at: so_far.at.start..at,
                ..so_far
            });
        };
        let found = self.step(element, next, at, &so_far);
        if found.is_none() && *optional {
            self.run(next + 1, at, so_far)
        } else {
            found
        }
    }

    fn step(&self, element: &Element, next: usize, at: usize, so_far: &Match) -> Option<Match> {
        let tokens = self.sentence.tokens.get(at..).unwrap_or_default();
        let go = |length: usize, so_far: Match| self.run(next + 1, at + length, so_far);
        match element {
            Element::Start => (self.sentence.clause_start(at) == at || at == 0).then(|| go(0, so_far.clone()))?,
            Element::End => tokens
                .first()
                .is_none_or(|first| first.is_mark(".;"))
                .then(|| go(0, so_far.clone()))?,
            Element::Words(stems) => {
                let first = tokens.first()?;
                let fits = first.form != Form::Mark && !first.ticked && stems.contains(&first.stem);
                fits.then(|| go(1, so_far.clone()))?
            }
            Element::Exact(word) => {
                let first = tokens.first()?;
                let same =
                    first.form == Form::Word && self.sentence.flow.text[first.at.clone()].eq_ignore_ascii_case(word);
                same.then(|| go(1, so_far.clone()))?
            }
            Element::Mark(mark) => tokens
                .first()?
                .is_mark(mark.encode_utf8(&mut [0; 4]))
                .then(|| go(1, so_far.clone()))?,
            Element::Classes(classes) => classes.iter().find_map(|(class, state)| {
                class.lengths(tokens).find_map(|length| {
                    go(
                        length,
                        Match {
                            state: state.or(so_far.state),
                            ..so_far.clone()
                        },
                    )
                })
            }),
            Element::Key => {
                let key = tokens.first()?;
                let fits = key.form == Form::Code && shape::is_flag_key(&key.stem);
                fits.then(|| {
                    go(
                        1,
                        Match {
                            key: Some(at),
                            ..so_far.clone()
                        },
                    )
                })?
            }
            Element::Prd => {
                let reference = self.references.iter().find(|reference| reference.start == at)?;
                go(
                    reference.len(),
                    Match {
                        prd: Some(at),
                        ..so_far.clone()
                    },
                )
            }
            Element::Gap => (0..=LONGEST_GAP)
                .take_while(|length| self.open(at, *length) && !self.turns_aside(at, *length))
                .find_map(|length| go(length, so_far.clone())),
            Element::Thing => self.thing(next, at, so_far),
        }
    }

    fn thing(&self, next: usize, at: usize, so_far: &Match) -> Option<Match> {
        if next + 1 == self.elements.len() {
            let end = self.sentence.clause_end(at);
            let comma = (at..end).find(|i| self.sentence.tokens[*i].is_mark(",")).unwrap_or(end);
            let end = comma.min(at + LONGEST_THING);
            return (end > at && self.names_something(at, end)).then(|| Match {
                at: so_far.at.start..end,
                thing: Some(at..end),
                ..so_far.clone()
            });
        }
        (1..=LONGEST_THING)
            .take_while(|length| self.open(at, *length))
            .filter(|length| self.names_something(at, at + length))
            .find_map(|length| {
                self.run(
                    next + 1,
                    at + length,
                    Match {
                        thing: Some(at..at + length),
                        ..so_far.clone()
                    },
                )
            })
    }

    /// True if some token from `at` on can name a thing: the "to" of "needs to be on" is none.
    fn names_something(&self, at: usize, end: usize) -> bool {
        let stop = |token: &Token| words().class("np_stop").has(&token.stem) || words().class("det").has(&token.stem);
        let tokens = self.sentence.tokens.get(at..end).unwrap_or_default();
        let verb = |at: usize, stem: &str| tokens.get(at).is_some_and(|token| &*token.stem == stem);
        // "needs to be flipped on" needs no thing called "to be flipped".
        let words_alone = tokens.len() <= 4 && tokens.iter().all(|token| token.form == Form::Word);
        if words_alone && verb(0, "to") && (verb(1, "be") || verb(1, "have")) {
            return false;
        }
        tokens.iter().any(|token| match token.form {
            Form::Code | Form::Number => true,
            Form::Word => !stop(token),
            Form::Mark => false,
        })
    }

    /// True if the last of `length` tokens from `at` on begins a clause of its own ("jobs keep it *when* the flag …").
    fn turns_aside(&self, at: usize, length: usize) -> bool {
        let last = (at + length).checked_sub(1).filter(|_| length > 0);
        last.is_some_and(|last| words().class("clause").at(&self.sentence.tokens[last..]) > 0)
    }

    /// True if a gap of `length` tokens from `at` on stays within its clause.
    fn open(&self, at: usize, length: usize) -> bool {
        let Some(last) = (at + length).checked_sub(1).filter(|_| length > 0) else {
            return true;
        };
        self.sentence
            .tokens
            .get(last)
            .is_some_and(|token| !self.sentence.is_break(last) && !token.is_mark(",:") && !self.sentence.is_turn(last))
    }
}

/// The noun phrase that ends before the token `end`.
pub(crate) fn noun_phrase_before(tokens: &[Token], end: usize) -> Range<usize> {
    let stop = |token: &Token| match token.form {
        Form::Mark => !token.is_mark("\"“”'"),
        Form::Word => words().class("np_stop").has(&token.stem) || words().class("det").has(&token.stem),
        Form::Code | Form::Number => false,
    };
    // An adverb between the thing and its verb is no part of it.
    let adverb = |token: &Token| {
        token.form == Form::Word
            && [
                "onli", "entir", "alreadi", "itself", "first", "initi", "still", "now", "also", "then",
            ]
            .contains(&&*token.stem)
    };
    let end = (0..end).rev().find(|i| !adverb(&tokens[*i])).map_or(0, |i| i + 1);
    let end = before_parenthesis(tokens, end);
    let start = (end.saturating_sub(7)..end)
        .rev()
        .find(|i| stop(&tokens[*i]))
        .map_or(end.saturating_sub(7), |i| i + 1);
    start..end
}

/// "The checkout (PRD 1) must be on": a short aside stands between the thing and its verb.
fn before_parenthesis(tokens: &[Token], end: usize) -> usize {
    let closes = end.checked_sub(1).is_some_and(|last| tokens[last].is_mark(")"));
    let opens = (end.saturating_sub(LONGEST_ASIDE)..end)
        .rev()
        .find(|i| tokens[*i].is_mark("("));
    opens.filter(|_| closes).unwrap_or(end)
}

/// The noun phrase that begins at the token `start`, without its article.
pub(crate) fn noun_phrase_after(tokens: &[Token], start: usize) -> Range<usize> {
    let article = |token: &Token| token.form == Form::Word && words().class("det").has(&token.stem);
    let start = (start..tokens.len())
        .find(|i| !article(&tokens[*i]))
        .unwrap_or(tokens.len());
    let stop = |token: &Token| match token.form {
        Form::Mark => !token.is_mark("\"“”'"),
        Form::Word => words().class("np_stop").has(&token.stem) || article(token),
        Form::Code | Form::Number => false,
    };
    let end = (start..tokens.len().min(start + 7))
        .find(|i| stop(&tokens[*i]))
        .unwrap_or(tokens.len().min(start + 7));
    start..end
}

#[cfg(test)]
mod tests;
