//! French regions and departments (INSEE, code officiel géographique).

/// The eighteen regions, by INSEE name.
pub const REGIONS: [&str; 18] = [
    "Auvergne-Rhône-Alpes",
    "Bourgogne-Franche-Comté",
    "Bretagne",
    "Centre-Val de Loire",
    "Corse",
    "Grand Est",
    "Guadeloupe",
    "Guyane",
    "Hauts-de-France",
    "Île-de-France",
    "La Réunion",
    "Martinique",
    "Mayotte",
    "Normandie",
    "Nouvelle-Aquitaine",
    "Occitanie",
    "Pays de la Loire",
    "Provence-Alpes-Côte d'Azur",
];

/// Returns the region of a department code such as `69`, `1`, `01`, `2A` or `971`.
#[must_use]
pub fn region_of(department: &str) -> Option<&'static str> {
    let code = department.trim().to_ascii_uppercase();
    let code = if code.len() == 1 {
        format!("0{code}")
    } else {
        code
    };
    Some(match code.as_str() {
        "01" | "03" | "07" | "15" | "26" | "38" | "42" | "43" | "63" | "69" | "73" | "74" => {
            REGIONS[0]
        }
        "21" | "25" | "39" | "58" | "70" | "71" | "89" | "90" => REGIONS[1],
        "22" | "29" | "35" | "56" => REGIONS[2],
        "18" | "28" | "36" | "37" | "41" | "45" => REGIONS[3],
        "2A" | "2B" | "20" => REGIONS[4],
        "08" | "10" | "51" | "52" | "54" | "55" | "57" | "67" | "68" | "88" => REGIONS[5],
        "971" => REGIONS[6],
        "973" => REGIONS[7],
        "02" | "59" | "60" | "62" | "80" => REGIONS[8],
        "75" | "77" | "78" | "91" | "92" | "93" | "94" | "95" => REGIONS[9],
        "974" => REGIONS[10],
        "972" => REGIONS[11],
        "976" => REGIONS[12],
        "14" | "27" | "50" | "61" | "76" => REGIONS[13],
        "16" | "17" | "19" | "23" | "24" | "33" | "40" | "47" | "64" | "79" | "86" | "87" => {
            REGIONS[14]
        }
        "09" | "11" | "12" | "30" | "31" | "32" | "34" | "46" | "48" | "65" | "66" | "81"
        | "82" => REGIONS[15],
        "44" | "49" | "53" | "72" | "85" => REGIONS[16],
        "04" | "05" | "06" | "13" | "83" | "84" => REGIONS[17],
        _ => return None,
    })
}

/// Returns the department code of a five-digit postal code (`69003` → `69`, `20137` → `2A`, `97110` → `971`).
#[must_use]
pub fn department_of(postal_code: &str) -> Option<String> {
    let code = postal_code.trim();
    if code.len() != 5 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(match &code[..2] {
        "20" if code < "20200" => "2A".to_owned(),
        "20" => "2B".to_owned(),
        "97" | "98" => code[..3].to_owned(),
        two => two.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metropolitan_department_has_a_region() {
        let numbered = (1..=95).filter(|n| *n != 20).map(|n| format!("{n:02}"));
        for code in
            numbered.chain(["2A", "2B", "971", "972", "973", "974", "976"].map(String::from))
        {
            assert!(region_of(&code).is_some(), "{code}");
        }
        assert_eq!(region_of("1"), Some("Auvergne-Rhône-Alpes"));
        assert_eq!(region_of("99"), None);
    }

    #[test]
    fn a_postal_code_names_its_department() {
        let of = |code| department_of(code);
        assert_eq!(of("69003").as_deref(), Some("69"));
        assert_eq!(of("20000").as_deref(), Some("2A"));
        assert_eq!(of("20200").as_deref(), Some("2B"));
        assert_eq!(of("97420").as_deref(), Some("974"));
        assert_eq!(of("6900"), None);
        assert_eq!(of("é6900"), None);
    }
}
