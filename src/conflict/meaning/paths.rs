//! Routes as more frameworks write them than `index::routes` reads: decorators of Python, routers of Go, `urlpatterns` of Django, `routes.rb`, annotations
//! of Java, Kotlin and C#. Enters: the facts of a file. Leaves: each with the router that it is added to. A second one is never reached, or the program
//! does not start with it.

use super::served::around;
use crate::lang::tree::{NodeId, Syntax, Tree};
use crate::lang::{FileFacts, Language};
use crate::source::Bytes;

/// Methods, as decorators and functions name them.
const METHODS: [&str; 9] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "options",
    "websocket",
    "trace",
];

/// Annotations that serve one method, with it.
const ANNOTATIONS: [(&str, &str); 10] = [
    ("GetMapping", "get"),
    ("PostMapping", "post"),
    ("PutMapping", "put"),
    ("PatchMapping", "patch"),
    ("DeleteMapping", "delete"),
    ("HttpGet", "get"),
    ("HttpPost", "post"),
    ("HttpPut", "put"),
    ("HttpPatch", "patch"),
    ("HttpDelete", "delete"),
];

/// A route, and what it is added to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    /// The router, and what it stands in, from the outermost on.
    place: Vec<String>,
}

impl Route {
    /// What it is added to, as its file calls it.
    pub(super) fn router(&self) -> &str {
        self.place.last().map_or("", String::as_str)
    }

    /// `GET /x`
    pub(super) fn shown(&self) -> String {
        let path = match self.path.as_str() {
            "" => "the root",
            path => path,
        };
        format!("{} {path}", self.method.to_uppercase()).trim().to_owned()
    }
}

/// The routes of a file, each with its place, and whether the program does not start with two of them.
pub(super) fn served(facts: &FileFacts) -> Vec<(Route, Bytes, bool)> {
    let mut found = Vec::new();
    let tree = &facts.tree;
    for id in tree.ids() {
        let each = match (tree.syntax(id), facts.language) {
            (Syntax::Function(function), Language::Python | Language::Java | Language::Kotlin | Language::CSharp) => {
                let decorators = function.decorators.iter();
                decorators.flat_map(|decorator| decorated(facts, *decorator)).collect()
            }
            (Syntax::Call { callee, args, .. }, Language::Python) => listed(facts, id, *callee, args),
            (Syntax::Call { callee, args, .. }, Language::Go) => registered(facts, id, *callee, args),
            (Syntax::Call { callee, args, .. }, Language::Ruby) if facts.path.file_name() == "routes.rb" => {
                drawn(facts, id, *callee, args)
            }
            _ => Vec::new(),
        };
        for (router, method, path, bytes, only) in each {
            let mut place = around(facts, bytes.in_file(facts.file));
            place.push(router);
            found.push((Route { method, path, place }, bytes, only));
        }
    }
    found
}

/// The router, the method, the path, where it stands, and whether there may be only one.
type Found = (String, String, String, Bytes, bool);

fn text(tree: &Tree, id: NodeId) -> Option<String> {
    match tree.syntax(tree.bare(id)) {
        Syntax::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The text that a call has first, if it has more.
fn first_of_several(tree: &Tree, args: &[NodeId]) -> Option<String> {
    let [first, _, ..] = args else { return None };
    text(tree, *first)
}

/// `@router.get("/x")`, `@bp.route("/x", methods=["POST"])`, `@GetMapping("/x")`, `[HttpGet("x")]`
fn decorated(facts: &FileFacts, decorator: NodeId) -> Vec<Found> {
    let tree = &facts.tree;
    let Syntax::Decorator(inner) = tree.syntax(decorator) else {
        return Vec::new();
    };
    let Syntax::Call { callee, args, .. } = tree.syntax(*inner) else {
        return Vec::new();
    };
    let Some(path) = args.first().and_then(|first| text(tree, *first)) else {
        return Vec::new();
    };
    let bytes = tree.bytes(decorator);
    if facts.language != Language::Python {
        // More than a path tells apart what has the same one (`params`, `consumes`).
        let name = facts.words(*callee).rsplit('.').next().unwrap_or_default();
        let known = ANNOTATIONS
            .iter()
            .find(|(known, _)| *known == name)
            .filter(|_| args.len() == 1);
        let found = known.map(|(_, method)| (String::new(), (*method).to_owned(), path, bytes, true));
        return found.into_iter().collect();
    }
    let Syntax::Member { object, property } = tree.syntax(*callee) else {
        return Vec::new();
    };
    if !(path.is_empty() || path.starts_with('/')) {
        return Vec::new();
    }
    let router = facts.words(*object).to_owned();
    let name = facts.slice(*property);
    let methods = match name {
        "route" | "api_route" => named(facts, args),
        name if METHODS.contains(&name) => Some(vec![name.to_owned()]),
        _ => None,
    };
    // What tells routes of one path apart beside the method: hosts, subdomains, values that are asked for.
    let apart = args.iter().any(|arg| {
        let words = facts.words(*arg);
        ["host", "subdomain", "defaults", "constraint"]
            .iter()
            .any(|word| words.starts_with(word))
    });
    let methods = methods.filter(|_| !apart).unwrap_or_default().into_iter();
    methods
        .map(|method| (router.clone(), method, path.clone(), bytes, false))
        .collect()
}

/// What `methods=["GET", "POST"]` says; GET without one; nothing where it is no list of words.
fn named(facts: &FileFacts, args: &[NodeId]) -> Option<Vec<String>> {
    let tree = &facts.tree;
    let value = args.iter().find_map(|arg| match tree.syntax(*arg) {
        Syntax::Attribute { name, value } if facts.slice(*name) == "methods" => Some(*value),
        _ => None,
    });
    let Some(value) = value else {
        return Some(vec!["get".to_owned()]);
    };
    match tree.syntax(tree.bare(value?)) {
        Syntax::Array(list) => list.iter().map(|one| Some(text(tree, *one)?.to_lowercase())).collect(),
        _ => None,
    }
}

/// `urlpatterns = [path("x/", view)]`; `router.register("x", Views)`. Several includes may share a path: each is tried.
fn listed(facts: &FileFacts, id: NodeId, callee: NodeId, args: &[NodeId]) -> Vec<Found> {
    let tree = &facts.tree;
    let Some(path) = first_of_several(tree, args) else {
        return Vec::new();
    };
    let bytes = tree.bytes(id);
    match tree.syntax(callee) {
        Syntax::Name if matches!(facts.words(callee), "path" | "re_path" | "url") => {
            let included = facts.words(args[1]).starts_with("include");
            let list = tree.ancestors(id).find_map(|id| match tree.syntax(id) {
                Syntax::Assign { target, .. } => Some(facts.words(*target)),
                Syntax::Let { pattern, .. } => Some(facts.words(*pattern)),
                _ => None,
            });
            let found = list.filter(|list| list.ends_with("urlpatterns") && !included);
            let found = found.map(|list| (list.to_owned(), String::new(), path, bytes, false));
            found.into_iter().collect()
        }
        Syntax::Member { object, property }
            if facts.slice(*property) == "register" && facts.words(*object).ends_with("router") =>
        {
            let router = format!("register {}", facts.words(*object));
            vec![(router, String::new(), path, bytes, false)]
        }
        _ => Vec::new(),
    }
}

/// `mux.HandleFunc("/x", h)`, `r.Get("/x", h)`, `e.GET("/x", h)`, `r.HandleFunc("/x", h).Methods("GET")`
fn registered(facts: &FileFacts, id: NodeId, callee: NodeId, args: &[NodeId]) -> Vec<Found> {
    let tree = &facts.tree;
    let Syntax::Member { object, property } = tree.syntax(callee) else {
        return Vec::new();
    };
    let Some(path) = first_of_several(tree, args) else {
        return Vec::new();
    };
    let name = facts.slice(*property);
    let any = matches!(name, "Handle" | "HandleFunc");
    // A call behind it narrows it: `.Methods("GET")`, `.Host("x")`.
    let mut behind = tree.ancestors(id);
    let narrowed = match (
        behind.next().map(|id| tree.syntax(id)),
        behind.next().map(|id| tree.syntax(id)),
    ) {
        (Some(Syntax::Member { object, property }), Some(Syntax::Call { args, .. })) if *object == id => {
            Some((facts.slice(*property), args.clone()))
        }
        _ => None,
    };
    let method = match narrowed {
        None if any => String::new(),
        None if METHODS.contains(&name.to_lowercase().as_str()) => name.to_lowercase(),
        Some(("Methods", args)) if any => {
            let said: Vec<&str> = args.iter().map(|arg| facts.words(*arg)).collect();
            said.join(" ").replace('"', "").to_lowercase()
        }
        _ => return Vec::new(),
    };
    // `"GET /x"` of the standard library.
    if !(path.starts_with('/') || any && path.contains(" /")) {
        return Vec::new();
    }
    let router = facts.words(*object).to_owned();
    // The standard library and gin stop the program; chi, echo and gorilla keep one of them.
    let only =
        (any && method.is_empty() && is_plain_mux(facts, &router)) || name.chars().all(|c| c.is_ascii_uppercase());
    vec![(
        router,
        method,
        path,
        tree.bytes(id),
        only && !facts.text.contains("labstack/echo"),
    )]
}

/// True for the multiplexer of the standard library.
fn is_plain_mux(facts: &FileFacts, router: &str) -> bool {
    router == "http" || facts.text.contains("http.NewServeMux()") || facts.text.contains("*http.ServeMux")
}

/// Rails: `get "x", to: …` in `routes.rb`; where it stands is what is around it.
fn drawn(facts: &FileFacts, id: NodeId, callee: NodeId, args: &[NodeId]) -> Vec<Found> {
    let tree = &facts.tree;
    let name = facts.words(callee);
    let verb = matches!(tree.syntax(callee), Syntax::Name) && METHODS.contains(&name);
    let Some(path) = args.first().and_then(|first| text(tree, *first)).filter(|_| verb) else {
        return Vec::new();
    };
    // What tells apart routes of one path, or says that it stands elsewhere.
    let words = facts.words(id);
    if ["constraints", "on:", "subdomain", "scope", "path:"]
        .iter()
        .any(|word| words.contains(word))
    {
        return Vec::new();
    }
    // Blocks around it (`namespace`, `resources`, `scope`) say where it is added.
    let blocks = tree.ancestors(id).filter_map(|around| match tree.syntax(around) {
        Syntax::Call { .. } => facts.words(around).lines().next().map(str::trim).map(str::to_owned),
        _ => None,
    });
    let place: Vec<String> = blocks.collect();
    vec![(place.join(" < "), name.to_owned(), path, tree.bytes(id), false)]
}
