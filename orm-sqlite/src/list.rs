//! A list that is bound as one value: the text of a JSON array, which the statement reads with `json_each`.

use std::io::Write;

/// The text of a JSON array that is being written.
pub(crate) struct List {
    text: Vec<u8>,
}

impl List {
    /// An empty list with room for this many short items.
    pub(crate) fn with_capacity(len: usize) -> Self {
        let mut text = Vec::with_capacity(len.saturating_mul(8).clamp(16, 1 << 20));
        text.push(b'[');
        Self { text }
    }

    /// The text.
    pub(crate) fn finish(mut self) -> String {
        self.text.push(b']');
        String::from_utf8(self.text).expect("a list is put together from whole texts")
    }

    pub(crate) fn null(&mut self) {
        self.next();
        self.text.extend_from_slice(b"null");
    }

    /// An integer. Lists have many, and formatting them through `Display` takes five times as long.
    pub(crate) fn integer(&mut self, value: i64) {
        self.next();
        if value < 0 {
            self.text.push(b'-');
        }
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value.unsigned_abs();
        loop {
            start -= 1;
            digits[start] = b"0123456789"[(rest % 10) as usize];
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.text.extend_from_slice(&digits[start..]);
    }

    /// A number that is not NaN, in the fewest digits that are read as the same number.
    pub(crate) fn float(&mut self, value: f64) {
        self.next();
        let _ = if value.is_infinite() {
            // JSON has no infinity; SQLite reads a number that is too large as infinite.
            write!(self.text, "{}9e999", if value < 0.0 { "-" } else { "" })
        } else {
            write!(self.text, "{value:?}")
        };
    }

    /// A text, with what JSON does not take in a string escaped.
    pub(crate) fn text(&mut self, value: &str) {
        self.next();
        self.text.reserve(value.len() + 2);
        self.text.push(b'"');
        let mut rest = value.as_bytes();
        while let Some(at) = rest.iter().position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            self.text.extend_from_slice(&rest[..at]);
            let _ = match rest[at] {
                byte @ (b'"' | b'\\') => write!(self.text, "\\{}", char::from(byte)),
                byte => write!(self.text, "\\u{byte:04x}"),
            };
            rest = &rest[at + 1..];
        }
        self.text.extend_from_slice(rest);
        self.text.push(b'"');
    }

    /// Bytes as hexadecimal digits, which the statement reads with `unhex`.
    pub(crate) fn bytes(&mut self, value: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.next();
        self.text.push(b'"');
        self.text
            .extend(value.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
        self.text.push(b'"');
    }

    fn next(&mut self) {
        if self.text.len() > 1 {
            self.text.push(b',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl FnOnce(&mut List), expected: &str) {
        let mut list = List::with_capacity(0);
        write(&mut list);
        assert_eq!(list.finish(), expected);
    }

    #[test]
    fn items_are_json() {
        check(|_| {}, "[]");
        check(
            |list| {
                list.integer(i64::MIN);
                list.null();
                list.integer(0);
                list.integer(i64::MAX);
                list.integer(-10);
            },
            "[-9223372036854775808,null,0,9223372036854775807,-10]",
        );
        check(|list| list.text("a\"b\\c\n\0ä"), r#"["a\"b\\c\u000a\u0000ä"]"#);
        check(
            |list| {
                list.float(1.0);
                list.float(-0.1);
                list.float(f64::NEG_INFINITY);
            },
            "[1.0,-0.1,-9e999]",
        );
        check(|list| list.bytes(&[0, 255]), r#"["00ff"]"#);
    }
}
