//! Ruby and C#: which file defines a constant or a type. Enters: the files of a view. Leaves: for a constant as it is written somewhere, the file that
//! defines it and its full name.
//!
//! Constants are global: whoever loads a project finds each by its name, whatever file it stands in. Which file defines which is read off
//! the texts, by the indentation of `class`, `module` and `A = …`; nothing is parsed for it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::source::{RepoPath, Sources, View};

/// What stands before the scope that a constant is named in, where others have the name of a module.
pub(in crate::index) const TOP: &str = "::";

/// The constants or types of a view, of one language.
#[derive(Debug, Default)]
pub(super) struct Constants {
    extension: &'static str,
    files: Vec<(RepoPath, Arc<str>)>,
    /// By full name: the files that define it. Filled at the first question.
    known: OnceLock<HashMap<Box<str>, Vec<usize>>>,
}

impl Constants {
    /// Takes the files.
    pub(super) fn new(sources: &Sources, view: &View, extension: &'static str) -> Self {
        let ruby = view.files.iter().filter(|(path, _)| path.extension() == extension);
        let files = ruby.map(|(path, id)| (path.clone(), sources.file(*id).text.clone()));
        Self {
            extension,
            files: files.collect(),
            known: OnceLock::new(),
        }
    }

    /// The file that defines the constant `name` as named within `scope` (`::A::B`), and its full name.
    pub(super) fn item(&self, scope: &str, name: &str) -> Option<(RepoPath, String)> {
        let mut scope = scope.strip_prefix(TOP)?;
        loop {
            let full = match scope {
                "" => name.to_owned(),
                _ => format!("{scope}::{name}"),
            };
            if let Some(files) = self.known().get(full.as_str()) {
                return Some((self.one_of(files, &full)?, full));
            }
            if scope.is_empty() {
                return self.in_namespace(name);
            }
            scope = scope.rsplit_once("::").map_or("", |(outer, _)| outer);
        }
    }

    /// C#: a type behind its namespace (`A::B::Type` of `namespace A.B`), which only a file that says so can have.
    fn in_namespace(&self, name: &str) -> Option<(RepoPath, String)> {
        let ends = name.match_indices("::").map(|(at, _)| at);
        ends.filter(|_| self.extension == "cs").find_map(|at| {
            let (namespace, full) = (name[..at].replace("::", "."), &name[at + 2..]);
            let says = |text: &str| {
                let mut after = text
                    .match_indices("namespace ")
                    .map(|(at, word)| &text[at + word.len()..]);
                after.any(|rest| {
                    rest.strip_prefix(&*namespace)
                        .is_some_and(|end| !end.starts_with(['.', '_']) && !end.starts_with(char::is_alphanumeric))
                })
            };
            let files = self.known().get(full)?;
            let here: Vec<usize> = files
                .iter()
                .copied()
                .filter(|file| says(&self.files[*file].1))
                .collect();
            Some((self.one_of(&here, full)?, full.to_owned()))
        })
    }

    /// The only file, the only one that is no test, or the one that bears the name of the constant.
    fn one_of(&self, files: &[usize], full: &str) -> Option<RepoPath> {
        let paths = || files.iter().map(|at| &self.files[*at].0);
        let only = |mut found: Vec<&RepoPath>| match found.len() {
            1 => found.pop().cloned(),
            _ => None,
        };
        let conventional = match self.extension {
            "rb" => format!("/{}.rb", snake(full)),
            _ => format!("/{}.cs", full.replace("::", ".")),
        };
        let of_code = paths().filter(|path| !is_test(path)).collect();
        let named = paths().filter(|path| format!("/{path}").ends_with(&conventional));
        only(paths().collect())
            .or_else(|| only(of_code))
            .or_else(|| only(named.collect()))
    }

    fn known(&self) -> &HashMap<Box<str>, Vec<usize>> {
        self.known.get_or_init(|| {
            let mut known: HashMap<Box<str>, Vec<usize>> = HashMap::new();
            for (at, (_, text)) in self.files.iter().enumerate() {
                let names = match self.extension {
                    "rb" => defined(text),
                    _ => types(text),
                };
                for name in names {
                    let files = known.entry(name.into()).or_default();
                    if files.last() != Some(&at) {
                        files.push(at);
                    }
                }
            }
            known
        })
    }
}

fn is_test(path: &RepoPath) -> bool {
    let folder = |part: &str| matches!(part, "spec" | "test" | "tests" | "features");
    path.as_str().split('/').any(folder)
}

/// The full names of the constants that a file defines.
fn defined(text: &str) -> Vec<String> {
    let mut around: Vec<(usize, String)> = Vec::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        let opens = matches!(word, "class" | "module");
        let name = if opens { after.trim_start() } else { rest };
        let Some((name, after)) = constant(name) else { continue };
        let sets = after.trim_start().strip_prefix('=');
        if !opens && sets.is_none_or(|value| value.starts_with(['=', '~', '>'])) {
            continue;
        }
        around.retain(|(column, _)| *column < indent);
        let full = match around.last() {
            Some((_, outer)) => format!("{outer}::{name}"),
            None => name.to_owned(),
        };
        if opens {
            around.push((indent, full.clone()));
        }
        found.push(full);
    }
    found
}

/// C#: the full names of the types that a file defines, without their namespaces.
fn types(text: &str) -> Vec<String> {
    let mut around: Vec<(usize, String)> = Vec::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        let mut words = rest.split(' ');
        let is_kind = |word: &str| matches!(word, "class" | "struct" | "record" | "enum" | "interface");
        let is_modifier = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        if !words.by_ref().take_while(|word| is_modifier(word)).any(is_kind) {
            continue;
        }
        let name = words.find(|word| !is_kind(word)).and_then(constant);
        let Some((name, _)) = name else { continue };
        around.retain(|(column, _)| *column < indent);
        let full = match around.last() {
            Some((_, outer)) => format!("{outer}::{name}"),
            None => name.to_owned(),
        };
        around.push((indent, full.clone()));
        found.push(full);
    }
    found
}

/// `A::B` at the beginning of a text, and what follows it.
fn constant(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("::").unwrap_or(text);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.starts_with(|c: char| c.is_uppercase())
        .then(|| (text[..end].trim_end_matches(':'), &text[end..]))
}

/// `Admin::NewUI` as files are called: `admin/new_ui`.
fn snake(name: &str) -> String {
    let mut path = String::new();
    let chars: Vec<char> = name.replace("::", "/").chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let lower_around = before.is_some_and(|c| c.is_lowercase() || c.is_numeric())
            || before.is_some_and(char::is_uppercase) && chars.get(at + 1).is_some_and(|c| c.is_lowercase());
        if c.is_uppercase() && lower_around {
            path.push('_');
        }
        path.extend(c.to_lowercase());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_stand_by_their_indentation() {
        let text = "module A\n  X = 1\n  class B < C::D\n    Y = [\n    ]\n    def z\n      Z == 1\n    end\n  end\n\n  class E::F; end\nend\n\nclass ::G\nend\nH = 2\n";
        assert_eq!(defined(text), ["A", "A::X", "A::B", "A::B::Y", "A::E::F", "G", "H"]);
    }

    #[test]
    fn types_stand_behind_their_modifiers() {
        let text = "namespace N\n{\n    public static class A\n    {\n        enum B { C }\n        var x = new class1();\n    }\n    internal sealed record D(int E);\n    class F<T> : G\n}\n";
        assert_eq!(types(text), ["A", "A::B", "D", "F"]);
    }

    #[test]
    fn files_are_called_as_their_constants() {
        assert_eq!(snake("Features"), "features");
        assert_eq!(snake("Admin::FeatureFlags"), "admin/feature_flags");
        assert_eq!(snake("API::HTTPClient2Go"), "api/http_client2_go");
    }
}
