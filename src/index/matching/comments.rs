//! Rules that match text instead of nodes: comments and raw queries. Enters: one file. Leaves: sites whose keys are tied back to nodes
//! where a node covers exactly what was captured.

use std::collections::{BTreeMap, HashMap};

use super::Matcher;
use super::hit::Hit;
use super::select::Found;
use crate::index::site::{KeySource, Site, SiteEntry, ValueSource};
use crate::lang::queries::{Predicate, PredicateArg};
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{Language, QueryMatch};
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::shape::Shape;
use crate::source::Bytes;

impl<'a> Matcher<'a> {
    /// Sites of `comment` rules: one for each match of the pattern; its groups are the captures, and `comment` is the whole comment.
    pub(super) fn comments(&self, sites: &mut Vec<Site>) {
        let rules = self.rules.lookup().comments.iter().filter(|rule| self.applies(**rule));
        for at in rules {
            let Some(Shape::Comment(pattern)) = &self.rules.rule(*at).shape else {
                continue;
            };
            for comment in &self.facts.comments {
                let text = self.slice(comment.bytes);
                for found in pattern.regex().captures_iter(text) {
                    let mut captures = vec![("comment".to_owned(), comment.bytes)];
                    for name in pattern.regex().capture_names().flatten() {
                        let start = comment.bytes.start as usize;
                        let part = found
                            .name(name)
                            .map(|part| Bytes::new(start + part.start(), start + part.end()));
                        captures.extend(part.map(|bytes| (name.to_owned(), bytes)));
                    }
                    sites.extend(self.text_site(*at, comment.bytes, captures, &HashMap::new()));
                }
            }
        }
    }

    /// Sites of `query` rules.
    pub(super) fn queries(&self, sites: &mut Vec<Site>) {
        if self.facts.matches.is_empty() {
            return;
        }
        let nodes: HashMap<Bytes, NodeId> = {
            let ids = self.facts.tree.ids();
            ids.map(|id| (self.facts.tree.bytes(id), id)).collect()
        };
        for found in &self.facts.matches {
            let Some(at) = self.rules.query_owner(found.query).filter(|at| self.applies(*at)) else {
                continue;
            };
            let Some(mut captures) = self.tested(found) else {
                continue;
            };
            captures.retain(|(name, _)| !name.starts_with('_'));
            let whole = captures.iter().map(|(_, bytes)| *bytes).reduce(|a, b| Bytes {
                start: a.start.min(b.start),
                end: a.end.max(b.end),
            });
            if let Some(whole) = whole {
                sites.extend(self.text_site(at, whole, captures, &nodes));
            }
        }
    }

    /// The captures of a match, if the predicates that the front end left to us hold. `#text-key!` makes a key of a part of a capture.
    fn tested(&self, found: &QueryMatch) -> Option<Vec<(String, Bytes)>> {
        let mut captures: Vec<(String, Bytes)> =
            found.captures.iter().map(|(name, b)| (name.to_string(), *b)).collect();
        for predicate in self.rules.queries.predicates(found.query, found.pattern) {
            match &*predicate.name {
                "import?" => {
                    let modules = texts(predicate);
                    if !modules.iter().any(|module| self.imports.has(module)) {
                        return None;
                    }
                }
                "file?" => {
                    let path = self.facts.path.as_str();
                    let fits =
                        |glob: &&str| globset::Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(path));
                    if !texts(predicate).iter().any(fits) {
                        return None;
                    }
                }
                "text-key!" => captures.push(self.text_key(predicate, &captures)?),
                _ => {}
            }
        }
        Some(captures)
    }

    fn text_key(&self, predicate: &Predicate, captures: &[(String, Bytes)]) -> Option<(String, Bytes)> {
        let [PredicateArg::Capture(name), PredicateArg::Text(pattern)] = &*predicate.args else {
            return None;
        };
        let (_, bytes) = captures.iter().find(|(known, _)| **known == **name)?;
        let found = regex::Regex::new(pattern).ok()?;
        let part = found.captures(self.slice(*bytes))?.name("key")?;
        let start = bytes.start as usize;
        Some(("key".into(), Bytes::new(start + part.start(), start + part.end())))
    }

    /// A site of captured text.
    fn text_site(
        &self,
        at: crate::rules::RuleRef,
        whole: Bytes,
        captures: Vec<(String, Bytes)>,
        nodes: &HashMap<Bytes, NodeId>,
    ) -> Option<Site> {
        let rule = self.rules.rule(at);
        let node = self.innermost(whole)?;
        let by_name: BTreeMap<&str, Bytes> = captures.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        let captured = |name: &str| {
            by_name.get(name).map(|bytes| match nodes.get(bytes) {
                Some(id) => Found::Node(*id),
                None => Found::Text(self.slice(*bytes).to_owned(), *bytes),
            })
        };
        let mut site = self.empty_site(rule, &Hit::at(at, node))?;
        if rule.key.is_some() {
            site.entries = self.entries(rule, &Hit::at(at, node))?;
        }
        if rule.key.is_none() {
            let value = captured("value")
                .and_then(Found::value)
                .or_else(|| constant_value(rule));
            site.entries = match captured("key") {
                Some(key) => vec![SiteEntry {
                    key: self.captured_key(at, key)?,
                    value,
                    fallback: captured("fallback").and_then(Found::value),
                    handle: by_name
                        .get("handle")
                        .map(|bytes| (self.slice(*bytes).to_owned(), *bytes)),
                    ambient: None,
                }],
                None => Vec::new(),
            };
        }
        site.captures = captures;
        Some(site)
    }

    fn captured_key(&self, at: crate::rules::RuleRef, key: Found) -> Option<KeySource> {
        let traits = &self.rules.files[at.file].flags;
        match key {
            Found::Text(text, bytes) => traits.accepts(&text).then_some(KeySource::Known(text, bytes)),
            Found::Node(id) if self.is_bare_word(id) || self.is_its_own_name(id) => {
                let text = self.facts.words(id);
                let bytes = self.facts.tree.bytes(id);
                traits.accepts(text).then(|| KeySource::Known(text.to_owned(), bytes))
            }
            Found::Node(id) => Some(KeySource::Node(id)),
            _ => None,
        }
    }

    /// True for the name that a binding gives, and, in a language where a file says what it knows, for a name that nothing in the file
    /// explains (`__FEATURE_TAX__`): there is no value to look for.
    fn is_its_own_name(&self, id: NodeId) -> bool {
        if !matches!(self.syntax(id), Syntax::Name) {
            return false;
        }
        let above = self.facts.tree.ancestors(id).next();
        let is_bound = |up: NodeId| matches!(self.syntax(up), Syntax::Let { pattern, .. } if *pattern == id);
        let is_script = matches!(
            self.facts.language,
            Language::TypeScript | Language::Tsx | Language::JavaScript
        );
        above.is_some_and(is_bound) || is_script && self.declaration(id).is_none() && self.import_of(id).is_none()
    }

    /// The innermost node around a range.
    fn innermost(&self, bytes: Bytes) -> Option<NodeId> {
        let mut at = self.facts.tree.root()?;
        loop {
            let inside = |child: &NodeId| self.facts.tree.bytes(*child).contains(bytes);
            match self.facts.tree.children(at).into_iter().find(inside) {
                Some(child) => at = child,
                None => return Some(at),
            }
        }
    }
}

/// The arguments of a predicate that are texts.
fn texts(predicate: &Predicate) -> Vec<&str> {
    let mut texts: Vec<&str> = Vec::new();
    for arg in &predicate.args {
        if let PredicateArg::Text(text) = arg {
            texts.push(text);
        }
    }
    texts
}

/// The value that the rule itself gives (`value = { const = "on" }`).
fn constant_value(rule: &Rule) -> Option<ValueSource> {
    let selector = match &rule.kind {
        RuleKind::Force(force) => force.value.as_ref()?,
        RuleKind::Define(define) => define.declared.as_ref()?,
        RuleKind::Assume(assume) => assume.value.as_ref()?,
        _ => return None,
    };
    match selector.start {
        crate::rules::selector::Start::Const(state) => Some(ValueSource::Known(state)),
        _ => None,
    }
}
