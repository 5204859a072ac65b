//! Reads of the whole tree. Enters: the flow of every file. Leaves: [`FlagRead`]s by path and place, [`DynamicRead`]s, and the number
//! of each read, for the guards that rest on it. Knows nothing of how a read was found.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::condition::{KeyTerm, Param, ReadRef};
use super::flow::Flow;
use super::meaning::{Fallback, LocalRead};
use super::spelling::Names;
use super::{DynamicRead, FlagDefinition, FlagRead, Symbol, symbols};
use crate::flag::{FlagKey, FlagValue};
use crate::lang::tree::{NodeId, Syntax};
use crate::rules::{Confidence, Missing, RuleSet};
use crate::source::{Bytes, FileId, Span};

/// Methods that call a function for each element of a list.
const ITERATES: [&str; 9] = [
    "map",
    "flatMap",
    "filter",
    "forEach",
    "every",
    "some",
    "find",
    "findIndex",
    "reduce",
];

/// Methods of what a mocked call gives back: the call before them tells a mock what to answer, and asks nothing.
const ANSWERS: [&str; 6] = [
    "Returns",
    "ReturnsForAnyArgs",
    "ReturnsAsync",
    "thenReturn",
    "willReturn",
    "mockReturnValue",
];

/// Functions that are given the call that a mock is told of.
const TELLS: [&str; 4] = ["Setup", "given", "when", "whenever"];
/// More ancestors than this do not lie between a mocked call and its answer.
const WITHIN_MOCK: usize = 6;

/// The reads of a tree.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Reads {
    /// By path, then place.
    pub reads: Vec<FlagRead>,
    /// By path, then place.
    pub dynamic: Vec<DynamicRead>,
    /// The number of a read, by its file and its place there.
    pub numbers: BTreeMap<(usize, ReadRef), usize>,
}

/// The parts from which reads are collected.
pub struct Collect<'a> {
    /// The files.
    pub code: &'a Code<'a>,
    /// The rules.
    pub rules: &'a RuleSet,
    /// The flow of each file.
    pub flows: &'a [&'a Flow],
    /// The symbols of each file.
    pub symbols: &'a [Vec<Symbol>],
    /// The expressions from which the values of definitions come: what is read there supplies a flag and is no read of one.
    pub sources: &'a Sourced,
    /// The names by which flags are known.
    pub names: &'a Names,
}

impl Collect<'_> {
    /// Collects the reads of all files, each under the name by which its flag is known.
    #[must_use]
    pub fn reads(&self) -> Reads {
        let mut found = Reads::default();
        let asked = self.asked();
        for (unit, flow) in self.flows.iter().enumerate() {
            self.of_unit(unit, flow, &asked, &mut found);
        }
        found
    }

    /// The names of the functions that rules know as reads, and that are called with a key that is known.
    fn asked(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        for (unit, flow) in self.flows.iter().enumerate() {
            let known = flow
                .reads
                .iter()
                .filter(|(_, read)| matches!(read.key, Some(KeyTerm::Known(_))));
            let tree = self.code.tree(unit);
            let calls = known.filter(|(at, _)| matches!(tree.syntax(at.node), Syntax::Call { .. }));
            names.extend(calls.filter_map(|(at, _)| {
                let (callee, _) = self.code.slice(unit, tree.bytes(at.node)).split_once('(')?;
                Some(last_name(callee))
            }));
        }
        names
    }

    /// `asked` are the names of functions whose calls are reads already: what such a function does with its parameter is no other read.
    fn of_unit(&self, unit: usize, flow: &Flow, asked: &BTreeSet<&str>, found: &mut Reads) {
        let wrapped = wrapped(flow);
        let (tree, file) = (self.code.tree(unit), self.code.file(unit));
        let mut here: Vec<(Span, ReadRef, &LocalRead)> = Vec::new();
        for (at, read) in &flow.reads {
            let span = tree.bytes(at.node).in_file(file);
            let counts = (!read.lazy || flow.used.contains(at)) && !self.is_told(unit, at.node);
            let own = match &read.key {
                Some(KeyTerm::Known(key)) => self.sources.flag(span) == Some(&self.names.of(key, read)),
                _ => false,
            };
            if counts && !own && !self.sources.supply(span, read) {
                here.push((span, *at, read));
            }
        }
        here.sort_by_key(|(span, at, _)| (*span, *at));
        for (span, at, read) in here {
            match &read.key {
                Some(KeyTerm::Known(key)) => {
                    let key = self.names.of(key, read);
                    if !self.names.is_flag(&key, &self.rules.files[read.rule.file].flags) {
                        continue;
                    }
                    found.numbers.insert((unit, at), found.reads.len());
                    found.reads.push(self.read(key, unit, span, read));
                }
                Some(KeyTerm::Param(param)) if read.confidence != Confidence::Low && self.is_iterated(unit, param) => {
                    found.dynamic.push(DynamicRead {
                        span,
                        rule: self.rules.name(read.rule),
                    });
                }
                // What a function known by its form does inside is no other read.
                Some(KeyTerm::Param(param)) if is_read_itself(flow, file, param) => {}
                Some(KeyTerm::Param(_)) if wrapped.contains(&at) || self.is_inside(asked, unit, span) => {}
                // `useFeature(projectId)` is anybody's hook unless its key is a flag.
                Some(KeyTerm::Param(_)) | None if read.confidence == Confidence::Low => {}
                Some(KeyTerm::Param(_)) | None => found.dynamic.push(DynamicRead {
                    span,
                    rule: self.rules.name(read.rule),
                }),
            }
        }
    }

    /// True for a call that only tells a mock what to answer: `flags.IsEnabled(key).Returns(true)`, `when(flags.isEnabled(key)).thenReturn(true)`.
    fn is_told(&self, unit: usize, call: NodeId) -> bool {
        let tree = self.code.tree(unit);
        let mut at = call;
        for up in tree.ancestors(call).take(WITHIN_MOCK) {
            match tree.syntax(up) {
                Syntax::Wrap(..) | Syntax::Function(_) | Syntax::Block(_) | Syntax::Return(_) => {}
                Syntax::Call { callee, args, .. } if args.contains(&at) => {
                    let name = last_name(self.code.slice(unit, tree.bytes(*callee)));
                    if !TELLS.contains(&name) {
                        return false;
                    }
                }
                Syntax::Member { object, property } if *object == at => {
                    return ANSWERS.contains(&self.code.slice(unit, *property));
                }
                _ => return false,
            }
            at = up;
        }
        false
    }

    /// True if the key is an element of a list: `keys.some((key) => isEnabled(key))` wraps nothing.
    fn is_iterated(&self, unit: usize, param: &Param) -> bool {
        let (file, function) = param.function;
        let tree = self.code.tree(unit);
        if file != self.code.file(unit) {
            return false;
        }
        let Some(call) = tree.node(function).parent else {
            return false;
        };
        let Syntax::Call { callee, args, .. } = tree.syntax(call) else {
            return false;
        };
        let name = last_name(self.code.slice(unit, tree.bytes(*callee)));
        args.contains(&function) && ITERATES.contains(&name)
    }

    fn is_inside(&self, asked: &BTreeSet<&str>, unit: usize, span: Span) -> bool {
        let around = symbols::enclosing(&self.symbols[unit], span.bytes);
        around.is_some_and(|symbol| asked.contains(last_name(&symbol.name)))
    }

    fn read(&self, key: FlagKey, unit: usize, span: Span, read: &LocalRead) -> FlagRead {
        let around = symbols::enclosing(&self.symbols[unit], span.bytes);
        let fallback = match &read.fallback {
            Some(Fallback::Is(value)) => Some(*value),
            Some(Fallback::Param(_, _, otherwise)) => *otherwise,
            None => None,
        };
        FlagRead {
            key,
            span,
            key_span: read.key_bytes.map_or(span, |bytes| bytes.in_file(span.file)),
            symbol: around.map_or(String::new(), |symbol| symbol.name.clone()),
            rule: self.rules.name(read.rule),
            via: read.via.clone(),
            fallback,
            missing: missing(&self.rules.files[read.rule.file].flags.missing),
            negative: read.negative,
            confidence: read.confidence,
        }
    }
}

/// The answer for a flag that the SDK does not know, as far as it is the SDK's own.
fn missing(answer: &Missing) -> Option<FlagValue> {
    match answer {
        Missing::Value(value) => Some(*value),
        // What is undefined is not on.
        Missing::Undefined => Some(FlagValue::Off),
        Missing::Literal(_) => Some(FlagValue::Unknown),
        Missing::CallFallback => None,
    }
}

/// The expressions from which the values of definitions come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sourced {
    by_file: BTreeMap<FileId, Vec<(Bytes, FlagKey)>>,
}

impl Sourced {
    /// The sources of these definitions, in the same order.
    #[must_use]
    pub fn new(definitions: &[FlagDefinition], sources: &[Span]) -> Self {
        let mut by_file: BTreeMap<FileId, Vec<(Bytes, FlagKey)>> = BTreeMap::new();
        for (definition, source) in definitions.iter().zip(sources) {
            let of_file = by_file.entry(source.file).or_default();
            of_file.push((source.bytes, definition.key.clone()));
        }
        by_file.values_mut().for_each(|of_file| of_file.sort());
        Self { by_file }
    }

    /// The flag in whose definition a place stands.
    fn flag(&self, span: Span) -> Option<&FlagKey> {
        let of_file = self.by_file.get(&span.file)?;
        let before = of_file.partition_point(|(bytes, _)| bytes.start <= span.bytes.start);
        // The nearest one that begins before; definitions seldom stand in each other.
        let nearest = of_file[..before].iter().rev().take(4);
        let mut around = nearest.filter(|(bytes, _)| bytes.contains(span.bytes));
        around.next().map(|(_, key)| key)
    }

    /// True if a read only supplies the value of a definition.
    fn supply(&self, span: Span, read: &LocalRead) -> bool {
        read.via.is_empty() && self.flag(span).is_some()
    }

    /// The settings that are read in definitions, each with the flag that it supplies.
    #[must_use]
    pub fn supplies(&self, code: &Code<'_>, flows: &[&Flow]) -> Vec<(FlagKey, FlagKey)> {
        let mut found = Vec::new();
        for (unit, flow) in flows.iter().enumerate() {
            let file = code.file(unit);
            if !self.by_file.contains_key(&file) {
                continue;
            }
            for (at, read) in &flow.reads {
                let span = code.tree(unit).bytes(at.node).in_file(file);
                if let (Some(KeyTerm::Known(setting)), Some(flag)) = (&read.key, self.flag(span))
                    && setting != flag
                {
                    found.push((setting.clone(), flag.clone()));
                }
            }
        }
        found
    }
}

/// `isEnabled` of `flags.isEnabled<Flag>`
fn last_name(path: &str) -> &str {
    let path = path.split('<').next().unwrap_or(path).trim_end_matches("::").trim();
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    path.rsplit(|c| !is_name(c)).next().unwrap_or(path)
}

/// True if the whole function whose parameter this is counts as a read.
fn is_read_itself(flow: &Flow, file: FileId, param: &Param) -> bool {
    let (of, node) = param.function;
    of == file && flow.reads.contains_key(&ReadRef { node, nth: 0 })
}

/// Reads whose key comes from the caller of a function that gives their value.
fn wrapped(flow: &Flow) -> BTreeSet<ReadRef> {
    flow.shared
        .iter()
        .flat_map(|shared| shared.reads.keys().copied())
        .collect()
}
