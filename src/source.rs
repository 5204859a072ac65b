//! Texts and places. Enters: bytes that `workspace` or `git` read. Leaves: [`Sources`], the pool of every text of a run, and
//! [`Span`]s into it. Knows nothing of languages, flags or documents.
//!
//! A run may look at several trees at once (the work tree, a base commit, the head of each branch). Their texts lie in one pool,
//! so that a [`Span`] names its file without naming its tree; a [`View`] says which text a path has in which tree.

mod generated;
mod scripts;

pub use generated::is_generated;
pub use scripts::is_script;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A path relative to the project, with `/`, without `.` and `..` segments: the only path that a finding may hold.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath(Arc<str>);

impl RepoPath {
    /// Normalises `path` (`\` becomes `/`, `.` vanishes, `..` climbs). `None` if it is empty, absolute or climbs out of the project.
    #[must_use]
    pub fn new(path: &str) -> Option<Self> {
        let path = path.replace('\\', "/");
        if path.starts_with('/') || path.contains('\0') {
            return None;
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        (!parts.is_empty()).then(|| Self(parts.join("/").into()))
    }

    /// The path as text, with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// What follows the last dot of the file name; empty where there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        self.file_name().rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The folder, without a trailing `/`; empty for a file at the root.
    #[must_use]
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// `relative` as seen from the folder of this file.
    #[must_use]
    pub fn sibling(&self, relative: &str) -> Option<Self> {
        match self.parent() {
            "" => Self::new(relative),
            folder => Self::new(&format!("{folder}/{relative}")),
        }
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// A text of the pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// A half-open range of bytes of one text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Bytes {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Bytes {
    /// The range `start..end`.
    ///
    /// # Panics
    /// If a bound is beyond 4 GiB; texts that large are skipped when they are read.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let cut = |n| u32::try_from(n).expect("BUG: a text of more than 4 GiB was read");
        Self {
            start: cut(start),
            end: cut(end),
        }
    }

    /// True if `other` lies within this range.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The range as indices of a string.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// This range in `file`.
    #[must_use]
    pub fn in_file(self, file: FileId) -> Span {
        Span { file, bytes: self }
    }
}

/// A place: a range of bytes in a text of the pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Span {
    /// Which text.
    pub file: FileId,
    /// Which bytes.
    pub bytes: Bytes,
}

impl Span {
    /// True if `other` lies within this place.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.bytes.contains(other.bytes)
    }
}

/// One-based line and column (in characters), made from a [`Span`] at the last moment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LineCol {
    /// One-based line.
    pub line: u32,
    /// One-based column, counted in Unicode scalar values.
    pub column: u32,
}

/// One text of the pool.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Where it lies in its tree.
    pub path: RepoPath,
    /// The text, as UTF-8, with a byte order mark left in place.
    pub text: Arc<str>,
    /// BLAKE3 of the text.
    pub hash: [u8; 32],
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self
                .text
                .bytes()
                .zip(1u32..)
                .filter(|(byte, _)| *byte == b'\n')
                .map(|(_, next)| next);
            std::iter::once(0).chain(breaks).collect()
        })
    }
}

/// Why a file that exists was not read, or not understood.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum SkipReason {
    /// Larger than the limit; both in bytes.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Contains NUL bytes.
    Binary,
    /// Not UTF-8.
    NotUtf8,
    /// The system refused; its words.
    Unreadable(String),
    /// A symbolic link, which is never followed.
    Symlink,
    /// No plain file, and never opened; what it is instead.
    NotAFile(&'static str),
    /// Its name is not UTF-8, or holds a backslash: no [`RepoPath`] can hold it.
    Unnameable,
    /// Nested deeper than a parser can bear.
    TooDeep,
    /// In a language that this build does not read: its word in rule files.
    NotBuilt(&'static str),
    /// Two sides changed it, and no merge of the two is known; why.
    Unmerged(String),
    /// The parser gave up; its words.
    Syntax(String),
    /// Parsed in part: the number of places that were not understood.
    HalfParsed(u32),
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => write!(f, "larger than {limit} bytes ({bytes})"),
            Self::Binary => f.write_str("binary"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Unreadable(why) => write!(f, "could not be read: {why}"),
            Self::Symlink => f.write_str("symbolic link, not followed"),
            Self::NotAFile(what) => write!(f, "{what}, not a file"),
            Self::Unnameable => f.write_str("its name is not UTF-8, or holds a backslash"),
            Self::TooDeep => f.write_str("nested too deeply to parse"),
            Self::NotBuilt(feature) => write!(f, "this build does not read {feature}"),
            Self::Unmerged(why) => f.write_str(why),
            Self::Syntax(why) => write!(f, "could not be parsed: {why}"),
            Self::HalfParsed(places) => write!(
                f,
                "parsed in part: {places} {} not understood",
                if *places == 1 { "place was" } else { "places were" }
            ),
        }
    }
}

/// A file that was not read or not understood, so that silence never looks like *clear*.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Skipped {
    /// Which file.
    pub path: RepoPath,
    /// Why.
    pub reason: SkipReason,
}

/// The pool of every text of a run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    known: HashMap<(RepoPath, [u8; 32]), FileId>,
    merged: BTreeMap<FileId, String>,
}

impl Sources {
    /// Puts a text into the pool; the same text at the same path is kept once.
    pub fn add(&mut self, path: RepoPath, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let hash = *blake3::hash(text.as_bytes()).as_bytes();
        let next = FileId(u32::try_from(self.files.len()).expect("BUG: more than 4 billion files"));
        let id = *self.known.entry((path.clone(), hash)).or_insert(next);
        if id == next {
            self.files.push(SourceFile {
                path,
                text,
                hash,
                lines: OnceLock::new(),
            });
        }
        id
    }

    /// Puts a text into the pool that a merge made, and that lies in no tree which anybody has: whoever shows a line of it has to say so.
    /// `of` names the branch that was merged.
    pub fn add_merged(&mut self, path: RepoPath, text: impl Into<Arc<str>>, of: &str) -> FileId {
        let known = self.files.len();
        let id = self.add(path, text);
        if id.0 as usize == known {
            self.merged.insert(id, of.to_owned());
        }
        id
    }

    /// The branch of which this text is a merge, where it is nothing else.
    #[must_use]
    pub fn merge_of(&self, id: FileId) -> Option<&str> {
        self.merged.get(&id).map(String::as_str)
    }

    /// The text with this id.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The path of this text.
    #[must_use]
    pub fn path(&self, id: FileId) -> &RepoPath {
        &self.file(id).path
    }

    /// The words at a place.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.bytes.range()).unwrap_or("")
    }

    /// Line and column of a byte of a text.
    #[must_use]
    pub fn line_col(&self, file: FileId, byte: u32) -> LineCol {
        let source = self.file(file);
        let lines = source.lines();
        let line = lines.partition_point(|start| *start <= byte) - 1;
        let mut end = (byte as usize).min(source.text.len());
        while !source.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = source.text.get(lines[line] as usize..end).unwrap_or("");
        let column = before.trim_start_matches('\u{feff}').chars().count() + 1;
        LineCol {
            line: line as u32 + 1,
            column: column as u32,
        }
    }

    /// Where a place begins.
    #[must_use]
    pub fn start(&self, span: Span) -> LineCol {
        self.line_col(span.file, span.bytes.start)
    }

    /// Where a place ends (one past its last character).
    #[must_use]
    pub fn end(&self, span: Span) -> LineCol {
        self.line_col(span.file, span.bytes.end)
    }

    /// The bytes of the one-based line `line`, without its line break.
    #[must_use]
    pub fn line(&self, file: FileId, line: u32) -> Span {
        let source = self.file(file);
        let lines = source.lines();
        let at = (line.max(1) as usize - 1).min(lines.len() - 1);
        let start = lines[at] as usize;
        let rest = &source.text[start..];
        let end = start + rest.find('\n').unwrap_or(rest.len());
        Bytes::new(start, end).in_file(file)
    }
}

/// One tree: which text each path has, and which paths exist without having been read.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The texts, by path.
    pub files: BTreeMap<RepoPath, FileId>,
    /// Paths that exist and were not read (images, lock files, the skipped ones).
    pub unread: BTreeSet<RepoPath>,
    /// What could not be read, with the reason.
    pub skipped: Vec<Skipped>,
    /// What may hide files behind it: folders that could not be listed (they are in `skipped` too), symbolic links that may lead to
    /// folders, folders that have the name of a file. They matter only where a file is expected.
    pub folders: Vec<Skipped>,
}

impl View {
    /// True if the tree has a file at this path, read or not.
    #[must_use]
    pub fn exists(&self, path: &RepoPath) -> bool {
        self.files.contains_key(path) || self.unread.contains(path)
    }

    /// True if the tree has a file below this folder (no trailing `/`).
    #[must_use]
    pub fn has_folder(&self, folder: &str) -> bool {
        let Some(first) = RepoPath::new(&format!("{folder}/!")) else {
            return false;
        };
        let inside = |path: &RepoPath| {
            path.as_str()
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.files
            .range(first.clone()..)
            .next()
            .is_some_and(|(path, _)| inside(path))
            || self.unread.range(first..).next().is_some_and(inside)
    }
}

/// A fixture in one string, for tests: files introduced by lines `//- path`.
#[must_use]
pub fn fixture(text: &str) -> (Sources, View) {
    let (mut sources, mut view) = (Sources::default(), View::default());
    let mut parts: Vec<(RepoPath, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match line.trim_start().strip_prefix("//- ") {
            Some(path) => parts.push((RepoPath::new(path.trim()).expect("a path after //-"), String::new())),
            None => {
                if let Some((_, text)) = parts.last_mut() {
                    text.push_str(line);
                }
            }
        }
    }
    for (path, text) in parts {
        let id = sources.add(path.clone(), text);
        view.files.insert(path, id);
    }
    (sources, view)
}
