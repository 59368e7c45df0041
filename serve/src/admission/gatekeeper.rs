//! Who is known, what they spent, and how often somebody was let in or not.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use access::{
    Caller, Issuers, Keyring, Limits, Meter, Policy, Spent, SpentLine, Subject, Usage, UsageCount,
    UsageKey, Verdict,
};
use actix_web::{HttpRequest, http::header::HeaderMap, web};
use chrono::{DateTime, Utc};
use schemas::Tenant;

use super::{
    credentials::{Given, given},
    refusals,
};
use crate::{ApiError, Code, Node};

/// What became of requests at the gate, as metrics name it, in the order of [`Gatekeeper::outcomes`].
const OUTCOMES: [(&str, Code); 9] = [
    ("missing_key", Code::MissingKey),
    ("invalid_key", Code::InvalidKey),
    ("expired_key", Code::ExpiredKey),
    ("revoked_key", Code::RevokedKey),
    ("keys_unavailable", Code::KeysUnavailable),
    ("missing_scope", Code::MissingScope),
    ("wrong_tenant", Code::WrongTenant),
    ("rate_limited", Code::RateLimited),
    ("quota_exceeded", Code::QuotaExceeded),
];

/// Whether keys are asked for, and which are known.
#[derive(Debug, Clone)]
enum Doors {
    /// Development mode: nobody is asked for a key.
    Open,
    /// Keys are asked for, and could not be read yet: nobody is let in.
    Shut,
    /// Keys are asked for.
    Locked(Arc<Locks>),
}

/// What opens the doors.
#[derive(Debug)]
struct Locks {
    keyring: Keyring,
    issuers: Option<Issuers>,
}

/// Lets callers in.
#[derive(Debug)]
pub struct Gatekeeper {
    doors: RwLock<Doors>,
    meter: Mutex<Meter>,
    usage: Mutex<Usage>,
    refused: [AtomicU64; OUTCOMES.len()],
    admitted: AtomicU64,
    /// What is wrong with the file of keys now.
    trouble: Mutex<Option<String>>,
    has_open_metrics: bool,
}

impl Gatekeeper {
    /// Makes one of development mode: nobody is asked for a key until keys are [installed](Gatekeeper::install).
    #[must_use]
    pub fn open() -> Self {
        Self::new(Doors::Open, Meter::default())
    }

    /// Makes one that lets nobody in until keys are [installed](Gatekeeper::install), with what was spent before a restart.
    #[must_use]
    pub fn shut(meter: Meter) -> Self {
        Self::new(Doors::Shut, meter)
    }

    fn new(doors: Doors, meter: Meter) -> Self {
        Self {
            doors: RwLock::new(doors),
            meter: Mutex::new(meter),
            usage: Mutex::default(),
            refused: Default::default(),
            admitted: AtomicU64::new(0),
            trouble: Mutex::new(None),
            has_open_metrics: false,
        }
    }

    /// Lets anybody read `/metrics` and `/health`, for monitors that bear no key.
    #[must_use]
    pub fn with_open_metrics(mut self, is_open: bool) -> Self {
        self.has_open_metrics = is_open;
        self
    }

    /// Takes new keys and issuers over: requests from now on are let in by them. There is no way back to development mode.
    pub fn install(&self, keyring: Keyring, issuers: Option<Issuers>) {
        let locks = Arc::new(Locks { keyring, issuers });
        *self.doors.write().unwrap_or_else(PoisonError::into_inner) = Doors::Locked(locks);
        self.note_trouble(None);
    }

    /// Opens the doors of one that is shut: development mode.
    pub(crate) fn stay_open(&self) {
        let mut doors = self.doors.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(*doors, Doors::Shut) {
            *doors = Doors::Open;
        }
    }

    /// Says whether nobody is asked for a key.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.doors(), Doors::Open)
    }

    /// Says whether anybody may read the metrics.
    pub(crate) fn has_open_metrics(&self) -> bool {
        self.has_open_metrics
    }

    /// Finds who asks, by the headers of a request.
    pub(crate) fn identify(
        &self,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<Caller, ApiError> {
        let locks = match self.doors() {
            Doors::Open => return Ok(Caller::unknown()),
            Doors::Shut => return Err(refusals::no_keys_read()),
            Doors::Locked(locks) => locks,
        };
        let credential = match given(headers) {
            Given::Nothing => return Err(refusals::no_key()),
            Given::Unclear => return Err(refusals::unclear()),
            Given::One(credential) => credential,
        };
        let known = match &locks.issuers {
            Some(issuers) if !access::is_key(credential) => issuers.authenticate(credential, now),
            _ => locks.keyring.authenticate(credential, now),
        };
        known.map_err(refusals::refused)
    }

    /// Charges a caller, and its tenant where it has only one.
    pub(crate) fn charge(&self, caller: &Caller, cost: u32, now: DateTime<Utc>) -> Verdict {
        self.meter().admit(&self.payers(caller), cost, now)
    }

    /// Charges a tenant for a caller that stands for more than one.
    pub(crate) fn charge_tenant(&self, tenant: &Tenant, cost: u32, now: DateTime<Utc>) -> Verdict {
        self.meter().admit(&[self.tenant(tenant)], cost, now)
    }

    /// Tells the limits that a caller is under: of its key, and of its tenant where it has only one.
    pub(crate) fn limits(&self, caller: &Caller, now: DateTime<Utc>) -> Vec<Policy> {
        let meter = self.meter();
        let payers = self.payers(caller).into_iter();
        payers
            .flat_map(|(who, limits)| meter.policies(&who, limits, now))
            .collect()
    }

    /// Tells what a caller spent today and this month, and what its only tenant did.
    pub(crate) fn spent(
        &self,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Vec<(Subject, (Spent, Spent))> {
        let meter = self.meter();
        let payers = self.payers(caller).into_iter();
        payers
            .map(|(who, _)| {
                let spent = meter.spent(&who, now);
                (who, spent)
            })
            .collect()
    }

    fn payers(&self, caller: &Caller) -> Vec<(Subject, Limits)> {
        let account = Subject::Account(caller.account.clone());
        let tenant = caller.tenants.only().map(|tenant| self.tenant(tenant));
        std::iter::once((account, caller.limits))
            .chain(tenant)
            .collect()
    }

    fn tenant(&self, tenant: &Tenant) -> (Subject, Limits) {
        let limits = match self.doors() {
            Doors::Locked(locks) => locks.keyring.limits_of(tenant),
            Doors::Open | Doors::Shut => Limits::default(),
        };
        (Subject::Tenant(tenant.clone()), limits)
    }

    /// Counts a request for the bill.
    pub(crate) fn count_usage(&self, key: UsageKey, count: UsageCount) {
        self.usage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(key, count);
    }

    /// Takes what was counted for the bill since the last time.
    pub(crate) fn take_usage(&self) -> Vec<(UsageKey, UsageCount)> {
        self.usage
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Takes what was spent since the last time.
    pub(crate) fn take_spent(&self) -> Vec<SpentLine> {
        self.meter().take_pending()
    }

    /// Returns all that was spent this month.
    pub(crate) fn all_spent(&self) -> Vec<SpentLine> {
        self.meter().lines()
    }

    /// Counts a request that was let in, or the code that it was refused with.
    pub(crate) fn count(&self, refused: Option<Code>) {
        let place = OUTCOMES.iter().position(|(_, code)| Some(*code) == refused);
        place
            .map_or(&self.admitted, |place| &self.refused[place])
            .fetch_add(1, Relaxed);
    }

    /// Returns how many requests were let in, and how many were refused by outcome.
    pub(crate) fn outcomes(&self) -> (u64, Vec<(&'static str, u64)>) {
        let refused = OUTCOMES.iter().zip(&self.refused);
        let refused = refused.map(|((name, _), count)| (*name, count.load(Relaxed)));
        (self.admitted.load(Relaxed), refused.collect())
    }

    /// Returns how many keys open the node; none in development mode.
    pub(crate) fn valid_keys(&self, now: DateTime<Utc>) -> Option<usize> {
        match self.doors() {
            Doors::Open => None,
            Doors::Shut => Some(0),
            Doors::Locked(locks) => Some(locks.keyring.valid(now)),
        }
    }

    /// Notes what is wrong with the file of keys, or that nothing is.
    pub(crate) fn note_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Returns what is wrong with the file of keys.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn doors(&self) -> Doors {
        self.doors
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn meter(&self) -> MutexGuard<'_, Meter> {
        self.meter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says whether the node that answers a request asks nobody for a key.
pub(crate) fn is_development(request: &HttpRequest) -> bool {
    let node = request.app_data::<web::Data<Node>>();
    node.is_some_and(|node| node.gatekeeper().is_open())
}
