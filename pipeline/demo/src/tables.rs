//! The landing tables: columns in file order, key, and the column that names a row.

/// What a column holds; only Parquet files need it, the rest are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Float,
    Moment,
    Day,
    Texts,
    Floats,
}

/// A landing table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    pub(crate) key: &'static [&'static str],
    /// Column given a fresh value in a planted bad row, so that no good row can refer to it.
    pub(crate) id: Option<&'static str>,
    /// Whether `--scale` multiplies it.
    pub(crate) is_scaled: bool,
}

impl Table {
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }
}

use Kind::{Day, Float, Floats, Int, Moment, Text, Texts};

macro_rules! table {
    ($constant:ident, $name:literal, [$($key:literal),*], $id:expr, $scaled:literal, { $($column:ident : $kind:ident),* $(,)? }) => {
        pub(crate) static $constant: Table = Table {
            name: $name,
            columns: &[$((stringify!($column), $kind)),*],
            key: &[$($key),*],
            id: $id,
            is_scaled: $scaled,
        };
    };
}

table!(COMPANIES, "companies", ["tenant", "company_id"], Some("company_id"), true, {
    tenant: Text, company_id: Text, siren: Text, siret: Text, name: Text, trade_name: Text, naf: Text,
    staff_band: Text, description: Text, certifications: Texts, region: Text, department: Text,
    postal_code: Text, city: Text, latitude: Float, longitude: Float, website: Text, capacity: Int,
    updated_at: Moment,
});
table!(GLOSSARY_NODES, "glossary_nodes", ["node_id"], Some("node_id"), false, {
    node_id: Text, parent_id: Text, level: Int, label: Text, description: Text, synonyms: Texts,
    language: Text,
});
table!(CONCEPTS, "concepts", ["concept_id"], Some("concept_id"), false, {
    concept_id: Text, node_id: Text, label: Text, synonyms: Texts, definition: Text, label_en: Text,
    label_de: Text, status: Text, updated_at: Moment,
});
table!(ACTIVATIONS, "activations", ["tenant", "company_id", "concept_id"], None, true, {
    tenant: Text, company_id: Text, concept_id: Text, evidence: Text, strength: Float, source: Text,
    claimed_at: Moment,
});
table!(ACTIVITY_PRIORS, "activity_priors", ["naf", "concept_id"], None, false, {
    naf: Text, concept_id: Text, naf_label: Text, hirings: Int,
});
table!(OFFERS, "offers", ["tenant", "id"], Some("id"), true, {
    tenant: Text, id: Text, intitule: Text, description: Text, dateCreation: Moment, lieuTravail: Text,
});
table!(PROFILES, "profiles", ["tenant", "profile_id"], Some("profile_id"), true, {
    tenant: Text, profile_id: Text, kind: Text, company_id: Text, person_id: Text, title: Text,
    text: Text, skills: Texts, region: Text, postal_code: Text, rome_code: Text, updated_at: Moment,
});
table!(INTERACTIONS, "interactions", ["tenant", "interaction_id"], Some("interaction_id"), true, {
    tenant: Text, interaction_id: Text, user_id: Text, kind: Text, profile_id: Text, offer_id: Text,
    company_id: Text, request_id: Text, rank: Int, occurred_at: Moment,
});
table!(CLIENTS, "clients", ["tenant", "client_id"], Some("client_id"), true, {
    tenant: Text, client_id: Text, name: Text, siren: Text, sector: Text, region: Text,
    budget_cents: Int, created_at: Moment,
});
table!(PROVIDERS, "providers", ["tenant", "provider_id"], Some("provider_id"), true, {
    tenant: Text, provider_id: Text, company_id: Text, name: Text, region: Text, rating: Float,
    reviews: Int, bank_hash: Text, phone_hash: Text, address_hash: Text, device_hash: Text,
    hourly_cost_cents: Int, created_at: Day,
});
table!(PROJECTS, "projects", ["tenant", "project_id"], Some("project_id"), true, {
    tenant: Text, project_id: Text, client_id: Text, category: Text, title: Text, description: Text,
    region: Text, size: Float, unit: Text, budget_cents: Int, deadline: Day, certifications: Texts,
    invited: Int, status: Text, awarded_bid_id: Text, published_at: Moment, closed_at: Moment,
});
table!(BIDS, "bids", ["tenant", "bid_id"], Some("bid_id"), true, {
    tenant: Text, bid_id: Text, project_id: Text, provider_id: Text, price_cents: Int,
    delay_days: Int, quality: Float, status: Text, submitted_at: Moment,
});
table!(PEOPLE, "people", ["tenant", "person_id"], Some("person_id"), true, {
    tenant: Text, person_id: Text, name: Text, email: Text, phone: Text, headline: Text,
    skills: Texts, region: Text, day_rate_cents: Int, rating: Float, reviews: Int, created_at: Moment,
});
table!(SLOTS, "slots", ["tenant", "slot_id"], Some("slot_id"), true, {
    tenant: Text, slot_id: Text, person_id: Text, starts_at: Moment, ends_at: Moment,
    price_cents: Int, status: Text,
});
table!(BOOKINGS, "bookings", ["tenant", "booking_id"], Some("booking_id"), true, {
    tenant: Text, booking_id: Text, slot_id: Text, person_id: Text, client_id: Text,
    price_cents: Int, status: Text, booked_at: Moment, cancelled_at: Moment,
});
table!(INTROS, "intros", ["tenant", "intro_id"], Some("intro_id"), true, {
    tenant: Text, intro_id: Text, client_id: Text, person_id: Text, introducer_id: Text,
    price_cents: Int, status: Text, message: Text, requested_at: Moment, answered_at: Moment,
});
table!(PAYMENTS, "payments", ["tenant", "payment_id"], Some("payment_id"), true, {
    tenant: Text, payment_id: Text, kind: Text, reference_id: Text, payer_id: Text, payee_id: Text,
    amount_cents: Int, method: Text, status: Text, paid_at: Moment,
});
table!(QUERIES, "queries", ["tenant", "request_id"], Some("request_id"), true, {
    tenant: Text, request_id: Text, endpoint: Text, text: Text, region: Text,
    matched_concepts: Texts, results: Texts, scores: Floats, snapshot_id: Text, latency_us: Int,
    ip_hash: Text, user_agent: Text, asked_at: Moment, slot: Day,
});
table!(FEEDBACK, "feedback", ["tenant", "feedback_id"], Some("feedback_id"), true, {
    tenant: Text, feedback_id: Text, request_id: Text, company_id: Text, kind: Text, rank: Int,
    given_at: Moment,
});
table!(SUBMISSIONS, "submissions", ["tenant", "submission_id"], Some("submission_id"), true, {
    tenant: Text, submission_id: Text, name: Text, siren: Text, website: Text, description: Text,
    contact_email: Text, region: Text, submitted_at: Moment,
});
