use std::net::IpAddr;

use orm::{prelude::*, sqlite::Connection};

#[derive(Table)]
struct Booking {
    #[column(primary_key)]
    id: i64,
    nights: Range<i32>,
    guests: i32,
    from: IpAddr,
}

#[derive(Table)]
struct Plan {
    #[column(primary_key)]
    id: i64,
    period: Interval,
}

fn whole_rows(db: &Connection) {
    let _ = Booking::select().columns(Booking::row()).all(db); //~
}

fn range(db: &Connection) {
    let _ = Booking::select().columns(Booking::id).filter(Booking::nights.overlaps(1..5)).all(db); //~
}

fn interval(db: &Connection) {
    let _ = Plan::select().columns(Plan::id).filter(Plan::period.lt(Interval::default())).all(db); //~
}

fn without_these_columns(db: &Connection) {
    let _ = Booking::select().columns((Booking::id, Booking::from)).all(db);
}

fn values() {
    let _ = Booking::nights.has(1_i64); //~
    let _ = Booking::nights.overlaps(1_i64..5); //~
    let _ = Booking::guests.adjacent(1); //~
    let _ = Booking::nights.array_length(); //~
    let _ = Booking::from.lt(IpAddr::from([127, 0, 0, 1])); //~
}

#[derive(Table)]
struct Measurement {
    #[column(primary_key)]
    id: i64,
    ratio: Range<f64>, //~
}

fn main() {}
