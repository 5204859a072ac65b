//! Java and Kotlin: which file declares a type, a function or a property. Enters: the files of a view. Leaves: for a name as it is imported or
//! named somewhere, the file that declares it and its full name.
//!
//! A name is looked for where its file says that it looks: in the file itself, in the package that it imports it from, in its own package.
//! Which file declares what is read off the texts, by indentation; nothing is parsed for it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::constants::TOP;
use crate::lang::FileFacts;
use crate::lang::tree::Syntax;
use crate::source::{RepoPath, Sources, View};

/// Words that declare a type.
const KINDS: [&str; 5] = ["class", "interface", "enum", "record", "object"];

/// One file that declares something.
#[derive(Debug)]
struct Declaring {
    path: RepoPath,
    text: Arc<str>,
    package: Box<str>,
}

/// What the Java and Kotlin files of a view declare.
#[derive(Debug, Default)]
pub(super) struct Jvm {
    files: Vec<Declaring>,
    /// By full name without its package: the files that declare it. Filled at the first question.
    known: OnceLock<HashMap<Box<str>, Vec<usize>>>,
}

impl Jvm {
    /// Takes the files.
    pub(super) fn new(sources: &Sources, view: &View) -> Self {
        let files = view.files.iter();
        let files = files.filter(|(path, _)| matches!(path.extension(), "java" | "kt"));
        let files = files.map(|(path, id)| {
            let text = sources.file(*id).text.clone();
            Declaring {
                path: path.clone(),
                package: package(&text).into(),
                text,
            }
        });
        Self {
            files: files.collect(),
            known: OnceLock::new(),
        }
    }

    /// The file that declares `name`, and its full name there. `specifier` is the package or type of an import, or the types around the
    /// place where the name stands (`::A::B`).
    pub(super) fn item(&self, from: &FileFacts, specifier: &str, name: &str) -> Option<(RepoPath, String)> {
        match specifier.strip_prefix(TOP) {
            Some(scope) => self.within(from, scope, name),
            None => self.imported(specifier, name),
        }
    }

    /// `a.b.C` is `C` of the package `a.b`; `a.B.c` is `c` of the type `B` of `a`.
    fn imported(&self, module: &str, name: &str) -> Option<(RepoPath, String)> {
        let (mut package, mut full) = (module, name.to_owned());
        loop {
            let first = full.split("::").next().unwrap_or_default();
            let files = self.known().get(first).into_iter().flatten();
            let found = files.filter(|at| *self.files[**at].package == *package);
            if let Some(at) = self.one_of(&found.copied().collect::<Vec<_>>()) {
                return Some((self.files[at].path.clone(), full));
            }
            let (outer, ty) = package.rsplit_once('.')?;
            full = format!("{ty}::{full}");
            package = outer;
        }
    }

    fn within(&self, from: &FileFacts, scope: &str, name: &str) -> Option<(RepoPath, String)> {
        let mut scope = scope;
        while !scope.is_empty() {
            let full = format!("{scope}::{name}");
            if let Some(files) = self.known().get(full.as_str())
                && files.iter().any(|at| self.files[*at].path == from.path)
            {
                return Some((from.path.clone(), full));
            }
            scope = scope.rsplit_once("::").map_or("", |(outer, _)| outer);
        }
        let first = name.split("::").next().unwrap_or(name);
        let files = self.known().get(first)?;
        let own = package(&from.text);
        let of = |package: &str| -> Vec<usize> {
            let files = files.iter().copied();
            files.filter(|at| *self.files[*at].package == *package).collect()
        };
        let here = files.iter().find(|at| self.files[**at].path == from.path).copied();
        let starred = || {
            let found = whole_imports(from).find_map(|module| self.one_of(&of(module)));
            found.map(|at| (at, name.to_owned()))
        };
        let (at, full) = match here.or_else(|| self.one_of(&of(own))) {
            Some(at) => (at, name.to_owned()),
            None => starred()?,
        };
        Some((self.files[at].path.clone(), full))
    }

    /// The only file, or the only one that is no test.
    fn one_of(&self, files: &[usize]) -> Option<usize> {
        let code: Vec<usize> = files.iter().copied().filter(|at| !self.is_test(*at)).collect();
        match (files, &code[..]) {
            ([only], _) | (_, [only]) => Some(*only),
            _ => None,
        }
    }

    fn is_test(&self, at: usize) -> bool {
        let mut parts = self.files[at].path.as_str().split('/');
        parts.any(|part| part == "test" || part == "androidTest" || part.ends_with("Test"))
    }

    fn known(&self) -> &HashMap<Box<str>, Vec<usize>> {
        self.known.get_or_init(|| {
            let mut known: HashMap<Box<str>, Vec<usize>> = HashMap::new();
            for (at, file) in self.files.iter().enumerate() {
                for name in declared(&file.text, file.path.extension() == "kt") {
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

/// `import a.b.*`
fn whole_imports(facts: &FileFacts) -> impl Iterator<Item = &str> {
    let root = facts.tree.root();
    let statements = root.map(|root| facts.tree.children(root)).unwrap_or_default();
    statements.into_iter().filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Import { from, names, .. } if names.is_empty() => Some(&**from),
        _ => None,
    })
}

/// The package that a file says it is of.
fn package(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim);
    let line = lines.find_map(|line| line.strip_prefix("package "));
    line.map_or("", |line| line.split([';', ' ', '/']).next().unwrap_or_default())
}

/// The full names of the types that a file declares, without its package; of Kotlin also its functions and properties outside of types.
fn declared(text: &str, is_kotlin: bool) -> Vec<String> {
    let mut around: Vec<(usize, String)> = Vec::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        let mut words = rest
            .split_whitespace()
            .skip_while(|word| word.starts_with('@') && *word != "@interface");
        let is_modifier = |word: &str| word.starts_with(|c: char| c.is_ascii_lowercase());
        let Some(kind) = words.find(|word| !is_modifier(word) || KINDS.contains(word) || is_member(word)) else {
            continue;
        };
        if is_member(kind) {
            if is_kotlin && indent == 0 {
                found.extend(member_name(rest).map(str::to_owned));
            }
            continue;
        }
        if !KINDS.contains(&kind) {
            continue;
        }
        let Some(name) = words.find(|word| !KINDS.contains(word)).and_then(type_name) else {
            continue;
        };
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

fn is_member(word: &str) -> bool {
    matches!(word, "fun" | "val" | "var")
}

/// `C` of `C<T>(val a: B)`
fn type_name(word: &str) -> Option<&str> {
    let end = word
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(word.len());
    word.starts_with(|c: char| c.is_alphabetic()).then(|| &word[..end])
}

/// `name` of `private suspend fun <T> Receiver.name(…)`, `const val NAME = …`
fn member_name(line: &str) -> Option<&str> {
    let head = line.split(['(', '=', '{']).next()?;
    let head = if line.contains("fun ") {
        head
    } else {
        head.split(':').next()?
    };
    let word = head.split_whitespace().last()?;
    let name = word.rsplit('.').next()?;
    type_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_off_the_text() {
        let java = "package a.b;\n@X public final class A<T> extends B {\n    enum C { D }\n    static class E {\n        interface F {}\n    }\n    int class1;\n    // the class of\n}\n";
        assert_eq!(declared(java, false), ["A", "A::C", "A::E", "A::E::F"]);
        assert_eq!(package(java), "a.b");
        let kotlin = "package a.b\n\ninternal data class A(val x: Int)\nenum class B { C }\nobject D : E {\n    object F : G(\"f\")\n    val y = 1\n}\nfun <T> Foo.isOn(x: Int) = 1\nconst val KEY = \"k\"\nval isX: Boolean get() = true\n";
        assert_eq!(declared(kotlin, true), ["A", "B", "D", "D::F", "isOn", "KEY", "isX"]);
    }
}
