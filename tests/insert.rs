//! Inserts of one row.

#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use orm::{ErrorKind, expr::IntoExpr, prelude::*};
use stored::{Value, number, stored_row, text};
use support::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
enum Grade {
    Plain,
    Fine,
}

/// A table in which every column has a default or is generated.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "defaults", new(derive(Debug, Clone)))]
struct Defaulted {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(default = -3)]
    quantity: i32,
    #[column(default = 1.5)]
    price: f64,
    #[column(default = "it's")]
    note: String,
    #[column(default = true)]
    is_open: bool,
    #[column(default = Grade::Fine)]
    grade: Grade,
    #[column(default = now())]
    day: NaiveDate,
    #[column(default = now())]
    time: NaiveTime,
    #[column(default = now())]
    local: NaiveDateTime,
    #[column(default = now())]
    at: DateTime<Utc>,
    #[column(default = random_uuid())]
    token: Uuid,
    #[column(default = sql("1 + 2"))]
    sum: i64,
    #[column(default = 7)]
    rank: Option<i32>,
    #[column(generated = "quantity * price")]
    total: f64,
    #[column(generated = "upper(note)")]
    loud: String,
}

schema! { fn defaulted() = [Defaulted] }

/// A table with a column that is computed when it is read. PostgreSQL has such columns since version 18.
#[derive(Debug, Clone, PartialEq, Table)]
struct Sign {
    #[column(primary_key, auto_increment)]
    id: i64,
    note: String,
    #[column(generated(virtual = "upper(note)"))]
    loud: Option<String>,
}

schema! { fn signs() = [Sign] }

#[derive(Debug, PartialEq, Row)]
struct Login {
    email: String,
    upper: String,
}

each_dialect! {
    /// Values are converted to the column's type: `&str`, `String` and `Option` of them.
    fn set_takes_values(db) {
        let insert =
            || User::insert().set(User::email, "a@b").set(User::name, String::from("Ann")).set(User::age, Some(30));
        assert_sql!(
            insert(),
            both: r#"insert into "users" ("email", "name", "age") values ($1, $2, $3)"#,
        );
        assert_eq!(insert().execute(db)?, 1);
        User::insert().set(User::age, None::<i32>).set(User::name, "Bob").set(User::email, "b").execute(db)?;
        let rows = User::select().columns((User::email, User::name, User::age)).order_by(User::email).all(db)?;
        assert_eq!(rows, [("a@b".into(), "Ann".into(), Some(30)), ("b".into(), "Bob".into(), None)]);
    }

    /// An expression without columns is computed by the database.
    fn set_takes_expressions(db) {
        let insert = || {
            User::insert()
                .set(User::email, "x")
                .set(User::name, coalesce(IntoExpr::<String>::into_expr(None::<&str>), "nobody"))
                .set(User::created_at, now())
        };
        assert_sql!(
            insert(),
            postgres: r#"insert into "users" ("email", "name", "created_at") values ($1, coalesce(cast($2 as text), $3), now())"#,
            sqlite: r#"insert into "users" ("email", "name", "created_at") values (?1, coalesce(?2, ?3), strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))"#,
        );
        let before = Utc::now() - chrono::Duration::seconds(1);
        let user = insert().returning().one(db)?;
        assert_eq!(user.name, "nobody");
        assert!(user.created_at >= before && user.created_at <= Utc::now() + chrono::Duration::seconds(1));
    }

    /// The order of the calls is the order of the columns; it does not matter to the row.
    fn the_order_of_values_is_free(db) {
        assert_sql!(
            User::insert().set(User::name, "N").set(User::email, "E"),
            both: r#"insert into "users" ("name", "email") values ($1, $2)"#,
        );
        let user = User::insert().set(User::name, "N").set(User::email, "E").returning().one(db)?;
        assert_eq!((user.name.as_str(), user.email.as_str()), ("N", "E"));
    }

    /// A model may be lent or given away. What is left out of it is not in the statement; a nullable column without a
    /// default is.
    fn values_takes_a_model(db) {
        let ann = NewUser { age: Some(1), ..user("a", "Ann") };
        let postgres = r#"insert into "users" ("email", "name", "age") values ($1, $2, $3)"#;
        let sqlite = r#"insert into "users" ("email", "name", "age") values (?1, ?2, ?3)"#;
        assert_sql!(User::insert().values(&ann), postgres: postgres, sqlite: sqlite);
        assert_sql!(User::insert().values(user("a", "Ann")), postgres: postgres, sqlite: sqlite);
        assert_eq!(User::insert().values(&ann).execute(db)?, 1);
        assert_eq!(User::insert().values(user("b", "Bob")).execute(db)?, 1);
        let id = Uuid::from_u128(7);
        let cleo = || User::insert().values(NewUser { id: Some(id), role: Some(Role::Owner), ..user("c", "Cleo") });
        assert_sql!(
            cleo(),
            both: r#"insert into "users" ("id", "email", "name", "age", "role") values ($1, $2, $3, $4, $5)"#,
        );
        let cleo = cleo().returning().one(db)?;
        assert_eq!((cleo.id, cleo.role), (id, Role::Owner));
        let ages = User::select().columns(User::age).order_by(User::email).all(db)?;
        assert_eq!(ages, [Some(1), None, None]);
    }

    /// Every default of the schema is what the database stores. Times are those of UTC, wherever the server is.
    fn default_values(db) {
        db.create_all(&defaulted())?;
        let sql = r#"insert into "defaults" default values"#;
        assert_sql!(Defaulted::insert().default_values(), postgres: sql, sqlite: sql);
        let before = Utc::now() - chrono::Duration::seconds(1);
        assert_eq!(Defaulted::insert().default_values().execute(db)?, 1);
        let row = Defaulted::insert().default_values().returning().one(db)?;
        let after = Utc::now() + chrono::Duration::seconds(1);
        assert_eq!((row.id, row.quantity, row.price, row.note.as_str(), row.is_open), (2, -3, 1.5, "it's", true));
        assert_eq!((row.grade, row.sum, row.rank), (Grade::Fine, 3, Some(7)));
        assert!(row.at > before && row.at < after, "{}", row.at);
        assert!(row.local > before.naive_utc() && row.local < after.naive_utc(), "{}", row.local);
        assert!(row.day >= before.date_naive() && row.day <= after.date_naive(), "{}", row.day);
        assert!(row.time <= after.time() || after.time() < before.time(), "{}", row.time);
        assert_eq!(row.token.get_version_num(), 4);
        assert_eq!(row.token.get_variant(), uuid::Variant::RFC4122);
        let tokens = Defaulted::select().columns(Defaulted::token).all(db)?;
        assert_ne!(tokens[0], tokens[1]);
    }

    /// Generated columns are no part of the insert and are read like any other.
    fn generated_columns_are_computed(db) {
        db.create_all(&defaulted())?;
        let row =
            NewDefaulted { quantity: Some(4), price: Some(2.5), note: Some("loud".into()), ..NewDefaulted::new() };
        let query = Defaulted::insert().values(&row).returning();
        let row = query.one(db)?;
        assert_eq!((row.total, row.loud.as_str()), (10.0, "LOUD"));
        let found =
            Defaulted::select().filter(Defaulted::total.gt(9.0)).filter(Defaulted::loud.eq("LOUD")).count(db)?;
        assert_eq!(found, 1);
    }

    /// A nullable column with a default tells "left out" from NULL.
    fn a_nullable_column_with_a_default_may_be_null(db) {
        db.create_all(&defaulted())?;
        let rank = |rank: Option<Option<i32>>| {
            Defaulted::insert()
                .values(NewDefaulted { rank, ..NewDefaulted::new() })
                .returning()
                .columns(Defaulted::rank)
                .one(db)
        };
        assert_eq!(rank(None)?, Some(7));
        assert_eq!(rank(Some(None))?, None);
        assert_eq!(rank(Some(Some(1)))?, Some(1));
        assert_eq!(Defaulted::insert().set(Defaulted::rank, None::<i32>).returning().one(db)?.rank, None);
    }

    /// `returning` gives the whole row, a column, a tuple, or a projection with names.
    fn returning(db) {
        let insert =
            |email: &'static str| User::insert().set(User::email, email).set(User::name, "n").set(User::age, 1);
        assert_sql!(
            insert("a").returning(),
            both: r#"insert into "users" ("email", "name", "age") values ($1, $2, $3) returning "users"."id", "users"."email", "users"."name", "users"."age", "users"."role", "users"."created_at", "users"."updated_at""#,
        );
        assert_sql!(
            insert("a").returning().columns((User::email, User::age + 1)),
            both: r#"insert into "users" ("email", "name", "age") values ($1, $2, $3) returning "users"."email", "users"."age" + $4"#,
        );
        let whole: User = insert("a").returning().one(db)?;
        assert_eq!(whole, User::find(whole.id).one(db)?);
        let (email, next): (String, Option<i32>) =
            insert("b").returning().columns((User::email, User::age + 1)).one(db)?;
        assert_eq!((email.as_str(), next), ("b", Some(2)));
        let role: Role = insert("c").returning().columns(User::role).one(db)?;
        assert_eq!(role, Role::Member);
        let login: Login =
            insert("d").returning().columns(LoginColumns { email: User::email, upper: User::email.upper() }).one(db)?;
        assert_eq!(login, Login { email: "d".into(), upper: "D".into() });
        let all: Vec<User> = insert("e").returning().all(db)?;
        assert_eq!(all.len(), 1);
        assert!(insert("f").returning().optional(db)?.is_some());
        let streamed: Result<Vec<User>, _> = insert("g").returning().stream(db).collect();
        assert_eq!(streamed?[0].email, "g");
        assert_eq!(User::select().count(db)?, 7);
    }

    /// The numbers the database gives are those that come back, and are not used again.
    fn auto_increment(db) {
        let id = |name: &str| Group::insert().set(Group::name, name).returning().columns(Group::id).one(db);
        assert_eq!((id("a")?, id("b")?), (1, 2));
        Group::delete().filter(Group::id.eq(2)).execute(db)?;
        assert_eq!(id("c")?, 3);
        Group::insert().set(Group::id, i64::MAX).set(Group::name, "far").execute(db)?;
        assert_eq!(Group::find(i64::MAX).one(db)?.name, "far");
    }

    /// A row that is refused leaves nothing behind, and the connection goes on.
    fn a_refused_row_is_not_there(db) {
        User::insert().values(user("a", "Ann")).execute(db)?;
        let error = User::insert().values(user("a", "Other")).execute(db).expect_err("the email exists");
        assert!(error.violates(User::email) && !error.violates(User::name));
        User::insert().values(user("b", "Bob")).execute(db)?;
        assert_eq!(User::select().columns(User::name).order_by(User::name).all(db)?, ["Ann", "Bob"]);
    }
}

on_sqlite! {
    /// What a default writes has the form in which a value of the type is stored.
    fn the_form_of_defaults(db) {
        db.create_all(&defaulted())?;
        Defaulted::insert().default_values().execute(db)?;
        let forms = stored_row(
            db,
            r#"select grade, length(day), length(time), length(local), length("at"), length(token), is_open from defaults"#,
        );
        let expected = [
            text("fine"),
            Value::Integer(10),
            Value::Integer(15),
            Value::Integer(26),
            Value::Integer(27),
            Value::Integer(36),
            Value::Integer(1),
        ];
        assert_eq!(forms, expected);
    }

    /// What a default writes is read as a value of the type by its text alone, so it sorts among given values.
    fn defaults_have_the_stored_form_of_given_values(db) {
        db.create_all(&defaulted())?;
        let row = Defaulted::insert().default_values().returning().one(db)?;
        let given = Defaulted::insert()
            .set(Defaulted::day, row.day)
            .set(Defaulted::time, row.time)
            .set(Defaulted::local, row.local)
            .set(Defaulted::at, row.at)
            .set(Defaulted::token, row.token);
        given.execute(db)?;
        let distinct =
            number(db, r#"select count(*) from (select distinct day, time, local, "at", token from defaults)"#);
        assert_eq!(distinct, 1);
    }

    /// A virtual column is read like any other.
    fn virtual_columns_are_computed(db) {
        db.create_all(&signs())?;
        let sign = Sign::insert().set(Sign::note, "stop").returning().one(db)?;
        assert_eq!(sign.loud.as_deref(), Some("STOP"));
        assert_eq!(Sign::select().filter(Sign::loud.eq("STOP")).count(db)?, 1);
    }

    /// A number that is given moves those that follow. When there are no more, the table is full.
    fn auto_increment_follows_given_numbers(db) {
        let id = |name: &str| Group::insert().set(Group::name, name).returning().columns(Group::id).one(db);
        Group::insert().set(Group::id, i64::MAX - 1).set(Group::name, "far").execute(db)?;
        assert_eq!(id("d")?, i64::MAX);
        let full = id("e").expect_err("there are no more numbers");
        assert_eq!(full.kind(), ErrorKind::Full);
    }

    /// The text of an insert is built once, whatever its values are; a cell that is left out makes another.
    fn statements_are_kept_by_shape(db) {
        let before = db.statement_cache_len();
        for number in 0..100 {
            User::insert().values(user(&number.to_string(), "same")).execute(db)?;
        }
        assert_eq!(db.statement_cache_len(), before + 1);
        User::insert().values(NewUser { role: Some(Role::Owner), ..user("x", "same") }).execute(db)?;
        assert_eq!(db.statement_cache_len(), before + 2);
        assert_eq!(db.reprepares(), 0);
    }
}

on_postgres! {
    /// A number that is given does not move those that follow, which come from a sequence. When that ends, the table is
    /// full.
    fn auto_increment_is_a_sequence(db) {
        let id = |name: &str| Group::insert().set(Group::name, name).returning().columns(Group::id).one(db);
        Group::insert().set(Group::id, 2).set(Group::name, "given").execute(db)?;
        assert_eq!(id("a")?, 1);
        let error = id("b").expect_err("2 is there");
        assert!(error.violates(Group::id), "{error:?}");
        assert_eq!(id("c")?, 3);
        db.execute_batch("alter table groups alter id restart with 9223372036854775807")?;
        assert_eq!(id("d")?, i64::MAX);
        assert_eq!(id("e").expect_err("there are no more numbers").kind(), ErrorKind::Full);
    }

    /// The clock is that of UTC, whatever the time zone of the connection is.
    fn now_is_in_utc(db) {
        db.create_all(&defaulted())?;
        let rows = db.block_on(db.pool().transaction(async |tx| {
            tx.execute_batch("set local time zone 'Pacific/Kiritimati'").await?;
            let default = Defaulted::insert().default_values().returning().one(tx).await?;
            let given = Defaulted::insert()
                .set(Defaulted::day, now())
                .set(Defaulted::time, now())
                .set(Defaulted::local, now())
                .set(Defaulted::at, now());
            Ok::<_, orm::Error>([default, given.returning().one(tx).await?])
        }))?;
        for row in rows {
            let utc = row.at.naive_utc();
            assert!((Utc::now() - row.at).num_seconds() < 60, "{}", row.at);
            assert_eq!((row.local, row.day, row.time), (utc, utc.date(), utc.time()));
        }
    }
}
