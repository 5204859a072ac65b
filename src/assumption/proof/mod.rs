//! What was seen by running: tests that pass with a flag in one state and fail in the other, and tests that pass in both. Enters: the
//! [`Proofs`] that `flagman probe` recorded, the code of one tree. Leaves: for each test and flag what still holds. A proof holds
//! as long as the test, what it reaches and the definition of the flag are what they were; the default itself may change.

mod content;
mod titles;

pub use content::content;
pub use titles::{fits, same_test};

use std::collections::BTreeMap;

use super::evidence::Need;
use super::tests_need::Ground;
use super::{Evidence, NeedCertainty, Role};
use crate::flag::{FlagKey, FlagValue};
use crate::source::RepoPath;

/// What running a test in both states showed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Seen {
    /// It passes with this value alone.
    Needs(FlagValue),
    /// It passes with both.
    Neither,
}

/// One test seen with one flag in both states.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Proof {
    /// The flag.
    pub flag: FlagKey,
    /// The file of the test.
    pub path: RepoPath,
    /// The titles of the suites around it, as the runner tells them.
    pub suite: Vec<String>,
    /// Its title.
    pub name: String,
    /// What was seen.
    pub seen: Seen,
    /// What [`content`](fn@content) said when it was seen.
    pub content: String,
}

/// Everything that was seen and recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proofs {
    /// Sorted.
    pub proofs: Vec<Proof>,
    /// The files that each test file reaches, itself included: what a proof on one of its tests rests on.
    pub reach: BTreeMap<RepoPath, Vec<RepoPath>>,
}

/// What of the proofs holds in a tree.
#[derive(Debug, Default)]
pub struct Holding<'a> {
    /// What was seen, by test and flag.
    pub seen: BTreeMap<(usize, FlagKey), Seen>,
    /// The proofs on something that has changed since.
    pub stale: Vec<&'a Proof>,
}

impl Proofs {
    /// What holds for the tests in `tests` (indices into the index).
    #[must_use]
    pub fn holding(&self, ground: &Ground<'_>, tests: &[usize]) -> Holding<'_> {
        let mut holding = Holding::default();
        let mut known: BTreeMap<(&FlagKey, &RepoPath), String> = BTreeMap::new();
        let mut by_path: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
        for test in tests {
            by_path.entry(&ground.index.tests[*test].path).or_default().push(*test);
        }
        for proof in &self.proofs {
            let Some(reach) = self.reach.get(&proof.path) else {
                continue;
            };
            let now = known
                .entry((&proof.flag, &proof.path))
                .or_insert_with(|| content(ground.sources, ground.view, ground.index, &proof.flag, reach));
            if *now != proof.content {
                holding.stale.push(proof);
                continue;
            }
            let ours = by_path.get(&proof.path).into_iter().flatten();
            for test in ours.filter(|test| same_test(&ground.index.tests[**test], &proof.suite, &proof.name)) {
                let seen = holding.seen.entry((*test, proof.flag.clone())).or_insert(proof.seen);
                *seen = stronger(*seen, proof.seen);
            }
        }
        holding
    }
}

/// Of the rows of a table the one that needs something tells what the test needs; where two rows need different things nobody knows.
fn stronger(a: Seen, b: Seen) -> Seen {
    match (a, b) {
        (Seen::Needs(one), Seen::Needs(other)) if one != other => Seen::Neither,
        (Seen::Needs(_), _) => a,
        _ => b,
    }
}

/// Lets what was seen count: it adds needs, makes likely ones proven, and removes those that it refutes. A test that sets the flag itself
/// passes in both states of the default, which refutes nothing: `sets` says so.
pub fn apply(
    ground: &Ground<'_>,
    holding: &Holding<'_>,
    needs: &mut BTreeMap<(usize, FlagKey), Need>,
    sets: impl Fn(usize, &FlagKey) -> bool,
) {
    for ((test, flag), seen) in &holding.seen {
        let at = (*test, flag.clone());
        match seen {
            Seen::Needs(value) => {
                let evidence = Evidence {
                    role: Role::Test,
                    span: ground.index.tests[*test].title_span,
                    note: format!("seen by running: fails with `{flag}` {}", value.flipped()),
                };
                let agreeing = needs.remove(&at).filter(|need| need.value == *value);
                let mut need = agreeing.unwrap_or(Need {
                    value: *value,
                    certainty: NeedCertainty::Proven,
                    because: Vec::new(),
                    assertion: None,
                });
                need.certainty = NeedCertainty::Proven;
                need.because.insert(0, evidence);
                needs.insert(at, need);
            }
            Seen::Neither if !sets(*test, flag) => {
                let told = |need: &Need| need.certainty == NeedCertainty::Proven;
                if !needs.get(&at).is_some_and(told) {
                    needs.remove(&at);
                }
            }
            Seen::Neither => {}
        }
    }
}
