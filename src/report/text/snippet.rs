//! One finding, drawn. Enters: a finding and the texts. Leaves: a diagnostic with the lines that prove it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level as Severity, Renderer, Snippet};

use crate::check::{Finding, Level, Remedy};
use crate::report::visible;
use crate::source::{Bytes, FileId, Sources, Span};

/// A line longer than this is cut around the place: a minified file must not fill the screen.
const WIDEST: usize = 160;

/// A piece of a file that is shown: some whole lines, and the places in them.
struct Shown {
    first_line: usize,
    text: String,
    places: Vec<(std::ops::Range<usize>, String, bool)>,
}

/// A finding as a diagnostic, with a line break at its end.
#[must_use]
pub fn finding(finding: &Finding, sources: &Sources) -> String {
    let level = match finding.level {
        Level::Error => Severity::ERROR,
        Level::Warning => Severity::WARNING,
        Level::Note => Severity::NOTE,
    };
    let places: Vec<(Span, &str)> = finding
        .places
        .iter()
        .map(|place| (place.span, place.note.as_str()))
        .collect();
    let helps: Vec<String> = finding.remedies.iter().map(Remedy::line).collect();
    draw(level, Some(finding.check), &finding.message, sources, &places, &helps)
}

/// A failure with its place: `error: message`, the line, and what to do.
#[must_use]
pub fn failure_at(message: &str, sources: &Sources, span: Span, hints: &[String]) -> String {
    draw(Severity::ERROR, None, message, sources, &[(span, "")], hints)
}

fn draw(
    level: Severity<'static>,
    id: Option<&'static str>,
    message: &str,
    sources: &Sources,
    places: &[(Span, &str)],
    helps: &[String],
) -> String {
    let message = visible(message);
    let mut title = level.primary_title(&*message);
    if let Some(id) = id {
        title = title.id(id);
    }
    let pieces = pieces(sources, places);
    let mut group = Group::with_title(title);
    for (path, shown) in &pieces {
        let annotations = shown.places.iter().map(|(range, note, first)| {
            let kind = if *first {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            let annotation = kind.span(range.clone());
            if note.is_empty() {
                annotation
            } else {
                annotation.label(note.as_str())
            }
        });
        let snippet = Snippet::source(shown.text.as_str())
            .line_start(shown.first_line)
            .path(path.as_str())
            .fold(true);
        group = group.element(snippet.annotations(annotations));
    }
    let helps: Vec<String> = helps.iter().map(|help| visible(help)).collect();
    for help in &helps {
        group = group.element(Severity::HELP.message(help.as_str()));
    }
    let mut text = Renderer::styled().render(&[group]);
    let _ = writeln!(text);
    text
}

/// The places by file, in the order in which the files first appear.
fn pieces(sources: &Sources, places: &[(Span, &str)]) -> Vec<(String, Shown)> {
    let mut order: Vec<FileId> = Vec::new();
    let mut by_file: BTreeMap<FileId, Vec<(Span, &str, bool)>> = BTreeMap::new();
    for (at, (span, note)) in places.iter().enumerate() {
        if !order.contains(&span.file) {
            order.push(span.file);
        }
        by_file.entry(span.file).or_default().push((*span, note, at == 0));
    }
    let piece = |file: FileId| {
        let shown = shown(sources, file, by_file.get(&file).map_or(&[][..], Vec::as_slice));
        (
            visible(sources.path(file).as_str()).replace(['\n', '\t'], "\u{fffd}"),
            shown,
        )
    };
    order.into_iter().map(piece).collect()
}

/// The lines from the first place to the last, with every character that a terminal obeys made visible.
fn shown(sources: &Sources, file: FileId, places: &[(Span, &str, bool)]) -> Shown {
    let first_line = places
        .iter()
        .map(|(span, ..)| sources.start(*span).line)
        .min()
        .unwrap_or(1);
    let last_line = places
        .iter()
        .map(|(span, ..)| last_shown(sources, *span))
        .max()
        .unwrap_or(first_line);
    let start = sources.line(file, first_line).bytes.start;
    let end = sources.line(file, last_line).bytes.end;
    let raw = sources.text(Bytes { start, end }.in_file(file));
    let mut cut = Cut::new(raw, places.iter().map(|(span, ..)| clip(span.bytes, start, end)));
    let places = places.iter().map(|(span, note, first)| {
        let range = clip(span.bytes, start, end);
        (cut.range(range), visible(note), *first)
    });
    let places = places.collect();
    Shown {
        first_line: first_line as usize,
        text: std::mem::take(&mut cut.text),
        places,
    }
}

/// A place of many lines is shown by its first.
fn last_shown(sources: &Sources, span: Span) -> u32 {
    let (start, end) = (sources.start(span).line, sources.end(span).line);
    if end > start + 1 { start } else { end }
}

fn clip(bytes: Bytes, start: u32, end: u32) -> std::ops::Range<usize> {
    let from = bytes.start.clamp(start, end) - start;
    let to = bytes.end.clamp(start, end) - start;
    from as usize..(to as usize).max(from as usize)
}

/// A text whose long lines were cut and whose control characters were replaced, with a map from old to new positions.
struct Cut {
    text: String,
    /// Old position, new position, at every character that was kept.
    map: Vec<(usize, usize)>,
}

impl Cut {
    fn new(raw: &str, places: impl Iterator<Item = std::ops::Range<usize>>) -> Self {
        let places: Vec<_> = places.collect();
        let (mut text, mut map, mut at) = (String::new(), Vec::new(), 0);
        for line in raw.split_inclusive('\n') {
            let ours = places
                .iter()
                .find(|place| place.start >= at && place.start <= at + line.len());
            let (skip, keep) = window(line, ours.map(|place| place.start - at));
            for (offset, character) in line.char_indices() {
                if character == '\r' {
                    continue;
                }
                if character == '\n' || (offset >= skip && offset < keep) {
                    map.push((at + offset, text.len()));
                    text.push_str(&visible(character.encode_utf8(&mut [0; 4])));
                }
            }
            at += line.len();
        }
        map.push((raw.len(), text.len()));
        Self { text, map }
    }

    fn range(&self, old: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let new = |old: usize| {
            let at = self.map.partition_point(|(from, _)| *from < old);
            self.map.get(at).map_or(self.text.len(), |(_, to)| *to)
        };
        let (start, mut end) = (new(old.start), new(old.end));
        // Without its line break, and never beyond its line: a label belongs under words.
        if let Some(line_break) = self.text[start..end.max(start)].find('\n') {
            end = start + line_break;
        }
        start..end.max(start)
    }
}

/// The bytes of a line to keep: all of it, or a window around the place.
fn window(line: &str, place: Option<usize>) -> (usize, usize) {
    if line.len() <= WIDEST {
        return (0, line.len());
    }
    let start = place.unwrap_or(0).saturating_sub(WIDEST / 4);
    let start = (0..=start).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    (start, start + WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assumption::Role;
    use crate::source::fixture;

    fn drawn(text: &str, word: &str) -> String {
        let (sources, view) = fixture(&format!("//- docs/a.md\n{text}"));
        let file = view.files.values().copied().next().unwrap();
        let start = sources.file(file).text.find(word).unwrap();
        let span = Bytes::new(start, start + word.len()).in_file(file);
        let finding = Finding::new("assumes-unset-flag", Level::Error, "held").at(Role::Prd, span, "said here");
        anstream::adapter::strip_str(&super::finding(&finding, &sources)).to_string()
    }

    #[test]
    fn the_place_is_underlined_with_its_label() {
        let text = drawn("One\nShip it OFF today.\n", "OFF");
        assert!(text.contains("error[assumes-unset-flag]: held"), "{text}");
        assert!(text.contains("--> docs/a.md:2:9"), "{text}");
        assert!(text.contains("        ^^^ said here"), "{text}");
    }

    #[test]
    fn awkward_texts_are_drawn_without_harm() {
        assert!(!drawn("a\x1b[2J OFF\r\nb", "OFF").contains('\x1b'));
        let long = format!("{} OFF {}", "x".repeat(5000), "y".repeat(5000));
        assert!(drawn(&long, "OFF").lines().all(|line| line.len() < 300));
        assert!(drawn("ünï €𝒳 OFF", "OFF").contains("OFF"));
        assert!(drawn("OFF", "OFF").contains("^^^"));
        assert!(drawn("OFF\n", "OFF\n").contains("^^^"));
    }
}
