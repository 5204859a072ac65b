//! Tests of the Rust front end: small texts against the tree that they leave, written as in Lisp; and what must hold for every text.

use crate::lang::tree::{Key, NodeId, Syntax};
use crate::lang::{FileFacts, Language, ParseHealth};
use crate::source::{Bytes, FileId, RepoPath, SkipReason};

fn facts(text: &str) -> FileFacts {
    let path = RepoPath::new("src/lib.rs").expect("a path");
    crate::lang::read(FileId(0), &path, &text.into(), Language::Rust, &[])
}

/// The tree in short: leaves by their words, the rest by kind and children.
fn show(facts: &FileFacts, id: NodeId) -> String {
    let all = |ids: &[NodeId]| {
        ids.iter()
            .map(|id| format!(" {}", show(facts, *id)))
            .collect::<String>()
    };
    let one = |id: &NodeId| show(facts, *id);
    let maybe = |id: &Option<NodeId>| id.map_or(String::new(), |id| format!(" {}", show(facts, id)));
    let key = |key: &Key| match key {
        Key::Name(name, bytes) => {
            let words = facts.slice(*bytes);
            assert!(
                words.trim_start_matches("r#") == &**name || name.parse::<u32>().is_ok(),
                "{words} is not {name}"
            );
            name.to_string()
        }
        Key::Computed(id) => format!("[{}]", show(facts, *id)),
    };
    match facts.tree.syntax(id) {
        Syntax::Name => facts.words(id).to_owned(),
        Syntax::Text(text) => format!("{text:?}"),
        Syntax::Template(parts) => format!("(template{})", all(parts)),
        Syntax::Bool(value) => value.to_string(),
        Syntax::Number => facts.words(id).to_owned(),
        Syntax::Nothing => "nothing".into(),
        Syntax::Member { object, property } => format!("{}.{}", one(object), facts.slice(*property)),
        Syntax::Index { object, index } => format!("(index {} {})", one(object), one(index)),
        Syntax::Call {
            callee,
            type_args,
            args,
        } if type_args.is_empty() => format!("(call {}{})", one(callee), all(args)),
        Syntax::Call {
            callee,
            type_args,
            args,
        } => format!("(call {} <{}>{})", one(callee), all(type_args), all(args)),
        Syntax::Macro { name, args } => format!("({}!{})", facts.slice(*name), all(args)),
        Syntax::Object { type_name, entries } => format!("(object{}{})", maybe(type_name), all(entries)),
        Syntax::Entry { key: name, value } => format!("{}:{}", key(name), one(value)),
        Syntax::Array(list) => format!("(array{})", all(list)),
        Syntax::Spread(inner) => format!("(spread {})", one(inner)),
        Syntax::Function(f) => {
            let name = f.name.as_ref().map_or("", |(name, _)| name);
            let kind = if f.method { "method" } else { "fn" };
            format!(
                "({kind} {name}{} ({}){})",
                all(&f.decorators),
                all(&f.params).trim(),
                maybe(&f.body)
            )
        }
        Syntax::Not(inner) => format!("(not {})", one(inner)),
        Syntax::Logic { op, left, right } => format!("({op:?} {} {})", one(left), one(right)),
        Syntax::Compare { op, left, right } => format!("({op:?} {} {})", one(left), one(right)),
        Syntax::Wrap(through, inner) => format!("({through:?} {})", one(inner)),
        Syntax::Assign { target, value } => format!("(set {} {})", one(target), one(value)),
        Syntax::Block(list) => format!("{{{}}}", all(list).trim()),
        Syntax::If { test, yes, no } => format!("(if {} {}{})", one(test), one(yes), maybe(no)),
        Syntax::Switch { subject, cases } => format!("(switch {}{})", one(subject), all(cases)),
        Syntax::Case { tests, body } => format!("(case ({}){})", all(tests).trim(), all(body)),
        Syntax::Return(value) => format!("(return{})", maybe(value)),
        Syntax::Throw(value) => format!("(throw{})", maybe(value)),
        Syntax::Leave => "leave".into(),
        Syntax::Let {
            kind,
            pattern,
            ty,
            value,
        } => format!("({kind:?} {}{}{})", one(pattern), maybe(ty), maybe(value)),
        Syntax::Loop { head, body } => format!("(loop{} {})", all(head), one(body)),
        Syntax::ObjectPattern(list) => format!("(fields{})", all(list)),
        Syntax::ArrayPattern(list) => format!("(items{})", all(list)),
        Syntax::Class {
            name,
            extends,
            members,
            decorators,
        } => {
            let name = name.as_ref().map_or("", |(name, _)| name);
            format!("(class {name}{}{}{})", all(decorators), all(extends), all(members))
        }
        Syntax::Field {
            key: name,
            ty,
            value,
            decorators,
        } => {
            format!("(field {}{}{}{})", key(name), all(decorators), maybe(ty), maybe(value))
        }
        Syntax::Impl {
            of,
            target,
            members,
            decorators,
        } => {
            format!(
                "(impl{}{} for {}{})",
                all(decorators),
                maybe(of),
                one(target),
                all(members)
            )
        }
        Syntax::TypeAlias { name, value } => format!("(type {} {})", name.0, one(value)),
        Syntax::Enum {
            name,
            members,
            decorators,
        } => format!("(enum {}{}{})", name.0, all(decorators), all(members)),
        Syntax::Module {
            name,
            items,
            decorators,
        } => {
            format!(
                "(mod {}{}{})",
                name.0,
                all(decorators),
                items.as_ref().map_or(" ;".into(), |items| all(items))
            )
        }
        Syntax::Import { from, names, .. } => {
            let names = names
                .iter()
                .map(|name| format!(" {}={}", name.local, name.imported))
                .collect::<String>();
            format!("(use {from}{names})")
        }
        Syntax::Export {
            from: Some(from),
            names,
            ..
        } => {
            let names = names
                .iter()
                .map(|name| format!(" {}={}", name.exported, name.local))
                .collect::<String>();
            format!("(export {from}{names})")
        }
        Syntax::Export { item, .. } => format!("(export{})", maybe(item)),
        Syntax::Decorator(inner) => format!("#{}", one(inner)),
        Syntax::Type(list) => format!("<{}>", all(list).trim()),
        Syntax::Other(list) => format!("(other{})", all(list)),
        Syntax::Error(list) => format!("(error{})", all(list)),
        other => format!("{other:?}"),
    }
}

/// What must hold for the tree of any text.
fn check_laws(facts: &FileFacts) {
    let Some(root) = facts.tree.root() else {
        return;
    };
    assert_eq!(facts.tree.bytes(root), Bytes::new(0, facts.text.len()));
    for id in facts.tree.ids() {
        let bytes = facts.tree.bytes(id);
        assert!(facts.text.get(bytes.range()).is_some(), "{bytes:?} cuts a character");
        match facts.tree.node(id).parent {
            Some(parent) => assert!(
                facts.tree.bytes(parent).contains(bytes),
                "{bytes:?} {:?} is not in its parent {:.200}",
                facts.tree.syntax(id),
                facts.words(parent)
            ),
            None => assert_eq!(id, root, "{:?} hangs in the air", facts.words(id)),
        }
    }
}

fn check(text: &str, expected: &str) {
    let facts = facts(text);
    check_laws(&facts);
    assert_eq!(facts.health, ParseHealth::Whole, "{text}");
    let root = facts.tree.root().expect("a root");
    let shown = facts
        .tree
        .children(root)
        .into_iter()
        .map(|id| show(&facts, id))
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(shown, expected, "{text}");
}

/// Within a function that returns nothing.
fn check_body(text: &str, expected: &str) {
    check(&format!("fn f() {{ {text} }}"), &format!("(fn f () {{{expected}}})"));
}

#[test]
fn attributes_are_decorators_and_features_are_readable() {
    check(
        "#[cfg(feature = \"x\")] fn f() {}",
        "(fn f #(call cfg (set feature \"x\")) () {})",
    );
    check(
        "#[cfg(all(feature = \"a\", not(feature = \"b\")))]\npub struct S { #[cfg(test)] a: A }",
        "(export (class S #(call cfg (call all (set feature \"a\") (call not (set feature \"b\")))) (field a #(call cfg test) <A>)))",
    );
    check(
        "#[cfg_attr(feature = \"serde\", derive(Serialize), serde(rename = \"q\", default))] enum E { A, B(u8) = 2 }",
        "(enum E #(call cfg_attr (set feature \"serde\") (call derive Serialize) (call serde (set rename \"q\") default)) \
         (field A) (field B <(field 0 <u8>)> 2))",
    );
    check(
        "#![cfg(feature = \"x\")]\nmod a;",
        "#(call cfg (set feature \"x\"))\n(mod a ;)",
    );
    check("/// doc\n#[allow(x)] #[inline] fn f() {}", "(fn f () {})");
    check(
        "#[tokio::test] #[ignore = \"slow\"] async fn t() {}",
        "(fn t #tokio::test #(set ignore \"slow\") () {})",
    );
    check(
        "#[case(\"a\", 1)] fn t(#[values(true, false)] on: bool) {}",
        "(fn t #(call case \"a\" 1) #(call values true false) (on) {})",
    );
}

#[test]
fn attributes_without_a_slot_stand_beside_what_they_are_on() {
    check(
        "#[cfg(unix)] pub const A: bool = true;",
        "(export (other #(call cfg unix) (Constant A <bool> true)))",
    );
    check("#[cfg(unix)] use a::b;", "(other #(call cfg unix) (use a b=b))");
    check_body(
        "#[cfg(unix)] let a = 1; #[cfg(unix)] a.b(); #[cfg(unix)] { c }",
        "(other #(call cfg unix) (Constant a 1)) (other #(call cfg unix) (call a.b)) (other #(call cfg unix) {c})",
    );
    check_body("#[cfg(unix)] a = 1;", "(other #(call cfg unix) (set a 1))");
    check_body(
        "match a { #[cfg(unix)] A => b, _ => c }",
        "(switch a (case (A) (other #(call cfg unix) b)) (case () c))",
    );
    check_body(
        "S { #[cfg(unix)] a: 1, b, ..c };",
        "(object S (other #(call cfg unix) a:1) b:b (spread c))",
    );
}

#[test]
fn what_decides_is_kept() {
    check_body(
        "if cfg!(feature = \"x\") { a() } else if !b { c() } else { d() }",
        "(if (cfg! (set feature \"x\")) {(call a)} (if (not b) {(call c)} {(call d)}))",
    );
    check_body(
        "if let Some(x) = a && x.on { x }",
        "(if (And (other (Constant (other <Some> (items x)) a)) x.on) {x})",
    );
    check_body(
        "match v { \"a\" | \"b\" => 1, E::A { x, y: Some(z) } if x => 2, None => 3, n @ 1..=2 => n, _ => 4 };",
        "(switch v (case (\"a\" \"b\") 1) (case ((other <E::A> (fields x:x y:(other <Some> (items z))))) (if x 2)) (case (nothing) 3) (case ((other n (other 1 2))) n) (case () 4))",
    );
    check_body(
        "let Some(a) = b else { return; };",
        "(other (Constant (other <Some> (items a)) b) {(return)})",
    );
    check_body("while a.b()? { break; }", "(loop (Assert (call a.b)) {leave})");
    check_body(
        "for (i, x) in xs.iter() { continue; }",
        "(loop (Constant (items i x)) (call xs.iter) {leave})",
    );
    check_body(
        "a == b; a != b; a < b; a && b || c; a + b * c - d;",
        "(Equal a b) (NotEqual a b) (Other a b) (Or (And a b) c) (other a (other b c) d)",
    );
    check_body(
        "let mut a: Vec<flags::On> = vec![0; n];",
        "(Variable a <Vec flags::On> (vec! 0 n))",
    );
}

#[test]
fn calls_keep_their_type_arguments() {
    check_body(
        "cx.has_flag::<flags::Snapshot>(1);",
        "(call cx.has_flag < <flags::Snapshot>> 1)",
    );
    check_body("has_flag::<Snapshot>();", "(call has_flag < <Snapshot>>)");
    check_body("Flag::<Snapshot>::on();", "(call Flag::<Snapshot>::on < <Snapshot>>)");
    check_body(
        "client.get(&k, Some(&ctx), None).await.unwrap_or(false);",
        "(call (Await (call client.get (Reference k) (call Some (Reference ctx)) nothing)).unwrap_or false)",
    );
    check_body(
        "(a as bool, *b, (c), x[0], -1, ());",
        "(array (Cast a) (Reference b) (Paren c) (index x 0) (other 1) nothing)",
    );
}

#[test]
fn functions_return_what_they_end_with() {
    check(
        "fn f(mut a: A, &b: &B) -> bool { g(); a }",
        "(fn f (a b) {(call g) (return a)})",
    );
    check(
        "fn f() -> bool { if a { b } else { c } }",
        "(fn f () {(return (if a {b} {c}))})",
    );
    check("fn f() { a }", "(fn f () {a})");
    check(
        "fn f() -> ! { panic!(\"no {}\", a) }",
        "(fn f () {(throw (template \"no \" a))})",
    );
    check_body(
        "xs.iter().map(|x| x.on).filter(move |(a, b)| { a });",
        "(call (call (call xs.iter).map (fn  (x) (return x.on))).filter (fn  ((items a b)) {(return a)}))",
    );
}

#[test]
fn items_are_named_and_exported() {
    check(
        "pub trait T: A + B<C> { const N: &'static str; fn on(&self) -> bool { true } fn off(&self); }",
        "(export (class T <A> <B C> (Constant N <str>) (method on () {(return true)}) (method off ())))",
    );
    check(
        "impl<T> a::Flag for Foo<T> { const NAME: &'static str = \"k\"; type X = Y; fn r#on() {} }",
        "(impl a::Flag for Foo (Constant NAME <str> \"k\") (type X <Y>) (method on () {}))",
    );
    check(
        "pub(crate) mod m { pub static mut A: u8 = 0; union U { a: A } }",
        "(export (mod m (export (Variable A <u8> 0)) (class U (field a <A>))))",
    );
    check(
        "pub type X = Result<A, B>; struct P(pub u8, Q); extern \"C\" { fn f(a: u8); }",
        "(export (type X <Result A B>))\n(class P (field 0 <u8>) (field 1 <Q>))\n(other (fn f (a)))",
    );
}

#[test]
fn uses_are_imports_leaf_by_leaf() {
    check(
        "use a::{self, b as c, d::{e, *}};",
        "(use  a=a)\n(use a c=b)\n(use a::d e=e)\n(use a::d *=*)",
    );
    check(
        "pub use x::y::{self as z}; use w;",
        "(export x z=y)\n(use x z=y)\n(use  w=w)",
    );
    check("extern crate a as b;", "(use  b=a)");
}

#[test]
fn macros_are_read_as_far_as_they_can_be() {
    check_body(
        "assert_eq!(a.b(), \"c\", \"why {}\", d);",
        "(assert_eq! (call a.b) \"c\" \"why {}\" d)",
    );
    check_body(
        "assert!(matches!(x, E::A(_) | E::B if on));",
        "(assert! (matches! x (other (other <E::A> (items nothing)) E::B) on))",
    );
    check_body(
        "hashmap! { \"a\" => true, b => c(1) };",
        "(hashmap! \"a\" true b (call c 1))",
    );
    check_body(
        "cfg_if! { if #[cfg(feature = \"x\")] { a() } else if #[cfg(unix)] { use b; } else { c() } }",
        "(if (cfg (set feature \"x\")) {(call a)} (if (cfg unix) {(use  b=b)} {(call c)}))"
            .replace("(cfg ", "(cfg! ")
            .as_str(),
    );
    check(
        "lazy_static! { static ref A: bool = env(\"K\"); }",
        "(lazy_static! \"K\")".replace("\"K\"", "(other \"K\")").as_str(),
    );
    check("macro_rules! m { ($a:expr) => { if $a {} } }", "(other)");
    check_body(
        "select! { a = b() => c, _ = d => {} }",
        "(select! (set a (call b)) c (other nothing d) {})"
            .replace("(other nothing d) {}", "(set (other) d) {}")
            .as_str(),
    );
}

#[test]
fn formats_are_templates() {
    check_body(
        "format!(\"a-{}-{name}{{}}{n:>3}\", x.y, n = z);",
        "(template \"a-\" x.y \"-\" name \"{}\" z)",
    );
    check_body("format!(\"plain\"); format!(\"\");", "\"plain\" \"\"");
    check_body(
        "format!(\"{0} {0}\", x); format!(\"{:w$}\", a); format!(fmt, a);",
        "(format! \"{0} {0}\" x) (format! \"{:w$}\" a) (format! fmt a)",
    );
    check_body(
        "todo!(); unreachable!(\"{}\", a); println!(\"{x}\");",
        "(throw) (throw (template a)) (println! \"{x}\")",
    );
}

#[test]
fn places_are_bytes_of_the_file() {
    for before in [
        "",
        "\u{feff}",
        "#!/usr/bin/env run\n",
        "\u{feff}#!/usr/bin/env run\n",
        "// é\r\n",
    ] {
        let text = format!("{before}fn f() {{ let ä = \"é\"; g(ä, \"ü\") }}\r\n");
        let facts = facts(&text);
        check_laws(&facts);
        assert_eq!(facts.health, ParseHealth::Whole);
        let call = facts
            .tree
            .ids()
            .find(|id| matches!(facts.tree.syntax(*id), Syntax::Call { .. }))
            .expect("a call");
        assert_eq!(facts.words(call), "g(ä, \"ü\")");
    }
}

#[test]
fn comments_leave_no_node() {
    let facts = facts("//! a\n/// b\nfn f(/* c */ a: A) { g(/* d */ 1) } // e");
    let comments: Vec<&str> = facts
        .comments
        .iter()
        .map(|comment| facts.slice(comment.bytes))
        .collect();
    assert_eq!(comments, ["//! a", "/// b", "/* c */", "/* d */", "// e"]);
    check(
        "//! a\n/// b\nfn f(/* c */ a: A) { g(/* d */ 1) } // e",
        "(fn f (a) {(call g 1)})",
    );
}

fn check_broken(text: &str, lost: u32, expected: &str) {
    let facts = facts(text);
    check_laws(&facts);
    assert_eq!(facts.health, ParseHealth::Partial(lost), "{text}");
    let root = facts.tree.root().expect("a root");
    let children = facts.tree.children(root).into_iter();
    let shown = children.map(|id| show(&facts, id)).collect::<Vec<_>>().join("\n");
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn around_an_error_everything_is_read() {
    check_broken(
        "use a::b;\n#[cfg(feature = \"x\")]\npub fn f(a: A) -> bool { let = ; if cfg!(test) { g() } a }\nfn h() {}",
        1,
        "(use a b=b)\n\
         (export (fn f #(call cfg (set feature \"x\")) (a) {(error) (if (cfg! test) {(call g)}) (return a)}))\n\
         (fn h () {})",
    );
    check_broken(
        "impl F for T { const N: &str = \"k\"; #[test] fn on(&self) -> bool { a(; true } fn off() {} }",
        1,
        "(impl F for T (Constant N <str> \"k\") (method on #test () {a (return true)}) (method off () {}))",
    );
    check_broken(
        "mod m { fn f() { #[cfg(unix)] if a.on() { b(; c() } else { d() } } }",
        1,
        "(mod m (fn f () {(other #(call cfg unix) (if (call a.on) {b (call c)} {(call d)}))}))",
    );
    check_broken(
        "fn f() { g(|x| { let; y() }) } fn (",
        4,
        "(fn f () {(error (error {(error) (call y)}))})\n(error)",
    );
    check_broken("}}} fn f() { a() }", 1, "(error)\n(fn f () {(call a)})");
    check_broken("fn f(a: , b: B) { a.b() }", 1, "(error (call a.b))");
}

#[test]
fn an_empty_file_is_whole() {
    check("", "");
    check("\u{feff}", "");
    check("// only this", "");
}

/// Nesting of every kind, deeper and deeper: none may end the process, and what was not read is said.
#[test]
fn nothing_nests_too_deep() {
    let kinds = [
        ("const A: u8 = ", "(", "1", ")", ";"),
        ("const A: u8 = ", "!", "1", "", ";"),
        ("const A: u8 = ", "&", "1", "", ";"),
        ("const A: ", "&", "u8", "", " = 1;"),
        ("const A: ", "Vec<", "u8", ">", " = 1;"),
        ("const A: ", "fn() -> ", "u8", "", " = 1;"),
        ("fn f() ", "{", "", "}", ""),
        ("fn f() { ", "if a {", "", "}", "}"),
        ("fn f() { ", "if a {} else ", "{}", "", "}"),
        ("fn f() { ", "|a, b| ", "1", "", "}"),
        ("fn f() { a", ".b()", "", "", "}"),
        ("fn f() { a", "?", "", "", "}"),
        ("fn f() { a", " && b", "", "", "}"),
        ("fn f() { a", " + b", "", "", "}"),
        ("fn f() { a", " as u8", "", "", "}"),
        ("fn f() { ", "a = ", "1", "", "}"),
        ("fn f() { ", "return ", "1", "", "}"),
        ("fn f() { ", "vec![", "1", "]", "}"),
        ("fn f() { ", "x![; ", "1", "]", "}"),
        ("fn f() { match a { ", "&", "b", "", " => {} } }"),
        ("fn f() { match a { ", "S(", "b", ")", " => {} } }"),
        ("use ", "a::", "b", "", ";"),
        ("use ", "a::{", "b", "}", ";"),
        ("", "mod a {", "", "}", ""),
        ("#[a", "(b", "", ")", "] fn f() {}"),
    ];
    for depth in [100, 300, 900, 3000, 20_000] {
        for (before, open, middle, close, after) in kinds {
            let text = format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth));
            let facts = facts(&text);
            check_laws(&facts);
            if depth == 100 {
                assert_eq!(facts.health, ParseHealth::Whole, "{before}{open}");
            }
            if depth == 20_000 && !close.is_empty() {
                assert_ne!(facts.health, ParseHealth::Whole, "{before}{open}");
            }
        }
    }
    assert_eq!(
        facts(&"(".repeat(20_000)).health,
        ParseHealth::Failed(SkipReason::TooDeep)
    );
}

/// Pieces of Rust in any order: whatever they make, the laws hold.
mod laws {
    use proptest::prelude::*;

    use super::{check_laws, facts};

    const PIECES: [&str; 44] = [
        "fn f",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "#[cfg(feature = \"x\")]",
        "if a",
        "else",
        "match x",
        "=>",
        "|a, b|",
        "let x =",
        ";",
        ",",
        "impl T for",
        "S<T>",
        "mod m",
        "use a::{b, self}",
        "pub ",
        "'a",
        "'\\''",
        "\"é{x}\"",
        "format!(",
        "cfg!(",
        "panic!",
        "::",
        "<",
        ">",
        "&mut ",
        "..",
        "?",
        ".await",
        "/* ",
        "*/",
        "// c\n",
        "r#\"",
        "\"#",
        "ä",
        "1.0.2",
        "b'",
        "\n",
        "\u{feff}",
    ];

    proptest! {
        #[test]
        fn any_text_leaves_a_tree(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
            check_laws(&facts(&pieces.join(" ")));
            check_laws(&facts(&pieces.concat()));
        }
    }
}

/// What a query finds in `text`: the words of the key of each match.
fn queried(text: &str) -> Vec<String> {
    let query = "((call_expression function: (field_expression value: (call_expression arguments: (arguments (string_literal (string_content) @_f)))) arguments: (arguments (string_literal (string_content) @key))) (#eq? @_f \"--features\"))";
    let compiled = crate::lang::queries::compile(Language::Rust, query).unwrap();
    let facts = crate::lang::drawing::facts_with("a.rs", text, &[compiled]);
    let key = |found: &crate::lang::QueryMatch| {
        let (_, bytes) = found.captures.iter().find(|(name, _)| &**name == "key").unwrap();
        facts.slice(*bytes).to_owned()
    };
    facts.matches.iter().map(key).collect()
}

#[test]
fn raw_queries_see_what_stands_in_macros() {
    let check =
        |body: &str, expected: &[&str]| assert_eq!(queried(&format!("fn f() {{ {body} }}")), expected, "{body}");
    check(r#"cmd.arg("--features").arg("a");"#, &["a"]);
    check(r#"snapshot!(filters(), cmd.arg("--features").arg("a"));"#, &["a"]);
    check(
        r#"snapshot!(filters(), cmd().arg("--features").arg("a"), @"text");"#,
        &["a"],
    );
    check(r#"outer!(x, inner!(cmd.arg("--features").arg("é")), y);"#, &["é"]);
    check(
        r#"let x = crate::snap!(cmd.arg("--features").arg("a")).unwrap(); cmd.arg("--features").arg("b");"#,
        &["b", "a"],
    );
    check(r#"matches!(x, A => cmd.arg("--features").arg("a"));"#, &["a"]);
    check(r#"snapshot!(cmd.arg("--feature").arg("a"));"#, &[]);
    check(r#"println!("cmd.arg(\"--features\").arg(\"a\")");"#, &[]);
    check(r#"vec![1, 2]; if a != b(c) {}"#, &[]);
}
