//! Tests that pass either way. Enters: needs that rest on words or on what is set alone. Leaves: those of tests that stand word for word once more in
//! their file, where the flag is the other way: both pass, so that neither needs it.

use std::collections::{BTreeMap, BTreeSet};

use crate::assumption::evidence::Need;
use crate::assumption::supply::supplied;
use crate::assumption::table::FlagTable;
use crate::assumption::{NeedCertainty, RunsWith};
use crate::flag::{FlagKey, FlagValue};
use crate::index::CodeIndex;
use crate::source::{RepoPath, Sources};

/// The needs that a test of the same words refutes.
pub(in crate::assumption) fn neutral(
    sources: &Sources,
    index: &CodeIndex,
    flags: &FlagTable,
    ambient: Option<FlagValue>,
    found: &BTreeMap<(usize, FlagKey), Need>,
) -> BTreeSet<(usize, FlagKey)> {
    let mut files: BTreeMap<&RepoPath, Vec<usize>> = BTreeMap::new();
    for (at, case) in index.tests.iter().enumerate() {
        files.entry(&case.path).or_default().push(at);
    }
    let words = |test: usize| -> Option<Vec<&str>> {
        let case = &index.tests[test];
        let body = case.bodies.last().filter(|body| case.span.contains(**body))?;
        Some(sources.text(*body).split_whitespace().collect())
    };
    let state = |test: usize, key: &FlagKey| match supplied(index, test, key, flags.get(key), ambient, None).runs_with {
        RunsWith::Is(value) => value,
        RunsWith::Both | RunsWith::Partial => FlagValue::Unknown,
    };
    let refuted = |(test, key): &(usize, FlagKey)| {
        let (value, own) = (state(*test, key), words(*test));
        let others = &files[&index.tests[*test].path];
        let name = &index.tests[*test].name;
        let mut alike = others
            .iter()
            .filter(|other| *other != test && index.tests[**other].name == *name);
        value != FlagValue::Unknown
            && own.is_some()
            && alike.any(|other| state(*other, key) == value.flipped() && words(*other) == own)
    };
    let by_words = |need: &Need| need.assertion.is_none() && need.certainty != NeedCertainty::Proven;
    let asked = found.iter().filter(|(_, need)| by_words(need)).map(|(of, _)| of);
    asked.filter(|of| refuted(of)).cloned().collect()
}
