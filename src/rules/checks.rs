//! The pages of the checks. Enters: `rules/checks/*.md`, embedded. Leaves: [`CheckPage`], which `flagman explain` prints.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules/checks");

static PAGES: LazyLock<Vec<CheckPage>> = LazyLock::new(|| {
    let mut pages: Vec<CheckPage> = FOLDER
        .files()
        .filter_map(|file| read(file.path().to_str()?, file.contents_utf8()?))
        .collect();
    pages.sort_by(|a, b| a.id.cmp(&b.id));
    pages
});

/// The page of one check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckPage {
    /// The check.
    pub id: String,
    /// One sentence: when it fires.
    pub summary: String,
    /// Its default level (`error`, `warning`, `note`).
    pub level: String,
    /// The rest, as Markdown.
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    summary: String,
    level: String,
}

/// Every page, sorted by id. A page without its front matter is left out; a test holds the folder against the list of checks.
#[must_use]
pub fn pages() -> &'static [CheckPage] {
    &PAGES
}

/// The page of a check.
#[must_use]
pub fn page(id: &str) -> Option<&'static CheckPage> {
    PAGES.iter().find(|page| page.id == id)
}

fn read(name: &str, text: &str) -> Option<CheckPage> {
    let (head, body) = text.strip_prefix("+++\n")?.split_once("\n+++\n")?;
    let head: Head = toml::from_str(head).ok()?;
    let id = name.strip_suffix(".md")?.to_owned();
    Some(CheckPage {
        id,
        summary: head.summary,
        level: head.level,
        // Spaces at the beginning are the mark of an example.
        body: body.trim_start_matches('\n').trim_end().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_can_be_read() {
        assert_eq!(pages().len(), FOLDER.files().count());
        assert_eq!(
            page("assumes-unset-flag").map(|page| page.level.as_str()),
            Some("error")
        );
    }
}
