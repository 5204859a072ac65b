//! One step in YAML. Enters: the text, where its head lies, its fields with their places. Leaves: the pieces that change; `None` for a
//! shape that this does not know. Works on the text, so that comments, quotes and layout stay; `super` shows that the result is right.

use std::ops::Range;

use super::meaning::{entry, find, is_same, names, sections};
use super::words::{Assignment, Change, Key, yaml_word};
use super::{Piece, SamePrd, eol};
use crate::prd::frontmatter::{self, Data, Field, Frame, Value};
use crate::source::Bytes;

/// The head of a document that has none.
pub(super) fn head(text: &str, step: &Assignment) -> Piece {
    let (start, eol) = (frontmatter::start(text), eol(text));
    let gap = if text[start..].trim().is_empty() || text[start..].starts_with(['\n', '\r']) {
        ""
    } else {
        eol
    };
    let lines = lines(step, eol).unwrap_or_default();
    (start..start, format!("---{eol}{lines}---{eol}{gap}"))
}

/// The lines of a key that is not there yet; `None` for a removal.
fn lines(step: &Assignment, eol: &str) -> Option<String> {
    Some(match (&step.key, &step.change) {
        (Key::Word(name), Change::Set(values)) => format!("{name}: {}{eol}", yaml_word(values.first()?)),
        (Key::List(name), Change::Add(values)) => format!("{name}: [{}]{eol}", yaml_word(values.first()?)),
        (Key::Flag { section, flag }, Change::Set(values)) => {
            format!(
                "flags:{eol}  {section}: {{ {}: {} }}{eol}",
                yaml_word(flag),
                values.first()?
            )
        }
        _ => return None,
    })
}

pub(super) fn pieces(
    text: &str,
    frame: &Frame,
    fields: &[Field],
    step: &Assignment,
    same: SamePrd<'_>,
) -> Option<Vec<Piece>> {
    let eol = eol(text);
    let yaml = Yaml { text, eol };
    let at_end = || Some(vec![(frame.end..frame.end, lines(step, eol)?)]);
    let first = find(fields, names(&step.key)).last();
    match (&step.key, &step.change) {
        (Key::Word(_), Change::Set(values)) => match first {
            Some(field) => yaml.set(field, &yaml_word(values.first()?)),
            None => at_end(),
        },
        (Key::List(_), Change::Add(values)) => match first {
            Some(field) => yaml.add(field, &yaml_word(values.first()?)),
            None => at_end(),
        },
        (Key::List(_), Change::Remove(values)) => {
            let old = values.first()?;
            let mut pieces = Vec::new();
            for field in find(fields, names(&step.key)) {
                pieces.extend(yaml.take_out(field, |words| is_same(&step.key, words, old, same))?);
            }
            Some(pieces)
        }
        (Key::Flag { section, flag }, Change::Remove(_)) => {
            let mut pieces = Vec::new();
            for place in sections(fields, section) {
                pieces.extend(match &place.value.data {
                    Data::Map(fields) => yaml.take_entry(place, fields, flag)?,
                    _ => yaml.take_out(place, |words| entry(words).0 == flag)?,
                });
            }
            Some(pieces)
        }
        (Key::Flag { section, flag }, Change::Set(values)) => {
            let state = values.first()?;
            yaml.state(fields, section, flag, state).unwrap_or_else(at_end)
        }
        _ => None,
    }
}

struct Yaml<'a> {
    text: &'a str,
    eol: &'a str,
}

impl Yaml<'_> {
    /// What sets the state of a flag; `None` where the head says nothing of flags yet, `Some(None)` for a shape that is not known.
    fn state(&self, fields: &[Field], section: &str, flag: &str, state: &str) -> Option<Option<Vec<Piece>>> {
        let places = sections(fields, section);
        let named = places.iter().find_map(|place| match &place.value.data {
            Data::Map(entries) => {
                let field = entries.iter().find(|field| field.key == flag)?;
                Some(self.set(field, state))
            }
            Data::List(items) => {
                let item = items.iter().find(|item| names_flag(item, flag))?;
                Some(Some(vec![(
                    self.outer(item.bytes),
                    yaml_word(&format!("{flag}={state}")),
                )]))
            }
            _ => names_flag(&place.value, flag).then(|| self.set(place, &yaml_word(&format!("{flag}={state}")))),
        });
        if named.is_some() {
            return named;
        }
        let in_map = format!("{}: {state}", yaml_word(flag));
        if let Some(place) = places.last() {
            return Some(match place.value.data {
                Data::Map(_) | Data::Nothing => self.add_entry(place, &in_map),
                _ => self.add(place, &yaml_word(&format!("{flag}={state}"))),
            });
        }
        let flags = find(fields, &["flags", "feature-flags"]).last()?;
        let within = format!("{section}: {{ {in_map} }}");
        Some(match flags.value.data {
            Data::Map(_) | Data::Nothing => self.add_entry(flags, &within),
            _ => None,
        })
    }

    /// Sets a field to one word.
    fn set(&self, field: &Field, word: &str) -> Option<Vec<Piece>> {
        match &field.value.data {
            Data::Scalar(_) => Some(vec![(self.outer(field.value.bytes), word.to_owned())]),
            Data::Nothing => self.after_colon(field, word),
            Data::Map(fields) => self.set(find(fields, &["default", "state", "to"]).next()?, word),
            Data::List(_) => None,
        }
    }

    /// Adds a word to the list of a field.
    fn add(&self, field: &Field, word: &str) -> Option<Vec<Piece>> {
        match &field.value.data {
            Data::Nothing => self.after_colon(field, &format!("[{word}]")),
            Data::Scalar(_) => {
                let outer = self.outer(field.value.bytes);
                let written = &self.text[outer.clone()];
                Some(vec![(outer.clone(), format!("[{written}, {word}]"))])
            }
            Data::List(items) => {
                let Some(last) = items.last() else {
                    return self.in_empty(field, '[', word);
                };
                let outer = self.scalar(last)?;
                if self.is_flow(field, items.first()?.bytes) {
                    return Some(vec![(outer.end..outer.end, format!(", {word}"))]);
                }
                let before = self.dash(outer.start)?;
                let end = self.line_end(outer.end)?;
                Some(vec![(end..end, format!("{before}{word}{}", self.eol))])
            }
            Data::Map(_) => None,
        }
    }

    /// Adds an entry to the map of a field.
    fn add_entry(&self, field: &Field, entry: &str) -> Option<Vec<Piece>> {
        let Data::Map(fields) = &field.value.data else {
            return self.after_colon(field, &format!("{{ {entry} }}"));
        };
        let (Some(first), Some(last)) = (fields.first(), fields.last()) else {
            return self.in_empty(field, '{', &format!(" {entry} "));
        };
        let flow = self.is_flow(field, first.key_bytes);
        let simple = self
            .scalar(&last.value)
            .filter(|outer| !self.text[outer.clone()].contains('\n'));
        let start = self.outer(first.key_bytes).start;
        Some(vec![match (flow, simple) {
            (true, Some(outer)) => (outer.end..outer.end, format!(", {entry}")),
            (true, None) => (start..start, format!("{entry}, ")),
            (false, simple) => {
                let before = self.indent(start)?;
                let at = match simple {
                    Some(outer) => self.line_end(outer.end)?,
                    None => self.line_start(start),
                };
                (at..at, format!("{before}{entry}{}", self.eol))
            }
        }])
    }

    /// Takes the words that `gone` knows out of a list.
    fn take_out(&self, field: &Field, gone: impl Fn(&str) -> bool) -> Option<Vec<Piece>> {
        match &field.value.data {
            Data::Scalar(words) if !words.split(',').any(|word| gone(word.trim())) => Some(Vec::new()),
            Data::Scalar(words) => {
                let kept: Vec<&str> = words.split(',').map(str::trim).filter(|word| !gone(word)).collect();
                let kept: Vec<String> = kept.into_iter().map(yaml_word).collect();
                Some(vec![(self.outer(field.value.bytes), format!("[{}]", kept.join(", ")))])
            }
            Data::List(items) => {
                let flow = self.is_flow(field, items.first()?.bytes);
                let outers: Option<Vec<Range<usize>>> = items.iter().map(|item| self.scalar(item)).collect();
                let outers = outers?;
                let is_gone = |at: &usize| matches!(&items[*at].data, Data::Scalar(words) if gone(words));
                let gone = (0..items.len()).filter(is_gone).collect::<Vec<_>>();
                if flow {
                    // An anchor before it would be left behind.
                    if !gone.iter().all(|at| self.begins(outers[*at].start)) {
                        return None;
                    }
                    return Some(runs(&gone).into_iter().flat_map(|run| self.cut(&outers, run)).collect());
                }
                let line = |at: usize| {
                    self.dash(outers[at].start)?;
                    Some((
                        self.line_start(outers[at].start)..self.line_end(outers[at].end)?,
                        String::new(),
                    ))
                };
                gone.into_iter().map(line).collect()
            }
            _ => Some(Vec::new()),
        }
    }

    /// Takes the entry of a flag out of a map.
    fn take_entry(&self, field: &Field, fields: &[Field], flag: &str) -> Option<Vec<Piece>> {
        let Some(at) = fields.iter().position(|field| field.key == flag) else {
            return Some(Vec::new());
        };
        let whole = |field: &Field| {
            let start = self.outer(field.key_bytes).start;
            let end = self.scalar(&field.value).map(|outer| outer.end)?;
            Some(start..end)
        };
        let wholes: Option<Vec<Range<usize>>> = fields.iter().map(whole).collect();
        let wholes = wholes?;
        if self.is_flow(field, fields.first()?.key_bytes) {
            return Some(self.cut(&wholes, at..at + 1));
        }
        self.indent(wholes[at].start)?;
        let line = self.line_start(wholes[at].start)..self.line_end(wholes[at].end)?;
        Some(vec![(line, String::new())])
    }

    /// Writes a value behind the colon of a field that has none; a comment there stays.
    fn after_colon(&self, field: &Field, value: &str) -> Option<Vec<Piece>> {
        let key = field.key_bytes.end as usize;
        let colon = key + self.text[key..].find(':')? + 1;
        let line = self.text[colon..].lines().next().unwrap_or("");
        let (said, comment) = line.split_once('#').map_or((line, false), |(said, _)| (said, true));
        if !matches!(said.trim(), "" | "~" | "null") {
            return None;
        }
        let space = if comment { " " } else { "" };
        Some(vec![(
            colon..colon + said.trim_end_matches('\r').len(),
            format!(" {value}{space}"),
        )])
    }

    /// Writes into the empty brackets of a field.
    fn in_empty(&self, field: &Field, bracket: char, words: &str) -> Option<Vec<Piece>> {
        let key = field.key_bytes.end as usize;
        let open = key + self.text[key..].find(bracket)? + 1;
        let close = self.text[open..].find([']', '}'])?;
        self.text[open..open + close]
            .trim()
            .is_empty()
            .then(|| vec![(open..open + close, words.to_owned())])
    }

    /// True if the value of the field is written in brackets.
    fn is_flow(&self, field: &Field, first: Bytes) -> bool {
        let between =
            &self.text[field.key_bytes.end as usize..(first.start as usize).max(field.key_bytes.end as usize)];
        let mut lines = between.lines().map(|line| line.split(" #").next().unwrap_or(line));
        lines.any(|line| line.contains(['[', '{']))
    }

    /// The place of a scalar with its quotes; `None` for anything else.
    fn scalar(&self, value: &Value) -> Option<Range<usize>> {
        matches!(value.data, Data::Scalar(_)).then(|| self.outer(value.bytes))
    }

    /// A place with the quotes around it.
    fn outer(&self, bytes: Bytes) -> Range<usize> {
        let range = bytes.range();
        let quoted = ['"', '\'']
            .iter()
            .any(|quote| self.text[..range.start].ends_with(*quote) && self.text[range.end..].starts_with(*quote));
        if quoted { range.start - 1..range.end + 1 } else { range }
    }

    /// What goes with a run of several in brackets: the comma that parts it from a neighbour. Over several lines nothing goes but each
    /// one's own words, its comma, and the line that it has to itself: comments beside and above the others stay.
    fn cut(&self, all: &[Range<usize>], run: Range<usize>) -> Vec<Piece> {
        let before = run.start.checked_sub(1).map(|at| &all[at]);
        let (start, end) = (all[run.start].start, all[run.end - 1].end);
        let whole = match (before, all.get(run.end)) {
            (_, Some(next)) => start..next.start,
            (Some(before), None) => before.end..end,
            (None, None) => start..end,
        };
        if !self.text[whole.clone()].contains('\n') {
            return vec![(whole, String::new())];
        }
        run.map(|at| (self.alone(all[at].clone()), String::new())).collect()
    }

    /// True if nothing but space and comments stands between the place and the bracket or comma before it.
    fn begins(&self, at: usize) -> bool {
        let mut lines = self.text[..at].rsplit('\n').map(str::trim_end);
        let noted = |line: &&str| line.is_empty() || line.trim_start().starts_with('#');
        let line = lines.find(|line| !noted(line)).unwrap_or("");
        line.ends_with(['[', ',']) || line.contains(" #")
    }

    /// One of several on lines of their own, with its comma.
    fn alone(&self, one: Range<usize>) -> Range<usize> {
        let blank = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
        let rest = &self.text[one.end..];
        let comma = blank(rest);
        let mut end = one.end + if rest[comma..].starts_with(',') { comma + 1 } else { 0 };
        let line = self.line_start(one.start);
        let behind = self.text[end..].trim_start_matches([' ', '\t']);
        let ends = behind.starts_with(['\n', '\r', '#']);
        if let Some(next) = self
            .line_end(end)
            .filter(|_| ends && self.text[line..one.start].trim().is_empty())
        {
            return line..next;
        }
        // "[# three": a comment needs a space before it.
        if !behind.starts_with('#') {
            end += blank(&self.text[end..]);
        }
        let trimmed = self.text[..one.start].trim_end_matches([' ', '\t']).len();
        let start = if behind.starts_with(['\n', '\r']) {
            trimmed
        } else {
            one.start
        };
        start..end
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }

    /// Behind the end of the line.
    fn line_end(&self, at: usize) -> Option<usize> {
        Some(at + self.text[at..].find('\n')? + 1)
    }

    /// The white space before a key that begins its line.
    fn indent(&self, at: usize) -> Option<&str> {
        let before = &self.text[self.line_start(at)..at];
        before.trim().is_empty().then_some(before)
    }

    /// The white space and the dash before an entry that has its line to itself.
    fn dash(&self, at: usize) -> Option<&str> {
        let before = &self.text[self.line_start(at)..at];
        (before.trim() == "-").then_some(before)
    }
}

fn names_flag(item: &Value, flag: &str) -> bool {
    matches!(&item.data, Data::Scalar(words) if !words.contains(',') && entry(words).0 == flag)
}

/// Numbers that follow each other, as ranges.
fn runs(all: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in all {
        match runs.last_mut() {
            Some(run) if run.end == *at => run.end += 1,
            _ => runs.push(*at..at + 1),
        }
    }
    runs
}
