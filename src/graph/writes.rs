//! Who may not share a phase, and who may at a price. Enters: touchpoints that write, the order of the PRDs. Leaves:
//! [`Exclusion`]s and [`Overlap`]s.
//!
//! What counts is the smallest thing that a PRD names. A class is not the same as its methods, a table not the same as its
//! columns, a component not the same as the parts that stand in its file: who names a part writes the part, and the whole only
//! in so far as it holds it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Exclusion, ExclusionKind, Inputs, Merges, Numbers, Overlap};
use crate::index::schema;
use crate::prd::{Access, PrdId};
use crate::source::{RepoPath, Span};
use crate::touchpoint::{Certainty, Target, TargetKind, Touchpoint};

/// At most this many places are kept for each side.
const PLACES: usize = 3;

/// Everything that is written, by target, with its writers.
type Writers<'a> = BTreeMap<&'a Target, BTreeMap<usize, &'a Touchpoint>>;

/// What each of two PRDs that may not share a phase has to do with the thing between them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Meeting {
    /// Both change it.
    #[default]
    Both,
    /// This one changes how it is used, and the other one uses it.
    Contract(PrdId),
    /// This one changes it, and the other one names it and does not say what it changes.
    Unsaid(PrdId),
    /// Their branches merge cleanly, and what comes of it does not work.
    Broken,
    /// Whether the branches conflict cannot be told; the target says why.
    Untold,
}

impl Exclusion {
    /// True for a migration that is there already and that both change; else its place in the order is what both want.
    #[must_use]
    pub fn is_script(&self) -> bool {
        let name = self.target.rsplit('/').next().unwrap_or_default();
        self.kind == ExclusionKind::SameMigration && name.contains('.')
    }
}

/// What writes lead to.
pub(super) struct Writes<'a> {
    numbers: &'a Numbers<'a>,
    merges: &'a Merges,
    writers: Writers<'a>,
    /// What is used by whom.
    users: Writers<'a>,
    /// What is named by PRDs that say of nothing that they change it, without a word of what is done with it.
    unsaid: Writers<'a>,
}

impl<'a> Writes<'a> {
    /// The writes that are sure enough to keep PRDs apart, reduced to the smallest named parts.
    pub(super) fn new(inputs: &Inputs<'a>, numbers: &'a Numbers<'a>) -> Self {
        let mut of_prd: BTreeMap<usize, Vec<&'a Touchpoint>> = BTreeMap::new();
        for point in inputs.touchpoints.iter().filter(|point| point.access >= Access::Write) {
            if let Some(number) = numbers.of(&point.prd) {
                of_prd.entry(number).or_default().push(point);
            }
        }
        let mut writers = Writers::new();
        for (number, points) in of_prd {
            let parts = Parts::new(&points);
            for point in points {
                let file = point.target.kind == TargetKind::File;
                let sure = file || point.certainty >= Certainty::Mentioned;
                if sure && !parts.stand_for(&point.target) {
                    writers.entry(&point.target).or_default().insert(number, point);
                }
            }
        }
        let (mut users, mut unsaid) = (Writers::new(), Writers::new());
        let silent = |number: usize| !writers.values().any(|of| of.contains_key(&number));
        let silent: Vec<bool> = (0..numbers.ids.len()).map(silent).collect();
        let declared: BTreeSet<&PrdId> = inputs
            .prds
            .iter()
            .filter(|prd| prd.footprint.is_some())
            .map(|prd| &prd.id)
            .collect();
        for point in inputs
            .touchpoints
            .iter()
            .filter(|point| point.access == Access::Read && point.certainty >= Certainty::Mentioned)
        {
            let Some(number) = numbers.of(&point.prd) else { continue };
            users.entry(&point.target).or_default().insert(number, point);
            let may_change =
                point.unsaid && silent[number] && !declared.contains(&point.prd) && !inputs.unclear_together;
            if may_change && matches!(point.target.kind, TargetKind::Symbol | TargetKind::Route) {
                unsaid.entry(&point.target).or_default().insert(number, point);
            }
        }
        Self {
            numbers,
            merges: inputs.merges,
            writers,
            users,
            unsaid,
        }
    }

    /// Pairs that may not share a phase. `ordered` knows who is kept apart by the order anyhow, `builds_on` who comes after whom because
    /// of what the other one does.
    pub(super) fn exclusions(
        &self,
        ordered: impl Fn(usize, usize) -> bool,
        builds_on: impl Fn(usize, usize) -> bool,
    ) -> Vec<Exclusion> {
        let mut out = Vec::new();
        for (target, writers) in &self.writers {
            let Some(kind) = excludes(target) else { continue };
            for (a, b) in pairs(writers) {
                // Two ordered writers of one symbol are no race. Two that redefine one schema object are, unless the later one builds
                // on the earlier one: else it does not know what the earlier one did.
                let apart = match kind {
                    ExclusionKind::SameSymbol => ordered(a, b) || self.merged_well([a, b], [writers[&a], writers[&b]]),
                    _ => builds_on(a, b),
                };
                if apart {
                    continue;
                }
                out.push(self.exclusion(kind, target.name.clone(), a, b, [writers[&a], writers[&b]]));
            }
        }
        out.extend(self.one_sided(&ordered));
        out.extend(self.taken_away(&ordered));
        out.extend(self.new_files(ordered));
        out
    }

    /// True if both were seen to change it and git merges the two: an overlap, which real merges found to do no harm. (What does harm although it merges
    /// keeps them apart by itself.)
    fn merged_well(&self, [a, b]: [usize; 2], points: [&Touchpoint; 2]) -> bool {
        let seen = points.iter().all(|point| point.certainty == Certainty::Observed);
        seen && self.merges.is_clean(self.numbers.id(a), self.numbers.id(b))
    }

    /// What one changes and the other only uses, where that is no good: it is used otherwise then, or nobody knows what the other one changes.
    fn one_sided(&self, ordered: impl Fn(usize, usize) -> bool) -> Vec<Exclusion> {
        let mut out = Vec::new();
        for (target, writers) in &self.writers {
            let Some(kind) = excludes(target) else { continue };
            let meet = |others: &Writers<'a>, may: &dyn Fn(&Touchpoint) -> bool, how: &dyn Fn(PrdId) -> Meeting| {
                let mut met = Vec::new();
                let Some(others) = others.get(target) else { return met };
                for (&writer, point) in writers.iter().filter(|(_, point)| may(point)) {
                    for (&other, named) in others.iter().filter(|(other, _)| !writers.contains_key(other)) {
                        if !ordered(writer, other) {
                            let [a, b] = [writer.min(other), writer.max(other)];
                            let one = self.exclusion(kind, target.name.clone(), a, b, [*point, *named]);
                            let meeting = how(self.numbers.id(writer).clone());
                            met.push(Exclusion { meeting, ..one });
                        }
                    }
                }
                met
            };
            out.extend(meet(
                &self.users,
                &|point| !point.contract.is_empty(),
                &Meeting::Contract,
            ));
            out.extend(meet(&self.unsaid, &|_| true, &Meeting::Unsaid));
        }
        out
    }

    /// A table, a file or a class that one takes away, or gives another name, and of which the other one changes a part or uses it.
    fn taken_away(&self, ordered: impl Fn(usize, usize) -> bool) -> Vec<Exclusion> {
        let mut out = Vec::new();
        for (whole, takers) in &self.writers {
            let Some(kind) = holds_parts(whole) else { continue };
            let changes = self
                .writers
                .iter()
                .filter(|(part, _)| is_of(part, whole) || (*part == whole && whole.kind != TargetKind::Symbol));
            let class = whole.kind == TargetKind::Symbol;
            let uses = self.users.iter().filter(|(part, _)| match whole.kind {
                TargetKind::File => is_of(part, whole) || *part == whole,
                // Who uses the class itself is met above.
                TargetKind::Symbol => is_of(part, whole),
                _ => false,
            });
            for (other, named) in changes.chain(uses).flat_map(|(_, others)| others) {
                for (taker, point) in takers.iter().filter(|(_, point)| !point.contract.is_empty()) {
                    if taker == other || ordered(*taker, *other) {
                        continue;
                    }
                    let [a, b] = [*taker.min(other), *taker.max(other)];
                    let one = self.exclusion(kind, whole.name.clone(), a, b, [*point, *named]);
                    let meeting = match class {
                        true => Meeting::Contract(self.numbers.id(*taker).clone()),
                        false => Meeting::Both,
                    };
                    out.push(Exclusion { meeting, ..one });
                }
            }
        }
        out.sort_by(|one, other| (&one.a, &one.b, &one.target).cmp(&(&other.a, &other.b, &other.target)));
        out.dedup_by(|later, earlier| (&later.a, &later.b, &later.target) == (&earlier.a, &earlier.b, &earlier.target));
        out
    }

    /// New files that meet: the same path, or the same place in the order of the migrations.
    fn new_files(&self, ordered: impl Fn(usize, usize) -> bool) -> Vec<Exclusion> {
        let mut slots: BTreeMap<(ExclusionKind, String), BTreeMap<usize, &Touchpoint>> = BTreeMap::new();
        for (target, writers) in &self.writers {
            let Some(path) = target.path.as_ref().filter(|_| target.kind == TargetKind::File) else {
                continue;
            };
            // Statements run in their order, whichever lines they stand on.
            let script = schema::is_migration(path) || path.as_str().ends_with(".sql");
            for (&number, point) in writers
                .iter()
                .filter(|(_, point)| script && !super::edges::makes(point))
            {
                let key = (ExclusionKind::SameMigration, path.to_string());
                slots.entry(key).or_default().insert(number, point);
            }
            for (&number, point) in writers.iter().filter(|(_, point)| super::edges::makes(point)) {
                let slot = migration_slot(path).map(|slot| (ExclusionKind::SameMigration, slot));
                let key = slot.unwrap_or_else(|| (ExclusionKind::SameSymbol, path.to_string()));
                slots.entry(key).or_default().insert(number, point);
            }
        }
        let mut out = Vec::new();
        for ((kind, slot), writers) in &slots {
            for (a, b) in pairs(writers).filter(|&(a, b)| !ordered(a, b)) {
                // One file that both add with the same text is no race.
                if *kind == ExclusionKind::SameSymbol && self.merged_well([a, b], [writers[&a], writers[&b]]) {
                    continue;
                }
                out.push(self.exclusion(*kind, slot.clone(), a, b, [writers[&a], writers[&b]]));
            }
        }
        out
    }

    fn exclusion(
        &self,
        kind: ExclusionKind,
        target: String,
        a: usize,
        b: usize,
        points: [&Touchpoint; 2],
    ) -> Exclusion {
        let places: BTreeSet<Span> = points
            .iter()
            .flat_map(|point| point.contract.iter().chain(&point.because).take(PLACES).copied())
            .collect();
        Exclusion {
            a: self.numbers.id(a).clone(),
            b: self.numbers.id(b).clone(),
            kind,
            target,
            meeting: Meeting::Both,
            because: places.into_iter().collect(),
        }
    }

    /// Pairs that write the same files and may share a phase. `apart` knows the pairs that cannot meet.
    pub(super) fn overlaps(&self, apart: impl Fn(usize, usize) -> bool) -> Vec<Overlap> {
        let named = self.named_parts();
        let mut meet: BTreeMap<(usize, usize), (BTreeSet<RepoPath>, BTreeSet<RepoPath>)> = BTreeMap::new();
        for (target, writers) in &self.writers {
            let Some(path) = target.path.as_ref().filter(|_| target.kind == TargetKind::File) else {
                continue;
            };
            for (a, b) in pairs(writers).filter(|&(a, b)| !apart(a, b)) {
                let (paths, unnamed) = meet.entry((a, b)).or_default();
                paths.insert(path.clone());
                if !named.contains(&(a, path)) || !named.contains(&(b, path)) {
                    unnamed.insert(path.clone());
                }
            }
        }
        let overlap = |((a, b), (paths, unnamed)): (_, (BTreeSet<_>, BTreeSet<_>))| Overlap {
            a: self.numbers.id(a).clone(),
            b: self.numbers.id(b).clone(),
            paths: paths.into_iter().collect(),
            unnamed: unnamed.into_iter().collect(),
        };
        meet.into_iter().map(overlap).collect()
    }

    /// Who names a part of which file.
    fn named_parts(&self) -> BTreeSet<(usize, &RepoPath)> {
        let symbols = self
            .writers
            .iter()
            .filter(|(target, _)| target.kind == TargetKind::Symbol);
        symbols
            .filter_map(|(target, writers)| Some((target.path.as_ref()?, writers)))
            .flat_map(|(path, writers)| writers.keys().map(move |&number| (number, path)))
            .collect()
    }
}

fn pairs<T>(writers: &BTreeMap<usize, T>) -> impl Iterator<Item = (usize, usize)> + '_ {
    let later = |a: usize| writers.range(a + 1..).map(move |(&b, _)| (a, b));
    writers.keys().flat_map(move |&a| later(a))
}

fn excludes(target: &Target) -> Option<ExclusionKind> {
    match target.kind {
        TargetKind::Symbol | TargetKind::Route | TargetKind::Config | TargetKind::Event => {
            Some(ExclusionKind::SameSymbol)
        }
        kind if kind.is_schema() => Some(ExclusionKind::SameSchemaObject),
        _ => None,
    }
}

/// What two that touch one of its parts meet in, for a thing that has parts.
fn holds_parts(whole: &Target) -> Option<ExclusionKind> {
    match whole.kind {
        TargetKind::Table => Some(ExclusionKind::SameSchemaObject),
        TargetKind::File | TargetKind::Symbol => Some(ExclusionKind::SameSymbol),
        _ => None,
    }
}

/// True if `part` is a member of the class, a column or constraint of the table, or stands in the file.
fn is_of(part: &Target, whole: &Target) -> bool {
    match whole.kind {
        TargetKind::Symbol => {
            let member = part.name.strip_prefix(whole.name.as_str());
            part.kind == TargetKind::Symbol
                && part.path == whole.path
                && member.is_some_and(|rest| rest.starts_with('.'))
        }
        TargetKind::Table => {
            part.kind.is_schema()
                && part
                    .name
                    .strip_prefix(whole.name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        }
        TargetKind::File => part.kind == TargetKind::Symbol && part.path.is_some() && part.path == whole.path,
        _ => false,
    }
}

/// The parts that one PRD names, to see which wholes they stand for.
struct Parts<'a> {
    symbols: BTreeSet<&'a str>,
    /// How many symbols of each file.
    in_file: BTreeMap<&'a RepoPath, usize>,
    schema: BTreeSet<&'a str>,
}

impl<'a> Parts<'a> {
    fn new(points: &[&'a Touchpoint]) -> Self {
        let sure = || {
            points
                .iter()
                .filter(|point| point.certainty >= Certainty::Mentioned)
                .map(|point| &point.target)
        };
        let symbols = || sure().filter(|target| target.kind == TargetKind::Symbol);
        let mut in_file = BTreeMap::new();
        for path in symbols().filter_map(|target| target.path.as_ref()) {
            *in_file.entry(path).or_default() += 1;
        }
        let is_part = |kind| matches!(kind, TargetKind::Column | TargetKind::Constraint | TargetKind::Enum);
        Self {
            symbols: symbols().map(|target| target.name.as_str()).collect(),
            in_file,
            schema: sure()
                .filter(|target| is_part(target.kind))
                .map(|target| target.name.as_str())
                .collect(),
        }
    }

    /// True if parts of `whole` are named: a method of the class, a symbol beside the one that the file is named after, a column
    /// or constraint of the table.
    fn stand_for(&self, whole: &Target) -> bool {
        match whole.kind {
            TargetKind::Symbol => {
                let others = whole
                    .path
                    .as_ref()
                    .is_some_and(|path| self.in_file.get(path).is_some_and(|count| *count > 1));
                has_below(&self.symbols, &whole.name, ".") || (others && names_file(whole))
            }
            TargetKind::Table => ["_", "."]
                .iter()
                .any(|separator| has_below(&self.schema, &whole.name, separator)),
            _ => false,
        }
    }
}

fn has_below(names: &BTreeSet<&str>, whole: &str, separator: &str) -> bool {
    let prefix = format!("{whole}{separator}");
    names
        .range(prefix.as_str()..)
        .next()
        .is_some_and(|name| name.starts_with(&prefix))
}

/// True if the file is named after this symbol: it stands for all that is in it.
fn names_file(symbol: &Target) -> bool {
    let letters = |words: &str| {
        words
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    let stem = |path: &RepoPath| letters(path.file_name().rsplit_once('.').map_or("", |(stem, _)| stem));
    symbol
        .path
        .as_ref()
        .is_some_and(|path| stem(path) == letters(&symbol.name))
}

/// The place that a new migration takes in the order, if two cannot share it.
fn migration_slot(path: &RepoPath) -> Option<String> {
    let slot = schema::slot(path).filter(|slot| schema::is_migration(path) && !slot.is_day())?;
    Some(format!("{}/{}", slot.folder, slot.number))
}
