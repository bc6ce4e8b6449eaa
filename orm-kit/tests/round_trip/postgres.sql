create extension pg_trgm;
create type mood as enum ('fine', 'it''s bad');
create type "My Kind" as enum ('a', 'b');
create domain positive as integer not null check (value > 0);
create sequence tickets as integer increment by 5 minvalue 10 start with 20 cycle;
create function is_short(text) returns boolean immutable language sql as $$ select length($1) < 100 $$;
create aggregate joined(text) (sfunc = textcat, stype = text, initcond = '');
create function touch() returns trigger language plpgsql as $$ begin new.changed := now(); return new; end $$;
create table people (
    id bigint generated always as identity primary key,
    name varchar(40) collate "C" not null default 'nobody',
    mood mood not null default 'fine',
    kinds "My Kind"[] not null default '{a,b}',
    boss bigint references people (id) on delete set null on update cascade deferrable initially deferred,
    changed timestamptz not null default now(),
    ticket integer default nextval('tickets'),
    amount numeric(10, 2) default -0.5,
    code uuid default gen_random_uuid(),
    data jsonb not null default '{"b": 1, "a": [true, null]}',
    period int4range,
    loud text generated always as (upper(name) || '!') stored,
    constraint short check (is_short(name)),
    constraint listed check (name in ('x', 'y', 'z') or name like '%a%'),
    constraint one_name unique nulls not distinct (name, boss)
);
create table "Order" ("group" serial primary key, size positive, "it's" text check ("it's" <> ''));
create table circle_a (id integer primary key, b_id integer);
create table circle_b (id integer primary key, a_id integer references circle_a (id));
alter table circle_a add constraint closing foreign key (b_id) references circle_b (id) on delete cascade;
create index by_words on people using gin (name gin_trgm_ops);
create index by_boss on people (boss desc nulls last, lower(name)) include (mood) with (fillfactor = 70) where boss is not null and mood = 'fine';
create unique index by_code on people (code);
comment on table people is 'who''s who';
comment on column people.name is 'as it is called';
create view seniors as select id, name from people where boss is null;
create view loud_seniors as select upper(joined(name)) as name from seniors;
create materialized view counts as select mood, count(*) as number from people group by mood;
create unique index counts_mood on counts (mood);
create trigger touched before update of name on people for each row when (old.name is distinct from new.name) execute function touch();
create policy own on people for select to public using (boss is null);
create table events (at date not null, what text default 'x', primary key (at, what)) partition by range (at);
create table events_old partition of events for values from ('2020-01-01') to ('2024-01-01');
create table events_rest partition of events default;
create view recent as select what from events where at > '2024-01-01';
