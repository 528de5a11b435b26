//! The ABI of hexmcp as Rust sees it, and a safe layer for tools that keep no state. The C headers
//! (hexmcp/abi.h, host.h, entry.h, ext/tool.h) have the rules; sizes and offsets here are theirs.
#![allow(dead_code)]

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

pub const OK: i32 = 0;
pub const E_GENERIC: i32 = -1;
pub const E_INVALID: i32 = -3;
pub const E_NOT_FOUND: i32 = -4;
pub const RESULT: u32 = 0;
pub const TOOL_1: &[u8] = b"hexmcp.tool/1";

/// Borrowed bytes, valid until the function returns.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub ptr: *const c_char,
    pub len: usize,
}

#[repr(C)]
pub struct Error {
    pub size: u32,
    pub code: i32,
    pub text: [u8; 480],
}

#[repr(C)]
pub struct Host {
    pub size: u32,
    pub abi_minor: u32,
    pub ctx: *mut c_void,
    pub name: *const c_char,
    pub version: *const c_char,
    pub get_interface: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub log: unsafe extern "C" fn(*mut c_void, u64, u32, Str),
    pub complete: unsafe extern "C" fn(*mut c_void, u64, u32, Str) -> i32,
    pub progress: unsafe extern "C" fn(*mut c_void, u64, f64, f64, Str) -> i32,
}

/// What the host reads from the file before any code runs.
#[repr(C)]
pub struct Info {
    magic: [u8; 8],
    size: u32,
    abi_major: u32,
    abi_minor: u32,
    min_host_minor: u32,
    id: [u8; 128],
    version: [u8; 32],
    reserved: [u8; 72],
}

#[repr(C)]
pub struct PluginTable {
    size: u32,
    reserved: u32,
    this: *mut c_void,
    init: unsafe extern "C" fn(*mut c_void, Str, *mut Error) -> i32,
    get_interface: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    start: Option<unsafe extern "C" fn(*mut c_void, *mut Error) -> i32>,
    stop: Option<unsafe extern "C" fn(*mut c_void)>,
    destroy: unsafe extern "C" fn(*mut c_void),
}

#[repr(C)]
pub struct ToolTable {
    size: u32,
    reserved: u32,
    this: *mut c_void,
    call: unsafe extern "C" fn(*mut c_void, u64, Str, Str, *mut Error) -> i32,
    cancel: Option<unsafe extern "C" fn(*mut c_void, u64)>,
    resume: Option<unsafe extern "C" fn(*mut c_void, u64, Str, Str, Str, Str, *mut Error) -> i32>,
}

/// A tool: its name and its arguments, a JSON object, to the JSON of `structuredContent`. An error is a
/// sentence for the model. Several calls run at once.
pub type Run = fn(tool: &str, args: &str) -> Result<String, String>;

#[repr(C)]
struct Instance {
    plugin: PluginTable,
    tool: ToolTable,
    host: *const Host,
    run: Run,
}

const fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut out = [0u8; N];
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        out[i] = bytes[i]; // a text that is too long does not compile
        i += 1;
    }
    out
}

impl Info {
    pub const fn new(id: &str, version: &str) -> Info {
        Info {
            magic: *b"HEXMCP\r\n",
            size: std::mem::size_of::<Info>() as u32,
            abi_major: 1,
            abi_minor: 0,
            min_host_minor: 0,
            id: padded(id),
            version: padded(version),
            reserved: [0; 72],
        }
    }
}

/// Defines the two symbols that make a library a plugin. Use it once.
#[macro_export]
macro_rules! hexmcp_plugin {
    ($id:expr, $version:expr, $run:expr) => {
        #[no_mangle]
        #[allow(non_upper_case_globals)]
        pub static hexmcp_plugin_info: hexmcp::Info = hexmcp::Info::new($id, $version);

        /// # Safety
        /// Called by the host, with what hexmcp/entry.h says.
        #[no_mangle]
        pub unsafe extern "C" fn hexmcp_plugin_create(
            host: *const hexmcp::Host,
            out: *mut *const hexmcp::PluginTable,
            _err: *mut hexmcp::Error,
        ) -> i32 {
            *out = hexmcp::create(host, $run);
            hexmcp::OK
        }
    };
}

pub fn create(host: *const Host, run: Run) -> *const PluginTable {
    let made = Box::into_raw(Box::new(Instance {
        plugin: PluginTable {
            size: std::mem::size_of::<PluginTable>() as u32,
            reserved: 0,
            this: std::ptr::null_mut(),
            init,
            get_interface,
            start: None,
            stop: None,
            destroy,
        },
        tool: ToolTable {
            size: std::mem::size_of::<ToolTable>() as u32,
            reserved: 0,
            this: std::ptr::null_mut(),
            call,
            cancel: None,
            resume: None,
        },
        host,
        run,
    }));
    unsafe {
        (*made).plugin.this = made.cast();
        (*made).tool.this = made.cast();
        &(*made).plugin
    }
}

unsafe extern "C" fn init(_this: *mut c_void, _config: Str, _err: *mut Error) -> i32 {
    OK
}

unsafe extern "C" fn get_interface(this: *mut c_void, id: *const c_char) -> *const c_void {
    let instance = this as *const Instance;
    if CStr::from_ptr(id).to_bytes() == TOOL_1 {
        std::ptr::addr_of!((*instance).tool).cast()
    } else {
        std::ptr::null()
    }
}

unsafe extern "C" fn destroy(this: *mut c_void) {
    drop(Box::from_raw(this as *mut Instance));
}

unsafe fn text<'a>(s: Str) -> &'a str {
    if s.len == 0 {
        return "";
    }
    std::str::from_utf8(std::slice::from_raw_parts(s.ptr.cast(), s.len)).unwrap_or("")
}

unsafe fn fail(err: *mut Error, code: i32, what: &str) -> i32 {
    if !err.is_null() {
        let out = &mut (*err).text;
        let mut len = what.len().min(out.len() - 1);
        while !what.is_char_boundary(len) {
            len -= 1;
        }
        out[..len].copy_from_slice(&what.as_bytes()[..len]);
        out[len] = 0;
        (*err).code = code;
    }
    code
}

/// No panic may leave it: the host is C.
unsafe extern "C" fn call(this: *mut c_void, id: u64, name: Str, args: Str, err: *mut Error) -> i32 {
    let instance = &*(this as *const Instance);
    let run = instance.run;
    match catch_unwind(AssertUnwindSafe(|| run(text(name), text(args)))) {
        Ok(Ok(json)) => {
            let result = format!("{{\"structuredContent\":{}}}", json);
            let host = &*instance.host;
            let given = Str { ptr: result.as_ptr().cast(), len: result.len() };
            let status = (host.complete)(host.ctx, id, RESULT, given);
            // A call that the host has given up meanwhile is no fault.
            if status == E_NOT_FOUND { OK } else { status }
        }
        Ok(Err(what)) => fail(err, E_INVALID, &what),
        Err(_) => fail(err, E_GENERIC, "the tool panicked; its log says where"),
    }
}

/// The member `key` of a JSON object, if it is a string, decoded. The host passes strict JSON only.
pub fn json_string(object: &str, key: &str) -> Option<String> {
    let mut at = Reader { text: object.as_bytes(), at: 0 };
    at.take(b'{')?;
    loop {
        let name = at.string()?;
        at.take(b':')?;
        if name == key {
            return at.string();
        }
        at.skip()?;
        at.take(b',')?;
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Goes over one value.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0;
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                b'}' | b']' if depth > 0 => (depth, self.at) = (depth - 1, self.at + 1),
                b',' | b'}' | b']' if depth == 0 => return Some(()),
                _ => self.at += 1,
            }
        }
    }

    fn hex4(&mut self) -> Option<u16> {
        let digits = std::str::from_utf8(self.text.get(self.at..self.at + 4)?).ok()?;
        self.at += 4;
        u16::from_str_radix(digits, 16).ok()
    }

    fn string(&mut self) -> Option<String> {
        let mut out: Vec<u8> = Vec::new();
        self.take(b'"')?;
        loop {
            let byte = *self.text.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(out).ok(),
                b'\\' => {
                    let mut buffer = [0; 4];
                    let character = self.escape()?;
                    out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                }
                _ => out.push(byte),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let byte = *self.text.get(self.at)?;
        self.at += 1;
        Some(match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let mut units = vec![self.hex4()?];
                if (0xD800..0xDC00).contains(&units[0]) && self.text.get(self.at) == Some(&b'\\') {
                    self.at += 2;
                    units.push(self.hex4()?);
                }
                char::decode_utf16(units).next()?.ok()?
            }
            other => other as char,
        })
    }
}
