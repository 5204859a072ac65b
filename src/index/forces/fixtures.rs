//! Fixtures that tests ask for by the name of a parameter (pytest). Enters: functions that set something. Leaves: the tests, hooks and
//! other fixtures that name one of them. A fixture of a `conftest.py` is known in its folder and below.

use std::collections::BTreeMap;

use super::Ground;
use crate::index::code::At;
use crate::lang::Language;
use crate::lang::tree::{Function, NodeId, Syntax};
use crate::source::FileId;

/// A function that is a fixture: the file that it stands in, and itself.
type Target = (FileId, NodeId);

/// The fixtures among some functions.
pub(super) struct Fixtures {
    by_name: BTreeMap<String, Vec<(usize, Target)>>,
}

impl Fixtures {
    /// Those of `targets` that are fixtures.
    pub(super) fn among<'t>(ground: &Ground<'_>, targets: impl Iterator<Item = &'t Target>) -> Self {
        let units = ground.code.units().iter().enumerate();
        let units = units.filter(|(_, unit)| unit.facts.language == Language::Python);
        let units: BTreeMap<FileId, usize> = units.map(|(at, unit)| (unit.facts.file, at)).collect();
        let mut by_name: BTreeMap<String, Vec<(usize, Target)>> = BTreeMap::new();
        for target in targets {
            let Some(unit) = units.get(&target.0).copied() else {
                continue;
            };
            let at = ground.at(unit, target.1);
            if let Syntax::Function(function) = ground.code.syntax(at)
                && let Some(name) = fixture_name(ground, unit, function)
            {
                by_name.entry(name).or_default().push((unit, *target));
            }
        }
        Self { by_name }
    }

    /// Every place of a file that asks for one of them.
    pub(super) fn uses(&self, ground: &Ground<'_>, unit: usize, found: &mut impl FnMut(Target, At)) {
        if self.by_name.is_empty() || ground.code.facts(unit).language != Language::Python {
            return;
        }
        let tree = ground.code.tree(unit);
        for id in tree.ids() {
            match tree.syntax(id) {
                Syntax::Function(function) => {
                    let asks =
                        ground.outlines[unit].opened_by(id).is_some() || fixture_name(ground, unit, function).is_some();
                    for param in function.params.iter().filter(|_| asks) {
                        let name = ground.code.words(ground.at(unit, *param));
                        if let Some(target) = self.known_as(ground, unit, name) {
                            found(target, ground.at(unit, *param));
                        }
                    }
                }
                // `@pytest.mark.usefixtures('name')`
                Syntax::Call { callee, args, .. }
                    if ground.code.words(ground.at(unit, *callee)).ends_with("usefixtures") =>
                {
                    for arg in args {
                        if let Syntax::Text(name) = tree.syntax(*arg)
                            && let Some(target) = self.known_as(ground, unit, name)
                        {
                            found(target, ground.at(unit, *arg));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The fixture of this name as a file sees it: its own, or that of the nearest `conftest.py`.
    fn known_as(&self, ground: &Ground<'_>, unit: usize, name: &str) -> Option<Target> {
        let path = &ground.code.facts(unit).path;
        let near = |(at, _): &&(usize, Target)| {
            let of = &ground.code.facts(*at).path;
            let below = path.as_str().starts_with(of.parent()) && of.file_name() == "conftest.py";
            match (*at == unit, below) {
                (true, _) => Some(usize::MAX),
                (_, true) => Some(of.parent().len()),
                _ => None,
            }
        };
        let known = self.by_name.get(name)?.iter();
        let known = known.filter_map(|one| Some((near(&one)?, one.1)));
        known.max_by_key(|(near, _)| *near).map(|(_, target)| target)
    }
}

/// The name under which tests ask for a fixture; `None` for any other function.
fn fixture_name(ground: &Ground<'_>, unit: usize, function: &Function) -> Option<String> {
    let at = |node: NodeId| ground.at(unit, node);
    let own = function.name.as_ref().map(|(name, _)| name.to_string());
    function.decorators.iter().find_map(|decorator| {
        let Syntax::Decorator(inner) = ground.code.syntax(at(*decorator)) else {
            return None;
        };
        let (callee, args): (NodeId, &[NodeId]) = match ground.code.syntax(at(*inner)) {
            Syntax::Call { callee, args, .. } => (*callee, args),
            _ => (*inner, &[]),
        };
        if !ground.code.words(at(callee)).ends_with("fixture") {
            return None;
        }
        let renamed = args.iter().find_map(|arg| match ground.code.syntax(at(*arg)) {
            Syntax::Attribute {
                name,
                value: Some(value),
            } if ground.code.slice(unit, *name) == "name" => match ground.code.syntax(at(*value)) {
                Syntax::Text(text) => Some(text.to_string()),
                _ => None,
            },
            _ => None,
        });
        renamed.or_else(|| own.clone())
    })
}
