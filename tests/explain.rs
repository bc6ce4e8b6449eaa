//! The plans of queries: what is searched with an index, and what is not.

#[path = "support/harness.rs"]
mod support;

use insta::assert_snapshot;
use orm::prelude::*;
use support::*;

/// A text in a column that ignores case when it compares.
#[derive(Debug, Clone, PartialEq, Table)]
struct Tag {
    #[column(primary_key)]
    id: i64,
    #[column(index)]
    exact: String,
    #[column(index, collation = "nocase")]
    folded: String,
}

schema! { fn tags() = [Tag] }

on_sqlite! {
    /// A key belongs to one row: there is nothing to limit.
    fn a_primary_key_is_looked_up(db) {
        assert_sql!(
            Employee::find(1).columns(Employee::name),
            sqlite: r#"select "employees"."name" from "employees" where "employees"."id" = ?1"#
        );
        assert_snapshot!(Employee::find(1).explain(db)?, @"SEARCH employees USING INTEGER PRIMARY KEY (rowid=?)");
        assert_snapshot!(
            User::find(Uuid::nil()).explain(db)?,
            @"SEARCH users USING INDEX sqlite_autoindex_users_1 (id=?)"
        );
        assert_snapshot!(
            Membership::find((Uuid::nil(), 1)).explain(db)?,
            @"SEARCH memberships USING INDEX sqlite_autoindex_memberships_1 (user_id=? AND group_id=?)"
        );
    }

    fn without_an_index_a_table_is_scanned(db) {
        assert_snapshot!(Employee::select().filter(Employee::name.eq("Ada")).explain(db)?, @"SCAN employees");
    }

    /// A prefix is a range of an index, also where the bound text is not known to the planner.
    fn starts_with_uses_an_index(db) {
        let query = User::select().filter(User::email.starts_with("ann")).columns(User::email);
        assert_sql!(
            query,
            sqlite: r#"select "users"."email" from "users" where ("users"."email" >= ?1 and "users"."email" < ?2)"#
        );
        assert_snapshot!(
            query.explain(db)?,
            @"SEARCH users USING COVERING INDEX sqlite_autoindex_users_2 (email>? AND email<?)"
        );
        let joined = User::select()
            .inner_join(Post::on(Post::author_id.eq(User::id)))
            .filter(User::email.starts_with("ann").and(Post::published));
        assert_snapshot!(joined.explain(db)?, @r"
        SEARCH users USING INDEX sqlite_autoindex_users_2 (email>? AND email<?)
        SEARCH posts USING INDEX posts_author_id_created_at_idx (author_id=?)
        ");
    }

    /// Where the index ignores case, what `starts_with` looks for is no range of it.
    fn starts_with_and_collations(db) {
        db.create_all(&tags())?;
        assert_snapshot!(
            Tag::select().filter(Tag::exact.starts_with("a")).columns(Tag::id).explain(db)?,
            @"SEARCH tags USING COVERING INDEX tags_exact_idx (exact>? AND exact<?)"
        );
        let folded = Tag::select().filter(Tag::folded.starts_with("a")).columns(Tag::id);
        assert_sql!(folded, sqlite: concat!(
            r#"select "tags"."id" from "tags" "#,
            r#"where ("tags"."folded" collate binary >= ?1 and "tags"."folded" collate binary < ?2)"#
        ));
        assert_snapshot!(folded.explain(db)?, @"SCAN tags USING COVERING INDEX tags_folded_idx");
        assert_snapshot!(
            Tag::select().filter(Tag::folded.eq("a")).columns(Tag::id).explain(db)?,
            @"SEARCH tags USING COVERING INDEX tags_folded_idx (folded=?)"
        );
    }

    /// Patterns and parts of a text are looked for in every row.
    fn other_patterns_scan(db) {
        assert_snapshot!(
            User::select().filter(User::email.like("ann%")).columns(User::email).explain(db)?,
            @"SCAN users USING COVERING INDEX sqlite_autoindex_users_2"
        );
        assert_snapshot!(
            User::select().filter(User::email.contains("ann")).columns(User::email).explain(db)?,
            @"SCAN users USING COVERING INDEX sqlite_autoindex_users_2"
        );
    }

    fn a_list_is_looked_up_item_by_item(db) {
        assert_snapshot!(Employee::select().filter(Employee::id.in_list([1, 2])).explain(db)?, @r"
        SEARCH employees USING INTEGER PRIMARY KEY (rowid=?)
        LIST SUBQUERY 1
          SCAN json_each VIRTUAL TABLE INDEX 1:
        ");
        assert_snapshot!(User::select().filter(User::email.in_list(["a"])).explain(db)?, @r"
        SEARCH users USING INDEX sqlite_autoindex_users_2 (email=?)
        LIST SUBQUERY 1
          SCAN json_each VIRTUAL TABLE INDEX 1:
        ");
    }

    /// An index of a filter and an order answers both.
    fn an_index_gives_the_order(db) {
        let query = Post::select()
            .filter(Post::author_id.eq(Uuid::nil()))
            .order_by(Post::created_at.desc())
            .columns(Post::title)
            .limit(10);
        assert_snapshot!(query.explain(db)?, @"SEARCH posts USING INDEX posts_author_id_created_at_idx (author_id=?)");
        let sorted = Post::select().filter(Post::author_id.eq(Uuid::nil())).order_by(Post::title).columns(Post::title);
        assert_snapshot!(sorted.explain(db)?, @r"
        SEARCH posts USING INDEX posts_author_id_created_at_idx (author_id=?)
        USE TEMP B-TREE FOR ORDER BY
        ");
    }

    fn steps_of_a_join(db) {
        let query = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id)))
            .group_by(User::id)
            .columns((User::name, count(Post::id)))
            .order_by(count(Post::id).desc());
        assert_snapshot!(query.explain(db)?, @r"
        SCAN users USING INDEX sqlite_autoindex_users_1
        SEARCH posts USING COVERING INDEX posts_author_id_created_at_idx (author_id=?) LEFT-JOIN
        USE TEMP B-TREE FOR ORDER BY
        ");
    }

    /// Explaining reads no row and changes nothing.
    fn the_query_is_not_run(db) {
        let prepared = db.statement_cache_len();
        let plan = Employee::select().filter(Employee::name.like("no\0pattern")).explain(db)?;
        assert_eq!(plan, "SCAN employees");
        assert_eq!(db.statement_cache_len(), prepared);
        let dynamic = Employee::select().dynamic().filter(Employee::id.eq(1)).explain(db)?;
        assert_eq!(dynamic, Employee::find(1).explain(db)?);
    }
}
