//! For whom, where and how long a flip is. Enters: a rule that fits words of turning a flag. Leaves: the words that limit it ("in staging",
//! "for 5 % of users", "once legal has signed", "for a day"), where some do: such a flip is none for those who need it for everybody.
//!
//! The words are classes of `rules/prose/words.toml`; here is only where in a sentence they count.

use std::ops::Range;

use super::Hit;
use crate::flag::FlagValue;
use crate::prd::prose::{Form, Sentence, words};

/// How many tokens may stand between a preposition and the noun that it leads to.
const NEAR: usize = 5;

/// How many tokens behind a flip may say that it is taken back.
const BACK: usize = 24;

/// What limits a flip.
pub(super) struct Limit {
    /// The words that say so.
    pub(super) words: String,
    /// The environments in which alone it comes; empty where it is limited otherwise.
    pub(super) environments: Vec<String>,
}

/// What limits the flip to `to` that the hit tells; `None` for one that is whole.
pub(super) fn of(hit: &Hit<'_>, to: FlagValue) -> Option<Limit> {
    let sentence = hit.sentence;
    let parts: Vec<Range<usize>> = opening(hit).into_iter().chain([told(hit)]).collect();
    let here = |look: &dyn Fn(Part<'_>) -> Option<Range<usize>>| {
        parts.iter().find_map(|at| {
            look(Part {
                sentence,
                at: at.clone(),
            })
        })
    };
    let plain = |at: Range<usize>| Limit {
        words: sentence.words(at).to_owned(),
        environments: Vec::new(),
    };
    if let Some(at) = here(&|part| part.condition()).or_else(|| here(&|part| part.while_it_lasts())) {
        return Some(plain(at));
    }
    if taken_back(hit, to) {
        return Some(Limit {
            words: "for a while".to_owned(),
            environments: Vec::new(),
        });
    }
    if parts.iter().any(|at| {
        Part {
            sentence,
            at: at.clone(),
        }
        .is_whole()
    }) {
        return None;
    }
    if let Some(at) = here(&|part| part.tests()) {
        return Some(plain(at));
    }
    if let Some((at, environments)) = parts.iter().find_map(|at| {
        Part {
            sentence,
            at: at.clone(),
        }
        .environments()
    }) {
        return Some(Limit {
            words: sentence.words(at).to_owned(),
            environments,
        });
    }
    here(&|part| part.share())
        .or_else(|| here(&|part| part.some_people()))
        .map(plain)
}

/// "In staging, this PRD turns …": what stands in front of the subject.
fn opening(hit: &Hit<'_>) -> Option<Range<usize>> {
    let sentence = hit.sentence;
    let end = hit.found.at.start;
    let start = (0..end).rev().find(|i| sentence.is_break(*i)).map_or(0, |i| i + 1);
    let opens = start < end && words().class("limit_opener").at(&sentence.tokens[start..]) > 0;
    opens.then(|| start..(start..end).find(|i| sentence.tokens[*i].is_mark(",")).unwrap_or(end))
}

/// The words that tell of the flip itself: what follows a comma or an "and" is something else, unless it limits ("…, but only in …").
fn told(hit: &Hit<'_>) -> Range<usize> {
    let sentence = hit.sentence;
    let tokens = &sentence.tokens;
    let opener = |at: usize| at < tokens.len() && words().class("limit_opener").at(&tokens[at..]) > 0;
    let joins = |at: usize| {
        matches!(
            &*tokens[at].stem,
            "and" | "but" | "so" | "then" | "though" | "yet" | "while"
        )
    };
    let ends = |at: &usize| {
        let next = at + 1;
        let mark = tokens[*at].is_mark(",;—:(") || sentence.is_break(*at);
        let word = tokens[*at].form == Form::Word && joins(*at);
        // "in dev and staging", "`x` and `y`"
        let listed = word
            && tokens.get(next).is_some_and(|next| {
                next.form == Form::Code || words().class("rehearsal").has(&next.stem) || &*next.stem == "product"
            });
        let limits = opener(next) || (next < tokens.len() && mark && joins(next) && opener(next + 1));
        (mark || word) && !listed && !limits && !tokens[*at].is_mark("(")
    };
    let from = hit.found.at.start;
    let key = (hit.found.at.clone())
        .find(|i| tokens[*i].form == Form::Code)
        .unwrap_or(from);
    let end = (key.max(from) + 1..tokens.len()).find(ends).unwrap_or(tokens.len());
    from..end.max(hit.found.at.end.min(tokens.len()).min(end))
}

/// A part of a sentence in which a limit may be told.
struct Part<'a> {
    sentence: &'a Sentence<'a>,
    at: Range<usize>,
}

impl Part<'_> {
    fn is(&self, at: usize, class: &str) -> bool {
        self.length(at, class) > 0
    }

    fn length(&self, at: usize, class: &str) -> usize {
        match self.sentence.tokens.get(at) {
            Some(token) if token.form == Form::Word => words().class(class).at(&self.sentence.tokens[at..]),
            _ => 0,
        }
    }

    fn stem(&self, at: usize) -> &str {
        self.sentence.tokens.get(at).map_or("", |token| &token.stem)
    }

    /// Where the words end of which the token `at` is the first.
    fn rest(&self, at: usize) -> Range<usize> {
        let end = (at + 1..self.at.end)
            .find(|i| self.sentence.tokens[*i].is_mark(",;()—.!"))
            .unwrap_or(self.at.end);
        at..end
    }

    /// "if support agrees", "once legal has signed": whether it comes is not this document's to say.
    fn condition(&self) -> Option<Range<usize>> {
        let begins = |i: &usize| {
            let rest = self.rest(*i);
            let not_yet =
                (i + 1..rest.end.min(i + NEAR + 1)).any(|i| matches!(self.stem(i), "not" | "still" | "alreadi"));
            let asked = || rest.clone().any(|i| self.is(i, "approval"));
            (self.is(*i, "on_condition") && !not_yet) || (self.is(*i, "once_so") && asked())
        };
        self.at.clone().find(begins).map(|i| self.rest(i))
    }

    /// "for a day", "during the demo", "temporarily"
    fn while_it_lasts(&self) -> Option<Range<usize>> {
        let alone = |i: usize| (self.length(i, "for_a_while") > 0).then(|| i..i + self.length(i, "for_a_while"));
        let led = |i: usize| {
            let near = i + 1..self.at.end.min(i + NEAR);
            let noun = near.clone().find(|j| self.is(*j, "occasion") || self.is(*j, "spell"))?;
            let leads = self.is(i, "while_leads");
            let open = near.start..noun;
            let broken = open
                .into_iter()
                .any(|j| self.sentence.tokens[j].form == Form::Mark || self.is(j, "everybody"));
            (leads && !broken).then_some(i..noun + 1)
        };
        self.at.clone().find_map(|i| alone(i).or_else(|| led(i)))
    }

    /// "for everybody", "in all environments", "in production", "100 %"
    fn is_whole(&self) -> bool {
        self.at.clone().any(|i| {
            let every = self.length(i, "everybody");
            let next = i + every.max(1);
            // "for all internal users" is for some.
            let some = (next..self.at.end.min(next + 3)).any(|j| self.is(j, "some_people"));
            let hundred = self.stem(i) == "100" && matches!(self.stem(i + 1), "%" | "percent");
            let production =
                self.is(i, "production") && i > 0 && !matches!(self.stem(i - 1), "like" | "pre" | "not" | "befor");
            (every > 0 && !some) || hundred || production
        })
    }

    /// "in staging", "on staging only", "in the test environment"
    fn environments(&self) -> Option<(Range<usize>, Vec<String>)> {
        let named = |i: &usize| {
            let next = self.stem(i + 1);
            let ends = i + 1 >= self.at.end
                || self.sentence.tokens[i + 1].form == Form::Mark
                || self.is(i + 1, "after_environment");
            let led = (i.saturating_sub(3)..*i)
                .any(|j| matches!(self.stem(j), "in" | "on" | "at" | "for" | "to" | "and" | "onli" | "our"));
            self.is(*i, "rehearsal") && ends && (led || next == "onli" || matches!(self.stem(*i), "local"))
        };
        let all: Vec<usize> = self.at.clone().filter(named).collect();
        let (first, last) = (*all.first()?, *all.last()?);
        let start = (first.saturating_sub(3).max(self.at.start)..first)
            .rev()
            .find(|j| matches!(self.stem(*j), "in" | "on" | "at" | "for" | "to"))
            .unwrap_or(first);
        let word = |i: &usize| self.sentence.words(*i..i + 1).to_lowercase();
        Some((start..last + 1, all.iter().map(word).collect()))
    }

    /// "in its tests", "for the e2e suite", "in CI"
    fn tests(&self) -> Option<Range<usize>> {
        self.at.clone().find_map(|i| {
            let leads = matches!(self.stem(i), "in" | "within" | "insid" | "for" | "dure");
            let near = i + 1..self.at.end.min(i + NEAR);
            let noun = near
                .clone()
                .find(|j| self.is(*j, "test") || self.is(*j, "test_place"))?;
            let broken = (near.start..noun).any(|j| self.sentence.tokens[j].form == Form::Mark);
            (leads && !broken).then(|| i..noun + self.length(noun, "test").max(self.length(noun, "test_place")))
        })
    }

    /// "for 5 % of users", "to half of the customers"
    fn share(&self) -> Option<Range<usize>> {
        self.at.clone().find_map(|i| {
            let leads = matches!(self.stem(i), "for" | "to" | "at" | "with");
            let near = i + 1..self.at.end.min(i + NEAR);
            let share = near
                .clone()
                .find(|j| self.is(*j, "share") || matches!(self.stem(*j), "%" | "percent"))?;
            let broken = (near.start..share).any(|j| self.sentence.tokens[j].is_mark(",;()"));
            let of = matches!(self.stem(share + 1), "of").then(|| self.rest(i).end);
            (leads && !broken).then_some(i..of.unwrap_or(share + 1))
        })
    }

    /// "for internal users", "for beta customers", "for users in Lisbon"
    fn some_people(&self) -> Option<Range<usize>> {
        self.at.clone().find_map(|i| {
            if !matches!(self.stem(i), "for" | "to") {
                return None;
            }
            let near = i + 1..self.rest(i).end.min(i + 1 + NEAR);
            let some = near.clone().find(|j| self.is(*j, "some_people"));
            let noun = near.clone().find(|j| self.is(*j, "people"));
            let plain =
                |j: usize| words().class("det").has(self.stem(j)) || matches!(self.stem(j), "end" | "exist" | "of");
            let chosen = noun.filter(|noun| {
                let which = matches!(
                    self.stem(noun + 1),
                    "in" | "of" | "with" | "who" | "that" | "on" | "from" | "whose"
                ) && noun + 1 < self.at.end;
                which || (near.start..*noun).any(|j| !plain(j))
            });
            let end = match (some, chosen) {
                (None, None) => return None,
                (_, Some(noun)) => noun + 1,
                (Some(some), None) => noun.filter(|noun| *noun > some).unwrap_or(some) + 1,
            };
            Some(i..end)
        })
    }
}

/// "… on and, after the test, off again", "… Afterwards it is turned off again." A way back for the case of trouble is none.
fn taken_back(hit: &Hit<'_>, to: FlagValue) -> bool {
    let class = words().class(if to == FlagValue::Off { "on_again" } else { "off_again" });
    let trouble = words().class("trouble");
    let here = hit.found.at.end.min(hit.sentence.tokens.len())..hit.sentence.tokens.len().min(hit.found.at.end + BACK);
    let here = &hit.sentence.tokens[here];
    if class.within(here) {
        return !trouble.within(&hit.sentence.tokens);
    }
    hit.rest.iter().skip(1).take(2).any(|next| {
        let own = next.tokens.iter().any(|token| token.form == Form::Code);
        let about_it = next
            .tokens
            .iter()
            .take(BACK)
            .any(|token| matches!(&*token.stem, "it" | "flag" | "that"));
        class.within(&next.tokens) && about_it && !own && !trouble.within(&next.tokens)
    })
}
