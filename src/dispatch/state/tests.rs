//! The rules of a run, each by a story, and the laws by random ones.

use super::*;
use crate::dispatch::event::{FailureMode, Outcome, Usage};
use crate::dispatch::policy::Hold;
use crate::dispatch::summary::PlannedPrd;
use proptest::prelude::*;

fn oid(n: u64) -> Oid {
    Oid::parse(&format!("{n:040x}")).expect("an id")
}

fn prd(id: &str, after: &[&str]) -> PlannedPrd {
    PlannedPrd {
        id: PrdId(id.to_owned()),
        title: format!("Title of {id}"),
        path: format!("docs/prds/{id}.md"),
        branch: None,
        after: after.iter().map(|id| PrdId((*id).to_owned())).collect(),
        facts: Vec::new(),
    }
}

fn setup(phases: &[&[PlannedPrd]], checks: &[&str], policy: Policy) -> Setup {
    Setup {
        run: "0001".to_owned(),
        plan: PlanSummary {
            phases: phases.iter().map(|phase| phase.to_vec()).collect(),
            ..PlanSummary::default()
        },
        policy,
        checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        release_branch: "release/next".to_owned(),
        tip: oid(1),
        landed_before: Vec::new(),
        refs: RefMap::new(),
        protected: Vec::new(),
        confined: false,
        agent: None,
        flag_file: None,
    }
}

fn failed(mode: FailureMode, cause: Option<&str>) -> Outcome {
    let mut outcome = Outcome::failed(mode, "note");
    if let Outcome::Failed { failure, .. } = &mut outcome {
        failure.causes.extend(cause.map(str::to_owned));
    }
    outcome
}

fn answer(verdict: GateVerdict) -> Outcome {
    Outcome::Answered {
        answer: GateAnswer {
            verdict,
            ..GateAnswer::clear()
        },
    }
}

/// A run in which every effect has the outcome that `world` gives it, the earliest first. What was done, in order, as words.
fn play(setup: Setup, world: impl Fn(&Effect) -> Option<Outcome>) -> (RunState, Vec<String>) {
    let (state, due) = RunState::start(setup);
    go_on(state, due, world)
}

fn go_on(
    mut state: RunState,
    mut due: Vec<Due>,
    world: impl Fn(&Effect) -> Option<Outcome>,
) -> (RunState, Vec<String>) {
    let mut done = Vec::new();
    for turn in 0.. {
        assert!(turn < 1000, "a run ends");
        if due.is_empty() {
            break;
        }
        let (id, effect) = due.remove(0);
        if !state.pending.contains_key(&id) {
            continue;
        }
        done.push(word(&effect));
        let outcome = world(&effect).unwrap_or_else(|| success(&effect));
        let (next, more) = state.step(&Event::Finished {
            effect: id,
            outcome,
            active_ms: 0,
        });
        state = next;
        due.extend(more);
    }
    (state, done)
}

fn word(effect: &Effect) -> String {
    match effect {
        Effect::AskGate { phase, .. } => format!("gate {phase}"),
        Effect::Agent { prd, attempt, .. } => format!("agent {prd} {attempt}"),
        Effect::Squash { prd, .. } => format!("squash {prd}"),
        Effect::Verify { prd, check, .. } => format!("{check} {prd}"),
        Effect::Merge { prd, .. } => format!("merge {prd}"),
        Effect::Handoff => "handoff".to_owned(),
    }
}

/// Commits are numbers made of what they come from, so that two histories are the same only if they are.
fn success(effect: &Effect) -> Outcome {
    let number = |text: String| {
        let hash = blake3::hash(text.as_bytes());
        Oid::parse(&hash.to_hex()[..40]).expect("an id")
    };
    match effect {
        Effect::AskGate { .. } => answer(GateVerdict::Clear),
        Effect::Agent { prd, base, .. } => Outcome::Worked {
            head: number(format!("{prd} on {base}")),
            usage: Usage::default(),
        },
        Effect::Squash { prd, onto, .. } => Outcome::Squashed {
            commit: number(format!("squash of {prd} on {onto}")),
            tree: number(format!("tree of {prd} on {onto}")),
        },
        Effect::Verify { .. } => Outcome::Passed,
        Effect::Merge { .. } => Outcome::Landed,
        Effect::Handoff => Outcome::Written,
    }
}

fn stage<'a>(state: &'a RunState, id: &str) -> &'a Stage {
    &state.prds[&PrdId(id.to_owned())].stage
}

fn landed(state: &RunState) -> Vec<&str> {
    let landed = state
        .prds
        .iter()
        .filter(|(_, prd)| matches!(prd.stage, Stage::Landed { .. }));
    landed.map(|(id, _)| id.0.as_str()).collect()
}

#[test]
fn a_quiet_night() {
    let setup = setup(
        &[&[prd("a", &[])], &[prd("b", &[]), prd("c", &[])]],
        &["tests", "review"],
        Policy::default(),
    );
    let (state, done) = play(setup, |_| None);
    let expected = [
        "gate 0",
        "agent a 1",
        "squash a",
        "tests a",
        "review a",
        "merge a",
        "handoff",
        "gate 1",
        "agent b 1",
        "agent c 1",
        "squash b",
        "tests b",
        "review b",
        "merge b",
        "squash c",
        "tests c",
        "review c",
        "merge c",
        "handoff",
    ];
    assert_eq!(done, expected);
    assert_eq!(state.end, Some(End::Finished));
    assert_eq!(landed(&state), ["a", "b", "c"]);
}

#[test]
fn a_held_wave_ends_the_run_and_a_resume_asks_again() {
    for verdict in [GateVerdict::Blocked, GateVerdict::Unknown] {
        let setup = setup(
            &[&[prd("a", &[])], &[prd("b", &[])], &[prd("c", &[])]],
            &[],
            Policy::default(),
        );
        let held = |effect: &Effect| matches!(effect, Effect::AskGate { phase: 1, .. }).then(|| answer(verdict));
        let (state, done) = play(setup, held);
        assert_eq!(
            done,
            [
                "gate 0",
                "agent a 1",
                "squash a",
                "merge a",
                "handoff",
                "gate 1",
                "handoff"
            ]
        );
        assert_eq!(state.end, Some(End::Held { phase: 1, verdict }));
        assert_eq!((stage(&state, "b"), stage(&state, "c")), (&Stage::Held, &Stage::Queued));

        let (state, due) = state.step(&resumed(&state.tip, false, &[]));
        let (state, done) = go_on(state, due, |_| None);
        assert_eq!(done[..2], ["gate 1", "agent b 1"]);
        assert_eq!(landed(&state), ["a", "b", "c"]);
    }
}

fn resumed(tip: &Oid, accept_tip: bool, retry: &[&str]) -> Event {
    Event::Resumed {
        tip: tip.clone(),
        accept_tip,
        retry: retry.iter().map(|id| PrdId((*id).to_owned())).collect(),
        landed: Vec::new(),
        refs: RefMap::new(),
        active_ms: 0,
        terms: None,
    }
}

#[test]
fn a_gate_that_fails_is_not_clear() {
    let ask = |effect: &Effect| matches!(effect, Effect::AskGate { .. }).then(|| failed(FailureMode::Machine, None));
    let (state, done) = play(setup(&[&[prd("a", &[])]], &[], Policy::default()), ask);
    assert_eq!(done, ["gate 0", "handoff"]);
    assert_eq!(
        state.end,
        Some(End::Held {
            phase: 0,
            verdict: GateVerdict::Unknown
        })
    );
}

#[test]
fn holding_prds_lets_the_others_go_but_not_those_behind() {
    let policy = Policy {
        hold: Hold::Prd,
        ..Policy::default()
    };
    let phases: &[&[PlannedPrd]] = &[
        &[prd("a", &[]), prd("b", &[])],
        &[prd("c", &["a"]), prd("d", &["b"])],
        &[prd("e", &["c"])],
    ];
    let gate = |effect: &Effect| {
        let answer = GateAnswer {
            verdict: GateVerdict::Blocked,
            prds: vec![
                (PrdId("a".into()), GateVerdict::Blocked),
                (PrdId("b".into()), GateVerdict::Clear),
            ],
            ..GateAnswer::clear()
        };
        matches!(effect, Effect::AskGate { phase: 0, .. }).then_some(Outcome::Answered { answer })
    };
    let (state, _) = play(setup(phases, &[], policy), gate);
    assert_eq!(state.end, Some(End::Finished));
    assert_eq!(landed(&state), ["b", "d"]);
    assert_eq!(stage(&state, "a"), &Stage::Held);
    assert_eq!(stage(&state, "e"), &Stage::Behind { on: PrdId("c".into()) });
}

#[test]
fn a_red_prd_is_tried_once_more_and_then_blocked_while_the_night_goes_on() {
    let red = |effect: &Effect| {
        let red = matches!(effect, Effect::Verify { prd, .. } if prd.0 == "a");
        red.then(|| failed(FailureMode::CheckFailed("tests".into()), None))
    };
    let (state, done) = play(
        setup(
            &[&[prd("a", &[]), prd("b", &[])], &[prd("c", &["a"]), prd("d", &[])]],
            &["tests"],
            Policy::default(),
        ),
        red,
    );
    assert_eq!(done.iter().filter(|word| word.starts_with("agent a")).count(), 2);
    assert_eq!(stage(&state, "a"), &Stage::Blocked);
    assert_eq!(stage(&state, "c"), &Stage::Behind { on: PrdId("a".into()) });
    assert_eq!(landed(&state), ["b", "d"]);

    let (state, due) = state.step(&resumed(&state.tip, false, &["a"]));
    let (state, done) = go_on(state, due, |_| None);
    assert_eq!(
        done[0..2],
        ["gate 0", "agent a 3"],
        "a second chance, and what waited for it goes too"
    );
    assert_eq!(landed(&state), ["a", "b", "c", "d"]);
}

#[test]
fn the_third_failure_of_one_cause_pauses_whatever_the_order() {
    let ids = ["a", "b", "c", "d"];
    let phase: Vec<PlannedPrd> = ids.iter().map(|id| prd(id, &[])).collect();
    for (citing, pauses) in [(2, false), (3, true)] {
        let red = |effect: &Effect| match effect {
            Effect::Verify { prd, .. } => {
                let at = ids.iter().position(|id| prd.0 == *id);
                at.is_some_and(|at| at < citing)
                    .then(|| failed(FailureMode::CheckFailed("tests".into()), Some("flag x is on")))
            }
            _ => None,
        };
        let (state, done) = play(setup(&[&phase, &[prd("e", &[])]], &["tests"], Policy::default()), red);
        assert_eq!(
            matches!(state.end, Some(End::Paused { .. })),
            pauses,
            "{citing} failures: {:?}",
            state.end
        );
        assert_eq!(
            done.contains(&"gate 1".to_owned()),
            !pauses,
            "nothing more is dispatched after a pause"
        );
        assert!(landed(&state).contains(&"d"), "what is under way is finished");
        if let Some(End::Paused { causes }) = &state.end {
            assert_eq!(causes[0].0, "flag x is on");
            assert_eq!(causes[0].1.len(), 3);
        }
    }
}

#[test]
fn a_budget_ends_the_night_between_agents() {
    let policy = Policy {
        attempts: Some(2),
        parallel: 1,
        ..Policy::default()
    };
    let (state, done) = play(
        setup(&[&[prd("a", &[]), prd("b", &[]), prd("c", &[])]], &[], policy),
        |_| None,
    );
    assert_eq!(state.end, Some(End::Exhausted { limit: Limit::Attempts }));
    assert_eq!(landed(&state), ["a", "b"]);
    assert_eq!(done.iter().filter(|word| word.starts_with("agent")).count(), 2);
}

/// A resume under other terms.
fn resumed_under(tip: &Oid, policy: Policy, checks: &[&str], agent: Option<&str>) -> Event {
    let mut event = resumed(tip, false, &[]);
    if let Event::Resumed { terms, .. } = &mut event {
        *terms = Some(Terms {
            policy,
            checks: checks.iter().map(|check| (*check).to_owned()).collect(),
            agent: agent.map(str::to_owned),
        });
    }
    event
}

#[test]
fn a_larger_budget_lets_a_night_go_on() {
    let policy = |attempts| Policy {
        attempts: Some(attempts),
        parallel: 1,
        ..Policy::default()
    };
    let (state, _) = play(setup(&[&[prd("a", &[]), prd("b", &[])]], &["tests"], policy(1)), |_| {
        None
    });
    assert_eq!(state.end, Some(End::Exhausted { limit: Limit::Attempts }));
    let (still, due) = state.step(&resumed(&state.tip, false, &[]));
    let (still, _) = go_on(still, due, |_| None);
    assert_eq!(
        still.end,
        Some(End::Exhausted { limit: Limit::Attempts }),
        "the same terms"
    );
    let (state, due) = state.step(&resumed_under(&state.tip, policy(2), &["tests"], None));
    let (state, _) = go_on(state, due, |_| None);
    assert_eq!((state.end, state.prds.len()), (Some(End::Finished), 2));
}

#[test]
fn what_was_verified_by_other_checks_is_verified_anew() {
    let (state, due) = RunState::start(setup(&[&[prd("a", &[])]], &["tests"], Policy::default()));
    // Played until the merge is due, and killed there.
    let (mut state, mut due) = (state, due);
    while !state
        .pending
        .values()
        .any(|effect| matches!(effect, Effect::Merge { .. }))
    {
        let (effect, what) = due.remove(0);
        let outcome = success(&what);
        (state, due) = state.step(&Event::Finished {
            effect,
            outcome,
            active_ms: 0,
        });
    }
    let (same, _) = state.step(&resumed_under(&state.tip, Policy::default(), &["tests"], None));
    assert_eq!(same.pending, state.pending);
    let (state, due) = state.step(&resumed_under(
        &state.tip,
        Policy::default(),
        &["tests", "review"],
        Some("other"),
    ));
    assert_eq!(state.setup.agent.as_deref(), Some("other"));
    let (state, done) = go_on(state, due, |_| None);
    assert_eq!(done, ["squash a", "tests a", "review a", "merge a", "handoff"]);
    let (state, _) = state.step(&resumed_under(&state.tip, Policy::default(), &["tests"], None));
    assert_eq!(
        state.setup.agent.as_deref(),
        Some("other"),
        "it stays until there is another"
    );
}

#[test]
fn a_foreign_writer_stops_the_run_until_a_person_accepts() {
    let foreign =
        |effect: &Effect| matches!(effect, Effect::Merge { .. }).then(|| Outcome::Foreign { found: Some(oid(9)) });
    let (state, _) = play(setup(&[&[prd("a", &[])]], &["tests"], Policy::default()), foreign);
    assert!(matches!(state.end, Some(End::Foreign { .. })));
    assert!(
        matches!(stage(&state, "a"), Stage::Ready { .. }),
        "its work is not lost"
    );

    let (still, _) = state.step(&resumed(&oid(9), false, &[]));
    assert!(matches!(still.end, Some(End::Foreign { .. })));
    let (state, due) = state.step(&resumed(&oid(9), true, &[]));
    let (state, done) = go_on(state, due, |_| None);
    assert_eq!(
        done,
        ["gate 0", "squash a", "tests a", "merge a", "handoff"],
        "squashed and tested anew on the new tip"
    );
    assert_eq!(landed(&state), ["a"]);
}

#[test]
fn a_protected_branch_that_moves_stops_everything_at_once() {
    let moved = vec![RefMove {
        name: "refs/heads/main".to_owned(),
        from: Some(oid(1)),
        to: Some(oid(2)),
    }];
    let hostile = |effect: &Effect| {
        matches!(effect, Effect::Agent { .. }).then(|| Outcome::ProtectedMoved { moved: moved.clone() })
    };
    let (state, done) = play(
        setup(&[&[prd("a", &[]), prd("b", &[])]], &[], Policy::default()),
        hostile,
    );
    assert_eq!(done, ["gate 0", "agent a 1", "handoff"]);
    assert!(matches!(state.end, Some(End::ProtectedMoved { .. })));
}

#[test]
fn what_landed_before_is_not_done_again() {
    let mut setup = setup(&[&[prd("a", &[])], &[prd("b", &["a"])]], &[], Policy::default());
    setup.landed_before = vec![(PrdId("a".into()), oid(1))];
    let (state, done) = play(setup, |_| None);
    assert_eq!(done[0], "gate 1");
    assert_eq!(landed(&state), ["a", "b"]);
}

#[test]
fn an_event_that_does_not_fit_changes_nothing() {
    let (state, _) = RunState::start(setup(&[&[prd("a", &[])]], &[], Policy::default()));
    let stray = Event::Finished {
        effect: EffectId(99),
        outcome: Outcome::Landed,
        active_ms: 5,
    };
    assert_eq!(state.step(&stray), (state.clone(), Vec::new()));
}

/// A random night: which outcome the n-th finished effect has, and which of the effects under way finishes first.
#[derive(Clone, Debug)]
struct Night {
    phases: Vec<Vec<(u8, Vec<u8>)>>,
    luck: Vec<(u8, u8)>,
    hold_prd: bool,
    attempts: Option<u32>,
}

fn nights() -> impl Strategy<Value = Night> {
    let prds = prop::collection::vec((0u8..9, prop::collection::vec(0u8..9, 0..2)), 1..4);
    let phases = prop::collection::vec(prds, 1..4);
    let luck = prop::collection::vec((any::<u8>(), any::<u8>()), 0..120);
    (phases, luck, any::<bool>(), prop::option::of(0u32..12)).prop_map(|(phases, luck, hold_prd, attempts)| Night {
        phases,
        luck,
        hold_prd,
        attempts,
    })
}

fn chance(effect: &Effect, luck: u8) -> Outcome {
    let modes = [
        FailureMode::AgentFailed,
        FailureMode::NoChange,
        FailureMode::CheckFailed("tests".into()),
        FailureMode::MergeConflict,
        FailureMode::Machine,
    ];
    match (luck % 16, effect) {
        (0..=2, Effect::AskGate { .. }) => answer(if luck.is_multiple_of(2) {
            GateVerdict::Blocked
        } else {
            GateVerdict::Unknown
        }),
        (3..=6, Effect::Agent { .. } | Effect::Squash { .. } | Effect::Verify { .. } | Effect::Merge { .. }) => failed(
            modes[luck as usize % modes.len()].clone(),
            (luck.is_multiple_of(3)).then_some("flag x is on"),
        ),
        (7, Effect::Merge { .. }) => Outcome::Foreign { found: None },
        (8, Effect::Squash { .. }) => Outcome::Passed,
        _ => success(effect),
    }
}

/// What must hold whenever effects come due.
struct Laws {
    passed: BTreeSet<(Oid, String)>,
    clear: BTreeSet<PrdId>,
    launches: BTreeMap<PrdId, usize>,
}

impl Laws {
    fn due(&mut self, state: &RunState, effect: &Effect) {
        match effect {
            Effect::Agent { prd, base, .. } => {
                assert!(self.clear.contains(prd), "{prd} was dispatched without a clear gate");
                assert_eq!(*base, state.tip);
                *self.launches.entry(prd.clone()).or_default() += 1;
                let modes: BTreeSet<_> = state.prds[prd].failures.iter().map(|failure| &failure.mode).collect();
                assert!(
                    self.launches[prd] <= 1 + modes.len(),
                    "{prd} was retried twice for one mode"
                );
                for after in &state.setup.plan.prd(prd).expect("planned").after {
                    let known = state.prds.get(after).map(|prd| &prd.stage);
                    assert!(
                        known.is_none() || matches!(known, Some(Stage::Landed { .. })),
                        "{prd} went before {after} landed"
                    );
                }
            }
            Effect::Merge { expected, commit, .. } => {
                assert_eq!(*expected, state.tip, "a merge onto something that was not verified");
                for check in &state.setup.checks {
                    assert!(
                        self.passed.contains(&(commit.clone(), check.clone())),
                        "landed without {check}"
                    );
                }
            }
            _ => {}
        }
        let lane = |effect: &&Effect| {
            matches!(
                effect,
                Effect::Squash { .. } | Effect::Verify { .. } | Effect::Merge { .. }
            )
        };
        assert!(
            state.pending.values().filter(lane).count() <= 1,
            "two PRDs land at once"
        );
    }

    fn done(&mut self, effect: &Effect, outcome: &Outcome) {
        match (effect, outcome) {
            (Effect::Verify { commit, check, .. }, Outcome::Passed) => {
                self.passed.insert((commit.clone(), check.clone()));
            }
            (Effect::AskGate { prds, .. }, Outcome::Answered { answer }) => {
                let clear = prds.iter().filter(|id| answer.of(id) == GateVerdict::Clear);
                self.clear.extend(clear.cloned());
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn every_night_ends_and_keeps_the_rules(night in nights()) {
        let name = |n: u8| format!("p{n}");
        let phases: Vec<Vec<PlannedPrd>> = night.phases.iter().map(|phase| {
            phase.iter().map(|(n, after)| {
                let after: Vec<String> = after.iter().map(|n| name(*n)).collect();
                prd(&name(*n), &after.iter().map(String::as_str).collect::<Vec<_>>())
            }).collect()
        }).collect();
        // A plan names each PRD once; the first mention counts.
        let mut seen = BTreeSet::new();
        let phases: Vec<Vec<PlannedPrd>> = phases.into_iter().map(|phase| {
            phase.into_iter().filter(|prd| seen.insert(prd.id.clone())).collect()
        }).collect();
        let phases: Vec<&[PlannedPrd]> = phases.iter().map(Vec::as_slice).collect();
        let policy = Policy {
            hold: if night.hold_prd { Hold::Prd } else { Hold::Wave },
            attempts: night.attempts,
            parallel: 2,
            ..Policy::default()
        };
        let (mut state, due) = RunState::start(setup(&phases, &["tests", "review"], policy));
        let mut laws = Laws { passed: BTreeSet::new(), clear: BTreeSet::new(), launches: BTreeMap::new() };
        due.iter().for_each(|(_, effect)| laws.due(&state, effect));
        let mut luck = night.luck.iter().copied().chain(std::iter::repeat((255, 0)));
        for turn in 0.. {
            prop_assert!(turn < 2000, "a run ends");
            let (fate, pick) = luck.next().expect("endless");
            let Some((id, effect)) = state.pending.iter().nth(pick as usize % state.pending.len().max(1)) else { break };
            let (id, effect) = (*id, effect.clone());
            let outcome = chance(&effect, fate);
            laws.done(&effect, &outcome);
            let (next, due) = state.step(&Event::Finished { effect: id, outcome, active_ms: 0 });
            due.iter().for_each(|(_, effect)| laws.due(&next, effect));
            state = next;
        }
        prop_assert!(state.end.is_some());
        if state.end == Some(End::Finished) {
            prop_assert!(state.prds.values().all(|prd| prd.stage.is_final()), "{:?}", state.prds);
        }
    }

    /// Which agent is quicker does not show on the release branch.
    #[test]
    fn the_order_of_finishing_does_not_matter(picks in prop::collection::vec(any::<u8>(), 40)) {
        let phases: &[&[PlannedPrd]] = &[&[prd("a", &[]), prd("b", &[]), prd("c", &[])], &[prd("d", &[]), prd("e", &[])]];
        let (mut state, _) = RunState::start(setup(phases, &["tests"], Policy::default()));
        let mut picks = picks.into_iter().chain(std::iter::repeat(0));
        while let Some((id, effect)) = state.pending.iter().nth(picks.next().expect("endless") as usize % state.pending.len().max(1)) {
            let red = matches!(effect, Effect::Agent { prd, attempt: 1, .. } if prd.0 == "b");
            let outcome = if red { failed(FailureMode::AgentFailed, None) } else { success(effect) };
            // The retry starts wherever the branch is by then; what it makes is the same here.
            let outcome = match (effect, outcome) {
                (Effect::Agent { prd, .. }, Outcome::Worked { usage, .. }) => Outcome::Worked { head: oid(u64::from(prd.0.as_bytes()[0])), usage },
                (_, other) => other,
            };
            state = state.step(&Event::Finished { effect: *id, outcome, active_ms: 0 }).0;
        }
        let (straight, _) = play(setup(phases, &["tests"], Policy::default()), |_| None);
        prop_assert_eq!(&state.tip, &straight.tip);
        prop_assert_eq!(landed(&state), ["a", "b", "c", "d", "e"]);
    }
}
