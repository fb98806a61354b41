mod get;
pub(crate) mod shapes;
