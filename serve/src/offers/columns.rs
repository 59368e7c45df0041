//! One tenant's offers by number, column by column.

use std::collections::HashMap;

use super::{
    area::Point,
    conditions::SkillsAsked,
    facts::{Facts, skill_key},
};
use crate::documents::Competence;

/// A skill that an offer wants.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    label: u32,
    code: Option<u32>,
    is_required: bool,
}

/// What conditions look at, for every offer of a tenant.
#[derive(Debug, Default)]
pub(super) struct Columns {
    points: Vec<Option<Point>>,
    salaries: Vec<Option<(i64, i64)>>,
    skills: Vec<Box<[Wanted]>>,
}

/// The offers of a tenant that pass.
#[derive(Debug, Default)]
pub(super) struct Passing {
    /// Their numbers, ascending.
    pub(super) numbers: Vec<u32>,
    /// How many pass each condition.
    pub(super) counts: PassingCounts,
}

/// How many offers pass each condition by itself; all do where it is not asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PassingCounts {
    /// Near enough.
    pub(crate) near: usize,
    /// Paid enough, and not too much.
    pub(crate) paid: usize,
    /// Wanting skills that the candidate has.
    pub(crate) suited: usize,
}

/// Numbers of the skills that offers want; labels and codes have spaces of their own.
#[derive(Debug, Default)]
pub(super) struct SkillNumbers {
    labels: HashMap<String, u32>,
    codes: HashMap<String, u32>,
}

/// The skills of a candidate, as numbers.
#[derive(Debug)]
pub(super) struct Had {
    labels: Vec<u32>,
    codes: Vec<u32>,
    must_cover: bool,
}

impl SkillNumbers {
    /// Looks the skills of a candidate up; those that no offer wants are left out. None where no skill was given.
    pub(super) fn look_up(&self, asked: &SkillsAsked) -> Option<Had> {
        let given = &asked.skills;
        let labels = given.iter().filter_map(|s| self.labels.get(&skill_key(s)));
        let codes = given.iter().filter_map(|s| self.codes.get(s));
        (!given.is_empty()).then(|| Had {
            labels: labels.copied().collect(),
            codes: codes.copied().collect(),
            must_cover: asked.must_cover,
        })
    }

    fn number(&mut self, skill: &Competence) -> Wanted {
        let next = |numbers: &mut HashMap<String, u32>, key: String| {
            let count = numbers.len() as u32;
            *numbers.entry(key).or_insert(count)
        };
        let code = skill.code.clone();
        Wanted {
            label: next(&mut self.labels, skill_key(&skill.libelle)),
            code: code.map(|code| next(&mut self.codes, code)),
            is_required: skill.is_required(),
        }
    }
}

impl Had {
    fn has(&self, wanted: &Wanted) -> bool {
        let has_code = |code| self.codes.contains(&code);
        self.labels.contains(&wanted.label) || wanted.code.is_some_and(has_code)
    }

    /// Says whether an offer that wants these skills suits: all that it requires are there, or one that it wants.
    fn suits(&self, skills: &[Wanted]) -> bool {
        if self.must_cover {
            let mut required = skills.iter().filter(|skill| skill.is_required);
            return required.all(|skill| self.has(skill));
        }
        skills.iter().any(|skill| self.has(skill))
    }
}

impl Columns {
    /// Appends the next offer and returns its number.
    pub(super) fn push(&mut self, facts: &Facts, skills: &mut SkillNumbers) -> u32 {
        let number = self.points.len() as u32;
        self.points.push(facts.point);
        self.salaries.push(facts.salary);
        let wanted = facts.competences.iter().map(|skill| skills.number(skill));
        self.skills.push(wanted.collect());
        number
    }

    /// Gives a place to an offer that has none.
    pub(super) fn place(&mut self, number: u32, point: Option<Point>) {
        if let Some(place) = self.points.get_mut(number as usize) {
            *place = place.or(point);
        }
    }

    /// Returns the offers that pass: within `around`, paid as `admits`, wanting what the candidate has.
    pub(super) fn passing(
        &self,
        around: Option<(Point, f64)>,
        admits: impl Fn(Option<(i64, i64)>) -> bool,
        had: Option<&Had>,
    ) -> Passing {
        let is_near = |place: Option<Point>| match (around, place) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((center, km)), Some(place)) => {
                !center.is_surely_beyond(place, km) && center.km_to(place) <= km
            }
        };
        let mut passing = Passing::default();
        for at in 0..self.points.len() {
            let is_near = is_near(self.points[at]);
            let is_paid = admits(self.salaries[at]);
            let is_suited = had.is_none_or(|had| had.suits(&self.skills[at]));
            passing.counts.near += usize::from(is_near);
            passing.counts.paid += usize::from(is_paid);
            passing.counts.suited += usize::from(is_suited);
            if is_near && is_paid && is_suited {
                passing.numbers.push(at as u32);
            }
        }
        passing
    }
}
