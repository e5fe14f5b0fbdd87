//! How the program is linked.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // At a fixed address, as programs in Go are: moving it to another one at every start takes as long as
    // half of the reading of a small project, and what it gives protects memory that safe Rust does not lose.
    let of_target = |what| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if of_target("OS") == "linux" && of_target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
