//! Selectors followed: from a hit to its keys and values. Enters: a rule and a hit. Leaves: [`SiteEntry`]s whose expressions are still
//! unresolved. Keys and values of entries are paired by their place in the literal.

use super::handles::is_map_of_handles;
use super::hit::{Hit, HitName};
use super::sets::{nth, takes_arguments};
use super::{Matcher, names_flags};
use crate::flag::FlagValue;
use crate::index::site::{KeySource, SiteEntry, ValueSource};
use crate::lang::Language;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::selector::{CallArg, PathStep, Selector, Start, Take};
use crate::source::Bytes;

/// Calls chained after a match that are looked at.
const CHAIN: usize = 32;

/// Entries of one literal, beyond which it is data and no list of flags.
pub(super) const ENTRIES: usize = 10_000;

/// What a selector found.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Found {
    Node(NodeId),
    Text(String, Bytes),
    State(FlagValue),
    Every,
}

impl Found {
    fn key(self) -> Option<KeySource> {
        match self {
            Self::Node(id) => Some(KeySource::Node(id)),
            Self::Text(text, bytes) => Some(KeySource::Known(text, bytes)),
            Self::Every => Some(KeySource::Every),
            Self::State(_) => None,
        }
    }

    pub(super) fn value(self) -> Option<ValueSource> {
        match self {
            Self::Node(id) => Some(ValueSource::Node(id)),
            Self::Text(text, bytes) => Some(ValueSource::Text(text, bytes)),
            Self::State(state) => Some(ValueSource::Known(state)),
            Self::Every => None,
        }
    }
}

impl<'a> Matcher<'a> {
    /// The flags of a hit. `None`: it names none although its kind needs one, hence is no match.
    pub(super) fn entries(&self, rule: &Rule, hit: &Hit<'a>) -> Option<Vec<SiteEntry>> {
        let keys: Vec<Option<Found>> = match &rule.key {
            Some(selector) => self.each_branch(rule, self.select(selector, "key", hit)),
            None if !hit.chosen.is_empty() => hit.chosen.iter().map(|id| Some(Found::Node(*id))).collect(),
            None if !hit.listed.is_empty() => hit.listed.iter().map(|id| Some(self.listed(*id))).collect(),
            None if !names_flags(&rule.kind) => return Some(Vec::new()),
            None => vec![Some(Found::Every)],
        };
        let of = |selector: Option<&Selector>| self.paired(selector, keys.len(), hit);
        let (values, fallbacks, ambients) = match &rule.kind {
            RuleKind::Define(define) => (of(define.declared.as_ref()), None, of(define.ambient.as_ref())),
            RuleKind::Read(read) => (None, of(read.fallback.as_ref()), None),
            RuleKind::Wrap(wrap) => (None, of(wrap.fallback.as_ref()), None),
            RuleKind::Force(force) => (of(force.value.as_ref()), None, None),
            RuleKind::Assume(assume) => (of(assume.value.as_ref()), None, None),
            RuleKind::Gate(_) | RuleKind::Framework(_) | RuleKind::Ambient(_) => (None, None, None),
        };
        let nth = |list: &Option<Vec<Option<Found>>>, at: usize| list.as_ref()?.get(at)?.clone()?.value();
        let traits = &self.rules.files[hit.rule.file].flags;
        let mut entries = Vec::new();
        for (at, key) in keys.into_iter().enumerate() {
            let Some(key) = key.and_then(Found::key).filter(|key| self.may_be_key(key)) else {
                continue;
            };
            let written = match &key {
                KeySource::Node(id) => self.text_of(*id),
                KeySource::Known(text, _) => Some(text.clone()),
                KeySource::Every => None,
            };
            if written.is_some_and(|text| !traits.accepts(&text)) {
                continue;
            }
            let handle = match &key {
                // Each entry of a map stands for its flag.
                KeySource::Known(text, bytes) if is_map_of_handles(rule) => Some((text.clone(), *bytes)),
                _ => self.handle(rule, hit),
            };
            entries.push(SiteEntry {
                value: nth(&values, at),
                fallback: nth(&fallbacks, at).filter(|value| !key.is_at(value)),
                key,
                handle,
                ambient: nth(&ambients, at),
            });
        }
        (!entries.is_empty() || self.sets_all_to_nothing(rule, hit)).then_some(entries)
    }

    /// Literals that no key is written as: a call with one of them in the key's place is a call of something else.
    fn may_be_key(&self, key: &KeySource) -> bool {
        let KeySource::Node(id) = key else { return true };
        !matches!(
            self.bare_syntax(*id),
            Syntax::Object { .. }
                | Syntax::Array(_)
                | Syntax::Function(_)
                | Syntax::Number
                | Syntax::Bool(_)
                | Syntax::Nothing
                | Syntax::New { .. }
                | Syntax::Element { .. }
        )
    }

    /// What a selector finds for each of `count` keys: by their places where it finds as many, or its one finding for all of them.
    fn paired(&self, selector: Option<&Selector>, count: usize, hit: &Hit<'a>) -> Option<Vec<Option<Found>>> {
        let selector = selector?;
        let mut found = self.select(selector, "value", hit);
        if found.len() == 1 && count > 1 && selector.take == Take::One && !selector.path.contains(&PathStep::Each) {
            found = vec![found[0].clone(); count];
        }
        found.resize(count, None);
        let otherwise = selector.otherwise.map(Found::State);
        found
            .iter_mut()
            .filter(|one| one.is_none())
            .for_each(|one| *one = otherwise.clone());
        Some(found)
    }

    /// The mocked function and its object.
    pub(super) fn targets(&self, rule: &Rule, hit: &Hit<'a>) -> (Option<NodeId>, Option<NodeId>) {
        let RuleKind::Force(force) = &rule.kind else {
            return (None, None);
        };
        let node = |selector: &Option<Selector>| {
            let found = self.select(selector.as_ref()?, "key", hit).into_iter().next()??;
            match found {
                Found::Node(id) => Some(id),
                _ => None,
            }
        };
        (node(&force.target), node(&force.target_object))
    }

    /// Everything that a selector finds, in the order of the text; `group` names the group of a `text` pattern that counts. A place that
    /// exists without an answer is `None`, so that keys and values stay paired.
    pub(super) fn select(&self, selector: &Selector, group: &str, hit: &Hit<'a>) -> Vec<Option<Found>> {
        let mut found: Vec<Option<Found>> = vec![self.start(&selector.start, group, hit)];
        for step in &selector.path {
            found = self.each_node(found, |id| self.step(step, id));
        }
        if selector.take != Take::One {
            found = self.each_node(found, |id| match self.syntax(id) {
                Syntax::Call { args, .. } if takes_arguments(selector) => {
                    args.iter().map(|arg| Some(Found::Node(*arg))).collect()
                }
                _ => self.take(selector.take, id),
            });
        }
        if let Some(through) = &selector.through {
            found = found
                .into_iter()
                .map(|one| one.and_then(|one| self.through(through, one)))
                .collect();
        }
        if let Some(pattern) = &selector.text {
            found = found
                .into_iter()
                .flat_map(|one| self.every_part(one.as_ref(), pattern, group))
                .collect();
        }
        if !selector.words.is_empty() {
            found = found
                .into_iter()
                .map(|one| one.map(|one| self.said(&selector.words, one)))
                .collect();
        }
        found
    }

    fn each_node(&self, found: Vec<Option<Found>>, next: impl Fn(NodeId) -> Vec<Option<Found>>) -> Vec<Option<Found>> {
        let follow = |one: Option<Found>| match one {
            Some(Found::Node(id)) => next(self.literal(id)),
            _ => vec![None],
        };
        found.into_iter().flat_map(follow).take(ENTRIES).collect()
    }

    fn start(&self, start: &Start, group: &str, hit: &Hit<'a>) -> Option<Found> {
        match start {
            Start::Matched => Some(Found::Node(hit.subject)),
            Start::Arg(at) => self.nth_arg(hit.args, *at).map(Found::Node),
            Start::Attr(name) => self.attribute(hit.attributes, name),
            Start::TypeArg(at) => hit.type_args.get(*at).copied().map(Found::Node),
            Start::Name => match hit.name.clone()? {
                HitName::Word(word, bytes) => Some(Found::Text(word, bytes)),
                HitName::Node(id) => Some(Found::Node(id)),
            },
            Start::Value => hit.value.map(Found::Node),
            Start::Receiver(None) => hit.receiver.map(Found::Node),
            Start::Receiver(Some(within)) => {
                let inner = self.receiver_hit(hit)?;
                self.select(within, group, &inner).into_iter().next()?
            }
            Start::Chain { names, arg } => self.chained(hit.node, |name| names.accept(name), *arg).map(Found::Node),
            Start::Decorator(names) => self.decorator_of(hit.node, names),
            Start::ConstValue(name) => self.constant(hit.members, name).map(Found::Node),
            Start::Method(name) => self.returned(hit.members, name).map(Found::Node),
            Start::Const(state) => Some(Found::State(*state)),
            Start::Every => Some(Found::Every),
            Start::Keyword(name) => self.attribute(hit.args, name),
            Start::Given(at, name) => {
                let by_name = self.attribute(hit.args, name);
                by_name.or_else(|| self.nth_arg(hit.args, *at).map(Found::Node))
            }
            // Captures are read by `comments`; the rest is about data files.
            Start::Capture(_) | Start::At(_) | Start::Column(_) => None,
        }
    }

    /// The receiver as a hit of its own: a call with arguments, or a subscript whose index counts as its argument.
    fn receiver_hit(&self, hit: &Hit<'a>) -> Option<Hit<'a>> {
        let receiver = self.bare(hit.receiver?);
        let mut inner = Hit::at(hit.rule, receiver);
        match self.syntax(receiver) {
            Syntax::Call {
                callee,
                args,
                type_args,
            } => {
                (inner.args, inner.type_args) = (args, type_args);
                inner.receiver = self.called(*callee).and_then(|called| called.receiver);
            }
            Syntax::New { args, type_args, .. } => (inner.args, inner.type_args) = (args, type_args),
            Syntax::Index { object, index } => {
                (inner.args, inner.receiver) = (std::slice::from_ref(index), Some(*object));
            }
            _ => {}
        }
        Some(inner)
    }

    fn nth_arg(&self, args: &[NodeId], at: i32) -> Option<NodeId> {
        let is_named = |arg: &NodeId| matches!(self.syntax(*arg), Syntax::Attribute { .. });
        let before_spread = args
            .iter()
            .take_while(|arg| !matches!(self.syntax(**arg), Syntax::Spread(_)));
        match usize::try_from(at) {
            Ok(at) if self.is_context(args) => before_spread.copied().filter(|arg| !is_named(arg)).nth(at + 1),
            Ok(at) => before_spread.copied().filter(|arg| !is_named(arg)).nth(at),
            Err(_) => nth(args, at).filter(|arg| !is_named(arg)),
        }
    }

    fn attribute(&self, attributes: &[NodeId], wanted: &str) -> Option<Found> {
        attributes.iter().find_map(|id| match self.syntax(*id) {
            Syntax::Attribute { name, value } if self.slice(*name) == wanted => Some(match value {
                Some(value) => Found::Node(*value),
                None => Found::State(FlagValue::On),
            }),
            _ => None,
        })
    }

    /// The argument of the last call of such a name in the chain that begins at the match.
    fn chained(&self, from: NodeId, accept: impl Fn(&str) -> bool, arg: i32) -> Option<NodeId> {
        let (mut at, mut found) = (from, None);
        for _ in 0..CHAIN {
            let member = self.parent_bare(at)?;
            let Syntax::Member { object, property } = self.syntax(member) else {
                break;
            };
            if self.bare(*object) != self.bare(at) {
                break;
            }
            let Some(call) = self.parent_bare(member) else { break };
            let Syntax::Call { callee, args, .. } = self.syntax(call) else {
                break;
            };
            if self.bare(*callee) != member {
                break;
            }
            if accept(self.slice(*property)) {
                found = self.nth_arg(args, arg).or(found);
            }
            at = call;
        }
        found
    }

    pub(super) fn constant(&self, members: &[NodeId], wanted: &str) -> Option<NodeId> {
        members.iter().find_map(|id| match self.syntax(*id) {
            Syntax::Let { pattern, value, .. } if self.facts.words(*pattern) == wanted => *value,
            Syntax::Field {
                key: Key::Name(name, _),
                value,
                ..
            } if **name == *wanted => *value,
            _ => None,
        })
    }

    /// The value that a method returns at its end.
    fn returned(&self, members: &[NodeId], wanted: &str) -> Option<NodeId> {
        members.iter().find_map(|id| {
            let Syntax::Function(function) = self.syntax(*id) else {
                return None;
            };
            if function.name.as_ref().is_none_or(|(name, _)| **name != *wanted) {
                return None;
            }
            let mut at = function.body?;
            if let Syntax::Block(statements) = self.syntax(at) {
                at = *statements.last()?;
            }
            match self.syntax(at) {
                Syntax::Return(value) => *value,
                _ => Some(at),
            }
        })
    }

    fn step(&self, step: &PathStep, id: NodeId) -> Vec<Option<Found>> {
        let one = match (step, self.syntax(id)) {
            (PathStep::Each, Syntax::Array(items)) => {
                return items.iter().map(|item| Some(Found::Node(*item))).collect();
            }
            (PathStep::Property(wanted), Syntax::Object { entries, .. }) => self.entry(entries, wanted),
            (PathStep::Nth(at), Syntax::Array(items)) => nth(items, *at),
            (
                PathStep::Argument(at),
                Syntax::Call { args, .. } | Syntax::New { args, .. } | Syntax::Macro { args, .. },
            ) => self.nth_arg(args, *at),
            _ => None,
        };
        // Each element lacks what its neighbours have at its own place.
        let is_list = matches!(step, PathStep::Each);
        if is_list {
            Vec::new()
        } else {
            vec![one.map(Found::Node)]
        }
    }

    /// The value of the last entry of this name.
    pub(super) fn entry(&self, entries: &[NodeId], wanted: &str) -> Option<NodeId> {
        entries.iter().rev().find_map(|id| match self.syntax(*id) {
            Syntax::Entry {
                key: Key::Name(name, _),
                value,
            } if **name == *wanted => Some(*value),
            Syntax::Function(function) => {
                let (name, _) = function.name.as_ref()?;
                (**name == *wanted).then_some(*id)
            }
            _ => None,
        })
    }

    fn take(&self, take: Take, id: NodeId) -> Vec<Option<Found>> {
        match (take, self.syntax(id)) {
            (Take::Elements, Syntax::Call { args: items, .. })
                if self.facts.language == Language::Go || self.facts.language.is_jvm() =>
            {
                items.iter().map(|item| Some(Found::Node(*item))).collect()
            }
            (Take::Elements, Syntax::Array(items) | Syntax::Macro { args: items, .. }) => {
                let real = items
                    .iter()
                    .filter(|item| !matches!(self.syntax(**item), Syntax::Spread(_)));
                real.map(|item| Some(Found::Node(*item))).collect()
            }
            // Python: the named arguments of a call.
            (
                Take::EntryKeys | Take::EntryValues,
                Syntax::Object { entries, .. } | Syntax::Call { args: entries, .. },
            ) => entries
                .iter()
                .flat_map(|entry| match self.syntax(*entry) {
                    // `{ pay: { FEES: 'fees' } }`: names of flags in groups.
                    Syntax::Entry { value, .. } if take == Take::EntryValues && self.is_group_of_texts(*value) => {
                        self.take(take, self.bare(*value))
                    }
                    _ => self.take_entry(take, *entry).map(Some).into_iter().collect(),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn take_entry(&self, take: Take, entry: NodeId) -> Option<Found> {
        let (key, value) = match self.syntax(entry) {
            Syntax::Entry { key, value } => (key.clone(), *value),
            Syntax::Function(function) => {
                let (name, bytes) = function.name.clone()?;
                (Key::Name(name, bytes), entry)
            }
            Syntax::Attribute { name, value } => (Key::Name(self.slice(*name).into(), *name), (*value)?),
            _ => return None,
        };
        Some(match (take, key) {
            (Take::EntryValues, _) => Found::Node(value),
            (_, Key::Name(name, bytes)) => Found::Text(name.into(), bytes),
            (_, Key::Computed(id)) => Found::Node(id),
        })
    }

    /// Where the expression is a call of the helper, its argument; otherwise what was found.
    fn through(&self, through: &CallArg, found: Found) -> Option<Found> {
        let Found::Node(id) = found else { return Some(found) };
        match self.bare_syntax(id) {
            Syntax::Call { callee, args, .. } => match self.last_word(*callee) {
                Some(name) if through.names.accept(&name) => {
                    let arg = self.nth_arg(args, through.arg);
                    arg.or_else(|| self.named_default(args)).map(Found::Node)
                }
                _ => Some(found),
            },
            _ => Some(found),
        }
    }

    /// `getenv_boolean("FEATURE_X", default=True)`: what a helper is told by name.
    fn named_default(&self, args: &[NodeId]) -> Option<NodeId> {
        args.iter().find_map(|arg| match self.syntax(*arg) {
            Syntax::Attribute {
                name,
                value: Some(value),
            } if matches!(self.slice(*name), "default" | "default_value" | "fallback") => Some(*value),
            _ => None,
        })
    }

    /// The key of a literal, as far as it can be told without resolving anything.
    fn text_of(&self, id: NodeId) -> Option<String> {
        match self.bare_syntax(id) {
            Syntax::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }
}
