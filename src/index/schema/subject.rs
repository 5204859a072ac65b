//! What a statement is about, from its first words. Enters: its tokens. Leaves: whether it creates, alters or drops a table, type or
//! index, and which: all that is known of a statement that no parser accepts.

use super::split::{Token, TokenKind};
use crate::index::SchemaAction;

/// What a statement is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SubjectKind {
    /// A table.
    Table,
    /// A type, perhaps an enum.
    Type,
    /// An index.
    Index,
}

/// What a statement is about, and what it does with it.
pub(super) struct Subject {
    /// What it is.
    pub(super) kind: SubjectKind,
    /// What is done.
    pub(super) action: SchemaAction,
    /// The last part of its name, if it is plain.
    pub(super) name: Option<Token>,
}

/// The tokens of a statement, as words.
pub(super) struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    /// The words of a statement of `text`.
    pub(super) fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        Self { text, tokens }
    }

    /// True if the statement begins with this word, in any case.
    pub(super) fn first(&self, word: &str) -> bool {
        self.is(0, word)
    }

    fn is(&self, index: usize, word: &str) -> bool {
        let token = self.tokens.get(index);
        token.is_some_and(|token| {
            token.kind == TokenKind::Word && self.text[token.bytes.clone()].eq_ignore_ascii_case(word)
        })
    }

    /// What the statement is about, from its first words; `None` if it is about nothing that we follow.
    pub(super) fn subject(&self) -> Option<Subject> {
        let verbs = [
            ("CREATE", SchemaAction::Create),
            ("ALTER", SchemaAction::Alter),
            ("DROP", SchemaAction::Drop),
        ];
        let (_, action) = verbs.into_iter().find(|(verb, _)| self.first(verb))?;
        let between = |index: usize| {
            let words = [
                "OR",
                "REPLACE",
                "TEMP",
                "TEMPORARY",
                "GLOBAL",
                "LOCAL",
                "UNLOGGED",
                "UNIQUE",
                "FULLTEXT",
                "SPATIAL",
                "CLUSTERED",
                "NONCLUSTERED",
            ];
            words.iter().any(|word| self.is(index, word))
        };
        let mut index = 1;
        while between(index) {
            index += 1;
        }
        let kinds = [
            ("TABLE", SubjectKind::Table),
            ("TYPE", SubjectKind::Type),
            ("INDEX", SubjectKind::Index),
        ];
        let (_, kind) = kinds.into_iter().find(|(word, _)| self.is(index, word))?;
        Some(Subject {
            kind,
            action,
            name: self.name(index + 1),
        })
    }

    /// The columns that `ALTER TABLE name …` says to add, drop or change: all that is known of it where no parser accepts it.
    pub(super) fn columns(&self) -> Vec<(Token, SchemaAction)> {
        let verbs = [
            ("ADD", SchemaAction::Create),
            ("ALTER", SchemaAction::Alter),
            ("MODIFY", SchemaAction::Alter),
            ("CHANGE", SchemaAction::Alter),
            ("RENAME", SchemaAction::Alter),
            ("DROP", SchemaAction::Drop),
        ];
        let mut columns = Vec::new();
        for index in 1..self.tokens.len() {
            let verb = verbs.iter().find(|(verb, _)| self.is(index, verb));
            if let Some((_, action)) = verb.filter(|_| self.is(index + 1, "COLUMN")) {
                columns.extend(self.name(index + 2).map(|token| (token, *action)));
            }
        }
        columns
    }

    /// The last part of the name that stands at `index`, after `IF [NOT] EXISTS`, `ONLY` and the like.
    fn name(&self, mut index: usize) -> Option<Token> {
        while ["IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"]
            .iter()
            .any(|word| self.is(index, word))
        {
            index += 1;
        }
        let dot = |index: usize| {
            self.tokens
                .get(index)
                .is_some_and(|token| &self.text[token.bytes.clone()] == ".")
        };
        while dot(index + 1) {
            index += 2;
        }
        let token = self.tokens.get(index)?;
        matches!(token.kind, TokenKind::Word | TokenKind::Quoted).then(|| token.clone())
    }
}
