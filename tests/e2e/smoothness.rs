//! How smoothly the real window moves while a thousand lines of the history are looked through, and how soon it answers
//! a click; beside a page of plain lines in the same window. Figures, not promises: only `cargo xtask bench --only ui`
//! asks for them, with the programs as they are shipped.
#![allow(clippy::print_stdout, reason = "figures are printed")]

use autopilot_tests::{ANNA, Consent, World};
use model::{Admission, Budget, Caller, ConnectionRef, Effect, FileQuery, Request, Timestamp};
use serde_json::{Value, json};
use store::{CallerRow, Store};

use crate::desktop::Desktop;
use crate::patience::until;
use crate::texts::said;
use crate::webdriver::key::CONTROL;
use crate::window::Window;

const LINES: usize = 1000;
const PAGE: usize = 100;

/// Between the page's frames while it is moved a notch in each, from its top to its end: the gaps in milliseconds.
const SCROLL: &str = "
    const [scroller, notch] = arguments[0] === 'plain' ? [document.getElementById('plain-lines'), 120]
                                                       : [document.scrollingElement, 120];
    scroller.scrollTop = 0;
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    await frame(); await frame();
    const gaps = [];
    let before = await frame();
    while (scroller.scrollTop + scroller.clientHeight < scroller.scrollHeight - 1) {
        scroller.scrollTop += notch;
        const now = await frame();
        gaps.push(now - before);
        before = now;
    }
    return gaps;";

/// As many plain lines as a page has, over everything else.
const LAY_PLAIN_LINES: &str = "
    const plain = document.createElement('div');
    plain.id = 'plain-lines';
    for (let line = 0; line < arguments[0]; line += 1) {
        const one = document.createElement('p');
        one.textContent = `line ${line} of as many as a page of the history has`;
        plain.append(one);
    }
    document.body.append(plain);
    plain.style.cssText = 'position:fixed;inset:0;overflow:auto;background:#fff;z-index:9';";

/// From a click on another tab until what it shows is on the screen.
const ANSWER: &str = "
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const tabs = [...document.querySelectorAll('main [role=tab]')];
    const times = [];
    for (let turn = 0; turn < arguments[0]; turn += 1) {
        const tab = tabs[turn % tabs.length];
        await frame();
        const began = performance.now();
        tab.click();
        await frame(); await frame();
        times.push(performance.now() - began);
        await new Promise((later) => setTimeout(later, 250));
    }
    return times;";

const PAINTED: &str = "
    const paint = performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint');
    return paint?.startTime ?? null;";

#[test]
#[ignore = "figures for `cargo xtask bench --only ui`; they prove nothing"]
fn a_thousand_lines_of_the_history() {
    let desktop = Desktop::around(|| with_history(World::sandbox("smooth")));
    let window = Window::open(&desktop);
    window.session.chord(&[CONTROL, "3"]).unwrap();
    window.press_what("[role=tab]", &said("ui_history", &[]), None);
    await_page(&window, None);

    let (mut gaps, mut seen) = (Vec::new(), 0);
    loop {
        gaps.extend(numbers(&window, SCROLL, &Value::Null));
        seen += PAGE;
        if seen >= LINES {
            break;
        }
        let last = last_line(&window);
        window.press(&said("ui_older", &[]));
        await_page(&window, Some(last));
    }
    let answers = numbers(&window, ANSWER, &json!(12));
    // Asked for when it has long been noted: a window that just opened may be asked before its first paint.
    let painted = window.ask(PAINTED, &Value::Null);
    window.session.run(LAY_PLAIN_LINES, &json!(PAGE)).unwrap();
    let plain: Vec<f64> = (0..LINES / PAGE)
        .flat_map(|_| numbers(&window, SCROLL, &json!("plain")))
        .collect();

    println!("first contentful paint of the page: {painted} ms after its navigation began");
    let (ours, floor) = (at(&gaps, 0.95), at(&plain, 0.95));
    println!(
        "{seen} lines of the history: gap between frames p50 {:.1} ms, p95 {ours:.1} ms, longest {:.1} ms; plain lines in the \
         same window p50 {:.1} ms, p95 {floor:.1} ms; ratio of p95 {:.2}",
        at(&gaps, 0.5),
        at(&gaps, 1.0),
        at(&plain, 0.5),
        ours / floor
    );
    println!(
        "from a click on a tab to its second frame: p50 {:.0} ms, longest {:.0} ms",
        at(&answers, 0.5),
        at(&answers, 1.0)
    );
}

/// A thousand lists of files, each a line; whoever asks may ask as often, by the table, since only a window could say so.
fn with_history(world: World) -> World {
    let hub = world.hub();
    let (end, _) = world
        .connect(&["google_drive", "--redirect", "loopback"])
        .through_loopback(&Consent::of(ANNA));
    let _ = end.connected();
    hub.stop();
    {
        let own = std::env::current_exe().unwrap();
        let store = Store::open(&world.database()).unwrap().store;
        let row = CallerRow {
            caller: Caller::Program {
                executable: own.to_string_lossy().into_owned(),
            },
            admission: Admission::Admitted {
                at: Timestamp::now(),
            },
            rules: Vec::new(),
            writes: Effect::Ask,
            budget: Budget {
                per_minute: 10_000,
                writes_per_day: 1,
            },
            client: None,
            taint: None,
            last_seen: None,
        };
        store.callers().put(&row).unwrap();
    }
    let hub = world.hub();
    let face = world.face();
    for _ in 0..LINES {
        let list = Request::ListFiles {
            connection: ConnectionRef::new("google_drive"),
            query: FileQuery::default(),
        };
        face.ask(list).unwrap();
    }
    drop(face);
    hub.stop();
    world
}

/// A whole page of lines, of which the last isn't the one before's.
fn await_page(window: &Window, before: Option<Value>) {
    until("a page of the history", || {
        let lines = window.ask(
            "return document.querySelectorAll('[data-line]').length",
            &Value::Null,
        );
        lines == PAGE
            && before
                .as_ref()
                .is_none_or(|before| last_line(window) != *before)
    });
}

fn last_line(window: &Window) -> Value {
    window.ask(
        "return [...document.querySelectorAll('[data-line]')].at(-1)?.dataset.line ?? null",
        &Value::Null,
    )
}

fn numbers(window: &Window, body: &str, argument: &Value) -> Vec<f64> {
    let answer = window.session.run_async(body, argument).unwrap();
    let numbers = answer["value"].as_array();
    let numbers = numbers.unwrap_or_else(|| panic!("no figures: {answer}"));
    assert!(!numbers.is_empty(), "nothing was measured");
    numbers.iter().filter_map(Value::as_f64).collect()
}

/// The value below which this share of them lies.
fn at(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a short list"
    )]
    let index = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[index]
}
