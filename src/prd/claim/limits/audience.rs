//! For whom a flip is. Enters: a part of a sentence that tells of a flip. Leaves: the words by which it is for some: a share, people of a
//! kind, a place, whoever is left out. What the flag is about ("for the two currencies", "for video calls") is no audience: a phrase is
//! told by its last noun.

use std::ops::Range;

use super::{NEAR, Part, is_production};
use crate::prd::prose::{Form, words};

/// How many words of a phrase may stand between its preposition and its last noun.
const PHRASE: usize = 6;

/// Words that lead to who or where.
pub(super) fn is_led(stem: &str) -> bool {
    matches!(stem, "for" | "to" | "in" | "on" | "at")
}

impl Part<'_> {
    /// True if no word from `end` on goes on with the phrase: "for the demo" ends with its noun, "for the demo data" does not.
    pub(super) fn is_head(&self, end: usize) -> bool {
        let next = self.sentence.tokens.get(end).filter(|_| end < self.at.end);
        next.is_none_or(|next| next.form != Form::Word || self.is(end, "after_noun") || self.is(end, "det"))
    }

    /// Where the phrase ends that begins at `start`, behind its last noun.
    fn phrase(&self, start: usize) -> Range<usize> {
        let article = |i: usize| self.is(i, "det");
        let goes_on = |i: &usize| {
            let token = &self.sentence.tokens[*i];
            if token.form == Form::Mark {
                return token.is_mark("%\"“”'’");
            }
            token.form != Form::Word || article(*i) || (start..*i).all(article) || !self.is_head(*i)
        };
        let most = self.at.end.min(start + PHRASE);
        start..(start..most).find(|i| !goes_on(i)).unwrap_or(most)
    }

    /// The length of an entry of the class with which the phrase ends, and where it begins.
    fn last(&self, phrase: &Range<usize>, class: &str) -> Option<usize> {
        phrase
            .clone()
            .find(|i| *i + self.length(*i, class) == phrase.end && self.is(*i, class))
    }

    fn any(&self, mut at: Range<usize>, class: &str) -> bool {
        at.any(|i| self.is(i, class))
    }

    /// A name with a capital letter that is no time and no environment.
    fn is_name(&self, at: usize) -> bool {
        let Some(token) = self.sentence.tokens.get(at).filter(|token| token.form == Form::Word) else {
            return false;
        };
        let capital = self.sentence.flow.text[token.at.clone()].contains(char::is_uppercase);
        let other = ["time", "rehearsal", "test_place", "no_audience", "stage"]
            .iter()
            .any(|class| self.is(at, class));
        capital && !other && !is_production(self.sentence, at)
    }

    /// "API", "SDK"
    fn is_short(&self, at: usize) -> bool {
        let word = self.sentence.words(at..at + 1);
        word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
    }

    /// "for 5 % of users", "to half of the customers"; "with a third payment method" is none.
    pub(super) fn share(&self) -> Option<Range<usize>> {
        self.at.clone().find_map(|i| {
            let leads = matches!(self.stem(i), "for" | "to" | "at" | "with");
            let near = i + 1..self.at.end.min(i + NEAR);
            if !leads || self.is_more(i) || !self.opens(i, &self.phrase(i + 1)) {
                return None;
            }
            let percent = |j: usize| matches!(self.stem(j), "%" | "percent");
            let people = |j: usize| (j + 1..self.at.end.min(j + 1 + NEAR)).any(|k| self.is(k, "people"));
            let counts = |j: &usize| {
                let next = self.stem(j + 1);
                let some = self.is(*j, "share") && self.stem(i) != "with";
                // "for 99% availability" is no share.
                let whole = next == "of" || self.is_head(j + 1) || self.is(j + 1, "people");
                (percent(*j) && self.stem(j - 1) != "100" && whole)
                    || (some && (next == "of" || self.is_head(j + 1) && (!self.is(j + 1, "det") || people(*j))))
            };
            let share = near.clone().find(counts)?;
            let broken = (near.start..share).any(|j| self.sentence.tokens[j].is_mark(",;()"));
            let of = matches!(self.stem(share + 1), "of").then(|| self.rest(i).end);
            (!broken).then_some(i..of.unwrap_or(share + 1))
        })
    }

    /// "everywhere except production", "but not for everybody", "not in production yet"
    pub(super) fn left_out(&self) -> Option<Range<usize>> {
        self.at.clone().find_map(|i| {
            let except = self.length(i, "except_for");
            if self.but_for(i) {
                return Some(self.rest(i));
            }
            if except > 0 && i > self.at.start {
                let rest = self.rest(i);
                // "except that the banner stays"
                let of_us = !matches!(self.stem(i + except), "that" | "where" | "when");
                let led = self.any(self.at.start..i, "everybody") || self.some(&self.phrase(i + except));
                return (of_us && led && rest.end > i + except).then_some(rest);
            }
            if !matches!(self.stem(i), "not" | "never") {
                return None;
            }
            let yet = usize::from(self.stem(i + 1) == "yet");
            let start = i + 1 + yet + usize::from(is_led(self.stem(i + 1 + yet)));
            let phrase = self.phrase(start);
            let everybody = phrase.start < self.at.end && self.is(phrase.start, "everybody");
            let production = phrase.clone().any(|j| is_production(self.sentence, j));
            let led = start > i + 1 + yet;
            (everybody || (led && (production || self.some(&phrase)))).then(|| self.rest(i))
        })
    }

    /// "for all customers but the pilot hotels", "everywhere but in production"
    pub(super) fn but_for(&self, at: usize) -> bool {
        let near = at.saturating_sub(NEAR).max(self.at.start)..at;
        let every = near.clone().any(|i| self.is(i, "everybody"));
        let parted = near.into_iter().any(|i| self.sentence.tokens[i].is_mark(",;—:()"));
        let start = at + 1 + usize::from(is_led(self.stem(at + 1)));
        self.stem(at) == "but" && every && !parted && self.some(&self.phrase(start))
    }

    /// "not only for the beta group": for more than these.
    pub(super) fn is_more(&self, at: usize) -> bool {
        let only = |i: usize| matches!(self.stem(i), "onli" | "just" | "mere" | "sole" | "exclus" | "simpli");
        let denied = |i: usize| match self.stem(i) {
            "not" | "never" | "than" | "longer" => true,
            "of" => i > 0 && self.stem(i - 1) == "instead",
            _ => false,
        };
        at >= 2 && only(at - 1) && denied(at - 2)
    }

    /// True for a phrase that names people, or a place of theirs.
    fn some(&self, phrase: &Range<usize>) -> bool {
        let ends = ["people", "some_alone", "place", "rehearsal"].iter();
        let named = phrase.clone().any(|i| is_production(self.sentence, i));
        named || ends.into_iter().any(|class| self.last(phrase, class).is_some())
    }

    /// "for internal users", "for beta customers", "for all users in Lisbon", "in two countries", "only for video calls"
    pub(super) fn audience(&self) -> Option<Range<usize>> {
        self.at.clone().find_map(|i| {
            if self.sentence.tokens[i].form != Form::Word || !is_led(self.stem(i)) || self.is_more(i) {
                return None;
            }
            let phrase = self.phrase(i + 1);
            // "on to support iOS" leads to nobody; the "to" begins a phrase of its own.
            if phrase.is_empty() || is_led(self.stem(i + 1)) || matches!(self.stem(i + 1), "not" | "never") {
                return None;
            }
            let limited = self.chosen(i, &phrase) || self.is_only(i, &phrase);
            let qualified = || self.qualifier(&phrase);
            match limited {
                true => Some(i..phrase.end),
                false => qualified().map(|end| i..end),
            }
        })
    }

    /// "for the beta customers", "for employees", "to 20 hotels", "in Portugal"
    fn chosen(&self, at: usize, phrase: &Range<usize>) -> bool {
        let kind = |at: Range<usize>| self.any(at, "some_kind");
        if self.last(phrase, "place").is_some() && self.opens(at, phrase) {
            return true;
        }
        let (leads, every) = (self.stem(at), self.any(phrase.clone(), "everybody"));
        if leads == "on" {
            return false;
        }
        if leads != "in"
            && leads != "at"
            && !every
            && self.last(phrase, "some_alone").is_some()
            && self.opens(at, phrase)
        {
            return true;
        }
        let Some(noun) = self.last(phrase, "people") else {
            return false;
        };
        if every {
            return kind(phrase.start + 1..noun);
        }
        if leads == "in" || leads == "at" {
            let numbered = (phrase.start..noun).any(|j| self.sentence.tokens[j].form == Form::Number);
            return self.last(phrase, "people_place").is_some() && (kind(phrase.start..noun) || numbered);
        }
        let plain = |j: usize| {
            let article = words().class("det").has(self.stem(j)) && self.stem(j) != "one";
            article || matches!(self.stem(j), "end" | "exist" | "of" | "real" | "other")
        };
        self.opens(at, phrase) && (phrase.start..noun).any(|j| !plain(j))
    }

    /// "to help new users" and "for supporting iOS" begin with what is done, and lead to nobody.
    fn opens(&self, at: usize, phrase: &Range<usize>) -> bool {
        let first = phrase.start;
        let classes = [
            "det",
            "some_kind",
            "some_alone",
            "people",
            "share",
            "place",
            "everybody",
            "roughly",
        ];
        let told = || classes.iter().any(|class| self.is(first, class));
        let number = || {
            self.sentence
                .tokens
                .get(first)
                .is_some_and(|token| token.form == Form::Number)
        };
        let doing = || phrase.len() > 1 && self.sentence.words(first..first + 1).ends_with("ing") && !told();
        match self.stem(at) {
            "to" => number() || told(),
            "for" => !doing(),
            _ => true,
        }
    }

    /// "only for video calls", "for hotels alone": whoever it is for, others are left out.
    fn is_only(&self, at: usize, phrase: &Range<usize>) -> bool {
        let only = |i: usize| matches!(self.stem(i), "onli" | "just" | "mere" | "sole" | "exclus");
        let before = at > self.at.start && only(at - 1);
        let after = phrase.end < self.at.end && (only(phrase.end) || self.stem(phrase.end) == "alon");
        let others = [
            "time",
            "stage",
            "rehearsal",
            "no_audience",
            "test",
            "test_place",
            "in_time",
        ];
        let other = others.iter().any(|class| self.any(phrase.clone(), class));
        let code = phrase.clone().any(|i| self.sentence.tokens[i].form == Form::Code);
        let production = phrase.clone().any(|i| is_production(self.sentence, i));
        (before || after) && !other && !code && !production && !self.any(phrase.clone(), "everybody")
    }

    /// Where the words end by which people, or everybody, are some: "users in Lisbon", "everyone who opted in".
    fn qualifier(&self, phrase: &Range<usize>) -> Option<usize> {
        let end = phrase.end;
        let people = self.last(phrase, "people").is_some();
        let every = self.last(phrase, "everybody").is_some() && self.stem(end - 1) != "default";
        if end >= self.at.end || !(people || every) {
            return None;
        }
        let next = self.phrase(end + 1);
        let code = next.clone().any(|i| self.sentence.tokens[i].form == Form::Code);
        let work = ["no_audience", "time", "stage", "everybody", "by_means"]
            .iter()
            .any(|class| self.any(next.clone(), class));
        let placed = || self.last(&next, "place").is_some();
        let named = || placed() || next.clone().any(|i| self.is_name(i));
        let of_kind = |noun: usize| self.any(next.start..noun, "some_kind");
        let some = || self.last(&next, "some_alone").is_some() || self.last(&next, "people").is_some_and(of_kind);
        let there = || self.last(&next, "people_place").is_some();
        let qualifies = match self.stem(end) {
            "who" | "whose" => true,
            "that" => people,
            "with" => people && !work && !code && !next.is_empty(),
            "in" | "on" | "from" | "at" => !work && !code && (named() || some() || there()),
            // "of the API"
            "of" => {
                !work && !code && (placed() || next.clone().any(|i| self.is_name(i) && !self.is_short(i)) || some())
            }
            _ => false,
        };
        qualifies.then(|| self.rest(end).end)
    }
}
