//! Sites of `read` and `wrap` rules: where flags enter the flow, and the regions that a site guards by itself.

use super::Pass;
use crate::flag::{FlagKey, FlagValue};
use crate::index::code::{At, Declared, Part};
use crate::index::condition::{Condition, Formula, KeyTerm, ReadRef};
use crate::index::keys;
use crate::index::meaning::{Fallback, LocalRead, Meaning};
use crate::index::site::{KeySource, Site, SiteEntry, ValueSource};
use crate::index::values::default_of;
use crate::lang::tree::{Key, LogicOp, NodeId, Syntax};
use crate::rules::Confidence;
use crate::rules::rule::{ReadRule, Region, ResultTest, RuleKind};
use crate::rules::shape::Shape;

/// Attributes of a flag component that say which value shows its children.
const MATCH_ATTRIBUTES: [&str; 4] = ["matchValue", "match", "targetValue", "value"];
/// Attributes of a flag component that hold what shows otherwise.
const OTHERWISE_ATTRIBUTES: [&str; 3] = ["fallback", "otherwise", "elseShow"];

/// Predicates in predicates beyond this depth say nothing.
const CFG_DEPTH: u32 = 16;

/// What the rule of a site says of its reads.
struct Reading {
    rule: ReadRule,
}

/// What rules vouch for that need nobody else to define what they find.
const VOUCHED: u8 = 2;

impl Pass<'_> {
    /// The value that the best of the read sites at a node gives.
    pub(super) fn read_sites(&mut self, id: NodeId, sites: &[&Site]) -> Option<Meaning> {
        if self.is_told(id) {
            return None;
        }
        let readings = sites.iter().filter_map(|site| Some((*site, self.reading(site)?)));
        let (site, reading) = readings.max_by_key(|(site, _)| {
            let imported = site.imported == Some(true);
            let vouched = self.world.rules.files[site.rule.file].flags.vouches();
            // Of equals the first rule wins.
            (vouched, imported, site.confidence, std::cmp::Reverse(site.rule))
        })?;
        if matches!(self.world.rules.rule(site.rule).shape, Some(Shape::Member(_))) && self.names_key(id) {
            return None;
        }
        let mut each: Vec<(&SiteEntry, Condition)> = Vec::new();
        for (nth, entry) in (0u32..).zip(&site.entries) {
            if let Some(condition) = self.read_entry(site, &reading, entry, ReadRef { node: id, nth }) {
                each.push((entry, condition));
            }
        }
        let condition = match self.world.rules.rule(site.rule).shape {
            Some(Shape::Cfg) => self.cfg(id, &each),
            _ if let Some(choice) = self.choice(&each) => choice,
            _ => each
                .into_iter()
                .map(|(_, condition)| condition)
                .reduce(|all, one| all.and(&one))?,
        };
        self.site_regions(id, &reading.rule, &condition);
        match reading.rule.result.test {
            ResultTest::Callback(_) => None,
            _ => Some(Meaning::of(condition, &reading.rule.result)),
        }
    }

    /// What `useFlag(isNew ? 'a' : 'b')` says: the one flag where the test holds, the other where it does not.
    fn choice(&self, each: &[(&SiteEntry, Condition)]) -> Option<Condition> {
        let [(first, one), (second, other)] = each else {
            return None;
        };
        let (KeySource::Node(first), KeySource::Node(second)) = (&first.key, &second.key) else {
            return None;
        };
        match self.syntax(self.tree.node(*first).parent?) {
            Syntax::Choose { test, yes, no } if yes == first && no == second => {
                let holds = self.condition(*test);
                Some(one.reached(&holds.yes).either(&other.reached(&holds.no)))
            }
            _ => None,
        }
    }

    /// True for a property of an object that is known to hold a flag there, where a rule that goes by names alone takes its name for the flag's.
    pub(super) fn holds_part(&self, id: NodeId, sites: &[&Site]) -> bool {
        let Syntax::Member { object, property } = self.syntax(id) else {
            return false;
        };
        let name = self.slice(*property);
        let Some(whole @ Meaning::Parts(_)) = self.meaning(*object) else {
            return false;
        };
        let by_name = |site: &&Site| {
            let vouches = self.world.rules.files[site.rule.file].flags.vouches();
            vouches < VOUCHED && site.confidence < Confidence::High
        };
        sites.iter().all(by_name)
            && !self.world.handles.is_named(name)
            && whole.part(&Part::Property(name.into())).is_some()
    }

    /// True for a call of a function whose reads are known, where the rule that knows it too goes by names alone.
    pub(super) fn calls_wrapper(&self, id: NodeId, sites: &[&Site]) -> bool {
        let Syntax::Call { callee, .. } = self.syntax(id) else {
            return false;
        };
        let by_name = |site: &&Site| {
            let rule = self.world.rules.rule(site.rule);
            matches!(rule.kind, RuleKind::Read(_)) && site.confidence < Confidence::High
        };
        let Some(Meaning::Function(shared)) = self.meaning(*callee) else {
            return false;
        };
        let takes_key =
            |read: &LocalRead| matches!(&read.key, Some(KeyTerm::Param(param)) if param.function == shared.node);
        // A rule that vouches for more than the one inside is about this very call.
        let vouches = |rule: crate::rules::RuleRef| self.world.rules.files[rule.file].flags.vouches();
        let inside = shared.reads.values().map(|read| vouches(read.rule)).max();
        sites
            .iter()
            .all(|site| by_name(site) && Some(vouches(site.rule)) <= inside)
            && shared.reads.len() == 1
            && shared.reads.values().all(|read| takes_key(read) && read.via.len() < 2)
            && !shared.gives.is_empty()
    }

    /// `FEATURE_FLAGS.tax`, where the object holds names of flags and not their values.
    fn names_key(&mut self, id: NodeId) -> bool {
        let object = match self.syntax(id) {
            Syntax::Member { object, .. } | Syntax::Index { object, .. } => *object,
            Syntax::Entry { .. } => match self.taken_apart_of(id) {
                Some(value) => value,
                None => return false,
            },
            _ => return false,
        };
        let at = self.code.settle(self.at(object), self.trail.restart());
        self.is_map_of_keys(at, CFG_DEPTH)
    }

    /// The value that the pattern of an entry takes apart.
    fn taken_apart_of(&self, entry: NodeId) -> Option<NodeId> {
        let pattern = self.tree.node(entry).parent?;
        match self.syntax(self.tree.node(pattern).parent?) {
            Syntax::Let { value, .. } => *value,
            _ => None,
        }
    }

    fn is_map_of_keys(&self, at: At, depth: u32) -> bool {
        let (Syntax::Object { entries, .. }, Some(depth)) = (self.code.syntax(at), depth.checked_sub(1)) else {
            return false;
        };
        // What is known of one flag: `{ flag: 'new-tax', defaultValue: false }`.
        let names_flag = |entry: &NodeId| match self.code.syntax(at.with(*entry)) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } => {
                let value = at.with(self.code.tree(at.unit).bare(*value));
                matches!(&**name, "flag" | "flagKey" | "featureFlag" | "featureFlagKey" | "key")
                    && matches!(self.code.syntax(value), Syntax::Text(_))
            }
            _ => false,
        };
        if depth < CFG_DEPTH - 1 && entries.iter().any(names_flag) {
            return true;
        }
        let is_key = |entry: &NodeId| match self.code.syntax(at.with(*entry)) {
            Syntax::Entry { value, .. } => {
                let value = at.with(self.code.tree(at.unit).bare(*value));
                match self.code.syntax(value) {
                    Syntax::Text(text) => FlagValue::parse(text) == FlagValue::Unknown,
                    _ => self.is_map_of_keys(value, depth),
                }
            }
            _ => false,
        };
        !entries.is_empty() && entries.iter().all(is_key)
    }

    fn reading(&self, site: &Site) -> Option<Reading> {
        let rule = match &self.world.rules.rule(site.rule).kind {
            RuleKind::Read(rule) => rule.clone(),
            RuleKind::Wrap(rule) => ReadRule {
                negative: rule.negative,
                ..ReadRule::default()
            },
            _ => return None,
        };
        Some(Reading { rule })
    }

    /// Notes the read of one flag; what it says, if its key is known or passed in.
    fn read_entry(&mut self, site: &Site, reading: &Reading, entry: &SiteEntry, at: ReadRef) -> Option<Condition> {
        let term = self.site_key(&entry.key)?;
        let mut negative = reading.rule.negative;
        let term = match term {
            Some(KeyTerm::Known(key)) => {
                let (key, turned) = self.accepted(site, &reading.rule, &key)?;
                negative ^= turned;
                Some(KeyTerm::Known(key))
            }
            other => other,
        };
        let fallback = entry.fallback.as_ref().and_then(|source| self.fallback(source));
        let condition = term.as_ref().map(|term| Condition::flag(term, at, negative));
        let key_bytes = match &entry.key {
            KeySource::Node(node) => Some(self.tree.bytes(*node)),
            KeySource::Known(_, bytes) => Some(*bytes),
            KeySource::Every => None,
        };
        let read = LocalRead {
            key: term,
            key_bytes,
            rule: site.rule,
            via: Vec::new(),
            fallback,
            negative,
            confidence: site.confidence,
            lazy: false,
        };
        self.flow.reads.insert(at, read);
        condition
    }

    /// The key of an entry; `Some(None)` if it is dynamic, `None` if the entry is about every flag.
    fn site_key(&mut self, source: &KeySource) -> Option<Option<KeyTerm>> {
        match source {
            KeySource::Node(node) => {
                let found = keys::key_of(self.code, self.world.handles, self.at(*node), self.trail.restart());
                Some(found.map(|found| found.term))
            }
            KeySource::Known(key, _) => Some(Some(KeyTerm::Known(FlagKey::new(key)))),
            KeySource::Every => None,
        }
    }

    /// The key without the prefix that negates it, if it may be a flag.
    fn accepted(&self, site: &Site, rule: &ReadRule, key: &FlagKey) -> Option<(FlagKey, bool)> {
        let text = key.as_str();
        let stripped = rule
            .negate_prefix
            .as_ref()
            .and_then(|prefix| text.strip_prefix(prefix.as_str()));
        let text = stripped.unwrap_or(text);
        let traits = &self.world.rules.files[site.rule.file].flags;
        let is_key = keys::is_written_like_a_key(text) && traits.accepts(text);
        is_key.then(|| (FlagKey::new(text), stripped.is_some()))
    }

    fn fallback(&mut self, source: &ValueSource) -> Option<Fallback> {
        let node = match source {
            ValueSource::Node(node) => *node,
            ValueSource::Known(value) => return Some(Fallback::Is(*value)),
            ValueSource::Text(text, _) => return Some(Fallback::Is(FlagValue::parse(text))),
        };
        let at = self.at(node);
        if let Syntax::Name = self.syntax(node)
            && let Some(Declared::Param {
                function,
                index,
                parts,
                default,
                ..
            }) = self.code.declared(at)
            && parts.is_empty()
        {
            let otherwise = default.map(|id| default_of(self.code, self.at(id), self.trail.restart()));
            return Some(Fallback::Param((self.file, function), index, otherwise));
        }
        Some(Fallback::Is(default_of(self.code, at, self.trail.restart())))
    }

    /// What `#[cfg(…)]` and `cfg!(…)` say of their features; `cfg_attr` takes nothing away.
    fn cfg(&self, id: NodeId, features: &[(&SiteEntry, Condition)]) -> Condition {
        let predicate = match self.syntax(id) {
            Syntax::Macro { args, .. } => args.first().copied(),
            Syntax::Decorator(inner) => match self.syntax(self.tree.bare(*inner)) {
                Syntax::Call { callee, args, .. } if matches!(self.words(*callee), "cfg" | "go:build") => {
                    args.first().copied()
                }
                _ => None,
            },
            _ => None,
        };
        predicate.map_or(Condition::default(), |predicate| {
            self.predicate_of(predicate, features, CFG_DEPTH)
        })
    }

    fn predicate_of(&self, id: NodeId, features: &[(&SiteEntry, Condition)], depth: u32) -> Condition {
        let Some(depth) = depth.checked_sub(1) else {
            return Condition::default();
        };
        let of = |id: &NodeId| self.predicate_of(*id, features, depth);
        match self.syntax(self.tree.bare(id)) {
            Syntax::Assign { value, .. } => {
                let is_it = |entry: &SiteEntry| matches!(entry.key, KeySource::Node(node) if node == *value);
                let found = features.iter().find(|(entry, _)| is_it(entry));
                found.map_or(Condition::default(), |(_, condition)| condition.clone())
            }
            // Go: a tag; one that is no flag (`linux`) may be set or not.
            Syntax::Name => {
                let own = self.tree.bytes(id);
                let is_it = |entry: &SiteEntry| matches!(&entry.key, KeySource::Known(_, bytes) if *bytes == own);
                let found = features.iter().find(|(entry, _)| is_it(entry));
                found.map_or(Condition::default(), |(_, condition)| condition.clone())
            }
            Syntax::Not(inner) => of(inner).negated(),
            Syntax::Logic {
                op: LogicOp::Or,
                left,
                right,
            } => of(left).or(&of(right)),
            Syntax::Logic { left, right, .. } => of(left).and(&of(right)),
            Syntax::Call { callee, args, .. } => match self.words(*callee) {
                "not" => args.first().map_or(Condition::default(), |arg| of(arg).negated()),
                "all" => args
                    .iter()
                    .fold(Condition::constant(true), |all, arg| all.and(&of(arg))),
                "any" => args
                    .iter()
                    .fold(Condition::constant(false), |any, arg| any.or(&of(arg))),
                _ => Condition::default(),
            },
            _ => Condition::default(),
        }
    }

    /// The regions that a site guards without a condition being written.
    fn site_regions(&mut self, id: NodeId, rule: &ReadRule, condition: &Condition) {
        if let ResultTest::Callback(nth) = rule.result.test {
            if let Some(body) = self.callback(id, nth) {
                self.region(body, &condition.yes, id);
            }
            return;
        }
        match self.syntax(id) {
            Syntax::Element {
                attributes, children, ..
            } => self.flag_element(id, attributes, children, condition),
            _ if rule.region == Region::Rest => self.rest(id, &condition.yes),
            _ => {}
        }
    }

    /// The body of the function in an argument; negative from the end.
    fn callback(&self, id: NodeId, nth: i32) -> Option<NodeId> {
        let Syntax::Call { args, .. } = self.syntax(id) else {
            return None;
        };
        let from_end = usize::try_from(nth.unsigned_abs()).ok()?;
        let at = if nth < 0 {
            args.len().checked_sub(from_end)?
        } else {
            from_end
        };
        let at: At = self.code.settle(self.at(*args.get(at)?), &mut Default::default());
        match self.code.syntax(at) {
            Syntax::Function(function) if at.unit == self.unit => function.body,
            _ => None,
        }
    }

    /// `<Feature flag="k" fallback={…}>children</Feature>`
    fn flag_element(&mut self, id: NodeId, attributes: &[NodeId], children: &[NodeId], condition: &Condition) {
        let shown = match self.attribute(attributes, &MATCH_ATTRIBUTES) {
            Some(wanted) => self.equal_to(&Meaning::Condition(condition.clone()), wanted),
            None => Some(condition.clone()),
        };
        let Some(shown) = shown else {
            return;
        };
        for child in children {
            self.region(*child, &shown.yes, id);
        }
        if let Some(otherwise) = self.attribute(attributes, &OTHERWISE_ATTRIBUTES) {
            self.region(otherwise, &shown.no, id);
        }
    }

    /// What follows the statement of `id` in its block.
    fn rest(&mut self, id: NodeId, holds: &Formula) {
        let mut child = id;
        for parent in self.tree.ancestors(id) {
            if let Syntax::Block(list) = self.syntax(parent) {
                let after = list
                    .iter()
                    .filter(|next| self.tree.bytes(**next).start >= self.tree.bytes(child).end);
                let after: Vec<NodeId> = after.copied().collect();
                for next in after {
                    self.region(next, holds, id);
                }
                return;
            }
            child = parent;
        }
    }

    /// `#[cfg(feature = "x")]`, `@RequireFlag('x')`: the item below runs only then.
    pub(super) fn decorated(&mut self, id: NodeId) {
        let holds = self.condition(id).yes;
        let Some(parent) = self.tree.node(id).parent else {
            return;
        };
        match self.syntax(parent) {
            Syntax::Block(list) => {
                let at = list.iter().position(|item| *item == id);
                let next = at.and_then(|at| list[at..].iter().find(|item| !self.is_decorator(**item)));
                if let Some(next) = next {
                    self.region(*next, &holds, id);
                }
            }
            // Spring's `@Value("${a}")`: the field holds the flag; a field is no code that runs.
            Syntax::Field {
                key: Key::Name(name, _),
                ..
            } => {
                if let Some(meaning) = self.meaning(id).cloned() {
                    self.filled_field(parent, name, meaning);
                }
            }
            _ => self.region(parent, &holds, id),
        }
    }

    fn is_decorator(&self, id: NodeId) -> bool {
        matches!(self.syntax(id), Syntax::Decorator(_))
    }
}
