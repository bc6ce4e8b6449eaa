//! What a declaration says of a relation: a filter, which of several keys, one side only.

use orm::prelude::*;

use crate::{
    forum::{self, *},
    support::*,
};

each_dialect! {
    /// Two keys lead from topics to members, and each relation follows its own.
    fn several_between_the_same_tables(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(Member::edited.order_by(Topic::id))
            .with(Member::topics.order_by(Topic::id))
            .order_by(Member::id)
            .all(db)?;
        let read: Vec<(Vec<i64>, Vec<i64>)> =
            members.iter().map(|member| (ids(member.topics()), ids(member.edited()))).collect();
        assert_eq!(read, [(vec![1, 2, 3], vec![5]), (vec![4, 5], vec![1]), (vec![6], vec![3]), (vec![], vec![])]);
        let topics = Topic::select().with(Topic::editor).with(Topic::author).order_by(Topic::id).all(db)?;
        let read: Vec<(&str, Option<&str>)> = topics
            .iter()
            .map(|topic| (topic.author().name.as_str(), topic.editor().map(|editor| editor.name.as_str())))
            .collect();
        assert_eq!(
            read,
            [
                ("Ada", Some("Ben")),
                ("Ada", None),
                ("Ada", Some("Cid")),
                ("Ben", None),
                ("Ben", Some("Ada")),
                ("Cid", None),
            ]
        );
        // The author is the editor of none of them.
        let both = Member::topics.any(Topic::editor.any(Member::topics.any(Topic::editor.any(Member::name.eq("Ada")))));
        assert_eq!(Member::select().filter(both).columns(Member::name).all(db)?, ["Ada"]);
    }

    /// A declared filter is part of every load, and of every expression.
    fn with_a_filter(db) {
        forum::write(db)?;
        let query = Member::select().with(Member::hot.order_by(Topic::id)).with(Member::topics).order_by(Member::id);
        let members = query.all(db)?;
        assert_eq!(
            members.iter().map(|member| ids(member.hot())).collect::<Vec<_>>(),
            [vec![1, 3], vec![5], vec![], vec![]]
        );
        assert_eq!(members[0].topics().len(), 3);
        let narrower = Member::select()
            .with(Member::hot.filter(Topic::editor_id.eq(2)).order_by(Topic::id))
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(
            narrower.iter().map(|member| ids(member.hot())).collect::<Vec<_>>(),
            [vec![1], vec![], vec![], vec![]]
        );
        let counts = Member::select()
            .columns((
                Member::hot.count(),
                Member::hot.filter(Topic::score.lt(9)).count(),
                Member::hot.max(Topic::score),
            ))
            .order_by(Member::id);
        assert_eq!(counts.all(db)?, [(2, 2, Some(8)), (1, 0, Some(9)), (0, 0, None), (0, 0, None)]);
        let query = Member::select()
            .left_join(Member::hot)
            .columns((Member::name, Topic::id))
            .order_by((Member::id, Topic::id));
        assert_sql!(query, both: r#"select "members"."name", "topics"."id" from "members" left join "topics" on "topics"."author_id" = "members"."id" and "topics"."score" > $1 order by "members"."id", "topics"."id""#);
        let rows: Vec<Option<i64>> = query.all(db)?.into_iter().map(|(_, topic)| topic).collect();
        assert_eq!(rows, [Some(1), Some(3), Some(5), None, None]);
        let every = Member::select().filter(Member::hot.every(Topic::editor_id.is_not_null())).columns(Member::name);
        assert_eq!(every.count(db)?, 4);
        let loaded = Member::hot.order_by(Topic::id).columns(Topic::id).load_into(&members, db)?;
        assert_eq!(loaded, [vec![1, 3], vec![5], vec![], vec![]]);
    }

    /// The one row may not meet the filter: there is one or none.
    fn one_with_a_filter_is_optional(db) {
        forum::write(db)?;
        let topics = Topic::select().with(Topic::invited_author).order_by(Topic::id).all(db)?;
        let authors: Vec<Option<&str>> =
            topics.iter().map(|topic| topic.invited_author().map(|author| author.name.as_str())).collect();
        assert_eq!(authors, [None, None, None, Some("Ben"), Some("Ben"), Some("Cid")]);
        let values = Topic::select().columns(Topic::invited_author.value(Member::name)).order_by(Topic::id).all(db)?;
        assert_eq!(values.iter().map(Option::as_deref).collect::<Vec<_>>(), authors);

        // So it is with a filter that a query adds.
        let topics = Topic::select().with(Topic::author.filter(Member::name.eq("Ben"))).order_by(Topic::id).all(db)?;
        let authors: Vec<bool> = topics.iter().map(|topic| topic.author().is_some()).collect();
        assert_eq!(authors, [false, false, false, true, true, false]);
        let members =
            Member::select().with(Member::public_profile).with(Member::profile).order_by(Member::id).all(db)?;
        let profiles: Vec<(bool, bool)> =
            members.iter().map(|member| (member.public_profile().is_some(), member.profile().is_some())).collect();
        assert_eq!(profiles, [(true, true), (false, true), (false, false), (false, false)]);
    }

    /// A condition that is absent filters nothing, but the relation counts as filtered.
    fn a_filter_that_may_be_absent(db) {
        forum::write(db)?;
        let authors = |name: Option<&str>| {
            let query =
                Topic::select().with(Topic::author.filter(name.map(|name| Member::name.eq(name)))).order_by(Topic::id);
            query.all(db).map(|topics| topics.iter().filter(|topic| topic.author().is_some()).count())
        };
        assert_eq!((authors(None)?, authors(Some("Cid"))?), (6, 1));
    }

    /// Only circles and the table between know of each other; nothing leads back.
    fn on_one_side_only(db) {
        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(new(derive(Debug)))]
        struct Badge {
            #[column(primary_key)]
            id: i32,
            #[column(references = Member::id)]
            holder_id: i64,
            #[column(unique, references = Topic::id)]
            topic_id: Option<i64>,
        }

        relations! {
            Badge { holder: one(Member), topic: optional(Topic) }
        }

        schema! { fn schema() = [Badge] }

        forum::write(db)?;
        db.create(&schema())?;
        for (id, holder, topic) in [(1, 2, Some(5)), (2, 2, None)] {
            Badge::insert().set(Badge::id, id).set(Badge::holder_id, holder).set(Badge::topic_id, topic).execute(db)?;
        }
        let badges = Badge::select()
            .with(Badge::topic.with(Topic::author))
            .with(Badge::holder.with(Member::profile))
            .order_by(Badge::id)
            .all(db)?;
        assert_eq!(badges[0].topic().map(|topic| topic.author().name.as_str()), Some("Ben"));
        assert!(badges[1].topic().is_none());
        assert_eq!(badges[1].holder().profile().map(|profile| profile.bio.as_str()), Some("runs"));
    }
}
