//! Guards of the whole tree: which region runs only in which state. Enters: the regions of every file's flow. Leaves: [`Guard`]s by path
//! and place, and the answer which of them a place stands in.

use std::collections::BTreeSet;

use super::code::Code;
use super::condition::{Atom, KeyTerm};
use super::flow::{Flow, Region};
use super::reads::Reads;
use super::{CodeIndex, Guard, Literal};
use crate::flag::FlagValue;
use crate::source::Span;

/// Collects the guards of all files, which rest on the reads that were found.
#[must_use]
pub fn collect(code: &Code<'_>, flows: &[&Flow], found: &Reads) -> Vec<Guard> {
    let mut guards = Vec::new();
    for (unit, flow) in flows.iter().enumerate() {
        let first = guards.len();
        for region in &flow.regions {
            guards_of(code, unit, region, found, &mut guards);
        }
        // The outer region first, so that the innermost is the last of those around a place.
        guards[first..].sort_by_key(|guard| {
            let bytes = guard.region.bytes;
            (bytes.start, std::cmp::Reverse(bytes.end), guard.any, guard.when.len())
        });
    }
    guards
}

/// One guard for what holds for certain, one for each choice.
fn guards_of(code: &Code<'_>, unit: usize, region: &Region, found: &Reads, guards: &mut Vec<Guard>) {
    let file = code.file(unit);
    let (certain, choices): (Vec<_>, Vec<_>) = region.holds.clauses().iter().partition(|clause| clause.len() == 1);
    let certain: Vec<Atom> = certain.into_iter().flatten().cloned().collect();
    let mut push = |atoms: &[Atom], any: bool| {
        let mut reads = BTreeSet::new();
        let mut when = Vec::new();
        for atom in atoms {
            let known = match &atom.key {
                KeyTerm::Known(_) => found.numbers.get(&(unit, atom.read)).copied(),
                KeyTerm::Param(_) => None,
            };
            match known {
                Some(number) => {
                    reads.insert(number);
                    when.push(Literal {
                        key: found.reads[number].key.clone(),
                        value: FlagValue::from(atom.on),
                    });
                }
                // A choice with an unknown flag in it says nothing; a conjunction says the rest.
                None if any => return,
                None => {}
            }
        }
        when.sort_by(|a, b| (&a.key, a.value).cmp(&(&b.key, b.value)));
        when.dedup();
        if !when.is_empty() {
            guards.push(Guard {
                when,
                any,
                region: region.bytes.in_file(file),
                condition: region.condition.in_file(file),
                reads: reads.into_iter().collect(),
            });
        }
    };
    push(&certain, false);
    for choice in choices {
        push(choice, true);
    }
}

/// The guards whose regions a place stands in, the outermost first. Together they say what is certain there.
#[must_use]
pub fn guards_at(index: &CodeIndex, span: Span) -> Vec<&Guard> {
    let guards = index.guards.iter();
    guards.filter(|guard| guard.region.contains(span)).collect()
}
