//! What the values of a function prove. Enters: a test, the functions with guards. Leaves: proofs by assertions that no value of one
//! state meets and some value of the other one may.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::claims::{Claim, claims};
use super::file::TestFile;
use super::value::Value;
use super::yields::{self, Side};
use super::{Proof, Target, called, golang, holds};
use crate::assumption::reach::Reach;
use crate::assumption::sure::fails_its_test;
use crate::index::TestCase;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax, Through};
use crate::source::Bytes;

/// What assertions prove that cannot hold for what a call gives in the other state, and may for what it gives in this one.
pub(super) fn by_value<'a>(
    file: TestFile<'_>,
    case: &TestCase,
    names: &BTreeSet<&str>,
    targets: &'a BTreeMap<&str, Vec<Target<'a>>>,
    reach: &Reach<'_>,
) -> Vec<Proof<'a>> {
    let (facts, mut found) = (file.facts, Vec::new());
    let bodies: Vec<Bytes> = case
        .bodies
        .iter()
        .filter(|body| body.file == facts.file)
        .map(|body| body.bytes)
        .collect();
    let asserted: OnceCell<Vec<Claim<'_>>> = OnceCell::new();
    let all = || bodies.iter().flat_map(|body| claims(file, *body)).collect();
    let own = bodies.iter().flat_map(|body| file.nodes(*body));
    for (id, target) in own.filter_map(|id| Some((id, tried(file, id, names, targets, reach)?))) {
        let to = helper(file, id);
        let helping: Vec<Claim<'_>> = match to {
            Some((function, _)) if bodies.iter().any(|body| fails_its_test(facts, id, *body)) => {
                claims(file, facts.tree.bytes(function))
            }
            _ => Vec::new(),
        };
        let asserted = asserted.get_or_init(all);
        found.extend(shown(file, (id, target), to, None, || asserted.iter().chain(&helping)));
    }
    // What a function of the file asserts that the test calls is the test's own.
    for helper in helpers(file, &bodies) {
        let asserted: OnceCell<Vec<Claim<'_>>> = OnceCell::new();
        for id in file.nodes(helper.body) {
            let Some(target) = tried(file, id, names, targets, reach) else {
                continue;
            };
            let asserted = asserted.get_or_init(|| claims(file, helper.body));
            let with = Some((helper.function, helper.args));
            found.extend(shown(file, (id, target), None, with, || asserted.iter()));
        }
    }
    found
}

/// The function that a call means, where the test waits for what it gives.
fn tried<'a>(
    file: TestFile<'_>,
    id: NodeId,
    names: &BTreeSet<&str>,
    targets: &'a BTreeMap<&str, Vec<Target<'a>>>,
    reach: &Reach<'_>,
) -> Option<&'a Target<'a>> {
    let (_, target) = called(file, id, names, targets, reach)?;
    (!target.promises || is_awaited(file, id)).then_some(target)
}

/// For each state, the first claim that holds for nothing that the call gives in the other one.
fn shown<'a, 'c, I: Iterator<Item = &'c Claim<'c>>>(
    file: TestFile<'_>,
    (call, target): (NodeId, &'a Target<'a>),
    to: Option<(NodeId, usize)>,
    with: Option<(NodeId, &[NodeId])>,
    asserted: impl Fn() -> I,
) -> Vec<Proof<'a>> {
    let facts = file.facts;
    let one = |side: &'a Side<'a>| {
        let holds = |claim: &Claim<'_>, value, row| {
            let given = holds::Given {
                file,
                call,
                value,
                to,
                with,
                row,
            };
            given.holds(claim)
        };
        let shows = |claim: &&Claim<'_>| {
            let rows = 0..file.rows(claim.node);
            let fails = |row| side.other.iter().all(|value| holds(claim, value, row) == Some(false));
            let may_hold = || {
                let all = |value| rows.clone().all(|row| holds(claim, value, row) != Some(false));
                side.gives.iter().any(all)
            };
            rows.clone().any(fails) && may_hold()
        };
        if side.other.contains(&Value::Unknown) {
            return None;
        }
        let claim = asserted().find(shows)?;
        Some(Proof {
            key: side.key,
            value: side.value,
            assertion: facts.tree.bytes(claim.node).in_file(facts.file),
            place: side.guard.region,
            guard: side.guard,
        })
    };
    let real = |side: &&Side<'_>| !side.through.iter().any(|(name, path)| file.replaces(name, path));
    let sides = target.sides.iter().filter(|side| !is_set(file, call, side));
    sides.filter(real).filter_map(one).collect()
}

/// A function of the file that a test calls, wherever it goes.
pub(in crate::assumption) struct Helper<'f> {
    /// The function.
    pub(in crate::assumption) function: NodeId,
    /// Its body.
    pub(in crate::assumption) body: Bytes,
    /// What it is called with.
    pub(in crate::assumption) args: &'f [NodeId],
}

/// The functions of the file that run whenever these bodies do, and whose failure is theirs.
pub(in crate::assumption) fn helpers<'f>(file: TestFile<'f>, bodies: &[Bytes]) -> Vec<Helper<'f>> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let mut found: Vec<Helper<'f>> = Vec::new();
    for body in bodies {
        for id in file.nodes(*body) {
            let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
                continue;
            };
            if !matches!(tree.syntax(*callee), Syntax::Name) {
                continue;
            }
            let Some(function) = file.only_function(facts.words(*callee)) else {
                continue;
            };
            let Syntax::Function(of) = tree.syntax(function) else {
                continue;
            };
            let Some(inner) = of.body.map(|body| tree.bytes(body)) else {
                continue;
            };
            let waits = !yields::promises(facts, function) || is_awaited(file, id);
            let apart = !bodies.iter().any(|body| body.contains(inner) || inner.contains(*body));
            let decided = facts.language == Language::Go && golang::is_decided(facts, id, *body);
            if waits && apart && !decided && fails_its_test(facts, id, *body) {
                found.push(Helper {
                    function,
                    body: inner,
                    args,
                });
            }
        }
    }
    found
}

/// The function of the file that the call's value is handed to, and as which parameter.
fn helper(file: TestFile<'_>, call: NodeId) -> Option<(NodeId, usize)> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let up = tree.node(call).parent?;
    let Syntax::Call { callee, args, .. } = tree.syntax(up) else {
        return None;
    };
    let at = args.iter().position(|arg| *arg == call)?;
    Some((file.function(facts.words(*callee))?, at))
}

/// True if the test waits for what the call promises where it stands.
fn is_awaited(file: TestFile<'_>, call: NodeId) -> bool {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let mut below = call;
    for up in tree.ancestors(call) {
        match tree.syntax(up) {
            Syntax::Wrap(Through::Await, _) => return true,
            Syntax::Wrap(..) => below = up,
            Syntax::Call { callee, args, .. } => {
                let resolves = |up: NodeId| match tree.syntax(up) {
                    Syntax::Member { property, .. } => facts.slice(*property) == "resolves",
                    _ => false,
                };
                let expects = args.contains(&below) && facts.words(*callee) == "expect";
                return expects && tree.node(up).parent.is_some_and(resolves);
            }
            _ => return false,
        }
    }
    false
}

/// True if the call hands over what the flag is only a default of.
pub(super) fn is_set(file: TestFile<'_>, call: NodeId, side: &Side<'_>) -> bool {
    match file.facts.tree.syntax(call) {
        Syntax::Call { args, .. } => side.left_out.is_some_and(|place| args.len() > place),
        // What an element is given stands in one object.
        Syntax::Element { .. } => side.left_out.is_some(),
        _ => false,
    }
}
