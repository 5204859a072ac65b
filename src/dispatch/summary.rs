//! What the dispatcher knows of the plan. Enters: the plan, told by whoever made it. Leaves: [`PlanSummary`], which goes into the journal
//! whole. Must not know how a plan is made.

use crate::prd::PrdId;
use serde::{Deserialize, Serialize};

/// The plan as the dispatcher follows it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PlanSummary {
    /// In order; the PRDs of each phase in the order in which they land.
    pub phases: Vec<Vec<PlannedPrd>>,
    /// Flips between phases: the dispatcher makes none of them, the handoff names them.
    #[serde(default)]
    pub barriers: Vec<PlannedFlip>,
    /// PRDs that no phase can take.
    #[serde(default)]
    pub unplanned: Vec<PrdId>,
    /// PRDs that somebody said to go without: they and what waits for them are in no phase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<PrdId>,
}

/// One PRD of the plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlannedPrd {
    /// Its id.
    pub id: PrdId,
    /// Its title.
    pub title: String,
    /// Its file, relative to the project.
    pub path: String,
    /// The branch that its agent works on; `None` for `prd/<id>`.
    #[serde(default)]
    pub branch: Option<String>,
    /// The PRDs that must have landed before.
    #[serde(default)]
    pub after: Vec<PrdId>,
    /// What it takes for granted, so that a failure can be traced to it.
    #[serde(default)]
    pub facts: Vec<UpstreamFact>,
}

/// Something upstream that a PRD takes for granted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct UpstreamFact {
    /// One phrase that is the same for every PRD that leans on it ("flag quote_snapshot_read is on").
    pub fact: String,
    /// Words by which the log of a failure gives it away: the flag's name, the file of a test, a guarded symbol.
    pub words: Vec<String>,
    /// Where it is said, for people (`docs/prds/003.md:18:27`).
    #[serde(default)]
    pub places: Vec<String>,
    /// What to type to make it so, if typing does it.
    #[serde(default)]
    pub command: Option<String>,
}

/// A flip that the plan puts between two phases.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlannedFlip {
    /// It comes before this phase.
    pub before_phase: u32,
    /// The flag.
    pub flag: String,
    /// `on` or `off`.
    pub to: String,
    /// The PRDs that need it.
    pub unlocks: Vec<PrdId>,
    /// The PRD that makes it by landing; `None` where a person does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<PrdId>,
}

impl PlanSummary {
    /// The PRD with this id.
    #[must_use]
    pub fn prd(&self, id: &PrdId) -> Option<&PlannedPrd> {
        self.phases.iter().flatten().find(|prd| prd.id == *id)
    }

    /// Sixteen hexadecimal digits that stand for the plan in the commits of a run.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }
}

impl PlannedPrd {
    /// The branch that its agent works on.
    #[must_use]
    pub fn branch(&self) -> String {
        let named = self
            .branch
            .as_deref()
            .filter(|name| crate::git::movable::is_branch_name(name));
        named.map_or_else(|| format!("prd/{}", folder_name(&self.id)), str::to_owned)
    }
}

/// A name for folders, refs and logs: letters, digits, `.`, `_` and `-`. Ids that are not such names keep what they can and get a
/// fingerprint, so that two of them never share one.
#[must_use]
pub fn folder_name(id: &PrdId) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let mut name: String =
        id.0.to_ascii_lowercase()
            .chars()
            .map(|c| if plain(c) { c } else { '-' })
            .take(48)
            .collect();
    while name.contains("..") {
        name = name.replace("..", ".");
    }
    let name = name.trim_matches(['.', '-', '_']).to_owned();
    if name == id.0 && !name.is_empty() && !name.ends_with(".lock") {
        return name;
    }
    let fingerprint = &blake3::hash(id.0.as_bytes()).to_hex()[..8];
    format!("{}-{fingerprint}", if name.is_empty() { "prd" } else { &name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_harmless_and_distinct() {
        assert_eq!(folder_name(&PrdId("011-tax".into())), "011-tax");
        let awkward = [
            "",
            ".",
            "..",
            "../../etc",
            "-x",
            "a/b",
            "a b",
            "A",
            "$(id)",
            "x.lock",
            "ünï",
            "a..b",
            &"x".repeat(300),
        ];
        let mut names: Vec<String> = awkward.iter().map(|id| folder_name(&PrdId((*id).to_owned()))).collect();
        for name in &names {
            let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
            assert!(
                name.chars().all(fine) && name.len() < 64 && !name.starts_with(['.', '-']) && !name.contains(".."),
                "{name}"
            );
            assert!(crate::git::movable::is_branch_name(&format!("prd/{name}")), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), awkward.len());
    }
}
