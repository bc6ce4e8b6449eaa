== null is allowed
create table a (id integer primary key, b text not null, c text constraint filled not null on conflict replace default 'x')
-- to
create table a (id integer primary key, b text, c text default 'x')
== null is allowed no more
create table a (id integer primary key, b text, c text null default 'x')
-- to
create table a (id integer primary key, b text not null, c text not null default 'x')
== defaults
create table a (id integer primary key,
  b text,
  c text default 'it''s, (not) a check' unique,
  d integer constraint five default (2 + 3),
  e text not null)
-- to
create table a (id integer primary key,
  b text default (lower('B')),
  c text default 'else' unique,
  d integer,
  e text not null)
== a default between other clauses
create table a (id integer primary key,
  b integer not null default -5 check (b < 10) references a (id) on delete cascade,
  c text not null)
-- to
create table a (id integer primary key,
  b integer not null default 7 check (b < 10) references a (id) on delete cascade,
  c text not null)
== checks of columns and of the table
create table a (id integer primary key, b integer check (b > 0) not null, c text constraint old check (c <> 'it''s'),
  constraint pair check (b < length(c) or b > 0) check (b <> 7), unique (b, c))
-- to
create table a (id integer primary key, b integer not null check (b < 100), c text, unique (b, c), constraint pair check (b > 0 or c is null), check (c <> ''))
== one of two equal checks
create table a (id integer primary key, b integer check (b > 0) check (b > 0))
-- to
create table a (id integer primary key, b integer check (b > 0))
== comments
create table a (id integer primary key, -- the key, not null
  b text /* not null */ not null -- default 'x'
  ,c integer -- not the last one, check (c > 0)
  ,d text not null -- the last one
)
-- to
create table a (id integer primary key, b text, c integer default 5, d text not null, check (c > -1))
== quotes of all kinds
create table [a "b" it's] ([c d] integer primary key, `e``f` text not null, "g ""h""" text, "check" integer check ("check" > 0), "$x$ $y$" text)
-- to
create table "a ""b"" it's" ([c d] integer primary key, `e``f` text, "g ""h""" text, "check" integer not null, "$x$ $y$" text check ("$x$ $y$" <> '$z$'))
== an enum with one label more
create table a (id integer primary key, b text not null check (b in ('x', 'y')), c text)
-- to
create table a (id integer primary key, b text not null check (b in ('y', 'x', 'z')), c text)
== an enum with one label less
create table a (id integer primary key, b text not null check (b in ('x', 'y', 'z')))
-- to
create table a (id integer primary key, b text not null check (b in ('x', 'y')))
== a foreign key comes
create table p (id integer primary key, x text not null, y integer not null, unique (x, y)); create table a (id integer primary key, p_id integer, px text, py integer)
-- to
create table p (id integer primary key, x text not null, y integer not null, unique (x, y)); create table a (id integer primary key, p_id integer references p, px text, py integer, foreign key (px, py) references p (x, y) on update cascade)
== a foreign key goes
create table p (id integer primary key); create table a (id integer primary key, p_id integer not null constraint ref references p (id) on delete cascade deferrable initially deferred, q_id integer references p)
-- to
create table p (id integer primary key); create table a (id integer primary key, p_id integer not null, q_id integer)
== a foreign key has other actions
create table p (id integer primary key); create table a (id integer primary key, p_id integer references p on delete cascade)
-- to
create table p (id integer primary key); create table a (id integer primary key, p_id integer references p (id) on delete set null on update cascade deferrable initially deferred)
== a table refers to itself and to another in a circle
create table p (id integer primary key, a_id integer); create table a (id integer primary key, boss integer, p_id integer)
-- to
create table p (id integer primary key, a_id integer references a (id)); create table a (id integer primary key, boss integer references a (id) on delete cascade, p_id integer references p (id))
== strict, without row ids, with triggers, views and indexes
create table a (x text not null, y integer not null, z any, primary key (x, y)) strict, without rowid; create index i on a (z); create view v as select z from a; create table log (b text); create trigger t after update on a begin insert into log values (new.x); end
-- to
create table a (x text not null, y integer not null, z any not null, primary key (x, y), check (y > 0)) strict, without rowid; create index i on a (z desc); create table log (b text)
== a renamed column
create table a (id integer primary key, b text not null); create table p (id integer primary key)
-- to
create table a (id integer primary key, c text, check (c <> '')); create table p (id integer primary key)
-- answers {"renamed": {"a.c": "b"}}
== a renamed table
create table a (id integer primary key, b text not null); create table c (id integer primary key, a_id integer references a (id))
-- to
create table b (id integer primary key, b text, check (b <> '')); create table c (id integer primary key, a_id integer references b (id) on delete cascade)
-- answers {"renamed": {"b": "a"}}
== computed columns and collations stay
create table a (id integer primary key autoincrement,
  b text collate nocase not null, c text as (upper(b)) stored, d integer generated always as (id * 2))
-- to
create table a (id integer primary key autoincrement,
  b text collate nocase default 'x' check (c is null or length(c) > 0), c text as (upper(b)) stored, d integer generated always as (id * 2))
