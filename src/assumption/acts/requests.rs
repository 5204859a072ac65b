//! The requests of a test, and the status that it expects of each. Enters: the tree of a test file and the regions that run. Leaves:
//! [`Request`]s: `request(app).post('/x').expect(202)`, `const res = await client.get('/x'); expect(res.status).toBe(404)`, also in a
//! function of the same file that the test calls. A request of which no status is asserted proves nothing and is left out.

use crate::index::bindings::Binding;
use crate::lang::tree::{CompareOp, Function, Key, NodeId, Syntax};
use crate::source::{Bytes, Span};

use super::file::TestFile;
use super::yields::{callee_name, number};

/// What clients call the methods of a request.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "del", "head"];
/// What a response calls its status.
const STATUS: [&str; 4] = ["status", "statusCode", "status_code", "code"];
/// What a template's hole becomes in a path.
const HOLE: &str = "\u{0}";

/// A request whose status is asserted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// `POST`; empty where it is not said.
    pub method: String,
    /// The parts of the path; `None` for one that is not known.
    pub path: Vec<Option<String>>,
    /// More may stand before the path (`${base}/api/x`).
    pub loose: bool,
    /// The status.
    pub status: u16,
    /// The assertion.
    pub assertion: Span,
}

/// A call of a function of the same file, whose parameters stand for the arguments.
#[derive(Clone, Copy)]
struct Frame<'a> {
    function: NodeId,
    args: &'a [NodeId],
    /// The call, where the test makes it.
    at: Bytes,
}

/// The requests that run in a region, in the order of the text.
#[must_use]
pub fn requests(file: TestFile<'_>, region: Bytes) -> Vec<Request> {
    let mut found = Vec::new();
    in_region(file, region, None, &mut found);
    for id in file.nodes(region) {
        let Syntax::Call { callee, args, .. } = file.facts.tree.syntax(id) else {
            continue;
        };
        if !matches!(file.facts.tree.syntax(*callee), Syntax::Name) {
            continue;
        }
        if let Some(function) = file.function(file.facts.words(*callee)) {
            let bytes = file.facts.tree.bytes(function);
            let frame = Frame {
                function,
                args,
                at: file.facts.tree.bytes(id),
            };
            if !bytes.contains(region) && !region.contains(bytes) {
                in_region(file, bytes, Some(frame), &mut found);
            }
        }
    }
    found
}

fn in_region(file: TestFile<'_>, region: Bytes, frame: Option<Frame<'_>>, found: &mut Vec<Request>) {
    for id in file.nodes(region) {
        let Some((method, path)) = request(file, id, frame) else {
            continue;
        };
        let Some((status, assertion)) = chained(file, id, frame).or_else(|| bound(file, id, region)) else {
            continue;
        };
        let (path, loose) = parts(&path);
        found.push(Request {
            method: if method == "del" {
                "DELETE".into()
            } else {
                method.to_ascii_uppercase()
            },
            path,
            loose,
            status,
            assertion: frame.map_or(assertion, |frame| frame.at).in_file(file.facts.file),
        });
    }
}

/// The method and path of a request: `x.post('/path')`, `x.inject({ method, url })`, `.uri("/path")`.
fn request<'f>(file: TestFile<'f>, id: NodeId, frame: Option<Frame<'_>>) -> Option<(&'f str, String)> {
    let tree = &file.facts.tree;
    let Syntax::Call { callee, args, .. } = tree.syntax(id) else {
        return None;
    };
    let name = callee_name(file.facts, *callee);
    let first = *args.first()?;
    if name == "inject" || name == "request" {
        let Syntax::Object { entries, .. } = tree.syntax(tree.bare(first)) else {
            return None;
        };
        let entry = |wanted: &[&str]| {
            entries.iter().find_map(|entry| match tree.syntax(*entry) {
                Syntax::Entry {
                    key: Key::Name(key, _),
                    value,
                } if wanted.contains(&&**key) => Some(*value),
                _ => None,
            })
        };
        let path = text(file, entry(&["url", "path"])?, frame)?;
        let method = entry(&["method"]).map_or("get", |method| match tree.syntax(tree.bare(method)) {
            Syntax::Text(text) => text,
            _ => "",
        });
        return Some((method, path));
    }
    let serves = |arg: &NodeId| matches!(tree.syntax(tree.bare(*arg)), Syntax::Function(_));
    let method = METHODS.iter().find(|method| **method == name);
    if method.is_none() && name != "uri" || args.iter().any(serves) {
        return None;
    }
    let path = text(file, first, frame)?;
    let is_path = path.starts_with('/') || path.starts_with(HOLE) && path.contains('/') || path.contains("://");
    is_path.then_some((method.copied().unwrap_or(""), path))
}

/// A text with its holes, through a constant and a helper's parameter.
fn text(file: TestFile<'_>, id: NodeId, frame: Option<Frame<'_>>) -> Option<String> {
    let tree = &file.facts.tree;
    let id = tree.bare(meant(file, id, frame));
    match tree.syntax(id) {
        Syntax::Text(text) => Some(text.to_string()),
        Syntax::Template(list) => {
            let part = |id: &NodeId| match tree.syntax(*id) {
                Syntax::Text(text) => text.to_string(),
                _ => HOLE.to_owned(),
            };
            Some(list.iter().map(part).collect())
        }
        _ => None,
    }
}

/// The expression behind a name: a constant's value, a parameter's argument or default.
fn meant(file: TestFile<'_>, id: NodeId, frame: Option<Frame<'_>>) -> NodeId {
    let tree = &file.facts.tree;
    let id = tree.bare(id);
    let Some(declaration) = file
        .bindings()
        .declaration(id)
        .filter(|of| of.assignments.is_empty() && of.path.is_empty())
    else {
        return id;
    };
    match declaration.binding {
        Binding::Let(node) => match tree.syntax(node) {
            Syntax::Let { value: Some(value), .. } => tree.bare(*value),
            _ => id,
        },
        Binding::Param { function, at } => {
            let given = frame.filter(|frame| frame.function == function);
            let given = given.map(|frame| frame.args.get(at).copied());
            let default = match tree.syntax(function) {
                Syntax::Function(Function { params, .. }) => {
                    params.get(at).and_then(|param| match tree.syntax(*param) {
                        Syntax::Default { default, .. } => Some(*default),
                        _ => None,
                    })
                }
                _ => None,
            };
            given.and_then(|given| given.or(default)).map_or(id, |id| tree.bare(id))
        }
        _ => id,
    }
}

/// The status that is expected of a request, and where.
pub(in crate::assumption) fn status_of(file: TestFile<'_>, id: NodeId, region: Bytes) -> Option<(u16, Bytes)> {
    chained(file, id, None).or_else(|| bound(file, id, region))
}

/// `.send(x).expect(202)` after the request.
fn chained(file: TestFile<'_>, id: NodeId, frame: Option<Frame<'_>>) -> Option<(u16, Bytes)> {
    let tree = &file.facts.tree;
    let mut at = id;
    for parent in tree.ancestors(id) {
        match tree.syntax(parent) {
            Syntax::Member { object, .. } if *object == at => {}
            Syntax::Call { callee, args, .. } if *callee == at => {
                let name = callee_name(file.facts, *callee);
                let status = args
                    .first()
                    .and_then(|arg| number(file.facts, meant(file, *arg, frame)));
                let expects = name.starts_with("expect") || name.starts_with("assert");
                if let Some(status) = status.filter(|status| expects && (100..600).contains(status)) {
                    return Some((status, tree.bytes(*args.first()?)));
                }
            }
            Syntax::Wrap(..) => {}
            _ => return None,
        }
        at = parent;
    }
    None
}

/// The status that is asserted of the name to which the response is bound, before it is bound again.
fn bound(file: TestFile<'_>, id: NodeId, region: Bytes) -> Option<(u16, Bytes)> {
    let (facts, tree) = (file.facts, &file.facts.tree);
    let target = tree.ancestors(id).find_map(|parent| match tree.syntax(parent) {
        Syntax::Let { pattern, .. } => Some(Some(*pattern)),
        Syntax::Assign { target, .. } => Some(Some(*target)),
        Syntax::Function(_) | Syntax::Block(_) => Some(None),
        _ => None,
    })??;
    let status = |id: NodeId| {
        let words = facts.words(id).trim_end_matches("()");
        match tree.syntax(target) {
            Syntax::Name => {
                let rest = words.strip_prefix(facts.words(target))?.strip_prefix('.')?;
                STATUS.contains(&rest).then_some(())
            }
            Syntax::ObjectPattern(entries) => {
                let taken = entries.iter().any(|entry| match tree.syntax(*entry) {
                    Syntax::Entry {
                        key: Key::Name(key, _),
                        value,
                    } => STATUS.contains(&&**key) && facts.words(*value) == words,
                    _ => false,
                });
                taken.then_some(())
            }
            _ => None,
        }
    };
    let after = tree.bytes(id).end;
    let again = file.nodes(region).filter(|node| match tree.syntax(*node) {
        Syntax::Assign { target: other, .. } => facts.words(*other) == facts.words(target),
        _ => false,
    });
    let again = again
        .map(|node| tree.bytes(node).start)
        .filter(|start| *start > after)
        .min();
    let asserted = file.nodes(region).filter(|node| {
        let start = tree.bytes(*node).start;
        start > after && again.is_none_or(|again| start < again)
    });
    let mut asserted = asserted.filter_map(|node| {
        let (left, right) = compared(file, node)?;
        let number = |id: NodeId| number(facts, meant(file, id, None));
        let found = match (status(left), number(right), status(right), number(left)) {
            (Some(()), Some(found), ..) | (_, _, Some(()), Some(found)) => found,
            _ => return None,
        };
        Some((found, tree.bytes(node)))
    });
    asserted.next()
}

/// The two sides that an assertion holds to be the same.
fn compared(file: TestFile<'_>, node: NodeId) -> Option<(NodeId, NodeId)> {
    let tree = &file.facts.tree;
    match tree.syntax(node) {
        Syntax::Call { callee, args, .. } => {
            let name = callee_name(file.facts, *callee);
            if let (Syntax::Member { object, .. }, [expected]) = (tree.syntax(*callee), args.as_slice())
                && let Syntax::Call { args: got, .. } = tree.syntax(*object)
            {
                let same = ["toBe", "toEqual", "toStrictEqual", "equal", "eql", "eq"].contains(&name);
                return same.then_some((*got.first()?, *expected));
            }
            let same = ["equal", "strictEqual", "assertEqual", "is", "deepEqual"].contains(&name);
            same.then_some((*args.first()?, *args.get(1)?))
        }
        Syntax::Macro { name, args } if file.facts.slice(*name) == "assert_eq" => Some((*args.first()?, *args.get(1)?)),
        Syntax::Compare {
            op: CompareOp::Equal,
            left,
            right,
        } => {
            let asserted = tree.ancestors(node).take(2).any(|up| match tree.syntax(up) {
                Syntax::Macro { name, .. } => file.facts.slice(*name) == "assert",
                Syntax::Call { callee, .. } => file.facts.words(*callee).starts_with("assert"),
                _ => false,
            });
            asserted.then_some((*left, *right))
        }
        _ => None,
    }
}

/// The parts of a path without host and query, and whether more may stand before it.
fn parts(path: &str) -> (Vec<Option<String>>, bool) {
    let path = path
        .split_once("://")
        .map_or(path, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let loose = path.starts_with(HOLE);
    let path = if loose {
        path.split_once('/').map_or("", |(_, rest)| rest)
    } else {
        path
    };
    let part = |part: &str| (!part.contains(HOLE)).then(|| part.to_owned());
    (
        path.split('/').filter(|part| !part.is_empty()).map(part).collect(),
        loose,
    )
}
