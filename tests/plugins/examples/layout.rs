//! Prints the sizes and offsets of hexmcp.rs in the form of tests/plugins/abi/abi-1.txt.
#![allow(dead_code)]

#[path = "../../../plugins/examples/text-shape/hexmcp.rs"]
mod hexmcp;

use hexmcp::*;

macro_rules! show {
    ($of:ident: $($field:ident)*) => {
        println!("{} {}", stringify!($of), std::mem::size_of::<$of>());
        $({
            let value = std::mem::MaybeUninit::<$of>::uninit();
            let base = value.as_ptr();
            // SAFETY: only addresses are computed, nothing is read.
            let offset = unsafe { std::ptr::addr_of!((*base).$field) as usize } - base as usize;
            println!("{}.{} {}", stringify!($of), stringify!($field).trim_end_matches('_'), offset);
        })*
    };
}

fn main() {
    show!(hexmcp_str: ptr len);
    show!(hexmcp_error: size code text);
    show!(hexmcp_host: size abi_minor ctx name version get_interface log complete progress);
    show!(hexmcp_plugin_info_1: magic size abi_major abi_minor min_host_minor id version reserved);
    show!(hexmcp_plugin: size reserved self_ init get_interface start stop destroy);
    show!(hexmcp_tool_1: size reserved self_ call cancel resume);
    println!("HEXMCP_OK {}", OK);
    println!("HEXMCP_E_GENERIC {}", E_GENERIC);
    println!("HEXMCP_E_INVALID {}", E_INVALID);
    println!("HEXMCP_RESULT {}", RESULT);
    println!("HEXMCP_TOOL_1 {}", std::str::from_utf8(TOOL_1).unwrap());
}
