//! The card brands as data: prefixes, lengths, grouping and security codes, and which of them digits may still become.
//! It must never decide on anything but the table: a brand's rule is a row, not a branch.

use super::Brands;

/// A card brand and everything the product knows about it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Brand {
    /// The stable name on the wire, in lower-kebab.
    pub name: &'static str,
    /// Inclusive ranges of leading digits; both ends have the same number of digits. None of a network that has no numbers
    /// of its own: an operator's table alone says which cards carry it.
    pub(crate) prefixes: &'static [(u32, u32)],
    /// Numbers of digits a card of this brand may have, ascending.
    pub lengths: &'static [usize],
    /// Numbers of digits after which a space is shown.
    pub gaps: &'static [usize],
    /// The number of digits of the security code.
    pub code_length: usize,
    /// Whether every number of the brand passes Luhn (ISO/IEC 7812-1 annex B).
    pub(crate) luhn: bool,
}

impl PartialEq for Brand {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Brand {}

impl Brand {
    /// The brand with this wire name.
    pub fn named(name: &str) -> Option<&'static Self> {
        BRANDS.iter().find(|brand| brand.name == name)
    }

    /// Whether a number tells of its own that it is of this brand.
    pub fn has_numbers(&self) -> bool {
        !self.prefixes.is_empty()
    }

    /// A network that cards of other brands carry besides their own.
    const fn carried(name: &'static str) -> Self {
        let (prefixes, lengths, gaps) = (&[], &[], &[]);
        Self { name, prefixes, lengths, gaps, code_length: 0, luhn: false }
    }

    /// The largest number of digits a card of this brand may have.
    pub fn max_length(&self) -> usize {
        self.lengths.last().copied().unwrap_or_default()
    }

    /// The smallest number of digits a card of this brand may have.
    pub(crate) fn min_length(&self) -> usize {
        self.lengths.first().copied().unwrap_or_default()
    }

    /// How well a head fits: `None` not at all, `Some(0)` its digits may still become this brand,
    /// else the length of the longest prefix that they match whole.
    fn fit(&self, head: &Head) -> Option<usize> {
        self.ranges().filter(|range| range.meets(head)).map(|range| range.told_by(head)).max()
    }

    /// How many leading digits of a number are known to whoever knows that it is of this brand and begins with `head`.
    fn known_digits(&self, head: &Head) -> usize {
        let (mut low, mut high) = (head.high, head.low);
        for range in self.ranges().filter(|range| range.meets(head)) {
            low = low.min(range.low.max(head.low));
            high = high.max(range.high.min(head.high));
        }
        let mut known = LONGEST_PREFIX;
        while low != high {
            (low, high, known) = (low / 10, high / 10, known - 1);
        }
        known
    }

    fn ranges(&self) -> impl Iterator<Item = Head> {
        self.prefixes.iter().map(|(low, high)| Head::of_prefixes(*low, *high))
    }
}

/// Digits of the longest prefix in the table.
const LONGEST_PREFIX: usize = 8;
/// Digits of a BIN, at most (ISO/IEC 7812-1 before 2017): of none of the brands two more could be given.
pub(crate) const LONGEST_BIN: usize = 6;
/// Digits that have to stay unknown.
const KEPT: usize = 6;
/// Digits that come with the token.
const LAST: usize = 4;

/// How many leading digits of a complete number may be given away, when its last four come with the token.
pub(crate) fn bin_length(digits: &str) -> usize {
    let safe = |length: &usize| digits.get(..*length).is_some_and(|bin| may_tell(bin, LAST));
    (1..=LONGEST_BIN).rev().find(safe).unwrap_or_default()
}

/// Whether these leading digits may be given away. Whatever number begins with them, of whatever brand and however short,
/// six of its digits are unknown to whoever knows these, its brand and `more` others.
fn may_tell(bin: &str, more: usize) -> bool {
    let Some(head) = Head::of_digits(bin) else { return false };
    let likeliest = likeliest(bin);
    let may_become = |brand: &&Brand| {
        Some(*brand) == likeliest
            || brand.ranges().any(|range| range.meets(&head) && range.told_by(&head) == 0)
    };
    BRANDS
        .iter()
        .filter(may_become)
        .all(|brand| brand.known_digits(&head) + more + KEPT <= brand.min_length())
}

/// Whether it may be told of a card that its number begins with `bin` and, as it was taken, how it ends.
pub fn may_tell_of_accepted(bin: &str) -> bool {
    bin.len() <= LONGEST_BIN && may_tell(bin, LAST)
}

/// Whether it may be told of a card that its number begins with `bin`, and that it was not taken.
pub fn may_tell_of_denied(bin: &str) -> bool {
    bin.len() <= LONGEST_PREFIX && may_tell(bin, 0)
}

/// How many leading digits of a number are known, at most, to whoever knows that it is of one of these brands.
pub(crate) fn known_digits(brands: Brands) -> usize {
    let any = Head { low: 0, high: 10_u32.pow(LONGEST_PREFIX as u32) - 1, length: 0 };
    brands.iter().map(|brand| brand.known_digits(&any)).min().unwrap_or_default()
}

/// Whether it may be told that a number is of one of these brands, to whoever knows `more` of its digits and its last four.
pub(crate) fn may_name(brands: Brands, more: usize) -> bool {
    let known = known_digits(brands) + more + LAST + KEPT;
    brands.iter().all(|brand| known <= brand.min_length())
}

/// How numbers begin: by some digits, or by a range of them. Written out to the longest prefix, from the lowest number that
/// begins so to the highest.
struct Head {
    low: u32,
    high: u32,
    /// How many digits were given.
    length: usize,
}

impl Head {
    /// Numbers that begin with these digits, of which those behind the longest prefix do not count.
    fn of_digits(digits: &str) -> Option<Self> {
        let mut head = Self { low: 0, high: 0, length: digits.len() };
        for place in 0..LONGEST_PREFIX {
            let (low, high) = match digits.as_bytes().get(place) {
                Some(digit @ b'0'..=b'9') => (digit - b'0', digit - b'0'),
                Some(_) => return None,
                None => (0, 9),
            };
            (head.low, head.high) = (head.low * 10 + u32::from(low), head.high * 10 + u32::from(high));
        }
        Some(head)
    }

    /// Numbers with a prefix from `low` to `high`.
    fn of_prefixes(low: u32, high: u32) -> Self {
        let mut head = Self { low, high, length: LONGEST_PREFIX };
        while head.low < 10_u32.pow(LONGEST_PREFIX as u32 - 1) {
            head = Self { low: head.low * 10, high: head.high * 10 + 9, length: head.length - 1 };
        }
        head
    }

    /// Whether a number can begin in both ways.
    fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    /// How many digits of this range `digits` that meet it tell for certain: all of them, or none yet.
    fn told_by(&self, digits: &Self) -> usize {
        if digits.length < self.length { 0 } else { self.length }
    }
}

/// What digits tell of their brand.
struct Reading {
    candidates: Brands,
    likeliest: Option<&'static Brand>,
    open: bool,
}

impl Reading {
    fn of(digits: &str) -> Self {
        let mut reading = Self { candidates: Brands::default(), likeliest: None, open: false };
        let Some(head) = Head::of_digits(digits) else { return reading };
        let mut best = 0;
        for brand in BRANDS {
            let Some(fit) = brand.fit(&head) else { continue };
            reading.candidates.insert(brand);
            reading.open |= fit == 0;
            if fit > best {
                (best, reading.likeliest) = (fit, Some(brand));
            }
        }
        reading
    }

    fn decided(&self) -> Option<&'static Brand> {
        self.likeliest.filter(|_| !self.open)
    }
}

/// Every brand the digits may still become.
pub fn candidates(digits: &str) -> Brands {
    Reading::of(digits).candidates
}

/// The brand of the digits, once no further digit can change it.
pub fn decided(digits: &str) -> Option<&'static Brand> {
    Reading::of(digits).decided()
}

/// The brand of the digits alone where it is decided, else every one that they may still become.
pub(crate) fn possible(digits: &str) -> Brands {
    let reading = Reading::of(digits);
    reading.decided().map_or(reading.candidates, Brands::of)
}

/// The brand whose prefix the digits match best so far; of equals, the first of the table.
pub fn likeliest(digits: &str) -> Option<&'static Brand> {
    Reading::of(digits).likeliest
}

/// Every brand; last those that only a table knows.
pub const BRANDS: &[Brand] = &[
    Brand {
        name: "visa",
        prefixes: &[(4, 4)],
        lengths: &[16, 18, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "mastercard",
        prefixes: &[(51, 55), (2221, 2229), (223, 229), (23, 26), (270, 271), (2720, 2720)],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "american-express",
        prefixes: &[(34, 34), (37, 37)],
        lengths: &[15],
        gaps: &[4, 10],
        code_length: 4,
        luhn: true,
    },
    Brand {
        name: "diners-club",
        prefixes: &[(300, 305), (36, 36), (38, 38), (39, 39)],
        lengths: &[14, 16, 19],
        gaps: &[4, 10],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "discover",
        prefixes: &[(6011, 6011), (644, 649), (65, 65)],
        lengths: &[16, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "troy",
        prefixes: &[
            (9792, 9792),
            (650052, 650052),
            (650082, 650083),
            (650092, 650092),
            (650161, 650161),
            (650170, 650170),
            (650173, 650173),
            (650175, 650175),
            (650268, 650268),
            (650271, 650271),
            (650273, 650274),
            (650456, 650457),
            (650836, 650836),
            (650846, 650850),
            (650923, 650923),
            (650987, 650987),
            (650990, 650990),
            (654997, 654997),
            (657366, 657366),
            (657998, 657998),
            (658758, 658758),
            (658767, 658768),
            (65083700, 65083704),
            (65085800, 65085804),
            (65085900, 65085901),
            (65086000, 65086000),
            (65086100, 65086105),
            (65086200, 65086203),
            (65875000, 65875003),
            (65875009, 65875009),
            (65875101, 65875104),
            (65875200, 65875200),
            (65875501, 65875501),
            (65875601, 65875601),
            (65875900, 65875900),
            (65876000, 65876002),
            (65876100, 65876103),
            (65876110, 65876110),
            (65876115, 65876116),
            (65876200, 65876201),
            (65876500, 65876500),
            (65876504, 65876505),
            (65876600, 65876602),
            (65877100, 65877101),
            (65877600, 65877602),
            (65877700, 65877700),
            (65877801, 65877802),
            (65878200, 65878202),
            (65878300, 65878311),
            (65878400, 65878405),
            (65878500, 65878505),
            (65878600, 65878601),
            (65879800, 65879800),
            (65880800, 65880800),
            (65880900, 65880900),
        ],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "jcb",
        prefixes: &[(2131, 2131), (1800, 1800), (3528, 3589)],
        lengths: &[16, 17, 18, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "unionpay",
        prefixes: &[
            (620, 620),
            (62100, 62182),
            (62184, 62187),
            (62185, 62197),
            (62200, 62205),
            (622010, 622999),
            (622018, 622018),
            (62207, 62209),
            (623, 626),
            (6270, 6270),
            (6272, 6272),
            (6276, 6276),
            (627700, 627779),
            (627781, 627799),
            (6282, 6289),
            (6291, 6291),
            (6292, 6292),
            (810, 810),
            (8110, 8131),
            (8132, 8151),
            (8152, 8163),
            (8164, 8171),
        ],
        lengths: &[14, 15, 16, 17, 18, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: false,
    },
    Brand {
        name: "naranja",
        prefixes: &[(589562, 589562), (402918, 402918), (527572, 527572)],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "verve",
        prefixes: &[
            (506099, 506127),
            (506129, 506129),
            (506133, 506150),
            (506158, 506163),
            (506166, 506166),
            (506168, 506168),
            (506170, 506170),
            (506173, 506173),
            (506176, 506180),
            (506184, 506184),
            (506187, 506188),
            (506191, 506191),
            (506195, 506195),
            (506197, 506197),
            (507865, 507865),
            (507866, 507866),
            (507868, 507877),
            (507880, 507888),
            (507900, 507900),
            (507941, 507941),
        ],
        lengths: &[16, 18, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "rupay",
        prefixes: &[(508500, 508999), (606985, 607984), (608001, 608500), (652150, 653149), (817200, 820199)],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "maestro",
        prefixes: &[
            (493698, 493698),
            (500000, 504174),
            (504176, 506698),
            (506779, 508999),
            (56, 59),
            (63, 63),
            (67, 67),
            (6, 6),
        ],
        lengths: &[12, 13, 14, 15, 16, 17, 18, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "elo",
        prefixes: &[
            (401178, 401178),
            (401179, 401179),
            (438935, 438935),
            (457631, 457631),
            (457632, 457632),
            (431274, 431274),
            (451416, 451416),
            (457393, 457393),
            (504175, 504175),
            (506699, 506778),
            (509000, 509999),
            (627780, 627780),
            (636297, 636297),
            (636368, 636368),
            (650031, 650033),
            (650035, 650051),
            (650405, 650439),
            (650485, 650538),
            (650541, 650598),
            (650700, 650718),
            (650720, 650727),
            (650901, 650978),
            (651652, 651679),
            (655000, 655019),
            (655021, 655058),
        ],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "mir",
        prefixes: &[(2200, 2204)],
        lengths: &[16, 17, 18, 19],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "hiper",
        prefixes: &[
            (637095, 637095),
            (63737423, 63737423),
            (63743358, 63743358),
            (637568, 637568),
            (637599, 637599),
            (637609, 637609),
            (637612, 637612),
        ],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand {
        name: "hipercard",
        prefixes: &[(606282, 606282)],
        lengths: &[16],
        gaps: &[4, 8, 12, 16],
        code_length: 3,
        luhn: true,
    },
    Brand::carried("cartes-bancaires"),
    Brand::carried("bancontact"),
    Brand::carried("dankort"),
    Brand::carried("girocard"),
    Brand::carried("eftpos-australia"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(brand: Option<&'static Brand>) -> &'static str {
        brand.map_or("", |brand| brand.name)
    }

    #[test]
    fn every_row_is_well_formed() {
        for brand in BRANDS {
            assert!(brand.lengths.is_sorted() && brand.gaps.is_sorted(), "{}", brand.name);
            assert!(brand.lengths.iter().all(|length| (12..=19).contains(length)), "{}", brand.name);
            for (low, high) in brand.prefixes {
                assert!(low <= high && low.ilog10() == high.ilog10(), "{}", brand.name);
            }
        }
    }

    #[test]
    fn a_brand_is_decided_only_when_no_digit_can_change_it() {
        for (digits, decided_name, likeliest_name) in [
            ("", "", ""),
            ("4", "", "visa"),
            ("42", "visa", "visa"),
            ("4011", "", "visa"),
            ("401178", "elo", "elo"),
            ("6", "", "maestro"),
            ("65", "", "discover"),
            ("652150", "rupay", "rupay"),
            ("508500", "rupay", "rupay"),
            ("65083700", "troy", "troy"),
            ("65083705", "discover", "discover"),
            ("9", "", ""),
            ("1", "", ""),
            ("0", "", ""),
        ] {
            assert_eq!(name(decided(digits)), decided_name, "{digits}");
            assert_eq!(name(likeliest(digits)), likeliest_name, "{digits}");
        }
    }

    #[test]
    fn a_bin_is_shorter_where_numbers_are_shorter_or_the_brand_tells_more() {
        for (digits, length) in [
            ("4242424242424242", 6),
            ("378282246310005", 5),
            ("36227206271667", 4),
            ("30569309025904", 4),
            ("6200000000000005", 4),
            ("6304000000000000", 2),
            // Of Maestro's prefixes only one begins with 4, so that a 4 would tell six digits of twelve.
            ("493698000000", 0),
            // Troy has five ranges of eight digits here: six digits would tell the seventh.
            ("6508370000000000", 5),
            ("6011111111111117", 6),
            ("", 0),
        ] {
            assert_eq!(bin_length(digits), length, "{digits}");
        }
    }

    #[test]
    fn eight_digits_always_decide() {
        for number in (10_000_000_u32..100_000_000).step_by(7919) {
            let digits = number.to_string();
            assert_eq!(decided(&digits).is_some(), !candidates(&digits).is_empty(), "{digits}");
        }
    }
}
