//! Icons are shown as images, but they are still checked as if they were not.

use quick_xml::{Reader, events::Event};

use super::every;

#[test]
fn every_icon_is_a_small_square_drawing_that_runs_and_loads_nothing() {
    const ELEMENTS: [&str; 8] = [
        "svg", "g", "path", "rect", "circle", "ellipse", "polygon", "line",
    ];
    for (id, integration) in every() {
        let icon = integration.icon_svg();
        assert!(
            icon.len() < 4096,
            "{id}: the icon is larger than a drawing this size needs"
        );
        let mut reader = Reader::from_str(icon);
        let mut view_box = None;
        loop {
            match reader
                .read_event()
                .unwrap_or_else(|error| panic!("{id}: icon.svg: {error}"))
            {
                Event::Start(element) | Event::Empty(element) => {
                    let name = element.name().as_ref().to_owned();
                    assert!(
                        ELEMENTS.contains(&name.as_str()),
                        "{id}: the icon holds <{name}>"
                    );
                    for attribute in element.attributes() {
                        let attribute = attribute.unwrap();
                        let key = attribute.key.as_ref().to_owned();
                        let value = attribute.value.to_string();
                        let harmless = !key.starts_with("on")
                            && !key.contains("href")
                            && !value.contains("url(")
                            && !value.contains("javascript");
                        assert!(harmless, "{id}: the icon holds {key}=\"{value}\"");
                        if name == "svg" && key == "viewBox" {
                            view_box = Some(value);
                        }
                    }
                }
                Event::DocType(_) | Event::PI(_) | Event::CData(_) | Event::GeneralRef(_) => {
                    panic!("{id}: the icon holds more than shapes")
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(view_box.as_deref(), Some("0 0 24 24"), "{id}");
    }
}
