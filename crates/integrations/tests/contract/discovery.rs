//! A discovery document, as far as a request can be held against it.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value};

/// The folder `cargo xtask setup` puts the documents into.
const FOLDER: &str = "peers/discovery-2.202.0";

pub struct Document {
    pub methods: Vec<Method>,
    /// Parameters every method takes.
    pub parameters: Map<String, Value>,
    pub schemas: Map<String, Value>,
    /// Where batches go.
    pub batch: String,
}

pub struct Method {
    pub id: String,
    pub verb: String,
    /// From the root of the host.
    pub path: Template,
    pub parameters: Map<String, Value>,
    pub request: Option<String>,
    pub response: Option<String>,
    pub scopes: Vec<String>,
    pub upload: Option<Upload>,
}

pub struct Upload {
    pub accept: Vec<String>,
    pub simple: Template,
    pub resumable: Option<Template>,
}

/// A path with `{names}` in it.
pub struct Template(Vec<String>);

impl Document {
    pub fn open(name: &str) -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let path = target.join(FOLDER).join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|_| {
            panic!(
                "Google's description of its API isn't at {}. `cargo xtask setup` fetches it.",
                path.display()
            )
        });
        Self::read(&serde_json::from_str(&text).unwrap())
    }

    pub fn read(document: &Value) -> Self {
        let text = |name: &str| document[name].as_str().unwrap_or_default();
        let mut methods = Vec::new();
        collect(document, text("servicePath"), &mut methods);
        Self {
            methods,
            parameters: object(&document["parameters"]),
            schemas: object(&document["schemas"]),
            batch: format!("/{}", text("batchPath")),
        }
    }

    /// The schema itself, wherever a reference leads.
    pub fn resolve<'d>(&'d self, schema: &'d Value) -> &'d Value {
        match schema["$ref"].as_str() {
            Some(name) => self
                .schemas
                .get(name)
                .unwrap_or_else(|| panic!("the document has no schema {name}")),
            None => schema,
        }
    }
}

fn collect(resource: &Value, service: &str, methods: &mut Vec<Method>) {
    for method in object(&resource["methods"]).values() {
        methods.push(Method::read(method, service));
    }
    for below in object(&resource["resources"]).values() {
        collect(below, service, methods);
    }
}

impl Method {
    fn read(method: &Value, service: &str) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .map(|all| all.iter().filter_map(text).collect())
                .unwrap_or_default()
        };
        let protocols = &method["mediaUpload"]["protocols"];
        Self {
            id: text(&method["id"]).unwrap(),
            verb: text(&method["httpMethod"]).unwrap(),
            path: Template::new(&format!("/{service}{}", method["path"].as_str().unwrap())),
            parameters: object(&method["parameters"]),
            request: text(&method["request"]["$ref"]),
            response: text(&method["response"]["$ref"]),
            scopes: texts(&method["scopes"]),
            upload: protocols["simple"]["path"].as_str().map(|simple| Upload {
                accept: texts(&method["mediaUpload"]["accept"]),
                simple: Template::new(simple),
                resumable: protocols["resumable"]["path"].as_str().map(Template::new),
            }),
        }
    }
}

impl Template {
    fn new(path: &str) -> Self {
        Self(path.split('/').map(str::to_owned).collect())
    }

    /// The values of its names, if the path is of this kind.
    pub fn fit<'p>(&self, path: &'p str) -> Option<BTreeMap<&str, &'p str>> {
        let segments: Vec<&str> = path.split('/').collect();
        if segments.len() != self.0.len() {
            return None;
        }
        let mut values = BTreeMap::new();
        for (template, segment) in self.0.iter().zip(segments) {
            match template
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) if !segment.is_empty() => {
                    values.insert(name, segment);
                }
                None if template == segment => {}
                _ => return None,
            }
        }
        Some(values)
    }

    /// Of two that fit, the one with fewer names is meant.
    pub fn names(&self) -> usize {
        self.0
            .iter()
            .filter(|segment| segment.starts_with('{'))
            .count()
    }
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
