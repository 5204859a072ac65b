//! Does what stands around a test run for it? Enters: a test and a place of its file. Leaves: no, where the place stands in a function, a fixture or
//! a value that is named and that nothing but other tests names.

use crate::index::{CodeIndex, TestCase};
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// Functions that a runner calls without being told to.
const HOOKS: &[&str] = &[
    // A fixture that plugins ask for by its name.
    "app",
    "create_app",
    "init",
    "setup",
    "setUp",
    "asyncSetUp",
    "setUpClass",
    "setUpModule",
    "setUpTestData",
    "setup_class",
    "setup_function",
    "setup_method",
    "setup_module",
    "SetupSuite",
    "SetupTest",
    "SetupSubTest",
    "BeforeTest",
    "TestMain",
];
/// Beginnings of the names of functions by which pytest itself is set up.
const OF_RUNNER: &str = "pytest_";

/// A test and what stands around it.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// The test.
    pub(super) case: &'a TestCase,
    /// Its file.
    pub(super) facts: &'a FileFacts,
    /// The other tests of the file.
    pub(super) others: &'a [Bytes],
}

impl Around<'_> {
    /// True if a place of the test's file may run for the test.
    pub(super) fn runs(&self, id: NodeId) -> bool {
        // Where annotations say what runs before a test, a name says nothing.
        let by_name = !matches!(
            self.facts.language,
            Language::Java | Language::Kotlin | Language::CSharp
        );
        match self.holder(id).filter(|_| by_name) {
            None => true,
            Some((name, holder)) => {
                let whole = self.facts.tree.bytes(holder);
                HOOKS.contains(&name)
                    || name.starts_with(OF_RUNNER)
                    || self.facts.slice(whole).contains("autouse")
                    // A fixture of another name than its function's.
                    || self.facts.slice(whole).contains("name=")
                    || self.says(name, whole)
            }
        }
    }

    /// The outermost named function or value that a place stands in and the test does not.
    fn holder(&self, id: NodeId) -> Option<(&str, NodeId)> {
        let (facts, tree) = (self.facts, &self.facts.tree);
        let named = |up: NodeId| match tree.syntax(up) {
            Syntax::Function(of) => Some((&*of.name.as_ref()?.0, up)),
            Syntax::Let { pattern, .. } if matches!(tree.syntax(*pattern), Syntax::Name) => {
                Some((facts.words(*pattern), up))
            }
            _ => None,
        };
        let apart = |up: &NodeId| !tree.bytes(*up).contains(self.case.span.bytes);
        tree.ancestors(id).filter(apart).filter_map(named).last()
    }

    /// True if the name stands in the test, or in what it shares with others, elsewhere than in what it names.
    fn says(&self, name: &str, whole: Bytes) -> bool {
        let own = |at: u32| whole.start <= at && at < whole.end;
        // A test around this one (`t.Run`) is no other.
        let others = self.others.iter().filter(|other| !other.contains(self.case.span.bytes));
        let foreign = |at: u32| others.clone().any(|other| other.start <= at && at < other.end);
        named(self.facts, name).any(|at| !own(at) && !foreign(at))
    }
}

/// True for a place in a fixture of a `conftest.py` that tests of other files ask for by its name, and neither the file of this test nor
/// another fixture does. What nobody names may be asked for by plugins.
pub(super) fn is_for_others(
    index: &CodeIndex,
    case: &TestCase,
    shared: &[&FileFacts],
    at: (&FileFacts, NodeId),
) -> bool {
    let (facts, id) = at;
    let functions = facts.tree.ancestors(id).filter_map(|up| match facts.tree.syntax(up) {
        Syntax::Function(of) => Some((up, of)),
        _ => None,
    });
    let Some((whole, of)) = functions.last() else {
        return false;
    };
    let Some((name, _)) = &of.name else { return false };
    let said = |id: &NodeId| facts.words(*id);
    let is_fixture = of.decorators.iter().map(said).any(|words| words.contains("fixture"));
    let by_itself = of
        .decorators
        .iter()
        .map(said)
        .any(|words| words.contains("autouse") || words.contains("name="));
    if !is_fixture || by_itself || HOOKS.contains(&&**name) || name.starts_with(OF_RUNNER) {
        return false;
    }
    let own = facts.tree.bytes(whole);
    let asked = |of: &FileFacts| {
        of.text
            .match_indices(&**name)
            .map(|(at, _)| Bytes::new(at, at).start)
            .any(|at| of.file != facts.file || !(own.start <= at && at < own.end))
    };
    let near = index.files.get(&case.path).is_none_or(|of| asked(of)) || shared.iter().any(|of| asked(of));
    let tests = index
        .tests
        .iter()
        .map(|test| &test.path)
        .filter(|path| **path != case.path);
    let mut others = tests.filter_map(|path| index.files.get(path));
    !near && others.any(|of| named(of, name).next().is_some())
}

/// Where a name stands as a word of its own.
fn named<'a>(facts: &'a FileFacts, name: &'a str) -> impl Iterator<Item = u32> + 'a {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let found = facts.text.match_indices(name).filter(move |(at, _)| {
        let before = facts.text[..*at].chars().next_back();
        let after = facts.text[at + name.len()..].chars().next();
        let quoted = before.is_some_and(|c| matches!(c, '\'' | '"' | '`'));
        let part = before.is_some_and(is_word) || after.is_some_and(is_word);
        // A text names a fixture only where fixtures are asked for.
        !part && (!quoted || asks_for_fixtures(facts, *at))
    });
    found.map(|(at, _)| Bytes::new(at, at).start)
}

fn asks_for_fixtures(facts: &FileFacts, at: usize) -> bool {
    let start = facts.text[..at].rfind('\n').map_or(0, |at| at + 1);
    let open = facts.text[..at].rfind('(').map_or("", |open| &facts.text[..open]);
    facts.text[start..at].contains("fixture") || open.ends_with("fixtures")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Around;
    use crate::index::TestCase;
    use crate::lang::tree::{NodeId, Syntax};
    use crate::lang::{self, Language};
    use crate::source::{Bytes, FileId, RepoPath};

    /// Whether the text `'T'` may run for the test that has `'MINE'` in it; `'THEIRS'` stands in another one.
    #[track_caller]
    fn check(language: Language, path: &str, text: &str, expected: bool) {
        let path = RepoPath::new(path).expect("a path");
        let facts = lang::read(FileId(0), &path, &Arc::from(text), language, &[]);
        let of = |word: &str| {
            let is_it = |id: &NodeId| matches!(facts.tree.syntax(*id), Syntax::Text(of) if &**of == word);
            facts.tree.ids().find(is_it)
        };
        let around = |id: NodeId| {
            let mut up = facts
                .tree
                .ancestors(id)
                .filter(|up| matches!(facts.tree.syntax(*up), Syntax::Function(_)));
            facts.tree.bytes(up.next().expect("a test"))
        };
        let span = around(of("MINE").expect("a test of ours")).in_file(facts.file);
        let others: Vec<Bytes> = of("THEIRS").map(around).into_iter().collect();
        let case = TestCase {
            path: path.clone(),
            span,
            title_span: span,
            suite: Vec::new(),
            suite_spans: Vec::new(),
            name: String::new(),
            bodies: vec![span],
            gate: None,
            table: false,
            rule: String::new(),
        };
        let around = Around {
            case: &case,
            facts: &facts,
            others: &others,
        };
        assert_eq!(around.runs(of("T").expect("a text")), expected, "{text}");
    }

    #[test]
    fn what_only_another_test_names_does_not_run() {
        let (ts, python, go, rust) = (Language::TypeScript, Language::Python, Language::Go, Language::Rust);
        let of_ts = "a.test.ts";
        for text in [
            "function on() { set('T'); } it('a', () => { x('MINE'); }); it('b', () => { on(); x('THEIRS'); });",
            "const on = () => set('T'); it('a', () => { x('MINE'); }); it('b', () => { on(); x('THEIRS'); });",
            "const flags = { a: 'T' }; it('a', () => { x('MINE'); }); it('b', () => { go(flags); x('THEIRS'); });",
        ] {
            check(ts, of_ts, text, false);
        }
        check(
            python,
            "a.py",
            "@pytest.fixture\ndef on():\n    set('T')\ndef test_a():\n    x('MINE')\ndef test_b(on):\n    x('THEIRS')\n",
            false,
        );
        check(
            go,
            "a_test.go",
            "package a\nfunc on() { set(\"T\") }\nfunc TestA(t *testing.T) { x(\"MINE\") }\nfunc TestB(t *testing.T) { on(); x(\"THEIRS\") }\n",
            false,
        );
        check(
            rust,
            "a.rs",
            "fn on() { set(\"T\") }\nfn a() { x(\"MINE\") }\nfn b() { on(); x(\"THEIRS\") }\n",
            false,
        );
    }

    #[test]
    fn what_runs_before_every_test_or_is_named_does() {
        let (ts, python, go) = (Language::TypeScript, Language::Python, Language::Go);
        let of_ts = "a.test.ts";
        for text in [
            "set('T'); it('a', () => { x('MINE'); });",
            "beforeEach(() => { set('T'); }); it('a', () => { x('MINE'); });",
            "const on = () => set('T'); beforeEach(on); it('a', () => { x('MINE'); });",
            "const on = () => set('T'); it('a', () => { on(); x('MINE'); });",
        ] {
            check(ts, of_ts, text, true);
        }
        for text in [
            "@pytest.fixture(autouse=True)\ndef on():\n    set('T')\ndef test_a():\n    x('MINE')\n",
            "@pytest.fixture\ndef on():\n    set('T')\ndef test_a(on):\n    x('MINE')\n",
            "@pytest.fixture\ndef on():\n    set('T')\n@pytest.mark.usefixtures('on')\ndef test_a():\n    x('MINE')\n",
            "def setup_module():\n    set('T')\ndef test_a():\n    x('MINE')\n",
        ] {
            check(python, "a.py", text, true);
        }
        check(
            go,
            "a_test.go",
            "package a\nfunc TestMain(m *testing.M) { set(\"T\") }\nfunc TestA(t *testing.T) { x(\"MINE\") }\n",
            true,
        );
    }
}
