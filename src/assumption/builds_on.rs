//! What comes after a flag's work and names it. Enters: documents, the code. Leaves: possible [`Assumption`]s of a document that comes
//! after the one which ships a flag, says nothing of the flag, and names what runs or is decided only by it: the function that asks, one
//! that is called nowhere else, or a text that nothing else yields.
//!
//! It may do with the other side as well, so such a need never blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::criteria::speaks_of;
use super::evidence::exclusive;
use super::table::FlagTable;
use super::words::is_distinctive;
use super::{Assumption, Evidence, NeedCertainty, Role, Supply, Why};
use crate::flag::{FlagKey, FlagValue};
use crate::index::{CodeIndex, Guard, Symbol, SymbolKind};
use crate::prd::{Access, Claim, Expected, Prd, PrdId};
use crate::source::{Sources, Span, View};
use crate::touchpoint::References;

/// A document that comes after one that ships a flag, dark as it is served.
struct After<'a> {
    prd: &'a Prd,
    flag: &'a FlagKey,
    dark: FlagValue,
    shipper: &'a PrdId,
}

/// What documents may need of the flags that those before them ship; sorted by PRD and flag, one for each.
#[must_use]
pub fn needs(sources: &Sources, view: &View, prds: &[Prd], index: &CodeIndex, flags: &FlagTable) -> Vec<Assumption> {
    let after = all_after(sources, prds, flags);
    let named = after.iter().flat_map(|one| &one.prd.named);
    let wanted: BTreeSet<&str> = named
        .map(|named| named.text.as_str())
        .filter(|text| is_distinctive(text) && flags.get(&FlagKey::new(text)).is_none())
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let only = exclusive(sources, view, index, &wanted);
    let found = after.iter().filter_map(|one| {
        one.prd.named.iter().find_map(|named| {
            let yields = only
                .get(&named.text)
                .filter(|at| at.key == one.flag && at.value == one.dark);
            let place = yields.map(|at| (at.span, false));
            let (span, decides) = place.or_else(|| guarded(sources, view, index, one, &named.text))?;
            Some(need(one, named, span, decides))
        })
    });
    found.collect()
}

fn all_after<'a>(sources: &Sources, prds: &'a [Prd], flags: &'a FlagTable) -> Vec<After<'a>> {
    let references = References::new(prds);
    let mut before: BTreeMap<&PrdId, BTreeSet<&PrdId>> = BTreeMap::new();
    for prd in prds {
        for statement in &prd.statements {
            let pair = match &statement.claim {
                Claim::DependsOn { on } => references.find(on).ok().map(|on| (&prd.id, on)),
                Claim::Before { what } => references.find(what).ok().map(|what| (what, &prd.id)),
                _ => None,
            };
            if let Some((late, early)) = pair {
                before.entry(late).or_default().insert(early);
            }
        }
    }
    let mut all = Vec::new();
    for prd in prds {
        let Some(before) = before.get(&prd.id) else { continue };
        for (flag, facts) in &flags.flags {
            let dark = facts.served().0.flipped();
            let shipper = facts.introduced.iter().find(|intro| before.contains(&intro.prd));
            if let Some(shipper) =
                shipper.filter(|_| dark != FlagValue::Unknown && !speaks_of(sources, prd, facts, flag))
            {
                let shipper = &shipper.prd;
                all.push(After {
                    prd,
                    flag,
                    dark,
                    shipper,
                });
            }
        }
    }
    all
}

/// Where the flag decides what `text` names, if that is a function: the guard within it (true), or the one around each of its calls.
fn guarded(sources: &Sources, view: &View, index: &CodeIndex, after: &After<'_>, text: &str) -> Option<(Span, bool)> {
    let bare = |name: &str| name.rsplit(['.', ':', '#']).next().unwrap_or_default().to_owned();
    let name = bare(text.trim_end_matches("()"));
    let changes = |access: Option<Access>| matches!(access, Some(Access::Write | Access::Create));
    let changed = |text: &str| bare(text.trim_end_matches("()")) == name;
    let its_own = after
        .prd
        .mentions
        .iter()
        .any(|one| changes(one.access) && changed(&one.text));
    let is_code = |symbol: &&Symbol| {
        let callable = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
        callable && !index.test_files.contains(&symbol.path) && bare(&symbol.name) == name
    };
    let mut symbols = index.symbols.iter().filter(is_code);
    let symbol = symbols.next().filter(|_| !name.is_empty() && !its_own)?;
    if symbols.next().is_some() {
        return None;
    }
    let dark = |guard: &&Guard| guard.needs(after.flag) == Some(after.dark);
    let guards: Vec<&Guard> = index.guards.iter().filter(dark).collect();
    if let Some(guard) = guards.iter().find(|guard| symbol.span.contains(guard.condition)) {
        return Some((guard.condition, true));
    }
    let uses = uses(sources, view, index, symbol, &name);
    let first = guards
        .iter()
        .find(|guard| uses.first().is_some_and(|first| guard.region.contains(*first)))?;
    let within = |place: &Span| guards.iter().any(|guard| guard.region.contains(*place));
    uses.iter().all(within).then_some((first.condition, false))
}

/// Where the name of a function stands in code that is no test: not where it is defined, and not where it is imported.
fn uses(sources: &Sources, view: &View, index: &CodeIndex, symbol: &Symbol, name: &str) -> Vec<Span> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut all = Vec::new();
    for (path, file) in &view.files {
        if crate::lang::Language::of(path).is_none() || index.test_files.contains(path) {
            continue;
        }
        let text = &*sources.file(*file).text;
        for (at, _) in text.match_indices(name) {
            let apart = !text[..at].ends_with(is_name) && !text[at + name.len()..].starts_with(is_name);
            let span = crate::source::Bytes::new(at, at + name.len()).in_file(*file);
            let line = text[..at].rsplit('\n').next().unwrap_or_default().trim_start();
            let imports = [
                "import ", "from ", "use ", "pub use ", "export {", "export *", "//", "#", "*",
            ];
            let imported = imports.iter().any(|word| line.starts_with(word))
                || index.imports.iter().any(|one| one.span.contains(span));
            if apart && !imported && !symbol.span.contains(span) {
                all.push(span);
            }
        }
    }
    all
}

fn need(after: &After<'_>, named: &Expected, span: Span, decides: bool) -> Assumption {
    let (flag, dark) = (after.flag, after.dark);
    let guard = if decides {
        format!("decides by `{flag}`")
    } else {
        format!("runs with `{flag}` {dark} alone")
    };
    let evidence = |role, span, note| Evidence { role, span, note };
    Assumption {
        prd: after.prd.id.clone(),
        flag: flag.clone(),
        needs: dark,
        supply: Supply::Nobody,
        certainty: NeedCertainty::Possible,
        because: vec![
            evidence(Role::Prd, named.span, "named here".to_owned()),
            evidence(Role::Guard, span, guard),
        ],
        test: None,
        why: Some(Why::Named {
            text: named.text.clone(),
            shipper: after.shipper.clone(),
            decides,
        }),
    }
}
