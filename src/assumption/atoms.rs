//! Distinctive texts. Enters: the tree of one file and a region of it. Leaves: the texts and names in it that a test could name
//! ([`atoms_in`]), and those that a test asserts ([`asserted`]).

use crate::lang::FileFacts;
use crate::lang::tree::{CompareOp, Key, LogicOp, NodeId, Syntax};
use crate::source::{Bytes, Span};

use super::sure::fails_its_test;
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
    "contain",
    "assertIn",
    "assertRaisesRegex",
    "match",
    "is",
    "like",
    "throws",
    "rejects",
];

/// Beginnings of queries of a page that fail where the text is missing.
const FINDING: &[&str] = &["getBy", "getAllBy", "findBy", "findAllBy"];
/// Queries that give nothing where it is missing: what is expected of that decides.
const LOOKING: &[&str] = &[
    "queryBy",
    "queryAllBy",
    "querySelector",
    "querySelectorAll",
    "find",
    "locator",
];
/// What is expected of a thing that is there.
const PRESENT: &[&str] = &[
    "toBeTruthy",
    "toBeInTheDocument",
    "toBeVisible",
    "toBeDefined",
    "toExist",
];
/// What is expected of a thing that is not.
const ABSENT: &[&str] = &[
    "toBeHidden",
    "toBeNull",
    "toBeNullable",
    "toBeFalsy",
    "toBeUndefined",
    "toBeEmpty",
    "toBeEmptyDOMElement",
    "toThrow",
    "toThrowError",
    "toBeDetached",
];
/// Assertions of one value; what follows it is a message.
const OF_ONE: &[&str] = &["assert", "ok", "isTrue", "true", "truthy", "assertTrue", "assertThat"];
/// Assertions that only a comparison may be made in.
const OF_TRUTH: &[&str] = &["assert", "ok", "isTrue", "true", "truthy", "assertTrue"];
/// Functions and macros that fail where their arguments differ.
const ASSERTING: &[&str] = &["assert_eq", "assert", "assert_matches", "assertEqual", "assertEquals"];

/// A text that stands somewhere and means something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Atom {
    /// The text: a string, the words between JSX tags, the name of a property that is given a value.
    pub text: String,
    /// Where.
    pub span: Span,
    /// It need only be a part of what the code has, in any spelling.
    pub part: bool,
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
        part: false,
    })
}

/// The distinctive texts that the code in these regions asserts to be there. What is asserted to be *absent* is left out, and what may
/// not be asserted at all.
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
                && fails_its_test(facts, id, region.bytes)
            {
                atoms.push(atom);
            }
        }
    }
    atoms.sort();
    atoms.dedup();
    atoms
}

/// A text, the property that an assertion reads (`expect(quote.frozenTaxRate)`), the words of a pattern (`/^Frozen rate/i`).
fn asserted_text(facts: &FileFacts, id: NodeId) -> Option<Atom> {
    let mut part = false;
    let (text, bytes) = match facts.tree.syntax(id) {
        Syntax::Member { property, .. } => (facts.slice(*property), *property),
        Syntax::Other(inside) if inside.is_empty() => {
            part = true;
            (pattern_words(facts.words(id))?, facts.tree.bytes(id))
        }
        Syntax::Text(text) => {
            part = is_in_part(facts, id);
            (selected(text), facts.tree.bytes(id))
        }
        _ => return atom(facts, id),
    };
    let text = text.trim();
    is_distinctive(text).then(|| Atom {
        text: text.to_owned(),
        span: bytes.in_file(facts.file),
        part,
    })
}

/// True for a text that what is looked at only has to contain.
fn is_in_part(facts: &FileFacts, id: NodeId) -> bool {
    facts
        .tree
        .node(id)
        .parent
        .is_some_and(|up| match facts.tree.syntax(up) {
            Syntax::Call { callee, args, .. } if args.contains(&id) => matches!(
                callee_words(facts, *callee).0,
                "includes"
                    | "contains"
                    | "toContain"
                    | "toMatch"
                    | "include"
                    | "stringContaining"
                    | "toThrow"
                    | "toHaveTextContent"
            ),
            _ => false,
        })
}

/// `contrast-toggle` of the selectors `.contrast-toggle`, `#contrast-toggle` and `[data-testid="contrast-toggle"]`.
fn selected(text: &str) -> &str {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let plain = text.strip_prefix(['.', '#']).filter(|name| is_name(name));
    let attribute = || {
        let (_, value) = text.strip_prefix('[')?.strip_suffix(']')?.split_once('=')?;
        Some(value.trim_matches(['"', '\''])).filter(|name| is_name(name))
    };
    plain.or_else(attribute).unwrap_or(text)
}

/// The words of a pattern that holds nothing else: `/^frozen rate/i`.
pub(super) fn pattern_words(pattern: &str) -> Option<&str> {
    let (words, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let words = words.strip_prefix('^').unwrap_or(words);
    let words = words.strip_suffix('$').unwrap_or(words);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '\'' | ',' | ':' | '"');
    (flags.chars().all(char::is_alphabetic) && words.chars().all(plain)).then_some(words)
}

/// True if a call around the node expects it, and nothing on the way turns it around or makes something else of it.
fn is_asserted(facts: &FileFacts, id: NodeId) -> bool {
    let (tree, mut below, mut expected) = (&facts.tree, id, false);
    let (mut looked, mut compared) = (false, false);
    for parent in tree.ancestors(id) {
        match tree.syntax(parent) {
            // What is handed to the code under test proves nothing about what comes back.
            Syntax::Function(_) | Syntax::Block(_) => break,
            Syntax::Call { callee, args, .. } => {
                let (name, path) = callee_words(facts, *callee);
                let Some(place) = args.iter().position(|arg| *arg == below) else {
                    match made_of_it(facts, name, path, args) {
                        Made::Absent => return false,
                        Made::Present if looked && compared => return false,
                        Made::Present if looked => expected = true,
                        Made::Present | Made::Nothing => {}
                        Made::Other if expected || looked => {}
                        Made::Other => return false,
                    }
                    below = parent;
                    continue;
                };
                if negates(path) || (place > 1 && path.contains("assert")) || (place > 0 && OF_ONE.contains(&name)) {
                    return false;
                }
                let of_truth = OF_TRUTH.contains(&name);
                if compared && !of_truth && name != "expect" {
                    return false;
                }
                let expecting = EXPECTING.contains(&name) && mentions_assertion(path);
                let finding = FINDING.iter().any(|word| name.starts_with(word)) || path == "cy.contains";
                if LOOKING.contains(&name) || name.starts_with("query") || is_question(name) {
                    looked = true;
                } else if looked && !expected && !of_truth && expecting {
                    let is_true = |arg: &NodeId| matches!(tree.syntax(tree.bare(*arg)), Syntax::Bool(true));
                    if !args.iter().any(is_true) {
                        return false;
                    }
                    expected = true;
                } else if expecting || finding || ASSERTING.contains(&name) || of_truth && mentions_assertion(path) {
                    expected = true;
                } else if name != "expect" && !is_shape(name) && !(expected || looked) {
                    return false;
                }
            }
            Syntax::Macro { name, args } => {
                let place = args.iter().position(|arg| *arg == below);
                let name = facts.slice(*name);
                if compared && name != "assert" {
                    return false;
                }
                let of = if name == "assert" { 1 } else { 2 };
                expected |= ASSERTING.contains(&name) && place.is_some_and(|place| place < of);
            }
            Syntax::Not(_) | Syntax::Choose { .. } | Syntax::Logic { op: LogicOp::Or, .. } => return false,
            Syntax::Compare { op, .. } => {
                if *op == CompareOp::NotEqual || compared {
                    return false;
                }
                compared = true;
            }
            _ => {}
        }
        below = parent;
    }
    expected
}

/// What a call makes of what it is called on.
enum Made {
    /// It holds where that is there.
    Present,
    /// It holds where it is not.
    Absent,
    /// Nothing of note (`expect(x).not`).
    Nothing,
    /// Something else, of which nobody knows.
    Other,
}

fn made_of_it(facts: &FileFacts, name: &str, path: &str, args: &[NodeId]) -> Made {
    let first = args.first().map(|arg| facts.tree.bare(*arg));
    let empty = first.is_some_and(|first| super::acts::calls::is_empty(facts, first));
    let turned = has_part(path, "not") || has_part(path, "never");
    let absent = ABSENT.contains(&name)
        || (empty
            && matches!(
                name,
                "toBe" | "toEqual" | "toStrictEqual" | "toHaveCount" | "toHaveLength" | "lengthOf"
            ));
    if has_part(path, "rejects") {
        return Made::Absent;
    }
    if name == "should" {
        let words = first.map_or("", |first| facts.words(first)).trim_matches(['"', '\'']);
        let none = args.get(1).is_some_and(|arg| super::acts::calls::is_empty(facts, *arg));
        return if words.starts_with("not.") || none {
            Made::Absent
        } else {
            Made::Present
        };
    }
    if absent {
        return if turned { Made::Present } else { Made::Absent };
    }
    if PRESENT.contains(&name) || (name.starts_with("toHave") || name.starts_with("toBe") || name == "toEqual") {
        return if turned { Made::Absent } else { Made::Present };
    }
    if path.contains("expect") || path.contains("assert") {
        return if turned { Made::Absent } else { Made::Nothing };
    }
    Made::Other
}

/// `text().includes('x')` is asserted where the answer is.
fn is_question(name: &str) -> bool {
    matches!(name, "includes" | "contains" | "in" | "startsWith" | "endsWith")
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
    has_part(path, "not") || has_part(path, "never") || path.contains("notEqual") || path.contains("doesNot")
}

/// `not` of `expect(x).not.toBe`
fn has_part(path: &str, word: &str) -> bool {
    path.split('.').any(|part| part.split('(').next() == Some(word))
}

/// `expect.objectContaining({…})` and its like describe what is expected.
fn is_shape(name: &str) -> bool {
    matches!(
        name,
        "objectContaining" | "arrayContaining" | "stringContaining" | "stringMatching" | "anything" | "any"
    )
}
