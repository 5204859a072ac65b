//! What a PRD asks of the world and what it gives to the others. Enters: the [`Analysis`]. Leaves: [`Terms`]: what it requires, each with who has it,
//! and what it provides, each with who uses it. Judges nothing: whether the order is right is the checks' business.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::assumption::Supply;
use crate::flag::{FlagKey, FlagValue};
use crate::graph::EdgeKind;
use crate::prd::{Access, Claim, Prd, PrdId};
use crate::source::Span;
use crate::touchpoint::{Certainty, Target, TargetKind, Touchpoint};

/// What a PRD requires and provides.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Terms {
    /// What must be there for it, sorted.
    pub requires: Vec<Term>,
    /// What is there once it has landed, sorted.
    pub provides: Vec<Term>,
}

/// One thing that is required or provided.
#[derive(Clone, PartialEq, Debug)]
pub struct Term {
    /// What.
    pub thing: Thing,
    /// Required: who has it. Provided: who uses it, always [`Party::Prds`], perhaps none.
    pub party: Party,
    /// The places that say so; never empty.
    pub because: Vec<Span>,
}

/// What is required or provided.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Thing {
    /// A symbol, file, table, column, enum, route, setting or event.
    Target(Target),
    /// A flag in a state; `Unknown` for the flag itself, whatever it is.
    Flag(FlagKey, FlagValue),
    /// The work of another PRD.
    Prd(PrdId),
}

/// Who stands on the other side.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Party {
    /// The code has it, or the flag is so already.
    Code,
    /// These PRDs, sorted.
    Prds(Vec<PrdId>),
    /// This PRD sees to it itself.
    Itself,
    /// Nobody that is known.
    Nobody,
}

/// What `prd` requires and provides.
#[must_use]
pub fn terms(analysis: &Analysis, prd: &Prd) -> Terms {
    let mut requires: Vec<Term> = things(analysis, prd).collect();
    requires.extend(states(analysis, prd));
    requires.extend(works(analysis, prd));
    let mut provides: Vec<Term> = made(analysis, prd).collect();
    provides.extend(flags(analysis, prd));
    for terms in [&mut requires, &mut provides] {
        terms.sort_by(|a, b| (&a.thing, &a.because).cmp(&(&b.thing, &b.because)));
        terms.dedup_by(|later, earlier| later.thing == earlier.thing);
    }
    Terms { requires, provides }
}

fn makes(touch: &Touchpoint) -> bool {
    touch.access == Access::Create && (!touch.exists || touch.certainty == Certainty::Observed)
}

fn sure(touch: &Touchpoint) -> bool {
    touch.certainty >= Certainty::Mentioned && touch.target.kind != TargetKind::Flag
}

/// Things that it uses, or changes though another one has to make them first.
fn things<'a>(analysis: &'a Analysis, prd: &'a Prd) -> impl Iterator<Item = Term> + 'a {
    let own = analysis
        .touchpoints
        .iter()
        .filter(|touch| touch.prd == prd.id && sure(touch) && !makes(touch));
    let used = own.filter(|touch| touch.access == Access::Read || !touch.exists);
    let found = used.map(|touch| {
        let others = analysis
            .touchpoints
            .iter()
            .filter(|other| other.target == touch.target && other.prd != prd.id);
        let makers: BTreeSet<&PrdId> = others.filter(|other| makes(other)).map(|other| &other.prd).collect();
        let party = match (makers.is_empty(), touch.exists) {
            (false, _) => Party::Prds(makers.into_iter().cloned().collect()),
            (true, true) => Party::Code,
            (true, false) => Party::Nobody,
        };
        term(Thing::Target(touch.target.clone()), party, &touch.because)
    });
    let absent = analysis.absent.iter().filter(|touch| touch.prd == prd.id);
    found.chain(absent.map(|touch| term(Thing::Target(touch.target.clone()), Party::Nobody, &touch.because)))
}

/// States of flags that it needs.
fn states<'a>(analysis: &'a Analysis, prd: &'a Prd) -> impl Iterator<Item = Term> + 'a {
    let needs = analysis
        .assumptions
        .iter()
        .filter(|need| need.prd == prd.id && need.test.is_none());
    needs.map(|need| {
        let party = match need.supply {
            Supply::Ambient | Supply::State => Party::Code,
            Supply::Stub | Supply::Flip => Party::Itself,
            Supply::Nobody => match analysis.plan.made_before(&prd.id, &need.flag, need.needs) {
                Some(made) => Party::Prds(vec![made.prd.clone()]),
                None => Party::Nobody,
            },
        };
        let because: Vec<Span> = need.because.iter().map(|evidence| evidence.span).collect();
        term(Thing::Flag(need.flag.clone(), need.needs), party, &because)
    })
}

/// The PRDs that it says it waits for.
fn works<'a>(analysis: &'a Analysis, prd: &'a Prd) -> impl Iterator<Item = Term> + 'a {
    let edges = analysis.graph.edges.iter();
    let waits = edges.filter(|edge| edge.to == prd.id && edge.kind == EdgeKind::Declared);
    waits.map(|edge| {
        let party = Party::Prds(vec![edge.from.clone()]);
        term(Thing::Prd(edge.from.clone()), party, &edge.because)
    })
}

/// Things that it makes.
fn made<'a>(analysis: &'a Analysis, prd: &'a Prd) -> impl Iterator<Item = Term> + 'a {
    let own = analysis
        .touchpoints
        .iter()
        .filter(|touch| touch.prd == prd.id && sure(touch) && makes(touch));
    own.map(|touch| {
        let others = analysis
            .touchpoints
            .iter()
            .filter(|other| other.target == touch.target && other.prd != prd.id);
        let users: BTreeSet<&PrdId> = others.filter(|other| !makes(other)).map(|other| &other.prd).collect();
        let party = Party::Prds(users.into_iter().cloned().collect());
        term(Thing::Target(touch.target.clone()), party, &touch.because)
    })
}

/// Flags that it ships, and states to which it turns them.
fn flags<'a>(analysis: &'a Analysis, prd: &'a Prd) -> impl Iterator<Item = Term> + 'a {
    let users = |flag: &FlagKey, value: Option<FlagValue>| {
        let needs = analysis.assumptions.iter();
        let needs = needs.filter(|need| need.flag == *flag && need.prd != prd.id);
        let needs = needs.filter(|need| value.is_none_or(|value| need.needs == value));
        let prds: BTreeSet<&PrdId> = needs.map(|need| &need.prd).collect();
        Party::Prds(prds.into_iter().cloned().collect())
    };
    let shipped = prd.statements.iter().filter_map(move |said| match &said.claim {
        Claim::Introduces { key: Some(key), .. } => Some(term(
            Thing::Flag(key.clone(), FlagValue::Unknown),
            users(key, None),
            &[said.span],
        )),
        _ => None,
    });
    let turned = analysis.flips.iter().filter(|flip| flip.is_made_by(&prd.id));
    let turned = turned.map(move |flip| {
        let party = users(&flip.flag, Some(flip.to));
        term(Thing::Flag(flip.flag.clone(), flip.to), party, &[flip.span])
    });
    shipped.chain(turned)
}

fn term(thing: Thing, party: Party, because: &[Span]) -> Term {
    let because = because.to_vec();
    Term { thing, party, because }
}
