//! The dispatcher with real git and scripted agents: what lands, what is held, what is tried again, what is refused.

use crate::dispatch_night::{DILIGENT, Night, closed_before, open, plan, stage};
use flagman::dispatch::{self, Confine, DispatchError, End, GateVerdict, RealWorld, Resume};
use flagman::git::Oid;
use flagman::prd::PrdId;
use std::fs;

#[test]
fn two_phases_land_and_the_third_is_held_and_the_handoff_says_why() {
    let mut night = Night::new();
    night.check("tests", "test -f \"work/$FLAGMAN_PRD\"");
    let before = night.scratch.watched_refs();
    let plan = plan("001-migration 002-hotfix|003-snapshot|010-leads 011-tax|020-later");
    let outcome = night.run(plan, &closed_before(2)).expect("runs");
    assert_eq!(
        outcome.state.end,
        Some(End::Held {
            phase: 2,
            verdict: GateVerdict::Blocked
        })
    );
    assert_eq!(outcome.verdict(), GateVerdict::Blocked);
    assert_eq!(
        night.landed(),
        ["Title of 001-migration", "Title of 002-hotfix", "Title of 003-snapshot"]
    );
    assert_eq!(night.scratch.watched_refs(), before, "only the release branch moved");
    let message = night.scratch.git(&["log", "-1", "--format=%B", "release/next"]);
    for trailer in [
        "Flagman-PRD: 003-snapshot",
        "Flagman-Run: 0001",
        "Flagman-Head: ",
        "Flagman-Plan: ",
    ] {
        assert!(message.contains(trailer), "{message}");
    }

    let handoff = night.handoff();
    for words in [
        "Phase 2 is held: the gate is blocked.",
        "3 of 6 PRDs landed, 2 held, 0 blocked, 1 waiting.",
        "flagman flags set snapshot_read on --reason \"…\"",
        "assumes-unset-flag",
        "`apps/api/tax.spec.ts:41:5`",
        "`010-leads`, `011-tax`",
        "`main` is protected and did not move",
        "git switch release/next",
        "flagman resume --accept-tip",
        "`main` did not move. The run moved `release/next`, no other branch, and pushed nothing.",
    ] {
        assert!(handoff.contains(words), "{words} is not in\n{handoff}");
    }
    assert_eq!(
        fs::read_to_string(&outcome.handoff).expect("the run's own copy"),
        handoff
    );
    assert!(
        night
            .scratch
            .git(&["status", "--porcelain"])
            .lines()
            .all(|line| line == "?? handoff.md"),
        "the work tree is as it was"
    );

    let outcome = night.resume(&Resume::default(), &open).expect("resumes");
    assert_eq!(outcome.state.end, Some(End::Finished));
    assert_eq!(outcome.verdict(), GateVerdict::Clear);
    assert_eq!(night.landed().len(), 6);
    assert_eq!(outcome.run, "0001");
}

#[test]
fn a_red_prd_is_retried_with_its_log_and_then_blocked() {
    let mut night = Night::new();
    night.check(
        "tests",
        "test \"$FLAGMAN_PRD\" != b || { echo 'snapshot_read was off'; exit 1; }",
    );
    night.script("b", &format!("cat \"${{FLAGMAN_FEEDBACK:-/dev/null}}\"; echo attempt $FLAGMAN_ATTEMPT after ${{FLAGMAN_PREVIOUS:-nothing}}; {DILIGENT}"));
    let outcome = night.run(plan("a b c|d<b e"), &open).expect("runs");
    assert_eq!(outcome.state.end, Some(End::Finished));
    assert_eq!(outcome.verdict(), GateVerdict::Blocked);
    assert_eq!(night.landed(), ["Title of a", "Title of c", "Title of e"]);
    assert_eq!(
        (stage(&outcome.state, "b"), stage(&outcome.state, "d")),
        ("blocked", "behind")
    );
    let second = night.log("0001", "b/2-agent.log");
    assert!(
        second.contains("snapshot_read was off") && second.contains("attempt 2 after "),
        "{second}"
    );
    let handoff = night.handoff();
    let work = outcome.state.prds[&PrdId("b".into())].work.clone().expect("work");
    for words in [
        "Blocked after 2 attempts",
        "`tests` is red",
        "cites: flag snapshot_read is on",
        "flagman resume --retry b",
        work.as_str(),
    ] {
        assert!(
            handoff.replace("\\`", "`").contains(words),
            "{words} is not in\n{handoff}"
        );
    }
    assert_eq!(
        night.scratch.oid("refs/flagman/incoming/b"),
        work,
        "its work is not lost"
    );
}

#[test]
fn three_failures_of_one_cause_pause_the_run() {
    let mut night = Night::new();
    night.check(
        "tests",
        "case $FLAGMAN_PRD in leads|tax|two) echo 'expected snapshot_read to be on'; exit 1;; esac",
    );
    let outcome = night.run(plan("leads tax two fine|next"), &open).expect("runs");
    let Some(End::Paused { causes }) = &outcome.state.end else {
        panic!("{:?}", outcome.state.end);
    };
    assert_eq!(causes[0].0, "flag snapshot_read is on");
    assert_eq!(
        night.landed(),
        ["Title of fine"],
        "what was under way is finished, the next wave is not begun"
    );
    let handoff = night.handoff();
    for words in [
        "**Paused: 3 PRDs failed on one upstream assumption (flag snapshot_read is on).**",
        "Make it true that flag snapshot_read is on, if that is right.",
        "flagman flags set snapshot_read on --reason",
        "flagman resume --accept-tip --retry leads --retry tax\n",
        "cited by `leads`, `tax`, `two`",
        "docs/prds/003.md:18:27",
        "`tests` is red: expected snapshot_read to be on (2 times)",
        "none said what it used",
    ] {
        assert!(handoff.contains(words), "{words} is not in\n{handoff}");
    }
}

#[test]
fn only_the_whole_conjunction_is_success() {
    let cases = [
        ("fails", format!("{DILIGENT}; exit 3"), "the agent's command failed: exit code 3"),
        ("idle", "true".to_owned(), "the agent changed nothing"),
        ("untidy", format!("{DILIGENT}; echo x > left-over"), "uncommitted: 1 files, the first is left-over"),
        ("elsewhere", "git checkout --quiet --orphan new && git commit --quiet -m x && git branch -f prd/elsewhere".to_owned(), "does not start from"),
        ("hidden", "echo x > shared.txt; git update-index --assume-unchanged shared.txt; echo y > n; git add n; git commit -qm n".to_owned(), "left work uncommitted"),
        ("config", "echo x > flagman.toml; commit x".to_owned(), "files that only people may change: flagman.toml"),
        ("vandal", format!("{DILIGENT}; rm -rf .git"), "its clone cannot be read"),
        ("empty", "git commit --quiet --allow-empty -m nothing".to_owned(), "has all of it already"),
    ];
    let night = Night::new();
    for (prd, script, _) in &cases {
        night.script(prd, script);
    }
    let ids: Vec<&str> = cases.iter().map(|(prd, ..)| *prd).collect();
    let outcome = night.run(plan(&ids.join(" ")), &open).expect("runs");
    assert_eq!(night.landed(), [] as [&str; 0]);
    for (prd, _, expected) in &cases {
        let failure = &outcome.state.prds[&PrdId((*prd).to_owned())].failures[0];
        let said = format!("{}: {}", failure.mode.phrase(), failure.note);
        assert!(said.contains(expected), "{prd}: {said}");
    }
}

#[test]
fn a_conflict_is_retried_on_top_of_what_landed() {
    let night = Night::new();
    let edit = "sed -i \"s/two/two by $FLAGMAN_PRD/\" shared.txt; commit edit";
    night.script("a", edit);
    night.script("b", edit);
    let outcome = night.run(plan("a b"), &open).expect("runs");
    assert_eq!(outcome.verdict(), GateVerdict::Clear, "{:?}", outcome.state.prds);
    assert_eq!(
        night.scratch.git(&["show", "release/next:shared.txt"]),
        "one\ntwo by b by a\nthree",
        "b worked anew on what a had landed"
    );
    assert_eq!(
        outcome.state.prds[&PrdId("b".into())].conflicts[0].paths,
        ["shared.txt"]
    );
    let dispatch::Undone::Conflicts { conflicts, later } =
        dispatch::undo(&night.config, &PrdId("a".into())).expect("it is tried")
    else {
        panic!("b stands on what a did");
    };
    assert_eq!(
        (&*conflicts[0].paths, &*later),
        (&["shared.txt".to_owned()][..], &[PrdId("b".into())][..])
    );
    // Where the journal is not to be trusted the landing is taken back, and it is said.
    let journal = outcome.journal.clone();
    fs::write(&journal, "{}\n".repeat(3)).expect("written");
    let undone = dispatch::undo(&night.config, &PrdId("b".into())).expect("undone");
    assert!(
        matches!(&undone, dispatch::Undone::Done { untold: Some(why), .. } if why.contains("journal")),
        "{undone:?}"
    );
    assert_eq!(night.landed().last().map(String::as_str), Some("Undo: Title of b"));
}

#[test]
fn what_is_verified_is_what_lands() {
    let mut night = Night::new();
    let seen = night.folder().join("seen");
    night.check(
        "tests",
        &format!("git rev-parse 'HEAD^{{tree}}' HEAD >> '{}'", seen.display()),
    );
    night.check("review", "test \"$(git rev-parse HEAD)\" = \"$FLAGMAN_COMMIT\" && git diff --quiet \"$FLAGMAN_BASE\"...HEAD -- README.md");
    night.run(plan("a b|c"), &open).expect("runs");
    let log = night
        .scratch
        .git(&["log", "--reverse", "--format=%T %H", "main..release/next"]);
    let landed: Vec<&str> = log.split_whitespace().collect();
    assert_eq!(
        fs::read_to_string(seen).expect("seen").lines().collect::<Vec<_>>(),
        landed
    );
}

#[test]
fn a_foreign_writer_stops_the_run_and_loses_nothing() {
    let mut night = Night::new();
    let hub = night.scratch.root();
    // The check of `b` is when somebody commits to the release branch by hand.
    let meddle = format!(
        "test $FLAGMAN_PRD != b || git -C '{0}' update-ref refs/heads/release/next $(git -C '{0}' commit-tree -p release/next -m by-hand 'main^{{tree}}')",
        hub.display()
    );
    night.config.confine = Confine::Off;
    night.config.pass_env.push("GIT_*".to_owned());
    night.check("tests", &meddle);
    let outcome = night.run(plan("a b c"), &open).expect("runs");
    assert!(
        matches!(outcome.state.end, Some(End::Foreign { .. })),
        "{:?}",
        outcome.state.end
    );
    assert_eq!(
        night.landed(),
        ["Title of a", "by-hand"],
        "the hand's commit is on top, and nothing was forced over it"
    );
    assert!(night.handoff().contains("Somebody else moved the release branch"));

    let still = night.resume(&Resume::default(), &open).expect("resumes");
    assert!(
        matches!(still.state.end, Some(End::Foreign { .. })),
        "not without a word"
    );
    night.config.checks.clear();
    let accept = Resume {
        accept_tip: true,
        ..Resume::default()
    };
    let mut world = RealWorld::open(&night.config).expect("opens");
    let outcome = dispatch::resume(
        &night.config,
        &accept,
        &|question: &dispatch::GateQuestion<'_>| open(question),
        &mut world,
    );
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn protected_and_special_branches_are_no_release_branch() {
    let mut night = Night::new();
    for name in ["main", "refs/heads/main", "MASTER", "prod/eu", "HEAD", "refs/tags/x"] {
        night.config.release_branch = name.to_owned();
        night.config.protected = vec!["prod/*".to_owned()];
        let refused = RealWorld::open(&night.config).err();
        assert!(
            matches!(refused, Some(DispatchError::NotMovable(_))),
            "{name}: {refused:?}"
        );
    }
    night.scratch.git(&["switch", "--quiet", "release/next"]);
    night.config.release_branch = "release/next".to_owned();
    assert!(
        matches!(RealWorld::open(&night.config).err(), Some(DispatchError::NotMovable(_))),
        "it is checked out"
    );
}

#[test]
fn a_release_branch_is_made_where_there_is_none() {
    let mut night = Night::new();
    night.config.release_branch = "release/brand-new".to_owned();
    night.run(plan("a"), &open).expect("runs");
    assert_eq!(
        night.scratch.git(&["log", "--format=%s", "main..release/brand-new"]),
        "Title of a"
    );
}

#[test]
fn one_dispatcher_at_a_time() {
    let night = Night::new();
    let world = RealWorld::open(&night.config).expect("opens");
    let second = RealWorld::open(&night.config).err();
    assert!(
        matches!(&second, Some(DispatchError::Locked { holder }) if holder.contains(&std::process::id().to_string())),
        "{second:?}"
    );
    drop(world);
    RealWorld::open(&night.config).expect("free again");
}

#[test]
fn a_new_run_knows_what_landed_before_and_undo_takes_it_back() {
    let night = Night::new();
    night.run(plan("a b"), &open).expect("runs");
    let outcome = night.run(plan("a b|c<a"), &open).expect("runs again");
    assert_eq!(outcome.run, "0002");
    assert_eq!(night.landed(), ["Title of a", "Title of b", "Title of c"]);

    let undone = dispatch::undo(&night.config, &PrdId("b".into())).expect("undone");
    assert_eq!(
        undone,
        dispatch::Undone::Done {
            left: Vec::new(),
            untold: None
        }
    );
    assert_eq!(
        night.scratch.git(&["ls-tree", "--name-only", "release/next", "work/"]),
        "work/a\nwork/c"
    );
    assert_eq!(night.landed().last().map(String::as_str), Some("Undo: Title of b"));
    assert!(matches!(
        dispatch::undo(&night.config, &PrdId("b".into())),
        Err(DispatchError::NotLanded { .. })
    ));
    // The run knows of it: nobody else moved the branch, and it does the PRD again only where it is told to.
    let state = dispatch::status(&night.config.project).expect("a status").state;
    assert!(matches!(
        state.prds[&PrdId("b".into())].stage,
        dispatch::state::Stage::Undone { .. }
    ));
    let again = night.resume(&Resume::default(), &open).expect("goes on");
    assert_eq!(again.state.end, Some(End::Finished));
    assert_eq!(night.landed().last().map(String::as_str), Some("Undo: Title of b"));
    let retry = vec![PrdId("b".into())];
    let again = night
        .resume(
            &Resume {
                retry,
                ..Resume::default()
            },
            &open,
        )
        .expect("tries again");
    assert_eq!(again.verdict(), GateVerdict::Clear);
    dispatch::undo(&night.config, &PrdId("b".into())).expect("undone once more");
    let left = vec![PrdId("c".into())];
    let undone = dispatch::undo(&night.config, &PrdId("a".into())).expect("undone");
    assert_eq!(
        undone,
        dispatch::Undone::Done { left, untold: None },
        "c was made to come after a"
    );
    night.run(plan("b"), &open).expect("runs a third time");
    assert!(
        night
            .scratch
            .git(&["ls-tree", "--name-only", "release/next", "work/"])
            .contains("work/b")
    );
}

#[test]
fn agents_see_what_they_are_told_and_no_more() {
    let mut night = Night::new();
    night.script("a", &format!("env; pwd; git rev-parse --abbrev-ref HEAD; git remote; {DILIGENT}; echo '{{\"tokens\": 1200, \"usd\": 0.25}}' > \"$FLAGMAN_USAGE\""));
    night.config.pass_env = vec!["CARGO_PKG_*".to_owned()];
    let outcome = night.run(plan("a"), &open).expect("runs");
    let log = night.log("0001", "a/1-agent.log");
    for line in [
        "FLAGMAN_PRD=a",
        "FLAGMAN_PRD_PATH=docs/prds/a.md",
        "FLAGMAN_RUN=0001",
        "FLAGMAN_BRANCH=prd/a",
        "prd/a",
        "CARGO_PKG_NAME=flagman",
    ] {
        assert!(log.lines().any(|found| found == line), "{line} is not in\n{log}");
    }
    assert!(!log.contains("CARGO_MANIFEST_DIR="), "{log}");
    assert!(log.contains("/.worktrees/a"));
    assert_eq!(
        (outcome.state.spent.tokens, outcome.state.spent.micro_dollars),
        (1200, 250_000)
    );
}

#[test]
fn the_handoff_does_not_depend_on_the_clock_or_the_folder() {
    let text = |slow: &str| {
        let mut night = Night::new();
        night.check("tests", "test $FLAGMAN_PRD != b");
        night.script(slow, &format!("sleep 0.3; {DILIGENT}"));
        night.run(plan("a b c|d"), &closed_before(1)).expect("runs");
        night.handoff()
    };
    assert_eq!(text("a"), text("c"));
}

#[test]
fn the_journal_replays_to_the_state_that_was() {
    let night = Night::new();
    let outcome = night.run(plan("a"), &open).expect("runs");
    let status = dispatch::status(&night.scratch.root()).expect("a status");
    assert_eq!(status.state, outcome.state, "the journal replays to the state that was");
    let tip: Oid = night.scratch.oid("release/next");
    assert_eq!(status.state.tip, tip);
    assert!(
        dispatch::status::render(&status).contains("landed"),
        "{}",
        dispatch::status::render(&status)
    );
    assert_eq!(
        dispatch::handoff(&night.scratch.root()).expect("a handoff"),
        night.handoff()
    );
}
