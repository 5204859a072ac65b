//! `flagman conflicts --format json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::drift::DriftDocument;
use super::{Place, place};
use crate::assumption::Role;
use crate::conflict::meaning::{Breach, BreachKind, BreachPlace, Certainty};
use crate::conflict::{
    Basis, Clash, Deed, FileCollision, FileDetail, Group, ItemMeeting, LineRange, Order, PairDetail, Prediction,
    PredictionVerdict,
};
use crate::drift::Drift;
use crate::source::Sources;

/// Who collides with whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ConflictsDocument {
    /// `flagman/conflicts/v1`
    schema: &'static str,
    /// What was compared.
    items: Vec<String>,
    /// How many files of a work tree are not committed, by its item; work trees in which all is committed are left out.
    uncommitted: BTreeMap<String, usize>,
    /// True with `--textual`: only what git decides was looked for, so `findings`, `symbols` and `edits` are empty.
    #[serde(default)]
    textual: bool,
    /// The pairs; clean ones only with `--all`.
    pairs: Vec<PairDocument>,
    /// With `--prds`: what each PRD with a branch promised, and what the branch really touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    drift: Vec<DriftDocument>,
    /// Which of the items merge cleanly one after the other, with `--order`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<OrderDocument>,
}

/// In which order the items merge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct OrderDocument {
    /// The first is as large as it can be, the next has what is left, and so on; members in the order in which to merge.
    groups: Vec<Vec<MemberDocument>>,
    /// Who collides with several that are merged before, and with none of them alone.
    together: Vec<TogetherDocument>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct MemberDocument {
    item: String,
    /// Those of the first group that it would collide with.
    against: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct TogetherDocument {
    item: String,
    /// Those of its group that changed one of the files, too.
    with: Vec<String>,
    files: Vec<String>,
}

impl ConflictsDocument {
    /// The same of PRDs, with what became of their promises.
    #[must_use]
    pub fn promised(mut self, drift: &[Drift]) -> Self {
        self.drift = drift.iter().map(DriftDocument::of).collect();
        self
    }
}

/// Two items, and what a merge of them comes to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PairDocument {
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
    /// What both did in these files.
    overlaps: Vec<OverlapDocument>,
    /// What does not go together although it merges cleanly.
    findings: Vec<BreachDocument>,
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
    /// What documents say, before there is code.
    Touchpoints,
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
    /// The symbols to which both did something.
    edits: Vec<EditDocument>,
    /// False where only lines are known: the language is not read.
    read: bool,
}

/// A file that both changed and that merges cleanly.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct OverlapDocument {
    path: String,
    /// The symbols to which both did something.
    edits: Vec<EditDocument>,
    /// The lines that each changed.
    lines: SidesDocument,
    /// False where only lines are known: the language is not read.
    read: bool,
}

/// One side breaks what the other uses, or both add the same thing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct BreachDocument {
    /// `signature`, `removed`, `renamed`, `moved`, `added-twice`, `migration-slot`, `schema`, `route`, `key`, `fixture`, `flag`
    kind: &'static str,
    level: LevelDocument,
    /// What it is about.
    subject: String,
    /// One sentence.
    message: String,
    /// The places of either side.
    places: BreachPlaces,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum LevelDocument {
    /// Both sides are seen in code.
    Error,
    /// It is likely.
    Warning,
    /// It is possible.
    Note,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct BreachPlaces {
    a: Vec<Place>,
    b: Vec<Place>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct SidesDocument {
    a: Vec<RangeDocument>,
    b: Vec<RangeDocument>,
}

/// A symbol to which both did something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
struct EditDocument {
    symbol: String,
    /// `function`, `method`, `class`, `type`, `enum`, `constant`, `module`, `block`, `section`, `style rule`
    kind: &'static str,
    a: DeedDocument,
    b: DeedDocument,
}

/// What was done to a symbol.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase", tag = "did")]
enum DeedDocument {
    Added,
    Removed,
    /// It has another name now.
    Renamed {
        to: String,
    },
    /// It is called in another way now.
    Signature {
        from: String,
        to: String,
    },
    /// Lines of it.
    Changed {
        added: u32,
        removed: u32,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub(super) struct ClashDocument {
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
pub fn conflicts(
    sources: &Sources,
    (items, uncommitted): (&[&str], &[usize]),
    predictions: &[(&Prediction, &PairDetail)],
    all: bool,
) -> ConflictsDocument {
    let uncommitted = items.iter().zip(uncommitted).filter(|(_, count)| **count > 0);
    let told = predictions
        .iter()
        .filter(|(one, _)| all || one.verdict != PredictionVerdict::Clean);
    ConflictsDocument {
        schema: "flagman/conflicts/v1",
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        uncommitted: uncommitted.map(|(item, count)| ((*item).to_owned(), *count)).collect(),
        textual: false,
        pairs: told
            .map(|(prediction, detail)| pair(sources, items, prediction, detail))
            .collect(),
        drift: Vec::new(),
        order: None,
    }
}

/// In which order the items merge.
#[must_use]
pub fn order(items: &[&str], order: &Order) -> OrderDocument {
    let names = |sides: &[usize]| -> Vec<String> { sides.iter().map(|side| items[*side].to_owned()).collect() };
    let members = |group: &Group| {
        let each = group.members.iter().map(|(item, against)| MemberDocument {
            item: items[*item].to_owned(),
            against: names(against),
        });
        each.collect()
    };
    let together = order.together.iter().map(|one| TogetherDocument {
        item: items[one.item].to_owned(),
        with: names(&one.with),
        files: one.files.clone(),
    });
    OrderDocument {
        groups: order.groups.iter().map(members).collect(),
        together: together.collect(),
    }
}

/// One pair of the document.
#[must_use]
pub fn pair(sources: &Sources, items: &[&str], prediction: &Prediction, detail: &PairDetail) -> PairDocument {
    let [a, b] = [items[prediction.pair.0], items[prediction.pair.1]];
    let overlap = |path: &Vec<u8>| Some(overlap(path, detail.files.get(path)?));
    let lossy = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
    PairDocument {
        a: a.to_owned(),
        b: b.to_owned(),
        verdict: match prediction.verdict {
            PredictionVerdict::Conflict => VerdictDocument::Conflict,
            PredictionVerdict::Overlap => VerdictDocument::Overlap,
            PredictionVerdict::Clean => VerdictDocument::Clean,
            PredictionVerdict::Unknown => VerdictDocument::Unknown,
        },
        basis: match detail.basis {
            Basis::Merge => BasisDocument::Merge,
            Basis::Touchpoints => BasisDocument::Touchpoints,
        },
        files: prediction
            .files
            .iter()
            .map(|one| file(one, detail.files.get(&one.path)))
            .collect(),
        shared: prediction.shared.iter().map(lossy).collect(),
        overlaps: prediction.shared.iter().filter_map(overlap).collect(),
        findings: detail
            .breaches
            .iter()
            .map(|one| finding(sources, [a, b], one, detail.basis))
            .collect(),
        why: prediction.why.clone(),
    }
}

fn file(file: &FileCollision, detail: Option<&FileDetail>) -> FileDocument {
    let found = detail.map_or(&[][..], |detail| &detail.clashes);
    FileDocument {
        path: String::from_utf8_lossy(&file.path).into_owned(),
        kind: file.kind.clone(),
        symbols: detail.map_or_else(Vec::new, |detail| detail.at.iter().cloned().collect()),
        lines: file.clashes.iter().chain(found).map(clash).collect(),
        edits: detail.map_or_else(Vec::new, |detail| detail.meetings.iter().map(edit).collect()),
        read: detail.is_some_and(|detail| detail.read),
    }
}

fn finding(sources: &Sources, [a, b]: [&str; 2], breach: &Breach, basis: Basis) -> BreachDocument {
    let [does, other] = &breach.deeds;
    let role = match (basis, breach.kind) {
        (Basis::Touchpoints, _) => Role::Prd,
        (Basis::Merge, BreachKind::MigrationSlot | BreachKind::Schema) => Role::Migration,
        (Basis::Merge, _) => Role::Branch,
    };
    let places = |places: &[BreachPlace]| {
        let each = places.iter().map(|one| place(sources, one.span, role, &one.note));
        each.collect::<Vec<_>>()
    };
    BreachDocument {
        kind: breach.kind.word(),
        level: match breach.certainty {
            Certainty::Seen => LevelDocument::Error,
            Certainty::Likely => LevelDocument::Warning,
            Certainty::Possible => LevelDocument::Note,
        },
        subject: breach.subject.clone(),
        message: format!("{a} {does}, {b} {other}"),
        places: BreachPlaces {
            a: places(&breach.places[0]),
            b: places(&breach.places[1]),
        },
    }
}

fn overlap(path: &[u8], detail: &FileDetail) -> OverlapDocument {
    let [a, b] = detail
        .lines
        .each_ref()
        .map(|lines| lines.iter().map(|lines| range(*lines)).collect());
    OverlapDocument {
        path: String::from_utf8_lossy(path).into_owned(),
        edits: detail.meetings.iter().map(edit).collect(),
        lines: SidesDocument { a, b },
        read: detail.read,
    }
}

fn edit(meeting: &ItemMeeting) -> EditDocument {
    let deed = |deed: &Deed| match deed {
        Deed::Added => DeedDocument::Added,
        Deed::Removed => DeedDocument::Removed,
        Deed::Renamed(to) => DeedDocument::Renamed { to: to.clone() },
        Deed::Signature { from, to } => DeedDocument::Signature {
            from: from.clone(),
            to: to.clone(),
        },
        Deed::Changed { added, removed } => DeedDocument::Changed {
            added: *added,
            removed: *removed,
        },
    };
    EditDocument {
        symbol: meeting.name.clone(),
        kind: meeting.kind.word(),
        a: deed(&meeting.ours),
        b: deed(&meeting.theirs),
    }
}

fn range(range: LineRange) -> RangeDocument {
    RangeDocument {
        start: range.start,
        count: range.count,
    }
}

pub(super) fn clash(clash: &Clash) -> ClashDocument {
    ClashDocument {
        a: range(clash.ours),
        b: range(clash.theirs),
    }
}
