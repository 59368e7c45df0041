//! Ways to be reached past the marketplace, inside texts.

/// A way to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contact {
    /// An e-mail address.
    Email,
    /// A page.
    Page,
    /// A telephone number.
    Telephone,
}

/// Digits of a French telephone number, without its prefix.
const TELEPHONE: usize = 10;

/// Returns the sorts of contacts that a text holds, each once.
#[must_use]
pub fn contacts(text: &str) -> Vec<Contact> {
    let addresses = text::analyze(text).into_iter();
    let addresses = addresses.filter(|token| token.kind == text::Kind::Address);
    let mut found: Vec<Contact> = addresses
        .map(|token| match token.term.contains('@') {
            true => Contact::Email,
            false => Contact::Page,
        })
        .collect();
    // An e-mail address is read as its host too, which is no page.
    if found.contains(&Contact::Email) && !text.contains("://") && !text.contains("www.") {
        found.retain(|one| *one == Contact::Email);
    }
    if has_telephone(text) {
        found.push(Contact::Telephone);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Says whether a text holds ten digits from 01 to 09 on, or as many after +33, with single signs between them at most.
fn has_telephone(text: &str) -> bool {
    let plain: Vec<char> = text.replace("+33", "0").chars().collect();
    (0..plain.len()).any(|from| {
        let starts = plain[from] == '0'
            && (from == 0 || !plain[from - 1].is_alphanumeric())
            && plain[from + 1..].iter().find(|ch| ch.is_ascii_digit()) != Some(&'0');
        starts && telephone_at(&plain[from..])
    })
}

fn telephone_at(plain: &[char]) -> bool {
    let (mut digits, mut is_after_sign) = (0, false);
    for (place, ch) in plain.iter().enumerate() {
        match ch {
            '0'..='9' => (digits, is_after_sign) = (digits + 1, false),
            ' ' | '.' | '-' | '\u{a0}' | '\u{202f}' if !is_after_sign => is_after_sign = true,
            _ => return false,
        }
        if digits == TELEPHONE {
            return plain.get(place + 1).is_none_or(|next| !next.is_alphanumeric());
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_of_contact_is_found() {
        let cases: [(&str, &[Contact]); 10] = [
            ("écrivez à jean.dupont@exemple.fr", &[Contact::Email]),
            ("voir https://exemple.fr/offre", &[Contact::Page]),
            ("voir www.exemple.com", &[Contact::Page]),
            ("appelez le 06 12 34 56 78.", &[Contact::Telephone]),
            ("appelez le +33612345678", &[Contact::Telephone]),
            ("06.12.34.56.78 ou a@b.fr", &[Contact::Email, Contact::Telephone]),
            ("SIREN 732829320", &[]),
            ("lot de 0012345678901 pièces", &[]),
            ("norme EN 9100, 316L, 12,5 mm", &[]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(contacts(text), expected, "{text}");
        }
    }
}
