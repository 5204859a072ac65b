//! Which test files a flip may break. Enters: the code with every file parsed. Leaves: for a flag the test files with a test that needs
//! it, and those that reach a read of it without setting it themselves; and for a test file all that it reaches.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Analysis;
use crate::assumption::proof::Proofs;
use crate::assumption::tests_need::{Ground, sets};
use crate::flag::FlagKey;
use crate::source::RepoPath;

use super::manifest::package_of;

/// Who imports whom, both ways.
#[derive(Debug)]
pub struct Paths<'a> {
    analysis: &'a Analysis,
    imports: BTreeMap<&'a RepoPath, BTreeSet<&'a RepoPath>>,
    importers: BTreeMap<&'a RepoPath, BTreeSet<&'a RepoPath>>,
    tests: BTreeMap<&'a RepoPath, Vec<usize>>,
    /// The Cargo package of each Rust file, and the files of each.
    package: BTreeMap<&'a RepoPath, String>,
    files: BTreeMap<String, Vec<&'a RepoPath>>,
}

impl<'a> Paths<'a> {
    /// The paths of this code. Every file of a Cargo package counts as reached by each of the others: code names what it uses in full
    /// as often as it imports it, and the package is what is built and run.
    #[must_use]
    pub fn of(analysis: &'a Analysis) -> Self {
        let mut paths = Self {
            analysis,
            imports: BTreeMap::new(),
            importers: BTreeMap::new(),
            tests: BTreeMap::new(),
            package: BTreeMap::new(),
            files: BTreeMap::new(),
        };
        for path in analysis.base.files.keys().filter(|path| path.extension() == "rs") {
            if let Some(folder) = package_of(&analysis.base, path, "Cargo.toml") {
                paths.files.entry(folder.clone()).or_default().push(path);
                paths.package.insert(path, folder);
            }
        }
        for edge in analysis.index.imports.iter().filter(|edge| !edge.type_only) {
            paths.imports.entry(&edge.from).or_default().insert(&edge.to);
            paths.importers.entry(&edge.to).or_default().insert(&edge.from);
        }
        for (at, test) in analysis.index.tests.iter().enumerate() {
            paths.tests.entry(&test.path).or_default().push(at);
        }
        paths
    }

    /// The test files of a flag.
    #[must_use]
    pub fn candidates(&self, key: &FlagKey) -> BTreeSet<RepoPath> {
        let analysis = self.analysis;
        let needing = analysis
            .needs
            .iter()
            .filter(|need| need.flag == *key && need.needs.is_some());
        let mut found: BTreeSet<RepoPath> = needing
            .map(|need| analysis.index.tests[need.test].path.clone())
            .collect();
        let facts = analysis.flags.get(key);
        let reads = facts.into_iter().flat_map(|facts| &facts.reads);
        let places: BTreeSet<&RepoPath> = reads
            .map(|at| analysis.sources.path(analysis.index.reads[*at].span.file))
            .collect();
        let reaching = self.closure(places, &self.importers);
        for (path, tests) in &self.tests {
            if reaching.contains(path) && tests.iter().any(|test| !self.sets(*test, key)) {
                found.insert((*path).clone());
            }
        }
        found
    }

    /// Every test file.
    #[must_use]
    pub fn all(&self) -> BTreeSet<RepoPath> {
        self.tests.keys().map(|path| (*path).clone()).collect()
    }

    /// The tests of a file (indices into the index).
    #[must_use]
    pub fn tests(&self, path: &RepoPath) -> &[usize] {
        self.tests.get(path).map_or(&[], Vec::as_slice)
    }

    /// True if the test sees a value that is set for tests, whatever the default is.
    #[must_use]
    pub fn sets(&self, test: usize, key: &FlagKey) -> bool {
        let nothing = Proofs::default();
        let ground = Ground {
            sources: &self.analysis.sources,
            view: &self.analysis.base,
            index: &self.analysis.index,
            flags: &self.analysis.flags,
            ambient: self.analysis.settings.ambient,
            proofs: &nothing,
        };
        sets(&ground, test, key)
    }

    /// All that a file reaches, itself included, sorted.
    #[must_use]
    pub fn reach(&self, path: &RepoPath) -> Vec<RepoPath> {
        let Some((path, _)) = self.analysis.base.files.get_key_value(path) else {
            return vec![path.clone()];
        };
        let reached = self.closure(BTreeSet::from([path]), &self.imports);
        reached.into_iter().cloned().collect()
    }

    fn closure(
        &self,
        from: BTreeSet<&'a RepoPath>,
        steps: &BTreeMap<&'a RepoPath, BTreeSet<&'a RepoPath>>,
    ) -> BTreeSet<&'a RepoPath> {
        let mut found = from.clone();
        let mut packages: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&RepoPath> = from.into_iter().collect();
        while let Some(path) = open.pop() {
            let mut next: Vec<&'a RepoPath> = steps.get(path).into_iter().flatten().copied().collect();
            if let Some(folder) = self.package.get(path)
                && packages.insert(folder)
            {
                next.extend(&self.files[folder]);
            }
            for path in next {
                if found.insert(path) {
                    open.push(path);
                }
            }
        }
        found
    }
}
