//! Which program runs which test files. Enters: test files. Leaves: [`Suite`]s, one for each program and folder, and the files that nobody
//! is known to run, with the reason.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::source::RepoPath;

use super::manifest::{Named, Runner, package_of, runner_of, within};

/// Test files that one program runs from one folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suite {
    /// The program.
    pub named: Named,
    /// Its test files, sorted.
    pub files: BTreeSet<RepoPath>,
}

/// A test file that nobody is known to run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unrun {
    /// Which.
    pub path: RepoPath,
    /// Why.
    pub why: String,
}

/// The suites of these files; with `command` it runs all of them.
#[must_use]
pub fn suites(analysis: &Analysis, files: &BTreeSet<RepoPath>, command: Option<&str>) -> (Vec<Suite>, Vec<Unrun>) {
    let rules = rules_of(analysis);
    let mut found: BTreeMap<Named, BTreeSet<RepoPath>> = BTreeMap::new();
    let mut unrun = Vec::new();
    for path in files {
        let named = match command {
            Some(line) => Ok(Named {
                runner: Runner::Command,
                folder: String::new(),
                variables: Vec::new(),
                words: vec![line.to_owned()],
            }),
            None => in_charge(analysis, path, rules.get(path).map_or("", String::as_str)),
        };
        match named {
            Ok(named) => {
                found.entry(named).or_default().insert(path.clone());
            }
            Err(why) => unrun.push(Unrun {
                path: path.clone(),
                why,
            }),
        }
    }
    let suites = found.into_iter().map(|(named, files)| Suite { named, files });
    (suites.collect(), unrun)
}

/// The rule that found the tests of each file.
fn rules_of(analysis: &Analysis) -> BTreeMap<&RepoPath, String> {
    let tests = analysis.index.tests.iter().rev();
    tests.map(|test| (&test.path, test.rule.clone())).collect()
}

fn in_charge(analysis: &Analysis, path: &RepoPath, rule: &str) -> Result<Named, String> {
    match path.extension() {
        "rs" => return cargo(analysis, path),
        "py" => return super::python::in_charge(analysis, path, rule),
        "go" => return super::golang::in_charge(analysis, path),
        _ => {}
    }
    if rule.starts_with("js/playwright/") || rule.starts_with("js/cypress/") {
        return Err("tests in a browser are not run by probe".to_owned());
    }
    let own = match rule.split('/').nth(1) {
        Some("vitest") => Some(Runner::Vitest),
        Some("node-test") => Some(Runner::Node),
        _ => None,
    };
    let (sources, view) = (&analysis.sources, &analysis.base);
    if let Some(named) = runner_of(sources, view, path, own)
        .or_else(|| runner_of(sources, view, path, None).filter(|_| own != Some(Runner::Node)))
    {
        return Ok(named);
    }
    if own == Some(Runner::Node) {
        let folder = package_of(view, path, "package.json").unwrap_or_default();
        return Ok(Named {
            runner: Runner::Node,
            folder,
            variables: Vec::new(),
            words: vec!["node".to_owned(), "--test".to_owned()],
        });
    }
    Err(
        "no package.json around it names vitest, jest or node --test; name a command (probe.command in flagman.toml)"
            .to_owned(),
    )
}

fn cargo(analysis: &Analysis, path: &RepoPath) -> Result<Named, String> {
    let folder = package_of(&analysis.base, path, "Cargo.toml").ok_or("no Cargo.toml around it")?;
    let manifest = within(&folder, "Cargo.toml").ok_or("no Cargo.toml around it")?;
    let text = analysis
        .base
        .files
        .get(&manifest)
        .map(|file| &*analysis.sources.file(*file).text);
    let table: toml::Table = text
        .and_then(|text| text.parse().ok())
        .ok_or("its Cargo.toml cannot be read")?;
    let name = table
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str);
    let name = name.ok_or("its Cargo.toml names no package")?;
    Ok(Named {
        runner: Runner::Cargo,
        folder,
        variables: Vec::new(),
        words: vec![name.to_owned()],
    })
}
