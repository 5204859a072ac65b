//! Which files are PRDs. Enters: the paths of a tree, the globs of the configuration. Leaves: paths, sorted.

use std::collections::BTreeSet;

use globset::GlobSet;

use super::places::{Document, first, places, task_lists};
use crate::source::{RepoPath, SkipReason, Skipped, View};

/// Names of files in such a folder that are about the PRDs and are none themselves.
const ABOUT: &[&str] = &[
    "readme.md",
    "index.md",
    "template.md",
    "_template.md",
    "changelog.md",
    "contributing.md",
];

/// The PRDs that the globs name; of one that lies where a planning tool puts it, with the further documents that belong to it there, and without
/// what that layout says to be none.
#[must_use]
pub fn matching(view: &View, globs: &GlobSet) -> Vec<Document> {
    let named = view.files.keys().filter(|path| {
        is_named(path, globs) && !is_about(path) && !places().iter().any(|place| place.leaves_out(path))
    });
    let named: Vec<&RepoPath> = named.collect();
    // What is done is named by who names nothing else.
    let finished = |path: &RepoPath| places().iter().any(|place| place.has_finished(path));
    let all = named.iter().all(|path| finished(path));
    let named = named.into_iter().filter(|path| all || !finished(path));
    let mut documents: Vec<Document> = named.map(|path| whole(view, path)).collect();
    // What belongs to one of them is no PRD of its own, although the globs fit it, too.
    let parts: BTreeSet<RepoPath> = documents.iter().flat_map(|one| one.with.iter().cloned()).collect();
    documents.retain(|one| !parts.contains(&one.path));
    documents
}

fn whole(view: &View, path: &RepoPath) -> Document {
    let place = places().iter().find(|place| place.tool.is_some() && place.has(path));
    place.map_or_else(
        || Document {
            path: path.clone(),
            with: Vec::new(),
            id: None,
            tasks: if path.extension() == "json" {
                task_lists()
            } else {
                Vec::new()
            },
            group: None,
            place: None,
        },
        |place| place.document(view, path),
    )
}

/// What the globs fit beside PRDs: `**` fits all code, and means none of it.
#[must_use]
pub fn beside<'v>(view: &'v View, globs: &GlobSet) -> Vec<&'v RepoPath> {
    let fits = |path: &&RepoPath| globs.is_match(path.as_str()) && !is_named(path, globs);
    view.files.keys().filter(fits).collect()
}

/// True for what a glob names as a PRD: a Markdown file, or a file whose ending the glob spells (`*.yaml`).
#[must_use]
pub fn is_named(path: &RepoPath, globs: &GlobSet) -> bool {
    let fitting = globs.matches(path.as_str());
    if fitting.is_empty() || is_markdown(path) {
        return !fitting.is_empty();
    }
    // Who spells the ending does not fit the same name with another one.
    let stem = path.as_str().strip_suffix(path.extension()).unwrap_or_default();
    let other = globs.matches(format!("{stem}.\u{fffd}"));
    fitting.iter().any(|glob| !other.contains(glob))
}

/// Without globs: the PRDs of the first usual place that has any.
#[must_use]
pub fn usual(view: &View) -> Vec<Document> {
    first(view).map_or_else(Vec::new, |place| place.documents(view))
}

/// True for a path at which a PRD is looked for without globs, in this folder or in a folder below that has the same layout.
#[must_use]
pub fn is_usual(path: &RepoPath) -> bool {
    let parts: Vec<&str> = path.as_str().split('/').collect();
    (0..parts.len()).any(|from| {
        let below = RepoPath::new(&parts[from..].join("/"));
        below.is_some_and(|path| places().iter().any(|place| place.has(&path)))
    })
}

/// True if `path` lies below `folder` (no trailing `/`), at any depth.
#[must_use]
pub fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// True if what `glob` names may lie behind `folder`, which was not entered. A link hides a whole folder of PRDs; one of the many
/// links within such a folder may lead to anything, and is no reason not to know.
#[must_use]
pub fn behind(glob: &str, folder: &Skipped) -> bool {
    if !glob.contains(['*', '?', '[', '{']) {
        return is_below(glob.trim_start_matches("./"), folder.path.as_str());
    }
    let fixed = glob.find(['*', '?', '[', '{']).unwrap_or(glob.len());
    let base = glob[..fixed].rsplit_once('/').map_or("", |(base, _)| base);
    let (base, path) = (base.trim_start_matches("./"), folder.path.as_str());
    let above = base == path || is_below(base, path);
    above || (folder.reason != SkipReason::Symlink && (base.is_empty() || is_below(path, base)))
}

/// Without globs: true if the folder, which was not entered, is or holds a usual place that would count before the one that does.
#[must_use]
pub fn usual_behind(view: &View, folder: &RepoPath) -> bool {
    let all = places();
    let found = first(view).and_then(|found| all.iter().position(|place| std::ptr::eq(place, found)));
    let before = &all[..found.map_or(all.len(), |at| at + 1)];
    before
        .iter()
        .any(|place| folder.as_str() == place.folder || is_below(&place.folder, folder.as_str()))
}

pub(super) fn is_markdown(path: &RepoPath) -> bool {
    let endings = ["md", "markdown", "mdx"];
    endings
        .iter()
        .any(|ending| path.extension().eq_ignore_ascii_case(ending))
}

pub(super) fn is_about(path: &RepoPath) -> bool {
    ABOUT.contains(&path.file_name().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::fixture;

    #[test]
    fn what_was_not_entered_may_hide_prds() {
        let skip = |path: &str, link: bool| Skipped {
            path: RepoPath::new(path).unwrap(),
            reason: if link {
                SkipReason::Symlink
            } else {
                SkipReason::Unreadable("no".into())
            },
        };
        for (glob, folder, link, hides) in [
            ("docs/prds/*.md", "docs/prds", true, true),
            ("docs/prds/*.md", "docs", true, true),
            ("./docs/prds/**/*.md", "docs/prds", true, true),
            ("docs/prds/**/*.md", "docs/prds/assets", true, false),
            ("docs/prds/**/*.md", "docs/prds/old", false, true),
            ("docs/prds/**/*.md", "docs/prdsold", false, false),
            ("docs/prds/*.md", "src", false, false),
            ("**/*.prd.md", "src", false, true),
            ("**/*.prd.md", "src", true, false),
            ("prd.md", "docs", false, false),
            ("docs/prd.md", "docs", true, true),
        ] {
            assert_eq!(behind(glob, &skip(folder, link)), hides, "{glob} {folder} {link}");
        }
        let (_, view) = fixture("//- docs/prd/001-a.md\n");
        let usual = |folder: &str| usual_behind(&view, &RepoPath::new(folder).unwrap());
        assert!(usual("docs/prds") && usual("docs") && !usual("prds") && !usual("src"));
    }

    #[test]
    fn the_first_usual_folder_counts_and_its_readme_does_not() {
        let (_, view) =
            fixture("//- docs/prds/001-a.md\n//- docs/prds/README.md\n//- specs/b.md\n//- docs/prds/old/c.md\n");
        let paths: Vec<String> = usual(&view).iter().map(|found| found.path.to_string()).collect();
        assert_eq!(paths, ["docs/prds/001-a.md"]);
    }

    #[test]
    fn globs_name_markdown_and_what_they_spell() {
        let check = |glob: &str, path: &str, named: bool| {
            let globs = GlobSet::builder()
                .add(globset::Glob::new(glob).unwrap())
                .build()
                .unwrap();
            let path = RepoPath::new(path).unwrap();
            assert_eq!(is_named(&path, &globs), named, "{glob} {path}");
        };
        check("**", "src/a.ts", false);
        check("**", "flagman.toml", false);
        check("**", "docs/a.MD", true);
        check("docs/**", "docs/LICENSE", false);
        check("docs/*", "docs/a.md", true);
        check("docs/*", "docs/a.markdown", true);
        check("docs/prds/[0-9]*", "docs/prds/1.yaml", false);
        check("{docs,src}/**/*", "src/a.rs", false);
        check("docs/*.txt", "docs/prd.txt", true);
        check("docs/*.{md,txt}", "docs/prd.txt", true);
        check("**/prd.*", "a/prd.json", false);
        check("docs/PRD", "docs/PRD", true);
        check("docs/*.md", "docs/a.txt", false);
    }
}
