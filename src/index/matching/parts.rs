//! Parts of a text that a selector cuts out (`text = '…'`). Enters: what a selector found, and a pattern. Leaves: the places of its group.

use super::Matcher;
use super::select::{ENTRIES, Found};
use crate::lang::tree::Syntax;
use crate::rules::rule::{Rule, RuleKind};
use crate::rules::selector::Pattern;
use crate::source::Bytes;

impl Matcher<'_> {
    /// Every place of the text where the pattern matches (`-Za -Zb`); one gap where none does, so that keys and values stay paired. A literal
    /// is taken with its quotes first, then without them: `^features` is meant to match what is written in it.
    pub(super) fn every_part(&self, found: Option<&Found>, pattern: &Pattern, group: &str) -> Vec<Option<Found>> {
        let bytes = match found {
            Some(Found::Node(id)) => self.facts.tree.bytes(*id),
            Some(Found::Text(_, bytes)) => *bytes,
            _ => return vec![None],
        };
        let mut parts = self.parts_of(bytes, pattern, group);
        if parts.is_empty() {
            parts = unquoted(self.slice(bytes), bytes).map_or(parts, |inner| self.parts_of(inner, pattern, group));
        }
        if parts.is_empty() { vec![None] } else { parts }
    }

    /// Both keys of `useFlag(isNew ? 'a' : 'b')`: either may be read.
    pub(super) fn each_branch(&self, rule: &Rule, found: Vec<Option<Found>>) -> Vec<Option<Found>> {
        let branches = |one: Option<Found>| match one {
            // What is asked may be chosen beforehand: `const key = isNew ? 'a' : 'b'`.
            Some(Found::Node(id)) => match self.syntax(self.origin(id).unwrap_or(self.bare(id))) {
                Syntax::Choose { yes, no, .. } => vec![Some(Found::Node(*yes)), Some(Found::Node(*no))],
                _ => vec![one],
            },
            _ => vec![one],
        };
        match rule.kind {
            RuleKind::Read(_) => found.into_iter().flat_map(branches).collect(),
            _ => found,
        }
    }

    fn parts_of(&self, bytes: Bytes, pattern: &Pattern, group: &str) -> Vec<Option<Found>> {
        let start = bytes.start as usize;
        let captures = pattern.regex().captures_iter(self.slice(bytes));
        let parts = captures.filter_map(|captures| captures.name(group)).map(|part| {
            let bytes = Bytes::new(start + part.start(), start + part.end());
            Some(Found::Text(part.as_str().to_owned(), bytes))
        });
        parts.take(ENTRIES).collect()
    }
}

/// What stands between the quotes of a literal.
fn unquoted(text: &str, bytes: Bytes) -> Option<Bytes> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"' | '`'))?;
    let inner = text.len() > 1 && text.ends_with(quote);
    inner.then(|| Bytes::new(bytes.start as usize + 1, bytes.end as usize - 1))
}
