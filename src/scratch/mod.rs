//! A copy of the project in which tests run. Enters: the repository, the user's uncommitted changes, the steps of a flip. Leaves: a
//! [`Scratch`] that the probe can work on, and nothing of it once it is dropped, whatever happens to this program. The user's work tree,
//! index and refs are only read.

// What the user changed and did not commit.
mod changes;
// Whatever happens, the copy goes.
mod guard;
// What is installed.
mod links;
// Programs in the copy.
mod run;

pub use links::{Installed, installed};

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::git::{GitError, Repository};
use crate::probe::drive::{Bench, Carried};
use crate::probe::lever::Step;
use crate::probe::order::Order;
use crate::source::{RepoPath, Sources};

use guard::Guard;

/// Why the copy could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file of the copy could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ScratchError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// What a copy is made of and what may happen in it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// With the user's uncommitted changes.
    pub uncommitted: bool,
    /// Ignored files and folders of the project that are copied, too.
    pub also: Vec<String>,
    /// Variables that tests may see beside the ordinary ones.
    pub pass_env: Vec<String>,
    /// How long one run may take.
    pub timeout: Duration,
}

/// A copy of the project.
pub struct Scratch<'a> {
    sources: &'a Sources,
    settings: Settings,
    /// Everything of ours lies below it.
    folder: PathBuf,
    /// The root of the user's work tree.
    original: PathBuf,
    /// The root of the copied work tree.
    top: PathBuf,
    /// The project in it.
    root: String,
    mark: String,
    /// The files that are edited just now.
    edited: Vec<RepoPath>,
    runs: u32,
    tell: Box<dyn FnMut(&str) + 'a>,
    // Dropped last: it removes the folder.
    _guard: Guard,
}

impl<'a> Scratch<'a> {
    /// Makes the copy: what is checked out, with the changes that are not committed, and what is installed linked into it.
    ///
    /// # Errors
    /// If there is no commit yet, or the disk refuses.
    pub fn make(
        repository: &Repository,
        sources: &'a Sources,
        settings: Settings,
        tell: Box<dyn FnMut(&str) + 'a>,
    ) -> Result<Self, ScratchError> {
        let temporary = tempfile::Builder::new().prefix("flagman-probe-").tempdir();
        let temporary = temporary.map_err(ScratchError::file(Path::new("the folder for temporary files")))?;
        let made = temporary
            .path()
            .canonicalize()
            .map_err(ScratchError::file(temporary.path()))?;
        let mark = format!(
            "probe-{}-{}",
            std::process::id(),
            made.file_name().unwrap_or_default().to_string_lossy()
        );
        let guard = Guard::set(&made, &mark).map_err(ScratchError::file(&made))?;
        // From here on the guard removes it, also where this program cannot.
        let folder = temporary.keep().canonicalize().unwrap_or(made);
        for inner in ["tmp", "results"] {
            let inner = folder.join(inner);
            fs::create_dir(&inner).map_err(ScratchError::file(&inner))?;
        }
        let top = folder.join("copy");
        let head = repository.head()?;
        repository.shared_clone(&top, "flagman-probe", &head, &[])?;
        if settings.uncommitted {
            changes::copy(repository, &top)?;
        }
        for path in &settings.also {
            changes::copy_also(&repository.project(), &top.join(repository.prefix()), path)?;
        }
        links::link(repository.toplevel(), &top)?;
        let root = top.join(repository.prefix());
        let root = root.to_string_lossy().trim_end_matches('/').to_owned();
        Ok(Self {
            sources,
            settings,
            folder,
            original: repository.toplevel().to_owned(),
            top,
            root,
            mark,
            edited: Vec::new(),
            runs: 0,
            tell,
            _guard: guard,
        })
    }

    fn write(&self, path: &RepoPath, text: &str) -> Result<(), ScratchError> {
        let at = Path::new(&self.root).join(path.as_str());
        fs::write(&at, text).map_err(ScratchError::file(&at))
    }
}

impl Bench for Scratch<'_> {
    type Error = ScratchError;

    fn root(&self) -> &str {
        &self.root
    }

    fn set(&mut self, steps: &[Step]) -> Result<(), ScratchError> {
        let mut edits: BTreeMap<&RepoPath, Vec<(crate::source::Span, &str)>> = BTreeMap::new();
        for step in steps {
            if let Step::Edit { path, place, text, .. } = step {
                edits.entry(path).or_default().push((*place, text));
            }
        }
        let files: BTreeMap<&RepoPath, String> = edits
            .into_iter()
            .map(|(path, edits)| (path, edited(self.sources, edits)))
            .collect();
        for path in std::mem::take(&mut self.edited) {
            // Written anew, not moved back: builds go by the time of the last change.
            let original = Path::new(&self.root).join(path.as_str());
            fs::copy(self.kept(&path), &original).map_err(ScratchError::file(&original))?;
        }
        for (path, text) in files {
            let at = Path::new(&self.root).join(path.as_str());
            let kept = self.kept(path);
            fs::copy(&at, &kept).map_err(ScratchError::file(&at))?;
            self.write(path, &text)?;
            self.edited.push(path.clone());
        }
        Ok(())
    }

    fn carry_out(&mut self, order: &Order) -> Result<Carried, ScratchError> {
        self.runs += 1;
        run::carry_out(self, order)
    }

    fn tell(&mut self, line: &str) {
        (self.tell)(line);
    }
}

impl Scratch<'_> {
    /// Where the original of an edited file is kept meanwhile.
    fn kept(&self, path: &RepoPath) -> PathBuf {
        let name = blake3::hash(path.as_str().as_bytes()).to_hex();
        self.folder.join("tmp").join(format!("original-{}", &name[..16]))
    }
}

/// The text of a file as it was analysed, with its edits. One that is edited as a whole is not edited in part.
fn edited(sources: &Sources, mut edits: Vec<(crate::source::Span, &str)>) -> String {
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.bytes.start));
    let Some((first, _)) = edits.first() else {
        return String::new();
    };
    let mut text = sources.file(first.file).text.to_string();
    for (place, new) in edits {
        text.replace_range(place.bytes.range(), new);
    }
    text
}
