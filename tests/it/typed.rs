//! Every way out has a command, and each is typed as it stands: into a shell, in a copy. It does what its words say, or says what remains.

use std::process::Command;

use serde_json::Value;

use crate::checks::open;
use crate::project::{Project, Said, checkout, said};

/// What a shell says to a command that a finding names.
fn typed(project: &Project, command: &str) -> Said {
    let flagman = std::path::Path::new(env!("CARGO_BIN_EXE_flagman"));
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(project.root())
        .env("PATH", format!("{}:{path}", flagman.parent().unwrap().display()))
        .env("NO_COLOR", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GITHUB_HEAD_REF")
        .output()
        .unwrap();
    said(&output)
}

fn story() -> Project {
    Project::copy(&checkout("fixtures/stories/skip-launch"))
}

/// The ways out of every finding of this level: whose, which kind, what to type.
fn ways(gate: &Value, level: &str) -> Vec<(String, String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = gate["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|finding| level.is_empty() || finding["level"] == level);
    findings
        .flat_map(|finding| {
            let remedies = finding["remedies"].as_array().unwrap().iter();
            remedies.map(|one| (word(&finding["prd"]), word(&one["kind"]), word(&one["command"])))
        })
        .collect()
}

fn command(gate: &Value, prd: &str, kind: &str) -> String {
    let mut ways = ways(gate, "").into_iter();
    let way = ways.find(|(whose, of, _)| whose == prd && of == kind);
    way.unwrap_or_else(|| panic!("{prd} {kind}: {gate:#}")).2
}

#[test]
fn each_way_out_of_the_story_is_typed_and_opens_the_gate() {
    let gate = story().json(&["gate", "--phase", "2"]);
    let of = |kind: &str| [command(&gate, "007-leads", kind), command(&gate, "011-tax", kind)];
    assert_eq!(
        of("drop"),
        ["flagman gate --phase 2 --without 007-leads --without 011-tax"; 2],
        "both hold the phase"
    );
    assert_eq!(
        of("stub")[1],
        "flagman prds set 011-tax flags.stubs.quote_snapshot_read=on"
    );
    assert_eq!(
        of("reorder")[1],
        "flagman prds set --new 023-turn-quote-snapshot-read-on flags.flips.quote_snapshot_read=on depends_on+=003-snapshot-writer \
         && flagman prds set 011-tax depends_on+=023-turn-quote-snapshot-read-on"
    );
    for kind in ["flip", "stub", "reorder", "drop"] {
        let project = story();
        for line in of(kind) {
            let said = typed(&project, &line);
            assert_eq!(said.code, 0, "{line}: {}{}", said.out, said.err);
        }
        if kind == "drop" {
            continue;
        }
        for prd in ["007", "011"] {
            let asked = project.flagman(&["gate", "--prd", prd]);
            assert_eq!(asked.code, 0, "{kind} {prd}: {}", asked.out);
        }
        assert_eq!(project.flagman(&["gate", "--phase", "2"]).code, 0, "{kind}");
    }
}

#[test]
fn every_way_out_of_every_check_has_a_command_that_runs() {
    let mut seen = 0;
    for folder in std::fs::read_dir(checkout("fixtures/checks")).unwrap() {
        let folder = folder.unwrap().path().join("fires");
        let (project, arguments) = open(&folder);
        let arguments: Vec<&str> = std::iter::once("gate")
            .chain(arguments.iter().map(String::as_str))
            .collect();
        for (_, kind, line) in ways(&project.json(&arguments), "") {
            seen += 1;
            // A rebase is git's, and its conflict is for hands to solve: one is typed below.
            if kind == "rebase" {
                assert!(line.starts_with("git rebase "), "{}: {line:?}", folder.display());
                continue;
            }
            assert!(line.starts_with("flagman "), "{}: {kind}: {line:?}", folder.display());
            let (copy, _) = open(&folder);
            let said = typed(&copy, &line);
            let done = matches!(said.code, 0 | 1 | 3);
            assert!(done, "{}: {line}: {}{}", folder.display(), said.out, said.err);
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn commands_carry_the_project_and_the_environment_and_are_quoted() {
    let project = Project::new();
    let inner = "it's a folder";
    let from = story();
    assert!(
        Command::new("cp")
            .arg("-R")
            .arg(from.root())
            .arg(project.root().join(inner))
            .status()
            .unwrap()
            .success()
    );
    let gate = project.json(&["gate", "--phase", "2", "--project", inner, "--env", "night shift"]);
    for kind in ["stub", "reorder"] {
        let line = command(&gate, "011-tax", kind);
        assert!(
            line.ends_with(r" --project 'it'\''s a folder' --env 'night shift'"),
            "{line}"
        );
        let said = typed(&project, &line);
        assert_eq!(said.code, 0, "{line}: {}", said.err);
    }
    let said = typed(&project, &command(&gate, "011-tax", "drop"));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let asked = project.flagman(&["gate", "--prd", "11", "--project", inner, "--env", "night shift"]);
    assert_eq!(asked.code, 0, "{}", asked.out);
}

#[test]
fn the_command_of_a_stub_asks_about_the_branch_again() {
    let project = Project::of(
        "//- package.json\n{\"devDependencies\": {\"vitest\": \"3\"}}\n//- src/flags.ts
export const FLAG_DEFAULTS = { new_checkout: false, old_mail: true };
const overrides: Record<string, boolean> = {};
export function isEnabled(key: string): boolean { return overrides[key] ?? FLAG_DEFAULTS[key]; }
export function setFlagForTests(key: string, value: boolean): void { overrides[key] = value; }
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout(total: number) {
  if (isEnabled('new_checkout')) { return { total, engine: 'one-page-checkout' }; }
  return { total, engine: 'classic' };
}
export const mail = () => isEnabled('old_mail');
//- src/mail.spec.ts
import { it, expect } from 'vitest';
import { mail } from './checkout';
import { setFlagForTests } from './flags';
it('sends none', () => {
  setFlagForTests('old_mail', false);
  expect(mail()).toBe(false);
});
//- docs/prds/002-vouchers.md
---
branch: feat/vouchers
---
# Vouchers
",
    );
    let spec = |stub: &str| {
        format!(
            "import {{ it, expect }} from 'vitest';\nimport {{ checkout }} from './checkout';\nimport {{ setFlagForTests }} from './flags';\nit('enters a voucher', () => {{\n  {stub}\n  expect(checkout(3).engine).toBe('one-page-checkout');\n}});\n"
        )
    };
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["checkout", "-q", "-b", "feat/vouchers"]);
    project.write("src/vouchers.spec.ts", &spec(""));
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "vouchers"]);
    let gate = project.json(&["gate", "--base", "main", "--head", "feat/vouchers"]);
    let line = command(&gate, "002-vouchers", "stub");
    assert_eq!(line, "flagman gate --prd 002-vouchers --base main --head feat/vouchers");
    let remedy = gate["findings"][0]["remedies"][1]["detail"].as_str().unwrap();
    let own = "setFlagForTests('new_checkout', true);";
    assert!(
        remedy.contains("the test \"enters a voucher\" in src/vouchers.spec.ts")
            && remedy.contains(&format!("`{own}`, as src/mail.spec.ts:5 does with `old_mail`")),
        "{remedy}"
    );
    assert_eq!(typed(&project, &line).code, 1, "it is not written yet");
    project.write("src/vouchers.spec.ts", &spec(own));
    project.git(&["commit", "-q", "-a", "-m", "stub"]);
    let said = typed(&project, &line);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn every_report_says_the_same_command() {
    let project = story();
    let line = "flagman gate --phase 2 --without 007-leads --without 011-tax";
    for format in ["text", "json", "sarif", "github", "markdown", "html", "junit"] {
        let said = project.flagman(&["gate", "--phase", "2", "--format", format]);
        assert_eq!(said.code, 1);
        let text = said.out.replace("&#45;", "-");
        assert!(text.contains(line), "{format}: {}", said.out);
    }
}

/// A chain (1, 2 after 1, 3 after 2) and one that stands alone.
const CHAIN: &str = "//- docs/prds/001-a.md\n---\ntouches: []\n---\n# A\n//- docs/prds/002-b.md\n---\ndepends_on: [1]\n---\n# B\n//- docs/prds/003-c.md\n---\ndepends_on: [2]\n---\n# C\n//- docs/prds/004-d.md\n---\ntouches: []\n---\n# D\n";

fn phases(plan: &Value) -> Vec<Vec<&str>> {
    let all = plan["phases"].as_array().unwrap().iter();
    all.map(|phase| {
        phase["prds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect()
    })
    .collect()
}

#[test]
fn what_waits_for_a_prd_that_is_left_out_stays_behind_with_it() {
    let project = Project::of(CHAIN);
    let whole = project.json(&["plan"]);
    assert_eq!(phases(&whole), [vec!["001-a", "004-d"], vec!["002-b"], vec!["003-c"]]);
    assert_eq!(whole["left_out"], serde_json::json!([]));
    let both = project.json(&["plan", "--without", "2,4"]);
    assert_eq!(phases(&both), [vec!["001-a"], vec![], vec![]]);
    let plan = project.json(&["plan", "--without", "2"]);
    assert_eq!(
        phases(&plan),
        [vec!["001-a", "004-d"], vec![], vec![]],
        "the phases keep their numbers"
    );
    let left = serde_json::json!([{"id": "002-b", "waits_for": null}, {"id": "003-c", "waits_for": "002-b"}]);
    assert_eq!(plan["left_out"], left);
    assert_eq!(
        (&plan["optimality"]["phases"], &plan["optimality"]["lower_bound"]),
        (&1.into(), &1.into())
    );
    let said = project.flagman(&["gate", "--without", "002-b"]);
    assert!(
        said.out.contains("left out: 002-b; with them 003-c (waits for 002-b)"),
        "{}",
        said.out
    );
    let gate = project.json(&["gate", "--without", "2"]);
    assert_eq!(gate["left_out"], left);
    assert_eq!(gate["prds"].as_array().unwrap().len(), 2);
    let refused = |arguments: &[&str], why: &str| {
        let said = project.flagman(arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.out);
        assert!(said.err.contains(why), "{arguments:?}: {}", said.err);
    };
    refused(&["gate", "--phase", "1", "--without", "2"], "phase 1 has nobody left");
    refused(&["gate", "--prd", "003-c", "--without", "2"], "PRD 003-c is left out");
    refused(&["gate", "--without", "002-bb"], "did you mean 002-b?");
    refused(&["gate", "--without", "1", "--without", "4"], "no PRD is left to judge");
}

#[test]
fn a_run_goes_without_and_says_so() {
    let settings = "//- flagman.toml\n[project]\nrelease_branch = \"release/next\"\n[tests]\ncommand = \"true\"\n[dispatch]\nagent = \"echo $FLAGMAN_PRD > $FLAGMAN_PRD.txt; git add -A; git -c user.name=a -c user.email=a@example.org commit -qm work\"\n";
    let project = Project::of(&format!("{CHAIN}{settings}"));
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["branch", "release/next"]);
    let ran = project.flagman(&["run", "--without", "2"]);
    assert!(ran.out.contains("2 of 2 PRDs landed"), "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("No tests were run"), "{}", ran.out);
    assert!(ran.err.contains("left out: 002-b; with them 003-c"), "{}", ran.err);
    let handoff = project.read("handoff.md");
    assert!(handoff.contains("(`--without`): `002-b`"), "{handoff}");
    assert_eq!(project.flagman(&["run", "--without", "9"]).code, 2);
}

#[test]
fn who_needs_what_a_prd_that_is_left_out_was_to_turn_stays_behind() {
    let project = Project::of(
        "//- package.json\n{}\n//- src/flags.ts\nexport const FLAG_DEFAULTS = { new_checkout: false };\nexport function isEnabled(key: string): boolean { return FLAG_DEFAULTS[key]; }\n//- src/a.ts\nimport { isEnabled } from './flags';\nexport const a = () => isEnabled('new_checkout') ? 1 : 2;\n//- docs/prds/001-live.md\n---\nflags: { flips: { new_checkout: on } }\n---\n# Live\n//- docs/prds/002-b.md\n---\ntouches: []\n---\n# B\n//- docs/prds/003-c.md\n---\ndepends_on: [2]\nflags: { assumes: { new_checkout: on } }\n---\n# C\n",
    );
    assert_eq!(
        project.flagman(&["gate", "--phase", "1"]).code,
        0,
        "001 turns it before"
    );
    // Who needs what it was to turn waits for it, and stays behind with it.
    let plan = project.json(&["plan", "--without", "1"]);
    let left = serde_json::json!([{"id": "001-live", "waits_for": null}, {"id": "003-c", "waits_for": "001-live"}]);
    assert_eq!(plan["left_out"], left);
    assert_eq!(plan["barriers"], serde_json::json!([]), "nobody who goes needs it");
}

/// The rebase that the gate tells, typed: it stops at the conflict, and once that is solved `text` may go.
fn rebased(project: &Project, at: &str, wanted: &str) {
    let ask = ["gate", "--base", "main", "--head", "work"];
    let line = command(&project.json(&ask), "", "rebase");
    assert_eq!(line, wanted);
    let said = typed(project, &line);
    assert!(
        said.code == 1 && said.out.contains("CONFLICT"),
        "{line}: {}{}",
        said.out,
        said.err
    );
    project.write(format!("{at}text"), "both\n");
    let solve = format!("cd ./{at} && git add text && GIT_EDITOR=true git rebase --continue");
    let said = typed(project, &solve);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(project.flagman(&ask).code, 0);
}

#[test]
fn a_rebase_is_typed_and_solved_where_the_branch_is_checked_out() {
    let apart = || {
        let project = Project::of("//- text\none\n//- .gitignore\n/tree\n");
        project.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
        project.git(&["config", "user.name", "t"]);
        project.git(&["config", "user.email", "t@example.org"]);
        for (branch, text) in [("main", "one\n"), ("work", "ours\n"), ("main", "theirs\n")] {
            if branch == "work" {
                project.git(&["checkout", "--quiet", "-b", branch]);
            }
            project.write("text", text);
            project.git(&["add", "--all"]);
            project.git(&["commit", "--quiet", "-m", text]);
            if branch == "work" {
                project.git(&["checkout", "--quiet", "main"]);
            }
        }
        project
    };
    rebased(&apart(), "", "git rebase main work");
    let project = apart();
    project.git(&["worktree", "add", "--quiet", "tree", "work"]);
    let folder = project.root().canonicalize().unwrap().join("tree");
    rebased(&project, "tree/", &format!("git -C {} rebase main", folder.display()));
    // From elsewhere, by the project's folder.
    let project = apart();
    let root = project.root().display().to_string();
    let elsewhere = Project::new();
    let ask = ["gate", "--base", "main", "--head", "work", "--project", &root];
    let line = command(&elsewhere.json(&ask), "", "rebase");
    assert_eq!(line, format!("git -C {root} rebase main work"));
}

#[test]
fn a_run_that_no_command_tests_says_so() {
    let settings = "//- flagman.toml\n[project]\nrelease_branch = \"release/next\"\n[dispatch]\nagent = \"echo $FLAGMAN_PRD > $FLAGMAN_PRD.txt; git add -A; git -c user.name=a -c user.email=a@example.org commit -qm work\"\n";
    let project = Project::of(&format!("{CHAIN}{settings}"));
    project.git(&["init", "-q", "-b", "main"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["branch", "release/next"]);
    let ran = project.flagman(&["run", "--without", "1"]);
    let told = "1 of 1 PRDs landed, 0 held, 0 blocked, 0 waiting. No tests were run: flagman.toml names none";
    assert!(ran.out.contains(told), "{}{}", ran.out, ran.err);
    assert!(project.read("handoff.md").contains("No tests were run"));
}
