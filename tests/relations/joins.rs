//! Joins along relations.

use orm::prelude::*;

use crate::{
    forum::{self, *},
    support::*,
};

alias!(pub(crate) Inviter);
alias!(pub(crate) Second);

/// The names of both.
fn pairs(rows: &[(String, Option<String>)]) -> Vec<(&str, Option<&str>)> {
    rows.iter().map(|(name, other)| (name.as_str(), other.as_deref())).collect()
}

each_dialect! {
    fn along_each_kind(db) {
        forum::write(db)?;
        let rows = Member::select()
            .inner_join(Member::topics)
            .columns((Member::name, Topic::id))
            .order_by(Topic::id)
            .all(db)?;
        assert_eq!(rows.len(), 6);
        let rows: Vec<(i64, String)> =
            Topic::select().inner_join(Topic::author).columns((Topic::id, Member::name)).order_by(Topic::id).all(db)?;
        assert_eq!(rows[4], (5, "Ben".to_owned()));
        let rows = Member::select()
            .left_join(Member::profile)
            .columns((Member::name, Profile::bio))
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(pairs(&rows), [("Ada", Some("tea")), ("Ben", Some("runs")), ("Cid", None), ("Dot", None)]);
        let rows: Vec<(Member, Option<Profile>)> =
            Member::select().left_join(Member::profile).order_by(Member::id).all(db)?;
        assert_eq!(rows.iter().filter(|(_, profile)| profile.is_some()).count(), 2);
        let rows: Vec<(Reply, Option<Member>)> =
            Reply::select().left_join(Reply::author).order_by(Reply::id).all(db)?;
        assert_eq!(
            rows.iter().map(|(_, author)| author.as_ref().map(|author| author.id)).collect::<Vec<_>>(),
            [Some(2), Some(3), Some(1), Some(4), None,]
        );
    }

    fn one_after_the_other(db) {
        forum::write(db)?;
        let query = Circle::select()
            .inner_join(Circle::members.filter(Seat::role.eq("chair")))
            .inner_join(Member::topics)
            .left_join(Topic::replies)
            .columns((Circle::name, Topic::title, Reply::text))
            .filter(Member::id.le(2))
            .filter(Circle::name.eq("chess"))
            .order_by((Topic::id, Reply::id));
        let rows: Vec<(String, String, Option<String>)> = query.all(db)?;
        let rows: Vec<(&str, Option<&str>)> =
            rows.iter().map(|(_, topic, reply)| (topic.as_str(), reply.as_deref())).collect();
        assert_eq!(
            rows,
            [
                ("Rust 1", Some("reply 1")),
                ("Rust 1", Some("reply 2")),
                ("Rust 2", Some("reply 3")),
                ("Rust 3", None),
                ("SQL 1", Some("reply 4")),
                ("SQL 2", None),
            ]
        );
    }

    /// A left join through a table between keeps rows that it does not lead on from.
    fn through_a_table_between(db) {
        forum::write(db)?;
        let rows = Member::select()
            .left_join(Member::circles)
            .columns((Member::name, Circle::name))
            .order_by((Member::id, Circle::id))
            .all(db)?;
        assert_eq!(
            pairs(&rows),
            [
                ("Ada", Some("chess")),
                ("Ada", Some("cooking")),
                ("Ben", Some("chess")),
                ("Ben", Some("chess")),
                ("Cid", Some("cycling")),
                ("Dot", None),
            ]
        );
        let rows = Member::select()
            .left_join(Member::chaired)
            .columns((Member::name, Circle::name))
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(pairs(&rows), [("Ada", Some("chess")), ("Ben", Some("chess")), ("Cid", None), ("Dot", None)]);
        let counts = Circle::select()
            .left_join(Circle::members)
            .group_by(Circle::id)
            .columns((Circle::name, count(Member::id)))
            .order_by(Circle::id)
            .all(db)?;
        let counts: Vec<(&str, i64)> = counts.iter().map(|(name, members)| (name.as_str(), *members)).collect();
        assert_eq!(counts, [("chess", 3), ("cooking", 1), ("cycling", 1), ("cellar", 0)]);
    }

    /// The row that the relation leads to is under another name.
    fn of_a_table_to_itself(db) {
        forum::write(db)?;
        let inviter = Member::alias::<Inviter>();
        let query = Member::select()
            .left_join(Member::inviter.alias::<Inviter>())
            .columns((Member::name, inviter.name))
            .order_by(Member::id);
        assert_sql!(query, both: r#"select "members"."name", "inviter"."name" from "members" left join "members" as "inviter" on "inviter"."id" = "members"."invited_by" order by "members"."id""#);
        let rows = query.all(db)?;
        assert_eq!(pairs(&rows), [("Ada", None), ("Ben", Some("Ada")), ("Cid", Some("Ada")), ("Dot", Some("Ben"))]);
        let filtered = Member::inviter.filter(Member::name.ne("Ada")).alias::<Inviter>();
        let query = Member::select().left_join(filtered).columns((Member::name, inviter.name)).order_by(Member::id);
        assert_eq!(pairs(&query.all(db)?)[1..], [("Ben", None), ("Cid", None), ("Dot", Some("Ben"))]);
        let both = Topic::select()
            .inner_join(Topic::author)
            .left_join(Topic::editor.alias::<Second>())
            .columns((Member::name, Member::alias::<Second>().name))
            .order_by(Topic::id)
            .all(db)?;
        assert_eq!(pairs(&both)[..3], [("Ada", Some("Ben")), ("Ada", None), ("Ada", Some("Cid"))]);
    }

    /// Under another name, through a table between, with conditions on either.
    fn of_a_table_to_itself_through_another(db) {
        forum::write(db)?;
        let other = Member::alias::<Second>();
        let rows = Member::select()
            .left_join(Member::following.alias::<Second>())
            .columns((Member::name, other.name))
            .order_by((Member::id, other.id))
            .all(db)?;
        assert_eq!(
            pairs(&rows),
            [("Ada", Some("Ben")), ("Ada", Some("Cid")), ("Ben", Some("Ada")), ("Cid", Some("Cid")), ("Dot", None),]
        );
        let recent = Member::following.filter(Follow::since.gt(4)).filter(Member::name.ne("Ben"));
        let rows = Member::select()
            .left_join(recent.alias::<Second>())
            .columns((Member::name, other.name))
            .order_by((Member::id, other.id))
            .all(db)?;
        assert_eq!(pairs(&rows), [("Ada", None), ("Ben", Some("Ada")), ("Cid", None), ("Dot", None)]);
    }

    /// A condition in the join keeps the row; one on the query drops it.
    fn with_a_filter(db) {
        forum::write(db)?;
        let good = || Member::topics.filter(Topic::score.gt(7)).filter(Topic::replies.none(Reply::id.gt(0)));
        let rows =
            Member::select().left_join(good()).columns((Member::name, Topic::title)).order_by(Member::id).all(db)?;
        assert_eq!(pairs(&rows), [("Ada", Some("Rust 3")), ("Ben", Some("SQL 2")), ("Cid", None), ("Dot", None)]);
        let rows = Member::select().inner_join(good()).columns(Member::name).order_by(Member::id).all(db)?;
        assert_eq!(rows, ["Ada", "Ben"]);
        let rows = Member::select()
            .left_join(Member::topics)
            .filter(Topic::score.gt(7))
            .filter(Topic::author.any(Member::circles.exists()))
            .columns(Member::name)
            .order_by(Member::id);
        assert_eq!(rows.all(db)?, ["Ada", "Ben"]);
    }

    /// A table between is part of a query several times, or once more by itself.
    fn through_the_same_table_twice(db) {
        forum::write(db)?;
        let (followed, follower) = (Member::alias::<Second>(), Member::alias::<Inviter>());
        let rows = Member::select()
            .inner_join(Member::following.alias::<Second>())
            .inner_join(Member::followers.filter(Follow::since.gt(4)).alias::<Inviter>())
            .columns((Member::name, followed.name, follower.name))
            .order_by((Member::id, followed.id))
            .all(db)?;
        let rows: Vec<(&str, &str, &str)> = rows
            .iter()
            .map(|(name, followed, follower)| (name.as_str(), followed.as_str(), follower.as_str()))
            .collect();
        assert_eq!(rows, [("Ada", "Ben", "Ben"), ("Ada", "Cid", "Ben"), ("Ben", "Ada", "Ada")]);
        for rows in [
            Member::select()
                .inner_join(Member::seats)
                .inner_join(Member::chaired)
                .columns((Member::name, Seat::role, Circle::name))
                .order_by((Member::id, Seat::id))
                .all(db)?,
            Member::select()
                .inner_join(Member::chaired)
                .inner_join(Member::seats)
                .columns((Member::name, Seat::role, Circle::name))
                .order_by((Member::id, Seat::id))
                .all(db)?,
        ] {
            let rows: Vec<(&str, &str, &str)> =
                rows.iter().map(|(name, role, circle)| (name.as_str(), role.as_str(), circle.as_str())).collect();
            assert_eq!(
                rows,
                [
                    ("Ada", "chair", "chess"),
                    ("Ada", "guest", "chess"),
                    ("Ben", "guest", "chess"),
                    ("Ben", "chair", "chess"),
                ]
            );
        }
    }

    /// Where a left join found no row, nothing belongs to it, and it leads nowhere.
    fn values_along_rows_that_are_not_there(db) {
        forum::write(db)?;
        let rows = Member::select()
            .left_join(Member::topics)
            .filter(Topic::id.is_null())
            .columns((
                Member::name,
                Topic::author.value(Member::name),
                Topic::replies.count(),
                Topic::replies.exists(),
                Topic::replies.max(Reply::id),
            ))
            .all(db)?;
        let expected: [(String, Option<String>, i64, bool, Option<i64>); 1] =
            [("Dot".to_owned(), None, 0, false, None)];
        assert_eq!(rows, expected);
    }

    /// Of a table whose key is grouped by, relations have a value for each group.
    fn values_of_groups(db) {
        forum::write(db)?;
        let rows = Member::select()
            .left_join(Member::circles)
            .group_by(Member::id)
            .columns((Member::name, Member::topics.count(), count(Circle::id)))
            .having(Member::invitees.none(Member::name.eq("Dot")))
            .order_by((Member::topics.count().desc(), Member::id))
            .all(db)?;
        let rows: Vec<(&str, i64, i64)> =
            rows.iter().map(|(name, topics, circles)| (name.as_str(), *topics, *circles)).collect();
        assert_eq!(rows, [("Ada", 3, 2), ("Cid", 1, 1), ("Dot", 0, 0)]);
    }
}
