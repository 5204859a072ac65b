//! Tests of a program that somebody else starts: a page in a browser, a deployment, a cluster. Enters: a test and its file. Leaves: whether
//! what is declared in code says anything of what such a test sees.

use crate::index::{TestCase, build_tags};

/// How far from its code a test runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Distance {
    /// In the process of the code, as far as can be seen.
    Here,
    /// Its folder says that it goes from end to end: it may start the program itself, and may not.
    Perhaps,
    /// In front of a browser, a build tag or an address from the environment.
    Elsewhere,
}

/// Rules of frameworks that drive a browser.
const BROWSERS: &[&str] = &["js/playwright/", "js/cypress/"];
/// How such a framework is imported, where the test itself is some other framework's.
const IMPORTS: &[&str] = &[
    "'@playwright/test'",
    "\"@playwright/test\"",
    "from playwright.",
    "from selenium",
    "import selenium",
    "'selenium-webdriver'",
    "\"selenium-webdriver\"",
];
/// Folders of such tests.
const FOLDERS: &[&str] = &[
    "acceptance",
    "conformance",
    "cypress",
    "e2e",
    "e2e-tests",
    "e2e_tests",
    "end-to-end",
    "end2end",
    "playwright",
    "smoke",
];
/// Names of variables that hold the address of a program.
const ADDRESSES: &[&str] = &[
    "BASE_URL",
    "E2E_URL",
    "SERVER_URL",
    "TARGET_URL",
    "TEST_URL",
    "E2E_HOST",
];
/// How variables of the environment are read.
const ENVIRONMENT: &[&str] = &[
    "process.env",
    "environ",
    "getenv",
    "Getenv",
    "env::var",
    "import.meta.env",
];

/// How far from its code a test runs, by its framework, its path and the text of its file.
#[must_use]
pub fn distance(case: &TestCase, text: &str) -> Distance {
    let browser = BROWSERS.iter().any(|rule| case.rule.starts_with(rule));
    let imported = IMPORTS.iter().any(|import| text.contains(import));
    if browser || imported || is_tagged(text) || has_address(text) {
        return Distance::Elsewhere;
    }
    let mut folders = case.path.as_str().rsplit('/').skip(1);
    if folders.any(|folder| FOLDERS.contains(&&*folder.to_ascii_lowercase())) {
        Distance::Perhaps
    } else {
        Distance::Here
    }
}

/// `//go:build e2e`, in front of the package: the test is built, and its code with it, only where somebody gives the tag.
fn is_tagged(text: &str) -> bool {
    text.contains("//go:build ") && !build_tags::needed(text).is_empty()
}

fn has_address(text: &str) -> bool {
    let mut lines = text
        .lines()
        .filter(|line| ADDRESSES.iter().any(|name| line.contains(name)));
    lines.any(|line| ENVIRONMENT.iter().any(|means| line.contains(means)))
}

#[cfg(test)]
mod tests {
    use super::{has_address, is_tagged};

    #[test]
    fn a_tag_in_front_of_the_package_keeps_a_test_apart() {
        assert!(is_tagged("// Copyright\n\n//go:build e2e && linux\n\npackage a\n"));
        assert!(is_tagged("//go:build enterprise\n\npackage a\n"));
        assert!(is_tagged("//go:build (fast || slow) && !race\n\npackage a\n"));
        assert!(!is_tagged("//go:build !e2e\n\npackage a\n"));
        assert!(!is_tagged("//go:build unix && go1.21\n\npackage a\n"));
        assert!(!is_tagged("package a\n\n//go:build e2e\n"));
        assert!(!is_tagged("//go:build linux\n\npackage a\n"));
    }

    #[test]
    fn an_address_comes_from_the_environment() {
        assert!(has_address("const url = process.env.BASE_URL ?? 'http://localhost';"));
        assert!(!has_address("const BASE_URL = '/api';\nprocess.env.NODE_ENV"));
    }
}
