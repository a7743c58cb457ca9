//! What may be shown to anybody holds nothing of anybody.

use std::{fs, os::unix::fs::PermissionsExt};

use autopilot_tests::{
    ANNA, BOT, Consent, World, keychain,
    sandbox::{DEMO_BOT_TOKEN, DESKTOP_CLIENT_SECRET},
};

#[test]
fn a_report_names_no_account_no_address_no_home_and_no_secret() {
    let world = World::sandbox("report").with(
        "http_proxy",
        "http://anna:canary-of-a-proxy@proxy.corp.invalid:8080",
    );
    let world = world.with("no_proxy", "127.0.0.1");
    let hub = world.hub();
    let ran = world.run_with(&["connect", "telegram", "--token-stdin"], DEMO_BOT_TOKEN);
    assert_eq!(ran.code, Some(0));
    let connecting = world.connect(&["gmail", "--redirect", "loopback"]);
    let id = connecting
        .through_loopback(&Consent::of(ANNA))
        .0
        .connected()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let grant = keychain::grant(world.profile(), &id).unwrap();

    // Another program's name may hold anything.
    let applications = world.root().join("home/.local/share/applications");
    fs::create_dir_all(&applications).unwrap();
    let home = world.root().join("home").display().to_string();
    let entry = format!(
        "[Desktop Entry]\nName=Mail of {ANNA} in {home}\nExec=x %u\nMimeType=x-scheme-handler/app.autopilot.desktop\n"
    );
    fs::write(applications.join("x.desktop"), entry).unwrap();

    let file = world.root().join("report.txt");
    let ran = world.say(&["doctor", "--report", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "the link is taken: {}", ran.stderr);
    let report = fs::read_to_string(&file).unwrap();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );

    // It says what helps …
    for part in [
        "Autopilot 0.",
        "linux",
        "links_elsewhere",
        "gmail: connected",
        "telegram: connected",
        "vault",
    ] {
        assert!(report.contains(part), "{part} isn't in\n{report}");
    }
    // … and nothing else.
    let tokens = ["access_token", "refresh_token"].map(|name| {
        grant["credential"]["oauth"][name]
            .as_str()
            .unwrap()
            .to_owned()
    });
    let canaries = [
        ANNA,
        "anna",
        BOT,
        home.as_str(),
        world.root().to_str().unwrap(),
        world.profile(),
        id.as_str(),
        DEMO_BOT_TOKEN,
        DESKTOP_CLIENT_SECRET,
        "canary-of-a-proxy",
        "corp",
        tokens[0].as_str(),
        tokens[1].as_str(),
    ];
    for canary in canaries {
        assert!(
            !report.to_lowercase().contains(&canary.to_lowercase()),
            "{canary} is in\n{report}"
        );
    }

    // To standard output it is the same kind of text, and a file that is there stays as it is.
    let said = world.say(&["doctor", "--report"]);
    assert!(said.stdout.starts_with("Autopilot 0."), "{}", said.stdout);
    assert!(!said.stdout.contains(ANNA));
    let again = world.run(&["doctor", "--report", file.to_str().unwrap()]);
    assert_eq!(again.refused(), (2, "invalid_input".into()));
    hub.stop();
}
