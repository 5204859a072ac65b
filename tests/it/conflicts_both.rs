//! `flagman conflicts` on pairs that merge cleanly and break: what both sides add to one place, what tests start from, what is asked for by name or by type.

use crate::conflicts_gone::told;

const NOTHING: [&str; 0] = [];

/// A text with lines put in before and behind the others.
fn around(path: &str, middle: &str, first: &str, last: &str) -> [String; 3] {
    let text = |before: &str, behind: &str| format!("//- {path}\n{before}{middle}{behind}");
    [text("", ""), text(first, ""), text("", last)]
}

#[test]
fn a_route_of_one_router_added_twice_in_python() {
    let middle = "\n@router.get(\"/orders\")\ndef orders():\n    return []\n\n\n@router.get(\"/users\")\ndef users():\n    return []\n";
    let route = |name: &str, path: &str| format!("\n@router.get(\"{path}\")\ndef {name}():\n    return 1\n\n");
    let head = "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n";
    let texts = |first: &str, last: &str| {
        let text = |before: &str, behind: &str| format!("//- shop/api.py\n{head}{before}{middle}{behind}");
        [text("", ""), text(first, ""), text("", last)]
    };
    let [base, ours, theirs] = texts(&route("all", "/stats"), &route("stats", "/stats"));
    assert_eq!(told(&base, &ours, &theirs), ["warning route GET /stats"]);
    let post = route("stats", "/stats").replace("router.get", "router.post");
    let [base, ours, theirs] = texts(&route("all", "/stats"), &post);
    assert_eq!(told(&base, &ours, &theirs), NOTHING, "another method");
    let admin = route("stats", "/stats").replace("@router", "@admin");
    let [base, ours, theirs] = texts(&route("all", "/stats"), &admin);
    assert_eq!(told(&base, &ours, &theirs), NOTHING, "another router");
}

#[test]
fn a_route_of_one_router_in_two_files() {
    let base = "//- shop/main.py\nfrom fastapi import FastAPI\n\napp = FastAPI()\n";
    let file = |path: &str, import: &str| {
        format!("//- {path}\nfrom {import} import app\n\n\n@app.get(\"/stats\")\ndef stats():\n    return 1\n")
    };
    let ours = file("shop/orders.py", "shop.main");
    assert_eq!(
        told(base, &ours, &file("shop/users.py", ".main")),
        ["warning route GET /stats"]
    );
    assert_eq!(
        told(base, &ours, &file("admin/users.py", ".main")),
        NOTHING,
        "another program"
    );
}

#[test]
fn a_route_of_go_and_of_django_added_twice() {
    let middle = "\tmux.HandleFunc(\"/a\", a)\n\tmux.HandleFunc(\"/b\", b)\n\tmux.HandleFunc(\"/c\", c)\n";
    let [base, ours, theirs] = around(
        "web/routes.go",
        middle,
        "\tmux.HandleFunc(\"/stats\", all)\n",
        "\tmux.HandleFunc(\"/stats\", stats)\n",
    );
    let whole = |text: &str| {
        let head = "//- web/routes.go\npackage web\n\nimport \"net/http\"\n\nfunc Routes() http.Handler {\n\tmux := http.NewServeMux()\n";
        text.replace("//- web/routes.go\n", head) + "\treturn mux\n}\n"
    };
    assert_eq!(
        told(&whole(&base), &whole(&ours), &whole(&theirs)),
        ["error route /stats"]
    );
    let other = theirs.replace("mux.HandleFunc(\"/stats\"", "admin.HandleFunc(\"/stats\"");
    assert_eq!(told(&whole(&base), &whole(&ours), &whole(&other)), NOTHING);

    let middle = "    path(\"a/\", a),\n    path(\"b/\", b),\n";
    let django = |text: &str| text.replace("urls.py\n", "urls.py\nurlpatterns = [\n") + "]\n";
    let [base, ours, theirs] = around(
        "shop/urls.py",
        middle,
        "    path(\"c/\", c),\n",
        "    path(\"c/\", d),\n",
    );
    assert_eq!(
        told(&django(&base), &django(&ours), &django(&theirs)),
        ["warning route c/"]
    );
    let included = [ours, theirs].map(|text| {
        text.replace(", c)", ", include(\"c\"))")
            .replace(", d)", ", include(\"d\"))")
    });
    assert_eq!(
        told(&django(&base), &django(&included[0]), &django(&included[1])),
        NOTHING,
        "each include is tried"
    );
}

#[test]
fn two_files_that_serve_one_page() {
    let base = "//- web/app/page.tsx\nexport default function Home() { return null }\n";
    let page =
        |folder: &str| format!("//- web/app/{folder}/page.tsx\nexport default function Page() {{ return null }}\n");
    assert_eq!(told(base, &page("(shop)/cart"), &page("cart")), ["error route /cart"]);
    assert_eq!(
        told(base, &page("cart/[id]"), &page("cart/[slug]")),
        ["error route /cart/[]"]
    );
    assert_eq!(told(base, &page("cart"), &page("carts")), NOTHING);
    assert_eq!(told(base, &page("@modal/cart"), &page("cart")), NOTHING, "a slot");
}

#[test]
fn a_key_added_twice_to_what_is_written_out() {
    let middle = "  a: 1,\n  b: 2,\n  c: 3,\n";
    let [base, ours, theirs] = around("src/limits.ts", middle, "  retries: 3,\n", "  retries: 5,\n");
    let whole = |text: &str| text.replace("limits.ts\n", "limits.ts\nexport const limits = {\n") + "};\n";
    assert_eq!(
        told(&whole(&base), &whole(&ours), &whole(&theirs)),
        ["error key retries"]
    );
    // The same key of another object.
    let two = |text: &str| text.replace("  b: 2,\n", "};\nexport const others = {\n");
    assert_eq!(
        told(&whole(&two(&base)), &whole(&two(&ours)), &whole(&two(&theirs))),
        NOTHING
    );
    let python = |text: &str| {
        let text = text.replace("src/limits.ts\n", "limits.py\nLIMITS = {\n") + "}\n";
        text.replace("  retries", "  \"retries\"")
            .replace("  a:", "  \"a\":")
            .replace("  b:", "  \"b\":")
            .replace("  c:", "  \"c\":")
    };
    assert_eq!(
        told(&python(&base), &python(&ours), &python(&theirs)),
        ["warning key retries"]
    );
    assert_eq!(
        told(&python(&base), &python(&ours), &python(&theirs.replace('5', "3"))),
        NOTHING,
        "the same value"
    );
}

#[test]
fn a_table_and_a_key_added_twice_to_settings() {
    let [base, ours, theirs] = around(
        "conf/app.toml",
        "[a]\nx = 1\n\n[b]\nx = 1\n\n",
        "[cache]\nttl = 1\n\n",
        "[cache]\nsize = 2\n",
    );
    assert_eq!(told(&base, &ours, &theirs), ["error key [cache]"]);
    let [base, ours, theirs] = around(
        "conf/app.yml",
        "a:\n  x: 1\nb:\n  x: 1\n",
        "cache:\n  ttl: 1\n",
        "cache:\n  size: 2\n",
    );
    assert_eq!(told(&base, &ours, &theirs), ["warning key cache"]);
    let [base, ours, theirs] = around("conf/app.yml", "  a: 1\n  b: 2\n  c: 3\n", "  d: 1\n", "  e: 1\n");
    let whole = |text: &str| text.replace("app.yml\n", "app.yml\nx:\n");
    assert_eq!(told(&whole(&base), &whole(&ours), &whole(&theirs)), NOTHING);
}

#[test]
fn one_number_for_two_members() {
    let middle = "    A = 1\n    B = 2\n    C = 3\n";
    let python = |text: &str| {
        text.replace(
            "kinds.py\n",
            "kinds.py\nfrom enum import IntEnum\n\n\nclass Kind(IntEnum):\n",
        )
    };
    let [base, ours, theirs] = around("kinds.py", middle, "    LATE = 4\n", "    GONE = 4\n");
    let three = [&base, &ours, &theirs].map(|text| python(text));
    assert_eq!(
        told(&three[0], &three[1], &three[2]),
        ["warning added-twice number 4 of Kind"]
    );
    let other = python(&theirs.replace('4', "5"));
    assert_eq!(told(&three[0], &three[1], &other), NOTHING);

    let middle = "  string a = 1;\n  string b = 2;\n  string c = 3;\n";
    let proto = |text: &str| text.replace("lamp.proto\n", "lamp.proto\nsyntax = \"proto3\";\nmessage Lamp {\n") + "}\n";
    let [base, ours, theirs] = around("api/lamp.proto", middle, "  string d = 4;\n", "  int32 e = 4;\n");
    let three = [&base, &ours, &theirs].map(|text| proto(text));
    assert_eq!(
        told(&three[0], &three[1], &three[2]),
        ["error added-twice number 4 of Lamp"]
    );
}

#[test]
fn test_data_that_a_new_test_relies_on() {
    let base = "//- tests/data/hives.json
[
  {\"name\": \"North\", \"frames\": 8},
  {\"name\": \"South\", \"frames\": 10},
  {\"name\": \"Swarm\", \"frames\": 3}
]
//- tests/helpers.py
def load(name):
    return open(name)
";
    let gone = "//- tests/data/hives.json
[
  {\"name\": \"North\", \"frames\": 8},
  {\"name\": \"South\", \"frames\": 12}
]
";
    let test = |assertion: &str| {
        format!(
            "//- tests/test_names.py\nfrom tests.helpers import load\n\n\ndef test_names():\n    hives = load(\"hives.json\")\n    {assertion}\n"
        )
    };
    let fixture = ["warning fixture tests/data/hives.json"];
    assert_eq!(
        told(base, gone, &test("assert names(hives) == [\"North\", \"Swarm\"]")),
        fixture
    );
    assert_eq!(told(base, gone, &test("assert hives[1][\"frames\"] == 10")), fixture);
    assert_eq!(
        told(base, gone, &test("assert names(hives) == [\"North\", \"South\"]")),
        NOTHING
    );
    assert_eq!(told(base, gone, &test("assert \"Swarm\" not in names(hives)")), NOTHING);
    let own = test("hives.append({\"name\": \"Swarm\"})\n    assert names(hives)[-1] == \"Swarm\"");
    assert_eq!(told(base, gone, &own), NOTHING, "it brings the name itself");
    let elsewhere = test("assert names(hives) == [\"Swarm\"]").replace("hives.json", "bees.json");
    assert_eq!(told(base, gone, &elsewhere), NOTHING);
}

#[test]
fn a_fixture_and_a_helper_that_give_something_else() {
    let base = "//- tests/conftest.py
import pytest


@pytest.fixture
def plant():
    return {\"name\": \"fern\", \"litres\": 3}


def make_pot(size=30):
    return {\"size\": size, \"glaze\": \"celadon\"}
";
    let changed = base
        .replace("fern", "moss")
        .replace("size=30", "size=40")
        .replace("litres\": 3", "litres\": 4");
    let test = |body: &str| format!("//- tests/test_plants.py\ndef test_it(plant):\n{body}");
    assert_eq!(
        told(base, &changed, &test("    assert plant[\"name\"] == \"fern\"\n")),
        ["warning fixture plant"]
    );
    assert_eq!(
        told(base, &changed, &test("    assert plant[\"litres\"] == 3\n")),
        ["warning fixture plant"]
    );
    assert_eq!(
        told(base, &changed, &test("    assert plant[\"height\"] == 3\n")),
        NOTHING
    );
    let helper = "//- tests/test_pots.py\nfrom tests.conftest import make_pot\n\n\ndef test_size():\n    assert make_pot().get(\"size\") == 30\n";
    assert_eq!(told(base, &changed, helper), ["warning fixture make_pot"]);
    let given = helper.replace("make_pot()", "make_pot(size=30)");
    assert_eq!(told(base, &changed, &given), NOTHING, "the test says it itself");
}

#[test]
fn an_argument_of_another_type() {
    let base = "//- src/price.ts\nexport function price(id: string, count: number): number {\n  return id.length * count;\n}\n";
    let changed = base.replace("id: string", "id: number").replace("id.length", "id");
    let uses = |call: &str| {
        format!("//- src/cart.ts\nimport {{ price }} from './price';\nexport const sum = (id: any) => {call};\n")
    };
    assert_eq!(told(base, &changed, &uses("price('a', 2)")), ["error signature price"]);
    assert_eq!(told(base, &changed, &uses("price(id, 2)")), NOTHING, "anything");
    let wider = base
        .replace("id: string", "id: string | number")
        .replace("id.length", "1");
    assert_eq!(told(base, &wider, &uses("price('a', 2)")), NOTHING);
    let base = "//- price.py\ndef price(day: str) -> int:\n    return len(day)\n";
    let changed = base.replace("day: str", "day: int").replace("len(day)", "day");
    let uses = "//- cart.py\nfrom price import price\n\n\ndef total():\n    return price(\"monday\")\n";
    assert_eq!(told(base, &changed, uses), ["warning signature price"]);
}

#[test]
fn go_insists_on_the_number_of_values_and_on_methods() {
    let base = "//- go.mod\nmodule example.com/a\n//- stock/store.go\npackage stock\n\n// Counter counts.\ntype Counter interface {\n\tCount(sku string) int\n}\n\nfunc Total(sku string) int {\n\treturn len(sku)\n}\n";
    let fails = base
        .replace("Total(sku string) int", "Total(sku string) (int, error)")
        .replace("return len(sku)", "return len(sku), nil");
    let uses = "//- report/report.go\npackage report\n\nimport \"example.com/a/stock\"\n\nfunc Low() bool {\n\tn := stock.Total(\"a\")\n\treturn n < 3\n}\n";
    assert_eq!(told(base, &fails, uses), ["error signature Total"]);
    let asks = base.replace("Count(sku string) int\n", "Count(sku string) int\n\tAll() []string\n");
    let fake = "//- report/report_test.go\npackage report\n\nimport \"example.com/a/stock\"\n\ntype fake int\n\nfunc (f fake) Count(string) int { return int(f) }\n\nfunc low(c stock.Counter) bool { return c.Count(\"a\") < 3 }\n\nvar isLow = low(fake(2))\n";
    assert_eq!(told(base, &asks, fake), ["warning signature Counter"]);
    let outright = format!("{fake}\nvar _ stock.Counter = fake(1)\n");
    assert_eq!(told(base, &asks, &outright), ["error signature Counter"]);
    let has = format!("{fake}\nfunc (f fake) All() []string {{ return nil }}\n");
    assert_eq!(told(base, &asks, &has), NOTHING);
    let other = fake.replace("Count(string)", "Size(string)");
    assert_eq!(told(base, &asks, &other), NOTHING, "it never was one");
}

#[test]
fn an_element_without_what_its_component_asks_for() {
    let base = "//- src/card.tsx
export interface CardProps {
  title: string;
}
export function Card({ title }: CardProps) {
  return <p>{title}</p>;
}
";
    let asks = base
        .replace("title: string;", "title: string;\n  tone: string;")
        .replace("{ title }:", "{ title, tone }:");
    let uses = |attributes: &str| {
        format!(
            "//- src/list.tsx\nimport {{ Card }} from './card';\nexport const List = (props: any) => <Card {attributes} />;\n"
        )
    };
    assert_eq!(told(base, &asks, &uses("title=\"a\"")), ["error signature Card"]);
    assert_eq!(told(base, &asks, &uses("title=\"a\" tone=\"b\"")), NOTHING);
    assert_eq!(told(base, &asks, &uses("{...props}")), NOTHING, "it may be among them");
    let optional = asks.replace("tone: string", "tone?: string");
    assert_eq!(told(base, &optional, &uses("title=\"a\"")), NOTHING);
}

#[test]
fn features_and_scripts_that_are_no_more() {
    let base = "//- Cargo.toml
[workspace]
members = ['one', 'two']
//- one/Cargo.toml
[package]
name = \"one\"

[features]
fast = []
slow = []
//- one/src/lib.rs
pub fn one() {}
//- two/Cargo.toml
[package]
name = \"two\"

[dependencies]
";
    let gone = "//- one/Cargo.toml\n[package]\nname = \"one\"\n\n[features]\nslow = []\n";
    let condition = "//- one/src/quick.rs\n#[cfg(feature = \"fast\")]\npub fn quick() {}\n";
    assert_eq!(told(base, gone, condition), ["warning removed fast"]);
    let depends = "//- two/Cargo.toml\n[package]\nname = \"two\"\n\n[dependencies]\none = { path = \"../one\", features = [\"fast\"] }\n";
    assert_eq!(told(base, gone, depends), ["error removed fast"]);
    let other = "//- two/src/lib.rs\n#[cfg(feature = \"fast\")]\npub fn quick() {}\n";
    assert_eq!(told(base, gone, other), NOTHING, "a feature of another crate");

    let base = "//- package.json\n{\n  \"scripts\": {\n    \"lint:css\": \"stylelint .\",\n    \"test\": \"node --test\"\n  }\n}\n";
    let gone = "//- package.json\n{\n  \"scripts\": {\n    \"test\": \"node --test\"\n  }\n}\n";
    let runs = |line: &str| format!("//- .github/workflows/ci.yml\njobs:\n  a:\n    steps:\n      - run: {line}\n");
    assert_eq!(
        told(base, gone, &runs("npm run lint:css")),
        ["warning removed lint:css"]
    );
    assert_eq!(told(base, gone, &runs("npm run --prefix web lint:css")), NOTHING);
    assert_eq!(told(base, gone, &runs("npm run test")), NOTHING);
}

#[test]
fn what_tests_replace_by_a_name_in_quotes() {
    let base = "//- shop/mail.py\ndef send(to):\n    return to\n\n\ndef keep(to):\n    return to\n";
    let gone = "//- shop/mail.py\ndef keep(to):\n    return to\n";
    let test = |target: &str| {
        format!(
            "//- tests/test_mail.py\nfrom unittest.mock import patch\n\n\n@patch(\"{target}\")\ndef test_it(send):\n    assert send\n"
        )
    };
    assert_eq!(told(base, gone, &test("shop.mail.send")), ["warning removed send"]);
    assert_eq!(told(base, gone, &test("shop.post.send")), NOTHING);
    let base = "//- src/mail.ts\nexport const send = 1;\n//- src/other.ts\nexport const other = 1;\n";
    let test = |target: &str| format!("//- src/cart.test.ts\njest.mock('{target}');\ntest('a', () => {{}});\n");
    assert_eq!(
        told(base, "//- src/mail.ts\n(deleted)\n", &test("./mail")),
        ["warning removed src/mail.ts"]
    );
    assert_eq!(told(base, "//- src/mail.ts\n(deleted)\n", &test("./other")), NOTHING);
}

#[test]
fn a_route_that_moved_and_is_requested_where_it_was() {
    let base = "//- web/api.py\n@app.get(\"/health\")\ndef health():\n    return 1\n//- web/client.py\nclass Client:\n    pass\n";
    let moved = "//- web/api.py\n@app.get(\"/v1/health\")\ndef health():\n    return 1\n";
    let asks = "//- web/client.py\nclass Client:\n    def healthy(self):\n        return self.http.get(\"/health\")\n";
    assert_eq!(told(base, moved, asks), ["warning route /health"]);
    let both = "//- web/api.py\n@app.get(\"/v1/health\")\n@app.get(\"/health\")\ndef health():\n    return 1\n";
    assert_eq!(told(base, both, asks), NOTHING);
    let serves = "//- web/other.py\n@app.get(\"/health\")\ndef health():\n    return 2\n";
    assert_eq!(told(base, moved, serves), NOTHING, "it serves it itself");
}
