//! Runs told as OpenLineage events.
