//! The part of hexmcp's ABI, version 1, that this plugin uses, by hand from include/hexmcp. A test holds
//! its sizes and offsets to those that a C compiler sees.
//!
//! SPDX-License-Identifier: MIT
#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_void};

pub const OK: i32 = 0;
pub const E_GENERIC: i32 = -1;
pub const E_NOMEM: i32 = -2;
pub const E_INVALID: i32 = -3;
pub const RESULT: u32 = 0;
pub const TOOL_1: &[u8] = b"hexmcp.tool/1";

#[repr(C)]
#[derive(Clone, Copy)]
pub struct hexmcp_str {
    pub ptr: *const u8,
    pub len: usize,
}

impl hexmcp_str {
    /// Borrowed bytes: valid until the function that received them returns.
    ///
    /// # Safety
    /// The host must have passed `self` to the function that is running.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.len == 0 {
            &[]
        } else {
            std::slice::from_raw_parts(self.ptr, self.len)
        }
    }

    pub fn of(text: &str) -> Self {
        hexmcp_str { ptr: text.as_ptr(), len: text.len() }
    }
}

#[repr(C)]
pub struct hexmcp_error {
    pub size: u32,
    pub code: i32,
    pub text: [u8; 480],
}

#[repr(C)]
pub struct hexmcp_host {
    pub size: u32,
    pub abi_minor: u32,
    pub ctx: *mut c_void,
    pub name: *const c_char,
    pub version: *const c_char,
    pub get_interface: unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub log: unsafe extern "C" fn(*mut c_void, u64, u32, hexmcp_str),
    pub complete: unsafe extern "C" fn(*mut c_void, u64, u32, hexmcp_str) -> i32,
    pub progress: unsafe extern "C" fn(*mut c_void, u64, f64, f64, hexmcp_str) -> i32,
}

#[repr(C)]
pub struct hexmcp_plugin_info_1 {
    pub magic: [u8; 8],
    pub size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub min_host_minor: u32,
    pub id: [u8; 128],
    pub version: [u8; 32],
    pub reserved: [u8; 72],
}

#[repr(C)]
pub struct hexmcp_plugin {
    pub size: u32,
    pub reserved: u32,
    pub self_: *mut c_void,
    pub init: Option<unsafe extern "C" fn(*mut c_void, hexmcp_str, *mut hexmcp_error) -> i32>,
    pub get_interface: Option<unsafe extern "C" fn(*mut c_void, *const c_char) -> *const c_void>,
    pub start: Option<unsafe extern "C" fn(*mut c_void, *mut hexmcp_error) -> i32>,
    pub stop: Option<unsafe extern "C" fn(*mut c_void)>,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}

#[repr(C)]
pub struct hexmcp_tool_1 {
    pub size: u32,
    pub reserved: u32,
    pub self_: *mut c_void,
    pub call: Option<
        unsafe extern "C" fn(*mut c_void, u64, hexmcp_str, hexmcp_str, *mut hexmcp_error) -> i32,
    >,
    pub cancel: Option<unsafe extern "C" fn(*mut c_void, u64)>,
    pub resume: Option<
        unsafe extern "C" fn(
            *mut c_void,
            u64,
            hexmcp_str,
            hexmcp_str,
            hexmcp_str,
            hexmcp_str,
            *mut hexmcp_error,
        ) -> i32,
    >,
}

/// `text` in a field of `N` bytes, padded with NUL.
pub const fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut field = [0u8; N];
    let mut i = 0;
    while i < text.len() {
        field[i] = text[i];
        i += 1;
    }
    field
}

/// Fills the error object, cut at a whole character, and returns `code`.
///
/// # Safety
/// `err` is NULL or what the host passed.
pub unsafe fn fail(err: *mut hexmcp_error, code: i32, message: &str) -> i32 {
    if let Some(err) = err.as_mut() {
        let mut len = message.len().min(err.text.len() - 1);
        while !message.is_char_boundary(len) {
            len -= 1;
        }
        err.code = code;
        err.text[..len].copy_from_slice(&message.as_bytes()[..len]);
        err.text[len] = 0;
    }
    code
}
