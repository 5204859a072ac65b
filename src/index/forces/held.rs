//! Settings that hold for a block: the function that is given to what sets them, the body of a `with`. Enters: such a setting. Leaves: what
//! of its surroundings is run without it.

use std::cell::OnceCell;

use super::owner::Owner;
use super::{Ground, Setting};
use crate::index::code::{At, Declared};
use crate::index::site::TestRole;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{Bytes, Span};

/// Methods by which a hook runs the test that it is given.
const RUNS: [&str; 9] = [
    "run", "Run", "call", "Call", "proceed", "evaluate", "invoke", "apply", "continue",
];
/// What a hook calls to say that it is over.
const SAY_IT_IS_OVER: [&str; 5] = ["done", "cb", "callback", "resolve", "reject"];

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
    // They stand in the order of the text.
    let starts = |site: usize| outline.span(site).bytes.start;
    let tree = ground.code.tree(unit);
    let first = outline
        .sites
        .partition_point(|site| tree.bytes(site.node).start < block.start);
    let mut inner = (first..outline.sites.len()).take_while(|site| starts(*site) < block.end);
    let holds = inner.any(|site| outline.is_test(site));
    holds.then(|| block.in_file(ground.code.file(unit)))
}

/// True for what a hook holds only while it runs itself: the tests come after that, unless it hands over to them.
pub(super) fn is_over(ground: &Ground<'_>, setting: &Setting, owner: Owner) -> bool {
    let unit = setting.at.unit;
    let Owner::Site(site) = owner else { return false };
    let Some(block) = setting.block else { return false };
    let tree = ground.code.tree(unit);
    let is_hook = matches!(ground.outlines[unit].sites[site].role, TestRole::Hook(_));
    is_hook && !hands_over(ground, unit, block, Some(tree.bytes(block)))
}

/// True if the tests are run there by what the hook around was given for that (`around { |example| with_flag { example.run } }`), or by a
/// `yield`. What a hook is given to work with (`async ({ page }) => page.goto('/')`) runs no tests, and neither does what a block is given
/// that stands `inside`.
pub(super) fn hands_over(ground: &Ground<'_>, unit: usize, within: NodeId, inside: Option<Bytes>) -> bool {
    let tree = ground.code.tree(unit);
    let is_given = |id: NodeId| match ground.code.declared(ground.at(unit, id)) {
        Some(Declared::Param { function, parts, .. }) => {
            parts.is_empty() && inside.is_none_or(|inside| !inside.contains(tree.bytes(function)))
        }
        _ => false,
    };
    tree.below(within).into_iter().any(|id| match tree.syntax(id) {
        Syntax::Call { callee, .. } => {
            let callee = tree.bare(*callee);
            match tree.syntax(callee) {
                Syntax::Member { object, property } => {
                    RUNS.contains(&ground.code.slice(unit, *property)) && is_given(tree.bare(*object))
                }
                Syntax::Name => {
                    !SAY_IT_IS_OVER.contains(&ground.code.words(ground.at(unit, callee))) && is_given(callee)
                }
                _ => false,
            }
        }
        Syntax::Other(_) => {
            let rest = ground.code.words(ground.at(unit, id)).strip_prefix("yield");
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        }
        _ => false,
    })
}

/// The block of a setting in a test, where no value comes out of it and the code is asked again behind it: what is asserted there may be
/// what it did, or what the code does without it.
pub(super) fn idle(ground: &Ground<'_>, asked: &Asked, setting: &Setting, body: Bytes) -> Option<Bytes> {
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
    let is_idle = by_itself && !tree.below(block).into_iter().any(flows_out) && asked.within(ground, unit, rest);
    is_idle.then_some(bytes)
}

/// Where a file calls functions or components of the project, by place; they are looked for once, and only where a block asks.
#[derive(Default)]
pub(super) struct Asked(OnceCell<Vec<Bytes>>);

impl Asked {
    fn within(&self, ground: &Ground<'_>, unit: usize, within: Bytes) -> bool {
        let asked = self.0.get_or_init(|| asked(ground, unit));
        let first = asked.partition_point(|bytes| bytes.start < within.start);
        let mut inner = asked[first..].iter().take_while(|bytes| bytes.start < within.end);
        inner.any(|bytes| bytes.end <= within.end)
    }
}

fn asked(ground: &Ground<'_>, unit: usize) -> Vec<Bytes> {
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
    let calls = tree.ids().filter(|id| match tree.syntax(*id) {
        Syntax::Call { callee, .. } => of_project(*callee),
        Syntax::Element { name: Some(name), .. } => of_project(*name),
        _ => false,
    });
    let mut found: Vec<Bytes> = calls.map(|id| tree.bytes(id)).collect();
    found.sort_by_key(|bytes| (bytes.start, bytes.end));
    found
}
