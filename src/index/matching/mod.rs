//! The matcher: where the rules match in one file. Enters: the checked rules and one file's facts, with what its surroundings say of its
//! imports. Leaves: `Site`s and `TestSite`s. One walk over the tree: each node is asked only for the rules that its kind and name
//! can satisfy. What keys and values *are* is not decided here.

mod attributed;
mod comments;
mod constants;
mod framework;
mod handles;
mod hit;
mod imports;
mod items;
mod literals;
mod members;
mod named;
mod origins;
mod parts;
mod select;
mod sets;
mod shapes;
mod typed;
mod words;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::bindings::Bindings;
use super::site::{KeySource, Site, SiteEntry, TestSite};
use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::shape::Shape;
use crate::rules::{RuleRef, RuleSet};
use hit::Hit;
use imports::Imports;

/// What the surroundings of a file say of the modules that it can reach.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportContext {
    /// Modules outside the project that the modules which this file imports re-export or import, by name.
    pub reexported: BTreeSet<String>,
    /// The dependencies that the nearest manifest names.
    pub dependencies: BTreeSet<String>,
}

/// Every place of a file where a rule matches, in the order of the text. Of several rules that match one node for the same purpose, those
/// with the best confidence remain.
#[must_use]
pub fn sites(rules: &RuleSet, facts: &FileFacts, context: &ImportContext) -> Vec<Site> {
    let Some(matcher) = Matcher::new(rules, facts, context) else {
        return Vec::new();
    };
    let mut sites = Vec::new();
    for id in facts.tree.ids() {
        matcher.at_node(id, &mut |hit| sites.extend(matcher.site(&hit)));
    }
    matcher.comments(&mut sites);
    matcher.queries(&mut sites);
    let order = |site: &Site| {
        let bytes = facts.tree.bytes(site.node);
        (bytes.start, bytes.end, site.node.0, site.rule)
    };
    sites.sort_by_key(order);
    matcher.without_keys(&mut sites);
    matcher.best_of_each_node(sites)
}

/// Every test, suite and hook of a file, in the order of the text; one for each node.
#[must_use]
pub fn test_sites(rules: &RuleSet, facts: &FileFacts, context: &ImportContext) -> Vec<TestSite> {
    let Some(matcher) = Matcher::new(rules, facts, context) else {
        return Vec::new();
    };
    let frameworks = matcher.frameworks();
    if frameworks.is_empty() {
        return Vec::new();
    }
    let found = facts.tree.ids().filter_map(|id| matcher.test_site(&frameworks, id));
    let mut found: Vec<TestSite> = found.collect();
    found.sort_by_key(|site| (facts.tree.bytes(site.node).start, std::cmp::Reverse(site.node)));
    found
}

/// One file and the rules that apply to it.
struct Matcher<'a> {
    rules: &'a RuleSet,
    facts: &'a FileFacts,
    /// For each rule file, whether it applies.
    active: Vec<bool>,
    /// For each rule file, whether its import condition holds (`None`: it has none).
    imported: Vec<Option<bool>>,
    imports: Imports<'a>,
    /// Made when the first rule asks.
    bindings: OnceCell<Bindings>,
    /// The names that the file's statements give out; made when the first rule asks.
    given_out: OnceCell<BTreeSet<&'a str>>,
}

impl<'a> Matcher<'a> {
    /// `None` where no rule file applies to the text.
    fn new(rules: &'a RuleSet, facts: &'a FileFacts, context: &ImportContext) -> Option<Self> {
        let active = rules.applicable(facts.language, &facts.text);
        if !active.contains(&true) {
            return None;
        }
        let imports = Imports::of(facts);
        let imported = rules
            .files
            .iter()
            .map(|file| imports.satisfy(file.when.as_ref()?, context).into());
        Some(Self {
            rules,
            facts,
            active,
            imported: imported.collect(),
            imports,
            bindings: OnceCell::new(),
            given_out: OnceCell::new(),
        })
    }

    /// True if the rule's file applies to this text, and its globs to this path.
    fn applies(&self, rule: RuleRef) -> bool {
        self.active[rule.file] && self.rules.rule(rule).files.allow(self.facts.path.as_str())
    }

    fn syntax(&self, id: NodeId) -> &'a Syntax {
        self.facts.tree.syntax(id)
    }

    /// The node without `await`, parentheses and casts around it.
    fn bare(&self, id: NodeId) -> NodeId {
        self.facts.tree.bare(id)
    }

    /// The syntax of the node without `await`, parentheses and casts around it.
    fn bare_syntax(&self, id: NodeId) -> &'a Syntax {
        self.syntax(self.bare(id))
    }

    fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.facts.tree.node(id).parent
    }

    /// The nearest ancestor that is not merely `await`, parentheses or a cast.
    fn parent_bare(&self, id: NodeId) -> Option<NodeId> {
        let mut up = self.facts.tree.ancestors(id);
        up.find(|up| !matches!(self.syntax(*up), Syntax::Wrap(..)))
    }

    /// The site of a hit; `None` where its import condition forbids it, or where a selector finds no flag.
    fn site(&self, hit: &Hit<'a>) -> Option<Site> {
        let rule = self.rules.rule(hit.rule);
        let mut site = self.empty_site(rule, hit)?;
        site.entries = self.entries(rule, hit)?;
        (site.target, site.target_object) = self.targets(rule, hit);
        Some(site)
    }

    /// The site of a hit without what its selectors find.
    fn empty_site(&self, rule: &Rule, hit: &Hit<'a>) -> Option<Site> {
        let imported = self.imported[hit.rule.file];
        if imported == Some(false) && rule.require_import {
            return None;
        }
        Some(Site {
            rule: hit.rule,
            node: hit.node,
            entries: Vec::new(),
            captures: Vec::new(),
            target: None,
            target_object: None,
            imported,
            confidence: match imported {
                Some(false) => rule.confidence.lowered(),
                _ => rule.confidence,
            },
        })
    }
}

impl Matcher<'_> {
    /// `isEnabled(FLAGS.a)`: the member names the key of the call, it is no read of its own.
    fn without_keys(&self, sites: &mut Vec<Site>) {
        let key = |entry: &SiteEntry| match entry.key {
            KeySource::Node(id) => Some(self.bare(id)),
            _ => None,
        };
        let keys: BTreeSet<NodeId> = sites.iter().flat_map(|site| &site.entries).filter_map(key).collect();
        let of_member = |site: &Site| matches!(self.rules.rule(site.rule).shape, Some(Shape::Member(_)));
        sites.retain(|site| !(of_member(site) && keys.contains(&site.node)));
    }

    /// Rules overlap (`useFlag` is that of several SDKs): where one of them is surer than another about the same node, the other goes, and
    /// of two that say the same only the first stays. Two that disagree and are equally sure both stay: the reader of the sites must see it.
    fn best_of_each_node(&self, sites: Vec<Site>) -> Vec<Site> {
        let purpose = |site: &Site| std::mem::discriminant(&self.rules.rule(site.rule).kind);
        let vouched = |site: &Site| self.rules.files[site.rule.file].flags.vouches();
        let sure = |site: &Site| (vouched(site), site.confidence, self.imported_here(site.rule));
        let keys = |site: &Site| -> Vec<KeySource> { site.entries.iter().map(|entry| entry.key.clone()).collect() };
        let mut best: Vec<Site> = Vec::new();
        for site in sites {
            let from = best
                .iter()
                .rposition(|other| other.node != site.node)
                .map_or(0, |at| at + 1);
            let rivals = || best[from..].iter().filter(|other| purpose(other) == purpose(&site));
            let beaten =
                |other: &Site| sure(other) > sure(&site) || (sure(other) == sure(&site) && keys(other) == keys(&site));
            if rivals().any(beaten) {
                continue;
            }
            let mut tail = best.split_off(from);
            tail.retain(|other| purpose(other) != purpose(&site) || sure(other) >= sure(&site));
            best.extend(tail);
            best.push(site);
        }
        best
    }
}

/// True for the kinds whose sites name flags.
fn names_flags(kind: &RuleKind) -> bool {
    !matches!(kind, RuleKind::Gate(_) | RuleKind::Framework(_) | RuleKind::Ambient(_))
}

#[cfg(test)]
mod tests;
