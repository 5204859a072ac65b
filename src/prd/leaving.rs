//! What a document says goes, or gets another name, whatever it looks like. Enters: its blocks and their contexts. Leaves: the names in code voice that
//! are no more when the work has landed: `total`, `useHistory`, `[server]`. Knows nothing of whether the thing exists, nor what it is: a field
//! of an answer, a queue, a section of a file.

use std::ops::Range;

use super::Expected;
use super::context::Context;
use super::markdown::{Block, BlockKind};
use super::mention::{denial, goes};
use super::prose::{Form, Sentence, Token, sentences, words};
use crate::source::FileId;

/// The names that go, in the order of the text.
pub(super) fn find(blocks: &[Block], contexts: &[Context], file: FileId) -> Vec<Expected> {
    let mut out = Vec::new();
    let mut header: Option<bool> = None;
    for (block, context) in blocks.iter().zip(contexts) {
        if block.kind != BlockKind::Row {
            header = None;
        }
        let told = !(context.negated || context.silent || context.past || block.done);
        if !told || matches!(block.kind, BlockKind::Code | BlockKind::Heading(_)) {
            continue;
        }
        let all = sentences(&block.flow);
        let mut add = |sentence: &Sentence<'_>, at: usize| {
            let range = name(sentence, at);
            let text = &block.flow.text[range.clone()];
            out.push(Expected {
                text: text.to_owned(),
                span: block.flow.bytes(range).in_file(file),
            });
        };
        if block.kind == BlockKind::Row
            && let Some(first) = all.first()
        {
            match header {
                None => header = Some(is_before_and_after(&first.tokens)),
                Some(true) => replaced_in_row(first).into_iter().for_each(|at| add(first, at)),
                Some(false) => {}
            }
        }
        for sentence in all.iter().filter(|sentence| !is_history(sentence)) {
            for at in 0..sentence.tokens.len() {
                if is_name(sentence, at) && leaves(sentence, at) {
                    add(sentence, at);
                }
            }
        }
    }
    out.sort_by(|a, b| (a.span, &a.text).cmp(&(b.span, &b.text)));
    out.dedup();
    out
}

/// A name in backticks; values, commands and sentences are none.
fn is_name(sentence: &Sentence<'_>, at: usize) -> bool {
    let token = &sentence.tokens[at];
    let text = sentence.flow.text[name(sentence, at)].trim_matches(['[', ']', '<', '>', '/', '=', ':', '.']);
    let fit = |c: char| c.is_alphanumeric() || "_.-/:{}$".contains(c);
    let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    token.form == Form::Code && token.ticked && text.len() > 1 && begins && text.chars().all(fit)
}

/// The bytes of the name at the token `at`: without its call.
fn name(sentence: &Sentence<'_>, at: usize) -> Range<usize> {
    let range = sentence.tokens[at].at.clone();
    let text = &sentence.flow.text[range.clone()];
    let end = text.find('(').filter(|end| *end > 0).unwrap_or(text.len());
    range.start..range.start + end
}

/// What was done in the past is done.
fn is_history(sentence: &Sentence<'_>) -> bool {
    let past = words().doing("past").within(&sentence.tokens) || words().class("history").within(&sentence.tokens);
    past || sentence.is_question()
}

/// "rename `x` to `y`", "`x` → `y`", "`x` is gone", "stop sending `x`", "`y` in the place of `x`"
fn leaves(sentence: &Sentence<'_>, at: usize) -> bool {
    let tokens = &sentence.tokens;
    let (start, end) = (sentence.clause_start(at), sentence.clause_end(at));
    // "stops saying `x`" denies, and means that it goes.
    let stopped = (start..at).rev().take(3).any(|i| &*tokens[i].stem == "stop")
        && (start..at).all(|i| tokens[i].form != Form::Code);
    let place = at >= 2
        && &*tokens[at - 1].stem == "of"
        && words().doing("stead").has(&tokens[at - 2].stem)
        && !(start..at).any(|i| denial(sentence, i));
    let behind = || {
        // "`x` (from `y`) is gone": what is said of the thing stands behind it, before the next name.
        let next = (at + 1..end).find(|i| tokens[*i].form == Form::Code).unwrap_or(end);
        let said = (at + 1..next).find(|i| words().doing("gone").at(&tokens[*i..]) > 0);
        said.is_some_and(|said| !(at + 1..said).any(|i| denial(sentence, i) && &*tokens[i].stem != "no"))
    };
    stopped || place || goes(sentence, at) || behind()
}

/// "| old | new |", "| now | then |"
fn is_before_and_after(tokens: &[Token]) -> bool {
    let mut cells = tokens.split(|token| token.is_mark("|:"));
    let is = |class: &str, cell: Option<&[Token]>| cell.is_some_and(|cell| words().doing(class).at(cell) > 0);
    is("cell_old", cells.next()) && is("cell_new", cells.next())
}

/// The names of the first cell that the second one does not have.
fn replaced_in_row(row: &Sentence<'_>) -> Vec<usize> {
    let bar = |from: usize| (from..row.tokens.len()).find(|i| row.tokens[*i].is_mark("|:"));
    let Some(first) = bar(0) else { return Vec::new() };
    let second = bar(first + 1).unwrap_or(row.tokens.len());
    let kept = |at: usize| (first + 1..second).any(|i| row.tokens[i].stem == row.tokens[at].stem);
    (0..first).filter(|at| is_name(row, *at) && !kept(*at)).collect()
}

#[cfg(test)]
mod tests {
    use crate::prd::tests::document;

    fn gone(text: &str) -> Vec<String> {
        let each = document("001-a.md", text).1.leaving;
        each.into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn what_goes() {
        for (text, expected) in [
            ("Rename `due` to `due_on`.", &["due"][..]),
            (
                "`Switch` → `Routes`, `useHistory` → `useNavigate`.",
                &["Switch", "useHistory"],
            ),
            ("The answer stops saying `total`.", &["total"]),
            ("One type `presence` comes in the place of `typing`.", &["typing"]),
            ("The section `[server]` is replaced by `[http]`.", &["[server]"]),
            ("`items` is now called `results`.", &["items"]),
            ("- `score` disappears from the `Player` model", &["score"]),
            ("The key `lat` is gone.", &["lat"]),
            ("`sendMail(a, b)` no longer exists.", &["sendMail"]),
            ("Drop `price` from the payload.", &["price"]),
            (
                "| old | new |\n|---|---|\n| `mails` | `notifications.email` |\n| `a.b` | `a.b` |",
                &["mails"],
            ),
        ] {
            assert_eq!(gone(text), expected, "{text}");
        }
    }

    #[test]
    fn what_stays() {
        for text in [
            "`total` is not renamed.",
            "In May `fetchUser` was renamed to `loadUser`.",
            "`total` is read by the app.",
            "## Out of scope\n\nRemove `total`.",
            "## Background\n\nWe renamed `is_paid` to `paid_at`.",
            "Remove the cache from `cart`.",
            "| name | type |\n|---|---|\n| `a` | `b` |",
            "Is `total` gone?",
        ] {
            assert_eq!(gone(text), [""; 0], "{text}");
        }
    }
}
