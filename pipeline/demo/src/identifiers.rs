//! French company numbers with the right Luhn digit (SIREN: 9 digits, SIRET: SIREN and 5 more).

/// A step prime to the range, so that distinct indexes give distinct numbers.
const STEP: u64 = 48_271_397;
const RANGE: u64 = 90_000_000;

/// The SIREN of an entity; distinct for each (kind, index) up to 30 million per kind.
pub(crate) fn siren(seed: u64, kind: SirenKind, index: u64) -> String {
    let number = (index * 3 + kind as u64 + seed % RANGE) % RANGE;
    with_luhn(&format!("{:08}", 10_000_000 + number * STEP % RANGE))
}

/// Whose SIREN it is: the kinds never share one.
#[derive(Clone, Copy)]
pub(crate) enum SirenKind {
    Company = 0,
    Client = 1,
    Submission = 2,
}

/// The SIRET of the `establishment`-th establishment of a company.
pub(crate) fn siret(siren: &str, establishment: u64) -> String {
    with_luhn(&format!("{siren}{:04}", establishment % 10_000))
}

/// The same number with a wrong last digit.
pub(crate) fn with_wrong_digit(number: &str) -> String {
    let mut digits: Vec<u8> = number.bytes().collect();
    if let Some(last) = digits.last_mut() {
        *last = b'0' + (*last - b'0' + 1) % 10;
    }
    digits.into_iter().map(char::from).collect()
}

/// Whether the Luhn sum of a digit string is a multiple of ten.
#[cfg(test)]
pub(crate) fn is_luhn(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit()) && luhn_sum(number, false).is_multiple_of(10)
}

fn with_luhn(digits: &str) -> String {
    let check = (10 - luhn_sum(digits, true) % 10) % 10;
    format!("{digits}{check}")
}

/// Luhn sum (ISO/IEC 7812-1, annex B) from the right; the rightmost digit is doubled when the check
/// digit is yet to come.
fn luhn_sum(digits: &str, is_check_missing: bool) -> u32 {
    digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2 == 1) != is_check_missing {
                true if digit > 4 => digit * 2 - 9,
                true => digit * 2,
                false => digit,
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_siren_and_siret_pass() {
        assert!(is_luhn("732829320"));
        assert!(is_luhn("73282932000074"));
        assert!(!is_luhn("732829321"));
    }

    #[test]
    fn generated_numbers_pass_and_never_repeat() {
        let mut seen = std::collections::HashSet::new();
        for kind in [SirenKind::Company, SirenKind::Client, SirenKind::Submission] {
            for index in 0..5000 {
                let siren = siren(7, kind, index);
                let siret = siret(&siren, 1);
                assert!(siren.len() == 9 && is_luhn(&siren), "{siren}");
                assert!(siret.len() == 14 && is_luhn(&siret), "{siret}");
                assert!(!is_luhn(&with_wrong_digit(&siren)));
                assert!(seen.insert(siren));
            }
        }
    }
}
