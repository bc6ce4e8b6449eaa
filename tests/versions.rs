//! Rows that count their changes, and writers that say which version they read: `#[column(version)]`.

#[path = "support/pools.rs"]
mod pools;
#[path = "support/harness.rs"]
mod support;

use futures_util::{TryStreamExt, future::join_all};
use orm::{Error, ErrorKind, prelude::*};
use pools::each_pool;
use support::{TestDatabase, assert_sql, each_dialect};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Clone)))]
struct Account {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    owner: String,
    balance: i64,
    #[column(version)]
    version: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
struct Revision(i64);

/// A version of a type of its own, with a default of its own, beside what else changes with every update.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(soft_delete = deleted_at, scope(tenant_id))]
struct Page {
    #[column(primary_key)]
    id: i64,
    tenant_id: i64,
    text: String,
    #[column(version, default = 0, name = "rev")]
    revision: Revision,
    #[column(default = 0, on_update = 1)]
    edited: i32,
    deleted_at: Option<DateTime<Utc>>,
}

schema! { fn tables() = [Account, Page] }

fn fill(db: &impl TestDatabase) -> Result<(), Error> {
    db.create(&tables())?;
    Account::insert_many(&[NewAccount::new(1, "ann", 100), NewAccount::new(2, "bob", 50)]).execute(db)?;
    Page::insert().values(NewPage::new(1, 7, "draft")).execute(db).map(drop)
}

/// Asserts that the row was changed since it was read.
#[track_caller]
fn assert_stale<T: std::fmt::Debug>(result: Result<T, Error>, name: &str) {
    let error = result.expect_err("the version is an old one");
    assert!(matches!(error, Error::Stale { table } if table == name), "{error:?}");
    assert_eq!((error.kind(), error.kind().name()), (ErrorKind::Stale, "stale"));
    assert_eq!(error.to_string(), format!("the row of `{name}` was changed or deleted since it was read"));
}

each_dialect! {
    /// A row begins with version 1, and every update of it counts up.
    fn updates_count(db) {
        fill(db)?;
        assert_eq!(Account::find(1).one(db)?.version, 1);
        let update = || Account::update().set(Account::balance, Account::balance + 1).filter(Account::id.eq(1));
        assert_sql!(
            update(),
            both: r#"update "accounts" set "balance" = "accounts"."balance" + $1, "version" = "accounts"."version" + 1 where "accounts"."id" = $2"#,
        );
        assert_eq!(update().execute(db)?, 1);
        assert_eq!(update().returning().columns(Account::version).one(db)?, 3);
        let changes = AccountChanges { owner: Some("anna".into()), ..AccountChanges::default() };
        assert_sql!(
            Account::update().changes(&changes).all_rows(),
            both: r#"update "accounts" set "owner" = $1, "version" = "accounts"."version" + 1"#,
        );
        Account::update().changes(&changes).filter(Account::id.eq(1)).execute(db)?;
        assert_eq!(Account::find(1).one(db)?, Account { id: 1, owner: "anna".into(), balance: 102, version: 4 });
        assert_eq!(Account::find(2).one(db)?.version, 1, "other rows count for themselves");
        let nothing = Account::update().changes(&AccountChanges::default()).filter(Account::id.eq(1)).execute(db);
        assert!(matches!(nothing, Err(Error::NothingToSet { .. })), "the version alone is no change");
    }

    /// Of two writers who read the same version, the second one is told.
    fn the_second_writer_is_told(db) {
        fill(db)?;
        let read = Account::find(1).one(db)?;
        let save = |balance| {
            let update = Account::update().set(Account::balance, balance).filter(Account::id.eq(read.id));
            update.version(read.version)
        };
        assert_sql!(
            save(1),
            both: r#"update "accounts" set "balance" = $1, "version" = "accounts"."version" + 1 where "accounts"."id" = $2 and "accounts"."version" = $3"#,
        );
        assert_eq!(save(110).execute(db)?, 1);
        assert_stale(save(120).execute(db), "accounts");
        assert_eq!(Account::find(1).one(db)?, Account { balance: 110, version: 2, ..read.clone() });
        let again = Account::update().version(2).set(Account::balance, 120).filter(Account::id.eq(1));
        assert_eq!(again.returning().one(db)?.version, 3);
    }

    /// However the rows are asked for: none is an error, of its own kind.
    fn every_way_out_tells(db) {
        fill(db)?;
        let update = || Account::update().set(Account::balance, 0).filter(Account::id.eq(1)).version(9);
        assert_stale(update().execute(db), "accounts");
        assert_stale(update().returning().one(db), "accounts");
        assert_stale(update().returning().optional(db), "accounts");
        assert_stale(update().returning().all(db), "accounts");
        assert_stale(update().returning().columns(Account::id).all(db), "accounts");
        let mut rows = update().returning().stream(db);
        assert_stale(rows.next().expect("an error"), "accounts");
        assert!(rows.next().is_none());
        let several = || Account::update().set(Account::balance, 5).all_rows().version(1);
        assert_eq!(several().returning().stream(db).count(), 2, "no error follows the rows");
        assert_stale(several().execute(db), "accounts");
        assert_eq!(Account::update().set(Account::balance, 1).filter(Account::id.eq(9)).execute(db)?, 0);
        assert_stale(update().filter(Account::id.eq(9)).execute(db), "accounts");
    }

    fn deletes(db) {
        fill(db)?;
        let delete = |version| Account::delete().filter(Account::id.eq(1)).version(version);
        assert_sql!(
            delete(1),
            both: r#"delete from "accounts" where "accounts"."id" = $1 and "accounts"."version" = $2"#,
        );
        assert_stale(delete(2).execute(db), "accounts");
        assert_stale(delete(2).returning().optional(db), "accounts");
        assert_eq!(delete(1).execute(db)?, 1);
        assert_stale(delete(1).execute(db), "accounts");
        assert_eq!(Account::select().count(db)?, 1);
    }

    /// A filter that turns out empty is refused, though there is the version.
    fn empty_filters_are_refused(db) {
        fill(db)?;
        let absent = || None.map(|id: i64| Account::id.eq(id));
        let update = Account::update().set(Account::balance, 1).filter(absent()).version(1);
        assert_eq!(update.execute(db).expect_err("the filter is empty").kind(), ErrorKind::Refused);
        let delete = Account::delete().filter(absent()).version(1);
        assert_eq!(delete.execute(db).expect_err("the filter is empty").kind(), ErrorKind::Refused);
    }

    /// An upsert that changes a row is a change of it.
    fn upserts_count(db) {
        fill(db)?;
        let upsert = || {
            let insert = Account::insert().values(NewAccount::new(3, "ann", 0));
            insert.on_conflict(Account::owner).update(Account::balance.set_to_excluded())
        };
        assert_sql!(
            upsert(),
            both: r#"insert into "accounts" ("id", "owner", "balance") values ($1, $2, $3) on conflict ("owner") do update set "balance" = "excluded"."balance", "version" = "accounts"."version" + 1"#,
        );
        assert_eq!(upsert().returning().one(db)?, Account { id: 1, owner: "ann".into(), balance: 0, version: 2 });
        let rows = [NewAccount::new(4, "ann", 5), NewAccount::new(5, "cleo", 5)];
        let many = Account::insert_many(&rows).on_conflict(Account::owner).update(Account::balance.set_to_excluded());
        assert_eq!(many.execute(db)?, 2);
        let versions = Account::select().columns(Account::version).order_by(Account::id).all(db)?;
        assert_eq!(versions, [3, 1, 1]);
    }

    /// An insert may give a version: a row that was copied keeps its own.
    fn inserts_can_give_a_version(db) {
        fill(db)?;
        let copy = NewAccount { version: Some(9), ..NewAccount::new(3, "cleo", 1) };
        assert_eq!(Account::insert().values(&copy).returning().one(db)?.version, 9);
        let set = Account::insert().set(Account::id, 4).set(Account::owner, "dora").set(Account::balance, 1);
        assert_eq!(set.set(Account::version, 5).returning().columns(Account::version).one(db)?, 5);
    }

    /// With a scope and deleted rows beside it, each has its condition, and its value its place.
    fn beside_a_scope_and_deleted_rows(db) {
        fill(db)?;
        let read = Page::find(1).scope(7).one(db)?;
        assert_eq!((read.revision, read.edited), (Revision(0), 0));
        let save = |revision| {
            Page::update().version(revision).set(Page::text, "final").filter(Page::id.eq(1)).scope(7)
        };
        assert_sql!(
            save(Revision(0)),
            both: r#"update "pages" set "text" = $1, "edited" = 1, "rev" = "pages"."rev" + 1 where "pages"."id" = $2 and "pages"."tenant_id" = $3 and "pages"."rev" = $4 and "pages"."deleted_at" is null"#,
        );
        assert_eq!(save(Revision(0)).returning().one(db)?.revision, Revision(1));
        assert_stale(save(Revision(0)).execute(db), "pages");
        let delete = |revision| Page::delete().scope(7).version(revision).filter(Page::id.eq(1));
        assert_sql!(
            delete(Revision(0)),
            postgres: r#"update "pages" set "deleted_at" = now(), "edited" = 1, "rev" = "pages"."rev" + 1 where "pages"."id" = $1 and "pages"."tenant_id" = $2 and "pages"."rev" = $3 and "pages"."deleted_at" is null"#,
            sqlite: r#"update "pages" set "deleted_at" = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'), "edited" = 1, "rev" = "pages"."rev" + 1 where "pages"."id" = ?1 and "pages"."tenant_id" = ?2 and "pages"."rev" = ?3 and "pages"."deleted_at" is null"#,
        );
        assert_stale(delete(Revision(0)).execute(db), "pages");
        assert_eq!(delete(Revision(1)).execute(db)?, 1);
        assert_stale(save(Revision(2)).execute(db), "pages");
        let restored = save(Revision(2)).set(Page::deleted_at, None::<DateTime<Utc>>).with_deleted();
        assert_eq!(restored.returning().one(db)?.revision, Revision(3));
        let gone = Page::hard_delete().version(Revision(3)).scope(7).filter(Page::id.eq(1));
        assert_sql!(
            gone,
            both: r#"delete from "pages" where "pages"."id" = $1 and "pages"."tenant_id" = $2 and "pages"."rev" = $3"#,
        );
        assert_eq!(gone.execute(db)?, 1);
    }
}

each_pool! {
    /// On a pool it is the same error, whatever the rows are asked for by, and a transaction goes on after it.
    async fn stale_updates_on_pools(db) {
        db.create_all(&tables()).await?;
        Account::insert().values(NewAccount::new(1, "ann", 100)).execute(db).await?;
        let update = |version| Account::update().set(Account::balance, 0).filter(Account::id.eq(1)).version(version);
        assert_stale(update(9).execute(db).await, "accounts");
        assert_stale(update(9).returning().one(db).await, "accounts");
        assert_stale(update(9).returning().optional(db).await, "accounts");
        assert_stale(update(9).returning().all(db).await, "accounts");
        assert_stale(update(9).returning().stream(db).try_collect::<Vec<_>>().await, "accounts");
        let changed: Vec<Account> = update(1).returning().stream(db).try_collect().await?;
        assert_eq!(changed[0].version, 2);
        db.transaction(async |tx| {
            assert_stale(update(9).execute(tx).await, "accounts");
            assert_stale(update(9).returning().one(tx).await, "accounts");
            update(2).execute(tx).await
        }).await?;
        assert_eq!(Account::find(1).one(db).await?.version, 3);
    }

    /// Of writers who read the same version at once, one writes: what they add up is never lost.
    async fn one_of_many_writers(db) {
        db.create_all(&tables()).await?;
        Account::insert().values(NewAccount::new(1, "ann", 0)).execute(db).await?;
        let deposit = async || {
            let read = Account::find(1).one(db).await?;
            let update = Account::update().set(Account::balance, read.balance + 1).filter(Account::id.eq(1));
            update.version(read.version).execute(db).await
        };
        let results = join_all((0..8).map(|_| deposit())).await;
        let written = results.iter().filter(|result| result.is_ok()).count();
        for refused in results.into_iter().filter(Result::is_err) {
            assert_stale(refused, "accounts");
        }
        let account = Account::find(1).one(db).await?;
        assert_eq!(usize::try_from(account.balance), Ok(written));
        assert_eq!(i64::from(account.version), account.balance + 1);
        assert!(written >= 1);
    }
}
