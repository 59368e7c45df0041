//! Industrial towns of France with postal code, INSEE code, department, region and position.

use crate::random::Dice;

/// A town. `postal_code` is one of its codes.
#[derive(Debug)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) postal_code: &'static str,
    pub(crate) insee: &'static str,
    pub(crate) region: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

impl City {
    /// Department code, from the INSEE code ("69", "2A", "974").
    pub(crate) fn department(&self) -> &'static str {
        let digits = if self.insee.starts_with("97") { 3 } else { 2 };
        &self.insee[..digits]
    }
}

/// A town; a region with more towns in the list comes more often.
pub(crate) fn draw_city(dice: &mut Dice) -> &'static City {
    dice.pick(CITIES)
}

/// A town of one region.
pub(crate) fn draw_city_in(region: &str, dice: &mut Dice) -> &'static City {
    let towns: Vec<&City> = CITIES.iter().filter(|city| city.region == region).collect();
    if towns.is_empty() {
        draw_city(dice)
    } else {
        towns[dice.below(towns.len() as u64) as usize]
    }
}

const ARA: &str = "Auvergne-Rhône-Alpes";
const BFC: &str = "Bourgogne-Franche-Comté";
const BRE: &str = "Bretagne";
const CVL: &str = "Centre-Val de Loire";
const COR: &str = "Corse";
const GES: &str = "Grand Est";
const HDF: &str = "Hauts-de-France";
const IDF: &str = "Île-de-France";
const NOR: &str = "Normandie";
const NAQ: &str = "Nouvelle-Aquitaine";
const OCC: &str = "Occitanie";
const PDL: &str = "Pays de la Loire";
const PAC: &str = "Provence-Alpes-Côte d'Azur";

const fn city(
    name: &'static str,
    codes: (&'static str, &'static str),
    region: &'static str,
    position: (f64, f64),
) -> City {
    let (postal_code, insee) = codes;
    let (latitude, longitude) = position;
    City {
        name,
        postal_code,
        insee,
        region,
        latitude,
        longitude,
    }
}

/// Towns; the density of a region in this list is its weight in the market.
pub(crate) const CITIES: &[City] = &[
    city("Villeurbanne", ("69100", "69266"), ARA, (45.7667, 4.8833)),
    city("Vénissieux", ("69200", "69259"), ARA, (45.6978, 4.8867)),
    city("Saint-Étienne", ("42000", "42218"), ARA, (45.4397, 4.3872)),
    city("Grenoble", ("38000", "38185"), ARA, (45.1885, 5.7245)),
    city("Annecy", ("74000", "74010"), ARA, (45.8992, 6.1294)),
    city("Cluses", ("74300", "74081"), ARA, (46.0604, 6.5797)),
    city("Oyonnax", ("01100", "01283"), ARA, (46.2561, 5.6556)),
    city(
        "Clermont-Ferrand",
        ("63000", "63113"),
        ARA,
        (45.7772, 3.087),
    ),
    city("Valence", ("26000", "26362"), ARA, (44.9334, 4.8924)),
    city("Roanne", ("42300", "42187"), ARA, (46.0367, 4.0689)),
    city("Montluçon", ("03100", "03185"), ARA, (46.3403, 2.6031)),
    city("Dijon", ("21000", "21231"), BFC, (47.322, 5.0415)),
    city("Besançon", ("25000", "25056"), BFC, (47.2378, 6.0241)),
    city("Belfort", ("90000", "90010"), BFC, (47.6379, 6.8628)),
    city("Le Creusot", ("71200", "71153"), BFC, (46.8069, 4.4161)),
    city("Dole", ("39100", "39198"), BFC, (47.0922, 5.4897)),
    city("Montbéliard", ("25200", "25388"), BFC, (47.5103, 6.7986)),
    city("Rennes", ("35000", "35238"), BRE, (48.1173, -1.6778)),
    city("Vitré", ("35500", "35360"), BRE, (48.1244, -1.2083)),
    city("Brest", ("29200", "29019"), BRE, (48.3904, -4.4861)),
    city("Lorient", ("56100", "56121"), BRE, (47.7483, -3.3702)),
    city("Saint-Brieuc", ("22000", "22278"), BRE, (48.5142, -2.7658)),
    city("Orléans", ("45000", "45234"), CVL, (47.9029, 1.9093)),
    city("Tours", ("37000", "37261"), CVL, (47.3941, 0.6848)),
    city("Bourges", ("18000", "18033"), CVL, (47.081, 2.3988)),
    city("Vendôme", ("41100", "41269"), CVL, (47.7928, 1.0656)),
    city("Châteauroux", ("36000", "36044"), CVL, (46.8103, 1.6911)),
    city("Ajaccio", ("20000", "2A004"), COR, (41.9192, 8.7386)),
    city("Bastia", ("20200", "2B033"), COR, (42.6973, 9.4509)),
    city("Strasbourg", ("67000", "67482"), GES, (48.5734, 7.7521)),
    city("Mulhouse", ("68100", "68224"), GES, (47.7508, 7.3359)),
    city("Metz", ("57000", "57463"), GES, (49.1193, 6.1757)),
    city("Nancy", ("54000", "54395"), GES, (48.6921, 6.1844)),
    city(
        "Charleville-Mézières",
        ("08000", "08105"),
        GES,
        (49.7735, 4.7206),
    ),
    city("Saint-Dizier", ("52100", "52448"), GES, (48.6379, 4.9492)),
    city("Reims", ("51100", "51454"), GES, (49.2583, 4.0317)),
    city("Lille", ("59000", "59350"), HDF, (50.6292, 3.0573)),
    city("Valenciennes", ("59300", "59606"), HDF, (50.357, 3.5235)),
    city("Dunkerque", ("59140", "59183"), HDF, (51.0344, 2.3768)),
    city("Maubeuge", ("59600", "59392"), HDF, (50.2786, 3.9727)),
    city("Amiens", ("80000", "80021"), HDF, (49.8941, 2.2958)),
    city("Albert", ("80300", "80016"), HDF, (50.0011, 2.6514)),
    city("Saint-Quentin", ("02100", "02691"), HDF, (49.8489, 3.2876)),
    city("Beauvais", ("60000", "60057"), HDF, (49.4295, 2.0807)),
    city("Argenteuil", ("95100", "95018"), IDF, (48.9472, 2.2467)),
    city(
        "Évry-Courcouronnes",
        ("91000", "91228"),
        IDF,
        (48.6239, 2.4294),
    ),
    city("Saint-Denis", ("93200", "93066"), IDF, (48.9362, 2.3574)),
    city("Meaux", ("77100", "77284"), IDF, (48.9601, 2.8788)),
    city(
        "Mantes-la-Jolie",
        ("78200", "78361"),
        IDF,
        (48.9909, 1.7172),
    ),
    city("Le Havre", ("76600", "76351"), NOR, (49.4944, 0.1079)),
    city("Rouen", ("76000", "76540"), NOR, (49.4432, 1.0993)),
    city("Caen", ("14000", "14118"), NOR, (49.1829, -0.3707)),
    city("Évreux", ("27000", "27229"), NOR, (49.0241, 1.1508)),
    city(
        "Cherbourg-en-Cotentin",
        ("50100", "50129"),
        NOR,
        (49.6337, -1.6221),
    ),
    city("Bordeaux", ("33000", "33063"), NAQ, (44.8378, -0.5792)),
    city("Pau", ("64000", "64445"), NAQ, (43.2951, -0.3708)),
    city("La Rochelle", ("17000", "17300"), NAQ, (46.1603, -1.1511)),
    city("Châtellerault", ("86100", "86066"), NAQ, (46.8178, 0.5461)),
    city("Limoges", ("87000", "87085"), NAQ, (45.8336, 1.2611)),
    city("Angoulême", ("16000", "16015"), NAQ, (45.6484, 0.1562)),
    city("Toulouse", ("31000", "31555"), OCC, (43.6047, 1.4442)),
    city("Colomiers", ("31770", "31149"), OCC, (43.6116, 1.3347)),
    city("Tarbes", ("65000", "65440"), OCC, (43.2328, 0.0781)),
    city("Figeac", ("46100", "46102"), OCC, (44.6083, 2.0317)),
    city("Albi", ("81000", "81004"), OCC, (43.9298, 2.148)),
    city("Nîmes", ("30000", "30189"), OCC, (43.8367, 4.3601)),
    city("Nantes", ("44000", "44109"), PDL, (47.2184, -1.5536)),
    city("Saint-Nazaire", ("44600", "44184"), PDL, (47.2735, -2.2137)),
    city("Les Herbiers", ("85500", "85109"), PDL, (46.8706, -1.0136)),
    city("Cholet", ("49300", "49099"), PDL, (47.0594, -0.8797)),
    city("Laval", ("53000", "53130"), PDL, (48.0706, -0.7734)),
    city("Le Mans", ("72000", "72181"), PDL, (48.0061, 0.1996)),
    city("Marignane", ("13700", "13054"), PAC, (43.4168, 5.2147)),
    city("Fos-sur-Mer", ("13270", "13039"), PAC, (43.4401, 4.9449)),
    city("Toulon", ("83000", "83137"), PAC, (43.1242, 5.928)),
    city("Carros", ("06510", "06033"), PAC, (43.7922, 7.1878)),
    city(
        "Baie-Mahault",
        ("97122", "97103"),
        "Guadeloupe",
        (16.2672, -61.5853),
    ),
    city(
        "Le Lamentin",
        ("97232", "97213"),
        "Martinique",
        (14.6135, -60.9989),
    ),
    city("Kourou", ("97310", "97304"), "Guyane", (5.1598, -52.6503)),
    city(
        "Le Port",
        ("97420", "97407"),
        "La Réunion",
        (-20.9373, 55.2919),
    ),
    city(
        "Mamoudzou",
        ("97600", "97611"),
        "Mayotte",
        (-12.7806, 45.2278),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_french_region_has_a_town() {
        let regions: BTreeSet<&str> = CITIES.iter().map(|city| city.region).collect();
        assert_eq!(regions.len(), 18);
    }

    #[test]
    fn postal_codes_belong_to_their_department() {
        for city in CITIES {
            assert_eq!(city.postal_code.len(), 5, "{}", city.name);
            let expected = match city.department() {
                "2A" | "2B" => "20",
                other => other,
            };
            assert!(city.postal_code.starts_with(expected), "{}", city.name);
            assert!((-21.5..52.0).contains(&city.latitude), "{}", city.name);
        }
    }
}
