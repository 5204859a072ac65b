//! Claims, looked up again in the tree that a merge of the two sides makes. Enters: a [`Claim`], who took the thing away, the merged tree. Leaves:
//! the claim with those of its uses that are broken there, and the files that would have to be read to say more.
//!
//! What one side took away may be given out in another way after the merge (a file became a folder, a barrel points elsewhere, the caller was
//! mended under its new name): a use is broken only where the name leads nowhere in the merged text, or the call does not fit what it leads to.

use std::collections::BTreeSet;

use super::answer::Taken;
use super::arity::{Arity, CallShape};
use super::contract::{How, constructor};
use super::demand;
use super::lost::Lookup;
use super::shape::Written;
use super::told::Claim;
use super::uses::{Ground, Use, declared, last};
use super::work::Work;
use crate::conflict::outline::Outline;
use crate::index::code::{At, Code, Trail};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::{RepoPath, Sources, Span};

/// The claims as far as they hold in the merged tree; what of them does not is left out. What has to be read first is put into `missing`. `before`
/// is a tree in which both sides' names lead somewhere.
#[must_use]
pub fn confirmed(
    sources: &Sources,
    claims: &[Claim],
    works: [&Work; 2],
    [merged, before]: [&Ground; 2],
    missing: &mut BTreeSet<RepoPath>,
) -> Vec<Claim> {
    let code = Code::new(merged.units().collect(), merged);
    let lookup = Lookup {
        code: &code,
        modules: [merged, before],
    };
    let mut trail = Trail::default();
    let mut held = Vec::new();
    for claim in claims {
        let is_broken = |one: &&Use| {
            places(merged, one, works[claim.by]).into_iter().any(|path| {
                let Some(unit) = code.unit_at(path) else {
                    missing.insert(path.clone());
                    return false;
                };
                let nodes = same(&code, unit, one, line_of(sources, one.span));
                let mut broken = nodes.into_iter().map(|node| At { unit, node });
                broken.any(|at| match &claim.gone.how {
                    How::Called { from, .. } => misfits(&code, at, from, &mut trail),
                    How::Answers(answer) => {
                        let facts = code.facts(at.unit);
                        let taken = Taken::of(&facts.tree, at.node, |bytes| facts.slice(bytes).to_owned());
                        taken.is_some_and(|taken| answer.misses(taken)) && answer.holds(&code, at, &mut trail)
                    }
                    how @ (How::Fields { .. } | How::Joined { .. } | How::Demands { .. }) => {
                        let written = Written::of(code.facts(at.unit), at.node);
                        written.is_some_and(|written| written.misses(how))
                    }
                    How::Removed | How::Withheld | How::Renamed(_) | How::Moved(_) => {
                        lookup.is_lost(at, &one.word, &mut trail)
                    }
                })
            })
        };
        let uses: Vec<Use> = claim.uses.iter().filter(is_broken).cloned().collect();
        if !uses.is_empty() {
            held.push(Claim { uses, ..claim.clone() });
        }
    }
    missing.extend(trail.missing);
    held
}

/// Where the file of a use is after the merge: where it was, or among what the other side made, if that took it along under another name.
fn places<'a>(merged: &Ground, one: &'a Use, breaker: &'a Work) -> Vec<&'a RepoPath> {
    if merged.has(&one.from) {
        return vec![&one.from];
    }
    let like = |path: &&RepoPath| path.extension() == one.from.extension() && merged.has(path);
    breaker.new_paths().filter(like).collect()
}

/// The text of the line that a place begins in, without white space around it.
fn line_of(sources: &Sources, span: Span) -> &str {
    let text = &sources.file(span.file).text;
    let at = (span.bytes.start as usize).min(text.len());
    let start = text.as_bytes()[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let end = text.as_bytes()[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |end| at + end);
    text.get(start..end).unwrap_or_default().trim()
}

/// The places of a merged file that are the use: the same name on the same line.
fn same(code: &Code<'_>, unit: usize, one: &Use, line: &str) -> Vec<NodeId> {
    let facts = code.facts(unit);
    let tree = &facts.tree;
    let starts: Vec<usize> = std::iter::once(0)
        .chain(facts.text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let text_at = |byte: u32| {
        let number = starts.partition_point(|start| *start <= byte as usize);
        let from = starts[number - 1];
        let to = starts.get(number).copied().unwrap_or(facts.text.len());
        facts.text.get(from..to).unwrap_or_default().trim()
    };
    let is_it = |id: &NodeId| match tree.syntax(*id) {
        Syntax::Name => !one.import && last(facts.words(*id)) == one.word && text_at(tree.bytes(*id).start) == line,
        Syntax::Member { property, .. } => {
            !one.import && facts.slice(*property) == one.word && text_at(property.start) == line
        }
        Syntax::Import { names, .. } => {
            one.import && names.iter().any(|name| *name.local == *one.word) && text_at(tree.bytes(*id).start) == line
        }
        _ => false,
    };
    tree.ids().filter(is_it).collect()
}

/// True if the call does not fit what the name leads to now.
fn misfits(code: &Code<'_>, at: At, before: &Arity, trail: &mut Trail) -> bool {
    let facts = code.facts(at.unit);
    let mut answer = || {
        let target = code.behind(at, trail.restart())?;
        let (_, name) = declared(code, target)?;
        let theirs = code.facts(target.unit);
        let call = CallShape::of(&facts.tree, at.node, |id| facts.words(id).to_owned())?;
        if let Some(arity) = demand::fields_of(theirs, &name) {
            return Some(!arity.takes(&call) || before.swaps(&arity, &call));
        }
        let outline = Outline::read(theirs)?;
        // A class is called by what makes its objects.
        let is = |name: &str| outline.items.iter().any(|item| item.key.name == name);
        let name = constructor(theirs.language, &name)
            .filter(|maker| is(maker))
            .unwrap_or(name);
        let mut named = outline.items.iter().filter(|item| item.key.name == name);
        let (Some(only), None) = (named.next(), named.next()) else {
            return None;
        };
        let arity = Arity::of(theirs.language, only.signature.as_ref()?)?;
        Some(!arity.takes(&call) || before.swaps(&arity, &call))
    };
    answer().unwrap_or(false)
}
