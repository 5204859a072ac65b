//! Raw queries in macros. Enters: tree-sitter's tree of a file, whose macro calls hold tokens. Leaves: the matches of queries in the
//! arguments of those calls, read as the arguments of a function: `check!(cmd.arg("a"))` as `check (cmd.arg("a"))`. Places stay as they are.

use std::collections::BTreeSet;

use tree_sitter::{Node, Tree};

use crate::lang::{CompiledQuery, Language, QueryMatch, parse, queries};
use crate::source::Bytes;

/// Macros in macros are opened so often.
const ROUNDS: usize = 3;

/// Adds what the queries find in the arguments of macro calls, and in those of calls in them.
pub(super) fn add_matches(tree: &Tree, text: &str, compiled: &[CompiledQuery], matches: &mut Vec<QueryMatch>) {
    let (mut opened, mut inside) = (text.to_owned(), Vec::new());
    let mut current = None;
    for _ in 0..ROUNDS {
        let calls = macro_calls(current.as_ref().unwrap_or(tree), &opened);
        if calls.is_empty() {
            break;
        }
        for (mark, args) in calls {
            opened.replace_range(mark..=mark, " ");
            inside.push(args);
        }
        match parse::parse(Language::Rust, &opened) {
            Ok(tree) => current = Some(tree),
            Err(_) => return,
        }
    }
    let Some(tree) = current else { return };
    let known: BTreeSet<(usize, Vec<Bytes>)> = matches.iter().map(identity).collect();
    let is_inside = |found: &QueryMatch| {
        let within = |args: &Bytes| {
            let mut captures = found.captures.iter();
            captures.all(|(_, bytes)| args.start <= bytes.start && bytes.end <= args.end)
        };
        inside.iter().any(within)
    };
    let (more, _) = queries::run(Language::Rust, &tree, &opened, compiled);
    matches.extend(
        more.into_iter()
            .filter(|found| is_inside(found) && !known.contains(&identity(found))),
    );
}

fn identity(found: &QueryMatch) -> (usize, Vec<Bytes>) {
    (found.query, found.captures.iter().map(|(_, bytes)| *bytes).collect())
}

/// The macro calls with parentheses that are in no other one: where their `!` stands, and their arguments.
fn macro_calls(tree: &Tree, text: &str) -> Vec<(usize, Bytes)> {
    let mut found = Vec::new();
    let mut stack: Vec<Node<'_>> = vec![tree.root_node()];
    while let Some(node) = stack.pop() {
        match node.kind() {
            "macro_invocation" => found.extend(call(node, text)),
            "macro_definition" | "attribute_item" | "inner_attribute_item" => {}
            _ => {
                let mut cursor = node.walk();
                stack.extend(node.children(&mut cursor));
            }
        }
    }
    found
}

fn call(node: Node<'_>, text: &str) -> Option<(usize, Bytes)> {
    let name = node.child_by_field_name("macro")?;
    let last = node.child(node.child_count().checked_sub(1)?)?;
    let args = last.byte_range();
    let mark = name.end_byte() + text.get(name.end_byte()..args.start)?.find('!')?;
    let is_call = last.kind() == "token_tree" && text.get(args.clone())?.starts_with('(');
    is_call.then(|| (mark, Bytes::new(args.start, args.end)))
}
