//! Tests of models in code: TypeORM's entities, Drizzle's tables.

use super::check_tree;

fn check_model(model: &str, expected: &[&str]) {
    check_tree(&format!("//- src/model.ts\n{model}"), expected, &[]);
}

#[test]
fn entities_are_tables() {
    check_model(
        "import { Entity } from 'typeorm';\nexport enum Status { Held = 'held', Sold = 'sold' }\n@Entity('bookings')\n@Index('IDX_once', ['seat'], { unique: true })\n@Index(['seat'])\n@Check('chk', `\"kind\" IN ('a', 'b')`)\nexport class Booking {\n  @PrimaryGeneratedColumn('uuid') id: string;\n  @Column({ type: 'enum', enum: Status, enumName: 'booking_status', default: Status.Held })\n  status: Status;\n  @Column({ name: 'seat_no', type: 'int' }) seat: number;\n  @ManyToOne(() => Show) @JoinColumn({ name: 'show_id' }) show: Show;\n  @OneToMany(() => X, (x) => x.b) xs: X[];\n  note: string;\n}\n@Entity()\nclass OrderLine { @Column() n: number; }\n@ChildEntity('s')\nclass SpecialLine extends OrderLine { @Column() extra: string; }\n",
        &[
            "+ table bookings @bookings",
            "+ constraint bookings/IDX_once @IDX_once",
            "+ constraint bookings/chk [a b] @chk",
            "+ column bookings.id @id",
            "+ enum booking_status [held sold] @booking_status",
            "+ column bookings.status [held sold] @status",
            "+ column bookings.seat_no @seat_no",
            "+ column bookings.show_id @show_id",
            "+ table order_line @OrderLine",
            "+ column order_line.n @n",
            "+ column order_line.extra @extra",
        ],
    );
}

#[test]
fn a_class_without_the_decorator_is_no_table() {
    check_model(
        "@Entity()\nclass A { @Column() n: number; }\n@Injectable()\nclass B { @Column() m: number; }\n",
        &["+ table a @A", "+ column a.n @n"],
    );
}

#[test]
fn drizzle_tables_have_columns_enums_and_constraints() {
    check_model(
        "import { pgTable, pgEnum, text } from 'drizzle-orm/pg-core';\nconst states = ['on', 'off'] as const;\nexport const statusEnum = pgEnum('status', ['held', 'sold']);\nconst times = { createdAt: timestamp('created_at').notNull() };\nexport const bookings = pgTable('bookings', {\n  id: integer().primaryKey(),\n  status: statusEnum('status').default('held').notNull(),\n  state: text('state', { enum: states }),\n  kind: mysqlEnum(['a', 'b']),\n  ...times,\n}, (t) => [index('bookings_idx').on(t.status), check('bookings_check', sql`${t.state} in ('on')`)]);\nexport const createTable = pgTableCreator((name) => `shop_${name}`);\nexport const posts = createTable('post', (d) => ({ title: d.varchar({ length: 9 }) }));\n",
        &[
            "+ enum status [held sold] @status",
            "+ column bookings.created_at @created_at",
            "+ table bookings @bookings",
            "+ column bookings.id @id",
            "+ column bookings.status @status",
            "+ column bookings.state [on off] @state",
            "+ column bookings.kind [a b] @kind",
            "+ constraint bookings/bookings_idx @bookings_idx",
            "+ constraint bookings/bookings_check [on] @bookings_check",
            "+ table post @post",
            "+ column post.title @title",
        ],
    );
}
