//! "Are you still there?", which BuildKit asks every few seconds.

use bollard::health::health_check_response::ServingStatus;
use bollard::health::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse, health_server,
};
use futures_util::stream::{self, BoxStream, StreamExt};
use tonic::{Request, Response, Status};

/// Always serving.
pub(super) struct Health;

fn serving() -> HealthCheckResponse {
    HealthCheckResponse { status: ServingStatus::Serving.into() }
}

#[tonic::async_trait]
impl health_server::Health for Health {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(serving()))
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> Result<Response<HealthListResponse>, Status> {
        let statuses = [(String::new(), serving())].into();
        Ok(Response::new(HealthListResponse { statuses }))
    }

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let now = stream::once(async { Ok(serving()) });
        Ok(Response::new(now.chain(stream::pending()).boxed()))
    }
}
