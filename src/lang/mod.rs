//! Languages: one front end each, all making the same neutral facts. Enters: the text of one file. Leaves: [`FileFacts`], a pure
//! function of the text, the language and the raw queries of the rules. Knows nothing of flags, tests or other files.
//!
//! `tree_sitter` and `syn` never leave this folder.

pub mod tree;

#[cfg(test)]
mod drawing;

mod csharp;
mod descent;
mod embedded;
mod go;
mod java;
mod kotlin;
mod names;
mod parse;
mod python;
pub mod queries;
mod ruby;
mod rust;
mod syntax;
mod typescript;

use std::borrow::Cow;
use std::sync::Arc;

use crate::source::{Bytes, FileId, RepoPath, SkipReason};
pub use queries::CompiledQuery;
use tree::{NodeId, Tree};

/// A language that flagman reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Language {
    /// `.ts`, `.mts`, `.cts`, and the scripts of `.vue` and `.svelte`
    TypeScript,
    /// `.tsx`
    Tsx,
    /// `.js`, `.mjs`, `.cjs`, `.jsx`
    JavaScript,
    /// `.rs`
    Rust,
    /// `.py`, `.pyi`
    Python,
    /// `.go`
    Go,
    /// `.rb`, `.rake`, and the code of `.erb`
    Ruby,
    /// `.java`
    Java,
    /// `.kt`, `.kts`
    Kotlin,
    /// `.cs`
    CSharp,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 10] = [
        Self::TypeScript,
        Self::Tsx,
        Self::JavaScript,
        Self::Rust,
        Self::Python,
        Self::Go,
        Self::Ruby,
        Self::Java,
        Self::Kotlin,
        Self::CSharp,
    ];

    /// The language of a file, from its name; `None` for everything else.
    #[must_use]
    pub fn of(path: &RepoPath) -> Option<Self> {
        match path.extension() {
            "ts" | "mts" | "cts" | "vue" | "svelte" => Some(Self::TypeScript),
            "tsx" => Some(Self::Tsx),
            "js" | "mjs" | "cjs" | "jsx" => Some(Self::JavaScript),
            "rs" => Some(Self::Rust),
            "py" | "pyi" => Some(Self::Python),
            "go" => Some(Self::Go),
            "rb" | "rake" | "erb" => Some(Self::Ruby),
            "java" => Some(Self::Java),
            "kt" | "kts" => Some(Self::Kotlin),
            "cs" => Some(Self::CSharp),
            _ => None,
        }
    }

    /// True where a constant or a type is known by its name in the whole project, whatever file it stands in.
    #[must_use]
    pub fn names_are_global(self) -> bool {
        matches!(self, Self::Ruby | Self::CSharp) || self.is_jvm()
    }

    /// True where naming a method without parameters may be calling it.
    #[must_use]
    pub fn has_getters(self) -> bool {
        matches!(self, Self::Ruby | Self::CSharp | Self::Kotlin)
    }

    /// Java and Kotlin, which use each other's types.
    #[must_use]
    pub fn is_jvm(self) -> bool {
        matches!(self, Self::Java | Self::Kotlin)
    }

    /// True if this build of flagman has the grammar; files in other languages are recorded as not read.
    #[must_use]
    pub fn is_built(self) -> bool {
        parse::grammar(self).is_some()
    }

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TypeScript | Self::Tsx => "TypeScript",
            Self::JavaScript => "JavaScript",
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::Ruby => "Ruby",
            Self::Java => "Java",
            Self::Kotlin => "Kotlin",
            Self::CSharp => "C#",
        }
    }

    /// The word that rule files use (`ts`, `tsx`, `js`, `rust`, `python`, `go`, `ruby`, `java`, `kotlin`, `csharp`), and of the cargo feature where
    /// the grammar is not in every build.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TypeScript => "ts",
            Self::Tsx => "tsx",
            Self::JavaScript => "js",
            Self::Rust => "rust",
            Self::Python => "python",
            Self::Go => "go",
            Self::Ruby => "ruby",
            Self::Java => "java",
            Self::Kotlin => "kotlin",
            Self::CSharp => "csharp",
        }
    }

    /// The languages that a word of a rule file stands for; empty for an unknown word.
    #[must_use]
    pub fn from_word(word: &str) -> &'static [Self] {
        match word {
            "ts" => &[Self::TypeScript],
            "tsx" => &[Self::Tsx],
            "js" | "jsx" => &[Self::JavaScript],
            "rust" => &[Self::Rust],
            "python" => &[Self::Python],
            "go" => &[Self::Go],
            "ruby" => &[Self::Ruby],
            "java" => &[Self::Java],
            "kotlin" => &[Self::Kotlin],
            "csharp" => &[Self::CSharp],
            _ => &[],
        }
    }
}

/// How much of a file was understood.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ParseHealth {
    /// All of it.
    #[default]
    Whole,
    /// All but this number of places.
    Partial(u32),
    /// Nothing; why.
    Failed(SkipReason),
}

/// What a raw query of a rule captured: one match.
#[derive(Clone, PartialEq, Debug)]
pub struct QueryMatch {
    /// The number of the query in the list that was handed to the front end.
    pub query: usize,
    /// Which of its patterns.
    pub pattern: usize,
    /// Capture name (without `@`) and bytes, in the order of the text.
    pub captures: Vec<(Arc<str>, Bytes)>,
}

/// A comment, for pragmas (`// @flag k=on`) and expiry notes.
#[derive(Clone, PartialEq, Debug)]
pub struct Comment {
    /// Its bytes, with its delimiters.
    pub bytes: Bytes,
}

/// The language-neutral facts of one file.
#[derive(Clone, PartialEq, Debug)]
pub struct FileFacts {
    /// Which text of the pool.
    pub file: FileId,
    /// Where it lies.
    pub path: RepoPath,
    /// In which language.
    pub language: Language,
    /// The text itself (shared with the pool); of markup its code alone, at its place.
    pub text: Arc<str>,
    /// Its tree.
    pub tree: Tree,
    /// Its comments in the order of the text.
    pub comments: Vec<Comment>,
    /// What the raw queries found.
    pub matches: Vec<QueryMatch>,
    /// How much of it was understood.
    pub health: ParseHealth,
}

impl FileFacts {
    /// The words of a range of bytes.
    #[must_use]
    pub fn slice(&self, bytes: Bytes) -> &str {
        self.text.get(bytes.range()).unwrap_or("")
    }

    /// The words of a node.
    #[must_use]
    pub fn words(&self, id: NodeId) -> &str {
        self.slice(self.tree.bytes(id))
    }
}

/// Reads one file. Of `queries` those are run that were compiled for `language`; a match names its query by its place in the slice.
#[must_use]
pub fn read(
    file: FileId,
    path: &RepoPath,
    text: &Arc<str>,
    language: Language,
    queries: &[CompiledQuery],
) -> FileFacts {
    let code = match embedded::code_of(path, text) {
        Cow::Borrowed(_) => text.clone(),
        Cow::Owned(code) => code.into(),
    };
    let mut facts = FileFacts {
        file,
        path: path.clone(),
        language,
        text: code,
        tree: Tree::default(),
        comments: Vec::new(),
        matches: Vec::new(),
        health: ParseHealth::Whole,
    };
    match language {
        Language::TypeScript | Language::Tsx | Language::JavaScript => typescript::read(&mut facts, queries),
        Language::Rust => rust::read(&mut facts, queries),
        Language::Python => python::read(&mut facts, queries),
        Language::Go => go::read(&mut facts, queries),
        Language::Ruby => ruby::read(&mut facts, queries),
        Language::Java => java::read(&mut facts, queries),
        Language::Kotlin => kotlin::read(&mut facts, queries),
        Language::CSharp => csharp::read(&mut facts, queries),
    }
    facts
}
