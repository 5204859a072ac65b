//! One flag's whole life. Enters: the [`Analysis`] and a flag. Leaves: [`Life`]: who sets it for tests, what documents say of it, what is
//! read and not followed, and what has gone stale. What it is and where it is read stands in
//! [`FlagFacts`].

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::assumption::table::FlagFacts;
use crate::assumption::{Assumption, NeedCertainty, Role, Supply};
use crate::flag::{FlagKey, FlagValue};
use crate::index::test_code::TestCode;
use crate::index::{Force, ForcedKey};
use crate::prd::{Claim, Flip, PrdId, Statement};
use crate::source::Span;

/// What a document says of a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Saying {
    /// It ships something behind the flag, which is this by default.
    Ships(FlagValue),
    /// The flag becomes this, then.
    Flips(FlagValue, Flip),
    /// It needs the flag so.
    Assumes {
        /// The value.
        needs: FlagValue,
        /// Who supplies it.
        supply: Supply,
        /// How sure that is.
        certainty: NeedCertainty,
    },
    /// Its tests set the flag to this.
    Stubs(FlagValue),
    /// It states what the flag is.
    States {
        /// The value.
        value: FlagValue,
        /// By default, not now.
        by_default: bool,
    },
}

/// A saying, with who says it where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Who.
    pub prd: PrdId,
    /// What.
    pub what: Saying,
    /// Where; `None` where only the tests of its branch say so.
    pub span: Option<Span>,
}

/// A sign that the flag, or what is said of it, is left over.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Stale {
    /// It is defined, recorded or promised, and no code but that of tests reads it. `dynamic` reads of flags whose names are put
    /// together at run time may be reads of it.
    NeverRead {
        /// How many such reads there are.
        dynamic: usize,
    },
    /// It is on wherever its state is known, and nothing runs while it is off.
    AlwaysOn,
    /// Tests set it, and it has no definition and no read.
    DeadStubs {
        /// How many places set it.
        places: usize,
    },
}

/// One flag's whole life.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Life {
    /// What sets it for tests (indices into the forces of the index), in the order of their places.
    pub forces: Vec<usize>,
    /// How many places set every flag at once.
    pub forces_of_all: usize,
    /// Reads outside of tests (indices into the reads of the index).
    pub reads: Vec<usize>,
    /// Those of them whose value is passed on to where it is not followed.
    pub unfollowed: Vec<usize>,
    /// What documents say, by document and place.
    pub said: Vec<Said>,
    /// What has gone stale.
    pub stale: Vec<Stale>,
}

impl Life {
    /// The life of a flag.
    #[must_use]
    pub fn of(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts) -> Self {
        let index = &analysis.index;
        let forces = index.forces.iter().enumerate();
        let forces: Vec<usize> = forces
            .filter(|(_, force)| sets(force, key, facts))
            .map(|(at, _)| at)
            .collect();
        let every = |force: &&Force| match &force.key {
            ForcedKey::Every(_) => true,
            ForcedKey::Others { .. } => force
                .key
                .is_for(index, key, |name| name == key || facts.aliases.contains(name.as_str())),
            ForcedKey::Key(_) => false,
        };
        let tests = TestCode::of(index);
        let in_code = |at: &usize| !tests.holds(index.reads[*at].span);
        let reads: Vec<usize> = facts.reads.iter().copied().filter(in_code).collect();
        let decides: BTreeSet<usize> = index
            .guards
            .iter()
            .flat_map(|guard| guard.reads.iter().copied())
            .collect();
        Self {
            stale: stale(analysis, key, facts, &reads, forces.len()),
            forces_of_all: index.forces.iter().filter(every).count(),
            forces,
            unfollowed: reads.iter().copied().filter(|at| !decides.contains(at)).collect(),
            reads,
            said: said(analysis, key, facts),
        }
    }
}

fn sets(force: &Force, key: &FlagKey, facts: &FlagFacts) -> bool {
    match &force.key {
        ForcedKey::Key(name) => name == key || facts.aliases.contains(name.as_str()),
        ForcedKey::Every(_) | ForcedKey::Others { .. } => false,
    }
}

fn stale(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts, reads: &[usize], forces: usize) -> Vec<Stale> {
    let mut found = Vec::new();
    if reads.is_empty() {
        let dynamic = analysis.index.dynamic.len();
        found.push(Stale::NeverRead { dynamic });
    } else if always_on(analysis, key, facts) {
        found.push(Stale::AlwaysOn);
    }
    if reads.is_empty() && facts.definitions.is_empty() && forces > 0 {
        found.push(Stale::DeadStubs { places: forces });
    }
    found
}

/// True if the flag is on here, is recorded as nothing else anywhere, and decides about code of which none runs while it is off.
fn always_on(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts) -> bool {
    let environments: BTreeSet<&str> = analysis
        .ledger
        .history(key)
        .map(|entry| entry.environment.as_str())
        .collect();
    let mut states = environments
        .into_iter()
        .filter_map(|name| analysis.ledger.state(key, name));
    let mut regions = analysis
        .index
        .guards
        .iter()
        .flat_map(|guard| &guard.when)
        .filter(|literal| literal.key == *key)
        .map(|literal| literal.value)
        .peekable();
    facts.served().0 == FlagValue::On
        && states.all(|entry| entry.value == FlagValue::On)
        && regions.peek().is_some()
        && regions.all(|value| value == FlagValue::On)
}

/// What documents say of the flag, each thing once.
fn said(analysis: &Analysis, key: &FlagKey, facts: &FlagFacts) -> Vec<Said> {
    let mut all: Vec<Said> = Vec::new();
    for intro in &facts.introduced {
        let of = |what| Said {
            prd: intro.prd.clone(),
            what,
            span: Some(intro.span),
        };
        all.push(of(Saying::Ships(intro.default)));
        let flips = intro.flips.clone().filter(|_| intro.default != FlagValue::Unknown);
        all.extend(flips.map(|when| of(Saying::Flips(intro.default.flipped(), when))));
    }
    for prd in &analysis.prds {
        let stated = prd.statements.iter().filter_map(|statement| {
            let (prd, span) = (prd.id.clone(), Some(statement.span));
            stated(statement, key, facts).map(|what| Said { prd, what, span })
        });
        all.extend(stated);
    }
    let needs = analysis
        .assumptions
        .iter()
        .filter(|need| need.flag == *key && need.test.is_none());
    all.extend(needs.map(assumed));
    all.sort_by(|a, b| (&a.prd, a.span).cmp(&(&b.prd, b.span)));
    let mut once: Vec<Said> = Vec::new();
    for one in all {
        if !once.iter().any(|known| known.prd == one.prd && known.what == one.what) {
            once.push(one);
        }
    }
    once
}

fn assumed(need: &Assumption) -> Said {
    let span = need
        .because
        .iter()
        .find(|place| place.role == Role::Prd)
        .map(|place| place.span);
    Said {
        prd: need.prd.clone(),
        what: Saying::Assumes {
            needs: need.needs,
            supply: need.supply,
            certainty: need.certainty,
        },
        span,
    }
}

/// What a statement says of the flag, apart from what is kept elsewhere: what it ships, and what it assumes.
fn stated(statement: &Statement, key: &FlagKey, facts: &FlagFacts) -> Option<Saying> {
    let means = |name: &FlagKey| name == key || facts.aliases.contains(name.as_str());
    match &statement.claim {
        Claim::PlansFlip {
            key: Some(name),
            to,
            when,
            ..
        } if means(name) => Some(Saying::Flips(*to, when.clone())),
        Claim::Stubs {
            key: Some(name), value, ..
        } if means(name) => Some(Saying::Stubs(*value)),
        Claim::States {
            key: name,
            value,
            by_default,
        } if means(name) => Some(Saying::States {
            value: *value,
            by_default: *by_default,
        }),
        _ => None,
    }
}
