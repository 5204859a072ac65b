//! Small projects in one string against the files that their imports lead to.

use std::collections::BTreeMap;

use super::*;
use crate::source::fixture;

fn path(path: &str) -> RepoPath {
    RepoPath::new(path).expect("a path")
}

fn facts(sources: &Sources, view: &View) -> BTreeMap<RepoPath, FileFacts> {
    let readable = view
        .files
        .iter()
        .filter_map(|(path, id)| Some((path, id, Language::of(path)?)));
    let read = |(path, id, language): (&RepoPath, &crate::source::FileId, Language)| {
        (
            path.clone(),
            crate::lang::read(*id, path, &sources.file(*id).text, language, &[]),
        )
    };
    readable.map(read).collect()
}

/// What each of the lines `from specifier -> to` says is so.
#[track_caller]
fn check(project: &str, lines: &[(&str, &str, &str)]) {
    let (sources, view) = fixture(project);
    let imports = Imports::new(&sources, &view);
    for (from, specifier, to) in lines {
        let found = imports.resolve(&path(from), specifier);
        assert_eq!(
            found.as_ref().map_or("-", RepoPath::as_str),
            *to,
            "{specifier} in {from}"
        );
    }
}

#[test]
fn relative_paths_lose_their_extensions() {
    check(
        "//- src/a.ts\n//- src/b.tsx\n//- src/c/index.ts\n//- src/d.js\n//- src/e.d.ts\n//- src/f.json\n{}\n//- src/g.mts\n//- index.ts\n",
        &[
            ("src/a.ts", "./b", "src/b.tsx"),
            ("src/a.ts", "./b.js", "src/b.tsx"),
            ("src/a.ts", "./b.ts", "src/b.tsx"),
            ("src/a.ts", "./c", "src/c/index.ts"),
            ("src/a.ts", "./c/", "src/c/index.ts"),
            ("src/a.ts", "./d", "src/d.js"),
            ("src/a.ts", "./d.js", "src/d.js"),
            ("src/a.ts", "./e", "src/e.d.ts"),
            ("src/a.ts", "./f.json", "src/f.json"),
            ("src/a.ts", "./g.mjs", "src/g.mts"),
            ("src/c/index.ts", "../a", "src/a.ts"),
            ("src/c/index.ts", "..", "-"),
            ("src/a.ts", "..", "index.ts"),
            ("src/a.ts", "./none", "-"),
            ("src/a.ts", "../../outside", "-"),
            ("src/a.ts", "react", "-"),
            ("src/a.ts", "node:fs", "-"),
            ("src/a.ts", "", "-"),
        ],
    );
}

#[test]
fn configured_paths_are_followed() {
    let project = r#"
//- tsconfig.base.json
{ "compilerOptions": { "paths": { "@base/*": ["libs/*/src/index.ts"] }, "baseUrl": "." } }
//- app/tsconfig.json
// a comment
{ "extends": ["@tsconfig/node20/tsconfig.json", "../tsconfig.base.json"], "compilerOptions": { "baseUrl": "./src", "paths": { "@/*": ["./*"], "~one": ["one.ts"], }, },
  "exclude": ["**/*.spec.ts"], "references": [{ "path": "./gone" }] }
//- app/src/one.ts
//- app/src/deep/two.ts
//- app/src/deep/two.spec.ts
//- libs/money/src/index.ts
//- libs/other/tsconfig.json
{ "extends": "../../tsconfig.base.json" }
//- libs/other/a.ts
//- solution/tsconfig.json
{ "files": [], "references": [{ "path": "./tsconfig.lib.json" }] }
//- solution/tsconfig.lib.json
{ "compilerOptions": { "paths": { "$lib/*": ["./src/*"] } }, "include": ["src"] }
//- solution/src/x.ts
//- circle/tsconfig.json
{ "extends": "./tsconfig.json" }
//- circle/a.ts
//- circle/b.ts
"#;
    check(
        project,
        &[
            ("app/src/deep/two.ts", "@/one", "app/src/one.ts"),
            ("app/src/deep/two.ts", "~one", "app/src/one.ts"),
            ("app/src/deep/two.ts", "deep/two", "app/src/deep/two.ts"),
            ("app/src/deep/two.spec.ts", "@/one", "app/src/one.ts"),
            ("libs/other/a.ts", "@base/money", "libs/money/src/index.ts"),
            ("solution/src/x.ts", "$lib/x", "solution/src/x.ts"),
            ("circle/a.ts", "./b", "circle/b.ts"),
        ],
    );
}

#[test]
fn workspaces_are_known_by_name() {
    let project = r#"
//- package.json
{ "name": "root", "workspaces": ["packages/*", "!packages/hidden"] }
//- packages/flags/package.json
{ "name": "@acme/flags", "main": "./dist/index.js", "exports": { ".": { "types": "./dist/index.d.ts", "import": "./dist/index.js" }, "./test": "./dist/testing/kit.js" } }
//- packages/flags/src/index.ts
//- packages/flags/src/testing/kit.ts
//- packages/flags/src/internal.ts
//- packages/plain/package.json
{ "name": "plain", "main": "lib/main.js" }
//- packages/plain/lib/main.js
//- packages/hidden/package.json
{ "name": "hidden" }
//- packages/hidden/index.ts
//- fixtures/react/package.json
{ "name": "react" }
//- fixtures/react/index.js
//- tool/package.json
{ "name": "tool", "dependencies": { "shared": "file:../shared" } }
//- tool/a.ts
//- shared/package.json
{ "name": "shared", "types": "index.d.ts", "main": "build/index.js" }
//- shared/src/index.ts
//- app/a.ts
"#;
    check(
        project,
        &[
            ("app/a.ts", "@acme/flags", "packages/flags/src/index.ts"),
            ("app/a.ts", "@acme/flags/test", "packages/flags/src/testing/kit.ts"),
            ("app/a.ts", "@acme/flags/src/internal", "packages/flags/src/internal.ts"),
            ("app/a.ts", "plain", "packages/plain/lib/main.js"),
            ("app/a.ts", "plain/lib/main.js", "packages/plain/lib/main.js"),
            ("app/a.ts", "hidden", "-"),
            ("app/a.ts", "react", "-"),
            ("tool/a.ts", "shared", "shared/src/index.ts"),
        ],
    );
    check(
        "//- pnpm-workspace.yaml\npackages:\n  - 'apps/*'\n  - libs/**\n//- apps/api/package.json\n{\"name\":\"api\"}\n//- apps/api/src/index.ts\n\
         //- libs/a/b/package.json\n{\"name\":\"@x/b\"}\n//- libs/a/b/index.ts\n//- apps/api/src/m.ts\n",
        &[
            ("apps/api/src/m.ts", "@x/b", "libs/a/b/index.ts"),
            ("libs/a/b/index.ts", "api", "apps/api/src/index.ts"),
        ],
    );
}

#[test]
fn edges_say_what_is_brought_in() {
    let (sources, view) = fixture(
        r#"
//- a.ts
import d, { b as c } from './b';
import type { T } from './b';
export { e } from './b'; export * from './c';
import './c'; import react from 'react';
const x = require('./c');
function f() { return import('./b') }
jest.mock('./b', () => ({ ...jest.requireActual('./b') }));
path.resolve('./b');
//- b.ts
//- c.ts
"#,
    );
    let facts = facts(&sources, &view);
    let edges = Imports::new(&sources, &view).edges(&facts[&path("a.ts")]);
    let shown: Vec<String> = edges
        .iter()
        .map(|edge| {
            let line = sources.start(edge.span).line;
            let marks = [(edge.type_only, " type"), (edge.reexport, " again")];
            let marks: String = marks.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
            format!("{line} {} {}{marks}", edge.to, edge.names.join(","))
        })
        .collect();
    let expected = [
        "1 b.ts default,b",
        "2 b.ts T type",
        "3 b.ts e again",
        "3 c.ts * again",
        "4 c.ts ",
        "5 c.ts *",
        "6 b.ts *",
        "7 b.ts *",
    ];
    assert_eq!(shown, expected);
}

#[track_caller]
fn check_exporter(project: &str, lines: &[(&str, &str, &str)]) {
    let (sources, view) = fixture(project);
    let facts = facts(&sources, &view);
    let imports = Imports::new(&sources, &view);
    for (from, name, expected) in lines {
        let found = match imports.exporter(|path| facts.get(path), &path(from), name) {
            Exporter::Found(path, name) => format!("{path} {name}"),
            Exporter::Unread(path) => format!("unread {path}"),
            Exporter::Outside(module) => format!("outside {module}"),
            Exporter::Nobody => "nobody".into(),
        };
        assert_eq!(found, *expected, "{name} of {from}");
    }
}

#[test]
fn reexports_are_followed_to_their_end() {
    check_exporter(
        r#"
//- index.ts
export { a, b as bee, default as main } from './one'; export * from './two'; export * as ns from './two';
import { imported } from './three'; export { imported as again };
export * from './circle'; export * from './data.json';
export { sdk } from '@sdk/flags';
//- one.ts
export const a = 1; const b = 2; export { b }; export default function run() {}
//- two.ts
export class Two {} export const { x, y: [z] } = o; export enum E { A }
//- three/index.ts
export * from './four';
//- three/four.ts
export const imported = 1;
//- circle.ts
export * from './index';
//- cjs.js
const f = require('./one'); module.exports = { f, g() {}, h: 1 }; exports.k = () => 1;
//- equals.ts
class Q {} export = Q;
//- data.json
{}
"#,
        &[
            ("index.ts", "a", "one.ts a"),
            ("index.ts", "bee", "one.ts b"),
            ("index.ts", "main", "one.ts run"),
            ("index.ts", "Two", "two.ts Two"),
            ("index.ts", "x", "two.ts x"),
            ("index.ts", "z", "two.ts z"),
            ("index.ts", "E", "two.ts E"),
            ("index.ts", "ns", "two.ts *"),
            ("index.ts", "again", "three/four.ts imported"),
            ("index.ts", "sdk", "outside @sdk/flags"),
            ("index.ts", "none", "unread data.json"),
            ("one.ts", "none", "nobody"),
            ("cjs.js", "f", "one.ts *"),
            ("cjs.js", "g", "cjs.js g"),
            ("cjs.js", "h", "cjs.js h"),
            ("cjs.js", "k", "cjs.js k"),
            ("equals.ts", "default", "equals.ts Q"),
        ],
    );
}

const CARGO: &str = r#"
//- Cargo.toml
[workspace]
members = ["crates/*"]
//- crates/app/Cargo.toml
[package]
name = "my-app"
//- crates/app/src/lib.rs
pub mod flags; mod deep; pub use deep::inner::thing as that; pub use flags::*;
//- crates/app/src/flags.rs
use super::deep; use crate::deep::inner::{self, thing}; pub fn on() {} pub const KEY: &str = "k";
//- crates/app/src/deep/mod.rs
pub mod inner; mod tests { use super::inner::thing; use super::super::flags; }
//- crates/app/src/deep/inner.rs
pub fn thing() {} use super::super::flags::on;
//- crates/app/src/main.rs
use my_app::flags::on; use other::x; use serde::Serialize;
//- crates/app/tests/it.rs
use my_app::that; mod kit;
//- crates/app/tests/kit/mod.rs
//- crates/other/Cargo.toml
[package]
name = "other"
//- crates/other/src/lib.rs
pub fn x() {}
"#;

#[test]
fn rust_paths_lead_to_files() {
    let (sources, view) = fixture(CARGO);
    let facts = facts(&sources, &view);
    let imports = Imports::new(&sources, &view);
    let edges = |file: &str| {
        let edges = imports.edges(&facts[&path(&format!("crates/{file}"))]);
        let shown = edges.iter().filter(|edge| !edge.reexport).map(|edge| {
            let to = edge.to.as_str().strip_prefix("crates/").expect("in crates");
            format!("{to} {}", edge.names.join(","))
        });
        shown.collect::<Vec<_>>()
    };
    assert_eq!(edges("app/src/main.rs"), ["app/src/flags.rs on", "other/src/lib.rs x"]);
    assert_eq!(
        edges("app/src/flags.rs"),
        [
            "app/src/deep/mod.rs deep",
            "app/src/deep/inner.rs inner",
            "app/src/deep/inner.rs thing"
        ]
    );
    assert_eq!(edges("app/src/deep/inner.rs"), ["app/src/flags.rs on"]);
    assert_eq!(
        edges("app/src/deep/mod.rs"),
        [
            "app/src/deep/inner.rs inner",
            "app/src/deep/inner.rs thing",
            "app/src/flags.rs flags"
        ]
    );
    assert_eq!(
        edges("app/tests/it.rs"),
        ["app/src/lib.rs that", "app/tests/kit/mod.rs kit"]
    );
}

#[test]
fn rust_reexports_are_followed() {
    check_exporter(
        CARGO,
        &[
            ("crates/app/src/lib.rs", "that", "crates/app/src/deep/inner.rs thing"),
            ("crates/app/src/lib.rs", "KEY", "crates/app/src/flags.rs KEY"),
            ("crates/other/src/lib.rs", "x", "crates/other/src/lib.rs x"),
        ],
    );
}

/// What each of the lines `from, module, name -> file, name there` says is so.
#[track_caller]
fn check_python(project: &str, lines: &[(&str, &str, &str, &str)]) {
    let (sources, view) = fixture(project);
    let imports = Imports::new(&sources, &view);
    let facts = facts(&sources, &view);
    for (from, module, name, to) in lines {
        let found = imports.target(&facts[&path(from)], module, name);
        let found = found.map_or("-".to_owned(), |(path, name)| format!("{path} {name}"));
        assert_eq!(found, *to, "from {module} import {name} in {from}");
    }
}

#[test]
fn python_modules_are_found_from_the_roots_of_packages() {
    let project = "
//- backend/manage.py
//- backend/shop/__init__.py
//- backend/shop/flags/__init__.py
from .core import is_on
from . import registry
# waffle is elsewhere
//- backend/shop/flags/core.py
def is_on(key): ...
//- backend/shop/flags/registry.py
//- backend/shop/cart/views.py
//- backend/tests/test_cart.py
//- lib/pyproject.toml
//- lib/src/kit/__init__.py
//- lib/src/kit/on.py
//- tools/run.py
//- tools/helper.py
";
    check_python(
        project,
        &[
            (
                "backend/shop/__init__.py",
                "shop.flags",
                "is_on",
                "backend/shop/flags/__init__.py is_on",
            ),
            (
                "backend/shop/__init__.py",
                ".flags",
                "core",
                "backend/shop/flags/core.py *",
            ),
            (
                "backend/shop/__init__.py",
                "shop.flags.core",
                "is_on",
                "backend/shop/flags/core.py is_on",
            ),
            (
                "backend/shop/flags/core.py",
                "..",
                "flags",
                "backend/shop/flags/__init__.py *",
            ),
            (
                "backend/shop/flags/core.py",
                ".registry",
                "*",
                "backend/shop/flags/registry.py *",
            ),
            (
                "backend/shop/flags/__init__.py",
                ".",
                "registry",
                "backend/shop/flags/registry.py *",
            ),
            (
                "backend/shop/cart/views.py",
                "shop.flags",
                "*",
                "backend/shop/flags/__init__.py *",
            ),
            (
                "backend/tests/test_cart.py",
                "shop.flags",
                "is_on",
                "backend/shop/flags/__init__.py is_on",
            ),
            (
                "backend/tests/test_cart.py",
                "shop.cart",
                "views",
                "backend/shop/cart/views.py *",
            ),
            ("backend/tests/test_cart.py", "kit", "on", "lib/src/kit/on.py *"),
            ("tools/run.py", "helper", "f", "tools/helper.py f"),
            ("tools/run.py", "waffle", "flag_is_active", "-"),
            ("tools/run.py", "..", "x", "-"),
        ],
    );
}

#[test]
fn python_names_are_followed_through_packages() {
    let project = "
//- app/__init__.py
//- app/flags/__init__.py
from .core import is_on as on
from .stars import *
if True:
    from .late import late
//- app/flags/core.py
def is_on(key): ...
//- app/flags/stars.py
KEY = 'k'
//- app/flags/late.py
late = 1
//- app/view.py
from app import flags
";
    let (sources, view) = fixture(project);
    let imports = Imports::new(&sources, &view);
    let facts = facts(&sources, &view);
    let at = path("app/flags/__init__.py");
    let found = |name: &str| imports.exporter_of(|path| facts.get(path), &at, name);
    assert_eq!(found("on"), Some((path("app/flags/core.py"), "is_on".into())));
    assert_eq!(found("KEY"), Some((path("app/flags/stars.py"), "KEY".into())));
    assert_eq!(found("late"), Some((path("app/flags/late.py"), "late".into())));
    assert_eq!(found("none"), None);
    let edges = imports.edges(&facts[&path("app/view.py")]);
    assert_eq!(
        edges.iter().map(|edge| edge.to.as_str()).collect::<Vec<_>>(),
        ["app/flags/__init__.py"]
    );
}

#[test]
fn settings_of_python_name_modules_by_texts() {
    let project = |settings: &str| {
        format!(
            "//- app/__init__.py\n//- app/hooks.py\ndef sort(): pass\n//- app/apps/__init__.py\n//- app/views.py\n//- app/settings.py\n{settings}"
        )
    };
    let check = |settings: &str, expected: &[&str]| {
        let (sources, view) = fixture(&project(settings));
        let imports = Imports::new(&sources, &view);
        let edges = imports.edges(&facts(&sources, &view)[&path("app/settings.py")]);
        let found: Vec<String> = edges
            .iter()
            .map(|edge| format!("{} {}", edge.to, edge.names.join(" ")))
            .collect();
        assert_eq!(found, expected, "{settings}");
    };
    let sort = &["app/hooks.py sort"][..];
    check("DEFAULTS = {'HOOKS': ['app.hooks.sort']}\n", sort);
    check("HOOKS = ('app.hooks.sort', 'rest.hooks.sort')\n", sort);
    check("HOOK = 'app.hooks.sort'\n", sort);
    check("settings.configure(SPECTACULAR={'HOOK': 'app.hooks.sort'})\n", sort);
    check("def hook():\n    return import_string('app.hooks.sort')\n", sort);
    check(
        "INSTALLED = ['app.views', 'app.apps']\n",
        &["app/views.py *", "app/apps/__init__.py *"],
    );
    // Names of something else.
    check("log = logging.getLogger('app.hooks')\n", &[]);
    check("def show():\n    names = ['app.hooks.sort']\n", &[]);
    check("HOOK = 'hooks.sort'\n", &[]);
    check("HOOK = 'App hooks: app.hooks.sort'\n", &[]);
    check("HOOK = 'app.hooks.'\nVERSION = '1.2.3'\n", &[]);
    check("'app.hooks.sort'\n", &[]);
    check("@patch('app.hooks.sort')\ndef test_a(): pass\n", &[]);
    check("HOOKS = {'app.hooks.sort': None}\n", &[]);
    check("HOME = 'app.settings.HOME'\n", &[]);
}
