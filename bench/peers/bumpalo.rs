//! bumpalo, its first chunk as large as ours; the loop is Rust's own, so that the fast path is
//! inlined as in a Rust program.
use bumpalo::Bump;
use std::alloc::Layout;
use std::arch::asm;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Request {
    size: u32,
    align: u32,
}

/// The user has seen the block, and may have read or written any memory.
#[inline(always)]
fn used(block: *mut u8) {
    unsafe { asm!("/* {0} */", in(reg) block, options(nostack, preserves_flags)) }
}

#[inline(always)]
unsafe fn alloc(bump: &Bump, size: u32, align: u32) -> *mut u8 {
    let layout = Layout::from_size_align_unchecked(size as usize, align as usize);
    bump.alloc_layout(layout).as_ptr()
}

unsafe fn requests_of<'a>(requests: *const Request, n: usize) -> &'a [Request] {
    std::slice::from_raw_parts(requests, n)
}

#[no_mangle]
pub extern "C" fn peer_start() -> *mut Bump {
    Box::into_raw(Box::new(Bump::with_capacity(256 * 1024)))
}

#[no_mangle]
pub unsafe extern "C" fn replay(bump: *mut Bump, requests: *const Request, n: usize) {
    for request in requests_of(requests, n) {
        used(alloc(&*bump, request.size, request.align));
    }
}

#[no_mangle]
pub unsafe extern "C" fn replay_sites(
    bump: *mut Bump,
    requests: *const Request,
    n: usize,
    names: i32,
) {
    if names != 0 {
        for pair in requests_of(requests, n).chunks_exact(2) {
            used(alloc(&*bump, pair[0].size, 1));
            used(alloc(&*bump, pair[1].size, 8));
        }
    } else {
        for request in requests_of(requests, n) {
            used(alloc(&*bump, request.size, 8));
        }
    }
}

#[no_mangle]
pub unsafe extern "C" fn replay_writing(bump: *mut Bump, requests: *const Request, n: usize) {
    for request in requests_of(requests, n) {
        let block = alloc(&*bump, request.size, request.align);
        block.write_bytes(0x5a, request.size as usize);
        used(block);
    }
}

#[no_mangle]
pub unsafe extern "C" fn replay_keeping(
    bump: *mut Bump,
    requests: *const Request,
    n: usize,
    blocks: *mut *mut u8,
) {
    for (i, request) in requests_of(requests, n).iter().enumerate() {
        *blocks.add(i) = alloc(&*bump, request.size, request.align);
    }
}
