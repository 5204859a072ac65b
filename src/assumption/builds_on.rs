//! What comes after a flag's work and names it. Enters: documents, the code. Leaves: possible [`Assumption`]s of a document that comes
//! after the one which ships a flag, says nothing of the flag, and names what runs or is decided only by it: the function that asks, one
//! that is called nowhere else, or a text that nothing else yields.
//!
//! It may do with the other side as well, so such a need never blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::criteria::speaks_of;
use super::exclusive::exclusive;
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
    let code = Code::of(sources, view, index, &after);
    let found = after.iter().filter_map(|one| {
        one.prd.named.iter().find_map(|named| {
            let yields = only
                .get(&named.text)
                .filter(|at| at.key == one.flag && at.value == one.dark);
            let place = yields.map(|at| (at.span, false));
            let (span, decides) = place.or_else(|| code.guarded(one, &named.text))?;
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
    // By who ships them: most documents come after few others.
    let mut shipped: BTreeMap<&PrdId, Vec<&FlagKey>> = BTreeMap::new();
    for (flag, facts) in &flags.flags {
        for intro in &facts.introduced {
            shipped.entry(&intro.prd).or_default().push(flag);
        }
    }
    let mut all = Vec::new();
    for prd in prds {
        let Some(before) = before.get(&prd.id) else { continue };
        let theirs: BTreeSet<&FlagKey> = before
            .iter()
            .filter_map(|early| shipped.get(early))
            .flatten()
            .copied()
            .collect();
        for (flag, facts) in theirs.into_iter().filter_map(|flag| Some((flag, flags.get(flag)?))) {
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

/// The last part of a name: `create` of `QuoteService.create()`.
fn bare(name: &str) -> &str {
    name.trim_end_matches("()")
        .rsplit(['.', ':', '#'])
        .next()
        .unwrap_or_default()
}

/// What the code says of the names that documents give, looked up once for all of them.
struct Code<'a> {
    /// The function of a name, where there is one.
    functions: BTreeMap<&'a str, &'a Symbol>,
    /// What runs in one state of a flag.
    guards: BTreeMap<(&'a FlagKey, FlagValue), Vec<&'a Guard>>,
    /// Where the name of a function stands, but for its definition and imports.
    uses: BTreeMap<&'a str, Vec<Span>>,
}

impl<'a> Code<'a> {
    fn of(sources: &Sources, view: &View, index: &'a CodeIndex, after: &[After<'_>]) -> Self {
        let named = after.iter().flat_map(|one| &one.prd.named);
        let names: BTreeSet<&str> = named
            .map(|named| bare(&named.text))
            .filter(|name| !name.is_empty())
            .collect();
        let mut of_name: BTreeMap<&str, Option<&Symbol>> = BTreeMap::new();
        for symbol in &index.symbols {
            let callable = matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
            let name = bare(&symbol.name);
            if callable && names.contains(name) && !index.test_files.contains(&symbol.path) {
                // Of two by one name it cannot be told which is meant.
                of_name
                    .entry(name)
                    .and_modify(|one| *one = None)
                    .or_insert(Some(symbol));
            }
        }
        let functions: BTreeMap<&str, &Symbol> = of_name
            .into_iter()
            .filter_map(|(name, one)| Some((name, one?)))
            .collect();
        let mut guards: BTreeMap<(&FlagKey, FlagValue), Vec<&Guard>> = BTreeMap::new();
        for guard in &index.guards {
            let keys: BTreeSet<&FlagKey> = guard.when.iter().map(|literal| &literal.key).collect();
            for key in keys {
                if let Some(value) = guard.needs(key) {
                    guards.entry((key, value)).or_default().push(guard);
                }
            }
        }
        let uses = uses(sources, view, index, &functions);
        Self {
            functions,
            guards,
            uses,
        }
    }

    /// Where the flag decides what `text` names, if that is a function: the guard within it (true), or the one around each of its calls.
    fn guarded(&self, after: &After<'_>, text: &str) -> Option<(Span, bool)> {
        let name = bare(text);
        let symbol = self.functions.get(name)?;
        let guards = self.guards.get(&(after.flag, after.dark))?;
        let changes = |access: Option<Access>| matches!(access, Some(Access::Write | Access::Create));
        let mentions = &after.prd.mentions;
        if mentions
            .iter()
            .any(|one| changes(one.access) && bare(&one.text) == name)
        {
            return None;
        }
        if let Some(guard) = guards.iter().find(|guard| symbol.span.contains(guard.condition)) {
            return Some((guard.condition, true));
        }
        let uses = self.uses.get(name)?;
        let first = guards
            .iter()
            .find(|guard| uses.first().is_some_and(|first| guard.region.contains(*first)))?;
        let within = |place: &Span| guards.iter().any(|guard| guard.region.contains(*place));
        uses.iter().all(within).then_some((first.condition, false))
    }
}

/// Where the names of functions stand in code that is no test: not where each is defined, and not where it is imported. One pass over the
/// texts, whatever the number of names.
fn uses<'a>(
    sources: &Sources,
    view: &View,
    index: &CodeIndex,
    functions: &BTreeMap<&'a str, &'a Symbol>,
) -> BTreeMap<&'a str, Vec<Span>> {
    let mut all: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    if functions.is_empty() {
        return all;
    }
    for (path, file) in &view.files {
        if crate::lang::Language::of(path).is_none() || index.test_files.contains(path) {
            continue;
        }
        let text = &*sources.file(*file).text;
        let mut line_start = 0;
        for line in text.split_inclusive('\n') {
            if !is_import(line) {
                for (at, word) in words_of(line) {
                    let Some((name, symbol)) = known(functions, line, at, word) else {
                        continue;
                    };
                    let start = line_start + at;
                    let span = crate::source::Bytes::new(start, start + word.len()).in_file(*file);
                    let imported = || index.imports.iter().any(|one| one.span.contains(span));
                    if !symbol.span.contains(span) && !imported() {
                        all.entry(name).or_default().push(span);
                    }
                }
            }
            line_start += line.len();
        }
    }
    all
}

fn is_import(line: &str) -> bool {
    let imports = [
        "import ", "from ", "use ", "pub use ", "export {", "export *", "//", "#", "*",
    ];
    imports.iter().any(|word| line.trim_start().starts_with(word))
}

/// The names of a line, each with its place.
fn words_of(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(is_name)?;
        let end = line[start..]
            .find(|c| !is_name(c))
            .map_or(line.len(), |end| start + end);
        at = end;
        Some((start, &line[start..end]))
    })
}

/// What is known by the name at `at` of a line: Ruby's `paid?` and `save!` are names with their marks.
fn known<'a, 'f, T>(
    functions: &'f BTreeMap<&'a str, T>,
    line: &str,
    at: usize,
    word: &str,
) -> Option<(&'f &'a str, &'f T)> {
    let marked = line.get(at..=at + word.len());
    let marked = marked.filter(|marked| marked.ends_with(['?', '!']));
    marked
        .and_then(|marked| functions.get_key_value(marked))
        .or_else(|| functions.get_key_value(word))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_mark_where_a_function_has() {
        let functions: BTreeMap<&str, ()> = ["paid?", "save", "pay_all"].map(|name| (name, ())).into();
        let named = |line: &str| -> Vec<String> {
            let found = words_of(line).filter_map(|(at, word)| known(&functions, line, at, word));
            found.map(|(name, ())| (*name).to_owned()).collect()
        };
        assert_eq!(named("order.save! if order.paid? && paid"), ["save", "paid?"]);
        assert_eq!(named("pay_all!; paid"), ["pay_all"]);
    }
}
