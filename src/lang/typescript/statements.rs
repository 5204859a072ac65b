//! Statements: which code runs. Built from the parts of one statement.

use super::kinds::{Field, Kind};
use super::text;
use super::walk::{Frame, Part, Walk, find};
use crate::lang::tree::{ImportName, Key, LetKind, NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// Builds a statement; false if it is none.
    pub(super) fn statement(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let syntax = match frame.kind {
            Kind::Program | Kind::Block => return self.block(frame, own),
            Kind::Declaration => return self.declaration(frame, own),
            Kind::Declarator => return self.declarator(frame, own),
            Kind::If => Syntax::If {
                test: self.wanted(frame, own, Field::Condition),
                yes: self.wanted(frame, own, Field::Consequence),
                no: self.optional(own, Field::Alternative),
            },
            Kind::For | Kind::While => Syntax::Loop {
                head: self.loop_head(own),
                body: self.wanted(frame, own, Field::Body),
            },
            Kind::ForIn => self.for_in(frame, own),
            Kind::Switch => Syntax::Switch {
                subject: self.wanted(frame, own, Field::Value),
                cases: self.in_field(own, Field::Body),
            },
            Kind::Case => {
                let tests = self.in_field(own, Field::Value);
                let body = own.iter().filter(|part| part.field != Field::Value);
                let body: Vec<Part> = body.copied().collect();
                Syntax::Case {
                    tests,
                    body: self.values(&body),
                }
            }
            Kind::Return => Syntax::Return(self.values(own).first().copied()),
            Kind::Throw => Syntax::Throw(self.values(own).first().copied()),
            Kind::Labeled => {
                let body = self.wanted(frame, own, Field::Body);
                self.push(frame, body);
                return true;
            }
            Kind::Catch => self.catch(frame, own),
            _ => return false,
        };
        self.add(frame, syntax);
        true
    }

    /// The block of a namespace is the list of its items, not a node of its own.
    fn block(&mut self, frame: &Frame, own: &[Part]) -> bool {
        if self.frames.last().is_some_and(|parent| parent.kind == Kind::Namespace) {
            let items = own.iter().filter(|part| part.kind.is_value()).copied();
            let items: Vec<Part> = items
                .map(|part| Part {
                    field: Field::Body,
                    ..part
                })
                .collect();
            self.parts.extend(items);
            return true;
        }
        let inside = self.values(own);
        let bytes = if frame.kind == Kind::Program {
            Bytes::new(0, self.text.len())
        } else {
            frame.bytes
        };
        let block = self.tree.add(bytes, Syntax::Block(inside));
        self.push(frame, block);
        true
    }

    fn loop_head(&mut self, own: &[Part]) -> Vec<NodeId> {
        let head = own.iter().filter(|part| part.field != Field::Body);
        let head: Vec<Part> = head.copied().collect();
        self.values(&head)
    }

    fn for_in(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let left = self.wanted(frame, own, Field::Left);
        let bound = match find(own, Field::KindWord) {
            Some(word) => {
                let bytes = Bytes {
                    start: word.bytes.start,
                    end: self.tree.bytes(left).end,
                };
                let syntax = Syntax::Let {
                    kind: let_kind(self.slice(word.bytes)),
                    pattern: left,
                    ty: None,
                    value: None,
                };
                self.tree.add(bytes, syntax)
            }
            None => left,
        };
        Syntax::Loop {
            head: vec![bound, self.wanted(frame, own, Field::Right)],
            body: self.wanted(frame, own, Field::Body),
        }
    }

    /// `catch (e) { … }`: a binding and a block, in a node of their own that is the scope of the binding.
    fn catch(&mut self, frame: &Frame, own: &[Part]) -> Syntax {
        let mut inside = Vec::new();
        if let Some(pattern) = self.optional(own, Field::Parameter) {
            let ty = self.optional(own, Field::Type);
            let end = self.tree.bytes(ty.unwrap_or(pattern)).end;
            let bytes = Bytes {
                start: self.tree.bytes(pattern).start,
                end,
            };
            let syntax = Syntax::Let {
                kind: LetKind::Variable,
                pattern,
                ty,
                value: None,
            };
            inside.push(self.tree.add(bytes, syntax));
        }
        inside.push(self.wanted(frame, own, Field::Body));
        Syntax::Other(inside)
    }

    /// The declarators were built one by one; the only one of a declaration covers all of it.
    fn declaration(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let mut lets: Vec<Part> = own.iter().filter(|part| part.kind.is_value()).copied().collect();
        if let [only] = &mut lets[..]
            && let Some(node) = only.node
        {
            self.tree.widen(node, frame.bytes);
            only.bytes = frame.bytes;
        }
        self.parts.extend(lets.into_iter().map(|part| Part {
            field: frame.field,
            ..part
        }));
        true
    }

    fn declarator(&mut self, frame: &Frame, own: &[Part]) -> bool {
        let pattern = self.wanted(frame, own, Field::Name);
        let ty = self.optional(own, Field::Type);
        let value = self.optional(own, Field::Value);
        if let Some(import) = value.and_then(|value| self.required(pattern, value)) {
            self.tree.truncate(frame.nodes);
            self.add(frame, import);
            return true;
        }
        let declaration = self.frames.last().map(|declaration| declaration.first);
        let word = declaration
            .and_then(|first| self.parts.get(first))
            .map(|part| part.bytes);
        let kind = word.map_or(LetKind::Hoisted, |word| let_kind(self.slice(word)));
        self.add(
            frame,
            Syntax::Let {
                kind,
                pattern,
                ty,
                value,
            },
        );
        true
    }

    /// `const x = require('m')`, `const { a, b: c } = await import('m')`, `const x = require('m').a` at the top level.
    fn required(&self, pattern: NodeId, value: NodeId) -> Option<Syntax> {
        let outside = self
            .frames
            .iter()
            .rev()
            .map(|frame| frame.kind)
            .find(|kind| *kind != Kind::Declaration);
        if outside != Some(Kind::Program) {
            return None;
        }
        let value = self.tree.bare(value);
        let (call, member) = match self.tree.syntax(value) {
            Syntax::Member { object, property } => (self.tree.bare(*object), Some(self.slice(*property))),
            _ => (value, None),
        };
        let Syntax::Call { callee, args, .. } = self.tree.syntax(call) else {
            return None;
        };
        let is_require = matches!(self.slice(self.tree.bytes(*callee)), "require" | "import");
        let [module] = args[..] else { return None };
        let Syntax::Text(from) = self.tree.syntax(module) else {
            return None;
        };
        let names = self.required_names(pattern, member)?;
        is_require.then(|| Syntax::Import {
            from: from.clone(),
            names,
            type_only: false,
        })
    }

    fn required_names(&self, pattern: NodeId, member: Option<&str>) -> Option<Vec<ImportName>> {
        let bytes = self.tree.bytes(pattern);
        match (self.tree.syntax(pattern), member) {
            (Syntax::Name, member) => Some(vec![ImportName {
                imported: member.unwrap_or("*").into(),
                local: self.slice(bytes).into(),
                bytes,
            }]),
            (Syntax::ObjectPattern(entries), None) => entries.iter().map(|entry| self.required_name(*entry)).collect(),
            _ => None,
        }
    }

    fn required_name(&self, entry: NodeId) -> Option<ImportName> {
        let Syntax::Entry {
            key: Key::Name(imported, _),
            value,
        } = self.tree.syntax(entry)
        else {
            return None;
        };
        let bytes = self.tree.bytes(*value);
        matches!(self.tree.syntax(*value), Syntax::Name).then(|| ImportName {
            imported: imported.clone(),
            local: self.slice(bytes).into(),
            bytes,
        })
    }

    /// A property name and its bytes: without quotes, escapes undone.
    pub(super) fn key(&mut self, part: &Part) -> Key {
        match (part.kind, part.node) {
            (Kind::ComputedName, Some(node)) => Key::Computed(node),
            (Kind::String, _) => Key::Name(text::string(self.slice(part.bytes)), inner(part.bytes)),
            _ => Key::Name(self.slice(part.bytes).into(), part.bytes),
        }
    }
}

/// A string's bytes without its quotes.
fn inner(bytes: Bytes) -> Bytes {
    let end = bytes.end.saturating_sub(1).max(bytes.start);
    Bytes {
        start: (bytes.start + 1).min(end),
        end,
    }
}

fn let_kind(word: &str) -> LetKind {
    match word {
        "const" => LetKind::Constant,
        "let" => LetKind::Variable,
        _ => LetKind::Hoisted,
    }
}
