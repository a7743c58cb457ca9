//! What the system tells, as the person chose: kinds that are off stay off, and quiet hours keep what is still so for
//! their end.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use jiff::tz::TimeZone;
use model::{
    Caller, Door as _, Effect, Event, Notice, NoticeKind, Notify, QuietHours, Request, Response,
    SecretInput, Settings,
};
use serde_json::json;

use super::{
    policy::{agent, mail_to},
    world::{World, notices},
};
use crate::monitor::Probe;

const ANNA: &str = "anna@example.org";
const HOUR_S: i64 = 3600;

async fn choose(world: &World, change: impl FnOnce(&mut Settings)) {
    let mut settings = world.core().settings.get();
    change(&mut settings);
    world.ask(Request::SetSettings { settings }).await.unwrap();
}

/// Quiet from an hour ago until in two hours, whatever time it is where this runs.
async fn be_quiet(world: &World, approvals_pass: bool) {
    let now = world.core().clock.now().to_zoned(TimeZone::system());
    let minute = u16::try_from(i32::from(now.hour()) * 60 + i32::from(now.minute())).unwrap();
    let quiet = QuietHours {
        on: true,
        from_min: (minute + 24 * 60 - 60) % (24 * 60),
        to_min: (minute + 120) % (24 * 60),
        approvals_pass,
    };
    choose(world, |settings| settings.quiet = quiet).await;
}

fn kinds(told: &[Notice]) -> Vec<NoticeKind> {
    told.iter().map(|notice| notice.kind).collect()
}

async fn goes_down(world: &World) {
    world.fault("*", "", json!({"kind": "drop_before"})).await;
    world.core().round(Probe::All).await;
}

#[tokio::test]
async fn a_kind_that_is_off_is_never_told_and_another_still_is() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    let off = Notify {
        trouble: false,
        ..Notify::default()
    };
    choose(&world, |settings| settings.notify = off).await;
    let mut events = world.hub.events(Caller::Window);
    goes_down(&world).await;
    assert!(world.connections().await[0].status.is_down());
    assert_eq!(kinds(&notices(&mut events).await), []);
    world.no_faults().await;
    world.core().round(Probe::All).await;
    assert_eq!(kinds(&notices(&mut events).await), [NoticeKind::Back]);
}

#[tokio::test]
async fn what_is_still_down_when_quiet_hours_end_is_told_then_and_once() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    be_quiet(&world, false).await;
    let mut events = world.hub.events(Caller::Window);
    goes_down(&world).await;
    world.core().round(Probe::All).await;
    assert_eq!(kinds(&notices(&mut events).await), []);
    world.core().clock.advance(3 * HOUR_S);
    world.core().round(Probe::All).await;
    world.core().round(Probe::All).await;
    let told = notices(&mut events).await;
    assert_eq!(kinds(&told), [NoticeKind::Down]);
    assert!(told[0].body.contains(ANNA) || told[0].title.contains("Gmail"));
}

#[tokio::test]
async fn what_came_and_went_in_quiet_hours_is_never_told() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    be_quiet(&world, false).await;
    let mut events = world.hub.events(Caller::Window);
    goes_down(&world).await;
    world.no_faults().await;
    world.core().round(Probe::All).await;
    world.core().clock.advance(3 * HOUR_S);
    world.core().round(Probe::All).await;
    assert_eq!(kinds(&notices(&mut events).await), []);

    // Nor that it is back, of something nobody knew was away.
    be_quiet(&world, false).await;
    goes_down(&world).await;
    world.no_faults().await;
    choose(&world, |settings| settings.quiet.on = false).await;
    world.core().round(Probe::All).await;
    assert_eq!(kinds(&notices(&mut events).await), []);
}

#[tokio::test]
async fn approvals_pass_quiet_hours_only_where_the_person_said_so() {
    for passes in [false, true] {
        let world = World::with_window().await;
        let mail = world.connect("gmail", ANNA).await;
        world.admit(&agent(), Effect::Ask).await;
        be_quiet(&world, passes).await;
        let mut events = world.hub.events(Caller::Window);
        let asked = world
            .act_by(&agent(), &mail, mail_to("ben@example.org"))
            .await;
        asked.unwrap();
        let told = kinds(&notices(&mut events).await);
        let expected: &[NoticeKind] = if passes { &[NoticeKind::Approval] } else { &[] };
        assert_eq!(told, expected);
        // At the end of the hours: what still waits, and only if it wasn't told.
        choose(&world, |settings| settings.quiet.on = false).await;
        world.core().round(Probe::Due).await;
        let told = notices(&mut events).await;
        match passes {
            true => assert_eq!(kinds(&told), []),
            false => {
                assert_eq!(kinds(&told), [NoticeKind::Approval]);
                assert_eq!(told[0].title, "Something waits for your approval");
            }
        }
    }
}

#[tokio::test]
async fn notices_speak_the_language_of_the_window() {
    let world = World::new().await;
    world.connect("gmail", ANNA).await;
    choose(&world, |settings| settings.language = Some("de".to_owned())).await;
    let mut events = world.hub.events(Caller::Window);
    goes_down(&world).await;
    let told = notices(&mut events).await;
    assert_eq!(told[0].title, "Gmail ist nicht erreichbar");
    let refused = world
        .ask(Request::SetSettings {
            settings: Settings {
                refresh_s: 1,
                ..world.core().settings.get()
            },
        })
        .await
        .unwrap_err();
    assert_eq!(refused.args["field"], "refresh_s");
    assert!(refused.args["reason"].contains("Sekunden"), "{refused:?}");
}

#[tokio::test]
async fn what_services_say_of_themselves_is_in_the_language_of_the_window_as_soon_as_it_is_chosen()
{
    let world = World::new().await;
    let begun = world.connect("gmail", ANNA).await;
    assert_eq!(begun.scopes[0].title, "Send mail");
    let mut events = world.hub.events(Caller::Window);
    choose(&world, |settings| settings.language = Some("de".to_owned())).await;
    let (mut services, mut connection) = (false, None);
    while !services || connection.is_none() {
        match events.next().await.unwrap() {
            Event::IntegrationsChanged => services = true,
            Event::ConnectionChanged { connection: view } => connection = Some(view),
            _ => {}
        }
    }
    assert_eq!(connection.unwrap().scopes[0].title, "E-Mails senden");
    let Response::Integrations(views) = world.ask(Request::ListIntegrations).await.unwrap() else {
        panic!("integrations are answered with integrations");
    };
    let telegram = views.iter().find(|view| view.id.as_str() == "telegram");
    assert_eq!(
        telegram.unwrap().tagline,
        "Nachrichten mit einem eigenen Bot senden."
    );
    let fields = BTreeMap::from([("token".to_owned(), SecretInput::new("110201543"))]);
    let mistyped = Request::ConnectWithForm {
        integration: "telegram".into(),
        connection: None,
        fields,
    };
    let refused = world.ask(mistyped).await.unwrap_err();
    assert!(refused.args["reason"].starts_with("Der Doppelpunkt fehlt"));
}

#[tokio::test]
async fn what_was_chosen_holds_after_a_crash() {
    let world = World::new().await;
    choose(&world, |settings| {
        settings.refresh_s = 120;
        settings.notify.back = false;
        settings.close_to_tray = false;
    })
    .await;
    let world = world.crash_and_reopen().await;
    let Response::Settings(settings) = world.ask(Request::GetSettings).await.unwrap() else {
        panic!("settings are answered with settings");
    };
    assert_eq!(settings.refresh_s, 120);
    assert!(!settings.notify.back && settings.notify.trouble);
    assert!(!settings.close_to_tray);
}
