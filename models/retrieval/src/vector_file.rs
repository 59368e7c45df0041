//! `vectors.bin`: rows and lists of the vectors, mapped. The number of a tenant is that of the lists that a query reads (0: there
//! are none); its sections are: documents u32 · rows f32 × dimension · codes of the centres i8 · their scales f32 · list ends u64,
//! in blocks · row of each slot u32 · factors f32 · bits.

use std::path::Path;

use crate::build::Prepared;
use crate::error::RetrievalError;
use crate::ivf::{Ivf, IvfParts, IvfSections};
use crate::map::bytes_of;
use crate::reach::Reach;
use crate::section_file::{Content, Opened, Part, SectionFile};
use crate::vectors::VectorBlock;

const SECTIONS: usize = 8;

/// The file.
pub(crate) const FILE: SectionFile<SECTIONS> = SectionFile {
    name: "vectors.bin",
    magic: b"MLVECTOR",
    is_read_in_places: false,
};

/// Writes the vectors of `prepared` into `dir`.
pub(crate) fn write(dir: &Path, prepared: &Prepared, reach: &Reach) -> Result<(), RetrievalError> {
    let own = own(prepared, reach);
    FILE.write(dir, prepared.dimension().unwrap_or(0), parts(&own))
}

/// The vectors of `prepared` in memory, by tenant.
pub(crate) fn in_memory(
    prepared: &Prepared,
    reach: &Reach,
) -> Result<Vec<(String, VectorBlock)>, RetrievalError> {
    let own = own(prepared, reach);
    blocks(FILE.in_memory(prepared.dimension().unwrap_or(0), parts(&own))?)
}

/// Maps the vectors in `dir`, by tenant.
pub(crate) fn open(dir: &Path) -> Result<Vec<(String, VectorBlock)>, RetrievalError> {
    blocks(FILE.open(dir)?)
}

/// Checks that the file in `dir` has the vectors of `prepared`.
pub(crate) fn verify(dir: &Path, prepared: &Prepared) -> Result<(), RetrievalError> {
    let blocks = open(dir)?;
    let mapped = blocks.iter().flat_map(|(_, block)| block.rows());
    if mapped.eq(prepared.rows().map(|(_, row)| row.as_slice())) {
        return Ok(());
    }
    Err(FILE.corrupt("does not have the vectors of the table beside it"))
}

/// One tenant's vectors before they are written.
struct Own<'a> {
    tenant: &'a str,
    documents: Vec<u32>,
    rows: Vec<&'a [f32]>,
    lists: IvfParts,
}

fn own<'a>(prepared: &'a Prepared, reach: &Reach) -> Vec<Own<'a>> {
    let dimension = prepared.dimension().unwrap_or(0);
    let rows = prepared
        .vectors
        .as_ref()
        .map_or(&[][..], |vectors| &vectors.rows);
    let mut start = 0;
    let groups = prepared.documents.chunk_by(|a, b| a.tenant == b.tenant);
    let own = groups.map(|group| {
        let own = rows.get(start..start + group.len()).unwrap_or_default();
        start += group.len();
        let with_row = (0_u32..)
            .zip(own)
            .filter_map(|(at, row)| Some((at, row.as_deref()?)));
        let (documents, rows): (Vec<u32>, Vec<&[f32]>) = with_row.unzip();
        let is_large = rows.len() > reach.listed;
        let lists = if is_large {
            Ivf::train(&rows, dimension)
        } else {
            IvfParts::default()
        };
        Own {
            tenant: &group[0].tenant,
            documents,
            rows,
            lists,
        }
    });
    own.collect()
}

fn parts<'a>(own: &'a [Own<'a>]) -> Vec<Part<'a, SECTIONS>> {
    let parts = own.iter().map(|own| {
        let values = own.rows.iter().map(|row| row.len()).sum::<usize>();
        let lists = &own.lists;
        Part {
            tenant: own.tenant,
            number: lists.probes,
            sections: [
                Content::whole(bytes_of(&own.documents)),
                Content::new(4 * values, own.rows.iter().map(|row| bytes_of(row))),
                Content::whole(&lists.centres),
                Content::whole(bytes_of(&lists.scales)),
                Content::whole(bytes_of(&lists.ends)),
                Content::whole(bytes_of(&lists.rows)),
                Content::whole(bytes_of(&lists.factors)),
                Content::whole(&lists.bits),
            ],
        }
    });
    parts.collect()
}

fn blocks(opened: Opened<SECTIONS>) -> Result<Vec<(String, VectorBlock)>, RetrievalError> {
    let dimension = opened.dimension;
    let block = |(tenant, probes, sections): (String, u64, [_; SECTIONS])| {
        let [documents, rows, centres, scales, ends, slots, factors, bits] = sections;
        let lists = IvfSections {
            probes,
            centres,
            scales,
            ends,
            rows: slots,
            factors,
            bits,
        };
        let lists = match probes {
            0 => None,
            _ => Some(
                Ivf::open(lists, dimension, documents.numbers().len())
                    .ok_or_else(|| FILE.corrupt("lists do not fit the vectors"))?,
            ),
        };
        let block = VectorBlock::new(dimension, documents, rows, lists)
            .ok_or_else(|| FILE.corrupt("rows do not fit their documents"))?;
        Ok((tenant, block))
    };
    opened.tenants.into_iter().map(block).collect()
}
