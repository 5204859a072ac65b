//! Which files are PRDs. Enters: the paths of a tree, the globs of the configuration. Leaves: paths, sorted.

use globset::GlobSet;

use crate::source::{RepoPath, View};

/// Folders in which teams keep their PRDs, as the ends of paths; the first that has any counts.
pub const USUAL: &[&str] = &[
    "docs/prds",
    "docs/prd",
    "prds",
    "prd",
    "docs/specs",
    "specs",
    "docs/requirements",
    "docs/product",
    "docs/features",
    "rfcs",
    "rfc",
    "docs/rfcs",
    "docs/rfc",
    "proposals",
    "docs/proposals",
    "docs/plans",
];

/// Names of files in such a folder that are about the PRDs and are none themselves.
const ABOUT: &[&str] = &[
    "readme.md",
    "index.md",
    "template.md",
    "_template.md",
    "changelog.md",
    "contributing.md",
];

/// The Markdown files that the globs name.
#[must_use]
pub fn matching(view: &View, globs: &GlobSet) -> Vec<RepoPath> {
    view.files
        .keys()
        .filter(|path| globs.is_match(path.as_str()) && !is_about(path))
        .cloned()
        .collect()
}

/// Without globs: the Markdown files of the first usual folder that has any.
#[must_use]
pub fn usual(view: &View) -> Vec<RepoPath> {
    usual_folder(view).map_or_else(Vec::new, |folder| in_folder(view, folder))
}

/// True for a Markdown file in a usual folder.
#[must_use]
pub fn is_usual(path: &RepoPath) -> bool {
    let folder = path.parent();
    let usual = USUAL.iter().any(|usual| {
        folder
            .strip_suffix(usual)
            .is_some_and(|above| above.is_empty() || above.ends_with('/'))
    });
    usual && path.extension() == "md" && !is_about(path)
}

/// The first usual folder that has Markdown files.
#[must_use]
pub fn usual_folder(view: &View) -> Option<&'static str> {
    USUAL.iter().copied().find(|folder| !in_folder(view, folder).is_empty())
}

fn in_folder(view: &View, folder: &str) -> Vec<RepoPath> {
    let inside = |path: &RepoPath| path.parent() == folder && matches!(path.extension(), "md" | "markdown");
    view.files
        .keys()
        .filter(|path| inside(path) && !is_about(path))
        .cloned()
        .collect()
}

fn is_about(path: &RepoPath) -> bool {
    ABOUT.contains(&path.file_name().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixture;

    #[test]
    fn the_first_usual_folder_counts_and_its_readme_does_not() {
        let (_, view) =
            fixture("//- docs/prds/001-a.md\n//- docs/prds/README.md\n//- specs/b.md\n//- docs/prds/old/c.md\n");
        let paths: Vec<String> = usual(&view).iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["docs/prds/001-a.md"]);
    }
}
