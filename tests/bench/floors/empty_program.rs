//! What any program costs: starting and ending.

fn main() {}
