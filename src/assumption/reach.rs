//! How far apart two files are. Enters: the imports of the code. Leaves: the least number of imports from one file to another,
//! following run-time imports and re-exports only.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::index::CodeIndex;
use crate::source::{FileId, RepoPath};

/// The limit of the search: nothing farther is ever asked about.
const LIMIT: u32 = 4;

/// Distances from files, found once for each.
#[derive(Debug)]
pub struct Reach<'a> {
    imports: BTreeMap<&'a RepoPath, Vec<&'a RepoPath>>,
    files: HashMap<FileId, &'a RepoPath>,
    known: RefCell<HashMap<&'a RepoPath, HashMap<&'a RepoPath, u32>>>,
}

impl<'a> Reach<'a> {
    /// The distances of this code.
    #[must_use]
    pub fn of(index: &'a CodeIndex) -> Self {
        let mut imports: BTreeMap<&RepoPath, Vec<&RepoPath>> = BTreeMap::new();
        for edge in index.imports.iter().filter(|edge| !edge.type_only) {
            imports.entry(&edge.from).or_default().push(&edge.to);
        }
        let files = index.files.iter().map(|(path, facts)| (facts.file, path)).collect();
        Self {
            imports,
            files,
            known: RefCell::default(),
        }
    }

    /// The number of imports from `from` to the file; 0 for the file itself, `None` beyond the limit.
    pub fn distance(&self, from: &RepoPath, to: FileId) -> Option<u32> {
        let to = *self.files.get(&to)?;
        if from == to {
            return Some(0);
        }
        let from = *self.imports.get_key_value(from)?.0;
        self.known
            .borrow_mut()
            .entry(from)
            .or_insert_with(|| self.search(from))
            .get(to)
            .copied()
    }

    fn search(&self, from: &'a RepoPath) -> HashMap<&'a RepoPath, u32> {
        let (mut distances, mut queue) = (HashMap::from([(from, 0)]), VecDeque::from([(from, 0)]));
        while let Some((path, distance)) = queue.pop_front() {
            if distance == LIMIT {
                continue;
            }
            for next in self.imports.get(path).into_iter().flatten() {
                if !distances.contains_key(next) {
                    distances.insert(next, distance + 1);
                    queue.push_back((next, distance + 1));
                }
            }
        }
        distances
    }
}
