//! Functions whose behaviour a flag decides: in themselves, or in what they call. Enters: the code. Leaves: [`Target`]s by their last names.

use std::collections::{BTreeMap, BTreeSet};

use super::across::Code;
use super::yields::{Side, Yield, promises, sides};
use crate::index::{CodeIndex, ImportEdge, Symbol, SymbolKind};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, RepoPath};

/// How many calls may stand between a function and the one that decides, where these are in other files.
const CALLS: usize = 2;

/// A function whose behaviour a flag decides.
pub(super) struct Target<'a> {
    pub(super) facts: &'a FileFacts,
    pub(super) function: NodeId,
    /// The class or type of a method.
    pub(super) class: Option<&'a str>,
    /// It gives a promise.
    pub(super) promises: bool,
    pub(super) sides: Vec<Side<'a>>,
    /// The errors that nothing but this function makes.
    pub(super) errors: BTreeSet<String>,
}

/// The functions with guards and those that call them, by their last names.
pub(super) fn targets<'a>(index: &'a CodeIndex, code: &'a Code<'a>) -> BTreeMap<&'a str, Vec<Target<'a>>> {
    let tests: BTreeSet<&RepoPath> = index.test_files.iter().collect();
    let mut found: BTreeMap<&str, Vec<Target<'_>>> = BTreeMap::new();
    let mut errors = BTreeMap::new();
    for symbol in deciding(index, code) {
        let Some(facts) = index.files.get(&symbol.path) else {
            continue;
        };
        // In Rust the tests of a file stand in the file.
        if tests.contains(&symbol.path) && index.tests.iter().any(|test| test.span.contains(symbol.span)) {
            continue;
        }
        let Some(function) = function_at(facts, symbol.span.bytes) else {
            continue;
        };
        let sides = sides(code, facts, function, &index.reads);
        let (class, name) = names(symbol);
        if sides.is_empty() || name.is_empty() {
            continue;
        }
        let thrown = sides
            .iter()
            .flat_map(|side| side.only.keys())
            .filter_map(|found| match found {
                Yield::Error(name) => Some(name.clone()),
                _ => None,
            });
        let own = facts.tree.bytes(function);
        let alone = |name: &String| {
            let all: &mut usize = errors.entry(name.clone()).or_insert_with(|| made(index, &tests, name));
            *all == facts.slice(own).matches(&format!("{name}(")).count()
        };
        let mut thrown = thrown.collect::<BTreeSet<String>>();
        thrown.retain(alone);
        found.entry(name).or_default().push(Target {
            facts,
            function,
            class,
            promises: promises(facts, function),
            errors: thrown,
            sides,
        });
    }
    found
}

/// The functions of files with guards, and those of other files that call one of them.
fn deciding<'a>(index: &'a CodeIndex, code: &Code<'_>) -> Vec<&'a Symbol> {
    let is_function = |symbol: &&Symbol| matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
    let mut by_path: BTreeMap<&RepoPath, Vec<&Symbol>> = BTreeMap::new();
    for symbol in index.symbols.iter().filter(is_function) {
        by_path.entry(&symbol.path).or_default().push(symbol);
    }
    let mut found = Vec::new();
    let (mut known, mut names, mut files) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (path, symbols) in &by_path {
        let Some(facts) = index.files.get(path) else { continue };
        if code.guards(facts.file).is_empty() {
            continue;
        }
        found.extend(symbols.iter().copied());
        files.insert(*path);
        for symbol in symbols {
            names.insert(self::names(symbol).1);
            known.extend(function_at(facts, symbol.span.bytes).map(|function| (facts.file, function)));
        }
    }
    let guarded = files.clone();
    for _ in 0..CALLS {
        let leads = |edge: &&ImportEdge| {
            !edge.type_only && (files.contains(&edge.to) || edge.names.iter().any(|name| names.contains(name.as_str())))
        };
        let callers = index.imports.iter().filter(leads).map(|edge| &edge.from);
        let callers: BTreeSet<&RepoPath> = callers.filter(|path| !guarded.contains(path)).collect();
        let mut next = Vec::new();
        for path in callers {
            let Some(facts) = index.files.get(path) else { continue };
            for symbol in by_path.get(path).into_iter().flatten() {
                let Some(function) = function_at(facts, symbol.span.bytes) else {
                    continue;
                };
                let calls = |id: NodeId| match facts.tree.syntax(id) {
                    Syntax::Call { callee, .. } => code
                        .function(facts, *callee, &mut Vec::new())
                        .is_some_and(|of| known.contains(&(of.facts.file, of.function))),
                    _ => false,
                };
                let place = (facts.file, function);
                if !known.contains(&place) && facts.tree.below(function).into_iter().any(calls) {
                    next.push((*symbol, place));
                }
            }
        }
        known.extend(next.iter().map(|(_, place)| *place));
        names.extend(next.iter().map(|(symbol, _)| self::names(symbol).1));
        files.extend(next.iter().map(|(symbol, _)| &symbol.path));
        found.extend(next.into_iter().map(|(symbol, _)| symbol));
    }
    found
}

/// The class or type of a method, and the last name.
fn names(symbol: &Symbol) -> (Option<&str>, &str) {
    let mut parts = symbol.name.rsplit(['.', ':']).filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or_default();
    (parts.next(), name)
}

/// How often the code that is no test makes an error of this class; `class E(Exception)` declares it.
fn made(index: &CodeIndex, tests: &BTreeSet<&RepoPath>, name: &str) -> usize {
    let (call, class) = (format!("{name}("), format!("class {name}("));
    let code = index.files.iter().filter(|(path, _)| !tests.contains(path));
    let count = |text: &str| text.matches(&call).count() - text.matches(&class).count();
    code.map(|(_, facts)| count(&facts.text)).sum()
}

/// The outermost function of a place.
fn function_at(facts: &FileFacts, place: Bytes) -> Option<NodeId> {
    let is_function = |id: &NodeId| {
        place.contains(facts.tree.bytes(*id))
            && matches!(facts.tree.syntax(*id), Syntax::Function(function) if function.body.is_some())
    };
    let functions = facts.tree.ids().filter(is_function);
    functions.max_by_key(|id| {
        let bytes = facts.tree.bytes(*id);
        (bytes.end - bytes.start, std::cmp::Reverse(bytes.start))
    })
}
