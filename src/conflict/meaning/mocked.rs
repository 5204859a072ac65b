//! What tests put something else in the place of, by a name in quotes: `patch("shop.mail.send")`, `jest.mock('./mail')`. One side takes that away, the other
//! one's new lines name it. Enters: the [`Work`] of both. Leaves: [`Breach`]es.

use super::contract::How;
use super::spoken::{breach, is_of_tests, without_comment};
use super::touched::{number, words};
use super::work::Work;
use super::{Breach, BreachKind, Certainty};
use crate::source::{RepoPath, Sources, Span};

/// Extensions that an import leaves out.
const SCRIPTS: [&str; 6] = ["ts", "tsx", "js", "jsx", "mjs", "cjs"];

/// What each side's new tests replace that is no more on the other one.
pub(super) fn mocked(sources: &Sources, works: [&Work; 2]) -> Vec<Breach> {
    let mut found = Vec::new();
    for (by, other) in [(0, 1), (1, 0)] {
        let user = works[other];
        let mocks = user.later.mocks.get_or_init(|| mocks(sources, user));
        if mocks.is_empty() {
            continue;
        }
        for gone in &works[by].gone {
            let python = gone.path.extension() == "py" && !gone.how.stays() && gone.how != How::Withheld;
            if !python || !user.says(number(gone.short())) {
                continue;
            }
            let dotted = dotted(&gone.path, &gone.name);
            let Some((_, _, used)) = mocks
                .iter()
                .find(|(_, text, _)| *text == dotted || is_below(&dotted, text))
            else {
                continue;
            };
            let deeds = [
                format!("takes {} out of {}", gone.name, gone.path),
                format!(
                    "replaces it by its name in {}:{}",
                    sources.path(used.file),
                    sources.start(*used).line
                ),
            ];
            found.push(breach(
                by,
                (BreachKind::Removed, Certainty::Likely, &gone.name),
                deeds,
                [gone.was, *used],
            ));
        }
        for (path, texts) in works[by].texts() {
            let (Some(base), None) = (texts.base, texts.side) else {
                continue;
            };
            if !SCRIPTS.contains(&path.extension()) {
                continue;
            }
            let whole = path.as_str();
            let stem = &whole[..whole.len() - path.extension().len() - 1];
            let stem = stem.strip_suffix("/index").unwrap_or(stem);
            // Another file may answer to the name: `mail/index.ts` for `mail.ts`.
            let left = works.iter().flat_map(|work| work.new_paths()).any(|new| {
                let new = new.as_str();
                new.strip_prefix(stem)
                    .is_some_and(|rest| rest.starts_with('.') || rest.starts_with("/index."))
            });
            let fits = |(from, text, _): &&(RepoPath, String, Span)| {
                joined(from, text).is_some_and(|path| path == stem || path == whole)
            };
            let Some((_, _, used)) = mocks.iter().find(fits).filter(|_| !left) else {
                continue;
            };
            let deeds = [
                format!("removes {path}"),
                format!(
                    "replaces it by its path in {}:{}",
                    sources.path(used.file),
                    sources.start(*used).line
                ),
            ];
            found.push(breach(
                by,
                (BreachKind::Removed, Certainty::Likely, whole),
                deeds,
                [sources.line(base, 1), *used],
            ));
        }
    }
    found
}

/// `shop.mail.send` of `shop/mail.py`.
fn dotted(path: &RepoPath, name: &str) -> String {
    let whole = path.as_str().strip_suffix(".py").unwrap_or_default();
    let whole = whole.strip_suffix("/__init__").unwrap_or(whole);
    format!("{}.{name}", whole.replace('/', "."))
}

/// True for a shorter way to the same: below a folder that is no package (`src`, `backend`). One word before the name is too little.
fn is_below(dotted: &str, text: &str) -> bool {
    text.matches('.').count() >= 2 && dotted.strip_suffix(text).is_some_and(|rest| rest.ends_with('.'))
}

/// Where a path leads from a file.
fn joined(from: &RepoPath, text: &str) -> Option<String> {
    if !text.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = from.parent().split('/').filter(|part| !part.is_empty()).collect();
    for part in text.split('/') {
        match part {
            "." | "" => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What new lines of tests replace: the file, the text, the place.
pub(super) fn mocks(sources: &Sources, user: &Work) -> Vec<(RepoPath, String, Span)> {
    let mut found = Vec::new();
    let signs = [number("patch"), number("mock"), number("doMock")];
    for (path, touched) in &user.touched {
        if !touched.code || !signs.iter().any(|sign| touched.said.contains(sign)) || !is_of_tests(path, "") {
            continue;
        }
        let Some(file) = user.text_of(path) else { continue };
        for (line, at) in user.new_text(sources, path) {
            let line = without_comment(path, line);
            let replaces = match path.extension() {
                "py" => words(line).any(|word| word == "patch"),
                _ => ["jest.mock(", "vi.mock(", "jest.doMock(", "vi.doMock("]
                    .iter()
                    .any(|call| line.contains(call)),
            };
            // What need not be there (`create=True`, `virtual: true`).
            if replaces && !line.contains("create=True") && !line.contains("virtual") {
                let first = line.split(['"', '\'']).nth(1);
                found.extend(first.map(|text| (path.clone(), text.to_owned(), sources.line(file, at))));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_in_quotes_lead_to() {
        let path = |path: &str| RepoPath::new(path).expect("a path");
        assert_eq!(dotted(&path("shop/mail.py"), "send"), "shop.mail.send");
        assert_eq!(dotted(&path("shop/__init__.py"), "send"), "shop.send");
        assert!(is_below("src.shop.mail.send", "shop.mail.send") && !is_below("shop.mail.send", "mail.send"));
        assert_eq!(joined(&path("src/a/b.test.ts"), "../mail").as_deref(), Some("src/mail"));
        assert_eq!(joined(&path("b.test.ts"), "../mail"), None);
    }
}
