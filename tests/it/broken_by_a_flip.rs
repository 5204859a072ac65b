//! A branch that turns a flag is answerable for the tests of the base that live by the old state: where that is known, they are red after the
//! merge.

use crate::project::{Project, Said};

const BASE: &str = "//- package.json
{\"devDependencies\": {\"vitest\": \"3\"}}
//- src/flags.ts
const state: Record<string, boolean> = {};
export const FLAGS: Record<string, boolean> = {
  one_page: false,
  beta: true,
};
export function isEnabled(key: string): boolean { return state[key] ?? FLAGS[key]; }
export function setFlag(key: string, value: boolean): void { state[key] = value; }
//- src/checkout.ts
import { isEnabled } from './flags';
export function checkout(total: number) {
  if (isEnabled('one_page')) { return { total, form: 'single-sheet' }; }
  return { total, form: 'three-steps' };
}
//- src/search.ts
import { isEnabled } from './flags';
export function search(words: string) {
  if (isEnabled('beta')) { return { words, order: 'ranked-list' }; }
  return { words, order: 'plain-list' };
}
";

const HEAD: &str = "import { checkout } from '../src/checkout';
import { search } from '../src/search';
import { setFlag } from '../src/flags';
";

/// What the gate says of a branch with this change, on a base with this test.
fn judged(test: &str, change: impl FnOnce(&Project)) -> Said {
    let project = Project::of(&format!("{BASE}//- tests/old.test.ts\n{HEAD}{test}\n"));
    project.git(&["init", "--quiet", "--template=", "--initial-branch=main"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "base"]);
    project.git(&["checkout", "--quiet", "-b", "work"]);
    change(&project);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "-m", "work"]);
    project.git(&["checkout", "--quiet", "main"]);
    project.flagman(&["gate", "--base", "main", "--head", "work"])
}

fn flip(project: &Project, old: &str, new: &str) {
    let text = project.read("src/flags.ts");
    assert!(text.contains(old), "{old}");
    project.write("src/flags.ts", &text.replace(old, new));
}

fn on(project: &Project) {
    flip(project, "one_page: false", "one_page: true");
}

fn off(project: &Project) {
    flip(project, "beta: true", "beta: false");
}

#[test]
fn a_test_that_is_known_to_live_by_the_old_state_holds_the_branch() {
    let steps = "expect(checkout(2).form).toBe('three-steps');";
    let ranked = "expect(search('a').order).toBe('ranked-list');";
    let with_on = [
        format!("it('takes three steps', () => {{ {steps} }});"),
        format!("describe('checkout', () => {{ it('takes its time', () => {{ {steps} }}); }});"),
        format!("test('the usual way', async () => {{ {steps} }});"),
        "it('stays in three steps when one_page is off', () => { expect(checkout(2).total).toBe(2); });".to_owned(),
        "it('is no sheet', () => { expect(checkout(2)).toEqual({ total: 2, form: 'three-steps' }); });".to_owned(),
        format!("it('sets another', () => {{ setFlag('beta', false); {steps} }});"),
    ];
    let with_off = [
        format!("it('ranks', () => {{ {ranked} }});"),
        format!("describe('search', () => {{ describe('words', () => {{ it('ranks', () => {{ {ranked} }}); }}); }});"),
    ];
    let mut wrong = Vec::new();
    for (tests, change, line) in [
        (&with_on[..], on as fn(&Project), "src/flags.ts:3:"),
        (&with_off[..], off, "src/flags.ts:4:"),
    ] {
        for test in tests {
            let said = judged(test, change);
            let words = [
                "error[fragile-test]: the test \"",
                "tests/old.test.ts:4:",
                line,
                "in the test itself",
            ];
            if said.code != 1 || words.iter().any(|words| !said.out.contains(words)) {
                wrong.push(format!("{test}\n{}", said.out));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_flag_file_of_the_branch_turns_it_as_well() {
    let test = "it('takes three steps', () => { expect(checkout(2).form).toBe('three-steps'); });";
    let said = judged(test, |project| {
        let set = project.flagman(&["flags", "set", "one_page", "on", "--reason", "launch"]);
        assert_eq!(set.code, 0, "{}", set.err);
    });
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(
        said.out.contains("error[fragile-test]") && said.out.contains("flags.toml:"),
        "{}",
        said.out
    );
}

#[test]
fn a_test_that_sees_to_it_itself_or_may_not_care_holds_nobody() {
    let steps = "expect(checkout(2).form).toBe('three-steps');";
    let mut wrong = Vec::new();
    for test in [
        format!("it('takes three steps', () => {{ setFlag('one_page', false); {steps} }});"),
        format!("beforeEach(() => {{ setFlag('one_page', false); }});\nit('takes three steps', () => {{ {steps} }});"),
        format!(
            "describe('old', () => {{ beforeEach(() => setFlag('one_page', false)); it('takes three', () => {{ {steps} }}); }});"
        ),
        "it('sums', () => { expect(checkout(2).total).toBe(2); });".to_owned(),
        "it('is there', () => { expect(checkout(2)).toBeDefined(); });".to_owned(),
        format!("it.skip('takes three steps', () => {{ {steps} }});"),
        "it('ranks', () => { expect(search('a').order).toBe('ranked-list'); });".to_owned(),
        "it('fits', () => { setFlag('one_page', true); expect(checkout(2).form).toBe('single-sheet'); });".to_owned(),
    ] {
        let said = judged(&test, on);
        if said.code != 0 || said.out.contains("error[") {
            wrong.push(format!("{test}\n{}", said.out));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_branch_that_mends_the_test_or_the_code_with_the_flip_goes() {
    let test = "it('takes three steps', () => { expect(checkout(2).form).toBe('three-steps'); });";
    let said = judged(test, |project| {
        on(project);
        let text = project.read("tests/old.test.ts");
        project.write("tests/old.test.ts", &text.replace("three-steps", "single-sheet"));
    });
    assert_eq!(said.code, 0, "{}", said.out);
    let said = judged(test, |project| {
        on(project);
        let text = project.read("src/checkout.ts");
        project.write(
            "src/checkout.ts",
            &text.replace("if (isEnabled('one_page'))", "if (total > 100)"),
        );
    });
    assert_eq!(said.code, 0, "{}", said.out);
}
