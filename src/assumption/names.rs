//! What the world calls a flag. Enters: the code, the flag file, the documents as they read without knowing either. Leaves: [`KnownNames`], by
//! which they are read again: `newCheckout` in backticks is a flag where somebody defines, reads, records, declares or ships one.

use std::collections::BTreeSet;

use crate::flag::{FlagKey, FlagValue, Ledger};
use crate::index::test_code::TestCode;
use crate::index::{CodeIndex, SchemaObject, Symbol, SymbolKind};
use crate::prd::{Claim, KnownNames, Prd, Statement};

/// The names of flags that a document cannot know for itself, and the names of other things that it may take for flags. Names in
/// `snake_case` and `kebab-case` are left out: documents read them right without help.
#[must_use]
pub fn flag_names(index: &CodeIndex, ledger: &Ledger, prds: &[Prd]) -> KnownNames {
    let mut flags: BTreeSet<&str> = BTreeSet::new();
    for definition in &index.definitions {
        flags.insert(definition.key.as_str());
        flags.extend(definition.aliases.iter().map(String::as_str));
    }
    let tests = TestCode::of(index);
    let in_code = index.reads.iter().filter(|read| !tests.holds(read.span));
    flags.extend(in_code.map(|read| read.key.as_str()));
    flags.extend(ledger.entries.iter().map(|entry| entry.flag.as_str()));
    let told: BTreeSet<&str> = prds.iter().flat_map(declared).collect();
    let promised: BTreeSet<&str> = prds.iter().flat_map(shipped).collect();
    let mut claimed: BTreeSet<&str> = flags.iter().chain(&told).chain(&promised).copied().collect();
    claimed.retain(|name| !reads_itself(name));
    let others: BTreeSet<&str> = index
        .symbols
        .iter()
        .filter(|symbol| symbol.kind != SymbolKind::Constant && !tests.holds(symbol.span))
        .filter(|symbol| !reads_the_flag(index, symbol))
        .filter_map(|symbol| claimed.get(last(&symbol.name)).copied())
        .collect();
    let mut names = KnownNames::default();
    flags.iter().for_each(|name| names.add_settled(name));
    for prd in prds {
        let with_default = prd.statements.iter().filter_map(settled);
        with_default.for_each(|name| names.add_settled_by(name, &prd.id));
    }
    for change in &index.schema {
        if let SchemaObject::Table(table) | SchemaObject::Column(table, _) = &change.object {
            names.add_table(table);
        }
    }
    for name in claimed {
        let known = flags.contains(name) || told.contains(name);
        // What only a document's sentence makes a flag, and the code has for something else, is none.
        if known || !others.contains(name) {
            names.add_flag(name);
        }
        if others.contains(name) {
            names.add_code(name);
        }
    }
    names
}

/// The keys that the project itself calls flags: in its flag file, in front matter, in what a PRD ships. Code that asks the environment for one
/// of them reads a flag, though its name may look like any setting's.
#[must_use]
pub fn called_flags(ledger: &Ledger, prds: &[Prd]) -> BTreeSet<String> {
    let recorded = ledger.entries.iter().map(|entry| entry.flag.as_str());
    let told = prds.iter().flat_map(|prd| declared(prd).chain(shipped(prd)));
    recorded.chain(told).map(str::to_owned).collect()
}

/// True for the names that documents read right without help.
fn reads_itself(name: &str) -> bool {
    name.contains(['_', '-'])
}

fn last(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// `newCheckout()` that asks for the flag `newCheckout` is the flag by another name.
fn reads_the_flag(index: &CodeIndex, symbol: &Symbol) -> bool {
    let name = last(&symbol.name);
    index.reads.iter().any(|read| {
        let asks = symbol.span.contains(read.span) || read.via.iter().any(|via| last(via) == name);
        read.key.as_str() == name && asks
    })
}

/// The flags that front matter names.
fn declared(prd: &Prd) -> impl Iterator<Item = &str> {
    prd.statements
        .iter()
        .filter(|statement| statement.declared)
        .filter_map(|statement| match &statement.claim {
            Claim::Introduces { key, .. }
            | Claim::Assumes { key, .. }
            | Claim::Stubs { key, .. }
            | Claim::PlansFlip { key, .. } => key.as_ref().map(FlagKey::as_str),
            Claim::States { key, .. } => Some(key.as_str()),
            Claim::DependsOn { .. } | Claim::Before { .. } | Claim::Foundation | Claim::Hotfix | Claim::Bumps => None,
        })
}

/// The flag that a statement ships, where its default is told.
fn settled(statement: &Statement) -> Option<&str> {
    match &statement.claim {
        Claim::Introduces {
            key: Some(key),
            default,
            ..
        } if *default != FlagValue::Unknown => Some(key.as_str()),
        _ => None,
    }
}

/// The flags that sentences ship or turn.
fn shipped(prd: &Prd) -> impl Iterator<Item = &str> {
    prd.statements.iter().filter_map(|statement| match &statement.claim {
        Claim::Introduces { key: Some(key), .. } | Claim::PlansFlip { key: Some(key), .. } => Some(key.as_str()),
        _ => None,
    })
}
