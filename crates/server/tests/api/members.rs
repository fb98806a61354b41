mod get;
mod password;
mod post;
mod sign_in_link;
