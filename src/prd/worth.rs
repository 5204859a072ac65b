//! What a document says that a constant or a setting is. Enters: its blocks and their contexts. Leaves: [`Worth`]s: a name, a value, and whether
//! the document gives it this value or takes it to have it. Knows nothing of whether the thing exists. States of flags are `claim`'s.

use std::collections::BTreeSet;

use super::context::Context;
use super::markdown::{Block, BlockKind};
use super::prose::{Form, Sentence, Token, sentences, words};
use super::{Access, Mention, mention, shape};
use crate::source::{FileId, Span};

/// So many words may stand between a name and its value ("`x` is now set to 5").
const BETWEEN: usize = 4;

/// A value that a document says a thing has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Worth {
    /// The name as it is written (`MAX_ITEMS`, `search.maxResults`).
    pub name: String,
    /// The value: digits, a unit behind them where one is said ("30 s"); or a quoted text.
    pub value: String,
    /// What the document does about it.
    pub kind: WorthKind,
    /// From the name to the value.
    pub span: Span,
}

/// What a document does about a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum WorthKind {
    /// It gives the thing this value: "raise `X` to 200", "`X` becomes 200".
    Becomes,
    /// It says that the thing has it, and leaves open who gave it: "`X` is 200", "`X` (200)".
    Is,
    /// It says that the thing has it today: "`X` stays at 50", "`X` is currently 50".
    Stays,
}

/// What `blocks` say of values, in the order of the text. What is out of scope, history or code says nothing.
pub(super) fn find(blocks: &[Block], contexts: &[Context], file: FileId) -> Vec<Worth> {
    let mut out = Vec::new();
    for (block, context) in blocks.iter().zip(contexts) {
        if block.kind == BlockKind::Code || context.negated || context.silent || context.tests {
            continue;
        }
        for sentence in sentences(&block.flow) {
            if sentence.is_question() || words().doing("elsewhere").within(&sentence.tokens) {
                continue;
            }
            let each = (0..sentence.tokens.len()).filter_map(|at| said(&sentence, at, file));
            out.extend(each);
        }
    }
    out
}

/// Who gives a thing a value changes it, whatever the verb is.
pub(super) fn change(mentions: &mut [Mention], worths: &[Worth]) {
    let given: BTreeSet<(FileId, u32)> = worths
        .iter()
        .filter(|worth| worth.kind == WorthKind::Becomes)
        .map(|worth| (worth.span.file, worth.span.bytes.start))
        .collect();
    for mention in mentions
        .iter_mut()
        .filter(|mention| !mention.negated && !mention.sample)
    {
        // The place of a worth begins with the mark before the name.
        let start = mention.span.bytes.start;
        let is_given = (start.saturating_sub(1)..=start).any(|start| given.contains(&(mention.span.file, start)));
        if is_given && mention.access.is_none_or(|access| access == Access::Read) {
            mention.access = Some(Access::Write);
        }
    }
}

/// What the sentence says of the value of the name at the token `at`.
fn said(sentence: &Sentence<'_>, at: usize, file: FileId) -> Option<Worth> {
    let token = sentence.tokens.get(at).filter(|token| token.form == Form::Code)?;
    let text = &sentence.flow.text[token.at.clone()];
    let worth = |name: &str, value: String, kind, end: usize| Worth {
        name: name.to_owned(),
        value,
        kind,
        span: sentence.bytes(at..end).in_file(file),
    };
    // `MAX_ITEMS = 50`
    if let Some((name, value)) = text.split_once(" = ").filter(|_| shape::declared_name(text).is_some()) {
        let value = literal(value.trim_end_matches(';'))?;
        let kind = if is_raised(sentence, at) {
            WorthKind::Becomes
        } else {
            WorthKind::Is
        };
        return Some(worth(name, value, kind, at + 1));
    }
    if !is_name(text) || denied(sentence, at) {
        return None;
    }
    let (kind, value, end) = told(sentence, at)?;
    Some(worth(text, value, kind, end))
}

/// A constant, or a setting with an owner; a bare word is anybody's.
fn is_name(text: &str) -> bool {
    let constant = text.len() > 2
        && text.chars().any(|c| c.is_ascii_uppercase())
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let telling = text.contains(['.', '_']) || text.chars().skip(1).any(char::is_uppercase);
    shape::is_symbol(text) && !text.contains('(') && (constant || telling)
}

/// The words behind a name up to its value, and what they make of it.
fn told(sentence: &Sentence<'_>, at: usize) -> Option<(WorthKind, String, usize)> {
    let tokens = &sentence.tokens;
    let is = |class: &str, i: usize| tokens[i].form == Form::Word && words().doing(class).has(&tokens[i].stem);
    let raised = is_raised(sentence, at);
    let (mut today, mut becomes) = (false, false);
    let mut next = at + 1;
    // "`x` 7 -> 14"
    let mut linked = value(sentence, next).is_some_and(|(_, end)| arrow(sentence, end).is_some());
    while next < tokens.len() && next <= at + 5 + BETWEEN {
        if let Some((value, end)) = value(sentence, next) {
            // "raise `x` from 50 to 200", "`x`: 50 → 200": the second one is what it becomes.
            let from = tokens[next - 1].form == Form::Word && &*tokens[next - 1].stem == "from";
            if let Some(arrow) = arrow(sentence, end).filter(|_| !from) {
                (next, linked, becomes) = (arrow, true, true);
                continue;
            }
            if from {
                (next, linked) = (end, false);
                continue;
            }
            let behind = tokens
                .get(end)
                .is_some_and(|next| words().doing("worth_now").has(&next.stem));
            let now = words().doing("worth_now").within(tokens);
            let kind = match (raised || becomes, today || behind || now) {
                (_, true) => WorthKind::Stays,
                (true, false) => WorthKind::Becomes,
                (false, false) => WorthKind::Is,
            };
            let whole = linked && !is_limited(sentence, end);
            return whole.then_some((kind, value, end));
        }
        let token = &tokens[next];
        // "raise `x` in `x.ts` from …", "`x` (`x.ts`) must be …"
        if next == at + 1
            && let Some(behind) = placed(sentence, next)
        {
            next = behind;
            continue;
        }
        match () {
            () if is("worth_today", next) => (today, linked) = (true, true),
            () if is("worth_becomes", next) => (becomes, linked) = (true, true),
            () if is("worth_is", next) || token.is_mark("(=:→") => linked = true,
            () if is("worth_raises", next) && linked => becomes = true,
            () if (raised || becomes) && matches!(&*token.stem, "from" | "to" | "by") => linked = &*token.stem == "to",
            // "the term is `x`, currently 60"
            () if token.is_mark(",") && next + 1 < tokens.len() && is("worth_today", next + 1) => {}
            () if is("worth_filler", next) => {}
            () => return None,
        }
        next += 1;
    }
    None
}

/// Where the words go on behind the file that a name is said to stand in: "in `x.ts`", "(`x.ts`)".
fn placed(sentence: &Sentence<'_>, at: usize) -> Option<usize> {
    let tokens = &sentence.tokens;
    let is_code = |i: usize| tokens.get(i).is_some_and(|token| token.form == Form::Code);
    if matches!(&*tokens[at].stem, "in" | "of") && is_code(at + 1) {
        return Some(at + 2);
    }
    let closed = tokens.get(at + 2).is_some_and(|token| token.is_mark(")"));
    let path = is_code(at + 1) && shape::is_path(&sentence.flow.text[tokens[at + 1].at.clone()]);
    (tokens[at].is_mark("(") && path && closed).then_some(at + 3)
}

/// Where the second value begins, if an arrow stands behind the first one.
fn arrow(sentence: &Sentence<'_>, end: usize) -> Option<usize> {
    let tokens = &sentence.tokens;
    let from = tokens.get(end.checked_sub(1)?)?.at.end;
    let next =
        (end..tokens.len().min(end + 3)).find(|i| tokens[*i].form == Form::Number || tokens[*i].form == Form::Code)?;
    let between = sentence.flow.text[from..tokens[next].at.start].trim();
    matches!(between, "->" | "→" | "=>" | "⇒").then_some(next)
}

/// "raise `x`", "set `x`": the verb right before the name gives it a value.
fn is_raised(sentence: &Sentence<'_>, at: usize) -> bool {
    let before = sentence.tokens[..at].iter().rev().take(BETWEEN);
    let mut before = before.take_while(|token| token.form == Form::Word);
    before.any(|token| words().doing("worth_raises").has(&token.stem))
}

fn denied(sentence: &Sentence<'_>, at: usize) -> bool {
    let (start, end) = (sentence.clause_start(at), sentence.clause_end(at));
    (start..end).any(|i| mention::denial(sentence, i))
}

/// The value at the token `at`, with the token behind it: a number with its unit, or a quoted piece of code.
fn value(sentence: &Sentence<'_>, at: usize) -> Option<(String, usize)> {
    let token = sentence.tokens.get(at)?;
    let text = &sentence.flow.text[token.at.clone()];
    match token.form {
        Form::Code => Some((literal(text)?, at + 1)),
        Form::Number => {
            let end = grouped(sentence, at);
            let number = literal(&sentence.flow.text[sentence.span(at..end)])?;
            let next = sentence.tokens.get(end);
            let unit = next.filter(|next| next.form != Form::Code).and_then(unit_of);
            Some(match unit {
                Some(unit) => (format!("{number} {unit}"), end + 1),
                None => (number, end),
            })
        }
        Form::Word => counted(text).or_else(|| measured(text)).map(|value| (value, at + 1)),
        Form::Mark => measured(text).map(|value| (value, at + 1)),
    }
}

/// "three": the digits of a small number that is written out.
fn counted(text: &str) -> Option<String> {
    let words = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];
    let at = words.iter().position(|word| text.eq_ignore_ascii_case(word))?;
    Some((at + 1).to_string())
}

/// Where a number ends that commas group by thousands.
fn grouped(sentence: &Sentence<'_>, at: usize) -> usize {
    let mut end = at + 1;
    while let Some([comma, digits]) = sentence.tokens.get(end..end + 2) {
        let joined =
            comma.is_mark(",") && comma.at.end == digits.at.start && sentence.tokens[end - 1].at.end == comma.at.start;
        if !joined || digits.form != Form::Number || digits.at.len() != 3 {
            break;
        }
        end += 2;
    }
    end
}

/// "30s", "5MB": a number with its unit in one word.
fn measured(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '_')))?;
    let (number, unit) = text.split_at(end);
    let unit = units()
        .iter()
        .find(|(_, names)| names.contains(&unit.to_lowercase().as_str()))?;
    Some(format!("{} {}", literal(number)?, unit.0))
}

fn unit_of(token: &Token) -> Option<&'static str> {
    let named = |(_, names): &&(&str, &[&str])| names.contains(&&*token.stem);
    units().iter().find(named).map(|(unit, _)| *unit)
}

/// Units with the stems of their names.
fn units() -> &'static [(&'static str, &'static [&'static str])] {
    &[
        ("ms", &["ms", "millisecond", "msec"]),
        ("s", &["s", "second", "sec"]),
        ("min", &["min", "minut", "minute"]),
        ("h", &["h", "hour", "hr"]),
        ("d", &["d", "day"]),
        ("KB", &["kb", "kilobyt", "kib"]),
        ("MB", &["mb", "megabyt", "mib"]),
        ("GB", &["gb", "gigabyt", "gib"]),
        ("%", &["%", "percent"]),
    ]
}

/// Digits without what groups them, or a quoted text as it is.
#[must_use]
pub fn literal(text: &str) -> Option<String> {
    let text = text.trim();
    let quoted = text.len() > 2
        && (text.starts_with('"') && text.ends_with('"') || text.starts_with('\'') && text.ends_with('\''));
    if quoted {
        return Some(format!("\"{}\"", &text[1..text.len() - 1]));
    }
    let digits: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let number = digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok();
    number.then_some(digits)
}

/// "… is 200 for enterprise", "… (50 in staging)": it holds of a part of the world.
fn is_limited(sentence: &Sentence<'_>, end: usize) -> bool {
    let stem = |at: usize| {
        sentence
            .tokens
            .get(at)
            .filter(|token| token.form == Form::Word)
            .map_or("", |token| &*token.stem)
    };
    // "200 for everybody" is no limit, nor is "200 in `x.ts`".
    let all = matches!(
        stem(end + 1),
        "everybodi" | "everyon" | "all" | "everi" | "each" | "good"
    );
    let place = stem(end) == "in"
        && sentence
            .tokens
            .get(end + 1)
            .is_some_and(|token| token.form == Form::Code);
    words().doing("worth_limited").has(stem(end)) && !all && !place
}

#[cfg(test)]
mod tests {
    use crate::prd::tests::document;

    fn told_of(text: &str) -> Vec<String> {
        let each = document("001-a.md", text).1.worths;
        each.iter()
            .map(|worth| format!("{} {:?} {}", worth.name, worth.kind, worth.value))
            .collect()
    }

    #[test]
    fn what_a_document_says_of_values() {
        for (text, expected) in [
            ("`MAX_ITEMS` is 200.", "MAX_ITEMS Is 200"),
            ("The cart refuses more than `MAX_ITEMS` (50) items.", "MAX_ITEMS Is 50"),
            ("Raise `MAX_ITEMS` from 50 to 1,000.", "MAX_ITEMS Becomes 1000"),
            (
                "Raise `MAX_ITEMS` in `src/cart.ts` from 50 to 200.",
                "MAX_ITEMS Becomes 200",
            ),
            ("Set `search.timeout` to 30 seconds.", "search.timeout Becomes 30 s"),
            ("`search.timeout` is now 30s.", "search.timeout Becomes 30 s"),
            ("`search.timeout` stays at 300 ms.", "search.timeout Stays 300 ms"),
            ("`search.maxResults` defaults to 100.", "search.maxResults Is 100"),
            ("`MAX_ITEMS` is increased from 3 to 10.", "MAX_ITEMS Becomes 10"),
            ("`MAX_ITEMS` should therefore be 48.", "MAX_ITEMS Is 48"),
            ("`MAX_ITEMS` goes down to 900 for everybody.", "MAX_ITEMS Becomes 900"),
            ("`MAX_ITEMS` has to become 25.", "MAX_ITEMS Becomes 25"),
            ("We shorten `MAX_ITEMS` to three.", "MAX_ITEMS Becomes 3"),
            (
                "- `http.timeout` in config/default.toml: 30 → 5",
                "http.timeout Becomes 5",
            ),
            (
                "An invitation is valid longer: `TTL_DAYS` 7 -> 14.",
                "TTL_DAYS Becomes 14",
            ),
            ("`http.timeout` (config/default.toml) must be 60.", "http.timeout Is 60"),
            (
                "The queue runs with `queue.workers` = 8 today.",
                "queue.workers Stays 8",
            ),
            (
                "The term is `loans.term_days`, currently 60.",
                "loans.term_days Stays 60",
            ),
            (
                "Today it is short (`GRACE_DAYS` is 30), and that stays.",
                "GRACE_DAYS Stays 30",
            ),
            ("`RETRY_LIMIT = 5`", "RETRY_LIMIT Is 5"),
            ("Currently `x` holds; `pageSize` is currently 25.", "pageSize Stays 25"),
            ("`API_VERSION` becomes `'2024-01'`.", "API_VERSION Becomes \"2024-01\""),
        ] {
            assert_eq!(told_of(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_says_no_value() {
        for text in [
            "`MAX_ITEMS` is at least 30.",
            "`MAX_ITEMS` is 200 for enterprise.",
            "`MAX_ITEMS` is not 200.",
            "Is `MAX_ITEMS` 200?",
            "`MAX_ITEMS` is read in 3 places.",
            "`total` is 5.",
            "`MAX_ITEMS` was 20 in the old design, in staging.",
            "## Out of scope\n\n`MAX_ITEMS` is 200.",
            "`orders.total` has 3 callers.",
            "`orders.total` is one of three.",
        ] {
            assert!(told_of(text).is_empty(), "{text}: {:?}", told_of(text));
        }
    }
}
