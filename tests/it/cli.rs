//! The command line as people and scripts meet it: exit codes, failures with hints, hostile projects.

use crate::project::{Project, checkout};

fn check(project: &Project, arguments: &[&str], code: i32, says: &str) {
    let said = project.flagman(arguments);
    let all = format!("{}{}", said.out, said.err);
    assert_eq!(said.code, code, "{arguments:?}: {all}");
    assert!(all.contains(says), "{arguments:?} says nothing of {says:?}: {all}");
    assert!(!all.contains("panicked"), "{all}");
}

#[test]
fn usage_is_answered_with_what_was_meant() {
    let project = Project::copy(&checkout("fixtures/stories/skip-launch"));
    check(&project, &["gaet"], 2, "gate");
    check(&project, &["gate", "--phase", "9"], 2, "phases 0 to 5");
    check(&project, &["gate", "--prd", "11-tex"], 2, "011-tax");
    check(&project, &["gate", "--head", "x"], 2, "--base");
    let refs = ["gate", "--base", "no-such-ref", "--head", "nor-this"];
    check(&project, &refs, 2, "this needs a git repository");
    project.git(&["init", "-q"]);
    check(&project, &refs, 2, "no-such-ref");
    check(
        &project,
        &["flags", "quote_snapshot_raed"],
        2,
        "did you mean `quote_snapshot_read`?",
    );
    check(
        &project,
        &["flags", "set", "quote_snapshot_raed", "on", "--reason", "x"],
        2,
        "did you mean",
    );
    check(
        &project,
        &["flags", "set", "quote_snapshot_read", "on", "--reason", " "],
        2,
        "--reason",
    );
    check(
        &project,
        &["flip", "quote_snapshot_raed=on"],
        2,
        "did you mean `quote_snapshot_read`?",
    );
    check(
        &project,
        &["flip", "quote_snapshot_read=maybe"],
        2,
        "neither on nor off",
    );
    check(&project, &["flip", "quote_snapshot_read"], 2, "KEY=on or KEY=off");
    check(&project, &["flags", "--all"], 2, "<KEY>");
    check(&project, &["schema", "flag"], 2, "did you mean `flags`?");
    check(&project, &["prds", "--project", "no/such/folder"], 2, "no/such/folder");
    check(&project, &["gate", "--report", "jsn=x"], 2, "did you mean `json`?");
    check(&project, &["gate", "--report", "json="], 2, "json=PATH");
    let suppose = ["gate", "--suppose", "quote_snapshot_raed=on"];
    check(&project, &suppose, 2, "did you mean `quote_snapshot_read`?");
}

#[test]
fn what_would_be_ignored_is_refused() {
    let project = Project::of(
        "//- docs/prds/001-tax.md\n---\ntouches: []\n---\n# Tax\n//- docs/prds/001-tips.md\n---\ntouches: []\n---\n# Tips\n",
    );
    check(
        &project,
        &["gate", "--prd", "1"],
        2,
        "`1` may be PRD 001-tax or PRD 001-tips",
    );
    check(&project, &["gate", "--phase", "99"], 2, "the plan has phase 0 alone");
    check(&project, &["gate", "--env", ""], 2, "--env");
    check(&project, &["plan", "--format", "sarif"], 2, "only flagman gate");
    check(&project, &["plan", "--report", "sarif=x"], 2, "--report json=PATH");
    check(&project, &["explain", "--report", "json=x"], 2, "writes no reports");
    check(&project, &["plan", "--report", "json=out/plan.json"], 0, "phase 0");
    assert!(project.read("out/plan.json").contains("flagman/plan/v1"));
    for (format, says) in [
        ("sarif", "2.1.0"),
        ("markdown", "clear"),
        ("html", "<html"),
        ("junit", "<testsuites"),
    ] {
        check(&project, &["gate", "--format", format], 0, says);
    }
    assert_eq!(project.flagman(&["gate", "--quiet"]).out, "");
}

#[test]
fn a_gate_that_nothing_can_hold_is_not_open() {
    let project = Project::of("//- flagman.toml\n[prds]\npaths = [\"docs/prd/*.md\"]\n//- docs/prds/001-a.md\n# A\n");
    check(
        &project,
        &["gate"],
        2,
        "`prds.paths` in flagman.toml fits no Markdown file: docs/prd/*.md",
    );
    // A PRD that cannot be read is missed wherever PRDs usually are.
    let project = Project::of("//- docs/prds/001-a.md\n# A\n");
    std::fs::write(project.root().join("docs/prds/002-b.md"), [0xff, 0xfe, 0x00, 0x41]).unwrap();
    check(&project, &["gate"], 3, "docs/prds/002-b.md cannot be read");
    check(&project, &["prds"], 0, "docs/prds/002-b.md cannot be read");
}

#[test]
fn states_are_recorded_whole_and_comments_stay() {
    let project = Project::of(
        "//- docs/prds/001-a.md\n# A\n//- flags.toml\n# ours\nschema = 1\n\n[[state]] # the first\nflag = \"a_b\"\nvalue = \"off\"\n\n# the end\n",
    );
    let set = |key: &str, more: &[&str]| {
        let arguments = [&["flags", "set", key, "on", "--reason", "why\nso"], more].concat();
        project.flagman(&arguments)
    };
    assert_eq!(set("a_b", &[]).code, 0);
    let said = set("a_b", &["--env", "staging", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&document["flag"], &document["value"]), (&"a_b".into(), &"on".into()));
    for (key, more) in [
        ("", &["--new"][..]),
        ("a\nb", &["--new"]),
        ("a_c", &[]),
        ("a_b", &["--env", " x"]),
    ] {
        assert_eq!(set(key, more).code, 2, "{key:?} {more:?}");
    }
    let text = project.read("flags.toml");
    for kept in ["# ours", "[[state]] # the first", "# the end"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    check(&project, &["flags", "a_b"], 0, "on in environment default");
    check(&project, &["gate", "--env", "stagin"], 0, "did you mean `staging`?");
    // Nobody's state is lost where several record at once.
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| assert_eq!(set("a_b", &["--quiet"]).code, 0));
        }
    });
    assert_eq!(project.read("flags.toml").matches("[[state]]").count(), 11);
}

#[test]
fn the_flag_file_is_a_file_of_the_project() {
    let project = Project::of("//- flagman.toml\n[flags]\nfile = \"../f.toml\"\n");
    check(&project, &["gate"], 2, "within the project");
    let project = Project::new();
    std::os::unix::fs::symlink("/dev/null", project.root().join("flags.toml")).unwrap();
    check(
        &project,
        &["flags", "set", "x_y", "on", "--new", "--reason", "x"],
        2,
        "is a link",
    );
}

#[test]
fn a_wrong_configuration_is_shown_with_its_line() {
    let project = Project::of("//- flagman.toml\n[prds]\npath = [\"docs\"]\n");
    check(&project, &["gate"], 2, "did you mean `paths`?");
    check(&project, &["plan"], 2, "flagman.toml:2:1");
}

#[test]
fn a_wrong_project_rule_is_refused_with_its_reason() {
    let project = Project::of(
        "//- .flagman/rules/ours.toml\nschema = 1\nid = \"project/ours\"\nlanguages = [\"ts\"]\nneedels = [\"x\"]\n",
    );
    check(&project, &["flags"], 2, "needles");
}

#[test]
fn an_empty_folder_has_nothing_and_the_gate_does_not_call_that_clear() {
    let project = Project::new();
    check(&project, &["prds"], 0, "no PRDs found");
    check(&project, &["flags"], 0, "no flags found");
    check(&project, &["plan"], 0, "no PRDs found");
    check(&project, &["gate"], 2, "no PRDs were found");
}

#[test]
fn init_writes_once_and_what_it_writes_is_read() {
    let project =
        Project::of("//- docs/prds/001-a.md\n# A\n//- package.json\n{\"scripts\": {\"test\": \"vitest run\"}}\n");
    check(&project, &["init"], 0, "wrote flagman.toml");
    assert!(project.read("flagman.toml").contains("paths = [\"docs/prds/*.md\"]"));
    assert!(project.read("flagman.toml").contains("command = \"npm test\""));
    check(&project, &["init"], 2, "--force");
    check(&project, &["prds"], 0, "001-a");
}

#[test]
fn init_counts_tests_that_no_flag_leads_to() {
    let project = Project::of(
        "//- package.json\n{ \"devDependencies\": { \"vitest\": \"^1.6.0\" } }\n\
         //- test/cart.test.ts\nimport { it, expect } from 'vitest';\nit('totals', () => { expect(1).toBe(1); });\n",
    );
    check(&project, &["init", "--dry-run"], 0, "1 test of js/vitest");
}

#[test]
fn the_release_branch_cannot_be_protected() {
    let project = Project::of("//- flagman.toml\n[project]\nrelease_branch = \"main\"\n//- docs/prds/001-a.md\n# A\n");
    check(&project, &["gate"], 1, "error[protected-branch]");
}

#[test]
fn hostile_projects_get_an_answer() {
    let project = Project::new();
    project.write(
        "docs/prds/001-ünï \u{202e}code.md",
        "# \u{1b}[31mred\u{1b}[0m ::error::x\n\nAssumes `\u{7}` is on.\n",
    );
    project.write("docs/prds/002.md", &"> ".repeat(20_000));
    project.write(
        "docs/prds/003-a.md",
        &format!("---\na: &a [{}]\n---\n# x\n", "*a,".repeat(3000)),
    );
    project.write(
        "src/deep.ts",
        &format!("const isEnabled = {}1{};", "(".repeat(60_000), ")".repeat(60_000)),
    );
    project.write(
        "src/deep.rs",
        &format!(
            "fn f() {{ let feature = {}1{}; }}",
            "(".repeat(60_000),
            ")".repeat(60_000)
        ),
    );
    project.write("src/broken.tsx", "export function isEnabled( { <div><<< \u{0} 'flag");
    project.write("src/half.ts", "if (isEnabled('a')) { } else ]]} const x = ;");
    project.write("flags.toml", "");
    for arguments in [&["gate"][..], &["plan"], &["flags"], &["prds"], &["init", "--dry-run"]] {
        let said = project.flagman(arguments);
        let all = format!("{}{}", said.out, said.err);
        assert!((0..=3).contains(&said.code), "{arguments:?}: {} {all}", said.code);
        assert!(
            !all.contains("panicked") && !all.contains('\u{1b}') && !all.contains('\u{202e}'),
            "{arguments:?}: {all}"
        );
    }
}

#[test]
fn reports_are_written_beside_the_answer() {
    let project = Project::copy(&checkout("fixtures/stories/skip-launch"));
    let reports = [
        "json=out/gate.json",
        "github=out/gate.txt",
        "markdown=out/gate.md",
        "sarif=out/gate.sarif",
    ];
    let arguments: Vec<&str> = ["gate", "--phase", "2"]
        .into_iter()
        .chain(reports.iter().flat_map(|one| ["--report", *one]))
        .collect();
    assert_eq!(project.flagman(&arguments).code, 1);
    assert_eq!(
        project.json(&["gate", "--phase", "2"]),
        serde_json::from_str::<serde_json::Value>(&project.read("out/gate.json")).unwrap()
    );
    let annotations = project.read("out/gate.txt");
    assert!(
        annotations.starts_with("::error file=docs/prds/007-leads.md,line="),
        "{annotations}"
    );
    let summary = project.read("out/gate.md");
    assert!(
        summary.contains("blocked") && summary.contains("`flagman flags set quote_snapshot_read on"),
        "{summary}"
    );
    let sarif: serde_json::Value = serde_json::from_str(&project.read("out/gate.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "assumes-unset-flag");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let script = format!("{} explain | head -1", env!("CARGO_BIN_EXE_flagman"));
    let output = std::process::Command::new("bash")
        .args(["-o", "pipefail", "-c", &script])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_rule_file_of_the_documentation_works() {
    let page = std::fs::read_to_string(checkout("docs/rules.md")).unwrap();
    let rule = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let project = Project::of(
        "//- package.json\n{ \"devDependencies\": { \"vitest\": \"1\" } }\n\
         //- src/checkout.ts\nimport { toggles } from './toggles';\nexport function total(): number {\n  if (toggles.allows('new-checkout')) {\n    return 2;\n  }\n  return 1;\n}\n\
         //- src/checkout.spec.ts\nimport { it, expect } from 'vitest';\nimport { total } from './checkout';\nit('is two', () => {\n  withToggle('new-checkout', true);\n  expect(total()).toBe(2);\n});\n",
    );
    assert_eq!(
        project.json(&["flags"])["flags"],
        serde_json::json!([]),
        "no built-in rule knows it"
    );
    project.write(".flagman/rules/ours.toml", rule);
    let flags = project.json(&["flags"]);
    let flag = &flags["flags"][0];
    assert_eq!(flag["key"], "new-checkout");
    assert_eq!(flag["reads"][0]["guards"][0]["when"], "on");
    assert_eq!(
        (&flag["tests"][0]["runs_with"], &flag["tests"][0]["supply"]),
        (&"on".into(), &"stub".into())
    );
    project.write(".flagman/rules/ours.toml", &rule.replace("receiver", "reciever"));
    let said = project.flagman(&["flags"]);
    assert_eq!(said.code, 2);
    assert!(
        said.err.contains("reciever") && said.err.contains(".flagman/rules/ours.toml"),
        "{}",
        said.err
    );
}

#[test]
fn init_suggests_rules_and_counts_what_they_add() {
    let project = Project::of(
        "//- src/a.ts
if (access.inTrial('new-tax')) go();
if (trialGate.allows('new-tax')) go();
if (!trialGate.allows('old-menu')) no();
//- src/b.ts
const on = trialGate.allows('big-fees'); if (on) pay();
",
    );
    project.git(&["init", "-q"]);
    check(
        &project,
        &["init", "--dry-run"],
        0,
        "allows(key)                  adds 3 reads",
    );
    check(&project, &["init", "--suggest"], 0, ".flagman/rules/suggested.toml");
    let flags = project.json(&["flags"]);
    let keys: Vec<&str> = flags["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| flag["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, ["big-fees", "new-tax", "old-menu"]);
    check(&project, &["init", "--suggest"], 0, "");
    assert!(!project.flagman(&["init", "--dry-run"]).out.contains("no rule knows it"));
}

#[test]
fn a_rule_of_the_project_that_finds_nothing_is_told() {
    let rule = "schema = 1\nid = \"ours/toggles\"\nlanguages = [\"ts\"]\nneedles = [\"allows\"]\n\n[[read]]\nid = \"allows\"\ncall = { name = [\"allows\"], receiver = '^toggles$' }\nkey = { arg = 0 }\nexample = [\"if (toggles.allows('a')) {} // => a\"]\nnot = [\"doors.allows('a')\"]\n";
    let project = Project::of("//- src/a.ts\nif (toggles.allows('new-checkout')) go();\n");
    project.write(".flagman/rules/ours.toml", rule);
    assert!(!project.flagman(&["flags"]).err.contains("finds nothing"));
    project.write(".flagman/rules/ours.toml", &rule.replace("^toggles$", "^switches$"));
    let said = project.flagman(&["flags"]);
    assert_eq!(said.code, 0);
    assert!(
        said.err
            .contains("note: the rule `allows` of .flagman/rules/ours.toml finds nothing"),
        "{}",
        said.err
    );
}

#[test]
fn a_built_in_rule_file_can_be_left_out() {
    let project =
        Project::of("//- flagman.toml\n[flags]\nwithout = [\"js/env\"]\n//- a.ts\nif (process.env.FEATURE_X) go();\n");
    assert_eq!(project.json(&["flags"])["flags"].as_array().unwrap().len(), 0);
    project.write("flagman.toml", "[flags]\nwithout = [\"js/envs\"]\n");
    check(&project, &["flags"], 2, "js/env");
}
