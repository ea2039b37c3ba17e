//! Days and times as people write them, in UTC (RFC 3339).

use std::fmt;

use crate::Timestamp;

impl fmt::Display for Timestamp {
    /// Like `2026-11-22T18:05:09Z`; years beyond four digits as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.seconds.div_euclid(DAY));
        let second = self.seconds.rem_euclid(DAY);
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        let second = second % 60;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl Timestamp {
    /// The beginning of a day written `2026-11-22`, or `None` if there is no such day.
    pub fn of_day(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
        let is_written_out = parts.next().is_none()
            && (year.len(), month.len(), day.len()) == (4, 2, 2)
            && text
                .bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit());
        if !is_written_out {
            return None;
        }
        let wanted: (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        let days = days(wanted);
        (civil(days) == wanted).then_some(Self {
            seconds: days * DAY,
            nanoseconds: 0,
        })
    }
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is the last of its year.
    let since_march = days + 719_468;
    let era = since_march.div_euclid(ERA_DAYS);
    let day_of_era = since_march.rem_euclid(ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn days((year, month, day): (i64, i64, i64)) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA_DAYS + day_of_era - 719_468
}

const DAY: i64 = 86_400;
/// Days of 400 years.
const ERA_DAYS: i64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(seconds: i64) -> String {
        let nanoseconds = 0;
        Timestamp {
            seconds,
            nanoseconds,
        }
        .to_string()
    }

    #[test]
    fn moments_are_shown_as_the_standard_says() {
        assert_eq!(shown(0), "1970-01-01T00:00:00Z");
        assert_eq!(shown(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(shown(1_795_371_909), "2026-11-22T18:25:09Z");
        assert_eq!(shown(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        assert_eq!(
            Timestamp::of_day("2026-11-22")
                .map(|it| it.to_string())
                .as_deref(),
            Some("2026-11-22T00:00:00Z")
        );
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-1-1",
            "+026-01-01",
            "2026-11-22-",
            "20261122",
        ] {
            assert_eq!(Timestamp::of_day(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_day_of_four_digit_years_is_read_as_it_is_shown(day in -719_468i64..2_932_896) {
            let moment = Timestamp { seconds: day * DAY, nanoseconds: 0 };
            let text = moment.to_string();
            prop_assume!(!text.starts_with("0000"));
            prop_assert_eq!(Timestamp::of_day(&text[..10]), Some(moment));
        }

        #[test]
        fn any_text_and_any_moment_is_taken_without_panic(text in "\\PC{0,12}", seconds: i64) {
            let _read = Timestamp::of_day(&text);
            let _shown = shown(seconds / 2);
        }
    }
}
