use super::*;
use proptest::prelude::*;

fn at(day: u8, hour: u16, minute: u16) -> WeekTime {
    WeekTime {
        day,
        minute: hour * 60 + minute,
    }
}

fn rule(text: &str) -> RateRule {
    text.parse().expect("a rule")
}

fn speed(bytes: u64) -> Option<NonZeroU64> {
    NonZeroU64::new(bytes)
}

#[test]
fn the_first_limit_that_holds_counts() {
    let rule = rule("2M mon-fri 08:00-18:00, 512K sat-sun, none");
    assert_eq!(rule.at(at(0, 8, 0)), speed(2 << 20));
    assert_eq!(rule.at(at(4, 17, 59)), speed(2 << 20));
    assert_eq!(rule.at(at(4, 18, 0)), None);
    assert_eq!(rule.at(at(5, 3, 0)), speed(512 << 10));
    assert_eq!(rule.at(at(0, 7, 59)), None);
}

#[test]
fn a_time_past_midnight_belongs_to_the_day_on_which_it_begins() {
    let rule = rule("1M fri 22:00-06:00");
    assert_eq!(rule.at(at(4, 22, 0)), speed(1 << 20));
    assert_eq!(rule.at(at(5, 5, 59)), speed(1 << 20));
    assert_eq!(rule.at(at(5, 6, 0)), None);
    assert_eq!(rule.at(at(4, 5, 0)), None);
    assert_eq!(rule.at(at(5, 23, 0)), None);
}

#[test]
fn days_may_go_past_sunday() {
    let rule = rule("1M sat-mon");
    for day in 0..7 {
        let holds = rule.at(at(day, 12, 0)).is_some();
        assert_eq!(holds, [0, 5, 6].contains(&day), "{day}");
    }
}

#[test]
fn an_empty_rule_is_no_limit() {
    assert_eq!(rule("").at(at(2, 2, 2)), None);
    assert_eq!(rule("none").at(at(2, 2, 2)), None);
}

#[test]
fn what_makes_no_sense_is_named() {
    let error = |text: &str| text.parse::<RateRule>().unwrap_err();
    assert_eq!(error("fast"), RateError::Speed("fast".into()));
    assert_eq!(error("1M,"), RateError::Speed(String::new()));
    assert_eq!(
        error("99999999999999999999G"),
        RateError::Speed("99999999999999999999G".into())
    );
    assert_eq!(error("1K"), RateError::TooSlow);
    assert_eq!(error("0"), RateError::TooSlow);
    for time in ["25:00-26:00", "08:60-09:00", "8-9", "xyz", "mon-xyz", "é"] {
        let expected = RateError::Time(time.into());
        assert_eq!(error(&format!("1M {time}")), expected);
    }
    assert_eq!(error("1M mon tue"), RateError::Time("tue".into()));
}

#[test]
fn the_slowest_speed_is_the_limit() {
    assert_eq!(
        parse_speed(&RATE_LIMIT_BYTES_PER_S.to_string()),
        Ok(speed(RATE_LIMIT_BYTES_PER_S))
    );
    let slower = (RATE_LIMIT_BYTES_PER_S - 1).to_string();
    assert_eq!(parse_speed(&slower), Err(RateError::TooSlow));
}

proptest! {
    #[test]
    fn every_rule_is_read_as_it_is_written(
        limits in prop::collection::vec(
            (
                prop::option::of(RATE_LIMIT_BYTES_PER_S..u64::MAX),
                prop::option::of((0u8..7, 0u8..7)),
                prop::option::of((0u16..=1440, 0u16..=1440)),
            ),
            1..5,
        )
    ) {
        let limits = limits.into_iter().map(|(bytes, days, minutes)| Limit {
            bytes_per_s: bytes.and_then(NonZeroU64::new),
            days,
            minutes,
        });
        let rule = RateRule { limits: limits.collect() };
        prop_assert_eq!(rule.to_string().parse(), Ok(rule));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}") {
        text.parse::<RateRule>().ok();
    }
}
