//! E-mail and web addresses, kept whole: their path and their parts are no words.

use crate::scan::View;
use crate::technical::Found;
use crate::token::Kind;

/// Endings that make a host of words joined by points with nothing before them.
const TOP_DOMAINS: &[&str] = &["be", "bzh", "ch", "com", "eu", "fr", "io", "net", "org"];

/// Reads the address that begins at `at`.
pub(crate) fn address(view: &View<'_>, at: usize) -> Option<Found> {
    let end = view.run(at, is_local);
    if view.at(end) == Some('@') {
        let host_end = host_end(view, end + 1)?;
        let host = view.text(end + 1, host_end);
        let whole = view.text(at, host_end);
        let terms = vec![(host, Kind::Address), (whole, Kind::Address)];
        return Some(Found {
            terms,
            end: host_end,
        });
    }
    let scheme_end = match view.at(end) {
        Some(':') if view.text(end, end + 3) == "://" => Some(end + 3),
        _ => None,
    };
    if scheme_end.is_none() && view.run(at, |ch| ch != '.') >= end {
        return None;
    }
    let host_at = scheme_end.unwrap_or(at);
    let host_end = host_end(view, host_at)?;
    let host = view.text(host_at, host_end);
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    let is_known = bare
        .rsplit_once('.')
        .is_some_and(|(_, top)| TOP_DOMAINS.contains(&top));
    let is_address = scheme_end.is_some() || bare.len() < host.len() || is_known;
    if !is_address || !bare.contains('.') {
        return None;
    }
    let end = path_end(view, host_end);
    Found::one(bare.to_owned(), Kind::Address, end)
}

/// Index after the host at `at`: labels joined by points.
fn host_end(view: &View<'_>, at: usize) -> Option<usize> {
    let mut end = view.run(at, |ch| {
        ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-')
    });
    while end > at && !view.is(end - 1, |ch| ch.is_ascii_alphanumeric()) {
        end -= 1;
    }
    let has_point = view.run(at, |ch| ch != '.') < end;
    (has_point && view.is(at, |ch| ch.is_ascii_alphanumeric())).then_some(end)
}

fn path_end(view: &View<'_>, host_end: usize) -> usize {
    if !view.is(host_end, |ch| matches!(ch, '/' | ':' | '?' | '#')) {
        return host_end;
    }
    let is_path = |ch: char| !ch.is_whitespace() && !matches!(ch, '<' | '>' | '"' | '»' | '«');
    let mut end = view.run(host_end, is_path);
    while end > host_end && view.is(end - 1, |ch| !ch.is_alphanumeric() && ch != '/') {
        end -= 1;
    }
    end
}

fn is_local(ch: char) -> bool {
    ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '%' | '+' | '-')
}
