//! Ruby as neutral trees, drawn as one line for each statement.

use crate::lang::ParseHealth;
use crate::lang::drawing::{drawn, facts, laws};

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(drawn("a.rb", text), expected, "{text}");
}

#[test]
fn calls() {
    check("Feature.enabled?(:k, user)", "Feature.enabled?(\"k\" user)");
    check(
        "stub_feature_flags(a: false, b: true)",
        "stub_feature_flags({a:false b:true})",
    );
    check("stub :x, on: 1", "stub(\"x\" {on:#1})");
    check("turbo?", "turbo?()");
    check("config.turbo", "config.turbo");
    check("config&.turbo?", "config.turbo?()");
    check("Flipper[:k].enabled?", "Flipper[\"k\"].enabled?()");
    check(
        "A::B.call(*x, **y)",
        "A::B.call(...x {...y})".replace("A::B", "A.B").as_str(),
    );
    check("list.each { |q| q.go! }", "list.each((fn (q) { (return q.go!()) }))");
    check(
        "it 'x', :js do |a, b| c end",
        "it(\"x\" \"js\" (fn (a b) { (return c) }))",
    );
}

#[test]
fn literals() {
    check("%i[a b]", "[\"a\" \"b\"]");
    check(
        "{ a: 1, :b => true, 'c' => nil, d => 2 }",
        "{a:#1 b:true c:nothing [d]:#2}",
    );
    check("F = { a: true }.freeze", "(const F = cast({a:true}))");
    check("\"a #{b} c\"", "(template \"a \" b \" c\")");
    check(":\"a b\"", "\"a b\"");
    check("ENV['X'] == 'true'", "(ENV[\"X\"] Equal \"true\")");
    check("x = <<~SQL\n  select 1\nSQL\n", "(var x = \"  select 1\\n\")\nother()");
}

#[test]
fn conditions() {
    check("go unless off?", "(if !off?() { go } -)");
    check("return if a && !b", "(if (a && !b) { (return -) } -)");
    check(
        "if a\n b\nelsif c\n d\nelse\n e\nend",
        "(if a { b } (if c { d } { e }))",
    );
    check("unless a\n b\nelse\n c\nend", "(if !a { b } { c })");
    check("a ? b : c", "(a ? b : c)");
    check("a and not b", "(a && !b)");
    check(
        "case x\nwhen 1, :b then c\nelse d\nend",
        "(switch x (case [#1 \"b\"] c) (case [] d))",
    );
    check("case\nwhen a then b\nelse c\nend", "(if a { b } { c })");
    check("while a do b end", "(loop [a] { b })");
    check("until a do b end", "(loop [!a] { b })");
}

#[test]
fn bindings() {
    check("x = 1\nx = 2", "(var x = #1)\n(x := #2)");
    check("a, b = c", "(var [|a b|] = c)");
    check("@x ||= y", "(@x := y)");
    check("a.b = c", "(a.b := c)");
    check("a[:k] = 1", "(a[\"k\"] := #1)");
    check("ENV['X'] = 'true'", "(ENV[\"X\"] := \"true\")");
}

#[test]
fn items() {
    check(
        "class A < B::C\n  K = 1\n  def go?(a, b = 2, k: 3)\n    raise E, 'no' unless a\n    a.x?\n  end\nend",
        "(class A <B.C>  (field  K:- = #1) (method go?(a b=#2 k=#3) { (if !a { (throw other(E \"no\")) } -) (return a.x?()) }))",
    );
    check("module M\n  def self.a = b\nend", "(module M (method a() (return b)))");
    check("require_relative './x'", "(import \"./x\" )");
    check(
        "begin\n a\nrescue E => e\n b\nensure\n c\nend",
        "{ a other(E (let e = -) { b }) { c } }",
    );
}

#[test]
fn broken_and_deep_text() {
    let broken = facts("a.rb", "class A\n  def b\n    Feature.enabled?(:k\n  end\n");
    assert!(matches!(broken.health, ParseHealth::Partial(_)), "{:?}", broken.health);
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("if a\n", "\nend"),
        ("x { ", " }"),
        ("!", ""),
        ("a.b(", ")"),
    ] {
        let text = format!("{}1{}", open.repeat(3_000), close.repeat(3_000));
        laws(&facts("a.rb", &text));
    }
    for text in ["", "\u{0}", "#{", "<<~A", "\"#{", "def", "%w[", ":\"", "é = 'ü'"] {
        laws(&facts("a.rb", text));
    }
}
