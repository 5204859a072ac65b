//! Comprehensions and `match`: loops and choices that are written otherwise.

use tree_sitter::Node;

use super::walk::Walk;
use crate::lang::descent::{Descend, in_field, named};
use crate::lang::tree::{NodeId, Syntax};
use crate::source::Bytes;

impl Walk<'_> {
    /// `[x for a in b if c]`: a loop whose body runs under the condition.
    pub(super) fn comprehension(&mut self, node: Node<'_>) -> NodeId {
        self.names.enter();
        let body = self.wanted(node, "body");
        let body_start = node
            .child_by_field_name("body")
            .map_or(node.start_byte(), |body| body.start_byte());
        let mut clauses = Vec::new();
        for clause in named(node) {
            match clause.kind() {
                "for_in_clause" => {
                    let bound = clause.child_by_field_name("left").map(|left| self.loop_variable(left));
                    let over = in_field(clause, "right");
                    let over = self.values(&over);
                    clauses.push((clause, bound.into_iter().chain(over).collect::<Vec<_>>()));
                }
                "if_clause" => {
                    let tests = self.values(&named(clause));
                    clauses.push((clause, tests));
                }
                _ => {}
            }
        }
        self.names.leave();
        let (mut inner, end) = (body, node.end_byte());
        for (clause, parts) in clauses.into_iter().rev() {
            let bytes = Bytes::new(body_start.min(clause.start_byte()), end);
            let syntax = match (clause.kind(), parts.as_slice()) {
                ("if_clause", [test]) => Syntax::If {
                    test: *test,
                    yes: inner,
                    no: None,
                },
                ("if_clause", _) => continue,
                _ => Syntax::Loop {
                    head: parts,
                    body: inner,
                },
            };
            inner = self.at.tree.add(bytes, syntax);
        }
        self.add(node, Syntax::Other(vec![inner]))
    }

    pub(super) fn switch(&mut self, node: Node<'_>) -> NodeId {
        let subjects = in_field(node, "subject");
        let subject = match subjects.as_slice() {
            [only] => self.value(*only),
            [first, .., last] => {
                let bytes = Bytes::new(first.start_byte(), last.end_byte());
                let subjects = self.values(&subjects);
                self.at.tree.add(bytes, Syntax::Array(subjects))
            }
            [] => self.gap(node),
        };
        let body = node.child_by_field_name("body");
        let clauses = body.map_or_else(Vec::new, |body| in_field(body, "alternative"));
        let cases = clauses.into_iter().map(|clause| self.case(clause)).collect();
        self.add(node, Syntax::Switch { subject, cases })
    }

    /// One case. Where it has a guard, its pattern alone says nothing.
    fn case(&mut self, node: Node<'_>) -> NodeId {
        let guard = node.child_by_field_name("guard");
        let patterns = named(node).into_iter().filter(|child| child.kind() == "case_pattern");
        let patterns: Vec<Node<'_>> = patterns.collect();
        let mut tests = Vec::new();
        for pattern in &patterns {
            let words = self.words(*pattern);
            let takes_all = words == "_" || is_capture(words);
            if takes_all && guard.is_none() && patterns.len() == 1 {
                continue;
            }
            let inside = self.alternatives(*pattern);
            match guard {
                Some(_) => tests.push(self.add(*pattern, Syntax::Other(inside))),
                None => tests.extend(inside),
            }
        }
        let block = self.block_in(node, "consequence");
        let body = match guard {
            Some(guard) => {
                let test = named(guard).first().map(|test| self.value(*test));
                let test = test.unwrap_or_else(|| self.gap(guard));
                let end = self.at.tree.bytes(block).end as usize;
                let bytes = Bytes::new(guard.start_byte(), end);
                let syntax = Syntax::If {
                    test,
                    yes: block,
                    no: None,
                };
                self.at.tree.add(bytes, syntax)
            }
            None => block,
        };
        self.add(
            node,
            Syntax::Case {
                tests,
                body: vec![body],
            },
        )
    }

    /// `'a' | 'b'` leads to one case by two ways.
    fn alternatives(&mut self, pattern: Node<'_>) -> Vec<NodeId> {
        let inner = named(pattern);
        match inner.as_slice() {
            [only] if only.kind() == "union_pattern" => self.values(&named(*only)),
            [only] => vec![self.value(*only)],
            several => {
                let inside = self.values(several);
                vec![self.add(pattern, Syntax::Other(inside))]
            }
        }
    }
}

/// A name alone takes whatever comes.
fn is_capture(words: &str) -> bool {
    let mut letters = words.chars();
    letters.next().is_some_and(|c| c.is_lowercase() || c == '_') && letters.all(|c| c.is_alphanumeric() || c == '_')
}
