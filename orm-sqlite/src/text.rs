//! UUIDs, dates and times as text whose order is that of the values.
//!
//! Times are written with six digits after the point. Read is also what SQLite's own functions write: a space for the
//! `T`, fewer digits, no seconds. See <https://www.sqlite.org/lang_datefunc.html#time_values>.

use orm_core::types::EncodeError;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Days from 1970-01-01 to 0000-01-01 and to 9999-12-31: other years do not have four digits.
const DAYS: std::ops::RangeInclusive<i64> = -719_528..=2_932_896;

/// A short text without allocation.
#[derive(Debug)]
pub(crate) struct Short {
    bytes: [u8; 36],
    len: usize,
}

impl Short {
    fn new() -> Self {
        Self { bytes: [0; 36], len: 0 }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).expect("only ASCII is written")
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// Adds a number that has at most this many digits, with leading zeros.
    fn push_number(&mut self, number: i64, digits: u32) {
        for place in (0..digits).rev() {
            let digit = number / 10_i64.pow(place) % 10;
            self.push(b'0' + u8::try_from(digit).expect("a digit of a number that is not negative"));
        }
    }

    fn push_date(&mut self, days: i64) {
        let (year, month, day) = civil_from_days(days);
        self.push_number(year, 4);
        self.push(b'-');
        self.push_number(month, 2);
        self.push(b'-');
        self.push_number(day, 2);
    }

    fn push_time(&mut self, micros: i64) {
        let seconds = micros / MICROS_PER_SECOND;
        self.push_number(seconds / 3_600, 2);
        self.push(b':');
        self.push_number(seconds / 60 % 60, 2);
        self.push(b':');
        self.push_number(seconds % 60, 2);
        self.push(b'.');
        self.push_number(micros % MICROS_PER_SECOND, 6);
    }
}

impl AsRef<str> for Short {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// `6ba7b810-9dad-11d1-80b4-00c04fd430c8`.
pub(crate) fn uuid(bytes: [u8; 16]) -> Short {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = Short::new();
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push(b'-');
        }
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}

/// Reads a UUID with hyphens, in lower or upper case.
pub(crate) fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    let mut bytes = [0; 16];
    let mut at = 0;
    for (index, byte) in bytes.iter_mut().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            if text[at] != b'-' {
                return None;
            }
            at += 1;
        }
        *byte = hex_digit(text[at])? << 4 | hex_digit(text[at + 1])?;
        at += 2;
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// `2024-05-01`, of the days since 1970-01-01.
pub(crate) fn date(days: i32) -> Result<Short, EncodeError> {
    let days = i64::from(days);
    if !DAYS.contains(&days) {
        return Err(EncodeError::OutOfRange { sql_type: "date: years 0 to 9999" });
    }
    let mut text = Short::new();
    text.push_date(days);
    Ok(text)
}

/// `12:30:00.000000`, of the microseconds since midnight.
pub(crate) fn time(micros: i64) -> Result<Short, EncodeError> {
    if !(0..MICROS_PER_DAY).contains(&micros) {
        return Err(EncodeError::OutOfRange { sql_type: "time: less than 24 hours" });
    }
    let mut text = Short::new();
    text.push_time(micros);
    Ok(text)
}

/// `2024-05-01T12:30:00.000000`, of the microseconds since 1970-01-01 00:00:00.
pub(crate) fn timestamp(micros: i64) -> Result<Short, EncodeError> {
    let days = micros.div_euclid(MICROS_PER_DAY);
    if !DAYS.contains(&days) {
        return Err(EncodeError::OutOfRange { sql_type: "timestamp: years 0 to 9999" });
    }
    let mut text = Short::new();
    text.push_date(days);
    text.push(b'T');
    text.push_time(micros.rem_euclid(MICROS_PER_DAY));
    Ok(text)
}

/// Like [`timestamp`], but in UTC and with a `Z` at the end.
pub(crate) fn timestamp_tz(micros: i64) -> Result<Short, EncodeError> {
    let mut text = timestamp(micros)?;
    text.push(b'Z');
    Ok(text)
}

/// Reads a date as days since 1970-01-01.
pub(crate) fn parse_date(text: &[u8]) -> Option<i32> {
    let mut rest = Cursor(text);
    let days = rest.date()?;
    rest.end()?;
    i32::try_from(days).ok()
}

/// Reads a time of day as microseconds since midnight.
pub(crate) fn parse_time(text: &[u8]) -> Option<i64> {
    let mut rest = Cursor(text);
    let micros = rest.time()?;
    rest.end()?;
    Some(micros)
}

/// Reads a date and time as microseconds since 1970-01-01 00:00:00. A `Z` at the end means nothing.
pub(crate) fn parse_timestamp(text: &[u8]) -> Option<i64> {
    let mut rest = Cursor(text);
    let micros = rest.date_and_time()?;
    rest.skip(b"Z");
    rest.end()?;
    Some(micros)
}

/// Reads a moment as microseconds since 1970-01-01 00:00:00 UTC. It is in UTC unless it ends with an offset (`+02:00`).
pub(crate) fn parse_timestamp_tz(text: &[u8]) -> Option<i64> {
    let mut rest = Cursor(text);
    let micros = rest.date_and_time()?;
    let offset = if rest.skip(b"Z") { 0 } else { rest.offset()? };
    rest.end()?;
    Some(micros - offset)
}

/// What is left of a text that is being read.
struct Cursor<'t>(&'t [u8]);

impl Cursor<'_> {
    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    /// Skips one of these bytes, if it is the next one.
    fn skip(&mut self, any_of: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if any_of.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// A number of exactly this many digits, up to a greatest one.
    fn number(&mut self, digits: usize, greatest: i64) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        let number = number
            .iter()
            .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))?;
        (number <= greatest).then_some(number)
    }

    fn date(&mut self) -> Option<i64> {
        let year = self.number(4, 9_999)?;
        let month = self.skip(b"-").then(|| self.number(2, 12))??;
        let day = self.skip(b"-").then(|| self.number(2, 31))??;
        let days = days_from_civil(year, month, day);
        // February 30 becomes March 1 or 2; month 0 and day 0 become other days, too.
        (civil_from_days(days) == (year, month, day)).then_some(days)
    }

    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2, 23)?;
        let minute = self.skip(b":").then(|| self.number(2, 59))??;
        let mut micros = (hour * 60 + minute) * 60 * MICROS_PER_SECOND;
        if self.skip(b":") {
            micros += self.number(2, 59)? * MICROS_PER_SECOND;
            if self.skip(b".") {
                micros += self.fraction()?;
            }
        }
        Some(micros)
    }

    /// Digits after the point as microseconds; what is finer is cut off.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (fraction, rest) = self.0.split_at(digits);
        self.0 = rest;
        let digit = |place: usize| fraction.get(place).map_or(0, |digit| i64::from(digit - b'0'));
        (digits > 0).then(|| (0..6).fold(0, |micros, place| micros * 10 + digit(place)))
    }

    /// A date, and a time after `T` or a space; midnight if there is none.
    fn date_and_time(&mut self) -> Option<i64> {
        let midnight = self.date()? * MICROS_PER_DAY;
        let time = if self.skip(b"T ") { self.time()? } else { 0 };
        Some(midnight + time)
    }

    /// `+02:00` as microseconds; nothing is 0.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.0.first() {
            None => return Some(0),
            Some(b'+') => 1,
            Some(b'-') => -1,
            Some(_) => return None,
        };
        self.skip(b"+-");
        let hours = self.number(2, 14)?;
        let minutes = self.skip(b":").then(|| self.number(2, 59))??;
        Some(sign * (hours * 60 + minutes) * 60 * MICROS_PER_SECOND)
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
///
/// The algorithm, in the public domain, is explained at <https://howardhinnant.github.io/date_algorithms.html>.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month and day of a number of days since 1970-01-01: the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_have_a_fixed_form() {
        let check = |micros, expected: &str| {
            let text = timestamp_tz(micros).expect("in range");
            assert_eq!(text.as_str(), expected);
            assert_eq!(parse_timestamp_tz(expected.as_bytes()), Some(micros));
        };
        check(0, "1970-01-01T00:00:00.000000Z");
        check(-1, "1969-12-31T23:59:59.999999Z");
        check(951_827_696_000_001, "2000-02-29T12:34:56.000001Z");
        check(-719_528 * MICROS_PER_DAY, "0000-01-01T00:00:00.000000Z");
        check(2_932_897 * MICROS_PER_DAY - 1, "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn years_of_five_digits_and_negative_ones_are_refused() {
        assert!(timestamp(-719_528 * MICROS_PER_DAY - 1).is_err());
        assert!(timestamp(2_932_897 * MICROS_PER_DAY).is_err());
        assert!(timestamp(i64::MIN).is_err() && timestamp(i64::MAX).is_err());
        assert!(date(i32::MIN).is_err() && date(i32::MAX).is_err());
        assert!(time(-1).is_err() && time(MICROS_PER_DAY).is_err());
    }

    #[test]
    fn what_sqlite_writes_is_read() {
        let check =
            |text: &str, expected: i64| assert_eq!(parse_timestamp_tz(text.as_bytes()), Some(expected), "{text}");
        check("1970-01-02", MICROS_PER_DAY);
        check("1970-01-01 00:01", 60 * MICROS_PER_SECOND);
        check("1970-01-01 00:00:01", MICROS_PER_SECOND);
        check("1970-01-01 00:00:01.5Z", 1_500_000);
        check("1970-01-01T00:00:00.1234567", 123_456);
        check("1970-01-01 02:00:00+02:00", 0);
        check("1970-01-01 00:00:00-00:30", 1_800 * MICROS_PER_SECOND);
        assert_eq!(parse_time(b"23:59"), Some(MICROS_PER_DAY - 60 * MICROS_PER_SECOND));
        assert_eq!(parse_date(b"0000-01-01"), Some(-719_528));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let texts = [
            "",
            "2024",
            "2024-13-01",
            "2024-02-30",
            "2023-02-29",
            "2024-00-10",
            "2024-01-00",
            "10000-01-01",
            "2024-01-01T",
            "2024-01-01T24:00",
            "2024-01-01T23:60",
            "2024-01-01T23:59:60",
            "2024-01-01 00:00:00.",
            "2024-01-01 00:00:00 ",
            "2024-01-01 00:00:00+",
            "2024-1-1",
            "-024-01-01",
            "２０２４-01-01",
        ];
        for text in texts {
            assert_eq!(parse_timestamp_tz(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_date(b"2024-01-01 00:00"), None);
        assert_eq!(parse_time(b"2024-01-01"), None);
    }

    #[test]
    fn uuids_are_in_lower_case() {
        let bytes = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(uuid(bytes).as_str(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        assert_eq!(parse_uuid(b"6BA7B810-9dad-11d1-80b4-00c04fd430c8"), Some(bytes));
        assert_eq!(parse_uuid(b"6ba7b8109dad11d180b400c04fd430c8"), None);
        assert_eq!(parse_uuid(b"6ba7b810-9dad-11d1-80b4-00c04fd430cg"), None);
        assert_eq!(parse_uuid(b"6ba7b810-9dad-11d1-80b4+00c04fd430c8"), None);
    }

    proptest! {
        #[test]
        fn moments_are_read_as_written(micros in -719_528 * MICROS_PER_DAY..2_932_897 * MICROS_PER_DAY) {
            let text = timestamp_tz(micros).expect("in range");
            prop_assert_eq!(parse_timestamp_tz(text.as_str().as_bytes()), Some(micros));
            let text = timestamp(micros).expect("in range");
            prop_assert_eq!(parse_timestamp(text.as_str().as_bytes()), Some(micros));
        }

        #[test]
        fn text_order_is_time_order(
            a in -719_528 * MICROS_PER_DAY..2_932_897 * MICROS_PER_DAY,
            b in -719_528 * MICROS_PER_DAY..2_932_897 * MICROS_PER_DAY,
        ) {
            let (text, other) = (timestamp(a).expect("in range"), timestamp(b).expect("in range"));
            prop_assert_eq!(text.as_str().cmp(other.as_str()), a.cmp(&b));
        }

        #[test]
        fn days_are_read_as_written(days in -719_528..=2_932_896_i32) {
            prop_assert_eq!(parse_date(date(days).expect("in range").as_str().as_bytes()), Some(days));
        }

        #[test]
        fn nothing_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = (parse_date(&text), parse_time(&text), parse_timestamp(&text), parse_timestamp_tz(&text), parse_uuid(&text));
        }
    }
}
