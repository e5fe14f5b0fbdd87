//! The project as `config` prints it.

mod go_yaml;
