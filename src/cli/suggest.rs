//! What `flagman init` suggests: rules for the project's own helpers, and how many reads and definitions each would add. The counts are
//! those of a run with the rules, not estimates.

use std::fmt::Write as _;
use std::path::Path;

use super::failure::Failure;
use super::output::{Output, write_file};
use super::project::Project;
use crate::analysis::Analysis;
use crate::index::store::FactsStore;
use crate::index::suggest::{Form, Suggestion, rule_file, suggestions};
use crate::index::{CodeIndex, FlagRead, Wanted, build};
use crate::report::json::InitSuggestion;
use crate::report::text::counted;
use crate::rules::RuleSet;

/// More files of suggestions than this are none.
const FILES: usize = 20;

/// The id of a file of suggestions: the first, the second, …
fn id_of(nth: usize) -> String {
    match nth {
        0 => "project/suggested".to_owned(),
        more => format!("project/suggested-{}", more + 1),
    }
}

/// Suggestions that add something.
#[derive(Debug, Default)]
pub(super) struct Suggested {
    /// Each with the reads, definitions and forces that it adds.
    of: Vec<(Suggestion, Added)>,
    /// The rule file.
    pub(super) rules: String,
    /// Where it is written: among the project's own.
    pub(super) file: String,
}

impl Suggested {
    /// The suggestions for a project, each tried out.
    pub(super) fn of(project: &Project, analysis: &Analysis) -> Result<Self, Failure> {
        let rules = project.rules(&analysis.sources, &analysis.base)?;
        let found = suggestions(&analysis.sources, &analysis.base, &rules, &analysis.index);
        let is_free = |id: &String| !rules.files.iter().any(|file| file.id == *id);
        let Some(id) = (0..FILES).map(id_of).find(is_free).filter(|_| !found.is_empty()) else {
            return Ok(Self::default());
        };
        let file = format!(".flagman/rules/{}.toml", id.trim_start_matches("project/"));
        let mut tried = rules;
        let mut found = found;
        // A name that no rule can be written for is left out.
        found.retain(|one| {
            RuleSet::default()
                .add_project(&rule_file(&id, std::slice::from_ref(one)), &file)
                .is_ok()
        });
        if tried.add_project(&rule_file(&id, &found), &file).is_err() {
            return Ok(Self::default());
        }
        let store = FactsStore::default();
        let after = build::build(&analysis.sources, &analysis.base, &tried, &Wanted::default(), &store);
        let of = found.into_iter().map(|one| {
            let added = added(&after, &id, &one);
            (one, added)
        });
        // What sets a flag may have no test yet.
        let of: Vec<(Suggestion, Added)> = of.filter(|(one, added)| added.any() || one.forces()).collect();
        let kept: Vec<Suggestion> = of.iter().map(|(one, _)| one.clone()).collect();
        Ok(Self {
            of,
            rules: rule_file(&id, &kept),
            file,
        })
    }

    /// For people: each suggestion with what it adds.
    pub(super) fn said(&self, is_asked: bool) -> String {
        if self.of.is_empty() {
            return String::new();
        }
        let mut text = String::from("\nlooks like a flag, and no rule knows it:\n");
        for (one, added) in &self.of {
            let adds = if one.defines() {
                counted(added.definitions, "definition")
            } else if one.forces() {
                counted(added.forces, "force")
            } else {
                counted(added.reads, "read")
            };
            let _ = writeln!(text, "  {:<28} adds {adds} ({})", one.shown(), one.keys.join(", "));
        }
        if !is_asked {
            let _ = writeln!(text, "  flagman init --suggest writes these rules to {}", self.file);
        }
        text
    }

    /// For programs.
    pub(super) fn document(&self) -> Vec<InitSuggestion> {
        let one = |(one, added): &(Suggestion, Added)| InitSuggestion {
            id: one.id.clone(),
            shape: one.shown(),
            reads: added.reads,
            definitions: added.definitions,
            places: one.places,
            decides: one.decides,
            keys: one.keys.clone(),
        };
        self.of.iter().map(one).collect()
    }

    /// Writes the rule file; not over one that somebody may have edited.
    pub(super) fn write(&self, root: &Path, force: bool, output: &mut Output) -> Result<(), Failure> {
        let path = root.join(&self.file);
        if path.exists() && !force {
            return Err(Failure::usage(format!("there is a {} already", self.file)).hint("--force replaces it"));
        }
        write_file(&path, &self.rules, output)
    }
}

/// What a suggested rule found.
#[derive(Clone, Copy, Debug)]
struct Added {
    reads: usize,
    definitions: usize,
    forces: usize,
}

impl Added {
    fn any(self) -> bool {
        self.reads + self.definitions + self.forces > 0
    }
}

fn added(index: &CodeIndex, id: &str, one: &Suggestion) -> Added {
    let name = format!("{id}/{}", one.id);
    // With its map known, a function is a wrapper, and its calls are reads by the rule of the map.
    let called = |read: &FlagRead| match &one.form {
        Form::Call { name, .. } => read.rule.starts_with(id) && read.via.contains(name),
        _ => false,
    };
    Added {
        reads: index
            .reads
            .iter()
            .filter(|read| read.rule == name || called(read))
            .count(),
        definitions: index.definitions.iter().filter(|of| of.rule == name).count(),
        forces: index.forces.iter().filter(|of| of.rule == name).count(),
    }
}
