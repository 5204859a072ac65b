//! What has to be parsed of the changes of several sides before anything can be told of two of them. Enters: [`Work`]s that left one base. Leaves:
//! the files of each that may break, use or make what another one has to do with; and which of them may turn a flag that another one names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::touched::{Flags, Touched, Word};
use super::work::Work;
use crate::lang::Language;
use crate::source::RepoPath;

/// Which sides have a word: one, or several.
#[derive(Default)]
struct Sayers(HashMap<Word, Option<usize>>);

impl Sayers {
    fn add(&mut self, word: Word, side: usize) {
        let known = self.0.entry(word).or_insert(Some(side));
        if *known != Some(side) {
            *known = None;
        }
    }

    /// True if another side has it.
    fn others(&self, word: Word, side: usize) -> bool {
        self.0.get(&word).is_some_and(|known| *known != Some(side))
    }
}

/// The changed files of code of a side.
fn code(work: &Work) -> impl Iterator<Item = (&RepoPath, &Touched)> {
    let of_code = |path: &RepoPath| Language::of(path).is_some_and(Language::is_built);
    let each = work.touched.iter().filter(move |(path, _)| of_code(path));
    each.map(|(path, touched)| (path, &**touched))
}

/// The files of each side without which something could be missed; the other files are asked for when a name leads to them.
#[must_use]
pub fn needed(works: &[&Work]) -> Vec<BTreeSet<RepoPath>> {
    let mut needed = vec![BTreeSet::new(); works.len()];
    let mut said = Sayers::default();
    for (side, work) in works.iter().enumerate() {
        for (_, touched) in code(work) {
            touched.said.iter().for_each(|word| said.add(*word, side));
        }
    }
    // What one may have taken away and another one says.
    let mut hot: HashSet<Word> = HashSet::new();
    let mut hot_at: HashMap<&RepoPath, HashSet<Word>> = HashMap::new();
    for (side, work) in works.iter().enumerate() {
        for (path, touched) in code(work) {
            let words: Vec<Word> = touched
                .lost
                .iter()
                .copied()
                .filter(|word| said.others(*word, side))
                .collect();
            if !words.is_empty() {
                hot.extend(&words);
                hot_at.entry(path).or_default().extend(words);
                needed[side].insert(path.clone());
            }
        }
    }
    let meets = |words: &HashSet<Word>, hot: &HashSet<Word>| match words.len() < hot.len() {
        true => words.iter().any(|word| hot.contains(word)),
        false => hot.iter().any(|word| words.contains(word)),
    };
    let twice = twice(works);
    for (side, work) in works.iter().enumerate() {
        let also = code(work).filter(|(path, touched)| {
            meets(&touched.said, &hot)
                || hot_at.get(path).is_some_and(|hot| meets(&touched.lost, hot))
                || twice
                    .get(place(path))
                    .is_some_and(|made| touched.made.iter().any(|word| made.others(*word, side)))
        });
        let also: Vec<RepoPath> = also.map(|(path, _)| path.clone()).collect();
        needed[side].extend(also);
    }
    needed
}

/// What is made in places that several sides changed.
fn twice<'w>(works: &[&'w Work]) -> BTreeMap<&'w str, Sayers> {
    let mut places: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for (side, work) in works.iter().enumerate() {
        for (path, _) in code(work) {
            let known = places.entry(place(path)).or_insert((side, false));
            known.1 |= known.0 != side;
        }
    }
    let mut made: BTreeMap<&str, Sayers> = BTreeMap::new();
    for (side, work) in works.iter().enumerate() {
        for (path, touched) in code(work).filter(|(path, _)| places[place(path)].1) {
            let of = made.entry(place(path)).or_default();
            touched.made.iter().for_each(|word| of.add(*word, side));
        }
    }
    made
}

/// Where a name can be only once: a file; Go: a package.
fn place(path: &RepoPath) -> &str {
    match path.extension() {
        "go" => path.parent(),
        _ => path.as_str(),
    }
}

/// The files of each side in which it may have turned a flag, or taken one away that a new line of another side names.
#[must_use]
pub fn may_turn(works: &[&Work]) -> Vec<BTreeSet<RepoPath>> {
    let mut said = Sayers::default();
    for (side, work) in works.iter().enumerate() {
        for touched in work.touched.values() {
            touched.said.iter().for_each(|word| said.add(*word, side));
        }
    }
    let of = |(side, work): (usize, &&Work)| {
        let may = work.touched.iter().filter(|(_, touched)| {
            let gone = |flags: &Flags| flags.faded.iter().any(|word| said.others(*word, side));
            touched.flags.as_ref().is_some_and(|flags| flags.turned || gone(flags))
        });
        may.map(|(path, _)| path.clone()).collect()
    };
    works.iter().enumerate().map(of).collect()
}
