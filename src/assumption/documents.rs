//! What documents assume. Enters: the PRDs, what each flag is. Leaves: [`Assumption`]s with the words that say so.
//!
//! A document that names the flag is taken at its word. One that says "the snapshot read path has to be active" means the flag
//! behind which another document ships the snapshot read path: at least two distinctive words must agree, and no other flag may
//! fit as well. Everything weaker is *possible*, which never blocks.

mod theirs;

use std::collections::{BTreeMap, BTreeSet};

use super::table::{FlagFacts, FlagTable};
use super::words::split;
use super::{Assumption, Evidence, NeedCertainty, Role, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::prose::{self, Token, stem, words};
use crate::prd::{Claim, Prd, Statement};
use theirs::Theirs;

/// Flags that fit a phrase equally well: more than these tell nothing.
const MOST_RIVALS: usize = 3;

/// The assumptions that the documents state; sorted by PRD, flag and value, one for each.
#[must_use]
pub fn document_assumptions(prds: &[Prd], flags: &FlagTable) -> Vec<Assumption> {
    let shipped = shipped(flags);
    let theirs = Theirs::of(prds, flags);
    let mut all: BTreeMap<(usize, FlagKey, FlagValue), Assumption> = BTreeMap::new();
    for (at, prd) in prds.iter().enumerate() {
        for statement in &prd.statements {
            for assumption in of_statement(prd, statement, flags, &shipped, &theirs) {
                let place = (at, assumption.flag.clone(), assumption.needs);
                match all.get_mut(&place) {
                    Some(known) => join(known, assumption),
                    None => {
                        all.insert(place, assumption);
                    }
                }
            }
        }
    }
    let mut all: Vec<Assumption> = all.into_values().collect();
    all.sort_by(|a, b| (&a.prd, &a.flag, a.needs).cmp(&(&b.prd, &b.flag, b.needs)));
    all
}

/// The flag that a document means which ships `phrase` behind a flag without naming it: the one among `known` that its words fit
/// alone, else a flag by the name of the phrase itself. `None` where the phrase is too plain to be told from others.
#[must_use]
pub fn unnamed_flag<'a>(phrase: &str, known: impl IntoIterator<Item = &'a FlagKey>) -> Option<FlagKey> {
    let wanted = distinctive(phrase);
    if wanted.len() < 2 {
        return None;
    }
    let fits = |key: &&FlagKey| distinctive(key.as_str()).intersection(&wanted).count() >= 2;
    let fitting: Vec<&FlagKey> = known.into_iter().filter(fits).collect();
    match fitting.as_slice() {
        [only] => Some((*only).clone()),
        _ => Some(FlagKey::new(phrase)),
    }
}

/// "it", "the whole thing", "everything here": what is meant is what the document is about.
#[must_use]
pub fn means_the_document(phrase: &str) -> bool {
    only_of("whole_words", phrase)
}

/// True if every word of the phrase is one of the class.
fn only_of(class: &str, phrase: &str) -> bool {
    let class = words().class(class);
    prose::tokens_of(phrase).iter().all(|token| class.has(&token.stem))
}

fn join(known: &mut Assumption, other: Assumption) {
    known.certainty = known.certainty.max(other.certainty);
    for evidence in other.because {
        if !known.because.contains(&evidence) {
            known.because.push(evidence);
        }
    }
}

/// A thing behind a flag, in the words of the document that ships it.
pub(super) struct Shipped<'a> {
    flag: &'a FlagKey,
    /// Words of what is behind it; empty where no document says.
    phrase: BTreeSet<Box<str>>,
    /// The phrase is the document's title, of which few words tell little.
    titled: bool,
    /// Words of its key.
    key: BTreeSet<Box<str>>,
    /// All words of its key, in order.
    spelling: Vec<Box<str>>,
}

pub(super) fn shipped(flags: &FlagTable) -> Vec<Shipped<'_>> {
    let mut all = Vec::new();
    for (flag, facts) in &flags.flags {
        let key = distinctive(flag.as_str());
        let introduced = facts.introduced.iter();
        let mut phrases: BTreeSet<(&str, bool)> =
            introduced.map(|intro| (intro.phrase.as_str(), intro.titled)).collect();
        if phrases.is_empty() {
            phrases.insert(("", false));
        }
        for (phrase, titled) in phrases {
            all.push(Shipped {
                flag,
                phrase: distinctive(phrase),
                titled,
                key: key.clone(),
                spelling: split(flag.as_str()).iter().map(|word| stem(word)).collect(),
            });
        }
    }
    all
}

/// The words of a phrase or key that tell it from others, without their endings.
fn distinctive(text: &str) -> BTreeSet<Box<str>> {
    let plain = words().class("not_distinctive");
    split(text)
        .iter()
        .map(|word| stem(word))
        .filter(|word| !plain.has(word) && !word.chars().all(|c| c.is_ascii_digit()))
        .collect()
}

fn of_statement(
    prd: &Prd,
    statement: &Statement,
    flags: &FlagTable,
    shipped: &[Shipped<'_>],
    theirs: &Theirs<'_>,
) -> Vec<Assumption> {
    let Claim::Assumes { key, phrase, needs } = &statement.claim else {
        return Vec::new();
    };
    let by_document = || theirs.meant(&prd.id, phrase, &statement.sentence);
    let meant = match key.is_none().then(by_document).flatten() {
        Some(meant) => vec![meant],
        None => assumed(statement, flags, shipped),
    };
    let own = |flag: &FlagKey| {
        flags
            .get(flag)
            .is_some_and(|facts| facts.introduced.iter().any(|intro| intro.prd == prd.id))
    };
    let of = |(flag, certainty): (FlagKey, NeedCertainty)| Assumption {
        prd: prd.id.clone(),
        supply: if stubs(prd, &flag, *needs, flags, shipped) {
            Supply::Stub
        } else {
            Supply::Nobody
        },
        because: because(statement, *needs, flags.get(&flag)),
        flag,
        needs: *needs,
        certainty,
        test: None,
        why: None,
    };
    let meant = meant.into_iter().map(|(flag, certainty)| {
        let certainty = if statement.scene {
            NeedCertainty::Possible
        } else {
            certainty
        };
        (flag, certainty)
    });
    // Who ships a flag speaks of both its states without needing either.
    meant.filter(|(flag, _)| !own(flag)).map(of).collect()
}

fn because(statement: &Statement, needs: FlagValue, facts: Option<&FlagFacts>) -> Vec<Evidence> {
    let said = Evidence {
        role: Role::Prd,
        span: statement.span,
        note: format!("assumed to be {needs} here"),
    };
    let introduced = facts
        .into_iter()
        .flat_map(|facts| &facts.introduced)
        .map(|intro| Evidence {
            role: Role::Prd,
            span: intro.span,
            note: match intro.default {
                FlagValue::Unknown => "introduced here".to_owned(),
                value => format!("said to be {value} here"),
            },
        });
    std::iter::once(said).chain(introduced).collect()
}

/// The flags that a statement assumes to be in a state.
fn assumed(statement: &Statement, flags: &FlagTable, shipped: &[Shipped<'_>]) -> Vec<(FlagKey, NeedCertainty)> {
    let Claim::Assumes { key, phrase, .. } = &statement.claim else {
        return Vec::new();
    };
    let named = key.as_ref().map(|key| canonical(key, flags));
    match named.or_else(|| spelled_out(phrase, flags)) {
        Some(flag) => vec![(flag, NeedCertainty::Proven)],
        None => meant(phrase, &statement.sentence, shipped),
    }
}

/// The one flag that a statement is about: by its name, else surely enough by its words.
pub(super) fn means(
    key: Option<&FlagKey>,
    phrase: &str,
    sentence: &str,
    flags: &FlagTable,
    shipped: &[Shipped<'_>],
) -> Option<FlagKey> {
    let named = key.map(|key| canonical(key, flags));
    named.or_else(|| spelled_out(phrase, flags)).or_else(|| {
        let likely = meant(phrase, sentence, shipped).into_iter();
        let mut likely = likely.filter(|(_, certainty)| *certainty > NeedCertainty::Possible);
        likely.next().map(|(flag, _)| flag)
    })
}

/// The flag under its own name, where `key` is another one of its names.
fn canonical(key: &FlagKey, flags: &FlagTable) -> FlagKey {
    let aliased = || {
        flags
            .flags
            .iter()
            .find(|(_, facts)| facts.aliases.contains(key.as_str()))
            .map(|(key, _)| key.clone())
    };
    if flags.get(key).is_some() {
        key.clone()
    } else {
        aliased().unwrap_or_else(|| key.clone())
    }
}

/// A flag whose name, or other name, is one of the words of the phrase.
fn spelled_out(phrase: &str, flags: &FlagTable) -> Option<FlagKey> {
    let compound = |word: &&str| word.contains(['_', '-', '.']) || split(word).len() > 1;
    phrase
        .split(' ')
        .filter(compound)
        .map(|word| canonical(&FlagKey::new(word), flags))
        .find(|key| flags.get(key).is_some())
}

/// The flags that a phrase may mean: one that fits best, or several that fit alike and are only possible.
fn meant(phrase: &str, sentence: &str, shipped: &[Shipped<'_>]) -> Vec<(FlagKey, NeedCertainty)> {
    let said = Said::new(phrase, sentence);
    let mut fits: BTreeMap<&FlagKey, Fit> = BTreeMap::new();
    for thing in shipped {
        if let Some(fit) = said.fit(thing) {
            let best = fits.entry(thing.flag).or_insert(fit);
            *best = (*best).max(fit);
        }
    }
    let Some(best) = fits.values().max().copied() else {
        return Vec::new();
    };
    let flags: Vec<&FlagKey> = fits
        .iter()
        .filter(|(_, fit)| **fit == best)
        .map(|(flag, _)| *flag)
        .collect();
    match flags.as_slice() {
        [only] => vec![((*only).clone(), best.certainty)],
        several if several.len() <= MOST_RIVALS => several
            .iter()
            .map(|flag| ((*flag).clone(), NeedCertainty::Possible))
            .collect(),
        _ => Vec::new(),
    }
}

/// How well a phrase fits a thing behind a flag; ordered by certainty, then by the number of words that agree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    certainty: NeedCertainty,
    words: usize,
}

/// What an assumption says, in words.
struct Said {
    phrase: Vec<Token>,
    sentence: BTreeSet<Box<str>>,
    /// Its sentence tells a state, or where something is read from.
    stated: bool,
    /// "comes out of the snapshot" reads it.
    reading: bool,
}

impl Said {
    fn new(phrase: &str, sentence: &str) -> Self {
        let phrase = prose::tokens_of(phrase);
        let tokens = prose::tokens_of(sentence);
        let reading = words().class("reading").within(&phrase);
        let tells = |class: &str| words().class(class).within(&tokens);
        let stated = reading || tells("on") || tells("off") || tells("available");
        Self {
            phrase,
            sentence: distinctive(sentence),
            stated,
            reading,
        }
    }

    /// The words of the phrase that can mean `thing`: "the snapshot columns" are another thing than the snapshot.
    fn words(&self, thing: &Shipped<'_>) -> BTreeSet<Box<str>> {
        let other = words().class("other_thing");
        let another = |at: usize| {
            self.phrase
                .get(at + 1)
                .is_some_and(|next| other.has(&next.stem) && !thing.phrase.contains(&next.stem))
        };
        let mut all: BTreeSet<Box<str>> = BTreeSet::new();
        for (_, token) in self.phrase.iter().enumerate().filter(|(at, _)| !another(*at)) {
            all.extend(distinctive(&token.stem));
        }
        if self.reading {
            all.insert("read".into());
        }
        all
    }

    fn fit(&self, thing: &Shipped<'_>) -> Option<Fit> {
        let own = self.words(thing);
        let with_sentence: BTreeSet<Box<str>> = own.union(&self.sentence).cloned().collect();
        let agree = |words: &BTreeSet<Box<str>>, with: &BTreeSet<Box<str>>| words.intersection(with).count();
        let either: BTreeSet<Box<str>> = thing.phrase.union(&thing.key).cloned().collect();
        let (in_phrase, in_either) = (agree(&own, &thing.phrase), agree(&own, &either));
        let (in_key, spelled) = (agree(&own, &thing.key), self.spells(thing));
        if !spelled && (in_either == 0 || agree(&with_sentence, &either) < 2) {
            return None;
        }
        // What the key says does not depend on what some document says beside it.
        let by_key = spelled || (in_key >= 2 && in_key + 1 >= thing.key.len());
        let whole = |words: &BTreeSet<Box<str>>| thing.phrase.len() >= 2 && thing.phrase.is_subset(words);
        let by_phrase = if thing.titled {
            in_phrase >= 2 && in_phrase * 2 > thing.phrase.len()
        } else {
            in_phrase >= 2 || (in_phrase >= 1 && (in_either >= 2 || whole(&with_sentence)))
        };
        let likely = if self.stated { by_key || by_phrase } else { whole(&own) };
        let certainty = if likely {
            NeedCertainty::Likely
        } else {
            NeedCertainty::Possible
        };
        Some(Fit {
            certainty,
            words: in_either + usize::from(spelled),
        })
    }

    /// True if the phrase has all words of the key, one after the other: "fast checkout" for `fast_checkout`.
    fn spells(&self, thing: &Shipped<'_>) -> bool {
        let length = thing.spelling.len();
        let other = words().class("other_thing");
        length > 1
            && self.phrase.windows(length).enumerate().any(|(at, window)| {
                let same = window
                    .iter()
                    .zip(&thing.spelling)
                    .all(|(token, word)| token.stem == *word);
                let next = self.phrase.get(at + length);
                same && !next.is_some_and(|next| other.has(&next.stem))
            })
    }
}

/// True if the document says that its own tests set the flag to the needed value.
fn stubs(prd: &Prd, flag: &FlagKey, needs: FlagValue, flags: &FlagTable, shipped: &[Shipped<'_>]) -> bool {
    prd.statements.iter().any(|statement| {
        let Claim::Stubs { key, phrase, value } = &statement.claim else {
            return false;
        };
        let named = key
            .as_ref()
            .map(|key| canonical(key, flags))
            .or_else(|| spelled_out(phrase, flags));
        let same = match named {
            Some(named) => named == *flag,
            None if only_of("no_name", phrase) => spoken_of(prd, statement)
                .is_some_and(|before| assumed(before, flags, shipped).iter().any(|(meant, _)| meant == flag)),
            None => meant(phrase, &statement.sentence, shipped)
                .iter()
                .any(|(meant, certainty)| meant == flag && *certainty > NeedCertainty::Possible),
        };
        same && (*value == needs || *value == FlagValue::Unknown)
    })
}

/// "the flag", "it": what the document assumed last before `statement`.
fn spoken_of<'a>(prd: &'a Prd, statement: &Statement) -> Option<&'a Statement> {
    let assumes = |said: &&Statement| matches!(said.claim, Claim::Assumes { .. });
    let before = |said: &&Statement| said.span < statement.span;
    let mut all = prd.statements.iter().filter(assumes);
    prd.statements
        .iter()
        .filter(assumes)
        .rfind(before)
        .or_else(|| all.next())
}

#[cfg(test)]
mod tests;
