//! Members that both sides of a pair add to one enum, struct or interface of one file, at different places: git keeps both. Enters: the [`Work`] of both. Leaves:
//! [`Breach`]es.

use std::collections::BTreeMap;

use super::spoken::breach;
use super::work::{Parsed, Work};
use super::{Breach, BreachKind, Certainty, member};
use crate::lang::Language;
use crate::lang::tree::{Key, Syntax};
use crate::source::{Bytes, Sources, Span};

/// The members that both add.
pub(super) fn members(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (path, ours) in &works[0].code {
        let Some(theirs) = works[1].code.get(path) else {
            continue;
        };
        let (Some(base), Some(one), Some(other)) = (&ours.base, &ours.side, &theirs.side) else {
            continue;
        };
        let had = named(base);
        let (mine, others) = (named(one), named(other));
        for (name, bytes) in &mine {
            let Some(second) = others.get(name).filter(|_| !had.contains_key(name)) else {
                continue;
            };
            let owner = name
                .rsplit_once(['.', ':'])
                .map_or("", |(owner, _)| owner.trim_end_matches(':'));
            let has_owner = |parsed: &Parsed| parsed.outline.items.iter().any(|item| item.key.name == owner);
            if !has_owner(base) {
                continue;
            }
            let spans: [Span; 2] = [
                bytes.in_file(one.unit.facts.file),
                second.in_file(other.unit.facts.file),
            ];
            // Where the places are one, the two are one change.
            let places = [
                ours.touched.instead_of(sources.start(spans[0]).line),
                theirs.touched.instead_of(sources.start(spans[1]).line),
            ];
            if let [Some(a), Some(b)] = places
                && a.start <= b.start + b.count
                && b.start <= a.start + a.count
            {
                continue;
            }
            let deeds = [
                format!("adds {name} to {path}"),
                "does so too, at another place, and git keeps both".to_owned(),
            ];
            found.push(breach(0, (BreachKind::AddedTwice, Certainty::Seen, name), deeds, spans));
        }
    }
    found
}

/// The members of the types of a text, in languages in which a type has one of a name.
fn named(parsed: &Parsed) -> BTreeMap<String, Bytes> {
    let facts = &parsed.unit.facts;
    let tree = &facts.tree;
    let mut found = BTreeMap::new();
    // A class of Python may bind a name twice, and a file of Ruby has no members.
    if matches!(facts.language, Language::Ruby | Language::JavaScript | Language::Python) {
        return found;
    }
    for id in tree.ids() {
        let (owner, members) = match tree.syntax(id) {
            Syntax::Enum { name, members, .. } | Syntax::Interface { name, members } => (&*name.0, members),
            Syntax::Class {
                name: Some((name, _)),
                members,
                ..
            } => (&**name, members),
            _ => continue,
        };
        for one in members {
            if let Syntax::Field {
                key: Key::Name(key, bytes),
                ..
            } = tree.syntax(*one)
            {
                found.insert(member(facts.language, owner, key), *bytes);
            }
        }
    }
    found
}
