//! What each test of the code sets, by itself and by the hooks around it. Enters: the forces of one tree. Leaves: [`Set`]s by test.

use std::collections::{BTreeMap, BTreeSet};

use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Force, ForceScope, ForcedKey, ForcedValue, TestCase};
use crate::source::{FileId, Span};

/// What a test sets.
#[derive(Clone, Default)]
pub(super) struct Set<'a> {
    /// Flags by name.
    pub(super) keys: BTreeMap<&'a FlagKey, (FlagValue, &'a Force)>,
    /// What every flag is that it does not name, by what serves those.
    pub(super) others: BTreeMap<String, (FlagValue, &'a Force)>,
    /// Where it sets any of it.
    pub(super) places: Vec<Span>,
}

impl<'a> Set<'a> {
    /// What it sets a flag to.
    pub(super) fn of(&self, key: &FlagKey) -> Option<FlagValue> {
        let mut others = self.others.values().map(|(value, _)| *value);
        let first = others.next().filter(|first| others.all(|other| other == *first));
        self.keys.get(key).map(|(value, _)| *value).or(first)
    }

    /// Takes a force; what is set to both values is unknown.
    fn take(&mut self, force: &'a Force) {
        let value = match force.value {
            ForcedValue::Is(value) => value,
            _ => FlagValue::Unknown,
        };
        self.places.push(force.span);
        let known = match &force.key {
            ForcedKey::Key(key) => self.keys.entry(key).or_insert((value, force)),
            _ => self.others.entry(server(&force.key)).or_insert((value, force)),
        };
        if known.0 != value {
            known.0 = FlagValue::Unknown;
        }
    }

    /// What stands farther away counts for what is not set nearer.
    fn around(&mut self, outer: Self) {
        for (key, set) in outer.keys {
            self.keys.entry(key).or_insert(set);
        }
        for (server, set) in outer.others {
            self.others.entry(server).or_insert(set);
        }
        self.places.extend(outer.places);
    }
}

/// What serves the flags that a force of no single flag sets.
fn server(key: &ForcedKey) -> String {
    match key {
        ForcedKey::Others { library, .. } => library.clone(),
        other => format!("{other:?}"),
    }
}

/// What each test sets: in its own body, then by the hooks of the nearest suite, and so on outwards.
pub(super) fn sets(index: &CodeIndex) -> BTreeMap<usize, Set<'_>> {
    let mut found: BTreeMap<usize, Set<'_>> = BTreeMap::new();
    let mut outer: BTreeMap<FileId, Vec<&Force>> = BTreeMap::new();
    for force in &index.forces {
        let test = match &force.scope {
            ForceScope::Test(test) => Some(*test),
            ForceScope::Region(region) => (0..index.tests.len())
                .rev()
                .find(|test| index.tests[*test].span.contains(*region)),
            ForceScope::File(_) | ForceScope::Project => None,
        };
        match test {
            Some(test) => found.entry(test).or_default().take(force),
            // What is taken back is as if nothing had set it.
            None if force.value != ForcedValue::Reset => {
                let file = match &force.scope {
                    ForceScope::Region(region) => Some(region.file),
                    ForceScope::File(path) => index.files.get(path).map(|facts| facts.file),
                    ForceScope::Test(_) | ForceScope::Project => None,
                };
                if let Some(file) = file {
                    outer.entry(file).or_default().push(force);
                }
            }
            None => {}
        }
    }
    for (test, case) in index.tests.iter().enumerate() {
        let around = outer.get(&case.span.file).into_iter().flatten();
        let mut near: Vec<(u32, &Force)> = around
            .filter_map(|force| Some((farness(force, case)?, *force)))
            .collect();
        near.sort_by_key(|(far, force)| (*far, force.span));
        let levels: BTreeSet<u32> = near.iter().map(|(far, _)| *far).collect();
        for level in levels {
            let mut set = Set::default();
            for (_, force) in near.iter().filter(|(far, _)| *far == level) {
                set.take(force);
            }
            found.entry(test).or_default().around(set);
        }
    }
    found
}

/// How far around a test a force stands that covers it.
fn farness(force: &Force, case: &TestCase) -> Option<u32> {
    match &force.scope {
        ForceScope::Region(region) => region
            .contains(case.span)
            .then(|| region.bytes.end - region.bytes.start),
        ForceScope::File(path) => (*path == case.path).then_some(u32::MAX),
        ForceScope::Test(_) | ForceScope::Project => None,
    }
}
