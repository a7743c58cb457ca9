//! Partial responses: the `fields` parameter of Google APIs, e.g. `user(emailAddress),storageQuota/limit`.
//! A field that the resource doesn't have is refused, since that is how a misspelt one shows.

use serde_json::{Map, Value};

/// A parsed mask: names, each with what is wanted below it (`None` = all of it).
struct Mask(Vec<(String, Option<Mask>)>);

/// Keeps what the mask names of a resource whose optional fields may be absent. `whole` is an example with every field;
/// `Err` is the field, or the text, that makes no sense.
pub(crate) fn select_of(resource: &Value, fields: &str, whole: &Value) -> Result<Value, String> {
    let mask = read(fields)?;
    apply(whole, &mask, true)?;
    apply(resource, &mask, false)
}

fn read(fields: &str) -> Result<Mask, String> {
    let mut rest = fields.trim();
    let mask = list(&mut rest)?;
    if rest.is_empty() {
        Ok(mask)
    } else {
        Err(rest.to_owned())
    }
}

fn list(rest: &mut &str) -> Result<Mask, String> {
    let mut wanted = Vec::new();
    loop {
        wanted.push(one(rest)?);
        match rest.strip_prefix(',') {
            Some(more) => *rest = more,
            None => return Ok(Mask(wanted)),
        }
    }
}

fn one(rest: &mut &str) -> Result<(String, Option<Mask>), String> {
    let text = rest.trim_start();
    let end = text
        .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '*')
        .unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() {
        return Err(text.to_owned());
    }
    let after = after.trim_start();
    let below = if let Some(deeper) = after.strip_prefix('/') {
        *rest = deeper;
        Some(Mask(vec![one(rest)?]))
    } else if let Some(group) = after.strip_prefix('(') {
        *rest = group;
        let mask = list(rest)?;
        *rest = rest
            .strip_prefix(')')
            .ok_or_else(|| rest.to_string())?
            .trim_start();
        Some(mask)
    } else {
        *rest = after;
        None
    };
    Ok((name.to_owned(), below))
}

/// `strict`: a field that isn't there is a mistake.
fn apply(value: &Value, mask: &Mask, strict: bool) -> Result<Value, String> {
    match value {
        Value::Array(items) => items.iter().map(|item| apply(item, mask, strict)).collect(),
        Value::Object(object) => {
            let mut kept = Map::new();
            for (name, below) in &mask.0 {
                let matching: Vec<_> = object
                    .iter()
                    .filter(|(key, _)| name == "*" || *key == name)
                    .collect();
                if strict && matching.is_empty() && name != "*" {
                    return Err(name.clone());
                }
                for (key, value) in matching {
                    let value = below
                        .as_ref()
                        .map_or_else(|| Ok(value.clone()), |below| apply(value, below, strict))?;
                    match (kept.get_mut(key), value) {
                        // `user/me,user/emailAddress` names one object twice.
                        (Some(Value::Object(before)), Value::Object(more)) => before.extend(more),
                        (_, value) => {
                            kept.insert(key.clone(), value);
                        }
                    }
                }
            }
            Ok(Value::Object(kept))
        }
        _ => Err(mask
            .0
            .first()
            .map(|(name, _)| name.clone())
            .unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn select(resource: &Value, fields: &str) -> Result<Value, String> {
        select_of(resource, fields, resource)
    }

    #[test]
    fn a_mask_keeps_what_it_names_and_nothing_else() {
        let about = json!({ "user": { "me": true, "emailAddress": "a@b" }, "quota": { "limit": "1", "usage": "0" } });
        for (mask, kept) in [
            (
                "user(emailAddress)",
                json!({ "user": { "emailAddress": "a@b" } }),
            ),
            (
                "user/me, quota(limit,usage)",
                json!({ "user": { "me": true }, "quota": { "limit": "1", "usage": "0" } }),
            ),
            (
                "user/me,user/emailAddress",
                json!({ "user": { "me": true, "emailAddress": "a@b" } }),
            ),
            ("*", about.clone()),
        ] {
            assert_eq!(select(&about, mask).as_ref(), Ok(&kept), "{mask}");
        }
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused() {
        let about = json!({ "user": { "me": true } });
        for mask in [
            "usr",
            "user(name)",
            "user/me/more",
            "user(",
            "user)",
            "",
            ",user",
        ] {
            assert!(select(&about, mask).is_err(), "{mask}");
        }
    }
}
