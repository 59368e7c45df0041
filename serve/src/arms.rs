//! Which arm of the snapshot's experiment answers a request.

use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest};
use schemas::{Arm, Enrolment, Tenant};

use crate::{ApiError, Serving, body::invalid, node::Answering};

/// The header that names the user on whose behalf a caller asks.
const USER_ID: &str = "x-user-id";
/// Characters that it may have.
const LONGEST: usize = 200;

/// The arm that answers a request, left in it for the answer's header and the query log.
#[derive(Debug, Clone)]
pub(crate) struct ServedBy {
    /// The arm.
    pub(crate) arm: Arm,
    /// The user's part in the experiment; none where the request names no user, who then takes no part.
    pub(crate) enrolled: Option<Enrolled>,
}

/// A user's part in a named experiment.
#[derive(Debug, Clone)]
pub(crate) struct Enrolled {
    /// The experiment.
    pub(crate) experiment: String,
    /// The arm, and what stands for the user.
    pub(crate) enrolment: Enrolment,
}

impl Answering {
    /// Returns what answers this user of the tenant: arm A, or B where the snapshot runs an experiment and the user falls into it.
    /// Without a user it is arm A.
    pub(crate) fn to(
        self,
        tenant: &Tenant,
        request: &HttpRequest,
    ) -> Result<Arc<Serving>, ApiError> {
        let Self(serving) = self;
        let user = user_of(request)?;
        let Some(card) = &serving.manifest().experiment else {
            return Ok(serving);
        };
        let enrolled = user.map(|user| Enrolled {
            experiment: card.name.clone(),
            enrolment: card.enrol(tenant, user),
        });
        let arm = enrolled.as_ref().map_or(Arm::A, |one| one.enrolment.arm);
        request.extensions_mut().insert(ServedBy { arm, enrolled });
        Ok(match (arm, serving.arm_b()) {
            (Arm::B, Some(other)) => Arc::clone(other),
            _ => serving,
        })
    }
}

/// Reads the user on whose behalf a caller asks.
fn user_of(request: &HttpRequest) -> Result<Option<&str>, ApiError> {
    let Some(value) = request.headers().get(USER_ID) else {
        return Ok(None);
    };
    let user = value.to_str().ok().map(str::trim);
    let user = user.filter(|user| (1..=LONGEST).contains(&user.len()));
    user.map(Some).ok_or_else(|| {
        invalid(
            "X-User-Id",
            format!("L'en-tête X-User-Id a de 1 à {LONGEST} caractères ASCII visibles."),
            format!("The X-User-Id header has 1 to {LONGEST} visible ASCII characters."),
        )
    })
}
