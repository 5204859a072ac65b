//! The journal of a run. Enters: records, one after the other. Leaves: a file of JSON lines that is on the disk before anything follows
//! from it, and, after whatever happened, the longest prefix of it that is certain.
//!
//! Each line carries its number, a checksum of itself and the hash of the line before. A line that was cut off at the end is cut away and
//! reported; a line that is wrong in the middle is somebody's doing, and the journal is refused.

use super::event::{Effect, EffectId, Event};
use super::state::Setup;
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

#[derive(Serialize, Deserialize)]
struct Line<R> {
    seq: u64,
    prev: String,
    at: String,
    #[serde(flatten)]
    record: R,
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// The certain records.
    pub records: Vec<Record>,
    /// The time stamp of the last one.
    pub last_at: String,
    /// Bytes at the end that no record could be made of.
    pub torn: usize,
    whole: usize,
    hash: String,
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

const NO_HASH: &str = "0000000000000000";
const PREFIX: &str = "{\"crc\":\"";

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

/// `{"crc":"xxxxxxxx",` and the body without its brace: the checksum covers all that follows it.
fn seal(body: &str) -> String {
    let rest = body.strip_prefix('{').unwrap_or(body);
    format!("{PREFIX}{:08x}\",{rest}", crc32fast::hash(rest.as_bytes()))
}

/// The JSON of a line whose checksum is right.
fn unseal(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let (sum, rest) = line.strip_prefix(PREFIX)?.split_once("\",")?;
    let right = sum.len() == 8 && u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(rest.as_bytes());
    right.then(|| format!("{{{rest}"))
}

fn hash(line: &[u8]) -> String {
    blake3::hash(line).to_hex()[..16].to_owned()
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Loaded, JournalError> {
    let mut loaded = Loaded {
        hash: NO_HASH.to_owned(),
        ..Loaded::default()
    };
    while let Some(length) = bytes[loaded.whole..].iter().position(|byte| *byte == b'\n') {
        let line = &bytes[loaded.whole..loaded.whole + length];
        let damaged = |why| JournalError::Damaged {
            path: path.to_owned(),
            line: loaded.records.len() + 1,
            why,
        };
        let last = loaded.whole + length + 1 == bytes.len();
        let Some(body) = unseal(line) else {
            if last {
                break;
            }
            return Err(damaged("its checksum is wrong"));
        };
        let parsed = read_line(path, &body)?;
        if parsed.prev != loaded.hash {
            return Err(damaged("it does not follow the line before it"));
        }
        if parsed.seq != loaded.records.len() as u64 + 1 {
            return Err(damaged("its number is wrong"));
        }
        if matches!(parsed.record, Record::Opened { .. }) != loaded.records.is_empty() {
            return Err(damaged("a journal begins once"));
        }
        loaded.hash = hash(line);
        loaded.records.push(parsed.record);
        loaded.last_at = parsed.at;
        loaded.whole += length + 1;
    }
    loaded.torn = bytes.len() - loaded.whole;
    Ok(loaded)
}

fn read_line(path: &Path, body: &str) -> Result<Line<Record>, JournalError> {
    let other = |what: String| JournalError::OtherVersion {
        path: path.to_owned(),
        what,
    };
    // The schema first: a newer one may have records that we cannot even take apart.
    let value: serde_json::Value = serde_json::from_str(body).map_err(|error| other(error.to_string()))?;
    if let Some(schema) = value.get("schema").and_then(|schema| schema.as_str())
        && schema != SCHEMA
    {
        return Err(other(format!("its form is {schema}, this one knows {SCHEMA}")));
    }
    serde_json::from_value(value).map_err(|error| other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::event::Outcome;
    use super::super::policy::Policy;
    use super::super::summary::PlanSummary;
    use super::*;
    use crate::git::{Oid, RefMap};
    use proptest::prelude::*;

    fn records() -> Vec<Record> {
        let oid = Oid::parse(&"a".repeat(40)).expect("an id");
        let setup = Setup {
            run: "0001".to_owned(),
            plan: PlanSummary::default(),
            policy: Policy::default(),
            checks: vec!["tests\n\"quoted\"".to_owned()],
            release_branch: "release/next".to_owned(),
            tip: oid.clone(),
            landed_before: Vec::new(),
            refs: RefMap::from([("refs/heads/main".to_owned(), oid)]),
            protected: vec!["main".to_owned()],
            confined: false,
        };
        let opened = Record::Opened {
            schema: SCHEMA.to_owned(),
            setup: Box::new(setup),
        };
        let intent = Record::Intent {
            effect: EffectId(1),
            what: Effect::Handoff,
        };
        let learned = Record::Learned {
            event: Event::Finished {
                effect: EffectId(1),
                outcome: Outcome::Written,
                active_ms: 7,
            },
        };
        vec![opened, intent, learned]
    }

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("journal.jsonl");
        let mut journal = Journal::create(&path).expect("a journal");
        for record in records() {
            journal.append("now", &record).expect("written");
        }
        path
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let loaded = Journal::load(&path).expect("loads");
        assert_eq!(
            (loaded.records, loaded.torn, loaded.last_at.as_str()),
            (records(), 0, "now")
        );
        for line in std::fs::read_to_string(&path).expect("text").lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
            assert!(
                value["crc"].is_string() && value["seq"].is_u64() && value["record"].is_string(),
                "{line}"
            );
        }
    }

    #[test]
    fn a_journal_cut_anywhere_is_a_prefix_and_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let whole = std::fs::read(&path).expect("bytes");
        for length in 0..whole.len() {
            let loaded = parse(&path, &whole[..length]).expect("a cut is no damage");
            let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(loaded.records, records()[..lines]);
            assert_eq!(loaded.whole + loaded.torn, length);
        }
        std::fs::write(&path, &whole[..whole.len() - 3]).expect("written");
        let (mut journal, loaded) = Journal::go_on(&path).expect("goes on");
        assert!(loaded.torn > 0 && path.with_extension("torn").exists());
        journal.append("later", &records()[2]).expect("written");
        assert_eq!(Journal::load(&path).expect("loads").records, records());
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let whole = std::fs::read(&path).expect("bytes");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            match parse(&path, &bytes) {
                Ok(loaded) => {
                    assert!(loaded.records.len() < 3 && loaded.torn > 0, "byte {at}");
                    assert_eq!(loaded.records, records()[..loaded.records.len()]);
                }
                Err(JournalError::Damaged { .. }) => {}
                Err(other) => panic!("byte {at}: {other}"),
            }
        }
    }

    #[test]
    fn lines_that_were_taken_out_or_swapped_are_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path());
        let text = std::fs::read_to_string(&path).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        for order in [&[0, 2][..], &[0, 2, 1], &[1, 2], &[0, 1, 1], &[0, 0]] {
            let text: String = order.iter().map(|at| format!("{}\n", lines[*at])).collect();
            assert!(
                matches!(parse(&path, text.as_bytes()), Err(JournalError::Damaged { .. })),
                "{order:?}"
            );
        }
    }

    #[test]
    fn another_version_is_refused_by_name() {
        let path = Path::new("journal.jsonl");
        let line =
            seal(r#"{"seq":1,"prev":"0000000000000000","at":"","record":"opened","schema":"flagman/journal/v9"}"#);
        let error = parse(path, format!("{line}\n").as_bytes()).expect_err("refused");
        assert!(error.to_string().contains("flagman/journal/v9"), "{error}");
        let line = seal(r#"{"seq":1,"prev":"0000000000000000","at":"","record":"dreamt"}"#);
        let answer = parse(path, format!("{line}\n").as_bytes());
        assert!(matches!(answer, Err(JournalError::OtherVersion { .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(Path::new("journal.jsonl"), &bytes);
        }
    }
}
