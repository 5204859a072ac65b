//! Lists of keys that are known by who asks with them. Enters: what files read, by the names that stand for their keys (`has(FEATURES.NEW_TAX)`).
//! Leaves: definitions for the members of the enums, classes, maps and files of constants that these names lead to, where no rule has found
//! any. A name says nothing here: what is asked like a flag is one, and so are its neighbours in the same list.

mod lists;

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::code::Code;
use super::condition::KeyTerm;
use super::definitions::Definitions;
use super::flow::Flow;
use super::{FlagDefinition, frameworks};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::Language;
use crate::lang::tree::NodeId;
use crate::rules::shape::Shape;
use crate::rules::{Confidence, RuleRef, RuleSet};
use crate::source::FileId;
use lists::{List, Member, lists};

/// Members beyond which a list is data.
const MOST: usize = 400;
/// Of a list's members this part at least is asked for.
const PART: usize = 4;
/// Of the constants of a package that is named for flags.
const PART_OF_PACKAGE: usize = 5;
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

/// Words in the name of an enum, class or package that leave little doubt.
const FEATURES: [&str; 5] = ["feature", "experiment", "toggle", "killswitch", "kill_switch"];

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
    let mut packages: BTreeMap<&str, List<'_>> = BTreeMap::new();
    for unit in 0..code.units().len() {
        let facts = code.facts(unit);
        if frameworks::is_made_up(rules, &facts.path) || !asked.may_stand_in(&facts.text) {
            continue;
        }
        for list in lists(code, unit) {
            // The constants of a package are one list, whatever files they stand in.
            if list.owner.is_none() && facts.language == Language::Go {
                let of = packages.entry(facts.path.parent()).or_insert_with(|| List::empty(unit));
                of.members.extend(list.members);
            } else {
                asked.take(code, rules, &list, &mut new);
            }
        }
    }
    for (folder, list) in &packages {
        asked.take_package(rules, folder, list, &mut new);
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
            for (at, read) in &flow.reads {
                let flags = &rules.files[read.rule.file].flags;
                // Settings of a process, and wide nets, say nothing of what they catch.
                if let (None, None, Some(KeyTerm::Known(key)), Some(bytes)) =
                    (&flags.key_sure, &flags.key_filter, &read.key, read.key_bytes)
                {
                    let words = code.slice(unit, bytes);
                    let is_member = matches!(rules.rule(read.rule).shape, Some(Shape::Member(_)));
                    // A wide net says nothing, unless the name says what it is a part of.
                    let of_features =
                        || !is_member && is_part_of_features(words) && !says_what_is_supported(code, unit, at.node);
                    if flags.vouches() > 0 || of_features() {
                        asked.note(words, key, read.rule, is_member);
                    }
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

    /// The untyped or alike typed constants of a package of flags: those that are asked for by the package's name, and with a part of them the rest.
    fn take_package(&self, rules: &RuleSet, folder: &str, list: &List<'_>, new: &mut Vec<FlagDefinition>) {
        let package = folder.rsplit('/').next().unwrap_or(folder);
        let rule_of = |member: &Member<'_>| {
            let of = self.names.get(member.name)?;
            let from = |name: &&Name| {
                name.owner
                    .as_deref()
                    .is_none_or(|owner| owner == package || is_about(owner))
            };
            of.iter()
                .filter(from)
                .find(|name| name.key == member.key)
                .map(|name| name.rule)
        };
        let rules_of: Vec<Option<RuleRef>> = list.members.iter().map(rule_of).collect();
        let asked = || list.members.iter().zip(&rules_of).filter(|(_, rule)| rule.is_some());
        let types: BTreeSet<&str> = asked().map(|(member, _)| member.ty).collect();
        let forms: BTreeSet<Form> = asked().map(|(member, _)| Form::of(member.key.as_str())).collect();
        let alike = |member: &Member<'_>| types.contains(member.ty) && forms.contains(&Form::of(member.key.as_str()));
        let all = list.members.iter().filter(|member| alike(member)).count();
        let whole = is_about(package) && all <= MOST && asked().count() > 1 && asked().count() * PART_OF_PACKAGE >= all;
        let Some(rule) = rules_of.iter().flatten().next().copied() else {
            return;
        };
        for (member, own) in list.members.iter().zip(&rules_of) {
            let accepts = rules.files[rule.file].flags.accepts(member.key.as_str());
            if accepts && (own.is_some() || (whole && alike(member))) {
                new.push(definition(rules, own.unwrap_or(rule), member));
            }
        }
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
        declared: member.declared.map_or(FlagValue::Unknown, |(value, _)| value),
        span: member.span,
        value_span: member.declared.map(|(_, span)| span),
        rule: rules.name(rule),
        confidence: Confidence::Low,
        aliases: Vec::new(),
    }
}

/// `isSupportedToolsFeature(version, ToolsFeature.X)`: what another program can do is no flag of this one.
fn says_what_is_supported(code: &Code<'_>, unit: usize, call: NodeId) -> bool {
    let words = code.slice(unit, code.tree(unit).bytes(call));
    let callee = words.split('(').next().unwrap_or(words);
    callee.contains("upport") || callee.contains("apabilit")
}

/// `featuregate.Sidecar`, `FeatureGate::Enums`
fn is_part_of_features(words: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let mut parts = words.rsplit(|c| !is_name(c)).filter(|part| !part.is_empty());
    let owner = parts.nth(1).map(str::to_ascii_lowercase);
    owner.is_some_and(|owner| FEATURES.iter().any(|word| owner.contains(word)))
}

/// How a key is spelled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Dashes,
    Lines,
    Dots,
    Letters,
}

impl Form {
    fn of(key: &str) -> Self {
        match key {
            _ if key.contains('-') => Self::Dashes,
            _ if key.contains('_') => Self::Lines,
            _ if key.contains(['.', '/', ':']) => Self::Dots,
            _ => Self::Letters,
        }
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
