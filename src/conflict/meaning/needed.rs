//! What has to be parsed of the changes of several sides before anything can be told of two of them. Enters: [`Work`]s that left one base, and
//! which two of them are compared. Leaves: the files of each that may break, use or make what the other one of a pair has to do with; and which
//! of them may turn a flag that the other one names.
//!
//! Of a pair one side has as a rule done little and the other much (all that a trunk has since, which many sides have in common): the words of the
//! small one are put together once, and asked for in each change of the others, once for all sides that have the change.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::touched::{Flags, Touched, Word, WordSet};
use super::work::Work;
use crate::source::RepoPath;

/// Two sides, by their places in a list.
type Pair = (usize, usize);

/// The words of a side's changes of code.
#[derive(Default)]
struct Words {
    said: WordSet,
    lost: WordSet,
}

impl Words {
    fn of(work: &Work) -> Self {
        let mut words = Self::default();
        for (_, touched) in code(work) {
            words.said.extend(&touched.said);
            words.lost.extend(&touched.lost);
        }
        words
    }
}

/// What a change has to do with the words of a side.
struct Meets {
    /// What it may have taken away and the side says.
    lost: Vec<Word>,
    /// What it says and the side may have taken away.
    said: Vec<Word>,
}

/// The changed files of code of a side.
fn code(work: &Work) -> impl Iterator<Item = (&RepoPath, &Arc<Touched>)> {
    work.touched.iter().filter(|(_, touched)| touched.code)
}

/// How much a side did, about.
fn size(work: &Work) -> usize {
    work.touched
        .values()
        .map(|touched| touched.said.len() + touched.lost.len() + 1)
        .sum()
}

/// The words that two sets have in common.
fn common(left: &WordSet, right: &WordSet) -> Vec<Word> {
    let (few, many) = if left.len() <= right.len() {
        (left, right)
    } else {
        (right, left)
    };
    few.iter().copied().filter(|word| many.contains(word)).collect()
}

fn meet(left: &WordSet, right: &WordSet) -> bool {
    let (few, many) = if left.len() <= right.len() {
        (left, right)
    } else {
        (right, left)
    };
    few.iter().any(|word| many.contains(word))
}

/// The pairs with the side that did less before the other one, those of one small side together.
fn by_size(works: &[&Work], pairs: &[Pair]) -> BTreeMap<usize, Vec<usize>> {
    let sizes: Vec<usize> = works.iter().map(|work| size(work)).collect();
    let mut sorted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (a, b) in pairs {
        let (few, many) = if (sizes[*a], *a) <= (sizes[*b], *b) {
            (*a, *b)
        } else {
            (*b, *a)
        };
        sorted.entry(few).or_default().push(many);
    }
    sorted
}

/// The files of each side without which something could be missed of these pairs; the other files are asked for when a name leads to them.
#[must_use]
pub fn needed(works: &[&Work], pairs: &[Pair]) -> Vec<BTreeSet<RepoPath>> {
    let mut needed = vec![BTreeSet::new(); works.len()];
    for (few, others) in by_size(works, pairs) {
        let words = Words::of(works[few]);
        let mut known: HashMap<*const Touched, Meets> = HashMap::new();
        for many in others {
            for (_, touched) in code(works[many]) {
                known.entry(Arc::as_ptr(touched)).or_insert_with(|| Meets {
                    lost: common(&touched.lost, &words.said),
                    said: common(&touched.said, &words.lost),
                });
            }
            let [own, other] = of_pair([works[few], works[many]], &known);
            needed[few].extend(own);
            needed[many].extend(other);
        }
    }
    needed
}

/// The files of both sides of a pair; `known` tells what the changes of the second have to do with the words of the first.
fn of_pair([few, many]: [&Work; 2], known: &HashMap<*const Touched, Meets>) -> [BTreeSet<RepoPath>; 2] {
    // What one may have taken away and the other one says, by who took it.
    let mut hot = [WordSet::default(), WordSet::default()];
    for (_, touched) in code(many) {
        let meets = &known[&Arc::as_ptr(touched)];
        hot[0].extend(&meets.said);
        hot[1].extend(&meets.lost);
    }
    let all: WordSet = hot[0].union(&hot[1]).copied().collect();
    let mut needed = [BTreeSet::new(), BTreeSet::new()];
    for (path, touched) in code(few) {
        if meet(&touched.said, &all) || meet(&touched.lost, &hot[0]) {
            needed[0].insert(path.clone());
        }
        for (path, other) in beside(many, path) {
            let twice = meet(&touched.made, &other.made);
            let same = common(&touched.lost, &other.lost);
            let unbound = meet(&touched.dropped, &other.said) || meet(&other.dropped, &touched.said);
            let imports = unbound || meet(&touched.brought, &other.brought);
            if twice || (imports && path.0 == path.1) || same.iter().any(|word| all.contains(word)) {
                needed[0].insert(path.0.clone());
                needed[1].insert(path.1.clone());
            }
        }
    }
    for (path, touched) in code(many) {
        let meets = &known[&Arc::as_ptr(touched)];
        if !meets.lost.is_empty() || !meets.said.is_empty() || meet(&touched.said, &hot[1]) {
            needed[1].insert(path.clone());
        }
    }
    needed
}

/// The changes of a side in the place of a file, where a name can be only once: the file itself; Go: all of the package. With both paths.
fn beside<'a>(work: &'a Work, path: &'a RepoPath) -> Vec<((&'a RepoPath, &'a RepoPath), &'a Touched)> {
    let own = |(other, touched): (&'a RepoPath, &'a Arc<Touched>)| ((path, other), &**touched);
    match path.extension() {
        "go" => {
            let package = code(work).filter(|(other, _)| other.extension() == "go" && other.parent() == path.parent());
            package.map(own).collect()
        }
        _ => {
            let same = work.touched.get_key_value(path).filter(|(_, touched)| touched.code);
            same.map(own).into_iter().collect()
        }
    }
}

/// The files of each side in which it may have turned a flag, or taken one away that a new line of the other side of a pair names.
#[must_use]
pub fn may_turn(works: &[&Work], pairs: &[Pair]) -> Vec<BTreeSet<RepoPath>> {
    let mut may = vec![BTreeSet::new(); works.len()];
    let turns = |touched: &Touched, said: &WordSet| {
        let of = |flags: &Flags| flags.turned || meet(&flags.faded, said);
        touched.flags.as_ref().is_some_and(of)
    };
    for (few, others) in by_size(works, pairs) {
        let (mut said, mut faded) = (WordSet::default(), WordSet::default());
        for touched in works[few].touched.values() {
            said.extend(&touched.said);
            faded.extend(touched.flags.iter().flat_map(|flags| &flags.faded));
        }
        // Whether a change turns a flag, and what it says of those that are gone.
        let mut known: HashMap<*const Touched, (bool, Vec<Word>)> = HashMap::new();
        for many in others {
            let mut missed = WordSet::default();
            for (path, touched) in &works[many].touched {
                let of = known.entry(Arc::as_ptr(touched));
                let (turned, says) = of.or_insert_with(|| (turns(touched, &said), common(&touched.said, &faded)));
                missed.extend(says.iter());
                if *turned {
                    may[many].insert(path.clone());
                }
            }
            let own = works[few].touched.iter().filter(|(_, touched)| turns(touched, &missed));
            may[few].extend(own.map(|(path, _)| path.clone()));
        }
    }
    may
}
