== a type comes
-- to
create type e as enum ('a', 'b');
== a type goes
create type e as enum ('a', 'b');
-- to
== a type and a column of it come
create table t (id int primary key);
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a');
== a type and its column go
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a');
-- to
create table t (id int primary key);
== a label at the end
create type e as enum ('a'); create table t (id int primary key, e e not null default 'a');
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a');
== a label at the beginning
create type e as enum ('b'); create table t (id int primary key, e e);
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e);
== labels in between
create type e as enum ('a', 'd'); create table t (id int primary key, e e);
-- to
create type e as enum ('a', 'b', 'c', 'd', 'e'); create table t (id int primary key, e e);
== a label with quotes
create type e as enum ('a'); create table t (id int primary key, e e);
-- to
create type e as enum ('a', 'it''s "b"'); create table t (id int primary key, e e);
== a label that is the default at once
create type e as enum ('a'); create table t (id int primary key, e e not null default 'a');
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'b');
== a label that is the value of a new column
create type e as enum ('a'); create table t (id int primary key);
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null);
-- answers {"backfill": {"t.e": "'b'"}}
== a label is gone
create type e as enum ('a', 'b', 'c'); create table t (id int primary key, e e not null default 'a');
-- to
create type e as enum ('a', 'c'); create table t (id int primary key, e e not null default 'a');
== a label of a type without columns is gone
create type e as enum ('a', 'b');
-- to
create type e as enum ('a');
== another order
create type e as enum ('a', 'b', 'c'); create table t (id int primary key, e e not null default 'a');
-- to
create type e as enum ('c', 'a', 'b'); create table t (id int primary key, e e not null default 'a');
== another order, in arrays
create type e as enum ('a', 'b'); create table t (id int primary key, e e[] not null default '{a}');
-- to
create type e as enum ('b', 'a'); create table t (id int primary key, e e[] not null default '{a}');
== another order in two tables
create type e as enum ('a', 'b'); create table t (id int primary key, e e); create table u (id int primary key, e e not null default 'b');
-- to
create type e as enum ('b', 'a'); create table t (id int primary key, e e); create table u (id int primary key, e e not null default 'b');
== another order, with everything that names labels
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a', c text generated always as (case when e = 'a' then 'x' else 'y' end) stored, constraint k check (e = 'a' or id > 0)); create index i on t (id) where e = 'b'; create index j on t ((e = 'a')); create view v as select * from t where e = 'a';
-- to
create type e as enum ('b', 'a'); create table t (id int primary key, e e not null default 'a', c text generated always as (case when e = 'a' then 'x' else 'y' end) stored, constraint k check (e = 'a' or id > 0)); create index i on t (id) where e = 'b'; create index j on t ((e = 'a'));
== another order and another default
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a');
-- to
create type e as enum ('b', 'a'); create table t (id int primary key, e e not null default 'b');
== text becomes an enum
create table t (id int primary key, e text not null check (e in ('a', 'b')));
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null);
== text with a default becomes an enum
create table t (id int primary key, e text not null default 'a' check (e in ('a', 'b')));
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a');
== an enum becomes text
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null default 'a');
-- to
create table t (id int primary key, e text not null default 'a');
== one enum becomes another
create type e as enum ('a', 'b'); create type f as enum ('a', 'b', 'c'); create table t (id int primary key, e e not null default 'a');
-- to
create type e as enum ('a', 'b'); create type f as enum ('a', 'b', 'c'); create table t (id int primary key, e f not null default 'a');
== an array of enums becomes one of texts
create type e as enum ('a', 'b'); create table t (id int primary key, e e[] default '{a}');
-- to
create table t (id int primary key, e text[] default '{a}');
== a column is called as its type
create type e as enum ('a'); create table e_of (id int primary key, e e not null);
-- to
create type e as enum ('a', 'b'); create table e_of (id int primary key, e e not null);
== a type whose name needs quotes
create type "My Type" as enum ('a'); create table t (id int primary key, e "My Type" not null default 'a');
-- to
create type "My Type" as enum ('b', 'a'); create table t (id int primary key, e "My Type" not null default 'b');
== arrays with defaults
create table t (id int primary key);
-- to
create table t (id int primary key, a int[] default '{}', b int[] not null default '{1,2,3}', c text[] default '{"a b","c"}', d bool[] default array[true, false], e int[][] default '{{1,2},{3,4}}', f uuid[] default '{}', g jsonb default '{"b": 1, "a": 2}');
== numbers become arrays
create table t (id int primary key, a int[]);
-- to
create table t (id int primary key, a bigint[]);
== rows are numbered
create table t (id int primary key);
-- to
create table t (id int generated by default as identity primary key);
== rows are always numbered
create table t (id int primary key, n int not null);
-- to
create table t (id int primary key, n int not null generated always as identity);
== rows are numbered no more
create table t (id int generated by default as identity primary key);
-- to
create table t (id int primary key);
== by default becomes always
create table t (id int primary key, n int not null generated by default as identity);
-- to
create table t (id int primary key, n int not null generated always as identity);
== always becomes by default
create table t (id int primary key, n int not null generated always as identity);
-- to
create table t (id int primary key, n int not null generated by default as identity);
== a numbered column comes
create table t (id int primary key);
-- to
create table t (id int primary key, n int not null generated by default as identity);
== a serial column comes
create table t (id int primary key);
-- to
create table t (id int primary key, n serial not null);
== a serial becomes an identity
create table t (id serial primary key, a text);
-- to
create table t (id int generated by default as identity primary key, a text);
== an identity becomes a serial
create table t (id int generated by default as identity primary key, a text);
-- to
create table t (id serial primary key, a text);
== a serial becomes big
create table t (id serial primary key, a text);
-- to
create table t (id bigserial primary key, a text);
== an identity becomes big
create table t (id int generated by default as identity primary key); create table u (t_id int references t (id));
-- to
create table t (id bigint generated by default as identity primary key); create table u (t_id bigint references t (id));
== two nulls are equal
create table t (id int primary key, a int, constraint u unique (a));
-- to
create table t (id int primary key, a int, constraint u unique nulls not distinct (a));
== a unique constraint is checked at the end
create table t (id int primary key, a int, constraint u unique (a));
-- to
create table t (id int primary key, a int, constraint u unique (a) deferrable initially deferred);
== indexes of every kind
create table t (id int primary key, a int, b text, c jsonb, d int[]);
-- to
create table t (id int primary key, a int, b text, c jsonb, d int[]); create index i1 on t (a desc nulls last, b nulls first); create index i2 on t using hash (a); create index i3 on t using gin (c jsonb_path_ops); create index i4 on t using gin (d); create index i5 on t (b text_pattern_ops); create index i6 on t (a) include (b, id); create index i7 on t (a) with (fillfactor = 70); create unique index i8 on t (a) nulls not distinct; create index i9 on t (b collate "C"); create index i10 on t using brin (id); create index i11 on t ((c ->> 'x'), lower(b) desc) where a > 0 and b <> '';
== an index with another method
create table t (id int primary key, a int); create index i on t (a);
-- to
create table t (id int primary key, a int); create index i on t using hash (a);
== an index with other columns along
create table t (id int primary key, a int, b int, c int); create index i on t (a) include (b);
-- to
create table t (id int primary key, a int, b int, c int); create index i on t (a) include (c);
== comments
create table t (id int primary key, a int); comment on table t is 'old'; comment on column t.a is 'gone';
-- to
create table t (id int primary key, a int, b int); comment on table t is 'it''s new'; comment on column t.b is 'b';
== another collation
create table t (id int primary key, a text, constraint u unique (a));
-- to
create table t (id int primary key, a text collate "C", constraint u unique (a));
== a view of a column that changes its type
create table t (id int primary key, a int); create view v as select a, id from t; create view w as select a from v;
-- to
create table t (id int primary key, a bigint);
== a stored view with an index
create table t (id int primary key, a int); create materialized view v as select a, id from t; create unique index vi on v (id);
-- to
create table t (id int primary key, a bigint);
== a view beside a column that goes
create table t (id int primary key, a int, b int); create view v as select a from t;
-- to
create table t (id int primary key, a int);
== a trigger of a column that changes its type
create table t (id int primary key, a int); create function f() returns trigger language plpgsql as $$ begin new.a := new.a; return new; end $$; create trigger g before update of a on t for each row when (new.a > 0) execute function f();
-- to
create table t (id int primary key, a bigint);
== a policy of a column that changes its type
create table t (id int primary key, a int); alter table t enable row level security; create policy p on t using (a > 0);
-- to
create table t (id int primary key, a bigint);
== a check with a function of one's own
create function positive(n int) returns bool immutable language sql as 'select n > 0'; create table t (id int primary key, a int);
-- to
create function positive(n int) returns bool immutable language sql as 'select n > 0'; create table t (id int primary key, a int, constraint c check (positive(a)));
== a check that settles late
create table t (id int primary key, a varchar(20));
-- to
create table t (id int primary key, a varchar(20), constraint c check (a in ('1', '2', '3')));
== a condition that settles late
create table t (id int primary key, a varchar(20), b date);
-- to
create table t (id int primary key, a varchar(20), b date); create index i on t (id) where a in ('x', 'y') and b between '2020-01-01' and '2030-01-01';
== a numeric gets more digits
create table t (id int primary key, a numeric(5, 2));
-- to
create table t (id int primary key, a numeric(8, 2));
== a numeric gets fewer digits
create table t (id int primary key, a numeric(8, 4));
-- to
create table t (id int primary key, a numeric(6, 2));
== a text gets shorter
create table t (id int primary key, a varchar(40));
-- to
create table t (id int primary key, a varchar(20));
== a default of a function
create table t (id int primary key, a uuid, b timestamptz);
-- to
create table t (id int primary key, a uuid default gen_random_uuid(), b timestamptz not null default now());
== tables in a circle
create table a (id int primary key, b_id int); create table b (id int primary key, a_id int references a (id)); alter table a add constraint ab foreign key (b_id) references b (id);
-- to
create table a (id int primary key, b_id int, x int); create table b (id int primary key, a_id int references a (id)); alter table a add constraint ab foreign key (b_id) references b (id) on delete cascade;
== tables in a circle go
create table a (id int primary key, b_id int); create table b (id int primary key, a_id int references a (id)); alter table a add constraint ab foreign key (b_id) references b (id);
-- to
== tables in a circle come
-- to
create table a (id int primary key, b_id int); create table b (id int primary key, a_id int references a (id)); alter table a add constraint ab foreign key (b_id) references b (id);
== a domain stays
create domain d as int check (value > 0); create table t (id int primary key, a d);
-- to
create domain d as int check (value > 0); create table t (id int primary key, a d, b text);
== a sequence stays
create sequence s; create table t (id int primary key, a int default nextval('s'));
-- to
create sequence s; create table t (id int primary key, a int default nextval('s'), b text);
== a column whose name is a keyword changes in all ways
create table t (id int primary key, "user" int default 1);
-- to
create table t (id int primary key, "user" bigint not null default 2 check ("user" > 0), constraint u unique ("user"));
== a table goes, and the key it refers to
create table a (id int primary key); create table b (a_id int references a (id));
-- to
create table a (id int not null);
== rows move from a label that is gone
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null); insert into t values (1, 'b'), (2, 'a');
-- to
create type e as enum ('a', 'c'); create table t (id int primary key, e e not null);
-- answers {"using": {"t.e": "case e::text when 'b' then 'c' else e::text end"}}
-- irreversible
== a type that no cast leads to
create table t (id int primary key, a int not null);
-- to
create table t (id int primary key, a uuid not null);
-- answers {"using": {"t.a": "gen_random_uuid()"}}
-- irreversible
== a label that is in the default of an array at once
create type e as enum ('a'); create table t (id int primary key, e e[] not null default '{a}');
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e[] not null default '{a,b}');
== a label that is in the expression of an index at once
create type e as enum ('a'); create table t (id int primary key, e e not null);
-- to
create type e as enum ('a', 'b'); create table t (id int primary key, e e not null); create index i on t ((e = 'b'));
