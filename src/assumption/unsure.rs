//! Whether a test may see something else than the default, although nothing that is followed sets the flag for it. Enters: a test, a flag and
//! the value that it would have to see. Leaves: the place that may set it: what every test may see ([`Unsure`]), a write into what holds
//! flags in the test, around it, in a helper that it names or in a file that calls it, and what an earlier test of its file leaves behind.
//!
//! Only who would be blocked is asked: that a default fits shows that it may be what the test runs with.
//!
//! [`Unsure`]: crate::index::ambient::unsure::Unsure

use std::collections::BTreeSet;

use super::table::FlagFacts;
use crate::flag::{FlagKey, FlagValue};
use crate::index::ambient::writes::Write;
use crate::index::{CodeIndex, ImportEdge, TestCase, frameworks};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, RepoPath, Span};

/// Helpers of helpers.
const DEEPEST: usize = 6;
/// Calls that patch a method of a class for a test.
const PATCHES: &[&str] = &["method", "spyOn", "stub", "replace", "object", "mock", "getter"];

/// Why a test may see another value.
struct Asked<'a> {
    index: &'a CodeIndex,
    case: &'a TestCase,
    facts: &'a FileFacts,
    flag: &'a FlagKey,
    known: Option<&'a FlagFacts>,
    /// The other tests of the file, and suites that this one is not in.
    foreign: Vec<Bytes>,
}

/// The first place that may give test number `test` the value `needs`.
#[must_use]
pub fn may_be(
    index: &CodeIndex,
    test: usize,
    flag: &FlagKey,
    known: Option<&FlagFacts>,
    needs: FlagValue,
) -> Option<Span> {
    let case = index.tests.get(test)?;
    let facts = index.files.get(&case.path)?;
    let others = index
        .tests
        .iter()
        .filter(|other| other.path == case.path && other.span != case.span);
    let mut foreign = Vec::new();
    for other in others {
        if !other.span.contains(case.span) {
            foreign.push(other.span.bytes);
        }
        let suites = other.suite_spans.iter().filter(|suite| !suite.contains(case.span));
        foreign.extend(suites.map(|suite| suite.bytes));
    }
    foreign.sort_by_key(|bytes| (bytes.start, bytes.end));
    foreign.dedup();
    let asked = Asked {
        index,
        case,
        facts,
        flag,
        known,
        foreign,
    };
    let unsure = &index.ambient.unsure.flags;
    let everywhere = asked.names().find_map(|name| unsure.get(&name).copied());
    everywhere
        .or_else(|| asked.own())
        .or_else(|| asked.overridden())
        .or_else(|| asked.by_helpers())
        .or_else(|| asked.by_callers())
        .or_else(|| asked.left_behind(test, needs))
}

impl Asked<'_> {
    fn names(&self) -> impl Iterator<Item = FlagKey> {
        let aliases = self.known.into_iter().flat_map(|known| known.aliases.iter());
        std::iter::once(self.flag.clone()).chain(aliases.map(|alias| FlagKey::new(alias)))
    }

    fn concerns(&self, write: &Write) -> bool {
        self.names().any(|name| write.keys.contains(&name))
    }

    /// What is said in this file but in no other test.
    fn is_shared(&self, bytes: Bytes) -> bool {
        !self.foreign.iter().any(|foreign| foreign.contains(bytes))
    }

    /// A write in the test, or in what stands around it and runs for it.
    fn own(&self) -> Option<Span> {
        let writes = self.index.ambient.unsure.writes.get(&self.case.path)?;
        let mut writes = writes.iter().filter(|write| self.concerns(write));
        let runs = |write: &&Write| {
            if self.case.span.contains(write.span) {
                return true;
            }
            self.is_shared(write.span.bytes)
                && match &write.within {
                    Some((name, holder)) => holder.contains(self.case.span) || self.says(name, write.by_parameter),
                    None => true,
                }
        };
        writes.find(runs).map(|write| write.span)
    }

    /// The test or what it shares with others names this function or class. A function that is told by its parameter which flag it sets is
    /// meant only where something that may be this flag is passed.
    fn says(&self, name: &str, by_parameter: bool) -> bool {
        let tree = &self.facts.tree;
        let mut uses = tree.ids().filter(|id| {
            let is_it = match tree.syntax(*id) {
                Syntax::Name => self.facts.words(*id) == name,
                Syntax::Member { property, .. } => self.facts.slice(*property) == name,
                _ => false,
            };
            is_it && self.is_shared(tree.bytes(*id)) && !self.binds(*id)
        });
        uses.any(|id| !(by_parameter && self.passes_another(id)))
    }

    fn binds(&self, id: NodeId) -> bool {
        let up = self.facts.tree.node(id).parent;
        up.is_some_and(|up| matches!(self.facts.tree.syntax(up), Syntax::Let { pattern, .. } if *pattern == id))
    }

    fn passes_another(&self, callee: NodeId) -> bool {
        let tree = &self.facts.tree;
        let Some(Syntax::Call { callee: of, args, .. }) = tree.node(callee).parent.map(|up| tree.syntax(up)) else {
            return false;
        };
        let text = |arg: &NodeId| match tree.syntax(tree.bare(*arg)) {
            Syntax::Text(text) => Some(FlagKey::new(text)),
            _ => None,
        };
        let texts: Vec<FlagKey> = args.iter().filter_map(text).collect();
        *of == callee && !texts.is_empty() && !self.names().any(|name| texts.contains(&name))
    }

    /// A method that reads the flag, in the place of which the test puts another.
    fn overridden(&self) -> Option<Span> {
        let reads = self.known.into_iter().flat_map(|known| known.reads.iter());
        let symbols = reads.map(|at| &*self.index.reads[*at].symbol);
        let methods: BTreeSet<&str> = symbols
            .filter_map(|symbol| symbol.rsplit_once(['.', ':']).map(|(_, method)| method))
            .collect();
        let tree = &self.facts.tree;
        let is_it = |id: &NodeId| match tree.syntax(*id) {
            Syntax::Function(of) => {
                let named = of.name.as_ref().is_some_and(|(name, _)| methods.contains(&**name));
                let up = tree.node(*id).parent;
                let extends = |up| matches!(tree.syntax(up), Syntax::Class { extends, .. } if !extends.is_empty());
                named && up.is_some_and(extends)
            }
            Syntax::Call { callee, args, .. } => {
                let words = self.facts.words(*callee);
                let last = words.rsplit(['.', ':']).next().unwrap_or(words);
                let is_method = |arg: &NodeId| matches!(tree.syntax(tree.bare(*arg)), Syntax::Text(text) if methods.contains(text.rsplit('.').next().unwrap_or(text)));
                PATCHES.contains(&last) && args.iter().take(2).any(is_method)
            }
            Syntax::Assign { target, .. } => match tree.syntax(tree.bare(*target)) {
                Syntax::Member { property, .. } => methods.contains(self.facts.slice(*property)),
                _ => false,
            },
            _ => false,
        };
        if methods.is_empty() {
            return None;
        }
        let mut places = tree.ids().filter(|id| self.is_shared(tree.bytes(*id)));
        places.find(is_it).map(|id| tree.bytes(id).in_file(self.facts.file))
    }

    fn imports(&self, of: &RepoPath) -> &[ImportEdge] {
        let edges = &self.index.imports;
        let first = edges.partition_point(|edge| edge.from < *of);
        let count = edges[first..].partition_point(|edge| edge.from == *of);
        &edges[first..first + count]
    }

    fn is_of_tests(&self, path: &RepoPath) -> bool {
        frameworks::is_support_path(path) || self.index.test_files.binary_search(path).is_ok()
    }

    /// A file of helpers that the test imports and whose names it uses.
    fn by_helpers(&self) -> Option<Span> {
        let edges = self.imports(&self.case.path).iter().filter(|edge| !edge.type_only);
        for edge in edges {
            if self.is_of_tests(&edge.to) {
                let mut seen = BTreeSet::from([&self.case.path]);
                let Some(write) = self.below(&edge.to, &mut seen, DEEPEST) else {
                    continue;
                };
                let by_parameter = |name: &str| {
                    write.by_parameter
                        && write.path == edge.to
                        && write.within.as_ref().is_some_and(|(of, _)| of == name)
                };
                let locals = self.locals(edge);
                if locals.is_empty() || locals.iter().any(|(local, name)| self.says(local, by_parameter(name))) {
                    return Some(write.span);
                }
                continue;
            }
            let writes = self.index.ambient.unsure.writes.get(&edge.to).into_iter().flatten();
            for write in writes.filter(|write| self.concerns(write)) {
                let Some((within, _)) = &write.within else { continue };
                let mut locals = self.locals(edge).into_iter();
                if locals.any(|(local, name)| name == within && self.says(local, write.by_parameter)) {
                    return Some(write.span);
                }
            }
        }
        None
    }

    /// What an import calls its names here and there.
    fn locals(&self, edge: &ImportEdge) -> Vec<(&str, &str)> {
        let tree = &self.facts.tree;
        let of_edge = tree
            .ids()
            .filter(|id| edge.span.bytes.contains(tree.bytes(*id)) || tree.bytes(*id).contains(edge.span.bytes));
        let names = of_edge.filter_map(|id| match tree.syntax(id) {
            Syntax::Import { names, .. } => Some(names),
            _ => None,
        });
        names.flatten().map(|name| (&*name.local, &*name.imported)).collect()
    }

    /// The first write of a file of helpers, or of those that it imports.
    fn below<'s>(&'s self, path: &'s RepoPath, seen: &mut BTreeSet<&'s RepoPath>, depth: usize) -> Option<&'s Write> {
        let depth = depth.checked_sub(1)?;
        if !seen.insert(path) {
            return None;
        }
        let writes = self.index.ambient.unsure.writes.get(path).into_iter().flatten();
        let in_tests = |write: &Write| {
            let mut tests = self.index.tests.iter().filter(|test| test.path == *path);
            tests.any(|test| test.span.contains(write.span))
        };
        let mut writes = writes.filter(|write| self.concerns(write) && !in_tests(write));
        if let Some(write) = writes.next() {
            return Some(write);
        }
        let edges = self
            .imports(path)
            .iter()
            .filter(|edge| !edge.type_only && self.is_of_tests(&edge.to));
        edges.map(|edge| &edge.to).find_map(|to| self.below(to, seen, depth))
    }

    /// A file that imports this one and writes when it is loaded or before its tests: what stands here may run for it.
    fn by_callers(&self) -> Option<Span> {
        let callers = self
            .index
            .imports
            .iter()
            .filter(|edge| edge.to == self.case.path && !edge.type_only);
        let mut writes = callers
            .filter_map(|edge| self.index.ambient.unsure.writes.get(&edge.from))
            .flatten();
        let runs = |write: &&Write| write.within.is_none() && self.concerns(write);
        writes.find(runs).map(|write| write.span)
    }

    /// What an earlier test of the file sets and nothing takes back.
    fn left_behind(&self, test: usize, needs: FlagValue) -> Option<Span> {
        let first = self.index.leaks.partition_point(|leak| leak.test < test);
        let earlier = self.index.leaks[..first].iter().rev();
        let mut own = earlier.take_while(|leak| self.index.tests[leak.test].path == self.case.path);
        let is_it = |name: &FlagKey, value: FlagValue| self.names().any(|own| own == *name) && value != needs.flipped();
        own.find(|leak| is_it(&leak.key, leak.value)).map(|leak| leak.span)
    }
}

#[cfg(test)]
mod tests;
