mod get;
mod shapes;
