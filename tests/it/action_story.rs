//! The GitHub Action with the real flagman, on real repositories: blocked, clear, cannot tell, and refs whose names a shell would like to run.

use crate::action_runner::{Action, Job, Place};
use crate::project::{checkout, flagman_in};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Checkout(Place);

impl Checkout {
    fn empty() -> Self {
        let bin = Path::new(env!("CARGO_BIN_EXE_flagman")).parent().expect("a folder");
        Self(Place {
            folder: tempfile::tempdir().expect("a folder"),
            // As it is here: the first git in it may not be the system's.
            path: format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path")),
            action: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        })
    }

    /// The evening before phase 2: phases 0 and 1 have landed.
    fn story() -> Self {
        let checkout = Self::empty();
        let script = crate::project::checkout("fixtures/stories/skip-launch/.story/make-repo.sh");
        let made = Command::new("sh").arg(script).arg(checkout.0.workspace()).output();
        let made = made.expect("runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        checkout
    }

    /// A folder of the fixtures.
    fn of(folder: &str) -> Self {
        let place = Self::empty();
        let copied = Command::new("cp")
            .arg("-R")
            .args([checkout(folder), place.0.workspace()])
            .status();
        assert!(copied.expect("runs").success());
        place
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.0.workspace())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output();
        let output = output.expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn job(&self, inputs: &[(&str, &str)]) -> Job {
        Action::ours().run(&self.0, inputs).expect("runs")
    }
}

fn annotations<'a>(job: &'a Job, level: &str) -> Vec<&'a str> {
    let wanted = format!("{level} ");
    let commands = job.commands.iter().map(String::as_str);
    commands.filter(|command| command.starts_with(&wanted)).collect()
}

#[test]
fn the_wave_is_blocked_and_the_job_says_where_and_what_to_do() {
    let story = Checkout::story();
    let job = story.job(&[("phase", "2")]);
    assert_eq!(
        (job.outputs["verdict"].as_str(), job.code),
        ("blocked", 1),
        "{}",
        job.log
    );
    assert_eq!(job.outputs["exit-code"], "1");
    let errors = annotations(&job, "error");
    for prd in ["007-leads", "011-tax"] {
        assert!(
            errors
                .iter()
                .any(|error| error.contains("file=") && error.contains(prd) && error.contains("quote_snapshot_read")),
            "{prd}: {errors:?}"
        );
    }
    for words in [
        "quote_snapshot_read",
        "011-tax",
        "flagman flags set quote_snapshot_read on",
    ] {
        assert!(job.summary.contains(words), "{words} is not in\n{}", job.summary);
    }
    for kind in ["json", "sarif"] {
        let text = fs::read_to_string(&job.outputs[&format!("report-{kind}")]).expect("a report");
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    }

    let told = story.job(&[("phase", "2"), ("fail-on", "never")]);
    assert_eq!(
        (told.outputs["verdict"].as_str(), told.code),
        ("blocked", 0),
        "{}",
        told.log
    );
    assert_eq!(annotations(&told, "error"), errors, "it is said all the same");
}

#[test]
fn after_the_flip_the_wave_is_clear() {
    let story = Checkout::story();
    let set = ["flags", "set", "quote_snapshot_read", "on", "--reason", "looked at it"];
    assert_eq!(flagman_in(&story.0.workspace(), &set).code, 0);
    let job = story.job(&[("phase", "2")]);
    assert_eq!((job.outputs["verdict"].as_str(), job.code), ("clear", 0), "{}", job.log);
    assert_eq!(annotations(&job, "error"), [] as [&str; 0]);
    assert!(!job.summary.is_empty());
}

#[test]
fn what_cannot_be_read_is_not_clear() {
    let place = Checkout::of("fixtures/checks/unreadable/fires");
    let job = place.job(&[]);
    assert_eq!(
        (job.outputs["verdict"].as_str(), job.code),
        ("unknown", 3),
        "{}",
        job.log
    );
    assert!(
        annotations(&job, "warning")
            .iter()
            .any(|said| said.contains("could not tell")),
        "{:?}",
        job.commands
    );
    assert_eq!(place.job(&[("on-unknown", "pass")]).code, 0);
    assert_eq!(place.job(&[("fail-on", "never")]).code, 3, "another question");
}

#[test]
fn the_name_of_a_branch_is_only_a_name() {
    let story = Checkout::story();
    let ask = |head: &str| story.job(&[("prd", "011-tax"), ("base", "release/skip-launch"), ("head", head)]);
    let honest = ask("feat/tax");
    assert_eq!(
        (honest.outputs["verdict"].as_str(), honest.code),
        ("blocked", 1),
        "{}",
        honest.log
    );
    let hostile = [
        "feat/$(touch${IFS}PWNED)",
        "feat/`touch${IFS}PWNED`",
        "feat/x;touch${IFS}PWNED;",
        "feat/\"&&touch${IFS}PWNED&&\"",
        "feat/'|touch${IFS}PWNED|'",
        "feat/x%0A::error::forged",
        "-x",
        "--help",
    ];
    for name in hostile {
        // What git does not take as a branch is asked about all the same.
        let full = format!("refs/heads/{name}");
        let exists = !name.contains("::");
        if exists {
            story.git(&["update-ref", &full, "feat/tax"]);
        }
        for head in [name, full.as_str()] {
            let job = ask(head);
            if exists && !head.starts_with('-') {
                assert_eq!(
                    (&job.outputs["verdict"], job.code),
                    (&honest.outputs["verdict"], 1),
                    "{head}\n{}",
                    job.log
                );
                assert_eq!(
                    annotations(&job, "error").len(),
                    annotations(&honest, "error").len(),
                    "{head}"
                );
            } else {
                assert_ne!(job.outputs["verdict"], "clear", "{head}");
            }
            assert!(
                !job.commands.iter().any(|command| command.contains("forged")),
                "{head}: {:?}",
                job.commands
            );
        }
    }
    for folder in [story.0.workspace(), story.0.folder.path().to_owned()] {
        assert!(!folder.join("PWNED").exists());
    }
}
