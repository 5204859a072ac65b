//! Prisma's schema. Enters: the text of a `.prisma` file. Leaves: its models as tables, their fields as columns, its enums with their
//! values. A line reader: Prisma's format is one of lines, and its formatter keeps it so.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::{SchemaAction, SchemaChange, SchemaObject};
use crate::source::{Bytes, FileId};

/// A line of a block: its words with their places.
type Line<'a> = Vec<(usize, &'a str)>;

/// A `model` or `enum`.
struct Block<'a> {
    kind: &'a str,
    name: (usize, &'a str),
    lines: Vec<Line<'a>>,
}

/// What the models say the database has.
pub(super) fn models(file: FileId, text: &str) -> Vec<SchemaChange> {
    let blocks = blocks(text);
    let models: BTreeSet<&str> = blocks
        .iter()
        .filter(|block| block.kind != "enum")
        .map(|block| block.name.1)
        .collect();
    let enums: BTreeMap<&str, String> = blocks
        .iter()
        .filter(|block| block.kind == "enum")
        .map(|block| (block.name.1, block.stored_name()))
        .collect();
    let mut changes = Vec::new();
    for block in &blocks {
        let mut push = |(at, words): (usize, &str), object: SchemaObject, values: Vec<String>, ty: &str| {
            changes.push(SchemaChange {
                object,
                action: SchemaAction::Create,
                values,
                about: enums.get(ty).cloned().map(SchemaObject::Enum),
                span: Bytes::new(at, at + words.len()).in_file(file),
            });
        };
        let name = block.stored_name();
        let fields = || {
            block
                .lines
                .iter()
                .filter(|line| line.first().is_some_and(|word| !word.1.starts_with('@')))
        };
        if block.kind == "enum" {
            let values = fields()
                .map(|line| mapped(line, "@map(").unwrap_or(line[0].1).to_owned())
                .collect();
            push(block.name, SchemaObject::Enum(name), values, "");
            continue;
        }
        push(block.name, SchemaObject::Table(name.clone()), Vec::new(), "");
        for line in fields() {
            let ty = line
                .get(1)
                .map_or("", |word| word.1.trim_end_matches(['?', ']', '[', '!']));
            if !models.contains(ty) {
                let column = mapped(line, "@map(").unwrap_or(line[0].1).to_owned();
                push(line[0], SchemaObject::Column(name.clone(), column), Vec::new(), ty);
            }
        }
        for line in &block.lines {
            let indexed = line.first().is_some_and(|word| {
                ["@@unique", "@@index", "@@id"]
                    .iter()
                    .any(|mark| word.1.starts_with(mark))
            });
            if let Some(constraint) = line
                .iter()
                .find_map(|word| argument(word.1, "map:"))
                .filter(|_| indexed)
            {
                push(
                    line[0],
                    SchemaObject::Constraint(Some(name.clone()), constraint.to_owned()),
                    Vec::new(),
                    "",
                );
            }
        }
    }
    changes
}

impl Block<'_> {
    /// The name in the database.
    fn stored_name(&self) -> String {
        let mapped = self.lines.iter().find_map(|line| mapped(line, "@@map("));
        mapped.unwrap_or(self.name.1).to_owned()
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut open): (Vec<Block<'_>>, Option<Block<'_>>) = (Vec::new(), None);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = words(line, at);
        at += line.len();
        match (&mut open, words.as_slice()) {
            (Some(_), [(_, "}"), ..]) => blocks.extend(open.take()),
            (Some(block), [_, ..]) => block.lines.push(words),
            (None, [(_, kind @ ("model" | "enum" | "view")), name, (_, "{"), ..]) => {
                open = Some(Block {
                    kind,
                    name: *name,
                    lines: Vec::new(),
                });
            }
            _ => {}
        }
    }
    blocks
}

/// The words of a line that begins at byte `at`, without its comment. An attribute's arguments stay with it.
fn words(line: &str, at: usize) -> Line<'_> {
    let (mut words, mut start, mut depth, mut quoted) = (Vec::new(), None, 0u32, false);
    for (index, char) in line.char_indices() {
        if !quoted && line[index..].starts_with("//") {
            break;
        }
        match char {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if char.is_whitespace() && !quoted && depth == 0 {
            if let Some(start) = start.take() {
                words.push((at + start, &line[start..index]));
            }
        } else if start.is_none() {
            start = Some(index);
        }
    }
    let end = line.find("//").filter(|_| !line.contains('"')).unwrap_or(line.len());
    if let Some(start) = start {
        words.push((at + start, line[start..end.max(start)].trim_end()));
    }
    words
}

/// The string in `@map("…")`.
fn mapped<'a>(line: &Line<'a>, attribute: &str) -> Option<&'a str> {
    let args = line.iter().find_map(|word| word.1.strip_prefix(attribute))?;
    args.split('"').nth(1)
}

/// The string after `map:` in the arguments of an attribute.
fn argument<'a>(words: &'a str, name: &str) -> Option<&'a str> {
    words.split_once(name)?.1.split('"').nth(1)
}
