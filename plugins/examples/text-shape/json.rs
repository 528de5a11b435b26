//! As much JSON as the plugin needs. The host passes strict JSON that fits the input schema, so what is not
//! expected is not there.
//!
//! SPDX-License-Identifier: MIT

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

/// The string whose opening quote is at `at`, and where it ends.
fn string(text: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut out = Vec::new();
    at += 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some((String::from_utf8(out).ok()?, at + 1)),
            b'\\' => {
                let (c, end) = escape(text, at)?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at = end;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
}

/// The text of the member `key` of an object whose members are all strings.
pub fn member(text: &[u8], key: &str) -> Option<String> {
    let mut at = 0;
    let mut name = None;
    while at < text.len() {
        if text[at] != b'"' {
            at += 1;
            continue;
        }
        let (found, end) = string(text, at)?;
        at = end;
        match name.take() {
            None => name = Some(found),
            Some(name) if name == key => return Some(found),
            Some(_) => {}
        }
    }
    None
}

/// `text` as a JSON string, with its quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
