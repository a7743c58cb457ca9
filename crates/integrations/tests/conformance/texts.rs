//! Words: none missing, none left over, and all of them where a face looks for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use integrations::{Auth, Integration};
use model::Language;

use super::{every, folder};

/// Every key that facts and convention call for. Keys named in the folder's own Rust come on top.
fn texts_called_for(integration: &dyn Integration) -> BTreeSet<String> {
    let facts = integration.facts();
    let mut keys = BTreeSet::from(["tagline".to_owned(), "consequence_1".to_owned()]);
    for scope in &facts.scopes {
        keys.extend(["title", "explanation"].map(|part| format!("scope_{}_{part}", scope.key)));
    }
    match &facts.auth {
        Auth::Oauth(oauth) => keys.extend(
            oauth
                .clients
                .keys()
                .map(|kind| format!("client_{kind}_title")),
        ),
        Auth::Form(form) => {
            keys.insert("step_1".to_owned());
            for field in &form.fields {
                let parts = ["label", "placeholder", "help"];
                keys.extend(parts.map(|part| format!("field_{}_{part}", field.id)));
            }
        }
    }
    for step in &facts.setup {
        let stem = format!("setup_{}", step.key);
        keys.extend([format!("{stem}_title"), format!("{stem}_1")]);
        for answer in &step.answers {
            let key = format!("{stem}_answer_{answer}");
            let warning = format!("{key}_warning");
            keys.extend(
                integration
                    .texts(Language::English)
                    .has(&warning)
                    .then_some(warning),
            );
            keys.insert(key);
        }
    }
    let of_setup = facts.setup.iter().map(|step| format!("setup_{}", step.key));
    for stem in of_setup.chain(["consequence".to_owned(), "step".to_owned()]) {
        let numbered = (1..).map(|number| format!("{stem}_{number}"));
        keys.extend(numbered.take_while(|key| integration.texts(Language::English).has(key)));
    }
    keys
}

#[test]
fn every_text_that_is_used_exists_and_every_text_that_exists_is_used() {
    for (id, integration) in every() {
        let called_for = texts_called_for(integration);
        for key in &called_for {
            assert!(
                integration.texts(Language::English).has(key),
                "{id}: texts/en.json lacks {key}"
            );
            let text = integration.texts(Language::English).plain(key);
            assert!(
                !text.trim().is_empty() && !text.contains('!'),
                "{id}: {key}: {text}"
            );
        }
        let code: String = rust_files(&folder(integration))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        let refusals =
            fs::read_to_string(folder(integration).join("fixtures/errors.json")).unwrap();
        for key in integration
            .texts(Language::English)
            .keys()
            .filter(|key| !called_for.contains(*key))
        {
            // A refusal is named by the service's own code: in an answer we know, or where we give it ourselves.
            let used = match key.strip_prefix("refusal_") {
                Some(reason) => {
                    let quoted = format!("\"{reason}\"");
                    refusals.contains(&quoted) || code.contains(&quoted)
                }
                None => code.contains(&format!("\"{key}\"")),
            };
            assert!(used, "{id}: nothing says {key}");
        }
    }
}

/// Also what no single service owns.
#[test]
fn every_language_says_what_english_says_and_leaves_no_placeholder_out() {
    let placeholders = |text: &str| -> BTreeSet<String> {
        let after_a_brace = text.split('{').skip(1);
        after_a_brace
            .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
            .collect()
    };
    let read = |path: PathBuf| -> BTreeMap<String, String> {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let below = fs::read_dir(&src)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders: Vec<PathBuf> = below
        .chain([src.clone()])
        .map(|folder| folder.join("texts"))
        .filter(|texts| texts.is_dir())
        .collect();
    assert!(folders.len() > integrations::all().len());
    for texts in folders {
        let (english, german) = (read(texts.join("en.json")), read(texts.join("de.json")));
        let shown = texts.display();
        assert!(
            english.keys().eq(german.keys()),
            "{shown}: not the same keys"
        );
        for (key, text) in &english {
            let other = &german[key];
            assert_eq!(placeholders(other), placeholders(text), "{shown}: {key}");
            assert!(!other.trim().is_empty(), "{shown}: {key} is empty");
        }
    }
}

/// Shown as "Gmail refused this: …", so it begins in the middle of a sentence and ends it.
#[test]
fn every_refusal_is_worded_to_end_a_sentence() {
    let in_each = every().flat_map(|one| Language::ALL.map(|language| (one, language)));
    for ((id, integration), language) in in_each {
        for key in integration.texts(language).keys() {
            let Some(reason) = key.strip_prefix("refusal_") else {
                continue;
            };
            let said = integration.explain_refusal(reason, language).unwrap();
            // German nouns and articles of theirs begin as they like.
            let continues = language == Language::German
                || said.starts_with(char::is_lowercase)
                || said.starts_with("Autopilot ");
            assert!(continues && said.ends_with('.'), "{id}: {key}: {said}");
        }
    }
}

/// A folder's Rust without its tests.
fn rust_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("tests.rs")
        })
}

#[test]
fn every_face_gets_a_whole_view() {
    let in_each = every().flat_map(|one| Language::ALL.map(|language| (one, language)));
    for ((id, integration), language) in in_each {
        let view = integrations::view(integration, language, &|_| None);
        assert_eq!(view.id.as_str(), id);
        // A text that is missing shows its key.
        let mut said = Vec::new();
        collect_strings(&serde_json::to_value(&view).unwrap(), &mut said);
        let shown = texts_called_for(integration)
            .into_iter()
            .find(|key| said.contains(key));
        assert_eq!(shown, None, "{id}: a key is shown instead of its text");
        assert!(
            !integrations::consequences(integration, language).is_empty(),
            "{id}"
        );
    }
}

fn collect_strings(value: &serde_json::Value, strings: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => strings.push(text.clone()),
        serde_json::Value::Array(items) => {
            items.iter().for_each(|item| collect_strings(item, strings))
        }
        serde_json::Value::Object(fields) => fields
            .values()
            .for_each(|field| collect_strings(field, strings)),
        _ => {}
    }
}
