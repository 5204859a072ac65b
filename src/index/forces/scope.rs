//! How far each setting reaches. Enters: settings where they take effect. Leaves: [`Force`]s: of one test, of a region, of a file, of the
//! project. Within one test the order counts: a later setting takes over, a reset ends it.

use std::collections::{BTreeMap, BTreeSet};

use super::held;
use super::owner::Owner;
use super::{Ground, Manner, Setting, To, Which};
use crate::flag::FlagValue;
use crate::index::gates::assertions;
use crate::index::site::TestRole;
use crate::index::{Force, ForceScope, ForcedKey, ForcedValue};
use crate::lang::tree::Syntax;
use crate::rules::framework::HookKind;
use crate::rules::rule::Reach;
use crate::source::{Bytes, Span};

/// The tests that a setting is for.
enum Range {
    /// One test: its number in the outline.
    Test(usize),
    /// Every test within.
    Region(Span),
    /// Every test of these files.
    Files(Vec<usize>),
    /// Every test.
    Project,
    /// None.
    Nothing,
}

/// Forces, by path and place.
pub(super) fn scoped(ground: &Ground<'_>, settings: Vec<Setting>) -> Vec<Force> {
    let importers = Importers::new(ground, &settings);
    let mut found: Vec<(usize, Force)> = Vec::new();
    let mut in_tests: BTreeMap<(usize, usize), Vec<Setting>> = BTreeMap::new();
    for mut setting in settings {
        let unit = setting.at.unit;
        let place = ground.place(setting.at, false);
        if setting.to != To::Reset && held::is_over(ground, &setting, place.owner) {
            setting.to = To::Partial;
        }
        let scopes = match range(ground, &setting, place.owner, &importers) {
            Range::Test(site) => {
                in_tests.entry((unit, site)).or_default().push(setting);
                continue;
            }
            Range::Region(region) => vec![ForceScope::Region(region)],
            Range::Files(units) => units
                .iter()
                .map(|unit| ForceScope::File(ground.code.facts(*unit).path.clone()))
                .collect(),
            Range::Project => vec![ForceScope::Project],
            Range::Nothing => Vec::new(),
        };
        // Taking everything back before a test is what the test would see anyway.
        let idle = setting.to == To::Reset && matches!(setting.which, Which::Every(_));
        if !idle {
            found.extend(
                scopes
                    .into_iter()
                    .filter_map(|scope| Some((unit, force(ground, &setting, scope)?))),
            );
        }
    }
    let mut texts: BTreeMap<usize, Texts> = BTreeMap::new();
    for ((unit, site), settings) in in_tests {
        let texts = texts.entry(unit).or_insert_with(|| Texts::new(ground, unit));
        let order = Order {
            ground,
            unit,
            site,
            texts,
        };
        found.extend(order.forces(settings).into_iter().map(|force| (unit, force)));
    }
    found.sort_by(|a, b| key(a).cmp(&key(b)));
    found.dedup();
    found.into_iter().map(|(_, force)| force).collect()
}

/// The order of forces: by file, place, flag.
fn key((unit, force): &(usize, Force)) -> (usize, Span, String, &str) {
    (
        *unit,
        force.span,
        format!("{:?}{:?}{:?}", force.key, force.scope, force.value),
        &force.rule,
    )
}

fn range(ground: &Ground<'_>, setting: &Setting, owner: Owner, importers: &Importers) -> Range {
    let unit = setting.at.unit;
    let outline = &ground.outlines[unit];
    if let Some(region) = held::around(ground, setting, owner) {
        return Range::Region(region);
    }
    let in_file = || match () {
        () if ground.code.facts(unit).path.file_name() == "conftest.py" => Range::Files(below(ground, unit)),
        () if is_lost(ground, setting) => Range::Nothing,
        () if ground.setup.contains(&ground.code.facts(unit).path) => Range::Project,
        () if ground.is_test(unit) => Range::Files(vec![unit]),
        () if setting.manner == Manner::Effect => Range::Files(importers.of(unit)),
        () => Range::Nothing,
    };
    let around = |site: Option<usize>| match site {
        Some(site) => Range::Region(outline.span(site)),
        None => in_file(),
    };
    match (setting.reach, owner) {
        (Reach::Project, _) => return Range::Project,
        (Reach::File, _) => return in_file(),
        (Reach::Suite, Owner::Site(site)) => {
            let suite = std::iter::once(site)
                .chain(outline.parents(site))
                .find(|at| outline.is_suite(*at));
            return around(suite);
        }
        _ => {}
    }
    match owner {
        Owner::Site(site) => match outline.sites[site].role {
            TestRole::Test => Range::Test(site),
            TestRole::Suite => around(Some(site)),
            TestRole::Hook(HookKind::BeforeAll | HookKind::BeforeEach) => around(outline.parent(site)),
            // What is set after a test is gone, or set again, before the next one asks.
            TestRole::Hook(HookKind::AfterAll | HookKind::AfterEach) => Range::Nothing,
        },
        Owner::File => in_file(),
        Owner::Function(_) | Owner::Binding(_) => Range::Nothing,
    }
}

/// True for what a process of its own sets elsewhere than in the environment, which alone the tests get from it.
fn is_lost(ground: &Ground<'_>, setting: &Setting) -> bool {
    let apart = ground.apart.contains(&ground.code.facts(setting.at.unit).path);
    apart && !is_of_environment(&setting.rule)
}

/// True for a rule about variables of the environment.
pub(super) fn is_of_environment(rule: &str) -> bool {
    rule.contains("/env/") || rule.contains("-env/")
}

/// The files with tests in the folder of a file and below: what a `conftest.py` is for.
fn below(ground: &Ground<'_>, unit: usize) -> Vec<usize> {
    let folder = ground.code.facts(unit).path.parent();
    let within = |at: &usize| {
        let rest = ground.code.facts(*at).path.as_str().strip_prefix(folder);
        rest.is_some_and(|rest| folder.is_empty() || rest.starts_with('/'))
    };
    let units = (0..ground.code.units().len()).filter(within);
    units.filter(|at| ground.is_test(*at)).collect()
}

fn force(ground: &Ground<'_>, setting: &Setting, scope: ForceScope) -> Option<Force> {
    let key = match &setting.which {
        Which::Key(key) => ForcedKey::Key(key.clone()),
        Which::Every(module) => ForcedKey::Every(module.clone()),
        Which::Others(but) => ForcedKey::Others {
            library: super::others::library(&setting.rule).to_owned(),
            but: but.clone(),
        },
        Which::Passed(_) | Which::Entries(_) | Which::Listed(_) => return None,
    };
    let value = match &setting.to {
        To::Is(value) => ForcedValue::Is(*value),
        To::Both => ForcedValue::Both,
        To::Partial => ForcedValue::Partial,
        To::Reset => ForcedValue::Reset,
        To::Passed(_) => ForcedValue::Is(FlagValue::Unknown),
    };
    Some(Force {
        key,
        value,
        scope,
        span: setting.shown.in_file(ground.code.file(setting.at.unit)),
        rule: setting.rule.clone(),
    })
}

/// Which test files import a file: what it does when it is loaded is done to them.
struct Importers(BTreeMap<usize, Vec<usize>>);

impl Importers {
    /// The importers of the files whose top level sets something.
    fn new(ground: &Ground<'_>, settings: &[Setting]) -> Self {
        let outside = |setting: &&Setting| {
            let unit = setting.at.unit;
            setting.manner == Manner::Effect && !ground.is_test(unit) && ground.is_support(unit)
        };
        let wanted: BTreeSet<usize> = settings.iter().filter(outside).map(|setting| setting.at.unit).collect();
        let mut importers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        if wanted.is_empty() {
            return Self(importers);
        }
        for unit in (0..ground.code.units().len()).filter(|unit| ground.is_test(*unit)) {
            let tree = ground.code.tree(unit);
            let modules = tree.ids().filter_map(|id| match tree.syntax(id) {
                Syntax::Import {
                    from, type_only: false, ..
                } => Some(&**from),
                _ => None,
            });
            let files = modules.filter_map(|module| ground.code.file_of_module(unit, module));
            let units: BTreeSet<usize> = files.filter_map(|file| ground.code.unit_at(&file)).collect();
            for imported in units.intersection(&wanted) {
                importers.entry(*imported).or_default().push(unit);
            }
        }
        Self(importers)
    }

    fn of(&self, unit: usize) -> Vec<usize> {
        self.0.get(&unit).cloned().unwrap_or_default()
    }
}

/// Places of a file that decide about the order within a test.
struct Texts {
    /// Assertions, by place.
    assertions: Vec<Bytes>,
    /// Calls of functions without further meaning, by place.
    calls: Vec<(u32, String)>,
    /// Calls of the project's own functions.
    asked: held::Asked,
    /// For each site, whether tests stand in it.
    has_inner: Vec<bool>,
    /// For each site, how many tests stand before it.
    tests_before: Vec<usize>,
}

impl Texts {
    fn new(ground: &Ground<'_>, unit: usize) -> Self {
        let outline = &ground.outlines[unit];
        let tree = ground.code.tree(unit);
        let whole = tree.root().map_or_else(Bytes::default, |root| tree.bytes(root));
        let call = |id| match tree.syntax(id) {
            Syntax::Call { callee, .. } => {
                let words = ground.code.facts(unit).words(*callee);
                (words.len() <= 64).then(|| (tree.bytes(id).start, words.to_owned()))
            }
            _ => None,
        };
        let mut calls: Vec<(u32, String)> = tree.ids().filter_map(call).collect();
        calls.sort();
        let mut has_inner = vec![false; outline.sites.len()];
        let mut tests_before = Vec::with_capacity(outline.sites.len());
        let mut tests = 0;
        for site in 0..outline.sites.len() {
            if let Some(parent) = outline.parent(site) {
                has_inner[parent] = true;
            }
            tests_before.push(tests);
            tests += usize::from(outline.is_test(site));
        }
        Self {
            assertions: assertions(outline, whole),
            calls,
            asked: held::Asked::default(),
            has_inner,
            tests_before,
        }
    }

    /// True if something is asserted between two places.
    fn asserts(&self, from: u32, to: u32) -> bool {
        let first = self.assertions.partition_point(|bytes| bytes.start < from);
        self.assertions.get(first).is_some_and(|bytes| bytes.start < to)
    }

    /// The calls between two places.
    fn calls(&self, from: u32, to: u32) -> impl Iterator<Item = &(u32, String)> {
        let first = self.calls.partition_point(|(at, _)| *at < from);
        self.calls[first..].iter().take_while(move |(at, _)| *at < to)
    }
}

/// The settings of one test in their order.
struct Order<'a> {
    ground: &'a Ground<'a>,
    unit: usize,
    site: usize,
    texts: &'a Texts,
}

impl Order<'_> {
    fn forces(&self, settings: Vec<Setting>) -> Vec<Force> {
        let (resets, settings): (Vec<Setting>, Vec<Setting>) =
            settings.into_iter().partition(|setting| setting.to == To::Reset);
        let mut by_key: BTreeMap<Which, Vec<Setting>> = BTreeMap::new();
        for setting in settings {
            by_key.entry(setting.which.clone()).or_default().push(setting);
        }
        let mut found = Vec::new();
        for reset in &resets {
            found.extend(self.taken_back(reset, &by_key));
        }
        for (_, mut group) in by_key {
            group.sort_by_key(|setting| self.start(setting));
            found.extend(self.of_one_flag(&group, &resets));
        }
        found
    }

    fn body(&self) -> Bytes {
        let bodies = self.ground.outlines[self.unit].bodies(self.site);
        match bodies.as_slice() {
            [only] => only.bytes,
            _ => self.ground.outlines[self.unit].span(self.site).bytes,
        }
    }

    fn start(&self, setting: &Setting) -> u32 {
        self.ground.code.tree(self.unit).bytes(setting.at.node).start
    }

    /// The whole test; a test with tests in it is a region.
    fn whole(&self) -> ForceScope {
        let outline = &self.ground.outlines[self.unit];
        if self.texts.has_inner[self.site] {
            return ForceScope::Region(outline.span(self.site));
        }
        ForceScope::Test(self.ground.first_test[self.unit] + self.texts.tests_before[self.site])
    }

    /// The settings of one flag, by place.
    fn of_one_flag(&self, group: &[Setting], resets: &[Setting]) -> Vec<Force> {
        if group.iter().all(|setting| setting.manner == Manner::Value) {
            return self.values(group);
        }
        let body = self.body();
        let mut found = Vec::new();
        for (at, setting) in group.iter().enumerate() {
            let start = self.start(setting);
            if let Some(block) = self.asserting_block(setting) {
                let region = ForceScope::Region(block.in_file(self.ground.code.file(self.unit)));
                found.extend(force(self.ground, setting, region));
                continue;
            }
            let next = group
                .get(at + 1)
                .map(|next| self.start(next))
                .filter(|next| *next > start);
            let end = self.end(setting, resets, body.end).into_iter().chain(next).min();
            let from = if at == 0 && !self.texts.asserts(body.start, start) {
                body.start
            } else {
                start
            };
            if let Some(block) = held::idle(self.ground, &self.texts.asked, setting, body) {
                let file = self.ground.code.file(self.unit);
                let (until, end) = (block.end, end.unwrap_or(body.end).max(block.end));
                let during = Bytes {
                    start: from.min(until),
                    end: until,
                };
                found.extend(force(self.ground, setting, ForceScope::Region(during.in_file(file))));
                // Whether what it did is what is asserted afterwards nobody can tell.
                let after = Setting {
                    to: To::Partial,
                    ..setting.clone()
                };
                let rest = Bytes { start: until, end };
                found.extend(force(self.ground, &after, ForceScope::Region(rest.in_file(file))));
                continue;
            }
            let scope = match end {
                None if from == body.start => self.whole(),
                end => {
                    let bytes = Bytes {
                        start: from,
                        end: end.unwrap_or(body.end).max(from),
                    };
                    ForceScope::Region(bytes.in_file(self.ground.code.file(self.unit)))
                }
            };
            found.extend(force(self.ground, setting, scope));
        }
        found
    }

    /// Values are used side by side, not one after the other.
    fn values(&self, group: &[Setting]) -> Vec<Force> {
        let Some(to) = To::one_of(group.iter().map(|setting| setting.to.clone())) else {
            return Vec::new();
        };
        let each = group.iter().filter_map(|setting| {
            let setting = Setting {
                to: to.clone(),
                ..setting.clone()
            };
            force(self.ground, &setting, self.whole())
        });
        each.collect()
    }

    /// The block to which a setting is limited, if it asserts something in it. A block without assertions computes what is asserted after it.
    fn asserting_block(&self, setting: &Setting) -> Option<Bytes> {
        let bytes = self.ground.code.tree(self.unit).bytes(setting.block?);
        self.texts.asserts(bytes.start, bytes.end).then_some(bytes)
    }

    /// Where a setting is taken back.
    fn end(&self, setting: &Setting, resets: &[Setting], body_end: u32) -> Option<u32> {
        let start = self.start(setting);
        let takes_back = |reset: &&Setting| match &reset.which {
            Which::Every(_) => reset.file.is_some() && reset.file == setting.file,
            which => *which == setting.which,
        };
        let by_reset = resets
            .iter()
            .filter(takes_back)
            // What is put back before anything is asserted was there for what is asserted.
            .filter(|reset| !reset.held || self.texts.asserts(start, self.start(reset)))
            .map(|reset| self.start(reset))
            .filter(|at| *at > start);
        let is_end = |(_, words): &&(u32, String)| setting.ends.iter().any(|end| end == words);
        let by_call = self.texts.calls(start + 1, body_end).filter(is_end).map(|(at, _)| *at);
        by_reset.chain(by_call).min()
    }

    /// A reset of one flag that the test itself has not set, with something asserted after it: what was set around the test is gone.
    fn taken_back(&self, reset: &Setting, by_key: &BTreeMap<Which, Vec<Setting>>) -> Option<Force> {
        let (start, body) = (self.start(reset), self.body());
        let set_before = by_key
            .get(&reset.which)
            .is_some_and(|group| group.iter().any(|setting| self.start(setting) < start));
        let counts = matches!(reset.which, Which::Key(_)) && !set_before && self.texts.asserts(start, body.end);
        let region = Bytes {
            start,
            end: body.end.max(start),
        }
        .in_file(self.ground.code.file(self.unit));
        counts.then(|| force(self.ground, reset, ForceScope::Region(region)))?
    }
}
