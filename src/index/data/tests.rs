//! Tests of the data readers: small trees with a rule, and the flags that are found in them with their places.

use super::*;
use crate::rules::RuleSet;

fn shown(sources: &Sources, found: &[FlagDefinition]) -> Vec<String> {
    let one = |definition: &FlagDefinition| {
        let value = definition.value_span.map_or("-", |span| sources.text(span));
        let line = sources.start(definition.span).line;
        format!(
            "{line} {}={} @{} @{value}",
            definition.key,
            definition.declared,
            sources.text(definition.span)
        )
    };
    found.iter().map(one).collect()
}

fn check(define: &str, tree: &str, expected: &[&str]) {
    let rule = format!(
        "schema = 1\nid = \"project/x\"\nlanguages = [\"ts\"]\nneedles = [\"flag\"]\n[[define]]\nid = \"d\"\n{define}\n"
    );
    let mut rules = RuleSet::default();
    rules
        .add_project(&rule, "x.toml")
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let (sources, view) = crate::source::fixture(tree);
    let (found, skipped) = definitions(&sources, &view, &rules);
    assert_eq!(shown(&sources, &found), expected, "{tree}");
    assert_eq!(skipped, [], "{tree}");
}

#[test]
fn yaml_files_of_one_flag_or_many() {
    check(
        "data = { files = [\"flags/*.yml\"], format = \"yaml\" }\nkey = { at = \"name\" }\ndeclared = { at = \"default_enabled\" }",
        "//- flags/a.yml\n---\n# é note\nname: quote_read # key\ndefault_enabled: false\n//- flags/b.yml\nname: \"ä_b\"\ndefault_enabled: 'true'\n//- other/c.yml\nname: c\n",
        &["3 quote_read=off @quote_read @false", "1 ä_b=on @ä_b @true"],
    );
    check(
        "data = { files = [\"f.yml\"], format = \"yaml\" }\nkey = { at = \"flags.*\" }\ndeclared = { at = \"flags.*.enabled\" }",
        "//- f.yml\nflags:\n  a-b:\n    enabled: yes\n  \"c\": { enabled: off, note: x }\n  d:\n    note: é\n",
        &["2 a-b=on @a-b @yes", "4 c=off @c @off", "5 d=unknown @d @-"],
    );
}

#[test]
fn json_with_comments() {
    check(
        "data = { files = [\"f.json\"], format = \"json\" }\nkey = { at = \"feature_management.feature_flags.*.id\" }\ndeclared = { at = \"feature_management.feature_flags.*.enabled\" }",
        "//- f.json\n{ // é\n  \"feature_management\": { \"feature_flags\": [\n    { \"id\": \"A\\u0042\", \"enabled\": true, },\n    { \"enabled\": false, \"id\": \"b\" }, /* x */\n  ] } }\n",
        &["3 AB=on @A\\u0042 @true", "4 b=off @b @false"],
    );
    check(
        "data = { files = [\"f.json\"], format = \"json\" }\nkey = { at = \"flags.*\" }\ndeclared = { at = \"flags.*\" }",
        "//- f.json\n{\"flags\": {\"a\": {\"state\": \"ENABLED\", \"variants\": {\"on\": true, \"off\": false}, \"defaultVariant\": \"off\"}, \"b\": {\"state\": \"DISABLED\"}, \"c\": {\"enabled\": true, \"rules\": [1]}, \"d\": {\"defaultValue\": true}, \"e\": 1, \"f\": null}}\n",
        &[
            "1 a=off @a @{\"state\": \"ENABLED\", \"variants\": {\"on\": true, \"off\": false}, \"defaultVariant\": \"off\"}",
            "1 b=off @b @{\"state\": \"DISABLED\"}",
            "1 c=unknown @c @{\"enabled\": true, \"rules\": [1]}",
            "1 d=on @d @{\"defaultValue\": true}",
            "1 e=on @e @1",
            "1 f=unknown @f @null",
        ],
    );
}

#[test]
fn toml_dotenv_properties_xml() {
    check(
        "data = { files = [\"f.toml\"], format = \"toml\" }\nkey = { at = \"flags.*\" }\ndeclared = { at = \"flags.*\" }",
        "//- f.toml\n# é\n[flags]\nb = true\n\"a-x\" = 'off'\n[flags.c]\ndefault = false\n",
        &["3 b=on @b @true", "4 a-x=off @a-x @off", "5 c=off @c @[flags.c]"],
    );
    check(
        "data = { files = [\".env*\"], format = \"dotenv\" }\nkey = { at = \"*\" }\ndeclared = { at = \"*\" }",
        "//- .env\n# no\nexport FEATURE_A=true # yes\nB = \"off\"\nnot a line\nC=\n",
        &["2 FEATURE_A=on @FEATURE_A @true", "3 B=off @B @off", "5 C=unknown @C @"],
    );
    check(
        "data = { files = [\"f.properties\"], format = \"properties\" }\nkey = { at = \"*\" }\ndeclared = { at = \"*\" }",
        "//- f.properties\n! no\nfeature.a: true\n b = off\n",
        &["2 feature.a=on @feature.a @true", "3 b=off @b @off"],
    );
    check(
        "data = { files = [\"f.xml\"], format = \"xml\" }\nkey = { at = \"defaultsMap.entry.key\" }\ndeclared = { at = \"defaultsMap.entry.value\" }",
        "//- f.xml\n<?xml version=\"1.0\"?>\n<defaultsMap>\n  <!-- é -->\n  <entry><key>a&amp;b</key><value>true</value></entry>\n  <entry><key>c</key><value> false </value></entry>\n</defaultsMap>\n",
        &["4 a&b=on @a&amp;b @true", "5 c=off @c @false"],
    );
    check(
        "data = { files = [\"f.xml\"], format = \"xml\" }\nkey = { at = \"resources.bool.@name\" }\ndeclared = { at = \"resources.bool.#text\" }",
        "//- f.xml\n<resources><bool name=\"a\">true</bool><bool name='b'/></resources>\n",
        &["1 a=on @a @true", "1 b=unknown @b @-"],
    );
}

#[test]
fn later_migrations_win_and_rows_may_go() {
    check(
        "data = { files = [\"m/*.sql\"], format = \"sql\", table = \"Feature\", last_wins = true, ignore = [\"**/down.sql\"] }\nkey = { column = \"slug\" }\ndeclared = { column = \"enabled\" }",
        "//- m/1.sql\n-- é\nINSERT INTO \"Feature\" (slug, enabled, \"type\") VALUES\n  ('emails', false, 'OPERATIONAL'),\n  ('gone', true, 'X') ON CONFLICT (slug) DO NOTHING;\nINSERT INTO \"Other\" (slug) VALUES ('no');\n//- m/2.sql\nUPDATE \"Feature\" SET enabled = true WHERE slug = 'emails';\nDELETE FROM \"Feature\" WHERE slug IN ('gone');\nINSERT INTO public.\"Feature\"(slug) SELECT 'late';\n//- m/down.sql\nDELETE FROM \"Feature\" WHERE slug = 'emails';\n",
        &["3 emails=on @'emails' @true", "3 late=unknown @'late' @-"],
    );
}

#[test]
fn features_of_packages_are_flags() {
    let tree = "//- a/Cargo.toml\n[package]\nname = \"a\"\n[features]\ndefault = [\"fast\", \"b/std\"]\nfast = [\"simd\"]\nsimd = []\n\"slow\" = [\"dep:c\", \"d?/x\"]\n[dependencies]\nb = { version = \"1\", optional = true }\nc = { version = \"1\", optional = true }\nd = { version = \"1\", optional = true }\ne = \"1\"\n//- b/Cargo.toml\n[package]\nname = \"b\"\n[features]\nfast = []\n//- Cargo.toml\n[workspace]\nmembers = [\"a\", \"b\"]\n";
    let (sources, view) = crate::source::fixture(tree);
    let (found, skipped) = definitions(&sources, &view, &RuleSet::default());
    let on = "[\"fast\", \"b/std\"]";
    assert_eq!(
        shown(&sources, &found),
        [
            format!("5 fast=on @fast @{on}"),
            format!("6 simd=on @simd @{on}"),
            "7 slow=off @slow @-".into(),
            format!("9 b=on @b @{on}"),
            "11 d=off @d @-".into(),
            "4 fast=off @fast @-".into(),
        ]
    );
    assert_eq!(found[0].aliases, ["a/fast"]);
    assert_eq!(found[5].aliases, ["b/fast"]);
    assert_eq!(skipped, []);
}

#[test]
fn manifests_below_a_workspace_that_are_no_part_of_it_define_nothing() {
    let package = |path: &str, rest: &str| format!("//- {path}Cargo.toml\n[features]\nf = []\n{rest}");
    let tree = [
        package("", "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"fuzz\"]\n"),
        package("crates/a/", "[dependencies]\nb = { path = \"../../b\" }\n"),
        package("b/", ""),
        package("fuzz/", "[workspace]\n"),
        package("crates/a/tests/tried/", ""),
        package("tests/tried/", "[workspace]\n"),
        "//- tests/broken/Cargo.toml\n[\n".into(),
    ];
    let (sources, view) = crate::source::fixture(&tree.concat());
    let (found, skipped) = definitions(&sources, &view, &RuleSet::default());
    let found: Vec<&str> = found.iter().map(|flag| sources.path(flag.span.file).as_str()).collect();
    assert_eq!(
        found,
        ["Cargo.toml", "b/Cargo.toml", "crates/a/Cargo.toml", "fuzz/Cargo.toml"]
    );
    assert_eq!(skipped, []);
}

#[test]
fn what_cannot_be_read_is_said() {
    let rule = |format: &str, file: &str| {
        let table = if format == "sql" { ", table = \"F\"" } else { "" };
        let key = if format == "sql" { "column" } else { "at" };
        format!(
            "schema = 1\nid = \"project/x\"\nlanguages = [\"ts\"]\nneedles = [\"flag\"]\n[[define]]\nid = \"d\"\ndata = {{ files = [\"{file}\"], format = \"{format}\"{table} }}\nkey = {{ {key} = \"a\" }}\n"
        )
    };
    let deep = "[".repeat(100_000);
    let element = "<a>".repeat(100_000);
    let nested = format!("INSERT INTO F (a) VALUES ({}1);", "1+".repeat(100_000));
    for (format, text) in [
        ("json", "{ \"a\": }"),
        ("json", deep.as_str()),
        ("json", "{\"a"),
        ("yaml", "a: [b\n"),
        ("yaml", deep.as_str()),
        ("toml", "a = "),
        ("toml", deep.as_str()),
        ("xml", "<a><b></a>"),
        ("xml", element.as_str()),
        ("sql", "INSERT INTO F VALUES FROB;"),
        ("sql", nested.as_str()),
    ] {
        let mut rules = RuleSet::default();
        rules
            .add_project(&rule(format, "f"), "x.toml")
            .unwrap_or_else(|errors| panic!("{errors:?}"));
        let (sources, view) = crate::source::fixture(&format!("//- f\n{text}"));
        let (found, skipped) = definitions(&sources, &view, &rules);
        assert_eq!((found.len(), skipped.len()), (0, 1), "{format} {text:.40}");
    }
}
