//! What a document claims. Enters: its blocks and their contexts. Leaves: [`Statement`]s: what it ships behind a flag, what it
//! assumes, what its tests set, when flags flip, what it comes after. Knows nothing of other documents.
//!
//! A rule of `rules/prose/claims.toml` finds the words; `mood` decides whether they are meant; `flags` and `order` make the claim.

mod defaults;
mod flags;
mod grid;
mod it;
mod limits;
mod listed;
mod mood;
mod named;
mod order;
mod others;
mod rule;
mod sequence;
mod setup;
mod state;
mod switch;
mod the_flag;
mod turns;
mod unmeant;
mod when;
mod whose;
mod wrecks;

use std::collections::BTreeSet;
use std::ops::Range;

pub(crate) use defaults::told as default_told;
use named::{Named, together};
use rule::{Kind, Rule, rules};
pub(crate) use when::{THIS_PRD, flip_of};

use super::context::Context;
use super::markdown::{Block, BlockKind};
use super::names;
use super::prose::pattern::{Match, Vocabulary};
use super::prose::{Form, Sentence, sentences, words};
use super::reference;
use super::titles::Titled;
use super::{Claim, Flip, KnownNames, Mention, MentionKind, PrdId, Statement};
use crate::flag::{FlagKey, FlagValue};
use crate::source::{FileId, Span};

/// In bytes, how far behind a flag "it" still is the flag.
const NEAR_BY: u32 = 80;

/// The document that is read.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a> {
    /// Its blocks.
    pub(crate) blocks: &'a [Block],
    /// What surrounds each.
    pub(crate) contexts: &'a [Context],
    /// Its text.
    pub(crate) file: FileId,
    /// Its id: what it says of itself is no reference.
    pub(crate) id: &'a PrdId,
    /// What is known of names: flags, and what the other documents are called.
    pub(crate) names: &'a KnownNames,
}

/// A rule that fits, in the sentence that it fits.
struct Hit<'a> {
    rule: &'static Rule,
    found: Match,
    sentence: &'a Sentence<'a>,
    /// The sentences of the block from this one on: what follows may tell the default.
    rest: &'a [Sentence<'a>],
    references: &'a [Range<usize>],
    /// The titles of other documents, by their tokens.
    titles: &'a [Titled],
    context: Context,
    /// The document that says it.
    own: &'a PrdId,
}

/// The statements of a document's body, in the order of the text.
pub(crate) fn find(document: Document<'_>, mentions: &[Mention]) -> Vec<Statement> {
    let named = mentions
        .iter()
        .filter(|mention| mention.kind == MentionKind::Flag && !mention.sample);
    let mut reader = Reader {
        document,
        keys: named.map(|mention| mention.text.clone()).collect(),
        own_place: false,
        in_a_state: BTreeSet::new(),
        out: Vec::new(),
    };
    // First what the document ships: it tells which flag "the flag" is.
    reader.blocks(|kind| kind == Kind::Introduces);
    let mut own: BTreeSet<FlagKey> = BTreeSet::new();
    for statement in &reader.out {
        if let Claim::Introduces { key: Some(key), .. } = &statement.claim {
            reader.keys.insert(key.to_string());
            own.insert(key.clone());
        }
    }
    reader.blocks(|kind| kind != Kind::Introduces);
    let told_of = reader.only_told_of();
    own.retain(|key| !told_of.contains(key));
    let shipped = own.clone();
    let the_flag = match (own.len(), reader.keys.len()) {
        (1, _) => own.pop_first(),
        (0, 1) => reader.keys.first().map(|key| FlagKey::new(key)),
        _ => None,
    };
    reader.out.sort_by_key(|statement| statement.span);
    the_flag::name_the_flag(&mut reader.out, the_flag.as_ref());
    // What a document says of the flag that it ships is no assumption: both states are its business.
    let assumes_own = |claim: &Claim| matches!(claim, Claim::Assumes { key: Some(key), .. } if shipped.contains(key));
    reader.out.retain(|statement| !assumes_own(&statement.claim));
    the_flag::drop_both_states(&mut reader.out, &reader.in_a_state);
    order::titles(document, &mut reader.out);
    reader.out.sort_by_key(|statement| statement.span);
    reader
        .out
        .dedup_by(|later, earlier| later.claim == earlier.claim && earlier.span.contains(later.span));
    reader.out
}

/// Gives the document's id to what front matter says of "this PRD".
pub(crate) fn name_itself(statements: &mut [Statement], id: &PrdId) {
    for statement in statements {
        if let Claim::PlansFlip { when, .. } | Claim::Introduces { flips: Some(when), .. } = &mut statement.claim
            && matches!(when, Flip::WithPrd(prd) if prd == THIS_PRD)
        {
            *when = Flip::WithPrd(id.0.clone());
        }
    }
}

/// Every flag that some statement names.
pub(crate) fn keys(statements: &[Statement]) -> BTreeSet<String> {
    let key = |statement: &Statement| match &statement.claim {
        Claim::Introduces { key, .. }
        | Claim::Assumes { key, .. }
        | Claim::Stubs { key, .. }
        | Claim::PlansFlip { key, .. } => key.clone(),
        Claim::States { key, .. } => Some(key.clone()),
        Claim::DependsOn { .. } | Claim::Before { .. } | Claim::Foundation | Claim::Hotfix | Claim::Bumps => None,
    };
    statements.iter().filter_map(key).map(|key| key.to_string()).collect()
}

/// "Flag: `x` must be on": the label names a flag that is there, and what it must be.
fn asks_for(hit: &Hit<'_>) -> bool {
    let rest = &hit.sentence.tokens[hit.found.at.end..];
    let must = words().class("must").at(rest);
    let be = rest.get(must).is_some_and(|token| &*token.stem == "be");
    let toggled = |class: &&str| words().class(class).at(&rest[must + 1..]) > 0;
    must > 0 && be && ["toggled_on", "toggled_off"].iter().any(toggled)
}

struct Reader<'a> {
    document: Document<'a>,
    /// Names that the document calls flags.
    keys: BTreeSet<String>,
    /// Within a list of an order: this document's own entry has been passed, and what follows comes behind it.
    own_place: bool,
    /// Where something is told of one state, of which elsewhere the other may be told.
    in_a_state: BTreeSet<Span>,
    out: Vec<Statement>,
}

impl Reader<'_> {
    /// "The sheet is hidden behind `x`, so `x` must be on": flags that somebody else has settled and this document needs, of which it does not say
    /// the default. It tells what stands behind them, and that it ships them is taken back.
    fn only_told_of(&mut self) -> BTreeSet<FlagKey> {
        let names = self.document.names;
        let needed = |key: &FlagKey| {
            self.out.iter().any(|statement| match &statement.claim {
                Claim::Assumes { key: Some(other), .. } => other == key,
                // "the flag must be on", where one flag alone is named
                Claim::Assumes { key: None, phrase, .. } => self.keys.len() == 1 && the_flag::names_none(phrase),
                _ => false,
            })
        };
        let ships = |statement: &Statement| match &statement.claim {
            Claim::Introduces {
                key: Some(key),
                default,
                ..
            } => Some((key.clone(), *default)),
            _ => None,
        };
        let mut told_of: BTreeSet<FlagKey> = self.out.iter().filter_map(ships).map(|(key, _)| key).collect();
        told_of.retain(|key| names.is_settled(key.as_str()) && needed(key));
        for (key, default) in self.out.iter().filter_map(ships) {
            if default != FlagValue::Unknown {
                told_of.remove(&key);
            }
        }
        self.out
            .retain(|statement| ships(statement).is_none_or(|(key, _)| !told_of.contains(&key)));
        told_of
    }

    fn blocks(&mut self, wanted: impl Fn(Kind) -> bool) {
        let mut head: Option<&Block> = None;
        // The flag of the item just before, of which the default was not told.
        let mut untold: Option<usize> = None;
        for (block, context) in self.document.blocks.iter().zip(self.document.contexts) {
            head = head.or(Some(block)).filter(|_| block.kind == BlockKind::Row);
            let heading = matches!(block.kind, BlockKind::Heading(_));
            self.own_place &= !heading && context.depends;
            if block.kind == BlockKind::Code || context.negated || context.silent {
                continue;
            }
            let named = Named::of(block, self.document);
            if heading {
                untold = None;
                // A heading names work: "Turn `x` on", "Bump the version".
                for sentence in sentences(&block.flow) {
                    self.sentence(std::slice::from_ref(&sentence), &named, *context, &|kind| {
                        matches!(kind, Kind::Flips | Kind::Bumps) && wanted(kind)
                    });
                }
                continue;
            }
            let listed =
                wanted(Kind::Introduces) && !context.depends && !context.assumptions && named.references.is_empty();
            if let Some(head) = head.filter(|_| listed) {
                self.out.extend(grid::introduced(head, block, self.document.file));
            }
            if let Some(head) = head.filter(|_| wanted(Kind::Flips)) {
                self.out.extend(grid::turned((head, block), self.document));
            }
            if let Some(head) = head.filter(|_| wanted(Kind::Assumes)) {
                self.out.extend(grid::needed(head, block, *context, self.document.file));
            }
            if let Some(head) = head.filter(|_| wanted(Kind::Depends)) {
                sequence::in_a_column((head, block), &named, self.document, &mut self.out);
            }
            let all = sentences(&block.flow);
            defaults::of_the_item_before(block, &all, &mut untold, &mut self.out);
            let before = self.out.len();
            for at in 0..all.len() {
                self.sentence(&all[at..], &named, *context, &wanted);
                if wanted(Kind::Introduces) && named.sure(&all[at]).is_empty() {
                    let known = (&self.keys, self.document);
                    switch::ships(&all[at..], known, (*context, at == 0), &mut self.out);
                }
                if wanted(Kind::Depends) {
                    sequence::told(&all[at], &named, self.document, &mut self.out);
                }
                // The cells of a row are read by the heads of their columns.
                if wanted(Kind::Assumes) && block.kind != BlockKind::Row {
                    let references = reference::in_tokens(&all[at], &named.references);
                    let place = (*context, self.document.file);
                    listed::needs(&all[at], &references, &self.keys, place, &mut self.out);
                }
            }
            untold = defaults::untold(block, before, &self.out).or(untold);
        }
    }

    fn sentence(&mut self, rest: &[Sentence<'_>], named: &Named, context: Context, wanted: &impl Fn(Kind) -> bool) {
        let sentence = &rest[0];
        let (references, titles) = (named.sure(sentence), named.titles(sentence));
        let with_titles = together(&references, &titles);
        let words_only = sentence.tokens.iter().filter(|token| token.form != Form::Mark);
        let vocabulary = Vocabulary::new(words_only.map(|token| &*token.stem));
        let mut taken: Vec<(Kind, Range<usize>)> = Vec::new();
        let others = |rule: &Rule| if rule.titled { &*with_titles } else { &*references };
        for rule in rules()
            .iter()
            .filter(|rule| wanted(rule.kind) && rule.only.is_none_or(|only| only.holds(context)))
        {
            for found in rule
                .patterns
                .iter()
                .filter(|pattern| pattern.may_fit(&vocabulary))
                .flat_map(|pattern| pattern.find(sentence, others(rule)))
            {
                let overlaps = |(kind, at): &(Kind, Range<usize>)| {
                    rule.kind.yields_to(*kind) && at.start < found.at.end && found.at.start < at.end
                };
                let hit = Hit {
                    rule,
                    found: found.clone(),
                    sentence,
                    rest,
                    references: others(rule),
                    titles: &titles,
                    context,
                    own: self.document.id,
                };
                if taken.iter().any(overlaps) || !self.fits(&hit) {
                    continue;
                }
                let open = !mood::stands(&hit);
                if open && !mood::is_open(&hit) {
                    continue;
                }
                let before = self.out.len();
                self.claim(&hit);
                if open {
                    // A question claims nothing for sure.
                    self.out[before..]
                        .iter_mut()
                        .for_each(|statement| statement.scene = true);
                    continue;
                }
                if rule.firm {
                    self.in_a_state
                        .extend(self.out[before..].iter().map(|statement| statement.span));
                }
                if self.out.len() > before {
                    taken.push((rule.kind, found.at));
                }
            }
        }
        for (kind, listed) in [(Kind::Depends, context.depends), (Kind::Before, context.before)] {
            if wanted(kind) && listed {
                let found = (&*with_titles, &*titles);
                self.own_place |= sequence::opens_with_itself(sentence, self.document);
                let kind = if self.own_place { Kind::Before } else { kind };
                order::listed((kind, named.row), self.document, sentence, found, &mut self.out);
            }
        }
    }

    /// What a rule wants of its `<thing>`.
    fn fits(&self, hit: &Hit<'_>) -> bool {
        let thing = hit.found.thing.clone().unwrap_or_else(|| hit.found.at.clone());
        let tokens = &hit.sentence.tokens[thing.clone()];
        if hit
            .rule
            .unless
            .as_deref()
            .is_some_and(|class| words().class(class).within(tokens))
            || !ends_in_a_state(hit)
            || !self.stands_well(hit)
        {
            return false;
        }
        match hit.rule.within.as_deref() {
            None => true,
            Some("flag") => {
                let around = &hit.sentence.tokens[hit.found.at.clone()];
                let names_one = |at: usize| flags::names_one(hit.sentence, at, &self.keys);
                words().class("flagword").within(around)
                    || self.it_is_a_flag(hit)
                    || thing.clone().any(names_one)
                    || tokens
                        .iter()
                        .any(|token| token.form == Form::Code && flags::sets_flags(&token.stem))
            }
            Some(class) => words().class(class).within(tokens),
        }
    }

    /// "Requires `x` on. Unit tests stub it.": "it" right after a flag is the flag.
    fn it_is_a_flag(&self, hit: &Hit<'_>) -> bool {
        let sentence = hit.sentence;
        let said = &sentence.tokens[hit.found.at.clone()];
        let it = hit.found.thing.is_none() && said.iter().any(|token| &*token.stem == "it");
        let here = (0..hit.found.at.start).any(|at| flags::names_one(sentence, at, &self.keys));
        let start = sentence
            .bytes(0..sentence.tokens.len())
            .in_file(self.document.file)
            .bytes
            .start;
        let before = self.out.last().is_some_and(|last| {
            let end = last.span.bytes.end;
            matches!(last.claim, Claim::Assumes { .. }) && end <= start && start - end < NEAR_BY
        });
        it && (here || before)
    }

    /// What a rule wants of the words before its match, of its place and of its `<thing>`'s name.
    fn stands_well(&self, hit: &Hit<'_>) -> bool {
        let start = hit.found.at.start;
        let behind = hit.rule.not_behind.as_deref().is_some_and(|class| {
            let before = start.checked_sub(1).map(|at| &hit.sentence.tokens[at]);
            before.is_some_and(|before| before.form == Form::Word && words().class(class).has(&before.stem))
        });
        let past = hit.rule.weak && hit.context.past && !hit.context.depends;
        let named = hit.rule.unnamed && {
            let mut thing = hit.found.thing.clone().unwrap_or(0..0);
            thing.any(|at| {
                flags::names_one(hit.sentence, at, &self.keys) || names::is_camel(&hit.sentence.tokens[at].stem)
            })
        };
        !behind && !past && !named
    }

    fn claim(&mut self, hit: &Hit<'_>) {
        let (file, keys, out) = (self.document.file, &self.keys, &mut self.out);
        match hit.rule.kind {
            Kind::Introduces if asks_for(hit) => {}
            Kind::Introduces => flags::introduces(hit, keys, file, out),
            Kind::Assumes => {
                let before = out.len();
                flags::assumes(hit, keys, file, out);
                if out.len() > before {
                    setup::stubs(hit, keys, file, out);
                }
            }
            Kind::Stubs => flags::stubs(hit, keys, file, out),
            Kind::Flips => flags::flips(hit, keys, file, out),
            Kind::States => flags::states(hit, keys, file, out),
            Kind::Depends | Kind::Before => order::depends(hit, self.document, out),
            Kind::Foundation if !order::is_foundation(hit) => {}
            Kind::Foundation => push(out, hit, Claim::Foundation, hit.found.at.clone(), file),
            Kind::Hotfix => push(out, hit, Claim::Hotfix, hit.found.at.clone(), file),
            Kind::Bumps if of_another(hit) => {}
            Kind::Bumps => push(out, hit, Claim::Bumps, hit.found.at.clone(), file),
        }
    }
}

/// "bump the version of `lodash`", "the version for the plugin API": somebody else's number.
fn of_another(hit: &Hit<'_>) -> bool {
    let next = hit.sentence.tokens.get(hit.found.at.end);
    next.is_some_and(|next| next.form == Form::Code || matches!(&*next.stem, "of" | "for" | "rang" | "constraint"))
}

/// "on" and "off" end most patterns, and most of their uses are no states: "the groundwork on states".
fn ends_in_a_state(hit: &Hit<'_>) -> bool {
    let end = hit.found.at.end;
    let last = &hit.sentence.tokens[end - 1];
    let Some(next) = hit.sentence.tokens.get(end) else {
        return true;
    };
    let bare = hit.found.state.is_some() && last.form == Form::Word && matches!(&*last.stem, "on" | "off");
    let amount = end > 1 && matches!(&*hit.sentence.tokens[end - 2].stem, "percent" | "%" | "drop");
    let follows = next.form == Form::Mark || words().class("after_state").has(&next.stem);
    let limited = hit.rule.kind == Kind::Flips && words().class("after_flip").has(&next.stem);
    !bare || ((follows || limited || hit.rule.damage) && !amount)
}

/// Adds a claim that the tokens `at` of the hit's sentence make.
fn push(out: &mut Vec<Statement>, hit: &Hit<'_>, claim: Claim, at: Range<usize>, file: FileId) {
    out.push(Statement {
        claim,
        declared: false,
        scene: hit.rule.mild || (hit.rule.scene && !state::expected(hit)) || mood::perhaps(hit),
        span: hit.sentence.bytes(at).in_file(file),
        sentence: hit.sentence.words(0..hit.sentence.tokens.len()).to_owned(),
    });
}

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
pub(crate) mod tests_spelling;
