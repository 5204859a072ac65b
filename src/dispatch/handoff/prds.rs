//! The PRDs of a run, by what became of them. Enters: a run's state. Leaves: those that are stuck with the reason and a way on, those that share a
//! cause, those that landed, those that wait.

use super::super::event::Failure;
use super::super::state::{PrdState, RunState, Stage};
use super::super::summary::{PlannedPrd, folder_name};
use super::page::{Page, code, list, prose, shell, times};
use super::steps::is_idle;
use super::stuck_prds;
use crate::prd::PrdId;
use std::collections::{BTreeMap, BTreeSet};

/// Several PRDs that failed for one reason are one problem.
pub(super) fn shared_causes(page: &mut Page, state: &RunState) {
    let mut citing: BTreeMap<&str, BTreeSet<&PrdId>> = BTreeMap::new();
    for (id, prd) in &state.prds {
        for cause in prd.failures.iter().flat_map(|failure| &failure.causes) {
            citing.entry(cause).or_default().insert(id);
        }
    }
    citing.retain(|_, prds| prds.len() > 1);
    if citing.is_empty() {
        return;
    }
    page.heading("One assumption, several PRDs");
    for (cause, prds) in citing {
        page.line(&format!("- {}: cited by {}", prose(cause), list(prds.into_iter())));
        for place in places_of(state, cause) {
            page.line(&format!("  - said at {}", code(&place)));
        }
    }
}

fn places_of(state: &RunState, cause: &str) -> BTreeSet<String> {
    let facts = state.setup.plan.phases.iter().flatten().flat_map(|prd| &prd.facts);
    facts
        .filter(|fact| fact.fact == cause)
        .flat_map(|fact| fact.places.clone())
        .collect()
}

pub(super) fn stuck(page: &mut Page, state: &RunState) {
    let stuck = stuck_prds(state);
    if stuck.is_empty() {
        return;
    }
    page.heading("Stuck");
    for (id, prd) in stuck {
        page.gap();
        page.line(&format!("### {}: {}", code(&id.0), prose(title(state, id))));
        page.gap();
        let word = match prd.stage {
            Stage::Blocked => "Blocked",
            _ => "Not landed",
        };
        page.line(&format!("{word} after {}.", times(prd.attempts as usize, "attempt")));
        page.gap();
        failures(page, state, prd);
        way_on(page, state, id, prd);
    }
}

fn failures(page: &mut Page, state: &RunState, prd: &PrdState) {
    for alike in prd.failures.chunk_by(alike) {
        let Some(failure) = alike.first() else { continue };
        let note = match failure.note.as_str() {
            "" => String::new(),
            note => format!(": {}", prose(note)),
        };
        let often = match alike.len() {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        page.line(&format!("- {}{note}{often}", prose(&failure.mode.phrase())));
        for log in alike.iter().filter_map(|failure| failure.log.as_ref()) {
            let path = format!(".flagman/runs/{}/{log}", state.setup.run);
            page.line(&format!("  - log: {}", code(&path)));
        }
        for cause in &failure.causes {
            page.line(&format!("  - cites: {}", prose(cause)));
        }
    }
    for conflict in &prd.conflicts {
        page.line(&format!(
            "- conflict ({}): {}",
            prose(&conflict.kind),
            code(&conflict.paths.join(", "))
        ));
    }
}

fn alike(a: &Failure, b: &Failure) -> bool {
    (&a.mode, &a.note, &a.causes) == (&b.mode, &b.note, &b.causes)
}

fn way_on(page: &mut Page, state: &RunState, id: &PrdId, prd: &PrdState) {
    if let Some(work) = &prd.work {
        let kept = format!("refs/flagman/incoming/{}", folder_name(id));
        page.line(&format!(
            "- its work is kept as {}; to take it up by hand:",
            code(&kept)
        ));
        let branch = state.setup.plan.prd(id).map(PlannedPrd::branch).unwrap_or_default();
        let take = format!("git switch -c {} {work}", shell(&branch));
        let rebase = format!("git rebase {}", shell(&state.setup.release_branch));
        page.commands("  ", &[take, rebase]);
    }
    if is_idle(prd) {
        page.line("- if its work is on the release branch already:");
        page.commands("  ", &[format!("flagman resume --landed {}", shell(&id.0))]);
    }
    if prd.stage == Stage::Blocked {
        page.line("- to have it tried again:");
        page.commands("  ", &[format!("flagman resume --retry {}", shell(&id.0))]);
    }
}

pub(super) fn landed(page: &mut Page, state: &RunState) {
    page.heading("Landed");
    let mut none = true;
    for prd in state.setup.plan.phases.iter().flatten() {
        if let Some(Stage::Landed { commit }) = state.prds.get(&prd.id).map(|prd| &prd.stage) {
            let before = state.setup.landed_before.iter().any(|(id, _)| *id == prd.id);
            let when = if before { ", before this run" } else { "" };
            page.line(&format!(
                "- {}: {} ({}{when})",
                code(&prd.id.0),
                prose(&prd.title),
                code(commit.short())
            ));
            none = false;
        }
    }
    if none {
        page.line("Nothing.");
    }
}

pub(super) fn waiting(page: &mut Page, state: &RunState) {
    let mut rows = Vec::new();
    for (number, phase) in state.setup.plan.phases.iter().enumerate() {
        let mut queued = Vec::new();
        for planned in phase {
            let Some(prd) = state.prds.get(&planned.id) else {
                continue;
            };
            let id = code(&planned.id.0);
            match &prd.stage {
                Stage::Undone { by } => rows.push(format!(
                    "{id} was taken back by {}; to have it done anew: {}",
                    code(by.short()),
                    code(&format!("flagman resume --retry {}", shell(&planned.id.0)))
                )),
                Stage::Behind { on } => rows.push(format!("{id} waits for {}, which did not land", code(&on.0))),
                Stage::Ready { .. } | Stage::Landing { .. } => {
                    rows.push(format!("{id}: its work is done and waits to land"));
                }
                Stage::Queued | Stage::Working if prd.failures.is_empty() => queued.push(&planned.id),
                _ => {}
            }
        }
        if !queued.is_empty() {
            rows.push(format!("phase {number}: {}", list(queued.into_iter())));
        }
    }
    let unplanned = &state.setup.plan.unplanned;
    if !unplanned.is_empty() {
        let ids = list(unplanned.iter());
        rows.push(format!("in no phase, because they wait for each other: {ids}"));
    }
    let without = &state.setup.plan.without;
    if !without.is_empty() {
        let ids = list(without.iter());
        rows.push(format!(
            "left out, with all that waits for them, as this run was told (`--without`): {ids}"
        ));
    }
    if !rows.is_empty() {
        page.heading("Waiting");
        rows.iter().for_each(|row| page.line(&format!("- {row}")));
    }
}

fn title<'a>(state: &'a RunState, id: &'a PrdId) -> &'a str {
    state.setup.plan.prd(id).map_or(&id.0, |prd| &prd.title)
}
