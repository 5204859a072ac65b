//! What a fence of code names beyond words: the files of a diff, and those of a drawn tree. Enters: the text of a block. Leaves: paths with their
//! places, and whether they are changed, made, or only drawn.

use std::ops::Range;

use crate::prd::Access;

/// A file that a fence names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named {
    /// The whole path.
    pub(super) path: String,
    /// Where, in the block's text; of a drawn file its name.
    pub(super) at: Range<usize>,
    /// What a diff does with it; `None` for a drawing.
    pub(super) access: Option<Access>,
}

/// The files of a diff or of a drawn tree; empty for any other text.
pub(super) fn named(text: &str) -> Vec<Named> {
    let found = diff(text);
    if found.is_empty() { tree(text) } else { found }
}

/// Every line of a text with its first byte.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end_matches(['\n', '\r'])))
    })
}

fn diff(text: &str) -> Vec<Named> {
    let mut before = "";
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        if let Some(old) = line.strip_prefix("--- ") {
            before = old.trim();
        }
        let Some(new) = line.strip_prefix("+++ ").map(str::trim).filter(|_| !before.is_empty()) else {
            continue;
        };
        let gone = new == "/dev/null";
        let written = if gone { before } else { new };
        let path = written.strip_prefix(if gone { "a/" } else { "b/" }).unwrap_or(written);
        let at = line
            .rfind(path)
            .filter(|_| !gone)
            .map_or(start..start + line.len(), |at| start + at..start + at + path.len());
        found.push(Named {
            path: path.to_owned(),
            at,
            access: Some(if before == "/dev/null" {
                Access::Create
            } else {
                Access::Write
            }),
        });
        before = "";
    }
    found
}

/// "├── src", "│   └── cart.ts": the names on the way to a file are its path.
fn tree(text: &str) -> Vec<Named> {
    const DRAWN: [char; 5] = ['│', '├', '└', '─', '┬'];
    let drawn = lines(text).filter(|(_, line)| line.contains(['├', '└'])).count();
    if drawn < 2 {
        return Vec::new();
    }
    let mut above: Vec<(usize, &str)> = Vec::new();
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let rest = line.trim_start_matches(|c: char| DRAWN.contains(&c) || c.is_whitespace());
        let depth = line[..line.len() - rest.len()].chars().count();
        let name = rest.split_whitespace().next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        while above.last().is_some_and(|(deep, _)| *deep >= depth) {
            above.pop();
        }
        let at = start + line.len() - rest.len();
        if name.contains('.') && !name.ends_with('/') && name != "." {
            let folders = above.iter().map(|(_, folder)| folder.trim_end_matches('/'));
            let path: Vec<&str> = folders
                .filter(|folder| !matches!(*folder, "." | ""))
                .chain([name])
                .collect();
            found.push(Named {
                path: path.join("/"),
                at: at..at + name.len(),
                access: None,
            });
        } else {
            above.push((depth, name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Option<Access>)]) {
        let found = named(text);
        let got: Vec<(&str, Option<Access>)> = found.iter().map(|one| (one.path.as_str(), one.access)).collect();
        assert_eq!(got, expected, "{text}");
        assert!(
            found
                .iter()
                .all(|one| text[one.at.clone()].ends_with(one.path.rsplit('/').next().unwrap_or("")))
        );
    }

    #[test]
    fn diffs_trees_and_neither() {
        check(
            "diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-x\n+y\n--- /dev/null\n+++ b/src/new.ts\n",
            &[("src/a.ts", Some(Access::Write)), ("src/new.ts", Some(Access::Create))],
        );
        check(
            "src/\n├── cart/\n│   ├── index.ts  # the barrel\n│   └── total.ts\n└── money.ts\n",
            &[
                ("src/cart/index.ts", None),
                ("src/cart/total.ts", None),
                ("src/money.ts", None),
            ],
        );
        check("+++ b/src/a.ts\nconst a = 1;\n", &[]);
        check("- one\n- two\n", &[]);
    }
}
