//! What stands at which line of one text. Enters: a path and a text. Leaves: an [`Outline`]: the symbols of code, the sections of Markdown, the
//! rules of style sheets, each with its lines. Knows no other text.
//!
//! A line belongs to the innermost item around it, so that two members of one class are two things. Comments right above an item are its own.

use std::collections::HashMap;

use super::LineRange;
use super::signature::uncommented;
use crate::index::SymbolKind;
use crate::index::symbols::symbols;
use crate::lang::tree::{NodeId, Syntax};
use crate::lang::{self, FileFacts, Language, ParseHealth};
use crate::source::{Bytes, FileId, RepoPath};

/// A title of a test is shown so far.
const TITLE: usize = 60;

/// What an item of an outline is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ItemKind {
    /// A symbol of code.
    Symbol(SymbolKind),
    /// A call with a title and a function, as tests and route handlers are written.
    Block,
    /// What stands below a heading.
    Section,
    /// A rule of a style sheet.
    Style,
}

impl ItemKind {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Symbol(SymbolKind::Function) => "function",
            Self::Symbol(SymbolKind::Method) => "method",
            Self::Symbol(SymbolKind::Class) => "class",
            Self::Symbol(SymbolKind::Type) => "type",
            Self::Symbol(SymbolKind::Enum) => "enum",
            Self::Symbol(SymbolKind::Constant) => "constant",
            Self::Symbol(SymbolKind::Module) => "module",
            Self::Block => "block",
            Self::Section => "section",
            Self::Style => "style rule",
        }
    }
}

/// An item, and which of those of its name it is (impls of several traits have methods of one name).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ItemKey {
    /// Its name with its owners.
    pub name: String,
    /// Its number among those of this name.
    pub nth: u32,
}

/// A named part of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Item {
    pub(super) key: ItemKey,
    pub(super) kind: ItemKind,
    /// Its first and last line, zero-based, its comments included.
    pub(super) lines: (usize, usize),
    /// How it is called, white space folded; functions only.
    pub(super) signature: Option<String>,
    /// Its name, or where it begins.
    pub(super) name_bytes: Bytes,
}

/// The items of one text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outline {
    pub(super) items: Vec<Item>,
    /// For each line the innermost item around it.
    owners: Vec<Option<u32>>,
    lines: Vec<Box<str>>,
}

impl Outline {
    /// The outline of a text; nothing for a language that is not read, or a text that could not be parsed.
    #[must_use]
    pub fn of(path: &RepoPath, text: &str) -> Option<Self> {
        let found = match path.extension() {
            "md" | "mdx" | "markdown" => sections(text),
            "css" | "scss" | "less" => styles(text),
            _ => {
                let language = Language::of(path).filter(|language| language.is_built())?;
                return Self::read(&lang::read(FileId(0), path, &text.into(), language, &[]));
            }
        };
        Some(Self::new(text, found))
    }

    /// The outline of a file that is parsed already; nothing if that failed.
    pub(super) fn read(facts: &FileFacts) -> Option<Self> {
        let failed = matches!(facts.health, ParseHealth::Failed(_));
        (!failed).then(|| Self::new(&facts.text, code(facts)))
    }

    pub(super) fn new(text: &str, mut found: Vec<Found>) -> Self {
        found.sort_by(|a, b| (a.bytes, &a.name).cmp(&(b.bytes, &b.name)));
        let lines: Vec<&str> = text.lines().collect();
        let starts: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let line_of = |byte: u32| {
            starts
                .partition_point(|start| *start <= byte as usize)
                .saturating_sub(1)
        };
        let last = lines.len().saturating_sub(1);
        let mut items: Vec<Item> = Vec::new();
        let mut seen: HashMap<String, u32> = HashMap::new();
        for one in found {
            let end = one.bytes.end.saturating_sub(1).max(one.bytes.start);
            let mut range = (line_of(one.bytes.start).min(last), line_of(end).min(last));
            let above = |first: usize| first.checked_sub(1).and_then(|line| lines.get(line));
            while one.kind != ItemKind::Section && above(range.0).is_some_and(|line| is_comment(line)) {
                range.0 -= 1;
            }
            let nth = seen.entry(one.name.clone()).and_modify(|nth| *nth += 1).or_insert(0);
            items.push(Item {
                key: ItemKey {
                    name: one.name,
                    nth: *nth,
                },
                kind: one.kind,
                lines: range,
                signature: one.signature,
                name_bytes: one.name_bytes,
            });
        }
        let owners = owners(&items, lines.len());
        let lines = lines.into_iter().map(Into::into).collect();
        Self { items, owners, lines }
    }

    /// The lines of an item without white space around them, empty ones left out.
    pub(super) fn body(&self, item: &Item) -> Vec<&str> {
        let lines = self.lines.get(item.lines.0..=item.lines.1).unwrap_or_default();
        lines
            .iter()
            .map(|line| line.trim())
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// What stands before the name of an item, its comments and attributes included; `text` is the text of the outline.
    pub(super) fn head<'t>(&self, item: &Item, text: &'t str) -> &'t str {
        let start = match item.lines.0 {
            0 => Some(0),
            line => text.match_indices('\n').nth(line - 1).map(|(at, _)| at + 1),
        };
        let end = item.name_bytes.start as usize;
        start.and_then(|start| text.get(start..end)).unwrap_or_default()
    }

    /// The innermost item around a zero-based line that says something: what closes a block may as well be another one's.
    pub(super) fn at(&self, line: usize) -> Option<usize> {
        let says = self.lines.get(line)?.contains(char::is_alphanumeric);
        self.around(line).filter(|_| says)
    }

    fn around(&self, line: usize) -> Option<usize> {
        self.owners.get(line).copied().flatten().map(|at| at as usize)
    }

    /// The names of the items that one-based lines stand in, in the order of the text; where lines only vanished, of what is around the gap.
    #[must_use]
    pub fn names(&self, lines: LineRange) -> Vec<&str> {
        let start = lines.start.saturating_sub(1) as usize;
        let mut found: Vec<usize> = (start..start + lines.count as usize)
            .filter_map(|line| self.at(line))
            .collect();
        if lines.count == 0 {
            let gap = start.checked_sub(1).and_then(|before| self.around(before));
            found.extend(gap.filter(|at| self.items[*at].lines.1 >= start));
        }
        found.sort_unstable();
        found.dedup();
        found.iter().map(|at| self.items[*at].key.name.as_str()).collect()
    }
}

impl Item {
    /// Its name without its owners.
    pub(super) fn short(&self) -> &str {
        self.key.name.rsplit(['.', ':']).next().unwrap_or_default()
    }
}

/// An item before its lines are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    name: String,
    kind: ItemKind,
    pub(super) bytes: Bytes,
    name_bytes: Bytes,
    signature: Option<String>,
}

impl Found {
    /// The same, so many bytes further on.
    pub(super) fn moved(mut self, by: i64) -> Option<Self> {
        for bytes in [&mut self.bytes, &mut self.name_bytes] {
            bytes.start = u32::try_from(i64::from(bytes.start) + by).ok()?;
            bytes.end = u32::try_from(i64::from(bytes.end) + by).ok()?;
        }
        Some(self)
    }
}

/// For each line the innermost item: small ones are laid over large ones.
fn owners(items: &[Item], lines: usize) -> Vec<Option<u32>> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(items[*at].lines.1 - items[*at].lines.0), *at));
    let mut owners = vec![None; lines];
    for at in order {
        let (first, last) = items[at].lines;
        let number = u32::try_from(at).ok();
        owners
            .iter_mut()
            .take(last + 1)
            .skip(first)
            .for_each(|owner| *owner = number);
    }
    owners
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let hash = line.starts_with('#') && !line.starts_with("#!") && !line.starts_with("#include");
    hash || ["//", "/*", "* ", "*/", "@"]
        .iter()
        .any(|start| line.starts_with(start))
        || line.trim_end() == "*"
}

/// The symbols of code, and the blocks that have titles.
pub(super) fn code(facts: &FileFacts) -> Vec<Found> {
    let functions = Functions::of(facts);
    let mut found: Vec<Found> = symbols(facts)
        .into_iter()
        .map(|symbol| Found {
            signature: matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method)
                .then(|| functions.signature(symbol.span.bytes, symbol.name_span.bytes))
                .flatten(),
            name: symbol.name,
            kind: ItemKind::Symbol(symbol.kind),
            bytes: symbol.span.bytes,
            name_bytes: symbol.name_span.bytes,
        })
        .collect();
    found.extend(blocks(facts, &found));
    found
}

/// The functions of a file, by where they begin.
struct Functions<'f> {
    facts: &'f FileFacts,
    /// Each with its bytes and the place of its body.
    sorted: Vec<(Bytes, Option<Bytes>, Option<Bytes>)>,
}

impl<'f> Functions<'f> {
    fn of(facts: &'f FileFacts) -> Self {
        let tree = &facts.tree;
        let each = tree.ids().filter_map(|id| match tree.syntax(id) {
            Syntax::Function(function) => Some((
                tree.bytes(id),
                function.body.map(|body| tree.bytes(body)),
                function.name.as_ref().map(|(_, bytes)| *bytes),
            )),
            _ => None,
        });
        let mut sorted: Vec<_> = each.collect();
        sorted.sort_by_key(|(bytes, ..)| (bytes.start, std::cmp::Reverse(bytes.end)));
        Self { facts, sorted }
    }

    /// What stands between the name of the function that a symbol is and its body.
    fn signature(&self, span: Bytes, name: Bytes) -> Option<String> {
        let from = self.sorted.partition_point(|(bytes, ..)| bytes.start < span.start);
        let inside = self.sorted[from..]
            .iter()
            .take_while(|(bytes, ..)| bytes.start < span.end);
        let inside = inside.filter(|(bytes, ..)| span.contains(*bytes));
        let (_, body, _) = inside
            .clone()
            .find(|(_, _, own)| *own == Some(name))
            .or_else(|| inside.clone().find(|(bytes, ..)| bytes.start >= name.end))?;
        let end = body.map_or(span.end, |body| body.start).max(name.end);
        let words = self.facts.slice(Bytes::new(name.end as usize, end as usize));
        let words = uncommented(self.facts.language, words);
        let words: Vec<&str> = words.split_whitespace().collect();
        Some(words.join(" ").trim_end_matches(['{', ' ']).to_owned())
    }
}

/// Calls that have a title and a function: `it('adds tax', () => …)`, `t.Run("…", func …)`, `app.get('/quotes', …)`.
fn blocks(facts: &FileFacts, symbols: &[Found]) -> Vec<Found> {
    let tree = &facts.tree;
    let mut found: Vec<Found> = Vec::new();
    // What is open around the call that is looked at.
    let mut around: Vec<(Bytes, String)> = Vec::new();
    let mut calls: Vec<(Bytes, String)> = tree
        .ids()
        .filter_map(|id| Some((tree.bytes(id), title(facts, id)?)))
        .collect();
    calls.extend(symbols.iter().map(|symbol| (symbol.bytes, String::new())));
    calls.sort_by_key(|(bytes, name)| (bytes.start, std::cmp::Reverse(bytes.end), !name.is_empty()));
    let names: HashMap<Bytes, &str> = symbols
        .iter()
        .map(|symbol| (symbol.bytes, symbol.name.as_str()))
        .collect();
    for (bytes, title) in calls {
        while around.last().is_some_and(|(open, _)| !open.contains(bytes)) {
            around.pop();
        }
        if title.is_empty() {
            around.push((
                bytes,
                names.get(&bytes).map_or(String::new(), |name| (*name).to_owned()),
            ));
            continue;
        }
        let name = match around.last() {
            Some((_, outer)) if !outer.is_empty() => format!("{outer} › {title}"),
            _ => title,
        };
        around.push((bytes, name.clone()));
        found.push(Found {
            name,
            kind: ItemKind::Block,
            bytes,
            name_bytes: bytes,
            signature: None,
        });
    }
    found
}

/// `it "adds tax"` for a call with a text before a function.
fn title(facts: &FileFacts, id: NodeId) -> Option<String> {
    let tree = &facts.tree;
    let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
        return None;
    };
    let Syntax::Text(title) = tree.syntax(tree.bare(*args.first()?)) else {
        return None;
    };
    let function = |arg: &NodeId| matches!(tree.syntax(tree.bare(*arg)), Syntax::Function(_));
    let callee = facts.words(*callee);
    if !args.iter().skip(1).any(function) || callee.len() > TITLE || callee.contains(char::is_whitespace) {
        return None;
    }
    let short: String = title.chars().take(TITLE).collect();
    let cut = if short.len() < title.len() { "…" } else { "" };
    Some(format!("{callee} \"{short}{cut}\""))
}

/// What stands below each heading of a Markdown text, up to the next one that is not below it.
fn sections(text: &str) -> Vec<Found> {
    let (mut found, mut open): (Vec<Found>, Vec<(usize, String, usize)>) = (Vec::new(), Vec::new());
    let (mut at, mut fenced) = (0, false);
    let close = |open: &mut Vec<(usize, String, usize)>, level: usize, end: usize, found: &mut Vec<Found>| {
        while open.last().is_some_and(|(other, ..)| *other >= level) {
            if let Some((_, name, start)) = open.pop() {
                found.push(Found {
                    name,
                    kind: ItemKind::Section,
                    bytes: Bytes::new(start, end),
                    name_bytes: Bytes::new(start, end),
                    signature: None,
                });
            }
        }
    };
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
        }
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if !fenced && (1..=6).contains(&level) && line[level..].starts_with([' ', '\t']) {
            close(&mut open, level, at, &mut found);
            open.push((
                level,
                line[level..].trim().trim_end_matches('#').trim_end().to_owned(),
                at,
            ));
        }
        at += line.len();
    }
    close(&mut open, 0, at, &mut found);
    found
}

/// The rules of a style sheet, those in others included.
fn styles(text: &str) -> Vec<Found> {
    let (mut found, mut open): (Vec<Found>, Vec<(usize, String)>) = (Vec::new(), Vec::new());
    let (mut from, mut rest) = (0, text.char_indices().peekable());
    while let Some((at, c)) = rest.next() {
        match c {
            '/' if text[at..].starts_with("/*") => {
                let end = text[at + 2..].find("*/").map_or(text.len(), |end| at + 4 + end);
                while rest.next_if(|(next, _)| *next < end).is_some() {}
                from = end;
            }
            '"' | '\'' => while rest.next_if(|(_, next)| *next != c && *next != '\n').is_some() {},
            '{' => {
                let words = text.get(from..at).unwrap_or_default();
                let start = at - words.trim_start().len();
                let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
                let outer = open.last().map(|(_, outer)| outer.clone());
                let name = outer.map_or(name.clone(), |outer| format!("{outer} › {name}"));
                open.push((start, name));
                from = at + 1;
            }
            '}' => {
                if let Some((start, name)) = open.pop() {
                    found.push(Found {
                        name,
                        kind: ItemKind::Style,
                        bytes: Bytes::new(start, at + 1),
                        name_bytes: Bytes::new(start, at + 1),
                        signature: None,
                    });
                }
                from = at + 1;
            }
            ';' => from = at + 1,
            _ => {}
        }
    }
    found
}
