//! Relations of relations, in every combination of how many rows they lead to.

use orm::prelude::*;

use crate::forum::{self, *};
use crate::support::*;

/// The relation, nested in `inviter` once for each token.
macro_rules! inviters {
    ($relation:expr;) => { $relation };
    ($relation:expr; $one:tt $($more:tt)*) => { inviters!(Member::inviter.with($relation); $($more)*) };
}

each_dialect! {
    /// Many, then each of the four kinds.
    fn below_many(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(
                Member::topics
                    .order_by(Topic::id)
                    .with(Topic::replies.order_by(Reply::id))
                    .with(Topic::author)
                    .with(Topic::editor),
            )
            .order_by(Member::id)
            .all(db)?;
        let replies = |member: usize| -> Vec<Vec<i64>> {
            members[member]
                .topics()
                .iter()
                .map(|topic| topic.replies().iter().map(|reply| reply.id).collect())
                .collect()
        };
        assert_eq!(replies(0), [vec![1, 2], vec![3], vec![]]);
        assert_eq!(replies(1), [vec![4], vec![]]);
        assert_eq!(replies(2), [[5]]);
        assert!(replies(3).is_empty());
        let editors = |member: usize| -> Vec<Option<&str>> {
            members[member].topics().iter().map(|topic| topic.editor().map(|editor| editor.name.as_str())).collect()
        };
        assert_eq!(editors(0), [Some("Ben"), None, Some("Cid")]);
        assert_eq!(editors(1), [None, Some("Ada")]);
        assert!(members.iter().all(|member| member.topics().iter().all(|topic| topic.author().id == member.id)));
    }

    fn below_optional(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(Member::profile.with(Profile::photo).with(Profile::member.with(Member::topics.order_by(Topic::id))))
            .with(Member::inviter.with(Member::profile.with(Profile::photo.with(Photo::profile))))
            .order_by(Member::id)
            .all(db)?;
        let photos: Vec<Option<Option<&str>>> = members
            .iter()
            .map(|member| member.profile().map(|profile| profile.photo().map(|photo| photo.url.as_str())))
            .collect();
        assert_eq!(photos, [Some(Some("ada.png")), Some(None), None, None]);
        assert_eq!(members[1].profile().map(|profile| ids(profile.member().topics())), Some(vec![4, 5]));
        let bios: Vec<Option<&str>> = members
            .iter()
            .map(|member| member.inviter()?.profile()?.photo().map(|photo| photo.profile().bio.as_str()))
            .collect();
        assert_eq!(bios, [None, Some("tea"), Some("tea"), None]);
    }

    fn below_one(db) {
        forum::write(db)?;
        let replies = Reply::select()
            .with(
                Reply::topic
                    .with(Topic::author.with(Member::topics.order_by(Topic::score)))
                    .with(Topic::editor.with(Member::inviter))
                    .with(Topic::replies.order_by(Reply::id.desc()).with(Reply::author)),
            )
            .order_by(Reply::id)
            .all(db)?;
        let first = replies[0].topic();
        assert_eq!((first.title.as_str(), ids(first.author().topics())), ("Rust 1", vec![2, 1, 3]));
        let inviter = first.editor().and_then(|editor| editor.inviter());
        assert_eq!(inviter.map(|inviter| inviter.name.as_str()), Some("Ada"));
        let authors: Vec<Option<&str>> =
            first.replies().iter().map(|reply| reply.author().map(|author| author.name.as_str())).collect();
        assert_eq!(authors, [Some("Cid"), Some("Ben")]);
        let last = replies[4].topic();
        assert!(last.editor().is_none());
        assert!(last.replies()[0].author().is_none());
    }

    /// Each level has the conditions, the order and the limits that it was given, and no other has them.
    fn everything_at_every_level(db) {
        forum::write(db)?;
        let members = Member::select()
            .filter(Member::id.lt(4))
            .with(
                Member::topics.filter(Topic::score.gt(2)).order_by(Topic::score.desc()).limit(2).with(
                    Topic::replies
                        .filter(Reply::text.ne("reply 1"))
                        .order_by(Reply::id.desc())
                        .limit(1)
                        .with(Reply::author.filter(Member::name.ne("Ada"))),
                ),
            )
            .order_by(Member::name.desc())
            .limit(2)
            .offset(1)
            .all(db)?;
        assert_eq!(names(&members), ["Ben", "Ada"]);
        assert_eq!(ids(members[0].topics()), [5]);
        assert_eq!(ids(members[1].topics()), [3, 1]);
        let replies = members[1].topics()[1].replies();
        assert_eq!(
            replies.iter().map(|reply| (reply.id, reply.author().map(|author| author.id))).collect::<Vec<_>>(),
            [(2, Some(3))]
        );
    }

    /// A relation that is filtered at a level leaves those above it as they are.
    fn a_filter_at_the_last_level(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(Member::topics.order_by(Topic::id).with(Topic::replies.filter(Reply::author_id.is_null())))
            .order_by(Member::id)
            .all(db)?;
        let read: Vec<Vec<(i64, usize)>> = members
            .iter()
            .map(|member| member.topics().iter().map(|topic| (topic.id, topic.replies().len())).collect())
            .collect();
        assert_eq!(read, [vec![(1, 0), (2, 0), (3, 0)], vec![(4, 0), (5, 0)], vec![(6, 1)], vec![]]);
    }

    /// Two relations of the same rows, each with its own below.
    fn beside_each_other(db) {
        forum::write(db)?;
        let ada = Member::find(1)
            .with(Member::topics.order_by(Topic::id).with(Topic::replies.order_by(Reply::id)))
            .with(Member::edited.with(Topic::author.with(Member::profile)))
            .with(Member::circles.order_by(Circle::id).with(Circle::members.order_by((Member::id, Seat::id))))
            .with(Member::invitees.order_by(Member::id).with(Member::invitees))
            .one(db)?;
        assert_eq!(ids(ada.topics()), [1, 2, 3]);
        let author = ada.edited()[0].author();
        assert_eq!((author.name.as_str(), author.profile().map(|profile| profile.bio.as_str())), ("Ben", Some("runs")));
        assert_eq!(
            ada.circles().iter().map(|circle| names(circle.members())).collect::<Vec<_>>(),
            [vec!["Ada", "Ben", "Ben"], vec!["Ada"],]
        );
        assert_eq!(
            ada.invitees().iter().map(|member| names(member.invitees())).collect::<Vec<_>>(),
            [vec!["Dot"], vec![]]
        );
    }

    /// One statement for each level, though there are rows only at the first.
    fn levels_without_rows(db) {
        forum::write(db)?;
        let nobody = Member::select().filter(Member::id.gt(100)).with(Member::topics.with(Topic::replies)).all(db)?;
        assert!(nobody.is_empty());
        let dot = Member::find(4).with(Member::topics.with(Topic::replies.with(Reply::author))).one(db)?;
        assert!(dot.topics().is_empty());
        let empty = Circle::find(4).with(Circle::members.with(Member::circles)).one(db)?;
        assert!(empty.members().is_empty());
    }

    /// There and back again, nine levels deep.
    fn deep(db) {
        forum::write(db)?;
        let query = || {
            let inviters = Profile::member.with(Member::inviter.with(Member::hot.order_by(Topic::id)));
            let invitees = Member::invitees.with(Member::profile.with(inviters));
            Reply::find(1)
                .with(Reply::topic.with(Topic::author.with(Member::edited.with(Topic::author.with(invitees)))))
        };
        assert_eq!(query().to_sql(orm::sqlite::Sqlite).len(), 10);
        // The topic is Ada's, who edits one of Ben's, who invited Dot.
        let reply = query().one(db)?;
        let ben = reply.topic().author().edited()[0].author();
        assert_eq!((ben.name.as_str(), ben.invitees()[0].name.as_str()), ("Ben", "Dot"));
        assert!(ben.invitees()[0].profile().is_none());
        let profile = Profile::insert().set(Profile::id, 4).set(Profile::member_id, 4);
        profile.set(Profile::bio, "").set(Profile::public, true).execute(db)?;
        let reply = query().one(db)?;
        let dot = &reply.topic().author().edited()[0].author().invitees()[0];
        let ben = dot.profile().and_then(|profile| profile.member().inviter());
        assert_eq!(ben.map(|ben| ids(ben.hot())), Some(vec![5]));
    }

    fn as_deep_as_a_query_says(db) {
        forum::write(db)?;
        let query = Member::select().with(inviters!(Member::inviter; 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15));
        assert_eq!(query.to_sql(orm::sqlite::Sqlite).len(), 17);
        let members = query.order_by(Member::id).all(db)?;
        let ada = members[3].inviter().and_then(|ben| ben.inviter());
        assert!(ada.is_some_and(|ada| ada.name == "Ada" && ada.inviter().is_none()));
    }
}
