//! Which code is of tests. Enters: the index. Leaves: the answer for a place. A file of tests is that as a whole, but for Rust, whose unit
//! tests stand in the file of the code that they test: there it is the module of the tests, and each test.

use std::collections::{BTreeMap, BTreeSet};

use super::CodeIndex;
use crate::lang::Language;
use crate::source::{Bytes, FileId, RepoPath, Span};

/// The code of tests.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TestCode {
    whole: BTreeSet<FileId>,
    parts: BTreeMap<FileId, Vec<Bytes>>,
}

impl TestCode {
    /// As the index has it.
    #[must_use]
    pub fn of(index: &CodeIndex) -> Self {
        let mut found = Self::default();
        let mut beside: BTreeSet<&RepoPath> = BTreeSet::new();
        for path in &index.test_files {
            if Language::of(path) == Some(Language::Rust) && !is_of_tests(path) {
                beside.insert(path);
            } else if let Some(file) = index.file_id(path) {
                found.whole.insert(file);
            }
        }
        for test in index.tests.iter().filter(|test| beside.contains(&test.path)) {
            let part = test.suite_spans.last().unwrap_or(&test.span);
            found.parts.entry(part.file).or_default().push(part.bytes);
        }
        for parts in found.parts.values_mut() {
            parts.sort_by_key(|bytes| (bytes.start, bytes.end));
            parts.dedup();
        }
        found
    }

    /// Whether a place is in it.
    #[must_use]
    pub fn holds(&self, place: Span) -> bool {
        let parts = self.parts.get(&place.file);
        self.whole.contains(&place.file) || parts.is_some_and(|parts| parts.iter().any(|of| of.contains(place.bytes)))
    }
}

/// A folder or file of Rust tests by its name: `tests/a.rs`, `src/store/tests.rs`, `src/store_tests.rs`.
fn is_of_tests(path: &RepoPath) -> bool {
    let mut parts = path.as_str().rsplit('/');
    let stem = parts.next().unwrap_or_default().trim_end_matches(".rs");
    let named = matches!(stem, "tests" | "test") || stem.ends_with("_tests") || stem.ends_with("_test");
    named || parts.any(|folder| matches!(folder, "tests" | "benches" | "testsuite"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_files_are_of_tests_by_their_names() {
        let of = |path: &str| is_of_tests(&RepoPath::new(path).expect("a path"));
        assert!(
            of("tests/a.rs") && of("crates/a/tests/it/b.rs") && of("src/store/tests.rs") && of("src/store_test.rs")
        );
        assert!(!of("src/lib.rs") && !of("src/attest.rs") && !of("src/latest/a.rs"));
    }
}
