//! A list that is bound as one value: the text of a JSON array, which the statement reads with `json_each`.

use std::fmt::Write;

/// The text of a JSON array that is being written.
pub(crate) struct List {
    text: String,
}

impl List {
    /// An empty list with room for this many short items.
    pub(crate) fn with_capacity(len: usize) -> Self {
        let mut text = String::with_capacity(len.saturating_mul(8).clamp(16, 1 << 20));
        text.push('[');
        Self { text }
    }

    /// The text.
    pub(crate) fn finish(mut self) -> String {
        self.text.push(']');
        self.text
    }

    pub(crate) fn null(&mut self) {
        self.next();
        self.text.push_str("null");
    }

    pub(crate) fn integer(&mut self, value: i64) {
        self.next();
        let _ = write!(self.text, "{value}");
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
        self.text.push('"');
        let mut rest = value;
        while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            self.text.push_str(&rest[..at]);
            let _ = match rest.as_bytes()[at] {
                byte @ (b'"' | b'\\') => write!(self.text, "\\{}", char::from(byte)),
                byte => write!(self.text, "\\u{byte:04x}"),
            };
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    /// Bytes as hexadecimal digits, which the statement reads with `unhex`.
    pub(crate) fn bytes(&mut self, value: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.next();
        self.text.push('"');
        self.text.extend(
            value.iter().flat_map(|byte| {
                [char::from(DIGITS[usize::from(byte >> 4)]), char::from(DIGITS[usize::from(byte & 15)])]
            }),
        );
        self.text.push('"');
    }

    fn next(&mut self) {
        if self.text.len() > 1 {
            self.text.push(',');
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
            },
            "[-9223372036854775808,null]",
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
