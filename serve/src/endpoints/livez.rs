//! `GET /livez`: the process answers. Restart it where this fails.

use actix_web::HttpResponse;
use serde_json::json;

use crate::ApiError;

/// Always 200.
pub(crate) async fn get() -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(json!({ "status": "live" })))
}
