//! How tests of Rust, Go and Python claim what one state gives, and the neighbours that claim nothing. Each of these tests was really run in
//! both states.

use crate::assumption::acts::tests::shown as check;

const RUST: &str = "
//- Cargo.toml
[package]
name = \"shop\"
//- src/lib.rs
pub mod flags;
pub mod tax;
//- src/flags.rs
pub fn is_enabled(key: &str) -> bool { match key { \"new_tax\" => false, _ => false } }
//- src/tax.rs
use crate::flags::is_enabled;
#[derive(Debug, PartialEq)]
pub enum Rate { Flat, Tiered, Zero }
pub struct Quote { pub total: u32, pub label: String, pub frozen: Option<u32> }
pub struct Desk { rate: Rate }
impl Desk {
    pub fn new() -> Self { Self { rate: Rate::Flat } }
    pub fn kind(&self) -> &'static str { let on = is_enabled(\"new_tax\"); if on { \"new\" } else { \"old\" } }
}
pub fn label() -> &'static str { if is_enabled(\"new_tax\") { \"incl.\" } else { \"excl.\" } }
pub fn rate(n: usize) -> Rate {
    if n == 0 { return Rate::Zero; }
    if is_enabled(\"new_tax\") { Rate::Tiered } else { Rate::Flat }
}
pub fn quote(sum: u32) -> Quote {
    if is_enabled(\"new_tax\") { return Quote { total: sum + 7, label: format!(\"with {sum}\"), frozen: Some(7) }; }
    Quote { total: sum, label: \"plain\".into(), frozen: None }
}
pub fn checked(n: i32) -> Result<i32, Rate> {
    if n < 0 { return Err(Rate::Zero); }
    if is_enabled(\"new_tax\") { return Err(Rate::Tiered); }
    Ok(n)
}
pub fn tried(n: &str) -> Result<i32, String> {
    let n: i32 = n.parse().map_err(|_| \"no number\".to_string())?;
    if is_enabled(\"new_tax\") { return Err(\"closed\".to_string()); }
    Ok(n)
}
pub fn find(id: u32) -> Option<u32> { if !is_enabled(\"new_tax\") { return None; } Some(id) }
pub fn via() -> &'static str { label() }
pub fn names() -> Vec<u32> { let mut all = vec![1]; if is_enabled(\"new_tax\") { all.push(2); } all }
";

#[track_caller]
fn rust(tests: &str, expected: &[&str]) {
    let inside = format!("{RUST}#[cfg(test)]\nmod tests {{\n    use super::*;\n{tests}\n}}\n");
    check(&inside, expected);
    let beside = format!("{RUST}//- tests/tax.rs\nuse shop::tax::*;\nuse shop::tax;\n{tests}\n").replace(
        "use shop::tax::*;",
        "use shop::tax::{checked, find, label, names, quote, rate, tried, via, Desk, Rate};",
    );
    check(&beside, expected);
}

#[test]
fn rust_compares_variants_fields_and_errors() {
    rust(
        "#[test] fn a() { assert_eq!(label(), \"incl.\"); }
         #[test] fn b() { assert_eq!(rate(2), Rate::Tiered); }
         #[test] fn c() { assert!(matches!(rate(2), Rate::Flat)); }
         #[test] fn d() { let r = rate(2); assert!(r == Rate::Tiered); }
         #[test] fn e() { assert_eq!(quote(1).label, \"plain\"); }
         #[test] fn f() { assert!(quote(1).frozen.is_none()); }
         #[test] fn g() { assert_eq!(quote(1).frozen, Some(7)); }
         #[test] fn h() { assert_eq!(checked(3), Ok(3)); }
         #[test] fn i() { assert_eq!(checked(3).unwrap_err(), Rate::Tiered); }
         #[test] fn j() { find(3).unwrap(); }
         #[test] fn k() { assert_eq!(find(3), None); }
         #[test] fn l() { assert_eq!(via(), \"excl.\"); }
         #[test] fn m() { assert_eq!(names().len(), 1); }
         #[test] fn n() { assert_eq!(Desk::new().kind(), \"new\"); }
         #[test] fn o() { let desk = Desk::new(); assert_eq!(desk.kind(), \"old\"); }
         #[test] fn p() -> Result<(), Rate> { let n = checked(3)?; assert_eq!(n, 3); Ok(()) }
         fn claims(wanted: &str) { assert_eq!(label(), wanted); }
         #[test] fn q() { claims(\"incl.\"); }
         #[test] fn r() { for wanted in [\"incl.\", \"incl.\"] { assert_eq!(label(), wanted); } }",
        &[
            "a: on", "b: on", "c: off", "d: on", "e: off", "f: off", "g: on", "h: off", "i: on", "j: on", "k: off",
            "l: off", "m: off", "n: on", "o: off", "p: off", "q: on", "r: on",
        ],
    );
}

#[test]
fn rust_that_holds_in_both_states_or_may_not_run_claims_nothing() {
    rust(
        "#[test] fn a() { assert_eq!(rate(0), Rate::Zero); }
         #[test] fn b() { assert!(checked(-3).is_err()); }
         #[test] fn c() { assert!(tried(\"x\").is_err()); }
         #[test] fn d() { let l = label(); assert!(l == \"incl.\" || l == \"excl.\"); }
         #[test] fn e() { let _ = std::panic::catch_unwind(|| assert_eq!(label(), \"incl.\")); }
         #[test] fn f() { if option_env!(\"CI\").is_some() { assert_eq!(label(), \"incl.\"); } }
         #[test] fn g() { let label = || \"incl.\"; assert_eq!(label(), \"incl.\"); }
         #[test] fn h() { assert_eq!(quote(1).total, 8); }
         #[test] fn i() { if let Some(n) = find(3) { assert_eq!(n, 3); } }
         #[test] fn j() { let go = || -> Result<(), Rate> { checked(3)?; Ok(()) }; let _ = go(); }
         mod other { pub fn label() -> &'static str { \"incl.\" } }
         #[test] fn k() { assert_eq!(other::label(), \"incl.\"); }
         fn unused() { assert_eq!(label(), \"incl.\"); }
         #[test] fn l() { assert_eq!(names()[0], 1); }
         #[test] fn m() { for wanted in [\"incl.\", \"excl.\"] { assert!(wanted.len() == label().len()); } }",
        &[],
    );
}

const GO: &str = "
//- go.mod
module shop
//- flags/flags.go
package flags

var defaults = map[string]bool{\"new_tax\": false}

func Enabled(name string) bool { return defaults[name] }
//- tax/tax.go
package tax

import (
	\"errors\"
	\"shop/flags\"
)

var ErrFrozen = errors.New(\"frozen\")

type Quote struct {
	Total int
	Label string
}

func Label() string {
	if flags.Enabled(\"new_tax\") {
		return \"incl.\"
	}
	return \"excl.\"
}

func Rate(n int) (int, error) {
	if n < 0 {
		return 0, errors.New(\"negative\")
	}
	if flags.Enabled(\"new_tax\") {
		return 0, ErrFrozen
	}
	return n, nil
}

func Make(n int) Quote {
	if flags.Enabled(\"new_tax\") {
		return Quote{Total: n + 7, Label: \"with tax\"}
	}
	return Quote{Total: n, Label: \"plain\"}
}
";

#[track_caller]
fn go(tests: &[(&str, &str)], expected: &[&str]) {
    let test = |(name, body): &(&str, &str)| format!("func Test{name}(t *testing.T) {{\n{body}\n}}\n");
    let tests: String = tests.iter().map(test).collect();
    let head = "package tax\n\nimport \"testing\"\n\nfunc claims(t *testing.T, want string) {\n\tif Label() != want {\n\t\tt.Fatal(want)\n\t}\n}\n";
    check(&format!("{GO}//- tax/tax_test.go\n{head}{tests}"), expected);
    let tests = ["Label", "Rate", "Make"].iter().fold(tests, |tests, name| {
        tests.replace(&format!(" {name}("), &format!(" tax.{name}("))
    });
    let head = head
        .replace("package tax", "package tax_test")
        .replace("\"testing\"", "(\n\t\"shop/tax\"\n\t\"testing\"\n)");
    let head = head.replace(" Label(", " tax.Label(");
    check(&format!("{GO}//- tax/tax_test.go\n{head}{tests}"), expected);
}

#[test]
fn go_fails_by_conditions_testify_and_tables() {
    go(
        &[
            ("A", "\tif Label() != \"excl.\" {\n\t\tt.Fatal(\"no\")\n\t}"),
            (
                "B",
                "\tgot := Label()\n\twant := \"incl.\"\n\tif got != want {\n\t\tt.Errorf(\"got %q\", got)\n\t}",
            ),
            ("C", "\tif got := Label(); got == \"incl.\" {\n\t\tt.Fatal(got)\n\t}"),
            (
                "D",
                "\tif _, err := Rate(3); !errors.Is(err, ErrFrozen) {\n\t\tt.Fatal(err)\n\t}",
            ),
            ("E", "\tn, err := Rate(3)\n\tassert.Equal(t, 3, n)\n\t_ = err"),
            ("F", "\trequire.Equal(t, \"with tax\", Make(3).Label)"),
            ("G", "\tif !strings.Contains( Label(), \"incl\") {\n\t\tt.Fatal()\n\t}"),
            (
                "H",
                "\tfor _, tt := range []struct{ n int; want string }{{1, \"plain\"}, {2, \"plain\"}} {\n\t\tif got := Make(tt.n); got.Label != tt.want {\n\t\t\tt.Error(got)\n\t\t}\n\t}",
            ),
            ("I", "\tclaims(t, \"incl.\")"),
        ],
        &[
            "TestA: off",
            "TestB: on",
            "TestC: off",
            "TestD: on",
            "TestE: off",
            "TestF: on",
            "TestG: on",
            "TestH: off",
            "TestI: on",
        ],
    );
}

#[test]
fn go_that_only_speaks_or_may_not_run_claims_nothing() {
    go(
        &[
            (
                "A",
                "\tgot := Label()\n\tif got != \"incl.\" && got != \"excl.\" {\n\t\tt.Fatal(got)\n\t}",
            ),
            ("B", "\tif Label() != \"incl.\" {\n\t\tt.Log(\"no\")\n\t}"),
            (
                "C",
                "\tif Label() != \"incl.\" {\n\t\tt.Skip(\"no\")\n\t}\n\tif Make(1).Label != \"with tax\" {\n\t\tt.Fatal()\n\t}",
            ),
            (
                "D",
                "\tif testing.Short() {\n\t\tif Label() != \"incl.\" {\n\t\t\tt.Fatal()\n\t\t}\n\t}",
            ),
            ("E", "\tif _, err := Rate(-3); err == nil {\n\t\tt.Fatal()\n\t}"),
            ("F", "\tif testing.Short() {\n\t\tclaims(t, \"incl.\")\n\t}"),
            ("G", "\tif Make(3).Total != 3 {\n\t\tt.Fatal()\n\t}"),
        ],
        &[],
    );
}

const PYTHON: &str = "
//- shop/__init__.py
//- shop/flags.py
FLAGS = {'new_tax': False}
def is_enabled(key):
    return FLAGS.get(key, False)
//- shop/tax.py
from shop.flags import is_enabled
class Frozen(Exception):
    pass
def label():
    if is_enabled('new_tax'):
        return 'incl.'
    return 'excl.'
def quote(n):
    if is_enabled('new_tax'):
        return {'total': n, 'tax': 7}
    return {'total': n}
def checked(n):
    if n < 0:
        raise ValueError('negative')
    if is_enabled('new_tax'):
        raise Frozen('frozen')
    return n
def names():
    out = ['a']
    if is_enabled('new_tax'):
        out.append('b')
    return out
def find(n):
    if not is_enabled('new_tax'):
        return None
    return n * 2
//- tests/test_tax.py
import pytest
from shop import tax
from shop.tax import Frozen, checked, find, label, names, quote
";

#[test]
fn python_asks_for_keys_errors_and_what_grew() {
    check(
        &format!(
            "{PYTHON}
def claims(wanted):
    assert label() == wanted
def test_a():
    claims('incl.')
def test_b():
    assert tax.label() == 'excl.'
def test_c():
    assert 'tax' in quote(1)
def test_d():
    assert 'tax' not in quote(1)
def test_e():
    with pytest.raises(Frozen):
        checked(3)
def test_f():
    assert names() == ['a']
def test_g():
    assert find(2) is None
def test_h():
    with pytest.raises(ValueError):
        checked(-3)
def test_i():
    assert 'total' in quote(1)
def test_j():
    assert names()[0] == 'a'
def test_k():
    assert find(2) == 4
"
        ),
        &[
            "test_a: on",
            "test_b: off",
            "test_c: on",
            "test_d: off",
            "test_e: on",
            "test_f: off",
            "test_g: off",
            "test_k: on",
        ],
    );
}

#[test]
fn functions_of_other_files_of_rust_go_and_python() {
    let rust = "
//- Cargo.toml
[package]
name = \"shop\"
//- src/lib.rs
pub mod flags;
pub mod tax;
pub mod quote;
//- src/flags.rs
pub fn is_enabled(key: &str) -> bool { match key { \"new_tax\" => false, _ => false } }
//- src/tax.rs
use crate::flags::is_enabled;
pub fn label() -> &'static str { if is_enabled(\"new_tax\") { \"incl.\" } else { \"excl.\" } }
//- src/quote.rs
use crate::tax;
use crate::tax::label;
pub fn quote() -> &'static str { label() }
pub fn other() -> &'static str { tax::label() }
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a() { assert_eq!(quote(), \"incl.\"); }
    #[test]
    fn b() { assert_eq!(other(), \"incl.\"); }
}
";
    check(rust, &["a: on", "b: on"]);
    let go = "
//- go.mod
module shop
//- flags/flags.go
package flags
var defaults = map[string]bool{\"new-tax\": false}
func IsEnabled(key string) bool { return defaults[key] }
//- tax/tax.go
package tax
import \"shop/flags\"
func Label() string { if flags.IsEnabled(\"new-tax\") { return \"incl.\" }; return \"excl.\" }
//- quote/quote.go
package quote
import \"shop/tax\"
func Quote() string { return tax.Label() }
func Again() string { return inner() }
//- quote/inner.go
package quote
import \"shop/tax\"
func inner() string { return tax.Label() }
//- quote/quote_test.go
package quote
import \"testing\"
func TestA(t *testing.T) { if Quote() != \"incl.\" { t.Fatal(\"no\") } }
func TestB(t *testing.T) { if got := Again(); got != \"incl.\" { t.Fatal(got) } }
";
    check(go, &["TestA: on", "TestB: on"]);
    let python = |test: &str| {
        format!(
            "
//- shop/__init__.py
//- shop/flags.py
FLAGS = {{'new_tax': False}}
def is_enabled(name): return FLAGS[name]
//- shop/tax.py
from shop.flags import is_enabled
def label():
    if is_enabled('new_tax'):
        return 'incl.'
    return 'excl.'
//- shop/quote.py
from shop import tax
from shop.tax import label
def quote():
    return label()
def other():
    return tax.label()
//- tests/test_quote.py
from unittest.mock import patch
from shop.quote import quote, other
{test}
"
        )
    };
    check(
        &python("def test_a():\n    assert quote() == 'incl.'\ndef test_b():\n    assert other() == 'incl.'"),
        &["test_a: on", "test_b: on"],
    );
    check(
        &python("@patch('shop.quote.label', lambda: 'incl.')\ndef test_a():\n    assert quote() == 'incl.'"),
        &[],
    );
}
