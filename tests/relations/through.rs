//! Many to many: through a table between, with what that table says beside.

use orm::prelude::*;

use crate::forum::{self, *};
use crate::support::*;

fn circles<C: std::borrow::Borrow<Circle>>(circles: &[C]) -> Vec<&str> {
    circles.iter().map(|circle| circle.borrow().name.as_str()).collect()
}

each_dialect! {
    /// The table between has a key of its own: a member with two seats in a circle has it twice.
    fn from_both_sides(db) {
        forum::write(db)?;
        let members =
            Member::select().with(Member::circles.order_by((Circle::id, Seat::id))).order_by(Member::id).all(db)?;
        assert_eq!(
            members.iter().map(|member| circles(member.circles())).collect::<Vec<_>>(),
            [vec!["chess", "cooking"], vec!["chess", "chess"], vec!["cycling"], vec![],]
        );
        let all =
            Circle::select().with(Circle::members.order_by((Member::name, Seat::id))).order_by(Circle::id).all(db)?;
        assert_eq!(
            all.iter().map(|circle| names(circle.members())).collect::<Vec<_>>(),
            [vec!["Ada", "Ben", "Ben"], vec!["Ada"], vec!["Cid"], vec![],]
        );
    }

    fn limited_for_each_row(db) {
        forum::write(db)?;
        let first = Member::select()
            .with(Member::circles.order_by((Circle::name.desc(), Seat::id)).limit(1))
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(
            first.iter().map(|member| circles(member.circles())).collect::<Vec<_>>(),
            [vec!["cooking"], vec!["chess"], vec!["cycling"], vec![],]
        );
        let second = Circle::select()
            .filter(Circle::id.le(2))
            .with(Circle::members.order_by((Member::id, Seat::id.desc())).offset(1).limit(5).extra("seat", Seat::id))
            .order_by(Circle::id)
            .all(db)?;
        let seats: Vec<Vec<i64>> =
            second.iter().map(|circle| circle.members().iter().map(|member| *member.extras()).collect()).collect();
        assert_eq!(seats, [vec![4, 3], vec![]]);
    }

    /// Conditions and orders read the table between as well as the one behind it.
    fn filtered_and_ordered_by_the_table_between(db) {
        forum::write(db)?;
        let query = Circle::find(1).with(
            Circle::members
                .filter(Seat::role.eq("chair"))
                .filter(Member::name.ne("Ada"))
                .order_by(Seat::role.desc())
                .extra("role", Seat::role),
        );
        let keys = either!(db, postgres: "= any($1)", sqlite: "in (select value from json_each(?1))");
        let texts =
            either!(db, postgres: query.to_sql(orm::postgres::Postgres), sqlite: query.to_sql(orm::sqlite::Sqlite));
        let (second, third) = either!(db, postgres: ("$2", "$3"), sqlite: ("?2", "?3"));
        assert_eq!(
            texts[1],
            format!(
                r#"select "members"."id", "members"."name", "members"."invited_by", "seats"."role", "seats"."circle_id" from "members" inner join "seats" on "seats"."member_id" = "members"."id" where "seats"."circle_id" {keys} and "seats"."role" = {second} and "members"."name" <> {third} order by "seats"."role" desc"#
            )
        );
        let chess = query.one(db)?;
        assert_eq!(names(chess.members()), ["Ben"]);
        assert_eq!(chess.members()[0].extras(), "chair");
    }

    fn columns_of_the_table_between(db) {
        forum::write(db)?;
        let ada =
            Member::find(1).with(Member::circles.columns((Circle::name, Seat::role)).order_by(Circle::id)).one(db)?;
        assert_eq!(
            ada.circles(),
            [("chess".to_owned(), "chair".to_owned()), ("cooking".to_owned(), "guest".to_owned())]
        );
    }

    fn with_a_declared_filter(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(Member::chaired.filter(Circle::about.is_not_null()))
            .filter(Member::chaired.exists())
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(
            members.iter().map(|member| (member.name.as_str(), circles(member.chaired()))).collect::<Vec<_>>(),
            [("Ada", vec!["chess"]), ("Ben", vec!["chess"]),]
        );
        let circles = Circle::select().with(Circle::described.order_by(Member::id)).order_by(Circle::id).all(db)?;
        assert_eq!(
            circles.iter().map(|circle| names(circle.described())).collect::<Vec<_>>(),
            [vec!["Ada", "Ben"], vec![], vec![], vec![]]
        );
    }

    fn filters_through_it(db) {
        forum::write(db)?;
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        assert_eq!(by().filter(Member::circles.any(Circle::name.eq("chess"))).all(db)?, ["Ada", "Ben"]);
        assert_eq!(by().filter(Member::circles.any(Seat::role.eq("guest"))).all(db)?, ["Ada", "Ben", "Cid"]);
        // The seat and the circle are those of one row.
        assert_eq!(
            by().filter(Member::circles.any(Circle::name.eq("cooking").and(Seat::role.eq("chair")))).all(db)?,
            [""; 0]
        );
        assert_eq!(by().filter(Member::circles.exists()).all(db)?, ["Ada", "Ben", "Cid"]);
        assert_eq!(by().filter(not(Member::circles.exists())).all(db)?, ["Dot"]);
        assert_eq!(by().filter(Member::circles.every(Circle::about.is_not_null())).all(db)?, ["Ben", "Dot"]);
        assert_eq!(by().filter(Member::circles.count().eq(2)).all(db)?, ["Ada", "Ben"]);
        // Those who share a circle with Ada.
        let shared = Member::circles.any(Circle::members.any(Member::name.eq("Ada")));
        assert_eq!(by().filter(shared).all(db)?, ["Ada", "Ben"]);
        let circles = Circle::select().columns(Circle::name).order_by(Circle::id);
        assert_eq!(
            circles.filter(Circle::members.any(Member::topics.exists())).all(db)?,
            ["chess", "cooking", "cycling"]
        );
    }

    fn filters_and_loads_are_independent(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(Member::circles.filter(Circle::members.any(Member::name.eq("Ada"))).order_by(Circle::id))
            .filter(Member::circles.any(Circle::name.ne("chess")))
            .order_by(Member::id)
            .all(db)?;
        assert_eq!(
            members.iter().map(|member| (member.name.as_str(), circles(member.circles()))).collect::<Vec<_>>(),
            [("Ada", vec!["chess", "cooking"]), ("Cid", vec![]),]
        );
    }

    /// A table between a table and itself leads both ways.
    fn of_a_table_to_itself(db) {
        forum::write(db)?;
        let members = Member::select()
            .with(
                Member::following
                    .order_by(Member::id)
                    .extra("since", Follow::since)
                    .with(Member::followers.order_by(Follow::since)),
            )
            .with(Member::followers.order_by(Member::id))
            .order_by(Member::id)
            .all(db)?;
        let following: Vec<Vec<(&str, i32)>> = members
            .iter()
            .map(|member| member.following().iter().map(|other| (other.name.as_str(), *other.extras())).collect())
            .collect();
        assert_eq!(following, [vec![("Ben", 7), ("Cid", 3)], vec![("Ada", 5)], vec![("Cid", 1)], vec![]]);
        assert_eq!(
            members.iter().map(|member| names(member.followers())).collect::<Vec<_>>(),
            [vec!["Ben"], vec!["Ada"], vec!["Ada", "Cid"], vec![],]
        );
        assert_eq!(names(members[0].following()[1].followers()), ["Cid", "Ada"]);
    }

    fn filters_through_a_table_to_itself(db) {
        forum::write(db)?;
        let by = || Member::select().columns(Member::name).order_by(Member::id);
        assert_eq!(by().filter(Member::following.any(Member::name.eq("Cid"))).all(db)?, ["Ada", "Cid"]);
        assert_eq!(by().filter(Member::followers.any(Member::name.eq("Ada"))).all(db)?, ["Ben", "Cid"]);
        assert_eq!(by().filter(Member::following.any(Follow::since.gt(4))).all(db)?, ["Ada", "Ben"]);
        let query = by().filter(Member::following.any(Member::following.any(Member::name.eq("Ada"))));
        assert_sql!(query, both: r#"select "members"."name" from "members" where exists (select 1 from "members" as "following_2" inner join "follows" on "follows"."followed_id" = "following_2"."id" where "follows"."follower_id" = "members"."id" and exists (select 1 from "members" as "following" inner join "follows" on "follows"."followed_id" = "following"."id" where "follows"."follower_id" = "following_2"."id" and "following"."name" = $1)) order by "members"."id""#);
        assert_eq!(query.all(db)?, ["Ada"]);
        // Who follows back.
        let mutual = Member::followers.any(Member::following.any(Member::name.eq("Ben")));
        assert_eq!(by().filter(mutual).all(db)?, ["Ben", "Cid"]);
        assert_eq!(by().filter(Member::following.count().eq(Member::followers.count())).all(db)?, ["Ben", "Dot"]);
        let most = by().filter(Member::following.max(Follow::since).gt(4));
        assert_eq!(most.all(db)?, ["Ada", "Ben"]);
    }

    /// The key of one side has two columns, that of the other one.
    fn keys_of_different_widths(db) {
        #[derive(Debug, Clone, PartialEq, Table)]
        struct Student {
            #[column(primary_key)]
            id: i32,
            name: String,
        }

        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(new(derive(Debug)))]
        struct Course {
            #[column(primary_key)]
            number: i32,
            #[column(primary_key)]
            term: String,
        }

        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(foreign_key(columns(number, term), references = Course(number, term)), new(derive(Debug)))]
        struct Grade {
            #[column(primary_key, references = Student::id)]
            student_id: i32,
            #[column(primary_key)]
            number: i32,
            #[column(primary_key)]
            term: String,
            grade: i16,
        }

        relations! {
            Student { courses: many(Course) through(Grade) }
            Course { students: many(Student) through(Grade), grades: many(Grade) }
            Grade { course: one(Course) }
        }

        schema! { fn schema() = [Student, Course, Grade] }

        db.create(&schema())?;
        for (id, name) in [(1, "Eli"), (2, "Fay")] {
            Student::insert().set(Student::id, id).set(Student::name, name).execute(db)?;
        }
        for (number, term) in [(1, "s1"), (1, "s2"), (2, "s1")] {
            Course::insert().set(Course::number, number).set(Course::term, term).execute(db)?;
        }
        for (student, number, term, grade) in [(1, 1, "s1", 3), (1, 2, "s1", 5), (2, 1, "s1", 4)] {
            Grade::insert()
                .set(Grade::student_id, student)
                .set(Grade::number, number)
                .set(Grade::term, term)
                .set(Grade::grade, grade)
                .execute(db)?;
        }
        let students = Student::select()
            .with(Student::courses.order_by(Grade::grade.desc()).extra("grade", Grade::grade))
            .order_by(Student::id)
            .all(db)?;
        let read: Vec<Vec<(i32, &str, i16)>> = students
            .iter()
            .map(|student| {
                student.courses().iter().map(|course| (course.number, course.term.as_str(), *course.extras())).collect()
            })
            .collect();
        assert_eq!(read, [vec![(2, "s1", 5), (1, "s1", 3)], vec![(1, "s1", 4)]]);
        let courses = Course::select()
            .with(Course::students.order_by(Student::name))
            .order_by((Course::number, Course::term))
            .all(db)?;
        let read: Vec<Vec<&str>> = courses
            .iter()
            .map(|course| course.students().iter().map(|student| student.name.as_str()).collect())
            .collect();
        assert_eq!(read, [vec!["Eli", "Fay"], vec![], vec!["Eli"]]);
        let busy = Course::select()
            .filter(Course::students.any(Student::name.eq("Fay")))
            .columns((Course::number, Course::term));
        assert_eq!(busy.all(db)?, [(1, "s1".to_owned())]);
        let terms = Grade::select().order_by((Grade::student_id, Grade::number)).with(Grade::course).all(db)?;
        assert_eq!(terms.iter().map(|grade| grade.course().number).collect::<Vec<_>>(), [1, 2, 1]);
    }
}
