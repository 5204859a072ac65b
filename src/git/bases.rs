//! The merge bases of every pair among many commits, found together. Enters: commits. Leaves: [`MergeBases`].
//!
//! The history above what all have in common is read off git's files where that is short; else two calls of git, whatever the number of pairs: one for what all share, one for the history above it. Which commits two tips have in common,
//! and which of those are not behind another, is then a matter of sets of bits, passed from children to parents.

use super::{GitError, Oid, Repository};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What two commits come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bases {
    /// One commit.
    One(Oid),
    /// Several, none of which is behind another (a criss-cross history).
    Several,
    /// They have no history in common.
    None,
}

/// The merge bases of every pair of a list of commits.
#[derive(Clone, Debug)]
pub struct MergeBases {
    /// What all have in common, `None` if that is not one commit.
    shared: Option<Oid>,
    /// Pairs that have another base than [`MergeBases::shared`].
    pairs: BTreeMap<(usize, usize), Bases>,
}

impl MergeBases {
    /// The base of two commits, by their places in the list that was asked for.
    #[must_use]
    pub fn of(&self, a: usize, b: usize) -> Bases {
        match self.pairs.get(&(a.min(b), a.max(b))) {
            Some(bases) => bases.clone(),
            None => self.shared.clone().map_or(Bases::None, Bases::One),
        }
    }
}

impl Repository {
    /// The merge bases of all pairs of `tips`.
    ///
    /// # Errors
    /// If one of them is not a commit, or git fails.
    pub fn merge_bases(&self, tips: &[Oid]) -> Result<MergeBases, GitError> {
        let nothing = MergeBases {
            shared: tips.first().cloned(),
            pairs: BTreeMap::new(),
        };
        if tips.len() < 2 {
            return Ok(nothing);
        }
        if let Some((shared, history)) = self.history_inside(tips) {
            return Ok(MergeBases {
                pairs: pairs_above(tips, &shared, &history),
                shared: Some(shared),
            });
        }
        let octopus = self.call().args(["merge-base", "--octopus", "--all"]);
        let answer = octopus.args(tips.iter().map(Oid::as_str)).answer()?;
        let found: Vec<Oid> = words(&answer.stdout).filter_map(Oid::parse).collect();
        match (answer.code, &found[..]) {
            (Some(0), [shared]) => self.above(tips, shared),
            (Some(0 | 1), _) => self.one_by_one(tips),
            _ => answer.success("merge-base".to_owned()).map(|_| nothing),
        }
    }

    /// All merge bases of two commits.
    ///
    /// # Errors
    /// If one of them is not a commit, or git fails.
    pub fn all_merge_bases(&self, ours: &Oid, theirs: &Oid) -> Result<Vec<Oid>, GitError> {
        let call = self
            .call()
            .args(["merge-base", "--all", ours.as_str(), theirs.as_str()]);
        let answer = call.answer()?;
        match answer.code {
            Some(0 | 1) => Ok(words(&answer.stdout).filter_map(Oid::parse).collect()),
            _ => answer.success("merge-base".to_owned()).map(|_| Vec::new()),
        }
    }

    /// All tips stand on `shared`: what else pairs have in common is above it.
    fn above(&self, tips: &[Oid], shared: &Oid) -> Result<MergeBases, GitError> {
        let mut asked: String = tips.iter().flat_map(|tip| [tip.as_str(), "\n"]).collect();
        asked.push('^');
        asked.push_str(shared.as_str());
        asked.push('\n');
        let walk = ["rev-list", "--topo-order", "--parents", "--stdin"];
        let output = self.call().args(walk).stdin(asked.into_bytes()).output()?;
        let text = String::from_utf8_lossy(&output);
        let history: Option<Vec<Vec<Oid>>> = text
            .lines()
            .map(|line| line.split(' ').map(Oid::parse).collect())
            .collect();
        let history = history.ok_or_else(|| GitError::Unreadable {
            command: "rev-list",
            what: "lines that are no ids".to_owned(),
        })?;
        Ok(MergeBases {
            shared: Some(shared.clone()),
            pairs: pairs_above(tips, shared, &history),
        })
    }

    /// Where no single commit is behind all: git is asked for each pair.
    fn one_by_one(&self, tips: &[Oid]) -> Result<MergeBases, GitError> {
        let mut pairs = BTreeMap::new();
        for (a, left) in tips.iter().enumerate() {
            for (b, right) in tips.iter().enumerate().skip(a + 1) {
                let call = self.call().args(["merge-base", "--all", left.as_str(), right.as_str()]);
                let answer = call.answer()?;
                let mut found = words(&answer.stdout).filter_map(Oid::parse);
                let bases = match (found.next(), found.next()) {
                    (None, _) => Bases::None,
                    (Some(one), None) => Bases::One(one),
                    (Some(_), Some(_)) => Bases::Several,
                };
                pairs.insert((a, b), bases);
            }
        }
        Ok(MergeBases { shared: None, pairs })
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes
        .split(u8::is_ascii_whitespace)
        .filter_map(|word| std::str::from_utf8(word).ok())
        .filter(|word| !word.is_empty())
}

/// Which tips can reach a commit, one bit each.
#[derive(Clone, PartialEq, Eq)]
struct Tips(Vec<u64>);

impl Tips {
    fn none(of: usize) -> Self {
        Self(vec![0; of.div_ceil(64)])
    }

    fn add(&mut self, tip: usize) {
        self.0[tip / 64] |= 1 << (tip % 64);
    }

    fn has(&self, tip: usize) -> bool {
        self.0[tip / 64] >> (tip % 64) & 1 == 1
    }

    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(all, own)| *all |= own);
    }

    fn list(&self) -> Vec<usize> {
        (0..self.0.len() * 64).filter(|tip| self.has(*tip)).collect()
    }
}

/// The pairs that have another base than `shared`. `history` is what is above it, children before parents.
fn pairs_above(tips: &[Oid], shared: &Oid, history: &[Vec<Oid>]) -> BTreeMap<(usize, usize), Bases> {
    let on_shared = standing_on(shared, history);
    let mut reached: HashMap<&Oid, (Tips, Vec<Tips>)> = HashMap::new();
    let unseen = || (Tips::none(tips.len()), Vec::new());
    for (at, tip) in tips.iter().enumerate() {
        reached.entry(tip).or_insert_with(unseen).0.add(at);
    }
    let mut candidates: BTreeMap<(usize, usize), Vec<&Oid>> = BTreeMap::new();
    for (commit, parents) in history.iter().filter_map(|line| line.split_first()) {
        let Some((mine, children)) = reached.remove(commit) else {
            continue;
        };
        for pair in met_here(&mine, &children) {
            candidates.entry(pair).or_default().push(commit);
        }
        for parent in parents {
            let (all, each) = reached.entry(parent).or_insert_with(unseen);
            all.join(&mine);
            if !each.contains(&mine) {
                each.push(mine.clone());
            }
        }
    }
    candidates
        .into_iter()
        .map(|(pair, found)| {
            let above = found.iter().any(|commit| on_shared.contains(commit));
            let bases = match (&found[..], above) {
                ([one], true) => Bases::One((*one).clone()),
                _ => Bases::Several,
            };
            (pair, bases)
        })
        .collect()
}

/// The pairs of tips that meet in a commit and in none of its children.
fn met_here(mine: &Tips, children: &[Tips]) -> Vec<(usize, usize)> {
    if children.contains(mine) {
        return Vec::new();
    }
    let all = mine.list();
    let pairs = all
        .iter()
        .enumerate()
        .flat_map(|(at, a)| all[at + 1..].iter().map(|b| (*a, *b)));
    pairs
        .filter(|(a, b)| !children.iter().any(|child| child.has(*a) && child.has(*b)))
        .collect()
}

/// The commits that have `shared` behind them.
fn standing_on<'a>(shared: &Oid, history: &'a [Vec<Oid>]) -> HashSet<&'a Oid> {
    let mut found = HashSet::new();
    for (commit, parents) in history.iter().rev().filter_map(|line| line.split_first()) {
        if parents.iter().any(|parent| parent == shared || found.contains(parent)) {
            found.insert(commit);
        }
    }
    found
}
