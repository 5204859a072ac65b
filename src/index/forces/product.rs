//! Functions of the product in tests. Enters: a setting. Leaves: whether a function of the product says it, so that who calls it sets nothing (what
//! holds in a version, what is the default); and the methods that are there for tests, by their names.

use std::collections::BTreeMap;

use super::owner::Owner;
use super::{Ground, Manner, Setting, To, Which};
use crate::index::{frameworks, test_code};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::FileId;

/// Words in the name of a function of the product that is there to set flags.
const SETTERS: [&str; 12] = [
    "test", "mock", "fake", "stub", "override", "set", "with", "enable", "disable", "force", "toggle", "flag",
];

/// True for a state that a function of the product itself gives (what holds in a version, a default): whoever calls it in a test sets nothing.
pub(super) fn gives(ground: &Ground<'_>, setting: &Setting) -> bool {
    let unit = setting.at.unit;
    let path = &ground.code.facts(unit).path;
    let for_tests = frameworks::is_support_path(path) || frameworks::is_test_path(ground.rules, path);
    if for_tests || matches!(setting.to, To::Passed(_)) || !matches!(setting.which, Which::Key(_)) {
        return false;
    }
    let Owner::Function(node) = ground.place(setting.at, setting.manner == Manner::Value).owner else {
        return false;
    };
    let Syntax::Function(function) = ground.code.tree(unit).syntax(node) else {
        return false;
    };
    let facts = ground.code.facts(unit);
    let place = facts.tree.bytes(node);
    if test_code::unit_tests(facts).iter().any(|of| of.contains(place)) {
        return false;
    }
    let name = function
        .name
        .as_ref()
        .map_or(String::new(), |(name, _)| name.to_ascii_lowercase());
    !name.is_empty() && !SETTERS.iter().any(|word| name.contains(word))
}

/// Methods whose names say that they are there for tests, by these names, where no two have one: of whatever type the object is on which a test calls
/// one, it is that method.
pub(super) fn setters<'g>(
    ground: &'g Ground<'_>,
    targets: impl Iterator<Item = &'g (FileId, NodeId)>,
) -> BTreeMap<&'g str, (FileId, NodeId)> {
    let mut found: BTreeMap<&str, Option<(FileId, NodeId)>> = BTreeMap::new();
    for (file, node) in targets {
        let Some(unit) = (0..ground.code.units().len()).find(|unit| ground.code.file(*unit) == *file) else {
            continue;
        };
        let Syntax::Function(function) = ground.code.tree(unit).syntax(*node) else {
            continue;
        };
        let for_tests = |name: &str| {
            let name = name.to_ascii_lowercase();
            function.method
                && ["for_test", "fortest", "in_test", "intest"]
                    .iter()
                    .any(|word| name.contains(word))
        };
        if let Some((name, _)) = &function.name
            && for_tests(name)
        {
            let target = (*file, *node);
            let known = found.entry(&**name).or_insert(Some(target));
            *known = known.filter(|known| *known == target);
        }
    }
    found
        .into_iter()
        .filter_map(|(name, target)| Some((name, target?)))
        .collect()
}
