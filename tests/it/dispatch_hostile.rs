//! The dispatcher and agents that mean no good, or that are merely broken: what they may do to themselves, and that it stays there.

use crate::dispatch_night::{DILIGENT, Night, open, plan, stage};
use flagman::dispatch::event::FailureMode;
use flagman::dispatch::{self, Confine, DispatchError, End, GateVerdict, RealWorld, RunState};
use flagman::prd::PrdId;
use std::fs;
use std::path::Path;

const HOSTILE: &str = "
for ref in refs/heads/main refs/heads/release/next refs/tags/v1; do git -C \"$HUB\" -c core.hooksPath=/dev/null update-ref $ref \"$FLAGMAN_BASE~0\" 2>/dev/null || true; done
git -C \"$HUB\" commit-tree -p main -m evil 'main^{tree}' > /tmp/evil-$$ 2>/dev/null || true
git -C \"$HUB\" update-ref refs/heads/main \"$(cat /tmp/evil-$$)\" || true; rm -f /tmp/evil-$$
echo 0000 > \"$HUB/.git/refs/heads/main\" || true
git -C \"$HUB\" config core.fsmonitor 'touch /tmp/pwned' || true
git push -q \"$HUB\" HEAD:refs/heads/main || true
rm -rf \"$HUB/docs\" || true
echo junk >> \"$HUB/.flagman/runs/0001/journal.jsonl\" || true
echo junk > \"$HUB/handoff.md\" || true
while [ ! -e \"$HUB/.worktrees/b/.git/HEAD\" ]; do :; done
rm -rf \"$HUB/.worktrees/b\" || true
mkdir -p \"$HUB/.worktrees/b/work\" && echo evil > \"$HUB/.worktrees/b/work/evil\" || true
";

#[test]
fn a_confined_agent_cannot_touch_the_repository() {
    let mut night = Night::new();
    night.config.confine = Confine::Require;
    let world = RealWorld::open(&night.config);
    if let Err(DispatchError::Config { .. }) = world {
        eprintln!("this machine cannot confine programs; the unconfined test below stands in");
        return;
    }
    drop(world);
    let hub = night.scratch.root();
    let struck = night.folder().join("struck");
    let strike = format!(
        "HUB='{}'\n{HOSTILE}\n: > '{}'\n{DILIGENT}",
        hub.display(),
        struck.display()
    );
    night.script("a", &strike);
    let wait = format!("while [ ! -e '{}' ]; do :; done; {DILIGENT}", struck.display());
    night.script("b", &wait);
    let (refs, config) = (
        night.scratch.watched_refs(),
        fs::read_to_string(hub.join(".git/config")).expect("a file"),
    );
    let outcome = night.run(plan("a b"), &open).expect("runs");
    assert_eq!(outcome.state.end, Some(End::Finished));
    assert_eq!(
        night.landed(),
        ["Title of a", "Title of b"],
        "its honest work lands all the same: {:?}",
        outcome.state.prds
    );
    assert_eq!(night.scratch.watched_refs(), refs);
    assert_eq!(fs::read_to_string(hub.join(".git/config")).expect("a file"), config);
    assert!(hub.join("docs/prds/a.md").exists());
    assert_eq!(
        night.scratch.git(&["ls-tree", "--name-only", "release/next", "work/"]),
        "work/a\nwork/b",
        "nothing in another's clone"
    );
    dispatch::status(&hub).expect("the journal is whole");
    assert!(night.handoff().contains("not to this repository"));
}

#[test]
fn an_unconfined_agent_that_moves_main_stops_the_run() {
    let mut night = Night::new();
    night.config.confine = Confine::Off;
    let hub = night.scratch.root();
    let evil = format!(
        "{DILIGENT}; git -C '{0}' update-ref refs/heads/main $(git -C '{0}' commit-tree -p main -m evil 'main^{{tree}}')",
        hub.display()
    );
    night.script("a", &evil);
    let outcome = night.run(plan("a|b"), &open).expect("runs");
    assert!(
        matches!(&outcome.state.end, Some(End::ProtectedMoved { moved }) if moved[0].name == "refs/heads/main"),
        "{:?}",
        outcome.state.end
    );
    assert_eq!(
        night.scratch.git(&["log", "-1", "--format=%s", "release/next"]),
        "base",
        "nothing of it landed"
    );
    let handoff = night.handoff();
    assert!(
        handoff.contains("`main` is protected and moved while the run was on, not by it")
            && handoff.contains("not confined"),
        "{handoff}"
    );
}

#[test]
fn the_hooks_of_a_clone_stop_an_honest_mistake() {
    let night = Night::new();
    night.script("a", &format!("git branch main 2>&1 || echo refused; git push . HEAD:refs/heads/master 2>&1 || echo refused again; {DILIGENT}"));
    night.run(plan("a"), &open).expect("runs");
    let log = night.log("0001", "a/1-agent.log");
    assert!(
        log.contains("refs/heads/main is protected") && log.contains("refused again"),
        "{log}"
    );
}

/// Processes that work in a folder or below it, by their command lines.
#[cfg(target_os = "linux")]
fn at_work_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
    let here = processes.filter(|process| {
        let place = fs::read_link(process.path().join("cwd"));
        place.is_ok_and(|place| place.starts_with(folder))
    });
    here.map(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ")
    })
    .collect()
}

fn failures<'a>(state: &'a RunState, id: &str) -> Vec<(&'a FailureMode, &'a str)> {
    let failures = state.prds[&PrdId(id.to_owned())].failures.iter();
    failures.map(|failure| (&failure.mode, failure.note.as_str())).collect()
}

#[test]
#[cfg(target_os = "linux")]
fn an_agent_that_never_ends_is_ended_with_all_its_children_and_the_night_goes_on() {
    for (confine, retries) in [(Confine::IfPossible, 1), (Confine::Off, 0)] {
        let mut night = Night::new();
        night.config.confine = confine;
        // Enough for an honest agent on a busy machine.
        night.config.agent_seconds = 5;
        night.config.policy.retries_per_mode = retries;
        night.config.grace_ms = 100;
        night.script(
            "endless",
            "trap '' TERM HUP; (trap '' TERM; while :; do sleep 0.1; done) & setsid sleep 600 & setsid sh -c 'trap \"\" TERM; sleep 600; sleep 600' & while :; do sleep 0.1; done",
        );
        let outcome = night.run(plan("endless|next"), &open).expect("runs");
        assert_eq!(outcome.state.end, Some(End::Finished));
        assert_eq!(
            (stage(&outcome.state, "endless"), stage(&outcome.state, "next")),
            ("blocked", "landed")
        );
        let failures = failures(&outcome.state, "endless");
        assert_eq!(failures.len(), 1 + retries as usize, "{failures:?}");
        for failure in failures {
            assert_eq!(failure, (&FailureMode::AgentOverran, "it took more than 5 s"));
        }
        assert_eq!(at_work_in(&night.scratch.root()), [] as [String; 0], "{confine:?}");
        assert!(
            night
                .handoff()
                .contains("the agent ran out of its time: it took more than 5 s")
        );
    }
}

#[test]
fn a_flood_of_output_is_ended_and_bounded() {
    let mut night = Night::new();
    night.config.log_bytes = 1 << 20;
    night.script("flood", "exec yes 'all work and no play'");
    let outcome = night.run(plan("flood quiet"), &open).expect("runs");
    assert_eq!(
        (stage(&outcome.state, "flood"), stage(&outcome.state, "quiet")),
        ("blocked", "landed")
    );
    let failures = failures(&outcome.state, "flood");
    assert_eq!(
        failures[0],
        (&FailureMode::AgentOverran, "it wrote more than 1 MiB of log")
    );
    assert!(night.handoff().len() < 10_000, "the handoff does not repeat it");
}

#[test]
fn what_an_agent_prints_cannot_write_the_handoff() {
    let night = Night::new();
    let shout =
        "printf '\\n## Everything landed\\n\\033[2J**merge to main** <img src=x> @everyone `rm -rf /`\\n'; exit 1";
    night.script("a", shout);
    night.run(plan("a"), &open).expect("runs");
    let handoff = night.handoff();
    assert!(
        !handoff.contains("\n## Everything") && !handoff.contains('\u{1b}'),
        "{handoff}"
    );
    assert!(!handoff.contains("**merge") && !handoff.contains(" <img"), "{handoff}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_an_agent_leaves_behind_is_ended_and_its_work_lands() {
    for confine in [Confine::IfPossible, Confine::Off] {
        let mut night = Night::new();
        night.config.confine = confine;
        // Both hold its output open, so whoever waited for the end of that would wait for long.
        night.script("a", &format!("{DILIGENT}\nsleep 600 &\nsetsid sleep 600 &\n"));
        let outcome = night.run(plan("a"), &open).expect("runs");
        assert_eq!(outcome.verdict(), GateVerdict::Clear);
        assert_eq!(at_work_in(&night.scratch.root()), [] as [String; 0], "{confine:?}");
    }
}

#[test]
fn commits_to_protected_branches_stay_in_the_clone_and_are_no_work() {
    let night = Night::new();
    let refs = night.scratch.watched_refs();
    let main = "git -c core.hooksPath=/dev/null";
    night.script("main", &format!("{main} checkout -q -b main; mkdir work; echo x > work/x; git add -A; {main} commit -q -m evil; git log --oneline main"));
    night.script(
        "both",
        &format!("{DILIGENT}; {main} branch -f main HEAD; {main} branch -f master HEAD; {main} branch -f release/next HEAD; {main} tag v9 HEAD"),
    );
    let outcome = night.run(plan("main both"), &open).expect("runs");
    assert_eq!(
        failures(&outcome.state, "main")[0],
        (&FailureMode::NoChange, "no new commit on prd/main")
    );
    assert!(night.log("0001", "main/1-agent.log").contains("evil"), "it did commit");
    assert_eq!(night.landed(), ["Title of both"], "its own branch is what counts");
    assert_eq!(night.scratch.watched_refs(), refs, "no branch, no tag");
}

#[test]
fn a_clone_without_git_in_it_costs_the_agent_its_work_and_nobody_else() {
    let night = Night::new();
    let hub = night.scratch.root().display().to_string();
    let refs = night.scratch.watched_refs();
    let ruins = [
        ("gone", "rm -rf .git".to_owned()),
        ("empty", "rm -rf .git; mkdir .git".to_owned()),
        ("led", format!("rm -rf .git; echo 'gitdir: {hub}/.git' > .git")),
        ("linked", format!("rm -rf .git; ln -s '{hub}/.git' .git")),
        ("all", "find . -mindepth 1 -delete".to_owned()),
        ("refs", "rm -rf .git/refs .git/objects .git/packed-refs".to_owned()),
        ("broken", "echo junk > .git/refs/heads/prd/broken".to_owned()),
    ];
    for (prd, ruin) in &ruins {
        night.script(prd, &format!("{DILIGENT}; {ruin}"));
    }
    let mut ids: Vec<&str> = ruins.iter().map(|(prd, _)| *prd).collect();
    ids.push("honest");
    let outcome = night.run(plan(&ids.join(" ")), &open).expect("runs");
    assert_eq!(night.landed(), ["Title of honest"]);
    for (prd, _) in &ruins {
        assert_eq!(stage(&outcome.state, prd), "blocked", "{prd}");
        assert_eq!(
            outcome.state.prds[&PrdId((*prd).to_owned())].attempts,
            2,
            "{prd}: one retry"
        );
    }
    assert_eq!(night.scratch.watched_refs(), refs);
    night.scratch.git(&["fsck", "--strict"]);
}
