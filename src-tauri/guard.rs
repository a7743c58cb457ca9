//! Keeps real accounts away from a window that another program steers. With an automation or inspector variable set,
//! whoever set it could press Approve; such a window only ever opens a test profile. Pure: decides, reads nothing.

use model::ProfileName;

/// Variables that let another process look into or steer a web view.
pub const STEERING_VARIABLES: [&str; 4] = [
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
    "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS",
];

/// What is known about a profile before it is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nothing is there yet; `stand_ins` = it would be created against the sandbox or given endpoints.
    New { stand_ins: bool },
    /// It exists; `stand_ins` = it was created so. What this start asks for changes nothing about that.
    Existing { stand_ins: bool },
}

impl Origin {
    const fn has_stand_ins(self) -> bool {
        let (Self::New { stand_ins } | Self::Existing { stand_ins }) = self;
        stand_ins
    }
}

/// Test profiles are those that were created with other endpoints than the real services'. The personal profile
/// never is one.
pub fn is_test_profile(profile: &ProfileName, origin: Origin) -> bool {
    *profile != ProfileName::personal() && origin.has_stand_ins()
}

/// The variable because of which this profile may not be shown, if any.
pub fn refusal(
    profile: &ProfileName,
    origin: Origin,
    is_set: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    let steering = STEERING_VARIABLES.into_iter().find(|name| is_set(name))?;
    (!is_test_profile(profile, origin)).then_some(steering)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_origins() -> [Origin; 4] {
        [true, false]
            .map(|stand_ins| [Origin::New { stand_ins }, Origin::Existing { stand_ins }])
            .concat()
            .try_into()
            .unwrap()
    }

    #[test]
    fn the_personal_profile_is_never_shown_to_a_steering_program() {
        for origin in all_origins() {
            for variable in STEERING_VARIABLES {
                let refused = refusal(&ProfileName::personal(), origin, |name| name == variable);
                assert_eq!(refused, Some(variable));
            }
        }
    }

    #[test]
    fn a_profile_with_real_services_stays_real_whatever_the_start_asks_for() {
        let profile = ProfileName::new("work").unwrap();
        let origin = Origin::Existing { stand_ins: false };
        assert!(refusal(&profile, origin, |_| true).is_some());
    }

    #[test]
    fn test_profiles_may_be_steered() {
        for origin in [
            Origin::New { stand_ins: true },
            Origin::Existing { stand_ins: true },
        ] {
            assert_eq!(refusal(&ProfileName::sandbox(), origin, |_| true), None);
        }
    }

    #[test]
    fn without_a_steering_variable_every_profile_opens() {
        for origin in all_origins() {
            assert_eq!(refusal(&ProfileName::personal(), origin, |_| false), None);
        }
    }
}
