//! What one document speaks of in its own words while another one makes it, changes it or takes it away. Enters: the documents, what they touch. Leaves:
//! [`Spoken`]: the two passages belong side by side, and a person decides whether the same thing is meant.
//!
//! Who writes a document hardly ever spells the names of somebody else's: a component `DateRangePicker` is "the date range picker" there, a
//! column `customers.phone` "the phone column of the customers table", and a field that goes by the name `total` here is the `total` that is
//! read there, though the code has many of that name. Words that many documents of the wave have in common tell nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Certainty, Target, TargetKind, Touchpoint};
use crate::prd::prose::{Form, Token, stem, tokens_of, words};
use crate::prd::{Access, Contract, Mention, MentionKind, Passage, Prd, PrdId};
use crate::source::Span;

/// What is spoken of in more documents than one in so many, and in more than these few, is a word of the wave.
const SHARE: usize = 4;
const SOME: usize = 3;

/// Shorter names are anybody's.
const SHORTEST: usize = 3;

/// So many words may stand between the table and the column of it, or between the words of an event.
const NEAR: usize = 3;

/// One document speaks of what another one does something to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spoken {
    /// Who does something to it.
    pub by: PrdId,
    /// Who speaks of it.
    pub of: PrdId,
    /// What, as the one spells it that does something to it.
    pub name: String,
    /// What is done to it.
    pub deed: Deed,
    /// The words in which the other one speaks of it.
    pub words: String,
    /// Where it is said what is done.
    pub done: Span,
    /// Where it is spoken of.
    pub said: Span,
}

/// What a document does to a thing that another one speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Deed {
    /// It takes it away, or gives it another name.
    Goes,
    /// It changes how it is used.
    Changes,
    /// A column may be empty no more: who puts rows into its table without it fails.
    Mandatory,
    /// It makes it.
    Makes,
}

/// A thing to which a document does something.
struct Thing<'a> {
    prd: usize,
    name: String,
    /// What it is, where that is known.
    kind: Option<TargetKind>,
    deed: Deed,
    span: Span,
    /// Its own words, without endings.
    words: Vec<Box<str>>,
    /// The words of its table.
    table: Vec<Box<str>>,
    prds: &'a [Prd],
}

/// What documents speak of that others do something to, sorted; one for each pair and name.
#[must_use]
pub fn spoken(prds: &[Prd], points: &[Touchpoint]) -> Vec<Spoken> {
    let things = things(prds, points);
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, thing) in things.iter().enumerate() {
        if matches!(thing.deed, Deed::Goes | Deed::Changes) {
            by_name.entry(bare(&thing.name)).or_default().push(at);
        }
        let heads = match (thing.deed, thing.kind) {
            (Deed::Mandatory, _) => thing.table.iter().take(1).collect::<Vec<_>>(),
            (_, Some(TargetKind::Event)) => thing.words.iter().collect(),
            _ => thing.words.iter().take(1).collect(),
        };
        for head in heads {
            by_word.entry(head).or_default().push(at);
        }
    }
    let mut found: BTreeMap<usize, Vec<Spoken>> = BTreeMap::new();
    for (at, prd) in prds.iter().enumerate() {
        for (name, span) in code_names(prd) {
            for &thing in by_name.get(name.as_str()).into_iter().flatten() {
                let one = &things[thing];
                if one.prd != at && !one.is_done_by(at, &things) {
                    found
                        .entry(thing)
                        .or_default()
                        .push(one.spoken(prd, format!("`{name}`"), span));
                }
            }
        }
        for passage in prd.passages.iter().filter(|passage| !passage.past) {
            let tokens = tokens_of(&passage.text);
            if words().class("unconcerned").within(&tokens) || words().class("history").within(&tokens) {
                continue;
            }
            for i in 0..tokens.len() {
                let head = (tokens[i].form != Form::Mark)
                    .then(|| by_word.get(&*plain_stem(&tokens[i])))
                    .flatten();
                for &thing in head.into_iter().flatten() {
                    let one = &things[thing];
                    if one.prd == at || one.is_done_by(at, &things) {
                        continue;
                    }
                    if let Some(said) = one.said(passage, &tokens, i) {
                        found
                            .entry(thing)
                            .or_default()
                            .push(one.spoken(prd, said, passage.span));
                    }
                }
            }
        }
    }
    let known = |one: &[Spoken]| {
        let documents: BTreeSet<&PrdId> = one.iter().map(|spoken| &spoken.of).collect();
        documents.len() > SOME && documents.len() * SHARE > prds.len()
    };
    let mut out: Vec<Spoken> = found.into_values().filter(|one| !known(one)).flatten().collect();
    out.sort();
    out.dedup_by(|later, earlier| (&later.by, &later.of, &later.name) == (&earlier.by, &earlier.of, &earlier.name));
    out
}

impl Thing<'_> {
    fn spoken(&self, of: &Prd, words: String, said: Span) -> Spoken {
        Spoken {
            by: self.prds[self.prd].id.clone(),
            of: of.id.clone(),
            name: self.name.clone(),
            deed: self.deed,
            words,
            done: self.span,
            said,
        }
    }

    /// True if the document does the same to a thing of this name: then both know of it.
    fn is_done_by(&self, prd: usize, things: &[Thing<'_>]) -> bool {
        things
            .iter()
            .any(|other| other.prd == prd && bare(&other.name) == bare(&self.name))
    }

    /// The words at the token `at` of a passage, if they speak of this.
    fn said(&self, passage: &Passage, tokens: &[Token], at: usize) -> Option<String> {
        let quote =
            |from: usize, to: usize| format!("“{}”", &passage.text[tokens[from].at.start..tokens[to - 1].at.end]);
        if self.deed == Deed::Mandatory {
            let rows = words().doing("puts_rows").within(tokens);
            let named = tokens
                .iter()
                .any(|token| phrase(tokens, index_of(tokens, token), &self.words).is_some());
            let end = phrase(tokens, at, &self.table)?;
            return (rows && !named).then(|| quote(at, end));
        }
        if self.kind == Some(TargetKind::Event) {
            return self.event(tokens, at).map(|(from, to)| quote(from, to));
        }
        let end = phrase(tokens, at, &self.words)?;
        // "a new date range picker" is another one.
        let fresh = tokens[..at].iter().rev().take(2).any(|token| &*token.stem == "new");
        let class = match self.kind {
            Some(TargetKind::Column) => "spoken_column",
            Some(TargetKind::Route) => "spoken_route",
            Some(TargetKind::Table) => "spoken_table",
            _ => "spoken_kind",
        };
        let kind = |at: usize| words().doing(class).at(tokens.get(at..).unwrap_or_default());
        let noun = kind(end);
        let table = !self.table.is_empty() && (0..tokens.len()).any(|i| phrase(tokens, i, &self.table).is_some());
        let meant = match self.kind {
            Some(TargetKind::Column) => (self.table.is_empty() || table) && (noun > 0 || self.words.len() > 1),
            Some(TargetKind::Route | TargetKind::Table) => noun > 0,
            // `in_stock` that somebody makes may be a value, and "in stock" any words.
            Some(TargetKind::Symbol) if self.deed == Deed::Makes && !self.name.contains(char::is_uppercase) => noun > 0,
            _ => noun > 0 || self.is_telling(),
        };
        (meant && !fresh).then(|| quote(at, end + noun))
    }

    /// More than one word, of which one at least is not anybody's.
    fn is_telling(&self) -> bool {
        let plain = |word: &str| words().class("plain_words").has(word) || words().class("not_distinctive").has(word);
        self.words.len() > 1
            && !self.words.iter().all(|word| plain(word))
            && self.words.iter().map(|word| word.len()).sum::<usize>() >= 7
    }

    /// "the event for a completed lesson": the words of an event in any order, in a passage about events that are ours.
    fn event(&self, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
        let talk = tokens.iter().any(|token| words().doing("event_talk").has(&token.stem));
        let vendor = tokens.iter().any(|token| words().doing("vendors").has(&token.stem));
        if !talk || vendor || self.words.len() < 2 {
            return None;
        }
        let end = tokens.len().min(at + self.words.len() + NEAR - 1);
        let ends: Option<Vec<usize>> = self
            .words
            .iter()
            .map(|word| (at..end).find(|i| *plain_stem(&tokens[*i]) == **word))
            .collect();
        ends?.into_iter().max().map(|last| (at, last + 1))
    }
}

fn index_of(tokens: &[Token], token: &Token) -> usize {
    tokens.partition_point(|other| other.at.start < token.at.start)
}

/// Where the words end, if they begin at the token `at`; an article may stand between two.
fn phrase(tokens: &[Token], at: usize, words: &[Box<str>]) -> Option<usize> {
    let mut next = at;
    for (i, word) in words.iter().enumerate() {
        let filler = |at: usize| {
            tokens
                .get(at)
                .is_some_and(|token| matches!(&*token.stem, "the" | "a" | "an"))
        };
        if i > 0 && filler(next) {
            next += 1;
        }
        let token = tokens.get(next).filter(|token| token.form != Form::Mark)?;
        if *plain_stem(token) != **word {
            return None;
        }
        next += 1;
    }
    (!words.is_empty()).then_some(next)
}

/// The stem of a word; of a name in code, that of its only word.
fn plain_stem(token: &Token) -> Box<str> {
    match token.form {
        Form::Code => stem(&token.stem),
        _ => token.stem.clone(),
    }
}

/// The names in code voice of a document that are not denied, whole and in parts: `useHistory` of `useHistory().push`. What is told of how things came
/// to be uses nothing.
fn code_names(prd: &Prd) -> BTreeSet<(String, Span)> {
    let now = |span: Span| {
        !prd.passages
            .iter()
            .any(|passage| passage.past && passage.span.contains(span))
    };
    let mut out = BTreeSet::new();
    let mut add = |name: &str, span: Span| {
        if name.len() >= SHORTEST {
            out.insert((name.to_owned(), span));
        }
    };
    let fit = |c: char| c.is_alphanumeric() || "_$".contains(c);
    for named in prd.named.iter().filter(|named| now(named.span)) {
        // A text in quotation marks is no code.
        let prose = named.text.split_whitespace().count() > 2 && !named.text.contains(['(', '{', '=', '[', '/']);
        if !prose {
            named
                .text
                .split(|c: char| !fit(c))
                .for_each(|part| add(part, named.span));
            named
                .text
                .split(|c: char| !(fit(c) || c == '.'))
                .for_each(|part| add(part, named.span));
        }
        add(bare(&named.text), named.span);
    }
    let said = |mention: &&Mention| !mention.negated && !mention.sample && now(mention.span);
    for mention in prd.mentions.iter().filter(said) {
        let whole = bare(&mention.text);
        add(whole, mention.span);
        if mention.kind == MentionKind::Symbol {
            add(whole.rsplit('.').next().unwrap_or(whole), mention.span);
        }
    }
    out
}

/// `Geocode` of `geo.Geocode(name)`, `/avatars` of `POST /avatars`, `server` of `[server]`; of a path and a dotted name the whole.
fn bare(name: &str) -> &str {
    let name = name
        .split_once(' ')
        .map_or(name, |(method, path)| if path.starts_with('/') { path } else { method });
    let called = name.find('(').filter(|end| *end > 0);
    let name = &name[..called.unwrap_or(name.len())];
    let name = name.trim_matches(['[', ']', '<', '>', '"', '\'', ':', '=', '`']);
    match name
        .rsplit_once("::")
        .or_else(|| name.rsplit_once('.').filter(|_| called.is_some()))
    {
        Some((_, last)) => last,
        None => name,
    }
}

/// Everything to which documents do something that others must know of.
fn things<'a>(prds: &'a [Prd], points: &[Touchpoint]) -> Vec<Thing<'a>> {
    let mut out: Vec<Thing<'a>> = Vec::new();
    for (at, prd) in prds.iter().enumerate() {
        let mut add = |name: &str, kind: Option<TargetKind>, deed: Deed, span: Span| {
            let known = out
                .iter()
                .any(|thing: &Thing<'_>| thing.prd == at && bare(&thing.name) == bare(name) && thing.deed == deed);
            if !known && name.len() >= SHORTEST {
                let (words, table) = words_of(name, kind);
                let name = name.to_owned();
                out.push(Thing {
                    prd: at,
                    name,
                    kind,
                    deed,
                    span,
                    words,
                    table,
                    prds,
                });
            }
        };
        for point in points.iter().filter(|point| point.prd == prd.id) {
            done(point, prd, &mut add);
        }
        for mention in prd
            .mentions
            .iter()
            .filter(|mention| !mention.negated && !mention.sample)
        {
            let deed = match mention.contract {
                Some(Contract::Gone) => Deed::Goes,
                Some(Contract::Changed) => Deed::Changes,
                None => continue,
            };
            add(&mention.text, None, deed, mention.span);
        }
        for one in &prd.leaving {
            add(&one.text, None, Deed::Goes, one.span);
        }
    }
    out
}

/// What a touchpoint does to its thing.
fn done(point: &Touchpoint, prd: &Prd, add: &mut impl FnMut(&str, Option<TargetKind>, Deed, Span)) {
    let Target { kind, name, .. } = &point.target;
    let Some(&span) = point.contract.first().or(point.because.first()) else {
        return;
    };
    if !point.contract.is_empty() {
        let deed = if point.gone { Deed::Goes } else { Deed::Changes };
        add(name, Some(*kind), deed, span);
        return;
    }
    let sure = point.certainty >= Certainty::Mentioned;
    if sure && point.access == Access::Create && !point.exists {
        add(name, Some(*kind), Deed::Makes, span);
    }
    if sure && *kind == TargetKind::Column && point.access == Access::Write && point.exists {
        let passage = |span: Span| prd.passages.iter().find(move |passage| passage.span.contains(span));
        let mandatory = point
            .because
            .iter()
            .filter_map(|span| passage(*span))
            .any(|passage| words().doing("mandatory").within(&tokens_of(&passage.text)));
        add(name, Some(*kind), Deed::Changes, span);
        if mandatory {
            add(name, Some(*kind), Deed::Mandatory, span);
        }
    }
}

/// The words of a name, and those of the table that it is in.
fn words_of(name: &str, kind: Option<TargetKind>) -> (Vec<Box<str>>, Vec<Box<str>>) {
    let bare = bare(name);
    let (own, table) = match kind {
        Some(TargetKind::File) => {
            let file = bare.rsplit('/').next().unwrap_or(bare);
            (file.split('.').next().unwrap_or(file), "")
        }
        Some(TargetKind::Route) => {
            let mut fixed = bare
                .rsplit('/')
                .filter(|part| !part.is_empty() && !part.starts_with([':', '{']));
            (fixed.next().unwrap_or_default(), "")
        }
        Some(TargetKind::Event) => (bare, ""),
        Some(TargetKind::Column) => bare.rsplit_once('.').map_or((bare, ""), |(table, own)| (own, table)),
        _ => (bare.rsplit(['.', '/']).next().unwrap_or(bare), ""),
    };
    (split(own), split(table))
}

/// The words of which a name is made, without their endings.
fn split(name: &str) -> Vec<Box<str>> {
    let mut spaced = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    let parts = spaced
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    parts.map(stem).collect()
}

#[cfg(test)]
mod tests;
