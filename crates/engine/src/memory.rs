//! How this process holds memory.

/// Keeps all threads of this process to one heap; a face calls it first of all.
///
/// glibc gives almost every thread a heap of its own and takes little back from any of them, so that a process
/// that carried a thousand transfers held twice of what it ever used at once. Other systems do without this.
pub fn use_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(
        unsafe_code,
        reason = "mallopt takes two numbers and may be called at any time (mallopt(3))"
    )]
    let taken = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if taken == 0 {
        tracing::debug!("the allocator keeps several heaps");
    }
}
