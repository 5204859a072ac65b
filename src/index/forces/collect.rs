//! Every place that sets a flag. Enters: the sites of `force` rules, and what the code itself shows (fakes, look-up variables). Leaves:
//! [`Setting`]s where they stand.

use super::mocks::Mocks;
use super::owner::Owner;
use super::{Ground, Manner, Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::condition::KeyTerm;
use crate::index::keys;
use crate::index::site::{KeySource, Site, SiteEntry, ValueSource};
use crate::lang::tree::{NodeId, Syntax, Tree};
use crate::rules::rule::{Covers, ForceRule, Reach, Reset, RuleKind};
use crate::rules::selector::Take;
use crate::rules::shape::Shape;
use crate::rules::{Rule, RuleRef};
use crate::source::Bytes;

/// Everything that is set anywhere, where it stands.
pub(super) fn settings(ground: &Ground<'_>) -> Vec<Setting> {
    let mut found = Vec::new();
    let methods = super::fakes::Methods::new(ground);
    let asked = super::listed::Asked::new(ground);
    let carriers = super::carried::names(ground);
    for unit in 0..ground.code.units().len() {
        let mut mocks = Mocks::default();
        for site in ground.sites[unit] {
            if let RuleKind::Force(rule) = &ground.rules.rule(site.rule).kind {
                let made = Made {
                    ground,
                    unit,
                    site,
                    rule,
                };
                found.extend(made.first(&mut mocks));
            }
        }
        for site in ground.sites[unit] {
            if let RuleKind::Force(rule) = &ground.rules.rule(site.rule).kind {
                let made = Made {
                    ground,
                    unit,
                    site,
                    rule,
                };
                found.extend(made.second(&mut mocks));
            }
        }
        found.extend(super::later::later(ground, unit, &mocks));
        found.extend(super::attributes::attributes(ground, unit));
        if ground.is_support(unit) {
            found.extend(super::fakes::fakes(ground, unit, &methods, &mut mocks));
            found.extend(super::listed::listed(ground, unit, &asked));
            found.extend(super::fakes::definitions_changed(ground, unit));
            found.extend(super::sources::sources_changed(ground, unit, &mut mocks));
            found.extend(super::carried::carried(ground, unit, &carriers));
            found.extend(super::saved::saved(ground, unit));
        }
    }
    found
}

/// A site of a `force` rule.
pub(super) struct Made<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) unit: usize,
    pub(super) site: &'a Site,
    pub(super) rule: &'a ForceRule,
}

impl Made<'_> {
    fn whole_rule(&self) -> &Rule {
        self.ground.rules.rule(self.site.rule)
    }

    /// Module mocks, which say what the other mocks of the file are.
    fn first(&self, mocks: &mut Mocks) -> Vec<Setting> {
        match self.whole_rule().shape {
            Some(Shape::ModuleMock(_)) => super::mocks::module(self, mocks),
            _ => Vec::new(),
        }
    }

    fn second(&self, mocks: &mut Mocks) -> Vec<Setting> {
        if let Some(limited) = super::mocks::with_args(self, mocks) {
            return limited;
        }
        match self.whole_rule().shape {
            Some(Shape::ModuleMock(_)) => Vec::new(),
            _ if self.rule.target.is_some() || self.rule.target_object.is_some() => super::mocks::target(self, mocks),
            // A fake: which flags it serves depends on what it is called, and its method may answer flag by flag (see `fakes`).
            Some(Shape::Object(_)) if self.site.entries.iter().all(|entry| entry.key == KeySource::Every) => Vec::new(),
            _ => self.plain(),
        }
    }

    /// A setting of this site, at its node.
    pub(super) fn setting(&self, which: Which, to: To) -> Setting {
        let node = self.site.node;
        Setting {
            which,
            to,
            at: self.ground.at(self.unit, node),
            shown: self.ground.code.tree(self.unit).bytes(node),
            manner: self.manner(),
            reach: self.rule.scope,
            block: self.block(),
            ends: match &self.rule.reset {
                Reset::Calls(calls) => calls.clone(),
                Reset::Scope | Reset::Never => Vec::new(),
            },
            held: false,
            rule: self.ground.rules.name(self.site.rule),
            file: Some(self.site.rule.file),
        }
    }

    /// A literal counts where it is used, a call where it runs.
    fn manner(&self) -> Manner {
        match self.whole_rule().shape {
            Some(Shape::Object(_) | Shape::New(_) | Shape::Jsx(_)) => Manner::Value,
            _ => Manner::Effect,
        }
    }

    /// The function to which the force is limited.
    fn block(&self) -> Option<NodeId> {
        let limited = self.rule.scope == Reach::Block || matches!(self.whole_rule().shape, Some(Shape::Scope(_)));
        let tree = self.ground.code.tree(self.unit);
        let (Syntax::Call { args, .. } | Syntax::Macro { args, .. }) = tree.syntax(self.site.node) else {
            return None;
        };
        if let Some(body) = held_for(tree, self.site.node) {
            return Some(body);
        }
        let args = args.iter().rev().map(|arg| tree.bare(*arg));
        let mut functions = args.filter(|arg| matches!(tree.syntax(*arg), Syntax::Function(_)));
        if limited { functions.next() } else { None }
    }

    /// The function around the site, whose parameters its callers fill.
    pub(super) fn open(&self) -> Option<NodeId> {
        let at = self.ground.at(self.unit, self.site.node);
        match self.ground.place(at, self.manner() == Manner::Value).owner {
            Owner::Function(node) => Some(node),
            _ => None,
        }
    }

    /// A force that names its flags and values.
    fn plain(&self) -> Vec<Setting> {
        let at = self.ground.at(self.unit, self.site.node);
        let conditional = self.ground.place(at, self.manner() == Manner::Value).conditional;
        let mut found = Vec::new();
        // What the product itself has is no setting.
        let own = |entry: &&SiteEntry| match &entry.value {
            Some(ValueSource::Node(node)) => !self.ground.is_default(self.ground.at(self.unit, *node)),
            _ => true,
        };
        let (open, mut spread) = (self.open(), Vec::new());
        for entry in self.site.entries.iter().filter(own) {
            let to = self.value(entry);
            let to = match &entry.value {
                Some(ValueSource::Node(node)) if to != To::Reset => {
                    let value = self.ground.at(self.unit, *node);
                    let params = self.ground.spread_params(value, open);
                    spread.extend(
                        params
                            .into_iter()
                            .map(|which| self.setting(which, To::Is(FlagValue::Unknown))),
                    );
                    self.ground.after_spreads(value, to, open)
                }
                _ => to,
            };
            let to = if conditional && to != To::Reset {
                To::Partial
            } else {
                to
            };
            for (which, several) in self.keys(&entry.key) {
                let to = if several { To::Partial } else { to.clone() };
                let mut setting = self.setting(which, to);
                setting.shown = self.shown(entry).unwrap_or(setting.shown);
                found.push(setting);
            }
        }
        found.extend(self.others(&found, conditional));
        // What a caller passes and no entry names.
        found.extend(spread);
        found
    }

    /// Where several flags are set in one place, each is shown for itself.
    fn shown(&self, entry: &SiteEntry) -> Option<Bytes> {
        if self.site.entries.len() < 2 && self.manner() == Manner::Effect {
            return None;
        }
        let tree = self.ground.code.tree(self.unit);
        let key = match &entry.key {
            KeySource::Node(node) => tree.bytes(*node),
            KeySource::Known(_, bytes) => *bytes,
            KeySource::Every => return None,
        };
        match &entry.value {
            Some(ValueSource::Node(node)) if tree.bytes(*node).start >= key.end => Some(Bytes {
                start: key.start,
                end: tree.bytes(*node).end,
            }),
            _ => Some(key),
        }
    }

    /// The flags of an entry, and whether they are several of which each run sets one.
    fn keys(&self, key: &KeySource) -> Vec<(Which, bool)> {
        let node = match key {
            KeySource::Every => return vec![(Which::Every(None), false)],
            KeySource::Known(text, _) => return self.accepted(text).map(|which| (which, false)).into_iter().collect(),
            KeySource::Node(node) => *node,
        };
        let at = self.ground.at(self.unit, node);
        let open = self.open();
        if self.takes_entries()
            && let Some(entries) = self.ground.entries_param(at, open)
        {
            return vec![(entries, false)];
        }
        match self.ground.key(at).map(|found| found.term) {
            Some(KeyTerm::Known(key)) => self
                .accepted(key.as_str())
                .map(|which| (which, false))
                .into_iter()
                .collect(),
            Some(KeyTerm::Param(param)) if Some(param.function.1) == open => vec![(Which::Passed(param), false)],
            Some(KeyTerm::Param(param)) => {
                let function = self.ground.at(self.unit, param.function.1);
                let parts: Vec<_> = param
                    .path
                    .iter()
                    .map(|name| crate::index::code::Part::Property(name.clone()))
                    .collect();
                let rows = self.ground.rows(function, param.index, &parts).unwrap_or_default();
                let keys = rows.into_iter().filter_map(|row| match self.ground.key(row)?.term {
                    KeyTerm::Known(key) => self.accepted(key.as_str()),
                    KeyTerm::Param(_) => None,
                });
                let keys: Vec<Which> = keys.collect();
                let several = keys.len() > 1;
                keys.into_iter().map(|which| (which, several)).collect()
            }
            None => Vec::new(),
        }
    }

    fn takes_entries(&self) -> bool {
        self.whole_rule()
            .key
            .as_ref()
            .is_some_and(|key| key.take == Take::EntryKeys)
    }

    fn accepted(&self, key: &str) -> Option<Which> {
        accepted(self.ground, self.site.rule, key)
    }

    fn value(&self, entry: &SiteEntry) -> To {
        match self.rule.covers {
            Covers::Reset => return To::Reset,
            Covers::Some => return To::Partial,
            Covers::All => {}
        }
        match &entry.value {
            Some(ValueSource::Known(value)) => To::Is(*value),
            Some(ValueSource::Text(text, _)) => To::Is(FlagValue::parse(text)),
            Some(ValueSource::Node(node)) => self.ground.to(self.ground.at(self.unit, *node), self.open()),
            None if matches!(
                self.ground.code.tree(self.unit).syntax(self.site.node),
                Syntax::Delete(_)
            ) =>
            {
                To::Reset
            }
            None => To::Is(FlagValue::Unknown),
        }
    }
}

/// The body of the `with` that holds a call.
pub(super) fn held_for(tree: &Tree, call: NodeId) -> Option<NodeId> {
    let mut below = call;
    for up in tree.ancestors(call) {
        match tree.syntax(up) {
            Syntax::Wrap(..) | Syntax::Let { .. } | Syntax::Assign { .. } => below = up,
            Syntax::With { held, body } if held.contains(&below) => return Some(*body),
            _ => return None,
        }
    }
    None
}

/// The flag of this name, if a flag of this rule may be called so.
pub(super) fn accepted(ground: &Ground<'_>, rule: RuleRef, key: &str) -> Option<Which> {
    let traits = &ground.rules.files[rule.file].flags;
    let is_key = keys::is_written_like_a_key(key) && traits.accepts(key);
    is_key.then(|| Which::Key((ground.spelled)(&FlagKey::new(key), rule)))
}
