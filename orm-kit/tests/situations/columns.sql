== a nullable column
create table a (id integer primary key);
-- to
create table a (id integer primary key, b text);
== two columns
create table a (id integer primary key);
-- to
create table a (id integer primary key, b text, c integer);
== a column with a default
create table a (id integer primary key);
-- to
create table a (id integer primary key, b text not null default 'x');
== a default with quotes
create table a (id integer primary key);
-- to
create table a (id integer primary key, b text not null default 'it''s "x"; -- y');
== a negative default
create table a (id integer primary key);
-- to
create table a (id integer primary key, b integer not null default -1);
== a default that is an expression
create table a (id integer primary key);
-- to
create table a (id integer primary key, b integer not null default (1 + 2));
== a default that is the time
create table a (id integer primary key);
-- to
create table a (id integer primary key, b timestamp default current_timestamp);
== a required column with a value
create table a (id integer primary key);
-- to
create table a (id integer primary key, b text not null);
-- answers {"backfill": {"a.b": "'x'"}}
== a required column computed from another
create table a (id integer primary key, b text not null);
-- to
create table a (id integer primary key, b text not null, c text not null);
-- answers {"backfill": {"a.c": "b || '!'"}}
== a column moves into another
create table a (id integer primary key, b text not null);
-- to
create table a (id integer primary key, c text not null);
-- answers {"renamed": {"a.c": null}, "backfill": {"a.c": "b || '!'"}}
== a unique column
create table a (id integer primary key);
-- to
create table a (id integer primary key, b text unique);
== a column that refers
create table b (id integer primary key); create table a (id integer primary key);
-- to
create table b (id integer primary key); create table a (id integer primary key, b_id integer references b (id));
== a column that refers to its own table
create table a (id integer primary key);
-- to
create table a (id integer primary key, a_id integer references a (id));
== a column with a check
create table a (id integer primary key);
-- to
create table a (id integer primary key, b integer check (b > 0));
== a column and a unique constraint with it
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer, c integer, constraint u unique (b, c));
== a column and an index on it
create table a (id integer primary key);
-- to
create table a (id integer primary key, b integer); create index i on a (b);
== a column goes
create table a (id integer primary key, b text not null);
-- to
create table a (id integer primary key);
== a column with an index goes
create table a (id integer primary key, b text, c text); create index i on a (b); create index j on a (c);
-- to
create table a (id integer primary key, c text); create index j on a (c);
== a column of an index of two goes
create table a (id integer primary key, b text, c text); create index i on a (b, c);
-- to
create table a (id integer primary key, c text);
== a column of a check goes
create table a (id integer primary key, b integer, c integer, constraint k check (b <= c or b > c));
-- to
create table a (id integer primary key, c integer);
== a column of a unique constraint of two goes
create table a (id integer primary key, b integer, c integer, constraint u unique (b, c));
-- to
create table a (id integer primary key, c integer);
== a column that refers goes
create table a (id integer primary key); create table b (id integer primary key, a_id integer not null references a (id));
-- to
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id));
== a column of the key goes
create table a (x integer not null, y integer not null, primary key (x, y));
-- to
create table a (x integer not null, primary key (x));
== one of the key comes
create table a (x integer not null, y integer not null, primary key (x));
-- to
create table a (x integer not null, y integer not null, primary key (x, y));
== the key is another column
create table a (x integer not null, y integer not null, primary key (x));
-- to
create table a (x integer not null, y integer not null, primary key (y));
== the key goes
create table a (x integer not null, y integer not null, primary key (x, y));
-- to
create table a (x integer not null, y integer not null);
== a key comes
create table a (x integer not null, y integer not null);
-- to
create table a (x integer not null, y integer not null, primary key (x, y));
== a key of new columns comes
create table a (x integer not null);
-- to
create table a (x integer not null, y integer not null default 0, primary key (x, y));
== a column is renamed
create table a (id integer primary key, b text not null);
-- to
create table a (id integer primary key, c text not null);
-- answers {"renamed": {"a.c": "b"}}
== a column is renamed and used everywhere
create table a (id integer primary key, b integer not null check (b > 0), constraint u unique (b)); create index i on a (b) where b > 1;
-- to
create table a (id integer primary key, c integer not null check (c > 0), constraint u unique (c)); create index i on a (c) where c > 1;
-- answers {"renamed": {"a.c": "b"}}
== a column is renamed and another comes
create table a (id integer primary key, b text);
-- to
create table a (id integer primary key, c text, d text);
-- answers {"renamed": {"a.c": "b", "a.d": null}}
== a column is renamed and another goes
create table a (id integer primary key, b text, c text);
-- to
create table a (id integer primary key, d text);
-- answers {"renamed": {"a.d": "b"}}
== two columns swap their names
create table a (id integer primary key, b text, c integer);
-- to
create table a (id integer primary key, c text, b integer);
-- answers {"renamed": {"a.c": "b", "a.b": "c"}}
== a column is renamed and changes its type
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, c text);
-- answers {"renamed": {"a.c": "b"}}
== the key's column is renamed, which others refer to
create table a (id integer primary key); create table b (id integer primary key, a_id integer references a (id));
-- to
create table a (key integer primary key); create table b (id integer primary key, a_id integer references a (key));
-- answers {"renamed": {"a.key": "id"}}
== a default comes
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer default 7);
== a default goes
create table a (id integer primary key, b integer default 7);
-- to
create table a (id integer primary key, b integer);
== a default changes
create table a (id integer primary key, b text not null default 'a');
-- to
create table a (id integer primary key, b text not null default 'b');
== a default and no null come
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer not null default 1);
== the same with an index
create table a (id integer primary key, b integer); create index i on a (b);
-- to
create table a (id integer primary key, b integer not null default 1); create index i on a (b);
== a default and no null go
create table a (id integer primary key, b integer not null default 1);
-- to
create table a (id integer primary key, b integer);
== null is allowed
create table a (id integer primary key, b integer not null);
-- to
create table a (id integer primary key, b integer);
== null is allowed no more
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer not null);
== null is allowed no more, with a value for those who have it
create table a (id integer primary key, b integer);
-- to
create table a (id integer primary key, b integer not null);
-- answers {"backfill": {"a.b": "0"}}
== a type and a default change
create table a (id integer primary key, b integer default 1);
-- to
create table a (id integer primary key, b text default 'x');
== a type changes and a check with it
create table a (id integer primary key, b integer check (b > 0));
-- to
create table a (id integer primary key, b text check (length(b) > 0));
== a type changes under an index with a condition
create table a (id integer primary key, b integer); create index i on a (b) where b > 0;
-- to
create table a (id integer primary key, b numeric); create index i on a (b) where b > 0;
== the types of both sides of a reference change
create table a (id integer not null primary key); create table b (id integer primary key, a_id integer references a (id));
-- to
create table a (id text not null primary key); create table b (id integer primary key, a_id text references a (id));
