use crate::contest::Contest;
use crate::figures::{Cost, Figures};
use crate::floors::Verdict;
use crate::stage::Stage;

/// The medians, one row for each contest.
pub(crate) fn results(rows: &[(&Contest, Option<Figures>)], stage: &Stage) -> String {
    let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
    for (contest, figures) in rows {
        let label = format!("{}: {}", contest.load, contest.name);
        let size_mib = stage.size_mib(contest.load);
        lines.push(match figures {
            Some(figures) => result_cells(label, figures, size_mib),
            None => vec![label, "FAILED".to_owned()],
        });
    }
    layout(&lines)
}

/// The floors, and whether they were held.
pub(crate) fn verdicts(verdicts: &[Verdict]) -> String {
    let head = ["median", "floor", "measured", "verdict"];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    for verdict in verdicts {
        let word = if verdict.is_held { "held" } else { "MISSED" };
        lines.push(vec![
            verdict.what.clone(),
            verdict.floor.clone(),
            short(verdict.measured),
            word.to_owned(),
        ]);
    }
    layout(&lines)
}

fn result_cells(label: String, figures: &Figures, size_mib: f64) -> Vec<String> {
    let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), short);
    let both = |pick: fn(&Cost) -> Option<f64>| {
        [pick(&figures.sender), pick(&figures.receiver)]
            .map(cell)
            .join(" / ")
    };
    vec![
        label,
        short(figures.seconds),
        short(size_mib / figures.seconds),
        cell(figures.transfer_seconds.map(|seconds| size_mib / seconds)),
        cell(figures.set_up_seconds),
        cell(figures.first_byte_seconds),
        both(|cost| cost.cpu_seconds),
        both(|cost| cost.peak_mib),
    ]
}

/// Three figures are more than such a measurement can tell.
pub(crate) fn short(value: f64) -> String {
    let decimals = match value {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// A Markdown table whose columns stand below each other.
pub(crate) fn layout(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let cell = |line: &[String], column: usize| line.get(column).cloned().unwrap_or_default();
    let width = |column| {
        let widths = lines.iter().map(|line| cell(line, column).chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, width) in widths.iter().enumerate() {
            let cell = cell(line, column);
            let padded = match column {
                0 => format!("| {cell:<width$} |"),
                _ => format!(" {cell:>width$} |"),
            };
            text.push_str(&padded);
        }
        text.push('\n');
        if number == 0 {
            text.push_str(&rule(&widths));
        }
    }
    text
}

fn rule(widths: &[usize]) -> String {
    let cells = widths
        .iter()
        .enumerate()
        .map(|(column, width)| match column {
            0 => format!("|:{}|", "-".repeat(width + 1)),
            _ => format!("{}:|", "-".repeat(width + 1)),
        });
    cells.chain(["\n".to_owned()]).collect()
}

const HEAD: [&str; 8] = [
    "median",
    "s",
    "MiB/s",
    "in transfer MiB/s",
    "set-up s",
    "first byte s",
    "CPU s out / in",
    "peak MiB out / in",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let lines = [
            vec!["a".to_owned(), "size".to_owned()],
            vec!["long".to_owned(), "7".to_owned()],
            vec!["–".to_owned()],
        ];
        let expected = "\
| a    | size |
|:-----|-----:|
| long |    7 |
| –    |      |
";
        assert_eq!(layout(&lines), expected);
    }

    #[test]
    fn numbers_keep_three_figures() {
        assert_eq!(
            [0.046, 9.999, 38.5, 213.4].map(short),
            ["0.05", "10.00", "38.5", "213"]
        );
    }
}
