//! As much JSON as the plugin needs. The host passes strict JSON that fits the input schema, so what is not
//! expected is not there.
//!
//! Texts are made so that a want of memory is an error of ours: String would end the process.
//!
//! SPDX-License-Identifier: MIT

use std::fmt::{Error, Write};

/// A text that grows by `write!`, which fails without memory.
pub struct Text(Vec<u8>);

impl Text {
    pub fn new() -> Text {
        Text(Vec::new())
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> Result<(), Error> {
        self.0.try_reserve(text.len()).map_err(|_| Error)?;
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// The four hexadecimal digits at `at`.
fn hex4(text: &[u8], at: usize) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(at..at + 4)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// The character of the escape behind the backslash at `at`, and where it ends.
fn escape(text: &[u8], at: usize) -> Option<(char, usize)> {
    let plain = match text.get(at + 1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => {
            let high = hex4(text, at + 2)?;
            if (0xd800..0xdc00).contains(&high) {
                let low = hex4(text, at + 8)?.checked_sub(0xdc00)?;
                return Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)?, at + 12));
            }
            return Some((char::from_u32(high)?, at + 6));
        }
        other => *other as char,
    };
    Some((plain, at + 2))
}

/// Where the string whose opening quote is at `at` ends.
fn end_of(text: &[u8], mut at: usize) -> Option<usize> {
    at += 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at = escape(text, at)?.1,
            _ => at += 1,
        }
    }
}

/// Writes the text of the string from `at` to `end`, its quotes included.
fn decode(text: &[u8], mut at: usize, end: usize, out: &mut Text) -> Result<(), Error> {
    at += 1;
    while at + 1 < end {
        if text[at] == b'\\' {
            let (c, next) = escape(text, at).ok_or(Error)?;
            out.write_char(c)?;
            at = next;
            continue;
        }
        let begin = at;
        while at + 1 < end && text[at] != b'\\' {
            at += 1;
        }
        out.write_str(std::str::from_utf8(&text[begin..at]).map_err(|_| Error)?)?;
    }
    Ok(())
}

/// The text of the member `key` of an object whose members are all strings. Err without memory.
pub fn member(text: &[u8], key: &str) -> Result<Option<Text>, Error> {
    let mut at = 0;
    let mut is_key = true;
    let mut wanted = false;
    while at < text.len() {
        if text[at] != b'"' {
            at += 1;
            continue;
        }
        let end = match end_of(text, at) {
            Some(end) => end,
            None => return Ok(None),
        };
        if is_key || wanted {
            let mut found = Text::new();
            decode(text, at, end, &mut found)?;
            if !is_key {
                return Ok(Some(found));
            }
            wanted = found.as_str() == key;
        }
        is_key = !is_key;
        at = end;
    }
    Ok(None)
}

/// Writes `characters` as a JSON string, with its quotes.
pub fn quote(characters: impl Iterator<Item = char>, out: &mut Text) -> Result<(), Error> {
    out.write_char('"')?;
    for c in characters {
        match c {
            '"' | '\\' => write!(out, "\\{}", c)?,
            c if (c as u32) < 0x20 => write!(out, "\\u{:04x}", c as u32)?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}
