//! Touchpoints of small trees: documents are really read; the index is made by a scan that knows just enough for these texts.

use super::*;
use crate::flag::{FlagKey, FlagValue};
use crate::index::{Confidence, FlagDefinition, Route, SchemaAction, SchemaObject, Symbol, SymbolKind};
use crate::prd;
use crate::source::{Bytes, fixture};

/// The code that most tests stand on.
pub(crate) const CODE: &str = "//- apps/api/src/quotes/quote-version.service.ts
export class QuoteVersionService {
  create(input) {}
  list(filter) {}
  recalculate(id) {}
}
//- apps/api/src/fees/fees.service.ts
export class FeeService {
  create(fee) {}
  total() {}
}
//- apps/web/src/ReservationDetail.tsx
export function GuestPanel() {}
export function ReservationDetail() {}
//- apps/api/src/flags.ts
flag quote_snapshot_read
//- apps/api/src/routes.ts
route GET /quotes/:id
//- apps/api/package.json
{ \"dependencies\": { \"date-fns\": \"3\" }, \"someJsonKey\": 1 }
//- db/migrations/001_init.sql
table reservations
column quotes.note
constraint reservations_status_check
";

/// Sources, view and index of a fixture; documents are the files under `docs/`.
pub(crate) fn world(text: &str) -> (Sources, View, CodeIndex, Vec<Prd>) {
    let (sources, view) = fixture(text);
    let mut index = CodeIndex::default();
    let mut prds = Vec::new();
    for (path, &file) in &view.files {
        if path.as_str().starts_with("docs/") {
            prds.push(prd::read(&sources, file, None, &prd::KnownNames::default()));
            continue;
        }
        let (mut offset, mut class) = (0, None);
        for line in sources.file(file).text.split_inclusive('\n') {
            let span = Bytes::new(offset, offset + line.len()).in_file(file);
            scan(&mut index, path, line, span, &mut class);
            offset += line.len();
        }
    }
    (sources, view, index, prds)
}

fn scan(index: &mut CodeIndex, path: &RepoPath, line: &str, span: Span, class: &mut Option<String>) {
    let words: Vec<&str> = line.trim_start_matches("export ").split_whitespace().collect();
    let name = |word: &str| word.split('(').next().unwrap_or(word).to_owned();
    let mut symbol = |name: String, kind| {
        index.symbols.push(Symbol {
            path: path.clone(),
            name,
            kind,
            span,
            name_span: span,
            exported: true,
        });
    };
    match words.as_slice() {
        ["class", class_name, ..] => {
            symbol(name(class_name), SymbolKind::Class);
            *class = Some(name(class_name));
        }
        ["function", function, ..] => symbol(name(function), SymbolKind::Function),
        [method, ..] if line.starts_with("  ") => {
            symbol(
                format!("{}.{}", class.clone().expect("a class"), name(method)),
                SymbolKind::Method,
            );
        }
        ["flag", key] => index.definitions.push(FlagDefinition {
            key: FlagKey::new(key),
            declared: FlagValue::Off,
            span,
            value_span: None,
            rule: "r".into(),
            confidence: Confidence::High,
            aliases: Vec::new(),
        }),
        ["route", method, route] => index.routes.push(Route {
            method: (*method).into(),
            path: (*route).into(),
            span,
        }),
        [kind @ ("table" | "column" | "constraint"), object] => {
            let object = match (*kind, object.split_once('.')) {
                ("column", Some((table, column))) => SchemaObject::Column(table.into(), column.into()),
                ("constraint", _) => SchemaObject::Constraint(None, (*object).into()),
                _ => SchemaObject::Table((*object).into()),
            };
            let values = Vec::new();
            index.schema.push(SchemaChange {
                object,
                action: SchemaAction::Create,
                values,
                about: None,
                span,
            });
        }
        _ => {}
    }
}

fn resolved(documents: &str) -> (Vec<Touchpoint>, Vec<Unresolved>) {
    let (sources, view, index, prds) = world(&format!("{CODE}{documents}"));
    let touched = resolve(&prds, &index, &view, &sources, &[]);
    (touched.points, touched.unresolved)
}

/// `id: access target certainty` for each touchpoint that is no inferred file.
fn check(documents: &str, expected: &[&str]) {
    let (touchpoints, _) = resolved(documents);
    let got: Vec<String> = touchpoints
        .iter()
        .filter(|point| !(point.target.kind == TargetKind::File && point.certainty == Certainty::Inferred))
        .map(|point| {
            let new = if point.exists { "" } else { " new" };
            let (access, kind, certainty) = (point.access.word(), point.target.kind.word(), point.certainty.word());
            format!("{}: {access} {kind} {} {certainty}{new}", point.prd, point.target.name)
        })
        .collect();
    assert_eq!(got, expected, "{documents}");
}

/// `text -> suggestion, …` for each mention that points at nothing.
fn check_missing(documents: &str, expected: &[&str]) {
    let (_, unresolved) = resolved(documents);
    let got: Vec<String> = unresolved
        .iter()
        .map(|lost| format!("{} {} -> {}", lost.kind, lost.text, lost.suggestions.join(", ")))
        .collect();
    assert_eq!(got, expected, "{documents}");
}

#[test]
fn names_are_found_by_their_usual_forms() {
    check(
        "//- docs/1-a.md
# A

## What changes

- `QuoteVersionService.list()` in `quote-version.service.ts`
- `<GuestPanel />`
",
        &[
            "1-a: write file apps/api/src/quotes/quote-version.service.ts mentioned",
            "1-a: write symbol GuestPanel mentioned",
            "1-a: write symbol QuoteVersionService.list mentioned",
        ],
    );
}

#[test]
fn a_method_without_its_class_needs_the_class_nearby() {
    let text = |near: &str| format!("//- docs/1-a.md\n# A\n\n## Changes\n\n{near}\n\nChange `create()` a little.\n");
    check(
        &text("See `FeeService`."),
        &[
            "1-a: read symbol FeeService mentioned",
            "1-a: write symbol FeeService.create mentioned",
        ],
    );
    check(&text("Nothing else."), &[]);
}

#[test]
fn an_instance_is_called_as_its_class() {
    check(
        "//- docs/1-a.md\n# A\n\nIt calls `feeService.total()`.\n",
        &["1-a: read symbol FeeService.total mentioned"],
    );
}

#[test]
fn schema_routes_and_flags_are_found_however_they_are_called() {
    check(
        "//- docs/1-a.md
# A

The route `GET /quotes/{id}` reads `quotes.note`, as long as `quote_snapshot_read` is on. It looks at `reservations_status_check`.
",
        &[
            "1-a: read column quotes.note mentioned",
            "1-a: read constraint reservations_status_check mentioned",
            "1-a: read route GET /quotes/:id mentioned",
            "1-a: read flag quote_snapshot_read mentioned",
        ],
    );
}

#[test]
fn who_makes_a_thing_and_who_uses_it_mean_the_same() {
    check(
        "//- docs/1-a.md
# A

Adds a table `lead_offers`.
//- docs/2-b.md
# B

The number of days is read from the rows in `lead_offers`.
",
        &[
            "1-a: create table lead_offers mentioned new",
            "2-b: read table lead_offers mentioned new",
        ],
    );
}

#[test]
fn declared_access_beats_prose() {
    let (touchpoints, _) = resolved(
        "//- docs/1-a.md
---
reads: [apps/api/src/fees/fees.service.ts]
---
# A

## Changes

- `apps/api/src/fees/fees.service.ts` is rewritten.
",
    );
    assert_eq!(touchpoints.len(), 1);
    assert_eq!(
        (touchpoints[0].access, touchpoints[0].certainty),
        (Access::Read, Certainty::Declared)
    );
    assert_eq!(touchpoints[0].because.len(), 2);
}

#[test]
fn the_file_of_a_symbol_is_inferred() {
    let (touchpoints, _) = resolved("//- docs/1-a.md\n# A\n\n## Changes\n\n- `QuoteVersionService.list` takes more.\n");
    let file = touchpoints
        .iter()
        .find(|point| point.target.kind == TargetKind::File)
        .expect("a file");
    assert_eq!(
        (file.access, file.certainty, file.exists),
        (Access::Write, Certainty::Inferred, true)
    );
    let symbol = touchpoints
        .iter()
        .find(|point| point.target.kind == TargetKind::Symbol)
        .expect("a symbol");
    assert!(symbol.score > file.score && file.score > 0.0);
}

#[test]
fn what_is_not_touched_is_no_touchpoint() {
    check(
        "//- docs/1-a.md\n# A\n\n## Out of scope\n\n- `apps/api/src/fees/fees.service.ts`\n",
        &[],
    );
}

/// What a document with this body writes.
fn writes(body: &str) -> Vec<String> {
    let (touchpoints, _) = resolved(&format!("//- docs/1-a.md\n# A\n\n{body}\n"));
    let sure = touchpoints
        .iter()
        .filter(|point| point.certainty == Certainty::Mentioned);
    sure.filter(|point| point.access != Access::Read)
        .map(|point| point.target.name.clone())
        .collect()
}

#[test]
fn what_is_out_of_scope_is_not_written_however_it_is_headed() {
    for heading in [
        "## Explicitly out of scope",
        "## Not part of this PRD",
        "## What's not included",
        "## What is out of scope?",
        "## Not covered",
        "## Won't have (this time)",
        "## Anti-goals",
        "## Scope\n\n### Out",
        "## Parking lot",
        "## Backlog",
        "## Stretch",
        "## Future considerations",
    ] {
        assert_eq!(
            writes(&format!("{heading}\n\n- Change `FeeService.total`.")),
            [""; 0],
            "{heading}"
        );
    }
    for heading in [
        "## Outline",
        "## Out of the box setup",
        "## Future-proof totals",
        "## Scope",
        "## Output",
        "## Next steps",
    ] {
        assert_eq!(
            writes(&format!("{heading}\n\n- Change `FeeService.total`.")),
            ["FeeService.total"],
            "{heading}"
        );
    }
}

#[test]
fn two_denials_and_not_only_are_none() {
    for sentence in [
        "Don't forget to update `FeeService.total`.",
        "There is no way around changing `FeeService.total`.",
        "Never ship this without updating `FeeService.total`.",
        "We cannot avoid changing `FeeService.total`.",
        "Add an endpoint `GET /quotes/:id/total` and change `FeeService.total`.",
    ] {
        assert!(
            writes(sentence).contains(&"FeeService.total".to_owned()),
            "{sentence}: {:?}",
            writes(sentence)
        );
    }
    for sentence in [
        "We considered changing `FeeService.total` but rejected it.",
        "It would be tempting to change `FeeService.total`.",
        "Refactoring `FeeService.total` is tracked in a separate ticket.",
        "Later we will rewrite `FeeService.total`.",
        "The platform team is rewriting `FeeService.total`.",
    ] {
        assert_eq!(writes(sentence), [""; 0], "{sentence}");
    }
    assert_eq!(writes("Add endpoint `POST /mutes`."), ["POST /mutes"]);
    assert_eq!(writes("The create endpoint `POST /mutes` stays."), [""; 0]);
    assert_eq!(writes("We ship this without changing `FeeService.total`."), [""; 0]);
}

#[test]
fn slips_of_the_pen_are_said_with_what_was_meant() {
    check_missing(
        "//- docs/1-a.md
# A

## Changes

- `apps/api/src/fees/fee.service.ts` gets longer.
- `QuoteVersionService.recalcualte` rounds.
- Change `apps/api/src/quotes/quote-version-service.ts`.
",
        &[
            "path apps/api/src/fees/fee.service.ts -> apps/api/src/fees/fees.service.ts",
            "symbol QuoteVersionService.recalcualte -> QuoteVersionService.recalculate",
            "path apps/api/src/quotes/quote-version-service.ts -> apps/api/src/quotes/quote-version.service.ts",
        ],
    );
}

#[test]
fn words_that_are_no_names_of_code_are_left_alone() {
    check_missing(
        "//- docs/1-a.md
# A

The `oddName` of things. Run `npm run build`, set `DATABASE_URL=x` and `NODE_ENV`, use `date-fns` and `lodash`. The key `someJsonKey` is `true`, never `high` or `12`.
It sends `application/json`, by `@scope/package`, at `10:30`. `Node.js` and `e.g.` too. New file `apps/api/src/fees/x.ts` with `feeRuleOf`.

## Test plan

`apps/api/src/fees/lines.spec.ts` covers it.
",
        &[],
    );
}

#[test]
fn an_unknown_dependency_is_said() {
    check_missing(
        "//- docs/007-tax.md\n# Tax\n//- docs/008-b.md\n---\ndepends_on: [007-taxes, 7]\n---\n# B\n",
        &["PRD 007-taxes -> 007-tax"],
    );
}

#[test]
fn a_branch_shows_what_is_really_written() {
    let (sources, view, index, prds) = world(&format!("{CODE}//- docs/1-a.md\n# A\n\nIt calls `FeeService.total`.\n"));
    let path = RepoPath::new("apps/api/src/fees/fees.service.ts").expect("a path");
    let method = index
        .symbols
        .iter()
        .find(|symbol| symbol.name == "FeeService.total")
        .expect("a method");
    let middle = Bytes {
        start: method.span.bytes.start + 3,
        end: method.span.bytes.start + 3,
    };
    let symbols = changed_symbols(&index, &path, &[middle]);
    assert_eq!(symbols, ["FeeService.total"]);
    let observed = [Observed {
        prd: prds[0].id.clone(),
        path,
        change: Change::Modified,
        symbols,
        schema: Vec::new(),
        span: method.span,
    }];
    let touched = resolve(&prds, &index, &view, &sources, &observed);
    let touchpoints = &touched.points;
    let symbol = touchpoints
        .iter()
        .find(|point| point.target.name == "FeeService.total")
        .expect("a touchpoint");
    assert_eq!((symbol.access, symbol.certainty), (Access::Write, Certainty::Observed));
    assert_eq!(symbol.because.len(), 2);
}

#[test]
fn the_index_is_told_what_is_mentioned() {
    let (_, _, _, prds) = world("//- docs/1-a.md\n# A\n\n`QuoteVersionService.create` in `./a/b.ts`\n");
    let wanted = wanted(&prds);
    assert!(wanted.paths.contains("a/b.ts"));
    assert!(wanted.words.contains("QuoteVersionService") && wanted.words.contains("create"));
}

#[test]
fn where_files_are_listed_a_folder_is_each_of_its_files() {
    check(
        "//- docs/1-a.md\n# A\n\nFiles: everything under `apps/api/src/fees/` that rounds, and `apps/api/src/flags.ts`.\n",
        &[
            "1-a: write file apps/api/src/fees/fees.service.ts mentioned",
            "1-a: write file apps/api/src/flags.ts mentioned",
        ],
    );
    check("//- docs/1-a.md\n# A\n\nThe code is under `apps/api/src/fees/`.\n", &[]);
}

#[test]
fn who_is_moved_to_a_route_that_is_there_does_not_change_it() {
    check(
        "//- docs/1-a.md\n# A\n\nThe app calls it. Move it to `GET /quotes/:id`.\n",
        &["1-a: read route GET /quotes/:id mentioned"],
    );
    check(
        "//- docs/1-a.md\n# A\n\nThe app calls it. Move it to `GET /v2/quotes`.\n",
        &["1-a: create route GET /v2/quotes mentioned new"],
    );
}

#[test]
fn the_files_of_a_new_folder_are_in_it() {
    check(
        "//- docs/1-a.md\n# A\n\n- New folder `src/smart/` with `get.ts` and `post.ts`.\n",
        &[
            "1-a: create file src/smart/get.ts mentioned new",
            "1-a: create file src/smart/post.ts mentioned new",
        ],
    );
    check(
        "//- docs/1-a.md\n# A\n\n- New folder `src/smart/`, made like that of `get.ts`.\n",
        &[],
    );
}
