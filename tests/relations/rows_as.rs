//! Structs that say which columns and relations of a row they have.

use orm::prelude::*;

use crate::{
    forum::{self, *},
    support::*,
};

#[derive(Debug, PartialEq, Row)]
#[row(of = Member)]
struct Name {
    name: String,
}

#[derive(Debug, PartialEq, Row)]
#[row(of = Topic)]
struct Title {
    title: String,
}

fn titles(topics: &[Title]) -> Vec<&str> {
    topics.iter().map(|topic| topic.title.as_str()).collect()
}

each_dialect! {
    /// The key that a relation goes by is read, though no field has it.
    fn without_the_keys(db) {
        #[derive(Debug, PartialEq, Row)]
        #[row(of = Member)]
        struct Author {
            name: String,
            #[row(relation = Member::topics, order_by = Topic::id)]
            topics: Vec<Answered>,
            #[row(relation = Member::inviter)]
            inviter: Option<Name>,
        }

        #[derive(Debug, PartialEq, Row)]
        #[row(of = Topic)]
        struct Answered {
            #[row(relation = Topic::replies, order_by = Reply::id)]
            replies: Vec<Answer>,
        }

        #[derive(Debug, PartialEq, Row)]
        #[row(of = Reply)]
        struct Answer {
            text: String,
            #[row(relation = Reply::author)]
            author: Option<Name>,
        }

        forum::write(db)?;
        let authors: Vec<Author> =
            Member::select().rows_as::<Author>().filter(Member::id.gt(1)).order_by(Member::id).all(db)?;
        let name = |name: &str| Some(Name { name: name.to_owned() });
        let answer = |text: &str, author| Answered { replies: vec![Answer { text: text.to_owned(), author }] };
        assert_eq!(
            authors,
            [
                Author {
                    name: "Ben".to_owned(),
                    topics: vec![answer("reply 4", name("Dot")), Answered { replies: vec![] }],
                    inviter: name("Ada"),
                },
                Author { name: "Cid".to_owned(), topics: vec![answer("reply 5", None)], inviter: name("Ada") },
                Author { name: "Dot".to_owned(), topics: vec![], inviter: name("Ben") },
            ]
        );
    }

    /// Fields of the same type, by the same relation or another one, each with its own conditions.
    fn several_fields_of_a_type(db) {
        #[derive(Debug, Row)]
        #[row(of = Member)]
        struct Author {
            #[row(column = Member::name)]
            called: String,
            #[row(relation = Member::topics, filter = Topic::score.gt(4), order_by = Topic::score.desc())]
            good: Vec<Title>,
            #[row(relation = Member::topics, filter = Topic::score.le(4), order_by = Topic::score.desc())]
            bad: Vec<Title>,
            #[row(relation = Member::topics, filter = Topic::score.gt(4), order_by = Topic::score.desc(), limit = 1)]
            best: Vec<Title>,
            #[row(relation = Member::topics, filter = Topic::score.gt(7), order_by = Topic::score)]
            great: Vec<Title>,
            #[row(relation = Member::edited, order_by = Topic::id)]
            edited: Vec<Title>,
            #[row(relation = Member::hot, order_by = Topic::id)]
            hot: Vec<Title>,
        }

        forum::write(db)?;
        let authors = Member::select().rows_as::<Author>().order_by(Member::id).all(db)?;
        let ada = &authors[0];
        assert_eq!(ada.called, "Ada");
        assert_eq!(titles(&ada.good), ["Rust 3", "Rust 1"]);
        assert_eq!(titles(&ada.bad), ["Rust 2"]);
        assert_eq!(titles(&ada.best), ["Rust 3"]);
        assert_eq!(titles(&ada.great), ["Rust 3"]);
        assert_eq!(titles(&ada.edited), ["SQL 2"]);
        assert_eq!(titles(&ada.hot), ["Rust 1", "Rust 3"]);
        assert_eq!(titles(&authors[1].bad), ["SQL 1"]);
    }

    fn through_a_table_between(db) {
        #[derive(Debug, Row)]
        #[row(of = Circle)]
        struct Meeting {
            name: String,
            about: Option<String>,
            #[row(relation = Circle::members, filter = Seat::role.eq("chair"), order_by = (Seat::role, Member::name.desc()))]
            chairs: Vec<Chair>,
        }

        #[derive(Debug, Row)]
        #[row(of = Member)]
        struct Chair {
            name: String,
            #[row(relation = Member::following, order_by = Follow::since, limit = 1)]
            first: Vec<Name>,
            #[row(relation = Member::public_profile)]
            profile: Option<Bio>,
        }

        #[derive(Debug, Row)]
        #[row(of = Profile)]
        struct Bio {
            bio: String,
        }

        forum::write(db)?;
        let chess = Circle::find(1).rows_as::<Meeting>().one(db)?;
        assert_eq!((chess.name.as_str(), chess.about.as_deref()), ("chess", Some("a game")));
        let chairs: Vec<(&str, &str, Option<&str>)> = chess
            .chairs
            .iter()
            .map(|chair| {
                (
                    chair.name.as_str(),
                    chair.first[0].name.as_str(),
                    chair.profile.as_ref().map(|profile| profile.bio.as_str()),
                )
            })
            .collect();
        assert_eq!(chairs, [("Ben", "Ada", None), ("Ada", "Cid", Some("tea"))]);
    }

    /// As what a relation reads, and for rows in memory.
    fn below_a_relation(db) {
        #[derive(Debug, PartialEq, Row)]
        #[row(of = Topic)]
        struct Signed {
            id: i64,
            #[row(relation = Topic::author)]
            author: Name,
            // The row of a relation to one can also be held as if it were optional.
            #[row(relation = Topic::author)]
            again: Option<Name>,
            #[row(relation = Topic::author, filter = Member::name.ne("Ada"))]
            other: Option<Name>,
        }

        forum::write(db)?;
        let members = Member::select()
            .with(Member::topics.order_by(Topic::id.desc()).limit(1).rows_as::<Signed>())
            .with(Member::profile)
            .order_by(Member::id)
            .all(db)?;
        let name = |name: &str| Name { name: name.to_owned() };
        assert_eq!(members[0].topics(), [Signed { id: 3, author: name("Ada"), again: Some(name("Ada")), other: None }]);
        assert_eq!(
            members[1].topics(),
            [Signed { id: 5, author: name("Ben"), again: Some(name("Ben")), other: Some(name("Ben")) }]
        );
        assert!(members[3].topics().is_empty());
        let loaded: Vec<Vec<Signed>> =
            Member::topics.order_by(Topic::id).rows_as::<Signed>().load_into(&members, db)?;
        assert_eq!(
            loaded.iter().map(|topics| topics.iter().map(|topic| topic.id).collect()).collect::<Vec<Vec<_>>>(),
            [vec![1, 2, 3], vec![4, 5], vec![6], vec![],]
        );
        let editors: Vec<Option<Name>> =
            Topic::editor.rows_as::<Name>().load_into(&Topic::select().order_by(Topic::id).all(db)?, db)?;
        assert_eq!(editors[0], Some(name("Ben")));
        assert_eq!(editors[1], None);
    }

    fn the_ways_to_run(db) {
        forum::write(db)?;
        let by = || Member::select().rows_as::<Name>();
        assert_eq!(by().filter(Member::id.eq(2)).one(db)?.name, "Ben");
        assert_eq!(by().order_by(Member::id.desc()).first(db)?.map(|member| member.name), Some("Dot".to_owned()));
        assert_eq!(by().filter(Member::id.eq(9)).optional(db)?, None);
        assert_eq!(by().order_by(Member::id).limit(1).offset(2).all(db)?, [Name { name: "Cid".to_owned() }]);
        let query = by().filter(Member::topics.any(Topic::score.gt(8))).order_by(Member::topics.count());
        assert_sql!(query, both: r#"select "members"."name" from "members" where exists (select 1 from "topics" where "topics"."author_id" = "members"."id" and "topics"."score" > $1) order by (select count(*) from "topics" where "topics"."author_id" = "members"."id")"#);
        assert_eq!(query.all(db)?.len(), 1);
    }
}
