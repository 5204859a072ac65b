//! Tests of the schema readers: small trees, and what is found in them with its place.

use super::*;
use crate::index::{SchemaAction, SchemaObject};

mod models;
mod scripts;

fn shown(change: &SchemaChange) -> String {
    let action = match change.action {
        SchemaAction::Create => '+',
        SchemaAction::Alter => '~',
        SchemaAction::Drop => '-',
    };
    let object = match &change.object {
        SchemaObject::Table(name) => format!("table {name}"),
        SchemaObject::Column(table, name) => format!("column {table}.{name}"),
        SchemaObject::Constraint(table, name) => format!("constraint {}/{name}", table.as_deref().unwrap_or("?")),
        SchemaObject::Enum(name) => format!("enum {name}"),
    };
    let values = if change.values.is_empty() {
        String::new()
    } else {
        format!(" [{}]", change.values.join(" "))
    };
    format!("{action} {object}{values}")
}

/// `expected` lines: what is done, then `@` and the words at its place.
fn check_tree(tree: &str, expected: &[&str], skipped: &[&str]) {
    let (sources, view) = crate::source::fixture(tree);
    let (changes, skips) = changes(&sources, &view);
    let found: Vec<String> = changes
        .iter()
        .map(|change| format!("{} @{}", shown(change), sources.text(change.span)))
        .collect();
    assert_eq!(found, expected, "{tree}");
    let skips: Vec<String> = skips
        .iter()
        .map(|skip| format!("{}: {}", skip.path, skip.reason))
        .collect();
    assert_eq!(skips, skipped, "{tree}");
}

fn check_sql(sql: &str, expected: &[&str]) {
    check_tree(&format!("//- db/migrations/001_a.sql\n{sql}"), expected, &[]);
}

#[test]
fn tables_and_their_parts() {
    check_sql(
        "-- é\nCREATE TABLE IF NOT EXISTS public.Reservations (\n  id uuid PRIMARY KEY,\n  \"Status\" text NOT NULL CHECK (\"Status\" IN ('held', 'sold')),\n  kind ENUM('a','b'),\n  CONSTRAINT seat_once UNIQUE (seat, show),\n  CHECK (state = ANY (ARRAY['x'::text, 'y'::text]))\n);",
        &[
            "+ table reservations @Reservations",
            "+ column reservations.id @id",
            "+ column reservations.Status [held sold] @\"Status\"",
            "+ constraint reservations/reservations_Status_check [held sold] @\"Status\"",
            "+ column reservations.kind [a b] @kind",
            "+ constraint reservations/seat_once @seat_once",
            "+ constraint reservations/reservations_state_check [x y] @Reservations",
        ],
    );
}

#[test]
fn alterations_name_what_they_touch() {
    check_sql(
        "ALTER TABLE ONLY r ADD COLUMN tax_cents int, DROP COLUMN old, ALTER COLUMN n SET NOT NULL, RENAME TO q;\nALTER TABLE r DROP CONSTRAINT IF EXISTS r_status_check;\nALTER TABLE r ADD CONSTRAINT r_status_check CHECK (status IN ('held')) NOT VALID;\nALTER TABLE r RENAME COLUMN a TO b;\nALTER TABLE r ENABLE ROW LEVEL SECURITY;",
        &[
            "+ column r.tax_cents @tax_cents",
            "- column r.old @old",
            "~ column r.n @n",
            "+ table q @q",
            "~ table r @r",
            "- constraint r/r_status_check @r_status_check",
            "+ constraint r/r_status_check [held] @r_status_check",
            "~ column r.a @a",
            "+ column r.b @b",
            "~ table r @r",
        ],
    );
    check_sql(
        "ALTER TABLE `r` MODIFY COLUMN `status` ENUM('a','b') NOT NULL, CHANGE x y int, ADD INDEX `i` (`a`);",
        &[
            "~ column r.status [a b] @`status`",
            "~ column r.x @x",
            "+ column r.y @y",
            "+ constraint r/i @`i`",
        ],
    );
}

#[test]
fn enums_and_indexes() {
    check_sql(
        "CREATE TYPE status AS ENUM ('held', 'sold');\nALTER TYPE \"status\" ADD VALUE IF NOT EXISTS 'gone' AFTER 'sold';\nCREATE UNIQUE INDEX CONCURRENTLY r_i ON r (a);\nDROP INDEX r_i;\nDROP TABLE IF EXISTS a, b CASCADE;\nDROP TYPE status;",
        &[
            "+ enum status [held sold] @status",
            "~ enum status [gone] @\"status\"",
            "+ constraint r/r_i @r_i",
            "- constraint ?/r_i @r_i",
            "- table a @a",
            "- table b @b",
            "- enum status @status",
        ],
    );
}

#[test]
fn blocks_are_looked_into_and_other_statements_passed_over() {
    check_sql(
        "DO $$ BEGIN\n CREATE TYPE s AS ENUM('a');\nEXCEPTION WHEN duplicate_object THEN null;\nEND $$;\nINSERT INTO r VALUES ('CREATE TABLE x');\nCREATE FUNCTION f() RETURNS int AS $$ BEGIN DROP TABLE x; END $$ LANGUAGE plpgsql;\nUPDATE r SET a = 1;",
        &["+ enum s [a] @s"],
    );
}

#[test]
fn what_does_not_parse_is_said_and_its_table_kept() {
    check_tree(
        "//- db/migrations/1.sql\nALTER TABLE ONLY shop.\"Orders\" FROBNICATE ALL;\nCREATE TABLE b (c int);\n",
        &["~ table Orders @\"Orders\"", "+ table b @b", "+ column b.c @c"],
        &["db/migrations/1.sql: parsed in part: 1 place was not understood"],
    );
    let deep = format!(
        "//- db/migrations/1.sql\nCREATE TABLE b (c int CHECK (c = {}1));",
        "1 + ".repeat(100_000)
    );
    check_tree(
        &deep,
        &["+ table b @b"],
        &["db/migrations/1.sql: parsed in part: 1 place was not understood"],
    );
    let deep = format!(
        "//- db/migrations/1.sql\nCREATE TABLE b (c int CHECK {}1{});",
        "(".repeat(100_000),
        ")".repeat(100_000)
    );
    check_tree(
        &deep,
        &["+ table b @b"],
        &["db/migrations/1.sql: parsed in part: 1 place was not understood"],
    );
}

#[test]
fn migrations_run_in_their_order_and_only_there() {
    check_tree(
        "//- m/migrations/10_c.sql\nDROP TABLE c;\n//- m/migrations/9_b.sql\nDROP TABLE b;\n//- m/migrations/9_b.down.sql\nDROP TABLE no;\n//- p/migrations/2024_x/migration.sql\nDROP TABLE p;\n//- m/migrations/11_d.sql\n-- +goose Up\nDROP TABLE d;\n-- +goose Down\nDROP TABLE no;\n//- src/query.sql\nDROP TABLE no;\n//- schema.prisma\nmodel A {\n  id Int @id\n}\n",
        &[
            "+ table A @A",
            "+ column A.id @id",
            "- table b @b",
            "- table c @c",
            "- table d @d",
            "- table p @p",
        ],
        &[],
    );
}

#[test]
fn prisma_models_are_tables() {
    check_tree(
        "//- prisma/schema.prisma\n// model No {\nmodel Reservation {\n  id     Int    @id @default(autoincrement()) // key\n  seatNo String @map(\"seat_no\")\n  status Status @default(HELD)\n  show   Show   @relation(fields: [showId], references: [id])\n  showId Int\n  tags   Tag[]\n\n  @@unique([seatNo, showId], map: \"seat_once\")\n  @@map(\"reservations\")\n}\nenum Status {\n  HELD\n  SOLD @map(\"sold\")\n}\nmodel Show { \n  id Int\n}\nmodel Tag {\n}\n",
        &[
            "+ table reservations @Reservation",
            "+ column reservations.id @id",
            "+ column reservations.seat_no @seatNo",
            "+ column reservations.status @status",
            "+ column reservations.showId @showId",
            "+ constraint reservations/seat_once @@@unique([seatNo, showId], map: \"seat_once\")",
            "+ enum Status [HELD sold] @Status",
            "+ table Show @Show",
            "+ column Show.id @id",
            "+ table Tag @Tag",
        ],
        &[],
    );
}
