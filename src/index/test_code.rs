//! Which code is of tests. Enters: the index. Leaves: the answer for a place. A file of tests is that as a whole, but for Rust, whose unit
//! tests stand in the file of the code that they test: there it is the modules that are built for tests, and each test.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::CodeIndex;
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
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
        let tests = index.tests.iter().filter(|test| beside.contains(&test.path));
        for test in tests {
            found.parts.entry(test.span.file).or_default().push(test.span.bytes);
        }
        let of_rust = |facts: &&Arc<FileFacts>| facts.language == Language::Rust && !is_of_tests(&facts.path);
        for facts in index.files.values().filter(of_rust) {
            found.add_parts(index, facts);
        }
        for parts in found.parts.values_mut() {
            parts.sort_by_key(|bytes| (bytes.start, bytes.end));
            parts.dedup();
        }
        found
    }

    /// Adds what a file has that is built for tests alone: its modules, also those in files of their own, functions and implementations.
    fn add_parts(&mut self, index: &CodeIndex, facts: &FileFacts) {
        let tree = &facts.tree;
        for id in tree.ids() {
            let is_one = match tree.syntax(id) {
                Syntax::Module { name, decorators, .. } => names_tests(&name.0) || is_for_tests(facts, decorators),
                Syntax::Function(function) => is_for_tests(facts, &function.decorators),
                Syntax::Impl { decorators, .. } => is_for_tests(facts, decorators),
                _ => false,
            };
            if !is_one {
                continue;
            }
            match tree.syntax(id) {
                Syntax::Module { name, items: None, .. } => {
                    let files = module_files(&facts.path, &name.0);
                    self.whole.extend(files.iter().filter_map(|path| index.file_id(path)));
                }
                _ => self.parts.entry(facts.file).or_default().push(tree.bytes(id)),
            }
        }
    }

    /// Whether a place is in it.
    #[must_use]
    pub fn holds(&self, place: Span) -> bool {
        let parts = self.parts.get(&place.file);
        self.whole.contains(&place.file) || parts.is_some_and(|parts| parts.iter().any(|of| of.contains(place.bytes)))
    }
}

/// The modules of a Rust file that hold its unit tests, by their names. Other languages have none.
#[must_use]
pub fn unit_tests(facts: &FileFacts) -> Vec<Bytes> {
    let of_tests = |id: &NodeId| match facts.tree.syntax(*id) {
        Syntax::Module {
            name: (name, _),
            items: Some(_),
            ..
        } => matches!(&**name, "test" | "tests"),
        _ => false,
    };
    if facts.language != Language::Rust {
        return Vec::new();
    }
    let modules = facts.tree.ids().filter(of_tests);
    modules.map(|id| facts.tree.bytes(id)).collect()
}

/// A folder or file of Rust tests by its name: `tests/a.rs`, `src/store/tests.rs`, `src/store_tests.rs`.
fn is_of_tests(path: &RepoPath) -> bool {
    let mut parts = path.as_str().rsplit('/');
    let stem = parts.next().unwrap_or_default().trim_end_matches(".rs");
    names_tests(stem) || parts.any(|folder| matches!(folder, "tests" | "test" | "benches" | "testsuite"))
}

/// A module of Rust tests by its name.
fn names_tests(name: &str) -> bool {
    matches!(name, "tests" | "test") || name.ends_with("_tests") || name.ends_with("_test")
}

/// `#[cfg(test)]`, `#[cfg(all(test, unix))]`
fn is_for_tests(facts: &FileFacts, decorators: &[NodeId]) -> bool {
    let (tree, mut open) = (&facts.tree, Vec::new());
    for decorator in decorators {
        if let Syntax::Decorator(inner) = tree.syntax(*decorator)
            && let Syntax::Call { callee, args, .. } = tree.syntax(tree.bare(*inner))
            && facts.words(*callee) == "cfg"
        {
            open.extend(args);
        }
    }
    while let Some(id) = open.pop() {
        match tree.syntax(id) {
            Syntax::Call { callee, args, .. } if facts.words(*callee) == "all" => open.extend(args),
            _ if facts.words(id) == "test" => return true,
            _ => {}
        }
    }
    false
}

/// The files in which a module of Rust may have its tests: `src/tests.rs` of `src/lib.rs`, `src/cart/tests.rs` of `src/cart.rs`.
pub(super) fn files_of_tests(path: &RepoPath) -> Vec<RepoPath> {
    if Language::of(path) != Some(Language::Rust) {
        return Vec::new();
    }
    ["tests", "test"]
        .iter()
        .flat_map(|name| module_files(path, name))
        .collect()
}

/// The files that `mod name;` of a file may mean.
fn module_files(path: &RepoPath, name: &str) -> Vec<RepoPath> {
    let stem = path.file_name().trim_end_matches(".rs");
    let folder = match (stem, path.parent()) {
        ("mod" | "lib" | "main", parent) => parent.to_owned(),
        (stem, "") => stem.to_owned(),
        (stem, parent) => format!("{parent}/{stem}"),
    };
    let within = |file: String| match folder.as_str() {
        "" => RepoPath::new(&file),
        folder => RepoPath::new(&format!("{folder}/{file}")),
    };
    [within(format!("{name}.rs")), within(format!("{name}/mod.rs"))]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_files_are_of_tests_by_their_names() {
        let of = |path: &str| is_of_tests(&RepoPath::new(path).expect("a path"));
        assert!(
            of("test/a.rs")
                && of("tests/a.rs")
                && of("crates/a/tests/it/b.rs")
                && of("src/store/tests.rs")
                && of("src/store_test.rs")
        );
        assert!(!of("src/lib.rs") && !of("src/attest.rs") && !of("src/latest/a.rs"));
    }

    #[test]
    fn what_is_built_for_tests_alone_is_of_tests() {
        let text = "
//- src/lib.rs
pub fn in_code() { std::env::var(\"FEATURE_X\"); }
mod cart {
    pub fn beside_tests() { std::env::var(\"FEATURE_X\"); }
    mod tests { #[test] fn in_a_test() { std::env::var(\"FEATURE_X\"); } }
}
mod fees {
    pub fn beside_a_test() { std::env::var(\"FEATURE_X\"); }
    #[test]
    fn in_a_lone_test() { std::env::var(\"FEATURE_X\"); }
}
#[cfg(test)]
mod tests {
    fn in_outer_helper() { std::env::var(\"FEATURE_X\"); }
    #[cfg(test)]
    mod inner { #[test] fn in_an_inner_test() { std::env::var(\"FEATURE_X\"); } }
}
#[cfg(test)]
mod support { pub fn in_support() { std::env::var(\"FEATURE_X\"); } }
#[cfg(all(test, unix))]
fn in_a_function() { std::env::var(\"FEATURE_X\"); }
#[cfg(not(test))]
fn not_in_tests() { std::env::var(\"FEATURE_X\"); }
#[cfg(test)]
mod made_up;
//- src/made_up.rs
pub fn in_a_file() { std::env::var(\"FEATURE_X\"); }
";
        let (sources, view) = crate::source::fixture(text);
        let rules = crate::rules::load_builtin();
        let (wanted, store) = (
            crate::index::Wanted::default(),
            crate::index::store::FactsStore::default(),
        );
        let index = crate::index::build::build(&sources, &view, &rules, &wanted, &store);
        let code = TestCode::of(&index);
        let reads = index.reads.iter().filter(|read| !code.holds(read.span));
        let in_code: Vec<&str> = reads
            .map(|read| read.symbol.rsplit([':', '.']).next().unwrap_or_default())
            .collect();
        assert_eq!(index.reads.len(), 11);
        assert_eq!(in_code, ["in_code", "beside_tests", "beside_a_test", "not_in_tests"]);
    }

    #[test]
    fn tests_in_a_file_of_their_own_are_found() {
        let text = "
//- crates/shop/Cargo.toml
[package]
name = \"the-shop\"
//- crates/shop/src/lib.rs
pub fn lookup() -> bool { std::env::var(\"FEATURE_X\").is_ok() }
#[cfg(test)]
mod tests;
//- crates/shop/src/tests.rs
use super::*;
#[test]
fn beside() { assert!(lookup()); }
//- crates/shop/tests/a.rs
use the_shop::lookup;
#[test]
fn from_outside() { assert!(lookup()); }
";
        let (sources, view) = crate::source::fixture(text);
        let rules = crate::rules::load_builtin();
        let (wanted, store) = (
            crate::index::Wanted::default(),
            crate::index::store::FactsStore::default(),
        );
        let index = crate::index::build::build(&sources, &view, &rules, &wanted, &store);
        let tests: Vec<&str> = index.tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(tests, ["beside", "from_outside"]);
    }
}
