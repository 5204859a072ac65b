//! Build constraints of Go. Enters: the text of a file, the scripts that run tests. Leaves: the tags that a build must be given for the file to
//! be part of it, and those that the scripts give.

use std::collections::{BTreeMap, BTreeSet};

use super::CodeIndex;
use crate::flag::{FlagKey, FlagValue};
use crate::source::{RepoPath, Sources, View};

/// The rules that read tags as flags.
const RULES: &str = "go/build-tags/";

/// Tags that the toolchain sets by itself, beside `go1.x`: systems, machines, compilers and how it was called.
const OF_THE_TOOLCHAIN: [&str; 45] = [
    "386",
    "aix",
    "amd64",
    "amd64p32",
    "android",
    "appengine",
    "arm",
    "arm64",
    "asan",
    "boringcrypto",
    "cgo",
    "darwin",
    "dragonfly",
    "freebsd",
    "gc",
    "gccgo",
    "hurd",
    "ignore",
    "illumos",
    "ios",
    "js",
    "linux",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mipsle",
    "msan",
    "netbsd",
    "openbsd",
    "plan9",
    "ppc64",
    "ppc64le",
    "purego",
    "race",
    "riscv64",
    "s390x",
    "solaris",
    "tinygo",
    "unix",
    "wasip1",
    "wasm",
    "windows",
    "zos",
    "nacl",
];

/// True for a tag that a person gives with `-tags`.
#[must_use]
pub fn is_given(tag: &str) -> bool {
    let version = tag
        .strip_prefix("go1")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    !version && !OF_THE_TOOLCHAIN.contains(&tag)
}

/// The constraint of a file: what follows `//go:build` in front of the package's name.
#[must_use]
pub fn constraint(text: &str) -> Option<&str> {
    let mut head = text.lines().take_while(|line| !line.starts_with("package "));
    head.find_map(|line| line.trim_end().strip_prefix("//go:build "))
}

/// The tags that must be given for the file to be built: the first way where there are several. Negated ones are not among them.
#[must_use]
pub fn needed(text: &str) -> Vec<String> {
    let Some(constraint) = constraint(text) else {
        return Vec::new();
    };
    let first = constraint.split("||").next().unwrap_or(constraint);
    let words = first
        .split("&&")
        .map(|word| word.trim_matches(|c: char| c.is_whitespace() || c == '(' || c == ')'));
    let given = words.filter(|word| !word.is_empty() && is_tag(word) && is_given(word));
    given.map(str::to_owned).collect()
}

/// A tag as it may stand in a list of `-tags`.
fn is_tag(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

/// The tags that a line of a script or workflow gives to `go test`: `-tags=a,b`, `-tags "a b"`, `--tags a`.
#[must_use]
pub fn of_line(line: &str) -> Vec<String> {
    let Some((_, after)) = line.split_once("go test").or_else(|| line.split_once("gotestsum")) else {
        return Vec::new();
    };
    let own = after.split(['|', ';', '>']).next().unwrap_or(after);
    let own = own.split("&&").next().unwrap_or(own);
    let words = shlex::split(own).unwrap_or_else(|| own.split_whitespace().map(str::to_owned).collect());
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(rest) = word.strip_prefix("--tags").or_else(|| word.strip_prefix("-tags")) else {
            continue;
        };
        let list = match rest.strip_prefix('=') {
            Some(list) => list,
            None if rest.is_empty() => words.next().map_or("", String::as_str),
            None => continue,
        };
        let tags = list
            .split([',', ' '])
            .filter(|tag| !tag.is_empty() && is_tag(tag) && is_given(tag));
        found.extend(tags.map(str::to_owned));
    }
    found
}

/// The tags that are flags and that lines running tests give: on where all such lines give them, unknown where only some do.
#[must_use]
pub fn given(sources: &Sources, view: &View, index: &CodeIndex) -> BTreeMap<FlagKey, FlagValue> {
    let reads = index.reads.iter().filter(|read| read.rule.starts_with(RULES));
    let tags: BTreeSet<&FlagKey> = reads.map(|read| &read.key).collect();
    let mut found = BTreeMap::new();
    if tags.is_empty() {
        return found;
    }
    let scripts = view.files.iter().filter(|(path, _)| is_script(path));
    let lines: Vec<Vec<String>> = scripts.flat_map(|(_, file)| runs(&sources.file(*file).text)).collect();
    for tag in tags {
        let giving = lines
            .iter()
            .filter(|line| line.iter().any(|given| given == tag.as_str()))
            .count();
        match giving {
            0 => continue,
            all if all == lines.len() => found.insert(tag.clone(), FlagValue::On),
            _ => found.insert(tag.clone(), FlagValue::Unknown),
        };
    }
    found
}

/// The tags of each line that runs `go test`; a line that ends in a backslash goes on.
fn runs(text: &str) -> Vec<Vec<String>> {
    let whole = text.replace("\\\n", " ");
    let is_run = |line: &&str| {
        let line = line.trim_start();
        !line.starts_with(['#', '/']) && (line.contains("go test ") || line.contains("gotestsum "))
    };
    whole.lines().filter(is_run).map(of_line).collect()
}

/// Files whose lines run tests: make files, shell scripts, task files, workflows.
fn is_script(path: &RepoPath) -> bool {
    let name = path.file_name();
    let in_workflows = [
        ".github/workflows/",
        ".circleci/",
        ".gitlab-ci",
        ".buildkite/",
        "azure-pipelines",
    ]
    .iter()
    .any(|start| path.as_str().starts_with(start));
    let task = [
        "makefile",
        "gnumakefile",
        "justfile",
        "taskfile.yml",
        "taskfile.yaml",
        "jenkinsfile",
        ".travis.yml",
    ];
    in_workflows
        || task.contains(&name.to_ascii_lowercase().as_str())
        || matches!(path.extension(), "mk" | "sh" | "bash")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_that_a_file_needs() {
        for (text, expected) in [
            ("//go:build enterprise\n\npackage a\n", "enterprise"),
            ("// Licence\n\n//go:build a && linux && !b\n\npackage a\n", "a"),
            ("//go:build (fast || slow) && x\npackage a\n", "fast"),
            ("//go:build go1.18 && !race\n\npackage a\n", ""),
            ("package a\n\n//go:build late\n", ""),
            ("package a\n", ""),
        ] {
            assert_eq!(needed(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn the_tags_that_a_line_gives() {
        for (line, expected) in [
            ("go test -tags=a,b ./...", "a b"),
            ("\tgo test -race -tags 'a b' ./... | tee log", "a b"),
            ("CGO_ENABLED=0 go test --tags a ./x && go test -tags c", "a"),
            ("gotestsum -- -tags=integration,unit ./...", "integration unit"),
            ("go test -tags=$(TAGS) ./...", ""),
            ("go test -tags=netgo,race", "netgo"),
            ("go build -tags=a", ""),
            ("go test -tagsx=a", ""),
        ] {
            assert_eq!(of_line(line).join(" "), expected, "{line}");
        }
    }

    fn seen(scripts: &str) -> Vec<(String, FlagValue)> {
        let code = "//- go.mod\nmodule a\n//- fast.go\n//go:build fast\n\npackage a\n\nfunc f() {}\n";
        let (sources, view) = crate::source::fixture(&format!("{code}{scripts}"));
        let index = crate::index::build::build(
            &sources,
            &view,
            &crate::rules::load_builtin(),
            &crate::index::Wanted::default(),
            &crate::index::store::FactsStore::default(),
        );
        index
            .ambient
            .flags
            .into_iter()
            .map(|(key, value)| (key.to_string(), value))
            .collect()
    }

    #[test]
    fn a_tag_is_what_the_scripts_that_run_tests_give() {
        let fast = |value| vec![("fast".to_owned(), value)];
        assert_eq!(seen(""), fast(FlagValue::Off));
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test -tags=fast ./...\n"),
            fast(FlagValue::On)
        );
        assert_eq!(
            seen(
                "//- Makefile\ntest:\n\tgo test \\\n\t  -tags 'x fast' ./...\n//- .github/workflows/ci.yml\nrun: go test -tags fast ./...\n"
            ),
            fast(FlagValue::On)
        );
        // One run with it and one without: nobody knows which is meant.
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo test ./...\nfast:\n\tgo test -tags=fast ./...\n"),
            fast(FlagValue::Unknown)
        );
        assert_eq!(
            seen("//- Makefile\ntest:\n\tgo build -tags=fast\n\tgo test ./...\n"),
            fast(FlagValue::Off)
        );
        assert_eq!(seen("//- notes.md\ngo test -tags=fast\n"), fast(FlagValue::Off));
    }
}
