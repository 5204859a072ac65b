//! The order of the runs, on a bench that only pretends.

use super::*;
use crate::flag::FlagValue;
use crate::probe::verdict::{Shown, Why, test_lever};
use crate::source::{Bytes, FileId, fixture};

/// Answers by whether the flag is flipped and how often it was asked.
struct Pretended {
    flipped: bool,
    runs: Vec<(bool, Vec<String>)>,
    answer: fn(&str, bool, usize) -> &'static str,
    stops: bool,
}

impl Bench for Pretended {
    type Error = ();

    fn root(&self) -> &str {
        "/copy"
    }

    fn set(&mut self, steps: &[Step]) -> Result<(), ()> {
        self.flipped = !steps.is_empty();
        Ok(())
    }

    fn carry_out(&mut self, order: &Order) -> Result<Carried, ()> {
        let names: Vec<String> = order.files.iter().map(ToString::to_string).collect();
        self.runs.push((self.flipped, names.clone()));
        if self.stops && self.flipped {
            return Ok(Carried {
                stopped: Some("it took more than 5 s".to_owned()),
                printed: "slow\u{7} work".to_owned(),
                results: None,
            });
        }
        let turn = self.runs.len();
        let file = |name: &String| {
            let status = (self.answer)(name, self.flipped, turn);
            format!(r#"{{"name": "/copy/{name}", "assertionResults": [{{"title": "t", "status": "{status}"}}]}}"#)
        };
        let files: Vec<String> = names.iter().map(file).collect();
        Ok(Carried {
            results: Some(format!("{{\"testResults\": [{}]}}", files.join(",")).into_bytes()),
            ..Carried::default()
        })
    }

    fn tell(&mut self, _: &str) {}
}

fn tried(answer: fn(&str, bool, usize) -> &'static str, stops: bool) -> (Tried, Vec<(bool, Vec<String>)>) {
    let (_, view) = fixture("//- a.test.ts\n\n//- b.test.ts\n\n//- c.test.ts\n\n");
    let mut lever = test_lever(true);
    lever.steps = vec![Step::Variable {
        name: "K".to_owned(),
        value: Some("1".to_owned()),
        place: Bytes::new(0, 0).in_file(FileId(0)),
    }];
    let suite = Suite {
        named: Named {
            runner: Runner::Jest,
            folder: String::new(),
            variables: Vec::new(),
            words: vec!["jest".to_owned()],
        },
        files: view.files.keys().cloned().collect(),
    };
    let mut bench = Pretended {
        flipped: false,
        runs: Vec::new(),
        answer,
        stops,
    };
    let trial = Trial {
        lever,
        suites: vec![suite],
    };
    let tried =
        drive(&view, &[trial], &mut bench, |_, _| false, |_| ControlFlow::Continue(())).expect("a bench that goes on");
    (tried, bench.runs)
}

fn shown(tried: &Tried) -> Vec<Shown> {
    tried.flags[0].tests.iter().map(|test| test.shown).collect()
}

#[test]
fn what_changed_is_run_again_in_both_states() {
    let answer = |name: &str, flipped: bool, _: usize| {
        if name == "b.test.ts" && flipped {
            "failed"
        } else {
            "passed"
        }
    };
    let (tried, runs) = tried(answer, false);
    assert_eq!(
        shown(&tried),
        [Shown::Refuted, Shown::Proven(FlagValue::Off), Shown::Refuted]
    );
    let states: Vec<(bool, usize)> = runs.iter().map(|(flipped, files)| (*flipped, files.len())).collect();
    assert_eq!(states, [(false, 3), (true, 3), (true, 1), (false, 1)]);
}

#[test]
fn what_does_not_come_to_the_same_twice_is_flaky() {
    // Fails in the second run and passes in the third: by itself.
    let by_itself = |name: &str, _: bool, turn: usize| {
        if name == "b.test.ts" && turn == 2 {
            "failed"
        } else {
            "passed"
        }
    };
    assert_eq!(shown(&tried(by_itself, false).0)[1], Shown::Flaky);
    // Passes at first and fails with the flag as it is at last.
    let at_last = |name: &str, _: bool, turn: usize| {
        if name == "b.test.ts" && turn > 1 {
            "failed"
        } else {
            "passed"
        }
    };
    assert_eq!(shown(&tried(at_last, false).0)[1], Shown::Flaky);
}

#[test]
fn a_run_that_is_stopped_shows_nothing_and_is_told() {
    let (tried, _) = tried(|_, _, _| "passed", true);
    assert_eq!(shown(&tried), [Shown::Unknown(Why::NotRun); 3]);
    assert_eq!(
        tried.flags[0].broken,
        ["jest was stopped: it took more than 5 s; it said: slow  work"]
    );
}
