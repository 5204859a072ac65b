//! Code that only one state of a flag reaches. Enters: the code of one tree. Leaves: a [`Guard`] for each function, component or class that nothing
//! names but code behind one state of a flag, as if its whole text stood there.
//!
//! What is rendered or called in one branch alone yields its texts in that state alone. Every word of the code that is its name must stand behind the
//! flag, in its own file, in an import, or in a comment; a test that names it itself may go around the flag, and is no proof.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::reach::Reach;
use crate::flag::{FlagKey, FlagValue};
use crate::index::symbols::symbols;
use crate::index::{CodeIndex, Guard, Literal, Symbol, SymbolKind};
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language};
use crate::source::{Bytes, FileId, RepoPath, Sources, Span, View};

/// Components in components in components.
const ROUNDS: usize = 3;
/// Names shorter than this are words of everything.
const SHORTEST: usize = 5;
/// Folders whose files a framework reaches by their paths.
const BY_PATH: [&str; 5] = ["pages", "app", "routes", "api", "controllers"];

/// What only one state reaches.
#[derive(Debug, Default)]
pub(super) struct Behind {
    guards: Vec<Guard>,
    /// The names that lead to each, outermost first.
    names: Vec<Vec<String>>,
}

impl Behind {
    /// All of the code.
    pub(super) fn of(sources: &Sources, view: &View, index: &CodeIndex, reach: &Reach<'_>) -> Self {
        let mut found = Self::default();
        let code = Texts::of(view, index);
        let mut next: Vec<Guard> = index.guards.iter().filter(|guard| is_sure(guard)).cloned().collect();
        let mut known: Vec<(Span, Literal)> = Vec::new();
        for _ in 0..ROUNDS {
            known.extend(
                next.iter()
                    .flat_map(|guard| guard.when.iter().map(|when| (guard.region, when.clone()))),
            );
            let asked = asked(sources, index, &code, &next, reach, &found);
            let fresh: Vec<(Vec<String>, Guard)> = code
                .only_behind(sources, &asked, &known)
                .into_iter()
                .filter(|(_, guard)| !found.guards.iter().any(|old| old.region == guard.region))
                .collect();
            if fresh.is_empty() {
                break;
            }
            next = fresh.iter().map(|(_, guard)| guard.clone()).collect();
            for (names, guard) in fresh {
                found.names.push(names);
                found.guards.push(guard);
            }
        }
        found
    }

    /// Their guards.
    pub(super) fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// The names of the code that one of [`Self::guards`] is, and of what leads to it: a test must say none of them.
    pub(super) fn names(&self, guard: &Guard) -> &[String] {
        let at = self.guards.iter().position(|of| of.region == guard.region);
        at.and_then(|at| self.names.get(at)).map_or(&[], Vec::as_slice)
    }
}

fn is_sure(guard: &Guard) -> bool {
    !guard.any || guard.when.len() == 1
}

/// What may be reached from a guard alone: a named thing of the code.
struct Asked<'a> {
    symbol: &'a Symbol,
    guard: Guard,
    names: Vec<String>,
}

/// A file of the code that is no test.
struct File<'a> {
    path: &'a RepoPath,
    id: FileId,
    facts: Option<&'a FileFacts>,
    symbols: Vec<Symbol>,
    /// Its imports, and what it passes on.
    passes: Vec<Passes<'a>>,
}

/// An import or re-export: where, from which module, and its names there and here.
struct Passes<'a> {
    bytes: Bytes,
    from: &'a str,
    names: Vec<(&'a str, &'a str)>,
}

/// The texts of all code that is no test, and the named things of what was parsed.
struct Texts<'a> {
    files: Vec<File<'a>>,
    symbols: BTreeMap<String, Vec<Symbol>>,
}

impl<'a> File<'a> {
    fn of(path: &'a RepoPath, id: FileId, facts: Option<&'a FileFacts>) -> Self {
        let passes = facts.map_or_else(Vec::new, |facts| {
            let tree = &facts.tree;
            tree.ids()
                .filter_map(|id| passes(tree.bytes(id), tree.syntax(id)))
                .collect()
        });
        Self {
            path,
            id,
            facts,
            symbols: facts.map_or_else(Vec::new, symbols),
            passes,
        }
    }

    /// True for a place in the thing itself, or beside it in its file: `export default Total`.
    fn is_own(&self, of: &Symbol, bytes: Bytes) -> bool {
        let in_other = || {
            self.symbols
                .iter()
                .any(|other| other.span.bytes.contains(bytes) && other.span != of.span)
        };
        // Another thing of the same name is not it.
        let other = self
            .symbols
            .iter()
            .any(|other| other.name_span.bytes == bytes && other.span != of.span);
        other || *self.path == of.path && (of.span.bytes.contains(bytes) || !in_other())
    }

    /// True for a place in a comment, or in an import or re-export by the same name.
    fn only_passes(&self, text: &str, name: &str, bytes: Bytes) -> bool {
        if self.facts.is_none() {
            let start = text[..bytes.start as usize].rfind('\n').map_or(0, |end| end + 1);
            let line = text[start..].lines().next().unwrap_or("").trim_start();
            let barrel = line.starts_with("export {") && line.contains(" from ") && !line.contains(" as ");
            return barrel || ["//", "/*", "*"].iter().any(|mark| line.starts_with(mark));
        }
        let in_comment = |facts: &FileFacts| facts.comments.iter().any(|comment| comment.bytes.contains(bytes));
        let renames = |passes: &Passes<'_>| passes.names.iter().any(|(there, here)| *there == name && here != there);
        self.facts.is_some_and(in_comment)
            || self
                .passes
                .iter()
                .any(|passes| passes.bytes.contains(bytes) && !renames(passes))
    }

    /// True if the file has what another one gives out by default, or all of it, under a name of its own.
    fn renames(&self, of: &Symbol) -> bool {
        let (stem, folder) = stems(&of.path);
        self.passes.iter().any(|passes| {
            let last = self::stem(passes.from);
            let given = |(here, there): &(&str, &str)| *here == of.name && *there != of.name && *there != "default";
            let given = passes.from.is_empty() && *self.path == of.path && passes.names.iter().any(given);
            let by_default = of.name == stem || of.name == folder;
            given
                || by_default
                    && (last == stem || (stem == "index" && last == folder))
                    && passes
                        .names
                        .iter()
                        .any(|(there, here)| *there == "default" && *here != of.name)
        })
    }
}

fn passes<'a>(bytes: Bytes, syntax: &'a Syntax) -> Option<Passes<'a>> {
    match syntax {
        Syntax::Import { from, names, .. } => Some(Passes {
            bytes,
            from,
            names: names.iter().map(|name| (&*name.imported, &*name.local)).collect(),
        }),
        Syntax::Export {
            from: Some(from),
            names,
            ..
        } => Some(Passes {
            bytes,
            from,
            names: names.iter().map(|name| (&*name.local, &*name.exported)).collect(),
        }),
        Syntax::Export { from: None, names, .. } if !names.is_empty() => Some(Passes {
            bytes,
            from: "",
            names: names.iter().map(|name| (&*name.local, &*name.exported)).collect(),
        }),
        _ => None,
    }
}

/// The name of a file without its folder and ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name)
}

/// The names of a file and of its folder.
fn stems(path: &RepoPath) -> (&str, &str) {
    let stem = stem(path.as_str());
    (stem, path.as_str().rsplit('/').nth(1).unwrap_or(stem))
}

/// The thing under the name that others know it by: what a file gives out by default mostly has the name of the file there.
fn known_as(facts: &FileFacts, symbol: &Symbol) -> Symbol {
    let name = &symbol.name;
    let forms = [format!("function {name}"), format!("class {name}"), name.clone()];
    let (stem, folder) = stems(&facts.path);
    let by_default = forms.iter().any(|form| {
        let given = format!("export default {form}");
        facts
            .text
            .find(&given)
            .is_some_and(|at| is_word(&facts.text, at, at + given.len()))
    });
    let mut symbol = symbol.clone();
    if by_default {
        symbol.name = if stem == "index" { folder } else { stem }.to_owned();
    }
    symbol
}

impl<'a> Texts<'a> {
    fn of(view: &'a View, index: &'a CodeIndex) -> Self {
        let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
        let is_code = |path: &RepoPath| Language::of(path).is_some_and(is_script) && !tests.contains(path);
        let files: Vec<File<'a>> = view
            .files
            .iter()
            .filter(|(path, _)| is_code(path))
            .map(|(path, file)| File::of(path, *file, index.files.get(path).map(|facts| &**facts)))
            .collect();
        let mut all: BTreeMap<String, Vec<Symbol>> = BTreeMap::new();
        for file in &files {
            let Some(facts) = file.facts else { continue };
            let known = file.symbols.iter().map(|symbol| known_as(facts, symbol));
            for symbol in known.filter(|symbol| may_be(facts, symbol)) {
                all.entry(symbol.name.clone()).or_default().push(symbol);
            }
        }
        Self { files, symbols: all }
    }

    /// The one of `all` that a name means in a file: its own, or the one of a module that it imports.
    fn meant<'c>(&'c self, path: &RepoPath, name: &str, all: &'c [Symbol]) -> Option<&'c Symbol> {
        let file = self.files.iter().find(|file| file.path == path)?;
        let brings = |symbol: &&Symbol| {
            let (stem, folder) = stems(&symbol.path);
            let from = |passes: &Passes<'_>| {
                let last = self::stem(passes.from);
                (last == stem || last == folder) && passes.names.iter().any(|(_, here)| *here == name)
            };
            symbol.path == *path || file.passes.iter().any(from)
        };
        let mut meant = all.iter().filter(brings);
        meant.next().filter(|_| meant.next().is_none())
    }

    /// Those of `asked` whose names stand, in all of the code, behind one value of one flag alone.
    fn only_behind(
        &self,
        sources: &Sources,
        asked: &BTreeMap<String, Asked<'_>>,
        known: &[(Span, Literal)],
    ) -> Vec<(Vec<String>, Guard)> {
        let names: Vec<&String> = asked.keys().collect();
        let Some(automaton) = AhoCorasick::new(&names).ok().filter(|_| !names.is_empty()) else {
            return Vec::new();
        };
        // The literals that all places of a name share.
        let mut shared: BTreeMap<&String, Option<BTreeSet<(FlagKey, FlagValue)>>> = BTreeMap::new();
        for file in &self.files {
            let text = &*sources.file(file.id).text;
            let regions: Vec<&(Span, Literal)> = known.iter().filter(|(region, _)| region.file == file.id).collect();
            for renamed in asked.iter().filter(|(_, of)| file.renames(of.symbol)) {
                shared.insert(renamed.0, Some(BTreeSet::new()));
            }
            for hit in automaton.find_overlapping_iter(text) {
                let name = names[hit.pattern().as_usize()];
                let (bytes, of) = (Bytes::new(hit.start(), hit.end()), &asked[name]);
                let counts = is_word(text, hit.start(), hit.end()) && !file.is_own(of.symbol, bytes);
                if !counts || file.only_passes(text, name, bytes) {
                    continue;
                }
                let here: BTreeSet<(FlagKey, FlagValue)> = regions
                    .iter()
                    .filter(|(region, _)| region.bytes.contains(bytes))
                    .map(|(_, when)| (when.key.clone(), when.value))
                    .collect();
                let all = shared.entry(name).or_insert_with(|| Some(here.clone()));
                *all = all.take().map(|all| all.intersection(&here).cloned().collect());
            }
        }
        let one = |(name, of): (&String, &Asked<'_>)| {
            let shared = shared.get(name)?.clone()?;
            let mut guard = of.guard.clone();
            guard
                .when
                .retain(|when| shared.contains(&(when.key.clone(), when.value)));
            guard.region = of.symbol.span;
            (!guard.when.is_empty()).then(|| (of.names.clone(), guard))
        };
        asked.iter().filter_map(one).collect()
    }
}

fn is_script(language: Language) -> bool {
    matches!(language, Language::JavaScript | Language::TypeScript | Language::Tsx)
}

/// True for a thing that only its name leads to.
fn may_be(facts: &FileFacts, symbol: &Symbol) -> bool {
    let named = symbol.name.len() >= SHORTEST && symbol.name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let kind = matches!(
        symbol.kind,
        SymbolKind::Function | SymbolKind::Class | SymbolKind::Constant
    );
    let before = facts.text[..symbol.span.bytes.start as usize].trim_end();
    let decorated = before.rsplit('\n').next().unwrap_or("").trim_start().starts_with('@');
    let by_path = facts.path.as_str().split('/').any(|folder| BY_PATH.contains(&folder));
    named && kind && !decorated && !by_path
}

/// What the regions of some guards name, where one thing near has the name.
fn asked<'c>(
    sources: &Sources,
    index: &CodeIndex,
    code: &'c Texts<'_>,
    guards: &[Guard],
    reach: &Reach<'_>,
    before: &Behind,
) -> BTreeMap<String, Asked<'c>> {
    let mut found: BTreeMap<String, Asked<'c>> = BTreeMap::new();
    for guard in guards {
        let path = sources.path(guard.region.file);
        let Some(facts) = index.files.get(path).filter(|facts| is_script(facts.language)) else {
            continue;
        };
        if index.test_files.contains(path) {
            continue;
        }
        for id in facts.tree.ids() {
            let bytes = facts.tree.bytes(id);
            let inside = guard.region.bytes.contains(bytes);
            if !inside || !matches!(facts.tree.syntax(id), Syntax::Name) || found.contains_key(facts.slice(bytes)) {
                continue;
            }
            let name = facts.slice(bytes);
            let Some(symbol) = code.symbols.get(name).and_then(|all| code.meant(path, name, all)) else {
                continue;
            };
            let target = index.files.get(&symbol.path).map(|facts| facts.file);
            let near = target.is_some_and(|target| reach.distance(path, target).is_some());
            let within = symbol.span.contains(guard.region) || guard.region.contains(symbol.span);
            if near && !within {
                let names = before.names(guard).iter().cloned().chain([name.to_owned()]).collect();
                let guard = guard.clone();
                found.insert(name.to_owned(), Asked { symbol, guard, names });
            }
        }
    }
    found
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    !text[..start].chars().next_back().is_some_and(part) && !text[end..].chars().next().is_some_and(part)
}

#[cfg(test)]
mod tests;
