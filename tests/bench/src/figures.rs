/// What one run took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Figures {
    /// From the receiver's command until its end.
    pub(crate) seconds: f64,
    /// From the receiver's command until the offer.
    pub(crate) set_up_seconds: Option<f64>,
    /// From the offer, which is accepted at once, until the receiver verified the first bytes.
    pub(crate) first_byte_seconds: Option<f64>,
    /// From accept to completed, as the receiver itself says.
    pub(crate) transfer_seconds: Option<f64>,
    /// The sender's share.
    pub(crate) sender: Cost,
    /// The receiver's share.
    pub(crate) receiver: Cost,
}

/// What a process used; `None` where the system does not tell.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    /// User and system time, with that of the children it waited for.
    pub(crate) cpu_seconds: Option<f64>,
    /// The most that was resident at once.
    pub(crate) peak_mib: Option<f64>,
}

/// The median of each figure by itself, or `None` of no runs.
pub(crate) fn median(runs: &[Figures]) -> Option<Figures> {
    let figure = |pick: fn(&Figures) -> Option<f64>| middle(runs.iter().filter_map(pick).collect());
    Some(Figures {
        seconds: figure(|it| Some(it.seconds))?,
        set_up_seconds: figure(|it| it.set_up_seconds),
        first_byte_seconds: figure(|it| it.first_byte_seconds),
        transfer_seconds: figure(|it| it.transfer_seconds),
        sender: Cost {
            cpu_seconds: figure(|it| it.sender.cpu_seconds),
            peak_mib: figure(|it| it.sender.peak_mib),
        },
        receiver: Cost {
            cpu_seconds: figure(|it| it.receiver.cpu_seconds),
            peak_mib: figure(|it| it.receiver.peak_mib),
        },
    })
}

/// The median, or `None` of nothing.
pub(crate) fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = values[values.len() / 2 - 1];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taking(seconds: f64, first_byte_seconds: Option<f64>) -> Figures {
        Figures {
            seconds,
            first_byte_seconds,
            ..Figures::default()
        }
    }

    #[test]
    fn each_figure_has_a_median_of_its_own() {
        let runs = [
            taking(9.0, Some(1.0)),
            taking(1.0, None),
            taking(2.0, Some(4.0)),
        ];
        assert_eq!(median(&runs), Some(taking(2.0, Some(2.5))));
    }

    #[test]
    fn no_runs_have_no_median() {
        assert_eq!(median(&[]), None);
    }
}
