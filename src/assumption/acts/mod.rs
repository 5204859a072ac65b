//! Needs by what a test does: it calls the very function, or requests the very route, whose behaviour belongs to one state of a flag,
//! and asserts what only that state yields there. Enters: the code of one tree and some of its tests. Leaves: needs with their evidence.
//!
//! That the function is called is not enough: the assertion must fail in the other state. What points both ways tells nothing.

pub mod across;
pub(super) mod by_value;
pub mod calls;
pub(super) mod claims;
mod deeper;
pub mod fails;
pub mod file;
#[cfg(test)]
mod forms_tests;
mod golang;
pub mod holds;
mod inert;
mod modules;
mod named;
pub mod outcome;
mod pages;
mod replaced;
pub mod requests;
pub mod routes;
mod tables;
mod targets;
#[cfg(test)]
mod tests;
pub mod ties;
pub mod value;
#[cfg(test)]
mod value_tests;
pub mod yields;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Guard, TestCase, TestGate};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Sources, Span};

use super::evidence::Need;
use super::reach::Reach;
use super::sure::fails_its_test;
use super::{Evidence, NeedCertainty, Role};
use across::Code;
use by_value::{by_value, is_set};
use calls::{Assertion, assertions};
use fails::{Called, Given};
use file::{Known, TestFile};
use requests::requests;
use routes::Routes;
use targets::{Target, targets};
use yields::{Side, Yield, callee_name};

/// How many imports may stand between a test and a class that it calls: a factory, and a folder's index.
const FARTHEST: u32 = 3;

/// Why a test needs a value.
struct Proof<'a> {
    key: &'a FlagKey,
    value: FlagValue,
    assertion: Span,
    /// What only this value yields.
    place: Span,
    guard: &'a Guard,
}

/// The needs of `tests`, by test and flag.
#[must_use]
pub fn needs(
    sources: &Sources,
    index: &CodeIndex,
    reach: &Reach<'_>,
    tests: &[usize],
) -> Vec<((usize, FlagKey), Need)> {
    let code = Code::of(index);
    let targets = targets(index, &code);
    let routes = Routes::of(sources, index, &code);
    if targets.is_empty() && routes.are_silent() {
        return Vec::new();
    }
    let names: BTreeSet<&str> = targets.keys().copied().collect();
    let mut files: BTreeMap<&RepoPath, Known> = BTreeMap::new();
    let mut found = Vec::new();
    for test in tests {
        let Some(case) = index.tests.get(*test) else { continue };
        let Some(facts) = index.files.get(&case.path) else {
            continue;
        };
        let file = TestFile::new(facts, files.entry(&case.path).or_insert_with(|| Known::of(facts)));
        let mut proofs = by_value(file, case, &names, &targets, reach);
        for body in &case.bodies {
            proofs.extend(by_request(file, body.bytes, &routes));
            if case.span.contains(*body) {
                let fails = case.gate != Some(TestGate::Skipped);
                proofs.extend(by_call(file, body.bytes, fails, &names, &targets, reach));
            }
        }
        found.extend(
            agreed(&proofs)
                .into_iter()
                .map(|proof| ((*test, proof.key.clone()), need(case, proof))),
        );
    }
    found
}

/// The first proof for each flag of which all proofs agree.
fn agreed<'p, 'a>(proofs: &'p [Proof<'a>]) -> Vec<&'p Proof<'a>> {
    let mut by_flag: BTreeMap<&FlagKey, Vec<&Proof<'a>>> = BTreeMap::new();
    for proof in proofs {
        by_flag.entry(proof.key).or_default().push(proof);
    }
    let same = |of: &&Vec<&Proof<'a>>| of.iter().all(|proof| proof.value == of[0].value);
    by_flag.values().filter(same).map(|of| of[0]).collect()
}

/// What the expected answers of requests prove: only a good answer, because what refuses a request may stand anywhere before the
/// function that serves it.
fn by_request<'a>(file: TestFile<'_>, region: Bytes, routes: &'a Routes<'a>) -> Vec<Proof<'a>> {
    let mut found = Vec::new();
    for request in requests(file, region).iter().filter(|request| request.status < 400) {
        for side in routes.sides(request) {
            let place = side.only.get(&Yield::Status(request.status)).copied();
            let place = place.filter(|_| !side.hands_on);
            let place = place.or(side.fails.then_some(side.guard.region));
            found.extend(place.map(|place| Proof {
                key: side.key,
                value: side.value,
                assertion: request.assertion,
                place,
                guard: side.guard,
            }));
        }
    }
    found
}

/// The one function that a call can mean.
fn called<'a>(
    file: TestFile<'_>,
    id: NodeId,
    names: &BTreeSet<&str>,
    targets: &'a BTreeMap<&str, Vec<Target<'a>>>,
    reach: &Reach<'_>,
) -> Option<(NodeId, &'a Target<'a>)> {
    let (Syntax::Call { callee, .. } | Syntax::Element { name: Some(callee), .. }) = file.facts.tree.syntax(id) else {
        return None;
    };
    let name = callee_name(file.facts, *callee);
    if !names.contains(name) {
        return None;
    }
    let mut near = targets[name]
        .iter()
        .filter(|target| file.is_target(*callee, target, reach));
    match (near.next(), near.next()) {
        (Some(target), None) => Some((*callee, target)),
        _ => None,
    }
}

/// What assertions on direct calls prove.
fn by_call<'a>(
    file: TestFile<'_>,
    region: Bytes,
    // A test that is expected to fail shows nothing by failing.
    fails: bool,
    names: &BTreeSet<&str>,
    targets: &'a BTreeMap<&str, Vec<Target<'a>>>,
    reach: &Reach<'_>,
) -> Vec<Proof<'a>> {
    let (facts, mut found) = (file.facts, Vec::new());
    let mut asserted: Option<Vec<Assertion<'_>>> = None;
    let given = OnceCell::new();
    // What an element is rendered to is told by its value alone.
    let is_call = |id: &NodeId| matches!(facts.tree.syntax(*id), Syntax::Call { .. });
    for id in file.nodes(region).filter(is_call) {
        let Some((callee, target)) = called(file, id, names, targets, reach) else {
            continue;
        };
        let name = callee_name(facts, callee);
        let asserted = asserted.get_or_insert_with(|| {
            let mut all = assertions(file, region);
            all.retain(|of| fails_its_test(facts, of.node, region));
            all
        });
        let called = Called {
            file,
            region,
            call: id,
            promises: target.promises,
            given: given.get_or_init(|| Given::of(file, region)),
        };
        let lost = called.is_lost();
        let real = fails && !file.replaces(name, &target.facts.path);
        for side in target.sides.iter().filter(|side| !is_set(file, id, side)) {
            let proof = asserted
                .iter()
                .find_map(|of| Some((of, proves(file, id, lost, of, side, &target.errors)?)));
            let proof = proof.or_else(|| {
                let place = faked(file, region, side, &target.sides)?;
                let shows = |of: &&Assertion<'_>| file.fails_on_nothing(of, id, side);
                Some((asserted.iter().find(shows)?, place))
            });
            let proof = proof.map(|(of, place)| (of.bytes, place));
            let proof = proof.or_else(|| Some((called.shown(side, asserted).filter(|_| real)?, side.guard.region)));
            found.extend(proof.map(|(bytes, place)| Proof {
                key: side.key,
                value: side.value,
                assertion: bytes.in_file(facts.file),
                place,
                guard: side.guard,
            }));
        }
    }
    found
}

/// Where the code stands that an assertion proves to have run, if it fails in the other state.
fn proves(
    file: TestFile<'_>,
    call: NodeId,
    // What it gives may have swallowed the failure.
    lost: bool,
    assertion: &Assertion<'_>,
    side: &Side<'_>,
    errors: &BTreeSet<String>,
) -> Option<Span> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    if assertion.is_of_call() && assertion.is_positive(facts) {
        let name = match tree.syntax(tree.bare(assertion.got)) {
            Syntax::Member { property, .. } => facts.slice(*property),
            _ => facts.words(assertion.got),
        };
        if let Some(place) = side.only.get(&Yield::Call(name.to_owned())) {
            return Some(*place);
        }
    }
    let related = file.comes_from(assertion.got, call);
    if related && assertion.failing && !assertion.negated {
        let thrown = thrown(file, assertion).into_iter();
        let mut alone =
            thrown.filter(|found| side.calm || matches!(found, Yield::Error(name) if errors.contains(name)));
        let place = alone.find_map(|found| side.only.get(&found).copied());
        if place.is_some() {
            return place;
        }
    }
    let after = assertion.bytes.start > tree.bytes(call).start && !file.is_older(assertion.got, call);
    // What is asserted after a call that may be caught shows nothing of whether it failed.
    let fails = side.fails && !lost && (related || (after && !file.is_caught(call)));
    let fails = fails && assertion.is_positive(facts);
    let shows = || {
        let exists = matches!(assertion.matcher, "toBeDefined" | "toBeInstanceOf");
        let beside = !related && after && !exists && file.is_plain(assertion.got, call) && assertion.is_positive(facts);
        beside || file.fails_on_nothing(assertion, call, side)
    };
    (fails || (side.inert && shows())).then_some(side.guard.region)
}

/// Where the code stands that calls a function of which the test has a fake, if this state alone calls it and the test has none of those
/// that the other one calls: the call under test could not give anything there.
fn faked(file: TestFile<'_>, region: Bytes, side: &Side<'_>, sides: &[Side<'_>]) -> Option<Span> {
    let other = sides
        .iter()
        .find(|other| other.key == side.key && other.value == side.value.flipped())?;
    let calls = |side: &Side<'_>| {
        let calls = side.only.iter().filter_map(|(found, place)| match found {
            Yield::Call(name) => Some((name.clone(), *place)),
            _ => None,
        });
        calls.collect::<Vec<_>>()
    };
    let (ours, others) = (calls(side), calls(other));
    if ours.is_empty() || others.is_empty() || others.iter().any(|(name, _)| file.has_fake(region, name)) {
        return None;
    }
    ours.into_iter()
        .find(|(name, _)| file.has_fake(region, name))
        .map(|(_, place)| place)
}

/// What an assertion expects to be thrown: texts, classes.
fn thrown(file: TestFile<'_>, assertion: &Assertion<'_>) -> Vec<Yield> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let all = assertion.expected.iter().flat_map(|expected| tree.below(*expected));
    let found = all.filter_map(|id| match tree.syntax(id) {
        Syntax::Text(text) => Some(Yield::Text(text.trim().to_owned())),
        Syntax::Name => Some(Yield::Error(facts.words(id).to_owned())),
        _ => None,
    });
    found.collect()
}

fn need(case: &TestCase, proof: &Proof<'_>) -> Need {
    let (key, value) = (proof.key, proof.value);
    let because = vec![
        Evidence {
            role: Role::Assertion,
            span: proof.assertion,
            note: format!("holds only with `{key}` {value}"),
        },
        Evidence {
            role: Role::Test,
            span: case.title_span,
            note: "in this test".into(),
        },
        Evidence {
            role: Role::Guard,
            span: proof.place,
            note: format!("runs only with `{key}` {}", proof.guard.needs(key).unwrap_or(value)),
        },
        Evidence {
            role: Role::Guard,
            span: proof.guard.condition,
            note: format!("decides by `{key}`"),
        },
    ];
    Need {
        value,
        certainty: NeedCertainty::Likely,
        because,
        assertion: Some(proof.assertion),
    }
}
