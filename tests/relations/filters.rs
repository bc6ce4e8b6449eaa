//! Conditions, orders and computed values that go along relations, at any depth.

use orm::prelude::*;

use crate::{
    forum::{self, *},
    support::*,
};

each_dialect! {
    fn together_with_own_columns(db) {
        forum::write(db)?;
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        let rust = || Member::topics.any(Topic::title.like("Rust%"));
        let good = || Member::topics.any(Topic::score.gt(8));
        assert_eq!(by().filter(rust().and(good())).all(db)?, [""; 0]);
        assert_eq!(by().filter(rust().or(good())).all(db)?, ["Ada", "Ben"]);
        assert_eq!(by().filter(not(rust().or(good()))).all(db)?, ["Cid", "Dot"]);
        assert_eq!(by().filter(good().or(Member::name.eq("Dot"))).all(db)?, ["Ben", "Dot"]);
        assert_eq!(by().filter(Member::id.gt(1)).filter(rust()).all(db)?, [""; 0]);
        // Both conditions on one topic, or each on a topic of its own.
        let one = Member::topics.any(Topic::title.like("%1").and(Topic::score.gt(7)));
        assert_eq!(by().filter(one).all(db)?, [""; 0]);
        let each = Member::topics.any(Topic::title.like("%1")).and(Member::topics.any(Topic::score.gt(7)));
        assert_eq!(by().filter(each).all(db)?, ["Ada", "Ben"]);
    }

    fn at_any_depth(db) {
        forum::write(db)?;
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        let answered = Member::topics.any(Topic::replies.any(Reply::author.any(Member::name.eq("Dot"))));
        assert_eq!(by().filter(answered).all(db)?, ["Ben"]);
        let anonymous = Member::topics.any(Topic::replies.any(Reply::author.none(Member::id.gt(0))));
        assert_eq!(by().filter(anonymous).all(db)?, ["Cid"]);
        let silent = Member::topics.any(Topic::replies.none(Reply::id.gt(0)));
        assert_eq!(by().filter(silent).all(db)?, ["Ada", "Ben"]);
        // Back to the table that the query reads.
        let himself =
            Topic::select().filter(Topic::replies.any(Reply::author.any(Member::topics.any(Topic::id.eq(2)))));
        assert_eq!(himself.columns(Topic::id).all(db)?, [2]);
        let photo = Topic::select()
            .filter(Topic::author.any(Member::profile.any(Profile::photo.any(Photo::url.like("%.png")))));
        assert_eq!(photo.columns(Topic::id).order_by(Topic::id).all(db)?, [1, 2, 3]);
    }

    /// What is true of no row is true of every one; NULL is not true.
    fn none_and_every(db) {
        forum::write(db)?;
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        assert_eq!(by().filter(Member::topics.none(Topic::editor_id.eq(1))).all(db)?, ["Ada", "Cid", "Dot"]);
        assert_eq!(by().filter(Member::topics.every(Topic::score.gt(3))).all(db)?, ["Cid", "Dot"]);
        assert_eq!(by().filter(Member::topics.every(Topic::editor_id.gt(0))).all(db)?, ["Dot"]);
        assert_eq!(by().filter(Member::topics.every(Topic::editor.any(Member::id.gt(0)))).all(db)?, ["Dot"]);
        assert_eq!(by().filter(Member::inviter.every(Member::name.eq("Ada"))).all(db)?, ["Ada", "Ben", "Cid"]);
        assert_eq!(by().filter(not(Member::topics.every(Topic::score.gt(3)))).all(db)?, ["Ada", "Ben"]);
        let narrowed = Member::topics.filter(Topic::score.lt(4)).every(Topic::editor_id.is_null());
        assert_eq!(by().filter(narrowed).all(db)?.len(), 4);
    }

    fn by_aggregates(db) {
        forum::write(db)?;
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        assert_eq!(by().filter(Member::topics.count().between(1, 2)).all(db)?, ["Ben", "Cid"]);
        assert_eq!(by().filter(Member::topics.filter(Topic::score.gt(4)).count().eq(1)).all(db)?, ["Ben"]);
        assert_eq!(by().filter(Member::topics.sum(Topic::score).gt(11)).all(db)?, ["Ada"]);
        assert_eq!(by().filter(Member::topics.max(Topic::score).is_null()).all(db)?, ["Dot"]);
        assert_eq!(by().filter(Member::topics.min(Topic::title).eq("SQL 1")).all(db)?, ["Ben"]);
        assert_eq!(by().filter(Member::topics.count().gt(Member::replies.count())).all(db)?, ["Ada", "Ben"]);
        let numbers = Member::select()
            .columns((
                Member::topics.sum(Topic::score),
                Member::topics.max(Topic::score - 1),
                Member::topics.avg(Topic::score),
            ))
            .order_by(Member::id)
            .all(db)?;
        let numbers: Vec<(Option<i64>, Option<i32>, Option<String>)> = numbers
            .into_iter()
            .map(|(sum, best, average)| (sum, best, average.map(|average| format!("{average:.2}"))))
            .collect();
        assert_eq!(
            numbers,
            [
                (Some(16), Some(7), Some("5.33".to_owned())),
                (Some(11), Some(8), Some("5.50".to_owned())),
                (Some(4), Some(3), Some("4.00".to_owned())),
                (None, None, None),
            ]
        );
    }

    fn orders_along_relations(db) {
        forum::write(db)?;
        let by_author =
            Topic::select().columns(Topic::id).order_by((Topic::author.value(Member::name).desc(), Topic::id));
        assert_eq!(by_author.all(db)?, [6, 4, 5, 1, 2, 3]);
        let by_editor = Topic::select()
            .columns(Topic::id)
            .order_by((Topic::editor.value(Member::name).asc().nulls_first(), Topic::id));
        assert_eq!(by_editor.all(db)?, [2, 4, 6, 5, 1, 3]);
        let replies = Reply::select().columns(Reply::id).order_by((
            Reply::topic.value(Topic::author.value(Member::name)).desc(),
            Reply::topic.value(Topic::score),
            Reply::id,
        ));
        assert_eq!(replies.all(db)?, [5, 4, 3, 1, 2]);
        let by_replies =
            Topic::select().columns(Topic::id).order_by((Topic::replies.count().desc(), Topic::id)).limit(3);
        assert_eq!(by_replies.all(db)?, [1, 2, 4]);
        let by_best = Member::select()
            .columns(Member::name)
            .order_by(Member::topics.max(Topic::replies.count()).desc().nulls_last())
            .order_by(Member::id);
        assert_eq!(by_best.all(db)?, ["Ada", "Ben", "Cid", "Dot"]);
    }

    fn orders_inside_loads(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(Member::topics.order_by((Topic::replies.count().desc(), Topic::id.desc())).limit(2))
            .with(Member::edited.order_by(Topic::author.value(Member::name)))
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(
            members.iter().map(|member| ids(member.topics())).collect::<Vec<_>>(),
            [vec![1, 2], vec![4, 5], vec![6], vec![]]
        );
        let circles = Circle::find(1)
            .with(Circle::members.filter(Seat::role.eq("chair")).order_by(Member::topics.sum(Topic::score)))
            .one(db)?;
        assert_eq!(names(circles.members()), ["Ben", "Ada"]);
    }

    /// Values of a statement are in the order of its text, wherever they come from.
    fn values_everywhere(db) {
        forum::write(db)?;
        let topics = || {
            Member::hot
                .extra("above", Topic::score - 2)
                .extra("answered", Topic::replies.any(Reply::id.ge(2)))
                .filter(Topic::title.ne("Rust 9"))
                .filter(Topic::editor.any(Member::name.ne("Nobody")))
                .order_by((Topic::score + 100).desc())
        };
        let whole = Member::select()
            .extra("plus", Member::invited_by + 40)
            .extra("topics", Member::topics.filter(Topic::score.ge(3)).count())
            .with(topics())
            .filter(Member::name.ne("Dot"))
            .order_by(Member::id + 7)
            .all(db)?;
        let read: Vec<(Option<i64>, i64, Vec<(i64, i32, bool)>)> = whole
            .iter()
            .map(|member| {
                let (plus, topics) = member.extras();
                let hot = member.hot().iter().map(|topic| (topic.id, *topic.extras().0, *topic.extras().1));
                (*plus, *topics, hot.collect())
            })
            .collect();
        assert_eq!(
            read,
            [(None, 3, vec![(3, 6, false), (1, 3, true)]), (Some(41), 1, vec![(5, 7, false)]), (Some(41), 1, vec![]),]
        );
        let pages = Member::select().with(topics().limit(1).offset(1)).order_by(Member::id).all(db)?;
        let read: Vec<Vec<(i64, i32)>> = pages
            .iter()
            .map(|member| member.hot().iter().map(|topic| (topic.id, *topic.extras().0)).collect())
            .collect();
        assert_eq!(read, [vec![(1, 3)], vec![], vec![], vec![]]);
        let columns = Member::select()
            .with(
                Member::topics
                    .columns((Topic::title, Topic::score * 10))
                    .filter(Topic::score.gt(2))
                    .order_by(Topic::score - 1)
                    .limit(2),
            )
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(columns[0].topics(), [("Rust 2".to_owned(), 30), ("Rust 1".to_owned(), 50)]);
        assert_eq!(columns[1].topics(), [("SQL 2".to_owned(), 90)]);
    }

    fn pages_of_every_kind(db) {
        forum::write(db)?;
        // A limit is part of the relation's type, as the filter and the order are.
        macro_rules! pages {
            ($($page:tt)*) => {{
                let topics = Member::topics.order_by(Topic::id)$($page)*;
                let members = Member::select().with(topics).filter(Member::id.le(2)).order_by(Member::id).all(db)?;
                members.iter().map(|member| ids(member.topics())).collect::<Vec<_>>()
            }};
        }
        assert_eq!(pages!(), [vec![1, 2, 3], vec![4, 5]]);
        assert_eq!(pages!(.limit(0)), [vec![0; 0], vec![]]);
        assert_eq!(pages!(.limit(2)), [vec![1, 2], vec![4, 5]]);
        assert_eq!(pages!(.offset(2)), [vec![3], vec![]]);
        assert_eq!(pages!(.limit(1).offset(1)), [vec![2], vec![5]]);
        assert_eq!(pages!(.limit(u64::MAX).offset(1)), [vec![2, 3], vec![5]]);
        assert_eq!(pages!(.offset(u64::MAX).limit(1)), [vec![0; 0], vec![]]);
    }

    fn updates_and_deletes(db) {
        forum::write(db)?;
        let raised = Topic::update().set(Topic::score, 10).filter(Topic::author.any(Member::name.eq("Ben")));
        assert_eq!(raised.execute(db)?, 2);
        assert_eq!(Member::find(2).columns(Member::topics.sum(Topic::score)).one(db)?, Some(20));
        let removed = Reply::delete().filter(Reply::topic.any(Topic::score.lt(5)));
        assert_eq!(removed.execute(db)?, 2);
        assert_eq!(Reply::select().columns(Reply::id).order_by(Reply::id).all(db)?, [1, 2, 4]);
        // Of a table to itself: those who invited nobody and did nothing.
        let idle =
            not(Member::invitees.exists()).and(not(Member::replies.exists())).and(Member::topics.none(Topic::id.gt(0)));
        assert_eq!(Member::delete().filter(idle).execute(db)?, 0);
        Reply::delete().filter(Reply::author.any(Member::inviter.any(Member::name.eq("Ben")))).execute(db)?;
        let idle =
            not(Member::invitees.exists()).and(not(Member::replies.exists())).and(Member::topics.none(Topic::id.gt(0)));
        assert_eq!(Member::delete().filter(idle).returning().columns(Member::name).all(db)?, ["Dot"]);
    }
}
