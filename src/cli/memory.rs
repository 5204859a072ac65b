//! What pairs of commits came to before. Enters: the commits and the cache. Leaves: what is known of each pair.
//!
//! A pair is known by the trees of both sides and of their base, and by all else that has a word in it: how git is told to merge here (settings,
//! `.gitattributes`), the project's configuration and rules, the names that are printed, and this program itself. So one new commit on one
//! branch leaves all pairs known but those of that branch, and nothing has to be thrown away.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::cache::{Cache, Fields, Kept, Reading};
use super::diffs::Diffs;
use super::failure::Failure;
use super::predict::SUBMODULE;
use crate::conflict::{Clash, FileCollision, LineRange, Prediction, PredictionVerdict};
use crate::git::{Bases, MergeBases, Oid, Repository};

/// Where it is kept.
const NAME: &str = "pairs";

/// Beyond so many bytes only what this run needed is kept.
const MOST: usize = 32 << 20;

/// What a pair is known by.
type Key = [u8; 32];

/// Two sides, by their places in the list.
type Pair = (usize, usize);

/// What is known of a pair.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Known {
    /// What a merge comes to.
    pub(super) prediction: Prediction,
    /// The pair as a part of the JSON document; nothing for a clean one, of which there is nothing to tell.
    pub(super) document: Option<serde_json::Value>,
    /// The pair as text: in short, and with every file.
    pub(super) text: [String; 2],
}

impl Known {
    /// What is told of it although it merges cleanly.
    fn findings(&self) -> &[serde_json::Value] {
        let findings = self.document.as_ref().and_then(|document| document.get("findings"));
        findings
            .and_then(serde_json::Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// True if the two merge cleanly and likely do not go together.
    pub(super) fn is_doubtful(&self) -> bool {
        self.findings().iter().any(|finding| finding["level"] != "note")
    }

    /// True if they surely do not.
    pub(super) fn is_broken(&self) -> bool {
        self.findings().iter().any(|finding| finding["level"] == "error")
    }
}

/// What was found out before.
#[derive(Debug)]
pub(super) struct Memory {
    cache: Cache,
    keys: BTreeMap<Pair, Key>,
    records: HashMap<Key, Vec<u8>>,
    learnt: bool,
}

/// The commits that are compared.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    /// Where they are checked out.
    pub(super) repository: &'a Repository,
    /// The environment whose flags count.
    pub(super) environment: &'a str,
    /// True if nothing is asked but what git decides.
    pub(super) textual: bool,
    /// What each is called, for programs and for people.
    pub(super) names: [&'a [&'a str]; 2],
    /// The commits.
    pub(super) tips: &'a [Oid],
    /// What they come from.
    pub(super) bases: &'a MergeBases,
    /// What they changed.
    pub(super) diffs: &'a Diffs,
}

impl Memory {
    /// What was found out before about these commits.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn of(compared: &Compared<'_>, cache: Cache, notes: &mut Vec<String>) -> Result<Self, Failure> {
        let mut memory = Self {
            keys: match cache.is_none() {
                true => BTreeMap::new(),
                false => keys(compared)?,
            },
            records: HashMap::new(),
            learnt: false,
            cache,
        };
        match memory.cache.read(NAME) {
            Kept::Bytes(bytes) => {
                let mut reading = Reading::of(&bytes);
                while let (Some(key), Some(record)) = (reading.next(), reading.next()) {
                    if let Ok(key) = Key::try_from(key) {
                        memory.records.insert(key, record.to_vec());
                    }
                }
            }
            Kept::Broken(path) => notes.push(format!("{} was broken and is made anew", path.display())),
            Kept::Nothing => {}
        }
        Ok(memory)
    }

    /// What is known of a pair.
    #[must_use]
    pub(super) fn recall(&self, pair: Pair) -> Option<Known> {
        read(self.records.get(self.keys.get(&pair)?)?, pair)
    }

    /// Keeps what was found out about a pair.
    pub(super) fn learn(&mut self, known: &Known) {
        // What nobody could tell may be told when what was missing is there: no key knows of that.
        if known.prediction.verdict == PredictionVerdict::Unknown {
            return;
        }
        // Nor of what is checked out of submodules.
        if known.prediction.files.iter().any(|file| file.kind == SUBMODULE) {
            return;
        }
        if let Some(key) = self.keys.get(&known.prediction.pair) {
            self.records.insert(*key, record(known));
            self.learnt = true;
        }
    }

    /// Writes it down, if anything is new.
    pub(super) fn keep(&self) {
        if !self.learnt {
            return;
        }
        let size: usize = self.records.values().map(Vec::len).sum();
        let used: std::collections::BTreeSet<&Key> = self.keys.values().collect();
        let mut records: Vec<(&Key, &Vec<u8>)> = self.records.iter().collect();
        records.retain(|(key, _)| size <= MOST || used.contains(key));
        records.sort();
        let mut fields = Fields::default();
        for (key, record) in records {
            fields.put(key);
            fields.put(record);
        }
        self.cache.write(NAME, fields.bytes());
    }
}

/// The keys of all pairs that have a base, or several.
fn keys(compared: &Compared<'_>) -> Result<BTreeMap<Pair, Key>, Failure> {
    let ground = ground(compared)?;
    let root = compared.repository.toplevel();
    let mut attributes: HashMap<Vec<u8>, Option<Key>> = HashMap::new();
    let mut ways: HashMap<(Oid, usize), Key> = HashMap::new();
    let mut keys = BTreeMap::new();
    for a in 0..compared.tips.len() {
        for b in a + 1..compared.tips.len() {
            let mut fields = Fields::default();
            fields.put(&ground);
            for side in [a, b] {
                compared
                    .names
                    .iter()
                    .for_each(|names| fields.put(names[side].as_bytes()));
            }
            match compared.bases.of(a, b) {
                Bases::None => continue,
                // The base that git makes of several hangs on the history.
                Bases::Several => {
                    fields.put(compared.tips[a].as_str().as_bytes());
                    fields.put(compared.tips[b].as_str().as_bytes());
                    fields.put(&whole(root));
                }
                Bases::One(base) => {
                    for commit in [&base, &compared.tips[a], &compared.tips[b]] {
                        let tree = compared.diffs.tree(commit);
                        fields.put(tree.map_or("", Oid::as_str).as_bytes());
                    }
                    for side in [a, b] {
                        let way = ways.entry((base.clone(), side)).or_insert_with(|| {
                            let folders = compared.diffs.folders(&base, side);
                            let root_too = std::iter::once(&[][..]).chain(folders.iter().map(Vec::as_slice));
                            way(root, root_too, &mut attributes)
                        });
                        fields.put(way);
                    }
                }
            }
            keys.insert((a, b), blake3::hash(fields.bytes()).into());
        }
    }
    Ok(keys)
}

/// What has a word in every pair: this program, git's settings, the project's configuration and rules, the environment, what is asked.
fn ground(compared: &Compared<'_>) -> Result<Key, Failure> {
    let repository = compared.repository;
    let mut fields = Fields::default();
    let program = std::env::current_exe()
        .ok()
        .and_then(|path| std::fs::metadata(path).ok());
    let built = program.as_ref().and_then(|facts| facts.modified().ok());
    let built = built.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    fields.put(env!("CARGO_PKG_VERSION").as_bytes());
    fields.put(&built.map_or(0, |time| time.as_nanos()).to_le_bytes());
    fields.put(&repository.merge_settings()?);
    fields.put(repository.prefix().as_bytes());
    fields.put(compared.environment.as_bytes());
    fields.number(usize::from(compared.textual));
    let project = repository.project();
    fields.put(&std::fs::read(project.join(crate::config::FILE_NAME)).unwrap_or_default());
    fields.put(&std::fs::read(repository.common_dir().join("info/attributes")).unwrap_or_default());
    let mut rules: Vec<_> = std::fs::read_dir(project.join(".flagman/rules"))
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    rules.sort();
    for rule in rules {
        fields.put(&std::fs::read(rule).unwrap_or_default());
    }
    Ok(blake3::hash(fields.bytes()).into())
}

/// How files in these folders are merged, by the attributes files of the work tree.
fn way<'a>(
    root: &Path,
    folders: impl Iterator<Item = &'a [u8]>,
    attributes: &mut HashMap<Vec<u8>, Option<Key>>,
) -> Key {
    let mut fields = Fields::default();
    for folder in folders {
        if !attributes.contains_key(folder) {
            let read = std::str::from_utf8(folder).ok();
            let read = read.and_then(|folder| std::fs::read(root.join(folder).join(".gitattributes")).ok());
            attributes.insert(folder.to_vec(), read.map(|bytes| blake3::hash(&bytes).into()));
        }
        if let Some(Some(hash)) = attributes.get(folder) {
            fields.put(folder);
            fields.put(hash);
        }
    }
    blake3::hash(fields.bytes()).into()
}

/// The attributes file at the root alone.
fn whole(root: &Path) -> Vec<u8> {
    std::fs::read(root.join(".gitattributes")).unwrap_or_default()
}

const VERDICTS: [PredictionVerdict; 4] = [
    PredictionVerdict::Conflict,
    PredictionVerdict::Overlap,
    PredictionVerdict::Clean,
    PredictionVerdict::Unknown,
];

fn record(known: &Known) -> Vec<u8> {
    let mut fields = Fields::default();
    let Prediction {
        pair: _,
        verdict,
        files,
        shared,
        why,
    } = &known.prediction;
    fields.number(VERDICTS.iter().position(|one| one == verdict).unwrap_or_default());
    fields.number(usize::from(why.is_some()));
    fields.put(why.as_deref().unwrap_or_default().as_bytes());
    fields.number(files.len());
    for file in files {
        fields.put(&file.path);
        fields.put(file.kind.as_bytes());
        fields.number(file.clashes.len());
        for clash in &file.clashes {
            for range in [clash.ours, clash.theirs] {
                fields.number(range.start as usize);
                fields.number(range.count as usize);
            }
        }
    }
    fields.number(shared.len());
    shared.iter().for_each(|path| fields.put(path));
    let document = known.document.as_ref().map(ToString::to_string);
    fields.put(document.unwrap_or_default().as_bytes());
    known.text.iter().for_each(|text| fields.put(text.as_bytes()));
    fields.bytes().to_vec()
}

fn read(record: &[u8], pair: Pair) -> Option<Known> {
    let mut reading = Reading::of(record);
    let verdict = *VERDICTS.get(reading.number()?)?;
    let is_told = reading.number()? == 1;
    let why = Some(reading.text()?.to_owned()).filter(|_| is_told);
    let mut files = Vec::new();
    for _ in 0..reading.number()? {
        let (path, kind) = (reading.next()?.to_vec(), reading.text()?.to_owned());
        let mut clashes = Vec::new();
        for _ in 0..reading.number()? {
            let mut range = || {
                Some(LineRange {
                    start: u32::try_from(reading.number()?).ok()?,
                    count: u32::try_from(reading.number()?).ok()?,
                })
            };
            clashes.push(Clash {
                ours: range()?,
                theirs: range()?,
            });
        }
        files.push(FileCollision { path, kind, clashes });
    }
    let mut shared = Vec::new();
    for _ in 0..reading.number()? {
        shared.push(reading.next()?.to_vec());
    }
    let document = reading.text()?;
    let document = match document {
        "" => None,
        text => Some(serde_json::from_str(text).ok()?),
    };
    Some(Known {
        prediction: Prediction {
            pair,
            verdict,
            files,
            shared,
            why,
        },
        document,
        text: [reading.text()?.to_owned(), reading.text()?.to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_was_found() {
        let range = |start| LineRange { start, count: 2 };
        let known = Known {
            prediction: Prediction {
                pair: (1, 4),
                verdict: PredictionVerdict::Conflict,
                files: vec![FileCollision {
                    path: b"a\xff".to_vec(),
                    kind: "content".to_owned(),
                    clashes: vec![Clash {
                        ours: range(1),
                        theirs: range(3),
                    }],
                }],
                shared: vec![b"b".to_vec()],
                why: None,
            },
            document: Some(serde_json::json!({"a": "x", "files": [1.5]})),
            text: ["short".to_owned(), "long".to_owned()],
        };
        let bytes = record(&known);
        assert_eq!(read(&bytes, (1, 4)), Some(known));
        assert!((0..bytes.len()).all(|end| read(&bytes[..end], (1, 4)).is_none()));
    }
}
