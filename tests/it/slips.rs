//! Slips of the pen and the answers to them: a flag file that names a flag nobody knows, a phase that is none, what cannot be read.

use crate::git_scratch::Scratch;
use crate::project::{Project, Said, flagman_in};

const CODE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
export const FLAG_DEFAULTS = { quote_snapshot_read: false };
const overrides: Record<string, boolean> = {};
export function isEnabled(key: string): boolean { return overrides[key] ?? FLAG_DEFAULTS[key]; }
export function setFlagForTests(key: string, value: boolean): void { overrides[key] = value; }
//- src/quote.ts
import { isEnabled } from './flags';
export function quote(total: number) {
  if (isEnabled('quote_snapshot_read')) { return { total, from: 'snapshot-of-the-quote' }; }
  return { total, from: 'live' };
}
//- src/quote.spec.ts
import { it, expect } from 'vitest';
import { setFlagForTests } from './flags';
import { quote } from './quote';
it('adds up', () => { expect(quote(3).total).toBe(3); });
it('rounds', () => { expect(quote(3.2).total).toBe(3.2); });
it('reads the snapshot', () => { setFlagForTests('quote_snapshot_read', true); expect(quote(3).from).toBe('snapshot-of-the-quote'); });
//- docs/prds/001-quote.md
# 001 Quote
The read path ships behind the feature flag `quote_snapshot_read`, default OFF.
//- docs/prds/002-tax.md
---
depends_on: [001]
---
# 002 Tax
This PRD assumes that `quote_snapshot_read` is on.
";

fn state(flag: &str) -> String {
    format!("//- flags.toml\nschema = 1\n\n[[state]]\nflag = \"{flag}\"\nvalue = \"on\"\n")
}

fn all(said: &Said) -> String {
    format!("{}{}", said.out, said.err)
}

#[test]
fn a_recorded_flag_that_nobody_knows_is_told() {
    let project = Project::of(&format!("{CODE}{}", state("quote_snapshot_raed")));
    let gate = project.json(&["gate"]);
    let findings = gate["findings"].as_array().unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding["check"] == "unknown-flag")
        .unwrap();
    assert_eq!(finding["level"], "warning", "{finding}");
    assert_eq!(finding["flag"], "quote_snapshot_raed");
    assert_eq!(finding["places"][0]["path"], "flags.toml");
    assert_eq!(finding["places"][0]["line"], 5);
    assert_eq!(finding["remedies"][0]["detail"], "did you mean `quote_snapshot_read`?");
    for command in [&["plan"][..], &["flags"], &["flags", "quote_snapshot_read"]] {
        let said = project.flagman(command);
        assert_eq!(said.code, 0, "{command:?}");
        let says = "`quote_snapshot_raed` is recorded in flags.toml, and neither the code nor any PRD knows a flag of that name";
        assert!(said.err.contains(says), "{command:?}: {}", said.err);
        assert!(
            said.err.contains("did you mean `quote_snapshot_read`?"),
            "{command:?}: {}",
            said.err
        );
    }
}

#[test]
fn a_recorded_flag_that_somebody_knows_is_not_told() {
    let known = state("quote_snapshot_read");
    let elsewhere = format!(
        "//- src/Legacy.java\nclass Legacy {{ boolean on = Toggles.of(\"old_ways\"); }}\n{}",
        state("old_ways")
    );
    let planned = format!(
        "//- docs/prds/003-new.md\n# New\nLater `new_ways` comes.\n{}",
        state("new_ways")
    );
    for more in [known, elsewhere, planned] {
        let gate = all(&Project::of(&format!("{CODE}{more}")).flagman(&["gate"]));
        assert!(!gate.contains("unknown-flag"), "{more}: {gate}");
    }
}

#[test]
fn the_ways_out_fit_the_project() {
    let project = Project::of(CODE);
    let gate = all(&project.flagman(&["gate"]));
    assert!(!gate.contains("[ID]"), "{gate}");
    let reorder = "let PRD 002-tax wait for the flip: no document turns `quote_snapshot_read` on yet; make one that does, and name it under `depends_on`";
    assert!(gate.contains(reorder), "{gate}");
    project.write("flagman.toml", "[gate]\nhold = \"prd\"\n");
    let gate = all(&project.flagman(&["gate", "--phase", "1"]));
    assert!(gate.contains("leave PRD 002-tax behind"), "{gate}");
    assert!(!gate.contains("with `hold"), "{gate}");
}

#[test]
fn the_folder_of_a_report_is_made_and_named() {
    let project = Project::of(CODE);
    let report = ["plan", "--report", "json=out/of/plan.json"];
    let said = project.flagman(&report);
    assert!(
        said.err.contains("note: made the folder out/of for plan.json"),
        "{}",
        said.err
    );
    assert_eq!(project.flagman(&report).err, "");
}

#[test]
fn tests_that_reach_a_flag_and_say_nothing_of_it_are_counted() {
    let project = Project::of(CODE);
    let one = project.flagman(&["flags", "quote_snapshot_read"]).out;
    let reached = one
        .split("reached by 2 tests that say nothing of it\n")
        .nth(1)
        .unwrap_or_else(|| panic!("{one}"));
    assert!(
        reached.trim_start().starts_with("src/quote.spec.ts:4  2 tests"),
        "{reached}"
    );
    let every = project.flagman(&["flags"]).out;
    let row = every.lines().find(|line| line.contains("quote_snapshot_read")).unwrap();
    assert!(every.contains("reached by"), "{every}");
    assert!(row.ends_with(" 2"), "{row}");
    let json = project.json(&["flags", "quote_snapshot_read"]);
    let tests = json["flags"][0]["tests"].as_array().unwrap();
    let info: Vec<&str> = tests
        .iter()
        .filter(|test| test["verdict"] == "info")
        .map(|test| test["name"].as_str().unwrap())
        .collect();
    assert_eq!(info, ["adds up", "rounds"]);
    assert_eq!(project.json(&["flags"])["flags"][0]["reached_by"], 2);
}

#[test]
fn a_phase_that_is_none_is_answered_with_those_that_are() {
    let project = Project::of(CODE);
    for phase in ["-1", "x", "1.5", "99999999999"] {
        let said = project.flagman(&["gate", "--phase", phase]);
        assert_eq!(said.code, 2, "{phase}");
        let says = format!("there is no phase {phase}: the plan has phases 0 to 1");
        assert!(said.err.contains(&says), "{phase}: {}", said.err);
        assert!(said.err.contains("flagman plan shows them"), "{phase}: {}", said.err);
    }
    assert_ne!(project.flagman(&["gate", "--phase", "1"]).code, 2);
}

#[test]
fn what_the_answer_needs_and_cannot_be_read_is_said() {
    let project = Project::of(&format!("{CODE}//- flags.toml\nschema = 1\n[[state]\n"));
    let said = project.flagman(&["plan"]);
    assert_eq!(said.code, 3, "{}", all(&said));
    assert!(
        said.err.contains("the flag file flags.toml decides what each flag is"),
        "{}",
        said.err
    );
    assert!(said.out.contains("phase 0"), "{}", said.out);
    let said = project.flagman(&["flags"]);
    assert!(
        said.err.contains("the flag file flags.toml decides what each flag is"),
        "{}",
        said.err
    );

    let project = Project::new();
    std::fs::create_dir_all(project.root().join("docs/prds")).unwrap();
    std::fs::write(project.root().join("docs/prds/001-a.md"), [0xff, 0xfe, 0x00, 0x41]).unwrap();
    for command in ["prds", "plan"] {
        let said = all(&project.flagman(&[command]));
        assert!(said.contains("docs/prds/001-a.md cannot be read"), "{command}: {said}");
        assert!(!said.contains("no PRDs found"), "{command}: {said}");
    }
}

#[test]
fn the_list_of_schemas_is_json_where_json_is_asked_for() {
    let list = Project::new().json(&["schema"]);
    assert_eq!(
        list["schemas"],
        serde_json::json!([
            "check",
            "checks",
            "conflicts",
            "flags",
            "flags-set",
            "flip",
            "gate",
            "guard",
            "init",
            "plan",
            "prds",
            "prds-set",
            "probe",
            "probe-plan",
            "refine",
            "schemas",
            "status",
            "why"
        ]),
        "{list}"
    );
}

#[test]
fn a_name_that_stands_in_the_code_is_unknown_and_blocks_nobody() {
    let check = |path: &str, code: &str, key: &str, line: u32| {
        let project = Project::of(&format!("//- {path}\n{code}\n"));
        project.write(
            "docs/prds/001-a.md",
            &format!("# A\n\nThis PRD assumes that the flag `{key}` is on.\n"),
        );
        let said = project.flagman(&["gate"]);
        assert_eq!(said.code, 3, "{}{}", said.out, said.err);
        assert!(said.out.contains(&format!("{path}:{line}:")), "{}", said.out);
        assert!(said.out.contains("flagman init --suggest"), "{}", said.out);
        // The name itself, and no part of a longer one.
        project.write(path, &code.replace(key, &format!("{key}_more")));
        assert_eq!(project.flagman(&["gate"]).code, 1);
    };
    check(
        "src/lib/shop.ts",
        "const VALUES = { instantSearch: true };\nexport const ask = (k: keyof typeof VALUES) => VALUES[k];",
        "instantSearch",
        1,
    );
    check(
        "src/shop.rs",
        "pub struct Hours {\n    pub nightly_close: bool,\n}",
        "nightly_close",
        2,
    );
    check("config/app.yaml", "features:\n  force_https: yes", "force_https", 2);
}

#[test]
fn a_prd_that_cannot_be_read_is_not_one_that_does_not_exist() {
    let project = Project::of("//- docs/prds/001-base.md\n# Base\nIt is the base.\n");
    std::fs::write(
        project.root().join("docs/prds/011-tax.md"),
        b"# Tax\n\0\0 needs words\n",
    )
    .unwrap();
    for name in ["11", "011", "011-tax", "tax", "docs/prds/011-tax.md"] {
        let said = project.flagman(&["gate", "--prd", name]);
        assert_eq!(said.code, 3, "{name}: {}{}", said.out, said.err);
        assert!(
            said.out.contains("docs/prds/011-tax.md cannot be read (binary)"),
            "{name}: {}",
            said.out
        );
    }
    let answer = project.json(&["gate", "--prd", "11"]);
    assert_eq!(answer["verdict"], "unknown");
    assert_eq!(
        answer["prds"],
        serde_json::json!([{"id": "011-tax", "verdict": "unknown"}])
    );
    let said = project.flagman(&["gate", "--prd", "12"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("there is no PRD `12`"), "{}", said.err);
}

#[test]
fn a_report_replaces_a_link_and_goes_into_a_pipe() {
    let project = Project::of(CODE);
    let at = |name: &str| project.root().join(name);
    // The repository may have made the link: what it points at is nobody's report.
    std::fs::write(at("real.json"), "old").unwrap();
    std::os::unix::fs::symlink("real.json", at("link.json")).unwrap();
    assert_eq!(project.flagman(&["plan", "--report", "json=link.json"]).err, "");
    assert!(at("link.json").symlink_metadata().unwrap().is_file());
    assert_eq!(project.read("real.json"), "old");
    assert!(project.read("link.json").contains("flagman/plan/v1"));

    let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
    assert!(made.success());
    let mut reader = std::process::Command::new("cat");
    let reader = reader
        .arg(at("pipe"))
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(project.flagman(&["plan", "--report", "json=pipe"]).err, "");
    let read = reader.wait_with_output().unwrap().stdout;
    assert!(String::from_utf8(read).unwrap().contains("flagman/plan/v1"));
    assert!(!at("pipe").metadata().unwrap().is_file());

    for path in ["-", "/dev/stdout"] {
        let said = project.flagman(&["gate", "--report", &format!("json={path}")]);
        let told = format!("`{path}` is no file; `--format json` prints it");
        assert!(said.code == 2 && said.err.contains(&told), "{}", said.err);
    }
}

#[test]
fn code_beside_its_unit_tests_is_code() {
    let project = Project::of(
        "//- Cargo.toml
[package]
name = \"shop\"
version = \"0.1.0\"
edition = \"2021\"
//- src/lib.rs
pub fn lookup(name: &str) -> Option<u8> {
    if std::env::var(\"FEATURE_FAST_CACHE\").is_ok() { return Some(1); }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    fn is_on() -> bool { std::env::var(\"FEATURE_FAST_CACHE\").is_ok() }
    #[test]
    fn one() { assert_eq!(lookup(\"a\").is_some(), is_on()); }
}
",
    );
    let one = project.flagman(&["flags", "FEATURE_FAST_CACHE"]).out;
    assert!(
        one.contains("src/lib.rs:2") && one.contains("beside 2 reads in tests"),
        "{one}"
    );
    assert!(!one.contains("no code outside of tests reads it"), "{one}");
    let flip = project.flagman(&["flip", "FEATURE_FAST_CACHE=on"]).out;
    assert!(flip.contains("src/lib.rs:2"), "{flip}");
}

#[test]
fn a_run_without_an_agent_makes_no_branch() {
    let scratch = Scratch::new("//- docs/prds/001-a.md\n# A\n\n- `src/a.ts`\n//- src/a.ts\nexport const a = 1;\n");
    let said = flagman_in(&scratch.root(), &["run"]);
    assert_eq!(said.code, 2, "{}", all(&said));
    assert!(said.err.contains("no agent is configured"), "{}", all(&said));
    assert_eq!(scratch.git(&["branch", "--list", "release/*"]), "");
}

#[test]
fn what_waits_for_a_document_that_is_not_there_cannot_be_told_and_a_ticket_is_only_named() {
    let gate = |on: &str| {
        let project = Project::of("//- src/a.ts\nexport function a() {}\n");
        project.write(
            "docs/prds/001-a.md",
            &format!("---\ndepends_on: [{on}]\n---\n# A\n\nChange `a`.\n"),
        );
        project.write("docs/prds/002-b.md", "# B\n\nAdd `src/b.ts`.\n");
        let said = project.flagman(&["gate", "--prd", "1"]);
        assert_eq!(
            said.out.contains("[unresolved-mention]"),
            on != "002-b",
            "{on}: {}",
            said.out
        );
        said.code
    };
    assert_eq!(
        (gate("002-b"), gate("099-nothing"), gate("SHOP-123"), gate("'#45'")),
        (0, 3, 0, 0)
    );
}

#[test]
fn a_run_names_the_documents_that_the_release_branch_lacks() {
    let project = Project::of("//- src/a.ts\nexport function a() {}\n");
    project.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "base"]);
    project.write("docs/prds/001-a.md", "# A\n\nChange `a`.\n");
    let said = project.flagman(&["run", "--agent", "true"]);
    assert_eq!(said.code, 2, "{}", said.err);
    let told = "1 PRD of the work tree is not on release/next: 001-a";
    assert!(
        said.err.contains(told) && said.err.contains("commit them, and merge"),
        "{}",
        said.err
    );
}

#[test]
fn who_waits_for_a_circle_is_held_with_it() {
    let project = Project::of("//- src/a.ts\nexport function a() {}\n");
    project.write(
        "docs/prds/001-a.md",
        "---\ndepends_on: [002-b]\n---\n# A\n\nChange `a`.\n",
    );
    project.write(
        "docs/prds/002-b.md",
        "---\ndepends_on: [001-a]\n---\n# B\n\nAdd `src/b.ts`.\n",
    );
    project.write("docs/prds/003-c.md", "# C\n\nAfter PRD 2. Add `src/c.ts`.\n");
    project.write("docs/prds/004-d.md", "# D\n\nAdd `src/d.ts`.\n");
    let gate = |prd: &str| project.flagman(&["gate", "--prd", prd]);
    let held = gate("3");
    assert_eq!(held.code, 1, "{}", held.out);
    assert!(held.out.contains("error[dependency-cycle]"), "{}", held.out);
    assert_eq!(gate("4").code, 0);
}

#[test]
fn without_a_run_there_is_nothing_to_resume_and_no_branch_is_made() {
    let scratch = Scratch::new("//- docs/prds/001-a.md\n# A\n\n- `src/a.ts`\n//- src/a.ts\nexport const a = 1;\n");
    let said = flagman_in(&scratch.root(), &["resume", "--agent", "true"]);
    assert_eq!(said.code, 2, "{}", all(&said));
    assert!(said.err.contains("no run yet"), "{}", all(&said));
    assert_eq!(scratch.git(&["branch", "--list", "release/*"]), "");
}

#[test]
fn a_plan_without_what_a_head_declares_is_none_to_rely_on() {
    let project =
        Project::of("//- docs/prds/001-a.md\n---\nid: [broken\ndepends_on: [002]\n---\n# A\n\nNew `src/a.ts`.\n");
    let plan = project.flagman(&["plan"]);
    assert!(
        plan.code == 3 && plan.err.contains("docs/prds/001-a.md:3"),
        "{}",
        all(&plan)
    );
    assert!(plan.out.contains("as far as is known"), "{}", plan.out);
    let json: serde_json::Value = serde_json::from_str(&project.flagman(&["plan", "--format", "json"]).out).unwrap();
    assert_eq!(json["unknown"][0]["prd"], "001-a");
    project.write(
        "docs/prds/001-a.md",
        "---\nid: 001-a\ndepends_on: [099-nothing]\n---\n# A\n\nNew `src/a.ts`.\n",
    );
    assert_eq!(project.flagman(&["plan", "--format", "github-matrix"]).code, 3);
    project.write("docs/prds/001-a.md", "---\nid: 001-a\n---\n# A\n\nNew `src/a.ts`.\n");
    assert_eq!(project.flagman(&["plan"]).code, 0);
}

#[test]
fn slips_of_a_head_and_of_the_configuration_are_told() {
    let project = Project::of(
        "//- docs/prds/001-a.md\n---\nid: 001-a\nid: 001-b\ndepends_on: [001-b]\n---\n# A\n\nNew `src/a.ts`.\n",
    );
    let gate = project.flagman(&["gate"]).out;
    assert!(gate.contains("`id` stands in its front matter twice"), "{gate}");
    assert!(gate.contains("it says that it waits for itself"), "{gate}");
    project.write(
        "flagman.toml",
        "[prds]\npaths = [\"docs/prds/*.md\", \"nothere/*.md\"]\n",
    );
    let plan = project.flagman(&["plan"]).err;
    assert!(
        plan.contains("`nothere/*.md` of `prds.paths` in flagman.toml fits no file"),
        "{plan}"
    );
    project.write("flagman.toml", "[plan]\nmax_paralell = 3\n");
    let plan = project.flagman(&["plan"]).err;
    assert!(plan.contains("did you mean `max_parallel` of `[dispatch]`?"), "{plan}");
}

#[cfg(unix)]
#[test]
fn a_whole_machine_is_no_project() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_flagman"));
    let said = command.current_dir("/").arg("plan").output().unwrap();
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(
        said.status.code() == Some(2) && told.contains("--project DIR"),
        "{told}"
    );
}
