//! `flagman conflicts --format json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::conflict::{Clash, FileCollision, LineRange, Prediction, PredictionVerdict};

/// Who collides with whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ConflictsDocument {
    /// `flagman/conflicts/v1`
    schema: &'static str,
    /// What was compared.
    items: Vec<String>,
    /// How many files of a work tree are not committed, by its item; work trees in which all is committed are left out.
    uncommitted: BTreeMap<String, usize>,
    /// The pairs; clean ones only with `--all`.
    pairs: Vec<PairDocument>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct PairDocument {
    /// One item.
    a: String,
    /// The other.
    b: String,
    /// What a merge of the two comes to.
    verdict: VerdictDocument,
    /// How that is known.
    basis: BasisDocument,
    /// Where they collide.
    files: Vec<FileDocument>,
    /// Files that both changed and that merge cleanly.
    shared: Vec<String>,
    /// Why nobody can tell, for `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum VerdictDocument {
    Conflict,
    Overlap,
    Clean,
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum BasisDocument {
    /// A real merge.
    Merge,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct FileDocument {
    path: String,
    /// `content`, `add-add`, `modify-delete`, `binary`, or what git calls it
    kind: String,
    /// What stands at these lines.
    symbols: Vec<String>,
    /// The lines of both sides, where they are known.
    lines: Vec<ClashDocument>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct ClashDocument {
    a: RangeDocument,
    b: RangeDocument,
}

/// One-based lines; `count` is 0 where lines only vanished before line `start`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct RangeDocument {
    start: u32,
    count: u32,
}

/// The document; `uncommitted` has the number of uncommitted files for each item, and `all` lists clean pairs, too.
#[must_use]
pub fn conflicts(items: &[&str], uncommitted: &[usize], predictions: &[Prediction], all: bool) -> ConflictsDocument {
    let uncommitted = items.iter().zip(uncommitted).filter(|(_, count)| **count > 0);
    let told = predictions
        .iter()
        .filter(|one| all || one.verdict != PredictionVerdict::Clean);
    ConflictsDocument {
        schema: "flagman/conflicts/v1",
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        uncommitted: uncommitted.map(|(item, count)| ((*item).to_owned(), *count)).collect(),
        pairs: told.map(|prediction| pair(items, prediction)).collect(),
    }
}

fn pair(items: &[&str], prediction: &Prediction) -> PairDocument {
    let lossy = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
    PairDocument {
        a: items[prediction.pair.0].to_owned(),
        b: items[prediction.pair.1].to_owned(),
        verdict: match prediction.verdict {
            PredictionVerdict::Conflict => VerdictDocument::Conflict,
            PredictionVerdict::Overlap => VerdictDocument::Overlap,
            PredictionVerdict::Clean => VerdictDocument::Clean,
            PredictionVerdict::Unknown => VerdictDocument::Unknown,
        },
        basis: BasisDocument::Merge,
        files: prediction.files.iter().map(file).collect(),
        shared: prediction.shared.iter().map(lossy).collect(),
        why: prediction.why.clone(),
    }
}

fn file(file: &FileCollision) -> FileDocument {
    FileDocument {
        path: String::from_utf8_lossy(&file.path).into_owned(),
        kind: file.kind.clone(),
        symbols: Vec::new(),
        lines: file.clashes.iter().map(clash).collect(),
    }
}

fn clash(clash: &Clash) -> ClashDocument {
    let range = |range: LineRange| RangeDocument {
        start: range.start,
        count: range.count,
    };
    ClashDocument {
        a: range(clash.ours),
        b: range(clash.theirs),
    }
}
