//! Counting what the test runners report. Reads their output; never decides what passes.

use std::fmt;
use std::ops::AddAssign;

use serde_json::Value;

/// How many tests passed, failed, and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// A step that failed without a test to blame: it doesn't compile, crashed, or is itself the check.
    pub const FAILURE: Self = Self {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    /// From one of libtest's lines, `test result: ok. 5 passed; 0 failed; 1 ignored; …`; `None` for any other line.
    pub fn from_libtest_line(line: &str) -> Option<Self> {
        let counts = line
            .trim()
            .strip_prefix("test result: ")?
            .split_once(". ")?
            .1;
        let mut tally = Self::default();
        for part in counts.split(';') {
            let Some((number, word)) = part.trim().split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse() else { continue };
            match word {
                "passed" => tally.passed = number,
                "failed" => tally.failed = number,
                "ignored" => tally.skipped = number,
                _ => {}
            }
        }
        Some(tally)
    }

    /// From all of libtest's output.
    pub fn from_libtest(output: &str) -> Self {
        let mut tally = Self::default();
        for one in output.lines().filter_map(Self::from_libtest_line) {
            tally += one;
        }
        tally
    }

    /// From vitest's JSON report.
    pub fn from_vitest(report: &Value) -> Option<Self> {
        let count = |key: &str| report[key].as_u64();
        let mut tally = Self {
            passed: count("numPassedTests")?,
            failed: count("numFailedTests")?,
            skipped: count("numPendingTests").unwrap_or(0) + count("numTodoTests").unwrap_or(0),
        };
        // A file that cannot even be loaded has no failed test in it, only a failed suite.
        if tally.failed == 0 && report["success"] == false {
            tally.failed = count("numFailedTestSuites").unwrap_or(0).max(1);
        }
        Some(tally)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_lines_are_summed() {
        let output = "running 3 tests\ntest a ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(
            Tally::from_libtest(output),
            Tally {
                passed: 3,
                failed: 2,
                skipped: 1
            }
        );
    }

    #[test]
    fn a_test_that_prints_numbers_is_not_counted() {
        assert_eq!(Tally::from_libtest_line("5 passed; 0 failed"), None);
    }

    #[test]
    fn a_vitest_file_that_does_not_load_is_a_failure() {
        let report = serde_json::json!({
            "numPassedTests": 4, "numFailedTests": 0, "numPendingTests": 1, "numTodoTests": 0,
            "numFailedTestSuites": 1, "success": false,
        });
        assert_eq!(
            Tally::from_vitest(&report),
            Some(Tally {
                passed: 4,
                failed: 1,
                skipped: 1
            })
        );
    }

    #[test]
    fn skipped_tests_are_mentioned_only_when_there_are_any() {
        assert_eq!(
            Tally {
                passed: 3,
                failed: 0,
                skipped: 0
            }
            .to_string(),
            "3 passed, 0 failed"
        );
        assert_eq!(
            Tally {
                passed: 3,
                failed: 1,
                skipped: 2
            }
            .to_string(),
            "3 passed, 1 failed, 2 skipped"
        );
    }
}
