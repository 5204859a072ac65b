//! The handoff: what a person reads in the morning. Enters: a run's state and what the repository looks like now. Leaves: Markdown. Says what
//! stopped, what to do first, who is stuck on which fact with evidence, what landed, and which refs moved. The same state gives the same
//! bytes: no clock, no folder of this machine.

use super::event::RefMove;
use super::oracle::{GateFinding, GateVerdict};
use super::state::{End, PrdState, RunState, Stage};
use super::summary::{PlannedPrd, folder_name};
use super::world::Observed;
use crate::git::movable::protects;
use crate::git::{Oid, RefMap};
use crate::prd::PrdId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The handoff of a run, as it stands.
#[must_use]
pub fn render(state: &RunState, observed: &Observed) -> String {
    let mut page = Page(String::new());
    page.line(&format!(
        "# Handoff: run {} onto {}",
        inline(&state.setup.run),
        code(&state.setup.release_branch)
    ));
    page.gap();
    page.line(&format!("**{}** {}", headline(state), numbers(state)));
    first_things(&mut page, state);
    held_waves(&mut page, state);
    shared_causes(&mut page, state);
    stuck(&mut page, state);
    landed(&mut page, state);
    waiting(&mut page, state);
    refs(&mut page, state, observed);
    spent(&mut page, state);
    page.0
}

/// One sentence: where the run stands.
#[must_use]
pub fn headline(state: &RunState) -> String {
    match &state.end {
        None => format!("The run is at phase {}.", state.phase),
        Some(End::Finished) if stuck_prds(state).is_empty() && held_prds(state).is_empty() => {
            "Everything landed.".to_owned()
        }
        Some(End::Finished) => "Everything that could land has landed.".to_owned(),
        Some(End::Held { phase, verdict }) => match verdict {
            GateVerdict::Unknown => format!("Phase {phase} is held: nobody could tell whether it may go."),
            _ => format!("Phase {phase} is held: the gate is {}.", verdict.word()),
        },
        Some(End::Paused { causes }) => {
            let cited = causes
                .iter()
                .map(|(cause, prds)| format!("{} PRDs failed for one upstream cause, {}", prds.len(), inline(cause)));
            format!("Paused: {}.", cited.collect::<Vec<_>>().join("; "))
        }
        Some(End::Exhausted { limit }) => format!("The budget is used up ({}).", limit.word()),
        Some(End::Foreign { found: None, .. }) => "The release branch is gone; the run did not remove it.".to_owned(),
        Some(End::Foreign { .. }) => {
            "Somebody else moved the release branch; the run stopped and moved nothing more.".to_owned()
        }
        Some(End::ProtectedMoved { .. }) => {
            "A protected branch moved while the run was on; the run stopped. It cannot move one itself.".to_owned()
        }
    }
}

fn numbers(state: &RunState) -> String {
    let count = |wanted: fn(&Stage) -> bool| state.prds.values().filter(|prd| wanted(&prd.stage)).count();
    let landed = count(|stage| matches!(stage, Stage::Landed { .. }));
    let blocked = count(|stage| matches!(stage, Stage::Blocked));
    let held = count(|stage| matches!(stage, Stage::Held));
    let total = state.prds.len();
    format!(
        "{landed} of {total} PRDs landed, {held} held, {blocked} blocked, {} waiting.",
        total - landed - blocked - held
    )
}

/// What to do first, with ready commands.
fn first_things(page: &mut Page, state: &RunState) {
    let steps = steps(state);
    if steps.is_empty() {
        return;
    }
    page.heading("What to do first");
    for (number, (what, commands)) in (1..).zip(steps) {
        page.line(&format!("{number}. {what}"));
        page.commands("   ", &commands);
    }
}

fn steps(state: &RunState) -> Vec<(String, Vec<String>)> {
    let resume = ("Go on with the run:".to_owned(), vec!["flagman resume".to_owned()]);
    let branch = &state.setup.release_branch;
    match &state.end {
        None => vec![(
            "The run is at work, or was killed. If nobody is at it, go on:".to_owned(),
            resume.1,
        )],
        Some(End::Held { phase, .. }) => {
            let mut steps: Vec<_> = remedies_of(state, *phase).into_iter().collect();
            steps.push((
                "Ask the gate again:".to_owned(),
                vec![format!("flagman gate --phase {phase}")],
            ));
            steps.push(resume);
            steps
        }
        Some(End::Foreign { expected, found }) => {
            let look = found
                .as_ref()
                .map(|found| format!("git log --oneline {expected}..{found}"));
            vec![
                ("Look at what was done to it:".to_owned(), look.into_iter().collect()),
                (
                    "If it is right, go on from there:".to_owned(),
                    vec!["flagman resume --accept-tip".to_owned()],
                ),
            ]
        }
        Some(End::ProtectedMoved { moved }) => {
            let looks = moved.iter().filter_map(|moved| {
                Some(format!(
                    "git log --oneline {}..{}",
                    moved.from.as_ref()?,
                    moved.to.as_ref()?
                ))
            });
            vec![
                (
                    "Look at what moved, and at the logs of the agents that were at work:".to_owned(),
                    looks.collect(),
                ),
                resume,
            ]
        }
        Some(End::Paused { .. }) => {
            let ids: Vec<String> = stuck_prds(state)
                .iter()
                .map(|(id, _)| format!("--retry {}", shell(&id.0)))
                .collect();
            vec![
                ("Settle the upstream cause (below).".to_owned(), Vec::new()),
                (
                    "Try again:".to_owned(),
                    vec![
                        ["flagman resume".to_owned()]
                            .into_iter()
                            .chain(ids)
                            .collect::<Vec<_>>()
                            .join(" "),
                    ],
                ),
            ]
        }
        Some(End::Exhausted { .. }) => vec![(
            "With a larger budget, go on:".to_owned(),
            vec!["flagman resume".to_owned()],
        )],
        Some(End::Finished) => {
            let look = (
                "Look at the release branch, awake, before it goes any further:".to_owned(),
                vec![format!("git log --oneline {}", shell(branch))],
            );
            let stuck = !stuck_prds(state).is_empty() || !held_prds(state).is_empty();
            let again = stuck.then(|| ("See the stuck PRDs below; then try them again.".to_owned(), Vec::new()));
            again.into_iter().chain([look]).collect()
        }
    }
}

/// The first way out of each error of a phase, once.
fn remedies_of(state: &RunState, phase: u32) -> Vec<(String, Vec<String>)> {
    let findings = state
        .answers
        .get(&phase)
        .map(|answer| answer.findings.as_slice())
        .unwrap_or_default();
    let mut seen = BTreeSet::new();
    let remedies = findings
        .iter()
        .filter(|finding| finding.level == "error")
        .filter_map(|finding| finding.remedies.first());
    let fresh = remedies.filter(|remedy| seen.insert((remedy.detail.clone(), remedy.command.clone())));
    let step = fresh.map(|remedy| {
        (
            format!("{}:", inline(&remedy.detail)),
            remedy.command.clone().into_iter().collect(),
        )
    });
    step.collect()
}

fn held_waves(page: &mut Page, state: &RunState) {
    for (phase, answer) in &state.answers {
        if answer.verdict == GateVerdict::Clear {
            continue;
        }
        page.heading(&format!("Phase {phase} is held ({})", answer.verdict.word()));
        let prds = state.setup.plan.phases.get(*phase as usize);
        let held = prds
            .into_iter()
            .flatten()
            .filter(|prd| state.prds.get(&prd.id).is_some_and(|state| state.stage == Stage::Held));
        page.line(&format!("It would have dispatched {}.", list(held.map(|prd| &prd.id))));
        for flip in state
            .setup
            .plan
            .barriers
            .iter()
            .filter(|flip| flip.before_phase == *phase)
        {
            let unlocks = list(flip.unlocks.iter());
            page.gap();
            page.line(&format!(
                "The plan has a flip before this phase: {} to {}. It opens {unlocks}.",
                code(&flip.flag),
                inline(&flip.to)
            ));
        }
        for finding in &answer.findings {
            self::finding(page, finding);
        }
        if !answer.skipped.is_empty() {
            page.gap();
            page.line("Could not be read, and the answer needs it:");
            page.gap();
        }
        for (path, reason) in &answer.skipped {
            page.line(&format!("- {}: {}", code(path), inline(reason)));
        }
    }
}

fn finding(page: &mut Page, finding: &GateFinding) {
    let about = finding
        .prd
        .as_ref()
        .map(|prd| format!(" ({})", code(&prd.0)))
        .unwrap_or_default();
    page.gap();
    page.line(&format!(
        "**{}\\[{}\\]**{about}: {}",
        inline(&finding.level),
        inline(&finding.check),
        inline(&finding.message)
    ));
    page.gap();
    for place in &finding.places {
        page.line(&format!("- at {}", code(place)));
    }
    for remedy in &finding.remedies {
        page.line(&format!(
            "- way out, {}: {}",
            inline(&remedy.kind),
            inline(&remedy.detail)
        ));
        page.commands("  ", remedy.command.as_slice());
    }
}

/// Several PRDs that failed for one reason are one problem.
fn shared_causes(page: &mut Page, state: &RunState) {
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
    page.heading("One cause, several PRDs");
    for (cause, prds) in citing {
        page.line(&format!("- {}: cited by {}", inline(cause), list(prds.into_iter())));
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

fn stuck_prds(state: &RunState) -> Vec<(&PrdId, &PrdState)> {
    let failed = |prd: &PrdState| !matches!(prd.stage, Stage::Landed { .. }) && !prd.failures.is_empty();
    state
        .prds
        .iter()
        .filter(|(_, prd)| prd.stage == Stage::Blocked || failed(prd))
        .collect()
}

fn held_prds(state: &RunState) -> Vec<&PrdId> {
    let held = state
        .prds
        .iter()
        .filter(|(_, prd)| matches!(prd.stage, Stage::Held | Stage::Behind { .. }));
    held.map(|(id, _)| id).collect()
}

fn stuck(page: &mut Page, state: &RunState) {
    let stuck = stuck_prds(state);
    if stuck.is_empty() {
        return;
    }
    page.heading("Stuck");
    for (id, prd) in stuck {
        page.gap();
        page.line(&format!("### {}: {}", code(&id.0), inline(title(state, id))));
        page.gap();
        let word = if prd.stage == Stage::Blocked {
            "Blocked"
        } else {
            "Not landed"
        };
        page.line(&format!("{word} after {}.", times(prd.attempts, "attempt")));
        page.gap();
        for failure in &prd.failures {
            page.line(&format!(
                "- {}: {}",
                inline(&failure.mode.phrase()),
                inline(&failure.note)
            ));
            if let Some(log) = &failure.log {
                page.line(&format!(
                    "  - log: {}",
                    code(&format!(".flagman/runs/{}/{log}", state.setup.run))
                ));
            }
            for cause in &failure.causes {
                page.line(&format!("  - cites: {}", inline(cause)));
            }
        }
        for conflict in &prd.conflicts {
            page.line(&format!(
                "- conflict ({}): {}",
                inline(&conflict.kind),
                code(&conflict.paths.join(", "))
            ));
        }
        if let Some(work) = &prd.work {
            page.line(&format!(
                "- its work is kept as {}",
                code(&format!("refs/flagman/incoming/{}", folder_name(id)))
            ));
            let branch = state.setup.plan.prd(id).map(PlannedPrd::branch).unwrap_or_default();
            let take = format!("git switch -c {} {work}", shell(&branch));
            let rebase = format!("git rebase {}", shell(&state.setup.release_branch));
            page.commands("  ", &[take, rebase]);
        }
        if prd.stage == Stage::Blocked {
            page.line("- to have it tried again:");
            page.commands("  ", &[format!("flagman resume --retry {}", shell(&id.0))]);
        }
    }
}

fn landed(page: &mut Page, state: &RunState) {
    let mut rows = Vec::new();
    for prd in state.setup.plan.phases.iter().flatten() {
        if let Some(Stage::Landed { commit }) = state.prds.get(&prd.id).map(|prd| &prd.stage) {
            let before = state.setup.landed_before.iter().any(|(id, _)| *id == prd.id);
            let when = if before { ", before this run" } else { "" };
            rows.push(format!(
                "- {}: {} ({}{when})",
                code(&prd.id.0),
                inline(&prd.title),
                code(commit.short())
            ));
        }
    }
    page.heading("Landed");
    if rows.is_empty() {
        rows.push("Nothing.".to_owned());
    }
    rows.iter().for_each(|row| page.line(row));
}

fn waiting(page: &mut Page, state: &RunState) {
    let rows: Vec<String> = state
        .prds
        .iter()
        .filter_map(|(id, prd)| {
            let why = match &prd.stage {
                Stage::Behind { on } => format!("waits for {}, which did not land", code(&on.0)),
                Stage::Ready { .. } | Stage::Landing { .. } => "its work is done and waits to land".to_owned(),
                Stage::Queued | Stage::Working if prd.failures.is_empty() => "not yet done".to_owned(),
                _ => return None,
            };
            Some(format!("- {}: {} ({why})", code(&id.0), inline(title(state, id))))
        })
        .collect();
    let unplanned = &state.setup.plan.unplanned;
    if rows.is_empty() && unplanned.is_empty() {
        return;
    }
    page.heading("Waiting");
    rows.iter().for_each(|row| page.line(row));
    if !unplanned.is_empty() {
        page.line(&format!(
            "- in no phase, because they wait for each other: {}",
            list(unplanned.iter())
        ));
    }
}

/// So that an unrelated alarm can be told apart in seconds.
fn refs(page: &mut Page, state: &RunState, observed: &Observed) {
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
        let now = observed.tip.as_ref().map_or("gone".to_owned(), |tip| code(tip.short()));
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
        let side = |oid: Option<Oid>| oid.map_or("nothing".to_owned(), |oid| code(oid.short()));
        let (from, to) = (side(moved.from), side(moved.to));
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

fn spent(page: &mut Page, state: &RunState) {
    page.heading("What it took");
    let spent = &state.spent;
    page.line(&format!("- {} of agents", times(spent.attempts, "attempt")));
    if spent.tokens > 0 {
        page.line(&format!("- {} tokens", spent.tokens));
    }
    if spent.micro_dollars > 0 {
        page.line(&format!(
            "- {}.{:02} dollars",
            spent.micro_dollars / 1_000_000,
            spent.micro_dollars % 1_000_000 / 10_000
        ));
    }
    if spent.silent > 0 {
        page.line(&format!(
            "- {} did not say what they used",
            times(spent.silent, "attempt")
        ));
    }
}

fn title<'a>(state: &'a RunState, id: &'a PrdId) -> &'a str {
    state.setup.plan.prd(id).map_or(&id.0, |prd| &prd.title)
}

fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").unwrap_or(name)
}

fn times(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn list<'a>(ids: impl Iterator<Item = &'a PrdId>) -> String {
    let ids: Vec<String> = ids.map(|id| code(&id.0)).collect();
    if ids.is_empty() {
        "nothing".to_owned()
    } else {
        ids.join(", ")
    }
}

struct Page(String);

impl Page {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    /// An empty line, unless there is one already.
    fn gap(&mut self) {
        if !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    fn heading(&mut self, text: &str) {
        self.gap();
        self.line(&format!("## {text}"));
        self.gap();
    }

    fn commands(&mut self, indent: &str, commands: &[String]) {
        if commands.is_empty() {
            return;
        }
        self.line(&format!("{indent}```sh"));
        for command in commands {
            self.line(&format!("{indent}{}", plain(command)));
        }
        self.line(&format!("{indent}```"));
    }
}

/// One line without control characters and without those that turn the direction of writing around.
fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c })
        .collect()
}

/// Text of others within a line of ours: nothing in it is Markdown.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        if "\\`*_[]<>|#!&~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text of others as code, whatever backticks it has.
fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// One word for a shell.
fn shell(text: &str) -> String {
    let text = plain(text);
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-/@:=+".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(safe) {
        return text;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        assert_eq!(
            inline("a\n<script> `x` [l](u)\u{202e}"),
            "a \\<script\\> \\`x\\` \\[l\\](u)\u{fffd}"
        );
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x\n"), "`` `x ``");
        assert_eq!(shell("011-tax"), "011-tax");
        assert_eq!(shell("a'; rm -rf /"), "'a'\\''; rm -rf /'");
        assert_eq!(shell("-x"), "'-x'");
    }
}
