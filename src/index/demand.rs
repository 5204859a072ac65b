//! Which files must be parsed. Enters: all texts of a view, unparsed, and what the parsed ones turned out to need. Leaves: file ids.
//! Reads texts as bytes only; what is not demanded here is never parsed.

mod asked;
mod callers;
mod helpers;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::Wanted;
use super::code::{Code, Trail};
use super::condition::KeyTerm;
use super::exports::Export;
use super::flow::{Flow, SharedTable};
use super::harness::Harness;
use super::keys::Handles;
use super::routes::served::{MOUNT_NEEDLES, served};
use super::store::FactsStore;
use crate::lang::Language;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::RuleSet;
use crate::source::{FileId, RepoPath, Sources, View};
pub use words::Words;

/// How many routers may stand around one whose flags matter.
const OUTER_ROUTERS: usize = 3;
/// A name that is shorter stands in too many texts to ask for it.
const SHORTEST_NAME: usize = 3;
/// Words in the paths of test files, where no rule knows them.
const TEST_MARKS: [&str; 16] = [
    ".test.",
    ".spec.",
    ".e2e.",
    ".e2e-",
    ".cy.",
    "-e2e.",
    "__tests__/",
    "/tests/",
    "/test/",
    "-test.",
    "_test.",
    "-spec.",
    "_spec.",
    "/test_",
    "/tests.py",
    "/conftest.py",
];

/// The files of a view that can be parsed, and what demands them.
pub struct Demand<'a> {
    sources: &'a Sources,
    rules: &'a RuleSet,
    files: BTreeMap<&'a RepoPath, (FileId, Language)>,
    /// The names of Rust's packages, by their folders.
    packages: BTreeMap<&'a str, String>,
    harness: &'a Harness,
}

impl<'a> Demand<'a> {
    /// The files of `view` in languages that are read; bundles that a tool made, and vendored packages, are left out.
    #[must_use]
    pub fn new(sources: &'a Sources, view: &'a View, rules: &'a RuleSet, harness: &'a Harness) -> Self {
        let files = view.files.iter().filter_map(|(path, file)| {
            let language = Language::of(path)?;
            let of_others = language == Language::Go && path.as_str().split('/').any(|part| part == "vendor");
            (!path.file_name().contains(".min.") && !of_others).then_some((path, (*file, language)))
        });
        let files = files.collect();
        let manifests = view.files.iter().filter(|(path, _)| path.file_name() == "Cargo.toml");
        let packages = manifests.filter_map(|(path, file)| {
            let manifest: toml::Table = sources.file(*file).text.parse().ok()?;
            let name = |table: &str| {
                manifest
                    .get(table)?
                    .get("name")?
                    .as_str()
                    .map(|name| name.replace('-', "_"))
            };
            Some((path.parent(), name("lib").or_else(|| name("package"))?))
        });
        Self {
            sources,
            rules,
            files,
            packages: packages.collect(),
            harness,
        }
    }

    /// The files that the rules or the PRDs ask for.
    #[must_use]
    pub fn first(&self, wanted: &Wanted, store: &FactsStore) -> BTreeSet<FileId> {
        let words = Words::new(wanted.words.iter().map(String::as_str));
        let is_wanted = |path: &RepoPath, file: FileId, language: Language| {
            let text = &*self.sources.file(file).text;
            let named = named(path, &wanted.paths) || words.are_in(text);
            // The configuration of a test runner names set-up files, and the environment that tests see.
            let by_rules = || self.rules.demands(language, text) || super::homes::may_hold(self.rules, path, text);
            store.asks(file, by_rules)
                || named
                || self.harness.configurations.contains(path)
                || self.harness.setup.contains(path)
        };
        self.select(is_wanted)
    }

    fn select(&self, is_wanted: impl Fn(&RepoPath, FileId, Language) -> bool + Sync) -> BTreeSet<FileId> {
        self.files
            .par_iter()
            .filter(|(path, (file, language))| is_wanted(path, *file, *language))
            .map(|(_, (file, _))| *file)
            .collect()
    }

    /// The files that the parsed ones need: those that a key or a wrapper leads to, and those that name a wrapper.
    #[must_use]
    pub fn more(
        &self,
        parsed: &BTreeSet<FileId>,
        missing: &BTreeSet<RepoPath>,
        code: &Code<'_>,
        shared: &SharedTable,
        handles: &Handles,
    ) -> BTreeSet<FileId> {
        let missing = missing.iter().filter_map(|path| self.files.get(path));
        let mut more: BTreeSet<FileId> = missing.map(|(file, _)| *file).collect();
        let is_known = |name: &str| shared.names().contains(name) || handles.is_named(name);
        let names = code.units().iter().flat_map(|unit| {
            let given = unit.exports.names.keys().map(|name| &**name);
            given.filter(|name| is_known(name))
        });
        let names: BTreeSet<&str> = names.filter(|name| name.len() >= SHORTEST_NAME).collect();
        let names = Words::new(names.into_iter());
        if !names.is_empty() {
            more.extend(
                self.select(|_, file, _| !parsed.contains(&file) && names.are_in(&self.sources.file(file).text)),
            );
        }
        more.extend(self.readers_of_maps(parsed, code, handles));
        more.extend(self.importers_of_defaults(parsed, code, shared, handles));
        let of_go = Words::new(self.names_in_go(code, shared, handles).into_iter());
        if !of_go.is_empty() {
            more.extend(self.select(|_, file, language| {
                language == Language::Go && !parsed.contains(&file) && of_go.are_in(&self.sources.file(file).text)
            }));
        }
        let classes = Words::new(classes(code, shared).into_iter());
        if !classes.is_empty() {
            more.extend(
                self.select(|_, file, _| !parsed.contains(&file) && classes.are_in(&self.sources.file(file).text)),
            );
        }
        let of_ruby = names_in_ruby(code, shared);
        let of_ruby = Words::new(of_ruby.iter().map(String::as_str));
        if !of_ruby.is_empty() {
            more.extend(self.select(|_, file, language| {
                language.names_are_global() && !parsed.contains(&file) && of_ruby.are_in(&self.sources.file(file).text)
            }));
        }
        more.retain(|file| !parsed.contains(file));
        more
    }

    /// Files whose text holds one of these.
    #[must_use]
    pub fn holding(&self, parsed: &BTreeSet<FileId>, texts: &BTreeSet<String>) -> BTreeSet<FileId> {
        let needles = (!texts.is_empty()).then(|| AhoCorasick::new(texts));
        let Some(Ok(needles)) = needles else {
            return BTreeSet::new();
        };
        self.select(|_, file, _| !parsed.contains(&file) && needles.is_match(&*self.sources.file(file).text))
    }

    /// Files that name a map that is given out, and one of the entries by which it stands for flags.
    fn readers_of_maps(&self, parsed: &BTreeSet<FileId>, code: &Code<'_>, handles: &Handles) -> BTreeSet<FileId> {
        let given = code.units().iter().flat_map(|unit| unit.exports.names.keys());
        let maps = given.filter(|name| name.len() >= SHORTEST_NAME && handles.is_map(name));
        let maps: BTreeSet<&str> = maps.map(|name| &**name).collect();
        if maps.is_empty() {
            return BTreeSet::new();
        }
        let (maps, entries) = (Words::new(maps.into_iter()), Words::new(handles.names()));
        self.select(|_, file, _| {
            let text = &*self.sources.file(file).text;
            !parsed.contains(&file) && maps.are_in(text) && entries.are_in(text)
        })
    }

    /// Files that import the default of a file which gives out something known so: whatever they call it, its file's name stands at the end
    /// of their import.
    fn importers_of_defaults(
        &self,
        parsed: &BTreeSet<FileId>,
        code: &Code<'_>,
        shared: &SharedTable,
        handles: &Handles,
    ) -> BTreeSet<FileId> {
        let gives = |unit: usize| {
            let mut trail = Trail::default();
            let at = code.exported(unit, "default", &mut trail)?;
            let at = code.settle(at, &mut trail);
            (shared.at((code.file(at.unit), at.node)).is_some() || handles.at(code, at).is_some()).then_some(())
        };
        let units = (0..code.units().len()).filter(|unit| gives(*unit).is_some());
        let stems: BTreeSet<String> = units.map(|unit| stem(&code.units()[unit].facts.path)).collect();
        let Words(Some(stems)) = Words::new(stems.iter().map(String::as_str)) else {
            return BTreeSet::new();
        };
        self.select(|_, file, _| {
            let text = self.sources.file(file).text.as_bytes();
            let imports = |found: aho_corasick::Match| {
                let before = found.start().checked_sub(1).and_then(|at| text.get(at));
                let after = &text[found.end()..];
                let ends = [
                    &b"'"[..],
                    b"\"",
                    b".js'",
                    b".js\"",
                    b".ts'",
                    b".ts\"",
                    b"/index'",
                    b"/index\"",
                ];
                matches!(before, Some(b'/')) && ends.iter().any(|end| after.starts_with(end))
            };
            !parsed.contains(&file) && stems.find_overlapping_iter(text).any(imports)
        })
    }

    /// Go: wrappers are methods as often as functions, and what stands for a flag is asked without another word.
    fn names_in_go<'c>(&self, code: &'c Code<'_>, shared: &SharedTable, handles: &'c Handles) -> BTreeSet<&'c str> {
        let mut names = BTreeSet::new();
        for (at, unit) in code.units().iter().enumerate() {
            if unit.facts.language != Language::Go {
                continue;
            }
            let methods = unit.exports.impls.values().flatten().filter_map(|node| {
                let of = match code.tree(at).syntax(*node) {
                    Syntax::Impl { members, .. } => *members.last()?,
                    _ => return None,
                };
                match code.tree(at).syntax(of) {
                    Syntax::Function(function) => function.name.as_ref().map(|(name, _)| &**name),
                    _ => None,
                }
            });
            names.extend(methods.filter(|name| shared.names().contains(*name)));
            let given = unit.exports.names.keys().map(|name| &**name);
            names.extend(given.filter(|name| handles.is_named(name)));
        }
        names.retain(|name| name.len() >= SHORTEST_NAME);
        names
    }

    /// The tests that import a file in which a flag is read, or set for tests, or one of `callers`: those whose text has its name.
    #[must_use]
    pub fn tests(
        &self,
        parsed: &BTreeSet<FileId>,
        code: &Code<'_>,
        flows: &BTreeMap<FileId, Flow>,
        sets: &dyn Fn(FileId) -> bool,
        callers: &BTreeSet<FileId>,
    ) -> BTreeSet<FileId> {
        let with_flags = code.units().iter().filter(|unit| {
            let flow = flows.get(&unit.facts.file);
            flow.is_some_and(|flow| !flow.reads.is_empty()) || sets(unit.facts.file)
        });
        let callers = self.files.iter().filter(|(_, (file, _))| callers.contains(file));
        let with_flags = with_flags.map(|unit| &unit.facts.path);
        let with_flags: Vec<&RepoPath> = with_flags.chain(callers.map(|(path, _)| *path)).collect();
        let stems: BTreeSet<String> = with_flags.iter().map(|path| self.imported_as(path)).collect();
        let stems = Words::new(stems.iter().map(String::as_str));
        // Rust: a module's tests may be a file of their own, which says `use super::*`.
        let inner = with_flags
            .iter()
            .flat_map(|path| super::test_code::files_of_tests(path));
        let inner: BTreeSet<RepoPath> = inner.collect();
        // Go: the tests of a package lie in its folder and import nothing of it.
        let packages = with_flags.iter().filter(|path| path.extension() == "go");
        let packages: BTreeSet<&str> = packages.map(|path| path.parent()).collect();
        self.select(|path, file, language| {
            let beside = || language == Language::Go && packages.contains(path.parent());
            let of_test = || is_test(path) && (beside() || stems.are_in(&self.sources.file(file).text));
            !parsed.contains(&file) && (inner.contains(path) || of_test())
        })
    }

    /// The last words of an import of this file; those of a Rust library are its package's.
    fn imported_as(&self, path: &RepoPath) -> String {
        let root = path
            .as_str()
            .strip_suffix("src/lib.rs")
            .map(|root| root.trim_end_matches('/'));
        let package = root.and_then(|root| self.packages.get(root));
        package.cloned().unwrap_or_else(|| stem(path))
    }

    /// The files that put the routers of files with flags below a prefix, and those that put these below another.
    #[must_use]
    pub fn mounts(
        &self,
        parsed: &BTreeSet<FileId>,
        code: &Code<'_>,
        flows: &BTreeMap<FileId, Flow>,
    ) -> BTreeSet<FileId> {
        let serves = |unit: &&std::sync::Arc<super::code::Unit>| {
            let reads = flows.get(&unit.facts.file).is_some_and(|flow| !flow.reads.is_empty());
            reads && !super::routes::handled(&unit.facts).is_empty()
        };
        let routers = code.units().iter().filter(serves);
        let mut stems: BTreeSet<String> = routers.map(|unit| stem(&unit.facts.path)).collect();
        let mut found = BTreeSet::new();
        let Ok(needles) = AhoCorasick::new(MOUNT_NEEDLES) else {
            return found;
        };
        for _ in 0..OUTER_ROUTERS {
            let words = Words::new(stems.iter().map(String::as_str));
            let mounting = self.files.par_iter().filter(|(path, (file, _))| {
                let text = &*self.sources.file(*file).text;
                !found.contains(file) && !is_test(path) && needles.is_match(text) && words.are_in(text)
            });
            let mounting: Vec<(&RepoPath, FileId)> = mounting.map(|(path, (file, _))| (*path, *file)).collect();
            stems = mounting.iter().map(|(path, _)| stem(path)).collect();
            found.extend(mounting.into_iter().map(|(_, file)| file));
        }
        found.retain(|file| !parsed.contains(file));
        found
    }

    /// The tests that name the path of a route whose file reads a flag.
    #[must_use]
    pub fn requests(
        &self,
        parsed: &BTreeSet<FileId>,
        code: &Code<'_>,
        flows: &BTreeMap<FileId, Flow>,
    ) -> BTreeSet<FileId> {
        let reads = |file: &FileId| flows.get(file).is_some_and(|flow| !flow.reads.is_empty());
        let paths: BTreeSet<String> = served(code)
            .into_iter()
            .filter(|of| reads(&of.handler.file))
            .map(|of| of.path.split([':', '{', '[', '<', '*']).next().unwrap_or("").to_owned())
            .filter(|path| path.trim_end_matches('/').matches('/').count() > 1)
            .collect();
        let paths = Words::new(paths.iter().map(|path| path.trim_end_matches('/')));
        if paths.is_empty() {
            return BTreeSet::new();
        }
        self.select(|path, file, _| {
            !parsed.contains(&file) && is_test(path) && paths.are_in(&self.sources.file(file).text)
        })
    }
}

/// Classes and types that are given out, of which a method looks a flag up by its parameter: who is handed an instance names the class.
fn classes<'c>(code: &'c Code<'_>, shared: &SharedTable) -> BTreeSet<&'c str> {
    let mut names = BTreeSet::new();
    for (at, unit) in code.units().iter().enumerate() {
        let tree = code.tree(at);
        let takes_key = |member: &NodeId| {
            let found = shared.at((code.file(at), *member));
            found.is_some_and(|shared| {
                shared
                    .reads
                    .values()
                    .any(|read| matches!(read.key, Some(KeyTerm::Param(_))))
            })
        };
        for (name, export) in &unit.exports.names {
            let Export::Node(node, _) = export else { continue };
            let members = match tree.syntax(*node) {
                Syntax::Class { members, .. } => &members[..],
                _ => continue,
            };
            let impls = unit.exports.impls.get(name).into_iter().flatten();
            let mut of_impls = impls.filter_map(|id| match tree.syntax(*id) {
                Syntax::Impl { members, .. } => Some(members),
                _ => None,
            });
            if members.iter().any(takes_key) || of_impls.any(|members| members.iter().any(takes_key)) {
                names.insert(&**name);
            }
        }
    }
    names.retain(|name| name.len() >= SHORTEST_NAME && *name != "default");
    names
}

/// Ruby, C#: a method of a constant is asked by the constant's last name and its own, `Features.new_ui?`.
fn names_in_ruby(code: &Code<'_>, shared: &SharedTable) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, unit) in code.units().iter().enumerate() {
        if !unit.facts.language.names_are_global() {
            continue;
        }
        for (full, export) in &unit.exports.names {
            let Export::Node(node, _) = export else { continue };
            let owner = full.rsplit("::").next().unwrap_or(full);
            let methods = code.tree(at).below(*node).into_iter();
            let methods = methods.filter_map(|id| match code.tree(at).syntax(id) {
                Syntax::Function(function) => function.name.as_ref().map(|(name, _)| &**name),
                _ => None,
            });
            let known = methods.filter(|name| shared.names().contains(*name));
            names.extend(known.map(|name| format!("{owner}.{name}")));
        }
    }
    names
}

/// The last words of an import of this file: its name without extension, or its folder's for an `index` file.
fn stem(path: &RepoPath) -> String {
    let name = path.file_name();
    let stem = name.split('.').next().unwrap_or(name);
    if path.extension() == "go" {
        return path.parent().rsplit('/').next().unwrap_or(stem).to_owned();
    }
    match stem {
        "index" | "mod" | "lib" | "main" | "__init__" => path.parent().rsplit('/').next().unwrap_or(stem).to_owned(),
        // `quote.service.ts` is imported as `quote.service`.
        _ => path
            .extension()
            .len()
            .checked_add(1)
            .map_or(stem, |cut| &name[..name.len() - cut])
            .to_owned(),
    }
}

/// True for a file that looks like a test by its path.
fn is_test(path: &RepoPath) -> bool {
    let path = format!("/{path}");
    TEST_MARKS.iter().any(|mark| path.contains(mark))
}

/// True if a mention names the file: its whole path, the end of it, or its name.
fn named(path: &RepoPath, paths: &BTreeSet<String>) -> bool {
    let text = path.as_str();
    let ends = text.match_indices('/').map(|(at, _)| &text[at + 1..]);
    std::iter::once(text).chain(ends).any(|end| paths.contains(end))
}
