//! Results as the programs really write them.

use super::*;
use crate::probe::manifest::Runner;
use crate::probe::{Outcome, TestId};
use crate::source::fixture;

fn ran(folder: &str, files: &str, written: Written, results: Option<&str>, printed: &str) -> (Vec<String>, Ran) {
    let (_, view) = fixture(files);
    let order = Order {
        runner: Runner::Command,
        folder: folder.to_owned(),
        words: Vec::new(),
        variables: Vec::new(),
        written,
        files: view.files.keys().take(1).cloned().collect(),
    };
    let place = Place {
        view: &view,
        root: "/tmp/copy",
        order: &order,
    };
    let ran = read(&place, results.map(str::as_bytes), printed);
    let line =
        |(id, outcome): (&TestId, &Outcome)| format!("{} {}/{} {outcome:?}", id.path, id.suite.join("/"), id.name);
    (ran.tests.iter().map(line).collect(), ran)
}

#[test]
fn jest_and_vitest() {
    let json = r#"{"numTotalTests": 3, "testResults": [
        {"name": "/tmp/copy/api/a.test.ts", "status": "failed", "assertionResults": [
            {"ancestorTitles": ["", "tax"], "fullName": "tax adds", "title": "adds", "status": "passed", "failureMessages": []},
            {"ancestorTitles": ["tax"], "title": "pays", "status": "failed"},
            {"ancestorTitles": [], "title": "later", "status": "pending"}]},
        {"name": "/tmp/copy/api/b.test.ts", "status": "failed", "message": "\u001b[31mSyntaxError\u001b[0m: x\nmore", "assertionResults": []},
        {"name": "/elsewhere/c.test.ts", "status": "passed", "assertionResults": [{"title": "c", "status": "passed"}]}]}"#;
    let (tests, ran) = ran(
        "api",
        "//- api/a.test.ts\n\n//- api/b.test.ts\n\n",
        Written::File,
        Some(json),
        "",
    );
    assert_eq!(
        tests,
        [
            "api/a.test.ts /later Skipped",
            "api/a.test.ts tax/adds Passed",
            "api/a.test.ts tax/pays Failed"
        ]
    );
    assert_eq!(ran.broken, ["api/b.test.ts could not be run: SyntaxError: x"]);
    assert_eq!(ran.lost, 1);
}

#[test]
fn junit_of_node() {
    let xml = r#"<?xml version="1.0" encoding="utf-8"?><testsuites>
        <testsuite name="s" tests="2"><testsuite name="inner"><testcase name="one" classname="test"/></testsuite>
        <testcase name="bad" classname="test" failure="x"><failure type="testCodeFailure" message="1 == 2">at &lt;anonymous&gt;</failure></testcase></testsuite>
        <testcase name="sk" classname="test"><skipped type="skipped" message="true"/></testcase>
        <testcase name="/tmp/copy/a.test.mjs" classname="test"><failure message="test failed"/></testcase></testsuites>"#;
    let (tests, ran) = ran("", "//- a.test.mjs\n\n", Written::File, Some(xml), "");
    assert_eq!(
        tests,
        [
            "a.test.mjs /sk Skipped",
            "a.test.mjs s/bad Failed",
            "a.test.mjs s/inner/one Passed"
        ]
    );
    assert_eq!(ran.broken, ["a.test.mjs could not be run: test failed"]);
}

#[test]
fn junit_of_others() {
    let xml = r#"<testsuites><testsuite name="src/a.test.ts"><testcase classname="src/a.test.ts" name="tax &gt; adds"/></testsuite>
        <testsuite name="pytest"><testcase classname="tests.test_cart.TestTotals" name="test_sum[1-2]"><error message="x"/></testcase></testsuite>
        </testsuites>"#;
    let files = "//- package.json\n{}\n//- src/a.test.ts\n\n//- tests/test_cart.py\n\n";
    let (tests, _) = ran("", files, Written::File, Some(xml), "");
    assert_eq!(
        tests,
        [
            "src/a.test.ts tax/adds Passed",
            "tests/test_cart.py TestTotals/test_sum[1-2] Failed"
        ]
    );
}

#[test]
fn lines_of_libtest() {
    let printed = "     Running unittests src/lib.rs (target/debug/deps/cr-1)\n\nrunning 2 tests\ntest shop::cart::tests::sums ... ok\n\
        test flags::it - should panic ... FAILED\n\n     Running tests/it/main.rs (target/debug/deps/it-1)\n\
        test top ... ignored, slow\ntest more::deep ... ok\n\ntest result: ok.\n   Doc-tests cr\ntest src/lib.rs - a (line 3) ... ok\n";
    let files = "//- api/src/lib.rs\n\n//- api/src/shop/cart.rs\n\n//- api/src/flags.rs\n\n//- api/tests/it/main.rs\n\n//- api/tests/it/more.rs\n\n";
    let (tests, ran) = ran("api", files, Written::Lines, None, printed);
    let expected = [
        "api/src/flags.rs /it Failed",
        "api/src/shop/cart.rs tests/sums Passed",
        "api/tests/it/main.rs /top Skipped",
        "api/tests/it/more.rs /deep Passed",
    ];
    assert_eq!(tests, expected);
    assert_eq!((ran.lost, ran.broken.len()), (0, 0));
    let (tests, ran) = self::ran(
        "api",
        files,
        Written::Lines,
        None,
        "error[E0308]: mismatched types\nerror: could not compile `api`\n",
    );
    assert!(
        tests.is_empty() && ran.broken[0].contains("mismatched types"),
        "{ran:?}"
    );
}

#[test]
fn what_is_no_result_is_told_and_never_obeyed() {
    for (results, says) in [
        (None, "wrote no results; it said: oh dear"),
        (Some("hello"), "neither JSON nor JUnit"),
        (Some("{\"testResults\": 3}"), "could not be read"),
        (Some("<testsuites><testcase"), "could not be read"),
        (Some("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), "could not be read"),
    ] {
        let (tests, ran) = ran("", "//- a.ts\n\n", Written::File, results, "\u{1b}[2Joh dear\u{7}\n");
        assert!(tests.is_empty() && ran.broken[0].contains(says), "{results:?}: {ran:?}");
        assert!(!ran.broken[0].contains(char::is_control));
    }
    assert_eq!(plain(&"x".repeat(1000)).chars().count(), 301);
}

#[test]
fn events_of_go_test() {
    let printed = "go: downloading x v1.0.0\n\
        {\"Action\":\"run\",\"Package\":\"a/cart\",\"Test\":\"TestA\"}\n\
        {\"Action\":\"output\",\"Package\":\"a/cart\",\"Test\":\"TestA\",\"Output\":\"--- FAIL: TestA (0.00s)\\n\"}\n\
        {\"Action\":\"pass\",\"Package\":\"a/cart\",\"Test\":\"TestA/with_a_discount\",\"Elapsed\":0}\n\
        {\"Action\":\"fail\",\"Package\":\"a/cart\",\"Test\":\"TestA\",\"Elapsed\":0}\n\
        {\"Action\":\"skip\",\"Package\":\"a/cart\",\"Test\":\"TestB\"}\n\
        {\"Action\":\"fail\",\"Package\":\"a/cart\"}\n";
    let files = "//- cart/a_test.go\n\n";
    let (tests, ran) = ran("", files, Written::Events, None, printed);
    let expected = [
        "cart/a_test.go /TestA Failed",
        "cart/a_test.go /TestB Skipped",
        "cart/a_test.go TestA/with_a_discount Passed",
    ];
    assert_eq!(tests, expected);
    assert!(ran.broken.is_empty() && ran.lost == 0, "{ran:?}");
    let broken = "# a/cart [a/cart.test]\ncart/a_test.go:3:4: undefined: x\n\
        {\"Action\":\"output\",\"Package\":\"a/cart\",\"Output\":\"FAIL\\ta/cart [build failed]\\n\"}\n\
        {\"Action\":\"fail\",\"Package\":\"a/cart\"}\n";
    let (tests, ran) = self::ran("", files, Written::Events, None, broken);
    assert!(tests.is_empty() && ran.broken[0].contains("undefined: x"), "{ran:?}");
    let none = "{\"Action\":\"output\",\"Package\":\"a\",\"Output\":\"testing: warning: no tests to run\\n\"}\n{\"Action\":\"pass\",\"Package\":\"a\"}\n";
    let (tests, ran) = self::ran("", files, Written::Events, None, none);
    assert!(tests.is_empty() && ran.broken.is_empty(), "{ran:?}");
}

#[test]
fn lines_of_unittest() {
    let printed = "test_a (tests.test_cart.TestTotals.test_a) ... ok\n\
        test_b (tests.test_cart.TestTotals.test_b)\nAdds. ... FAIL\n\
        test_c (tests.test_cart.TestTotals) ... noise\nok\n\
        test_d (tests.test_cart.TestTotals.test_d) ... skipped 'later'\n\
        test_e (tests.test_cart.TestTotals.test_e) ... \n\
        ======\nFAIL: test_e (tests.test_cart.TestTotals.test_e) (n=1)\n----\nRan 5 tests\n\nFAILED\n";
    let files = "//- tests/test_cart.py\n\n";
    let (tests, ran) = ran("", files, Written::Verbose, None, printed);
    let expected = [
        "tests/test_cart.py TestTotals/test_a Passed",
        "tests/test_cart.py TestTotals/test_b Failed",
        "tests/test_cart.py TestTotals/test_c Passed",
        "tests/test_cart.py TestTotals/test_d Skipped",
        "tests/test_cart.py TestTotals/test_e Failed",
    ];
    assert_eq!(tests, expected);
    assert!(ran.broken.is_empty(), "{ran:?}");
    let broken = "test_cart (unittest.loader._FailedTest.test_cart) ... ERROR\n\nERROR: test_cart (unittest.loader._FailedTest.test_cart)\nImportError\n";
    let (tests, ran) = self::ran("", files, Written::Verbose, None, broken);
    assert!(
        tests.is_empty() && ran.broken[0].contains("could not be imported"),
        "{ran:?}"
    );
}
