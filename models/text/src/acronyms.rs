//! Acronyms of the trades, kept whole: a stem or a near miss of `CNC` is another machine.

/// Known acronyms, folded and sorted. None is a French word of its own, so that case never decides.
const ACRONYMS: &[&str] = &[
    "abs", "agv", "amdec", "atex", "bga", "bim", "bpf", "brc", "btp", "cad", "cam", "cao", "cctp",
    "cem", "cfao", "cmm", "cms", "cmu", "cn", "cnc", "cnd", "cnp", "cpvc", "cvc", "cvd", "dao",
    "dfm", "dlc", "dmls", "ebm", "edi", "edm", "epdm", "epi", "eps", "erp", "eva", "fao", "fdm",
    "fds", "fkm", "gmao", "gpao", "gps", "haccp", "hpdc", "hse", "iao", "ifs", "igbt", "iml",
    "iot", "ipx", "irm", "laser", "lcd", "led", "lgv", "mag", "mdf", "mig", "mim", "mma", "mmt",
    "nbr", "ndt", "nep", "oem", "oled", "osb", "pao", "pbt", "pcb", "pcba", "pdm", "peek", "pehd",
    "pet", "petg", "plc", "plm", "pmma", "pps", "ptfe", "pvc", "pvd", "pvdf", "qhse", "qse",
    "rfid", "rohs", "rtm", "sls", "smd", "smed", "smt", "sps", "tht", "tig", "tms", "tpe", "tpm",
    "tpu", "tth", "tts", "ugv", "uhf", "usb", "uv", "vhf", "vmc", "wig", "wms", "xps",
];

/// The acronym that `folded` is, alone or with the `s` that some writers add (`LEDs`).
pub(crate) fn acronym(folded: &str) -> Option<&'static str> {
    if !(2..=6).contains(&folded.len()) {
        return None;
    }
    let known = |word: &str| ACRONYMS.binary_search(&word).ok().map(|at| ACRONYMS[at]);
    known(folded).or_else(|| known(folded.strip_suffix('s')?))
}

#[cfg(test)]
mod tests {
    use super::ACRONYMS;

    #[test]
    fn the_acronyms_are_sorted_and_distinct() {
        assert!(ACRONYMS.windows(2).all(|two| two[0] < two[1]));
    }
}
