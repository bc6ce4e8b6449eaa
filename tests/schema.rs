//! What the attributes of a table say: the constant description, and the tables and indexes SQLite creates from it.

#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use insta::assert_snapshot;
use orm::{
    Error, ErrorKind,
    dialect::Dialect,
    postgres::Postgres,
    prelude::*,
    schema::{
        CheckDef, ColumnInfo, DefaultDef, Deferrable, EnumDef, ForeignKeyAction, ForeignKeyDef, GeneratedDef,
        GeneratedStorage, IndexDef, IndexKey, IndexOptions, IndexOrder, IndexPart, PartOptions, Schema, TableDef,
        UniqueDef,
    },
    sqlite::{Connection, Sqlite},
    types::SqlType,
};
use stored::{Value, stored, stored_rows, text};
use support::{assert_sql, each_dialect, either, on_postgres, on_sqlite, postgres::Database};

/// A kind of product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
#[db_enum(name = "product_kind", rename_all = "SCREAMING_SNAKE_CASE")]
enum Kind {
    HardWare,
    #[db_enum(name = "it's soft")]
    Software,
}

/// The number of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
struct ShopId(i64);

#[derive(Debug, Clone, PartialEq, Table)]
#[table(
    name = "shops",
    comment = "where it is sold",
    renamed_from = "stores",
    unique(name = "one_per_street", columns(street, number))
)]
struct Shop {
    #[column(primary_key, auto_increment)]
    id: ShopId,
    street: String,
    #[column(default = 1)]
    number: i16,
}

/// Every attribute of columns, keys, checks and indexes.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(
    name = "products",
    unique(code, shop_id),
    index(title, price desc),
    index(name = "lower_name", unique, columns(expr("lower(name)") desc), filter = "price > 0"),
    index(unique, weight),
    check(positive = "price >= 0", fits = "weight < 100"),
    foreign_key(
        columns(street, number),
        references = Shop(street, number),
        on_delete = set_null,
        on_update = cascade,
        name = "at_address"
    )
)]
struct Product {
    #[column(primary_key, default = random_uuid())]
    id: Uuid,
    #[column(references = Shop::id, on_delete = restrict, on_update = cascade, index)]
    shop_id: ShopId,
    #[column(
        unique = "product_code",
        length = 12,
        collation = "nocase",
        comment = "on the label",
        renamed_from = "sku"
    )]
    code: String,
    #[column(name = "name", check = "length(name) > 0")]
    title: String,
    #[column(precision = 10, scale = 2, sqlite(type = "text"), postgres(type = "numeric(10, 2)"))]
    price: Decimal,
    weight: Option<f64>,
    street: Option<String>,
    #[column(default = 7)]
    number: Option<i16>,
    #[column(default = Kind::Software)]
    kind: Kind,
    #[column(default = false)]
    is_sold: bool,
    #[column(default = -2.5)]
    rating: f32,
    #[column(default = "it's \"new\"")]
    note: String,
    #[column(default = sql("2 + 3"))]
    stars: i16,
    #[column(default = now())]
    made_on: NaiveDate,
    #[column(default = now(), on_update = now())]
    changed_at: DateTime<Utc>,
    #[column(generated = "name || ' ' || code")]
    label: String,
}

/// What only SQLite takes: an expression of its own, and a column that is computed when it is read, which PostgreSQL
/// has since version 18.
#[derive(Debug, Clone, PartialEq, Table)]
struct Picture {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(default = sql("x'00ff'"))]
    image: Vec<u8>,
    width: Option<f64>,
    #[column(generated(virtual = "width * 2"))]
    double_width: Option<f64>,
}

/// Columns named by a rule, a name that is a word of SQL, and rows in the order of their key.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "order", rename_all = "camelCase", without_rowid)]
struct Order {
    #[column(primary_key, references = Product::id, on_delete = cascade)]
    product_id: Uuid,
    #[column(primary_key)]
    order_number: i32,
    r#type: String,
    #[column(name = "group by", sqlite(type = "any"))]
    group_by: Json<Vec<i32>>,
}

/// A table with neither a name nor a key.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(keyless)]
struct LogEntry {
    text: String,
    #[column(sqlite(type = "varchar(20)"))]
    level: Option<String>,
}

schema! { fn schema() = [Order, Product, LogEntry, Shop] }
schema! { fn pictures() = [Picture] }
schema! { fn everything() = [Order, Product, LogEntry, Shop, Picture] }

fn database() -> Connection {
    let db = Connection::open_in_memory().expect("there is memory");
    db.create_all(&schema()).expect("the database is empty");
    db
}

/// Creates the tables, and on PostgreSQL the collation they use.
macro_rules! create {
    ($db:expr) => {
        $db.execute_batch(either!(
            $db,
            postgres: "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
            sqlite: "",
        ))?;
        $db.create_all(&schema())?;
    };
}

fn column(table: &'static TableDef, name: &str) -> ColumnInfo {
    *table.column(name).unwrap_or_else(|| panic!("no column `{name}`"))
}

const fn ascending(key: IndexKey) -> IndexPart {
    IndexPart { key, order: IndexOrder::Ascending, options: PartOptions::NONE }
}

const fn descending(key: IndexKey) -> IndexPart {
    IndexPart { key, order: IndexOrder::Descending, options: PartOptions::NONE }
}

#[test]
fn a_schema_knows_its_tables() {
    let schema = schema();
    let names: Vec<&str> = schema.tables().iter().map(|table| table.name).collect();
    assert_eq!(names, ["order", "products", "log_entries", "shops"]);
    assert_eq!(schema.table("shops"), Some(Shop::DEF));
    assert_eq!(schema.table("Shop"), None);
    assert_eq!(schema.enums(), [&EnumDef { name: "product_kind", labels: &["HARD_WARE", "it's soft"] }]);
}

#[test]
fn tables() {
    let shop = Shop::DEF;
    assert_eq!((shop.name, shop.rust_name, shop.primary_key), ("shops", "Shop", ["id"].as_slice()));
    assert_eq!(
        (shop.comment, shop.renamed_from, shop.without_rowid),
        (Some("where it is sold"), Some("stores"), false)
    );
    assert_eq!(shop.uniques, [UniqueDef { name: Some("one_per_street"), columns: &["street", "number"] }]);
    assert_eq!((Order::DEF.primary_key, Order::DEF.without_rowid), (["productId", "orderNumber"].as_slice(), true));
    assert_eq!((LogEntry::DEF.name, LogEntry::DEF.primary_key), ("log_entries", [""; 0].as_slice()));
    assert_eq!((Product::NAME, Product::WIDTH, Product::PRESENT), ("products", 16, Some(0)));
}

#[test]
fn columns() {
    let of = |name: &str| column(Product::DEF, name);
    let plain = |name, rust_name, ty, nullable| ColumnInfo::new(name, rust_name, ty, nullable);
    let default = |info: ColumnInfo, default| ColumnInfo { default: Some(default), ..info };
    assert_eq!(of("id"), default(plain("id", "id", SqlType::Uuid, false), DefaultDef::RandomUuid));
    assert_eq!(of("shop_id"), plain("shop_id", "shop_id", SqlType::BigInt, false));
    assert_eq!(of("name"), plain("name", "title", SqlType::Text, false));
    assert_eq!(of("weight"), plain("weight", "weight", SqlType::Double, true));
    let code = of("code");
    assert_eq!((code.length, code.collation), (Some(12), Some("nocase")));
    assert_eq!((code.comment, code.renamed_from), (Some("on the label"), Some("sku")));
    let price = of("price");
    assert_eq!((price.sql_type, price.precision), (SqlType::Decimal, Some((10, 2))));
    assert_eq!((price.sqlite_type, price.postgres_type), (Some("text"), Some("numeric(10, 2)")));
    assert_eq!(of("number"), default(plain("number", "number", SqlType::SmallInt, true), DefaultDef::Integer(7)));
    assert_eq!(of("kind").default, Some(DefaultDef::Text("it's soft")));
    assert!(matches!(of("kind").sql_type, SqlType::Enum(EnumDef { name: "product_kind", .. })));
    assert_eq!(of("is_sold").default, Some(DefaultDef::Bool(false)));
    assert_eq!(of("rating").default, Some(DefaultDef::Float(-2.5)));
    assert_eq!(of("note").default, Some(DefaultDef::Text("it's \"new\"")));
    assert_eq!(of("stars").default, Some(DefaultDef::Sql("2 + 3")));
    assert_eq!((of("made_on").default, of("made_on").on_update), (Some(DefaultDef::Now), None));
    assert_eq!((of("changed_at").default, of("changed_at").on_update), (Some(DefaultDef::Now), Some(DefaultDef::Now)));
    let stored = GeneratedDef { expression: "name || ' ' || code", storage: GeneratedStorage::Stored };
    assert_eq!(of("label").generated, Some(stored));
    let computed = GeneratedDef { expression: "width * 2", storage: GeneratedStorage::Virtual };
    let double_width = column(Picture::DEF, "double_width");
    assert_eq!((double_width.generated, double_width.nullable), (Some(computed), true));
    assert!(column(Shop::DEF, "id").auto_increment);
    let names: Vec<(&str, &str)> = Order::DEF.columns.iter().map(|column| (column.name, column.rust_name)).collect();
    assert_eq!(
        names,
        [("productId", "product_id"), ("orderNumber", "order_number"), ("type", "type"), ("group by", "group_by")]
    );
}

#[test]
fn constraints() {
    let product = Product::DEF;
    let unique = |name, columns| UniqueDef { name, columns };
    assert_eq!(product.uniques, [unique(Some("product_code"), &["code"]), unique(None, &["code", "shop_id"])]);
    let check = |name, condition| CheckDef { name, condition };
    assert_eq!(
        product.checks,
        [
            check("products_name_check", "length(name) > 0"),
            check("positive", "price >= 0"),
            check("fits", "weight < 100")
        ]
    );
    assert_eq!(
        product.foreign_keys,
        [
            ForeignKeyDef {
                name: None,
                columns: &["shop_id"],
                table: "shops",
                references: &["id"],
                on_delete: ForeignKeyAction::Restrict,
                on_update: ForeignKeyAction::Cascade,
                deferrable: Deferrable::No,
            },
            ForeignKeyDef {
                name: Some("at_address"),
                columns: &["street", "number"],
                table: "shops",
                references: &["street", "number"],
                on_delete: ForeignKeyAction::SetNull,
                on_update: ForeignKeyAction::Cascade,
                deferrable: Deferrable::No,
            },
        ]
    );
}

#[test]
fn indexes() {
    const PARTS: [&[IndexPart]; 4] = [
        &[ascending(IndexKey::Column("shop_id"))],
        &[ascending(IndexKey::Column("name")), descending(IndexKey::Column("price"))],
        &[descending(IndexKey::Expression("lower(name)"))],
        &[ascending(IndexKey::Column("weight"))],
    ];
    let plain = |parts| IndexDef { name: None, unique: false, parts, filter: None, options: IndexOptions::NONE };
    assert_eq!(
        Product::DEF.indexes,
        [
            plain(PARTS[0]),
            plain(PARTS[1]),
            IndexDef { name: Some("lower_name"), unique: true, filter: Some("price > 0"), ..plain(PARTS[2]) },
            IndexDef { unique: true, ..plain(PARTS[3]) },
        ]
    );
}

/// The tables come after those they refer to, whatever the order in which the schema names them.
#[test]
fn the_statements_of_create_all() {
    let statements = |dialect: &dyn Dialect| orm_core::ddl::create_statements(&everything(), dialect).join(";\n");
    assert_snapshot!("the_statements_of_create_all", statements(&Sqlite));
    assert_snapshot!("the_statements_of_create_all_on_postgres", statements(&Postgres));
}

/// SQLite keeps the statements as they were sent.
#[test]
fn create_all_runs_these_statements() {
    let db = database();
    let kept = stored_rows(
        &db,
        "select sql from sqlite_schema where sql is not null and name not like 'sqlite\\_%' escape '\\'",
    );
    let kept: Vec<String> = kept
        .into_iter()
        .map(|mut row| match row.remove(0) {
            Value::Text(sql) => sql,
            other => panic!("{other:?} is no statement"),
        })
        .collect();
    let expected: Vec<String> = orm_core::ddl::create_statements(&schema(), &Sqlite)
        .into_iter()
        .map(|sql| {
            let sql = sql.replacen("create table", "CREATE TABLE", 1).replacen("create index", "CREATE INDEX", 1);
            sql.replacen("create unique index", "CREATE UNIQUE INDEX", 1)
        })
        .collect();
    assert_eq!(kept, expected);
}

/// What SQLite understood, asked of SQLite.
#[test]
fn sqlite_understands_the_tables() {
    let db = database();
    let rows = |sql: &str| -> String {
        let show = |value: Value| match value {
            Value::Null => "null".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        let rows = stored_rows(&db, sql).into_iter();
        rows.map(|row| row.into_iter().map(show).collect::<Vec<_>>().join(" | ")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(rows("select name, strict, wr as without_rowid from pragma_table_list \
         where schema = 'main' and name not like 'sqlite\\_%' escape '\\' order by name"), @r"
    log_entries | 0 | 0
    order | 1 | 1
    products | 1 | 0
    shops | 1 | 0
    ");
    assert_snapshot!(rows("select name, lower(type), \"notnull\", pk, hidden from pragma_table_xinfo('products')"), @r"
    id | text | 1 | 1 | 0
    shop_id | integer | 1 | 0 | 0
    code | text | 1 | 0 | 0
    name | text | 1 | 0 | 0
    price | text | 1 | 0 | 0
    weight | real | 0 | 0 | 0
    street | text | 0 | 0 | 0
    number | integer | 0 | 0 | 0
    kind | text | 1 | 0 | 0
    is_sold | integer | 1 | 0 | 0
    rating | real | 1 | 0 | 0
    note | text | 1 | 0 | 0
    stars | integer | 1 | 0 | 0
    made_on | text | 1 | 0 | 0
    changed_at | text | 1 | 0 | 0
    label | text | 1 | 0 | 3
    ");
    assert_snapshot!(rows("select \"from\", \"table\", \"to\", on_update, on_delete \
         from pragma_foreign_key_list('products') order by id, seq"), @r"
    street | shops | street | CASCADE | SET NULL
    number | shops | number | CASCADE | SET NULL
    shop_id | shops | id | CASCADE | RESTRICT
    ");
    assert_snapshot!(rows("select name, \"unique\", origin, partial \
         from pragma_index_list('products') where origin = 'c' order by name"), @r"
    lower_name | 1 | c | 1
    products_name_price_idx | 0 | c | 0
    products_shop_id_idx | 0 | c | 0
    products_weight_key | 1 | c | 0
    ");
    assert_snapshot!(rows("select name, \"desc\", coll \
         from pragma_index_xinfo('products_name_price_idx') where key order by seqno"), @r"
    name | 0 | BINARY
    price | 1 | BINARY
    ");
    assert_snapshot!(rows("select coalesce(name, 'expression'), \"desc\" \
         from pragma_index_xinfo('lower_name') where key"), @"expression | 1");
    assert_snapshot!(rows("select group_concat(name) from pragma_table_info('order') \
         where pk > 0 order by pk"), @"productId,orderNumber");
}

/// What PostgreSQL understood, asked of PostgreSQL.
#[test]
fn postgres_understands_the_tables() -> Result<(), Error> {
    let db = &Database::new(&Schema::new(&[]));
    create!(db);
    let rows = |sql: &str| -> String {
        let rows = db.raw(sql).expect("the statement is valid").into_iter();
        let line = |row: Vec<Option<String>>| -> Vec<String> {
            row.into_iter().map(|value| value.unwrap_or_else(|| "null".to_owned())).collect()
        };
        rows.map(|row| line(row).join(" | ")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(rows("select attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, \
         pg_get_expr(adbin, adrelid) from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum \
         where attrelid in ('products'::regclass, 'shops'::regclass) and attnum > 0 order by attrelid, attnum"), @r#"
    id | bigint | t | d |  | null
    street | text | t |  |  | null
    number | smallint | t |  |  | 1
    id | uuid | t |  |  | gen_random_uuid()
    shop_id | bigint | t |  |  | null
    code | character varying(12) | t |  |  | null
    name | text | t |  |  | null
    price | numeric(10,2) | t |  |  | null
    weight | double precision | f |  |  | null
    street | text | f |  |  | null
    number | smallint | f |  |  | 7
    kind | product_kind | t |  |  | 'it''s soft'::product_kind
    is_sold | boolean | t |  |  | false
    rating | real | t |  |  | '-2.5'::numeric
    note | text | t |  |  | 'it''s "new"'::text
    stars | smallint | t |  |  | (2 + 3)
    made_on | date | t |  |  | ((now() AT TIME ZONE 'utc'::text))::date
    changed_at | timestamp with time zone | t |  |  | now()
    label | text | t |  | s | ((name || ' '::text) || (code)::text)
    "#);
    assert_snapshot!(rows("select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint \
         where connamespace = 'public'::regnamespace and contype <> 'n' order by conrelid, contype, conname"), @r#"
    shops | shops_pkey | PRIMARY KEY (id)
    shops | one_per_street | UNIQUE (street, number)
    products | fits | CHECK ((weight < (100)::double precision))
    products | positive | CHECK ((price >= (0)::numeric))
    products | products_name_check | CHECK ((length(name) > 0))
    products | at_address | FOREIGN KEY (street, number) REFERENCES shops(street, number) ON UPDATE CASCADE ON DELETE SET NULL
    products | products_shop_id_fkey | FOREIGN KEY (shop_id) REFERENCES shops(id) ON UPDATE CASCADE ON DELETE RESTRICT
    products | products_pkey | PRIMARY KEY (id)
    products | product_code | UNIQUE (code)
    products | products_code_shop_id_key | UNIQUE (code, shop_id)
    "order" | order_productId_fkey | FOREIGN KEY ("productId") REFERENCES products(id) ON DELETE CASCADE
    "order" | order_pkey | PRIMARY KEY ("productId", "orderNumber")
    "#);
    assert_snapshot!(rows("select indexdef from pg_indexes where schemaname = 'public' \
         and indexname not in (select conname from pg_constraint) order by indexname"), @r#"
    CREATE UNIQUE INDEX lower_name ON public.products USING btree (lower(name) DESC) WHERE (price > (0)::numeric)
    CREATE INDEX products_name_price_idx ON public.products USING btree (name, price DESC)
    CREATE INDEX products_shop_id_idx ON public.products USING btree (shop_id)
    CREATE UNIQUE INDEX products_weight_key ON public.products USING btree (weight)
    "#);
    assert_snapshot!(rows("select typname, enumlabel from pg_enum join pg_type on pg_type.oid = enumtypid \
         order by enumsortorder"), @r#"
    product_kind | HARD_WARE
    product_kind | it's soft
    "#);
    Ok(())
}

fn product(shop: ShopId, code: &str) -> NewProduct {
    NewProduct::new(shop, code, format!("Product {code}"), Decimal::new(995, 2))
}

each_dialect! {
    /// What the description promises is what the database does.
    fn rows_of_every_table(db) {
        create!(db);
        let shop = Shop::insert().set(Shop::street, "Main").returning().columns(Shop::id).one(db)?;
        let row = Product::insert().values(product(shop, "a1")).returning().one(db)?;
        assert_eq!((row.kind, row.number, row.rating), (Kind::Software, Some(7), -2.5));
        assert_eq!((row.note.as_str(), row.stars, row.label.as_str()), ("it's \"new\"", 5, "Product a1 a1"));
        let order = || {
            Order::insert()
                .set(Order::product_id, row.id)
                .set(Order::order_number, 1)
                .set(Order::r#type, "t")
                .set(Order::group_by, Json(vec![1, 2]))
        };
        assert_sql!(
            order(),
            both: r#"insert into "order" ("productId", "orderNumber", "type", "group by") values ($1, $2, $3, $4)"#,
        );
        let order = order().returning().one(db)?;
        assert_eq!(Order::find((row.id, 1)).one(db)?, order);
        assert_eq!(Order::select().filter(Order::r#type.eq("t")).count(db)?, 1);
        LogEntry::insert().set(LogEntry::text, "started").execute(db)?;
        assert_eq!(LogEntry::select().one(db)?, LogEntry { text: "started".into(), level: None });
        // Deletes and key changes follow the actions of the foreign keys.
        assert_eq!(Shop::delete().all_rows().execute(db).expect_err("restrict").kind(), ErrorKind::ForeignKeyViolation);
        Shop::update().set_key(Shop::id, ShopId(50)).all_rows().execute(db)?;
        assert_eq!(Product::select().columns(Product::shop_id).one(db)?, ShopId(50));
        Product::delete().all_rows().execute(db)?;
        assert!(!Order::select().exists(db)?);
    }

    fn constraints_are_enforced(db) {
        create!(db);
        let shop = Shop::insert().set(Shop::street, "Main").returning().columns(Shop::id).one(db)?;
        Product::insert().values(product(shop, "a1")).execute(db)?;
        let refused = |new: NewProduct| Product::insert().values(new).execute(db).expect_err("it is refused");
        // The collation makes the codes equal.
        let error = refused(NewProduct { title: "other".into(), ..product(shop, "A1") });
        assert!(error.violates(Product::code), "{error:?}");
        let constraint = |error: Error| error.violation().and_then(|violation| violation.constraint.clone());
        let same_name = NewProduct { title: "PRODUCT A1".into(), ..product(shop, "b") };
        assert_eq!(constraint(refused(same_name)).as_deref(), Some("lower_name"));
        let no_name = NewProduct { title: String::new(), ..product(shop, "c") };
        assert_eq!(constraint(refused(no_name)).as_deref(), Some("products_name_check"));
        let heavy = NewProduct { weight: Some(100.0), ..product(shop, "d") };
        assert_eq!(constraint(refused(heavy)).as_deref(), Some("fits"));
        assert_eq!(refused(product(shop, "0123456789012")).kind(), ErrorKind::CheckViolation);
        assert_eq!(refused(product(ShopId(9), "e")).kind(), ErrorKind::ForeignKeyViolation);
        let nowhere = NewProduct { street: Some("Nowhere".into()), ..product(shop, "f") };
        assert_eq!(refused(nowhere).kind(), ErrorKind::ForeignKeyViolation);
        Product::insert().values(NewProduct { weight: Some(1.0), ..product(shop, "g") }).execute(db)?;
        let error = refused(NewProduct { weight: Some(1.0), ..product(shop, "h") });
        assert!(error.violates(Product::weight), "a unique index is a unique key: {error:?}");
        Shop::insert().set(Shop::street, "Main").set(Shop::number, 2).execute(db)?;
        let error = Shop::insert().set(Shop::street, "Main").execute(db).expect_err("it exists");
        assert!(error.violates(Shop::street) && error.violates(Shop::number));
        assert_eq!(Product::select().count(db)?, 2);
    }

    /// Tables that refer to each other in a circle are created; the keys are checked.
    fn circles_of_references(db) {
        #[derive(Debug, PartialEq, Table)]
        #[table(name = "hens")]
        struct Hen {
            #[column(primary_key)]
            id: i64,
            #[column(references = Egg::id)]
            from_egg: Option<i64>,
        }
        #[derive(Debug, PartialEq, Table)]
        #[table(name = "eggs")]
        struct Egg {
            #[column(primary_key)]
            id: i64,
            #[column(references = Hen::id)]
            from_hen: Option<i64>,
        }
        schema! { fn poultry() = [Hen, Egg] }
        db.create_all(&poultry())?;
        Hen::insert().set(Hen::id, 1).execute(db)?;
        Egg::insert().set(Egg::id, 1).set(Egg::from_hen, 1).execute(db)?;
        Hen::update().set(Hen::from_egg, 1).all_rows().execute(db)?;
        let error = Hen::delete().all_rows().execute(db).expect_err("the egg refers to it");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    }

    /// A schema without tables creates nothing, and one that fails creates nothing either.
    fn create_all_is_all_or_nothing(db) {
        db.create_all(&Schema::new(&[]))?;
        db.execute_batch("create table products (a integer)")?;
        let error = db.create_all(&schema()).expect_err("one of the tables exists");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert_eq!(Shop::select().count(db).expect_err("it was not created").kind(), ErrorKind::InvalidStatement);
        db.execute_batch("drop table products")?;
        create!(db);
        assert_eq!(Shop::select().count(db)?, 0);
    }
}

on_sqlite! {
    fn what_only_sqlite_takes(db) {
        db.create_all(&pictures())?;
        let picture = Picture::insert().set(Picture::width, 1.5).returning().one(db)?;
        assert_eq!((picture.image.as_slice(), picture.double_width), ([0, 255].as_slice(), Some(3.0)));
    }
}

on_postgres! {
    /// What a database does not take is its error, of the statement that has it.
    fn what_only_sqlite_takes_is_an_error(db) {
        let error = db.create_all(&pictures()).expect_err("it is no SQL");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert!(error.to_string().starts_with(r#"create table "pictures": "#), "{error}");
    }
}

/// A table whose columns have types `STRICT` does not know is not strict; all others are.
#[test]
fn types_of_sqlite_may_be_chosen() {
    let db = database();
    stored::write(&db, "insert into log_entries values ('a', 5)", &[]);
    assert_eq!(stored(&db, "select level from log_entries"), text("5"), "the affinity of `varchar` is text");
    let refused = db.execute_batch("insert into \"order\" values ('p', 'one', 't', 1)");
    assert_eq!(refused.expect_err("`one` is no integer").kind(), ErrorKind::CheckViolation);
}
