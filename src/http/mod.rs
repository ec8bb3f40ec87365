//! One request: the seam between latchd and any network, and the pace at
//! which requests may leave.

mod pace;
mod router;
mod transport;
mod wire;

pub use pace::Pace;
pub use router::RouterTransport;
pub use transport::{
    Phase, PrivatePath, Request, Response, Transport, TransportError, percent, server_time, wait_told,
};
pub use wire::{WireError, WireTransport};
