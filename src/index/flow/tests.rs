//! Reads and guards on real source text, through the whole index.

use crate::index::build::build;
use crate::index::store::FactsStore;
use crate::index::{CodeIndex, Wanted};
use crate::rules::RuleSet;
use crate::source::{Sources, Span, fixture};

const RULES: &str = r##"
schema = 1
id = "project/test"
languages = ["ts", "tsx", "js"]
needles = ["lag", "Feature", "process.env"]

[[define]]
id = "feature"
new = { name = ["Feature"] }
key = { arg = 0 }
declared = { arg = 1 }
handle = true
example = ["const f = new Feature('k', false)"]

[[define]]
id = "defaults"
object = { path = "flagDefaults" }
key = { entries = "key" }
declared = { entries = "value" }
example = ["const x = { flagDefaults: { a: true } }"]

[[read]]
id = "is-enabled"
call = { name = ["isEnabled"], receiver = "(?i)flags$" }
key = { arg = 0 }
fallback = { arg = 1 }
example = ["flags.isEnabled('k', false)"]
not = ["other.isEnabled('k')"]

[[read]]
id = "is-off"
call = { name = ["isOff"], receiver = "(?i)flags$" }
key = { arg = 0 }
polarity = "-"
example = ["flags.isOff('k')"]
not = ["other.isOff('k')"]

[[read]]
id = "hook"
call = { name = ["useFlag"] }
key = { arg = 0 }
example = ["useFlag('k')"]
not = ["use('k')"]

[[read]]
id = "details"
call = { name = ["useFlagDetails", "useConditionalFeature"] }
key = { arg = 0, path = "feature" }
result = ".value"
example = ["useFlagDetails({ feature: 'k' })"]

[[read]]
id = "decide"
call = { name = ["useFlagDecision"] }
key = { arg = 0 }
result = "[0].enabled"
example = ["useFlagDecision('k')"]

[[read]]
id = "env"
member = { object = "^process\\.env$" }
key = { name = true }
result = "== \"true\""
example = ["if (process.env.FEATURE_X === 'true') {}"]

[[read]]
id = "component"
jsx = { name = ["FeatureFlag"], attr = "flagKey" }
key = { attr = "flagKey" }
region = "children"
example = ["const x = <FeatureFlag flagKey='k'>a</FeatureFlag>"]

[[read]]
id = "callback"
call = { name = ["whenFlag"] }
key = { arg = 0 }
result = "callback:1"
example = ["whenFlag('k', () => {})"]

[[read]]
id = "required"
decorator = { name = ["RequireFlag"] }
key = { arg = 0 }
region = "item"
example = ["class A { @RequireFlag('k') run() {} }"]
"##;

fn index(text: &str) -> (Sources, CodeIndex) {
    let mut rules = RuleSet::default();
    if let Err(errors) = rules.add_project(RULES, "test.toml") {
        panic!("{errors:?}");
    }
    let text = if text.contains("//- ") {
        text.to_owned()
    } else {
        format!("//- a.tsx\n{text}")
    };
    let (sources, view) = fixture(&text);
    let index = build(&sources, &view, &rules, &Wanted::default(), &FactsStore::default());
    (sources, index)
}

fn folded(sources: &Sources, span: Span) -> String {
    sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Each guard as `k=on: region`, `a=on|b=off: region` for a choice, `a=on b=on: region` for a conjunction.
#[track_caller]
fn guards(text: &str, expected: &[&str]) {
    let (sources, index) = index(text);
    let found: Vec<String> = index
        .guards
        .iter()
        .map(|guard| {
            let when = guard
                .when
                .iter()
                .map(|literal| format!("{}={}", literal.key, literal.value));
            let when = when.collect::<Vec<_>>().join(if guard.any { "|" } else { " " });
            // Whether a region ends before or behind its `;` is the front end's affair.
            let region = folded(&sources, guard.region);
            format!("{when}: {}", region.trim_end_matches(';'))
        })
        .collect();
    let expected: Vec<&str> = expected.iter().map(|line| line.trim_end_matches(';')).collect();
    assert_eq!(found, expected);
}

/// Each read as `line key`, then `!` if negative, `via a>b`, `else on` for a fallback, `in symbol`.
#[track_caller]
fn reads(text: &str, expected: &[&str]) {
    let (sources, index) = index(text);
    let mut found: Vec<String> = index
        .reads
        .iter()
        .map(|read| {
            let at = sources.start(read.span);
            let mut line = format!("{}:{} {}", sources.path(read.span.file).file_name(), at.line, read.key);
            if read.negative {
                line += " !";
            }
            if !read.via.is_empty() {
                line += &format!(" via {}", read.via.join(">"));
            }
            if let Some(fallback) = read.fallback {
                line += &format!(" else {fallback}");
            }
            line
        })
        .collect();
    let dynamic = index
        .dynamic
        .iter()
        .map(|read| format!("{} dynamic", sources.start(read.span).line));
    found.extend(dynamic);
    assert_eq!(found, expected);
}

/// Each definition as `key value`.
#[track_caller]
fn definitions(text: &str, expected: &[&str]) {
    let (_, index) = index(text);
    let found: Vec<String> = index
        .definitions
        .iter()
        .map(|definition| format!("{} {}", definition.key, definition.declared))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn branches_of_an_if() {
    guards(
        "if (flags.isEnabled('k')) { yes() } else { no() }",
        &["k=on: { yes() }", "k=off: { no() }"],
    );
    guards(
        "if (a) { x() } else if (!flags.isEnabled('k')) { no() } else { yes() }",
        &["k=off: { no() }", "k=on: { yes() }"],
    );
}

#[test]
fn an_early_exit_turns_the_rest_of_its_block() {
    guards(
        "function f() { if (!flags.isEnabled('k')) { return old(); } const x = 1; return fresh(x); }",
        &["k=off: { return old(); }", "k=on: const x = 1; return fresh(x);"],
    );
    guards(
        "function f() { for (const a of b) { if (flags.isEnabled('k')) continue; one(a); } after(); }",
        &["k=on: continue;", "k=off: one(a);"],
    );
    guards(
        "function f() { if (!flags.isEnabled('k')) log(); rest(); }",
        &["k=off: log();"],
    );
}

#[test]
fn aliases_are_followed() {
    guards(
        "const on = await flags.isEnabled('k');\nconst off = !on;\nif (off) { no() }\nif (on === false) { no2() }",
        &["k=off: { no() }", "k=off: { no2() }"],
    );
    guards(
        "const { value: fresh, isLoading } = useFlagDetails({ feature: 'k' });\nif (isLoading) wait();\nif (fresh) go();",
        &["k=on: go();"],
    );
    guards(
        "const d = useFlagDetails({ feature: 'k' });\nif (d) always();\nif (d.value) go();",
        &["k=on: go();"],
    );
    guards(
        "const [d] = useFlagDecision('k'); if (d.enabled) go();",
        &["k=on: go();"],
    );
    guards(
        "let on = false; on = flags.isEnabled('k'); on = other(); if (on) go();",
        &[],
    );
    guards("let on; on = flags.isEnabled('k'); if (on) go();", &["k=on: go();"]);
}

#[test]
fn shadowed_names_are_not_confused() {
    guards(
        "const on = flags.isEnabled('k'); function f(on) { if (on) other(); }\nif (on) go();",
        &["k=on: go();"],
    );
}

#[test]
fn operators() {
    guards("const x = flags.isEnabled('k') && go();", &["k=on: go()"]);
    guards("const x = flags.isEnabled('k') || go();", &["k=off: go()"]);
    guards(
        "const x = flags.isEnabled('k') ? yes() : no();",
        &["k=on: yes()", "k=off: no()"],
    );
    guards(
        "if (flags.isEnabled('a') && user.admin && !flags.isEnabled('b')) { go() } else { no() }",
        &[
            "a=on: user.admin",
            "a=on: !flags.isEnabled('b')",
            "a=on b=off: { go() }",
        ],
    );
    guards(
        "const a = flags.isEnabled('a'); const b = flags.isEnabled('b'); if (a || b) { go() } else { no() }",
        &["a=off: b", "a=on|b=on: { go() }", "a=off b=off: { no() }"],
    );
    guards(
        "if (flags.isEnabled('k') || force) { go() } else { no() }",
        &["k=off: force", "k=off: { no() }"],
    );
}

#[test]
fn comparisons() {
    guards(
        "const v = flags.isEnabled('k'); if (v !== 'off') go();",
        &["k=on: go();"],
    );
    guards(
        "const v = flags.isEnabled('k'); if (v === 'off') go();",
        &["k=off: go();"],
    );
    guards("const v = flags.isEnabled('k'); if (v === 'blue') go();", &[]);
    guards("if (process.env.FLAG_K === 'true') go();", &["FLAG_K=on: go();"]);
    guards("if (process.env.FLAG_K !== 'true') go();", &["FLAG_K=off: go();"]);
    guards("if (process.env.FLAG_K) go();", &["FLAG_K=on: go();"]);
    guards("if (Boolean(flags.isEnabled('k')) === true) go();", &["k=on: go();"]);
}

#[test]
fn switches() {
    guards(
        "switch (flags.isEnabled('k')) { case true: yes(); break; default: no(); }",
        &["k=on: yes(); break;", "k=off: no();"],
    );
    guards(
        "const v = flags.isEnabled('k'); switch (v) { case 'off': case false: no(); break; case 'on': yes(); both(); case 'x': }",
        &["k=off: no(); break;", "k=on: yes(); both();"],
    );
}

#[test]
fn elements() {
    guards(
        "const C = () => { const on = useFlag('k'); return <div>{on && <New />}{on ? <A /> : <B />}</div>; };",
        &["k=on: <New />", "k=on: <A />", "k=off: <B />"],
    );
    guards(
        "const C = () => <FeatureFlag flagKey='k' fallback={<Old />}><New /></FeatureFlag>;",
        &["k=off: <Old />", "k=on: <New />"],
    );
    guards(
        "const C = () => { const on = useFlag('k'); return <ConditionallyRender condition={on} show={<A />} elseShow={<B />} />; };",
        &["k=on: <A />", "k=off: <B />"],
    );
}

#[test]
fn callbacks_and_items() {
    guards("whenFlag('k', () => { go() });", &["k=on: { go() }"]);
    guards(
        "class A { @RequireFlag('k')\n run() { go() } }",
        &["k=on: run() { go() }"],
    );
}

#[test]
fn wrappers_are_inferred() {
    reads(
        "function isOn(key, d = false) { return flags.isEnabled(key, d); }\nif (isOn('a')) go();\nconst b = !isOn('b', true);",
        &["a.tsx:2 a via isOn else off", "a.tsx:3 b via isOn else on"],
    );
    guards(
        "const canUse = () => flags.isEnabled('k');\nif (!canUse()) no();",
        &["k=off: no();"],
    );
    guards(
        "function f() { if (canUse()) go(); }\nfunction canUse() { if (!user) return false; return flags.isEnabled('k') && paid(); }",
        &["k=on: go();", "k=on: paid()"],
    );
    guards(
        "function canUse() { if (flags.isEnabled('k')) { return true; } return false; }\nif (canUse()) go(); else no();",
        &[
            "k=on: { return true; }",
            "k=off: return false;",
            "k=on: go();",
            "k=off: no();",
        ],
    );
}

#[test]
fn wrappers_of_other_files() {
    reads(
        "//- flags.ts
import { flags } from './sdk';
export const isOn = (key: string) => flags.isEnabled(key, false);
export function useSnapshot() { return { enabled: isOn('snapshot'), other: 1 }; }
//- index.ts
export * from './flags';
//- use.ts
import { isOn, useSnapshot as snap } from './index';
if (isOn('a')) go();
const { enabled } = snap();
",
        &[
            "flags.ts:3 snapshot via isOn else off",
            "use.ts:2 a via isOn else off",
            "use.ts:3 snapshot via snap>isOn else off",
        ],
    );
}

#[test]
fn evaluators_that_hooks_return() {
    reads(
        "//- flags.ts
export const useEvaluator = () => { const x = 1; return (key: string) => flags.isEnabled(key); };
//- use.ts
import { useEvaluator } from './flags';
const evaluate = useEvaluator();
const on = evaluate('k');
",
        &["use.ts:3 k via evaluate"],
    );
}

#[test]
fn constants_of_other_files() {
    guards(
        "//- config.ts
export const SNAPSHOT = process.env.FLAG_SNAPSHOT === 'true';
export const config = { flags: { tax: process.env.FLAG_TAX === 'true', other: 2 } };
//- use.ts
import { SNAPSHOT, config } from './config';
if (SNAPSHOT) go();
if (!config.flags.tax) no();
",
        &["FLAG_SNAPSHOT=on: go();", "FLAG_TAX=off: no();"],
    );
}

#[test]
fn keys_behind_names() {
    let keys = "//- keys.ts
export const FLAGS = { SNAPSHOT: 'snapshot', deep: { TAX: 'tax' } } as const;
export enum Flag { Fees = 'fees' }
export const PREFIX = 'app';
export const ONE = `${PREFIX}.one`;
export class Keys { static readonly TWO = 'two'; }
//- index.ts
export { FLAGS as ALL } from './keys';
export * from './keys';
";
    let check = |use_: &str, expected: &[&str]| {
        let text = format!(
            "{keys}//- use.ts\nimport {{ ALL, Flag, ONE, Keys }} from './index'; import * as k from './keys';\n{use_}\n"
        );
        reads(&text, expected);
    };
    check("useFlag(ALL.SNAPSHOT)", &["use.ts:2 snapshot"]);
    check("useFlag(ALL.deep['TAX'])", &["use.ts:2 tax"]);
    check("useFlag(Flag.Fees)", &["use.ts:2 fees"]);
    check("useFlag(ONE)", &["use.ts:2 app.one"]);
    check("useFlag(Keys.TWO)", &["use.ts:2 two"]);
    check("useFlag(k.FLAGS.SNAPSHOT)", &["use.ts:2 snapshot"]);
    check("const { SNAPSHOT } = ALL; useFlag(SNAPSHOT)", &["use.ts:2 snapshot"]);
    check("useFlag(`x-${Flag.Fees}`)", &["use.ts:2 x-fees"]);
    check("useFlag(window.key)", &["2 dynamic"]);
    check("useFlag(`x-${user.id}`)", &["2 dynamic"]);
    check(
        "class A { private readonly key = 'own'; on() { return useFlag(this.key); } }",
        &["use.ts:2 own"],
    );
}

#[test]
fn handles() {
    let handles = "//- features.ts
export const featureTax = new Feature('tax', false);
export const features = { fees: new Feature('fees', true) };
";
    let text = format!(
        "{handles}//- use.tsx
import {{ featureTax, features }} from './features';
const on = useFlag(featureTax);
const {{ value }} = useConditionalFeature({{ feature: features.fees, shouldEvaluate: true }});
if (on) one();
if (value) two();
const id = useFlag(featureTax.id);
"
    );
    reads(&text, &["use.tsx:2 tax", "use.tsx:3 fees", "use.tsx:6 tax"]);
    guards(&text, &["tax=on: one();", "fees=on: two();"]);
    definitions(&text, &["fees on", "tax off"]);
}

#[test]
fn fields_set_once() {
    guards(
        "class A { private on: boolean; constructor(flags) { this.on = flags.isEnabled('k'); } run() { if (this.on) go(); } }",
        &["k=on: go();"],
    );
    guards(
        "class A { on = useFlag('k'); run() { if (this.on) go(); } }",
        &["k=on: go();"],
    );
    guards(
        "class A { on = useFlag('k'); stop() { this.on = false; } run() { if (this.on) go(); } }",
        &[],
    );
}

#[test]
fn methods_by_the_type_of_their_receiver() {
    guards(
        "//- flag.service.ts
export class FlagService { constructor(private flags) {} canUse(): boolean { return this.flags.isEnabled('k'); } }
//- use.ts
import { FlagService } from './flag.service';
class A { constructor(private readonly service: FlagService) {} run() { if (this.service.canUse()) go(); } }
function f(service: FlagService) { if (!service.canUse()) no(); }
function g(service: Other) { if (!service.canUse()) no(); }
",
        &["k=on: go();", "k=off: no();"],
    );
}

#[test]
fn fallbacks_beside_the_read() {
    reads("const x = flags.isEnabled('k') ?? true;", &["a.tsx:1 k else on"]);
    reads("const x = process.env.FLAG_K || 'false';", &["a.tsx:1 FLAG_K else off"]);
}

#[test]
fn negative_names() {
    reads("if (flags.isOff('k')) no();", &["a.tsx:1 k !"]);
    guards(
        "if (flags.isOff('k')) no(); else yes();",
        &["k=off: no();", "k=on: yes();"],
    );
    guards(
        "if (flags.isEnabled('disableThing')) go();",
        &["disableThing=on: go();"],
    );
}

#[test]
fn declared_values() {
    definitions(
        "const x = { flagDefaults: {
            a: true, b: 'off', c: parseEnvVarBoolean(process.env.C, false), d: process.env.D === 'true',
            e: { enabled: true }, f: __EXPERIMENTAL__, g: process.env.G ?? true, h: !true,
            i: { variants: { on: true, off: false }, defaultVariant: 'off' }, j: { value: true }, k: process.env.K || false,
        } };",
        &[
            "a on", "b off", "c off", "d off", "e on", "f unknown", "g on", "h off", "i off", "j on", "k off",
        ],
    );
}

#[test]
fn text_is_no_code() {
    reads(
        "const s = \"flags.isEnabled('k')\"; // flags.isEnabled('c')\nconst t = `useFlag('k')`;",
        &[],
    );
    reads("type K = 'k' | 'useFlag';", &[]);
}
