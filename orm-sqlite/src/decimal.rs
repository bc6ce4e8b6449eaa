//! Decimals as text whose order is that of the numbers, so that `<`, `order by`, `min` and unique keys need nothing else.
//!
//! A number that is not negative has 29 digits before the point, and after it no zeros at the end:
//! `00000000000000000000000000012.5`. In a negative one every digit is replaced by its difference from 9, so that a
//! greater number of the same sign still has the greater text, and `~` ends it, which is after every digit and the
//! point: `-99999999999999999999999999987.4~`. `-` is before every digit.

use orm_core::types::EncodeError;

/// As many digits before the point as `rust_decimal` has at most.
const WHOLE_DIGITS: usize = 29;

/// The text a decimal number is stored as.
///
/// # Errors
/// If the number has more than 29 digits before the point.
pub(crate) fn encode(number: &str) -> Result<String, EncodeError> {
    const OUT_OF_RANGE: EncodeError = EncodeError::OutOfRange { sql_type: "decimal: 29 digits before the point" };
    let Parts { negative, whole, fraction } = Parts::of(number).ok_or(OUT_OF_RANGE)?;
    let zeros = WHOLE_DIGITS.checked_sub(whole.len()).ok_or(OUT_OF_RANGE)?;
    let mut text = String::with_capacity(WHOLE_DIGITS + fraction.len() + 3);
    if negative {
        text.push('-');
    }
    let flip = |digit: char| if negative { complement(digit) } else { digit };
    text.extend(std::iter::repeat_n('0', zeros).chain(whole.chars()).map(flip));
    if !fraction.is_empty() {
        text.push('.');
        text.extend(fraction.chars().map(flip));
    }
    if negative {
        text.push('~');
    }
    Ok(text)
}

/// The number that is stored as this text; plain decimals (`12.50`) are read too.
pub(crate) fn decode(text: &str) -> Option<String> {
    let flipped = text.strip_prefix('-').and_then(|digits| digits.strip_suffix('~'));
    let plain: String;
    let number = match flipped {
        Some(digits) => {
            plain = std::iter::once('-').chain(digits.chars().map(complement)).collect();
            plain.as_str()
        }
        None => text,
    };
    let Parts { negative, whole, fraction } = Parts::of(number)?;
    let mut number = String::with_capacity(whole.len() + fraction.len() + 3);
    if negative {
        number.push('-');
    }
    number.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        number.push('.');
        number.push_str(fraction);
    }
    Some(number)
}

fn complement(digit: char) -> char {
    match digit {
        '0'..='9' => char::from(b'0' + b'9' - digit as u8),
        other => other,
    }
}

/// A number without the zeros that do not change it.
struct Parts<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Parts<'t> {
    fn of(number: &'t str) -> Option<Self> {
        let (negative, digits) = match number.as_bytes().first()? {
            b'-' => (true, &number[1..]),
            b'+' => (false, &number[1..]),
            _ => (false, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !are_digits(whole) || !are_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        // There is one zero.
        let negative = negative && !(whole.is_empty() && fraction.is_empty());
        Some(Self { negative, whole, fraction })
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn check(number: &str, stored: &str, read: &str) {
        assert_eq!(encode(number).expect("in range"), stored);
        assert_eq!(decode(stored).as_deref(), Some(read));
    }

    #[test]
    fn numbers_have_one_form() {
        check("12.50", "00000000000000000000000000012.5", "12.5");
        check("-12.50", "-99999999999999999999999999987.4~", "-12.5");
        check("0", "00000000000000000000000000000", "0");
        check("-0.00", "00000000000000000000000000000", "0");
        check(".5", "00000000000000000000000000000.5", "0.5");
        check("-1", "-99999999999999999999999999998~", "-1");
        check("79228162514264337593543950335", "79228162514264337593543950335", "79228162514264337593543950335");
    }

    #[test]
    fn plain_decimals_are_read() {
        assert_eq!(decode("12.50").as_deref(), Some("12.5"));
        assert_eq!(decode("-7").as_deref(), Some("-7"));
        assert_eq!(decode("+0012").as_deref(), Some("12"));
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "-", ".", "1e5", "1.2.3", "~", "-~", "-1~~", "NaN", " 1", "１"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert!(encode("100000000000000000000000000000").is_err());
        assert!(encode("NaN").is_err());
    }

    /// A number as a whole number of 10^-10.
    fn decimal() -> impl Strategy<Value = (i128, String)> {
        let whole = prop_oneof![0..100_i128, 0..10_i128.pow(25)];
        let fraction =
            prop_oneof![Just(0), 0..10_i128.pow(10), (0..100_i128).prop_map(|digits| digits * 10_i128.pow(8))];
        (any::<bool>(), whole, fraction).prop_map(|(negative, whole, fraction)| {
            let value = (whole * 10_i128.pow(10) + fraction) * if negative { -1 } else { 1 };
            (value, format!("{}{whole}.{fraction:010}", if negative { "-" } else { "" }))
        })
    }

    proptest! {
        #[test]
        fn text_order_is_the_order_of_numbers((a, text) in decimal(), (b, other) in decimal()) {
            let (text, other) = (encode(&text).expect("in range"), encode(&other).expect("in range"));
            prop_assert_eq!(text.as_bytes().cmp(other.as_bytes()), a.cmp(&b));
        }

        #[test]
        fn numbers_are_read_as_written((_, text) in decimal()) {
            let stored = encode(&text).expect("in range");
            let read = decode(&stored).expect("a stored number");
            prop_assert_eq!(encode(&read).expect("in range").cmp(&stored), Ordering::Equal);
        }

        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = (encode(&text), decode(&text));
        }
    }
}
