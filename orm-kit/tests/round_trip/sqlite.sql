create table people (
    id integer primary key autoincrement,
    name text collate nocase not null default 'nobody' check (length(name) > 0),
    boss integer references people (id) on delete set null on update cascade deferrable initially deferred,
    born text default (date('now')),
    share real default -0.5,
    loud text generated always as (upper(name)) stored,
    quiet text as (lower(name)),
    constraint one_name unique (name, boss),
    constraint known check (share between -1 and 1)
) strict;
create table "my teams" ([the key] text not null primary key, `size` integer) without rowid;
create table legacy (a varchar(20), b decimal(10, 2) default 1.5, c, d boolean default true);
create table members (person integer not null, team text not null,
    primary key (person, team), foreign key (person) references people on delete cascade,
    foreign key (team) references "my teams" ("the key"));
create unique index by_boss on people (boss desc, lower(name)) where boss is not null;
create index by_name on legacy (a collate rtrim);
create view seniors as select name from people where boss is null;
create view loud_seniors as select upper(name) as name from seniors;
create trigger renamed after update of name on people when old.name <> new.name begin
    update legacy set a = case when new.name = 'x' then 'y' else new.name end;
end;
create trigger through_view instead of delete on seniors begin delete from people where name = old.name; end;
create virtual table found using fts5 (name, content='people', content_rowid='id');
