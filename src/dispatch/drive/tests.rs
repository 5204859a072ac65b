//! The dispatcher, killed at every step: whatever it had done, going on ends where the undisturbed run ends.

use super::super::event::FailureMode;
use super::super::oracle::{GateAnswer, GateVerdict};
use super::super::policy::{Hold, Policy};
use super::super::state::{End, PrdState};
use super::super::summary::{PlanSummary, PlannedPrd};
use super::super::world::scripted::{Disk, Fuse, Scripted, ScriptedLog};
use super::*;
use crate::git::RefMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

fn setup() -> Setup {
    let prd = |id: &str, after: &[&str]| PlannedPrd {
        id: PrdId(id.to_owned()),
        title: id.to_owned(),
        path: format!("{id}.md"),
        branch: None,
        after: after.iter().map(|id| PrdId((*id).to_owned())).collect(),
        facts: Vec::new(),
    };
    Setup {
        run: "0001".to_owned(),
        plan: PlanSummary {
            phases: vec![
                vec![prd("a", &[])],
                vec![prd("b", &[]), prd("c", &[]), prd("h", &[])],
                vec![prd("d", &["b"]), prd("e", &["c"])],
            ],
            ..PlanSummary::default()
        },
        policy: Policy {
            hold: Hold::Prd,
            ..Policy::default()
        },
        checks: vec!["tests".to_owned(), "review".to_owned()],
        release_branch: "release/next".to_owned(),
        tip: Scripted::commit("base"),
        landed_before: Vec::new(),
        refs: RefMap::new(),
        protected: Vec::new(),
        confined: true,
        agent: None,
        flag_file: None,
    }
}

/// `c` is red for good, `b` once, `h` is held.
fn outcomes(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Verify { prd, check, .. } if prd.0 == "c" && check == "tests" => {
            Some(Outcome::failed(FailureMode::CheckFailed(check.clone()), "red"))
        }
        Effect::Agent { prd, attempt: 1, .. } if prd.0 == "b" => {
            Some(Outcome::failed(FailureMode::AgentFailed, "crashed"))
        }
        _ => None,
    }
}

fn gate(question: &GateQuestion<'_>) -> GateAnswer {
    let held = |id: &PrdId| {
        if id.0 == "h" {
            GateVerdict::Blocked
        } else {
            GateVerdict::Clear
        }
    };
    GateAnswer {
        verdict: question.prds.iter().map(held).max().unwrap_or(GateVerdict::Clear),
        prds: question.prds.iter().map(|id| (id.clone(), held(id))).collect(),
        ..GateAnswer::clear()
    }
}

fn fresh() -> Rc<RefCell<Disk>> {
    Rc::new(RefCell::new(Disk {
        release: vec![Scripted::commit("base")],
        ..Disk::default()
    }))
}

/// Begins, or goes on if the disk has a journal; `None` if the fuse burned down first.
fn sit(disk: &Rc<RefCell<Disk>>, fuse: u32, resume: &Resume) -> Option<RunState> {
    let fuse = Fuse::of(fuse);
    let mut world = Scripted::new(disk, &fuse, outcomes);
    let mut log = ScriptedLog(Rc::clone(disk), fuse);
    let records = disk.borrow().records.clone();
    let state = if records.is_empty() {
        begin(setup(), &gate, &mut world, &mut log)
    } else {
        let terms = Terms {
            policy: setup().policy,
            checks: setup().checks,
            agent: None,
        };
        go_on(&records, (resume, terms), &gate, &mut world, &mut log)
    };
    state.ok()
}

type Ending = (Option<End>, BTreeMap<PrdId, PrdState>, Vec<crate::git::Oid>, String);

fn ending(state: RunState, disk: &Disk) -> Ending {
    (state.end, state.prds, disk.release.clone(), disk.handoff.clone())
}

fn undisturbed() -> (Ending, Vec<String>) {
    let disk = fresh();
    let state = sit(&disk, u32::MAX, &Resume::default()).expect("ends");
    let launches = disk.borrow().launches.clone();
    let ending = ending(state, &disk.borrow());
    assert_eq!(ending.0, Some(End::Finished));
    assert_eq!(ending.2.len(), 4, "a, b and d land");
    (ending, launches)
}

#[test]
fn killed_at_any_step_it_ends_the_same() {
    let (expected, launches) = undisturbed();
    for fuse in 0.. {
        let disk = fresh();
        let whole = sit(&disk, fuse, &Resume::default()).is_some();
        if whole {
            assert!(fuse > 100, "a night has many steps, this one {fuse}");
            break;
        }
        // A journal that shows its end is one that a person resumes; then the gate is asked once more.
        let ended = disk.borrow().records.len() > 1 && replay(&disk.borrow().records).expect("replays").0.end.is_some();
        let state = sit(&disk, u32::MAX, &Resume::default()).expect("goes on to the end");
        assert_eq!(ending(state, &disk.borrow()), expected, "killed at step {fuse}");
        let again = disk.borrow().launches.len() - launches.len();
        assert!(
            again <= 3 && (again == 0 || !ended),
            "killed at step {fuse}: {again} agents were started again"
        );
    }
}

#[test]
fn killed_twice_it_ends_the_same() {
    let (expected, _) = undisturbed();
    for first in (0..140).step_by(3) {
        for second in (0..60).step_by(7) {
            let disk = fresh();
            if sit(&disk, first, &Resume::default()).is_none() && sit(&disk, second, &Resume::default()).is_none() {
                let state = sit(&disk, u32::MAX, &Resume::default()).expect("goes on to the end");
                assert_eq!(
                    ending(state, &disk.borrow()),
                    expected,
                    "killed at {first}, then at {second}"
                );
            }
        }
    }
}

#[test]
fn a_foreign_commit_while_it_was_dead_is_never_built_upon() {
    let mut stopped = 0;
    for fuse in 0.. {
        let disk = fresh();
        if sit(&disk, fuse, &Resume::default()).is_some() {
            break;
        }
        if disk.borrow().records.is_empty() {
            continue;
        }
        disk.borrow_mut().release.push(Scripted::commit("by hand"));
        let before = disk.borrow().release.clone();
        let state = sit(&disk, u32::MAX, &Resume::default()).expect("stops");
        assert!(
            matches!(state.end, Some(End::Foreign { .. })),
            "killed at step {fuse}: {:?}",
            state.end
        );
        assert_eq!(
            disk.borrow().release,
            before,
            "killed at step {fuse}: something was merged"
        );
        stopped += 1;

        let accept = Resume {
            accept_tip: true,
            ..Resume::default()
        };
        let state = sit(&disk, u32::MAX, &accept).expect("goes on");
        assert_eq!(state.end, Some(End::Finished));
    }
    assert!(stopped > 100, "{stopped}");
}

#[test]
fn a_journal_of_other_rules_is_refused() {
    let disk = fresh();
    sit(&disk, u32::MAX, &Resume::default()).expect("ends");
    let records = disk.borrow().records.clone();
    let mut swapped = records.clone();
    swapped.swap(1, 3);
    assert!(replay(&swapped).is_err());
    let Some(Record::Intent { effect, .. }) = records.get(1).cloned() else {
        panic!("the gate is asked first")
    };
    let mut changed = records;
    changed[1] = Record::Intent {
        effect,
        what: Effect::Handoff,
    };
    assert!(matches!(
        replay(&changed),
        Err(JournalError::Contradiction { record: 2, .. })
    ));
    assert!(replay(&[]).is_err());
}
