//! Core dumps: there are none of a process that may hold a secret.
//!
//! On Linux the process says that it is not dumpable. A limit of zero alone is
//! not enough: the kernel does not look at it where `core_pattern` is a pipe
//! (core(5)), as with systemd-coredump, which would keep the environment at
//! least. It also keeps other processes of the same user from reading its
//! memory and environment; `/proc/PID/status`, `stat` and `limits` stay
//! readable for everyone, `/proc/PID/fd` for root alone. What a notification
//! starts is dumpable again, because a new program begins anew; the limit stays
//! with it.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids them, before the first secret is read. Where the system refuses, the
/// process goes on: the service's own limit is there too.
pub(super) fn forbid() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}
