//! Reading a project. Enters: a folder, or the blobs of a commit. Leaves: texts in [`Sources`] and the [`View`] of the tree, with
//! every file that could not be read and why. The only module before `analysis` that touches the file system.

mod named;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::lang::Language;
use crate::source::{RepoPath, SkipReason, Skipped, Sources, View, is_generated, is_script};
pub use named::add_named;

/// Files larger than this are not read, in bytes; files of code may be larger.
pub const SIZE_LIMIT: u64 = 1 << 20;

/// A file of code may be so large, in bytes: suites of one file are. What is larger than [`SIZE_LIMIT`] must have lines as people write them.
pub const CODE_LIMIT: u64 = 4 << 20;

/// So much text, in bytes, is taken from files beyond [`SIZE_LIMIT`], all of them together.
const LARGE_IN_ALL: u64 = 32 << 20;

/// Longer lines, in bytes and on average, are a bundler's or a generator's.
const LINE: usize = 200;

/// Folders that hold what is made or fetched, whether or not `.gitignore` says so.
const NEVER: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    ".worktrees",
    "target",
    ".next",
    ".turbo",
];

/// Files that tools write and that say nothing about the code.
const LOCK_FILES: &[&str] = &[
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "Cargo.lock",
    "npm-shrinkwrap.json",
];

/// What flagman itself writes: it is read on purpose or not at all.
const OWN: &[&str] = &[".flagman/probe.json"];

/// Endings of the data and documents that flagman reads beside code.
const DATA: &[&str] = &[
    "md",
    "mdx",
    "markdown",
    "json",
    "jsonc",
    "json5",
    "yaml",
    "yml",
    "toml",
    "sql",
    "prisma",
    "properties",
    "xml",
];

/// The project's folder could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The folder does not exist or is not one.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// What was named.
        path: PathBuf,
    },
    /// What says which files are ignored cannot be opened safely: nothing can be listed.
    #[error("{} says what is ignored, and is not opened ({reason})", path.display())]
    Ignoring {
        /// The file.
        path: PathBuf,
        /// What it is instead of a small plain file.
        reason: SkipReason,
    },
}

/// True if flagman reads files of this name (code, documents, data, scripts).
#[must_use]
pub fn is_readable(path: &RepoPath) -> bool {
    let name = path.file_name();
    if LOCK_FILES.contains(&name) || OWN.contains(&path.as_str()) {
        return false;
    }
    Language::of(path).is_some()
        || DATA.contains(&path.extension())
        || name.starts_with(".env.")
        || matches!(name, ".env" | "CODEOWNERS" | "go.mod")
        || is_script(path)
}

/// What the walker opens in each folder to learn what is ignored there.
const IGNORING: &[&str] = &[".gitignore", ".ignore", ".git/info/exclude"];

/// What became of one file of the walk.
enum Entry {
    Text(RepoPath, String),
    Unread(RepoPath),
    Skipped(Skipped),
}

/// Reads every file of the project that flagman understands.
///
/// `.gitignore` is respected. Symbolic links are recorded and never followed; what is no plain file (a named pipe, a socket, a
/// device) is recorded and never opened.
///
/// # Errors
/// If `root` is not a folder, or what says what is ignored in it is no plain file. A single file that cannot be read is no error: it is in [`View::skipped`].
pub fn read_folder(root: &Path, sources: &mut Sources) -> Result<View, WorkspaceError> {
    if !root.is_dir() {
        return Err(WorkspaceError::NotAFolder { path: root.to_owned() });
    }
    // The walker looks above the project as well.
    if let Some((path, reason)) = root.ancestors().find_map(trap) {
        return Err(WorkspaceError::Ignoring { path, reason });
    }
    let Walk {
        found,
        mut skipped,
        mut folders,
    } = walk(root);
    let entries: Vec<Entry> = found
        .into_par_iter()
        .map(|(path, size)| read_entry(root, path, size))
        .collect();
    let (mut view, mut large) = (View::default(), 0);
    for entry in entries {
        match entry {
            Entry::Text(path, text) if over(&text) && too_many(&mut large, &text) => {
                let (bytes, limit) = (text.len() as u64, SIZE_LIMIT);
                view.unread.insert(path.clone());
                let reason = SkipReason::TooLarge { bytes, limit };
                skipped.push(Skipped { path, reason });
            }
            Entry::Text(path, text) => {
                let id = sources.add(path.clone(), text);
                view.files.insert(path, id);
            }
            Entry::Unread(path) => {
                view.unread.insert(path);
            }
            Entry::Skipped(skip) => {
                view.unread.insert(skip.path.clone());
                skipped.push(skip);
            }
        }
    }
    skipped.sort();
    folders.sort();
    (view.skipped, view.folders) = (skipped, folders);
    Ok(view)
}

/// What the walk came by.
#[derive(Default)]
struct Walk {
    /// Every plain file with its size, sorted.
    found: Vec<(RepoPath, u64)>,
    /// What flagman would read and cannot, or cannot enter.
    skipped: Vec<Skipped>,
    /// See [`View::folders`].
    folders: Vec<Skipped>,
}

/// One thing of the walk.
enum Step {
    File(RepoPath, u64),
    Skipped(Skipped),
    Folder(Skipped),
}

fn walk(root: &Path) -> Walk {
    let (sender, receiver) = std::sync::mpsc::channel::<Step>();
    let walker = walker(root, sender.clone());
    walker.run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            if let Some(step) = look(root, entry) {
                // The receiver lives until the walk is over.
                let _ = sender.send(step);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let mut walk = Walk::default();
    for step in receiver {
        match step {
            Step::File(path, size) => walk.found.push((path, size)),
            Step::Skipped(skip) => walk.skipped.push(skip),
            Step::Folder(folder) => {
                if matches!(folder.reason, SkipReason::Unreadable(_)) {
                    walk.skipped.push(folder.clone());
                }
                walk.folders.push(folder);
            }
        }
    }
    walk.found.sort();
    walk
}

/// The walker. Folders whose `.gitignore` it must not open are told to `sender` and not entered.
fn walker(root: &Path, sender: Sender<Step>) -> ignore::WalkParallel {
    let top = root.to_owned();
    WalkBuilder::new(root)
        .hidden(false)
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(move |entry| {
            if entry.file_name().to_str().is_some_and(|name| NEVER.contains(&name)) {
                return false;
            }
            let is_folder = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir());
            let Some((file, reason)) = is_folder.then(|| trap(entry.path())).flatten() else {
                return true;
            };
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let (Some(path), _) = named(&top, entry.path()) {
                let reason = SkipReason::Unreadable(format!("its {name} is not opened: {reason}"));
                let _ = sender.send(Step::Folder(Skipped { path, reason }));
            }
            false
        })
        .threads(std::thread::available_parallelism().map_or(2, |n| n.get().min(8)))
        .build_parallel()
}

/// The file in `folder` that the walker would open and that is no small plain file: opening it may never come to an end.
fn trap(folder: &Path) -> Option<(PathBuf, SkipReason)> {
    IGNORING.iter().find_map(|name| {
        let path = folder.join(name);
        // A link is followed here, as the walker does.
        let found = fs::metadata(&path).ok()?;
        match odd(found.file_type()) {
            Some("folder") => None,
            Some(what) => Some((path, SkipReason::NotAFile(what))),
            None => too_large(found.len()).map(|reason| (path, reason)),
        }
    })
}

fn too_large(bytes: u64) -> Option<SkipReason> {
    let limit = SIZE_LIMIT;
    (bytes > limit).then_some(SkipReason::TooLarge { bytes, limit })
}

/// What this is, if it is no plain file.
fn odd(kind: fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("named pipe");
        }
        if kind.is_socket() {
            return Some("socket");
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Some("device");
        }
    }
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("folder")
    } else {
        Some("special file")
    }
}

/// The path within the project as far as it can be said, and whether that is the whole truth: a name may be no UTF-8, or hold a `\`,
/// which stands for `/` in every [`RepoPath`].
fn named(root: &Path, path: &Path) -> (Option<RepoPath>, bool) {
    let Ok(inside) = path.strip_prefix(root) else {
        return (None, false);
    };
    let text = inside.to_string_lossy();
    let whole = inside.to_str().is_some() && !(cfg!(unix) && text.contains('\\'));
    let shown = if whole {
        text.into_owned()
    } else {
        text.replace('\\', "\u{fffd}")
    };
    (RepoPath::new(&shown), whole)
}

/// A plain file, a thing to record, or nothing.
fn look(root: &Path, entry: Result<ignore::DirEntry, ignore::Error>) -> Option<Step> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return skipped_folder(root, &error).map(Step::Folder),
    };
    let kind = entry.file_type()?;
    let (path, whole) = named(root, entry.path());
    let path = path?;
    let readable = is_readable(&path);
    let reason = if kind.is_symlink() {
        SkipReason::Symlink
    } else if let Some(what) = odd(kind) {
        SkipReason::NotAFile(what)
    } else if !whole {
        SkipReason::Unnameable
    } else {
        return Some(Step::File(path, entry.metadata().map_or(0, |found| found.len())));
    };
    match reason {
        SkipReason::Symlink if !readable => Some(Step::Folder(Skipped { path, reason })),
        // What lies in a folder that cannot be named is recorded one by one.
        SkipReason::NotAFile("folder") => readable.then_some(Step::Folder(Skipped { path, reason })),
        reason => readable.then_some(Step::Skipped(Skipped { path, reason })),
    }
}

/// A folder that could not be listed.
fn skipped_folder(root: &Path, error: &ignore::Error) -> Option<Skipped> {
    let mut inner = error;
    let mut at: Option<&Path> = None;
    loop {
        inner = match inner {
            ignore::Error::WithPath { path, err } => {
                at = Some(path);
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    let path = at?.strip_prefix(root).ok()?.to_str().and_then(RepoPath::new)?;
    Some(Skipped {
        path,
        reason: SkipReason::Unreadable(inner.to_string()),
    })
}

fn read_entry(root: &Path, path: RepoPath, size: u64) -> Entry {
    if !is_readable(&path) {
        return Entry::Unread(path);
    }
    let limit = limit_of(&path);
    if size > limit {
        let reason = SkipReason::TooLarge { bytes: size, limit };
        return Entry::Skipped(Skipped { path, reason });
    }
    match read_bytes(&root.join(path.as_str()))
        .map_err(|error| SkipReason::Unreadable(error.to_string()))
        .and_then(|bytes| decode(&path, bytes))
    {
        Ok(text) => Entry::Text(path, text),
        Err(reason) => Entry::Skipped(Skipped { path, reason }),
    }
}

/// How large a file of this name may be, in bytes.
fn limit_of(path: &RepoPath) -> u64 {
    match Language::of(path) {
        Some(_) => CODE_LIMIT,
        None => SIZE_LIMIT,
    }
}

fn over(text: &str) -> bool {
    text.len() as u64 > SIZE_LIMIT
}

/// Adds a text to those beyond the usual size; true if they are too many with it.
fn too_many(large: &mut u64, text: &str) -> bool {
    let with = *large + text.len() as u64;
    let is_over = with > LARGE_IN_ALL;
    if !is_over {
        *large = with;
    }
    is_over
}

/// At most one byte more than the limit, however the file grows meanwhile.
fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(CODE_LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of one file that flagman knows by name (its configuration, its records); `None` where there is none. A link is
/// followed; what is no plain file is never opened. `limit` is in bytes.
///
/// # Errors
/// The reason why it is not read.
pub fn read_named(path: &Path, limit: u64) -> Result<Option<String>, SkipReason> {
    let unreadable = |error: std::io::Error| SkipReason::Unreadable(error.to_string());
    let found = match fs::metadata(path) {
        Ok(found) => found,
        // A link that leads nowhere is no file that is missing.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    if let Some(what) = odd(found.file_type()) {
        return Err(SkipReason::NotAFile(what));
    }
    let bytes = found.len();
    if bytes > limit {
        return Err(SkipReason::TooLarge { bytes, limit });
    }
    let mut text = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(limit).read_to_end(&mut text).map_err(unreadable)?;
    String::from_utf8(text).map(Some).map_err(|_| SkipReason::NotUtf8)
}

/// The bytes of a file as text.
///
/// # Errors
/// The reason why they are none that flagman reads: too many, binary, not UTF-8.
pub fn decode(path: &RepoPath, bytes: Vec<u8>) -> Result<String, SkipReason> {
    let is_large = bytes.len() as u64 > SIZE_LIMIT;
    let is_written = || bytes.len() / LINE <= bytes.iter().filter(|byte| **byte == b'\n').count();
    let limit = if is_large && is_written() && !is_generated(path, &bytes) {
        limit_of(path)
    } else {
        SIZE_LIMIT
    };
    if bytes.len() as u64 > limit {
        return Err(SkipReason::TooLarge {
            bytes: bytes.len() as u64,
            limit,
        });
    }
    if bytes.contains(&0) {
        return Err(SkipReason::Binary);
    }
    String::from_utf8(bytes).map_err(|_| SkipReason::NotUtf8)
}

#[cfg(test)]
mod tests;
