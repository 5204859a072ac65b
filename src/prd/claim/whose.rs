//! Whose need it is. Enters: a rule that fits, and is meant. Leaves: [`Whose`]: this document's and now, perhaps, or somebody else's: of
//! others by contrast, of a version to come, of code that goes.
//!
//! The words are classes of `rules/prose/words.toml`; here is only where in a sentence they count.

use std::ops::Range;

use super::Hit;
use crate::prd::mention::denial;
use crate::prd::prose::{Form, Sentence, words};

/// How many words of a short answer ("we do not") may stand before its end.
const ANSWER: usize = 5;

/// A sentence that disowns what was said before it is no longer, in tokens.
const DISOWNED: usize = 8;

/// How many words a verb of removal has at most, and how near to a need its noun stands.
const GONE: usize = 3;

/// Whose a need is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    /// This document's, now.
    Ours,
    /// It cannot be told: worth a note.
    Perhaps,
    /// Not this document's, or not one that stays.
    Others,
}

/// Whose need the words tell.
pub(super) fn whose(hit: &Hit<'_>) -> Whose {
    let at = Place::of(hit);
    match at.contrast() {
        Some(whose) => whose,
        None if at.goes() || at.need_goes() => Whose::Others,
        None if at.disowned(hit.rest) => Whose::Perhaps,
        None => at.subject(),
    }
}

/// Where an aside ends that opens the sentence ("Unlike last year, …"): what it says holds no longer behind it.
pub(super) fn aside_before(hit: &Hit<'_>) -> usize {
    let at = Place::of(hit);
    let whole = at.whole();
    let opens = |class: &str| words().class(class).at(&hit.sentence.tokens[whole.start..]) > 0;
    let end = at.aside_end(whole.start);
    let before = end < hit.found.at.start && hit.sentence.tokens[end].is_mark(",");
    if before && (opens("contrast") || opens("concedes") || opens("even_so")) {
        end + 1
    } else {
        0
    }
}

/// True if what waits is work, or is not said: a worker of a program may wait for a flag, too.
pub(super) fn is_work(hit: &Hit<'_>) -> bool {
    let at = Place::of(hit);
    let said = at
        .subject
        .clone()
        .any(|i| hit.sentence.tokens[i].form == Form::Word && !words().class("det").has(&hit.sentence.tokens[i].stem));
    !said || at.has("ours", at.subject.clone()) || at.has("work", at.subject.clone())
}

struct Place<'a> {
    sentence: &'a Sentence<'a>,
    /// The words that make the claim.
    found: Range<usize>,
    /// What is needed.
    thing: Option<Range<usize>>,
    /// The words before them that tell who needs it.
    subject: Range<usize>,
    /// "the code that needs it", "the job, which needs it".
    relative: bool,
}

impl<'a> Place<'a> {
    fn of(hit: &'a Hit<'a>) -> Self {
        let (sentence, found, thing) = (hit.sentence, hit.found.at.clone(), hit.found.thing.clone());
        let mut start = part_start(sentence, found.start);
        let relative = |range: Range<usize>| {
            let mut range = range.rev().take(2);
            range.any(|i| is_word(sentence, i, &["that", "which", "who", "whose"]))
        };
        let within = start..found.start;
        let before = start.checked_sub(1).filter(|i| is_relative_clause(sentence, *i));
        let relative = relative(within.clone()) || before.is_some();
        if relative && (before.is_some() || only_relative(sentence, within)) {
            // What "which" means stands in the part before.
            let comma = start
                .checked_sub(if before.is_some() { 2 } else { 1 })
                .filter(|i| sentence.tokens[*i].is_mark(","));
            let end = comma.or(before).unwrap_or(start);
            start = part_start(sentence, end);
        } else if start == found.start && start > 0 && sentence.tokens[start - 1].is_mark(",") {
            // "This work, like that of others, assumes …": the subject stands at the beginning.
            start = sentence.clause_start(found.start);
            let end = (start..found.start)
                .find(|i| sentence.tokens[*i].is_mark(","))
                .unwrap_or(found.start);
            return Self {
                sentence,
                found,
                thing,
                subject: start..end,
                relative,
            };
        }
        Self {
            sentence,
            subject: start..found.start,
            found,
            thing,
            relative,
        }
    }

    /// True if an entry of the class begins in the range.
    fn has(&self, class: &str, at: Range<usize>) -> bool {
        let class = words().class(class);
        at.into_iter().any(|i| class.at(&self.sentence.tokens[i..]) > 0)
    }

    /// The stretch of the sentence around the claim that no ";" and no dash ends.
    fn whole(&self) -> Range<usize> {
        let breaks = |i: &usize| self.sentence.is_break(*i);
        let start = (0..self.found.start).rev().find(breaks).map_or(0, |i| i + 1);
        let end = (self.found.end..self.sentence.tokens.len())
            .find(breaks)
            .unwrap_or(self.sentence.tokens.len());
        start..end
    }

    /// "Unlike PRD 1, which needs it, …": told of the others. "While the app needs it, …": perhaps.
    fn contrast(&self) -> Option<Whose> {
        let whole = self.whole();
        let opens = |class: &str| {
            let class = words().class(class);
            (whole.start..=self.found.start)
                .rev()
                .find(|i| self.begins_part(*i) && class.at(&self.sentence.tokens[*i..]) > 0)
                .filter(|i| self.found.start < self.aside_end(*i))
        };
        if let Some(start) = opens("contrast") {
            // "Unlike the old page this one needs it": without a comma the subject is nearest to its verb.
            return (!self.ends_in_us(start)).then_some(Whose::Others);
        }
        let start = opens("concedes")?;
        let denied = self.not_us(self.aside_end(start)) || self.has("outsider", start..self.found.start);
        Some(if denied { Whose::Others } else { Whose::Perhaps })
    }

    /// True if the words from `start` to the claim end in a subject that is this document: "this one", "this page", "we".
    fn ends_in_us(&self, start: usize) -> bool {
        let tokens = &self.sentence.tokens;
        let helps = |i: &usize| tokens[*i].form == Form::Word && words().class("helps").has(&tokens[*i].stem);
        let Some(end) = (start..self.found.start).rev().find(|i| !helps(i)).map(|i| i + 1) else {
            return false;
        };
        let ours = words().class("ours");
        // Something must stand between "unlike" and us, and no clause of its own.
        let first = start + 2;
        let noun_of_ours = (first + 1..end)
            .last()
            .is_some_and(|i| is_word(self.sentence, i - 1, &["this", "our"]));
        let ends = (first..end).any(|i| ours.at(&tokens[i..end]) == end - i);
        let clause = (start..end).any(|i| {
            is_relative_clause(self.sentence, i) || is_word(self.sentence, i, &["where", "what", "when", "if", "than"])
        });
        !self.relative && !clause && (noun_of_ours || ends)
    }

    /// "Not our concern.": a short sentence right behind a need that is nobody's in particular.
    fn disowned(&self, rest: &[Sentence<'_>]) -> bool {
        let Some(next) = rest.get(1).filter(|_| !self.has("ours", self.subject.clone())) else {
            return false;
        };
        let said = next.tokens.iter().take_while(|token| !token.is_mark(".!")).count();
        let ends = |i: usize| {
            let length = words().class("disowns").at(&next.tokens[i..]);
            length > 0 && i + length >= said
        };
        said <= DISOWNED && (0..said).any(ends)
    }

    fn begins_part(&self, at: usize) -> bool {
        at == 0 || self.sentence.tokens[at - 1].form == Form::Mark || self.sentence.is_turn(at - 1)
    }

    /// Where an aside that begins at `at` ends: at the first comma that no "which" follows.
    fn aside_end(&self, at: usize) -> usize {
        let tokens = &self.sentence.tokens;
        let ends = |i: &usize| {
            let relative = is_word(self.sentence, *i + 1, &["which", "who", "that", "whose", "where"]);
            self.sentence.is_break(*i) || tokens[*i].is_mark(":") || (tokens[*i].is_mark(",") && !relative)
        };
        (at..tokens.len()).find(ends).unwrap_or(tokens.len())
    }

    /// "Remove the code that assumes it", "Code which needs it is removed".
    fn goes(&self) -> bool {
        let participle = self
            .sentence
            .words(self.found.start..self.found.start + 1)
            .ends_with("ing");
        if !self.relative && !participle {
            return false;
        }
        let removal = |mut at: Range<usize>| {
            at.any(|i| (self.has("removes", i..i + 1) || self.has("undone", i..i + 1)) && !self.is_noun(i))
        };
        // "We add code that …" builds it anew, whatever goes beside it.
        let made = self.has("makes", self.subject.clone());
        let whole = self.whole();
        let end = (self.found.start..whole.end)
            .find(|i| self.sentence.is_turn(*i))
            .unwrap_or(whole.end);
        !made && (removal(self.subject.clone()) || (self.relative && removal(self.found.start..end)))
    }

    /// "Remove the dependency on it", "we get rid of the last requirement that it is on"
    fn need_goes(&self) -> bool {
        let tokens = &self.sentence.tokens;
        let plain = |i: usize| self.has("det", i..i + 1) || self.has("need_kind", i..i + 1);
        // The words of a removal end before the words of the need, and nothing but an article and a kind stands between.
        let removed = |noun: usize| {
            let start = (noun.saturating_sub(ANSWER)..noun).rev().find(|i| !plain(*i));
            let end = start.map_or(0, |i| i + 1);
            (end.saturating_sub(GONE)..end).any(|i| {
                let length = |class: &str| words().class(class).at(&tokens[i..]);
                let ends = ["removes", "undone", "need_ends"]
                    .iter()
                    .any(|class| i + length(class) == end);
                ends && !self.is_noun(i)
            })
        };
        let near = self.found.start.saturating_sub(GONE)..self.found.end.min(self.found.start + GONE);
        let mut nouns = near.filter(|i| self.is_need(*i));
        nouns.any(removed)
    }

    /// "the dependency on", "a need for", but not "it needs"; and with nothing between it and the claim that parts them.
    fn is_need(&self, at: usize) -> bool {
        let tokens = &self.sentence.tokens;
        let text = self.sentence.flow.text[tokens[at].at.clone()].to_lowercase();
        let noun = text != "needs" && words().class("need_noun").has(&tokens[at].stem);
        let named = words().looks.need_nouns.end_of(&text) || words().looks.need_nouns.contains(&text);
        let leads = tokens
            .get(at + 1)
            .is_some_and(|next| matches!(&*next.stem, "on" | "upon" | "of" | "for" | "that" | "to"));
        let parted = (at.min(self.found.start)..self.found.start).any(|i| tokens[i].form == Form::Mark);
        noun && named && leads && !parted
    }

    /// "The fix", "this rewrite", "the back end", "the bug fixes that …": no deed.
    fn is_noun(&self, at: usize) -> bool {
        let tokens = &self.sentence.tokens;
        let text = self.sentence.words(at..at + 1).to_lowercase();
        let article = |i: usize| i < tokens.len() && (self.has("det", i..i + 1) || tokens[i].form == Form::Code);
        let plain = |i: &usize| {
            let stem = &*tokens[*i].stem;
            tokens[*i].form == Form::Word && !words().class("before_deed").has(stem)
        };
        let before = at.saturating_sub(GONE)..at;
        let led = before.rev().take_while(plain).any(article);
        // "This PRD drops the …": a verb, and what it is done to.
        let deed = text.ends_with('s') && !text.ends_with("ss") && article(at + 1);
        let many = text.ends_with('s') && tokens.get(at + 1).is_some_and(|next| is_led_by(&next.stem));
        (led && !deed && !text.ends_with("ed")) || many
    }

    fn subject(&self) -> Whose {
        let ours = self.has("ours", self.subject.clone());
        let occasion = self.has("occasion", self.subject.clone());
        let outsider = self.has("outsider", self.subject.clone());
        // "This does not" ends what a sentence tells of others.
        let denied = !ours && self.not_us(self.found.end);
        let theirs = !ours && outsider && self.has("theirs", 0..self.sentence.tokens.len());
        if denied || theirs || self.not_ours() {
            return Whose::Others;
        }
        // "A user needs it on to see the page": for that user.
        let one = words()
            .class("one_user")
            .at(&self.sentence.tokens[self.subject.clone()])
            == self.subject.len();
        let one = one && !self.subject.is_empty();
        if occasion || one || (outsider && !ours) || self.later() || self.conceded(ours) {
            return Whose::Perhaps;
        }
        Whose::Ours
    }

    /// "…; we do not", "(not us)", "nothing here needs it"
    fn not_us(&self, from: usize) -> bool {
        let tokens = &self.sentence.tokens;
        let (ours, as_well) = (words().class("ours"), words().class("ours_as_well"));
        (from..tokens.len()).any(|i| {
            let not = denial(self.sentence, i);
            if not && tokens.get(i + 1).is_some_and(|next| &*next.stem == "us") {
                return true;
            }
            let near = i + 1..tokens.len().min(i + ANSWER);
            let mut after = near.clone();
            let nothing_of_ours = not
                && is_word(self.sentence, i, &["nothing", "none", "no"])
                && near.clone().any(|j| ours.at(&tokens[j..]) > 0)
                // "nothing here works without it" asks for it.
                && !near.clone().any(|j| is_word(self.sentence, j, &["without", "unless"]));
            let we_not = (ours.at(&tokens[i..]) > 0 || as_well.at(&tokens[i..]) > 0)
                && self.begins_part(i)
                && after.any(|j| denial(self.sentence, j) && self.answers(j));
            nothing_of_ours || we_not
        })
    }

    /// "…; that is their story, and not ours"
    fn not_ours(&self) -> bool {
        let tokens = &self.sentence.tokens;
        let ends = |i: usize| tokens.get(i).is_none_or(|token| token.form == Form::Mark);
        (self.found.end..tokens.len())
            .any(|i| denial(self.sentence, i) && is_word(self.sentence, i + 1, &["us", "ours"]) && ends(i + 2))
    }

    /// "do not" and "without" at the end of a clause: the rest is left to be understood.
    fn answers(&self, not: usize) -> bool {
        let next = self.sentence.tokens.get(not + 1);
        let understood = |stem: &str| {
            matches!(
                stem,
                "need" | "requir" | "care" | "it" | "do" | "so" | "reli" | "depend"
            )
        };
        next.is_none_or(|next| next.form == Form::Mark || understood(&next.stem))
    }

    /// "Version 2 will need it", "later we need it"
    fn later(&self) -> bool {
        let whole = self.whole();
        let colon = (whole.start..self.found.start)
            .rev()
            .find(|i| self.sentence.tokens[*i].is_mark(":") || self.sentence.is_turn(*i));
        let start = colon.map_or(whole.start, |i| i + 1);
        let mut parts = vec![self.subject.clone()];
        let mut end = self.subject.start;
        while end > start {
            let from = part_start(self.sentence, end - 1).max(start);
            // A clause of its own tells of something else.
            if !self.has("be", from..end) {
                parts.push(from..end);
            }
            end = from.min(end - 1);
        }
        // "Some day `x` must be on": the thing takes the words before it along.
        let thing = self.thing.clone().filter(|thing| thing.start == self.found.start);
        parts.extend(thing);
        let before = parts.into_iter().any(|part| {
            part.into_iter()
                .any(|i| is_later(self.sentence, i) || is_stage(self.sentence, i))
        });
        let after = self.found.end..self.sentence.clause_end(self.found.end.saturating_sub(1));
        let near = after.start..after.end.min(after.start + ANSWER);
        before || near.into_iter().any(|i| is_later(self.sentence, i))
    }

    /// "It works without, but …": what follows is about something else, or about no more than a part.
    fn conceded(&self, ours: bool) -> bool {
        !ours
            && (self.has("dispensable", 0..self.found.start)
                || self.has("dispensable", self.found.end..self.sentence.tokens.len()))
    }
}

fn is_word(sentence: &Sentence<'_>, at: usize, all: &[&str]) -> bool {
    sentence.tokens.get(at).is_some_and(|token| {
        token.form == Form::Word
            && all
                .iter()
                .any(|word| sentence.flow.text[token.at.clone()].eq_ignore_ascii_case(word))
    })
}

/// "the fixes that need it": what follows a noun.
fn is_led_by(stem: &str) -> bool {
    matches!(
        stem,
        "that" | "which" | "need" | "requir" | "expect" | "assum" | "presuppos" | "reli" | "depend"
    )
}

fn is_relative_clause(sentence: &Sentence<'_>, at: usize) -> bool {
    is_word(sentence, at, &["which", "who", "that", "whose"])
}

fn only_relative(sentence: &Sentence<'_>, at: Range<usize>) -> bool {
    at.len() <= 2 && at.clone().next().is_some_and(|i| is_relative_clause(sentence, i))
}

/// As [`part_start`].
pub(super) fn part_before(sentence: &Sentence<'_>, end: usize) -> usize {
    part_start(sentence, end)
}

/// Where the part of the sentence begins that ends before the token `end`: behind a mark, a turn, or a word that begins a clause.
fn part_start(sentence: &Sentence<'_>, end: usize) -> usize {
    let stop = |i: &usize| {
        sentence.is_break(*i)
            || sentence.tokens[*i].is_mark(",:()[]")
            || sentence.is_turn(*i)
            || words().class("clause").at(&sentence.tokens[*i..]) > 0
    };
    (0..end).rev().find(stop).map_or(0, |i| i + 1)
}

fn is_later(sentence: &Sentence<'_>, at: usize) -> bool {
    let not = at > 0 && words().class("not_a_negator").at(&sentence.tokens[at - 1..]) > 0;
    !not && words().class("in_time").at(&sentence.tokens[at..]) > 0
}

/// "version 2", "the second iteration", "v2", "Q3"
fn is_stage(sentence: &Sentence<'_>, at: usize) -> bool {
    let stem = |i: usize| sentence.tokens.get(i).map_or("", |token| &*token.stem);
    let stage = |i: usize| {
        sentence
            .tokens
            .get(i)
            .is_some_and(|_| words().class("stage").at(&sentence.tokens[i..]) > 0)
    };
    let number = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 1);
    let spelled = words().class("later_ordinal").at(&sentence.tokens[at..]) > 0;
    let short = stem(at)
        .strip_prefix(['v', 'q', 'V', 'Q'])
        .is_some_and(|rest| rest.len() == 1 && number(rest));
    (stage(at)
        && (number(stem(at + 1))
            || words()
                .class("later_ordinal")
                .at(sentence.tokens.get(at + 1..).unwrap_or_default())
                > 0))
        || (spelled && (stage(at + 1) || stage(at + 2)))
        || (short && part_start(sentence, at) + 2 >= at)
}
