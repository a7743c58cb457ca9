//! Holds one request against a document. `Err` is a sentence for whoever broke the contract.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::Url;

use super::{
    discovery::{Document, Method, Template},
    recorder::{Request, split_multipart},
};

pub struct Checker<'d> {
    document: &'d Document,
    /// The permissions we ask for.
    scopes: Vec<&'d str>,
}

/// How the bytes travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Plain,
    Upload,
}

type Checked<T = ()> = Result<T, String>;

impl<'d> Checker<'d> {
    pub fn new(document: &'d Document, scopes: &[&'d str]) -> Self {
        Self {
            document,
            scopes: scopes.to_vec(),
        }
    }

    /// The ids of the methods it calls: one, or those inside a batch.
    pub fn check(&self, request: &Request) -> Checked<BTreeSet<String>> {
        if request.path().starts_with(&self.document.batch) {
            return self.check_batch(request);
        }
        if request.pairs().iter().any(|(name, _)| name == "upload_id") {
            return self.check_going_on(request);
        }
        let (method, way) = self.find(request)?;
        self.check_parameters(method, way, request)?;
        self.check_body(method, way, request)?;
        if !method
            .scopes
            .iter()
            .any(|scope| self.scopes.contains(&scope.as_str()))
        {
            return Err(format!("no permission we ask for covers {}", method.id));
        }
        Ok(BTreeSet::from([method.id.clone()]))
    }

    /// What goes on with an upload that was begun. Its address is Google's own, so the documents only say where.
    fn check_going_on(&self, request: &Request) -> Checked<BTreeSet<String>> {
        let belongs = self.document.methods.iter().any(|method| {
            let upload = method.upload.iter();
            upload
                .filter(|upload| upload.resumable.is_some())
                .any(|upload| upload.simple.fit(request.path()).is_some())
        });
        match (request.method.as_str(), belongs) {
            ("PUT" | "DELETE", true) => Ok(BTreeSet::new()),
            _ => Err("no upload goes on like this".to_owned()),
        }
    }

    fn find(&self, request: &Request) -> Checked<(&'d Method, Way)> {
        let path = request.path();
        let fits = |template: &Template| template.fit(path).is_some();
        self.document
            .methods
            .iter()
            .filter(|method| method.verb == request.method)
            .filter_map(|method| {
                if fits(&method.path) {
                    return Some((method, Way::Plain));
                }
                let upload = method.upload.as_ref()?;
                let by_upload = fits(&upload.simple) || upload.resumable.as_ref().is_some_and(fits);
                by_upload.then_some((method, Way::Upload))
            })
            .min_by_key(|(method, _)| method.path.names())
            .ok_or_else(|| "no method has this path".to_owned())
    }

    fn check_parameters(&self, method: &Method, way: Way, request: &Request) -> Checked {
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        let pairs = request.pairs();
        for (name, value) in &pairs {
            *counted.entry(name).or_default() += 1;
            if name == "uploadType" {
                check_upload_type(method, way, value)?;
                continue;
            }
            let fact = method
                .parameters
                .get(name)
                .filter(|fact| fact["location"] == "query")
                .or_else(|| self.document.parameters.get(name))
                .ok_or_else(|| format!("{} takes no {name}", method.id))?;
            check_scalar(fact, value).map_err(|why| format!("{name}: {why}"))?;
            if counted[name.as_str()] > 1 && fact["repeated"] != true {
                return Err(format!("{name} is not repeated"));
            }
            if name == "fields" && !pairs.contains(&("alt".to_owned(), "media".to_owned())) {
                self.check_fields(method, value)?;
            }
        }
        let needed = method
            .parameters
            .iter()
            .filter(|(_, fact)| fact["required"] == true && fact["location"] == "query");
        for (name, _) in needed {
            if !counted.contains_key(name.as_str()) {
                return Err(format!("{} needs {name}", method.id));
            }
        }
        if way == Way::Upload && !counted.contains_key("uploadType") {
            return Err("an upload says which kind it is".to_owned());
        }
        let values = method.path.fit(request.path()).unwrap_or_default();
        for (name, value) in values {
            let fact = method
                .parameters
                .get(name)
                .ok_or_else(|| format!("{} has no {name} in its path", method.id))?;
            check_scalar(fact, value).map_err(|why| format!("{name}: {why}"))?;
        }
        Ok(())
    }

    /// Does the answer have what is asked of it?
    fn check_fields(&self, method: &Method, fields: &str) -> Checked {
        let response = method
            .response
            .as_ref()
            .ok_or_else(|| format!("{} answers nothing to take fields from", method.id))?;
        let schema = &self.document.schemas[response.as_str()];
        let mut rest = fields;
        self.check_mask(schema, &mut rest)?;
        if rest.is_empty() {
            Ok(())
        } else {
            Err(format!("fields end in {rest:?}"))
        }
    }

    /// A list of `name`, `name/name` and `name(list)`.
    fn check_mask(&self, schema: &Value, rest: &mut &str) -> Checked {
        loop {
            let mut schema = self.document.resolve(schema);
            loop {
                let end = rest
                    .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '*')
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                *rest = after;
                if name != "*" {
                    schema = self
                        .property(schema, name)
                        .ok_or_else(|| format!("fields: there is no {name:?} in the answer"))?;
                }
                if let Some(after) = rest.strip_prefix('/') {
                    *rest = after;
                } else if let Some(after) = rest.strip_prefix('(') {
                    *rest = after;
                    self.check_mask(schema, rest)?;
                    *rest = rest.strip_prefix(')').ok_or("fields: a ) is missing")?;
                    break;
                } else {
                    break;
                }
            }
            match rest.strip_prefix(',') {
                Some(after) => *rest = after,
                None => return Ok(()),
            }
        }
    }

    /// What that name holds, seen through lists.
    fn property<'s>(&'s self, schema: &'s Value, name: &str) -> Option<&'s Value> {
        let mut held = schema["properties"].get(name)?;
        loop {
            held = self.document.resolve(held);
            match held.get("items") {
                Some(items) => held = items,
                None => return Some(held),
            }
        }
    }

    fn check_body(&self, method: &Method, way: Way, request: &Request) -> Checked {
        let kind = request.header("content-type").unwrap_or_default();
        let upload_type = request
            .pairs()
            .into_iter()
            .find_map(|(name, value)| (name == "uploadType").then_some(value));
        match (way, upload_type.as_deref()) {
            (Way::Plain, _) if request.body.is_empty() => Ok(()),
            (Way::Plain, _) | (Way::Upload, Some("resumable")) => {
                if request.body.is_empty() {
                    return Ok(());
                }
                if !kind.starts_with("application/json") {
                    return Err(format!("the body is {kind:?}, not JSON"));
                }
                self.check_json(method, &request.body)
            }
            (Way::Upload, Some("multipart")) => {
                if !kind.starts_with("multipart/related") {
                    return Err(format!("the body is {kind:?}, not multipart/related"));
                }
                let parts = split_multipart(kind, &request.body)?;
                let [known, media] = parts.as_slice() else {
                    return Err(format!("{} parts instead of two", parts.len()));
                };
                if !known
                    .header("content-type")
                    .is_some_and(|kind| kind.starts_with("application/json"))
                {
                    return Err("the first part isn't JSON".to_owned());
                }
                self.check_json(method, &known.body)?;
                check_media(method, media.header("content-type").unwrap_or_default())
            }
            (Way::Upload, _) => check_media(method, kind),
        }
    }

    fn check_json(&self, method: &Method, body: &[u8]) -> Checked {
        let body: Value = serde_json::from_slice(body).map_err(|why| why.to_string())?;
        let request = method
            .request
            .as_ref()
            .ok_or_else(|| format!("{} takes no body", method.id))?;
        self.check_value(&self.document.schemas[request.as_str()], &body)
            .map_err(|why| format!("body: {why}"))
    }

    fn check_value(&self, schema: &Value, value: &Value) -> Checked {
        let schema = self.document.resolve(schema);
        match (schema["type"].as_str().unwrap_or("any"), value) {
            ("object", Value::Object(fields)) => {
                for (name, value) in fields {
                    let fact = schema["properties"]
                        .get(name)
                        .or_else(|| schema.get("additionalProperties"))
                        .ok_or_else(|| format!("there is no {name:?}"))?;
                    if fact["deprecated"] == true || fact["readOnly"] == true {
                        return Err(format!("{name:?} is not for us to set"));
                    }
                    self.check_value(fact, value)
                        .map_err(|why| format!("{name}: {why}"))?;
                }
                Ok(())
            }
            ("array", Value::Array(items)) => items
                .iter()
                .try_for_each(|item| self.check_value(&schema["items"], item)),
            ("string", Value::String(text)) => check_scalar(schema, text),
            ("boolean", Value::Bool(_)) | ("any", _) => Ok(()),
            ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(()),
            ("number", Value::Number(_)) => Ok(()),
            (kind, other) => Err(format!("{other} is no {kind}")),
        }
    }

    fn check_batch(&self, request: &Request) -> Checked<BTreeSet<String>> {
        const MOST: usize = 100;
        let kind = request.header("content-type").unwrap_or_default();
        if request.method != "POST" || !kind.starts_with("multipart/mixed") {
            return Err("a batch is a POST of multipart/mixed".to_owned());
        }
        let parts = split_multipart(kind, &request.body)?;
        if !(1..=MOST).contains(&parts.len()) {
            return Err(format!("{} calls in one batch", parts.len()));
        }
        let mut methods = BTreeSet::new();
        let mut labels = BTreeSet::new();
        for part in &parts {
            if part.header("content-type") != Some("application/http") {
                return Err("a part of a batch is application/http".to_owned());
            }
            let label = part
                .header("content-id")
                .ok_or("a part has no Content-ID")?;
            if !labels.insert(label.to_owned()) {
                return Err(format!("two parts are {label}"));
            }
            let inner = Request::read(&part.body).ok_or("a part holds no request")?;
            if !inner.target.starts_with('/') {
                return Err(format!("{} names a host", inner.target));
            }
            let called = self
                .check(&inner)
                .map_err(|why| format!("{label}: {} {}: {why}", inner.method, inner.target))?;
            methods.extend(called);
        }
        Ok(methods)
    }
}

fn check_upload_type(method: &Method, way: Way, value: &str) -> Checked {
    let known = matches!(value, "media" | "multipart" | "resumable");
    match (way, &method.upload) {
        (Way::Upload, Some(upload))
            if known && (value != "resumable" || upload.resumable.is_some()) =>
        {
            Ok(())
        }
        _ => Err(format!("uploadType={value} doesn't belong here")),
    }
}

fn check_media(method: &Method, kind: &str) -> Checked {
    let accept = method
        .upload
        .as_ref()
        .map(|upload| upload.accept.as_slice());
    let accepted = accept.unwrap_or_default().iter().any(|pattern| {
        pattern == "*/*"
            || pattern == kind
            || pattern
                .strip_suffix('*')
                .is_some_and(|start| kind.starts_with(start))
    });
    if accepted && kind.contains('/') {
        Ok(())
    } else {
        Err(format!("{} doesn't take {kind:?}", method.id))
    }
}

/// A parameter, or a string of a body, by its type, format, range and list of values.
fn check_scalar(fact: &Value, value: &str) -> Checked {
    if fact["deprecated"] == true {
        return Err("is deprecated".to_owned());
    }
    let number: Option<i128> = value.parse().ok();
    let fits = match (
        fact["type"].as_str().unwrap_or("string"),
        fact["format"].as_str().unwrap_or_default(),
    ) {
        ("integer", "uint32") | ("string", "uint32") => {
            number.is_some_and(|number| u32::try_from(number).is_ok())
        }
        ("integer", _) => number.is_some_and(|number| i32::try_from(number).is_ok()),
        ("string", "int64") => number.is_some_and(|number| i64::try_from(number).is_ok()),
        ("string", "uint64") => number.is_some_and(|number| u64::try_from(number).is_ok()),
        ("string", "date-time") => value.parse::<jiff::Timestamp>().is_ok(),
        ("string", "byte") => value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte)),
        ("boolean", _) => matches!(value, "true" | "false"),
        _ => true,
    };
    if !fits {
        return Err(format!(
            "{value:?} is no {} {}",
            fact["type"], fact["format"]
        ));
    }
    let limit = |name: &str| fact[name].as_str().and_then(|limit| limit.parse().ok());
    let out_of_range = number.is_some_and(|number| {
        limit("minimum").is_some_and(|least: i128| number < least)
            || limit("maximum").is_some_and(|most: i128| number > most)
    });
    if out_of_range {
        return Err(format!("{value} is out of range"));
    }
    match fact["enum"].as_array() {
        Some(values) if !values.iter().any(|known| known == value) => {
            Err(format!("{value:?} is none of its values"))
        }
        _ => Ok(()),
    }
}

impl Request {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query, decoded.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let base = Url::parse("http://127.0.0.1").unwrap();
        base.join(&self.target)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect()
    }
}

/// The checker would be worth nothing if it let these through.
#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: &str = "https://www.googleapis.com/auth/gmail.readonly";
    const SEND: &str = "https://www.googleapis.com/auth/gmail.send";

    fn verdict(scopes: &[&str], request: &str) -> Checked<BTreeSet<String>> {
        let document = Document::open("gmail.v1.json");
        let request = Request::read(request.replace('\n', "\r\n").as_bytes()).unwrap();
        Checker::new(&document, scopes).check(&request)
    }

    #[test]
    fn a_request_that_breaks_the_contract_is_found() {
        let messages = "/gmail/v1/users/me/messages";
        for (wrong, why) in [
            (format!("GET {messages}x HTTP/1.1\n\n"), "no method"),
            (format!("PUT {messages} HTTP/1.1\n\n"), "no method"),
            (format!("GET {messages}/ HTTP/1.1\n\n"), "no method"),
            (format!("GET {messages}?query=x HTTP/1.1\n\n"), "takes no query"),
            (format!("GET {messages}?maxResults=many HTTP/1.1\n\n"), "is no"),
            (format!("GET {messages}?q=a&q=b HTTP/1.1\n\n"), "not repeated"),
            (format!("GET {messages}?fields=mails(id) HTTP/1.1\n\n"), "no \"mails\""),
            (format!("GET {messages}?fields=messages(id,form) HTTP/1.1\n\n"), "no \"form\""),
            (format!("GET {messages}?fields=messages(id HTTP/1.1\n\n"), "missing"),
            (format!("GET {messages}/1?format=meta HTTP/1.1\n\n"), "none of its values"),
            (format!("GET {messages}?uploadType=media HTTP/1.1\n\n"), "doesn't belong"),
            (format!("POST {messages}/send HTTP/1.1\ncontent-type: application/json\n\n{{\"row\":\"AA\"}}"), "no \"row\""),
            (format!("POST {messages}/send HTTP/1.1\ncontent-type: application/json\n\n{{\"raw\":\"A+/A\"}}"), "is no"),
            (format!("POST {messages}/send HTTP/1.1\ncontent-type: application/json\n\n{{\"raw\":7}}"), "is no string"),
            (format!("POST {messages}/send HTTP/1.1\ncontent-type: text/plain\n\nhello"), "not JSON"),
            (format!("POST /upload{messages}/send HTTP/1.1\ncontent-type: message/rfc822\n\nx"), "which kind"),
            (format!("POST /upload{messages}/send?uploadType=media HTTP/1.1\ncontent-type: text/plain\n\nx"), "doesn't take"),
            ("POST /batch/gmail/v1 HTTP/1.1\ncontent-type: multipart/mixed; boundary=b\n\n--b\ncontent-type: application/http\ncontent-id: <1>\n\nGET /gmail/v2/users HTTP/1.1\n\n\n--b--\n".to_owned(), "no method"),
        ] {
            let said = verdict(&[SCOPE, SEND], &wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_permission_we_do_not_ask_for_is_found() {
        let list = "GET /gmail/v1/users/me/messages?maxResults=5 HTTP/1.1\n\n";
        assert!(verdict(&[SCOPE], list).is_ok());
        let said = verdict(&[SEND], list).unwrap_err();
        assert!(said.contains("no permission"), "{said}");
    }
}
