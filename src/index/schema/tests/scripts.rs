//! Tests of migrations written as code, one per tool: what their documentation shows.

use super::check_tree;

fn check_script(script: &str, expected: &[&str]) {
    check_tree(&format!("//- db/migrations/001_a.ts\n{script}"), expected, &[]);
}

#[test]
fn knex_builds_tables_in_functions() {
    check_script(
        "export async function up(knex) {\n  await knex.schema.createTable('orders', (table) => {\n    table.increments();\n    table.string('email').notNullable().unique();\n    table.enum('status', ['open', 'paid']).comment('x');\n    table.integer('n').checkIn(['a', 'b']);\n    table.timestamps(true, true);\n    table.unique(['email', 'n'], 'once');\n    table.charset('utf8');\n  }).alterTable('users', function (t) {\n    if (x) { t.dropColumn('old'); }\n    t.text('note').nullable().alter();\n    t.renameColumn('a', 'b');\n    t.dropForeign('team_id');\n    t.dropColumns('c', 'd');\n  });\n  await knex.schema.raw(`ALTER TABLE orders ADD CONSTRAINT c CHECK (status IN ('open'))`);\n}\nexport async function down(knex) {\n  await knex.schema.dropTable('orders');\n}\n",
        &[
            "+ table orders @orders",
            "+ column orders.id @table.increments()",
            "+ constraint orders/orders_email_unique @email",
            "+ column orders.email @email",
            "+ column orders.status [open paid] @status",
            "+ column orders.n [a b] @n",
            "+ column orders.created_at @table.timestamps(true, true)",
            "+ column orders.updated_at @table.timestamps(true, true)",
            "+ constraint orders/once @once",
            "- column users.old @old",
            "~ column users.note @note",
            "~ column users.a @a",
            "+ column users.b @b",
            "- constraint users/users_team_id_foreign @'team_id'",
            "- column users.c @c",
            "- column users.d @d",
            "+ constraint orders/c [open] @c",
        ],
    );
}

#[test]
fn typeorm_runs_sql_and_builds() {
    check_script(
        "export class A1 implements MigrationInterface {\n  name = 'A1';\n  public async up(q: QueryRunner): Promise<void> {\n    await q.query(`CREATE TYPE \"public\".\"status_enum\" AS ENUM('held', 'sold')`);\n    await q.query(`ALTER TABLE \\`r\\` ADD \\`n\\` int`);\n    await q.createTable(new Table({ name: 't', columns: [{ name: 'id', type: 'int' }, { name: 's', type: 'enum', enum: ['a', 'b'], enumName: 's_enum' }], indices: [{ name: 'i', columnNames: ['id'] }] }), true);\n    await q.addColumn('t', new TableColumn({ name: 'c', type: 'int' }));\n    await q.changeColumn('t', 's', new TableColumn({ name: 's', type: 'enum', enum: ['a', 'b', 'c'] }));\n    await q.createCheckConstraint('t', new TableCheck({ name: 'k', expression: `s in ('a')` }));\n    await this.more(q);\n  }\n  private async more(q) { await q.dropColumn('t', 'z'); }\n  private async less(q) { await q.dropTable('no'); }\n  public async down(q: QueryRunner): Promise<void> { await this.less(q); await q.query(`DROP TABLE no`); }\n}\n",
        &[
            "+ enum status_enum [held sold] @\"status_enum\"",
            "+ column r.n @`ALTER TABLE \\`r\\` ADD \\`n\\` int`",
            "+ table t @t",
            "+ column t.id @id",
            "+ column t.s [a b] @s",
            "+ enum s_enum [a b] @s_enum",
            "+ constraint t/i @i",
            "+ column t.c @c",
            "~ column t.s [a b c] @s",
            "+ constraint t/k [a] @k",
            "- column t.z @z",
        ],
    );
}

#[test]
fn sequelize_names_the_table_first() {
    check_script(
        "module.exports = {\n  up: async (queryInterface, Sequelize) => {\n    await queryInterface.createTable('users', {\n      id: { type: Sequelize.UUID },\n      role: { type: Sequelize.ENUM('admin', 'member'), allowNull: false },\n      mail: { type: Sequelize.STRING, field: 'e_mail' },\n    });\n    await queryInterface.addColumn('teams', 'state', { type: DataTypes.ENUM, values: ['on', 'off'] });\n    await queryInterface.changeColumn({ tableName: 'teams', schema: 's' }, 'n', { type: Sequelize.INTEGER });\n    await queryInterface.addConstraint('users', { fields: ['role'], type: 'check', name: 'users_role_check', where: { role: ['admin', 'guest'] } });\n    await queryInterface.removeIndex('users', ['mail']);\n    await queryInterface.renameTable('a', 'b');\n    for (const t of ['x', 'y']) await queryInterface.removeColumn(t, 'z');\n    let name = 'p';\n    await queryInterface.sequelize.query(`ALTER TYPE \"enum_${name}_role\" ADD VALUE 'owner'`);\n    name = 'q';\n    await queryInterface.sequelize.query('ALTER TYPE \"enum_' + name + '_role\" ADD VALUE \\'owner\\'');\n  },\n  down: async (queryInterface) => { await queryInterface.dropTable('users'); },\n};\n",
        &[
            "+ table users @users",
            "+ column users.id @id",
            "+ column users.role [admin member] @role",
            "+ column users.e_mail @e_mail",
            "+ column teams.state [on off] @state",
            "~ column teams.n @n",
            "+ constraint users/users_role_check [admin guest] @users_role_check",
            "- constraint users/users_mail @['mail']",
            "~ table a @a",
            "+ table b @b",
            "- column x.z @z",
            "- column y.z @z",
            "~ enum enum_p_role [owner] @`ALTER TYPE \"enum_${name}_role\" ADD VALUE 'owner'`",
            "~ enum enum_q_role [owner] @'ALTER TYPE \"enum_' + name + '_role\" ADD VALUE \\'owner\\''",
        ],
    );
}

#[test]
fn other_tools_are_read_by_the_same_words() {
    // db-migrate
    check_script(
        "exports.up = function (db, cb) {\n  db.createTable('t', { columns: { id: 'int' }, ifNotExists: true }, () => db.runSql('CREATE INDEX i ON t (id);', cb));\n};\nexports.down = function (db, cb) { db.dropTable('t', cb); };\n",
        &["+ table t @t", "+ column t.id @id", "+ constraint t/i @i"],
    );
    // node-pg-migrate
    check_script(
        "exports.up = (pgm) => {\n  pgm.createType('status', ['a', 'b']);\n  pgm.addTypeValue('status', 'c');\n  pgm.addColumns('t', { s: { type: 'status' } });\n  pgm.sql('DROP TABLE o');\n};\n",
        &[
            "+ enum status [a b] @status",
            "~ enum status [c] @status",
            "+ column t.s @s",
            "- table o @o",
        ],
    );
    // Kysely
    check_script(
        "export async function up(db: Kysely<any>) {\n  await db.schema.createTable('t').addColumn('id', 'integer', (c) => c.primaryKey()).execute();\n  await db.schema.createIndex('t_id').on('t').column('id').execute();\n  await db.schema.createType('status').asEnum(['a']).execute();\n  await sql`ALTER TABLE \"t\" DROP COLUMN y`.execute(db);\n}\n",
        &[
            "+ table t @t",
            "+ column t.id @id",
            "+ constraint t/t_id @t_id",
            "+ enum status [a] @status",
            "- column t.y @y",
        ],
    );
    // MikroORM
    check_script(
        "export class M extends Migration {\n  override async up() {\n    this.addSql(`alter table \"t\" add column \"c\" int;`);\n  }\n}\n",
        &["+ column t.c @\"c\""],
    );
}

#[test]
fn what_is_computed_is_counted_and_not_guessed() {
    check_tree(
        "//- db/migrations/001_a.ts\nexports.up = async (knex) => {\n  await knex.schema.alterTable(config.table, (t) => { t.string('a'); });\n  await knex.raw(`ALTER TABLE ${table} DROP COLUMN x`);\n  await knex.raw(statement);\n  await knex.schema.alterTable('u', (t) => { t.frobnicate('a'); });\n  await knex.raw(`DROP TABLE ${prefix}users`);\n  await service.execute(order);\n};\n",
        &["- table users @`DROP TABLE ${prefix}users`"],
        &["db/migrations/001_a.ts: parsed in part: 4 places were not understood"],
    );
    // A table that is not known makes its columns unknown too, and they are no other table's.
    check_tree(
        "//- db/migrations/001_a.ts\nexports.up = async (knex) => {\n  for (const t of await tables()) { await knex.schema.table(t, (b) => { b.dropColumn('a'); }); }\n};\n",
        &[],
        &["db/migrations/001_a.ts: parsed in part: 1 place was not understood"],
    );
}

#[cfg(feature = "ruby")]
#[test]
fn what_migrations_of_rails_do() {
    check_tree(
        "//- db/migrate/20240101000000_create_orders.rb
class CreateOrders < ActiveRecord::Migration[7.1]
  def change
    create_table :orders do |t|
      t.string :status, null: false
      t.references :user
      t.timestamps
      t.index :status
    end
    add_check_constraint :orders, \"status IN ('held','sold')\", name: \"orders_status_check\"
    add_column :users, :tier, :string
    remove_column :users, :old
    add_index :users, [:tier, :id], unique: true
  end

  def down
    drop_table :orders
  end
end
",
        &[
            "+ table orders @orders",
            "+ column orders.status @status",
            "+ constraint orders/index_orders_on_status @:status",
            "+ constraint orders/orders_status_check [held sold] @orders_status_check",
            "+ column users.tier @tier",
            "- column users.old @old",
            "+ constraint users/index_users_on_tier_id @[:tier, :id]",
        ],
        &[],
    );
}

#[test]
fn what_migrations_of_alembic_do() {
    check_tree(
        "//- migrations/versions/ab12_init.py
from alembic import op
import sqlalchemy as sa

revision = 'ab12'
down_revision = None


def upgrade():
    op.create_table(
        'orders',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('status', sa.Enum('held', 'sold', name='order_status')),
        sa.CheckConstraint(\"kind IN ('a','b')\", name='orders_kind_check'),
    )
    op.add_column('users', sa.Column('tier', sa.String()))
    op.create_index('ix_users_tier', 'users', ['tier'], unique=True)
    with op.batch_alter_table('users') as batch_op:
        batch_op.drop_column('old')
    op.drop_constraint('users_old_check', 'users')
    op.execute(\"ALTER TABLE users ADD COLUMN note text\")


def downgrade():
    op.drop_table('orders')
",
        &[
            "+ table orders @orders",
            "+ column orders.id @id",
            "+ column orders.status [held sold] @status",
            "+ constraint orders/orders_kind_check [a b] @orders_kind_check",
            "+ column users.tier @tier",
            "+ constraint users/ix_users_tier @ix_users_tier",
            "- column users.old @old",
            "- constraint users/users_old_check @users_old_check",
            "+ column users.note @note",
        ],
        &[],
    );
}

#[test]
fn what_migrations_of_django_do() {
    check_tree(
        "//- shop/migrations/0001_initial.py
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.AutoField(primary_key=True)),
                ('status', models.CharField(max_length=9, choices=[('held', 'Held'), ('sold', 'Sold')])),
            ],
            options={'db_table': 'orders'},
        ),
        migrations.AddField(model_name='user', name='tier', field=models.TextField()),
        migrations.RenameField('user', 'old', 'new'),
        migrations.AddConstraint(model_name='user', constraint=models.UniqueConstraint(fields=['tier'], name='one_tier')),
        migrations.RemoveField(model_name='user', name='gone'),
        migrations.RunSQL('ALTER TABLE users ADD COLUMN note text'),
    ]
",
        &[
            "+ table orders @Order",
            "+ column orders.id @id",
            "+ column orders.status [held sold] @status",
            "+ column user.tier @tier",
            "~ column user.old @old",
            "+ column user.new @new",
            "+ constraint user/one_tier @one_tier",
            "- column user.gone @gone",
            "+ column users.note @note",
        ],
        &[],
    );
}
