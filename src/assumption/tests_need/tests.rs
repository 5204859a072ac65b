//! When a test is blocked, and when nobody can know.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Ground, judge_tests};
use crate::assumption::TestVerdict;
use crate::assumption::proof::Proofs;
use crate::assumption::table::FlagTable;
use crate::flag::{FlagKey, FlagValue, Ledger};
use crate::index::store::FactsStore;
use crate::index::{Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::fixture;

const FLAG: &str = "//- config.py\nFEATURE_NEW_TOTALS = False\n";

fn check(files: &str, supposed: Option<FlagValue>, expected: TestVerdict) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let (sources, view) = fixture(&format!("{FLAG}{files}"));
    let rules = RULES.get_or_init(load_builtin);
    let index = build::build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    let supposed: BTreeMap<_, _> = supposed
        .map(|value| (FlagKey::new("FEATURE_NEW_TOTALS"), value))
        .into_iter()
        .collect();
    let flags = FlagTable::build(&index, &Ledger::default(), "test", &[], &supposed);
    let ground = Ground {
        sources: &sources,
        view: &view,
        index: &index,
        flags: &flags,
        ambient: None,
        proofs: &Proofs::default(),
    };
    let found = judge_tests(&ground, None);
    let found: Vec<TestVerdict> = found
        .iter()
        .filter(|need| need.flag.as_str() == "FEATURE_NEW_TOTALS" && need.needs.is_some())
        .map(|need| need.verdict)
        .collect();
    assert_eq!(found, [expected], "{files}");
}

const TITLE: &str = "process.env.TZ = 'UTC';\ntest('adds up when FEATURE_NEW_TOTALS is enabled', () => { expect(total()).toBe(1); });\n";

#[test]
fn what_is_declared_blocks_a_test_that_runs_the_code() {
    check(
        &format!("//- web/total.test.ts\nimport {{ total }} from './total';\n{TITLE}"),
        None,
        TestVerdict::Blocked,
    );
    check(
        "//- tests/test_total.py\nimport pytest\nfrom shop import FEATURE_NEW_TOTALS\n\n\ndef test_adds_up_with_feature_new_totals_enabled():\n    assert total() == 1\n",
        None,
        TestVerdict::Blocked,
    );
}

#[test]
fn a_program_that_somebody_else_starts_may_be_configured_otherwise() {
    let page = format!("//- web/total.spec.ts\nimport {{ test, expect }} from '@playwright/test';\n{TITLE}");
    check(&page, None, TestVerdict::Unknown);
    // What this run supposes holds everywhere.
    check(&page, Some(FlagValue::Off), TestVerdict::Blocked);
    let deployed = format!("//- web/total.test.ts\nconst url = process.env.BASE_URL;\n{TITLE}");
    check(&deployed, None, TestVerdict::Unknown);
    check(&format!("//- e2e/total.test.ts\n{TITLE}"), None, TestVerdict::Unknown);
    let off = TITLE.replace("enabled", "disabled");
    check(&format!("//- e2e/total.test.ts\n{off}"), None, TestVerdict::Fragile);
}

#[test]
fn what_looks_like_a_setting_around_a_test_makes_it_unknown() {
    let mocked = format!(
        "//- web/total.test.ts\nvi.mock('./useConfig', () => ({{ useConfig: () => ({{ features: {{ NEW_TOTALS: true }} }}) }}));\n{TITLE}"
    );
    check(&mocked, None, TestVerdict::Unknown);
    let of_another = format!(
        "//- web/total.test.ts\n{TITLE}test('other', () => {{ start({{ features: {{ NEW_TOTALS: true }} }}); }});\n"
    );
    check(&of_another, None, TestVerdict::Blocked);
    let test = "//- tests/test_total.py\nimport pytest\nfrom shop import FEATURE_NEW_TOTALS\n\n\ndef test_adds_up_with_feature_new_totals_enabled():\n    assert total() == 1\n";
    let harness = "//- tests/testconfig.py\nclass TestConfig:\n    FEATURE_NEW_TOTALS = True\n";
    check(&format!("{test}{harness}"), None, TestVerdict::Unknown);
    let fixture = "//- tests/conftest.py\ndef app(config):\n    config.features.NEW_TOTALS = make()\n";
    check(&format!("{test}{fixture}"), None, TestVerdict::Unknown);
}

#[test]
fn a_fixture_that_tests_of_another_file_ask_for_runs_for_those() {
    let test = "//- tests/test_total.py\nimport pytest\nfrom shop import FEATURE_NEW_TOTALS\n\n\ndef test_adds_up_with_feature_new_totals_disabled():\n    assert total() == 1\n";
    let fixture = |head: &str| {
        format!(
            "//- tests/conftest.py\nimport pytest\n\n\n{head}\ndef totals_on(config):\n    config.features.NEW_TOTALS = make()\n"
        )
    };
    let other = "//- tests/test_other.py\nimport pytest\nfrom shop import FEATURE_NEW_TOTALS\n\n\ndef test_other(totals_on):\n    assert total() == 2\n";
    check(
        &format!("{test}{}{other}", fixture("@pytest.fixture")),
        None,
        TestVerdict::Fragile,
    );
    // Nobody asks for it: maybe a plugin does. It runs by itself, by another name, for another fixture, or is asked for here.
    check(
        &format!("{test}{}", fixture("@pytest.fixture")),
        None,
        TestVerdict::Unknown,
    );
    check(
        &format!("{test}{}{other}", fixture("@pytest.fixture(autouse=True)")),
        None,
        TestVerdict::Unknown,
    );
    check(
        &format!("{test}{}{other}", fixture("@pytest.fixture(name='on')")),
        None,
        TestVerdict::Unknown,
    );
    check(&format!("{test}{}{other}", fixture("")), None, TestVerdict::Unknown);
    let around = "\n\n@pytest.fixture(autouse=True)\ndef all_on(totals_on):\n    yield\n";
    check(
        &format!("{test}{}{around}{other}", fixture("@pytest.fixture")),
        None,
        TestVerdict::Unknown,
    );
    let here = format!("{test}\n\ndef test_second(totals_on):\n    assert total() == 2\n");
    check(
        &format!("{here}{}{other}", fixture("@pytest.fixture")),
        None,
        TestVerdict::Unknown,
    );
}

#[test]
fn both_states_set_in_blocks_of_their_own_are_both_and_no_contradiction() {
    let test = |body: &str| {
        format!(
            "//- tests/test_total.py\nimport pytest\nfrom shop import FEATURE_NEW_TOTALS\n\n\ndef test_adds_up_with_feature_new_totals_enabled():\n{body}"
        )
    };
    let off = "    with override_flags({'FEATURE_NEW_TOTALS': False}):\n        assert total() == 1\n";
    let on = "    with override_flags({'FEATURE_NEW_TOTALS': True}):\n        assert total() == 2\n";
    check(&test(off), None, TestVerdict::Contradiction);
    check(&test(on), None, TestVerdict::Ok);
    check(&test(&format!("{off}{on}")), None, TestVerdict::Ok);
    check(&test(&format!("{on}{off}")), None, TestVerdict::Ok);
}

#[test]
fn a_test_that_may_not_run_blocks_nothing() {
    for (how, expected) in [
        ("test", TestVerdict::Blocked),
        ("test.skip", TestVerdict::Vacuous),
        ("test.skipIf(!process.env.DATABASE)", TestVerdict::Unknown),
        ("it.runIf(process.env.DATABASE)", TestVerdict::Unknown),
        ("test.skipIf(!isEnabled('other'))", TestVerdict::Unknown),
    ] {
        let test = TITLE.replace("\ntest(", &format!("\n{how}("));
        let file = format!("//- web/total.test.ts\nimport {{ it, test, expect }} from 'vitest';\n{test}");
        check(&file, None, expected);
    }
}

#[test]
fn who_sets_a_flag_and_calls_another_function_needs_nothing() {
    let handler = "//- web/handler.ts
export class Handler {
  GET(req, res) { if (process.env.FEATURE_NEW_TOTALS === 'true') { return res.render('totals/new-page'); } return res.redirect('/old-page'); }
  POST(req, res) { return res.redirect('/done-page'); }
}
//- web/handler.test.ts
import { Handler } from './handler';
const handler = new Handler();
it('a', () => { process.env.FEATURE_NEW_TOTALS = 'true'; handler.GET(req, res); expect(res.render).toHaveBeenCalledWith('totals/new-page'); });
it('c', () => { handler.POST(req, res); expect(res.redirect).toHaveBeenCalled(); });
it('d', () => { handler.POST(req, res); expect(res.redirect).toHaveBeenCalled(); });
";
    let setting = |call: &str| {
        format!(
            "{handler}it('b', () => {{ process.env.FEATURE_NEW_TOTALS = 'true'; handler.{call}(req, res); expect(go).toHaveBeenCalled(); }});\n"
        )
    };
    let judged = |call: &str| {
        let (sources, view) = fixture(&setting(call));
        let index = build::build(
            &sources,
            &view,
            &load_builtin(),
            &Wanted::default(),
            &FactsStore::default(),
        );
        let flags = FlagTable::build(&index, &Ledger::default(), "test", &[], &BTreeMap::new());
        let ground = Ground {
            sources: &sources,
            view: &view,
            index: &index,
            flags: &flags,
            ambient: None,
            proofs: &Proofs::default(),
        };
        let found = judge_tests(&ground, None);
        let needs = found.iter().filter(|need| need.needs.is_some());
        needs
            .map(|need| index.tests[need.test].name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(judged("POST"), ["a"]);
    assert_eq!(judged("GET"), ["a", "b"]);
}

#[test]
fn what_stands_word_for_word_in_both_states_needs_neither() {
    let suite = |state: &str, value: &str, text: &str| {
        format!(
            "describe('totals, with toggle {state}', () => {{
  beforeEach(() => {{ process.env.FEATURE_NEW_TOTALS = '{value}'; }});
  it('shows a name', () => {{ expect(page().name).toBe('x'); }});
  it('shows a total', () => {{ expect(page().total).toBe({text}); }});
}});\n"
        )
    };
    let page = "//- web/page.ts\nexport const page = () => ({ total: process.env.FEATURE_NEW_TOTALS === 'true' ? sum(1) : sum(2) });\n";
    let test = format!(
        "//- web/page.test.ts\nimport {{ page }} from './page';\n{}{}",
        suite("off", "false", "1"),
        suite("on", "true", "2")
    );
    let (sources, view) = fixture(&format!("{page}{test}"));
    let index = build::build(
        &sources,
        &view,
        &load_builtin(),
        &Wanted::default(),
        &FactsStore::default(),
    );
    let flags = FlagTable::build(&index, &Ledger::default(), "test", &[], &BTreeMap::new());
    let ground = Ground {
        sources: &sources,
        view: &view,
        index: &index,
        flags: &flags,
        ambient: None,
        proofs: &Proofs::default(),
    };
    let found = judge_tests(&ground, None);
    let needs = found
        .iter()
        .filter_map(|need| Some((&*index.tests[need.test].name, need.needs?)));
    assert_eq!(
        needs.collect::<Vec<_>>(),
        [("shows a total", FlagValue::Off), ("shows a total", FlagValue::On)]
    );
}
