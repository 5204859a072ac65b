//! What changed between two commits. Enters: two object ids. Leaves: [`Change`]s by file, and [`ChangedLines`].

use super::read::path_of;
use super::{GitError, Oid, Repository};
use crate::source::RepoPath;
use std::collections::BTreeMap;

/// What happened to a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChangeKind {
    /// New.
    Added,
    /// Other bytes, or another mode.
    Modified,
    /// Gone.
    Deleted,
    /// Here under another name, with perhaps other bytes; the old name.
    Renamed(RepoPath),
    /// Another kind of thing (a link where a file was).
    Retyped,
}

/// One changed file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its path afterwards (before, for a deleted file), relative to the project.
    pub path: RepoPath,
    /// What happened.
    pub kind: ChangeKind,
    /// Its blob before.
    pub old: Option<Oid>,
    /// Its blob afterwards.
    pub new: Option<Oid>,
    /// Afterwards it is a plain file: no link, whose blob is only where it leads to, and no submodule.
    pub plain: bool,
}

/// Both sides of a changed file, each as mode and blob (`None`: the file is not there).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExactChange {
    /// Before.
    pub old: (String, Option<Oid>),
    /// Afterwards.
    pub new: (String, Option<Oid>),
}

/// Lines `start..start + count`, one-based; `count` is 0 where lines only vanished (after line `start`) or only appeared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LineRange {
    /// The first line.
    pub start: u32,
    /// How many.
    pub count: u32,
}

impl LineRange {
    /// True if the one-based line `line` is in the range.
    #[must_use]
    pub fn contains(self, line: u32) -> bool {
        line >= self.start && line - self.start < self.count
    }
}

/// The lines of one file that changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangedLines {
    /// The file.
    pub change: Change,
    /// Git took it for binary (or it is a submodule): no lines are known.
    pub binary: bool,
    /// Old lines and the new lines in their place, in order.
    pub hunks: Vec<(LineRange, LineRange)>,
}

/// What happened to each path, as git spells it.
type ExactChanges = BTreeMap<Vec<u8>, ExactChange>;

/// So many files are asked about one by one where git does not answer for all of them.
const MOST_BY_THEMSELVES: usize = 200;

const RAW: [&str; 8] = [
    "diff-tree",
    "-r",
    "-z",
    "--no-commit-id",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
    "--end-of-options",
];

impl Repository {
    /// The files of the project that differ, sorted by path, with renames found.
    ///
    /// # Errors
    /// If one of them is not a commit or tree.
    pub fn diff_names(&self, base: &Oid, head: &Oid) -> Result<Vec<Change>, GitError> {
        let output = self.diff(&["--raw", "-M"], base, head, None)?;
        let mut changes = split_raw(&output)?.0.into_iter().flatten().collect::<Vec<_>>();
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// What differs, byte for byte and without looking for renames, in the whole repository: by path as git spells it.
    ///
    /// # Errors
    /// If one of them is not a commit or tree.
    pub fn diff_exact(&self, base: &Oid, head: &Oid) -> Result<BTreeMap<Vec<u8>, ExactChange>, GitError> {
        let output = self.at_toplevel().diff(&["--raw", "--no-renames"], base, head, None)?;
        Ok(exact_changes(&output)?.0)
    }

    /// [`Repository::diff_exact`] of many pairs of trees, by one process at most, in the order asked for.
    ///
    /// # Errors
    /// If one of them is not a commit or tree, or not here.
    pub fn diff_many(&self, pairs: &[(Oid, Oid)]) -> Result<Vec<BTreeMap<Vec<u8>, ExactChange>>, GitError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(diffs) = self.diffs_inside(pairs) {
            return Ok(diffs);
        }
        let asked: String = pairs.iter().map(|(old, new)| format!("{old} {new}\n")).collect();
        let call = self.at_toplevel().plain_call();
        let options = ["diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames"];
        let output = call.args(options).stdin(asked.into_bytes()).output()?;
        let mut rest = output.as_slice();
        pairs
            .iter()
            .map(|(old, new)| {
                // Git says what it compares; it says nothing at all of two trees that are one, nor of one that is not here.
                let headline = format!("{old} {new}\n");
                let Some(after) = rest.strip_prefix(headline.as_bytes()) else {
                    return match old == new {
                        true => Ok(BTreeMap::new()),
                        false => Err(unreadable(&format!(
                            "nothing of {old} and {new}: one of them is not here"
                        ))),
                    };
                };
                let (changes, after) = exact_changes(after)?;
                rest = after;
                Ok(changes)
            })
            .collect()
    }

    /// [`Repository::diff_many`], where some of the trees may not be here: nothing is known of those.
    #[must_use]
    pub fn diff_each(&self, pairs: &[(Oid, Oid)]) -> Vec<Option<BTreeMap<Vec<u8>, ExactChange>>> {
        match self.diff_many(pairs) {
            Ok(diffs) => diffs.into_iter().map(Some).collect(),
            Err(_) => {
                let alone = |both| self.diff_many(std::slice::from_ref(both)).ok()?.pop();
                pairs.iter().map(alone).collect()
            }
        }
    }

    /// The changed lines of the project's files, without context, sorted by path. Where a blob is not here (a partial clone) no renames are
    /// found, and of that file no lines are known.
    ///
    /// # Errors
    /// If one of them is not a commit or tree.
    pub fn diff_ranges(&self, base: &Oid, head: &Oid) -> Result<Vec<ChangedLines>, GitError> {
        let mut files = match self.ranges(&["-M"], base, head, None) {
            Err(GitError::Failed { .. }) => self.ranges_of_each(base, head)?,
            told => told?,
        };
        files.sort_by(|a, b| a.change.path.cmp(&b.change.path));
        Ok(files)
    }

    /// The changed lines, file by file.
    fn ranges_of_each(&self, base: &Oid, head: &Oid) -> Result<Vec<ChangedLines>, GitError> {
        let output = self.diff(&["--raw", "--no-renames"], base, head, None)?;
        let changes = split_raw(&output)?.0.into_iter().flatten();
        let told = |(at, change): (usize, Change)| {
            let found = (at < MOST_BY_THEMSELVES)
                .then(|| self.ranges(&["--no-renames"], base, head, Some(&change.path)))
                .and_then(Result::ok)
                .and_then(|mut found| found.pop());
            found.unwrap_or(ChangedLines {
                change,
                binary: true,
                hunks: Vec::new(),
            })
        };
        Ok(changes.enumerate().map(told).collect())
    }

    fn ranges(
        &self,
        renames: &[&str],
        base: &Oid,
        head: &Oid,
        only: Option<&RepoPath>,
    ) -> Result<Vec<ChangedLines>, GitError> {
        let options = ["--patch-with-raw", "-U0", "--diff-algorithm=histogram", "--no-color"];
        let output = self.diff(&[&options, renames].concat(), base, head, only)?;
        let (changes, patch) = split_raw(&output)?;
        let mut sections = sections(patch)?.into_iter();
        let mut files = Vec::new();
        for change in changes {
            let mut section = sections.next().unwrap_or_default();
            if matches!(&change, Some(change) if change.kind == ChangeKind::Retyped) {
                // Git prints a file that became a link as one deletion and one addition.
                section.hunks.extend(sections.next().unwrap_or_default().hunks);
            }
            files.extend(change.map(|change| ChangedLines {
                change,
                binary: section.binary,
                hunks: section.hunks,
            }));
        }
        Ok(files)
    }

    fn diff(&self, options: &[&str], base: &Oid, head: &Oid, only: Option<&RepoPath>) -> Result<Vec<u8>, GitError> {
        let (command, plain) = RAW.split_at(1);
        let mut call = self.plain_call().args(command).args(options);
        if !self.prefix().is_empty() {
            call = call.args([format!("--relative={}/", self.prefix())]);
        }
        call = call.args(plain).args([base.as_str(), head.as_str()]);
        if let Some(path) = only {
            call = call.args(["--", path.as_str()]);
        }
        call.output()
    }
}

/// The raw part, one item for each file in git's order (`None` for a name that we cannot hold), and the patch after it.
fn split_raw(output: &[u8]) -> Result<(Vec<Option<Change>>, &[u8]), GitError> {
    let mut rest = output;
    let mut changes = Vec::new();
    while let Some(after) = rest.strip_prefix(b":") {
        let (facts, after) = field(after)?;
        let facts = String::from_utf8_lossy(facts).into_owned();
        let facts: Vec<&str> = facts.split(' ').collect();
        let [_, mode, old, new, status] = facts[..] else {
            return Err(unreadable(&facts.join(" ")));
        };
        let (first, after) = field(after)?;
        let moved = status.starts_with(['R', 'C']);
        let (second, after) = if moved { field(after)? } else { (first, after) };
        changes.push(change(status, (old, new), mode, (first, second)));
        rest = after;
    }
    Ok((changes, rest.strip_prefix(b"\0").unwrap_or(rest)))
}

/// The raw changes at the beginning of `output`, and what follows them.
fn exact_changes(output: &[u8]) -> Result<(ExactChanges, &[u8]), GitError> {
    let mut rest = output;
    let mut changes = BTreeMap::new();
    while let Some(after) = rest.strip_prefix(b":") {
        let (facts, after) = field(after)?;
        let (path, after) = field(after)?;
        let facts = String::from_utf8_lossy(facts).into_owned();
        let [old_mode, new_mode, old, new, _] = facts.split(' ').collect::<Vec<_>>()[..] else {
            return Err(unreadable(&facts));
        };
        let side = |mode: &str, oid| (mode.to_owned(), Oid::parse(oid).filter(|oid| !oid.is_zero()));
        let (old, new) = (side(old_mode, old), side(new_mode, new));
        changes.insert(path.to_vec(), ExactChange { old, new });
        rest = after;
    }
    Ok((changes, rest))
}

fn change(status: &str, (old, new): (&str, &str), mode: &str, (first, second): (&[u8], &[u8])) -> Option<Change> {
    let kind = match status.as_bytes().first()? {
        b'A' | b'C' => ChangeKind::Added,
        b'D' => ChangeKind::Deleted,
        b'T' => ChangeKind::Retyped,
        b'R' => path_of(first).map_or(ChangeKind::Added, ChangeKind::Renamed),
        _ => ChangeKind::Modified,
    };
    let blob = |text| Oid::parse(text).filter(|oid| !oid.is_zero());
    Some(Change {
        path: path_of(second).ok()?,
        kind,
        old: blob(old),
        new: blob(new),
        plain: mode.starts_with("100"),
    })
}

/// Up to the next NUL, and what follows it.
fn field(bytes: &[u8]) -> Result<(&[u8], &[u8]), GitError> {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .ok_or_else(|| unreadable("cut off"))?;
    Ok((&bytes[..end], &bytes[end + 1..]))
}

fn unreadable(what: &str) -> GitError {
    GitError::Unreadable {
        command: "diff-tree",
        what: what.to_owned(),
    }
}

#[derive(Default)]
struct Section {
    binary: bool,
    hunks: Vec<(LineRange, LineRange)>,
}

/// The sections of a patch. The lines of a hunk are counted off, so that no text of a file can pass for a header.
fn sections(patch: &[u8]) -> Result<Vec<Section>, GitError> {
    let mut sections: Vec<Section> = Vec::new();
    let mut body = 0u64;
    for line in patch.split(|byte| *byte == b'\n') {
        if body > 0 && !line.starts_with(b"\\") {
            body -= 1;
        } else if line.starts_with(b"diff --git ") {
            sections.push(Section::default());
        } else if let Some(section) = sections.last_mut() {
            if line.starts_with(b"@@ ") {
                // A headline that nobody can read must not pass for a file without changes.
                let (old, new) = hunk(line).ok_or_else(|| unreadable(&String::from_utf8_lossy(line)))?;
                body = u64::from(old.count) + u64::from(new.count);
                section.hunks.push((old, new));
            } else if line.starts_with(b"Binary files ") {
                section.binary = true;
            }
        }
    }
    Ok(sections)
}

/// `@@ -2,3 +2 @@ …`
fn hunk(line: &[u8]) -> Option<(LineRange, LineRange)> {
    let line = std::str::from_utf8(line.get(..line.len().min(80))?).or_else(|cut| {
        // The text after the second `@@` is the file's own and may be anything.
        std::str::from_utf8(&line[..cut.valid_up_to()])
    });
    let mut words = line.ok()?.strip_prefix("@@ ")?.split(' ');
    let old = range(words.next()?.strip_prefix('-')?)?;
    Some((old, range(words.next()?.strip_prefix('+')?)?))
}

fn range(text: &str) -> Option<LineRange> {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    Some(LineRange {
        start: start.parse().ok()?,
        count: count.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_contains_a_patch_does_not_pass_for_one() {
        let patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@ \xff\n-diff --git a/y b/y\n+@@ -9 +9 @@\n+Binary files a and b differ\n\\ No newline at end of file\ndiff --git a/z b/z\nBinary files a/z and b/z differ\n";
        let found = sections(patch).expect("a patch");
        assert_eq!(found.len(), 2);
        let (old, new) = (LineRange { start: 1, count: 1 }, LineRange { start: 1, count: 2 });
        assert_eq!(found[0].hunks, [(old, new)]);
        assert!(!found[0].binary && found[1].binary);
        assert!(new.contains(2) && !new.contains(3));
    }

    #[test]
    fn a_headline_that_cannot_be_read_is_no_file_without_changes() {
        for headline in ["@@ -1 +4294967296 @@", "@@ -x +1 @@", "@@ -1,2"] {
            let patch = format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n{headline}\n+a\n");
            assert!(
                matches!(sections(patch.as_bytes()), Err(GitError::Unreadable { .. })),
                "{headline}"
            );
        }
    }
}
