//! What is set and taken back again: `const old = flags[k]; flags[k] = v; try { run() } finally { flags[k] = old }`. Enters: settings where
//! they stand. Leaves: the same without the half that restores. What a test sees is what holds while the code in between runs, so a
//! restore is a reset in a test, and goes in a function, whose setting then is *held* for as long as that runs.

use std::collections::BTreeMap;

use super::owner::Owner;
use super::{Ground, Setting, To, Which, held};
use crate::index::bindings::Binding;
use crate::index::code::{At, Declared};
use crate::index::condition::KeyTerm;
use crate::index::site::TestRole;
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{FileFacts, Language};

/// When what restores runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum When {
    /// Before the function, test or hook is over.
    Within,
    /// When the function that says so is over (`defer`): nothing of a test comes after that.
    AtItsEnd,
    /// Once the test is over in which it was asked for.
    AfterTest,
}

/// Words before a block or call that runs at the end.
const AT_THE_END: [&str; 2] = ["finally", "ensure"];
/// The word for what runs when its function is over.
const DEFERRED: &str = "defer";
/// Methods that run what they are given at the end of what they are called on.
const RUN_AT_ITS_END: [&str; 1] = ["finally"];
/// Functions that run at the end of the test what they are given.
const RUN_AT_THE_END: [&str; 9] = [
    "Cleanup",
    "cleanup",
    "addCleanup",
    "add_cleanup",
    "addfinalizer",
    "addTeardown",
    "onTestFinished",
    "DeferCleanup",
    "defer",
];
/// Methods that do, where anybody's function may be called so: `t.after(f)` of a test.
const METHODS_AT_THE_END: [&str; 1] = ["after"];
/// Python's `stack.callback(f)` of an `ExitStack`; elsewhere a callback is called when it is wanted.
const OF_PYTHON: [&str; 1] = ["callback"];

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
            let when = restores.get(nth).copied();
            let Some(setting) = &mut settings[*nth] else { continue };
            match (owner, when) {
                (_, None) => {}
                (Owner::Function(_), Some(_)) => settings[*nth] = None,
                // What a hook sets holds while the tests run, and what it has put back after a test comes too late for that; what it puts
                // back itself is gone before they begin.
                (Owner::Site(site), Some(When::AfterTest)) if is_hook(ground, unit, site) => settings[*nth] = None,
                (Owner::Site(site), Some(When::Within | When::AtItsEnd)) if is_around(ground, unit, site) => {
                    settings[*nth] = None;
                }
                // What a test has put back when it is over is no matter to it.
                (Owner::Site(site), Some(When::AfterTest | When::AtItsEnd)) if !is_hook(ground, unit, site) => {
                    settings[*nth] = None;
                }
                (_, Some(_)) => setting.to = To::Reset,
            }
            if let Some(setting) = &mut settings[*nth] {
                setting.held = true;
            }
        }
    }
    settings.into_iter().flatten().collect()
}

fn is_hook(ground: &Ground<'_>, unit: usize, site: usize) -> bool {
    matches!(ground.outlines[unit].sites[site].role, TestRole::Hook(_))
}

/// True for a hook that itself runs the tests that it is for.
fn is_around(ground: &Ground<'_>, unit: usize, site: usize) -> bool {
    is_hook(ground, unit, site) && held::hands_over(ground, unit, ground.outlines[unit].sites[site].node, None)
}

/// The numbers of those that restore what another one set, and when they do.
fn restores(ground: &Ground<'_>, unit: usize, owner: Owner, all: &[(usize, &Setting)]) -> BTreeMap<usize, When> {
    let start = |setting: &Setting| ground.code.tree(unit).bytes(setting.at.node).start;
    let parts = Parts::of(ground, unit, owner);
    let (mut found, mut sets) = (BTreeMap::new(), Vec::new());
    for (nth, setting) in all {
        match parts.runs_late(ground, setting.at).filter(|_| setting.to != To::Reset) {
            Some(when) => _ = found.insert(*nth, when),
            None => sets.push((*nth, *setting)),
        }
    }
    let Some(first) = sets.iter().map(|(_, setting)| start(setting)).min() else {
        return BTreeMap::new();
    };
    for (nth, setting) in &sets {
        let at = start(setting);
        let later = at > first && setting.to != To::Reset;
        if later && (parts.hands_over(first, at) || is_saved(ground, setting, first)) {
            found.insert(*nth, When::Within);
        }
    }
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

    /// When a place runs that runs late: a `finally`, what is given to a function for that.
    fn runs_late(&self, ground: &Ground<'_>, at: At) -> Option<When> {
        let tree = ground.code.tree(at.unit);
        let facts = ground.code.facts(at.unit);
        let text = &*facts.text;
        let mut below = at.node;
        for up in std::iter::once(at.node).chain(tree.ancestors(at.node)) {
            if Some(up) == self.within || ground.outlines[at.unit].opened_by(up).is_some() {
                return None;
            }
            let bytes = tree.bytes(up);
            let before = code_before(facts, bytes.start).trim_end_matches(':').trim_end();
            let own = &text[bytes.start as usize..bytes.end as usize];
            let is_one = |word: &str| {
                let ends = before.strip_suffix(word);
                let begins = own.strip_prefix(word);
                ends.is_some_and(|rest| !rest.ends_with(is_of_word))
                    || begins.is_some_and(|rest| rest.starts_with([' ', ':', '{', '\n']))
            };
            if AT_THE_END.iter().any(|word| is_one(word)) {
                return Some(When::Within);
            }
            if is_one(DEFERRED) {
                return Some(When::AtItsEnd);
            }
            if let Syntax::Call { callee, args, .. } = tree.syntax(up)
                && args.contains(&below)
            {
                let name = ground.code.words(at.with(*callee));
                let name = name.rsplit(['.', ':', ')']).next().unwrap_or(name);
                let is_method = matches!(tree.syntax(tree.bare(*callee)), Syntax::Member { .. });
                let of_python = facts.language == Language::Python && OF_PYTHON.contains(&name);
                if RUN_AT_THE_END.contains(&name) || is_method && METHODS_AT_THE_END.contains(&name) {
                    return Some(When::AfterTest);
                }
                if RUN_AT_ITS_END.contains(&name) || is_method && of_python {
                    return Some(When::Within);
                }
            }
            below = up;
        }
        None
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// The text before a place, without the comments and blanks that end it.
fn code_before(facts: &FileFacts, at: u32) -> &str {
    let mut before = facts.text[..at as usize].trim_end();
    loop {
        let last = facts
            .comments
            .partition_point(|comment| (comment.bytes.start as usize) < before.len())
            .checked_sub(1);
        match last.map(|last| facts.comments[last].bytes) {
            Some(comment) if comment.end as usize >= before.len() => {
                before = before[..comment.start as usize].trim_end();
            }
            _ => return before,
        }
    }
}

/// True if a value is what was kept of the flag before it was set. The key stands in most settings too: it is no value, even where a
/// constant names it.
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
        Which::Every(_) | Which::Others(_) | Which::Entries(_) | Which::Listed(_) => return false,
    };
    let given = given(ground, setting.at);
    given.names.into_iter().any(|id| {
        let kept = matches!(tree.syntax(id), Syntax::Name)
            .then(|| bindings.declaration(id))
            .flatten();
        let value = kept.and_then(|kept| match kept.binding {
            Binding::Let(node) if tree.bytes(node).start < first => match tree.syntax(node) {
                Syntax::Let { value, .. } => *value,
                _ => None,
            },
            _ => None,
        });
        value.is_some_and(|value| {
            let value = ground.at(unit, tree.bare(value));
            tells(ground, value, &key) || given.set.is_some_and(|set| has_word(ground.code.words(value), set))
        })
    })
}

/// What a setting gives.
struct Given<'g> {
    /// Everything that stands where a value does.
    names: Vec<NodeId>,
    /// The words of the object whose property is set: what was kept of it whole has the flag, too.
    set: Option<&'g str>,
}

fn given<'g>(ground: &'g Ground<'_>, at: At) -> Given<'g> {
    let tree = ground.code.tree(at.unit);
    let (mut open, mut names, mut set) = (vec![at.node], Vec::new(), None);
    let mut named = false;
    while let Some(id) = open.pop() {
        match tree.syntax(id) {
            Syntax::Call { args, .. } | Syntax::New { args, .. } | Syntax::Macro { args, .. } => {
                for arg in args {
                    // The first that names a flag says which one is set.
                    if !named && ground.key(at.with(*arg)).is_some() {
                        named = true;
                    } else {
                        open.push(*arg);
                    }
                }
            }
            Syntax::Assign { target, value } => {
                if let Syntax::Member { object, .. } | Syntax::Index { object, .. } = tree.syntax(tree.bare(*target)) {
                    set = Some(ground.code.words(at.with(*object)));
                }
                open.push(*value);
            }
            Syntax::Entry { value, .. } => open.push(*value),
            Syntax::Name => names.push(id),
            _ => open.extend(tree.children(id)),
        }
    }
    Given { names, set }
}

/// True for an expression that asks for something of this name; a value that is written out asks nothing.
fn tells(ground: &Ground<'_>, value: At, key: &str) -> bool {
    let tree = ground.code.tree(value.unit);
    if !matches!(
        tree.syntax(value.node),
        Syntax::Call { .. }
            | Syntax::Member { .. }
            | Syntax::Index { .. }
            | Syntax::Macro { .. }
            | Syntax::Logic { .. }
            | Syntax::Not(_)
            | Syntax::Compare { .. }
    ) {
        return false;
    }
    tree.below(value.node).into_iter().any(|id| match tree.syntax(id) {
        Syntax::Text(text) => **text == *key,
        Syntax::Member { property, .. } => {
            ground.code.slice(value.unit, *property) == key || names_it(ground, value.with(id), key)
        }
        Syntax::Name => ground.code.words(value.with(id)) == key || names_it(ground, value.with(id), key),
        _ => false,
    })
}

fn names_it(ground: &Ground<'_>, at: At, key: &str) -> bool {
    let found = ground.key(at).map(|found| found.term);
    matches!(found, Some(KeyTerm::Known(own)) if own.as_str() == key)
}

/// True if the words hold these ones, and not as a part of longer names.
fn has_word(words: &str, part: &str) -> bool {
    !part.is_empty()
        && words.match_indices(part).any(|(at, _)| {
            let (before, after) = (&words[..at], &words[at + part.len()..]);
            !before.ends_with(is_of_word) && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
}

/// The name of a parameter.
fn tree_param(ground: &Ground<'_>, unit: usize, function: NodeId, index: usize) -> Option<String> {
    match ground.code.tree(unit).syntax(function) {
        Syntax::Function(of) => Some(ground.code.words(ground.at(unit, *of.params.get(index)?)).to_owned()),
        _ => None,
    }
}
