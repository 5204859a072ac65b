//! Whether a runner's test is one of the code's. Enters: titles as code writes them (`adds %i`, `adds ${a}`) and as a runner tells them
//! (`adds 1`). Leaves: yes or no.

use crate::index::TestCase;

/// True if the runner's titles are those of this test, or of one of its rows.
#[must_use]
pub fn same_test(case: &TestCase, suite: &[String], name: &str) -> bool {
    // Pytest tells the row of a table in brackets after the name.
    let is_python = case.path.extension() == "py";
    let name = if is_python {
        name.split('[').next().unwrap_or(name)
    } else {
        name
    };
    if case.path.extension() == "go" {
        return same_go_test(case, suite, name);
    }
    let ours: Vec<&str> = case.suite.iter().chain([&case.name]).map(String::as_str).collect();
    let theirs: Vec<&str> = suite.iter().map(String::as_str).chain([name]).collect();
    if ours.len() == theirs.len() {
        return ours.iter().zip(&theirs).all(|(ours, theirs)| fits(ours, theirs));
    }
    // Some runners join the titles.
    fits(&ours.join(" "), &theirs.join(" "))
}

/// Go writes blanks of titles as `_`, puts what is beside a twin a number behind (`#01`), and takes a slash in a title for a level.
fn same_go_test(case: &TestCase, suite: &[String], name: &str) -> bool {
    let written: Vec<String> = case
        .suite
        .iter()
        .chain([&case.name])
        .map(|title| blanks(title))
        .collect();
    let told: Vec<&str> = suite.iter().map(String::as_str).chain([name]).collect();
    let told = told.join("/");
    let twin = |title: &str| match title.rsplit_once('#') {
        Some((before, number)) if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => before.to_owned(),
        _ => title.to_owned(),
    };
    fits(&written.join("/"), &told) || fits(&written.join("/"), &twin(&told))
}

/// A title with `_` for each blank.
fn blanks(title: &str) -> String {
    title.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect()
}

/// True if `told` is `written` with something in each of its holes.
#[must_use]
pub fn fits(written: &str, told: &str) -> bool {
    if written.trim() == told.trim() {
        return true;
    }
    let pieces = pieces(written.trim());
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return false;
    };
    let told = told.trim();
    if pieces.len() == 1 || told.len() < first.len() + last.len() || !told.starts_with(*first) || !told.ends_with(*last)
    {
        return false;
    }
    let mut rest = &told[first.len()..told.len() - last.len()];
    for piece in &pieces[1..pieces.len() - 1] {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// What stands between the holes: `%s`, `$name`, `${expression}`.
fn pieces(written: &str) -> Vec<&str> {
    let (mut found, mut from, mut at) = (Vec::new(), 0, 0);
    while at < written.len() {
        let hole = hole_at(&written[at..]);
        if hole > 0 {
            found.push(&written[from..at]);
            at += hole;
            from = at;
        } else {
            at += written[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found.push(&written[from..]);
    found
}

/// The length of the hole with which the text begins; 0 for none.
fn hole_at(text: &str) -> usize {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some('%'), Some(c)) if "sdifjop#$c".contains(c) => 2,
        (Some('$'), Some('{')) => closing(text).unwrap_or(0),
        (Some('$'), Some(c)) if c.is_ascii_alphabetic() || c == '_' || c == '#' => {
            let is_path = |c: char| c.is_ascii_alphanumeric() || "_.#".contains(c);
            1 + text[1..].find(|c| !is_path(c)).unwrap_or(text.len() - 1)
        }
        _ => 0,
    }
}

/// Where the brace that the text opens is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0u32;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_table_are_their_test() {
        for (written, told) in [
            ("adds", "adds"),
            ("adds %i and %i", "adds 1 and 2"),
            ("$a is $b.c", "1 is 2"),
            ("pays ${a.b({ c: 1 })} now", "pays 3 € now"),
            ("%s", "anything"),
        ] {
            assert!(fits(written, told), "{written:?} {told:?}");
        }
        for (written, told) in [
            ("adds", "adds 1"),
            ("adds %i and %i", "adds 1 or 2"),
            ("costs $ 5", "costs € 5"),
            ("100% of", "100 of"),
            ("a%sa", "a"),
        ] {
            assert!(!fits(written, told), "{written:?} {told:?}");
        }
    }
}
