//! The GitHub Action, run. With a stand-in for flagman where its answer matters, and with the real one on a real repository.

use crate::action_runner::{Action, Job, Place, evaluate};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A stand-in that writes down its arguments, writes the reports that it is told to, and exits as it is told to.
const STAND_IN: &str = r#"#!/bin/sh
here="$(dirname "$0")"
for argument; do printf '%s\0' "$argument" >> "$here/arguments"; done
for argument; do
  case "$argument" in
    --report=*=*) kind="${argument#--report=}"; file="${kind#*=}"; kind="${kind%%=*}"; [ ! -f "$here/$kind" ] || cp "$here/$kind" "$file" ;;
  esac
done
cat "$here/text" 2>/dev/null
exit "$(cat "$here/code")"
"#;

struct Stage {
    place: Place,
    bin: PathBuf,
}

impl Stage {
    fn new(code: i32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        fs::create_dir(folder.path().join("workspace")).expect("a folder");
        let place = Place {
            path: format!("{}:/usr/bin:/bin", bin.display()),
            action: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
            folder,
        };
        let stage = Self { place, bin };
        stage.program("flagman", STAND_IN);
        stage.says("code", &code.to_string());
        stage.says("markdown", "## flagman: blocked\n");
        stage.says("github", "::error file=a.ts,line=1::one\n");
        stage.says("json", "{}");
        stage
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.bin.join(name);
        fs::write(&path, text).expect("a program");
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    }

    fn says(&self, what: &str, text: &str) {
        fs::write(self.bin.join(what), text).expect("a file");
    }

    fn run(&self, inputs: &[(&str, &str)]) -> Job {
        Action::ours().run(&self.place, inputs).expect("runs")
    }

    fn arguments(&self) -> Vec<String> {
        let text = fs::read_to_string(self.bin.join("arguments")).expect("arguments");
        text.split_terminator('\0').map(str::to_owned).collect()
    }
}

#[test]
fn exit_codes_become_verdicts_and_the_step_ends_with_them() {
    let cases = [
        (0, "clear", &[][..], 0),
        (1, "blocked", &[][..], 1),
        (1, "blocked", &[("fail-on", "never")][..], 0),
        (1, "blocked", &[("fail-on", "warning")][..], 1),
        (3, "unknown", &[][..], 3),
        (3, "unknown", &[("on-unknown", "pass")][..], 0),
        (3, "unknown", &[("fail-on", "never")][..], 3),
        (2, "error", &[("fail-on", "never"), ("on-unknown", "pass")][..], 2),
        (70, "error", &[][..], 70),
        (101, "error", &[][..], 101),
    ];
    for (code, verdict, inputs, expected) in cases {
        let job = Stage::new(code).run(inputs);
        assert_eq!(
            (job.outputs["verdict"].as_str(), job.code),
            (verdict, expected),
            "{code} {inputs:?}\n{}",
            job.log
        );
        assert_eq!(job.outputs["exit-code"], code.to_string());
    }
    let job = Stage::new(0).run(&[("fail-on", "whatever")]);
    assert_eq!(job.code, 2, "a wrong input is not passed over");
}

#[test]
fn inputs_are_arguments_one_each() {
    let stage = Stage::new(0);
    stage.run(&[
        ("project", "apps/a b"),
        ("prd", "11"),
        ("base", "main"),
        ("head", "feat/x"),
        ("environment", "prod"),
        ("fail-on", "warning"),
    ]);
    let arguments = stage.arguments();
    for expected in [
        "--project=apps/a b",
        "--env=prod",
        "gate",
        "--prd=11",
        "--base=main",
        "--head=feat/x",
        "--fail-on=warning",
    ] {
        assert!(
            arguments.iter().any(|argument| argument == expected),
            "{expected} is not in {arguments:?}"
        );
    }
    assert!(
        !arguments.iter().any(|argument| argument.starts_with("--phase")),
        "what is not given is not passed"
    );
}

#[test]
fn hostile_inputs_are_only_text() {
    let hostile = [
        "a\"; touch PWNED; echo \"",
        "$(touch PWNED)",
        "`touch PWNED`",
        "'; touch PWNED; '",
        "x\n::error::forged\ntouch PWNED",
        "--help",
        "${{ github.token }}",
        "a<<END\nverdict=clear\nEND",
    ];
    for text in hostile {
        for input in ["project", "phase", "prd", "base", "head", "environment"] {
            let stage = Stage::new(0);
            let job = stage.run(&[(input, text)]);
            let option = if input == "environment" { "env" } else { input };
            assert!(
                stage.arguments().contains(&format!("--{option}={text}")),
                "{input}: {:?}",
                stage.arguments()
            );
            check_harmless(&stage, &job, text);
        }
        for input in ["fail-on", "on-unknown", "annotations", "summary", "flagman"] {
            let stage = Stage::new(1);
            let job = stage.run(&[(input, text)]);
            assert_ne!(job.code, 0, "{input} {text}");
            check_harmless(&stage, &job, text);
        }
    }
}

fn check_harmless(stage: &Stage, job: &Job, text: &str) {
    let anywhere = [
        stage.place.workspace(),
        stage.place.folder.path().to_owned(),
        stage.bin.clone(),
    ];
    assert!(
        !anywhere.iter().any(|folder| folder.join("PWNED").exists()),
        "{text} was run"
    );
    assert!(
        !job.commands.iter().any(|command| command.contains("forged")),
        "{text}: {:?}",
        job.commands
    );
}

#[test]
fn what_flagman_prints_gives_no_commands() {
    let stage = Stage::new(1);
    stage.says("text", "quoting a file:\n::error::forged\n::stop-commands::x\n::set-output name=verdict::clear\nno line feed at the end");
    let job = stage.run(&[]);
    assert_eq!(job.commands, ["error file=a.ts,line=1::one"]);
    assert!(job.log.contains("::error::forged"), "it is printed all the same");
}

#[test]
fn annotations_are_counted_and_summaries_are_bounded() {
    let stage = Stage::new(1);
    let lines = |level: &str, count: usize| {
        (0..count)
            .map(|n| format!("::{level} file=a.ts,line={n}::{level} {n}\n"))
            .collect::<String>()
    };
    stage.says(
        "github",
        &format!(
            "{}{}{}not a command\n::add-mask::x\n",
            lines("error", 14),
            lines("warning", 3),
            lines("notice", 12)
        ),
    );
    stage.says("markdown", &"| a | row |\n".repeat(200_000));
    let job = stage.run(&[]);
    let count = |level: &str| {
        job.commands
            .iter()
            .filter(|command| command.starts_with(&format!("{level} file")))
            .count()
    };
    assert_eq!((count("error"), count("warning"), count("notice")), (10, 3, 10));
    assert!(
        job.commands.iter().any(|command| command.contains("6 more findings")),
        "{:?}",
        job.commands
    );
    assert!(
        !job.commands.iter().any(|command| command.contains("add-mask")),
        "only annotations pass"
    );
    assert!(job.summary.len() < 1 << 20 && job.summary.trim_end().ends_with("the rest is in the reports."));
    assert!(
        job.summary.lines().all(|line| line.is_empty() || line.len() > 10),
        "no line is cut in the middle"
    );

    let job = stage.run(&[("annotations", "2"), ("summary", "false")]);
    assert_eq!(
        job.commands
            .iter()
            .filter(|command| command.starts_with("error file"))
            .count(),
        2
    );
    assert_eq!(job.summary, "");
}

#[test]
fn flagman_is_found_given_or_built() {
    let stage = Stage::new(0);
    let given = stage.place.folder.path().join("my flagman");
    fs::rename(stage.bin.join("flagman"), stage.bin.join("elsewhere")).expect("renamed");
    fs::create_dir(&given).expect("a folder");
    for file in ["elsewhere", "code"] {
        fs::copy(stage.bin.join(file), given.join(file)).expect("copied");
    }
    let path = given.join("elsewhere").display().to_string();
    assert_eq!(stage.run(&[("flagman", &path)]).outputs["verdict"], "clear");

    let job = stage.run(&[]);
    assert_eq!(job.code, 2, "neither flagman nor cargo: {}", job.log);
    assert!(job.commands[0].contains("no cargo"));

    let cargo = "#!/bin/sh\nhere=\"$(dirname \"$0\")\"; echo \"$@\" > \"$here/cargo-arguments\"; for last; do :; done\n\
                 mkdir -p \"$last/bin\"; cp \"$here/elsewhere\" \"$last/bin/flagman\"; cp \"$here/code\" \"$last/bin/code\"\n";
    stage.program("cargo", cargo);
    let job = stage.run(&[]);
    assert_eq!(job.outputs["verdict"], "clear", "{}", job.log);
    let arguments = fs::read_to_string(stage.bin.join("cargo-arguments")).expect("arguments");
    assert!(
        arguments.starts_with(&format!(
            "install --locked --quiet --all-features --path {}",
            env!("CARGO_MANIFEST_DIR")
        )),
        "{arguments}"
    );
}

#[test]
fn the_real_flagman_answers() {
    let scratch = crate::git_scratch::Scratch::new(
        "//- docs/prds/001-a.md\n# Nothing much\n\nA document that assumes nothing.\n",
    );
    let stage = Stage::new(0);
    fs::remove_file(stage.bin.join("flagman")).expect("removed");
    let project = scratch.root().display().to_string();
    let job = stage.run(&[("flagman", env!("CARGO_BIN_EXE_flagman")), ("project", &project)]);
    assert_eq!((job.outputs["verdict"].as_str(), job.code), ("clear", 0), "{}", job.log);
    assert!(job.summary.contains("flagman"), "{}", job.summary);
    for kind in ["json", "sarif", "markdown"] {
        let path = &job.outputs[&format!("report-{kind}")];
        assert!(Path::new(path).is_file(), "{kind}: {path}");
    }
    let job = stage.run(&[
        ("flagman", env!("CARGO_BIN_EXE_flagman")),
        ("project", &project),
        ("phase", "99"),
    ]);
    assert_eq!((job.outputs["verdict"].as_str(), job.code), ("error", 2), "{}", job.log);
}

#[test]
fn the_runner_guesses_nothing() {
    let (inputs, outputs) = (
        BTreeMap::from([("a".to_owned(), "1".to_owned())]),
        BTreeMap::from([("s".to_owned(), BTreeMap::new())]),
    );
    assert_eq!(
        evaluate("x ${{ inputs.a }} ${{steps.s.outputs.b}}.", &inputs, &outputs),
        Ok("x 1 .".to_owned())
    );
    for wrong in [
        "${{ github.token }}",
        "${{ inputs.b }}",
        "${{ steps.t.outputs.b }}",
        "${{ inputs.a || 'x' }}",
        "${{ inputs.a",
    ] {
        assert!(evaluate(wrong, &inputs, &outputs).is_err(), "{wrong}");
    }
}

#[test]
fn the_action_is_in_order() {
    let action = Action::ours();
    assert_eq!(action.runs.using, "composite");
    let kebab = |name: &String| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    assert!(action.inputs.keys().chain(action.outputs.keys()).all(kebab));
    assert!(
        action
            .inputs
            .values()
            .map(|input| &input.description)
            .chain(action.outputs.values().map(|output| &output.description))
            .all(|text| text.ends_with('.'))
    );
    for step in &action.runs.steps {
        assert!(
            !step.run.contains("${{"),
            "{}: an input in the text of a script is code",
            step.name
        );
        assert!(step.run.starts_with("set -euo pipefail"), "{}", step.name);
    }
}
