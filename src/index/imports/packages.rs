//! Go: which file of a package declares a name. Enters: the `go.mod` files and the Go files of a view. Leaves: for a name of an imported
//! package, or of the file's own package (`.`), the file that declares it.
//!
//! All files of a folder are one package and see each other's names. Which of them declares what is read off the texts: a declaration
//! of the top level begins its line, as gofmt lays it out; nothing is parsed for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::index::bindings::Bindings;
use crate::lang::FileFacts;
use crate::lang::tree::Syntax;
use crate::source::{Bytes, RepoPath, Sources, View};

/// The package that a file belongs to.
pub(in crate::index) const OWN: &str = ".";

/// Which file declares a name (`Type.Method` for methods).
type Names = HashMap<Box<str>, RepoPath>;

/// The Go packages of a view.
#[derive(Debug, Default)]
pub(super) struct Packages {
    /// The files of each folder.
    folders: BTreeMap<String, Vec<(RepoPath, Arc<str>)>>,
    /// Module paths with their folders, the longest first.
    modules: Vec<(String, String)>,
    /// The folders that were asked about.
    known: Mutex<HashMap<String, Arc<Names>>>,
}

/// A file that another one uses.
pub(super) struct Used {
    /// The file.
    pub(super) path: RepoPath,
    /// The names that are used of it.
    pub(super) names: Vec<String>,
    /// The import, or the first of the names.
    pub(super) bytes: Bytes,
}

impl Packages {
    /// Takes the modules and files.
    pub(super) fn new(sources: &Sources, view: &View) -> Self {
        let mut packages = Self::default();
        for (path, id) in &view.files {
            if path.extension() == "go" {
                let files = packages.folders.entry(path.parent().to_owned()).or_default();
                files.push((path.clone(), sources.file(*id).text.clone()));
            } else if path.file_name() == "go.mod"
                && let Some(module) = module_path(&sources.file(*id).text)
            {
                packages.modules.push((module.to_owned(), path.parent().to_owned()));
            }
        }
        for files in packages.folders.values_mut() {
            // Where a test declares what the code declares, too, the code is meant.
            files.sort_by_key(|(path, _)| (is_test(path), path.clone()));
        }
        let longest_first = |(path, folder): &(String, String)| (std::cmp::Reverse(path.len()), folder.clone());
        packages.modules.sort_by_key(longest_first);
        packages
    }

    /// The file that has `name` of the package `import`, seen from a file; any file of the package for `*`.
    pub(super) fn item(&self, facts: &FileFacts, import: &str, name: &str) -> Option<(RepoPath, String)> {
        let folder = match import {
            OWN => facts.path.parent().to_owned(),
            _ => self.folder(import)?,
        };
        if name == "*" {
            let (first, _) = self.folders.get(&folder)?.first()?;
            return Some((first.clone(), name.to_owned()));
        }
        let path = self.names(&folder)?.get(name)?.clone();
        Some((path, name.rsplit('.').next().unwrap_or(name).to_owned()))
    }

    /// The files whose names a file uses, other than itself.
    pub(super) fn used(&self, facts: &FileFacts) -> Vec<Used> {
        let (tree, bindings) = (&facts.tree, Bindings::of(facts));
        let mut packages: HashMap<&str, (&str, Bytes)> = HashMap::new();
        for id in tree.ids() {
            if let Syntax::Import { from, names, .. } = tree.syntax(id) {
                packages.extend(names.iter().map(|name| (&*name.local, (&**from, tree.bytes(id)))));
            }
        }
        let mut found: BTreeMap<(Bytes, RepoPath), BTreeSet<String>> = BTreeMap::new();
        let mut first: HashMap<RepoPath, Bytes> = HashMap::new();
        for id in tree.ids() {
            let (module, name, bytes) = match tree.syntax(id) {
                Syntax::Member { object, property } if matches!(tree.syntax(*object), Syntax::Name) => {
                    match packages.get(facts.words(*object)) {
                        Some((module, bytes)) => (*module, facts.slice(*property), Some(*bytes)),
                        None => continue,
                    }
                }
                Syntax::Name if bindings.declaration(id).is_none() => (OWN, facts.words(id), None),
                _ => continue,
            };
            if let Some((path, name)) = self.item(facts, module, name).filter(|(path, _)| *path != facts.path) {
                let bytes = bytes.unwrap_or_else(|| *first.entry(path.clone()).or_insert(tree.bytes(id)));
                found.entry((bytes, path)).or_default().insert(name);
            }
        }
        let used = found.into_iter().map(|((bytes, path), names)| Used {
            path,
            names: names.into_iter().collect(),
            bytes,
        });
        used.collect()
    }

    /// The folder of an imported package: that of the module with the longest path, and the rest of the path below it.
    fn folder(&self, import: &str) -> Option<String> {
        let below = |module: &str| match import.strip_prefix(module)? {
            "" => Some(""),
            rest => rest.strip_prefix('/'),
        };
        let mut folders = self.modules.iter().filter_map(|(module, folder)| {
            let rest = below(module)?;
            let path = match (folder.is_empty(), rest.is_empty()) {
                (true, _) => rest.to_owned(),
                (_, true) => folder.clone(),
                _ => format!("{folder}/{rest}"),
            };
            self.folders.contains_key(&path).then_some(path)
        });
        folders.next()
    }

    fn names(&self, folder: &str) -> Option<Arc<Names>> {
        let files = self.folders.get(folder)?;
        // A panic elsewhere leaves no half-made entry.
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(names) = known().get(folder) {
            return Some(names.clone());
        }
        let mut names = Names::new();
        for (path, text) in files {
            for name in declared(text) {
                names.entry(name).or_insert_with(|| path.clone());
            }
        }
        let names = Arc::new(names);
        known().insert(folder.to_owned(), names.clone());
        Some(names)
    }
}

fn is_test(path: &RepoPath) -> bool {
    path.file_name().ends_with("_test.go")
}

/// `module example.com/a`
fn module_path(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find_map(|line| line.trim().strip_prefix("module "))?;
    let path = line.split("//").next().unwrap_or(line).trim().trim_matches(['"', '`']);
    (!path.is_empty()).then_some(path)
}

/// The names that a file declares at its top level.
fn declared(text: &str) -> Vec<Box<str>> {
    let (mut names, mut in_group) = (Vec::new(), false);
    for line in text.lines() {
        if in_group {
            in_group = !line.starts_with(')');
            let inner = line.strip_prefix('\t').filter(|inner| inner.starts_with(is_letter));
            names.extend(inner.into_iter().flat_map(listed));
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "func" => names.extend(function(rest)),
            "var" | "const" | "type" if rest.starts_with('(') => in_group = !rest.contains(')'),
            "var" | "const" | "type" => names.extend(listed(rest)),
            _ => {}
        }
    }
    names
}

/// `Name(`, `Name[T](`, `(s *Type[T]) Name(`
fn function(rest: &str) -> Option<Box<str>> {
    let Some(receiver) = rest.strip_prefix('(') else {
        return Some(word(rest)?.into());
    };
    let (receiver, rest) = receiver.split_once(')')?;
    let ty = receiver.split('[').next()?.trim_end().rsplit([' ', '*']).next()?;
    Some(format!("{ty}.{}", word(rest.trim_start())?).into())
}

/// `A, B = 1, 2`
fn listed(rest: &str) -> Vec<Box<str>> {
    let mut names = Vec::new();
    for part in rest.split(',') {
        let part = part.trim_start();
        let Some(name) = word(part) else { break };
        names.push(name.into());
        if name.len() < part.trim_end().len() {
            break;
        }
    }
    names
}

fn word(text: &str) -> Option<&str> {
    let end = text.find(|c| !is_letter(c) && !c.is_numeric()).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_begin_their_lines() {
        let text = "package p\n\nimport (\n\t\"fmt\"\n)\n\nconst (\n\t// A is.\n\tA = \"a\"\n\tB, C F = 1, 2\n\tD\n)\n\nvar e, f = 1, 2\nvar g = map[string]bool{\n\t\"x\": true,\n}\n\ntype H struct {\n\tI bool\n}\n\nfunc j[T any](k T) {\n\tvar l = 1\n}\n\nfunc (m *H) N() {}\nfunc (o Q[T]) P() {}\nfunc (*H) R() {}\n";
        let names = declared(text);
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        assert_eq!(
            names,
            ["A", "B", "C", "D", "e", "f", "g", "H", "j", "H.N", "Q.P", "H.R"]
        );
    }

    #[test]
    fn a_manifest_names_its_module() {
        assert_eq!(
            module_path("// c\nmodule example.com/a // d\n\ngo 1.22\n"),
            Some("example.com/a")
        );
        assert_eq!(module_path("module \"example.com/a\"\n"), Some("example.com/a"));
        assert_eq!(module_path("go 1.22\n"), None);
    }
}
