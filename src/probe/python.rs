//! Which program runs a Python test file. Enters: the folders around it, the rule that found its tests. Leaves: [`Named`]: pytest where the
//! project names it, the project's own `manage.py` or unittest where the tests are unittest's.

use crate::analysis::Analysis;
use crate::source::RepoPath;

use super::manifest::{Named, Runner, nearest_with, within};

/// Files whose presence alone says pytest.
const OF_PYTEST: [&str; 3] = ["pytest.ini", ".pytest.ini", "conftest.py"];
/// Files that name pytest where the project uses it.
const MAY_NAME: [&str; 12] = [
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    "setup.py",
    "Pipfile",
    "noxfile.py",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-test.txt",
    "dev-requirements.txt",
    "test-requirements.txt",
    "requirements/test.txt",
];
/// Files from whose folder tests are run.
const ROOTS: [&str; 6] = [
    "pytest.ini",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    "setup.py",
    "manage.py",
];

/// The program in charge of a test file whose tests the rule `rule` found.
///
/// # Errors
/// Why nobody is: unittest imports by words, and a path may be none.
pub(super) fn in_charge(analysis: &Analysis, path: &RepoPath, rule: &str) -> Result<Named, String> {
    let named = |runner, folder: String, words: &[&str]| Named {
        runner,
        folder,
        variables: Vec::new(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let folder = nearest_with(&analysis.base, path, &ROOTS).unwrap_or_default();
    if !rule.starts_with("python/unittest/") || names_pytest(analysis, path) {
        return Ok(named(Runner::Pytest, folder, &["python3", "-m", "pytest"]));
    }
    let named = match nearest_with(&analysis.base, path, &["manage.py"]) {
        Some(folder) => named(Runner::Unittest, folder, &["python3", "manage.py", "test", "-v", "2"]),
        None => named(Runner::Unittest, folder, &["python3", "-m", "unittest", "-v"]),
    };
    let relative = path.as_str().strip_prefix(&named.folder).unwrap_or(path.as_str());
    match module(relative.trim_start_matches('/')) {
        Some(_) => Ok(named),
        None => Err(
            "unittest imports its tests by their path, and this one is no name of a module; rename it, or use pytest"
                .to_owned(),
        ),
    }
}

/// True if a file around the test says that pytest runs it.
fn names_pytest(analysis: &Analysis, path: &RepoPath) -> bool {
    let mut folder = path.parent();
    loop {
        let there = |name: &&str| within(folder, name).filter(|path| analysis.base.exists(path));
        if OF_PYTEST.iter().any(|name| there(name).is_some()) {
            return true;
        }
        let says = |path: RepoPath| {
            let file = analysis.base.files.get(&path);
            file.is_some_and(|file| analysis.sources.file(*file).text.contains("pytest"))
        };
        if MAY_NAME.iter().filter_map(there).any(says) {
            return true;
        }
        match folder.rsplit_once('/') {
            Some((above, _)) => folder = above,
            None if folder.is_empty() => return false,
            None => folder = "",
        }
    }
}

/// `tests/test_cart.py` as unittest is told it: `tests.test_cart`. It imports by these words, whatever signs are in them (`tests.01-cart`);
/// `None` for a path with a dot in a name, which no module has.
pub(super) fn module(relative: &str) -> Option<String> {
    let stem = relative.strip_suffix(".py")?;
    let is_name = |part: &str| !part.is_empty() && !part.contains(['.', '\n']);
    let is_option = stem.starts_with('-');
    (!is_option && stem.split('/').all(is_name)).then(|| stem.replace('/', "."))
}

#[cfg(test)]
mod tests {
    use super::module;

    #[test]
    fn a_test_file_is_named_as_it_is_imported() {
        for (path, expected) in [
            ("tests/test_cart.py", Some("tests.test_cart")),
            ("tests/test-cart.py", Some("tests.test-cart")),
            ("2fa/01_login.py", Some("2fa.01_login")),
            ("tests/cart.v2.py", None),
            (".tox/test_a.py", None),
            ("-v.py", None),
        ] {
            assert_eq!(module(path).as_deref(), expected, "{path}");
        }
    }
}
