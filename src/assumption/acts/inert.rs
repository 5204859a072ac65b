//! What a function does where a flag does not have one value. Enters: the nodes of the function and the regions that do not run then.
//! Leaves: whether it does nothing, gives nothing, cannot fail, or leaves the answer to another function.

use super::yields::{callee_name, status_of_call};
use crate::lang::tree::{LogicOp, NodeId, Syntax, Through};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// True if nothing outside of the regions does or gives anything: no call but for a log, no assignment, no value.
pub(super) fn is_inert(facts: &FileFacts, nodes: &[NodeId], regions: &[Bytes], decides: &[Bytes]) -> bool {
    let tree = &facts.tree;
    let apart = |bytes: Bytes| {
        let covered = regions.iter().chain(decides).any(|region| region.contains(bytes));
        // The read itself, where a name of its own stands between it and the condition.
        !covered && !decides.iter().chain(regions).any(|region| bytes.contains(*region))
    };
    // What reaches into the regions gives what is left of it without them.
    let gives_nothing = |id: &NodeId| match tree.syntax(*id) {
        Syntax::Return(Some(value)) => is_nothing_without(facts, *value, regions),
        Syntax::Choose { yes, no, .. } => [*yes, *no].into_iter().all(|arm| {
            is_nothing_without(facts, arm, regions) || matches!(tree.syntax(tree.bare(arm)), Syntax::Choose { .. })
        }),
        _ => true,
    };
    let covered = |id: &NodeId| {
        regions
            .iter()
            .chain(decides)
            .any(|region| region.contains(tree.bytes(*id)))
    };
    !regions.is_empty()
        && nodes.iter().filter(|id| !covered(id)).all(gives_nothing)
        && nodes
            .iter()
            .filter(|id| apart(tree.bytes(**id)))
            .all(|id| match tree.syntax(*id) {
                Syntax::Call { callee, .. } => is_quiet(facts.words(*callee)),
                Syntax::New { .. }
                | Syntax::Assign { .. }
                | Syntax::Delete(_)
                | Syntax::Throw(_)
                | Syntax::Macro { .. } => false,
                _ => true,
            })
}

/// True if a value is nothing where the regions do not run: `on ? x : null`, `on && x`; a list or an object around them is something.
fn is_nothing_without(facts: &FileFacts, value: NodeId, regions: &[Bytes]) -> bool {
    let tree = &facts.tree;
    let value = tree.bare(value);
    if regions.iter().any(|region| region.contains(tree.bytes(value))) {
        return true;
    }
    match tree.syntax(value) {
        Syntax::Choose { yes, no, .. } => [*yes, *no]
            .into_iter()
            .all(|arm| is_nothing_without(facts, arm, regions)),
        Syntax::Logic {
            op: LogicOp::And,
            right,
            ..
        } => is_nothing_without(facts, *right, regions),
        Syntax::If { yes, no: Some(no), .. } => [*yes, *no]
            .into_iter()
            .all(|arm| is_nothing_without(facts, arm, regions)),
        Syntax::Block(list) => list
            .last()
            .is_some_and(|last| is_nothing_without(facts, *last, regions)),
        Syntax::Switch { cases, .. } => cases.iter().all(|case| is_nothing_without(facts, *case, regions)),
        Syntax::Case { body, .. } => body.last().is_none_or(|last| is_nothing_without(facts, *last, regions)),
        _ => is_nothing(facts, value),
    }
}

/// True if something outside of the regions is handed the answer of a request whole: it may say anything.
pub(super) fn hands_on(facts: &FileFacts, nodes: &[NodeId], regions: &[Bytes]) -> bool {
    let tree = &facts.tree;
    let apart = nodes
        .iter()
        .filter(|id| !regions.iter().any(|region| region.contains(tree.bytes(**id))));
    let is_answer = |arg: &NodeId| matches!(facts.words(*arg), "res" | "response" | "reply");
    apart.into_iter().any(|id| match tree.syntax(*id) {
        Syntax::Call { callee, args, .. } => {
            args.iter().any(is_answer) && status_of_call(facts, *callee, args).is_none()
        }
        _ => false,
    })
}

/// True if every value that is given stands in the regions, or is `undefined`.
pub(super) fn is_undefined(facts: &FileFacts, nodes: &[NodeId], regions: &[Bytes]) -> bool {
    let tree = &facts.tree;
    let gone = |id: NodeId| {
        let within = regions.iter().any(|region| region.contains(tree.bytes(id)));
        within || facts.words(tree.bare(id)) == "undefined"
    };
    nodes.iter().all(|id| match tree.syntax(*id) {
        Syntax::Return(Some(value)) => match tree.syntax(tree.bare(*value)) {
            Syntax::Choose { yes, no, .. } => gone(*yes) && gone(*no),
            _ => gone(*value),
        },
        _ => true,
    })
}

/// Calls that change nothing that a test would see.
fn is_quiet(callee: &str) -> bool {
    let callee = callee.to_ascii_lowercase();
    ["log.", "logger.", "console.", "tracing::"]
        .iter()
        .any(|logs| callee.contains(logs))
}

fn is_nothing(facts: &FileFacts, value: NodeId) -> bool {
    match facts.tree.syntax(facts.tree.bare(value)) {
        Syntax::Nothing | Syntax::Bool(false) => true,
        Syntax::Array(list) => list.is_empty(),
        Syntax::Object { entries, .. } => entries.is_empty(),
        Syntax::Name => facts.words(value) == "undefined",
        _ => false,
    }
}

/// True if nothing but the regions can fail as far as the function itself shows: no other throw, error, macro or call.
pub(super) fn is_calm(facts: &FileFacts, nodes: &[NodeId], regions: &[Bytes], decides: &[Bytes]) -> bool {
    let apart = |bytes: Bytes| !regions.iter().chain(decides).any(|region| region.contains(bytes));
    // What decides may stand in a call of a method of what was read.
    let holds = |bytes: Bytes| decides.iter().any(|region| bytes.contains(*region));
    let alone = nodes.iter().filter(|id| apart(facts.tree.bytes(**id)));
    alone
        .filter(|id| !holds(facts.tree.bytes(**id)))
        .all(|id| match facts.tree.syntax(*id) {
            Syntax::Call { callee, .. } => {
                let name = callee_name(facts, *callee);
                let plain = matches!(name, "Ok" | "Some" | "to_string" | "to_owned" | "clone" | "into");
                plain || is_quiet(facts.words(*callee))
            }
            Syntax::Wrap(Through::Assert, _) => facts.language != Language::Rust,
            Syntax::Throw(_) | Syntax::Macro { .. } | Syntax::Index { .. } | Syntax::New { .. } => false,
            _ => true,
        })
}
