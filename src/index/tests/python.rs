//! Python through the whole index, with the built-in rules: reads with their guards, what tests set and for whom, what stands between a
//! test and running.

mod forces;

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
            ForcedKey::Others { but, .. } => format!("all but {but:?}"),
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
