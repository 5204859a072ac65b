//! Settings that hold for a block: the function that is given to what sets them, the body of a `with`. Enters: such a setting. Leaves: what
//! of its surroundings is run without it.

use super::owner::Owner;
use super::{Ground, Setting};
use crate::index::code::{At, Declared};
use crate::index::site::TestRole;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, Span};

/// The block of a setting that stands beside tests, where it holds some of them: the others are run without.
pub(super) fn around(ground: &Ground<'_>, setting: &Setting, owner: Owner) -> Option<Span> {
    let unit = setting.at.unit;
    let outline = &ground.outlines[unit];
    let opens = match owner {
        Owner::File => true,
        Owner::Site(site) => outline.is_suite(site),
        Owner::Function(_) | Owner::Binding(_) => false,
    };
    let block = ground.code.tree(unit).bytes(setting.block.filter(|_| opens)?);
    let within = |site: usize| block.contains(outline.span(site).bytes);
    let holds = (0..outline.sites.len()).any(|site| outline.is_test(site) && within(site));
    holds.then(|| block.in_file(ground.code.file(unit)))
}

/// True for what a hook holds only while it runs itself: the tests come after that, unless it hands over to them.
pub(super) fn is_over(ground: &Ground<'_>, setting: &Setting, owner: Owner) -> bool {
    let unit = setting.at.unit;
    let Owner::Site(site) = owner else { return false };
    let Some(block) = setting.block else { return false };
    let tree = ground.code.tree(unit);
    let hands_over = |id: &NodeId| match tree.syntax(*id) {
        Syntax::Call { callee, .. } => {
            let callee = tree.bare(*callee);
            let root = match tree.syntax(callee) {
                Syntax::Member { object, .. } => tree.bare(*object),
                _ => callee,
            };
            // `around { |example| with_flag { example.run } }`
            matches!(
                ground.code.declared(ground.at(unit, root)),
                Some(Declared::Param { .. })
            )
        }
        Syntax::Other(_) => ground.code.words(ground.at(unit, *id)).starts_with("yield"),
        _ => false,
    };
    let is_hook = matches!(ground.outlines[unit].sites[site].role, TestRole::Hook(_));
    is_hook && !tree.below(block).iter().any(hands_over)
}

/// The block of a setting in a test, where no value comes out of it and the code is asked again behind it: what is asserted there may be
/// what it did, or what the code does without it.
pub(super) fn idle(ground: &Ground<'_>, setting: &Setting, body: Bytes) -> Option<Bytes> {
    let unit = setting.at.unit;
    let tree = ground.code.tree(unit);
    let block = setting.block?;
    let bytes = tree.bytes(block);
    let mut above = tree.ancestors(setting.at.node);
    let holder = above.find(|up| !matches!(tree.syntax(*up), Syntax::Wrap(..)))?;
    let by_itself = matches!(tree.syntax(holder), Syntax::Block(_) | Syntax::With { .. });
    let bindings = &ground.code.units()[unit].bindings;
    let flows_out = |id: NodeId| {
        let name = match tree.syntax(id) {
            Syntax::Assign { target, .. } => *target,
            Syntax::Let { pattern, .. } => *pattern,
            _ => return false,
        };
        let names = tree.below(name).into_iter().filter_map(|id| bindings.declaration(id));
        let later = |of: &NodeId| tree.bytes(*of).start >= bytes.end;
        names.flat_map(|of| bindings.uses(of)).any(later)
    };
    let rest = Bytes {
        start: bytes.end,
        end: body.end.max(bytes.end),
    };
    let is_idle = by_itself && !tree.below(block).into_iter().any(flows_out) && asks(ground, unit, rest);
    is_idle.then_some(bytes)
}

/// True if a function or component of the project is called there.
fn asks(ground: &Ground<'_>, unit: usize, within: Bytes) -> bool {
    let tree = ground.code.tree(unit);
    let of_project = |id: NodeId| {
        let at = At {
            unit,
            node: tree.bare(id),
        };
        match ground.code.declared(at) {
            Some(Declared::Import { module, .. }) if matches!(tree.syntax(at.node), Syntax::Name) => {
                let file = ground.code.file_of_module(unit, &module);
                let of = file.and_then(|file| ground.code.unit_at(&file));
                of.is_some_and(|of| !ground.is_support(of))
            }
            _ => false,
        }
    };
    tree.ids()
        .filter(|id| within.contains(tree.bytes(*id)))
        .any(|id| match tree.syntax(id) {
            Syntax::Call { callee, .. } => of_project(*callee),
            Syntax::Element { name: Some(name), .. } => of_project(*name),
            _ => false,
        })
}
