//! Relations to views and from them: by columns that are equal, as views have no keys.

use orm::prelude::*;

use crate::{
    forum::{self, *},
    support::*,
};

/// The members who write, as a view that counts their topics.
#[derive(Debug, Clone, PartialEq, View)]
#[view(
    name = "writers",
    as = "select author_id as member_id, count(*) as topics, max(score) as best from topics group by author_id"
)]
pub(crate) struct Writer {
    member_id: i64,
    topics: i64,
    best: Option<i32>,
}

relations! {
    Member { writer: optional(Writer) on(id = member_id), famous: optional(Writer) on(id = member_id) filter(Writer::best.gt(8)) }
    Topic { writer: one(Writer) on(author_id = member_id) }
    Writer {
        member: one(Member) on(member_id = id),
        written: many(Topic) on(member_id = author_id),
        seats: many(Seat) on(member_id = member_id),
    }
}

schema! { fn views() = [Writer] }

macro_rules! create {
    ($db:expr) => {
        forum::write($db)?;
        $db.create_all(&views())?;
    };
}

each_dialect! {
    fn to_a_view(db) {
        create!(db);
        let members = Member::select().with(Member::writer).with(Member::famous).order_by(Member::id).all(db)?;
        let read: Vec<(Option<i64>, Option<Option<i32>>)> = members
            .iter()
            .map(|member| (member.writer().map(|writer| writer.topics), member.famous().map(|writer| writer.best)))
            .collect();
        assert_eq!(read, [(Some(3), None), (Some(2), Some(Some(9))), (Some(1), None), (None, None)]);
        let topics = Topic::select().with(Topic::writer.with(Writer::member)).order_by(Topic::id).all(db)?;
        assert_eq!(topics.iter().map(|topic| topic.writer().member().id).collect::<Vec<_>>(), [1, 1, 1, 2, 2, 3]);
    }

    fn from_a_view(db) {
        create!(db);
        let writers = Writer::select()
            .with(Writer::member.with(Member::circles.order_by(Seat::id)))
            .with(Writer::written.filter(Topic::score.gt(3)).order_by(Topic::score).limit(1))
            .filter(Writer::seats.exists())
            .order_by(Writer::topics.desc())
            .all(db)?;
        let read: Vec<(&str, Vec<i64>, usize)> = writers
            .iter()
            .map(|writer| (writer.member().name.as_str(), ids(writer.written()), writer.member().circles().len()))
            .collect();
        assert_eq!(read, [("Ada", vec![1], 2), ("Ben", vec![5], 2), ("Cid", vec![6], 1)]);
    }

    fn filters_through_a_view(db) {
        create!(db);
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        assert_eq!(by().filter(Member::writer.any(Writer::topics.ge(2))).all(db)?, ["Ada", "Ben"]);
        assert_eq!(by().filter(not(Member::writer.exists())).all(db)?, ["Dot"]);
        let order = Member::select().order_by((Member::writer.value(Writer::best).desc().nulls_last(), Member::id));
        assert_eq!(order.columns(Member::name).all(db)?, ["Ben", "Ada", "Cid", "Dot"]);
        let rows =
            Member::select().inner_join(Member::writer).columns((Member::name, Writer::topics)).order_by(Member::id);
        assert_eq!(rows.all(db)?, [("Ada".to_owned(), 3), ("Ben".to_owned(), 2), ("Cid".to_owned(), 1)]);
        let followed = by().filter(Member::following.any(Member::writer.any(Writer::best.eq(9))));
        assert_eq!(followed.all(db)?, ["Ada"]);
    }
}
