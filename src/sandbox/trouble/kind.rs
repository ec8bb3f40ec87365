//! What can happen to a call on its way.

use serde::{Deserialize, Serialize};

/// What happens to a call.
///
/// In rules over HTTP and in scenario files the names are in lower case with
/// hyphens: `"cut"`, `{ "status": { "code": 500 } }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kind {
    /// The connection is cut before the call takes effect.
    Refuse,
    /// The call takes effect, then the connection is cut.
    Cut,
    /// The connection is cut, and the call takes effect only later.
    LateEffect {
        /// Seconds on the sandbox's clock.
        seconds: u64,
    },
    /// The call takes effect after a wait.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The call takes effect at once, its answer comes after a wait.
    DelayAnswer {
        /// Milliseconds.
        ms: u64,
    },
    /// The answer trickles in.
    Drip {
        /// Bytes a second.
        bytes_per_second: u64,
    },
    /// The answer never ends: spaces follow it.
    Endless,
    /// The answer is filled up with spaces to a size, without being held.
    Oversize {
        /// Bytes.
        bytes: u64,
    },
    /// The answer is a small gzip stream that unpacks to spaces.
    GzipBomb {
        /// Bytes when unpacked.
        bytes: u64,
    },
    /// The call takes effect, and the first half of its answer arrives.
    HalfBody,
    /// The call takes effect, and its answer arrives damaged.
    Mutilate {
        /// The damage.
        how: Damage,
        /// What the choice of places is drawn from.
        #[serde(default)]
        seed: u64,
    },
    /// 429, without effect.
    TooMany {
        /// Seconds in a Retry-After header, if any.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// 403 with the words of a 429, as the service answered in older years.
    TooManyOld,
    /// An error of the server.
    Status {
        /// 500, 502 or 503, say.
        code: u16,
        /// Whether the call takes effect first.
        #[serde(default)]
        after: bool,
    },
    /// A page of HTML, without effect, as proxies send.
    Html {
        /// 200 or 502, say.
        code: u16,
    },
    /// A dead token is reported. Of a batch the first items are carried out all
    /// the same, and a repetition under the same request id carries out the
    /// rest.
    Unauthorized {
        /// How many items of a batch are carried out first.
        #[serde(default)]
        after_items: usize,
    },
    /// Every access token expires just before the call.
    ExpireTokens,
    /// Every connection ends just before the call: `invalid_grant` follows.
    KillTokens,
    /// A refusal of QuickBooks' API, without effect.
    Fault {
        /// Intuit's number: 6190, say.
        code: u32,
    },
    /// One item of a batch fares badly; the others are carried out.
    BatchItem {
        /// Which item, counted from one.
        nth: usize,
        /// What becomes of it.
        fate: ItemFate,
        /// Intuit's number of the fault that a `failed` one gets; without
        /// it, that of a throttle.
        #[serde(default)]
        code: Option<u32>,
    },
    /// The answers to all request ids so far are forgotten before the call, so
    /// that a repetition is carried out again.
    ForgetRequestIds,
    /// The call takes effect, and a person deletes or inactivates what it wrote
    /// before the answer arrives; a repetition replays the dead object.
    Bury,
    /// A page of a list that is not the page it should be.
    Page {
        /// What is wrong with it.
        how: PageFault,
    },
    /// A change feed is filled up to exactly 1,000 objects with copies of its
    /// last one, or of any that the company has if nothing changed.
    FullFeed,
    /// The answer's time is earlier than the present.
    TimeBack {
        /// Seconds.
        seconds: u64,
    },
}

/// How an answer is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// The body ends in the middle, and its length says so.
    Half,
    /// No body.
    Empty,
    /// Bytes that are no UTF-8 stand within the first text.
    InvalidUtf8,
    /// A few bits are turned.
    BitFlips,
    /// Every number reads `NaN`, which JSON does not know.
    NotANumber,
    /// Every number has an exponent of 999999.
    HugeExponents,
    /// Every number is a text.
    NumbersAsStrings,
    /// A fifth of all properties is missing.
    MissingFields,
    /// Every object has a property that nobody knows.
    ExtraFields,
    /// Every text is a number and every list an object.
    OtherTypes,
    /// The body is nested ten thousand deep.
    Nested,
    /// The content type is `text/plain`.
    ContentType,
}

/// What becomes of an item of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemFate {
    /// It is not carried out; its answer is a fault.
    Failed,
    /// It is carried out; its answer is missing.
    Missing,
    /// It is not carried out, and its answer is missing.
    Dropped,
    /// It is carried out once; its answer stands there twice.
    Twice,
    /// It is carried out; the answers come in the opposite order.
    Reordered,
    /// It is carried out; its answer bears an id that nobody sent.
    UnknownId,
}

/// How a page differs from what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageFault {
    /// A row was inserted before the page meanwhile: it begins with the last
    /// row of the page before.
    Inserted,
    /// A row was deleted before the page meanwhile, or at its beginning if it
    /// is the first: it lacks the row it should begin with.
    Deleted,
    /// The page before it comes again.
    Repeated,
    /// Its last row stands there twice.
    RowTwice,
    /// Its last row is missing, and the counts speak of all.
    Short,
    /// The first page comes again, with another one promised behind it.
    Endless,
}
