/// The most of a refusal that is read.
pub const ERROR_BYTES: usize = 64 * 1024;

/// The most of one page or entity that is read whole: a thousand messages with their bodies fit. Files are streamed.
pub const PAGE_BYTES: usize = 32 * 1024 * 1024;
