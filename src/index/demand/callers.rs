//! Callers of functions in which a flag decides. Enters: the parsed files with their flows. Leaves: the files that name such a function and
//! its file; what a test of one of these sees depends on the flag, too.

use std::collections::{BTreeMap, BTreeSet};

use super::words::Words;
use super::{Demand, is_test, stem};
use crate::index::code::{At, Code, Trail};
use crate::index::exports::Export;
use crate::index::flow::Flow;
use crate::lang::Language;
use crate::lang::tree::{Key, Syntax};
use crate::source::FileId;

/// A name that is shorter stands in too many texts to ask for it.
const SHORTEST: usize = 4;
/// Where more files than this name one of the functions, the names are words that anybody uses.
const MANY: usize = 400;
/// A file that passes on all that another one gives out.
const PASSES_ON: [&str; 3] = ["export * from", "import *", "::*;"];

/// True for a name of several words: who uses it means this one.
fn is_own(name: &str) -> bool {
    let mut humps = name.chars().zip(name.chars().skip(1));
    name.trim_matches('_').contains('_') || humps.any(|(a, b)| a.is_lowercase() && b.is_uppercase())
}

/// The names of several words under which an object that a file gives out holds flags: `isTaxEnabled` in `export default { isTaxEnabled:
/// process.env.TAX === 'true' }`.
fn properties<'u>(code: &'u Code<'_>, unit: usize, flow: &Flow) -> Vec<&'u str> {
    let tree = code.tree(unit);
    let mut found = Vec::new();
    for export in code.units()[unit].exports.names.values() {
        let Export::Node(node, parts) = export else { continue };
        let settled = code.settle(At { unit, node: *node }, &mut Trail::default());
        let Syntax::Object { entries, .. } = tree.syntax(settled.node) else {
            continue;
        };
        if settled.unit != unit || !parts.is_empty() {
            continue;
        }
        for entry in entries {
            let whole = tree.bytes(*entry);
            if let Syntax::Entry {
                key: Key::Name(name, _),
                ..
            } = tree.syntax(*entry)
                && is_own(name)
                && flow.reads.keys().any(|read| whole.contains(tree.bytes(read.node)))
            {
                found.push(&**name);
            }
        }
    }
    found
}

impl Demand<'_> {
    /// The files that may call a function of another file in which a flag is read.
    #[must_use]
    pub fn callers(
        &self,
        parsed: &BTreeSet<FileId>,
        code: &Code<'_>,
        flows: &BTreeMap<FileId, Flow>,
    ) -> BTreeSet<FileId> {
        let (mut names, mut stems, mut packages) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (number, unit) in code.units().iter().enumerate() {
            if is_test(&unit.facts.path) {
                continue;
            }
            let Some(flow) = flows.get(&unit.facts.file).filter(|flow| !flow.reads.is_empty()) else {
                continue;
            };
            let tree = &unit.facts.tree;
            let decides = |export: &Export| match export {
                Export::Node(node, parts) if parts.is_empty() => {
                    let node = tree.bare(*node);
                    let whole = tree.bytes(node);
                    matches!(tree.syntax(node), Syntax::Function(_))
                        && flow.reads.keys().any(|read| whole.contains(tree.bytes(read.node)))
                }
                _ => false,
            };
            let given = unit.exports.names.iter().filter(|(_, export)| decides(export));
            let given: Vec<&str> = given
                .map(|(name, _)| &**name)
                .filter(|name| name.len() >= SHORTEST)
                .collect();
            names.extend(properties(code, number, flow));
            if !given.is_empty() {
                names.extend(given.into_iter().filter(|name| *name != "default"));
                stems.insert(stem(&unit.facts.path));
                packages.insert(unit.facts.path.parent());
            }
        }
        let (own, common): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| is_own(name));
        let (own, common) = (Words::new(own.into_iter()), Words::new(common.into_iter()));
        let stems = Words::new(stems.iter().map(String::as_str));
        if own.is_empty() && common.is_empty() {
            return BTreeSet::new();
        }
        let found = self.select(|path, file, language| {
            let text = &*self.sources.file(file).text;
            let near = || stems.are_in(text) || language == Language::Go && packages.contains(path.parent());
            let passes_on = || PASSES_ON.iter().any(|words| text.contains(words));
            let names_one = || own.are_in(text) || (common.are_in(text) || passes_on()) && near();
            !parsed.contains(&file) && !is_test(path) && names_one()
        });
        if found.len() > MANY { BTreeSet::new() } else { found }
    }
}
