//! One request: the seam between latchd and any network, the pace at which
//! requests may leave, and what of them is told.

mod echo;
mod failure;
mod pace;
mod proxy;
mod router;
mod transport;
mod wire;

pub use echo::{secrets_of, without};
pub use pace::Pace;
pub use proxy::{ProxyError, Variable};
pub use router::RouterTransport;
pub use transport::{
    Phase, PrivatePath, Request, Response, Transport, TransportError, percent, server_time, wait_told,
};
pub use wire::{WireError, WireTransport};
