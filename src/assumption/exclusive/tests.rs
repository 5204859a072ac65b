//! Which texts a test can only see in one state, on real source text.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::assumption::evidence::needs;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

const PANEL: &str = "
//- src/flags.ts
export const FLAGS = { darkPanel: false };
export const isEnabled = (name: string) => FLAGS[name];
//- src/panel.tsx
import { isEnabled } from './flags';
export function Panel() {
  return <div>{isEnabled('darkPanel') && <button className=\"contrast-toggle\" title=\"Contrast goes up\">Raise contrast</button>}</div>;
}
";

/// What a test needs that imports the panel, in a project with one file more.
#[track_caller]
fn check(more: &str, test: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let head = "import { test, expect } from 'vitest';\nimport { Panel } from './panel';\n";
    let (sources, view) = fixture(&format!(
        "{PANEL}{more}//- src/panel.test.tsx\n{head}test('a', async () => {{ {test} }});\n"
    ));
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let found = needs(&sources, &view, &index, &BTreeMap::new(), &tests);
    let found: Vec<String> = found
        .iter()
        .map(|((_, flag), need)| format!("{flag}={}", need.value))
        .collect();
    assert_eq!(found, expected, "{more}{test}");
}

#[test]
fn what_only_one_state_shows_is_needed() {
    for test in [
        "render(<Panel />); screen.getByText('Raise contrast');",
        "render(<Panel />); screen.getByRole('button', { name: /raise contrast/i });",
        "render(<Panel />); fireEvent.click(await screen.findByText('Raise contrast'));",
        "render(<Panel />); expect(screen.getByTitle('Contrast goes up')).toBeVisible();",
        "render(<Panel />); expect(box.querySelector('.contrast-toggle')).not.toBeNull();",
        "render(<Panel />); expect(screen.queryByText('Raise contrast')).toBeTruthy();",
        "expect(renderToString(<Panel />)).toContain('Raise contrast');",
    ] {
        check("", test, &["darkPanel=on"]);
    }
}

#[test]
fn what_is_absent_or_brought_is_not() {
    for test in [
        // It may be another page, or one that was touched.
        "expect(screen.queryByText('Raise contrast')).toBeNull();",
        "render(<Panel />); fireEvent.click(box); expect(screen.queryByText('Raise contrast')).toBeNull();",
        "render(<Panel />); render(<Other />); expect(screen.queryByText('Raise contrast') === null).toBe(true);",
        "render(<Panel />); expect(screen.queryByText('Lower contrast')).toBeNull();",
        "await expect(page.getByText('Raise contrast')).toBeHidden();",
        "await expect(page.getByText('Raise contrast')).toHaveCount(0);",
        "cy.contains('Raise contrast').should('not.exist');",
        "expect(() => screen.getByText('Raise contrast')).toThrow();",
        "await expect(screen.findByText('Raise contrast')).rejects.toThrow();",
        "render(<Panel><b>Raise contrast</b></Panel>); screen.getByText('Raise contrast');",
        "render(<Other label=\"Raise contrast\" />); screen.getByText('Raise contrast');",
    ] {
        check("", test, &[]);
    }
}

#[test]
fn what_a_component_plainly_shows_in_one_state_is_absent_in_the_other_one_alone() {
    for test in [
        "render(<Panel />); expect(screen.queryByText('Raise contrast')).toBeNull();",
        "render(<Panel />); expect(screen.queryByText('Raise contrast')).not.toBeInTheDocument();",
        "render(<Panel />); expect(screen.queryByText('Raise contrast') === null).toBe(true);",
    ] {
        check("", test, &["darkPanel=off"]);
    }
}

#[test]
fn what_stands_elsewhere_or_is_put_together_there_is_not() {
    let test = "render(<Panel />); screen.getByText('Raise contrast');";
    for more in [
        "//- src/en.json\n{ \"panel.up\": \"Raise contrast\" }\n",
        "//- src/other.ts\nexport const up = 'Raise contrast';\n",
        "//- src/other.ts\nimport { isEnabled } from './flags';\nexport const up = (what) => isEnabled('darkPanel') || `Raise ${what}`;\n",
        "//- src/other.ts\nimport { isEnabled } from './flags';\nexport const up = () => isEnabled('darkPanel') || ['Raise', 'contrast'].join(' ');\n",
        "//- src/other.ts\nexport const up = 'RAISE CONTRAST';\n",
    ] {
        check(more, test, &[]);
    }
    check(
        "//- README.md\nThe button says Raise contrast.\n",
        test,
        &["darkPanel=on"],
    );
}
