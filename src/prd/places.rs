//! Where PRDs lie when nobody says so. Enters: `rules/prose/places.toml`, embedded. Leaves: [`Place`]s, in the order in which they count.

use std::sync::LazyLock;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use super::discover::{is_about, is_markdown};
use super::status;
use super::tasks::TaskList;
use crate::source::{Bytes, RepoPath, View};

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
    done: Vec<(String, Vec<String>)>,
    /// A file beside a document, and the key there, that say of each how far it is.
    statuses: Option<(String, String)>,
    /// Where the documents of what is done lie.
    finished: Option<GlobMatcher>,
    /// A document belongs to the plan whose folder is at the first `*`.
    group: bool,
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
    /// The plan of several that it belongs to, if its id counts within that alone.
    pub group: Option<String>,
    /// The place whose layout says how it is told that it is done.
    pub place: Option<&'static Place>,
}

/// The forms in which planning tools list tasks.
#[must_use]
pub fn task_lists() -> Vec<&'static TaskList> {
    places().iter().filter_map(|place| place.tasks.as_ref()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    titles: Vec<String>,
    open: Vec<String>,
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
    #[serde(default)]
    done: Vec<(String, Vec<String>)>,
    statuses: Option<(String, String)>,
    finished: Option<String>,
    #[serde(default)]
    group: bool,
}

/// What `rules/prose/places.toml` says.
struct Known {
    titles: Vec<String>,
    open: Vec<String>,
    places: Vec<Place>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let text = include_str!("../../rules/prose/places.toml");
    let written: Written =
        toml::from_str(text).unwrap_or_else(|error| panic!("BUG: rules/prose/places.toml: {}", error.message()));
    Known {
        titles: written.titles,
        open: written.open,
        places: written.place.into_iter().map(Place::new).collect(),
    }
});

/// The places, best first.
#[must_use]
pub fn places() -> &'static [Place] {
    &KNOWN.places
}

/// True for a title that every document of its kind has: it tells nothing of this one.
pub(crate) fn is_title_of_all(title: &str) -> bool {
    KNOWN.titles.iter().any(|one| one.eq_ignore_ascii_case(title.trim()))
}

/// The questions that a document marks as open, with their places.
pub(crate) fn left_open(text: &str) -> Vec<(String, Bytes)> {
    let marks = KNOWN.open.iter().flat_map(|mark| text.match_indices(mark.as_str()));
    let asked = marks.map(|(at, mark)| {
        let line = text[at..].lines().next().unwrap_or_default();
        let end = line.find(']').map_or(line.len(), |end| end + 1);
        let words = line[mark.len()..end].trim_matches([':', ' ', ']']);
        let words = if words.is_empty() {
            "it does not say which"
        } else {
            words
        };
        (format!("it leaves a question open: {words}"), Bytes::new(at, at + end))
    });
    asked.collect()
}

/// The documents of what is done, wherever a layout puts them.
#[must_use]
pub fn finished(view: &View) -> Vec<Document> {
    let all = |place: &'static Place| view.files.keys().filter(move |path| place.has_finished(path));
    let found = places()
        .iter()
        .flat_map(|place| all(place).map(move |path| place.document(view, path)));
    found.collect()
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
            done: written.done,
            statuses: written.statuses,
            finished: written.finished.as_deref().map(matcher),
            group: written.group,
        }
    }

    /// True for a file that its glob fits, and that is none of its documents all the same.
    #[must_use]
    pub fn leaves_out(&self, path: &RepoPath) -> bool {
        matches!(&self.files, Files::Fitting(glob) if glob.is_match(path.as_str())) && !self.has(path)
    }

    /// True for a document of what is done.
    #[must_use]
    pub fn has_finished(&self, path: &RepoPath) -> bool {
        self.finished.as_ref().is_some_and(|glob| glob.is_match(path.as_str()))
    }

    /// True if the document asks for nothing any more; `text` gives the text of a path.
    #[must_use]
    pub fn is_done(&self, path: &RepoPath, text: impl Fn(&RepoPath) -> Option<String>) -> bool {
        if self.done.is_empty() {
            return false;
        }
        let listed = self.statuses.as_ref().is_some_and(|(name, key)| {
            let list = RepoPath::new(&format!("{}/{name}", path.parent())).and_then(|path| text(&path));
            let own = super::id::stem(path.file_name());
            list.is_some_and(|list| status::is_listed(&list, key, own, &self.done))
        });
        listed || text(path).is_some_and(|own| status::is_said(&own, &self.done))
    }

    /// The plan that the document at this path belongs to.
    fn plan_of(&self, path: &RepoPath) -> Option<String> {
        let below = path.as_str().strip_prefix(self.folder.as_str())?;
        let name = below.trim_start_matches('/').split('/').next();
        name.filter(|_| self.group).map(ToOwned::to_owned)
    }

    /// The id that the layout gives the document at this path. The archive of what is done puts a date before it.
    fn id_of(&self, path: &RepoPath) -> Option<String> {
        if self.has_finished(path) {
            let id = super::id::from_path(path).0;
            let dated = id
                .split('-')
                .take(3)
                .all(|part| part.chars().all(|c| c.is_ascii_digit()));
            return id.splitn(4, '-').nth(3).filter(|_| dated).map(ToOwned::to_owned);
        }
        let ending = self.ending.as_ref()?;
        path.file_name().strip_suffix(ending.as_str()).map(ToOwned::to_owned)
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
            id: self.id_of(path),
            tasks: self.tasks.iter().collect(),
            group: self.plan_of(path),
            place: Some(self),
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
