== nothing changes
create table a (id integer primary key, b text not null default 'it''s');
-- to
create table a (id integer primary key, b text not null default 'it''s');
== a new table
-- to
create table a (id integer primary key, b text);
== two new tables, the second refers to the first
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer not null references a (id));
== a new table that refers to itself
-- to
create table a (id integer primary key, parent integer references a (id) on delete set null);
== a new table with a key of two columns
-- to
create table a (x integer not null, y integer not null, z text, primary key (x, y));
== a new table beside one that refers to nothing
create table a (id integer primary key);
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id));
== a table that refers to another is gone
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id));
-- to
create table a (id integer primary key);
== both tables are gone
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id) on delete cascade);
-- to
== the table referred to is gone
-- irreversible
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id) on delete cascade);
-- to
create table b (id integer primary key, a_id integer);
== one table goes and another comes
create table a (id integer primary key);
-- to
create table b (id integer primary key);
-- answers {"renamed": {"b": null}}
== a table is renamed
create table a (id integer primary key, b text);
-- to
create table c (id integer primary key, b text);
-- answers {"renamed": {"c": "a"}}
== a table that others refer to is renamed
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id) on delete cascade);
-- to
create table c (id integer primary key); create table b (id integer primary key, a_id integer references c (id) on delete cascade);
-- answers {"renamed": {"c": "a"}}
== a table is renamed and gets a column
create table a (id integer primary key);
-- to
create table c (id integer primary key, d text default 'x');
-- answers {"renamed": {"c": "a"}}
== a table with a composite key is renamed
create table a (x integer not null, y integer not null, primary key (x, y));
-- to
create table c (x integer not null, y integer not null, primary key (x, y));
-- answers {"renamed": {"c": "a"}}
== two tables swap their names
create table a (id integer primary key, x text); create table b (id integer primary key, y text);
-- to
create table b (id integer primary key, x text); create table a (id integer primary key, y text);
-- answers {"renamed": {"a": "b", "b": "a", "a.y": null, "b.x": null}}
== a table and a column of it are renamed
create table a (id integer primary key, b text not null);
-- to
create table c (id integer primary key, d text not null);
-- answers {"renamed": {"c": "a", "c.d": "b"}}
== a table is renamed and a column changes its type
create table a (id integer primary key, b integer);
-- to
create table c (id integer primary key, b text);
-- answers {"renamed": {"c": "a"}}
== names that are words of sql
create table "order" ("group" integer primary key, "select" text);
-- to
create table "order" ("group" integer primary key, "select" text not null default 'a', "where" text);
== names with quotes and spaces
create table "it""s a" ("b c" integer primary key);
-- to
create table "it""s a" ("b c" integer primary key, "d""e" text check ("d""e" <> ''));
== a chain of three tables goes
create table a (id integer primary key); create table b (id integer primary key references a (id)); create table c (id integer primary key references b (id));
-- to
== references of two levels stay while the middle is changed
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id) on delete cascade, n integer); create table c (id integer primary key, b_id integer references b (id) on delete cascade);
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id) on delete cascade, n text not null); create table c (id integer primary key, b_id integer references b (id) on delete cascade);
