//! What is assumed of a flag where nobody tells its state: the last argument of the call that asks for it. Enters: the [`Work`] of two sides. Leaves: [`Breach`]es
//! where one side turns it for a key and a new call of the other one still has it as it was: the two disagree whenever the provider does not answer.

use std::collections::BTreeMap;

use super::spoken::{breach, without_comment};
use super::touched::{Touched, number};
use super::work::{Texts, Work};
use super::{Breach, BreachKind, Certainty};
use crate::lang::Language;
use crate::source::{RepoPath, Sources, Span};

/// A call by its name and key: `variation` and `surge-pricing`.
type Asked = (String, String);

/// What such a call is told now, and where.
pub(super) type Fallbacks = BTreeMap<Asked, (bool, Span)>;

/// The findings of both directions.
pub(super) fn fallbacks(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let each = works[by].touched.iter().flat_map(|(path, touched)| {
            let texts = works[by].texts().get(path).copied().unwrap_or_default();
            touched.turned.get_or_init(|| turned(sources, path, (touched, texts)))
        });
        let turned: BTreeMap<&Asked, &(bool, Span)> = each.collect();
        for ((name, key), (now, was)) in turned {
            if !works[other].says(number(key)) {
                continue;
            }
            let Some(used) = asks(sources, works[other], (name, key), !now) else {
                continue;
            };
            let (file, line) = (sources.path(used.file), sources.start(used).line);
            let deeds = [
                format!("asks for `{key}` with {now} where nothing is known (before: {})", !now),
                format!("asks for it with {} in {file}:{line}", !now),
            ];
            found.push(breach(
                by,
                (BreachKind::Flag, Certainty::Likely, key),
                deeds,
                [*was, used],
            ));
        }
    }
    found
}

/// The calls of a file whose last argument a side turned in the line where it stood: what it is now, and where.
fn turned(sources: &Sources, path: &RepoPath, (touched, texts): (&Touched, Texts)) -> Fallbacks {
    let mut found = BTreeMap::new();
    let says = |word: &str| touched.said.contains(&number(word));
    let (Some(base), Some(side)) = (texts.base, texts.side) else {
        return found;
    };
    if !touched.code || !["true", "false", "True", "False"].into_iter().any(says) {
        return found;
    }
    let lines = |file| sources.file(file).text.lines().collect::<Vec<&str>>();
    let (before, after) = (lines(base), lines(side));
    for (old, new) in &touched.hunks {
        let each = |all: &[&str], from: u32, count: u32| -> BTreeMap<Asked, (bool, u32)> {
            let numbers = from..from + count;
            let told = numbers.flat_map(|at| {
                let line = all.get(at.saturating_sub(1) as usize).copied().unwrap_or_default();
                calls(without_comment(path, line))
                    .into_iter()
                    .map(move |(asked, value)| (asked, (value, at)))
            });
            told.collect()
        };
        let was = each(&before, old.start, old.count);
        for (asked, (value, at)) in each(&after, new.start, new.count) {
            if was.get(&asked).is_some_and(|(old, _)| *old != value) {
                found.insert(asked, (value, sources.line(side, at)));
            }
        }
    }
    found
}

/// The first new line that makes the same call with this last argument.
fn asks(sources: &Sources, work: &Work, (name, key): (&str, &str), value: bool) -> Option<Span> {
    for (path, touched) in &work.touched {
        if !touched.said.contains(&number(key)) || !Language::of(path).is_some_and(Language::is_built) {
            continue;
        }
        let Some(file) = work.text_of(path) else { continue };
        let new = work.new_lines(path);
        for (line, at) in sources.file(file).text.lines().zip(1u32..) {
            let is_it = |((own, asked), told): &(Asked, bool)| own == name && asked == key && *told == value;
            if new.contains(&at) && calls(without_comment(path, line)).iter().any(is_it) {
                return Some(sources.line(file, at));
            }
        }
    }
    None
}

/// `name('key', …, true)`: the calls of a line with a key in quotes first and `true` or `false` last.
fn calls(line: &str) -> Vec<(Asked, bool)> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices('(') {
        let before = &line[..at];
        let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        let (name, rest) = (&before[name..], line[at + 1..].trim_start());
        let Some(sign) = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) else {
            continue;
        };
        let Some((key, rest)) = rest[1..].split_once(sign) else {
            continue;
        };
        let args = rest.split(')').next().unwrap_or_default();
        let last = args.rsplit([',', '=', ':']).next().unwrap_or_default().trim();
        let value = match last {
            "true" | "True" => true,
            "false" | "False" => false,
            _ => continue,
        };
        if !name.is_empty() && !key.is_empty() && args.trim_start().starts_with(',') {
            found.push(((name.to_owned(), key.to_owned()), value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_a_key_and_a_last_word() {
        let one = |line: &str| {
            calls(line)
                .into_iter()
                .map(|((name, key), value)| format!("{name} {key} {value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            one("const a = flags.variation('x-y', false) ? 1 : 2;"),
            ["variation x-y false"]
        );
        assert_eq!(one("client.BoolVariation(\"x\", ctx, true)"), ["BoolVariation x true"]);
        assert_eq!(one("client.variation(\"x\", default=False)"), ["variation x false"]);
        assert_eq!(one("→ask('x', true) “b('y', false)"), ["ask x true", "b y false"]);
        assert_eq!(one("set('x', other)"), [""; 0]);
        assert_eq!(one("set('x')"), [""; 0]);
    }
}
