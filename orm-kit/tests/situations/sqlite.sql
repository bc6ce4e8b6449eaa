== numbers are not given again
create table a (id integer primary key, b text);
-- to
create table a (id integer primary key autoincrement, b text);
== numbers may be given again
create table a (id integer primary key autoincrement, b text);
-- to
create table a (id integer primary key, b text);
== a numbered table that others refer to is made anew
create table a (id integer primary key autoincrement, b text); create table c (id integer primary key, a_id integer not null references a (id) on delete cascade);
-- to
create table a (id integer primary key autoincrement, b text not null); create table c (id integer primary key, a_id integer not null references a (id) on delete cascade);
== a table becomes strict
create table a (id integer primary key, b varchar(20));
-- to
create table a (id integer primary key, b text) strict;
== a table is strict no more
create table a (id integer primary key, b text) strict;
-- to
create table a (id integer primary key, b varchar(20));
== without row ids
create table a (x text not null primary key, b text);
-- to
create table a (x text not null primary key, b text) without rowid;
== with row ids
create table a (x text not null primary key, b text) without rowid;
-- to
create table a (x text not null primary key, b text);
== hidden row ids stay
create table a (b text);
-- to
create table a (b text not null, c text);
== a column that is called as the row id
create table a (rowid text, b text);
-- to
create table a (rowid text not null, b text not null);
== another collation
create table a (id integer primary key, b text);
-- to
create table a (id integer primary key, b text collate nocase);
== an index with a collation
create table a (id integer primary key, b text);
-- to
create table a (id integer primary key, b text); create index i on a (b collate nocase desc);
== a virtual column comes
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer, c integer as (b * 2));
== a virtual column becomes stored
create table a (id integer primary key, b integer, c integer as (b * 2) virtual);
-- to
create table a (id integer primary key, b integer, c integer as (b * 2) stored);
== a stored column becomes virtual
create table a (id integer primary key, b integer, c integer as (b * 2) stored);
-- to
create table a (id integer primary key, b integer, c integer as (b * 2) virtual);
== a virtual column is computed in another way
create table a (id integer primary key, b integer, c integer as (b * 2));
-- to
create table a (id integer primary key, b integer, c integer as (b + 1));
== a virtual column goes
create table a (id integer primary key, b integer, c integer as (b * 2));
-- to
create table a (id integer primary key, b integer);
== a virtual column is stored by hand from now on
create table a (id integer primary key, b integer, c integer as (b * 2));
-- to
create table a (id integer primary key, b integer, c integer);
== views and triggers of a table that is made anew
create table a (id integer primary key, b text); create view v as select b from a; create table log (b text); create trigger t after update on a begin insert into log values (new.b); end; create trigger u after insert on log begin update a set b = 'y' where id = 0; end;
-- to
create table a (id integer primary key, b text not null default 'x'); create table log (b text);
== a view of a view
create table a (id integer primary key, b text); create view v as select b from a; create view w as select b from v;
-- to
create table a (id integer primary key, b text, c text check (c <> ''));
== full text
create table a (id integer primary key, b text); create virtual table f using fts5 (b, content='a', content_rowid='id');
-- to
create table a (id integer primary key, b text not null);
== text in double quotes in a default
create table a (id integer primary key, b text default ('x' || 'y'));
-- to
create table a (id integer primary key, b text default ('x' || 'z'));
== comments in a table
create table a (id integer primary key, -- the key
  b text /* with, a comma */ not null);
-- to
create table a (id integer primary key, b text not null);
== names in brackets and backticks
create table [a b] ([c d] integer primary key, `e f` text);
-- to
create table "a b" ("c d" integer primary key, "e f" text not null);
== a reference without columns
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a);
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a, c text not null default '');
== tables in a circle are made anew
create table a (id integer primary key, b_id integer references b (id)); create table b (id integer primary key, a_id integer references a (id) on delete cascade);
-- to
create table a (id integer primary key, b_id integer references b (id) on delete cascade); create table b (id integer primary key, a_id integer references a (id) on delete set null);
== tables in a circle go
create table a (id integer primary key, b_id integer references b (id)); create table b (id integer primary key, a_id integer references a (id));
-- to
== a tree is made anew
create table a (id integer primary key, parent integer references a (id) on delete cascade, b text);
-- to
create table a (id integer primary key, parent integer references a (id) on delete cascade, b text not null);
== blobs
create table a (id integer primary key, b blob default x'00ff');
-- to
create table a (id integer primary key, b blob not null default x'00fe');
== any type
create table a (id integer primary key, b) ;
-- to
create table a (id integer primary key, b any) strict;
== rows move from a value that is gone
create table a (id integer primary key, b text not null check (b in ('x', 'y'))); insert into a values (1, 'y'), (2, 'x');
-- to
create table a (id integer primary key, b text not null check (b in ('x', 'z')));
-- answers {"using": {"a.b": "case b when 'y' then 'z' else b end"}}
-- irreversible
== numbered by a key of the table, and made anew
create table a (id integer, b text, primary key ("id" autoincrement));
-- to
create table a (id integer, b text not null, primary key ("id" autoincrement));
