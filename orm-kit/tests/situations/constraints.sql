== a unique constraint comes
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer, constraint u unique (b));
== a unique constraint goes
create table a (id integer primary key, b integer, constraint u unique (b));
-- to
create table a (id integer primary key, b integer);
== a unique constraint has another column
create table a (id integer primary key, b integer, c integer, constraint u unique (b));
-- to
create table a (id integer primary key, b integer, c integer, constraint u unique (c));
== a unique constraint has one column more
create table a (id integer primary key, b integer, c integer, constraint u unique (b));
-- to
create table a (id integer primary key, b integer, c integer, constraint u unique (b, c));
== a unique constraint has another name
create table a (id integer primary key, b integer, constraint u unique (b));
-- to
create table a (id integer primary key, b integer, constraint v unique (b));
== two unique constraints swap their names
create table a (id integer primary key, b integer, c integer, constraint u unique (b), constraint v unique (c));
-- to
create table a (id integer primary key, b integer, c integer, constraint v unique (b), constraint u unique (c));
== a unique constraint that is referred to is renewed
create table a (id integer primary key, b integer not null, c integer not null, constraint u unique (b)); create table d (id integer primary key, b integer references a (b));
-- to
create table a (id integer primary key, b integer not null, c integer not null, constraint u unique (c), constraint v unique (b)); create table d (id integer primary key, b integer references a (b));
== a unique constraint becomes an index
create table a (id integer primary key, b integer, constraint u unique (b));
-- to
create table a (id integer primary key, b integer); create unique index u on a (b);
== an index becomes a unique constraint
create table a (id integer primary key, b integer); create unique index u on a (b);
-- to
create table a (id integer primary key, b integer, constraint u unique (b));
== a check comes
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer, constraint c check (b > 0));
== a check goes
create table a (id integer primary key, b integer, constraint c check (b > 0));
-- to
create table a (id integer primary key, b integer);
== a check has another name
create table a (id integer primary key, b integer, constraint c check (b > 0));
-- to
create table a (id integer primary key, b integer, constraint d check (b > 0));
== a check has another condition
create table a (id integer primary key, b integer, constraint c check (b > 0));
-- to
create table a (id integer primary key, b integer, constraint c check (b > 0 and b < 100));
== several checks change
create table a (id integer primary key, b integer, constraint c check (b > 0), constraint d check (b < 10));
-- to
create table a (id integer primary key, b integer, constraint c check (b >= 0), constraint d check (b < 20), constraint e check (id > 0));
== two tables have checks of one name
create table a (id integer primary key, constraint c check (id > 0)); create table b (id integer primary key);
-- to
create table a (id integer primary key, constraint c check (id > 0)); create table b (id integer primary key, constraint c check (id > 0));
== a check with a list
create table a (id integer primary key, b text not null check (b in ('x', 'y')));
-- to
create table a (id integer primary key, b text not null check (b in ('x', 'y', 'z')));
== a check with a list loses an item
create table a (id integer primary key, b text not null check (b in ('x', 'y', 'z')));
-- to
create table a (id integer primary key, b text not null check (b in ('x', 'z')));
== a foreign key comes
create table a (id integer primary key); create table b (id integer primary key, a_id integer);
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id));
== a foreign key goes
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id));
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer);
== a foreign key refers to another table
create table a (id integer primary key); create table c (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id));
-- to
create table a (id integer primary key); create table c (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references c (id));
== a foreign key deletes along
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id));
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id) on delete cascade);
== a foreign key has other actions
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id) on delete cascade on update restrict);
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id) on delete set null on update cascade);
== a foreign key is checked at the end
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id));
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id) deferrable initially deferred);
== a foreign key of two columns
create table a (x integer not null, y integer not null, primary key (x, y)); create table b (id integer primary key, x integer, y integer);
-- to
create table a (x integer not null, y integer not null, primary key (x, y)); create table b (id integer primary key, x integer, y integer, constraint f foreign key (x, y) references a (x, y));
== a foreign key and its column come
create table a (id integer primary key); create table b (id integer primary key);
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer, constraint f foreign key (a_id) references a (id));
== tables refer to each other
create table a (id integer primary key, b_id integer); create table b (id integer primary key, a_id integer references a (id));
-- to
create table a (id integer primary key, b_id integer, c text); create table b (id integer primary key, a_id integer references a (id), d text not null default 'x');
== an index comes
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer); create index i on a (b);
== an index goes
create table a (id integer primary key, b integer); create index i on a (b);
-- to
create table a (id integer primary key, b integer);
== an index has another name
create table a (id integer primary key, b integer); create index i on a (b);
-- to
create table a (id integer primary key, b integer); create index j on a (b);
== two indexes swap their names
create table a (id integer primary key, b integer, c integer); create index i on a (b); create index j on a (c);
-- to
create table a (id integer primary key, b integer, c integer); create index j on a (b); create index i on a (c);
== an index becomes unique
create table a (id integer primary key, b integer); create index i on a (b);
-- to
create table a (id integer primary key, b integer); create unique index i on a (b);
== an index has another order
create table a (id integer primary key, b integer, c integer); create index i on a (b, c);
-- to
create table a (id integer primary key, b integer, c integer); create index i on a (b desc, c);
== an index has its columns the other way round
create table a (id integer primary key, b integer, c integer); create index i on a (b, c);
-- to
create table a (id integer primary key, b integer, c integer); create index i on a (c, b);
== an index gets a condition
create table a (id integer primary key, b integer); create index i on a (b);
-- to
create table a (id integer primary key, b integer); create index i on a (b) where b is not null;
== an index of an expression
create table a (id integer primary key, b text);
-- to
create table a (id integer primary key, b text); create index i on a (lower(b), id desc);
== an index of another expression
create table a (id integer primary key, b text); create index i on a (lower(b));
-- to
create table a (id integer primary key, b text); create index i on a (upper(b));
== a unique index and a required column
create table a (id integer primary key, b text);
-- to
create table a (id integer primary key, b text not null, c integer); create unique index i on a (b);
== a computed column comes
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored);
== a computed column goes
create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored);
-- to
create table a (id integer primary key, b integer);
== a computed column is computed in another way
create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored);
-- to
create table a (id integer primary key, b integer, c integer generated always as (b * 3) stored);
== a computed column with an index is computed in another way
create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored); create index i on a (c);
-- to
create table a (id integer primary key, b integer, c integer generated always as (b * 3) stored); create index i on a (c);
== a column becomes computed
create table a (id integer primary key, b integer, c integer);
-- to
create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored);
== a computed column is stored from now on
create table a (id integer primary key, b integer, c integer generated always as (b * 2) stored);
-- to
create table a (id integer primary key, b integer, c integer);
== what a column is computed from changes its type
create table a (id integer primary key, b integer, c text generated always as (case when b > 1 then 'x' else 'y' end) stored);
-- to
create table a (id integer primary key, b numeric, c text generated always as (case when b > 1 then 'x' else 'y' end) stored);
== what a column is computed from goes
create table a (id integer primary key, b integer, d integer, c integer generated always as (b * 2) stored);
-- to
create table a (id integer primary key, d integer, c integer generated always as (d * 2) stored);
