//! Where flags are defined, and what stands for them from there on. Enters: the sites of `define` rules. Leaves: [`FlagDefinition`]s
//! and [`Handles`]. A declared value is only what the definition itself says; nothing is assumed.

use std::collections::BTreeMap;

use super::FlagDefinition;
use super::code::{At, Code, Trail};
use super::condition::KeyTerm;
use super::keys::{self, Handle, Handles, KeyFound};
use super::site::{KeySource, Site, SiteEntry, ValueSource};
use super::values::value_of;
use crate::flag::{FlagKey, FlagValue};
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::RuleKind;
use crate::rules::shape::Shape;
use crate::rules::{RuleSet, rule};
use crate::source::{Bytes, Span};

/// The definitions of the tree, and what stands for flags.
#[derive(Debug, Default)]
pub struct Definitions {
    /// In the order in which the sites were given.
    pub definitions: Vec<FlagDefinition>,
    /// Expressions that stand for a flag.
    pub handles: Handles,
}

/// Reads the definitions of the files of `code`; `sites` gives those of a file.
#[must_use]
pub fn collect<'s>(
    code: &Code<'_>,
    rules: &RuleSet,
    sites: &dyn Fn(usize) -> &'s [Site],
    trail: &mut Trail,
) -> Definitions {
    let mut found = Definitions::default();
    for unit in 0..code.units().len() {
        let mut bound: Option<BTreeMap<u32, NodeId>> = None;
        for site in sites(unit) {
            if !matches!(rules.rule(site.rule).kind, RuleKind::Define(_)) {
                continue;
            }
            for entry in &site.entries {
                let Some((key, alias)) = key_of_entry(code, rules, unit, site, entry, trail) else {
                    continue;
                };
                if let Some((word, name)) = &entry.handle {
                    let bound = bound.get_or_insert_with(|| names(code, unit));
                    if let Some(node) = bound.get(&name.start) {
                        let node = code.settle(At { unit, node: *node }, trail.restart());
                        let handle = handle(rules, site, &key);
                        found.handles.insert(code.file(node.unit), node.node, word, handle);
                    }
                }
                found
                    .definitions
                    .push(definition(code, rules, unit, site, entry, key, alias, trail));
            }
        }
    }
    found
}

/// The key of one entry, and the name of its property where that differs (`{ newCheckout: 'new-checkout' }`).
fn key_of_entry(
    code: &Code<'_>,
    rules: &RuleSet,
    unit: usize,
    site: &Site,
    entry: &SiteEntry,
    trail: &mut Trail,
) -> Option<(KeyFound, Option<String>)> {
    let key = match &entry.key {
        KeySource::Node(node) => keys::key_of(code, &Handles::default(), At { unit, node: *node }, trail.restart())?,
        KeySource::Known(key, bytes) => KeyFound {
            term: KeyTerm::Known(FlagKey::new(key)),
            place: Some(bytes.in_file(code.file(unit))),
        },
        KeySource::Every => return None,
    };
    let KeyTerm::Known(name) = &key.term else {
        return None;
    };
    let traits = &rules.files[site.rule.file].flags;
    if !traits.accepts(name.as_str()) || name.as_str().chars().any(char::is_whitespace) {
        return None;
    }
    // A map from names in code to keys: the text is the key.
    if let Some(ValueSource::Node(node)) = &entry.value {
        let value = code.settle(At { unit, node: *node }, trail.restart());
        if let Syntax::Text(text) = code.syntax(value)
            && **text != *name.as_str()
            && plain(text) == plain(name.as_str())
        {
            let bytes = code.tree(value.unit).bytes(value.node);
            let found = KeyFound {
                term: KeyTerm::Known(FlagKey::new(text)),
                place: Some(bytes.in_file(code.file(value.unit))),
            };
            return Some((found, Some(name.as_str().to_owned())));
        }
    }
    Some((key, None))
}

/// A name without its spelling.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn handle(rules: &RuleSet, site: &Site, key: &KeyFound) -> Handle {
    let rule = rules.rule(site.rule);
    let binding = matches!(&rule.kind, RuleKind::Define(define) if define.handle == Some(rule::Handle::Binding));
    Handle {
        key: key.clone(),
        rule: site.rule,
        confidence: site.confidence,
        is_value: binding && matches!(rule.shape, Some(Shape::Const(_))),
    }
}

/// The value behind each name that is bound, by the first byte of the name.
fn names(code: &Code<'_>, unit: usize) -> BTreeMap<u32, NodeId> {
    let tree = code.tree(unit);
    let mut found = BTreeMap::new();
    for id in tree.ids() {
        let (start, node) = match tree.syntax(id) {
            Syntax::Let {
                pattern,
                value: Some(value),
                ..
            } => (tree.bytes(*pattern).start, *value),
            Syntax::Entry {
                key: Key::Name(_, bytes),
                value,
            } => (bytes.start, *value),
            Syntax::Field {
                key: Key::Name(_, bytes),
                value,
                ..
            } => (bytes.start, value.unwrap_or(id)),
            Syntax::Class {
                name: Some((_, bytes)), ..
            } => (bytes.start, id),
            Syntax::Impl { target, .. } => (tree.bytes(*target).start, *target),
            _ => continue,
        };
        found.entry(start).or_insert(node);
    }
    found
}

#[expect(
    clippy::too_many_arguments,
    reason = "one place where a site's parts become a definition"
)]
fn definition(
    code: &Code<'_>,
    rules: &RuleSet,
    unit: usize,
    site: &Site,
    entry: &SiteEntry,
    key: KeyFound,
    alias: Option<String>,
    trail: &mut Trail,
) -> FlagDefinition {
    let file = code.file(unit);
    let tree = code.tree(unit);
    let (declared, value_span): (FlagValue, Option<Bytes>) = match &entry.value {
        Some(ValueSource::Node(node)) if alias.is_none() => {
            let value = value_of(code, At { unit, node: *node }, trail.restart());
            (value, Some(tree.bytes(*node)))
        }
        Some(ValueSource::Known(value)) => (*value, None),
        Some(ValueSource::Text(text, bytes)) => (FlagValue::parse(text), Some(*bytes)),
        _ => (FlagValue::Unknown, None),
    };
    let name = match key.term {
        KeyTerm::Known(name) => name,
        KeyTerm::Param(_) => FlagKey::new(""),
    };
    let mut aliases = rules.files[site.rule.file].flags.spellings(name.as_str());
    aliases.extend(alias);
    aliases.extend(entry.handle.iter().map(|(name, _)| name.clone()));
    aliases.sort();
    aliases.dedup();
    let site_span: Span = tree.bytes(site.node).in_file(file);
    FlagDefinition {
        key: name,
        declared,
        span: key.place.unwrap_or(site_span),
        value_span: value_span.map(|bytes| bytes.in_file(file)),
        rule: rules.name(site.rule),
        confidence: site.confidence,
        aliases,
    }
}
