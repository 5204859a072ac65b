//! The lines that a line stands below, by indentation. Enters: the lines of a text. Leaves: for each line that is asked for the heads around it,
//! and what each is the head of.

/// A line below which others stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// Its place among the lines, from zero.
    pub(super) line: usize,
    /// How far it is indented.
    indent: usize,
    /// A brace on a line of its own opened what it is the head of.
    pub(super) closed: bool,
}

/// What a head is the head of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The body of a function: what is in it is nobody else's.
    Body,
    /// A step on the way: `if`, `try`, a module.
    Step,
    /// Something of whose members each is a name.
    Names,
    /// A type of whose members the functions are names.
    Owner,
    /// A value of whose members the functions are names.
    Value,
    /// Parentheses that it leaves open: a signature, or a call.
    Open,
}

/// Words that say what has members, and of what kind it is.
const OWNERS: [(&str, Kind); 13] = [
    ("class", Kind::Owner),
    ("interface", Kind::Owner),
    ("enum", Kind::Names),
    ("struct", Kind::Owner),
    ("impl", Kind::Owner),
    ("trait", Kind::Owner),
    ("mod", Kind::Step),
    ("namespace", Kind::Step),
    ("module", Kind::Step),
    ("object", Kind::Owner),
    ("record", Kind::Owner),
    ("union", Kind::Owner),
    ("type", Kind::Owner),
];

/// Words with which a step begins.
const STEPS: [&str; 17] = [
    "if", "else", "elif", "for", "while", "switch", "try", "except", "finally", "catch", "do", "match", "loop",
    "unsafe", "with", "select", "case",
];

impl Head {
    /// What this line is the head of; `closed` if a brace on a line of its own follows it.
    #[must_use]
    pub(super) fn kind(text: &str, closed: bool) -> Kind {
        let text = text.trim();
        let count = |sign: char| text.matches(sign).count();
        let first = text.split(|c: char| !c.is_alphanumeric() && c != '_').next();
        let opens = closed || text.ends_with(['{', ':']);
        if text.starts_with(')') || text.starts_with("})") {
            return if opens { Kind::Body } else { Kind::Step };
        }
        if opens && first.is_some_and(|first| STEPS.contains(&first)) {
            return Kind::Step;
        }
        if opens && (text.contains("=>") || text.contains("function")) {
            return Kind::Body;
        }
        if count('(') > count(')') {
            return Kind::Open;
        }
        let before = text.split(['(', '=', '{']).next().unwrap_or_default();
        let mut words = before.split(|c: char| !c.is_alphanumeric() && c != '_');
        let owner = words.find_map(|word| OWNERS.iter().find(|(owner, _)| *owner == word));
        if let Some((_, kind)) = owner {
            return *kind;
        }
        let makes = ["fn ", "func ", "def "].iter().any(|word| text.contains(word));
        if makes || (opens && text.contains('(')) {
            return Kind::Body;
        }
        Kind::Value
    }
}

/// Calls `each` with every line of the ranges that is not blank (a first line, from zero, and how many) and the heads around it, the outermost first.
/// Of a range without lines there are only heads: those of the place between two lines.
pub(super) fn heads<'t>(all: &[&'t str], ranges: &[(usize, usize)], mut each: impl FnMut(Option<&'t str>, &[Head])) {
    let mut ranges = ranges.iter().peekable();
    let mut stack: Vec<Head> = Vec::new();
    for (at, text) in all.iter().enumerate() {
        if ranges.peek().is_none() {
            return;
        }
        if text.trim().is_empty() {
            skip(&mut ranges, at);
            continue;
        }
        let indent = text.len() - text.trim_start().len();
        while ranges.peek().is_some_and(|(from, count)| *count == 0 && at >= *from) {
            // The place is before this line: as far in as this line or the one before it.
            let inner = stack.last().map_or(indent, |last| last.indent.max(indent));
            let around = stack.partition_point(|head| head.indent < inner);
            each(None, &stack[..around]);
            ranges.next();
        }
        let goes_on = text.trim_start().starts_with('{') || text.trim() == "where";
        if goes_on && let Some(last) = stack.iter_mut().rev().find(|head| head.indent == indent) {
            last.closed |= text.trim_start().starts_with('{');
        } else {
            while stack.last().is_some_and(|head| head.indent >= indent) {
                stack.pop();
            }
            if ranges
                .peek()
                .is_some_and(|(from, count)| at >= *from && at < from + count)
            {
                each(Some(text), &stack);
            }
            stack.push(Head {
                line: at,
                indent,
                closed: false,
            });
        }
        skip(&mut ranges, at);
    }
    // What only came at the end of the text stands as far in as its last line.
    let around = stack
        .last()
        .map_or(0, |last| stack.partition_point(|head| head.indent < last.indent));
    for _ in ranges.filter(|(_, count)| *count == 0) {
        each(None, &stack[..around]);
    }
}

/// Goes past a range that ends with this line.
fn skip<'r>(ranges: &mut std::iter::Peekable<impl Iterator<Item = &'r (usize, usize)>>, at: usize) {
    while ranges
        .peek()
        .is_some_and(|(from, count)| *count > 0 && from + count <= at + 1)
    {
        ranges.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_at_the_end_of_a_text_has_heads_too() {
        let lines: Vec<&str> = "class Cart:\n    a: int\n".lines().collect();
        let around = |at: usize| {
            let mut found = Vec::new();
            heads(&lines, &[(at, 0)], |line, around| {
                assert!(line.is_none());
                found.push(around.iter().map(|head| head.line).collect::<Vec<_>>());
            });
            found
        };
        assert_eq!(around(2), [vec![0]], "after the last line");
        assert_eq!(around(1), [vec![0]], "before it");
        assert_eq!(around(0), [Vec::<usize>::new()], "before the first");
    }
}
