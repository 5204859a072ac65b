//! Where PRDs lie when nobody says so. Enters: `rules/prose/places.toml`, embedded. Leaves: [`Place`]s, in the order in which they count.

use std::sync::LazyLock;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use super::discover::{is_about, is_markdown};
use super::tasks::TaskList;
use crate::source::{RepoPath, View};

/// A place in which PRDs are looked for.
#[derive(Debug)]
pub struct Place {
    /// The planning tool whose layout it is; `None` for a folder of plain documents.
    pub tool: Option<String>,
    /// The glob by which flagman.toml would name its documents.
    pub glob: String,
    /// The folder below which all of them lie, without a `/` at its end.
    pub folder: String,
    files: Files,
    with: Vec<String>,
    but: Vec<GlobMatcher>,
    ending: Option<String>,
    /// What its one file, which is JSON, lists.
    tasks: Option<TaskList>,
}

#[derive(Debug)]
enum Files {
    /// Markdown directly in the folder.
    Inside,
    /// What the glob fits.
    Fitting(GlobMatcher),
}

/// A PRD as files.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file that gives the PRD its name.
    pub path: RepoPath,
    /// Further documents of the same PRD, in the order in which they are read.
    pub with: Vec<RepoPath>,
    /// The id that the layout gives it; `None` for the one that its path gives.
    pub id: Option<String>,
    /// It is JSON, and what it lists are the PRDs: in one of these forms.
    pub tasks: Vec<&'static TaskList>,
}

/// The forms in which planning tools list tasks.
#[must_use]
pub fn task_lists() -> Vec<&'static TaskList> {
    places().iter().filter_map(|place| place.tasks.as_ref()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    place: Vec<WrittenPlace>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPlace {
    folder: Option<String>,
    tool: Option<String>,
    files: Option<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    but: Vec<String>,
    ending: Option<String>,
    tasks: Option<TaskList>,
}

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let text = include_str!("../../rules/prose/places.toml");
    let written: Written =
        toml::from_str(text).unwrap_or_else(|error| panic!("BUG: rules/prose/places.toml: {}", error.message()));
    written.place.into_iter().map(Place::new).collect()
});

/// The places, best first.
#[must_use]
pub fn places() -> &'static [Place] {
    &PLACES
}

/// The first place that has a PRD.
#[must_use]
pub fn first(view: &View) -> Option<&'static Place> {
    places()
        .iter()
        .find(|place| view.files.keys().any(|path| place.has(path)))
}

impl Place {
    fn new(written: WrittenPlace) -> Self {
        let (glob, folder, files) = match (written.folder, written.files) {
            (Some(folder), None) => (format!("{folder}/*.md"), folder, Files::Inside),
            (None, Some(glob)) => {
                let fixed = glob.find(['*', '[', '{']).unwrap_or(glob.len());
                let folder = glob[..fixed].rsplit_once('/').map_or("", |(folder, _)| folder);
                (glob.clone(), folder.to_owned(), Files::Fitting(matcher(&glob)))
            }
            _ => panic!("BUG: rules/prose/places.toml: a place has either `folder` or `files`"),
        };
        Self {
            tool: written.tool,
            glob,
            folder,
            files,
            with: written.with,
            but: written.but.iter().map(|glob| matcher(glob)).collect(),
            ending: written.ending,
            tasks: written.tasks,
        }
    }

    /// True for the file that gives a PRD its name.
    #[must_use]
    pub fn has(&self, path: &RepoPath) -> bool {
        match &self.files {
            Files::Inside => path.parent() == self.folder && is_markdown(path) && !is_about(path),
            Files::Fitting(glob) => {
                glob.is_match(path.as_str()) && !self.but.iter().any(|but| but.is_match(path.file_name()))
            }
        }
    }

    /// How flagman.toml would name its documents in this tree: by its glob, or, where each has a place of its own, by their paths.
    #[must_use]
    pub fn named(&'static self, view: &View) -> Vec<String> {
        match &self.tasks {
            None => vec![self.glob.clone()],
            Some(_) => {
                let found = self.documents(view).into_iter();
                found.map(|document| document.path.to_string()).collect()
            }
        }
    }

    /// The PRDs of this place, sorted by path.
    #[must_use]
    pub fn documents(&'static self, view: &View) -> Vec<Document> {
        let found = view.files.keys().filter(|path| self.has(path));
        found.map(|path| self.document(view, path)).collect()
    }

    /// The PRD at `path`, which is one of this place.
    #[must_use]
    pub fn document(&'static self, view: &View, path: &RepoPath) -> Document {
        let folder = globset::escape(path.parent());
        let with = self.with.iter().flat_map(|name| {
            let glob = matcher(&format!("{folder}/{name}"));
            let fitting = view.files.keys().filter(move |path| glob.is_match(path.as_str()));
            fitting.cloned().collect::<Vec<_>>()
        });
        Document {
            path: path.clone(),
            with: with.collect(),
            id: self
                .ending
                .as_ref()
                .and_then(|ending| path.file_name().strip_suffix(ending.as_str()))
                .map(ToOwned::to_owned),
            tasks: self.tasks.iter().collect(),
        }
    }
}

fn matcher(glob: &str) -> GlobMatcher {
    GlobBuilder::new(glob)
        .literal_separator(true)
        .build()
        .unwrap_or_else(|error| panic!("BUG: rules/prose/places.toml: {error}"))
        .compile_matcher()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixture;

    fn check(tree: &str, tool: Option<&str>, expected: &[&str]) {
        let (_, view) = fixture(tree);
        let place = first(&view).unwrap();
        let documents = place.documents(&view).into_iter();
        let named = |document: Document| {
            let with = document.with.iter().map(|path| format!(" + {}", path.as_str()));
            format!("{}{}", document.path, with.collect::<String>())
        };
        assert_eq!(
            (place.tool.as_deref(), documents.map(named).collect::<Vec<_>>()),
            (tool, expected.iter().map(ToString::to_string).collect())
        );
    }

    #[test]
    fn a_folder_of_documents_counts_before_a_tool_and_a_tool_before_odd_folders() {
        check(
            "//- docs/prds/001-a.md\n//- docs/prds/README.md\n//- .kiro/specs/x/requirements.md\n//- docs/prds/old/c.md\n",
            None,
            &["docs/prds/001-a.md"],
        );
        check(
            "//- docs/plans/a.md\n//- .kiro/specs/x/requirements.md\n//- .kiro/specs/x/design.md\n",
            Some("Kiro"),
            &[".kiro/specs/x/requirements.md + .kiro/specs/x/design.md"],
        );
    }

    #[test]
    fn the_layouts_of_tools() {
        check(
            "//- specs/001-tax/spec.md\n//- specs/001-tax/plan.md\n//- specs/001-tax/tasks.md\n//- specs/001-tax/contracts/api.md\n//- specs/002-[x]/spec.md\n//- specs/002-[x]/plan.md\n",
            Some("spec-kit"),
            &[
                "specs/001-tax/spec.md + specs/001-tax/plan.md + specs/001-tax/tasks.md",
                "specs/002-[x]/spec.md + specs/002-[x]/plan.md",
            ],
        );
        check(
            "//- openspec/changes/add-tax/proposal.md\n//- openspec/changes/add-tax/specs/quotes/spec.md\n//- openspec/changes/archive/2026-old/proposal.md\n//- openspec/specs/quotes/spec.md\n",
            Some("OpenSpec"),
            &["openspec/changes/add-tax/proposal.md + openspec/changes/add-tax/specs/quotes/spec.md"],
        );
        check(
            "//- .claude/epics/tax/epic.md\n//- .claude/epics/tax/12.md\n//- .claude/epics/tax/12-analysis.md\n//- .claude/prds/tax.md\n",
            Some("ccpm"),
            &[".claude/epics/tax/12.md"],
        );
        check(
            "//- kitty-specs/tax/spec.md\n//- kitty-specs/tax/tasks/WP01-rates.md\n",
            Some("spec-kitty"),
            &["kitty-specs/tax/tasks/WP01-rates.md"],
        );
        check(
            "//- .planning/phases/03-tax/03-01-PLAN.md\n//- .planning/phases/03-tax/03-01-SUMMARY.md\n",
            Some("GSD"),
            &[".planning/phases/03-tax/03-01-PLAN.md"],
        );
    }
}
