//! What comes in from outside, played with any bytes: each body takes bytes and
//! panics where a promise is broken. The tests (`tests/it/inputs`) feed them by
//! chance, the fuzz targets (`tests/fuzz`) by coverage.

pub(crate) mod answers;
pub(crate) mod books;
pub(crate) mod files;
pub(crate) mod journal;
pub(crate) mod mutate;
pub(crate) mod queries;
pub(crate) mod socket;
pub(crate) mod source;

/// What a body is.
pub(crate) type Body = fn(&[u8]);

/// Every body by its name.
pub(crate) const BODIES: &[(&str, Body)] = &[
    ("books", books::body),
    ("files", files::body),
    ("journal", journal::body),
    ("queries", queries::body),
    ("socket", socket::body),
    ("source", source::body),
];
