//! How a server starts and ends.

mod data_directory;
mod local_socket;
mod master_key;
mod recovery;
mod shutdown;
