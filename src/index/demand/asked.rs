//! Files that ask only for what is defined. Enters: the texts that rules of that kind (`only_defined`) demand, and the definitions found so
//! far. Leaves: those texts in which a name stands by which a flag is known; in any other such a rule finds nothing that counts.

use std::collections::BTreeSet;

use super::{Demand, SHORTEST_NAME, Words};
use crate::index::FlagDefinition;
use crate::index::code::Code;
use crate::index::exports::Export;
use crate::index::keys::Handles;
use crate::lang::tree::Syntax;
use crate::rules::RuleSet;
use crate::source::FileId;

impl Demand<'_> {
    /// The files that rules demand which count for flags that are defined, and for no others.
    #[must_use]
    pub fn askers(&self, parsed: &BTreeSet<FileId>) -> BTreeSet<FileId> {
        self.select(|_, file, language| {
            !parsed.contains(&file) && self.rules.asks(language, &self.sources.file(file).text)
        })
    }

    /// Of those, the ones that name a flag: its key in any spelling, what stands for it, or what it is a part of.
    #[must_use]
    pub fn asked(
        &self,
        askers: &BTreeSet<FileId>,
        parsed: &BTreeSet<FileId>,
        code: &Code<'_>,
        definitions: &[&FlagDefinition],
        handles: &Handles,
    ) -> BTreeSet<FileId> {
        let open: Vec<FileId> = askers.iter().filter(|file| !parsed.contains(file)).copied().collect();
        if open.is_empty() {
            return BTreeSet::new();
        }
        let mut names = keys(self.rules, definitions);
        let holders = holders(code, definitions, &names);
        names.extend(handles.names().map(str::to_owned));
        names.extend(holders);
        let words = Words::new(names.iter().map(String::as_str));
        let names_one = |file: &FileId| words.are_in(&self.sources.file(*file).text);
        open.into_iter().filter(names_one).collect()
    }
}

/// The keys of all flags, in every spelling under which such a rule knows them.
fn keys(rules: &RuleSet, definitions: &[&FlagDefinition]) -> BTreeSet<String> {
    let files = || rules.files.iter().filter(|file| file.flags.only_defined);
    let mut names: BTreeSet<String> = files().flat_map(|file| file.flags.declared.iter().cloned()).collect();
    for definition in definitions {
        names.insert(definition.key.as_str().to_owned());
        names.extend(definition.aliases.iter().cloned());
        names.extend(files().flat_map(|file| file.flags.spellings(definition.key.as_str())));
    }
    names
}

/// The names of what is given out and holds a definition (an enum, a map, a class), and of constants that are a key.
fn holders(code: &Code<'_>, definitions: &[&FlagDefinition], keys: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, unit) in code.units().iter().enumerate() {
        let tree = code.tree(at);
        let here: Vec<_> = definitions
            .iter()
            .filter(|of| of.span.file == unit.facts.file)
            .collect();
        let is_key = |id| matches!(tree.syntax(id), Syntax::Text(text) if keys.contains(&**text));
        for (name, export) in &unit.exports.names {
            let Export::Node(node, _) = export else { continue };
            let bytes = tree.bytes(*node);
            let holds = here.iter().any(|of| bytes.contains(of.span.bytes));
            let is_constant = match tree.syntax(*node) {
                Syntax::Let { value: Some(value), .. } => is_key(tree.bare(*value)),
                _ => is_key(tree.bare(*node)),
            };
            let last = name.rsplit("::").next().unwrap_or(name);
            if (holds || is_constant) && last.len() >= SHORTEST_NAME {
                found.insert(last.to_owned());
            }
        }
    }
    let passed_on = code.units().iter().flat_map(|unit| unit.exports.names.iter());
    let passed_on = passed_on.filter_map(|(own, export)| match export {
        Export::From { name, .. } if found.contains(&**name) => Some(own.to_string()),
        _ => None,
    });
    let passed_on: BTreeSet<String> = passed_on.collect();
    found.extend(passed_on);
    found
}
