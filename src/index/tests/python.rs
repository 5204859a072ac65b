//! Python through the whole index, with the built-in rules: reads with their guards, what tests set and for whom, what stands between a
//! test and running.

use std::sync::OnceLock;

use crate::index::store::FactsStore;
use crate::index::{CodeIndex, ForceScope, ForcedKey, ForcedValue, TestGate, Wanted, build};
use crate::rules::{RuleSet, load_builtin};
use crate::source::{Sources, Span, fixture};

fn rules() -> &'static RuleSet {
    static LOADED: OnceLock<RuleSet> = OnceLock::new();
    LOADED.get_or_init(load_builtin)
}

fn index(project: &str) -> (Sources, CodeIndex) {
    let (sources, view) = fixture(project);
    let index = build::build(&sources, &view, rules(), &Wanted::default(), &FactsStore::default());
    (sources, index)
}

fn folded(sources: &Sources, span: Span) -> String {
    let words: Vec<&str> = sources.text(span).split_whitespace().collect();
    let words = words.join(" ");
    match words.chars().count() {
        0..=32 => words,
        _ => words.chars().take(32).collect::<String>() + "…",
    }
}

/// `k=on: body`, one line for each guard.
fn guards(project: &str) -> Vec<String> {
    let (sources, index) = index(project);
    let line = |guard: &crate::index::Guard| {
        let when: Vec<String> = guard
            .when
            .iter()
            .map(|one| format!("{}={}", one.key, one.value.word()))
            .collect();
        let when = when.join(if guard.any { " or " } else { " and " });
        format!("{when}: {}", folded(&sources, guard.region))
    };
    index.guards.iter().map(line).collect()
}

/// `k file:symbol via a`, one line for each read.
fn reads(project: &str) -> Vec<String> {
    let (sources, index) = index(project);
    let line = |read: &crate::index::FlagRead| {
        let path = sources.file(read.span.file).path.file_name().to_owned();
        format!("{} {path}:{}", read.key, read.symbol)
    };
    index.reads.iter().map(line).collect()
}

/// `k=on in test name`, one line for each force.
fn forces(project: &str) -> Vec<String> {
    let (sources, index) = index(project);
    let line = |force: &crate::index::Force| {
        let key = match &force.key {
            ForcedKey::Key(key) => key.to_string(),
            ForcedKey::Every(_) => "*".into(),
        };
        let value = match force.value {
            ForcedValue::Is(value) => value.word(),
            ForcedValue::Both => "both",
            ForcedValue::Partial => "partial",
            ForcedValue::Reset => "reset",
        };
        let scope = match &force.scope {
            ForceScope::Test(test) => format!("test {}", index.tests[*test].name),
            ForceScope::Region(span) => format!("region {}", folded(&sources, *span)),
            ForceScope::File(path) => format!("file {path}"),
            ForceScope::Project => "project".into(),
        };
        format!("{key}={value} in {scope}")
    };
    index.forces.iter().map(line).collect()
}

#[track_caller]
fn check(found: &[String], expected: &[&str]) {
    assert_eq!(found, expected, "{found:#?}");
}

/// What every project below can read.
const SHOP: &str = "
//- shop/__init__.py
//- shop/flags.py
from waffle import flag_is_active, switch_is_active
NEW_TOTALS = 'new_totals'
def is_on(key, default=False):
    return switch_is_active(key)
def new_totals():
    return is_on(NEW_TOTALS)
//- shop/total.py
from . import flags
from shop.flags import is_on, NEW_TOTALS
def total():
    if flags.is_on(NEW_TOTALS):
        return 1
    return 2
";

#[test]
fn branches_and_early_exits_guard() {
    let text = "
//- a.py
from waffle import switch_is_active, flag_is_active
def f(request):
    if switch_is_active('a') and not switch_is_active('b'):
        one()
    elif flag_is_active(request, 'c'):
        two()
    else:
        three()
    x = four() if switch_is_active('d') else five()
    if not switch_is_active('e'):
        raise Http404()
    six()
def g(rows):
    for row in rows:
        if switch_is_active('f'):
            continue
        seven(row)
    return [eight(row) for row in rows if switch_is_active('g')]
def h():
    with lock():
        if (on := switch_is_active('h')):
            nine()
    if on:
        ten()
    if bool(switch_is_active('i')) is False:
        return
    eleven()
";
    check(
        &guards(text),
        &[
            "a=on: not switch_is_active('b')",
            "a=on and b=off: one()",
            "a=off or b=on: elif flag_is_active(request, 'c'…",
            "c=on: two()",
            "c=off: three()",
            "d=on: four()",
            "d=off: five()",
            "e=off: raise Http404()",
            "e=on: six()",
            "f=on: continue",
            "f=off: seven(row)",
            "g=on: eight(row)",
            "h=on: nine()",
            "h=on: ten()",
            "i=off: return",
            "i=on: eleven()",
        ],
    );
}

#[test]
fn decorators_guard_their_function() {
    let text = "
//- a.py
from waffle.decorators import waffle_flag, waffle_switch
@waffle_flag('a')
def f(request): return 1
class View:
    @waffle_switch('!b')
    def get(self): return 2
";
    check(
        &guards(text),
        &[
            "a=on: @waffle_flag('a') def f(request)…",
            "b=off: @waffle_switch('!b') def get(sel…",
        ],
    );
}

#[test]
fn a_match_decides_by_its_value() {
    let text = "
//- a.py
import ldclient
def f(context):
    match ldclient.get().variation('a', context, False):
        case True:
            one()
        case _:
            two()
";
    check(&guards(text), &["a=on: one()", "a=off: two()"]);
}

#[test]
fn the_environment_is_compared() {
    let text = "
//- a.py
import os
ON = os.environ.get('FEATURE_X', 'false').lower() in ('true', '1', 'yes')
def f():
    if ON:
        one()
    if os.getenv('FEATURE_Y') == '1':
        two()
";
    check(&guards(text), &["FEATURE_X=on: one()", "FEATURE_Y=on: two()"]);
}

#[test]
fn wrappers_are_seen_through_modules() {
    let text = format!(
        "{SHOP}
//- shop/view.py
import shop.flags
import shop.flags as known
from .flags import new_totals as totals
from shop import flags
def f():
    if shop.flags.is_on('a'): one()
    if known.is_on(key='b'): two()
    if totals(): three()
    if flags.is_on(flags.NEW_TOTALS, default=True): four()
class Service:
    KEY = 'c'
    def run(self):
        if flags.is_on(self.KEY): five()
"
    );
    let found = reads(&text);
    let view: Vec<String> = found.iter().filter(|read| read.contains("view.py")).cloned().collect();
    check(
        &view,
        &[
            "a view.py:f",
            "b view.py:f",
            "new_totals view.py:f",
            "new_totals view.py:f",
            "c view.py:Service.run",
        ],
    );
}

#[test]
fn enums_name_flags() {
    let text = "
//- keys.py
from enum import Enum
class FeatureFlag(str, Enum):
    TOTALS = 'new_totals'
//- a.py
from keys import FeatureFlag
from waffle import switch_is_active
def f():
    if switch_is_active(FeatureFlag.TOTALS.value): one()
    if switch_is_active(FeatureFlag.TOTALS): two()
";
    check(&guards(text), &["new_totals=on: one()", "new_totals=on: two()"]);
}

#[test]
fn what_a_block_or_a_decorator_sets() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
from waffle.testutils import override_switch
from shop.total import total
@override_switch('new_totals', active=True)
def test_on():
    assert total() == 1
def test_block():
    with override_switch('new_totals', False):
        assert total() == 2
def test_computed():
    with override_switch('new_totals', active=True):
        result = total()
    assert result == 1
@override_switch('new_totals', True)
class TestAll:
    def test_a(self):
        assert total() == 1
"
    );
    check(
        &forces(&text),
        &[
            "new_totals=on in test test_on",
            "new_totals=off in region assert total() == 2",
            "new_totals=on in test test_computed",
            "new_totals=on in region @override_switch('new_totals', T…",
        ],
    );
}

#[test]
fn what_fixtures_and_hooks_set() {
    let text = format!(
        "{SHOP}
//- tests/conftest.py
import pytest
from waffle.testutils import override_switch
@pytest.fixture
def totals_on():
    with override_switch('new_totals', active=True):
        yield
@pytest.fixture
def both(totals_on):
    return 1
//- tests/deep/conftest.py
import pytest
from waffle.testutils import override_switch
@pytest.fixture(autouse=True)
def totals_off():
    with override_switch('new_totals', active=False):
        yield
//- tests/test_total.py
import pytest
from shop.total import total
def test_on(totals_on):
    assert total() == 1
def test_both(both):
    assert total() == 1
@pytest.mark.usefixtures('totals_on')
def test_named():
    assert total() == 1
def test_plain():
    assert total() == 2
//- tests/deep/test_deep.py
from shop.total import total
def test_deep():
    assert total() == 2
//- tests/test_cases.py
from django.test import TestCase
from waffle.testutils import override_switch
class Cases(TestCase):
    def setUp(self):
        override_switch('new_totals', active=True).enable()
    def test_a(self):
        self.assertEqual(total(), 1)
"
    );
    check(
        &forces(&text),
        &[
            "new_totals=off in file tests/deep/test_deep.py",
            "new_totals=on in region class Cases(TestCase): def setUp…",
            "new_totals=on in test test_on",
            "new_totals=on in test test_both",
            "new_totals=on in test test_named",
        ],
    );
}

#[test]
fn what_patches_set() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
from unittest.mock import patch
from shop import flags
from shop.total import total
@patch('shop.flags.is_on', return_value=True)
def test_decorated(mock):
    assert total() == 1
def test_object():
    with patch.object(flags, 'new_totals', return_value=False):
        assert total() == 2
def test_fake(monkeypatch):
    monkeypatch.setattr('shop.flags.is_on', lambda key, default=False: key == 'new_totals')
    assert total() == 1
def test_other():
    with patch('shop.total.total', return_value=3):
        assert total() == 3
"
    );
    check(
        &forces(&text),
        &[
            "*=on in test test_decorated",
            "new_totals=off in region assert total() == 2",
            "*=off in test test_fake",
            "new_totals=on in test test_fake",
        ],
    );
}

#[test]
fn a_patched_name_of_a_known_flag_is_that_flag_though_nothing_declares_it() {
    let text = "\
//- shop/features.py
import sys
class FeatureNameValue:
    pass
def import_features(config):
    for name, value in config.items():
        setattr(sys.modules[__name__], name, value)
//- shop/total.py
import features
def total():
    if features.NEW_TOTALS:
        return 1
    if features.SEARCH:
        return 2
    return 3
//- tests/test_total.py
from unittest.mock import patch
from shop import features
from shop.features import FeatureNameValue
from shop.total import total
@patch('features.NEW_TOTALS', True)
def test_decorated():
    assert total() == 1
def test_block():
    with patch('features.NEW_TOTALS', FeatureNameValue('NEW_TOTALS', False)):
        assert total() == 2
def test_object():
    with patch.object(features, 'SEARCH', False):
        assert total() == 4
def test_attribute(monkeypatch):
    monkeypatch.setattr('features.NEW_TOTALS', False)
    assert total() == 2
def test_computed():
    with patch('features.NEW_TOTALS', make()):
        assert total() == 5
def test_other():
    with patch('shop.words.SEARCH', True), patch('features.NEW_TOTALS_LIMIT', 3):
        assert total() == 3
";
    check(
        &forces(text),
        &[
            "NEW_TOTALS=on in test test_decorated",
            "NEW_TOTALS=off in region assert total() == 2",
            "SEARCH=off in region assert total() == 4",
            "NEW_TOTALS=off in test test_attribute",
            "NEW_TOTALS=unknown in region assert total() == 5",
        ],
    );
}

#[test]
fn what_the_environment_and_settings_are_set_to() {
    let text = "
//- shop/settings.py
import os
FEATURE_X = os.environ.get('FEATURE_X', 'false') == 'true'
FEATURES = {'ENABLE_Y': False}
//- shop/total.py
from django.conf import settings
def total():
    if settings.FEATURE_X: return 1
    if settings.FEATURES['ENABLE_Y']: return 2
//- tests/test_total.py
import os
from unittest import mock
from django.conf import settings
from django.test import override_settings
def test_a(monkeypatch):
    monkeypatch.setenv('FEATURE_X', 'true')
    assert total() == 1
@mock.patch.dict(os.environ, {'FEATURE_X': 'false'})
def test_b():
    assert total() == 2
@override_settings(FEATURE_X=True, DEBUG=True)
def test_c():
    assert total() == 1
@mock.patch.dict(settings.FEATURES, {'ENABLE_Y': True})
def test_d():
    assert total() == 2
";
    check(
        &forces(text),
        &[
            "FEATURE_X=on in test test_a",
            "FEATURE_X=off in test test_b",
            "FEATURE_X=on in test test_c",
            "ENABLE_Y=on in test test_d",
        ],
    );
}

#[test]
fn tables_set_both() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
import pytest
from waffle.testutils import override_switch
from shop.total import total
@pytest.mark.parametrize('on, expected', [(True, 1), pytest.param(False, 2, id='off')])
def test_table(on, expected):
    with override_switch('new_totals', active=on):
        result = total()
    assert result == expected
def test_loop():
    for on in (True, False):
        with override_switch('new_totals', active=on):
            assert total()
def enabled(value=True):
    return override_switch('new_totals', active=value)
def test_helper():
    with enabled(value=False):
        result = total()
    assert result == 2
"
    );
    check(
        &forces(&text),
        &[
            "new_totals=both in test test_table",
            "new_totals=both in region assert total()",
            "new_totals=off in test test_helper",
        ],
    );
}

#[test]
fn gates_are_known() {
    let text = format!(
        "{SHOP}
//- tests/test_total.py
import pytest, unittest
from waffle import switch_is_active
@pytest.mark.skip(reason='later')
def test_skipped(): assert 1
@pytest.mark.skipif(not switch_is_active('new_totals'), reason='off')
def test_gated(): assert 1
class TestAll:
    def helper(self): pass
    def test_in_class(self):
        if not switch_is_active('new_totals'):
            pytest.skip('off')
        assert 1
def test_plain(): assert 1
"
    );
    let (_, index) = index(&text);
    let line = |test: &crate::index::TestCase| {
        let gate = match &test.gate {
            None => "-".to_owned(),
            Some(TestGate::Skipped) => "skipped".into(),
            Some(TestGate::On(one)) => format!("{}={}", one.key, one.value.word()),
            Some(TestGate::Conditional) => "conditional".into(),
        };
        format!(
            "{}{} {gate}",
            test.suite.iter().map(|suite| format!("{suite}.")).collect::<String>(),
            test.name
        )
    };
    let found: Vec<String> = index.tests.iter().map(line).collect();
    check(
        &found,
        &[
            "test_skipped skipped",
            "test_gated new_totals=on",
            "TestAll.test_in_class new_totals=on",
            "test_plain -",
        ],
    );
}

#[test]
fn definitions_have_defaults() {
    let text = "
//- config.py
import os
DEFAULT_FEATURE_FLAGS: dict[str, bool] = {
    'EMBEDDED': False,
    'TAGGING': True,
    'FROM_ENV': os.environ.get('X', 'false') == 'true',
}
class FeatureFlags(BaseSettings):
    fast_tax: bool = True
    name: str = 'x'
NEW_TOTALS = WaffleFlag('shop.totals', __name__)
//- use.py
from config import NEW_TOTALS
def f():
    if NEW_TOTALS.is_enabled(): one()
";
    let (_, index) = index(text);
    let line = |of: &crate::index::FlagDefinition| format!("{}={}", of.key, of.declared.word());
    let found: Vec<String> = index.definitions.iter().map(line).collect();
    check(
        &found,
        &[
            "EMBEDDED=off",
            "FROM_ENV=off",
            "TAGGING=on",
            "fast_tax=on",
            "shop.totals=off",
        ],
    );
    check(&guards(text), &["shop.totals=on: one()"]);
}
