//! The body of a document as running text. Enters: Markdown. Leaves: [`Block`]s in the order of the text, each with its words as
//! a reader sees them and a map back to the bytes they came from. Knows nothing of what the words mean.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::source::Bytes;

/// What a block is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BlockKind {
    /// A heading of this level (1 to 6).
    Heading(u8),
    /// Running text.
    Paragraph,
    /// The words of a list item.
    Item,
    /// A row of a table, its cells joined by ` | `.
    Row,
    /// A fenced or indented code block.
    Code,
}

/// A stretch of a block's text that came from one stretch of the document.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Piece {
    /// Bytes of [`Flow::text`].
    text: Range<usize>,
    /// Bytes of the document.
    source: Range<usize>,
    /// The same bytes on both sides, so that a place inside can be mapped too.
    exact: bool,
}

/// The target of a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Link {
    /// The target as written.
    pub(crate) target: String,
    /// Where the target stands in the document.
    pub(crate) bytes: Bytes,
    /// False where the target is written elsewhere (`[words][label]`): then `bytes` is the whole link.
    pub(crate) written: bool,
    /// The link's words in the block's text.
    pub(crate) words: Range<usize>,
}

/// Words as a reader sees them, with the way back to the document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Flow {
    /// The words; a line break is a space.
    pub(crate) text: String,
    /// Code spans within `text`, without their backticks.
    pub(crate) code: Vec<Range<usize>>,
    /// The bytes of the document of each code span, with its backticks.
    ticks: Vec<Range<usize>>,
    /// Struck-out stretches of `text`.
    pub(crate) struck: Vec<Range<usize>>,
    /// Targets of links.
    pub(crate) links: Vec<Link>,
    pieces: Vec<Piece>,
}

impl Flow {
    /// The bytes of the document that `words` (a range of [`Flow::text`]) came from.
    pub(crate) fn bytes(&self, words: Range<usize>) -> Bytes {
        let first = self.pieces.partition_point(|piece| piece.text.end <= words.start);
        let last = self
            .pieces
            .partition_point(|piece| piece.text.start < words.end.max(words.start + 1));
        let (Some(first), Some(last)) = (self.pieces.get(first), self.pieces.get(last.saturating_sub(1))) else {
            let end = self.pieces.last().map_or(0, |piece| piece.source.end);
            return Bytes::new(end, end);
        };
        let start = if first.exact && words.start > first.text.start {
            first.source.start + (words.start - first.text.start)
        } else {
            first.source.start
        };
        let end = if last.exact && words.end < last.text.end {
            last.source.start + words.end.saturating_sub(last.text.start)
        } else {
            last.source.end
        };
        Bytes::new(start, end.max(start))
    }

    /// As [`Flow::bytes`], with the backticks of a code span that the words begin or end with.
    pub(crate) fn bytes_with_ticks(&self, words: Range<usize>) -> Bytes {
        let inner = self.bytes(words.clone());
        let at = |found: Option<usize>| found.and_then(|at| self.ticks.get(at));
        let first = at(self.code.binary_search_by_key(&words.start, |code| code.start).ok());
        let last = at(self.code.binary_search_by_key(&words.end, |code| code.end).ok());
        let start = first.map_or(inner.start as usize, |ticks| ticks.start);
        let end = last.map_or(inner.end as usize, |ticks| ticks.end);
        Bytes::new(start, end.max(start))
    }

    fn push(&mut self, words: &str, source: Range<usize>, document: &str) {
        if words.is_empty() {
            return;
        }
        let exact = document.get(source.clone()) == Some(words);
        let start = self.text.len();
        self.text.push_str(words);
        self.pieces.push(Piece {
            text: start..self.text.len(),
            source,
            exact,
        });
    }

    /// A space where the document has none of its own (a line break, the border of a cell).
    fn gap(&mut self, words: &str) {
        if !self.text.is_empty() {
            self.text.push_str(words);
        }
    }
}

/// One block of the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Block {
    /// What it is.
    pub(crate) kind: BlockKind,
    /// Its words.
    pub(crate) flow: Flow,
    /// The block that introduces the list that this item is in, or the item it is nested in.
    pub(crate) intro: Option<usize>,
    /// In a block quote: somebody else's words.
    pub(crate) quoted: bool,
    /// An item of a check list that is ticked off.
    pub(crate) done: bool,
}

impl Block {
    /// The block as one of a longer document, in which its text begins at the byte `start` and `before` blocks come first.
    pub(crate) fn moved(mut self, start: usize, before: usize) -> Self {
        let flow = &mut self.flow;
        let pieces = flow.pieces.iter_mut().map(|piece| &mut piece.source);
        for place in pieces.chain(&mut flow.ticks) {
            *place = place.start + start..place.end + start;
        }
        for link in &mut flow.links {
            let place = link.bytes.range();
            link.bytes = Bytes::new(place.start + start, place.end + start);
        }
        self.intro = self.intro.map(|at| at + before);
        self
    }
}

/// A heading of the second level that a document does not write so, for what stands at `place`.
pub(crate) fn heading(words: &str, place: Range<usize>) -> Block {
    let mut flow = Flow::default();
    flow.push(words, place, "");
    Block {
        kind: BlockKind::Heading(2),
        flow,
        intro: None,
        quoted: false,
        done: false,
    }
}

/// Reads the body of `document`, from the byte `body` on.
pub(crate) fn blocks(document: &str, body: usize) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    let mut reader = Reader {
        document,
        ..Reader::default()
    };
    for (event, range) in Parser::new_ext(&document[body..], options).into_offset_iter() {
        reader.take(event, range.start + body..range.end + body);
    }
    reader.flush();
    reader.blocks
}

/// The code fence, as the last block of the document, that no line closes: all that follows it is read as code.
pub(crate) fn unclosed_fence(document: &str, blocks: &[Block]) -> Option<Bytes> {
    let last = blocks.last().filter(|block| block.kind == BlockKind::Code)?;
    let place = last.flow.bytes(0..last.flow.text.len()).range();
    let bare = |line: &str| line.trim_start_matches(['>', ' ', '\t']).trim_end().to_owned();
    let before = &document[..document[..place.start].rfind('\n')?];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let opening = bare(&before[start..]);
    let mark = opening.chars().next().filter(|mark| "`~".contains(*mark))?;
    let length = opening.chars().take_while(|c| *c == mark).count();
    let closes = |line: &str| {
        let line = bare(line);
        line.chars().count() >= length && line.chars().all(|c| c == mark)
    };
    let closed = document[place.end..]
        .lines()
        .find(|line| !line.trim().is_empty())
        .is_some_and(closes);
    (length >= 3 && !closed).then(|| Bytes::new(start, before.len()))
}

/// The first heading of the highest level that the document uses, and its place.
pub(crate) fn title(blocks: &[Block]) -> Option<(String, Bytes)> {
    let level = |block: &Block| match block.kind {
        BlockKind::Heading(level) => Some(level),
        _ => None,
    };
    let title = blocks
        .iter()
        .filter(|block| level(block).is_some() && !block.quoted)
        .min_by_key(|block| level(block))?;
    let words = title.flow.text.trim();
    Some((words.to_owned(), title.flow.bytes(0..title.flow.text.len())))
}

/// True if a line begins with a label of its own ("**Depends on:** PRD 7"): what it says has nothing to do with the line above.
fn label_follows(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    let line = line.trim_start_matches(['>', ' ', '\t']);
    let bold = line.trim_start_matches(['*', '_']);
    let Some((label, after)) = bold.split_once(':') else {
        return false;
    };
    let label = label.trim_end_matches(['*', '_']);
    let after = after.trim_start_matches(['*', '_']);
    let fit = |c: char| c.is_alphanumeric() || " -/'’()".contains(c);
    label.starts_with(char::is_uppercase)
        && label.len() <= 40
        && label.split(' ').count() <= 4
        && label.chars().all(fit)
        && (after.is_empty() || after.starts_with([' ', '\t']))
}

/// Characters within which a block quote says that it is a note. Quotes nest, and each would look through all of what it holds.
const NOTE_WITHIN: usize = 64;

/// "> **Note:** …": the author's own words, set apart.
fn is_note(quote: &str) -> bool {
    let words = quote.chars().take(NOTE_WITHIN).skip_while(|c| !c.is_alphanumeric());
    let first: String = words.take_while(|c| c.is_alphanumeric()).collect();
    let notes = ["note", "important", "warning", "tip", "caution", "info", "attention"];
    notes.contains(&&*first.to_lowercase())
}

#[derive(Default)]
struct Reader<'a> {
    document: &'a str,
    blocks: Vec<Block>,
    flow: Flow,
    kind: Option<BlockKind>,
    /// For each list that is open: the block that introduces it.
    lists: Vec<Option<usize>>,
    /// For each block quote that is open: whether it quotes somebody.
    quotes: Vec<bool>,
    /// What stands between the cells of the table that is open.
    border: &'static str,
    /// The item that is open is ticked off.
    done: bool,
    struck: Option<usize>,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(words) => self.flow.push(&words, range, self.document),
            Event::Code(words) => self.code(&words, range),
            Event::SoftBreak | Event::HardBreak if label_follows(&self.document[range.end..]) => {
                let kind = self.kind;
                self.flush();
                self.kind = kind;
            }
            Event::SoftBreak | Event::HardBreak => self.flow.gap(" "),
            Event::TaskListMarker(done) => self.done = done,
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => self.open(BlockKind::Heading(*level as u8)),
            Tag::Paragraph => {
                let kind = if self.lists.is_empty() {
                    BlockKind::Paragraph
                } else {
                    BlockKind::Item
                };
                self.open(kind);
            }
            Tag::Item => self.open(BlockKind::Item),
            Tag::TableHead | Tag::TableRow => self.open(BlockKind::Row),
            // A table of two columns is a list of labels and what they say.
            Tag::Table(columns) => self.border = if columns.len() == 2 { ": " } else { " | " },
            Tag::TableCell => self.flow.gap(self.border),
            Tag::CodeBlock(_) => self.open(BlockKind::Code),
            Tag::List(_) => {
                self.flush();
                let intro = self.blocks.len().checked_sub(1);
                let intro =
                    intro.filter(|at| !matches!(self.blocks[*at].kind, BlockKind::Heading(_) | BlockKind::Code));
                self.lists.push(intro);
            }
            Tag::BlockQuote(kind) => {
                self.flush();
                self.quotes.push(kind.is_none() && !is_note(&self.document[range]));
            }
            Tag::FootnoteDefinition(_) => self.flush(),
            Tag::Strong | Tag::Emphasis => {
                let marks = self.folder_marks(&range);
                self.flow
                    .push(marks, range.start..range.start + marks.len(), self.document);
            }
            Tag::Strikethrough => self.struck = Some(self.flow.text.len()),
            Tag::Link { dest_url, .. } => self.link(dest_url, range),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Strong | TagEnd::Emphasis => {
                let marks = self.folder_marks(&range);
                self.flow.push(marks, range.end - marks.len()..range.end, self.document);
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes.pop();
            }
            TagEnd::Strikethrough => {
                if let Some(start) = self.struck.take() {
                    self.flow.struck.push(start..self.flow.text.len());
                }
            }
            TagEnd::Link => {
                let end = self.flow.text.len();
                if let Some(link) = self.flow.links.last_mut() {
                    link.words.end = end.max(link.words.start);
                }
            }
            TagEnd::Heading(_)
            | TagEnd::Paragraph
            | TagEnd::Item
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::CodeBlock => self.flush(),
            _ => {}
        }
    }

    /// `src/__tests__/x.ts` without backticks is no emphasis, whatever Markdown says.
    fn folder_marks(&self, range: &Range<usize>) -> &'static str {
        let written = &self.document[range.clone()];
        let inside_path = self.document[..range.start].ends_with('/');
        match written {
            _ if !inside_path => "",
            _ if written.starts_with("__") => "__",
            _ if written.starts_with('_') => "_",
            _ => "",
        }
    }

    fn code(&mut self, words: &str, range: Range<usize>) {
        let written = &self.document[range.clone()];
        // "`  x  `" names x.
        let words = Some(words.trim()).filter(|words| !words.is_empty()).unwrap_or(words);
        let offset = written.find(words).unwrap_or(0);
        let inside = if written[offset..].starts_with(words) {
            range.start + offset..range.start + offset + words.len()
        } else {
            range.clone()
        };
        let start = self.flow.text.len();
        self.flow.push(words, inside, self.document);
        if self.flow.text.len() > start {
            self.flow.code.push(start..self.flow.text.len());
            self.flow.ticks.push(range);
        }
    }

    /// The parser gives no place for a link's target: it is the last place in the link where the target's words stand.
    fn link(&mut self, target: &str, range: Range<usize>) {
        let written = &self.document[range.clone()];
        if target.is_empty() || written.len() > 4096 {
            return;
        }
        let offset = written.rfind(target);
        let bytes = match offset {
            Some(offset) => Bytes::new(range.start + offset, range.start + offset + target.len()),
            None => Bytes::new(range.start, range.end),
        };
        let at = self.flow.text.len();
        self.flow.links.push(Link {
            target: target.to_owned(),
            bytes,
            written: offset.is_some(),
            words: at..at,
        });
    }

    fn open(&mut self, kind: BlockKind) {
        self.flush();
        self.kind = Some(kind);
    }

    fn flush(&mut self) {
        let flow = std::mem::take(&mut self.flow);
        let kind = self.kind.take();
        let kind = match kind {
            Some(kind) => kind,
            None if self.lists.is_empty() => BlockKind::Paragraph,
            None => BlockKind::Item,
        };
        self.struck = None;
        if !flow.text.trim().is_empty() || !flow.links.is_empty() {
            let intro = self.lists.last().copied().flatten();
            self.blocks.push(Block {
                kind,
                flow,
                intro,
                quoted: self.quotes.contains(&true),
                done: std::mem::take(&mut self.done),
            });
        }
    }
}

#[cfg(test)]
mod tests;
