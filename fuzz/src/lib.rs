//! What is fuzzed: parsers of the sandbox that read what comes over the network. None may panic, whatever comes.

pub mod dataverse;
pub mod odata;
