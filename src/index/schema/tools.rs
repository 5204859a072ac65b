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
    /// Django's operations.
    Operations,
    /// Drizzle's tables.
    Tables,
    /// TypeORM's entities.
    Entities,
}

impl Reader {
    /// True if its files say how the database changes, false if they say what it is.
    pub(super) fn is_migration(self) -> bool {
        matches!(self, Self::Sql | Self::Scripts | Self::Operations)
    }
}

/// A rule file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    schema: u32,
    id: String,
    reader: Reader,
    #[serde(default)]
    chained: bool,
    files: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
    #[serde(default)]
    needles: Vec<String>,
    #[serde(default)]
    down: Vec<String>,
    #[serde(default)]
    up: Vec<String>,
    #[serde(default)]
    settings: Vec<String>,
    #[serde(default)]
    call: Vec<CallForm>,
    #[serde(default)]
    tables: Vec<String>,
    #[serde(default)]
    columns: Vec<String>,
    #[serde(default)]
    constraints: Vec<String>,
    #[serde(default)]
    enums: Vec<String>,
}

/// What the words of a tool's files mean, for readers of code.
#[derive(Debug)]
pub(super) struct Words {
    /// The functions that are the way there.
    pub(super) up: Vec<String>,
    /// Methods of a table's builder that do nothing which we follow.
    pub(super) settings: Vec<String>,
    /// What calls do.
    calls: Vec<CallForm>,
    /// What makes a class or a call a table.
    pub(super) tables: Vec<String>,
    /// What makes a member a column.
    pub(super) columns: Vec<String>,
    /// What is a constraint or an index.
    pub(super) constraints: Vec<String>,
    /// What is an enum.
    pub(super) enums: Vec<String>,
}

/// What a call does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Does {
    Create,
    Alter,
    Drop,
    Rename,
}

/// To what a call does it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Of {
    Table,
    Column,
    Constraint,
    Enum,
    /// Its first argument is SQL.
    Sql,
}

/// What the first text among a constraint's arguments is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum First {
    #[default]
    Name,
    Columns,
    Check,
}

/// What calls of some names do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallForm {
    names: Vec<String>,
    pub(super) does: Does,
    pub(super) of: Of,
    /// Only on a table's builder.
    #[serde(default)]
    pub(super) bound: bool,
    /// The columns that it makes without arguments.
    #[serde(default)]
    pub(super) columns: Vec<String>,
    /// It makes these whatever its arguments are.
    #[serde(default)]
    pub(super) fixed: bool,
    /// Where its argument is no text, it does something else.
    #[serde(default)]
    pub(super) loose: bool,
    /// Its name comes first, and then the table.
    #[serde(default)]
    pub(super) name_first: bool,
    #[serde(default)]
    pub(super) first: First,
    /// The name of a constraint that is given none, with `{table}` and `{columns}`.
    pub(super) unnamed: Option<String>,
}

impl Words {
    /// What a call of this name does.
    pub(super) fn call(&self, name: &str, bound: bool) -> Option<&CallForm> {
        let mut named = self
            .calls
            .iter()
            .filter(|form| form.names.iter().any(|one| one == name));
        named.find(|form| bound || !form.bound)
    }
}

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// How its files are read.
    pub(super) reader: Reader,
    /// Its migrations say which ones they follow: their order is in their texts, and a number in their names is none of it.
    pub(super) chained: bool,
    /// What the words of its files mean.
    pub(super) words: Words,
    files: GlobSet,
    ignore: GlobSet,
    needles: Vec<String>,
    /// What opens the way back: lines of SQL, functions of code.
    pub(super) down: Vec<String>,
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
        chained: form.chained,
        files: globs(&form.files),
        ignore: globs(&form.ignore),
        needles: form.needles,
        down: form.down,
        words: Words {
            up: form.up,
            settings: form.settings,
            calls: form.call,
            tables: form.tables,
            columns: form.columns,
            constraints: form.constraints,
            enums: form.enums,
        },
    }
}
