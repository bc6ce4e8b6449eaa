-- Every managed object of SQLite, in tables as `orm` makes them and as others do.
create table customers (
    id integer primary key autoincrement,
    email text not null,
    name text not null default 'nobody',
    role text not null default 'guest',
    is_active integer not null default true,
    score real not null default 1.5,
    visits integer default -1,
    nickname text collate nocase,
    photo blob,
    created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    parent_id integer references customers (id) on delete set null deferrable,
    constraint customers_email_key unique (email),
    constraint customers_role_check check ("role" in ('guest', 'member', 'it''s me')),
    check ("is_active" in (0, 1)),
    check (length("nickname") <= 40),
    check (visits >= -1),
    constraint sane check (score >= 0 and visits < 1000000)
) strict;
create index customers_name_idx on customers (name);
create index customers_lower on customers (lower(email) desc, name) where is_active = 1;
create index customers_names on customers (name collate nocase desc, lower(email) collate rtrim);
create unique index one_nickname on customers (nickname) where nickname is not null;

create table "Order Details" (
    "OrderID" integer not null,
    "ProductID" integer not null,
    "UnitPrice" numeric(10, 2) not null default 0,
    "Quantity" smallint default (1),
    "Total" real generated always as ("UnitPrice" * "Quantity") stored,
    "Half" real as ("UnitPrice" / 2) virtual,
    "ShippedAt" datetime default current_timestamp,
    "Gift" boolean not null default 0,
    primary key ("OrderID", "ProductID"),
    foreign key ("OrderID") references "Orders" ("OrderID") on delete cascade on update restrict,
    foreign key ("ProductID") references products
) without rowid;

create table "Orders" (
    "OrderID" integer primary key,
    "CustomerID" integer not null references customers (id) on delete cascade,
    "SalespersonID" integer references customers (id) on update set default,
    status varchar(12) check (status in ('open', 'paid')),
    "type" text
);

create table products (
    id integer primary key,
    code text not null unique,
    size text,
    color text,
    unique (size, color)
);

create table tags (id integer primary key, label varchar(20) not null);
create table product_tags (
    product_id integer not null references products (id) on delete cascade,
    tag_id integer not null references tags (id) on delete cascade,
    primary key (product_id, tag_id)
) strict, without rowid;

create table follows (
    follower_id integer not null references customers (id),
    followed_id integer not null references customers (id),
    since date,
    primary key (follower_id, followed_id)
);

create table profiles (
    customer_id integer primary key references customers (id) on delete cascade,
    biography text,
    settings json
);

create table shelves (warehouse text not null, shelf integer not null, note text, primary key (warehouse, shelf));
create table parts (
    id integer primary key autoincrement,
    warehouse text,
    shelf integer,
    foreign key (warehouse, shelf) references shelves (warehouse, shelf) on delete set null deferrable initially deferred
) strict;

create table log (line text not null, at integer not null);

create view short_tags as select id, label from tags where length(label) < 5;
CREATE VIEW "Both [kinds]" (a, "it's") AS select label, id from short_tags;
create trigger tag_log after insert on tags for each row when new.label <> ''
begin
    insert into log values ('tag;' || new.label, 0);
    delete from log where line = 'end';
end;
create trigger "new short tag" instead of insert on short_tags begin insert into tags (label) values (new.label); end;
create virtual table tags_search using fts5(label, content='tags', content_rowid='id', tokenize='porter unicode61');
create trigger tags_search_insert after insert on tags begin insert into tags_search (rowid, label) values (new.id, new.label); end;
create virtual table places using rtree(id, west, east);
