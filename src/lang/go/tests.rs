//! Source text in, neutral tree out, drawn as one line; and what must hold for every text.

use std::sync::Arc;

use crate::lang::drawing::{drawn, facts, facts_with};
use crate::lang::queries::{CompiledQuery, compile};
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language, ParseHealth};
use crate::source::{Bytes, FileId, RepoPath};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(drawn("a.go", text), expected, "\nfor {text}");
    assert_eq!(facts("a.go", text).health, ParseHealth::Whole, "\nfor {text}");
}

/// The statements of a function.
#[track_caller]
fn check_body(text: &str, expected: &str) {
    let whole = format!("func f() {{\n{text}\n}}");
    check(&whole, &format!("(fn f() {{ {expected} }})"));
}

#[test]
fn values() {
    check_body("f(a, /* c */ \"b\", xs...)", r#"f(a "b" ...xs)"#);
    check_body("a.b.c(x)[\"k\"][0]", r#"a.b.c(x)["k"][#0]"#);
    check_body("F[int, pkg.T](x)", "F<int pkg.T>(x)");
    check_body("x = !a && (b || c)", "(x := (!a && paren((b || c))))");
    check_body(
        "x = a == \"on\" || b != nil || c < 1",
        r#"(x := (((a Equal "on") || (b NotEqual nothing)) || (c Other #1)))"#,
    );
    check_body("x = \"a\" + b + `c`", r#"(x := (template "a" b "c"))"#);
    check_body("x = a + b*c == d", "(x := (other(a other(b c)) Equal d))");
    check_body(
        "x, y = &a, *b",
        "(x := ref(a))\n(y := ref(b))".replace('\n', " ").as_str(),
    );
    check_body("x = y.(*T)", "(x := cast(y))");
    check_body("x = []byte(\"a\")", "(x := cast(\"a\"))");
    check_body(
        "x = <-c; x = -1; x = 'r'; x = 1.5",
        "(x := other(c)) (x := other(#1)) (x := #'r') (x := #1.5)",
    );
    check_body("x = a[1:]", "(x := other(a #1))");
    check_body(
        "g(func(t *testing.T) { h(t) })",
        "g((fn (t::type<testing.T>) { h(t) }))",
    );
    check_body("panic(\"x\"); panic(err)", "(throw \"x\") (throw err)");
    check_body("x, y = new(true), new([]int)", "(x := new(true)) (y := new(type<int>))");
    check_body("m := make(map[string]bool)", "(let m = make(type<string bool>))");
}

#[test]
fn literals() {
    check_body(
        r#"x := map[string]bool{"a": true, b: false, c.D: f()}"#,
        "(let x = {a:true [b]:false [c.D]:f()})",
    );
    check_body(
        r#"x := Feature{Name: "a", Default: true}"#,
        r#"(let x = {Name:"a" Default:true})"#,
    );
    check_body(
        r#"x := &pkg.Feature{"a", true}"#,
        r#"(let x = ref(new:pkg.Feature("a" true)))"#,
    );
    check_body(r#"x := []string{"a", B}"#, r#"(let x = cast(["a" B]))"#);
    check_body("x := T{}", "(let x = {})");
    check_body(
        "x := []*T{{Name: \"a\"}, {Name: \"b\"}}",
        r#"(let x = cast([{Name:"a"} {Name:"b"}]))"#,
    );
    check_body("x := Specs{{V: 1}, {V: 2}}", "(let x = cast([{V:#1} {V:#2}]))");
    check_body(
        "x := map[k.F]k.Spec{A: {Default: true}, k.B: {Default: false}}",
        "(let x = {[A]:{Default:true} [k.B]:{Default:false}})",
    );
    check_body("x := map[string][]F{\"a\": {B, c}}", "(let x = {a:[B c]})");
    check_body(
        "x := map[string]map[F]bool{\"a\": {B: true}}",
        "(let x = {a:{[B]:true}})",
    );
    check_body("x := [...]string{A: \"a\"}", r#"(let x = {[A]:"a"})"#);
}

#[test]
fn elements_have_the_names_of_the_fields_that_the_file_declares() {
    check_body(
        "for _, tt := range []struct {\n\tname string\n\ton, off bool\n}{{\"a\", true, false}, {on: true}} {}",
        r#"(loop [(let tt = -) cast([{name:"a" on:true off:false} {on:true}]) (let nothing = -)] {  })"#,
    );
    check(
        "type M map[F]bool\ntype R struct {\n\tK string\n\tOn bool\n}\nvar m = M{A: true}\nvar r = []R{{\"k\", true}}\nvar s = R{\"k\", true}",
        concat!(
            "(type M = type<F bool>)\n(class R <>  (field  K:string = -) (field  On:bool = -))\n",
            "(let m = {[A]:true})\n(let r = cast([{K:\"k\" On:true}]))\n(let s = {K:\"k\" On:true})"
        ),
    );
}

#[test]
fn statements() {
    check_body(
        "if a { b() } else if c { } else { d() }",
        "(if a { b() } (if c {  } { d() }))",
    );
    check_body(
        "if v, err := f(); err == nil && v { g() }",
        "{ (let [|v err|] = f()) (if ((err Equal nothing) && v) { g() } -) }",
    );
    check_body(
        "switch v { case \"a\", \"b\": f(); case c: g(); fallthrough; default: h() }",
        r#"(switch v (case ["a" "b"] f()) (case [c] g() other()) (case [] h()))"#,
    );
    check_body(
        "switch { case a: f(); default: g() }",
        "(switch true (case [a] f()) (case [] g()))",
    );
    check_body(
        "switch x := y.(type) { case *T, nil: f(x) }",
        "{ (let x = -) (switch y (case [type<T> nil] f(x))) }",
    );
    check_body(
        "for _, x := range xs { f(x) }",
        "(loop [(let x = -) xs (let nothing = -)] { f(x) })",
    );
    check_body("for i, x := range xs { }", "(loop [(let x = -) xs (let i = -)] {  })");
    check_body("for i := range xs { }", "(loop [xs other((let i = -))] {  })");
    check_body("for range xs { }", "(loop [nothing xs] {  })");
    check_body(
        "for i := 0; i < n; i++ { continue }",
        "(loop [(let i = #0) (i Other n) other(i)] { leave })",
    );
    check_body("for a { break }; for { }", "(loop [a] { leave }) (loop [] {  })");
    check_body(
        "defer f()(); go g(); c <- x; i++",
        "other(f()()) other(g()) other(c x) other(i)",
    );
    check_body(
        "a, b := f(), g(); var c, d = h(); _ = k()",
        "(let a = f()) (let b = g()) (let [|c d|] = h()) (nothing := k())"
            .replace("nothing", "_")
            .as_str(),
    );
    check_body("a, err = f(); b += 1", "([|a err|] := f()) (b := #1)");
    check_body(
        "select { case v, ok := <-c: f(v, ok); default: }",
        "other({ (let [|v ok|] = other(c)) f(v ok) } {  })",
    );
    check_body("out: for { break out }", "(loop [] { leave })");
    check(
        "func f() (bool, error) { return a, nil }\nfunc g() { return }",
        "(fn f() { (return [a nothing]) })\n(fn g() { (return -) })",
    );
}

#[test]
fn items() {
    check(
        "package p\n\nimport (\n\t\"fmt\"\n\tld \"github.com/launchdarkly/go-server-sdk/v7\"\n\t. \"g\"\n\t_ \"h\"\n\t\"a/go-b/v2\"\n\t\"gopkg.in/yaml.v3\"\n)",
        concat!(
            "(import \"fmt\" *>fmt)\n(import \"github.com/launchdarkly/go-server-sdk/v7\" *>ld)\n(import \"g\" )\n(import \"h\" )\n",
            "(import \"a/go-b/v2\" *>b)\n(import \"gopkg.in/yaml.v3\" *>yaml)"
        ),
    );
    check(
        "const (\n\tA pkg.F = \"a\"\n\tB = iota\n\tC\n)\nvar D, E bool = true, false\nvar F *T",
        "(const A:pkg.F = \"a\")\n(const B = other())\n(const C = -)\n(let D:bool = true)\n(let E:bool = false)\n(let F:type<T> = -)",
    );
    check(
        "func f(ctx context.Context, a, b string, _ int, rest ...T) (ok bool, err error) {}",
        "(fn f(ctx::context.Context a::string b::string nothing::int ...rest::T) {  })",
    );
    check(
        "func f[T any](context.Context) {}",
        "(fn f(nothing::context.Context) {  })",
    );
    check(
        "type S struct {\n\tBase\n\tOn bool `env:\"ON\" envDefault:\"false\" json:\"on\"`\n\tf *Flags `default:\"x\"`\n}",
        "(class S <> Base (field @env(\"ON\" \"false\") On:bool = -) (field  f:type<Flags> = -))"
            .replace("<> Base", "<>  Base")
            .as_str(),
    );
    check(
        "type I interface {\n\tIsOn(k string) bool\n}",
        "(interface I (method IsOn() -))",
    );
    check("type F string\ntype G = pkg.H", "(type F = string)\n(type G = pkg.H)");
    let facts = facts("a.go", "func (s *Service[T]) IsOn(k string) bool { return s.on }");
    let found = facts.tree.ids().find_map(|id| match facts.tree.syntax(id) {
        Syntax::Impl { target, members, .. } => Some((facts.words(*target).to_owned(), members.len())),
        _ => None,
    });
    assert_eq!(found, Some(("Service".into(), 2)));
}

#[test]
fn build_constraints_are_decorators_of_the_file() {
    check(
        "// Licence.\n\n//go:build enterprise && !(a || b.c)\n\npackage p\n\nvar x = 1",
        "@go:build((enterprise && !(a || b.c)))\n(let x = #1)",
    );
    check("package p\n\n//go:build late\nvar x = 1", "(let x = #1)");
    check("//go:build a &&\n\npackage p", "");
    check("//go:build\n\npackage p", "");
}

#[test]
fn comments_are_kept_apart() {
    let facts = facts("a.go", "// one\npackage p\n/* two */ var x = 1 // three\n");
    let words: Vec<&str> = facts
        .comments
        .iter()
        .map(|comment| facts.slice(comment.bytes))
        .collect();
    assert_eq!(words, ["// one", "/* two */", "// three"]);
}

#[test]
fn broken_text_gives_what_can_be_understood() {
    let facts = facts(
        "a.go",
        "package p\n\nfunc f() {\n\tif flags.IsOn(\"a\" {\n\t\tg()\n\t}\n}\n\nfunc h() { i(\"b\") }\n",
    );
    assert!(matches!(facts.health, ParseHealth::Partial(_)), "{:?}", facts.health);
    let texts = facts.tree.ids().filter_map(|id| match facts.tree.syntax(id) {
        Syntax::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let texts: Vec<String> = texts.collect();
    assert!(texts.contains(&"a".into()) && texts.contains(&"b".into()), "{texts:?}");
}

#[test]
fn every_text_gives_a_tree() {
    let texts = [
        "",
        "\u{feff}",
        "é",
        "func",
        "func (",
        "func (s",
        "func (s *T",
        "func (s *T) f(",
        "type",
        "type T struct {",
        "type T struct { a `",
        "import",
        "import (",
        "import (\"",
        "const (",
        "const (A",
        "var x =",
        "x :=",
        "if",
        "if x := ; {",
        "for",
        "for i :=",
        "switch {",
        "switch x := {",
        "case",
        "select { case",
        "return",
        "a.",
        "a[",
        "a{",
        "T{",
        "T{a:",
        "map[",
        "[]",
        "[]T{{",
        "f(",
        "f(a,",
        "go",
        "defer",
        "func() {",
        "`",
        "\"",
        "'",
        "//go:build",
        "//go:build !",
        "//go:build (a",
        "\r\n\r\n",
        "package",
        "x.(",
        "<-",
        "...",
        "a...",
        ":",
        "func f() { a: }",
        "func f() { a: b: c() }",
        "func f() { return , }",
    ];
    for text in texts {
        for text in [
            text.to_owned(),
            format!("package p\n{text}"),
            format!("func f() {{ {text}"),
            format!("{text}\nfunc f() {{}}"),
        ] {
            assert!(facts("a.go", &text).tree.root().is_some(), "{text:?}");
        }
    }
}

/// Runs on a thread with the stack that a worker has.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("no overflow");
}

fn facts_without_laws(text: &str) -> FileFacts {
    let path = RepoPath::new("a.go").expect("a path");
    crate::lang::read(FileId(0), &path, &Arc::from(text), Language::Go, &[])
}

#[test]
fn depth_is_bounded() {
    on_a_small_stack(|| {
        let deep = 5_000;
        let around = |open: &str, inner: &str, close: &str| {
            format!("func f() {{ x = {}{inner}{} }}", open.repeat(deep), close.repeat(deep))
        };
        let texts = [
            around("(", "x", ")"),
            around("[", "", ""),
            around("a[", "b", "]"),
            around("T{", "", "}"),
            around("[]T{{", "", "}}"),
            around("a", &".b()".repeat(deep), ""),
            around("!", "a", ""),
            around("&", "a", ""),
            around("a && ", "b", ""),
            around("func() {", "", "}"),
            around("map[", "a", "]b"),
            format!("func f() {{ {} b() }}", "if a {} else ".repeat(deep)),
            format!("func f() {{ {} }}", "{".repeat(deep)),
            format!("func f() {{ {} b() }}", "a: ".repeat(deep)),
            format!("type T {} int", "[]".repeat(deep)),
            format!("type T {} int", "struct { a ".repeat(deep)),
        ];
        for text in texts {
            let facts = facts_without_laws(&text);
            let depth = facts
                .tree
                .ids()
                .rev()
                .take(1)
                .map(|id| facts.tree.ancestors(id).count())
                .max();
            assert!(depth.unwrap_or(0) <= 1_000, "{}", &text[..40]);
            let labels = text.contains("a: a:");
            assert!(labels || facts.health != ParseHealth::Whole, "{}", &text[..40]);
        }
    });
}

#[test]
fn long_sums_are_not_deep() {
    let facts = facts("a.go", &format!("var x = {}\"z\"", "\"a\" +\n".repeat(5_000)));
    assert_eq!(facts.health, ParseHealth::Whole);
    let parts = facts.tree.ids().find_map(|id| match facts.tree.syntax(id) {
        Syntax::Template(parts) => Some(parts.len()),
        _ => None,
    });
    assert_eq!(parts, Some(5_001));
}

/// The bytes between the marks `«` and `»` of `text`, which are taken out.
fn marked(text: &str) -> (String, Bytes) {
    let start = text.find('«').expect("a mark");
    let rest = text.replacen('«', "", 1);
    let end = rest.find('»').expect("a mark");
    (rest.replacen('»', "", 1), Bytes::new(start, end))
}

#[test]
fn bytes_are_those_of_the_source() {
    let check = |text: &str, is: fn(&Syntax) -> bool| {
        let (text, bytes) = marked(text);
        let facts = facts("a.go", &text);
        let found = facts.tree.ids().filter(|id| is(facts.tree.syntax(*id)));
        let found: Vec<Bytes> = found.map(|id| facts.tree.bytes(id)).collect();
        assert_eq!(found, [bytes], "{text}");
    };
    check("«const a = 1»\nfunc f() {}", |s| matches!(s, Syntax::Let { .. }));
    check("const (\n\t«a = 1»\n)", |s| matches!(s, Syntax::Let { .. }));
    check("var é = «\"a\" + b»", |s| matches!(s, Syntax::Template(_)));
    check(
        "func f() { if a { g() } else «{ }» }",
        |s| matches!(s, Syntax::Block(items) if items.is_empty()),
    );
    check("func f() { «return a» }", |s| matches!(s, Syntax::Return(_)));
    check("func f() { if x := g(); «x { h() }» }", |s| {
        matches!(s, Syntax::If { .. })
    });
    check("«func (s *T) f() {}»", |s| matches!(s, Syntax::Impl { .. }));
    check("type T struct {\n\t«A bool `k:\"v\"`»\n}", |s| {
        matches!(s, Syntax::Field { .. })
    });
    check("//go:build «a && b»\npackage p", |s| {
        matches!(s, Syntax::Logic { .. })
    });
}

#[test]
fn queries_run_on_go() {
    let text =
        r#"((call_expression function: (identifier) @f arguments: (argument_list . (_) @key)) (#eq? @f "isOn"))"#;
    let query: [CompiledQuery; 1] = [compile(Language::Go, text).expect("compiles")];
    let facts = facts_with("a.go", "var x = isOn(\"a\")\nvar y = other(\"b\")", &query);
    let found: Vec<&str> = facts.matches.iter().map(|m| facts.slice(m.captures[1].1)).collect();
    assert_eq!(found, ["\"a\""]);
}
