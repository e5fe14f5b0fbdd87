//! Where the time of a run went, drawn: [`text`] for reading, [`svg`] for looking at. Pure.

mod svg;
mod text;

pub use svg::svg;
pub use text::text;
