//! The tool "text-shape": how a text looks from afar, in Rust without crates.
//!
//! SPDX-License-Identifier: MIT

mod hexmcp;
mod json;

use hexmcp::*;
use json::Text;
use std::alloc::{alloc, Layout};
use std::ffi::CStr;
use std::fmt::{Error, Write};
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// The instance. The tables point to it, so it is boxed and never moves.
struct Plugin {
    table: hexmcp_plugin,
    tool: hexmcp_tool_1,
    host: *const hexmcp_host,
}

fn shape(text: &str) -> Result<Text, Error> {
    let mut out = Text::new();
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let first = text.lines().next().unwrap_or("");
    write!(
        out,
        "{{\"structuredContent\":{{\"lines\":{},\"characters\":{},\"longestLine\":{},\
         \"firstLineReversed\":",
        text.lines().count(),
        text.chars().count(),
        longest,
    )?;
    json::quote(first.chars().rev(), &mut out)?;
    out.write_str("}}")?;
    Ok(out)
}

fn answer(args: &[u8]) -> Result<Option<Text>, Error> {
    match json::member(args, "text")? {
        Some(text) => shape(text.as_str()).map(Some),
        None => Ok(None),
    }
}

unsafe extern "C" fn init(_: *mut c_void, _: hexmcp_str, _: *mut hexmcp_error) -> i32 {
    OK
}

unsafe extern "C" fn get_interface(this: *mut c_void, id: *const c_char) -> *const c_void {
    let plugin = &*(this as *const Plugin);
    if CStr::from_ptr(id).to_bytes() == TOOL_1 {
        &plugin.tool as *const hexmcp_tool_1 as *const c_void
    } else {
        std::ptr::null()
    }
}

unsafe extern "C" fn destroy(this: *mut c_void) {
    drop(Box::from_raw(this as *mut Plugin));
}

/// A panic must not leave: it becomes an error.
unsafe extern "C" fn call(
    this: *mut c_void,
    id: u64,
    _name: hexmcp_str,
    args: hexmcp_str,
    err: *mut hexmcp_error,
) -> i32 {
    let host = &*(*(this as *const Plugin)).host;
    match catch_unwind(AssertUnwindSafe(|| answer(args.bytes()))) {
        Ok(Ok(Some(result))) => {
            (host.complete)(host.ctx, id, RESULT, hexmcp_str::of(result.as_str()));
            OK
        }
        Ok(Err(_)) => fail(err, E_NOMEM, "out of memory; try again"),
        Ok(Ok(None)) => fail(err, E_INVALID, "`text` must be a text"),
        Err(_) => fail(err, E_GENERIC, "the plugin panicked; see the log of the server"),
    }
}

#[no_mangle]
#[allow(non_upper_case_globals)]
pub static hexmcp_plugin_info: hexmcp_plugin_info_1 = hexmcp_plugin_info_1 {
    magic: *b"HEXMCP\r\n",
    size: std::mem::size_of::<hexmcp_plugin_info_1>() as u32,
    abi_major: 1,
    abi_minor: 0,
    min_host_minor: 0,
    id: padded(b"hexmcp.examples.text-shape"),
    version: padded(b"0.1.0"),
    reserved: [0; 72],
};

/// # Safety
/// Called by the host alone.
#[no_mangle]
pub unsafe extern "C" fn hexmcp_plugin_create(
    host: *const hexmcp_host,
    out: *mut *const hexmcp_plugin,
    err: *mut hexmcp_error,
) -> i32 {
    // Box would end the process without memory; the host wants an error.
    let plugin = alloc(Layout::new::<Plugin>()) as *mut Plugin;
    if plugin.is_null() {
        return fail(err, E_NOMEM, "out of memory making the plugin; try again");
    }
    plugin.write(Plugin {
        table: hexmcp_plugin {
            size: std::mem::size_of::<hexmcp_plugin>() as u32,
            reserved: 0,
            self_: std::ptr::null_mut(),
            init: Some(init),
            get_interface: Some(get_interface),
            start: None,
            stop: None,
            destroy: Some(destroy),
        },
        tool: hexmcp_tool_1 {
            size: std::mem::size_of::<hexmcp_tool_1>() as u32,
            reserved: 0,
            self_: std::ptr::null_mut(),
            call: Some(call),
            cancel: None,
            resume: None,
        },
        host,
    });
    (*plugin).table.self_ = plugin as *mut c_void;
    (*plugin).tool.self_ = plugin as *mut c_void;
    *out = &(*plugin).table;
    OK
}
