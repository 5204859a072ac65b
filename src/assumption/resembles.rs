//! Documents that speak of what another one ships behind a flag, without a word of the flag. Enters: the documents, what each flag is. Leaves:
//! [`Assumption`]s that are *possible*: the two passages belong side by side, and a person decides.
//!
//! What stands behind a flag is told beside it ("When a booked seat is cancelled, the first of the waiting list gets it. Flag: `autofill`, off").
//! Another document that has several of its words in one passage ("freed seats go to the first of the waiting list") may build on it. Words that
//! many documents of the wave have tell nothing. On 150 pairs written by somebody who saw none of this, three common words were in 57 of 75
//! that need it and in 21 of 75 that do not; so it never blocks (docs/accuracy.md).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::table::FlagTable;
use super::{Assumption, Evidence, NeedCertainty, Role, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::prd::prose::{Form, tokens_of, words};
use crate::prd::{Claim, Passage, Prd, PrdId};
use crate::source::Span;

/// So many words two passages have in common.
const COMMON: usize = 3;

/// A passage that tells no more than this tells nothing of what stands behind the flag: the one before it does.
const BARE: usize = 3;

/// Words of more than one document in so many are the wave's own, and of more than these few: two speak of one thing, and three may.
const SHARE: usize = 4;
const SOME: usize = 3;

/// Waves of fewer documents have no words of their own.
const FEW: usize = 6;

/// What documents may need without saying so; sorted by PRD and flag, one for each.
#[must_use]
pub(super) fn needs(prds: &[Prd], flags: &FlagTable) -> Vec<Assumption> {
    let read: Vec<Read<'_>> = prds.iter().map(Read::of).collect();
    let common = common(&read);
    let places = places(&read, &common);
    let by_id: BTreeMap<&PrdId, usize> = prds.iter().enumerate().map(|(at, prd)| (&prd.id, at)).collect();
    let mut found = Vec::new();
    // Of what is on, or of which nobody knows what it is, likeness tells too little.
    let dark = flags
        .flags
        .iter()
        .filter(|(_, facts)| facts.served().0 == FlagValue::Off);
    for (key, facts) in dark {
        for intro in &facts.introduced {
            let Some(shipper) = by_id.get(&intro.prd).copied() else {
                continue;
            };
            let Some((told, behind)) = read[shipper].told_beside(intro.span, &common) else {
                continue;
            };
            for (at, passage) in nearest(&read, &places, &behind) {
                if at != shipper && !read[at].speaks_of(key) {
                    found.push(assumption(&prds[at], key, passage, [told, intro.span]));
                }
            }
        }
    }
    found.sort_by(|a, b| (&a.prd, &a.flag).cmp(&(&b.prd, &b.flag)));
    found.dedup_by(|later, earlier| later.prd == earlier.prd && later.flag == earlier.flag);
    found
}

/// A passage, by the places of its document and of itself.
type Place = (usize, usize);

/// Where each telling word stands.
fn places<'r>(read: &'r [Read<'_>], common: &BTreeSet<Box<str>>) -> HashMap<&'r str, Vec<Place>> {
    let mut places: HashMap<&str, Vec<Place>> = HashMap::new();
    for (at, document) in read.iter().enumerate() {
        for (passage, words) in document.passages.iter().enumerate() {
            for word in words.iter().filter(|word| !common.contains(*word)) {
                places.entry(word).or_default().push((at, passage));
            }
        }
    }
    places
}

/// The passage of each document that has most of these words, if any has enough and does not say that it has nothing to do with it.
fn nearest<'a>(
    read: &[Read<'a>],
    places: &HashMap<&str, Vec<Place>>,
    behind: &BTreeSet<Box<str>>,
) -> BTreeMap<usize, &'a Passage> {
    let mut count: BTreeMap<Place, usize> = BTreeMap::new();
    for place in behind.iter().filter_map(|word| places.get(&**word)).flatten() {
        *count.entry(*place).or_default() += 1;
    }
    let mut best: BTreeMap<usize, (usize, &Passage)> = BTreeMap::new();
    for ((at, passage), count) in count.into_iter().filter(|(_, count)| *count >= COMMON) {
        let passage = &read[at].prd.passages[passage];
        let better = best.get(&at).is_none_or(|(most, _)| count > *most);
        if better && !is_unconcerned(&passage.text) {
            best.insert(at, (count, passage));
        }
    }
    best.into_iter().map(|(at, (_, passage))| (at, passage)).collect()
}

fn assumption(prd: &Prd, flag: &FlagKey, passage: &Passage, [told, shipped]: [Span; 2]) -> Assumption {
    let evidence = |span, note: &str| Evidence {
        role: Role::Prd,
        span,
        note: note.to_owned(),
    };
    let said = evidence(passage.span, "speaks of what stands behind it");
    Assumption {
        prd: prd.id.clone(),
        flag: flag.clone(),
        needs: FlagValue::On,
        supply: Supply::Nobody,
        certainty: NeedCertainty::Possible,
        because: if told.contains(shipped) {
            vec![said, evidence(shipped, "ships it")]
        } else {
            vec![
                said,
                evidence(told, "what stands behind it"),
                evidence(shipped, "ships it"),
            ]
        },
        test: None,
        why: None,
    }
}

/// A document, with the words of its passages.
struct Read<'a> {
    prd: &'a Prd,
    passages: Vec<BTreeSet<Box<str>>>,
}

impl<'a> Read<'a> {
    fn of(prd: &'a Prd) -> Self {
        Self {
            prd,
            passages: prd.passages.iter().map(|passage| telling(&passage.text)).collect(),
        }
    }

    /// The words of the passage that ships a flag, or of the one before it where that tells of the flag alone.
    fn told_beside(&self, place: Span, common: &BTreeSet<Box<str>>) -> Option<(Span, BTreeSet<Box<str>>)> {
        let here = self.prd.passages.iter().position(|one| one.span.contains(place))?;
        let words = |at: usize| -> BTreeSet<Box<str>> { self.passages[at].difference(common).cloned().collect() };
        let at = match here {
            at if at == 0 || words(at).len() > BARE => at,
            at => at - 1,
        };
        Some((self.prd.passages[at].span, words(at)))
    }

    /// True if the document names the flag: what it says of it counts, and nothing else.
    fn speaks_of(&self, key: &FlagKey) -> bool {
        let said = self.prd.statements.iter().any(|statement| match &statement.claim {
            Claim::Introduces { key: own, .. }
            | Claim::Assumes { key: own, .. }
            | Claim::Stubs { key: own, .. }
            | Claim::PlansFlip { key: own, .. } => own.as_ref() == Some(key),
            Claim::States { key: own, .. } => own == key,
            _ => false,
        });
        said || self.prd.mentions.iter().any(|mention| mention.text == key.as_str())
    }
}

/// The words of a text that tell it from others, without their endings and the names of code.
fn telling(text: &str) -> BTreeSet<Box<str>> {
    let plain = ["not_distinctive", "switch_talk", "plain_words"].map(|class| words().class(class));
    tokens_of(text)
        .into_iter()
        .filter(|token| token.form == Form::Word && token.stem.len() > 2)
        .filter(|token| !plain.iter().any(|class| class.has(&token.stem)))
        .map(|token| token.stem)
        .collect()
}

/// "Whether or not …", "out of scope", "as today": it says that it works without.
fn is_unconcerned(text: &str) -> bool {
    let tokens = tokens_of(text);
    words().class("unconcerned").within(&tokens) || words().class("either").within(&tokens)
}

/// The words of the wave: those that too many of its documents have.
fn common(read: &[Read<'_>]) -> BTreeSet<Box<str>> {
    if read.len() < FEW {
        return BTreeSet::new();
    }
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for document in read {
        let all: BTreeSet<&str> = document.passages.iter().flatten().map(|word| &**word).collect();
        for word in all {
            *count.entry(word).or_default() += 1;
        }
    }
    let many = count
        .into_iter()
        .filter(|(_, count)| *count > SOME && count * SHARE > read.len());
    many.map(|(word, _)| word.into()).collect()
}
