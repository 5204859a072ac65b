//! Statements of a database in a document. Enters: running text, or a code block. Leaves: the tables and columns that `ALTER TABLE`, `CREATE TABLE`
//! and `DROP TABLE` name, as mentions. Knows nothing of the schema.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use crate::prd::context::Context;
use crate::prd::markdown::Flow;
use crate::prd::{Access, Age, Mention, MentionKind};
use crate::source::{FileId, Span};

/// A statement's object.
pub(super) struct Named {
    kind: MentionKind,
    name: String,
    access: Access,
    /// Its bytes in the text.
    pub(super) at: Range<usize>,
}

impl Named {
    /// What the document names with it.
    pub(super) fn mention(self, span: Span) -> Mention {
        Mention {
            kind: self.kind,
            text: self.name,
            access: Some(self.access),
            age: Age::Unsaid,
            declared: false,
            whole: false,
            sample: false,
            negated: false,
            contract: None,
            span,
        }
    }
}

fn forms() -> &'static [Regex; 2] {
    static FORMS: OnceLock<[Regex; 2]> = OnceLock::new();
    let regex = |text: &str| Regex::new(text).expect("BUG: a fixed pattern does not compile");
    FORMS.get_or_init(|| {
        [
            regex(
                r#"(?i)\balter\s+table\s+(?:if\s+exists\s+|only\s+)*["`]?(\w+)["`]?\s+(add|drop|alter|rename)\s+(?:column\s+)?(?:if\s+(?:not\s+)?exists\s+)?["`]?(\w+)"#,
            ),
            regex(r#"(?i)\b(create|drop)\s+table\s+(?:if\s+(?:not\s+)?exists\s+)?["`]?([a-z_]\w*)["`]?\s*(?:\(|;|$|cascade)"#),
        ]
    })
}

/// Words behind `ADD` and `DROP` that begin something else than a column.
const NO_COLUMN: [&str; 9] = [
    "constraint",
    "primary",
    "foreign",
    "unique",
    "check",
    "index",
    "to",
    "exclude",
    "not",
];

/// What the statements in `text` name.
pub(super) fn named(text: &str) -> Vec<Named> {
    let [alter, table] = forms();
    let mut out = Vec::new();
    for found in alter.captures_iter(text) {
        let (Some(table), Some(verb), Some(what)) = (found.get(1), found.get(2), found.get(3)) else {
            continue;
        };
        let column = !NO_COLUMN.contains(&what.as_str().to_lowercase().as_str());
        let adds = verb.as_str().eq_ignore_ascii_case("add");
        out.push(Named {
            kind: if column {
                MentionKind::Column
            } else {
                MentionKind::Table
            },
            name: if column {
                format!("{}.{}", table.as_str(), what.as_str())
            } else {
                table.as_str().to_owned()
            },
            access: if column && adds { Access::Create } else { Access::Write },
            at: if column { what.range() } else { table.range() },
        });
    }
    for found in table.captures_iter(text) {
        let (Some(verb), Some(name)) = (found.get(1), found.get(2)) else {
            continue;
        };
        let makes = verb.as_str().eq_ignore_ascii_case("create");
        out.push(Named {
            kind: MentionKind::Table,
            name: name.as_str().to_owned(),
            access: if makes { Access::Create } else { Access::Write },
            at: name.range(),
        });
    }
    out
}

/// What the statements of a code block name, where the block tells what is to be.
pub(super) fn in_fence(flow: &Flow, context: Context, file: FileId) -> Vec<Mention> {
    let quiet = context.silent || context.background;
    let all = named(&flow.text).into_iter().map(|one| {
        let span = flow.bytes(one.at.clone()).in_file(file);
        Mention {
            sample: quiet,
            negated: context.negated,
            ..one.mention(span)
        }
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_tables_and_columns() {
        for (text, expected) in [
            (
                "ALTER TABLE orders ADD COLUMN gift boolean NOT NULL DEFAULT false;",
                "orders.gift create",
            ),
            (
                "alter table only orders add if not exists gift text",
                "orders.gift create",
            ),
            ("ALTER TABLE orders DROP COLUMN gift;", "orders.gift write"),
            (
                "ALTER TABLE orders ADD CONSTRAINT one_gift CHECK (gift)",
                "orders write",
            ),
            ("CREATE TABLE IF NOT EXISTS refunds (id int);", "refunds create"),
            ("DROP TABLE refunds;", "refunds write"),
            ("Create table stakes for everybody", ""),
        ] {
            let got: Vec<String> = named(text)
                .iter()
                .map(|one| {
                    let access = if one.access == Access::Create {
                        "create"
                    } else {
                        "write"
                    };
                    format!("{} {access}", one.name)
                })
                .collect();
            assert_eq!(got.join(", "), expected, "{text}");
        }
    }
}
