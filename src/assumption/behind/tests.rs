//! Code that only one state reaches: what it yields is told, unless something else leads to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::assumption::evidence::needs;
use crate::flag::FlagKey;
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

const PAGE: &str = "
//- src/flags.ts
export const FLAG_DEFAULTS = { fast_quotes: false };
//- src/page.tsx
import { flags } from './flags';
import Header from './Header';
import LegacyHeader from './LegacyHeader';
export const Page = () => <main>{flags.isEnabled('fast_quotes') ? <Header /> : <LegacyHeader />}</main>;
//- src/Header.tsx
export default function Header() { return <header className='shop_Header'><Total /></header>; }
export const Total = () => <p data-testid='frozen-total-row'>Your frozen total</p>;
//- src/LegacyHeader.tsx
export default class Header extends Component { render() { return <div className='shop_LegacyHeader'>Your old header</div>; } }
";

/// What the tests of a file need, as `title: flag=value`; `more` are other files.
#[track_caller]
fn check(test: &str, more: &str, expected: &[&str]) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let files = format!("{PAGE}{more}\n//- src/page.test.tsx\nimport {{ Page }} from './page';\n{test}");
    let (sources, view) = fixture(&files);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let tests: Vec<usize> = (0..index.tests.len()).collect();
    let aliases: BTreeMap<FlagKey, BTreeSet<String>> = BTreeMap::new();
    let found: Vec<String> = needs(&sources, &view, &index, &aliases, &tests)
        .iter()
        .map(|((test, key), need)| format!("{}: {key}={}", index.tests[*test].name, need.value))
        .collect();
    assert_eq!(found, expected, "{files}");
}

const SHOWS: &str = "test('shows it', () => { render(<Page />); expect(screen.getByText('Your frozen total')).toBeInTheDocument(); });\n";

#[test]
fn what_only_one_side_renders_belongs_to_its_state() {
    check(SHOWS, "", &["shows it: fast_quotes=on"]);
    let old = SHOWS.replace("Your frozen total", "Your old header");
    check(&old, "", &["shows it: fast_quotes=off"]);
}

#[test]
fn what_something_else_leads_to_is_no_proof() {
    for more in [
        "//- src/other.tsx\nimport { Total } from './Header';\nexport const Other = () => <Total />;",
        "//- src/other.tsx\nimport Head from './Header';\nexport const Other = () => <Head />;",
        "//- src/other.ts\nexport const load = () => import('./Header');",
        "//- src/other.ts\nimport { Total as Sum } from './Header';\nexport const parts = { Sum };",
    ] {
        check(SHOWS, more, &[]);
    }
    // The test goes around the flag.
    check(&format!("import {{ Total }} from './Header';\n{SHOWS}"), "", &[]);
}

#[test]
fn comments_and_barrels_are_no_use_of_it() {
    for more in [
        "//- src/other.ts\n// Total is shown by the header.\nexport const x = 1;",
        "//- src/index.ts\nexport { Total } from './Header';",
    ] {
        check(SHOWS, more, &["shows it: fast_quotes=on"]);
    }
}

#[test]
fn a_snapshot_that_shows_it_is_an_assertion() {
    let test = "test('looks as before', () => { const { container } = render(<Page />); expect(container).toMatchSnapshot(); });\n";
    let snapshot = |title: &str, class: &str| {
        format!(
            "//- src/__snapshots__/page.test.tsx.snap\nexports[`{title} 1`] = `\n<main>\n  <header\n    class=\"{class}\"\n  />\n</main>\n`;\n"
        )
    };
    check(
        test,
        &snapshot("looks as before", "mx_Flex shop_Header"),
        &["looks as before: fast_quotes=on"],
    );
    check(
        test,
        &snapshot("looks as before", "shop_LegacyHeader"),
        &["looks as before: fast_quotes=off"],
    );
    check(test, &snapshot("looks as before", "shop_Footer"), &[]);
    check(test, &snapshot("looks otherwise", "shop_Header"), &[]);
    check(
        &test.replace("expect(container).to", "expect(container).not.to"),
        &snapshot("looks as before", "shop_Header"),
        &[],
    );
}
