//! The trace that a request belongs to (W3C Trace Context): the one its sender names, or a new one.
//! It must never take over more than an id of fixed form: `tracestate` is free text, and nothing is done with it.

use axum::http::HeaderMap;
use cardseal::card::CardNumber;

use crate::random;

const TRACEPARENT: &str = "traceparent";

/// A request's place in a trace, in lower-case hexadecimal as it stands in a log.
pub struct Trace {
    /// 32 digits; the same in every service that the request comes through.
    pub trace_id: String,
    /// 16 digits; of this request in this vault alone.
    pub span_id: String,
    /// 16 digits; of what the sender was doing, if it says so.
    pub parent_id: Option<String>,
    /// Whether spans of this trace are recorded: what the sender says, and yes if nobody says anything.
    pub sampled: bool,
}

impl Trace {
    /// The trace that the headers name; a new one if there is no `traceparent`, or not exactly one well-formed one.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut said = headers.get_all(TRACEPARENT).iter();
        let named = match (said.next(), said.next()) {
            (Some(one), None) => one.to_str().ok().and_then(parse),
            _ => None,
        };
        let span_id = make_id::<8>();
        match named {
            None => Self { trace_id: make_id::<16>(), span_id, parent_id: None, sampled: true },
            Some(Named { trace_id, parent_id, sampled }) => Self {
                trace_id: trace_id.to_owned(),
                span_id,
                // A random one may look like a card, one in a hundred thousand; the trace can do without it.
                parent_id: (!is_like_a_card(parent_id)).then(|| parent_id.to_owned()),
                sampled,
            },
        }
    }
}

/// What a `traceparent` names.
struct Named<'a> {
    trace_id: &'a str,
    parent_id: &'a str,
    sampled: bool,
}

/// The parts of a `traceparent` (W3C Trace Context section 3.2).
fn parse(text: &str) -> Option<Named<'_>> {
    const OF_VERSION_0: usize = 55;
    let bytes = text.as_bytes();
    // Section 4.3: a later version may only add to the end, after a dash.
    let (version, later) = (bytes.get(..2)?, bytes.get(OF_VERSION_0));
    let ends_well = if version == b"00" { later.is_none() } else { later.is_none_or(|byte| *byte == b'-') };
    let mut parts = text.get(..OF_VERSION_0)?.split('-');
    let (_, trace_id, parent_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let well_formed = ends_well
        && parts.next().is_none()
        && is_hex(version, 2)
        && version != b"ff"
        && is_hex(trace_id.as_bytes(), 32)
        && is_hex(parent_id.as_bytes(), 16)
        && is_hex(flags.as_bytes(), 2);
    // Sections 3.2.2.3 and 3.2.2.4: an id of zeros is none.
    let is_none = |id: &str| id.bytes().all(|byte| byte == b'0');
    (well_formed && !is_none(trace_id) && !is_none(parent_id) && !is_like_a_card(trace_id)).then(|| Named {
        trace_id,
        parent_id,
        sampled: is_sampled(flags),
    })
}

/// The last bit of the flags (section 3.2.2.5), here of two lower-case hexadecimal digits.
fn is_sampled(flags: &str) -> bool {
    u8::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1)
}

/// Whether an id is a card number among zeros. No random trace id is, and what a sender hides there would reach a log or a collector.
fn is_like_a_card(id: &str) -> bool {
    let number = id.trim_start_matches('0');
    let least = number.trim_end_matches('0').len();
    number.bytes().all(|byte| byte.is_ascii_digit())
        && (least.max(12)..=number.len().min(19)).any(|length| CardNumber::parse(&number[..length]).is_ok())
}

fn is_hex(bytes: &[u8], digits: usize) -> bool {
    bytes.len() == digits && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn make_id<const N: usize>() -> String {
    // Zeros alone would be no id; that never comes out of a working random source.
    random::make_bytes::<N>().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0af7651916cd43dd8448eb211c80319c";

    #[test]
    fn a_well_formed_traceparent_names_the_trace() {
        for text in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes-later",
        ] {
            assert_eq!(parse(text).map(|named| named.trace_id), Some(ID), "{text}");
        }
        // The recommendation's own tests use it: it is decimal, yet no card number.
        assert!(parse("00-12345678901234567890123456789012-1234567890123456-01").is_some());
    }

    #[test]
    fn the_parent_and_whether_to_record_are_the_senders_but_never_a_card() {
        let of = |text: &str| {
            Trace::of(&HeaderMap::from_iter([("traceparent".parse().unwrap(), text.parse().unwrap())]))
        };
        for (parent_id, flags, kept, sampled) in [
            ("b7ad6b7169203331", "01", true, true),
            ("b7ad6b7169203331", "00", true, false),
            ("b7ad6b7169203331", "fe", true, false),
            ("b7ad6b7169203331", "ff", true, true),
            ("4242424242424242", "01", false, true),
            ("0378282246310005", "01", false, true),
        ] {
            let trace = of(&format!("00-{ID}-{parent_id}-{flags}"));
            assert_eq!(trace.parent_id.as_deref(), kept.then_some(parent_id), "{parent_id}");
            assert_eq!((trace.trace_id.as_str(), trace.sampled), (ID, sampled), "{flags}");
        }
        let new = of("");
        assert!(new.parent_id.is_none() && new.sampled);
    }

    #[test]
    fn any_other_begins_a_new_trace() {
        for text in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b71692033311-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c8031é-b7ad6b7169203331-01",
            "00-00000000000000004242424242424242-b7ad6b7169203331-01",
            "00-42424242424242420000000000000000-b7ad6b7169203331-01",
            "00-00004000000000000077000000000000-b7ad6b7169203331-01",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        let mut headers = HeaderMap::new();
        for _ in 0..2 {
            let value = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
            headers.append(TRACEPARENT, value);
        }
        let (one, other) = (Trace::of(&headers), Trace::of(&headers));
        assert!(one.trace_id != ID && one.trace_id != other.trace_id && one.span_id != other.span_id);
        assert!(is_hex(one.trace_id.as_bytes(), 32) && is_hex(one.span_id.as_bytes(), 16));
    }
}
