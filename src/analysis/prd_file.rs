//! A document to read. Enters: where its texts are, and what a layout says of it. Leaves: its [`Prd`].

use crate::prd::{self, KnownNames, Prd};
use crate::source::{FileId, Sources};

/// A PRD file to read.
#[derive(Clone, PartialEq, Debug)]
pub struct PrdFile {
    /// Its text.
    pub file: FileId,
    /// Further documents of the same PRD.
    pub with: Vec<FileId>,
    /// The id that a planning tool's layout gives it.
    pub id: Option<String>,
    /// It is one task of a list, and `file` its own part of that.
    pub task: Option<prd::tasks::Task>,
    /// The plan of several within which alone its id counts.
    pub within: Option<prd::Within>,
}

impl PrdFile {
    /// A document of its own.
    #[must_use]
    pub fn alone(file: FileId) -> Self {
        Self {
            file,
            with: Vec::new(),
            id: None,
            task: None,
            within: None,
        }
    }

    pub(super) fn read(&self, sources: &Sources, names: &KnownNames) -> Prd {
        let mut prd = match &self.task {
            Some(task) => prd::read_task(sources, self.file, task, names),
            None => prd::read_whole(sources, self.file, &self.with, self.id.as_deref(), names),
        };
        if let Some(within) = &self.within {
            within.name_whole(&mut prd);
        }
        prd
    }

    /// Every text of it.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        std::iter::once(self.file).chain(self.with.iter().copied())
    }
}
