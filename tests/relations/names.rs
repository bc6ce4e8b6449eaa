//! Relations whose names, tables and aliases are those of something else, and keys that are not the primary key.

use orm::{ErrorKind, Executor, prelude::*};

use crate::support::TestDatabase as _;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "people", new(derive(Debug, Clone)))]
struct Person {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    number: i64,
    #[column(references = Person::id)]
    mentor_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "follows", new(derive(Debug, Clone)))]
struct Follow {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(references = Person::id)]
    follower_id: i64,
    #[column(references = Person::id)]
    followed_id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "badges", new(derive(Debug, Clone)))]
struct Badge {
    #[column(primary_key)]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "holders", new(derive(Debug, Clone)))]
struct Holder {
    #[column(primary_key, references = Person::number)]
    person_number: i64,
    #[column(primary_key, references = Badge::id)]
    badge_id: i64,
}

relations! {
    Person {
        mentor: optional(Person) via mentor_id,
        follows: many(Person) through(Follow: follower_id -> followed_id),
        badges: many(Badge) through(Holder),
    }
}

schema! { fn people() = [Person, Follow, Badge, Holder] }

alias!(Mentor);

/// 1 has no mentor; 2 has 1, 3 has 2, 4 has 3. Numbers are ids turned around. 1 follows 2 and 3.
macro_rules! fill {
    ($db:expr) => {
        $db.create(&people())?;
        let person = |id: i64| NewPerson { mentor_id: (id > 1).then_some(id - 1), ..NewPerson::new(id, 5 - id) };
        Person::insert_many(&[1, 2, 3, 4].map(person)).execute($db)?;
        Follow::insert_many(&[NewFollow::new(1, 2), NewFollow::new(1, 3)]).execute($db)?;
        Badge::insert_many(&[NewBadge::new(1), NewBadge::new(2)]).execute($db)?;
    };
}

crate::support::each_dialect! {
    fn a_relation_named_like_the_table_between(db) {
        fill!(db);
        let counts = Person::select().columns(Person::follows.count()).order_by(Person::id).all(db)?;
        assert_eq!(counts, [2, 0, 0, 0]);
        assert_eq!(Person::select().filter(Person::follows.any(Person::id.eq(3))).columns(Person::id).all(db)?, [1]);
    }

    fn an_alias_named_like_the_relation_in_its_filter(db) {
        fill!(db);
        let with_mentors_above = Person::select()
            .inner_join(Person::mentor.filter(Person::mentor.exists()).alias::<Mentor>())
            .columns(Person::id)
            .order_by(Person::id);
        assert_eq!(with_mentors_above.all(db)?, [3, 4]);
    }

    fn members_by_a_key_that_is_not_the_primary_key(db) {
        fill!(db);
        let error = Person::badges.connect(&1, &[1]).execute(db).expect_err("1 is the number of another person");
        assert_eq!(error.kind(), ErrorKind::Refused);
        let first = Person::find(1).one(db)?;
        assert_eq!(Person::badges.connect(&first, &[1, 2]).execute(db)?, 2);
        assert_eq!(Holder::select().columns(Holder::person_number).distinct().all(db)?, [4]);
        assert_eq!(Person::badges.replace(&first, &[2]).execute(db)?, 1);
    }
}

crate::support::on_sqlite! {
    fn rows_that_a_trigger_leaves_out(db) {
        fill!(db);
        db.execute_batch(
            "create trigger no_nines before insert on people when new.id = 9 begin select raise(ignore); end",
        )?;
        let people = [NewPerson::new(9, 9), NewPerson::new(10, 10)];
        let badges = people.map(|person| person.with_new(Person::badges, [NewBadge::new(7)]));
        let error = Person::insert_graphs(badges).execute(db).expect_err("a badge belongs to nobody");
        assert_eq!(error.to_string(), "the database left out a row of `people` to which others belong");
        assert_eq!((Person::select().count(db)?, Badge::select().count(db)?), (4, 2));
    }

    fn a_read_only_transaction_writes_nothing(db) {
        fill!(db);
        let first = Person::find(1).one(db)?;
        let written = db.read(|tx| {
            let members = Person::badges.connect(&first, &[1]);
            tx.run_plan(members)
        });
        assert_eq!(written.map_err(|error| error.kind()), Err(ErrorKind::ReadOnly));
        assert_eq!(Holder::select().count(db)?, 0);
    }
}
