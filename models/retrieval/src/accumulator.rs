//! Sums by document, a window of documents at a time: they stay in the nearest cache, however many documents there are.

/// Documents of a window.
const WINDOW: usize = 8192;

/// The values of the documents of one window, 0 for those not touched.
#[derive(Debug)]
pub(crate) struct Window {
    start: u32,
    values: Vec<f32>,
    /// Places touched, in the order of their first touch, and how many they are.
    touched: Vec<u16>,
    count: usize,
}

impl Window {
    /// Goes through the windows of `documents` documents: for each, `fill` touches documents below the number that it is given,
    /// from where it stopped on, then `visit` gets those touched, with their values.
    pub(crate) fn each(
        documents: usize,
        mut fill: impl FnMut(&mut Self, u32),
        mut visit: impl FnMut(u32, f32),
    ) {
        let mut window = Self {
            start: 0,
            values: vec![0.0; WINDOW],
            touched: vec![0; WINDOW + 1],
            count: 0,
        };
        for start in (0..documents).step_by(WINDOW) {
            window.start = start as u32;
            fill(&mut window, (start + WINDOW).min(documents) as u32);
            for at in &window.touched[..window.count] {
                let value = std::mem::take(&mut window.values[usize::from(*at)]);
                visit(window.start + u32::from(*at), value);
            }
            window.count = 0;
        }
    }

    /// Adds `value`, which is above 0.
    #[inline(always)]
    pub(crate) fn add(&mut self, document: u32, value: f32) {
        *self.touch(document) += value;
    }

    /// Keeps the greater of the value so far and `value`, which is above 0.
    #[inline(always)]
    pub(crate) fn raise(&mut self, document: u32, value: f32) {
        let most = self.touch(document);
        *most = most.max(value);
    }

    /// Without a branch, for whether a document was touched before cannot be foreseen.
    #[inline(always)]
    fn touch(&mut self, document: u32) -> &mut f32 {
        let at = (document - self.start) as usize;
        let value = &mut self.values[at];
        self.touched[self.count] = at as u16;
        self.count += usize::from(*value == 0.0);
        value
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Goes through `documents` documents with `lists` of ascending ones, each list with its value.
    fn windowed(documents: usize, lists: &[(Vec<u32>, f32)], is_sum: bool) -> Vec<(u32, f32)> {
        let mut rest: Vec<(&[u32], f32)> = lists.iter().map(|list| (&list.0[..], list.1)).collect();
        let fill = |window: &mut Window, end: u32| {
            for (list, value) in &mut rest {
                let (now, later) = list.split_at(list.partition_point(|next| *next < end));
                for document in now {
                    if is_sum {
                        window.add(*document, *value);
                    } else {
                        window.raise(*document, *value);
                    }
                }
                *list = later;
            }
        };
        let mut found = Vec::new();
        Window::each(documents, fill, |document, value| {
            found.push((document, value))
        });
        found.sort_unstable_by_key(|(document, _)| *document);
        found
    }

    proptest! {
        #[test]
        fn windows_give_what_one_table_of_all_documents_gives(
            documents in 1_usize..5 * WINDOW / 2,
            drawn in proptest::collection::vec((proptest::collection::vec(any::<u32>(), 0..200), 1_u8..255), 0..6),
        ) {
            let lists: Vec<(Vec<u32>, f32)> = drawn.into_iter().map(|(list, value)| {
                let mut list: Vec<u32> = list.into_iter().map(|at| at % documents as u32).collect();
                list.sort_unstable();
                list.dedup();
                (list, f32::from(value) / 255.0)
            }).collect();
            let (mut sums, mut most) = (vec![0.0_f32; documents], vec![0.0_f32; documents]);
            for (list, value) in &lists {
                for document in list {
                    sums[*document as usize] += value;
                    most[*document as usize] = most[*document as usize].max(*value);
                }
            }
            let touched = |table: Vec<f32>| (0_u32..).zip(table).filter(|(_, value)| *value > 0.0).collect::<Vec<_>>();
            prop_assert_eq!(windowed(documents, &lists, true), touched(sums));
            prop_assert_eq!(windowed(documents, &lists, false), touched(most));
        }
    }
}
