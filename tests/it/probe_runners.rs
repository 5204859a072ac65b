//! The proof by running with `go test`, pytest and unittest, as they really run. What is not installed is named and left out.

use std::process::Command;

use crate::probe::{committed, document, needs, pairs, verdicts};

/// True if a program does not answer; says so.
#[expect(clippy::print_stdout, reason = "a test that runs nothing says why")]
fn absent(program: &str, arguments: &[&str]) -> bool {
    let runs = Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success());
    if !runs {
        println!("skipped: no {program} {}", arguments.join(" "));
    }
    !runs
}

const GO: &str = "\
//- go.mod
module example.com/shop

go 1.18
//- flags/flags.go
package flags

var FeatureFlags = map[string]bool{\"new_total\": false}

func IsEnabled(key string) bool { return FeatureFlags[key] }
//- cart/total.go
package cart

import \"example.com/shop/flags\"

func Total(n int) int {
\tif flags.IsEnabled(\"new_total\") {
\t\treturn n * 2
\t}
\treturn n
}
//- cart/total_test.go
package cart

import \"testing\"

func TestIsDoubled(t *testing.T) {
\tif Total(2) != 4 {
\t\tt.Fatal(\"not doubled\")
\t}
}

func TestRows(t *testing.T) {
\tt.Run(\"is what it was\", func(t *testing.T) {
\t\tif Total(2) != 2 {
\t\t\tt.Fatal(\"doubled\")
\t\t}
\t})
\tt.Run(\"of nothing is nothing\", func(t *testing.T) {
\t\tif Total(0) != 0 {
\t\t\tt.Fatal(\"something\")
\t\t}
\t})
}
//- cart/other_test.go
package cart

import \"testing\"

func TestHasNothingToDoWithIt(t *testing.T) {}
";

#[test]
fn go_test() {
    if absent("go", &["version"]) {
        return;
    }
    let project = committed(GO);
    let (code, document) = document(&project, &["new_total"]);
    let expected = pairs(&[
        ("TestIsDoubled", "proven on"),
        ("TestRows", "proven off"),
        ("is_what_it_was", "proven off"),
        ("of_nothing_is_nothing", "refuted"),
    ]);
    let found = verdicts(&document, "new_total");
    for one in &expected {
        assert!(found.contains(one), "{one:?} is not in {document:#}");
    }
    assert_eq!(code, 0);
    let needs = needs(&project, "new_total");
    for need in ["TestIsDoubled: on blocked proven", "is what it was: off fragile proven"] {
        assert!(needs.iter().any(|found| found == need), "{need} is not in {needs:?}");
    }
}

/// What does not build is told, and proves nothing.
#[test]
fn go_code_that_does_not_build() {
    if absent("go", &["version"]) {
        return;
    }
    let project = committed(&GO.replace("t.Fatal(\"not doubled\")", "t.Fatal(undefinedName)"));
    let (_, document) = document(&project, &["new_total"]);
    let told = document.to_string();
    assert!(told.contains("undefinedName"), "{document:#}");
    assert!(!told.contains("\"proven\""), "{document:#}");
}

const PYTHON: &str = "\
//- shop/__init__.py
//- shop/flags.py
FEATURE_FLAGS = {'new_total': False}


def is_feature_enabled(key):
    return FEATURE_FLAGS[key]
//- shop/cart.py
from shop.flags import is_feature_enabled


def total(n):
    if is_feature_enabled('new_total'):
        return n * 2
    return n
";

#[test]
fn pytest() {
    if absent("python3", &["-m", "pytest", "--version"]) {
        return;
    }
    let project = committed(&format!(
        "{PYTHON}//- pyproject.toml
[tool.pytest.ini_options]
testpaths = ['tests']
//- tests/test_cart.py
import pytest
from shop.cart import total


def test_is_doubled():
    assert total(2) == 4


@pytest.mark.parametrize('n', [1, 2])
def test_rows(n):
    assert total(n) == n


class TestNothing:
    def test_of_nothing(self):
        assert total(0) == 0
"
    ));
    let (code, document) = document(&project, &["new_total"]);
    let expected = pairs(&[
        ("test_is_doubled", "proven on"),
        ("test_of_nothing", "refuted"),
        ("test_rows[1]", "proven off"),
        ("test_rows[2]", "proven off"),
    ]);
    assert_eq!((code, verdicts(&document, "new_total")), (0, expected), "{document:#}");
    let needs = needs(&project, "new_total");
    assert!(
        needs.contains(&"test_is_doubled: on blocked proven".to_owned()),
        "{needs:?}"
    );
}

#[test]
fn unittest() {
    if absent("python3", &["--version"]) {
        return;
    }
    let project = committed(&format!(
        "{PYTHON}//- tests/__init__.py
//- tests/test_cart.py
import unittest
from shop.cart import total


class TestTotals(unittest.TestCase):
    def test_is_doubled(self):
        \"\"\"Is doubled.\"\"\"
        self.assertEqual(total(2), 4)

    def test_is_what_it_was(self):
        print('something else')
        self.assertEqual(total(2), 2)

    def test_of_nothing(self):
        for n in (0, 0):
            with self.subTest(n=n):
                self.assertEqual(total(n), 0)

    @unittest.skip('later')
    def test_later(self):
        self.fail()
"
    ));
    let (code, document) = document(&project, &["new_total"]);
    let found = verdicts(&document, "new_total");
    let expected = pairs(&[
        ("test_is_doubled", "proven on"),
        ("test_is_what_it_was", "proven off"),
        ("test_of_nothing", "refuted"),
    ]);
    for one in &expected {
        assert!(found.contains(one), "{one:?} is not in {document:#}");
    }
    assert_eq!(code, 0);
    let later = found.iter().find(|(name, _)| name == "test_later");
    assert!(
        later.is_none_or(|(_, shown)| !shown.starts_with("proven") && shown != "refuted"),
        "{found:?}"
    );
}
