//! Loads for rows that are in memory already.

use orm::{ErrorKind, prelude::*};

use crate::{
    forum::{self, *},
    support::*,
};

each_dialect! {
    /// What belongs to the first row comes first, in whatever order the rows are.
    fn in_the_order_of_the_rows(db) {
        forum::write(db)?;
        let members = Member::select().order_by(Member::name.desc()).all(db)?;
        assert_eq!(names(&members), ["Dot", "Cid", "Ben", "Ada"]);
        let topics: Vec<Vec<Topic>> = Member::topics.order_by(Topic::id).load_into(&members, db)?;
        assert_eq!(
            topics.iter().map(|topics| ids(topics)).collect::<Vec<_>>(),
            [vec![], vec![6], vec![4, 5], vec![1, 2, 3]]
        );
        let some = [&members[3], &members[0]];
        let topics = Member::topics.order_by(Topic::id.desc()).columns(Topic::id).load_into(&some, db)?;
        assert_eq!(topics, [vec![3, 2, 1], vec![]]);
    }

    /// Of every kind of relation, with rows and without.
    fn of_every_kind(db) {
        forum::write(db)?;
        let members = Member::select().order_by(Member::id).all(db)?;
        let profiles: Vec<Option<Profile>> = Member::profile.load_into(&members, db)?;
        assert_eq!(profiles.iter().flatten().map(|profile| profile.member_id).collect::<Vec<_>>(), [1, 2]);
        assert!(profiles[2].is_none() && profiles[3].is_none());
        let circles: Vec<Vec<Circle>> = Member::circles.order_by(Seat::id).load_into(&members, db)?;
        assert_eq!(circles.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1, 0]);
        let inviters: Vec<Option<Member>> = Member::inviter.load_into(&members, db)?;
        let inviters: Vec<Option<&str>> =
            inviters.iter().map(|member| member.as_ref().map(|member| member.name.as_str())).collect();
        assert_eq!(inviters, [None, Some("Ada"), Some("Ada"), Some("Ben")]);
        let topics = Topic::select().order_by(Topic::id).all(db)?;
        let authors: Vec<Member> = Topic::author.load_into(&topics, db)?;
        assert_eq!(names(&authors), ["Ada", "Ada", "Ada", "Ben", "Ben", "Cid"]);
        let followers = Member::followers.order_by(Member::id).load_into(&authors, db)?;
        assert_eq!(
            followers.iter().map(|followers| names(followers)).collect::<Vec<_>>(),
            [vec!["Ben"], vec!["Ben"], vec!["Ben"], vec!["Ada"], vec!["Ada"], vec!["Ada", "Cid"],]
        );
    }

    fn for_no_rows(db) {
        forum::write(db)?;
        let nobody: [Member; 0] = [];
        assert!(Member::topics.with(Topic::author).load_into(&nobody, db)?.is_empty());
        // Nothing is asked of the database, for which there is no such table.
        db.execute_batch("drop table photos")?;
        let photos: Vec<Option<Photo>> = Profile::photo.load_into(&[] as &[Profile], db)?;
        assert!(photos.is_empty());
        assert!(Profile::photo.load_into(&Profile::select().all(db)?, db).is_err());
    }

    /// A row that is there twice is given what belongs to it twice.
    fn for_the_same_row_several_times(db) {
        forum::write(db)?;
        let ada = Member::find(1).one(db)?;
        let ben = Member::find(2).one(db)?;
        let rows = [&ada, &ben, &ada, &ada];
        let topics =
            Member::topics.order_by(Topic::id).with(Topic::replies.order_by(Reply::id)).load_into(&rows, db)?;
        assert_eq!(
            topics.iter().map(|topics| ids(topics)).collect::<Vec<_>>(),
            [vec![1, 2, 3], vec![4, 5], vec![1, 2, 3], vec![1, 2, 3],]
        );
        assert_eq!(topics[0], topics[3]);
        assert_eq!(topics[2][0].replies().len(), 2);
        let first = Member::topics.order_by(Topic::id).limit(1).columns(Topic::id).load_into(&rows, db)?;
        assert_eq!(first, [[1], [4], [1], [1]]);
        let circles = Member::circles.order_by(Seat::id).columns(Circle::name).load_into(&rows, db)?;
        assert_eq!(circles[0], circles[2]);
    }

    /// Rows may have been changed, or made up: they are related by what is in memory.
    fn for_rows_that_are_not_stored(db) {
        forum::write(db)?;
        let made_up = Topic { id: 99, author_id: 3, editor_id: Some(4), title: String::new(), score: 0 };
        let authors = Topic::author.load_into(&[&made_up], db)?;
        assert_eq!(names(&authors), ["Cid"]);
        let editors = Topic::editor.with(Member::inviter).load_into(std::slice::from_ref(&made_up), db)?;
        let inviter = editors[0].as_ref().and_then(|editor| editor.inviter());
        assert_eq!(inviter.map(|inviter| inviter.name.as_str()), Some("Ben"));
        let nobody = Topic { author_id: 77, ..made_up };
        let error = Topic::author.load_into(&[nobody], db).map_err(|error| (error.kind(), error.to_string()));
        let message = "the row that `author` of a row of `topics` leads to is not there".to_owned();
        assert_eq!(error, Err((ErrorKind::NotFound, message)));
    }

    /// Boxes, references and rows with relations are rows.
    fn for_rows_of_every_form(db) {
        forum::write(db)?;
        let loaded = Member::select().with(Member::profile).order_by(Member::id).all(db)?;
        let edited = Member::edited.columns(Topic::id).load_into(&loaded, db)?;
        assert_eq!(edited, [vec![5], vec![1], vec![3], vec![]]);
        let references: Vec<&MemberLoaded<_, _>> = loaded.iter().collect();
        assert_eq!(Member::edited.columns(Topic::id).load_into(&references, db)?, edited);
        let boxes: Vec<Box<Member>> = loaded.into_iter().map(|member| Box::new(member.into_row())).collect();
        assert_eq!(Member::edited.columns(Topic::id).load_into(&boxes, db)?, edited);
        let shared: Vec<std::sync::Arc<Member>> = boxes.into_iter().map(std::sync::Arc::from).collect();
        assert_eq!(Member::edited.columns(Topic::id).load_into(&shared, db)?, edited);
    }

    fn with_conditions_and_computed_values(db) {
        forum::write(db)?;
        let members = Member::select().order_by(Member::id).all(db)?;
        let nothing = Member::topics.filter(Topic::id.lt(0)).load_into(&members, db)?;
        assert_eq!(nothing.iter().map(Vec::len).collect::<Vec<_>>(), [0; 4]);
        let topics = Member::topics
            .filter(Topic::score.gt(2))
            .order_by(Topic::score.desc())
            .limit(1)
            .extra("replies", Topic::replies.count())
            .with(Topic::editor)
            .load_into(&members, db)?;
        let read: Vec<Vec<(i64, i64, bool)>> = topics
            .iter()
            .map(|topics| topics.iter().map(|topic| (topic.id, *topic.extras(), topic.editor().is_some())).collect())
            .collect();
        assert_eq!(read, [vec![(3, 0, true)], vec![(5, 0, true)], vec![(6, 1, false)], vec![]]);
        // A condition makes the one row optional.
        let authors: Vec<Option<Member>> = Topic::author
            .filter(Member::name.ne("Ada"))
            .load_into(&Topic::select().order_by(Topic::id).all(db)?, db)?;
        assert_eq!(authors.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, false, true, true, true]);
    }

    /// As many rows at a time as a program wants to hold.
    fn for_a_stream_in_chunks(db) {
        forum::write(db)?;
        let mut rows = Topic::select().order_by(Topic::id).stream(db);
        let mut read = Vec::new();
        loop {
            let chunk: Vec<Topic> = rows.by_ref().take(4).collect::<Result<_, _>>()?;
            if chunk.is_empty() {
                break;
            }
            let replies = Topic::replies.order_by(Reply::id).columns(Reply::id).load_into(&chunk, db)?;
            read.push(chunk.iter().map(|topic| topic.id).zip(replies).collect::<Vec<_>>());
        }
        assert_eq!(
            read,
            [vec![(1, vec![1, 2]), (2, vec![3]), (3, vec![]), (4, vec![4])], vec![(5, vec![]), (6, vec![5])],]
        );
    }
}
