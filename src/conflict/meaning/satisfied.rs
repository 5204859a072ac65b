//! Go: an interface that asks for more methods, and a new type that has all that it asked for before and is used as one. Nobody writes down there who
//! implements what, so it is told by both: the methods, and the interface's name beside the type. Enters: the [`Work`] of both. Leaves: [`Breach`]es.

use std::collections::{BTreeMap, BTreeSet};

use super::spoken::breach;
use super::touched::number;
use super::work::Work;
use super::{Breach, BreachKind, Certainty, has_word};
use crate::source::{FileId, RepoPath, Sources, Span};

/// An interface that asks for more.
#[derive(Debug)]
pub(super) struct Widened {
    path: RepoPath,
    name: String,
    had: BTreeSet<String>,
    new: BTreeSet<String>,
    now: Span,
}

/// New types of one side that the other's interfaces no longer fit.
pub(super) fn satisfied(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let user = works[other];
        let widened = works[by].later.widened.get_or_init(|| widened(sources, works[by]));
        for one in widened.iter().filter(|one| user.says(number(&one.name))) {
            found.extend(of_interface(sources, by, one, user));
        }
    }
    found
}

/// The interfaces of a side that ask for more than before; those that take in others are left out.
fn widened(sources: &Sources, work: &Work) -> Vec<Widened> {
    let mut found = Vec::new();
    for (path, texts) in work.texts() {
        let (Some(base), Some(side)) = (texts.base, texts.side) else {
            continue;
        };
        if path.extension() != "go" {
            continue;
        }
        let had = interfaces(&sources.file(base).text);
        for (name, (methods, at)) in interfaces(&sources.file(side).text) {
            let Some((before, _)) = had.get(&name).filter(|(before, _)| !before.is_empty()) else {
                continue;
            };
            let new: BTreeSet<String> = methods.difference(before).cloned().collect();
            if !new.is_empty() && methods.is_superset(before) {
                found.push(Widened {
                    path: path.clone(),
                    name,
                    had: before.clone(),
                    new,
                    now: sources.line(side, at),
                });
            }
        }
    }
    found
}

/// The methods of the interfaces of a text, with the line of each interface; none that takes in another one.
fn interfaces(text: &str) -> BTreeMap<String, (BTreeSet<String>, u32)> {
    let mut found = BTreeMap::new();
    let mut open: Option<(String, u32, BTreeSet<String>, bool)> = None;
    for (line, at) in text.lines().zip(1u32..) {
        let bare = line.split("//").next().unwrap_or_default().trim();
        if let Some((name, start, methods, plain)) = &mut open {
            if bare == "}" {
                if *plain {
                    found.insert(name.clone(), (std::mem::take(methods), *start));
                }
                open = None;
            } else if let Some((method, _)) = bare
                .split_once('(')
                .filter(|_| line.starts_with('\t') && !line.starts_with("\t\t"))
            {
                methods.insert(method.to_owned());
            } else if !bare.is_empty()
                && line.starts_with('\t')
                && !line.starts_with("\t\t")
                && !bare.starts_with([')', '}'])
            {
                *plain = false;
            }
            continue;
        }
        let name = bare
            .strip_prefix("type ")
            .and_then(|rest| rest.strip_suffix(" interface {"));
        if let Some(name) = name.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            open = Some((name.to_owned(), at, BTreeSet::new(), true));
        }
    }
    found
}

fn of_interface(sources: &Sources, by: usize, one: &Widened, user: &Work) -> Vec<Breach> {
    // The folders in which new lines say the interface, with the new lines of code there.
    let mut folders: BTreeMap<&str, Vec<(&RepoPath, FileId)>> = BTreeMap::new();
    for path in user.texts().keys().filter(|path| path.extension() == "go") {
        if let Some(file) = user.text_of(path) {
            folders.entry(path.parent()).or_default().push((path, file));
        }
    }
    let own = one.path.parent();
    let package = own.rsplit('/').next().unwrap_or_default();
    let mut found = Vec::new();
    for (folder, files) in folders {
        // `stock.Counter` elsewhere, `Counter` in the package itself.
        let said = if folder == own {
            one.name.clone()
        } else {
            format!("{package}.{}", one.name)
        };
        let mut lines: Vec<(Span, &str)> = Vec::new();
        let mut methods: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (path, file) in &files {
            let new = user.new_lines(path);
            let text = &sources.file(*file).text;
            for (line, at) in text.lines().zip(1u32..) {
                if let Some((receiver, method)) = method(line) {
                    methods.entry(receiver.to_owned()).or_default().insert(method);
                }
                if new.contains(&at) {
                    lines.push((sources.line(*file, at), line.split("//").next().unwrap_or_default()));
                }
            }
        }
        let says = |line: &str| {
            let word = line.match_indices(&said).any(|(at, _)| {
                let sides = [line[..at].chars().next_back(), line[at + said.len()..].chars().next()];
                !sides
                    .into_iter()
                    .flatten()
                    .any(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
            });
            word && !line.trim_start().starts_with("type ")
        };
        if !lines.iter().any(|(_, line)| says(line)) {
            continue;
        }
        for (name, has) in methods {
            let declared = format!("type {name} ");
            let Some((span, head)) = lines.iter().find(|(_, line)| line.starts_with(&declared)) else {
                continue;
            };
            let lacks: Vec<&str> = one
                .new
                .iter()
                .map(String::as_str)
                .filter(|new| !has.contains(new))
                .collect();
            if lacks.is_empty() || !one.had.iter().all(|had| has.contains(had.as_str())) || embeds(sources, *span, head)
            {
                continue;
            }
            // It is said outright, or one is made and handed on.
            let outright = lines
                .iter()
                .any(|(_, line)| says(line) && has_word(line, &name, &[]) && line.trim_start().starts_with("var _"));
            let made = [format!("{name}{{"), format!("{name}("), format!("new({name})")];
            let is_made = lines.iter().any(|(span_, line)| {
                span_ != span && !line.starts_with("func (") && made.iter().any(|form| line.contains(form.as_str()))
            });
            if !outright && !is_made {
                continue;
            }
            let (file, line) = (sources.path(span.file), sources.start(*span).line);
            let deeds = [
                format!("asks for {} in {} of {}", lacks.join(", "), one.name, one.path),
                format!("makes {name} without it in {file}:{line}, and uses it beside {said}"),
            ];
            let certainty = if outright { Certainty::Seen } else { Certainty::Likely };
            found.push(breach(
                by,
                (BreachKind::Signature, certainty, &one.name),
                deeds,
                [one.now, *span],
            ));
        }
    }
    found
}

/// `func (f fake) Count(…)`: the type and the method.
fn method(line: &str) -> Option<(&str, &str)> {
    let (receiver, rest) = line.strip_prefix("func (")?.split_once(')')?;
    let ty = receiver.split_whitespace().next_back()?.trim_start_matches('*');
    let ty = ty.split('[').next().unwrap_or(ty);
    Some((ty, rest.trim_start().split(['(', '[']).next()?.trim()))
}

/// True for a struct that takes in another type: it may have its methods from there.
fn embeds(sources: &Sources, span: Span, head: &str) -> bool {
    if !head.contains("struct") {
        // `type fake int`, `type fake func()`; another named type may be anything.
        return false;
    }
    if head.contains('}') {
        let inner = head
            .split_once('{')
            .map_or("", |(_, inner)| inner)
            .trim_end_matches(['}', ' '])
            .trim();
        return !inner.is_empty() && inner.split_whitespace().count() < 2;
    }
    let text = &sources.file(span.file).text;
    let body = text.get(span.bytes.end as usize..).unwrap_or_default();
    let fields = body.lines().skip(1).take_while(|line| !line.starts_with('}'));
    let mut fields = fields
        .map(|line| line.split("//").next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty());
    fields.any(|field| field.split('`').next().unwrap_or_default().split_whitespace().count() < 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_of_a_text() {
        let found = interfaces(
            "type A interface {\n\tCount(a string) int // it\n\tAll() []string\n}\n\ntype B interface {\n\tA\n\tMore()\n}\n",
        );
        assert_eq!(found.len(), 1);
        assert_eq!((found["A"].0.len(), found["A"].1), (2, 1));
        assert_eq!(
            method("func (s *Store[T]) Count(a string) int {"),
            Some(("Store", "Count"))
        );
    }
}
