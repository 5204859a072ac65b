//! What a finding tells people to do, done: the line that it says to write opens the gate, the stub that it names is one, and what it
//! says of phases fits what was asked.

use serde_json::Value;

use crate::project::{Project, checkout};

const CODE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
export const FLAG_DEFAULTS = { new_checkout: false };
const overrides: Record<string, boolean> = {};
export function isEnabled(key: string): boolean { return overrides[key] ?? FLAG_DEFAULTS[key]; }
export function setFlagForTests(key: string, value: boolean): void { overrides[key] = value; }
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout(total: number) {
  if (isEnabled('new_checkout')) { return { total, engine: 'one-page-checkout' }; }
  return { total, engine: 'classic' };
}
//- docs/prds/001-checkout.md
# 001 Checkout
Ships behind the feature flag `new_checkout`, default OFF.
";

const NEEDS: &str = "//- docs/prds/002-vouchers.md
---
depends_on: [001]
---
# Vouchers

This PRD assumes that `new_checkout` is on.
";

fn story() -> Project {
    Project::copy(&checkout("fixtures/stories/skip-launch"))
}

fn found<'a>(gate: &'a Value, check: &str) -> Vec<&'a Value> {
    let all = gate["findings"].as_array().unwrap().iter();
    all.filter(|finding| finding["check"] == check).collect()
}

/// The words of the way out of this kind.
fn detail(finding: &Value, kind: &str) -> String {
    let mut all = finding["remedies"].as_array().unwrap().iter();
    let remedy = all.find(|remedy| remedy["kind"] == kind).unwrap();
    remedy["detail"].as_str().unwrap().to_owned()
}

fn kinds(finding: &Value) -> Vec<&str> {
    let all = finding["remedies"].as_array().unwrap().iter();
    all.map(|remedy| remedy["kind"].as_str().unwrap()).collect()
}

#[test]
fn the_stub_to_write_is_shown_by_a_test_that_has_it() {
    let gate = story().json(&["gate", "--prd", "011"]);
    let finding = found(&gate, "assumes-unset-flag")[0];
    let stub = detail(finding, "stub");
    assert!(
        stub.contains("as apps/api/src/quotes/quote-snapshot.spec.ts:32 does: `const view = withFlags({ quote_snapshot_read: true }"),
        "{stub}"
    );
}

#[test]
fn each_line_to_write_does_what_it_is_for() {
    // The PRD says that its tests set the flag.
    let project = Project::of(&format!("{CODE}{NEEDS}"));
    let gate = project.json(&["gate", "--phase", "1"]);
    let finding = found(&gate, "assumes-unset-flag")[0];
    assert!(detail(finding, "stub").contains("under `flags:` in its front matter: `stubs: { new_checkout: on }`"));
    let path = "docs/prds/002-vouchers.md";
    let text = project.read(path);
    project.write(
        path,
        &text.replacen("---\n", "---\nflags:\n  stubs: { new_checkout: on }\n", 1),
    );
    assert_eq!(project.flagman(&["gate", "--phase", "1"]).code, 0);

    // It waits for the PRD that turns the flag on, without being told.
    let flip = "//- docs/prds/003-live.md\n---\ndepends_on: [001]\n---\n# Live\n\n`new_checkout` is turned on with this PRD.\n";
    let project = Project::of(&format!("{CODE}{NEEDS}{flip}"));
    let plan = project.json(&["plan"]);
    assert_eq!(plan["phases"][2]["prds"][0], "002-vouchers", "{plan}");
    assert_eq!(project.flagman(&["gate", "--phase", "1"]).code, 0);
    assert_eq!(project.flagman(&["gate", "--phase", "2"]).code, 0);
    let gate = project.json(&["gate", "--phase", "2"]);
    let [finding] = found(&gate, "assumes-unset-flag")[..] else {
        panic!("{gate}")
    };
    assert_eq!(finding["level"], "note");
    assert_eq!(
        finding["message"],
        "PRD 002-vouchers needs `new_checkout` on in phase 2, and PRD 003-live turns it on before that in phase 1: it may go once that is done"
    );
    assert_eq!(
        detail(finding, "flip"),
        "ask again when PRD 003-live has landed; `flagman run` does so before the wave goes"
    );
    assert_eq!(finding["remedies"][0]["command"], "flagman gate --phase 2");
    let planned = finding["places"].as_array().unwrap().iter();
    let planned: Vec<&Value> = planned
        .filter(|place| place["path"] == "docs/prds/003-live.md")
        .collect();
    assert_eq!(
        (&planned[0]["line"], &planned[0]["note"]),
        (&6.into(), &"turned on here".into())
    );

    // Unless that PRD waits for it in turn: then it comes too late.
    let late = flip.replace("[001]", "[002]");
    let project = Project::of(&format!("{CODE}{NEEDS}{late}"));
    assert_eq!(project.flagman(&["gate", "--phase", "1"]).code, 1);
    let gate = project.json(&["gate", "--phase", "1"]);
    assert_eq!(
        found(&gate, "flip-after-use")[0]["message"],
        "PRD 002-vouchers needs `new_checkout` on in phase 1, and that flip comes with PRD 003-live in phase 2"
    );
    assert_eq!(
        project.flagman(&["gate", "--prd", "003"]).code,
        0,
        "who turns it is not held for that"
    );

    // The rest of the wave goes without it.
    let project = story();
    let gate = project.json(&["gate", "--phase", "2"]);
    let drop = detail(found(&gate, "assumes-unset-flag")[0], "drop");
    assert!(drop.contains("`hold = \"prd\"` under `[gate]`"), "{drop}");
    let settings = project.read("flagman.toml");
    project.write("flagman.toml", &format!("{settings}\n[gate]\nhold = \"prd\"\n"));
    assert_eq!(project.flagman(&["gate", "--phase", "2"]).code, 0);
}

#[test]
fn what_the_build_decides_is_not_turned_by_the_flag_file_alone() {
    let project = Project::of(
        "//- io/Cargo.toml
[package]
name = \"io\"
[features]
default = []
async-io = []
//- io/src/lib.rs
#[cfg(feature = \"async-io\")]
pub fn read() -> &'static str { \"asynchronous\" }
//- docs/prds/001-streams.md
# Streams

This PRD assumes that `async-io` is on.
",
    );
    let gate = project.json(&["gate"]);
    let finding = found(&gate, "assumes-unset-flag")[0];
    assert_eq!(
        detail(finding, "flip"),
        "turn `async-io` on before phase 0: it is compiled in, so add it to `default` in io/Cargo.toml, or pass `--features async-io` in \
         `tests.command`, and then record it"
    );
    assert_eq!(
        finding["remedies"][0]["command"],
        "flagman flags set async-io on --reason \"…\""
    );
    assert_eq!(kinds(finding), ["flip", "reorder", "drop"], "a test cannot set it");
}

#[test]
fn a_phase_is_said_to_be_held_where_phases_are_asked_about() {
    let project = story();
    let sentence = "PRD 011-tax assumes what runs only with `quote_snapshot_read` on";
    for question in [&["gate", "--phase", "2"][..], &["gate"]] {
        let said = project.flagman(question).out;
        assert!(said.contains(&format!("]: phase 2 is held: {sentence}")), "{said}");
    }
    let said = project.flagman(&["gate", "--prd", "011"]).out;
    assert!(said.contains(&format!("]: {sentence}")), "{said}");
    assert!(said.contains("\nblocked: PRD 011-tax is held: 1 error"), "{said}");
    let gate = project.json(&["gate", "--phase", "2"]);
    for finding in found(&gate, "assumes-unset-flag") {
        assert!(finding["message"].as_str().unwrap().starts_with("PRD 0"), "{finding}");
    }
}

#[test]
fn a_test_that_runs_with_the_opposite_is_not_said_to_be_missing() {
    let spec = |first: &str, second: &str| {
        format!(
            "{CODE}//- src/checkout.spec.ts
import {{ it, expect }} from 'vitest';
import {{ checkout }} from './checkout';
import {{ setFlagForTests }} from './flags';
it('is short when new_checkout is on', () => {{ {first} expect(checkout(3).total).toBe(3); }});
it('is long when new_checkout is off', () => {{ {second} expect(checkout(3).total).toBe(3); }});
"
        )
    };
    let set = |value: bool| format!("setFlagForTests('new_checkout', {value});");
    let said = |first: &str, second: &str| {
        let gate = Project::of(&spec(first, second)).json(&["gate"]);
        let all = found(&gate, "one-sided-flag").into_iter();
        all.map(|finding| finding["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(said(&set(true), &set(false)), [""; 0]);
    assert_eq!(
        said("", &set(false)),
        ["the only test for `new_checkout` on runs with it off"]
    );
}

#[test]
fn a_place_that_the_branch_has_too_is_shown_once() {
    let needs = NEEDS.replacen("---\n", "---\nbranch: feat/vouchers\n", 1);
    let project = Project::of(&format!("{CODE}{needs}\nThis PRD assumes that `new_checkout` is on.\n"));
    project.git(&["init", "-q", "-b", "release/next"]);
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "base"]);
    project.git(&["checkout", "-q", "-b", "feat/vouchers"]);
    project.write(
        "src/vouchers.spec.ts",
        "import { it, expect } from 'vitest';\nimport { checkout } from './checkout';\nit('enters a voucher', () => {\n  expect(checkout(3).engine).toBe('one-page-checkout');\n});\n",
    );
    let code = project.read("src/checkout.ts");
    project.write("src/checkout.ts", &format!("{code}export const VOUCHERS = 1;\n"));
    project.git(&["add", "-A"]);
    project.git(&["commit", "-q", "-m", "vouchers"]);
    project.git(&["checkout", "-q", "release/next"]);
    let gate = project.json(&["gate"]);
    let finding = found(&gate, "assumes-unset-flag")[0];
    let places = finding["places"].as_array().unwrap().iter();
    let places: Vec<String> = places
        .map(|place| {
            format!(
                "{} {}",
                place["role"].as_str().unwrap(),
                place["path"].as_str().unwrap()
            )
        })
        .collect();
    let count = |place: &str| places.iter().filter(|one| *one == place).count();
    assert_eq!(count("assertion src/vouchers.spec.ts"), 1, "{places:?}");
    assert_eq!(count("guard src/checkout.ts"), 1, "{places:?}");
    assert_eq!(count("prd docs/prds/002-vouchers.md"), 1, "{places:?}");
}

#[test]
fn what_asks_again_asks_about_the_same() {
    let more = "//- docs/prds/003-mails.md\n# Mails\n//- docs/prds/004-odd.md\n---\nid: [a\n---\n# Odd\n";
    let project = Project::of(&format!("{CODE}{NEEDS}{more}"));
    let commands = |gate: &Value| -> Vec<String> {
        let findings = gate["findings"].as_array().unwrap().iter();
        let remedies = findings.flat_map(|finding| finding["remedies"].as_array().unwrap());
        let commands = remedies.filter_map(|remedy| remedy["command"].as_str());
        commands
            .filter(|command| command.contains(" gate"))
            .map(str::to_owned)
            .collect()
    };
    let asked = commands(&project.json(&["gate", "--without", "003-mails"]));
    assert_eq!(asked.len(), 2, "{asked:?}");
    for command in &asked {
        assert!(command.contains(" --without 003-mails"), "{command}");
    }
    let asked = commands(&project.json(&["gate", "--prd", "2", "--without", "003-mails"]));
    assert!(
        asked.iter().all(|command| command.contains(" --without 003-mails")),
        "{asked:?}"
    );
    // A branch that is compared is compared again, and without the same.
    project.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "base"]);
    project.git(&["checkout", "--quiet", "-b", "work"]);
    project.write(
        "src/checkout.test.ts",
        "import { checkout } from './checkout';\nit('pays', () => { expect(checkout(2).engine).toBe('one-page-checkout'); });\n",
    );
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "work"]);
    let compared = ["gate", "--base", "main", "--head", "work", "--without", "003-mails"];
    let asked = commands(&project.json(&compared));
    assert!(!asked.is_empty());
    for command in &asked {
        assert!(
            command.contains(" --base main --head work --without 003-mails"),
            "{command}"
        );
    }
}
