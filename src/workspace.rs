//! Reading a project. Enters: a folder, or the blobs of a commit. Leaves: texts in [`Sources`] and the [`View`] of the tree, with
//! every file that could not be read and why. The only module before `analysis` that touches the file system.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use crate::lang::Language;
use crate::source::{RepoPath, SkipReason, Skipped, Sources, View};

/// Files larger than this are not read: 1 MiB, more than any file that people write by hand.
pub const SIZE_LIMIT: u64 = 1 << 20;

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
}

/// True if flagman reads files of this name (code, documents, data).
#[must_use]
pub fn is_readable(path: &RepoPath) -> bool {
    let name = path.file_name();
    if LOCK_FILES.contains(&name) || OWN.contains(&path.as_str()) {
        return false;
    }
    Language::of(path).is_some()
        || DATA.contains(&path.extension())
        || name == ".env"
        || name.starts_with(".env.")
        || matches!(name, "CODEOWNERS" | "go.mod")
}

/// What became of one file of the walk.
enum Entry {
    Text(RepoPath, String),
    Unread(RepoPath),
    Skipped(Skipped),
}

/// Reads every file of the project that flagman understands.
///
/// `.gitignore` is respected, symbolic links are recorded and never followed, and what is no plain file is passed over.
///
/// # Errors
/// If `root` is not a folder. A single file that cannot be read is no error: it is in [`View::skipped`].
pub fn read_folder(root: &Path, sources: &mut Sources) -> Result<View, WorkspaceError> {
    if !root.is_dir() {
        return Err(WorkspaceError::NotAFolder { path: root.to_owned() });
    }
    let (found, mut skipped) = walk(root);
    let entries: Vec<Entry> = found
        .into_par_iter()
        .map(|(path, size)| read_entry(root, path, size))
        .collect();
    let mut view = View::default();
    for entry in entries {
        match entry {
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
    view.skipped = skipped;
    Ok(view)
}

/// Every plain file below `root` with its size, sorted; and the links and folders that were passed over.
fn walk(root: &Path) -> (Vec<(RepoPath, u64)>, Vec<Skipped>) {
    let (sender, receiver) = std::sync::mpsc::channel::<Result<(RepoPath, u64), Skipped>>();
    let walker = WalkBuilder::new(root)
        .hidden(false)
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| !entry.file_name().to_str().is_some_and(|name| NEVER.contains(&name)))
        .threads(std::thread::available_parallelism().map_or(2, |n| n.get().min(8)))
        .build_parallel();
    walker.run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            if let Some(found) = look(root, entry) {
                // The receiver lives until the walk is over.
                let _ = sender.send(found);
            }
            WalkState::Continue
        })
    });
    drop(sender);
    let (mut files, mut skipped) = (Vec::new(), Vec::new());
    for found in receiver {
        match found {
            Ok(file) => files.push(file),
            Err(skip) => skipped.push(skip),
        }
    }
    files.sort();
    (files, skipped)
}

/// A plain file, a thing to record as skipped, or nothing.
fn look(root: &Path, entry: Result<ignore::DirEntry, ignore::Error>) -> Option<Result<(RepoPath, u64), Skipped>> {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return skipped_folder(root, &error).map(Err),
    };
    let kind = entry.file_type()?;
    let path = entry.path().strip_prefix(root).ok()?.to_str().and_then(RepoPath::new)?;
    if kind.is_symlink() {
        return is_readable(&path).then_some(Err(Skipped {
            path,
            reason: SkipReason::Symlink,
        }));
    }
    if !kind.is_file() {
        return None;
    }
    let size = entry.metadata().map_or(0, |metadata| metadata.len());
    Some(Ok((path, size)))
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
    if size > SIZE_LIMIT {
        let reason = SkipReason::TooLarge {
            bytes: size,
            limit: SIZE_LIMIT,
        };
        return Entry::Skipped(Skipped { path, reason });
    }
    match read_bytes(&root.join(path.as_str()))
        .map_err(|error| SkipReason::Unreadable(error.to_string()))
        .and_then(decode)
    {
        Ok(text) => Entry::Text(path, text),
        Err(reason) => Entry::Skipped(Skipped { path, reason }),
    }
}

/// At most one byte more than the limit, however the file grows meanwhile.
fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a file as text.
///
/// # Errors
/// The reason why they are none that flagman reads: too many, binary, not UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, SkipReason> {
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(SkipReason::TooLarge {
            bytes: bytes.len() as u64,
            limit: SIZE_LIMIT,
        });
    }
    if bytes.contains(&0) {
        return Err(SkipReason::Binary);
    }
    String::from_utf8(bytes).map_err(|_| SkipReason::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, bytes: &[u8]) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn what_cannot_be_read_is_recorded_and_what_is_ignored_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "src/a.ts", b"export {}");
        write(root, "src/binary.ts", b"a\0b");
        write(root, "src/latin.ts", b"// caf\xe9");
        write(root, "src/huge.json", &vec![b' '; SIZE_LIMIT as usize + 1]);
        write(root, "logo.png", b"\x89PNG");
        write(root, ".gitignore", b"/out\n");
        write(root, "out/a.ts", b"");
        write(root, "node_modules/x/index.ts", b"");
        std::os::unix::fs::symlink("/etc/hostname", root.join("src/link.ts")).unwrap();
        let mut sources = Sources::default();
        let view = read_folder(root, &mut sources).unwrap();
        let files: Vec<_> = view.files.keys().map(RepoPath::as_str).collect();
        assert_eq!(files, ["src/a.ts"]);
        let skipped: Vec<_> = view
            .skipped
            .iter()
            .map(|skip| format!("{}: {}", skip.path, skip.reason))
            .collect();
        assert_eq!(
            skipped,
            [
                "src/binary.ts: binary".to_owned(),
                format!("src/huge.json: larger than {SIZE_LIMIT} bytes ({})", SIZE_LIMIT + 1),
                "src/latin.ts: not UTF-8".to_owned(),
                "src/link.ts: symbolic link, not followed".to_owned(),
            ]
        );
        assert!(view.exists(&RepoPath::new("logo.png").unwrap()));
        assert!(!view.exists(&RepoPath::new("out/a.ts").unwrap()));
    }

    #[test]
    fn a_named_pipe_does_not_hang_the_walk() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe.ts"))
            .status();
        if !made.is_ok_and(|status| status.success()) {
            println!("skipped: no mkfifo");
            return;
        }
        let view = read_folder(folder.path(), &mut Sources::default()).unwrap();
        assert!(view.files.is_empty());
    }

    #[test]
    fn a_file_is_no_project() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(
            read_folder(file.path(), &mut Sources::default()),
            Err(WorkspaceError::NotAFolder { .. })
        ));
    }
}
