//! The tools whose migrations and models are known, from `rules/schema`. Enters: the embedded files. Leaves: [`Tool`]s, which say which
//! files they write and how these are read.

use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use crate::source::RepoPath;

/// How the files of a tool are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reader {
    /// SQL statements.
    Sql,
    /// Prisma's models.
    Prisma,
    /// Calls of a schema builder, and SQL in strings.
    Scripts,
    /// Drizzle's tables.
    Tables,
    /// TypeORM's entities.
    Entities,
}

impl Reader {
    /// True if its files say how the database changes, false if they say what it is.
    pub(super) fn is_migration(self) -> bool {
        matches!(self, Self::Sql | Self::Scripts)
    }
}

/// A rule file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    schema: u32,
    id: String,
    reader: Reader,
    files: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    needles: Vec<String>,
    #[serde(default)]
    down: Vec<String>,
}

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// How its files are read.
    pub(super) reader: Reader,
    files: GlobSet,
    ignore: GlobSet,
    needles: Vec<String>,
    down: Vec<String>,
}

impl Tool {
    /// True if a file at this path would be the tool's.
    pub(super) fn takes(&self, path: &RepoPath) -> bool {
        self.files.is_match(path.as_str()) && !self.ignore.is_match(path.as_str())
    }

    /// True if the file is the tool's.
    pub(super) fn reads(&self, path: &RepoPath, text: &str) -> bool {
        let has_needle = || self.needles.is_empty() || self.needles.iter().any(|needle| text.contains(needle.as_str()));
        self.takes(path) && has_needle()
    }

    /// Where the way back begins in a text that has both ways; else its end.
    pub(super) fn way_there(&self, text: &str) -> usize {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim().to_ascii_lowercase();
            if self
                .down
                .iter()
                .any(|down| bare.starts_with(&down.to_ascii_lowercase()))
            {
                return at;
            }
            at += line.len();
        }
        at
    }
}

/// Every tool, in the order of their files' names.
pub(super) fn all() -> &'static [Tool] {
    static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();
    TOOLS.get_or_init(|| {
        let mut files: Vec<(&str, &str)> = embedded().collect();
        files.sort_unstable();
        files.into_iter().map(|(path, text)| read(path, text)).collect()
    })
}

fn embedded() -> impl Iterator<Item = (&'static str, &'static str)> {
    static TOOLS: include_dir::Dir<'static> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/rules/schema");
    let text = |file: &'static include_dir::File<'static>| Some((file.path().to_str()?, file.contents_utf8()?));
    TOOLS.files().filter_map(text)
}

fn read(path: &str, text: &str) -> Tool {
    let form: Form = toml::from_str(text).unwrap_or_else(|error| panic!("BUG: rules/schema/{path}: {error}"));
    assert!(
        form.schema == 1 && !form.id.is_empty(),
        "BUG: rules/schema/{path}: schema or id"
    );
    let globs = |texts: &[String]| {
        let mut set = GlobSetBuilder::new();
        for text in texts {
            set.add(Glob::new(text).unwrap_or_else(|error| panic!("BUG: rules/schema/{path}: {error}")));
        }
        set.build()
            .unwrap_or_else(|error| panic!("BUG: rules/schema/{path}: {error}"))
    };
    Tool {
        reader: form.reader,
        files: globs(&form.files),
        ignore: globs(&form.ignore),
        needles: form.needles,
        down: form.down,
    }
}
