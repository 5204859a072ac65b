//! Files whose lines run things: make files, shell scripts, task files, workflows. Enters: a path. Leaves: yes or no.

use super::RepoPath;

/// Where services keep what they run.
const FOLDERS: [&str; 5] = [
    ".github/workflows/",
    ".circleci/",
    ".gitlab-ci",
    ".buildkite/",
    "azure-pipelines",
];
/// Names of such files, in lower case.
const NAMES: [&str; 7] = [
    "makefile",
    "gnumakefile",
    "justfile",
    "taskfile.yml",
    "taskfile.yaml",
    "jenkinsfile",
    ".travis.yml",
];

/// True for a file whose lines run things.
#[must_use]
pub fn is_script(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    FOLDERS.iter().any(|start| path.as_str().starts_with(start))
        || NAMES.contains(&name.as_str())
        || matches!(path.extension(), "mk" | "sh" | "bash")
}
