//! Which refs moved, so that an alarm that has nothing to do with the run can be told apart in seconds. Enters: a run's state and what the
//! repository looks like now. Leaves: one line for the top of the page, and the details.

use super::super::event::RefMove;
use super::super::state::RunState;
use super::super::world::Observed;
use super::page::{Page, code};
use crate::git::movable::protects;
use crate::git::{Oid, RefMap};
use std::collections::BTreeSet;

/// The line that a person looks for first.
pub(super) fn in_short(page: &mut Page, state: &RunState, observed: &Observed) {
    let setup = &state.setup;
    let guarded = |name: &str| protects(&setup.protected, name);
    let moved = moves(&setup.refs, &observed.refs);
    let (stirred, others): (Vec<&RefMove>, Vec<&RefMove>) = moved.iter().partition(|moved| guarded(&moved.name));
    let names = |names: Vec<&str>| names.into_iter().map(|name| code(short(name))).collect::<Vec<_>>();
    let still = setup.refs.keys().filter(|name| guarded(name));
    let still = still.filter(|name| observed.refs.get(*name) == setup.refs.get(*name));
    let still = names(still.map(String::as_str).collect());
    let stirred = names(stirred.iter().map(|moved| moved.name.as_str()).collect());
    let mut sentences = Vec::new();
    if !stirred.is_empty() {
        sentences.push(format!(
            "{} moved while the run was on, not by it: see Refs below.",
            stirred.join(", ")
        ));
    } else if still.is_empty() {
        sentences.push("No protected branch moved.".to_owned());
    } else {
        sentences.push(format!("{} did not move.", still.join(", ")));
    }
    if !others.is_empty() {
        sentences.push("Other branches or tags moved, not by the run: see Refs below.".to_owned());
    }
    sentences.push(if state.tip == setup.tip {
        "The run moved no branch and pushed nothing.".to_owned()
    } else {
        format!(
            "The run moved {}, no other branch, and pushed nothing.",
            code(&setup.release_branch)
        )
    });
    page.gap();
    page.line(&sentences.join(" "));
}

pub(super) fn in_full(page: &mut Page, state: &RunState, observed: &Observed) {
    page.heading("Refs");
    let setup = &state.setup;
    let release = code(&setup.release_branch);
    if state.tip == setup.tip {
        page.line(&format!("- {release} did not move: {}", code(setup.tip.short())));
    } else {
        page.line(&format!(
            "- {release} moved by this run: {} to {}",
            code(setup.tip.short()),
            code(state.tip.short())
        ));
    }
    if observed.tip.as_ref() != Some(&state.tip) {
        let now = side(observed.tip.as_ref());
        page.line(&format!("- {release} is now {now}, and that was not this run"));
    }
    for (name, oid) in setup.refs.iter().filter(|(name, _)| protects(&setup.protected, name)) {
        if observed.refs.get(name) == Some(oid) {
            page.line(&format!(
                "- {} is protected and did not move: {}",
                code(short(name)),
                code(oid.short())
            ));
        }
    }
    for moved in moves(&setup.refs, &observed.refs) {
        let protected = if protects(&setup.protected, &moved.name) {
            " is protected and"
        } else {
            ""
        };
        let (from, to) = (side(moved.from.as_ref()), side(moved.to.as_ref()));
        page.line(&format!(
            "- {}{protected} moved while the run was on, not by it: {from} to {to}",
            code(short(&moved.name))
        ));
    }
    page.line(if setup.confined {
        "- Agents and checks could write to their clones, not to this repository."
    } else {
        "- Agents and checks were not confined on this machine: the protected branches were watched, and the run would have stopped."
    });
    page.line("- The dispatcher moves the release branch and `refs/flagman/`, nothing else; it pushes nothing.");
}

fn side(oid: Option<&Oid>) -> String {
    oid.map_or("nothing".to_owned(), |oid| code(oid.short()))
}

fn moves(before: &RefMap, now: &RefMap) -> Vec<RefMove> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let moved = names.into_iter().filter(|name| before.get(*name) != now.get(*name));
    let moved = moved.map(|name| RefMove {
        name: name.clone(),
        from: before.get(name).cloned(),
        to: now.get(name).cloned(),
    });
    moved.collect()
}

fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").unwrap_or(name)
}
