//! Pieces of HTML: what comes from data is escaped here.

use std::fmt::Write as _;

/// The style of every page, inline: a page needs no other file.
pub(crate) const STYLE: &str = include_str!("style.css");

/// Escapes a text for elements and quoted attributes.
pub(crate) fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.chars() {
        match ch {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML, and so SVG, knows no control characters.
            ch if ch.is_control() && !matches!(ch, '\n' | '\t') => out.push('\u{fffd}'),
            ch => out.push(ch),
        }
    }
    out
}

/// Escapes a sentence; what stands between backticks is code.
pub(crate) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd backtick is a backtick.
    if parts.len().is_multiple_of(2) {
        return esc(text);
    }
    let parts = parts.into_iter().enumerate();
    let told = parts.map(|(place, part)| match place % 2 {
        1 => format!("<code>{}</code>", esc(part)),
        _ => esc(part),
    });
    told.collect()
}

/// A whole page.
pub(crate) fn page(language: &str, title: &str, body: &str, script: &str) -> String {
    let script = match script.is_empty() {
        true => String::new(),
        false => format!("<script>{script}</script>"),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}{script}\n</body>\n</html>\n",
        esc(title)
    )
}

/// A whole number with its thousands apart.
pub(crate) fn count(of: u64) -> String {
    let digits = of.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join("\u{202f}")
}

/// A stretch of time as people say it.
pub(crate) fn time(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", ms as f64 / 1_000.0),
        60_000..3_600_000 => format!("{} min {:02} s", ms / 60_000, ms / 1_000 % 60),
        _ => format!("{} h {:02} min", ms / 3_600_000, ms / 60_000 % 60),
    }
}

/// Bytes as people say them.
pub(crate) fn bytes(of: u64) -> String {
    match of {
        0..0x10_0000 => format!("{} KiB", of >> 10),
        0x10_0000..0x4000_0000 => format!("{} MiB", of >> 20),
        _ => format!("{:.1} GiB", of as f64 / f64::from(1 << 30)),
    }
}

/// Letters from which a cell is wide.
const WIDE: usize = 60;

/// A table that scrolls by itself where it is too wide. Heads that begin with `#` are of numbers; cells are HTML already.
pub(crate) fn table(caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    framed(caption, "", heads, rows)
}

/// A table whose caption only screen readers tell, for its heading says the same.
pub(crate) fn quiet_table(caption: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    framed(caption, " class=\"quiet\"", heads, rows)
}

fn framed(caption: &str, class: &str, heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table><caption{class}>{0}</caption><thead><tr>",
        esc(caption)
    );
    for head in heads {
        let (class, name) = match head.strip_prefix('#') {
            Some(name) => (" class=\"number\"", name),
            None => ("", *head),
        };
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", esc(name));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (place, (cell, head)) in row.iter().zip(heads).enumerate() {
            let is_number = head.starts_with('#');
            let _ = match (place, is_number) {
                (0, _) => write!(out, "<th scope=\"row\">{cell}</th>"),
                (_, true) => write!(out, "<td class=\"number\">{cell}</td>"),
                // A sentence wants room to be read; the table scrolls.
                (_, false) if cell.len() > WIDE => write!(out, "<td class=\"wide\">{cell}</td>"),
                (_, false) => write!(out, "<td>{cell}</td>"),
            };
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// A word on its colour.
pub(crate) fn state(class: &str, word: &str) -> String {
    format!("<span class=\"state {class}\">{}</span>", esc(word))
}
