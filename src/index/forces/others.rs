//! What a force does to the flags that it does not name (`others = "off"`). Enters: a site of a `force` rule. Leaves: the `Setting` of all
//! others, and which flags those are.
//!
//! The others are those of the same library: `override_settings(FLAGS={…})` replaces the flags of django-flags, not the switches of waffle.
//! Where it cannot be told which flags are named, every other flag may be one of them: its state is unknown.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::collect::Made;
use super::{Setting, To, Which};
use crate::flag::{FlagKey, FlagValue};
use crate::index::site::KeySource;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::rules::rule::{Covers, Others};
use crate::source::Bytes;

/// Home-grown flags that no function gives out: constants, and what the environment sets. A helper that sets flags cannot reach them.
const FIXED: [&str; 2] = ["home-grown-constants", "home-grown-env"];

/// The library whose flags a rule is about: its rule file; of home-grown flags that are asked for and the project's own rules all together
/// (`""`).
pub fn library(rule: &str) -> &str {
    static BUILT_IN: OnceLock<BTreeSet<String>> = OnceLock::new();
    let built_in = BUILT_IN.get_or_init(|| crate::rules::builtin_ids().into_iter().collect());
    let file = rule.rsplit_once('/').map_or(rule, |(file, _)| file);
    let is_fixed = FIXED.iter().any(|fixed| file.ends_with(fixed));
    if built_in.contains(file) && (is_fixed || !file.contains("home-grown")) {
        file
    } else {
        ""
    }
}

impl Made<'_> {
    /// What happens to the flags that are not named, beside what happens to those that are (`named`). `conditional`: it happens only sometimes.
    pub(super) fn others(&self, named: &[Setting], conditional: bool) -> Option<Setting> {
        let value = match self.rule.others {
            Others::Keep => return None,
            Others::Off => FlagValue::Off,
            Others::On => FlagValue::On,
        };
        if self.rule.covers != Covers::All {
            return None;
        }
        let mut but = BTreeSet::new();
        let mut open = conditional || named.len() < self.site.entries.len() || self.is_open();
        for setting in named {
            match &setting.which {
                Which::Key(key) => _ = but.insert(key.clone()),
                _ => open = true,
            }
        }
        let to = if open { To::Partial } else { To::Is(value) };
        Some(self.setting(Which::Others(but), to))
    }

    /// True if more flags may be named than are written out: something is spread, or a name is computed.
    fn is_open(&self) -> bool {
        let tree = self.ground.code.tree(self.unit);
        let unnamed = |id: &NodeId| {
            matches!(
                tree.syntax(*id),
                Syntax::Spread(_)
                    | Syntax::Entry {
                        key: Key::Computed(_),
                        ..
                    }
            )
        };
        // The list may stand elsewhere in the file (`const all = { … }; setFlags(all)`).
        let mut lists_of_file: Option<Vec<(Bytes, &[NodeId])>> = None;
        let site = tree.bytes(self.site.node);
        let mut around = |bytes: Bytes| {
            let list = |id: NodeId| match tree.syntax(id) {
                Syntax::Object { entries: list, .. } | Syntax::Array(list) | Syntax::Call { args: list, .. } => {
                    Some((tree.bytes(id), list.as_slice()))
                }
                _ => None,
            };
            let smallest = |all: &mut dyn Iterator<Item = (Bytes, &'_ [NodeId])>| {
                all.filter(|(of, _)| of.contains(bytes))
                    .min_by_key(|(of, _)| of.end - of.start)
                    .map(|(_, list)| list.to_vec())
            };
            if site.contains(bytes) {
                return smallest(&mut tree.below(self.site.node).into_iter().filter_map(list));
            }
            let all = lists_of_file.get_or_insert_with(|| tree.ids().filter_map(list).collect());
            smallest(&mut all.iter().copied())
        };
        let places = self.site.entries.iter().filter_map(|entry| match &entry.key {
            KeySource::Node(node) => Some(tree.bytes(*node)),
            KeySource::Known(_, bytes) => Some(*bytes),
            KeySource::Every => None,
        });
        let computed = |id: &NodeId| {
            let is_key = |entry: &crate::index::site::SiteEntry| match (&entry.key, tree.syntax(*id)) {
                (
                    KeySource::Node(key),
                    Syntax::Entry {
                        key: Key::Computed(own),
                        ..
                    },
                ) => key == own,
                _ => false,
            };
            self.site.entries.iter().any(is_key)
        };
        let mut lists = places.filter_map(&mut around);
        lists.any(|list| list.iter().any(|id| unnamed(id) && !computed(id)))
    }
}

/// True if a force of all others is about this flag: `of` are the flags of its library.
pub(crate) fn reach(
    of: &BTreeSet<FlagKey>,
    but: &BTreeSet<FlagKey>,
    key: &FlagKey,
    is: impl Fn(&FlagKey) -> bool,
) -> bool {
    of.contains(key) && !but.iter().any(is)
}
