//! Tables whose rows belong to somebody, and queries that say to whom: `#[table(scope(..))]`.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, Executor, WriteExecutor, prelude::*};
use support::{TestDatabase, assert_sql, each_dialect};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(tenant_id), unique(code))]
struct Project {
    #[column(primary_key)]
    id: i64,
    #[column(name = "tenant")]
    tenant_id: Uuid,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(tenant_id), soft_delete = deleted_at)]
struct Task {
    #[column(primary_key)]
    id: i64,
    tenant_id: Uuid,
    project_id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

/// A table that is nobody's.
#[derive(Debug, Clone, PartialEq, Table)]
struct Label {
    #[column(primary_key)]
    id: i64,
    task_id: i64,
}

/// Rows of a region's shop.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(region, shop))]
struct Order {
    #[column(primary_key)]
    id: i64,
    region: String,
    shop: i32,
    total: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(region, shop))]
struct Refund {
    #[column(primary_key)]
    id: i64,
    order_id: i64,
    region: String,
    shop: i32,
}

schema! { fn tables() = [Project, Task, Label, Order, Refund] }

alias!(Other);

/// The tenants.
const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);

/// Projects 1 and 2 of tenant A, 3 of B. Tasks 11 and 12 of project 1, of which 12 is deleted, 31 of project 3; and 13 of
/// project 1, though it is B's. A label of each task.
fn fill(db: &impl TestDatabase) -> Result<(), Error> {
    db.create(&tables())?;
    let project = |id, tenant| NewProject::new(id, tenant, format!("p{id}"));
    Project::insert_many(&[project(1, A), project(2, A), project(3, B)]).execute(db)?;
    let task = |id: i64, tenant| NewTask::new(id, tenant, id / 10);
    let deleted = NewTask { deleted_at: Some(DateTime::UNIX_EPOCH), ..task(12, A) };
    Task::insert_many(&[task(11, A), deleted, task(13, B), task(31, B)]).execute(db)?;
    let labels: Vec<NewLabel> = [11, 12, 13, 31].map(|task| NewLabel::new(task * 10, task)).into();
    Label::insert_many(&labels).execute(db)?;
    let order = |id, region: &str, shop| NewOrder::new(id, region, shop, id * 100);
    Order::insert_many(&[order(1, "north", 1), order(2, "north", 2), order(3, "south", 1)]).execute(db)?;
    Refund::insert_many(&[NewRefund::new(1, 1, "north", 1), NewRefund::new(2, 1, "south", 1)]).execute(db).map(drop)
}

each_dialect! {
    /// Whatever a query gives, it gives of the tenant's rows.
    fn reads_are_of_one_tenant(db) {
        fill(db)?;
        let query = || Project::select().scope(A).columns(Project::id).order_by(Project::id);
        assert_sql!(
            query(),
            both: r#"select "projects"."id" from "projects" where "projects"."tenant" = $1 order by "projects"."id""#,
        );
        assert_eq!(query().all(db)?, [1, 2]);
        assert_sql!(
            Project::find(3).scope(A).columns(Project::id),
            both: r#"select "projects"."id" from "projects" where "projects"."id" = $1 and "projects"."tenant" = $2"#,
        );
        assert_eq!(Project::find(3).scope(A).optional(db)?, None);
        assert_eq!(Project::find(3).scope(&B).one(db)?.code, "p3");
        assert_eq!(Project::select().scope(B).count(db)?, 1);
        assert!(!Project::select().scope(B).filter(Project::id.eq(1)).exists(db)?);
        assert_eq!(Project::select().scope(A).order_by(Project::id.desc()).first(db)?.map(|row| row.id), Some(2));
        assert_eq!(Project::select().scope(A).stream(db).count(), 2);
        let other = Project::alias::<Other>();
        assert_sql!(
            other.select().scope(A).columns(other.id),
            both: r#"select "other"."id" from "projects" as "other" where "other"."tenant" = $1"#,
        );
        assert_eq!(other.select().scope(A).count(db)?, 2);
        assert_eq!(Project::select().unscoped().count(db)?, 3);
        assert_sql!(
            Project::select().unscoped().columns(Project::id),
            both: r#"select "projects"."id" from "projects""#,
        );
    }

    /// The tenant's value is bound where its placeholder is, among the values of columns, joins, filters and pages.
    fn values_are_in_the_order_of_the_text(db) {
        fill(db)?;
        let query = Project::select()
            .filter(Project::id.gt(0))
            .scope(A)
            .left_join(Task::on(Task::project_id.eq(Project::id).and(Task::id.lt(20))))
            .filter(Project::code.ne("p9"))
            .columns((Project::id, coalesce(Task::id, -1_i64)))
            .order_by(Project::id)
            .limit(5);
        assert_sql!(
            query,
            postgres: r#"select "projects"."id", coalesce("tasks"."id", $1) from "projects" left join "tasks" on "tasks"."project_id" = "projects"."id" and "tasks"."id" < $2 and "tasks"."tenant_id" = $3 and "tasks"."deleted_at" is null where "projects"."id" > $4 and "projects"."code" <> $5 and "projects"."tenant" = $6 order by "projects"."id" limit $7"#,
            sqlite: r#"select "projects"."id", coalesce("tasks"."id", ?1) from "projects" left join "tasks" on "tasks"."project_id" = "projects"."id" and "tasks"."id" < ?2 and "tasks"."tenant_id" = ?3 and "tasks"."deleted_at" is null where "projects"."id" > ?4 and "projects"."code" <> ?5 and "projects"."tenant" = ?6 order by "projects"."id" limit ?7"#,
        );
        assert_eq!(query.all(db)?, [(1, 11), (2, -1)]);
        let dynamic = Project::select().filter(Project::id.gt(1)).scope(A).columns(Project::id).dynamic();
        let dynamic = dynamic.filter(Project::code.ne("p9")).limit(3);
        assert_sql!(
            dynamic,
            both: r#"select "projects"."id" from "projects" where ("projects"."id" > $1 and "projects"."tenant" = $2) and "projects"."code" <> $3 limit $4"#,
        );
        assert_eq!(dynamic.all(db)?, [2]);
    }

    /// What is joined is the same tenant's, whatever the tables say of each other: task 13 is B's, in a project of A's.
    fn joins_share_the_scope(db) {
        fill(db)?;
        let join = || Task::on(Task::project_id.eq(Project::id));
        let ids = |tenant| {
            let query = Project::select().scope(tenant).inner_join(join()).columns((Project::id, Task::id));
            query.order_by(Task::id).all(db)
        };
        assert_eq!(ids(A)?, [(1, 11)]);
        assert_eq!(ids(B)?, [(3, 31)]);
        let everyone = Project::select().unscoped().inner_join(join()).columns(Task::id).order_by(Task::id);
        assert_eq!(everyone.all(db)?, [11, 13, 31]);
        let deleted = Project::select().scope(A).with_deleted().inner_join(join()).columns(Task::id).order_by(Task::id);
        assert_eq!(deleted.all(db)?, [11, 12]);
        let labels = Task::select().scope(A).inner_join(Label::on(Label::task_id.eq(Task::id))).columns(Label::id);
        assert_eq!(labels.all(db)?, [110]);
        let from_labels = Label::select().unscoped().inner_join(Task::on(Task::id.eq(Label::task_id)));
        assert_eq!(from_labels.filter(Task::tenant_id.eq(B)).columns(Label::id).order_by(Label::id).all(db)?, [130, 310]);
        let other = Project::alias::<Other>();
        let pairs = Project::select().scope(A).inner_join(other.on(other.id.ne(Project::id)));
        assert_eq!(pairs.columns((Project::id, other.id)).order_by(Project::id).all(db)?, [(1, 2), (2, 1)]);
    }

    /// The conditions are where they drop the rows of others and keep those without a partner.
    fn outer_joins(db) {
        fill(db)?;
        let join = || Task::on(Task::project_id.eq(Project::id));
        let query = || Project::select().scope(A).right_join(join()).columns((Project::id, Task::id)).order_by(Task::id);
        assert_sql!(
            query(),
            both: r#"select "projects"."id", "tasks"."id" from "projects" right join "tasks" on "tasks"."project_id" = "projects"."id" and "projects"."tenant" = $1 where "tasks"."tenant_id" = $2 and "tasks"."deleted_at" is null order by "tasks"."id""#,
        );
        assert_eq!(query().all(db)?, [(Some(1), 11)]);
        let of_b = Project::select().scope(B).right_join(join()).columns((Project::id, Task::id)).order_by(Task::id);
        assert_eq!(of_b.all(db)?, [(None, 13), (Some(3), 31)]);

        let full = |tenant| Project::select().scope(tenant).full_join(join()).columns((Project::id, Task::id));
        assert_sql!(
            full(A),
            both: r#"select "projects"."id", "tasks"."id" from "projects" full join "tasks" on "tasks"."project_id" = "projects"."id" and "projects"."tenant" = $1 and "tasks"."tenant_id" = $2 and "tasks"."deleted_at" is null where ("projects"."tenant" = $3 or "projects"."tenant" is null) and ("tasks"."tenant_id" = $4 or "tasks"."tenant_id" is null) and "tasks"."deleted_at" is null"#,
        );
        let sorted = |tenant| {
            let mut rows = full(tenant).all(db)?;
            rows.sort_unstable();
            Ok::<_, Error>(rows)
        };
        assert_eq!(sorted(A)?, [(Some(1), Some(11)), (Some(2), None)]);
        assert_eq!(sorted(B)?, [(None, Some(13)), (Some(3), Some(31))]);

        let cross = || Project::select().scope(A).cross_join::<Task>().columns((Project::id, Task::id));
        assert_sql!(
            cross().order_by(Project::id),
            both: r#"select "projects"."id", "tasks"."id" from "projects" cross join "tasks" where "projects"."tenant" = $1 and "tasks"."tenant_id" = $2 and "tasks"."deleted_at" is null order by "projects"."id""#,
        );
        assert_eq!(cross().order_by(Project::id).all(db)?, [(1, 11), (2, 11)]);
    }

    fn updates(db) {
        fill(db)?;
        let update = || Project::update().set(Project::code, "x").filter(Project::id.eq(3));
        assert_sql!(
            update().scope(A),
            both: r#"update "projects" set "code" = $1 where "projects"."id" = $2 and "projects"."tenant" = $3"#,
        );
        assert_eq!(update().scope(A).execute(db)?, 0);
        assert_eq!(update().scope(B).returning().one(db)?.code, "x");
        assert_sql!(update().unscoped(), both: r#"update "projects" set "code" = $1 where "projects"."id" = $2"#);
        assert_eq!(update().unscoped().execute(db)?, 1);
        let touch = || Task::update().set(Task::project_id, 2).all_rows();
        assert_sql!(
            touch().scope(A),
            both: r#"update "tasks" set "project_id" = $1 where "tasks"."tenant_id" = $2 and "tasks"."deleted_at" is null"#,
        );
        assert_eq!(touch().scope(A).execute(db)?, 1, "every row of A that is not deleted");
        assert_eq!(touch().scope(A).with_deleted().execute(db)?, 2);
        let none = || None.map(|id: i64| Task::id.eq(id));
        let refused = Task::update().scope(A).set(Task::project_id, 1).filter(none()).execute(db);
        assert_eq!(refused.expect_err("the filter is empty").kind(), ErrorKind::Refused);
        let changes = TaskChanges { project_id: Some(3), ..TaskChanges::default() };
        assert_eq!(Task::update().scope(B).changes(&changes).all_rows().execute(db)?, 2);
    }

    fn deletes(db) {
        fill(db)?;
        assert_sql!(
            Project::delete().scope(A).all_rows(),
            both: r#"delete from "projects" where "projects"."tenant" = $1"#,
        );
        assert_eq!(Project::delete().scope(A).filter(Project::id.eq(3)).execute(db)?, 0);
        let gone = Project::delete().filter(Project::id.gt(1)).scope(A).returning().columns(Project::id).all(db)?;
        assert_eq!(gone, [2]);
        assert_sql!(
            Task::delete().scope(B).filter(Task::id.gt(1)),
            postgres: r#"update "tasks" set "deleted_at" = now() where "tasks"."id" > $1 and "tasks"."tenant_id" = $2 and "tasks"."deleted_at" is null"#,
            sqlite: r#"update "tasks" set "deleted_at" = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') where "tasks"."id" > ?1 and "tasks"."tenant_id" = ?2 and "tasks"."deleted_at" is null"#,
        );
        assert_eq!(Task::delete().scope(B).filter(Task::id.gt(1)).execute(db)?, 2);
        assert_sql!(
            Task::hard_delete().scope(A).all_rows(),
            both: r#"delete from "tasks" where "tasks"."tenant_id" = $1"#,
        );
        assert_eq!(Task::hard_delete().scope(A).all_rows().execute(db)?, 2);
        assert_eq!(Task::hard_delete().unscoped().all_rows().execute(db)?, 2);
        let refused = Project::delete().scope(A).filter(None.map(|id: i64| Project::id.eq(id))).execute(db);
        assert_eq!(refused.expect_err("the filter is empty").kind(), ErrorKind::Refused);
    }

    /// An upsert changes the row it met only if that is the same tenant's: keys are unique across tenants.
    fn upserts_leave_the_rows_of_others(db) {
        fill(db)?;
        let upsert = |tenant| {
            let insert = Project::insert().values(NewProject::new(3, tenant, "mine"));
            insert.on_conflict(Project::id).update(Project::code.set_to_excluded())
        };
        assert_sql!(
            upsert(A),
            both: r#"insert into "projects" ("id", "tenant", "code") values ($1, $2, $3) on conflict ("id") do update set "code" = "excluded"."code" where "projects"."tenant" = "excluded"."tenant""#,
        );
        assert_eq!(upsert(A).execute(db)?, 0);
        assert_eq!(Project::find(3).scope(B).one(db)?.code, "p3");
        assert_eq!(upsert(B).execute(db)?, 1);
        assert_eq!(Project::find(3).scope(B).one(db)?.code, "mine");
        let many = [NewProject::new(1, B, "theirs"), NewProject::new(2, A, "ours"), NewProject::new(4, B, "new")];
        let many = Project::insert_many(&many).on_conflict(Project::id).update(Project::code.set_to_excluded());
        assert_eq!(many.execute(db)?, 2);
        assert_eq!(Project::find(1).scope(A).one(db)?.code, "p1");
    }

    /// What is read beside whole rows is of the tenant's rows, too.
    fn expressions_beside_rows(db) {
        fill(db)?;
        let rows = Project::select().scope(A).order_by(Project::id).extra("next", Project::id + 1).all(db)?;
        let rows: Vec<(i64, i64)> = rows.iter().map(|row| (row.id, *row.extras())).collect();
        assert_eq!(rows, [(1, 2), (2, 3)]);
        let deleted = Task::select().scope(A).with_deleted().extra("project", Task::project_id).all(db)?;
        assert_eq!(deleted.len(), 2);
    }

    /// An executor's own methods take any query; one that says nothing of its scope is not sent.
    fn executors_refuse_what_says_no_scope(db) {
        fill(db)?;
        let check = |error: Error, name: &str| {
            assert!(matches!(error, Error::Unscoped { table } if table == name), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Refused);
            assert_eq!(error.to_string(), format!("the statement does not say whose rows of `{name}` it is about"));
        };
        check(db.fetch_all(Project::select()).expect_err("no scope"), "projects");
        let joined = Label::select().inner_join(Task::on(Task::id.eq(Label::task_id)));
        check(db.fetch_optional(joined).expect_err("no scope"), "tasks");
        check(db.execute(Task::delete().all_rows()).expect_err("no scope"), "tasks");
        check(db.execute(Project::update().set(Project::code, "x").all_rows()).expect_err("no scope"), "projects");
        assert_eq!(db.fetch_all(Project::select().scope(A))?.len(), 2);
        assert_eq!(db.fetch_all(Label::select())?.len(), 4);
    }

    /// A scope of several columns is a tuple.
    fn several_columns(db) {
        fill(db)?;
        let query = || Order::select().scope(("north", 1)).columns(Order::total);
        assert_sql!(
            query(),
            both: r#"select "orders"."total" from "orders" where "orders"."region" = $1 and "orders"."shop" = $2"#,
        );
        assert_eq!(query().all(db)?, [100]);
        let region = String::from("north");
        let sums = Order::select().scope((&region, 2)).columns(sum(Order::total));
        assert_eq!(sums.one(db)?, Some(200));
        let refunds = |region: &'static str| {
            Order::select().scope((region, 1)).inner_join(Refund::on(Refund::order_id.eq(Order::id))).count(db)
        };
        assert_eq!(refunds("north")?, 1);
        assert_eq!(refunds("south")?, 0);
        let outer = Order::select().scope(("south", 1)).full_join(Refund::on(Refund::order_id.eq(Order::id)));
        let mut rows = outer.columns((Order::id, Refund::id)).all(db)?;
        rows.sort_unstable();
        assert_eq!(rows, [(None, Some(2)), (Some(3), None)]);
        assert_eq!(Order::update().scope(("north", 2)).set(Order::total, 0).all_rows().execute(db)?, 1);
        assert_eq!(Order::delete().scope(("north", 3)).all_rows().execute(db)?, 0);
    }
}
