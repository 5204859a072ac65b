//! What the values of a function prove. Enters: a test, the functions with guards. Leaves: proofs by assertions that no value of one
//! state meets and some value of the other one may.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::file::TestFile;
use super::holds::{self, Claim, claims};
use super::yields::Side;
use super::{Proof, Target, called};
use crate::assumption::reach::Reach;
use crate::assumption::sure::fails_its_test;
use crate::index::TestCase;
use crate::lang::tree::{NodeId, Syntax, Through};

/// What assertions prove that cannot hold for what a call gives in the other state, and may for what it gives in this one.
pub(super) fn by_value<'a>(
    file: TestFile<'_>,
    case: &TestCase,
    names: &BTreeSet<&str>,
    targets: &'a BTreeMap<&str, Vec<Target<'a>>>,
    reach: &Reach<'_>,
) -> Vec<Proof<'a>> {
    let (facts, mut found) = (file.facts, Vec::new());
    let bodies = || case.bodies.iter().filter(|body| body.file == facts.file);
    let asserted: OnceCell<Vec<Claim<'_>>> = OnceCell::new();
    for id in bodies().flat_map(|body| file.nodes(body.bytes)) {
        let Some((_, target)) = called(file, id, names, targets, reach) else {
            continue;
        };
        if target.promises && !is_awaited(file, id) {
            continue;
        }
        let asserted = asserted.get_or_init(|| bodies().flat_map(|body| claims(file, body.bytes)).collect());
        let to = helper(file, id);
        let helping: Vec<Claim<'_>> = match to {
            Some((function, _)) if bodies().any(|body| fails_its_test(facts, id, body.bytes)) => {
                claims(file, facts.tree.bytes(function))
            }
            _ => Vec::new(),
        };
        for side in target.sides.iter().filter(|side| !is_set(file, id, side)) {
            let holds = |claim: &Claim<'_>, value| {
                let given = holds::Given {
                    file,
                    call: id,
                    value,
                    to,
                };
                given.holds(claim)
            };
            let shows = |claim: &&Claim<'_>| {
                side.other.iter().all(|value| holds(claim, value) == Some(false))
                    && side.gives.iter().any(|value| holds(claim, value) != Some(false))
            };
            found.extend(asserted.iter().chain(&helping).find(shows).map(|claim| Proof {
                key: side.key,
                value: side.value,
                assertion: facts.tree.bytes(claim.node).in_file(facts.file),
                place: side.guard.region,
                guard: side.guard,
            }));
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
        _ => false,
    }
}
