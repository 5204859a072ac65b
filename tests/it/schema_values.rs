//! Two PRDs that each add a value to one set of values race, whatever tool the set is written with and whatever they call it; with
//! values of different sets they do not.

use serde_json::Value;

use crate::project::Project;

const CHECK: &str = "//- db/migrations/001_bookings.sql
CREATE TABLE bookings (id bigint PRIMARY KEY, seat int, status text NOT NULL CHECK (status IN ('held', 'sold')));
CREATE TABLE invoices (id bigint PRIMARY KEY, kind text CHECK (kind IN ('draft', 'final')));
";

const PRISMA: &str = "//- prisma/schema.prisma
model Booking {
  id     Int           @id
  status BookingStatus @default(held)
}

enum BookingStatus {
  held
  sold
}
";

const POSTGRES: &str = "//- db/migrations/001_bookings.sql
CREATE TYPE booking_status AS ENUM ('held', 'sold');
CREATE TABLE bookings (id bigint PRIMARY KEY, status booking_status NOT NULL);
";

const TYPEORM: &str = "//- src/booking.entity.ts
import { Column, Entity, PrimaryColumn } from 'typeorm';
export enum BookingStatus { Held = 'held', Sold = 'sold' }
@Entity('bookings')
export class Booking {
  @PrimaryColumn() id: number;
  @Column({ type: 'enum', enum: BookingStatus }) status: BookingStatus;
}
";

const DRIZZLE: &str = "//- src/db/schema.ts
import { integer, pgEnum, pgTable } from 'drizzle-orm/pg-core';
export const bookingStatus = pgEnum('booking_status', ['held', 'sold']);
export const bookings = pgTable('bookings', { id: integer('id'), status: bookingStatus('status') });
";

const KNEX: &str = "//- db/migrations/001_bookings.ts
exports.up = (knex) => knex.schema.createTable('bookings', (t) => { t.increments(); t.enum('status', ['held', 'sold']); });
exports.down = (knex) => knex.schema.dropTable('bookings');
";

/// A project with two PRDs that change this.
fn project(code: &str, first: &str, second: &str) -> Project {
    Project::of(&format!(
        "//- flagman.toml\n{code}//- docs/prds/001-reschedule.md\n# 001 Reschedule\n\n## What changes\n\n- {first}\n//- docs/prds/002-waitlist.md\n# 002 Waitlist\n\n## What changes\n\n- {second}\n"
    ))
}

fn answer(project: &Project, arguments: &[&str]) -> Value {
    let said = project.flagman(arguments);
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}{}", said.out, said.err))
}

/// The PRDs have phases of their own because of the set, and the gate says so.
fn races(code: &str, first: &str, second: &str) {
    let project = project(code, first, second);
    let plan = answer(&project, &["plan", "--format", "json"]);
    let phases = plan["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 2, "{first} / {second}: {plan}\n{code}");
    let kinds: Vec<&str> = plan["exclusions"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert!(
        kinds.contains(&"same-schema-object"),
        "{first} / {second}: {kinds:?}\n{code}"
    );
    let gate = answer(&project, &["gate", "--format", "json"]);
    let checks: Vec<&str> = gate["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["check"].as_str())
        .collect();
    assert!(
        checks.contains(&"schema-race"),
        "{first} / {second}: {checks:?}\n{code}"
    );
}

fn does_not_race(code: &str, first: &str, second: &str) {
    let plan = answer(&project(code, first, second), &["plan", "--format", "json"]);
    assert_eq!(
        plan["exclusions"].as_array().map(Vec::len),
        Some(0),
        "{first} / {second}: {plan}"
    );
}

#[test]
fn two_new_values_of_one_set_race_in_every_tool() {
    for code in [CHECK, PRISMA, POSTGRES, TYPEORM, DRIZZLE, KNEX] {
        races(
            code,
            "The migration adds status `rescheduled`.",
            "A new status `waitlisted` for bookings.",
        );
    }
}

#[test]
fn the_set_has_several_names() {
    races(
        CHECK,
        "Adds status `rescheduled`.",
        "Widens `bookings_status_check` by `waitlisted`.",
    );
    races(
        POSTGRES,
        "Adds status `rescheduled`.",
        "Add the value `waitlisted` to `booking_status`.",
    );
    races(
        POSTGRES,
        "Adds status `rescheduled`.",
        "Add `waitlisted` to `bookings.status`.",
    );
    races(
        PRISMA,
        "Adds status `rescheduled`.",
        "`BookingStatus` gains `waitlisted`.",
    );
}

#[test]
fn values_of_other_sets_and_values_that_exist_do_not_race() {
    does_not_race(CHECK, "Adds status `rescheduled`.", "Adds the invoice kind `void`.");
    does_not_race(CHECK, "Adds status `rescheduled`.", "Shows the status `sold` in red.");
}
