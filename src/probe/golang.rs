//! How `go test` is told to run the tests of one file. Enters: the tests of a file, the module around it. Leaves: [`Named`]: the line runs the
//! functions of that file alone (`-run '^(TestA|TestB)$'`), since a package's results do not say in which file a test is.

use std::collections::BTreeSet;

use crate::analysis::Analysis;
use crate::index::build_tags;
use crate::source::RepoPath;

use super::manifest::{Named, Runner, nearest_with};

/// More functions than these are more than a line of arguments should hold.
const MOST_NAMES: usize = 400;

/// The program in charge of a test file.
///
/// # Errors
/// A sentence: why there is none.
pub(super) fn in_charge(analysis: &Analysis, path: &RepoPath) -> Result<Named, String> {
    let folder = nearest_with(&analysis.base, path, &["go.mod"]).ok_or("no go.mod around it")?;
    let own = analysis.index.tests.iter().filter(|test| test.path == *path);
    let names: BTreeSet<&str> = own
        .map(|test| test.suite.first().map_or(test.name.as_str(), String::as_str))
        .filter(|name| is_function(name))
        .collect();
    if names.is_empty() {
        return Err(
            "go test runs functions (TestX), and none was found in it: methods of a suite are run by another"
                .to_owned(),
        );
    }
    if names.len() > MOST_NAMES {
        return Err(format!("it has more than {MOST_NAMES} test functions"));
    }
    let names: Vec<&str> = names.into_iter().collect();
    let below = path.parent().strip_prefix(folder.as_str()).unwrap_or(path.parent());
    let package = format!("./{}", below.trim_matches('/'));
    let mut words: Vec<String> = ["go", "test", "-json", "-count=1"].map(str::to_owned).to_vec();
    let tags = analysis
        .index
        .files
        .get(path)
        .map(|facts| build_tags::needed(&facts.text))
        .unwrap_or_default();
    if !tags.is_empty() {
        words.push(format!("-tags={}", tags.join(",")));
    }
    words.extend(["-run".to_owned(), format!("^({})$", names.join("|")), package]);
    Ok(Named {
        runner: Runner::Go,
        folder,
        variables: Vec::new(),
        words,
    })
}

/// A name that `go test -run` takes for a function and nothing else.
fn is_function(name: &str) -> bool {
    let starts = ["Test", "Fuzz", "Example"].iter().any(|start| name.starts_with(start));
    starts && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
