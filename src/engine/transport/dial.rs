//! A connection on which nothing is said yet, for protocols other than the Engine API.

use super::connect::Connector;
use super::error::root_cause;
use super::ssh;
use crate::engine::endpoint::{Endpoint, SshAddress};
use crate::engine::{Duplex, EngineError, Result};

/// Opens a connection to what listens at an endpoint.
///
/// # Errors
/// TLS material that cannot be used, and nobody who listens.
pub async fn dial(endpoint: &Endpoint) -> Result<Box<dyn Duplex>> {
    let connection = Connector::new(endpoint)?.connect().await;
    let connection = connection.map_err(|error| EngineError::Unreachable {
        endpoint: endpoint.address.to_string(),
        reason: root_cause(&error),
    })?;
    Ok(Box::new(connection))
}

/// Runs a command on another machine; its standard input and output are the connection.
///
/// # Errors
/// No `ssh` on this machine.
pub fn dial_by_ssh(address: &SshAddress, command: &[String]) -> Result<Box<dyn Duplex>> {
    let connection = ssh::connect(address, command).map_err(|error| EngineError::Unreachable {
        endpoint: format!("ssh://{}", address.host),
        reason: root_cause(&error),
    })?;
    Ok(Box::new(connection))
}
