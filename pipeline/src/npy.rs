//! Matrices in numpy's own format, written row by row.
//!
//! Format: numpy.lib.format, version 1.0 (NEP 1): a magic string, the length of a header, the header as a Python literal,
//! padded so that the data begins at a multiple of 64, then the data.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// Bytes before the data. The number of rows is known last, and any 64-bit one fits.
const DATA_AT: usize = 128;
const MAGIC: &[u8] = b"\x93NUMPY\x01\x00";

/// A (rows × columns) matrix of 32-bit floats in C order, being written.
pub(crate) struct NpyWriter {
    out: BufWriter<File>,
    columns: usize,
    rows: usize,
}

impl NpyWriter {
    /// Creates the file.
    pub(crate) fn create(path: &Path, columns: usize) -> io::Result<Self> {
        let mut out = BufWriter::new(File::create(path)?);
        out.write_all(&header(0, columns))?;
        Ok(Self {
            out,
            columns,
            rows: 0,
        })
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, row: &[f32]) -> io::Result<()> {
        if row.len() != self.columns {
            let said = format!("a row of {} in a matrix of {}", row.len(), self.columns);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, said));
        }
        self.rows += 1;
        row.iter()
            .try_for_each(|value| self.out.write_all(&value.to_le_bytes()))
    }

    /// Writes the header anew, now that the rows are counted; returns their number.
    pub(crate) fn finish(mut self) -> io::Result<usize> {
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header(self.rows, self.columns))?;
        self.out.into_inner()?.sync_all()?;
        Ok(self.rows)
    }
}

fn header(rows: usize, columns: usize) -> Vec<u8> {
    let said =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let room = DATA_AT - MAGIC.len() - 2;
    let mut bytes = MAGIC.to_vec();
    bytes.extend((room as u16).to_le_bytes());
    bytes.extend(format!("{said:<width$}\n", width = room - 1).into_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_a_padded_header_and_little_endian_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.npy");
        let mut writer = NpyWriter::create(&path, 2).unwrap();
        writer.push(&[1.0, -2.5]).unwrap();
        writer.push(&[0.0, 3.0]).unwrap();
        assert!(writer.push(&[1.0]).is_err());
        // The refused row is not in the matrix.
        assert_eq!(writer.finish().unwrap(), 2);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
        let said = std::str::from_utf8(&bytes[10..DATA_AT]).unwrap();
        let shape = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
        assert_eq!(said.trim_end(), shape);
        assert!(said.ends_with('\n'));
        let values: Vec<f32> = bytes[DATA_AT..]
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        assert_eq!(values, [1.0, -2.5, 0.0, 3.0]);
    }

    #[test]
    fn the_header_has_room_for_any_shape() {
        assert_eq!(header(usize::MAX, usize::MAX).len(), DATA_AT);
    }
}
