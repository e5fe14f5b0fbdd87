//! The examples do what their READMEs say. `examples/try.sh` proves the one with Django.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::harness::Stack;

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port can be bound");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn page(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the port is published");
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").expect("a request can be sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the page is text");
    answer
}

#[test]
fn hello_says_hello() {
    let port = free_port();
    let stack = Stack::new("hello").named().copy_of("examples/hello");
    let stack = stack.variable("HELLO_PORT", &port.to_string()).variable("USER", "tester");
    stack.run(["up", "-d", "--wait"]).success();
    assert!(page(port).contains("Hello from tester!"));
    let mut logs = stack.start(["logs", "-f", "visitor"]);
    logs.wait_for("Hello from tester!");
    drop(logs);
    stack.run(["down"]).success();
    assert!(stack.containers().is_empty());
}
