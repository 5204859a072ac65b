//! Source text in, neutral tree out, drawn as one line; and what must hold for every text.

use crate::lang::drawing::{drawn, facts, facts_with};
use crate::lang::queries::{CompiledQuery, compile};
use crate::lang::tree::Syntax;
use crate::lang::{FileFacts, Language, ParseHealth};
use crate::source::{Bytes, FileId, RepoPath};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(drawn("a.py", text), expected, "\nfor {text}");
    assert_eq!(facts("a.py", text).health, ParseHealth::Whole, "\nfor {text}");
}

#[test]
fn calls_and_values() {
    check("f(a, 'b', key=True, *c, **d)", r#"f(a "b" @key=true ...c ...d)"#);
    check("a.b.c(x)['k'][0]", r#"a.b.c(x)["k"][#0]"#);
    check("x = await f()", "(var x = await(f()))");
    check("None, -1, ..., 1.5", "[nothing #-1 other() #1.5]");
    check("not a and (b or c)", "(!a && paren((b || c)))");
    check("a and b and c", "((a && b) && c)");
    check(
        "a == 'x' or b is not None or c < 1",
        r#"(((a Equal "x") || (b NotEqual nothing)) || (c Other #1))"#,
    );
    check("'k' in org.features", r#"org.features.in("k")"#);
    check("'k' not in features", r#"!features.in("k")"#);
    check("a < b < c", "other(a b c)");
    check("x if f('k') else y", r#"(f("k") ? x : y)"#);
    check("a + 'b' + c * d", r#"(template a "b" other(c d))"#);
    check("lambda a, b=1: a", "(fn (a b=#1) (return a))");
    check("f(x for x in y if x)", "f(other((loop [(const x = -) y] (if x x -))))");
}

#[test]
fn literals() {
    check("{'a': 1, b: 2, **c}", "{a:#1 [b]:#2 ...c}");
    check("dict(a=True, b='x')", r#"{a:true b:"x"}"#);
    check("[1, 'a']; (1, 2); {3}", "[#1 \"a\"]\n[#1 #2]\n[#3]");
    check(r#"f"a{b}c{d.e:>10}""#, r#"(template "a" b "c" d.e)"#);
    check(r#"'a' "b" r'\d' b'\n'"#, "\"ab\\\\d\\n\"");
    check("'''doc\nstring'''", r#""doc\nstring""#);
    check(r#"'a' f"{b}""#, r#"(template "a" (template b))"#);
}

#[test]
fn names_are_bound_where_they_are_first_assigned() {
    check(
        "a = 1\na = 2\nb, c = f()",
        "(var a = #1)\n(a := #2)\n(var [|b c|] = f())",
    );
    check(
        "a: bool = False\nb: int",
        "(var a:type<bool> = false)\n(var b:type<int> = -)",
    );
    check("a += 1", "(a := #1)");
    check("self.a = 1\nx['k'] = True", "(self.a := #1)\n(x[\"k\"] := true)");
    check("a = b = f()", "(var a = f())\n(var b = a)");
    check(
        "def f(p):\n    global g\n    g = 1\n    p = 2\n    q = 3",
        "(fn f(p) { (g := #1) (p := #2) (var q = #3) })",
    );
    check("if (on := f()):\n    pass", "(if paren((var on = f())) {  } -)");
    check("del a, b.c", "(delete a)\n(delete b.c)");
}

#[test]
fn statements() {
    check(
        "if a:\n    b()\nelif c:\n    d()\nelse:\n    e()",
        "(if a { b() } (if c { d() } { e() }))",
    );
    check(
        "for a, b in c:\n    continue\nelse:\n    d()",
        "other((loop [(const [|a b|] = -) c] { leave }) { d() })",
    );
    check("while a:\n    break", "(loop [a] { leave })");
    check(
        "try:\n    a()\nexcept E as e:\n    raise\nexcept (A, B):\n    raise X('y') from z\nfinally:\n    b()",
        "other({ a() } other((var e = E) { (throw -) }) other([A B] { (throw other(X(\"y\") z)) }) { b() })",
    );
    check("with f('a') as b, c:\n    d()", "(with [(var b = f(\"a\")) c] { d() })");
    check(
        "with (f() as b, g() as c):\n    d()",
        "(with [(var b = f()) (var c = g())] { d() })",
    );
    check(
        "async def f():\n    async with a:\n        return b, c",
        "(fn f() { (with [a] { (return [b c]) }) })",
    );
    check("assert a == 'b', 'why'", r#"assert((a Equal "b") "why")"#);
    check(
        "match a:\n    case 'x' | 'y':\n        b()\n    case K.z if c:\n        d()\n    case _:\n        e()",
        "(switch a (case [\"x\" \"y\"] { b() }) (case [other(K.z)] (if c { d() } -)) (case [] { e() }))",
    );
}

#[test]
fn items() {
    check(
        "@flag('k')\ndef f(a: int, b=True, *args, c: str = 'x', **kw) -> bool:\n    return a",
        "(@flag(\"k\") fn f(a::type<int> b=true ...args c=\"x\"::type<str> ...kw) { (return a) })",
    );
    check(
        "@d\nclass A(B, metaclass=M):\n    '''doc'''\n    K = 'k'\n    t: bool = False\n    u: int\n    def __init__(self, x):\n        self.x = x\n    @staticmethod\n    def s(a): ...\n    class C: pass",
        "(class A <B @metaclass=M> @d \"doc\" (field  K:- = \"k\") (field  t:type<bool> = false) (field  u:type<int> = -) \
         (constructor __init__(x) { (self.x := x) }) (@staticmethod method s(a) { other() }) (class C <>  ))",
    );
    let literal = drawn("a.py", "x: Literal['a', 'b']");
    assert!(literal.contains("\"a\"") && literal.contains("\"b\""), "{literal}");
}

#[test]
fn imports() {
    check("import a", "(import \"a\" *>a)");
    check(
        "import a.b, c.d as e",
        "(import \"a\" *>a)\n(import \"a.b\" )\n(import \"c.d\" *>e)",
    );
    check("from a.b import c, d as e", "(import \"a.b\" c>c d>e)");
    check(
        "from . import a\nfrom ..b import (\n    c,\n)",
        "(import \".\" a>a)\n(import \"..b\" c>c)",
    );
    check("from a import *", "(export \"a\" [*>*] -)");
    check("from __future__ import annotations", "");
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
        let facts = facts("a.py", &text);
        let found: Vec<Bytes> = facts
            .tree
            .ids()
            .filter(|id| is(facts.tree.syntax(*id)))
            .map(|id| facts.tree.bytes(id))
            .collect();
        assert_eq!(found, [bytes], "{text}");
    };
    check("f()\n«a = 1»\ng()", |s| matches!(s, Syntax::Let { .. }));
    check("é(«f'x{a}'»)", |s| matches!(s, Syntax::Template(_)));
    check("if a:\n    «return b»\n", |s| matches!(s, Syntax::Return(_)));
    check("«@waffle_flag('k')»\ndef f(): pass", |s| {
        matches!(s, Syntax::Decorator(_))
    });
    check("«@d\ndef f():\n    return 1»\n", |s| matches!(s, Syntax::Function(_)));
    check("x if «'k' in f.features» else y", |s| {
        matches!(s, Syntax::Call { .. })
    });
}

#[test]
fn comments_are_kept() {
    let facts = facts("a.py", "# @flag k=on\nf()  # why\n");
    let words: Vec<&str> = facts
        .comments
        .iter()
        .map(|comment| facts.slice(comment.bytes))
        .collect();
    assert_eq!(words, ["# @flag k=on", "# why"]);
}

#[test]
fn broken_text_gives_what_could_be_understood() {
    for text in [
        "if flag_enabled('k'):\n    f(\n\ndef g():\n    h('x')\n",
        "def f(:\n    flag_enabled('k')\n",
        "x = [1,\nflag_enabled('k')\n",
    ] {
        let facts = facts("a.py", text);
        assert!(matches!(facts.health, ParseHealth::Partial(_)), "{text}");
        let calls = facts
            .tree
            .ids()
            .filter(|id| matches!(facts.tree.syntax(*id), Syntax::Text(_)));
        assert!(calls.count() > 0, "{text}");
    }
}

#[test]
fn odd_texts_do_no_harm() {
    for text in [
        "",
        "\u{feff}a = 1",
        "#!/usr/bin/env python",
        ")",
        "'",
        "f'{",
        "\0\0",
        "class",
        "é = 'ü'",
        "a if b",
        "x.",
        "({",
        "@",
        "from",
        "from . import",
        "import",
        "def f(",
        "a[",
        "for x in",
        "match a:\n  case",
        "print 'x'",
        "exec 'x'",
        "\r\n\r\n",
        "\t a\n  b\n",
        "if a:\n",
        "with",
        "lambda",
        "try:",
        "a = b = ",
        "x: ",
        "raise X from",
        "class A(: pass",
        "'''",
        "b'\\xff'",
    ] {
        let facts = facts("a.py", text);
        assert!(facts.tree.root().is_some(), "{text:?}");
    }
}

#[test]
fn long_sums_and_chains_are_not_deep() {
    let sum = format!("x = {}'z'", "'a' +\\\n".repeat(5_000));
    assert_eq!(facts("a.py", &sum).health, ParseHealth::Whole);
    let texts = format!("x = ({})", "'a'\n".repeat(5_000));
    assert_eq!(facts("a.py", &texts).health, ParseHealth::Whole);
    let all = format!("x = ({}z)", "a or\n".repeat(5_000));
    let deepest = |facts: &FileFacts| facts.tree.ids().map(|id| facts.tree.ancestors(id).count()).max();
    assert!(deepest(&facts("a.py", &all)).unwrap_or_default() < 1_000);
    let arms = "if a:\n    pass\n".to_owned() + &"elif b:\n    c()\n".repeat(2_000);
    let facts = facts("a.py", &arms);
    assert_eq!(facts.health, ParseHealth::Whole);
    assert!(deepest(&facts).unwrap_or_default() < 1_000);
}

/// Runs on a thread with the stack that a worker has.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn depth_is_bounded() {
    on_a_small_stack(|| {
        let deep = 3_000;
        let nested: String = (0..400).map(|at| " ".repeat(at) + "if a:\n").collect();
        let defs: String = (0..400).map(|at| " ".repeat(at) + "class A:\n").collect();
        for text in [
            "(".repeat(deep) + "x" + &")".repeat(deep),
            "[".repeat(deep),
            "{1: ".repeat(deep),
            "a".to_string() + &".b()".repeat(deep),
            "not ".repeat(deep) + "a",
            "a if b else ".repeat(deep) + "c",
            "a ** ".repeat(deep) + "c",
            "lambda: ".repeat(deep) + "c",
            nested,
            defs,
        ] {
            let path = RepoPath::new("a.py").expect("a path");
            let facts = crate::lang::read(FileId(0), &path, &text.as_str().into(), Language::Python, &[]);
            assert!(facts.health != ParseHealth::Whole, "{}", &text[..8]);
            let depth = facts.tree.ids().map(|id| facts.tree.ancestors(id).count()).max();
            assert!(depth.unwrap_or(0) <= 1_000, "{depth:?}");
        }
    });
}

#[test]
fn queries_run() {
    let query: CompiledQuery = compile(
        Language::Python,
        "((call function: (identifier) @_f arguments: (argument_list . (string) @key)) (#eq? @_f \"on\"))",
    )
    .expect("compiles");
    let facts = facts_with("a.py", "on('k')\noff('j')", &[query]);
    assert_eq!(facts.matches.len(), 1);
}
