//! What files of settings and models have twice in one place. Enters: a text. Leaves: tables and keys of TOML, keys of mappings of YAML, fields and values of
//! a schema of Prisma.

use std::collections::BTreeMap;

use super::doubled::{Twice, What};

/// The tables and keys that a text of TOML has twice: nothing reads it then.
pub(super) fn tables(text: &str) -> Vec<Twice> {
    let mut found = Vec::new();
    // Quotes that go on over several lines may hold anything.
    if text.contains("\"\"\"") || text.contains("'''") {
        return found;
    }
    let (mut table, mut nth) = (String::new(), 0);
    let mut known: BTreeMap<(String, usize, String), u32> = BTreeMap::new();
    let mut lists: Vec<&str> = Vec::new();
    let mut depth = 0usize;
    for (line, at) in text.lines().zip(1u32..) {
        let bare = line.trim();
        let begins = depth == 0;
        depth = depth_after(depth, bare);
        if !begins || bare.starts_with('#') {
            continue;
        }
        let is_table = bare.starts_with('[');
        let key = if bare.starts_with("[[") {
            // One more of a list: its keys are its own.
            bare.clone_into(&mut table);
            lists.push(bare.trim_matches(['[', ']', ' ']));
            nth = lists.len();
            depth = 0;
            continue;
        } else if is_table {
            let name = bare
                .split(']')
                .next()
                .unwrap_or_default()
                .trim_start_matches('[')
                .trim();
            // Tables below a list are of its last entry.
            nth = lists
                .iter()
                .filter(|list| {
                    name.strip_prefix(**list)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
                .count();
            name.clone_into(&mut table);
            depth = 0;
            (String::new(), nth, format!("[{name}]"))
        } else if let Some((key, _)) = bare.split_once('=') {
            (table.clone(), nth, key.trim().to_owned())
        } else {
            continue;
        };
        let name = match key.0.as_str() {
            "" => key.2.clone(),
            table => format!("{table}.{}", key.2),
        };
        if let Some(first) = known.insert(key, at) {
            found.push(Twice {
                what: What::OnlyKey,
                name,
                lines: [first, at],
            });
        }
    }
    found
}

/// How many lists and tables are open behind a line.
fn depth_after(mut depth: usize, line: &str) -> usize {
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') => break,
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}

/// The keys that a mapping of YAML has twice: most readers stop there, some take the last one.
pub(super) fn mappings(text: &str) -> Vec<Twice> {
    let mut found = Vec::new();
    // Templates are YAML only once they are filled in; quotes over several lines may hold anything.
    if text.contains("{{") || text.contains("{%") {
        return found;
    }
    let mut open: Vec<(usize, BTreeMap<String, u32>, String)> = Vec::new();
    let mut scalar: Option<usize> = None;
    for (line, at) in text.lines().zip(1u32..) {
        let bare = line.trim_start();
        let mut indent = line.len() - bare.len();
        if bare.is_empty() || scalar.is_some_and(|scalar| indent > scalar) {
            continue;
        }
        scalar = None;
        if bare.starts_with('#') {
            continue;
        }
        if bare.starts_with("---") || bare.starts_with("...") || bare.starts_with('\t') {
            open.clear();
            continue;
        }
        let mut rest = bare;
        while let Some(item) = rest.strip_prefix("- ") {
            // An entry of a list begins a mapping of its own.
            let inner = item.trim_start();
            indent += rest.len() - inner.len();
            rest = inner;
            open.retain(|(at, ..)| *at < indent);
        }
        let Some((key, value)) = key_of(rest) else { continue };
        if matches!(value.split_whitespace().next(), Some(word) if word.starts_with(['|', '>'])) {
            scalar = Some(indent);
        }
        open.retain(|(at, ..)| *at <= indent);
        if open.last().is_none_or(|(at, ..)| *at < indent) {
            open.push((indent, BTreeMap::new(), String::new()));
        }
        let parents: Vec<String> = open.iter().rev().skip(1).rev().map(|(_, _, key)| key.clone()).collect();
        let Some((_, keys, current)) = open.last_mut() else {
            continue;
        };
        key.clone_into(current);
        // Merge keys may be there as often as one likes.
        if key == "<<" {
            continue;
        }
        if let Some(first) = keys.insert(key.to_owned(), at) {
            let name = parents
                .iter()
                .map(String::as_str)
                .chain([key])
                .collect::<Vec<_>>()
                .join(".");
            found.push(Twice {
                what: What::Key,
                name,
                lines: [first, at],
            });
        }
    }
    found
}

/// The key at the beginning of a line, and what stands behind it.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let quote = line.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (key, rest) = match quote {
        Some(quote) => line[1..].split_once(quote)?,
        None => {
            let at = line.match_indices(':').map(|(at, _)| at).find(|at| {
                let after = line[at + 1..].chars().next();
                after.is_none_or(char::is_whitespace)
            })?;
            return (!line.starts_with(['{', '[', '*', '&', '!', '?', '%', '@']))
                .then(|| (line[..at].trim(), line[at + 1..].trim()));
        }
    };
    let value = rest.trim_start().strip_prefix(':')?;
    (value.is_empty() || value.starts_with(char::is_whitespace)).then(|| (key, value.trim()))
}

/// The fields of a model and the values of an enum that a schema of Prisma has twice.
pub(super) fn models(text: &str) -> Vec<Twice> {
    let mut found = Vec::new();
    let mut owner: Option<(&str, BTreeMap<&str, u32>)> = None;
    for (line, at) in text.lines().zip(1u32..) {
        let bare = line.split("//").next().unwrap_or_default().trim();
        let mut parts = bare.split_whitespace();
        let first = parts.next().unwrap_or_default();
        match (&mut owner, first) {
            (_, "}") => owner = None,
            (None, "model" | "enum" | "type") if bare.ends_with('{') => {
                owner = Some((parts.next().unwrap_or_default(), BTreeMap::new()));
            }
            (Some((name, fields)), first) if first.starts_with(char::is_alphabetic) => {
                if let Some(before) = fields.insert(first, at) {
                    found.push(Twice {
                        what: What::OnlyKey,
                        name: format!("{name}.{first}"),
                        lines: [before, at],
                    });
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &[Twice]) -> Vec<&str> {
        found.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn tables_and_keys_of_toml() {
        let text = "a = 1\n[x]\na = 1\nlist = [\n  'a = 1',\n]\n[[y]]\na = 1\n[[y]]\na = 1\n[x]\nb = 2\n";
        assert_eq!(names(&tables(text)), ["[x]"]);
        assert_eq!(names(&tables("[x]\na = 1\nb = 2\na = 3\n")), ["x.a"]);
        assert!(tables("[[bin]]\nname = 'a'\n[bin.x]\nb = 1\n[[bin]]\nname = 'b'\n[bin.x]\nb = 1\n").is_empty());
    }

    #[test]
    fn keys_of_yaml() {
        let text =
            "a:\n  b: 1\n  c: |\n    b: 2\n    b: 2\n  list:\n  - b: 1\n    c: 2\n  - b: 1\n    c: 2\nd:\n  b: 1\n";
        assert!(mappings(text).is_empty());
        assert_eq!(names(&mappings("a:\n  b: 1\n  c: 1\n  b: 2\n")), ["a.b"]);
        assert_eq!(names(&mappings("\"a b\": 1\nc: x\n\"a b\": 2\n---\nc: 2\n")), ["a b"]);
        assert!(mappings("a: &x\n  <<: *b\n  <<: *c\nurl: http://x\nurl2: x\n").is_empty());
    }

    #[test]
    fn fields_of_prisma() {
        let text = "model A {\n  id Int @id\n  note String\n  @@index([id])\n  @@index([note])\n  note String?\n}\nenum B {\n  id\n  X\n}\n";
        assert_eq!(names(&models(text)), ["A.note"]);
    }
}
