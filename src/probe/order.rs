//! The command lines. Enters: a [`Suite`], what the flip asks for. Leaves: [`Order`]s: words for a program, never a line for a shell that a
//! file name could end up in.

use crate::source::RepoPath;

use super::lever::Step;
use super::manifest::Runner;
use super::suites::Suite;

/// The word of an order that stands for the file of its results.
pub const RESULTS: &str = "{results}";

/// What the results are written in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Written {
    /// The JSON of jest, which vitest writes too; or JUnit: the first letter tells.
    File,
    /// The lines of libtest, in the output.
    Lines,
    /// The events of `go test -json`, in the output.
    Events,
    /// The lines of Python's unittest, in the output.
    Verbose,
}

/// One program to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Who runs.
    pub runner: Runner,
    /// In which folder of the project.
    pub folder: String,
    /// The program and its arguments; [`RESULTS`] stands for a path.
    pub words: Vec<String>,
    /// Variables beside the ordinary ones; `None` takes one away.
    pub variables: Vec<(String, Option<String>)>,
    /// Where the results are.
    pub written: Written,
    /// The test files that it was made for.
    pub files: Vec<RepoPath>,
}

/// The programs that run the files of a suite, with the variables and features of `steps`.
#[must_use]
pub fn orders(suite: &Suite, steps: &[Step]) -> Vec<Order> {
    let files: Vec<RepoPath> = suite.files.iter().cloned().collect();
    let mut variables: Vec<(String, Option<String>)> = suite
        .named
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    for step in steps {
        if let Step::Variable { name, value, .. } = step {
            variables.push((name.clone(), value.clone()));
        }
    }
    let order = |words: Vec<String>, files: Vec<RepoPath>| Order {
        runner: suite.named.runner,
        folder: suite.named.folder.clone(),
        words,
        variables: variables.clone(),
        written: match suite.named.runner {
            Runner::Cargo => Written::Lines,
            Runner::Go => Written::Events,
            Runner::Unittest => Written::Verbose,
            _ => Written::File,
        },
        files,
    };
    match suite.named.runner {
        // Node's JUnit does not say in which file a test is: one run for each.
        Runner::Node => files
            .into_iter()
            .map(|file| order(node(suite, &file), vec![file]))
            .collect(),
        Runner::Vitest => vec![order(vitest(suite, &files), files)],
        Runner::Jest => vec![order(jest(suite, &files), files)],
        // The line names the functions of its one file.
        Runner::Go => vec![order(suite.named.words.clone(), files)],
        Runner::Unittest => unittest(suite, &files)
            .map(|words| order(words, files))
            .into_iter()
            .collect(),
        Runner::Pytest => vec![order(pytest(suite, &files), files)],
        Runner::Cargo => vec![order(cargo(suite, steps), files)],
        Runner::Command => vec![order(command(suite, &files), files)],
    }
}

/// A file as the program sees it from its folder.
fn seen_from(folder: &str, path: &RepoPath) -> String {
    let relative = path.as_str().strip_prefix(folder).unwrap_or(path.as_str());
    let relative = relative.trim_start_matches('/');
    // What begins with a dash would be taken for an option.
    if relative.starts_with('-') {
        format!("./{relative}")
    } else {
        relative.to_owned()
    }
}

fn vitest(suite: &Suite, files: &[RepoPath]) -> Vec<String> {
    let mut words = suite.named.words.clone();
    words.retain(|word| word != "watch" && word != "dev" && word != "--watch" && word != "--coverage");
    if words.get(1).is_none_or(|word| word != "run") {
        words.insert(1, "run".to_owned());
    }
    let results = format!("--outputFile={RESULTS}");
    words.extend(["--reporter=json", results.as_str(), "--coverage.enabled=false"].map(str::to_owned));
    words.extend(files.iter().map(|file| seen_from(&suite.named.folder, file)));
    words
}

fn jest(suite: &Suite, files: &[RepoPath]) -> Vec<String> {
    let mut words = suite.named.words.clone();
    words.retain(|word| !word.starts_with("--watch") && word != "--coverage");
    let results = format!("--outputFile={RESULTS}");
    let more = [
        "--json",
        results.as_str(),
        "--ci",
        "--coverage=false",
        "--watchAll=false",
        "--runTestsByPath",
    ];
    words.extend(more.map(str::to_owned));
    words.extend(files.iter().map(|file| seen_from(&suite.named.folder, file)));
    words
}

/// The line up to its first file: what follows that is taken for the program's own arguments.
fn node(suite: &Suite, file: &RepoPath) -> Vec<String> {
    const WITH_VALUE: [&str; 8] = [
        "--import",
        "-r",
        "--require",
        "--loader",
        "--experimental-loader",
        "--env-file",
        "--conditions",
        "-C",
    ];
    let mut words: Vec<String> = Vec::new();
    let mut given = suite.named.words.iter().peekable();
    words.extend(given.next().cloned());
    while let Some(word) = given.next() {
        if !word.starts_with('-') {
            break;
        }
        if word == "--watch" || word.starts_with("--test-reporter") || word.contains("coverage") {
            continue;
        }
        words.push(word.clone());
        if WITH_VALUE.contains(&word.as_str()) {
            words.extend(given.next().cloned());
        }
    }
    if !words.iter().any(|word| word == "--test") {
        words.push("--test".to_owned());
    }
    let results = format!("--test-reporter-destination={RESULTS}");
    words.extend([
        "--test-reporter=junit".to_owned(),
        results,
        seen_from(&suite.named.folder, file),
    ]);
    words
}

/// In the older form of JUnit pytest says in which file a test is.
fn pytest(suite: &Suite, files: &[RepoPath]) -> Vec<String> {
    let mut words = suite.named.words.clone();
    let results = format!("--junitxml={RESULTS}");
    words.extend([results.as_str(), "-o", "junit_family=xunit1", "-p", "no:cacheprovider"].map(str::to_owned));
    words.extend(files.iter().map(|file| seen_from(&suite.named.folder, file)));
    words
}

/// Modules by their dotted names; `None` where no file has one: a line that names none would run every test of the project.
fn unittest(suite: &Suite, files: &[RepoPath]) -> Option<Vec<String>> {
    let modules = files
        .iter()
        .filter_map(|file| super::python::module(&seen_from(&suite.named.folder, file)));
    let modules: Vec<String> = modules.collect();
    let words = suite.named.words.iter().cloned();
    (!modules.is_empty()).then(|| words.chain(modules).collect())
}

fn cargo(suite: &Suite, steps: &[Step]) -> Vec<String> {
    let package = suite.named.words.first().cloned().unwrap_or_default();
    let mut words: Vec<String> = ["cargo", "test", "--no-fail-fast", "--color=never", "--package"]
        .map(str::to_owned)
        .to_vec();
    words.push(package);
    for step in steps {
        if let Step::Feature { folder, name, .. } = step
            && *folder == suite.named.folder
        {
            words.extend(["--features".to_owned(), name.clone()]);
        }
    }
    words
}

/// The project's own line, for the shell; the files are its arguments, and where the results go is in `FLAGMAN_RESULTS`.
fn command(suite: &Suite, files: &[RepoPath]) -> Vec<String> {
    let line = suite.named.words.first().cloned().unwrap_or_default();
    let mut words = vec!["/bin/sh".to_owned(), "-c".to_owned(), line, "flagman-probe".to_owned()];
    words.extend(files.iter().map(|file| file.as_str().to_owned()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::manifest::Named;

    fn words(runner: Runner, line: &[&str], steps: &[Step]) -> Vec<String> {
        let suite = Suite {
            named: Named {
                runner,
                folder: "api".to_owned(),
                variables: Vec::new(),
                words: line.iter().map(|word| (*word).to_owned()).collect(),
            },
            files: [RepoPath::new("api/src/a b.test.ts").expect("a path")].into(),
        };
        let mut orders = orders(&suite, steps);
        assert_eq!(orders.len(), 1);
        orders.remove(0).words
    }

    #[test]
    fn each_runner_is_told_its_files_and_where_its_results_go() {
        assert_eq!(
            words(Runner::Vitest, &["vitest", "--config", "v.ts"], &[]).join("|"),
            "vitest|run|--config|v.ts|--reporter=json|--outputFile={results}|--coverage.enabled=false|src/a b.test.ts"
        );
        assert_eq!(
            words(Runner::Node, &["node", "--import", "tsx", "--test", "src/*.ts"], &[]).join("|"),
            "node|--import|tsx|--test|--test-reporter=junit|--test-reporter-destination={results}|src/a b.test.ts"
        );
        assert_eq!(
            words(Runner::Pytest, &["python3", "-m", "pytest"], &[]).join("|"),
            "python3|-m|pytest|--junitxml={results}|-o|junit_family=xunit1|-p|no:cacheprovider|src/a b.test.ts"
        );
        let jest = words(Runner::Jest, &["jest", "--watch", "--runInBand"], &[]);
        assert!(
            jest.starts_with(&["jest".to_owned(), "--runInBand".to_owned()]),
            "{jest:?}"
        );
    }

    #[test]
    fn unittest_is_never_told_nothing() {
        let of = |files: &[&str]| {
            let suite = Suite {
                named: Named {
                    runner: Runner::Unittest,
                    folder: "api".to_owned(),
                    variables: Vec::new(),
                    words: ["python3", "-m", "unittest", "-v"].map(str::to_owned).to_vec(),
                },
                files: files.iter().filter_map(|file| RepoPath::new(file)).collect(),
            };
            let orders = orders(&suite, &[]).into_iter().map(|order| order.words.join(" "));
            orders.collect::<Vec<_>>()
        };
        assert_eq!(
            of(&["api/tests/test-cart.py", "api/tests/cart.v2.py"]),
            ["python3 -m unittest -v tests.test-cart"]
        );
        assert!(of(&["api/tests/cart.v2.py"]).is_empty());
    }

    #[test]
    fn a_feature_is_asked_for_in_its_own_package_only() {
        let feature = |folder: &str| Step::Feature {
            folder: folder.to_owned(),
            name: "fast".to_owned(),
            place: crate::source::Bytes::new(0, 0).in_file(crate::source::FileId(0)),
        };
        assert!(
            words(Runner::Cargo, &["api"], &[feature("api")]).ends_with(&["--features".to_owned(), "fast".to_owned()])
        );
        assert!(words(Runner::Cargo, &["api"], &[feature("web")]).ends_with(&["api".to_owned()]));
    }
}
