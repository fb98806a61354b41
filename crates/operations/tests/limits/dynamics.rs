//! Tables of Dataverse and companies of Business Central: every operation that runs on such a connection.

mod around;
mod companies;
mod relations;
mod stage;
mod tables;
mod ways;
