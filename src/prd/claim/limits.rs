//! For whom, where and how long a flip is. Enters: a rule that fits words of turning a flag. Leaves: the words that limit it ("in staging",
//! "for 5 % of users", "once legal has signed", "for a day"), where some do: such a flip is none for those who need it for everybody.
//!
//! The words are classes of `rules/prose/words.toml`; here is only where in a sentence they count.

mod audience;

use std::ops::Range;

use audience::is_led;

use super::Hit;
use crate::flag::FlagValue;
use crate::prd::prose::{Form, Sentence, Token, words};

/// How many tokens may stand between a preposition and the noun that it leads to.
const NEAR: usize = 5;

/// How many tokens behind a flip may say that it is taken back.
const BACK: usize = 24;

/// How long a sentence is that says nothing but for whom, in tokens.
const SHORT: usize = 12;

/// What limits a flip.
pub(super) struct Limit {
    /// The words that say so.
    pub(super) words: String,
    /// The environments in which alone it comes; empty where it is limited otherwise.
    pub(super) environments: Vec<String>,
}

/// Where a part tells a limit of one kind.
type Look = fn(&Part<'_>) -> Option<Range<usize>>;

/// What limits the flip to `to` that the hit tells; `None` for one that is whole.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the path of a method is of one lifetime, and a look is of any"
)]
pub(super) fn of(hit: &Hit<'_>, to: FlagValue) -> Option<Limit> {
    let sentence = hit.sentence;
    let mut parts: Vec<Part<'_>> = (opening(hit).into_iter().chain([told(hit)]))
        .map(|at| Part { sentence, at })
        .collect();
    parts.extend(told_next(hit));
    let here = |look: Look| {
        let limit = |part: &Part<'_>| look(part).map(|at| plain(part.sentence.words(at)));
        parts.iter().find_map(limit)
    };
    if let Some(limit) = here(|part| part.condition()).or_else(|| here(|part| part.while_it_lasts())) {
        return Some(limit);
    }
    if taken_back(hit, to) {
        return Some(plain("for a while"));
    }
    let some = here(|part| part.left_out())
        .or_else(|| here(|part| part.share()))
        .or_else(|| here(|part| part.audience()));
    if some.is_some() {
        return some;
    }
    // "everywhere, in staging too"
    if parts.iter().any(|part| part.is_everywhere()) {
        return None;
    }
    here(|part| part.tests().or_else(|| part.not_production())).or_else(|| {
        parts.iter().find_map(|part| {
            let (at, environments) = part.environments()?;
            let words = part.sentence.words(at).to_owned();
            Some(Limit { words, environments })
        })
    })
}

/// True if the words tell of some people alone, or leave some out.
pub(super) fn is_for_some(hit: &Hit<'_>) -> bool {
    let (sentence, at) = (hit.sentence, told(hit));
    let part = Part { sentence, at };
    part.left_out()
        .or_else(|| part.share())
        .or_else(|| part.audience())
        .is_some()
}

/// The words by which a state is for some people alone, and whether they tell a share of all.
pub(super) fn for_some(hit: &Hit<'_>) -> Option<(Range<usize>, bool)> {
    let (sentence, at) = (hit.sentence, told(hit));
    let part = Part { sentence, at };
    let share = part.share().map(|at| (at, true));
    share.or_else(|| part.left_out().or_else(|| part.audience()).map(|at| (at, false)))
}

/// True if the words tell of a place where nobody needs it in earnest, and of that alone: "in staging only".
pub(super) fn is_rehearsed(hit: &Hit<'_>) -> bool {
    let (sentence, at) = (hit.sentence, told(hit));
    let part = Part { sentence, at };
    let Some((at, _)) = part.environments() else {
        return false;
    };
    let only = |i: usize| matches!(part.stem(i), "onli" | "alon");
    let alone = at.start.checked_sub(1).is_some_and(only) || only(at.end);
    alone && !part.is_everywhere()
}

/// True if the words that tell of the flip name production, or every environment.
pub(super) fn is_everywhere(hit: &Hit<'_>) -> bool {
    let (sentence, at) = (hit.sentence, told(hit));
    Part { sentence, at }.is_everywhere()
}

fn plain(words: &str) -> Limit {
    Limit {
        words: words.to_owned(),
        environments: Vec::new(),
    }
}

/// "Turn `x` on. Not for everybody yet.": a sentence that only limits what the one before it tells. "But for now we keep the old page."
/// tells of something else.
fn told_next<'a>(hit: &Hit<'a>) -> Option<Part<'a>> {
    let next = hit.rest.get(1)?;
    let stem = |at: usize| next.tokens.get(at).map_or("", |token| &*token.stem);
    let first = usize::from(stem(0) == "but");
    let begins = match stem(first) {
        "onli" | "not" => true,
        // "Just in time for the fair."
        "just" => is_led(stem(first + 1)) && !matches!(stem(first + 2), "time" | "case"),
        _ => false,
    };
    let others = |token: &Token| token.form == Form::Code || (token.form == Form::Word && is_other(&token.stem));
    let leads = (0..next.tokens.len().min(3)).any(|at| at > 0 && is_led(&next.tokens[at].stem));
    let short = next.tokens.len() <= SHORT;
    (begins && leads && short && !next.tokens.iter().any(others)).then_some(Part {
        sentence: next,
        at: 0..next.tokens.len(),
    })
}

/// Words of a sentence that has a subject and a verb of its own.
fn is_other(stem: &str) -> bool {
    matches!(
        stem,
        "we" | "it" | "they" | "you" | "i" | "keep" | "stay" | "remain" | "is" | "are" | "will" | "do" | "doe"
    )
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
    let begins = |at: usize, class: &str| at < tokens.len() && words().class(class).at(&tokens[at..]) > 0;
    let opener = |at: usize| {
        let not = tokens
            .get(at)
            .is_some_and(|token| matches!(&*token.stem, "not" | "never"));
        let next = at + 1 + usize::from(tokens.get(at + 1).is_some_and(|token| &*token.stem == "yet"));
        let denies = not && (begins(next, "limit_opener") || begins(next, "everybody"));
        begins(at, "limit_opener") || begins(at, "except_for") || denies
    };
    let joins = |at: usize| {
        matches!(
            &*tokens[at].stem,
            "and" | "but" | "so" | "then" | "though" | "yet" | "while"
        )
    };
    let whole = Part {
        sentence,
        at: 0..tokens.len(),
    };
    let ends = |at: &usize| {
        let next = at + 1;
        let mark = tokens[*at].is_mark(",;—:(") || sentence.is_break(*at);
        let word = tokens[*at].form == Form::Word && joins(*at);
        // "in dev and staging", "`x` and `y`"
        let listed = word
            && tokens.get(next).is_some_and(|next| {
                next.form == Form::Code || words().class("rehearsal").has(&next.stem) || is_production(sentence, at + 1)
            });
        let limits = opener(next) || (next < tokens.len() && mark && joins(next) && opener(next + 1));
        let limits = limits || whole.but_for(*at);
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
        let alone = |i: usize| {
            let end = i + self.length(i, "for_a_while");
            // "for testing", and not "for test cards"
            (end > i && (!self.is(end - 1, "test") || self.is_head(end))).then_some(i..end)
        };
        let led = |i: usize| {
            let near = i + 1..self.at.end.min(i + NEAR);
            let ends = |j: usize| self.is_head(j + self.length(j, "occasion").max(self.length(j, "spell")));
            let is_one = |j: &usize| self.is(*j, "occasion") || self.is(*j, "spell");
            let noun = near.clone().find(|j| is_one(j) && ends(*j))?;
            let leads = self.is(i, "while_leads");
            let open = near.start..noun;
            let broken = open
                .into_iter()
                .any(|j| self.sentence.tokens[j].form == Form::Mark || self.is(j, "everybody"));
            (leads && !broken && !self.is_more(i)).then_some(i..noun + 1)
        };
        self.at.clone().find_map(|i| alone(i).or_else(|| led(i)))
    }

    /// "everywhere", "in all environments", "in production"; "in all test environments" and "in non-production" are less.
    fn is_everywhere(&self) -> bool {
        self.at.clone().any(|i| {
            let every = self.length(i, "everybody");
            let plain = |j: &usize| self.is(*j, "det") || self.stem(*j) == "of";
            let noun = (i + every..self.at.end).find(|j| !plain(j)).unwrap_or(self.at.end);
            let everywhere = every > 0 && (self.stem(i) == "everywher" || self.stem(noun).starts_with("environ"));
            let like = i > 0 && (self.stem(i - 1) == "not" || self.is_before_production(i - 1));
            everywhere || (i > 0 && is_production(self.sentence, i) && !like)
        })
    }

    /// "pre-production", "like production": all but production.
    fn is_before_production(&self, at: usize) -> bool {
        matches!(self.stem(at), "like" | "pre" | "non" | "befor")
    }

    /// "in every non-production environment", "in pre-production"
    fn not_production(&self) -> Option<Range<usize>> {
        let found = |i: &usize| {
            let led = (i.saturating_sub(3)..*i).any(|j| matches!(self.stem(j), "in" | "on" | "at" | "for" | "to"));
            matches!(self.stem(*i), "pre" | "non") && is_production(self.sentence, i + 1) && led
        };
        self.at.clone().find(found).map(|i| self.rest(i))
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
        if self.is_more(start) {
            return None;
        }
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
            let end = noun + self.length(noun, "test").max(self.length(noun, "test_place"));
            (leads && !broken && self.is_head(end) && !self.is_more(i)).then_some(i..end)
        })
    }
}

/// "production", "prod"; the stem is that of "product", too.
fn is_production(sentence: &Sentence<'_>, at: usize) -> bool {
    let class = words().class("production");
    sentence.tokens.get(at).is_some_and(|token| {
        let word = sentence.flow.text[token.at.clone()].to_lowercase();
        token.form == Form::Word && class.has(&token.stem) && !word.trim_end_matches('s').ends_with("product")
    })
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
