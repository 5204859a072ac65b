//! Branches are judged as the release branch would be once they are merged: by their own definitions and their own flag file.

use crate::project::{Project, Said};

const BASE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
const state: Record<string, boolean> = {};
export const FLAGS: Record<string, boolean> = {
  audit_log: true,
  bulk_import: false,
  ledger_v2: false,
};
export function isEnabled(key: string): boolean { return state[key] ?? FLAGS[key]; }
export function setFlag(key: string, value: boolean): void { state[key] = value; }
//- src/import.ts
import { isEnabled } from './flags';
export function importRows(rows: number) {
  if (isEnabled('bulk_import')) { return { rows, way: 'bulk-loader' }; }
  return { rows, way: 'one-by-one' };
}
//- src/ledger.ts
import { isEnabled } from './flags';
export function post(amount: number) {
  if (isEnabled('ledger_v2')) { return { amount, book: 'double-entry' }; }
  return { amount, book: 'single-entry' };
}
//- tests/old.test.ts
import { importRows } from '../src/import';
it('imports', () => { expect(importRows(2).way).toBe('one-by-one'); });
//- docs/prds/007-gift.md
---
branch: nfalse
---
# 007 Gift cards
Who gives a voucher today gives a gift card; `src/gift.ts` has the words for it.
";

const BULK_TEST: (&str, &str) = (
    "tests/bulk.test.ts",
    "import { importRows } from '../src/import';
it('loads in bulk', () => { expect(importRows(2).way).toBe('bulk-loader'); });
",
);

const GIFT: (&str, &str) = (
    "src/gift.ts",
    "import { isEnabled } from './flags';
export function gift() {
  if (isEnabled('gift_cards')) { return { kind: 'gift-card' }; }
  return { kind: 'voucher' };
}
",
);

const GIFT_TEST: (&str, &str) = (
    "tests/gift.test.ts",
    "import { gift } from '../src/gift';
it('gives', () => { expect(gift().kind).toBe('gift-card'); });
",
);

/// A repository with these files on `main`.
fn repository(files: &str) -> Project {
    let project = Project::of(files);
    project.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "base"]);
    project
}

/// A branch of `main` with these files, and `main` checked out again.
fn branch(project: &Project, name: &str, files: &[(&str, &str)]) {
    project.git(&["checkout", "--quiet", "-b", name, "main"]);
    for (path, text) in files {
        project.write(path, text);
    }
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", name]);
    project.git(&["checkout", "--quiet", "main"]);
}

/// `src/flags.ts` of the base with one text in the place of another.
fn flags(old: &str, new: &str) -> (&'static str, String) {
    let base = BASE.split("//- src/flags.ts\n").nth(1).unwrap();
    let base = base.split("//- ").next().unwrap();
    assert!(base.contains(old), "{old}");
    ("src/flags.ts", base.replace(old, new))
}

fn gate(project: &Project, head: &str) -> Said {
    project.flagman(&["gate", "--base", "main", "--head", head])
}

/// The exit code and the output of the gate for a branch with these files.
fn judged(files: &[(&str, &str)]) -> (i32, String) {
    let project = repository(BASE);
    branch(&project, "work", files);
    let said = gate(&project, "work");
    (said.code, said.out)
}

/// The test of the base that lives by the old default, setting the flag itself.
const OLD_STUBBED: (&str, &str) = (
    "tests/old.test.ts",
    "import { importRows } from '../src/import';
import { setFlag } from '../src/flags';
it('imports', () => { setFlag('bulk_import', false); expect(importRows(2).way).toBe('one-by-one'); });
",
);

#[test]
fn a_branch_that_turns_the_flag_itself_goes_and_says_so() {
    let (path, text) = flags("bulk_import: false", "bulk_import: true");
    let (code, out) = judged(&[(path, &text), BULK_TEST, OLD_STUBBED]);
    assert_eq!(code, 0, "{out}");
    let note = "note[assumes-unset-flag]: `work` tests what runs only with `bulk_import` on, and turns it on itself";
    assert!(out.contains(note) && out.contains("src/flags.ts:4:"), "{out}");
    assert!(!out.contains("fragile-test"), "{out}");
}

#[test]
fn a_branch_that_turns_another_flag_or_none_is_held() {
    for (old, new) in [
        ("ledger_v2: false", "ledger_v2: true"),
        ("audit_log: true", "audit_log: false"),
        ("bulk_import: false", "bulk_import: false, // soon"),
    ] {
        let (path, text) = flags(old, new);
        let (code, out) = judged(&[(path, &text), BULK_TEST]);
        assert_eq!(code, 1, "{new}: {out}");
        let told = out
            .lines()
            .filter(|line| line.split_once("]: ").is_some_and(|(head, _)| head.contains('[')));
        assert_eq!(
            told.collect::<Vec<_>>(),
            ["error[assumes-unset-flag]: `work` tests what runs only with `bulk_import` on, and `bulk_import` is off"],
            "{new}: {out}"
        );
    }
}

#[test]
fn the_flag_file_of_the_branch_counts_for_it() {
    let project = repository(BASE);
    for (name, key) in [("same", "bulk_import"), ("other", "ledger_v2")] {
        project.git(&["checkout", "--quiet", "-b", name, "main"]);
        let set = project.flagman(&["flags", "set", key, "on", "--reason", "launch"]);
        assert_eq!(set.code, 0, "{}", set.err);
        project.write(BULK_TEST.0, BULK_TEST.1);
        project.write(OLD_STUBBED.0, OLD_STUBBED.1);
        project.git(&["add", "--all"]);
        project.git(&["commit", "--quiet", "-m", name]);
        project.git(&["checkout", "--quiet", "main"]);
    }
    let (same, other) = (gate(&project, "same"), gate(&project, "other"));
    assert_eq!(same.code, 0, "{}", same.out);
    assert!(
        same.out.contains("turns it on itself") && same.out.contains("flags.toml:"),
        "{}",
        same.out
    );
    assert_eq!(other.code, 1, "{}", other.out);
    // What the flag file says outweighs the default: a branch that turns the default alone changes nothing.
    let set = project.flagman(&["flags", "set", "bulk_import", "off", "--reason", "not yet"]);
    assert_eq!(set.code, 0, "{}", set.err);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "off"]);
    let (path, text) = flags("bulk_import: false", "bulk_import: true");
    branch(&project, "default", &[(path, &text), BULK_TEST]);
    let default = gate(&project, "default");
    assert_eq!(default.code, 1, "{}", default.out);
    // A flag file that the branch breaks is not taken for an empty one.
    branch(&project, "broken", &[("flags.toml", "[[flag"), BULK_TEST]);
    let broken = gate(&project, "broken");
    assert_eq!(broken.code, 3, "{}", broken.out);
    assert!(
        broken.out.contains("the flag file flags.toml of `broken`"),
        "{}",
        broken.out
    );
}

#[test]
fn a_branch_that_turns_a_flag_off_holds_its_own_tests_of_the_old_side() {
    let (path, text) = flags("bulk_import: false", "bulk_import: true");
    let old = (
        "tests/slow.test.ts",
        "import { importRows } from '../src/import';
it('is slow', () => { expect(importRows(3).way).toBe('one-by-one'); });
",
    );
    let (code, out) = judged(&[(path, &text), old]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("`bulk_import` off, and `bulk_import` is on"), "{out}");
    let stubbed = (
        "tests/slow.test.ts",
        "import { importRows } from '../src/import';
import { setFlag } from '../src/flags';
it('is slow', () => { setFlag('bulk_import', false); expect(importRows(3).way).toBe('one-by-one'); });
",
    );
    let (code, out) = judged(&[(path, &text), stubbed, OLD_STUBBED]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_flag_that_only_the_branch_has_counts_as_the_branch_has_it() {
    let added = |value: &str| flags("audit_log: true,", &format!("audit_log: true,\n  gift_cards: {value},"));
    let project = repository(BASE);
    let (path, text) = added("false");
    branch(&project, "nfalse", &[(path, &text), GIFT, GIFT_TEST]);
    let said = gate(&project, "nfalse");
    assert_eq!(said.code, 1, "{}", said.out);
    let held =
        "error[assumes-unset-flag]: PRD 007-gift tests what runs only with `gift_cards` on, and `gift_cards` is off";
    assert!(
        said.out.contains(held) && said.out.contains("src/flags.ts:4:"),
        "{}",
        said.out
    );
    // Its document names what the branch makes.
    assert!(!said.out.contains("unresolved-mention"), "{}", said.out);
    // The same on a branch of nobody, and the same defined on, and stubbed.
    branch(&project, "nobody", &[(path, &text), GIFT, GIFT_TEST]);
    assert_eq!(gate(&project, "nobody").code, 1);
    let (path, on) = added("true");
    branch(&project, "on", &[(path, &on), GIFT, GIFT_TEST]);
    let said = project.flagman(&["gate", "--base", "main", "--head", "on", "--prd", "007"]);
    assert_eq!(said.code, 0, "{}", said.out);
    let stubbed = (
        GIFT_TEST.0,
        "import { gift } from '../src/gift';
import { setFlag } from '../src/flags';
it('gives', () => { setFlag('gift_cards', true); expect(gift().kind).toBe('gift-card'); });
",
    );
    branch(&project, "stubbed", &[(path, &text), GIFT, stubbed]);
    let said = project.flagman(&["gate", "--base", "main", "--head", "stubbed", "--prd", "007"]);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn a_mention_of_what_neither_the_base_nor_the_branch_has_is_still_told() {
    let project = repository(BASE);
    branch(&project, "nfalse", &[("src/gifts.ts", "export const gifts = 1;\n")]);
    let said = gate(&project, "nfalse");
    assert!(
        said.out.contains("unresolved-mention") && said.out.contains("`src/gift.ts`"),
        "{}",
        said.out
    );
}

#[test]
fn a_default_in_rust_counts_as_the_branch_has_it() {
    const TOGGLES: &str = "#[derive(Clone)]
pub struct Toggles { pub fast_path: bool, pub audit: bool }
impl Default for Toggles {
    fn default() -> Self { Self { fast_path: false, audit: false } }
}
";
    const LIB: &str = "pub mod toggles;
use toggles::Toggles;
pub fn route(toggles: &Toggles) -> &'static str {
    if toggles.fast_path { \"express-lane\" } else { \"scenic\" }
}
";
    const TEST: &str = "use app::{toggles::Toggles, route};
#[test]
fn takes_the_express_lane() { assert_eq!(route(&Toggles::default()), \"express-lane\"); }
";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    let project = repository(&format!(
        "//- Cargo.toml\n{manifest}//- src/toggles.rs\n{TOGGLES}//- src/lib.rs\n{LIB}"
    ));
    for (name, flag) in [("flips", "fast_path"), ("other", "audit")] {
        let turned = TOGGLES.replace(&format!("{flag}: false"), &format!("{flag}: true"));
        branch(&project, name, &[("src/toggles.rs", &turned), ("tests/route.rs", TEST)]);
    }
    let (flips, other) = (gate(&project, "flips"), gate(&project, "other"));
    assert_eq!(other.code, 1, "{}", other.out);
    assert_eq!(flips.code, 0, "{}", flips.out);
}

/// What the gate says of everything, with two branches of two PRDs that each put another text in the place of a line of the flag map.
fn two_branches(one: (&str, &str), other: (&str, &str)) -> Said {
    let plain = "//- docs/prds/001-fa.md\n---\nbranch: fa\n---\n# 001 Faster\nIt is to be faster.\n\
                 //- docs/prds/002-fb.md\n---\nbranch: fb\n---\n# 002 Finer\nIt is to be finer.\n";
    let files = BASE.split("//- docs/").next().unwrap();
    let project = repository(&format!("{files}{plain}"));
    for (name, (old, new)) in [("fa", one), ("fb", other)] {
        let (path, text) = flags(old, new);
        branch(&project, name, &[(path, &text)]);
    }
    project.flagman(&["gate"])
}

#[test]
fn two_branches_that_add_an_entry_each_write_nothing_in_common() {
    let first = ("audit_log: true,", "audit_log: true,\n  first: false,");
    let said = two_branches(first, ("ledger_v2: false,", "ledger_v2: false,\n  second: false,"));
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(!said.out.contains("shared-write"), "{}", said.out);
    // At one place git cannot tell which comes first.
    let said = two_branches(first, ("audit_log: true,", "audit_log: true,\n  second: false,"));
    assert_eq!(said.code, 1, "{}", said.out);
    let told = "error[branch-overlap]: `fa` of PRD 001-fa and `fb` of PRD 002-fb conflict in src/flags.ts";
    assert!(
        said.out.contains(told) && !said.out.contains("shared-write"),
        "{}",
        said.out
    );
}

#[test]
fn two_branches_that_change_one_symbol_are_told_to_merge_one_first() {
    for (one, other) in [
        ("audit_log: false,", "audit_log: !0,"),
        ("audit_log: true,\n  first: false,", "audit_log: true,\n  first: true,"),
    ] {
        let said = two_branches(("audit_log: true,", one), ("audit_log: true,", other));
        let told = "warning[shared-write]: PRDs 001-fa and 002-fb both change `FLAGS";
        assert!(
            said.out.contains(told) && said.out.contains("the plan keeps them apart"),
            "{}",
            said.out
        );
        let places = ["changed by PRD 001-fa on `fa`", "changed by PRD 002-fb on `fb`"];
        assert!(places.iter().all(|place| said.out.contains(place)), "{}", said.out);
    }
}

/// Two PRDs whose documents let them go at once, with a branch each.
fn two_at_once(one: &[(&str, &str)], other: &[(&str, &str)]) -> Project {
    let plain = "//- docs/prds/001-fa.md\n---\nbranch: fa\n---\n# 001 Faster\nIt is to be faster.\n\
                 //- docs/prds/002-fb.md\n---\nbranch: fb\n---\n# 002 Finer\nIt is to be finer.\n";
    let files = BASE.split("//- docs/").next().unwrap();
    let price = "//- src/price.ts\nexport function price(cents: number): string {\n  const euros = cents / 100;\n  \
                 const shown = euros.toFixed(2);\n  const sign = '€';\n  return shown + sign;\n}\n";
    let project = repository(&format!("{files}{price}{plain}"));
    branch(&project, "fa", one);
    branch(&project, "fb", other);
    project
}

fn planned(project: &Project) -> serde_json::Value {
    serde_json::from_str(&project.flagman(&["plan", "--format", "json"]).out).unwrap()
}

#[test]
fn branches_that_merge_cleanly_and_break_are_kept_apart_as_the_gate_wants_them() {
    let narrower = "export function price(cents: number, locale: string): string {\n  const euros = cents / 100;\n  \
                    const shown = euros.toFixed(2);\n  const sign = '€';\n  return shown + sign + locale;\n}\n";
    let caller = "import { price } from './price';\nexport const label = price(250);\n";
    let project = two_at_once(&[("src/price.ts", narrower)], &[("src/label.ts", caller)]);
    let plan = planned(&project);
    assert_eq!(plan["phases"].as_array().unwrap().len(), 2, "{plan:#}");
    let apart = &plan["exclusions"][0];
    assert_eq!(
        (&apart["kind"], &apart["target"]),
        (&"conflict".into(), &"price".into()),
        "{apart:#}"
    );
    let first = project.flagman(&["gate", "--phase", "0"]);
    assert_eq!(first.code, 0, "{}", first.out);
    assert!(first.out.contains("note[clean-merge-breaks]") && first.out.contains("PRD 001-fa goes first (phase 0)"));
    let second = project.flagman(&["gate", "--phase", "1"]);
    assert_eq!(second.code, 1, "{}", second.out);
    assert!(
        second
            .out
            .contains("`fb` is at work already, and the plan keeps them apart (phases 0 and 1)")
    );
    let all = project.flagman(&["gate"]);
    assert_eq!(
        (all.code, all.out.matches("[clean-merge-breaks]").count()),
        (1, 1),
        "{}",
        all.out
    );
}

#[test]
fn two_branches_that_change_one_symbol_and_merge_cleanly_may_go_at_once() {
    let first = "export function price(cents: number): string {\n  const euros = cents / 1000;\n  \
                 const shown = euros.toFixed(2);\n  const sign = '€';\n  return shown + sign;\n}\n";
    let last = "export function price(cents: number): string {\n  const euros = cents / 100;\n  \
                const shown = euros.toFixed(2);\n  const sign = '€';\n  return shown + ' ' + sign;\n}\n";
    let project = two_at_once(&[("src/price.ts", first)], &[("src/price.ts", last)]);
    let plan = planned(&project);
    assert_eq!(plan["phases"].as_array().unwrap().len(), 1, "{plan:#}");
    assert_eq!(
        plan["overlaps"][0]["paths"],
        serde_json::json!(["src/price.ts"]),
        "{plan:#}"
    );
    let gate = project.flagman(&["gate"]);
    assert_eq!(gate.code, 0, "{}", gate.out);
}

#[test]
fn two_branches_that_add_one_file_with_one_text_may_go_at_once() {
    let (data, other) = (
        ("src/rates.json", "{ \"eur\": 1 }\n"),
        ("src/rates.json", "{ \"eur\": 2 }\n"),
    );
    let same = two_at_once(&[data, ("src/a.ts", "export const a = 1;\n")], &[data]);
    let plan = planned(&same);
    assert_eq!(plan["phases"].as_array().unwrap().len(), 1, "{plan:#}");
    let differs = two_at_once(&[data], &[other]);
    let plan = planned(&differs);
    assert_eq!(plan["phases"].as_array().unwrap().len(), 2, "{plan:#}");
}

#[test]
fn of_two_branches_that_take_one_migration_slot_the_first_may_go() {
    let one = ("db/migrations/0003_a.sql", "ALTER TABLE rates ADD COLUMN a int;\n");
    let other = ("db/migrations/0003_b.sql", "ALTER TABLE rates ADD COLUMN b int;\n");
    let project = two_at_once(&[one], &[other]);
    let (first, second) = (
        project.flagman(&["gate", "--prd", "1"]),
        project.flagman(&["gate", "--prd", "2"]),
    );
    assert!(!first.out.contains("error[schema-race]"), "{}", first.out);
    assert_eq!(first.code, 0, "{}", first.out);
    assert_eq!(second.code, 1, "{}", second.out);
    assert!(second.out.contains("error[schema-race]"), "{}", second.out);
    assert!(second.out.contains("goes first (phase 0)"), "{}", second.out);
}

#[test]
fn a_test_of_the_branch_that_reaches_dark_code_and_says_nothing_is_told() {
    let weak = |set: &str| {
        format!(
            "import {{ post }} from '../src/ledger';\nimport {{ setFlag }} from '../src/flags';
it('posts', () => {{ {set}expect(post(3).amount).toBe(3); }});\n"
        )
    };
    let (code, out) = judged(&[("tests/post.test.ts", &weak(""))]);
    assert_eq!(code, 0, "{out}");
    let note =
        "note[assumes-unset-flag]: 1 test of `work` reaches what runs only with `ledger_v2` on, and sets nothing";
    assert!(out.contains(note), "{out}");
    assert!(!out.contains("reaches what runs only with `bulk_import`"), "{out}");
    let (_, out) = judged(&[("tests/post.test.ts", &weak("setFlag('ledger_v2', true); "))]);
    assert!(!out.contains("sets nothing"), "{out}");
}

#[test]
fn the_tests_of_the_branch_show_the_other_side_of_a_flag() {
    let (code, out) = judged(&[("notes.txt", "nothing")]);
    let note = "note[one-sided-flag]: what runs with `bulk_import` on has no test that shows it";
    assert!(code == 0 && out.contains(note), "{out}");
    let stubbed = "import { importRows } from '../src/import';
import { setFlag } from '../src/flags';
it('loads in bulk', () => { setFlag('bulk_import', true); expect(importRows(2).way).toBe('bulk-loader'); });
";
    let (code, out) = judged(&[("tests/bulk.test.ts", stubbed)]);
    assert!(code == 0 && !out.contains("one-sided-flag"), "{out}");
}

#[test]
fn two_branches_that_conflict_in_what_is_no_text_are_kept_apart() {
    let project = two_at_once(&[("assets/logo.bin", "\0one")], &[("assets/logo.bin", "\0two")]);
    let document = planned(&project);
    let pair = &document["exclusions"][0];
    assert_eq!(
        (&pair["kind"], &pair["target"]),
        (&"conflict".into(), &"assets/logo.bin".into()),
        "{document}"
    );
    assert_eq!(document["phases"].as_array().map(Vec::len), Some(2), "{document}");
}

#[test]
fn a_branch_of_which_only_style_sheets_change_goes_beside_others() {
    let project = two_at_once(
        &[("assets/one.css", "a { b: c }\n")],
        &[("src/gift.ts", "export const gift = 1;\n")],
    );
    let document = planned(&project);
    assert_eq!(document["alone"].as_array().map(Vec::len), Some(0), "{document}");
    assert_eq!(document["phases"].as_array().map(Vec::len), Some(1), "{document}");
}

#[test]
fn a_file_of_the_branch_that_git_lost_is_not_known_to_be_harmless() {
    let project = repository(BASE);
    branch(&project, "work", &[BULK_TEST]);
    assert_eq!(gate(&project, "work").code, 1);
    let object = project.git_says(&["rev-parse", &format!("work:{}", BULK_TEST.0)]);
    let (folder, file) = object.split_at(2);
    std::fs::remove_file(project.root().join(".git/objects").join(folder).join(file)).unwrap();
    let said = gate(&project, "work");
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("[unreadable]: tests/bulk.test.ts cannot be judged (")
            && said.out.contains("`work` changes it"),
        "{}",
        said.out
    );
}
