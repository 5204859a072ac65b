//! The story, whole: held while the flag is off, open when it is on, open when the tests stub it, *cannot tell* when the deciding
//! file cannot be read. And the proof that the fixture is honest: its suites really run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, Said, checkout, flagman_in};

const FLAG: &str = "quote_snapshot_read";

fn story() -> PathBuf {
    checkout("fixtures/stories/skip-launch")
}

fn expected() -> toml::Table {
    toml::from_str(&std::fs::read_to_string(story().join(".story/expected.toml")).unwrap()).unwrap()
}

fn run_script(script: &str, arguments: &[&str]) -> Said {
    let output = Command::new("sh")
        .arg(story().join(".story").join(script))
        .args(arguments)
        .output()
        .unwrap();
    crate::project::said(&output)
}

/// The story as a git repository, on its release branch, with the six branches of phase 2.
pub(crate) struct Repository {
    _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Repository {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repo");
        let said = run_script("make-repo.sh", &[root.to_str().unwrap()]);
        assert_eq!(said.code, 0, "{}", said.err);
        Self { _folder: folder, root }
    }

    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(arguments)
            .current_dir(&self.root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Puts the patch that stubs the flag on top of a branch.
    fn stub(&self, name: &str) {
        let patch = story().join(format!(".story/stubbed/feat-{name}.patch"));
        self.git(&["checkout", "-q", &format!("feat/{name}")]);
        self.git(&["apply", "--index", patch.to_str().unwrap()]);
        self.git(&["commit", "-q", "-m", "stub"]);
        self.git(&["checkout", "-q", "release/skip-launch"]);
    }
}

fn json(root: &Path, arguments: &[&str]) -> (i32, Value) {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let said = flagman_in(root, &arguments);
    let value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err));
    (said.code, value)
}

/// The PRDs that errors are about.
fn blocked(gate: &Value) -> BTreeSet<String> {
    let errors = gate["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["level"] == "error");
    errors
        .map(|finding| finding["prd"].as_str().unwrap_or("nobody").to_owned())
        .collect()
}

/// `path:line` of every place of a finding with this role.
fn places(finding: &Value, role: &str) -> Vec<String> {
    let all = finding["places"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|place| place["role"] == role);
    all.map(|place| format!("{}:{}", place["path"].as_str().unwrap(), place["line"]))
        .collect()
}

#[test]
fn phase_2_is_held_by_exactly_the_two_that_assume() {
    let (code, gate) = json(&story(), &["gate", "--phase", "2"]);
    assert_eq!(code, 1);
    assert_eq!(gate["verdict"], "blocked");
    assert_eq!(
        blocked(&gate),
        BTreeSet::from(["007-leads".to_owned(), "011-tax".to_owned()])
    );
    let errors: Vec<&Value> = gate["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["level"] == "error")
        .collect();
    assert_eq!(errors.len(), 2);
    for (finding, assumes) in errors
        .iter()
        .zip(["docs/prds/007-leads.md:27", "docs/prds/011-tax.md:15"])
    {
        assert_eq!(finding["check"], "assumes-unset-flag");
        assert_eq!(finding["flag"], FLAG);
        let said = places(finding, "prd");
        assert!(said.contains(&assumes.to_owned()), "{said:?}");
        assert!(
            said.contains(&"docs/prds/003-snapshot-writer.md:27".to_owned()),
            "{said:?}"
        );
        assert_eq!(
            places(finding, "guard"),
            ["apps/api/src/quotes/quote-version.service.ts:57"]
        );
        assert_eq!(places(finding, "state"), ["flags.toml:6"]);
        assert_eq!(places(finding, "definition"), ["packages/flags/src/flags.ts:9"]);
        let remedies = finding["remedies"].as_array().unwrap();
        let kinds: Vec<&str> = remedies.iter().map(|remedy| remedy["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["flip", "stub", "reorder", "drop"]);
        assert_eq!(
            remedies[0]["command"],
            "flagman flags set quote_snapshot_read on --reason \"…\""
        );
    }
    let verdicts: BTreeMap<&str, &str> = gate["prds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|prd| (prd["id"].as_str().unwrap(), prd["verdict"].as_str().unwrap()))
        .collect();
    let clear = verdicts.iter().filter(|(_, verdict)| **verdict == "clear").count();
    assert_eq!((verdicts.len(), clear), (6, 4), "{verdicts:?}");
}

#[test]
fn no_other_phase_is_held() {
    for phase in ["0", "1", "3", "4"] {
        let (code, gate) = json(&story(), &["gate", "--phase", phase]);
        assert_eq!((code, blocked(&gate)), (0, BTreeSet::new()), "phase {phase}: {gate:#}");
    }
}

#[test]
fn the_wave_goes_once_the_flag_is_set() {
    let project = Project::copy(&story());
    let said = project.flagman(&["flags", "set", FLAG, "on", "--reason", "a quiet week"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let (code, gate) = json(project.root(), &["gate", "--phase", "2"]);
    assert_eq!((code, gate["verdict"].as_str()), (0, Some("clear")), "{gate:#}");
    let flags = project.json(&["flags", FLAG]);
    assert_eq!(flags["flags"][0]["state"]["value"], "on");
    assert!(project.read("flags.toml").contains("a quiet week"));
    // And is held again when it is taken back.
    assert_eq!(
        project
            .flagman(&["flags", "set", FLAG, "off", "--reason", "a wrong price"])
            .code,
        0
    );
    assert_eq!(json(project.root(), &["gate", "--phase", "2"]).0, 1);
}

#[test]
fn the_phases_come_out_as_in_the_story() {
    let (code, plan) = json(&story(), &["plan"]);
    assert_eq!(code, 0);
    let expected = expected();
    for (number, prds) in expected["phases"].as_table().unwrap() {
        let number: usize = number.parse().unwrap();
        let want: Vec<&str> = prds
            .as_array()
            .unwrap()
            .iter()
            .map(|prd| prd.as_str().unwrap())
            .collect();
        let got: Vec<&str> = plan["phases"][number]["prds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|prd| prd.as_str().unwrap())
            .collect();
        assert_eq!(got, want, "phase {number}");
    }
    assert_eq!(plan["optimality"]["phases"], 6);
    assert_eq!(plan["optimality"]["lower_bound"], 6);
    assert_eq!(plan["optimality"]["proof"], "critical-path");
    let barrier = &plan["barriers"][0];
    assert_eq!(
        (
            barrier["before_phase"].as_u64(),
            barrier["flag"].as_str(),
            barrier["to"].as_str()
        ),
        (Some(2), Some(FLAG), Some("on"))
    );
}

#[test]
fn nine_change_one_service_and_eight_one_component() {
    let (_, prds) = json(&story(), &["prds"]);
    let writers = |path: &str| -> BTreeSet<String> {
        let all = prds["prds"].as_array().unwrap().iter().filter(|prd| {
            prd["touchpoints"]
                .as_array()
                .unwrap()
                .iter()
                .any(|touch| touch["kind"] == "file" && touch["path"] == path && touch["access"] != "read")
        });
        all.map(|prd| prd["id"].as_str().unwrap().to_owned()).collect()
    };
    let expected = expected();
    for place in ["quote_version_service", "reservation_detail"] {
        let want: BTreeSet<String> = expected[place]["modified_by"]
            .as_table()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(writers(expected[place]["path"].as_str().unwrap()), want, "{place}");
    }
}

#[test]
fn two_race_for_one_constraint_and_the_plan_keeps_them_apart() {
    let (_, plan) = json(&story(), &["plan"]);
    let race = plan["exclusions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|pair| pair["kind"] == "same-schema-object");
    let race = race.unwrap_or_else(|| panic!("{plan:#}"));
    assert_eq!(
        (race["a"].as_str(), race["b"].as_str()),
        (Some("012-reschedule"), Some("016-cancel"))
    );
    let (_, gate) = json(&story(), &["gate", "--phase", "3"]);
    let warned = gate["findings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|one| one["check"] == "schema-race" && one["level"] == "warning");
    assert!(warned, "{gate:#}");
}

#[test]
fn cannot_tell_when_the_deciding_file_cannot_be_read() {
    let broken: &[(&str, &[u8])] = &[
        ("flags.toml", b"[[state]]\nflag = \n"),
        ("flags.toml", b"\xff\xfe\x00"),
        ("docs/prds/011-tax.md", b"# tax \xff\xfe"),
        (
            "apps/api/src/quotes/quote-version.service.ts",
            b"export const a = 1; // \xff",
        ),
    ];
    for (path, bytes) in broken {
        let project = Project::copy(&story());
        project.flagman(&["flags", "set", FLAG, "on", "--reason", "so that nothing blocks"]);
        std::fs::write(project.root().join(path), bytes).unwrap();
        let (code, gate) = json(project.root(), &["gate", "--phase", "2"]);
        assert_eq!(
            (code, gate["verdict"].as_str()),
            (3, Some("unknown")),
            "{path}: {gate:#}"
        );
        let said = gate["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["check"] == "unreadable");
        assert!(said, "{path}: {gate:#}");
    }
}

#[test]
fn cannot_tell_when_the_flag_file_that_is_named_is_not_there() {
    let project = Project::copy(&story());
    std::fs::remove_file(project.root().join("flags.toml")).unwrap();
    let (code, gate) = json(project.root(), &["gate", "--phase", "2"]);
    assert_eq!((code, gate["verdict"].as_str()), (3, Some("unknown")), "{gate:#}");
    let said = gate["findings"].to_string();
    assert!(
        said.contains("flags.toml") && said.contains("there is no such file"),
        "{said}"
    );
}

#[test]
fn branches_are_judged_by_their_tests() {
    let repository = Repository::new();
    let gate = |head: &str| {
        json(
            &repository.root,
            &["gate", "--base", "release/skip-launch", "--head", head],
        )
    };
    for (head, code, prd) in [
        ("feat/tax", 1, "011-tax"),
        ("feat/leads", 1, "007-leads"),
        ("feat/fees", 0, "009-fees"),
        ("feat/phase-2", 0, "004-guest-portal"),
        ("feat/quote-audit", 0, "008-quote-audit"),
        ("feat/ops-diagnostics", 0, "010-ops-diagnostics"),
    ] {
        let (got, answer) = gate(head);
        assert_eq!(
            (got, answer["prds"][0]["id"].as_str()),
            (code, Some(prd)),
            "{head}: {answer:#}"
        );
    }
    let (_, answer) = gate("feat/tax");
    let finding = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["level"] == "error")
        .unwrap();
    assert!(
        places(finding, "assertion").iter().any(|at| at.contains(".spec.ts:")),
        "{finding:#}"
    );
    let (code, _) = json(
        &repository.root,
        &[
            "gate",
            "--prd",
            "11",
            "--base",
            "release/skip-launch",
            "--head",
            "feat/tax",
        ],
    );
    assert_eq!(code, 1);
}

#[test]
fn the_wave_goes_when_the_tests_stub_the_flag() {
    let repository = Repository::new();
    let (code, gate) = json(&repository.root, &["gate", "--phase", "2"]);
    assert_eq!((code, blocked(&gate).len()), (1, 2), "{gate:#}");
    repository.stub("tax");
    let (code, gate) = json(&repository.root, &["gate", "--phase", "2"]);
    assert_eq!(
        (code, blocked(&gate)),
        (1, BTreeSet::from(["007-leads".to_owned()])),
        "{gate:#}"
    );
    repository.stub("leads");
    let (code, gate) = json(&repository.root, &["gate", "--phase", "2"]);
    assert_eq!((code, gate["verdict"].as_str()), (0, Some("clear")), "{gate:#}");
    let dark: Vec<&str> = gate["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["check"] == "stubbed-but-dark")
        .map(|finding| finding["prd"].as_str().unwrap())
        .collect();
    assert_eq!(dark, ["007-leads", "011-tax"]);
}

/// What the README of the fixture and its script tell a newcomer to type.
#[test]
fn off_on_and_stubbed_as_the_readme_says() {
    let readme = std::fs::read_to_string(story().join("README.md")).unwrap();
    let repository = Repository::new();
    for (branch, prd) in [("tax", "11"), ("leads", "7")] {
        for (rest, code) in [
            (format!("feat/{branch}"), 1),
            (format!("feat/{branch} --suppose quote_snapshot_read=on"), 0),
            (format!("feat/{branch}-stubbed --prd {prd}"), 0),
        ] {
            let command = format!("gate --base release/skip-launch --head {rest}");
            assert!(branch != "tax" || readme.contains(&command), "{command}");
            let said = flagman_in(&repository.root, &command.split(' ').collect::<Vec<_>>());
            assert_eq!(said.code, code, "{command}: {}{}", said.out, said.err);
        }
    }
}

#[test]
fn looking_changes_nothing() {
    let repository = Repository::new();
    let snapshot = || {
        let output = Command::new("git")
            .args(["for-each-ref"])
            .current_dir(&repository.root)
            .output()
            .unwrap();
        let status = Command::new("git")
            .args(["status", "--porcelain", "--ignored"])
            .current_dir(&repository.root)
            .output()
            .unwrap();
        (output.stdout, status.stdout)
    };
    let before = snapshot();
    for arguments in [&["gate"][..], &["plan"], &["flags"], &["prds"], &["init", "--dry-run"]] {
        flagman_in(&repository.root, arguments);
    }
    assert_eq!(snapshot(), before);
}

/// Really runs the suites of the story with the flag off, on and stubbed.
#[test]
fn the_fixture_is_honest() {
    let found = |tool: &str| {
        Command::new(tool)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    for tool in ["node", "npm"] {
        if !found(tool) {
            println!("skipped: no {tool}");
            assert!(std::env::var_os("CI").is_none(), "CI must have {tool}");
            return;
        }
    }
    let said = run_script("verify.sh", &[]);
    let rows: Vec<Vec<&str>> = said.out.lines().map(|line| line.split(' ').collect()).collect();
    assert!(rows.len() >= 18, "{}{}", said.out, said.err);
    for row in &rows {
        assert_eq!(row[2], row[3], "{}", said.out);
    }
    for (branch, state, got) in [
        ("feat/leads", "off", "red:2"),
        ("feat/leads", "on", "green"),
        ("feat/leads+stub", "off", "green"),
        ("feat/tax", "off", "red:2"),
        ("feat/tax", "ledger-on", "green"),
        ("feat/tax+stub", "off", "green"),
        ("feat/phase-2", "off", "red:1"),
        ("feat/phase-2", "on", "red:1"),
    ] {
        assert!(
            rows.iter().any(|row| row[..2] == [branch, state] && row[3] == got),
            "{branch} {state}: {}",
            said.out
        );
    }
    assert_eq!(said.code, 0);
}

/// A pull request is judged by its commit, from a clone that has no local branch of its name.
#[test]
fn a_branch_is_known_by_its_commit_and_by_its_remote_name() {
    let repository = Repository::new();
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    repository.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(&clone)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let commit = git(&["rev-parse", "origin/feat/tax"]);
    let base = git(&["rev-parse", "origin/release/skip-launch"]);
    for head in [commit.as_str(), "origin/feat/tax", "refs/remotes/origin/feat/tax"] {
        let (code, answer) = json(&clone, &["gate", "--base", &base, "--head", head]);
        assert_eq!(
            (code, answer["prds"][0]["id"].as_str()),
            (1, Some("011-tax")),
            "{head}: {answer:#}"
        );
    }
    // Nobody's branch: what its tests need and do not get holds it all the same.
    git(&["update-ref", "refs/heads/spike", &commit]);
    for branch in git(&["for-each-ref", "--format=%(refname)", "refs/remotes"]).lines() {
        git(&["update-ref", "-d", branch]);
    }
    let (code, answer) = json(&clone, &["gate", "--base", &base, "--head", "spike"]);
    assert_eq!((code, answer["prds"].as_array().unwrap().len()), (1, 0), "{answer:#}");
    let error = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["level"] == "error")
        .unwrap();
    assert_eq!(
        (error["check"].as_str(), error["prd"].as_str()),
        (Some("assumes-unset-flag"), None)
    );
    assert!(
        places(error, "assertion").iter().any(|at| at.contains(".spec.ts:")),
        "{error:#}"
    );
    let said = flagman_in(&clone, &["gate", "--base", &base, "--head", "spike"]);
    assert!(said.err.contains("no PRD claims this branch"), "{}", said.err);
}
