//! Variables of the environment that nobody sets. Enters: the two sides of a comparison. Leaves: whether a variable is compared with a text
//! although no file of the project, as far as files say such things, names it outside of code. Where one does, or where the machine sets the
//! variable by itself, nobody knows.

use std::collections::BTreeSet;

use super::code::{At, Code};
use super::frameworks;
use crate::flag::FlagValue;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{RepoPath, Sources, View};

/// What holds the variables.
const HOLDERS: [&str; 5] = [
    "process.env",
    "globalThis.process.env",
    "import.meta.env",
    "Bun.env",
    "Deno.env",
];
/// The same in Ruby.
const OF_RUBY: &str = "ENV";
/// Calls that read one and give nothing, or an empty text, where it is not set.
const READS: [&str; 6] = [
    "environ.get",
    "os.getenv",
    "os.Getenv",
    "Deno.env.get",
    "env::var",
    "env::var_os",
];
/// Methods on a variable that are looked through.
const MAX_CHAIN: usize = 6;
/// Variables that machines, services and build tools set.
const OF_MACHINES: [&str; 12] = [
    "CI", "DEBUG", "DEV", "DOCKER", "MODE", "NODE_ENV", "PROD", "SSR", "TEST", "VERBOSE", "VITEST", "TERM",
];
/// Beginnings and an end of the names of such variables.
const BEGIN_SO: [&str; 14] = [
    "AWS_",
    "AZURE_",
    "BUILDKITE",
    "CIRCLE",
    "CI_",
    "CF_",
    "GITHUB_",
    "GITLAB_",
    "JENKINS_",
    "KUBERNETES_",
    "NETLIFY",
    "RENDER",
    "TRAVIS",
    "VERCEL",
];
const ENDS_SO: &str = "_ENV";
/// Files that say nothing of what is set: prose, pages, and lists that programs keep.
const SAY_NOTHING: [&str; 16] = [
    "md", "mdx", "rst", "adoc", "txt", "html", "css", "scss", "svg", "csv", "tsv", "lock", "sum", "map", "snap", "po",
];
/// Lists that programs keep, and what people write for flagman, by their names.
const LISTS: [&str; 5] = [
    "package-lock.json",
    "pnpm-lock.yaml",
    "npm-shrinkwrap.json",
    "flags.toml",
    "flagman.toml",
];

/// True where a variable of the environment that nobody sets is compared with a text that says a state: it is no such text.
#[must_use]
pub fn is_unset(code: &Code<'_>, left: At, right: At) -> bool {
    let is_state = |at: At| match code.syntax(at.with(code.tree(at.unit).bare(at.node))) {
        Syntax::Text(text) => !text.is_empty() && FlagValue::parse(text) != FlagValue::Unknown,
        Syntax::Number => FlagValue::parse(code.words(at)) != FlagValue::Unknown,
        _ => false,
    };
    (is_state(right) && is_unset_variable(code, left)) || (is_state(left) && is_unset_variable(code, right))
}

/// True for a variable that nobody sets, however it is spelled: `process.env.X?.toLowerCase()`, `os.environ.get('X')`, `os.Getenv("X")`.
#[must_use]
pub fn is_unset_variable(code: &Code<'_>, at: At) -> bool {
    let in_capitals = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    variable(code, at).is_some_and(|name| in_capitals(name) && !is_of_machines(name) && !code.is_set_outside(name))
}

fn variable<'c>(code: &'c Code<'_>, at: At) -> Option<&'c str> {
    let tree = code.tree(at.unit);
    let text = |id: NodeId| match tree.syntax(tree.bare(id)) {
        Syntax::Text(text) => Some(&**text),
        _ => None,
    };
    let holds = |object: NodeId| {
        let words = code.words(at.with(object));
        HOLDERS.contains(&words) || (words == OF_RUBY && code.facts(at.unit).language == Language::Ruby)
    };
    let mut node = tree.bare(at.node);
    for _ in 0..MAX_CHAIN {
        match tree.syntax(node) {
            Syntax::Member { object, property } => {
                return holds(*object).then(|| code.slice(at.unit, *property));
            }
            Syntax::Index { object, index } => return text(*index).filter(|_| holds(*object)),
            Syntax::Call { callee, args, .. } => {
                if args.len() == 1 && READS.iter().any(|name| is_called(code.words(at.with(*callee)), name)) {
                    return text(args[0]);
                }
                match tree.syntax(tree.bare(*callee)) {
                    Syntax::Member { object, .. } if args.is_empty() => node = tree.bare(*object),
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    None
}

/// `os.environ.get` is called `environ.get`; `my_environ.get` is not.
fn is_called(words: &str, name: &str) -> bool {
    words
        .strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with(['.', ':']))
}

fn is_of_machines(name: &str) -> bool {
    OF_MACHINES.contains(&name) || BEGIN_SO.iter().any(|start| name.starts_with(start)) || name.ends_with(ENDS_SO)
}

/// The names in capitals that stand in the files of a view which may set a variable: whatever is neither code nor prose, and configurations.
#[must_use]
pub fn set_outside<'a>(sources: &'a Sources, view: &View) -> BTreeSet<&'a str> {
    let files = view.files.iter().filter(|(path, _)| may_set(path));
    let words = files.flat_map(|(_, file)| {
        let text = &*sources.file(*file).text;
        text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
    });
    words.filter(|word| word.len() > 1).collect()
}

fn may_set(path: &RepoPath) -> bool {
    let name = path.file_name();
    if Language::of(path).is_some() {
        return frameworks::is_configuration(path) || name.contains(".config.") || name.contains("setup");
    }
    !SAY_NOTHING.contains(&path.extension()) && !LISTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_known_by_whole_words() {
        assert!(is_called("os.environ.get", "environ.get") && is_called("std::env::var", "env::var"));
        assert!(!is_called("my_environ.get", "environ.get") && !is_called("myenv::var", "env::var"));
    }

    #[test]
    fn files_that_may_set_a_variable() {
        let may = |path: &str| may_set(&RepoPath::new(path).expect("a path"));
        assert!(
            may(".env.example") && may("Dockerfile") && may("compose.yaml") && may("package.json") && may("run.sh")
        );
        assert!(may("vite.config.ts") && may("test/setup.ts"));
        assert!(!may("docs/a.md") && !may("src/a.ts") && !may("pnpm-lock.yaml") && !may("yarn.lock"));
    }
}
