//! Values of secrets that RUN instructions mount.

use bollard::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse, secrets_server};
use tonic::{Request, Response, Status};

use super::Trouble;
use crate::build::error::BuildError;
use crate::build::request::{Secret, SecretSource};

/// The most that BuildKit takes.
const LARGEST: usize = 500 * 1024;

pub(super) struct Secrets {
    pub(super) secrets: Vec<Secret>,
    pub(super) trouble: Trouble,
}

#[tonic::async_trait]
impl secrets_server::Secrets for Secrets {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        let id = request.into_inner().id;
        let Some(secret) = self.secrets.iter().find(|secret| secret.id == id) else {
            return Err(Status::not_found(format!("secret {id}: not found")));
        };
        let data = match &secret.source {
            SecretSource::Value(value) => value.clone(),
            SecretSource::File(path) => tokio::fs::read(path).await.map_err(|error| {
                self.fail(format!("cannot read secret `{id}` from `{}`: {error}", path.display()))
            })?,
        };
        if data.len() > LARGEST {
            return Err(self.fail(format!(
                "secret `{id}` is too big: {} bytes, the most is {LARGEST}",
                data.len()
            )));
        }
        Ok(Response::new(GetSecretResponse { data }))
    }
}

impl Secrets {
    fn fail(&self, message: String) -> Status {
        self.trouble.report(BuildError::Input(message.clone()));
        Status::failed_precondition(message)
    }
}
