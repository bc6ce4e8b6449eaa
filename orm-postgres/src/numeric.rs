//! PostgreSQL's binary `numeric`: digits of base 10,000, exact in both directions.
//!
//! See `numeric_send` in <https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/numeric.c>.

use bytes::{BufMut, BytesMut};

const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;

/// Writes a decimal number, given as text. `None` if it is not one, or too long.
pub(crate) fn write(text: &str, out: &mut BytesMut) -> Option<()> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (NEGATIVE, rest),
        None => (POSITIVE, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty()) || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let scale = u16::try_from(fraction.len()).ok()?;
    let whole = whole.trim_start_matches('0');
    // Groups of four digits on both sides of the point.
    let padded = format!(
        "{}{whole}{fraction}{}",
        "0".repeat((4 - whole.len() % 4) % 4),
        "0".repeat((4 - fraction.len() % 4) % 4)
    );
    let mut groups: Vec<u16> = padded.as_bytes().chunks(4).map(group).collect();
    let mut weight = i32::try_from(whole.len().div_ceil(4)).ok()? - 1;
    let leading = groups.iter().take_while(|group| **group == 0).count();
    groups.drain(..leading);
    weight -= i32::try_from(leading).ok()?;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let sign = if groups.is_empty() { POSITIVE } else { sign };
    let weight = if groups.is_empty() { 0 } else { i16::try_from(weight).ok()? };
    out.put_u16(u16::try_from(groups.len()).ok()?);
    out.put_i16(weight);
    out.put_u16(sign);
    out.put_u16(scale);
    for group in groups {
        out.put_u16(group);
    }
    Some(())
}

fn group(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
}

/// The text of a binary numeric; `None` if it is NaN, infinite or not well-formed.
pub(crate) fn read(bytes: &[u8]) -> Option<String> {
    let mut words = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = usize::from(words.next()?);
    let weight = i32::from(words.next()?.cast_signed());
    let sign = words.next()?;
    let scale = usize::from(words.next()?);
    let groups: Vec<u16> = words.take(count).collect();
    if groups.len() != count || !matches!(sign, POSITIVE | NEGATIVE) {
        return None;
    }
    let group_at = |position: i32| {
        let index = usize::try_from(weight - position).ok();
        index.and_then(|index| groups.get(index)).copied().unwrap_or(0)
    };
    let mut text = String::from(if sign == NEGATIVE { "-" } else { "" });
    let start = text.len();
    for position in (0..=weight.max(0)).rev() {
        text.push_str(&format!("{:04}", group_at(position)));
    }
    let zeros = text[start..].bytes().take_while(|byte| *byte == b'0').count().min(text.len() - start - 1);
    text.replace_range(start..start + zeros, "");
    if scale > 0 {
        text.push('.');
        let point = text.len();
        let mut position = -1;
        while text.len() - point < scale {
            text.push_str(&format!("{:04}", group_at(position)));
            position -= 1;
        }
        text.truncate(point + scale);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_as_it_went() {
        for text in [
            "0",
            "1",
            "-1",
            "9999",
            "10000",
            "10001",
            "0.1",
            "0.0001",
            "0.00001",
            "-0.00012",
            "12345.6789",
            "1.50",
            "79228162514264337593543950335",
            "-0.0000000000000000000000000001",
            "100000000",
            "0.00",
        ] {
            let mut bytes = BytesMut::new();
            write(text, &mut bytes).expect("a number");
            assert_eq!(read(&bytes).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "-", ".", "1e5", "NaN", "1.2.3", "+1"] {
            assert_eq!(write(text, &mut BytesMut::new()), None, "{text}");
        }
    }

    #[test]
    fn nan_is_not_read_as_a_number() {
        assert_eq!(read(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None);
    }
}
