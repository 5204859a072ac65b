//! Lists of keys that are known by who asks with them. Enters: what files read, by the names that stand for their keys (`has(FEATURES.NEW_TAX)`).
//! Leaves: definitions for the members of the enums, classes, maps and files of constants that these names lead to, where no rule has found
//! any. A name says nothing here: what is asked like a flag is one, and so are its neighbours in the same list.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::code::{At, Code, Trail};
use super::condition::KeyTerm;
use super::definitions::Definitions;
use super::flow::Flow;
use super::keys::{self, Handles};
use super::{FlagDefinition, frameworks};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax, Tree};
use crate::rules::shape::Shape;
use crate::rules::{Confidence, RuleRef, RuleSet};
use crate::source::{FileId, Span};

/// Members beyond which a list is data.
const MOST: usize = 400;
/// Of a list's members this part at least is asked for.
const PART: usize = 4;
/// Words after a key that are the key again (`Gate.A.key`).
const OWN: [&str; 6] = ["key", "value", "name", "id", "rawValue", "getKey"];
/// Words that say of a constant, or of the file that it stands in, what it is about.
const ABOUT: [&str; 7] = [
    "flag",
    "feature",
    "toggle",
    "experiment",
    "gate",
    "killswitch",
    "kill_switch",
];

/// Adds what `flows` ask for by name to what rules found.
pub(super) fn add(
    code: &Code<'_>,
    rules: &RuleSet,
    flows: &BTreeMap<FileId, Flow>,
    data: &[FlagDefinition],
    found: &mut Definitions,
) {
    let mut asked = Asked::of(code, rules, flows);
    let known: BTreeSet<&FlagKey> = found.definitions.iter().chain(data).map(|of| &of.key).collect();
    asked.forget(&known);
    if asked.names.is_empty() {
        return;
    }
    asked.learn();
    let mut new = Vec::new();
    for unit in 0..code.units().len() {
        let facts = code.facts(unit);
        if !frameworks::is_made_up(rules, &facts.path) && asked.may_stand_in(&facts.text) {
            lists(code, unit)
                .iter()
                .for_each(|list| asked.take(code, rules, list, &mut new));
        }
    }
    let known: BTreeSet<FlagKey> = known.into_iter().cloned().collect();
    for definition in new {
        if !known.contains(&definition.key) {
            found.sources.push(definition.span);
            found.definitions.push(definition);
        }
    }
}

/// A name that stands for a key where something is asked.
struct Name {
    owner: Option<String>,
    key: FlagKey,
    rule: RuleRef,
}

/// Under each last name what it stands for.
#[derive(Default)]
struct Asked {
    names: BTreeMap<String, Vec<Name>>,
    /// How several of them begin or end, where that is a word about flags: `FLAG_`, `_FLAG`.
    affixes: BTreeSet<String>,
    /// One of these, or an affix, stands in every text that matters.
    needles: Option<AhoCorasick>,
    /// Any rule by which one of them is asked for.
    rule: Option<RuleRef>,
}

/// A list of keys.
struct List<'c> {
    unit: usize,
    owner: Option<&'c str>,
    members: Vec<Member<'c>>,
}

/// One of its members.
struct Member<'c> {
    name: &'c str,
    key: FlagKey,
    span: Span,
}

impl Asked {
    fn of(code: &Code<'_>, rules: &RuleSet, flows: &BTreeMap<FileId, Flow>) -> Self {
        let mut asked = Self::default();
        for unit in 0..code.units().len() {
            let Some(flow) = flows.get(&code.file(unit)) else {
                continue;
            };
            if flow.reads.is_empty() || frameworks::is_made_up(rules, &code.facts(unit).path) {
                continue;
            }
            for read in flow.reads.values() {
                let flags = &rules.files[read.rule.file].flags;
                // Settings of a process, and wide nets, say nothing of what they catch.
                let speaks = flags.key_sure.is_none() && flags.key_filter.is_none() && !flags.only_defined;
                if let (true, Some(KeyTerm::Known(key)), Some(bytes)) = (speaks, &read.key, read.key_bytes) {
                    let is_member = matches!(rules.rule(read.rule).shape, Some(Shape::Member(_)));
                    asked.note(code.slice(unit, bytes), key, read.rule, is_member);
                }
            }
        }
        asked
    }

    fn note(&mut self, words: &str, key: &FlagKey, rule: RuleRef, is_member: bool) {
        let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | ':' | '?' | '!' | '(' | ')');
        let is_name = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'));
        if !words.starts_with(|c: char| c.is_alphabetic() || c == '_')
            || !words.chars().all(is_path)
            || (is_member && words == key.as_str())
        {
            return;
        }
        let mut parts: Vec<&str> = words.split(is_name).filter(|part| !part.is_empty()).collect();
        while parts.len() > 1 && parts.last().is_some_and(|last| OWN.contains(last)) {
            parts.pop();
        }
        let Some(name) = parts.pop() else { return };
        let of = self.names.entry(name.to_owned()).or_default();
        let owner = parts.pop().map(str::to_owned);
        if !of.iter().any(|known| known.owner == owner && known.key == *key) {
            of.push(Name {
                owner,
                key: key.clone(),
                rule,
            });
        }
    }

    fn forget(&mut self, known: &BTreeSet<&FlagKey>) {
        self.names
            .values_mut()
            .for_each(|names| names.retain(|name| !known.contains(&name.key)));
        self.names.retain(|_, names| !names.is_empty());
    }

    /// Notes what is common to their names, and what to look for.
    fn learn(&mut self) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in self.names.keys() {
            for affix in affixes(name).into_iter().flatten() {
                *counts.entry(affix).or_default() += 1;
            }
        }
        self.affixes = counts
            .into_iter()
            .filter(|(_, count)| *count > 1)
            .map(|(affix, _)| affix)
            .collect();
        self.rule = self.names.values().flatten().next().map(|name| name.rule);
        self.needles = AhoCorasick::new(self.names.keys().chain(&self.affixes)).ok();
    }

    fn may_stand_in(&self, text: &str) -> bool {
        self.needles.as_ref().is_some_and(|needles| needles.is_match(text))
    }

    /// The rule by which a member is asked for.
    fn rule_of(&self, list: &List<'_>, member: &Member<'_>) -> Option<RuleRef> {
        let of = self.names.get(member.name)?;
        let fits =
            |name: &&Name| name.key == member.key && (list.owner.is_none() || name.owner.as_deref() == list.owner);
        of.iter().find(fits).map(|name| name.rule)
    }

    fn take(&self, code: &Code<'_>, rules: &RuleSet, list: &List<'_>, new: &mut Vec<FlagDefinition>) {
        let asked: Vec<Option<RuleRef>> = list.members.iter().map(|member| self.rule_of(list, member)).collect();
        let names = list.members.iter().zip(&asked).filter(|(_, rule)| rule.is_some());
        let names: BTreeSet<&str> = names.map(|(member, _)| member.name).collect();
        let all = list.members.len();
        let whole = match list.owner {
            Some(_) => names.len() == all || (names.len() > 1 && names.len() * PART >= all),
            None => names.len() > 1 && names.len() * 2 >= all && is_about(code.facts(list.unit).path.as_str()),
        };
        let Some(rule) = asked.iter().flatten().next().copied().or(self.rule) else {
            return;
        };
        let is_alike = |name: &str| affixes(name).iter().flatten().any(|affix| self.affixes.contains(affix));
        for (member, own) in list.members.iter().zip(&asked) {
            let by_name = || list.owner.is_none() && is_alike(member.name);
            let accepts = rules.files[rule.file].flags.accepts(member.key.as_str());
            if accepts && (own.is_some() || whole || by_name()) {
                new.push(definition(rules, own.unwrap_or(rule), member));
            }
        }
    }
}

fn definition(rules: &RuleSet, rule: RuleRef, member: &Member<'_>) -> FlagDefinition {
    FlagDefinition {
        key: member.key.clone(),
        declared: FlagValue::Unknown,
        span: member.span,
        value_span: None,
        rule: rules.name(rule),
        confidence: Confidence::Low,
        aliases: Vec::new(),
    }
}

fn is_about(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ABOUT.iter().any(|word| name.contains(word))
}

/// The first and the last word of a constant's name, as far as they are about flags: `FLAG_` of `FLAG_A`.
fn affixes(name: &str) -> [Option<String>; 2] {
    let first = name
        .split_once('_')
        .map(|(first, _)| first)
        .filter(|first| is_about(first));
    let last = name
        .rsplit_once('_')
        .map(|(_, last)| last)
        .filter(|last| is_about(last));
    [
        first.map(|first| format!("{first}_")),
        last.map(|last| format!("_{last}")),
    ]
}

/// The lists of one file: its enums, classes and maps of texts, and the constants of its top level that are texts.
fn lists<'c>(code: &'c Code<'_>, unit: usize) -> Vec<List<'c>> {
    let tree = code.tree(unit);
    let (mut found, mut loose) = (Vec::new(), Vec::new());
    for id in tree.ids() {
        let (owner, members) = match tree.syntax(id) {
            Syntax::Enum { name, members, .. } => (&*name.0, &members[..]),
            Syntax::Class {
                name: Some(name),
                members,
                ..
            } => (&*name.0, &members[..]),
            Syntax::Object { entries, .. } => match owner_of(code, unit, id) {
                Some(owner) => (owner, &entries[..]),
                None => continue,
            },
            Syntax::Let { .. } if is_loose(tree, id) => {
                loose.extend(member(code, unit, id));
                continue;
            }
            _ => continue,
        };
        let members: Vec<Member<'c>> = members.iter().filter_map(|id| member(code, unit, *id)).collect();
        if !members.is_empty() && members.len() <= MOST {
            found.push(List {
                unit,
                owner: Some(owner),
                members,
            });
        }
    }
    if !loose.is_empty() && loose.len() <= MOST {
        found.push(List {
            unit,
            owner: None,
            members: loose,
        });
    }
    found
}

/// Stands outside of functions and classes.
fn is_loose(tree: &Tree, id: NodeId) -> bool {
    let inside = |up: NodeId| matches!(tree.syntax(up), Syntax::Function(_) | Syntax::Class { .. });
    !tree.ancestors(id).any(inside)
}

/// What a map is called: the name that it is bound to, or of the property that holds it.
fn owner_of<'c>(code: &'c Code<'_>, unit: usize, id: NodeId) -> Option<&'c str> {
    let tree = code.tree(unit);
    for up in tree.ancestors(id).take(4) {
        match tree.syntax(up) {
            Syntax::Wrap(..) | Syntax::Call { .. } => {}
            Syntax::Let { pattern, .. } if matches!(tree.syntax(*pattern), Syntax::Name) => {
                return Some(code.words(At { unit, node: *pattern }));
            }
            Syntax::Entry {
                key: Key::Name(name, _),
                ..
            }
            | Syntax::Field {
                key: Key::Name(name, _),
                ..
            } => return Some(name),
            _ => return None,
        }
    }
    None
}

/// A constant or member that is a text.
fn member<'c>(code: &'c Code<'_>, unit: usize, id: NodeId) -> Option<Member<'c>> {
    let tree = code.tree(unit);
    let (name, value): (&str, NodeId) = match tree.syntax(id) {
        Syntax::Let {
            pattern,
            value: Some(value),
            ..
        } if matches!(tree.syntax(*pattern), Syntax::Name) => (code.words(At { unit, node: *pattern }), *value),
        Syntax::Entry {
            key: Key::Name(name, _),
            value,
        } => (name, *value),
        // A variant of Rust or C# may be known by its name alone.
        Syntax::Field {
            key: Key::Name(name, _),
            value,
            ..
        } => (name, value.unwrap_or(id)),
        _ => return None,
    };
    let is_made = code.facts(unit).language.is_jvm()
        && matches!(tree.syntax(tree.bare(value)), Syntax::New { .. } | Syntax::Call { .. });
    let is_variant = value == id && matches!(code.facts(unit).language, Language::Rust | Language::CSharp);
    let is_auto =
        matches!(tree.syntax(value), Syntax::Call { .. }) && code.words(At { unit, node: value }).ends_with("auto()");
    let at = match tree.syntax(tree.bare(value)) {
        Syntax::New { args, .. } if is_made => *args
            .iter()
            .find(|arg| matches!(tree.syntax(tree.bare(**arg)), Syntax::Text(_)))?,
        Syntax::Text(_) => value,
        _ if is_variant || is_auto || is_made => value,
        _ => return None,
    };
    let found = keys::key_of(code, &Handles::default(), At { unit, node: at }, &mut Trail::default())?;
    let KeyTerm::Known(key) = found.term else { return None };
    let span = found.place.unwrap_or_else(|| tree.bytes(id).in_file(code.file(unit)));
    (keys::is_one_word(key.as_str()) && !key.as_str().is_empty()).then_some(Member { name, key, span })
}
