//! Which tests reach a flag and say nothing of it. Enters: the code of one tree and what its tests need. Leaves: [`TestNeed`]s that need
//! nothing. They are told and never judged: more than half of the tests of a code base reach some flag.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::FARTHEST;
use super::reach::Reach;
use super::supply::supplied;
use super::table::FlagTable;
use super::{Evidence, NeedCertainty, Role, TestNeed, TestVerdict};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, FlagRead};
use crate::source::{FileId, RepoPath};

/// By flag (or only for this one), the tests that stand within `FARTHEST` imports of code that reads it, and that neither need it nor
/// set it as far as is known. Sorted by test.
#[must_use]
pub fn by_flag(
    index: &CodeIndex,
    flags: &FlagTable,
    needs: &[TestNeed],
    only: Option<&FlagKey>,
    policy: Option<FlagValue>,
) -> BTreeMap<FlagKey, Vec<TestNeed>> {
    let said: BTreeSet<(usize, &FlagKey)> = needs.iter().map(|need| (need.test, &need.flag)).collect();
    let mut read_in: BTreeMap<FileId, BTreeMap<&FlagKey, &FlagRead>> = BTreeMap::new();
    for read in index
        .reads
        .iter()
        .filter(|read| only.is_none_or(|only| read.key == *only))
    {
        read_in
            .entry(read.span.file)
            .or_default()
            .entry(&read.key)
            .or_insert(read);
    }
    let mut tests: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
    for (at, case) in index.tests.iter().enumerate() {
        tests.entry(&case.path).or_default().push(at);
    }
    let reach = Reach::of(index);
    let mut found: BTreeMap<FlagKey, Vec<TestNeed>> = BTreeMap::new();
    for (path, tests) in tests {
        for (key, read) in nearest(&reach, path, &read_in) {
            let silent = tests.iter().filter(|test| !said.contains(&(**test, key)));
            let reached = silent.map(|test| need(index, flags, *test, read, policy));
            found.entry(key.clone()).or_default().extend(reached);
        }
    }
    found.values_mut().for_each(|tests| tests.sort_by_key(|need| need.test));
    found
}

/// The nearest read of each flag that this file reaches.
fn nearest<'a>(
    reach: &Reach<'_>,
    from: &RepoPath,
    read_in: &BTreeMap<FileId, BTreeMap<&'a FlagKey, &'a FlagRead>>,
) -> BTreeMap<&'a FlagKey, &'a FlagRead> {
    let mut nearest: BTreeMap<&FlagKey, (u32, &FlagRead)> = BTreeMap::new();
    for (file, reads) in read_in {
        let Some(distance) = reach.distance(from, *file).filter(|distance| *distance <= FARTHEST) else {
            continue;
        };
        for (key, read) in reads {
            let best = nearest.entry(key).or_insert((distance, read));
            if distance < best.0 {
                *best = (distance, read);
            }
        }
    }
    nearest.into_iter().map(|(key, (_, read))| (key, read)).collect()
}

fn need(index: &CodeIndex, flags: &FlagTable, test: usize, read: &FlagRead, policy: Option<FlagValue>) -> TestNeed {
    let supplied = supplied(index, test, &read.key, flags.get(&read.key), policy, None);
    let because = Evidence {
        role: Role::Read,
        span: read.span,
        note: "what the test imports reads it here".into(),
    };
    TestNeed {
        test,
        flag: read.key.clone(),
        needs: None,
        runs_with: supplied.runs_with,
        supply: supplied.supply,
        verdict: TestVerdict::Info,
        certainty: NeedCertainty::Possible,
        because: vec![because],
    }
}
