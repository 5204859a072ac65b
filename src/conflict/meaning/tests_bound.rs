//! Names that are brought in no more, passed on no more, and things that are written out as a whole.

use super::tests::told;

/// A file with an import that is used once, and room for another use far below.
fn script(import: &str, first: &str, last: &str) -> String {
    format!(
        "//- src/page.ts\n{import}\n\nexport function one() {{\n  return {first};\n}}\n\n\n\n\nexport function two() {{\n  return {last};\n}}\n"
    )
}

const UTIL: &str = "//- src/util.ts\nexport const money = 1;\nexport const pct = 2;\n";

#[test]
fn an_import_that_is_taken_out_here_and_used_again_there() {
    let import = "import { money, pct } from './util';";
    let base = UTIL.to_owned() + &script(import, "pct + money", "0");
    let takes = script("import { money } from './util';", "money", "0");
    let uses = script(import, "pct + money", "pct");
    assert_eq!(told(&base, &takes, &uses), ["Seen removed pct"]);
    assert_eq!(told(&base, &uses, &takes), ["Seen removed pct"]);
    // In another list over several lines, as another name, as a type.
    let long = "import {\n  money,\n  pct as part,\n} from './util';";
    let base = UTIL.to_owned() + &script(long, "part + money", "0");
    let takes = script("import {\n  money,\n} from './util';", "money", "0");
    assert_eq!(
        told(&base, &takes, &script(long, "part + money", "part")),
        ["Seen removed part"]
    );
}

#[test]
fn what_is_still_there_after_the_merge_is_not_missed() {
    let import = "import { money, pct } from './util';";
    let base = UTIL.to_owned() + &script(import, "pct + money", "0");
    let takes = script("import { money } from './util';", "money", "0");
    let uses = |last: &str| script(import, "pct + money", last);
    for (mine, theirs, why) in [
        (takes.clone(), uses("money"), "another name"),
        (takes.clone(), uses("[1].map((pct) => pct)"), "a name of its own"),
        (takes.clone(), uses("{ pct: 1 }"), "a key"),
        (
            script(
                "import * as util from './util';\nconst { pct } = util;",
                "util.money",
                "0",
            ),
            uses("pct"),
            "taken out of a module",
        ),
        (
            script("import { money } from './util';", "pct + money", "0"),
            uses("pct"),
            "a global: it is still said",
        ),
        (
            script(
                "import { money } from './util';\nfunction pct() { return 1; }",
                "money",
                "0",
            ),
            uses("pct"),
            "its own now",
        ),
        (
            takes,
            script(
                "import { pct, money } from './util';\nimport { more } from './util';",
                "pct + money",
                "pct",
            ),
            "brought in anew",
        ),
    ] {
        assert_eq!(told(&base, &mine, &theirs), [""; 0], "{why}");
    }
}

#[test]
fn imports_of_python_rust_and_go_are_taken_out_too() {
    let python = |import: &str, first: &str, last: &str| {
        format!("//- app.py\n{import}\n\n\ndef one():\n    return {first}\n\n\n\n\ndef two():\n    return {last}\n")
    };
    let both = "from util import money, pct";
    let base = python(both, "pct + money", "0");
    let uses = python(both, "pct + money", "pct(1)");
    assert_eq!(
        told(&base, &python("from util import money", "money", "0"), &uses),
        ["Seen removed pct"]
    );
    let all = "from util import *";
    assert_eq!(
        told(&base, &python(all, "money", "0"), &uses),
        [""; 0],
        "all names come"
    );
    let rust = |import: &str, first: &str, last: &str| {
        format!(
            "//- src/lib.rs\nmod util;\n{import}\n\npub fn one() -> u32 {{\n    {first}\n}}\n\n\n\n\npub fn two() -> u32 {{\n    {last}\n}}\n"
        )
    };
    let both = "use util::{money, pct};";
    let base = rust(both, "pct(1) + money(1)", "0");
    let uses = rust(both, "pct(1) + money(1)", "pct(2)");
    assert_eq!(
        told(&base, &rust("use util::money;", "money(1)", "0"), &uses),
        ["Seen removed pct"]
    );
    let go = |import: &str, first: &str, last: &str| {
        format!(
            "//- main.go\npackage main\n\nimport (\n{import})\n\nfunc one() string {{\n\treturn {first}\n}}\n\n\n\n\nfunc two() string {{\n\treturn {last}\n}}\n"
        )
    };
    let both = "\t\"fmt\"\n\t\"strings\"\n";
    let base = go(both, "fmt.Sprint(strings.ToUpper(\"a\"))", "\"\"");
    let takes = go("\t\"fmt\"\n", "fmt.Sprint(1)", "\"\"");
    let uses = go(both, "fmt.Sprint(strings.ToUpper(\"a\"))", "strings.ToLower(\"A\")");
    assert_eq!(told(&base, &takes, &uses), ["Seen removed strings"]);
}

#[test]
fn a_name_that_a_module_passes_on_no_more() {
    let door = |names: &str| format!("//- src/index.ts\nexport {{ {names} }} from './util';\n");
    let base = UTIL.to_owned() + &door("money, pct");
    let uses = "//- src/new.ts\nimport { pct } from './index';\nexport const p = pct;\n";
    assert_eq!(told(&base, &door("money"), uses), ["Seen removed pct"]);
    let straight = uses.replace("./index", "./util");
    assert_eq!(told(&base, &door("money"), &straight), [""; 0]);
    let star = "//- src/index.ts\nexport * from './util';\n";
    assert_eq!(told(&base, star, uses), [""; 0], "all of it is passed on");
}

#[test]
fn a_struct_with_another_field_and_an_enum_with_another_member() {
    let structure = |fields: &str| format!("//- src/order.rs\npub struct Order {{\n{fields}}}\n");
    let lib = "//- src/lib.rs\npub mod order;\npub mod make;\n";
    let base = lib.to_owned() + &structure("    pub id: u32,\n    pub total: u32,\n");
    let more = structure("    pub id: u32,\n    pub total: u32,\n    pub note: String,\n");
    let make = |literal: &str| {
        format!("//- src/make.rs\nuse crate::order::Order;\n\npub fn make() -> Order {{\n    {literal}\n}}\n")
    };
    let plain = make("Order { id: 1, total: 2 }");
    assert_eq!(told(&base, &more, &plain), ["Seen signature Order"]);
    let less = structure("    pub id: u32,\n");
    assert_eq!(told(&base, &less, &plain), ["Seen signature Order"]);
    assert_eq!(
        told(&base, &more, &make("Order { id: 1, ..base() }")),
        [""; 0],
        "the rest comes from elsewhere"
    );
    assert_eq!(told(&base, &less, &make("Order { id: 1 }")), [""; 0]);
    let other = make("Order { id: 1, total: 2 }").replace("use crate::order::Order;", "use other::Order;");
    assert_eq!(told(&base, &more, &other), [""; 0], "another struct of this name");

    let members = |members: &str| format!("//- src/kind.rs\npub enum Kind {{\n{members}}}\n");
    let base = "//- src/lib.rs\npub mod kind;\npub mod show;\n".to_owned() + &members("    A,\n    B(u32),\n");
    let more = members("    A,\n    B(u32),\n    C,\n");
    let show = |last: &str| {
        format!(
            "//- src/show.rs\nuse crate::kind::Kind;\n\npub fn show(k: &Kind) -> u32 {{\n    match k {{\n        Kind::A => 1,\n        {last}\n    }}\n}}\n"
        )
    };
    assert_eq!(told(&base, &more, &show("Kind::B(n) => *n,")), ["Seen signature Kind"]);
    for rest in ["_ => 2,", "other => 2,", "Kind::B(_) | Kind::C => 2,"] {
        assert_eq!(told(&base, &more, &show(rest)), [""; 0], "{rest}");
    }
}

#[test]
fn an_import_that_both_bring_in_at_different_places() {
    let text = |first: &str, last: &str| {
        format!(
            "//- src/a.ts\n{first}import a from 'a';\nimport b from 'b';\nimport c from 'c';\nimport d from 'd';\n{last}\nexport const x = [a, b, c, d];\n"
        )
    };
    let import = "import money from './money';\n";
    let (base, first, last) = (text("", ""), text(import, ""), text("", import));
    assert_eq!(told(&base, &first, &last), ["Seen added-twice money"]);
    assert_eq!(told(&base, &first, &first), [""; 0], "one change");
    let other = text("", "import { cents } from './money';\n");
    assert_eq!(told(&base, &first, &other), [""; 0], "another name");
    let uses = |first: &str, last: &str| {
        format!(
            "//- src/lib.rs\n{first}use std::fmt;\nuse std::io;\nuse std::path;\nuse std::sync;\n{last}\npub fn f() {{}}\n"
        )
    };
    let map = "use std::collections::HashMap;\n";
    let base = uses("", "");
    assert_eq!(
        told(&base, &uses(map, ""), &uses("", map)),
        ["Seen added-twice HashMap"]
    );
    let gated = format!("#[cfg(unix)]\n{map}");
    assert_eq!(
        told(&base, &uses(&gated, ""), &uses("", map)),
        [""; 0],
        "only on some systems"
    );
    let python =
        |first: &str, last: &str| format!("//- a.py\n{first}import b\nimport c\nimport d\nimport e\n{last}\nx = 1\n");
    assert_eq!(
        told(&python("", ""), &python("import a\n", ""), &python("", "import a\n")),
        [""; 0],
        "no harm"
    );
}
