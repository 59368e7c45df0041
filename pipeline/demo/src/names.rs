//! French names of people and companies, and the addresses made from them.

use crate::random::Dice;

const FIRST: &[&str] = &[
    "Camille",
    "Julien",
    "Sophie",
    "Nicolas",
    "Émilie",
    "Thomas",
    "Claire",
    "Mathieu",
    "Hélène",
    "Antoine",
    "Nathalie",
    "Sébastien",
    "Aurélie",
    "Yannick",
    "Karim",
    "Fatima",
    "Lucas",
    "Inès",
    "Rémi",
    "Chloé",
    "Olivier",
    "Maëlys",
    "Loïc",
    "Sandrine",
    "Mehdi",
    "Élodie",
    "Gaël",
    "Zoé",
    "Bruno",
    "Anaïs",
    "Cédric",
    "Noémie",
    "Laurent",
    "Awa",
    "Benoît",
    "Manon",
    "Hugo",
    "Valérie",
];

const LAST: &[&str] = &[
    "Martin",
    "Bernard",
    "Lefèvre",
    "Moreau",
    "Girard",
    "Perrin",
    "Chevalier",
    "Fontaine",
    "Roussel",
    "Marchand",
    "Barbier",
    "Renaud",
    "Gauthier",
    "Le Goff",
    "Kervella",
    "Dupuis",
    "Lemoine",
    "Benali",
    "Traoré",
    "Da Silva",
    "Schmitt",
    "Meyer",
    "Carpentier",
    "Delattre",
    "Vasseur",
    "Bouvier",
    "Faure",
    "Charpentier",
    "Mercier",
    "Besson",
    "Guillot",
    "Pelletier",
    "Ferrand",
    "Jacquet",
    "Monnier",
    "Prévost",
    "Tessier",
    "Vidal",
    "Maillard",
    "Arnaud",
    "Baudry",
    "Collet",
    "Devaux",
    "Rivière",
];

const SHAPES: &[&str] = &[
    "{trade} {last}",
    "Ateliers {last}",
    "{last} & Fils",
    "Établissements {last}",
    "{city} {trade}",
    "Société nouvelle {last}",
    "{last} Industrie",
    "Groupe {last}",
    "{trade} de {city}",
    "{last} Mécanique",
    "Manufacture {last}",
    "{last} Technologies",
    "SAS {last} Précision",
    "Usine {last}",
    "{last} Frères",
];

/// A full name.
pub(crate) fn person(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(FIRST), dice.pick(LAST))
}

/// A company's name, from the label of its trade and its town.
pub(crate) fn company(trade: &str, city: &str, dice: &mut Dice) -> String {
    let short = trade.split_whitespace().next().unwrap_or(trade);
    let last = *dice.pick(LAST);
    dice.pick(SHAPES)
        .replace("{trade}", short)
        .replace("{city}", city)
        .replace("{last}", last)
}

/// Lower case ASCII words joined by hyphens.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            'à' | 'â' | 'ä' => slug.push('a'),
            'é' | 'è' | 'ê' | 'ë' => slug.push('e'),
            'î' | 'ï' => slug.push('i'),
            'ô' | 'ö' => slug.push('o'),
            'ù' | 'û' | 'ü' => slug.push('u'),
            'ç' => slug.push('c'),
            'ÿ' => slug.push('y'),
            'œ' => slug.push_str("oe"),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// An address in a domain reserved for examples (RFC 2606).
pub(crate) fn email(name: &str, index: u64) -> String {
    format!("{}.{index}@example.org", slug(name).replace('-', "."))
}

/// A number in a range that Arcep keeps for fiction (06 39 98 xx xx).
pub(crate) fn phone(dice: &mut Dice) -> String {
    format!("+33 6 39 98 {:02} {:02}", dice.below(100), dice.below(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain_ascii() {
        assert_eq!(
            slug("Établissements Prévost & Fils"),
            "etablissements-prevost-fils"
        );
        assert_eq!(email("Maëlys Le Goff", 3), "maelys.le.goff.3@example.org");
    }
}
