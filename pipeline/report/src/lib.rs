#![doc = include_str!("../README.md")]

mod graph;
mod html;
pub mod run;
pub mod site;

#[cfg(test)]
mod tests;
