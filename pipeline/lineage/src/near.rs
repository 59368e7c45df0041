//! Names that somebody may have meant.

/// Returns the names nearest to what was typed, the nearest first, at most `limit`: those that hold it or begin alike, then those a few letters away.
pub fn nearest<'a>(
    typed: &str,
    names: impl IntoIterator<Item = &'a str>,
    limit: usize,
) -> Vec<&'a str> {
    let far = typed.chars().count() / 3 + 1;
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let letters = distance(typed, name);
            let is_part = name.contains(typed) || (!name.is_empty() && typed.contains(name));
            match (is_part, letters <= far) {
                (true, _) => Some((letters.min(far), name)),
                (false, true) => Some((letters + 1, name)),
                (false, false) => None,
            }
        })
        .collect();
    near.sort();
    near.into_iter().take(limit).map(|(_, name)| name).collect()
}

/// Levenshtein's distance: letters added, left out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let change = corner + usize::from(left != *right);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}
