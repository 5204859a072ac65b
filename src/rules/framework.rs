//! How a test framework's tests look, as data. Enters and leaves: nothing; the matcher follows it (`index::matching::framework`).

use super::shape::Globs;

/// When a hook runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum HookKind {
    /// Once, before the tests of its suite.
    BeforeAll,
    /// Before each test of its suite.
    BeforeEach,
    /// After each test of its suite.
    AfterEach,
    /// Once, after the tests of its suite.
    AfterAll,
}

/// The ways in which a framework says one thing (that this is a test, that it is skipped, …).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Signs {
    /// Calls of these dotted names (`it`, `test.describe`).
    pub calls: Vec<String>,
    /// Words between the name and the call (`it.skip(…)`).
    pub modifiers: Vec<String>,
    /// Words with an argument between the name and the call, whose condition must hold (`it.runIf(c)(…)`), or must not (`skipIf`).
    pub conditions: Vec<String>,
    /// Attributes or decorators by their last word (`ignore`).
    pub attributes: Vec<String>,
    /// The end of an attribute's last word (`test` for `tokio::test`, `gpui::test`).
    pub attribute_suffix: Option<String>,
    /// The begin of a function's name (`Test`).
    pub functions: Vec<String>,
    /// The begin of a method's name, whatever its type is.
    pub methods: Vec<String>,
    /// The type of the only parameter (`testing.T`).
    pub param: Option<String>,
    /// Truthy options in an object argument (`{ skip: true }`).
    pub options: Vec<String>,
    /// Calls of these dotted names inside the body (`this.skip`, `t.skip`).
    pub inside: Vec<String>,
    /// A module under `#[cfg(…)]` of this word.
    pub module_cfg: Option<String>,
}

/// How a framework's tests look.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FrameworkRule {
    /// A test.
    pub test: Signs,
    /// A suite of tests.
    pub suite: Signs,
    /// Hooks, by when they run: dotted names of calls.
    pub hooks: Vec<(HookKind, Vec<String>)>,
    /// It does not run. Its `conditions` are those under which it is skipped.
    pub skip: Signs,
    /// It runs where a condition holds (`runIf`).
    pub run: Signs,
    /// Only it runs.
    pub only: Signs,
    /// It is written to be done.
    pub todo: Signs,
    /// It is expected to fail.
    pub expect_fail: Signs,
    /// It runs once for each row.
    pub table: Signs,
    /// A function that runs before each test that names it as a parameter; before all of them where it says `autouse=True`.
    pub fixture: Signs,
    /// Words between the name and the call that change nothing for us (`concurrent`).
    pub neutral: Vec<String>,
    /// Globs of test files.
    pub files: Globs,
    /// Globs of set-up files, which run before every test.
    pub setup_files: Globs,
}
