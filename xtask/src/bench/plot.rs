//! The plot: how much of each limit is reached, as bars.

use super::figures::{Ratio, Target};

const ROW: usize = 26;
const NAMES: usize = 250;
/// Pixels for a share of 1.
const SCALE: f64 = 400.0;
const WIDTH: usize = 720;

/// An SVG with a bar for each share, and a mark where its target is.
pub(super) fn svg(shares: &[Ratio]) -> String {
    let height = (shares.len() + 2) * ROW;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (at, share) in shares.iter().enumerate() {
        text += &row(at, share);
    }
    text += &scale(shares.len() * ROW + 8);
    text += "</svg>\n";
    text
}

fn row(at: usize, share: &Ratio) -> String {
    let (top, middle, length) = (at * ROW + 6, at * ROW + 20, share.by_cpu.clamp(0.0, 1.1) * SCALE);
    let colour = if share.target.is_met(share.by_cpu) == Some(false) { "#c98a2b" } else { "#3b7a57" };
    let bar = format!(
        "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{}</text>\n\
         <rect x=\"{NAMES}\" y=\"{top}\" width=\"{length:.1}\" height=\"18\" fill=\"{colour}\"/>\n\
         <text x=\"{NAMES}\" dx=\"6\" y=\"{middle}\" fill=\"white\">{:.2}</text>\n",
        NAMES - 8,
        escaped(&share.name),
        share.by_cpu
    );
    let mark = match share.target {
        Target::None => String::new(),
        Target::AtLeast(bound) | Target::AtMost(bound) => {
            let (x, top, bottom) = (coordinate(bound), top - 2, top + 20);
            format!(
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"black\" stroke-width=\"2\"/>\n"
            )
        }
    };
    bar + &mark
}

/// Where the limit is, and the fifths before it.
fn scale(top: usize) -> String {
    let tick = |fifth: u32| {
        let share = f64::from(fifth) / 5.0;
        format!("<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{share:.1}</text>\n", coordinate(share), top + 14)
    };
    let ticks: String = (0..=5).map(tick).collect();
    let limit = coordinate(1.0);
    format!(
        "<line x1=\"{limit:.1}\" x2=\"{limit:.1}\" y1=\"0\" y2=\"{top}\" stroke=\"gray\" stroke-dasharray=\"4\"/>\n{ticks}\
         <text x=\"{NAMES}\" y=\"{}\" fill=\"gray\">share of the limit, by CPU time; marks are targets</text>\n",
        top + 32
    )
}

fn coordinate(share: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred pixels")]
    let left = NAMES as f64;
    left + share * SCALE
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_is_a_bar_with_the_mark_of_its_target() {
        let share = |name: &str, by_cpu, target| Ratio {
            name: name.to_owned(),
            by_cpu,
            by_rate: by_cpu,
            of_bare: None,
            target,
        };
        let plot = svg(&[share("a & b", 0.5, Target::AtLeast(0.75)), share("c", 0.95, Target::None)]);
        assert!(
            plot.contains(">a &amp; b</text>") && plot.contains("width=\"200.0\"") && plot.contains("width=\"380.0\"")
        );
        // The mark stands at three quarters; what misses its target has another colour.
        assert_eq!(plot.matches("stroke-width=\"2\"").count(), 1);
        assert!(plot.contains("x1=\"550.0\"") && plot.contains("#c98a2b") && plot.contains("#3b7a57"));
    }
}
