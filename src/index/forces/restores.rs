//! What is set and taken back again: `const old = flags[k]; flags[k] = v; try { run() } finally { flags[k] = old }`. Enters: settings where
//! they stand. Leaves: the same without the half that restores. What a test sees is what holds while the code in between runs, so a
//! restore is a reset in a test, and goes in a function, whose setting then is *held* for as long as that runs.

use std::collections::BTreeMap;

use super::owner::Owner;
use super::{Ground, Setting, To, Which};
use crate::index::bindings::Binding;
use crate::index::code::{At, Declared};
use crate::lang::tree::{NodeId, Syntax};

/// Words before a block or call that runs at the end.
const AT_THE_END: [&str; 3] = ["finally", "ensure", "defer"];
/// Functions that run at the end what they are given.
const RUN_AT_THE_END: [&str; 12] = [
    "finally",
    "Cleanup",
    "cleanup",
    "addCleanup",
    "add_cleanup",
    "addfinalizer",
    "addTeardown",
    "onTestFinished",
    "DeferCleanup",
    "defer",
    "callback",
    "after",
];

/// Settings of one flag in one function, test or hook.
type Place = (usize, Owner, Which);

/// Sorts out what restores.
pub(super) fn sorted(ground: &Ground<'_>, settings: Vec<Setting>) -> Vec<Setting> {
    let mut places: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
    for (nth, setting) in settings.iter().enumerate() {
        let owner = ground.place(setting.at, false).owner;
        if matches!(owner, Owner::Function(_) | Owner::Site(_)) {
            let which = setting.which.clone();
            places.entry((setting.at.unit, owner, which)).or_default().push(nth);
        }
    }
    let mut settings: Vec<Option<Setting>> = settings.into_iter().map(Some).collect();
    for ((unit, owner, _), group) in places {
        let all: Vec<(usize, &Setting)> = group
            .iter()
            .filter_map(|nth| Some((*nth, settings[*nth].as_ref()?)))
            .collect();
        let restores = restores(ground, unit, owner, &all);
        for nth in group.iter().filter(|_| !restores.is_empty()) {
            let restores = restores.contains(nth);
            let Some(setting) = &mut settings[*nth] else { continue };
            match owner {
                Owner::Function(_) if restores => settings[*nth] = None,
                _ if restores => setting.to = To::Reset,
                _ => {}
            }
            if let Some(setting) = &mut settings[*nth] {
                setting.held = true;
            }
        }
    }
    settings.into_iter().flatten().collect()
}

/// The numbers of those that restore what another one set.
fn restores(ground: &Ground<'_>, unit: usize, owner: Owner, all: &[(usize, &Setting)]) -> Vec<usize> {
    let start = |setting: &Setting| ground.code.tree(unit).bytes(setting.at.node).start;
    let parts = Parts::of(ground, unit, owner);
    let (late, sets): (Vec<_>, Vec<_>) = all
        .iter()
        .copied()
        .partition(|(_, setting)| setting.to != To::Reset && parts.runs_late(ground, setting.at));
    let Some(first) = sets.iter().map(|(_, setting)| start(setting)).min() else {
        return Vec::new();
    };
    let mut found: Vec<usize> = late.into_iter().map(|(nth, _)| nth).collect();
    for (nth, setting) in &sets {
        let at = start(setting);
        let later = at > first && setting.to != To::Reset;
        if later && (parts.hands_over(first, at) || is_saved(ground, setting, first)) {
            found.push(*nth);
        }
    }
    found.sort_unstable();
    found
}

/// What stands in a function that sets something.
struct Parts {
    /// The function, or the body of the test.
    within: Option<NodeId>,
    /// Where it runs what it was given, or stops for those that use it (`yield`).
    runs: Vec<u32>,
}

impl Parts {
    fn of(ground: &Ground<'_>, unit: usize, owner: Owner) -> Self {
        let Owner::Function(function) = owner else {
            return Self {
                within: None,
                runs: Vec::new(),
            };
        };
        let tree = ground.code.tree(unit);
        let runs = tree.below(function).into_iter().filter(|id| match tree.syntax(*id) {
            Syntax::Call { callee, .. } => {
                let callee = ground.at(unit, tree.bare(*callee));
                let given = ground.code.declared(callee);
                matches!(given, Some(Declared::Param { function: of, .. }) if of == function)
                    && matches!(tree.syntax(callee.node), Syntax::Name)
            }
            Syntax::Other(_) => {
                let words = ground.code.words(ground.at(unit, *id));
                words
                    .strip_prefix("yield")
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            }
            _ => false,
        });
        Self {
            within: Some(function),
            runs: runs.map(|id| tree.bytes(id).start).collect(),
        }
    }

    /// True if the function runs what it was given between two places, and not again after the second.
    fn hands_over(&self, from: u32, to: u32) -> bool {
        let between = self.runs.iter().any(|at| (from..to).contains(at));
        between && self.runs.iter().all(|at| *at < to)
    }

    /// True for a place that runs when all is over: a `finally`, what is given to a function for that.
    fn runs_late(&self, ground: &Ground<'_>, at: At) -> bool {
        let tree = ground.code.tree(at.unit);
        let text = &*ground.code.facts(at.unit).text;
        let mut below = at.node;
        for up in std::iter::once(at.node).chain(tree.ancestors(at.node)) {
            if Some(up) == self.within || ground.outlines[at.unit].opened_by(up).is_some() {
                return false;
            }
            let bytes = tree.bytes(up);
            let before = text[..bytes.start as usize].trim_end().trim_end_matches(':').trim_end();
            let own = &text[bytes.start as usize..bytes.end as usize];
            let is_one = |word: &str| {
                let ends = before.strip_suffix(word);
                let begins = own.strip_prefix(word);
                ends.is_some_and(|rest| !rest.ends_with(is_of_word))
                    || begins.is_some_and(|rest| rest.starts_with([' ', ':', '{', '\n']))
            };
            if AT_THE_END.iter().any(|word| is_one(word)) {
                return true;
            }
            if let Syntax::Call { callee, args, .. } = tree.syntax(up)
                && args.contains(&below)
            {
                let name = ground.code.words(at.with(*callee));
                let name = name.rsplit(['.', ':', ')']).next().unwrap_or(name);
                if RUN_AT_THE_END.contains(&name) {
                    return true;
                }
            }
            below = up;
        }
        false
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// True if a value is what was kept of the flag before it was set.
fn is_saved(ground: &Ground<'_>, setting: &Setting, first: u32) -> bool {
    let unit = setting.at.unit;
    let tree = ground.code.tree(unit);
    let bindings = &ground.code.units()[unit].bindings;
    let key = match &setting.which {
        Which::Key(key) => key.as_str().to_owned(),
        Which::Passed(param) => match tree_param(ground, unit, param.function.1, param.index) {
            Some(name) => name,
            None => return false,
        },
        Which::Every(_) | Which::Others(_) | Which::Entries(_) => return false,
    };
    tree.below(setting.at.node).into_iter().any(|id| {
        let kept = matches!(tree.syntax(id), Syntax::Name)
            .then(|| bindings.declaration(id))
            .flatten();
        kept.is_some_and(|kept| match kept.binding {
            Binding::Let(node) => {
                let words = ground.code.words(ground.at(unit, node));
                tree.bytes(node).start < first && words.contains(&key)
            }
            _ => false,
        })
    })
}

/// The name of a parameter.
fn tree_param(ground: &Ground<'_>, unit: usize, function: NodeId, index: usize) -> Option<String> {
    match ground.code.tree(unit).syntax(function) {
        Syntax::Function(of) => Some(ground.code.words(ground.at(unit, *of.params.get(index)?)).to_owned()),
        _ => None,
    }
}
