//! `flagman conflicts` on pairs that merge cleanly and break, told by what a whole tree has: names of which nothing is left, keys and events that are gone,
//! interfaces that ask for more, calls of the only method of a name, answers of another kind, members that both add.

use serde_json::Value;

use crate::git_scratch::Scratch;
use crate::project::flagman_in;

/// The findings of two branches that leave `base`, as `level kind subject`.
pub(crate) fn told(base: &str, ours: &str, theirs: &str) -> Vec<String> {
    let scratch = Scratch::new(base);
    for (name, files) in [("ours", ours), ("theirs", theirs)] {
        scratch.git(&["switch", "--quiet", "--create", name, "main"]);
        scratch.commit(name, files);
    }
    scratch.git(&["switch", "--quiet", "main"]);
    let said = flagman_in(
        &scratch.root(),
        &[
            "conflicts",
            "--branches",
            "ours",
            "theirs",
            "--no-cache",
            "--format",
            "json",
        ],
    );
    let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    let pairs = document["pairs"].as_array().unwrap();
    let findings = pairs.iter().flat_map(|pair| pair["findings"].as_array().unwrap());
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .map(|one| {
            format!(
                "{} {} {}",
                word(&one["level"]),
                word(&one["kind"]),
                word(&one["subject"])
            )
        })
        .collect()
}

const CAR: &str = "//- src/car.ts
export interface Car {
  odometerKm: number;
}
export const far = (car: Car) => car.odometerKm > 1000;
";

const MILEAGE: &str = "//- src/car.ts
export interface Car {
  mileage: number;
}
export const far = (car: Car) => car.mileage > 1000;
";

#[test]
fn the_last_of_a_name_is_missed_by_who_uses_it() {
    let uses = "//- src/list.ts
import { fleet } from './fleet';
export const all = fleet().map((car) => car.odometerKm);
";
    assert_eq!(told(CAR, MILEAGE, uses), ["warning removed odometerKm"]);
    assert_eq!(told(CAR, uses, MILEAGE), ["warning removed odometerKm"]);
    // Another file still has one of the name: it may be meant.
    let other = format!("{CAR}//- src/boat.ts\nexport interface Boat {{\n  odometerKm: number;\n}}\n");
    assert_eq!(told(&other, MILEAGE, uses), [""; 0]);
    // Who uses it has its own.
    let own = "//- src/list.ts
const car = { odometerKm: 1 };
export const all = [car.odometerKm];
";
    assert_eq!(told(CAR, MILEAGE, own), [""; 0]);
    // A comment and a text name it, nothing uses it.
    let said = "//- src/list.ts\n// odometerKm is in kilometres\nexport const text = 'odometerKm';\n";
    assert_eq!(told(CAR, MILEAGE, said), [""; 0]);
}

#[test]
fn a_field_without_a_type_beside_it_is_found_in_other_languages() {
    let base = "//- conf.py
class Settings:
    max_weight: int = 3

    def heavy(self, grams):
        return grams > self.max_weight
";
    let gone = base.replace("max_weight", "weight_limit");
    let uses = "//- ship.py\nfrom conf import load\n\n\ndef fits(grams):\n    return grams < load().max_weight\n";
    assert_eq!(told(base, &gone, uses), ["warning removed max_weight"]);
    let base = "//- go.mod\nmodule example.com/a\n//- stock/item.go
package stock

type Base struct{}

func (b *Base) RowKey() string { return \"\" }

type Shelf struct{ Base }
";
    let gone = base.replace("RowKey", "RowID");
    let uses = "//- label/label.go\npackage label\n\nimport \"example.com/a/stock\"\n\nfunc For(s *stock.Shelf) string { return s.RowKey() }\n";
    assert_eq!(told(base, &gone, uses), ["warning removed RowKey"]);
}

#[test]
fn who_implements_or_writes_out_what_asks_for_more() {
    let base = "//- src/plugin.ts
export interface Plugin {
  name: string;
  start(): void;
}
";
    let asks = base.replace("start(): void;", "start(): void;\n  stop(): void;\n  hint?: string;");
    let implements = "//- src/save.ts
import type { Plugin } from './plugin';
export class Save implements Plugin {
  name = 'save';
  start() {}
}
";
    assert_eq!(told(base, &asks, implements), ["error signature Plugin"]);
    let written = "//- src/list.ts
import type { Plugin } from './plugin';
export const all: Plugin[] = [{ name: 'a', start() {} }, { name: 'b', start() {} }];
";
    assert_eq!(told(base, &asks, written), ["error signature Plugin"]);
    let has = implements.replace("start() {}", "start() {}\n  stop() {}");
    assert_eq!(told(base, &asks, &has), [""; 0], "it has it already");
    let optional = base.replace("start(): void;", "start(): void;\n  stop?(): void;");
    assert_eq!(told(base, &optional, implements), [""; 0], "it may be left out");
    let inherits = implements.replace("class Save implements", "class Save extends Base implements");
    assert_eq!(told(base, &asks, &inherits), [""; 0], "the parent may have it");

    let base = "//- Cargo.toml\n[package]\nname = \"a\"\n//- src/lib.rs\npub mod sensor;\n//- src/sensor.rs
pub trait Sensor {
    fn read(&self) -> u8;
}
";
    let asks = "//- src/sensor.rs\npub trait Sensor {\n    fn read(&self) -> u8;\n    fn unit(&self) -> u8;\n}\n";
    let given = asks.replace("fn unit(&self) -> u8;", "fn unit(&self) -> u8 { 0 }");
    let implements = "//- src/walk.rs
use crate::sensor::Sensor;

pub struct Walk;

impl Sensor for Walk {
    fn read(&self) -> u8 { 1 }
}
";
    assert_eq!(told(base, asks, implements), ["error signature Sensor"]);
    assert_eq!(told(base, &given, implements), [""; 0], "it is there by itself");
}

#[test]
fn what_a_class_of_fields_is_made_of() {
    let base = "//- models.py
from dataclasses import dataclass


@dataclass
class Member:
    number: int
    name: str
";
    let more = format!("{base}    email: str\n");
    let optional = format!("{base}    email: str = ''\n");
    let makes = "//- importer.py\nfrom models import Member\n\n\ndef one():\n    return Member(number=1, name='Ida')\n";
    assert_eq!(told(base, &more, makes), ["error signature Member"]);
    assert_eq!(told(base, &optional, makes), [""; 0]);
}

#[test]
fn a_call_of_the_only_method_of_a_name() {
    let base = "//- pricing.py
class Table:
    def __init__(self, base):
        self.base = base

    def price_of(self, grams, zone):
        return self.base + grams + zone
";
    let swapped = base.replace("grams, zone", "zone, grams");
    let calls = "//- letters.py
class Letter:
    def __init__(self, table):
        self.table = table

    def cents(self, grams, zone):
        return self.table.price_of(grams, zone)
";
    assert_eq!(told(base, &swapped, calls), ["warning signature Table.price_of"]);
    let named = calls.replace("price_of(grams, zone)", "price_of(grams=grams, zone=zone)");
    assert_eq!(told(base, &swapped, &named), [""; 0]);
    let two = format!("{base}//- other.py\nclass Other:\n    def price_of(self, grams, zone):\n        return 1\n");
    assert_eq!(told(&two, &swapped, calls), [""; 0], "another one may be meant");
}

#[test]
fn answers_that_come_later_or_not_at_all() {
    let base = "//- src/bus.ts
export class Bus {
  find(id: string): string {
    return id;
  }
}
";
    let later = base.replace("find(id: string): string", "async find(id: string): Promise<string>");
    let uses = |call: &str| {
        format!(
            "//- src/use.ts\nimport {{ Bus }} from './bus';\nexport async function use(bus: Bus) {{\n  {call}\n}}\n"
        )
    };
    let takes = uses("const one = bus.find('a');\n  return one.length;");
    assert_eq!(told(base, &later, &takes), ["warning signature Bus.find"]);
    for call in [
        "const one = await bus.find('a');",
        "bus.find('a');",
        "return bus.find('a');",
        "bus.find('a').then(log);",
    ] {
        assert_eq!(told(base, &later, &uses(call)), [""; 0], "{call}");
    }
}

#[test]
fn keys_and_events_that_are_gone_are_asked_for_elsewhere() {
    let base = "//- config/default.json\n{ \"cache\": { \"ttl\": 3, \"size\": 4 } }\n//- .env.example\nMAIL_HOST=a\n//- src/mail.ts
import { config } from './config';
export const host = process.env.MAIL_HOST;
export const send = () => bus.emit('mail:sent', config.cache.size);
";
    let gone = "//- config/default.json\n{ \"cache\": { \"seconds\": 3, \"size\": 4 } }\n//- .env.example\nSMTP_HOST=a\n//- src/mail.ts
import { config } from './config';
export const host = process.env.SMTP_HOST;
export const send = () => bus.emit('mail:delivered', config.cache.size);
";
    let asks = "//- src/use.ts
import { config } from './config';
export const ttl = config.cache.ttl;
";
    assert_eq!(told(base, gone, asks), ["warning key cache.ttl"]);
    let reads = "//- src/use.ts\nexport const host = process.env.MAIL_HOST;\n";
    assert_eq!(told(base, gone, reads), ["warning key MAIL_HOST"]);
    let waits = "//- src/use.ts\nbus.on('mail:sent', () => count());\n";
    assert_eq!(told(base, gone, waits), ["warning removed mail:sent"]);
    let sends = "//- src/use.ts\nbus.on('mail:sent', () => count());\nbus.emit('mail:sent');\n";
    assert_eq!(told(base, gone, sends), [""; 0], "it sends it itself");
    let kept = gone.replace("\"seconds\": 3", "\"ttl\": 3");
    assert_eq!(told(base, &kept, asks), [""; 0]);
}

#[test]
fn a_package_that_is_taken_out_is_imported_elsewhere() {
    let base = "//- package.json\n{ \"dependencies\": { \"ms\": \"2\", \"zod\": \"3\" } }\n//- src/a.ts\nimport ms from 'ms';\nexport const a = ms('1d');\n";
    let gone = "//- package.json\n{ \"dependencies\": { \"zod\": \"3\" } }\n//- src/a.ts\nexport const a = 86400000;\n";
    let imports = "//- src/b.ts\nimport ms from 'ms';\nexport const b = ms('2d');\n";
    assert_eq!(told(base, gone, imports), ["warning removed ms"]);
    let other = "//- src/b.ts\nexport const ms = 3;\n";
    assert_eq!(told(base, gone, other), [""; 0]);
}

#[test]
fn a_member_that_both_add_to_one_type() {
    let base = "//- Cargo.toml\n[package]\nname = \"a\"\n//- src/lib.rs\npub enum Shape {\n    Dot,\n    Ring,\n    Box,\n    Star,\n    Blob,\n}\n";
    let first = base.replace("    Dot,\n", "    Line,\n    Dot,\n");
    let last = base.replace("    Blob,\n", "    Blob,\n    Line,\n");
    assert_eq!(told(base, &first, &last), ["error added-twice Shape::Line"]);
    let other = base.replace("    Blob,\n", "    Blob,\n    Path,\n");
    assert_eq!(told(base, &first, &other), [""; 0]);
}

#[test]
fn a_column_that_gets_another_name_is_asked_for_over_several_lines() {
    let base = "//- migrations/V1__stays.sql\nCREATE TABLE stays (plate TEXT, left_at TEXT);\n//- src/a.js\nexport const a = 1;\n";
    let renames = "//- migrations/V2__plate.sql\nALTER TABLE stays RENAME COLUMN plate TO plate_norm;\n";
    let asks = "//- src/b.js\nexport const b = (db) => db.all(`\n  SELECT t.plate,\n         t.left_at\n    FROM stays t\n`);\n";
    assert_eq!(told(base, renames, asks), ["warning schema stays.plate"]);
    let other = asks.replace("FROM stays t", "FROM cars t");
    assert_eq!(told(base, renames, &other), [""; 0]);
}

#[test]
fn what_is_assumed_of_a_flag_where_its_state_is_not_known() {
    let base = "//- src/price.js\nexport const price = (flags) => (flags.variation('surge', false) ? 2 : 1);\n";
    let turned = base.replace("false", "true");
    let asks = "//- src/receipt.js\nexport const receipt = (flags) => (flags.variation('surge', false) ? 2 : 1);\n";
    assert_eq!(told(base, &turned, asks), ["warning flag surge"]);
    assert_eq!(told(base, &turned, &asks.replace("false", "true")), [""; 0]);
    assert_eq!(told(base, &turned, &asks.replace("surge", "surge-two")), [""; 0]);
}

#[test]
fn a_default_export_that_is_no_more() {
    let base = "//- src/logger.ts\nexport default function createLogger(scope: string) {\n  return scope;\n}\n";
    let named = base.replace("export default function", "export function");
    let imports = "//- src/importer.ts\nimport createLogger from './logger';\nexport const log = createLogger('a');\n";
    assert_eq!(told(base, &named, imports), ["error removed default"]);
    let both = format!("{named}export default createLogger;\n");
    assert_eq!(told(base, &both, imports), [""; 0]);
    let other = imports.replace("createLogger from", "{ createLogger } from");
    assert_eq!(told(base, &named, &other), [""; 0]);
}

#[test]
fn what_a_package_passes_on_is_used_as_its_attribute() {
    let base = "//- shop/__init__.py\nfrom .catalog import Catalog\nfrom .book import Book\n//- shop/catalog.py\nclass Catalog:\n    pass\n//- shop/book.py\nclass Book:\n    pass\n";
    let gone = "//- shop/__init__.py\nfrom .book import Book\n";
    let uses = "//- export.py\nimport shop\n\n\ndef export():\n    return shop.Catalog()\n";
    assert_eq!(told(base, gone, uses), ["error removed Catalog"]);
    assert_eq!(told(base, gone, &uses.replace("Catalog", "Book")), [""; 0]);
}

#[test]
fn who_asks_tries_or_tests_it_first_is_not_broken() {
    let base = "//- a.py\ndef price(a):\n    return a\n";
    let renamed = "//- a.py\ndef cost(a):\n    return a\n";
    let more = "//- a.py\ndef price(a, b):\n    return a\n";
    let tries = "//- v.py\ntry:\n    from a import price\nexcept ImportError:\n    price = None\n\n\ndef v():\n    return price(1) if price else 0\n";
    let asks = "//- v.py\nimport a\n\n\ndef v():\n    return a.price(1) if hasattr(a, 'price') else 0\n";
    let fails = "//- test_v.py\nimport pytest\nfrom a import price\n\n\ndef test_v():\n    with pytest.raises(TypeError):\n        price(1)\n";
    let sure = |found: Vec<String>| {
        found
            .into_iter()
            .filter(|one| !one.starts_with("note"))
            .collect::<Vec<_>>()
    };
    assert_eq!(sure(told(base, renamed, tries)), [""; 0]);
    assert_eq!(sure(told(base, renamed, asks)), [""; 0]);
    assert_eq!(sure(told(base, more, fails)), [""; 0]);
    let plain = "//- v.py\nfrom a import price\n\n\ndef v():\n    return price(1)\n";
    assert_eq!(told(base, more, plain), ["error signature price"]);
    let base = "//- a.ts\nexport function price(a: number) { return a }\n";
    let more = base.replace("a: number", "a: number, b: number");
    let silenced =
        "//- v.ts\nimport { price } from './a';\n// @ts-expect-error one is missing\nexport const v = price(1);\n";
    assert_eq!(sure(told(base, &more, silenced)), [""; 0]);
    let base = "//- migrations/V1__a.sql\nCREATE TABLE a (b INT);\n";
    let both = |name: &str| format!("//- migrations/{name}.sql\nCREATE TABLE IF NOT EXISTS t (a INT);\n");
    assert_eq!(
        told(base, &both("V2__t"), &both("V3__t")),
        [""; 0],
        "the second finds what the first made"
    );
}
