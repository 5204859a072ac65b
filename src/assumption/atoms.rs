//! Distinctive texts. Enters: the tree of one file and a region of it. Leaves: the texts and names in it that a test could name
//! ([`atoms_in`]), and those that a test asserts ([`asserted`]).

use crate::lang::FileFacts;
use crate::lang::tree::{Key, NodeId, Syntax};
use crate::source::{Bytes, Span};

use super::words::is_distinctive;

/// Methods whose arguments are what a test expects, over jest, vitest, chai, node:assert and testing-library.
const EXPECTING: &[&str] = &[
    "toBe",
    "toEqual",
    "toStrictEqual",
    "toContain",
    "toContainEqual",
    "toMatch",
    "toMatchObject",
    "toHaveProperty",
    "toHaveTextContent",
    "toThrow",
    "toThrowError",
    "toHaveBeenCalledWith",
    "toHaveBeenLastCalledWith",
    "toHaveAttribute",
    "toHaveValue",
    "equal",
    "strictEqual",
    "deepEqual",
    "deepStrictEqual",
    "eq",
    "eql",
    "include",
    "includes",
    "contain",
    "match",
    "is",
    "like",
    "throws",
    "rejects",
];

/// Queries of a page that fail where the text is missing.
const FINDING: &[&str] = &[
    "getByText",
    "getByRole",
    "getByLabelText",
    "getByTestId",
    "getAllByText",
    "findByText",
    "findByRole",
    "findByTestId",
    "findAllByText",
    "contains",
];

/// Functions and macros that fail where their arguments differ.
const ASSERTING: &[&str] = &["assert_eq", "assert", "assert_matches", "assertEqual", "assertEquals"];

/// A text that stands somewhere and means something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Atom {
    /// The text: a string, the words between JSX tags, the name of a property that is given a value.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// The distinctive texts of a region, in the order of the text.
#[must_use]
pub fn atoms_in(facts: &FileFacts, region: Bytes) -> Vec<Atom> {
    let inside = facts.tree.ids().filter(|id| region.contains(facts.tree.bytes(*id)));
    let mut atoms: Vec<Atom> = inside.filter_map(|id| atom(facts, id)).collect();
    atoms.sort_by_key(|atom| atom.span);
    atoms.dedup();
    atoms
}

fn atom(facts: &FileFacts, id: NodeId) -> Option<Atom> {
    let (text, bytes) = match facts.tree.syntax(id) {
        Syntax::Text(text) | Syntax::Markup(text) => (text.as_ref(), facts.tree.bytes(id)),
        Syntax::Entry {
            key: Key::Name(name, bytes),
            ..
        } => (name.as_ref(), *bytes),
        _ => return None,
    };
    let text = text.trim();
    is_distinctive(text).then(|| Atom {
        text: text.to_owned(),
        span: bytes.in_file(facts.file),
    })
}

/// The distinctive texts that the code in these regions asserts to be there. What is asserted to be *absent* is left out.
#[must_use]
pub fn asserted(facts: &FileFacts, regions: &[Span]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for region in regions.iter().filter(|region| region.file == facts.file) {
        for id in facts
            .tree
            .ids()
            .filter(|id| region.bytes.contains(facts.tree.bytes(*id)))
        {
            if let Some(atom) = asserted_text(facts, id)
                && is_asserted(facts, id)
            {
                atoms.push(atom);
            }
        }
    }
    atoms.sort();
    atoms.dedup();
    atoms
}

/// A text, or the property that an assertion reads (`expect(quote.frozenTaxRate)`).
fn asserted_text(facts: &FileFacts, id: NodeId) -> Option<Atom> {
    if let Syntax::Member { property, .. } = facts.tree.syntax(id) {
        let text = facts.slice(*property);
        return is_distinctive(text).then(|| Atom {
            text: text.to_owned(),
            span: property.in_file(facts.file),
        });
    }
    atom(facts, id)
}

/// True if a call around the node expects it, and nothing on the way turns it around.
fn is_asserted(facts: &FileFacts, id: NodeId) -> bool {
    let (tree, mut below, mut expected) = (&facts.tree, id, false);
    for parent in tree.ancestors(id) {
        match tree.syntax(parent) {
            // What is handed to the code under test proves nothing about what comes back.
            Syntax::Function(_) | Syntax::Block(_) => break,
            Syntax::Call { callee, args, .. } => {
                let (name, path) = callee_words(facts, *callee);
                let argument = args.contains(&below);
                if negates(path) {
                    return false;
                }
                let expecting = EXPECTING.contains(&name) && mentions_assertion(path);
                if argument && (expecting || FINDING.contains(&name) || ASSERTING.contains(&name)) {
                    expected = true;
                } else if argument && name != "expect" && !is_shape(name) {
                    return false;
                }
            }
            Syntax::Macro { name, .. } => expected |= ASSERTING.contains(&facts.slice(*name)),
            Syntax::Not(_) => return false,
            _ => {}
        }
        below = parent;
    }
    expected
}

/// The last name of a callee, and all of its words.
fn callee_words(facts: &FileFacts, callee: NodeId) -> (&str, &str) {
    let callee = facts.tree.bare(callee);
    let path = facts.words(callee);
    match facts.tree.syntax(callee) {
        Syntax::Member { property, .. } => (facts.slice(*property), path),
        _ => (path, path),
    }
}

fn mentions_assertion(path: &str) -> bool {
    ["expect", "assert", "should", "t."]
        .iter()
        .any(|word| path.contains(word))
}

fn negates(path: &str) -> bool {
    let parts = |word: &str| path.split('.').any(|part| part.split('(').next() == Some(word));
    parts("not") || parts("never") || path.contains("queryBy") || path.contains("notEqual") || path.contains("doesNot")
}

/// `expect.objectContaining({…})` and its like describe what is expected.
fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "objectContaining" | "arrayContaining" | "stringContaining" | "stringMatching" | "anything" | "any"
    )
}
