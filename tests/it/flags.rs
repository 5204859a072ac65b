//! What the built-in rules and the engine make of flags as people write them: one small project for each SDK, each way of naming a
//! flag and each kind of guard, under `fixtures/flags`. Lines that begin with `= ` say what must be found, no more and no less.

use std::fs;
use std::path::Path;

use flagman::index::store::FactsStore;
use flagman::index::{CodeIndex, Wanted, build};
use flagman::lang::Language;
use flagman::rules::RuleSet;
use flagman::source::{RepoPath, Sources, Span, fixture};

/// The rules as they are in the tree.
fn rules(folder: &Path) -> RuleSet {
    let mut rules = RuleSet::default();
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        if let Err(errors) = rules.add_project(&text, &path.to_string_lossy()) {
            panic!("{errors:?}");
        }
    }
    rules
}

fn place(sources: &Sources, span: Span) -> String {
    format!("{}:{}", sources.path(span.file), sources.start(span).line)
}

fn folded(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches(';').to_owned()
}

/// Definitions, reads, what is dynamic, and guards, one a line.
fn shown(sources: &Sources, index: &CodeIndex) -> Vec<String> {
    let definitions = index
        .definitions
        .iter()
        .map(|of| format!("def {} {} {}", place(sources, of.span), of.key, of.declared));
    let reads = index.reads.iter().map(|read| {
        let mut line = format!("read {} {}", place(sources, read.span), read.key);
        if read.negative {
            line += " !";
        }
        if !read.via.is_empty() {
            line += &format!(" via {}", read.via.join(">"));
        }
        if let Some(fallback) = read.fallback {
            line += &format!(" else {fallback}");
        }
        line
    });
    let dynamic = index
        .dynamic
        .iter()
        .map(|read| format!("dynamic {}", place(sources, read.span)));
    let guards = index.guards.iter().map(|guard| {
        let when = guard
            .when
            .iter()
            .map(|literal| format!("{}={}", literal.key, literal.value));
        let when = when.collect::<Vec<_>>().join(if guard.any { "|" } else { " " });
        format!("when {when}: {}", folded(sources.text(guard.region)))
    });
    definitions.chain(reads).chain(dynamic).chain(guards).collect()
}

#[test]
fn flags_as_people_write_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules = rules(&root.join("rules/flags"));
    let only = std::env::var("FLAGMAN_FIXTURE").unwrap_or_default();
    let mut files: Vec<_> = fs::read_dir(root.join("fixtures/flags"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let text = fs::read_to_string(path).unwrap();
        let expected: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("= ")).collect();
        // A build without a grammar does not read its files.
        let mut paths = text.lines().filter_map(|line| line.strip_prefix("//- "));
        let is_built = |path: &str| {
            let language = RepoPath::new(path.trim()).and_then(|path| Language::of(&path));
            language.is_none_or(Language::is_built)
        };
        if !paths.all(is_built) {
            continue;
        }
        let wants_guards = expected.iter().any(|line| line.starts_with("when "));
        let (sources, view) = fixture(&text);
        let index = build::build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
        let mut found = shown(&sources, &index);
        found.retain(|line| wants_guards || !line.starts_with("when "));
        let more = found
            .iter()
            .filter(|line| !expected.contains(&line.as_str()))
            .map(|line| format!("  + {line}"));
        let less = expected
            .iter()
            .filter(|line| !found.iter().any(|found| found == *line))
            .map(|line| format!("  - {line}"));
        let lines: Vec<String> = more.chain(less).collect();
        if !lines.is_empty() {
            wrong.push(format!(
                "{}\n{}",
                path.file_name().unwrap().to_string_lossy(),
                lines.join("\n")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        files.len(),
        wrong.join("\n")
    );
}
