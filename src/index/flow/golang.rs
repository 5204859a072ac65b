//! Go through the whole index, with the rules that ship: reads, guards, names of other files and packages, definitions.

use std::sync::OnceLock;

use crate::index::build::build;
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, Wanted};
use crate::rules::{RuleSet, load_builtin};
use crate::source::{Sources, Span, fixture};

fn index(text: &str) -> (Sources, CodeIndex) {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    let rules = RULES.get_or_init(load_builtin);
    let text = match text.contains("//- ") {
        true => text.to_owned(),
        false => format!("//- a.go\npackage a\n\n{text}"),
    };
    let (sources, view) = fixture(&text);
    let index = build(&sources, &view, rules, &Wanted::default(), &FactsStore::default());
    (sources, index)
}

/// Each guard as `k=on: region`.
#[track_caller]
fn guards(text: &str, expected: &[&str]) {
    let (sources, index) = index(text);
    let folded = |span: Span| sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
    let found = index.guards.iter().map(|guard| {
        let when = guard
            .when
            .iter()
            .map(|literal| format!("{}={}", literal.key, literal.value));
        let when = when.collect::<Vec<_>>().join(if guard.any { "|" } else { " " });
        format!("{when}: {}", folded(guard.region))
    });
    assert_eq!(found.collect::<Vec<_>>(), expected, "\nfor {text}");
}

/// Each guard within a function.
#[track_caller]
fn guards_in(body: &str, expected: &[&str]) {
    guards(&format!("func f() {{\n{body}\n}}\n"), expected);
}

/// Each read as `file:line key`, with its wrappers and its fallback, then the number of dynamic reads.
#[track_caller]
fn reads(text: &str, expected: &[&str]) {
    let (sources, index) = index(text);
    let read = index.reads.iter().map(|read| {
        let at = sources.start(read.span);
        let via = match read.via.is_empty() {
            true => String::new(),
            false => format!(" via {}", read.via.join(">")),
        };
        let fallback = read.fallback.map_or(String::new(), |value| format!(" else {value}"));
        format!(
            "{}:{} {}{via}{fallback}",
            sources.path(read.span.file),
            at.line,
            read.key
        )
    });
    let dynamic = index
        .dynamic
        .iter()
        .map(|read| format!("{} dynamic", sources.start(read.span).line));
    assert_eq!(read.chain(dynamic).collect::<Vec<_>>(), expected, "\nfor {text}");
}

/// Each definition as `key value`.
#[track_caller]
fn definitions(text: &str, expected: &[&str]) {
    let (_, index) = index(text);
    let found = index.definitions.iter().map(|of| format!("{} {}", of.key, of.declared));
    assert_eq!(found.collect::<Vec<_>>(), expected, "\nfor {text}");
}

#[test]
fn branches_and_early_exits() {
    guards_in(
        "if flags.IsEnabled(\"k\") { yes() } else { no() }",
        &["k=on: { yes() }", "k=off: { no() }"],
    );
    guards_in(
        "if on := flags.IsEnabled(\"k\"); on && ready { yes() }",
        &["k=on: ready", "k=on: { yes() }"],
    );
    guards_in(
        "if on := flags.IsEnabled(\"k\"); !on {\nreturn\n}\nrest()",
        &["k=off: { return }", "k=on: rest()"],
    );
    guards_in(
        "if !flags.IsEnabled(\"k\") { panic(\"off\") }\nrest()",
        &["k=off: { panic(\"off\") }", "k=on: rest()"],
    );
    guards_in(
        "if flags.IsEnabled(\"a\") || flags.IsEnabled(\"b\") { yes() } else { no() }",
        &[
            "a=off: flags.IsEnabled(\"b\")",
            "a=on|b=on: { yes() }",
            "a=off b=off: { no() }",
        ],
    );
}

#[test]
fn values_of_several_results() {
    guards_in(
        "on, err := client.BoolVariation(\"k\", user, false)\nif err == nil && on { yes() }",
        &["k=on: { yes() }"],
    );
    guards_in(
        "if on, _ := client.BoolVariation(\"k\", user, false); on { yes() }",
        &["k=on: { yes() }"],
    );
    guards_in(
        "on := false\non, err = client.BoolVariation(\"k\", user, false)\nif on { yes() }",
        &[],
    );
    guards_in(
        "a, err := client.BoolVariation(\"a\", user, false)\nb, err := client.BoolVariation(\"b\", user, false)\nif a { x() }\nif err != nil { y() }\nif b { z() }",
        &["a=on: { x() }", "b=on: { z() }"],
    );
    guards_in(
        "on, err := strconv.ParseBool(os.Getenv(\"FEATURE_X\"))\nif on { yes() }\nif os.Getenv(\"FEATURE_Y\") != \"true\" { no() }",
        &["FEATURE_X=on: { yes() }", "FEATURE_Y=off: { no() }"],
    );
}

#[test]
fn a_case_ends_where_the_next_begins() {
    guards_in(
        "switch {\ncase flags.IsEnabled(\"a\"):\nx()\ncase flags.IsEnabled(\"b\"):\ny()\nfallthrough\ndefault:\nz()\n}",
        &["a=on: x()", "a=off b=on: y() fallthrough", "a=off: z()"],
    );
    guards_in(
        "switch client.Treatment(user, \"k\") {\ncase \"on\":\nyes()\ncase \"off\":\nno()\n}",
        &["k=on: yes()", "k=off: no()"],
    );
}

const PROJECT: &str = "
//- go.mod
module example.com/shop

go 1.22
//- pkg/features/keys.go
package features

type Feature string

const (
\tFastTax  Feature = \"fast-tax\"
\tSnapshot         = Feature(\"snapshot\")
)
//- pkg/features/client.go
package features

import \"context\"

func Asks(ctx context.Context, key Feature) bool {
\treturn client.FlagEnabled(ctx, string(key))
}

func (s *Service) Allows(key Feature) bool {
\treturn s.flags.IsEnabled(string(key))
}
//- pkg/features/service.go
package features

type Service struct {
\tflags Flags
}

func (s *Service) fast() bool { return s.Allows(FastTax) }

func (s *Service) Tax() int {
\tif s.fast() {
\t\treturn 1
\t}
\treturn 2
}
";

#[test]
fn names_of_the_package_and_of_others_are_followed() {
    let used = "//- cmd/main.go
package main

import (
\t\"context\"

\t\"example.com/shop/pkg/features\"
)

func run(ctx context.Context, s *features.Service) {
\tif features.Asks(ctx, features.FastTax) {
\t\tfast()
\t}
\tif s.Allows(features.Snapshot) {
\t\tsnapshot()
\t}
}
";
    reads(
        &format!("{PROJECT}{used}"),
        &[
            "cmd/main.go:10 fast-tax via Asks",
            "cmd/main.go:13 snapshot via Allows",
            "pkg/features/service.go:7 fast-tax via Allows",
            "pkg/features/service.go:10 fast-tax via fast>Allows",
        ],
    );
    guards(
        &format!("{PROJECT}{used}"),
        &[
            "fast-tax=on: { fast() }",
            "snapshot=on: { snapshot() }",
            "fast-tax=on: { return 1 }",
            "fast-tax=off: return 2",
        ],
    );
}

#[test]
fn a_wrapper_may_give_an_error_too() {
    reads(
        "func on(key string) (bool, error) {\n\tv, err := client.BoolVariation(key, user, false)\n\tif err != nil {\n\t\treturn false, err\n\t}\n\treturn v, nil\n}\n\nfunc g() {\n\tif v, err := on(\"k\"); err == nil && v {\n\t\tyes()\n\t}\n}\n",
        &["a.go:12 k via on else off"],
    );
    guards(
        "func on(key string) (bool, error) {\n\tv, err := client.BoolVariation(key, user, false)\n\treturn v, err\n}\n\nfunc g() {\n\tv, err := on(\"k\")\n\tif v {\n\t\tyes()\n\t}\n}\n",
        &["k=on: { yes() }"],
    );
}

#[test]
fn feature_gates_have_their_last_version() {
    definitions(
        "//- go.mod
module example.com/a
//- pkg/gates.go
package gates

import \"k8s.io/component-base/featuregate\"

const (
\tFast featuregate.Feature = \"Fast\"
\tSlow featuregate.Feature = \"Slow\"
\tOld  featuregate.Feature = \"Old\"
)

var versioned = map[featuregate.Feature]featuregate.VersionedSpecs{
\tFast: {
\t\t{Version: version.MustParse(\"0.4\"), Default: false, PreRelease: featuregate.Alpha},
\t\t{Version: version.MustParse(\"0.5\"), Default: true, PreRelease: featuregate.Beta},
\t},
\tSlow: {
\t\t{Version: version.MustParse(\"0.5\"), Default: false, PreRelease: featuregate.Alpha},
\t},
}

var plain = map[featuregate.Feature]featuregate.FeatureSpec{
\tOld: {Default: true, PreRelease: featuregate.GA},
}
",
        &["Fast on", "Old on", "Slow off"],
    );
}

#[test]
fn a_gate_that_is_registered_is_read_by_its_name() {
    let text = "//- go.mod
module example.com/a
//- internal/metadata/gates.go
package metadata

import \"go.opentelemetry.io/collector/featuregate\"

var FastGate = featuregate.GlobalRegistry().MustRegister(
\t\"tax.fast\",
\tfeaturegate.StageBeta,
\tfeaturegate.WithRegisterDescription(\"d\"),
)
//- tax.go
package a

import \"example.com/a/internal/metadata\"

func tax() {
\tif metadata.FastGate.IsEnabled() {
\t\tfast()
\t}
}
";
    definitions(text, &["tax.fast on"]);
    guards(text, &["tax.fast=on: { fast() }"]);
}
