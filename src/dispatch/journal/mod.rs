//! The journal of a run. Enters: records, one after the other. Leaves: a file of JSON lines that is on the disk before anything follows
//! from it, and, after whatever happened, the longest prefix of it that is certain.
//!
//! Each line carries its number, a checksum of itself and the hash of the line before. A line that was cut off at the end is cut away and
//! reported; a line that is wrong in the middle is somebody's doing, and the journal is refused.

mod line;
#[cfg(test)]
mod tests;

pub use line::Loaded;

use super::event::{Effect, EffectId, Event};
use super::state::Setup;
use line::{Line, NO_HASH, hash, parse, seal};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The form of the records. Older forms stay readable; a newer one is refused.
pub const SCHEMA: &str = "flagman/journal/v1";

/// One line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum Record {
    /// The first line.
    Opened {
        /// [`SCHEMA`]
        schema: String,
        /// What the run starts from.
        setup: Box<Setup>,
    },
    /// An effect is about to be performed.
    Intent {
        /// Its number.
        effect: EffectId,
        /// The effect.
        what: Effect,
    },
    /// Something was learned.
    Learned {
        /// It.
        #[serde(flatten)]
        event: Event,
    },
}

/// Where records go.
pub trait Log {
    /// Puts a record where no crash can reach it. `at` is a time stamp for people.
    ///
    /// # Errors
    /// If that could not be done: then nothing may follow from the record.
    fn append(&mut self, at: &str, record: &Record) -> Result<(), JournalError>;
}

impl Log for Vec<Record> {
    fn append(&mut self, _: &str, record: &Record) -> Result<(), JournalError> {
        self.push(record.clone());
        Ok(())
    }
}

/// Why a journal could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refused.
    #[error("{}: {source}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An earlier record could not be written, so nothing may be any more.
    #[error("{}: an earlier record could not be written", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
    },
    /// A line in the middle is not what was written.
    #[error("{} is damaged at line {line}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// One-based.
        line: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// Written by a newer flagman.
    #[error("{} was written by another version of flagman ({what}); use that one", path.display())]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// What we do not know.
        what: String,
    },
    /// The records do not follow from each other under the rules of this version.
    #[error("the journal contradicts itself at record {record}: {why}")]
    Contradiction {
        /// One-based.
        record: usize,
        /// Where.
        why: &'static str,
    },
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    seq: u64,
    prev: String,
    broken: bool,
}

impl Journal {
    /// A new journal; there must be no file yet.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let wrong = disk(path);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(path)
            .map_err(&wrong)?;
        file.sync_all().map_err(&wrong)?;
        sync_folder(path).map_err(&wrong)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            seq: 0,
            prev: NO_HASH.to_owned(),
            broken: false,
        })
    }

    /// A journal that goes on, with what it holds. A torn tail is kept beside it, in `<name>.torn`, and cut away.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] or [`JournalError::OtherVersion`] if it cannot be trusted.
    pub fn go_on(path: &Path) -> Result<(Self, Loaded), JournalError> {
        let wrong = disk(path);
        let bytes = read(path)?;
        let loaded = parse(path, &bytes)?;
        let file = OpenOptions::new().append(true).open(path).map_err(&wrong)?;
        if loaded.torn > 0 {
            std::fs::write(path.with_extension("torn"), &bytes[loaded.whole..]).map_err(&wrong)?;
            file.set_len(loaded.whole as u64).map_err(&wrong)?;
            file.sync_all().map_err(&wrong)?;
        }
        let journal = Self {
            file,
            path: path.to_owned(),
            seq: loaded.records.len() as u64,
            prev: loaded.hash.clone(),
            broken: false,
        };
        Ok((journal, loaded))
    }

    /// What a journal holds, without touching it.
    ///
    /// # Errors
    /// As [`Journal::go_on`].
    pub fn load(path: &Path) -> Result<Loaded, JournalError> {
        parse(path, &read(path)?)
    }
}

impl Log for Journal {
    fn append(&mut self, at: &str, record: &Record) -> Result<(), JournalError> {
        if self.broken {
            return Err(JournalError::Broken {
                path: self.path.clone(),
            });
        }
        let line = Line {
            seq: self.seq + 1,
            prev: self.prev.clone(),
            at: at.to_owned(),
            record,
        };
        let wrong = disk(&self.path);
        let body = serde_json::to_string(&line).map_err(|error| wrong(io::Error::other(error)))?;
        let line = seal(&body);
        // After half a line nothing may follow, or the tear would be in the middle.
        self.broken = true;
        self.file.write_all(line.as_bytes()).map_err(&wrong)?;
        self.file.write_all(b"\n").map_err(&wrong)?;
        self.file.sync_data().map_err(&wrong)?;
        self.broken = false;
        self.seq += 1;
        self.prev = hash(line.as_bytes());
        Ok(())
    }
}

fn disk(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = path.to_owned();
    move |source| JournalError::Disk {
        path: path.clone(),
        source,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, JournalError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(disk(path)).map(|_| bytes)
}

/// A new name in a folder is on the disk only when the folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
