//! Container logs side by side: [`prefix`] says whose each line is and in which colour,
//! [`LogPrinter`] puts them out as Docker Compose does. Bytes pass through as they are, whether they
//! are UTF-8 or not.

mod prefix;
mod printer;

pub use printer::{Batch, LogFormat, LogPrinter};
