//! What a test itself brings in. Enters: the tree of a test file. Leaves: whether a text stands in it elsewhere than in what is
//! asserted or looked for: in an argument, an element, a fixture, an object of its own. Such a text need not come from the code.

use crate::lang::FileFacts;
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

/// Beginnings of calls that look for a text, or say what is expected.
const LOOKS: &[&str] = &[
    "assert", "expect", "get", "query", "find", "to", "should", "contains", "include", "equal", "notEqual", "deep",
    "strict", "match", "does", "is", "like", "not", "throws", "rejects", "object", "array", "string", "within", "wait",
    "locator", "ok", "raises",
];

/// True if the text stands, in one of the `regions` of a file, where the test hands it to something or keeps it.
#[must_use]
pub(super) fn brings(facts: &FileFacts, regions: &[Bytes], text: &str) -> bool {
    if !facts.text.contains(text) {
        return false;
    }
    let within = |id: &NodeId| regions.iter().any(|region| region.contains(facts.tree.bytes(*id)));
    facts.tree.ids().filter(within).any(|id| {
        let has = match facts.tree.syntax(id) {
            Syntax::Text(of) | Syntax::Markup(of) => of.contains(text),
            _ => false,
        };
        has && is_handed(facts, id) && is_used(facts, regions, id)
    })
}

/// False for what stands in a function or constant of the file that nothing in the regions names.
fn is_used(facts: &FileFacts, regions: &[Bytes], id: NodeId) -> bool {
    let tree = &facts.tree;
    let name = |up: NodeId| match tree.syntax(up) {
        Syntax::Function(of) => of.name.as_ref().map(|(name, _)| &**name),
        Syntax::Let { pattern, .. } if matches!(tree.syntax(*pattern), Syntax::Name) => Some(facts.words(*pattern)),
        _ => None,
    };
    let outermost = tree.ancestors(id).filter_map(name).last();
    outermost.is_none_or(|name| {
        let named = regions.iter().map(|region| facts.slice(*region).matches(name).count());
        named.sum::<usize>() > 1
    })
}

/// True for a text that is not only looked for: the nearest call around it neither looks nor asserts, or none is around it.
fn is_handed(facts: &FileFacts, id: NodeId) -> bool {
    let (tree, mut below) = (&facts.tree, id);
    for up in tree.ancestors(id) {
        match tree.syntax(up) {
            Syntax::Call { callee, args, .. } if args.contains(&below) => {
                let path = facts.words(*callee);
                let name = path.rsplit(['.', ':']).next().unwrap_or(path);
                let looks = LOOKS.iter().any(|word| name.starts_with(word));
                let is_title =
                    matches!(tree.syntax(id), Syntax::Text(_)) && below == id && is_named_function(facts, args);
                return !(looks || is_title || path.contains("expect(") || path.starts_with("assert") || is_log(path));
            }
            Syntax::Macro { name, .. } => return !facts.slice(*name).starts_with("assert"),
            Syntax::Compare { .. } => return false,
            Syntax::Decorator(_) | Syntax::Import { .. } => return false,
            Syntax::Function(_) | Syntax::Block(_) | Syntax::Let { .. } | Syntax::Element { .. } => {
                return !matches!(tree.syntax(up), Syntax::Block(_));
            }
            _ => {}
        }
        below = up;
    }
    false
}

/// `test('title', () => …)`
fn is_named_function(facts: &FileFacts, args: &[NodeId]) -> bool {
    let is_function = |id: &NodeId| matches!(facts.tree.syntax(facts.tree.bare(*id)), Syntax::Function(_));
    args.len() > 1 && args.iter().skip(1).any(is_function)
}

fn is_log(path: &str) -> bool {
    path.starts_with("console.") || path == "print"
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::brings;
    use crate::lang::{self, Language};
    use crate::source::{Bytes, FileId, RepoPath};

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let path = RepoPath::new("a.test.tsx").expect("a path");
        let facts = lang::read(FileId(0), &path, &Arc::from(text), Language::Tsx, &[]);
        let found = brings(&facts, &[Bytes::new(0, text.len())], "Raise contrast");
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn what_is_handed_over_is_brought_and_what_is_looked_for_is_not() {
        for text in [
            "assert.equal(echo('Raise contrast'), 'Raise contrast');",
            "render(<Other label=\"Raise contrast\" />);",
            "render(<Panel><b>Raise contrast</b></Panel>);",
            "const row = { t: 'Raise contrast' }; save(row);",
            "const label = () => 'Raise contrast'; go(label());",
            "save({ label: 'Raise contrast' });",
        ] {
            check(text, true);
        }
        for text in [
            "test('Raise contrast', () => { go(); });",
            "expect(screen.getByText('Raise contrast')).toBeTruthy();",
            "fireEvent.click(await screen.findByText('Raise contrast'));",
            "expect(screen.queryByText('Raise contrast')).toBeNull();",
            "expect(row()).toEqual({ label: 'Raise contrast' });",
            "assert.ok(text() === 'Raise contrast');",
            "assert.ok(text().includes('Raise contrast'));",
            "const unused = () => 'Raise contrast';",
        ] {
            check(text, false);
        }
    }
}
