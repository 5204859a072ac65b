//! What a document points at. Enters: its blocks and their contexts. Leaves: [`Mention`]s with their places, what their sentence does
//! with them, and whether it says that they stay as they are.

mod access;
mod contract;
mod ddl;
mod event;
mod fence;
mod flagged;
mod folders;
mod following;
mod mood;
mod noun;
mod only_so;
mod subject;

use std::ops::Range;

use access::age;
pub(crate) use access::{Voice, denial, governed};
pub(crate) use contract::goes;
pub(crate) use flagged::is_other;
pub(crate) use noun::says_code;

use super::context::Context;
use super::markdown::{Block, BlockKind, Flow};
use super::names::{self, KnownNames};
use super::prose::{Form, Sentence, Token, sentences, words};
use super::reference::{self, Reference};
use super::{Access, Age, Contract, Mention, MentionKind, shape};
use crate::source::{Bytes, FileId};

/// A code block is a sample: more names than this in one tell nothing.
const MOST_SAMPLES: usize = 200;

/// The mentions of a document's body, in the order of the text. `names` says which names are flags.
pub(crate) fn find(blocks: &[Block], contexts: &[Context], file: FileId, names: &KnownNames) -> Vec<Mention> {
    let mut out = Vec::new();
    for (block, context) in blocks.iter().zip(contexts) {
        if block.kind == BlockKind::Code {
            fenced(&block.flow, *context, file, &mut out);
            out.extend(ddl::in_fence(&block.flow, *context, file));
            samples(&block.flow, file, &mut out);
            continue;
        }
        let finder = Finder {
            flow: &block.flow,
            context: *context,
            voice: Voice {
                plans: context.plans,
                background: context.background,
                changes: matches!(context.access, Some(Access::Write | Access::Create)),
                reads: context.access == Some(Access::Read),
                item: block.kind == BlockKind::Item,
            },
            done: block.done,
            file,
            references: reference::find(&block.flow),
            names,
        };
        let all = sentences(&block.flow);
        for at in 0..all.len() {
            let mut found = Vec::new();
            finder.sentence(&all[at..], &mut found);
            let before = at.checked_sub(1).map(|before| &all[before]);
            if following::changed(before, &all[at], all.get(at + 1)) {
                following::change(&mut found);
                finder.places(&mut found);
            }
            following::take_flag(&mut found, all.get(at + 1));
            out.extend(found.into_iter().map(|(_, mention)| mention));
        }
        finder.links(&mut out);
    }
    out.sort_by_key(|mention| mention.span);
    out.dedup_by(|later, earlier| earlier.span.contains(later.span));
    out
}

/// A mention with its bytes in the block's text.
type Found = (Range<usize>, Mention);

struct Finder<'a> {
    flow: &'a Flow,
    context: Context,
    voice: Voice,
    /// An item that is ticked off.
    done: bool,
    file: FileId,
    references: Vec<Reference>,
    names: &'a KnownNames,
}

impl Finder<'_> {
    /// The mentions of the first of these sentences; what follows it may tell the default of a flag.
    fn sentence(&self, rest: &[Sentence<'_>], out: &mut Vec<Found>) {
        let sentence = &rest[0];
        let range = sentence.range();
        let first = self
            .references
            .partition_point(|reference| reference.at.start < range.start);
        for reference in self.references[first..]
            .iter()
            .take_while(|reference| reference.at.start < range.end)
            .filter(|reference| !reference.link)
        {
            let at = sentence
                .tokens
                .partition_point(|token| token.at.end <= reference.at.start);
            self.add(MentionKind::Prd, reference.at.clone(), sentence, at, out);
        }
        let first = out.len();
        let said = flagged::Said::of(rest);
        for (at, token) in sentence.tokens.iter().enumerate() {
            let known = self.references.iter().any(|reference| {
                !reference.link && reference.at.start < token.at.end && token.at.start < reference.at.end
            });
            if token.form == Form::Code && !known {
                self.code(sentence, &said, at, out);
            }
        }
        self.ddl(sentence, out);
        folders::fill(&self.flow.text, &mut out[first..]);
        self.places(&mut out[first..]);
        self.columns(&mut out[first..]);
        self.routes(sentence, out);
    }

    /// "`X` in `x.ts`", "`X` (`x.ts`)": what is done with the thing is done in its file.
    fn places(&self, found: &mut [Found]) {
        for at in 1..found.len() {
            let (before, rest) = found.split_at_mut(at);
            let ((thing_at, thing), (place_at, place)) = (&mut before[at - 1], &mut rest[0]);
            let between = self.flow.text.get(thing_at.end..place_at.start).unwrap_or("?");
            let mut between = between
                .split(|c: char| c.is_whitespace() || c == '(' || c == ')')
                .filter(|word| !word.is_empty());
            let joined = between.all(|word| matches!(word, "in" | "of" | "on" | "at" | "from" | "file" | "the"));
            if !joined || place.kind != MentionKind::Path || thing.kind == MentionKind::Path {
                continue;
            }
            place.negated |= thing.negated;
            match thing.access {
                // A new method does not make its file new.
                Some(access) => {
                    let done = Some(access.min(Access::Write));
                    place.access = place.access.filter(|access| *access == Access::Create).or(done);
                }
                None => thing.access = place.access.map(|access| access.min(Access::Write)),
            }
        }
    }

    /// "a column `deck` to `bookings`", "columns `a` and `b` of the `bookings` table": whose columns they are.
    fn columns(&self, found: &mut [Found]) {
        let plain = |word: &str| {
            matches!(
                word,
                "to" | "of" | "in" | "on" | "from" | "the" | "table" | "existing" | "and" | ""
            )
        };
        let mut table: Option<(usize, String)> = None;
        for (at, mention) in found.iter_mut().rev() {
            // "an index on `reservations.status`" leaves the column as it is.
            if mention.kind == MentionKind::Column && is_indexed(&self.flow.text[..at.start]) {
                mention.access = mention.access.map(|_| Access::Read);
            }
            let between = |start: usize| self.flow.text.get(at.end..start).unwrap_or("?");
            let words = |start: usize| between(start).split(|c: char| c.is_whitespace() || c == ',').all(plain);
            table = match (&mention.kind, table.take()) {
                (MentionKind::Table, _) => Some((at.start, mention.text.clone())),
                (MentionKind::Column, Some((start, name))) if !mention.text.contains('.') && words(start) => {
                    mention.text = format!("{name}.{}", mention.text);
                    Some((at.start, name))
                }
                _ => None,
            };
        }
    }

    /// "adds `deck` to `bookings`": what is put into a table is a column of it.
    fn goes_to_a_table(&self, sentence: &Sentence<'_>, at: usize) -> bool {
        let (to, table) = (sentence.tokens.get(at + 1), sentence.tokens.get(at + 2));
        let joins = to.is_some_and(|to| matches!(&*to.stem, "to" | "from" | "on"));
        joins && table.is_some_and(|table| table.ticked && self.names.is_table(&table.stem))
    }

    /// A piece of code: the nouns around it decide before its looks do.
    fn code(&self, sentence: &Sentence<'_>, said: &flagged::Said<'_>, at: usize, out: &mut Vec<Found>) {
        let token = &sentence.tokens[at];
        let text = &self.flow.text[token.at.clone()];
        if let Some(name) = shape::declared_name(text) {
            let range = token.at.start..token.at.start + name.len();
            self.add(MentionKind::Symbol, range, sentence, at, out);
            return;
        }
        if let Some(called) = shape::called_in_statement(text) {
            let range = token.at.start + called.start..token.at.start + called.end;
            self.add(MentionKind::Symbol, range, sentence, at, out);
            return;
        }
        let by_noun = noun::kind(sentence, at);
        let kind = match (by_noun, shape::of(text)) {
            (_, Some(MentionKind::Path)) if !shape::is_flag_key(text) => MentionKind::Path,
            (_, Some(MentionKind::Route)) => MentionKind::Route,
            (None | Some(MentionKind::Enum | MentionKind::Config), _) if said.is_flag(at, self.names) => {
                MentionKind::Flag
            }
            (Some(kind), _) => kind,
            (None, _) if words().looks.constraint_endings.end_of(text) && text.matches('_').count() > 1 => {
                MentionKind::Constraint
            }
            (None, None | Some(MentionKind::Symbol)) if token.ticked && self.names.is_table(text) => MentionKind::Table,
            (None, None) if token.ticked && self.goes_to_a_table(sentence, at) => MentionKind::Column,
            (None, None) if token.ticked && holds_a_column(sentence, at) => MentionKind::Table,
            (None, Some(MentionKind::Symbol)) if self.is_event(sentence, at, text) => MentionKind::Event,
            (None, Some(kind)) => kind,
            (None, None) => return,
        };
        let owner = text.split(['.', ':', '(']).next().unwrap_or_default();
        if kind == MentionKind::Symbol && words().looks.builtins.contains(owner) {
            return;
        }
        // `1.5`, `"x"` and whole commands are no names, whatever stands beside them.
        if shape::of(text).is_none() && !shape::is_flag_key(text) {
            return;
        }
        self.add(kind, token.at.clone(), sentence, at, out);
    }

    /// A dotted name that is sent, or in a sentence about events; there its first part is no table.
    fn is_event(&self, sentence: &Sentence<'_>, at: usize, text: &str) -> bool {
        let table = text.split('.').next().is_some_and(|owner| self.names.is_table(owner));
        event::is_one(sentence, at, text, table)
    }

    /// `ALTER TABLE orders ADD COLUMN gift boolean`: what a statement in the text changes.
    fn ddl(&self, sentence: &Sentence<'_>, out: &mut Vec<Found>) {
        let range = sentence.range();
        for named in ddl::named(&self.flow.text[range.clone()]) {
            let at = range.start + named.at.start..range.start + named.at.end;
            let token = sentence.tokens.partition_point(|token| token.at.end <= at.start);
            let said = governed(sentence, token, self.voice);
            let quiet = self.context.negated || said.negated || self.done;
            let mention = named.mention(self.flow.bytes(at.clone()).in_file(self.file));
            let mention = Mention {
                negated: quiet,
                sample: self.context.silent,
                ..mention
            };
            out.push((at, mention));
        }
    }

    /// `GET /quotes/:id` outside backticks.
    fn routes(&self, sentence: &Sentence<'_>, out: &mut Vec<Found>) {
        for (at, token) in sentence.tokens.iter().enumerate() {
            if token.form != Form::Word || !shape::METHODS.contains(&&self.flow.text[token.at.clone()]) {
                continue;
            }
            let rest = &self.flow.text[token.at.end..sentence.range().end.max(token.at.end)];
            let path = rest.strip_prefix(' ').unwrap_or("");
            let end = path.find(char::is_whitespace).unwrap_or(path.len());
            let path = path[..end].trim_end_matches(|c: char| ".,;:!?)\"'”’".contains(c));
            let range = token.at.start..token.at.end + 1 + path.len();
            if path.len() > 1 && shape::is_route(path) {
                self.add(MentionKind::Route, range, sentence, at, out);
            }
        }
    }

    fn add(&self, kind: MentionKind, range: Range<usize>, sentence: &Sentence<'_>, at: usize, out: &mut Vec<Found>) {
        let said = governed(sentence, at, self.voice);
        let others = reference::in_tokens(sentence, &self.references);
        let governed = mood::meant(sentence, at, &others, said);
        let text = &self.flow.text[range.clone()];
        let access = match kind {
            MentionKind::Prd => Some(Access::Read),
            // "widened by the value `x`" makes the value, whatever the preposition.
            MentionKind::Enum => governed.verb.or(self.context.access),
            MentionKind::Event => event::access(sentence, at, governed.access).or(self.context.access),
            // Whoever names a test means to write it.
            MentionKind::Path if shape::is_test_path(text) => {
                governed.access.or(self.context.access).or(Some(Access::Write))
            }
            // "`x.vue`." as a sentence of its own: that is where the work is.
            MentionKind::Path if self.is_bare(sentence) => {
                governed.access.or(self.context.access).or(Some(Access::Write))
            }
            _ => governed.access.or(self.context.access),
        };
        // What is done is no work to do: it is there.
        let access = if self.done {
            access.map(|access| access.min(Access::Read))
        } else {
            access
        };
        let struck = self
            .flow
            .struck
            .iter()
            .any(|struck| struck.start <= range.start && range.end <= struck.end);
        let otherwise = match kind {
            // A file and a table are called by nobody: whoever uses them is only concerned if they go.
            MentionKind::Path => contract::leaves(sentence, at).then_some(Contract::Gone),
            MentionKind::Table => contract::taken(sentence, at).then_some(Contract::Gone),
            _ => contract::changed(sentence, at),
        };
        // "stop sending `x`" denies nothing: afterwards it is gone.
        let stopped = kind == MentionKind::Event && event::stopped(sentence, at);
        let contract = otherwise.filter(|_| governed.access == Some(Access::Write));
        let contract = contract.or(stopped.then_some(Contract::Gone));
        let told = self.context.past
            && matches!(kind, MentionKind::Symbol | MentionKind::Route | MentionKind::Event)
            && words().class("history").within(&sentence.tokens);
        let whole = kind == MentionKind::Path && text.ends_with('/') && folders::lists_files(sentence, at);
        let mention = Mention {
            kind,
            text: text.to_owned(),
            access,
            age: age(sentence, at),
            declared: false,
            whole,
            // What history, alternatives and quotations name is no more than a sample; so is what a sentence on how things came to be only names.
            sample: self.context.silent || (told && !matches!(access, Some(Access::Write | Access::Create))),
            negated: (governed.negated && !stopped) || self.context.negated || struck,
            contract: contract.filter(|_| !self.done),
            span: self.flow.bytes(range.clone()).in_file(self.file),
        };
        out.push((range, mention));
    }

    /// True if the sentence of running text is nothing but names of files.
    fn is_bare(&self, sentence: &Sentence<'_>) -> bool {
        let context = self.context;
        let aside = context.background || context.past || context.expects || context.depends || context.assumptions;
        let names = |token: &Token| matches!(token.form, Form::Code | Form::Mark) || &*token.stem == "and";
        !aside && !self.voice.item && sentence.tokens.iter().all(names)
    }

    /// Links to other documents.
    fn links(&self, out: &mut Vec<Mention>) {
        for link in self.flow.links.iter().filter(|link| link.written) {
            if let Some(range) = reference::in_link(&link.target) {
                let start = link.bytes.start as usize;
                out.push(Mention {
                    kind: MentionKind::Prd,
                    text: link.target[range.clone()].to_owned(),
                    access: Some(Access::Read),
                    age: Age::Unsaid,
                    declared: false,
                    whole: false,
                    sample: false,
                    negated: self.context.negated,
                    contract: None,
                    span: Bytes::new(start + range.start, start + range.end).in_file(self.file),
                });
            }
        }
    }
}

/// The files of a diff or a drawn tree in a code block.
fn fenced(flow: &Flow, context: Context, file: FileId, out: &mut Vec<Mention>) {
    for named in fence::named(&flow.text).into_iter().take(MOST_SAMPLES) {
        out.push(Mention {
            kind: MentionKind::Path,
            text: named.path,
            access: named.access.filter(|_| !context.background),
            age: Age::Unsaid,
            declared: false,
            whole: false,
            sample: named.access.is_none() || context.silent || context.background,
            negated: context.negated,
            contract: None,
            span: flow.bytes(named.at).in_file(file),
        });
    }
}

/// Names in a code block.
fn samples(flow: &Flow, file: FileId, out: &mut Vec<Mention>) {
    let mut at = 0;
    let mut found = 0;
    let inside = |c: char| c.is_alphanumeric() || "_./-@".contains(c);
    for piece in flow.text.split(|c: char| !inside(c)) {
        let range = at..at + piece.len();
        at = range.end + flow.text[range.end..].chars().next().map_or(0, char::len_utf8);
        let piece_trimmed = piece.trim_matches(|c: char| ".-/@".contains(c));
        let start = range.start + (piece.len() - piece.trim_start_matches(|c: char| ".-/@".contains(c)).len());
        let kind = match shape::of(piece_trimmed) {
            Some(MentionKind::Path) if shape::has_extension(piece_trimmed) => MentionKind::Path,
            Some(MentionKind::Symbol) if names::is_compound(piece_trimmed) => MentionKind::Symbol,
            _ => continue,
        };
        out.push(Mention {
            kind,
            text: piece_trimmed.to_owned(),
            access: None,
            age: Age::Unsaid,
            declared: false,
            whole: false,
            sample: true,
            negated: false,
            contract: None,
            span: flow.bytes(start..start + piece_trimmed.len()).in_file(file),
        });
        found += 1;
        if found == MOST_SAMPLES {
            return;
        }
    }
}

/// True if the words before a name end with "index on".
fn is_indexed(before: &str) -> bool {
    let mut words = before
        .split_whitespace()
        .rev()
        .filter(|word| !matches!(*word, "the" | "column"));
    let joins = words.next().is_some_and(|word| matches!(word, "on" | "for" | "over"));
    joins
        && words
            .next()
            .is_some_and(|word| matches!(word.to_lowercase().as_str(), "index" | "indexes" | "indices"))
}

/// "a column `deck` to `bookings`": what a column is put into is a table, known or not.
fn holds_a_column(sentence: &Sentence<'_>, at: usize) -> bool {
    let before = |at: usize| at.checked_sub(1).map(|at| (at, &sentence.tokens[at]));
    let article = before(at).filter(|(_, token)| &*token.stem == "the");
    let joins = before(article.map_or(at, |(at, _)| at));
    let joins = joins.filter(|(_, token)| matches!(&*token.stem, "to" | "of" | "in" | "on" | "from"));
    let column = joins.and_then(|(at, _)| before(at)).filter(|(_, token)| token.ticked);
    column.is_some_and(|(at, _)| noun::kind(sentence, at) == Some(MentionKind::Column))
}

#[cfg(test)]
mod tests;
