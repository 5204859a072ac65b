//! The patches of Codex. Enters: the text between `*** Begin Patch` and `*** End Patch`. Leaves: what is written; and a text with hunks applied.
//!
//! A hunk has no line numbers: it stands where its old lines stand, after the hunk before it, and below the line that its `@@` names.

use super::hook::Write;
use super::proposal::Proposal;

/// A run of lines in place of another.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Hunk {
    /// Lines above it (a function's headline), the outermost first.
    under: Vec<String>,
    /// The lines that are there.
    old: Vec<String>,
    /// The lines in their place.
    new: Vec<String>,
    /// It stands at the end of the file.
    at_end: bool,
}

/// More files than this are no patch that an agent makes.
const MOST_FILES: usize = 500;

/// Comparisons of lines for one hunk; no hunk and file that people write come near.
const MOST_COMPARISONS: usize = 200_000_000;

/// What a patch writes.
pub(super) fn parse(text: &str) -> Result<Vec<Write>, String> {
    let mut lines = text.lines().skip_while(|line| line.trim() != "*** Begin Patch");
    if lines.next().is_none() {
        return Err("it does not begin with `*** Begin Patch`".to_owned());
    }
    let mut writes: Vec<Write> = Vec::new();
    let mut open: Option<Section> = None;
    for line in lines {
        let marked = line.trim();
        if marked == "*** End Patch" {
            writes.extend(open.take().into_iter().flat_map(Section::writes));
            return if writes.is_empty() {
                Err("it names no file".to_owned())
            } else {
                Ok(writes)
            };
        }
        if let Some(next) = Section::begun(marked) {
            writes.extend(open.replace(next).into_iter().flat_map(Section::writes));
            if writes.len() > MOST_FILES {
                return Err(format!("it changes more than {MOST_FILES} files"));
            }
            continue;
        }
        let section = open
            .as_mut()
            .ok_or_else(|| "a line stands before the first file".to_owned())?;
        section.take(line)?;
    }
    Err("it has no `*** End Patch`".to_owned())
}

/// A file of the patch, as far as it is read.
enum Section {
    Add(String, Vec<String>),
    Delete(String),
    Update(String, Option<String>, Vec<Hunk>),
}

impl Section {
    fn begun(line: &str) -> Option<Self> {
        let named = |prefix: &str| Some(line.strip_prefix(prefix)?.trim().to_owned());
        named("*** Add File:")
            .map(|path| Self::Add(path, Vec::new()))
            .or_else(|| named("*** Delete File:").map(Self::Delete))
            .or_else(|| named("*** Update File:").map(|path| Self::Update(path, None, Vec::new())))
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        match self {
            Self::Add(_, text) => match line.strip_prefix('+') {
                Some(line) => text.push(line.to_owned()),
                None if line.trim().is_empty() => {}
                None => return Err("a line of a new file does not begin with `+`".to_owned()),
            },
            Self::Delete(_) if line.trim().is_empty() => {}
            Self::Delete(_) => return Err("a deleted file has lines".to_owned()),
            Self::Update(_, to, hunks) => {
                if let Some(path) = line.trim().strip_prefix("*** Move to:") {
                    *to = Some(path.trim().to_owned());
                } else {
                    take_line(hunks, line)?;
                }
            }
        }
        Ok(())
    }

    fn writes(self) -> Vec<Write> {
        let write = |path: String, proposal| Write {
            path,
            from: None,
            proposal,
        };
        match self {
            Self::Add(path, lines) => {
                let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
                vec![write(path, Proposal::Content(text.into_bytes()))]
            }
            Self::Delete(path) => vec![write(path, Proposal::Deleted)],
            Self::Update(path, None, hunks) => vec![write(path, Proposal::Hunks(hunks))],
            Self::Update(path, Some(to), hunks) => vec![
                write(path.clone(), Proposal::Deleted),
                Write {
                    path: to,
                    from: Some(path),
                    proposal: Proposal::Hunks(hunks),
                },
            ],
        }
    }
}

fn take_line(hunks: &mut Vec<Hunk>, line: &str) -> Result<(), String> {
    let is_open = |hunk: &Hunk| hunk.old.is_empty() && hunk.new.is_empty();
    if line == "@@" || line.starts_with("@@ ") {
        if !hunks.last().is_some_and(is_open) {
            hunks.push(Hunk::default());
        }
        let under = line.get(3..).map(str::trim).filter(|under| !under.is_empty());
        if let (Some(hunk), Some(under)) = (hunks.last_mut(), under) {
            hunk.under.push(under.to_owned());
        }
        return Ok(());
    }
    if hunks.is_empty() {
        hunks.push(Hunk::default());
    }
    let Some(hunk) = hunks.last_mut() else { return Ok(()) };
    if line.trim() == "*** End of File" {
        hunk.at_end = true;
        return Ok(());
    }
    let (sign, rest) = match line.chars().next() {
        None => (' ', ""),
        Some(sign) => (sign, &line[sign.len_utf8()..]),
    };
    match sign {
        ' ' => {
            hunk.old.push(rest.to_owned());
            hunk.new.push(rest.to_owned());
        }
        '-' => hunk.old.push(rest.to_owned()),
        '+' => hunk.new.push(rest.to_owned()),
        _ => return Err("a line of a hunk begins with neither ` `, `-` nor `+`".to_owned()),
    }
    Ok(())
}

/// The text with all hunks applied; nothing where one does not fit.
pub(super) fn apply(text: &str, hunks: &[Hunk]) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut made: Vec<&str> = Vec::new();
    let mut from = 0;
    for hunk in hunks {
        let mut start = from;
        for under in &hunk.under {
            let headline = |line: &&str| line.trim() == under.as_str();
            start += lines[start..].iter().position(headline)? + 1;
        }
        let at = place(&lines, start, hunk)?;
        made.extend(&lines[from..at]);
        made.extend(hunk.new.iter().map(String::as_str));
        from = at + hunk.old.len();
    }
    made.extend(&lines[from..]);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some(made.iter().flat_map(|line| [*line, end]).collect())
}

/// Where the old lines of a hunk stand: exactly, or but for the white space at their ends.
fn place(lines: &[&str], start: usize, hunk: &Hunk) -> Option<usize> {
    let count = hunk.old.len();
    if count == 0 {
        // Lines that only come stand at the end, or below the headline.
        let below = !hunk.under.is_empty() && !hunk.at_end;
        return Some(if below { start } else { lines.len() });
    }
    let last = lines.len().checked_sub(count)?;
    if lines.len().saturating_mul(count) > MOST_COMPARISONS {
        return None;
    }
    let stands = |at: &usize, same: fn(&str, &str) -> bool| {
        let here = lines[*at..*at + count].iter();
        here.zip(&hunk.old).all(|(line, old)| same(line, old))
    };
    let first = if hunk.at_end { last.max(start) } else { start };
    [(|line, old| line == old) as fn(&str, &str) -> bool, |line, old| {
        line.trim_end() == old.trim_end()
    }]
    .into_iter()
    .find_map(|same| (first..=last).find(|at| stands(at, same)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Proposed;

    const PATCH: &str = "*** Begin Patch\n*** Add File: new.rs\n+one\n+\n*** Update File: old.rs\n*** Move to: moved.rs\n\
        @@ fn b() {\n-    1\n+    2\n@@\n }\n+end\n*** End of File\n*** Delete File: gone.rs\n*** End Patch\n";

    #[test]
    fn every_file_of_a_patch_is_named_with_what_will_be_in_it() {
        let writes = parse(PATCH).expect("a patch");
        let paths: Vec<&str> = writes.iter().map(|write| write.path.as_str()).collect();
        assert_eq!(paths, ["new.rs", "old.rs", "moved.rs", "gone.rs"]);
        assert_eq!(writes[0].proposal.applied(None), Proposed::Text(b"one\n\n".to_vec()));
        assert_eq!(writes[1].proposal, Proposal::Deleted);
        assert_eq!(writes[2].from.as_deref(), Some("old.rs"));
        let old = "fn a() {\n    1\n}\nfn b() {\n    1\n}\n";
        let new = "fn a() {\n    1\n}\nfn b() {\n    2\n}\nend\n";
        assert_eq!(
            writes[2].proposal.applied(Some(old.as_bytes())),
            Proposed::Text(new.as_bytes().to_vec())
        );
    }

    #[test]
    fn a_patch_that_does_not_fit_is_not_known() {
        let writes = parse("*** Begin Patch\n*** Update File: a\n@@\n-x\n+y\n*** End Patch").expect("a patch");
        assert!(matches!(writes[0].proposal.applied(Some(b"z\n")), Proposed::Unknown(_)));
    }

    #[test]
    fn what_is_no_patch_is_refused() {
        for wrong in [
            "",
            "*** Begin Patch\n*** End Patch",
            "*** Begin Patch\n*** Update File: a\n@@\n-x",
            "*** Begin Patch\nx\n*** End Patch",
            "*** Begin Patch\n*** Update File: a\n?\n*** End Patch",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
