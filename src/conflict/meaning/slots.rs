//! Numbers of members: of enums of code, of fields of messages. Enters: the facts of a file, the text of a `.proto`. Leaves: what has a number that another
//! member of its owner has.

use std::collections::BTreeMap;

use super::doubled::{Twice, What, line_at};
use crate::lang::tree::{Key, Syntax};
use crate::lang::{FileFacts, Language};

/// The numbers that an enum of a file gives twice.
pub(super) fn numbers(facts: &FileFacts) -> Vec<Twice> {
    let tree = &facts.tree;
    let mut found = Vec::new();
    // Python lets a second member be another name of the first one, TypeScript and C# say nothing.
    let what = match facts.language {
        Language::Rust => What::OnlyNumber,
        Language::TypeScript | Language::Tsx | Language::Python | Language::CSharp => What::Number,
        _ => return found,
    };
    for id in tree.ids() {
        let (owner, members) = match tree.syntax(id) {
            Syntax::Enum { name, members, .. } => (&*name.0, members),
            Syntax::Class {
                name: Some((name, _)),
                extends,
                members,
                ..
            } if extends.iter().any(|of| facts.words(*of).ends_with("Enum")) => (&**name, members),
            _ => continue,
        };
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        for member in members {
            let (value, at) = match tree.syntax(*member) {
                Syntax::Field {
                    key: Key::Name(_, bytes),
                    value: Some(value),
                    ..
                } => (*value, bytes.start),
                Syntax::Let { value: Some(value), .. } | Syntax::Assign { value, .. } => {
                    (*value, tree.bytes(*member).start)
                }
                _ => continue,
            };
            if !matches!(tree.syntax(tree.bare(value)), Syntax::Number) {
                continue;
            }
            let number = facts.words(tree.bare(value));
            if let Some(first) = known.insert(number, at) {
                found.push(Twice {
                    what,
                    name: format!("number {number} of {owner}"),
                    lines: [line_at(facts, first), line_at(facts, at)],
                });
            }
        }
    }
    found
}

/// The numbers and names that a message or enum of a `.proto` has twice. What stands in a `oneof` is of the message around it.
pub(super) fn messages(text: &str) -> Vec<Twice> {
    let mut found = Vec::new();
    // Each open block: whether it is an owner, its name, its numbers and its names.
    let mut open: Vec<Option<Owner>> = Vec::new();
    for (line, at) in text.lines().zip(1u32..) {
        let bare = line.split("//").next().unwrap_or_default().trim();
        let mut parts = bare.split_whitespace();
        let first = parts.next().unwrap_or_default();
        if bare.contains("allow_alias")
            && let Some(owner) = open.iter_mut().rev().flatten().next()
        {
            // It says that one number may have two names.
            owner.alias = true;
        }
        if let (Some((name, value)), Some(owner)) = (field(bare), open.iter_mut().rev().flatten().next()) {
            let twice = |what, name: String, first| Twice {
                what,
                name,
                lines: [first, at],
            };
            if let Some(first) = owner.numbers.insert(value, at).filter(|_| !owner.alias) {
                let name = format!("number {value} of {}", owner.name);
                found.push(twice(What::OnlyNumber, name, first));
            }
            if let Some(first) = owner.names.insert(name.to_owned(), at) {
                let name = format!("{}.{name}", owner.name);
                found.push(twice(What::OnlyKey, name, first));
            }
        }
        for c in bare.chars() {
            match c {
                '{' => open.push(matches!(first, "message" | "enum").then(|| {
                    Owner {
                        name: parts
                            .clone()
                            .next()
                            .unwrap_or_default()
                            .trim_end_matches('{')
                            .to_owned(),
                        ..Owner::default()
                    }
                })),
                '}' => _ = open.pop(),
                _ => {}
            }
        }
    }
    found
}

#[derive(Default)]
struct Owner {
    name: String,
    alias: bool,
    numbers: BTreeMap<u32, u32>,
    names: BTreeMap<String, u32>,
}

/// `optional string name = 7;`
fn field(line: &str) -> Option<(&str, u32)> {
    let (head, rest) = line.split_once('=')?;
    let first = head.split_whitespace().next()?;
    if matches!(first, "option" | "syntax" | "package" | "edition" | "reserved") {
        return None;
    }
    let digits = rest.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
    Some((head.split_whitespace().next_back()?, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_message() {
        let text = "message Lamp {\n  string name = 1;\n  oneof of {\n    int32 a = 2;\n    int32 b = 1; // again\n  }\n}\nmessage Shade {\n  string name = 1;\n}\n";
        let found = messages(text);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].lines), ("number 1 of Lamp", [2, 5]));
        assert!(messages("enum A {\n  option allow_alias = true;\n  X = 1;\n  Y = 1;\n}\n").is_empty());
    }
}
