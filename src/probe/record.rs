//! What is kept of a probe. Enters: what tests showed. Leaves: the text of `.flagman/probe.json`, and back again the
//! [`Proofs`] that count in the gate. A later probe replaces what it has seen anew and keeps the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::assumption::proof::{Proof, Proofs, Seen};
use crate::flag::{FlagKey, FlagValue};
use crate::source::RepoPath;

/// Where the record lies, within the project.
pub const FILE_NAME: &str = ".flagman/probe.json";

/// The form of the record.
const SCHEMA: &str = "flagman/probe-record/v1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: String,
    /// The files that test files reach; `reach` holds their numbers, as ranges: `0-57 60`.
    paths: Vec<String>,
    files: Vec<TestFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
}

/// A run that has not come to its end: the next one of the same goes on from there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnderWay {
    /// A hash of everything that was asked and of every text of the project: any change makes it another run.
    pub asked: String,
    /// The flags that are done, sorted.
    pub done: BTreeSet<String>,
}

/// What a record says.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Record {
    /// What was seen.
    pub proofs: Proofs,
    /// The run that wrote it last, if it was interrupted.
    pub under_way: Option<UnderWay>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestFile {
    path: String,
    reach: String,
    flags: Vec<Flag>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flag {
    flag: String,
    content: String,
    tests: Vec<Test>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    suite: Vec<String>,
    name: String,
    /// `on`, `off`, or `either` for a test that passes with both.
    needs: String,
}

/// Reads a record.
///
/// # Errors
/// If it is none, with the reason.
pub fn parse(text: &str) -> Result<Record, String> {
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if document.schema != SCHEMA {
        return Err(format!("its schema is {:?}, not {SCHEMA:?}", document.schema));
    }
    let path = |text: &String| RepoPath::new(text).ok_or_else(|| format!("{text:?} is no path of the project"));
    let paths: Vec<RepoPath> = document.paths.iter().map(path).collect::<Result<_, _>>()?;
    let mut proofs = Proofs::default();
    for file in &document.files {
        let at = path(&file.path)?;
        proofs.reach.insert(at.clone(), numbered(&file.reach, &paths)?);
        for flag in &file.flags {
            for test in &flag.tests {
                proofs.proofs.push(Proof {
                    flag: FlagKey::new(&flag.flag),
                    path: at.clone(),
                    suite: test.suite.clone(),
                    name: test.name.clone(),
                    seen: seen(&test.needs)?,
                    content: flag.content.clone(),
                });
            }
        }
    }
    proofs.proofs.sort();
    let under_way = document.under_way;
    Ok(Record { proofs, under_way })
}

/// The paths whose numbers a text like `0-57 60` gives.
fn numbered(reach: &str, paths: &[RepoPath]) -> Result<Vec<RepoPath>, String> {
    let mut found = Vec::new();
    for range in reach.split_whitespace() {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let part = match (from.parse::<usize>(), to.parse::<usize>()) {
            (Ok(from), Ok(to)) if from <= to && to < paths.len() => paths.get(from..=to),
            _ => None,
        };
        found.extend_from_slice(part.ok_or_else(|| format!("`reach` has {range:?}, which is no range of `paths`"))?);
    }
    Ok(found)
}

/// Numbers as ranges.
fn ranges(mut numbers: Vec<usize>) -> String {
    numbers.sort_unstable();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match found.last_mut() {
            Some((_, to)) if *to + 1 >= number => *to = number,
            _ => found.push((number, number)),
        }
    }
    let word = |(from, to): &(usize, usize)| {
        if from == to {
            from.to_string()
        } else {
            format!("{from}-{to}")
        }
    };
    found.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn seen(word: &str) -> Result<Seen, String> {
    match word {
        "on" => Ok(Seen::Needs(FlagValue::On)),
        "off" => Ok(Seen::Needs(FlagValue::Off)),
        "either" => Ok(Seen::Neither),
        other => Err(format!("`needs` is {other:?}, not on, off or either")),
    }
}

/// The text of a record.
#[must_use]
pub fn text(Record { proofs, under_way }: &Record) -> String {
    let used: BTreeSet<&RepoPath> = proofs.proofs.iter().map(|proof| &proof.path).collect();
    let reached: BTreeSet<&RepoPath> = used
        .iter()
        .filter_map(|path| proofs.reach.get(*path))
        .flatten()
        .collect();
    let numbers: BTreeMap<&RepoPath, usize> = reached.iter().enumerate().map(|(at, path)| (*path, at)).collect();
    let file = |path: &&RepoPath| TestFile {
        path: path.as_str().to_owned(),
        reach: ranges(
            proofs
                .reach
                .get(*path)
                .into_iter()
                .flatten()
                .map(|path| numbers[path])
                .collect(),
        ),
        flags: flags_of(proofs, path),
    };
    let document = Document {
        schema: SCHEMA.to_owned(),
        paths: reached.iter().map(|path| path.as_str().to_owned()).collect(),
        files: used.iter().map(file).collect(),
        under_way: under_way.clone(),
    };
    let text = serde_json::to_string_pretty(&document).expect("BUG: a record has text keys and whole numbers");
    text + "\n"
}

fn flags_of(proofs: &Proofs, path: &RepoPath) -> Vec<Flag> {
    let mut flags: BTreeMap<(&FlagKey, &str), Vec<Test>> = BTreeMap::new();
    for proof in proofs.proofs.iter().filter(|proof| proof.path == *path) {
        let needs = match proof.seen {
            Seen::Needs(value) => value.word(),
            Seen::Neither => "either",
        };
        flags.entry((&proof.flag, &proof.content)).or_default().push(Test {
            suite: proof.suite.clone(),
            name: proof.name.clone(),
            needs: needs.to_owned(),
        });
    }
    let flag = |((flag, content), tests): ((&FlagKey, &str), Vec<Test>)| Flag {
        flag: flag.as_str().to_owned(),
        content: content.to_owned(),
        tests,
    };
    flags.into_iter().map(flag).collect()
}

/// The record with what a probe has seen: `tried` are the flags and files that it looked at, of which the older results go.
#[must_use]
pub fn merged(old: Proofs, new: Proofs, tried: &BTreeSet<(FlagKey, RepoPath)>) -> Proofs {
    // A file whose reach is another one now has results that rest on the old one: they go with it.
    let same_reach = |path: &RepoPath| {
        new.reach
            .get(path)
            .is_none_or(|reach| old.reach.get(path) == Some(reach))
    };
    let kept = old
        .proofs
        .iter()
        .filter(|proof| !tried.contains(&(proof.flag.clone(), proof.path.clone())) && same_reach(&proof.path));
    let mut proofs: Vec<Proof> = kept.cloned().chain(new.proofs).collect();
    proofs.sort();
    proofs.dedup();
    let mut reach = old.reach;
    reach.extend(new.reach);
    Proofs { proofs, reach }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proofs(flag: &str, seen: Seen, reach: &[&str]) -> Proofs {
        let path = |text: &&str| RepoPath::new(text).expect("a path");
        let at = path(&"a.test.ts");
        let proof = Proof {
            flag: FlagKey::new(flag),
            path: at.clone(),
            suite: vec!["s".to_owned()],
            name: "t".to_owned(),
            seen,
            content: "c".to_owned(),
        };
        Proofs {
            proofs: vec![proof],
            reach: [(at, reach.iter().map(path).collect())].into(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seen in [Seen::Needs(FlagValue::On), Seen::Needs(FlagValue::Off), Seen::Neither] {
            let done = ["k".to_owned()].into();
            let asked = "h".to_owned();
            for under_way in [None, Some(UnderWay { asked, done })] {
                let proofs = proofs("k", seen, &["a.test.ts", "a.ts", "b.ts"]);
                let record = Record { proofs, under_way };
                assert_eq!(parse(&text(&record)), Ok(record));
            }
        }
    }

    #[test]
    fn what_is_no_record_is_refused_with_a_reason() {
        let good = text(&Record {
            proofs: proofs("k", Seen::Neither, &["a.ts"]),
            under_way: None,
        });
        for (from, to, says) in [
            ("v1", "v9", "schema"),
            ("\"either\"", "\"maybe\"", "maybe"),
            ("a.ts", "../a.ts", "no path"),
            ("{", "", "expected"),
            ("\"0\"", "\"0-99999999999\"", "no range"),
            ("\"0\"", "\"3-1\"", "no range"),
        ] {
            let error = parse(&good.replacen(from, to, 1)).expect_err("refused");
            assert!(error.contains(says), "{from}: {error}");
        }
    }

    #[test]
    fn a_later_probe_replaces_what_it_has_seen_and_keeps_the_rest() {
        let at = RepoPath::new("a.test.ts").expect("a path");
        let tried = BTreeSet::from([(FlagKey::new("k"), at)]);
        let merge = |old: Proofs, new: Proofs| {
            let merged = merged(old, new, &tried);
            merged
                .proofs
                .iter()
                .map(|proof| (proof.flag.to_string(), proof.seen))
                .collect::<Vec<_>>()
        };
        let new = || proofs("k", Seen::Needs(FlagValue::On), &["a.ts"]);
        let on = ("k".to_owned(), Seen::Needs(FlagValue::On));
        assert_eq!(
            merge(proofs("k", Seen::Neither, &["a.ts"]), new()),
            std::slice::from_ref(&on)
        );
        let other = ("j".to_owned(), Seen::Neither);
        assert_eq!(merge(proofs("j", Seen::Neither, &["a.ts"]), new()), [other, on.clone()]);
        assert_eq!(merge(proofs("j", Seen::Neither, &["b.ts"]), new()), [on]);
    }
}
