//! The house keeps its shape: who may import whom, which crates stay in which room, how large a file may be, and that what is
//! registered in two places agrees.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. Widening a row is one line that a reviewer sees; ARCHITECTURE.md says why each is there.
const IMPORTS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("nearest", &[]),
    ("flag", &["source"]),
    ("lang", &["source"]),
    ("rules", &["source", "nearest", "flag", "lang"]),
    ("config", &["source", "nearest", "flag"]),
    ("git", &["source"]),
    ("process", &[]),
    ("workspace", &["source", "lang"]),
    ("conflict", &["source", "flag", "git", "lang", "index"]),
    ("guard", &["git", "conflict"]),
    ("prd", &["source", "nearest", "flag", "rules"]),
    ("index", &["source", "flag", "rules", "lang"]),
    ("touchpoint", &["source", "nearest", "flag", "prd", "index"]),
    ("assumption", &["source", "flag", "lang", "prd", "index", "touchpoint"]),
    ("graph", &["source", "flag", "prd", "index", "touchpoint", "assumption"]),
    ("plan", &["flag", "prd", "graph"]),
    (
        "check",
        &[
            "source",
            "conflict",
            "nearest",
            "flag",
            "lang",
            "prd",
            "index",
            "touchpoint",
            "assumption",
            "graph",
            "plan",
        ],
    ),
    ("gate", &["prd", "plan", "check"]),
    (
        "analysis",
        &[
            "source",
            "flag",
            "rules",
            "prd",
            "index",
            "touchpoint",
            "assumption",
            "graph",
            "plan",
            "check",
        ],
    ),
    (
        "terms",
        &[
            "source",
            "flag",
            "prd",
            "touchpoint",
            "assumption",
            "graph",
            "plan",
            "analysis",
        ],
    ),
    (
        "drift",
        &["source", "lang", "conflict", "prd", "touchpoint", "graph", "analysis"],
    ),
    ("life", &["source", "flag", "prd", "index", "assumption", "analysis"]),
    (
        "flip",
        &[
            "source",
            "flag",
            "prd",
            "index",
            "assumption",
            "plan",
            "check",
            "gate",
            "analysis",
            "life",
        ],
    ),
    (
        "report",
        &[
            "source",
            "flag",
            "rules",
            "prd",
            "index",
            "conflict",
            "guard",
            "touchpoint",
            "assumption",
            "graph",
            "plan",
            "check",
            "gate",
            "analysis",
            "probe",
            "life",
            "terms",
            "drift",
            "flip",
        ],
    ),
    ("probe", &["source", "flag", "index", "assumption", "analysis"]),
    ("scratch", &["source", "git", "process", "probe"]),
    ("dispatch", &["source", "flag", "prd", "plan", "gate", "git", "process"]),
];

/// Crates (and parts of `std`) that are named in these rooms only.
const ROOMS: &[(&str, &[&str])] = &[
    ("tree_sitter", &["lang"]),
    ("syn", &["lang"]),
    ("petgraph", &["graph", "plan"]),
    ("oxc_resolver", &["index"]),
    ("sqlparser", &["index"]),
    ("pulldown_cmark", &["prd"]),
    ("annotate_snippets", &["report"]),
    ("clap", &["cli"]),
    (
        "std::fs",
        &["workspace", "git", "dispatch", "cli", "process", "scratch"],
    ),
    ("std::process", &["git", "dispatch", "cli", "process", "scratch"]),
    ("std::env", &["git", "dispatch", "cli", "process", "scratch"]),
    ("std::time::SystemTime", &["dispatch", "cli"]),
    ("jiff", &["dispatch", "cli"]),
];

/// The most lines of a source file; beyond it there is a second noun inside.
const MOST_LINES: usize = 450;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut stack = vec![folder.to_owned()];
    while let Some(folder) = stack.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                stack.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The stage that a source file belongs to, and its text without its inline tests and comments.
fn stages() -> Vec<(String, PathBuf, String)> {
    let source = root().join("src");
    let files = files_below(&source, "rs").into_iter().map(|path| {
        let relative = path.strip_prefix(&source).unwrap().to_owned();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let stage = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or("");
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        (stage, relative, code.join("\n"))
    });
    files
        .filter(|(stage, path, _)| stage != "lib" && stage != "main" && !is_test(path))
        .collect()
}

fn is_test(path: &Path) -> bool {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or("");
    name == "tests" || name == "laws" || path.components().any(|part| part.as_os_str() == "tests")
}

/// The top-level modules that a text names as `crate::…`.
fn imported(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap_or("");
            found.extend(
                group
                    .split(',')
                    .map(|part| part.trim().split("::").next().unwrap_or("").to_owned()),
            );
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn every_stage_imports_only_what_stands_before_it() {
    let table: BTreeMap<&str, BTreeSet<&str>> = IMPORTS
        .iter()
        .map(|(stage, allowed)| (*stage, allowed.iter().copied().collect()))
        .collect();
    let modules: BTreeSet<&str> = table.keys().copied().chain(["cli"]).collect();
    let mut wrong = Vec::new();
    for (stage, path, text) in stages().iter().filter(|(stage, ..)| stage != "cli") {
        let allowed = table
            .get(stage.as_str())
            .unwrap_or_else(|| panic!("`{stage}` has no row in the table"));
        for name in imported(text) {
            if modules.contains(name.as_str()) && name != *stage && !allowed.contains(name.as_str()) {
                wrong.push(format!("{}: `{stage}` may not import `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (stage, path, text) in stages() {
        for (name, rooms) in ROOMS {
            let named = text.match_indices(&format!("{name}::")).any(|(at, _)| {
                !text[..at]
                    .chars()
                    .next_back()
                    .is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            });
            if named && !rooms.contains(&stage.as_str()) {
                wrong.push(format!("{}: `{name}` is not for `{stage}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_fits_on_a_few_screens() {
    let mut wrong = Vec::new();
    for path in files_below(&root().join("src"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            wrong.push(format!("{} does not open with //!", path.display()));
        }
        let lines = text.lines().count();
        if lines > MOST_LINES && !is_test(&path) {
            wrong.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_four_names_of_a_check_agree() {
    let ids: BTreeSet<String> = flagman::check::CHECKS.iter().map(|check| check.id.to_owned()).collect();
    let stems = |folder: &str, extension: &str, skip: &[&str]| -> BTreeSet<String> {
        let files = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        files
            .filter(|path| extension.is_empty() == path.is_dir())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"))
            .filter(|stem| !skip.contains(&stem.as_str()))
            .collect()
    };
    assert_eq!(
        stems("src/check", "rs", &["mod", "commands", "finding", "fate", "dark-reach"]),
        ids,
        "src/check"
    );
    assert_eq!(stems("rules/checks", "md", &[]), ids, "rules/checks");
    assert_eq!(stems("fixtures/checks", "", &[]), ids, "fixtures/checks");
}

#[test]
fn the_first_commands_of_the_readme_are_the_ones_that_ci_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let block = readme
        .split("```sh\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let commands: Vec<&str> = block
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    assert_eq!(commands.len(), 2, "the README opens with two commands: {commands:?}");
    let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
    assert!(ci.contains(commands[1]), ".ci/run calls `{}`", commands[1]);
}
