//! What a test leaves behind: a flag that it sets in the memory of the program or in the environment, and that neither it nor a hook takes
//! back. Enters: settings where they take effect. Leaves: [`Leak`]s. The tests after it in its file may run with that value.

use std::collections::BTreeMap;

use super::owner::Owner;
use super::{Ground, Manner, Setting, To, Which};
use crate::index::Leak;
use crate::index::site::TestRole;
use crate::lang::tree::Syntax;
use crate::rules::rule::{Reset, RuleKind};
use crate::source::Bytes;

/// Words in a hook that take back what was set, whatever it was.
const TAKE_BACK: [&str; 6] = ["restore", "reset", "unstub", "clear", "rollback", "stopall"];
/// What runs at the end of a test, in its text.
const AT_THE_END: [&str; 5] = ["finally", "after(", "onTestFinished", "addCleanup", "Cleanup("];

/// What the tests of one file set.
#[derive(Default)]
struct OfFile<'s> {
    settings: Vec<(usize, &'s Setting)>,
    /// By test and flag, the last place that sets it, and to what.
    last: BTreeMap<(usize, &'s Which), (u32, &'s To)>,
}

/// What tests set and nothing takes back, by path and place.
pub(super) fn leaks(ground: &Ground<'_>, settings: &[Setting]) -> Vec<Leak> {
    let mut files: BTreeMap<usize, OfFile<'_>> = BTreeMap::new();
    for setting in settings.iter().filter(|setting| matches!(setting.which, Which::Key(_))) {
        let unit = setting.at.unit;
        let Owner::Site(site) = ground.place(setting.at, false).owner else {
            continue;
        };
        if !ground.outlines[unit].is_test(site) {
            continue;
        }
        let of_file = files.entry(unit).or_default();
        of_file.settings.push((site, setting));
        let start = ground.code.tree(unit).bytes(setting.at.node).start;
        let last = of_file
            .last
            .entry((site, &setting.which))
            .or_insert((start, &setting.to));
        if start >= last.0 {
            *last = (start, &setting.to);
        }
    }
    let mut found: Vec<Leak> = files
        .iter()
        .flat_map(|(unit, of_file)| of_file.leaks(ground, *unit))
        .collect();
    found.sort_by(|a, b| (a.test, a.span, &a.key).cmp(&(b.test, b.span, &b.key)));
    found.dedup();
    found
}

impl OfFile<'_> {
    fn leaks(&self, ground: &Ground<'_>, unit: usize) -> Vec<Leak> {
        let outline = &ground.outlines[unit];
        let sites = 0..outline.sites.len();
        let before = sites.clone().scan(0, |count, at| {
            let before = *count;
            *count += usize::from(outline.is_test(at));
            Some(before)
        });
        let before: Vec<usize> = before.collect();
        let hooks = sites.filter(|at| matches!(outline.sites[*at].role, TestRole::Hook(_)));
        let hooks: Vec<&str> = hooks
            .map(|at| ground.code.slice(unit, outline.span(at).bytes))
            .collect();
        let mut taken_back: BTreeMap<(&str, &str), bool> = BTreeMap::new();
        let mut found = Vec::new();
        for (site, setting) in &self.settings {
            let (Which::Key(key), To::Is(value)) = (&setting.which, &setting.to) else {
                continue;
            };
            let start = ground.code.tree(unit).bytes(setting.at.node).start;
            let is_last = self
                .last
                .get(&(*site, &setting.which))
                .is_some_and(|(at, to)| *at == start || *to == &setting.to);
            let memory = setting.manner == Manner::Effect && setting.block.is_none() && !setting.held;
            if !memory || !is_last || !stays(ground, setting) {
                continue;
            }
            let end = outline.span(*site).bytes.end.max(start);
            let rest = ground.code.slice(unit, Bytes { start, end });
            let object = object(ground, setting);
            let by_hook = taken_back.entry((key.as_str(), object)).or_insert_with(|| {
                let takes_back = |text: &&str| {
                    let lower = text.to_ascii_lowercase();
                    let named = text.contains(key.as_str()) || (!object.is_empty() && text.contains(object));
                    named || TAKE_BACK.iter().any(|word| lower.contains(word))
                };
                hooks.iter().any(takes_back)
            });
            if *by_hook || AT_THE_END.iter().any(|word| rest.contains(word)) {
                continue;
            }
            found.push(Leak {
                key: key.clone(),
                value: *value,
                test: ground.first_test[unit] + before[*site],
                span: setting.shown.in_file(ground.code.file(unit)),
            });
        }
        found
    }
}

/// True for what nothing but code takes back: an assignment.
fn stays(ground: &Ground<'_>, setting: &Setting) -> bool {
    let is_assignment = matches!(
        ground.code.syntax(setting.at),
        Syntax::Assign { .. } | Syntax::Delete(_)
    );
    let never = setting.file.is_none_or(|file| {
        ground.rules.files[file].rules.iter().any(|rule| {
            let is_it = setting.rule.rsplit('/').next() == Some(&*rule.id);
            is_it && matches!(&rule.kind, RuleKind::Force(force) if force.reset == Reset::Never)
        })
    });
    is_assignment && never
}

/// The last name of what holds the flag: `env` of `process.env.X = '1'`.
fn object<'g>(ground: &'g Ground<'_>, setting: &Setting) -> &'g str {
    let tree = ground.code.tree(setting.at.unit);
    let (Syntax::Assign { target, .. } | Syntax::Delete(target)) = ground.code.syntax(setting.at) else {
        return "";
    };
    let words = match tree.syntax(tree.bare(*target)) {
        Syntax::Member { object, .. } | Syntax::Index { object, .. } => ground.code.words(setting.at.with(*object)),
        _ => "",
    };
    words.rsplit('.').next().unwrap_or(words)
}
