//! HTTP routes that the code serves. Enters: the neutral tree of one file. Leaves: [`Route`]s with their paths as written (a class's
//! base path before its methods'). Calls of clients (`axios.get('/x')`, `request(app).get('/x')`) are not routes. Where a prefix is put
//! before a router (`app.use('/api', router)`), and which function serves a route, is followed in [`served`].

pub mod served;
#[cfg(test)]
mod tests;

use super::Route;
use crate::lang::tree::{Function, Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// The methods, and what serves any of them.
const METHODS: [&str; 9] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ALL", "ANY"];

/// What a server or router is called.
const SERVERS: [&str; 9] = [
    "app", "router", "routes", "route", "server", "fastify", "hono", "instance", "api",
];

/// Keys beside `url` that tell a route's description from a request's.
const HANDLERS: [&str; 5] = ["handler", "handle", "controller", "preHandler", "action"];

/// The routes of one file, by place.
#[must_use]
pub fn routes(facts: &FileFacts) -> Vec<Route> {
    let routes = handled(facts).into_iter().map(|handled| handled.route);
    let mut routes: Vec<Route> = routes.filter(|route| !route.path.is_empty()).collect();
    routes.dedup();
    routes
}

/// A route, with the expression that serves it.
pub(super) struct Handled {
    route: Route,
    handler: Option<NodeId>,
}

/// The routes of one file with what serves them, by place.
pub(super) fn handled(facts: &FileFacts) -> Vec<Handled> {
    let mut finder = Finder {
        facts,
        routes: Vec::new(),
    };
    for id in facts.tree.ids() {
        match facts.tree.syntax(id) {
            Syntax::Call { callee, args, .. } => finder.call(id, *callee, args),
            Syntax::Object { entries, .. } => finder.table(entries),
            Syntax::Class {
                members, decorators, ..
            } => finder.controller(members, decorators),
            Syntax::Function(function) if facts.language == Language::Rust => finder.attributes(id, function),
            Syntax::Export { .. } => finder.file_route(id),
            _ => {}
        }
    }
    let mut routes = finder.routes;
    routes.sort_by(|a, b| {
        let key = |of: &Handled| (of.route.span, of.route.method.clone(), of.route.path.clone());
        key(a).cmp(&key(b))
    });
    routes
}

struct Finder<'a> {
    facts: &'a FileFacts,
    routes: Vec<Handled>,
}

impl<'a> Finder<'a> {
    fn found(&mut self, method: &str, path: &str, bytes: Bytes, handler: Option<NodeId>) {
        let method = if matches!(method, "ALL" | "ANY") { "" } else { method };
        let route = Route {
            method: method.into(),
            path: path.into(),
            span: bytes.in_file(self.facts.file),
        };
        self.routes.push(Handled { route, handler });
    }

    /// The value of a string that is a path.
    fn path(&self, id: NodeId) -> Option<String> {
        match self.facts.tree.syntax(self.facts.tree.bare(id)) {
            Syntax::Text(text) if text.starts_with('/') || &**text == "*" => Some(text.to_string()),
            _ => None,
        }
    }

    fn text(&self, id: NodeId) -> Option<&str> {
        match self.facts.tree.syntax(self.facts.tree.bare(id)) {
            Syntax::Text(text) => Some(text),
            _ => None,
        }
    }

    fn call(&mut self, id: NodeId, callee: NodeId, args: &[NodeId]) {
        let Syntax::Member { object, property } = self.facts.tree.syntax(callee) else {
            return;
        };
        let name = self.facts.slice(*property);
        if let Some(method) = method(name) {
            if let Some((path, bytes)) = self.chained_path(*object) {
                self.found(method, &path, bytes, self.handler(args));
            } else if let Some(path) = args.first().and_then(|path| self.path(*path))
                && self.is_server(*object)
                && self.handles(args)
            {
                self.found(method, &path, self.facts.tree.bytes(id), self.handler(args));
            }
        } else if name == "route" && self.facts.language == Language::Rust {
            self.axum(args);
        }
    }

    /// `router.route('/x').get(h).post(h)`: the path before the methods, and where the call with it ends.
    fn chained_path(&self, mut object: NodeId) -> Option<(String, Bytes)> {
        loop {
            let Syntax::Call { callee, args, .. } = self.facts.tree.syntax(object) else {
                return None;
            };
            let Syntax::Member { object: next, property } = self.facts.tree.syntax(*callee) else {
                return None;
            };
            match self.facts.slice(*property) {
                "route" if self.is_server(*next) => {
                    let path = args.first().and_then(|path| self.path(*path))?;
                    return Some((path, self.facts.tree.bytes(object)));
                }
                name if method(name).is_some() => object = *next,
                _ => return None,
            }
        }
    }

    /// A name that ends in `app`, `router` and the like.
    fn is_server(&self, object: NodeId) -> bool {
        let tree = &self.facts.tree;
        let name = match tree.syntax(tree.bare(object)) {
            Syntax::Name if self.facts.words(object) == "this" => return self.in_router(object),
            Syntax::Name => self.facts.words(tree.bare(object)),
            Syntax::Member { property, .. } => self.facts.slice(*property),
            _ => return false,
        };
        let name = name.trim_start_matches('#').to_ascii_lowercase();
        SERVERS.contains(&name.as_str())
            || name.ends_with("router")
            || name.ends_with("app")
            || name.ends_with("server")
    }

    /// True in a class that is a router by what it extends.
    fn in_router(&self, at: NodeId) -> bool {
        let is_router = |id: NodeId| match self.facts.tree.syntax(id) {
            Syntax::Class { extends, .. } => extends.iter().any(|base| {
                let base = self.facts.words(*base).to_ascii_lowercase();
                base.contains("controller") || base.contains("router")
            }),
            _ => false,
        };
        self.facts.tree.ancestors(at).any(is_router)
    }

    /// The last argument that can run: a constant behind it is a setting (`this.get('/x', this.list, ADMIN)`).
    fn handler(&self, args: &[NodeId]) -> Option<NodeId> {
        let tree = &self.facts.tree;
        let runs = |arg: &&NodeId| match tree.syntax(tree.bare(**arg)) {
            Syntax::Name => self.facts.words(**arg).chars().any(char::is_lowercase),
            Syntax::Function(_) | Syntax::Member { .. } | Syntax::Call { .. } | Syntax::Array(_) => true,
            _ => false,
        };
        args.iter().rev().find(runs).copied()
    }

    /// The last argument is what runs, not what is sent.
    fn handles(&self, args: &[NodeId]) -> bool {
        let Some(last) = args.get(1..).and_then(|args| self.handler(args)) else {
            return false;
        };
        let bare = self.facts.tree.bare(last);
        match self.facts.tree.syntax(bare) {
            Syntax::Function(_) | Syntax::Member { .. } | Syntax::Call { .. } | Syntax::Array(_) => true,
            Syntax::Name => !matches!(
                self.facts.words(bare),
                "config" | "options" | "opts" | "body" | "data" | "params" | "headers"
            ),
            _ => false,
        }
    }

    /// `.route("/x", get(h).post(h))`
    fn axum(&mut self, args: &[NodeId]) {
        let &[path_at, handlers] = args else {
            return;
        };
        let Some(path) = self.path(path_at) else {
            return;
        };
        let (tree, mut at) = (&self.facts.tree, handlers);
        let bytes = Bytes {
            start: tree.bytes(path_at).start,
            end: tree.bytes(handlers).end,
        };
        let mut methods = Vec::new();
        while let Syntax::Call { callee, args, .. } = tree.syntax(at) {
            let (name, next) = match tree.syntax(*callee) {
                Syntax::Member { object, property } => (self.facts.slice(*property), Some(*object)),
                _ => (self.facts.words(*callee), None),
            };
            let method = method(name.rsplit("::").next().unwrap_or(name));
            methods.extend(method.map(|method| (method, args.first().copied())));
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        for (method, handler) in methods {
            self.found(method, &path, bytes, handler);
        }
    }

    /// `{ method: 'GET', path: '/x' }`, and `{ method: 'GET', url: '/x', handler }`.
    fn table(&mut self, entries: &[NodeId]) {
        let (mut methods, mut path, mut url, mut handler) = (Vec::new(), None, None, None);
        for id in entries {
            let Syntax::Entry {
                key: Key::Name(key, _),
                value,
            } = self.facts.tree.syntax(*id)
            else {
                if let Syntax::Function(Function {
                    name: Some((name, _)), ..
                }) = self.facts.tree.syntax(*id)
                {
                    handler = handler.or(HANDLERS.contains(&&**name).then_some(*id));
                }
                continue;
            };
            match &**key {
                "method" => methods = self.methods(*value),
                "path" => path = self.text(*value).map(|path| (path.to_owned(), *value)),
                "url" => url = self.path(*value).map(|path| (path, *value)),
                key => handler = handler.or(HANDLERS.contains(&key).then_some(*value)),
            }
        }
        // A router's own root is written as the empty path; without a handler it says nothing.
        let is_path =
            |(path, _): &(String, NodeId)| path.starts_with('/') || path == "*" || path.is_empty() && handler.is_some();
        let Some((path, at)) = path.filter(is_path).or(url.filter(|_| handler.is_some())) else {
            return;
        };
        for method in methods {
            self.found(method, &path, self.facts.tree.bytes(at), handler);
        }
    }

    fn methods(&self, value: NodeId) -> Vec<&'static str> {
        let one = |id: NodeId| self.text(id).and_then(method);
        match self.facts.tree.syntax(self.facts.tree.bare(value)) {
            Syntax::Array(list) => list.iter().filter_map(|id| one(*id)).collect(),
            _ => one(value).into_iter().collect(),
        }
    }

    /// `@Controller('base') class { @Get('x') m() {} }`
    fn controller(&mut self, members: &[NodeId], decorators: &[NodeId]) {
        let Some(base) = decorators
            .iter()
            .find_map(|id| self.annotation(*id, |name| (name == "Controller").then_some("")))
        else {
            return;
        };
        let base = base.1;
        for member in members {
            let Syntax::Function(function) = self.facts.tree.syntax(*member) else {
                continue;
            };
            let routes = function
                .decorators
                .iter()
                .filter_map(|id| Some((*id, self.annotation(*id, method)?)));
            let routes: Vec<_> = routes.collect();
            for (id, (method, path)) in routes {
                let parts = [base.trim_matches('/'), path.trim_matches('/')];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                let path = format!("/{}", parts.join("/"));
                self.found(method, &path, self.facts.tree.bytes(id), Some(*member));
            }
        }
    }

    /// The meaning and the path of a decorator whose name means something; no path is the empty one, an unknown path is none.
    fn annotation<'m>(&self, decorator: NodeId, means: impl Fn(&str) -> Option<&'m str>) -> Option<(&'m str, String)> {
        let tree = &self.facts.tree;
        let Syntax::Decorator(inner) = tree.syntax(decorator) else {
            return None;
        };
        let Syntax::Call { callee, args, .. } = tree.syntax(*inner) else {
            return None;
        };
        let meaning = means(self.facts.words(*callee))?;
        let Some(first) = args.first() else {
            return Some((meaning, String::new()));
        };
        let path = match tree.syntax(tree.bare(*first)) {
            Syntax::Text(text) => text.to_string(),
            Syntax::Object { entries, .. } => entries.iter().find_map(|id| match tree.syntax(*id) {
                Syntax::Entry {
                    key: Key::Name(key, _),
                    value,
                } if &**key == "path" => self.text(*value).map(str::to_owned),
                _ => None,
            })?,
            _ => return None,
        };
        Some((meaning, path))
    }

    /// `#[get("/x")] fn h() {}`
    fn attributes(&mut self, node: NodeId, function: &Function) {
        for id in &function.decorators {
            let lower = |name: &str| {
                if name.chars().all(|c| c.is_ascii_lowercase()) {
                    method(name)
                } else {
                    None
                }
            };
            if let Some((method, path)) = self.annotation(*id, lower)
                && path.starts_with('/')
            {
                self.found(method, &path, self.facts.tree.bytes(*id), Some(node));
            }
        }
    }

    /// Next.js: `app/quotes/[id]/route.ts` exports `GET`; `pages/api/quotes.ts` exports a default handler.
    fn file_route(&mut self, id: NodeId) {
        let Syntax::Export {
            item, default, names, ..
        } = self.facts.tree.syntax(id)
        else {
            return;
        };
        let Some((path, by_name)) = folder_route(self.facts.path.as_str()) else {
            return;
        };
        if !by_name {
            if *default {
                self.found("", &path, self.facts.tree.bytes(id), *item);
            }
            return;
        }
        let named = names.iter().map(|name| (&*name.exported, name.bytes, None));
        let mut exported: Vec<(&str, Bytes, Option<NodeId>)> = named.collect();
        exported.extend(item.and_then(|item| self.name_of(item)));
        for (name, bytes, handler) in exported {
            if let Some(method) = METHODS.iter().find(|method| **method == name) {
                self.found(method, &path, bytes, handler);
            }
        }
    }

    fn name_of(&self, item: NodeId) -> Option<(&'a str, Bytes, Option<NodeId>)> {
        let facts: &'a FileFacts = self.facts;
        let tree = &facts.tree;
        match tree.syntax(item) {
            Syntax::Function(Function {
                name: Some((name, bytes)),
                ..
            }) => Some((name, *bytes, Some(item))),
            Syntax::Let { pattern, value, .. } => Some((facts.words(*pattern), tree.bytes(*pattern), *value)),
            _ => None,
        }
    }
}

/// The method that a function, decorator or word names, in capitals.
fn method(name: &str) -> Option<&'static str> {
    METHODS.into_iter().find(|method| method.eq_ignore_ascii_case(name))
}

/// The route of a file whose place is its route, and whether its exports are named by their methods.
fn folder_route(path: &str) -> Option<(String, bool)> {
    let parts: Vec<&str> = path.split('/').collect();
    let (file, folders) = parts.split_last()?;
    let stem = file.split('.').next().unwrap_or(file);
    let (from, last) = if stem == "route" {
        (folders.iter().position(|part| *part == "app")? + 1, None)
    } else {
        let api = folders.windows(2).position(|pair| pair == ["pages", "api"])?;
        (api + 1, (stem != "index").then_some(stem))
    };
    let shown = |part: &&str| !part.starts_with('(') && !part.starts_with('@');
    let folders = folders.get(from..)?.iter().copied().chain(last).filter(shown);
    let path: String = folders.flat_map(|part| ["/", part]).collect();
    Some((if path.is_empty() { "/".into() } else { path }, stem == "route"))
}
