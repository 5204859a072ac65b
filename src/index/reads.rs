//! Reads of the whole tree. Enters: the flow of every file. Leaves: [`FlagRead`]s by path and place, [`DynamicRead`]s, and the number
//! of each read, for the guards that rest on it. Knows nothing of how a read was found.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::condition::{KeyTerm, ReadRef};
use super::flow::Flow;
use super::meaning::{Fallback, LocalRead};
use super::spelling::Spellings;
use super::{DynamicRead, FlagRead, Symbol, symbols};
use crate::flag::FlagKey;
use crate::rules::RuleSet;
use crate::source::Span;

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

/// Collects the reads of all files, each under the name by which its flag is known.
#[must_use]
pub fn collect(
    code: &Code<'_>,
    rules: &RuleSet,
    flows: &[&Flow],
    symbols: &[Vec<Symbol>],
    spellings: &Spellings,
) -> Reads {
    let mut found = Reads::default();
    for (unit, flow) in flows.iter().enumerate() {
        let wrapped = wrapped(flow);
        let mut here: Vec<(Span, ReadRef, &LocalRead)> = Vec::new();
        for (at, read) in &flow.reads {
            let span = code.tree(unit).bytes(at.node).in_file(code.file(unit));
            if !read.lazy || flow.used.contains(at) {
                here.push((span, *at, read));
            }
        }
        here.sort_by_key(|(span, at, _)| (*span, *at));
        for (span, at, read) in here {
            match &read.key {
                Some(KeyTerm::Known(key)) => {
                    found.numbers.insert((unit, at), found.reads.len());
                    let around = symbols::enclosing(&symbols[unit], span.bytes);
                    let symbol = around.map_or(String::new(), |symbol| symbol.name.clone());
                    found
                        .reads
                        .push(read_of(spellings.of(key, read), span, symbol, read, rules));
                }
                Some(KeyTerm::Param(_)) if wrapped.contains(&at) => {}
                Some(KeyTerm::Param(_)) | None => found.dynamic.push(DynamicRead {
                    span,
                    rule: rules.name(read.rule),
                }),
            }
        }
    }
    found
}

/// Reads whose key comes from the caller of a function that gives their value.
fn wrapped(flow: &Flow) -> BTreeSet<ReadRef> {
    flow.shared
        .iter()
        .flat_map(|shared| shared.reads.keys().copied())
        .collect()
}

fn read_of(key: FlagKey, span: Span, symbol: String, read: &LocalRead, rules: &RuleSet) -> FlagRead {
    let fallback = match &read.fallback {
        Some(Fallback::Is(value)) => Some(*value),
        Some(Fallback::Param(_, _, otherwise)) => *otherwise,
        None => None,
    };
    FlagRead {
        key,
        span,
        symbol,
        rule: rules.name(read.rule),
        via: read.via.clone(),
        fallback,
        negative: read.negative,
        confidence: read.confidence,
    }
}
