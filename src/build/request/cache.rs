//! Caches as they are written in a file: `type=registry,ref=user/app:cache`, or just a reference.

use std::collections::BTreeMap;
use std::path::Path;

use super::Cache;

impl Cache {
    /// Reads an entry of `cache_from` or `cache_to`. Relative directories of local caches are below
    /// `base`; what a cache of GitHub Actions needs comes from `environment`.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub(super) fn parse(
        text: &str,
        base: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let fields = fields(text);
        if !text.contains('=') && fields.len() == 1 {
            let attributes = [("ref".to_owned(), text.to_owned())].into();
            return Ok(Self { kind: "registry".to_owned(), attributes });
        }
        let mut cache = Self::default();
        for field in fields {
            let (key, value) = field
                .split_once('=')
                .ok_or_else(|| format!("invalid value `{field}`: it has no `=`"))?;
            match key.to_ascii_lowercase().as_str() {
                "type" => value.clone_into(&mut cache.kind),
                "src" | "dest" if !value.is_empty() => {
                    let path = base.join(value).display().to_string();
                    cache.attributes.insert(key.to_owned(), path);
                }
                key => {
                    cache.attributes.insert(key.to_owned(), value.to_owned());
                }
            }
        }
        if cache.kind.is_empty() {
            return Err(format!("`type` is required in `{text}`"));
        }
        if cache.kind == "gha" {
            cache.add_from(environment, "token", "ACTIONS_RUNTIME_TOKEN");
            cache.add_from(environment, "url", "ACTIONS_CACHE_URL");
            cache.add_from(environment, "url_v2", "ACTIONS_RESULTS_URL");
        }
        Ok(cache)
    }

    fn add_from(&mut self, environment: &BTreeMap<String, String>, key: &str, variable: &str) {
        if let Some(value) = environment.get(variable) {
            self.attributes.entry(key.to_owned()).or_insert_with(|| value.clone());
        }
    }
}

/// The fields of a comma-separated line; a field in double quotes may contain commas.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            character => {
                if let Some(field) = fields.last_mut() {
                    field.push(character);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::Cache;

    fn parse(text: &str) -> Result<(String, Vec<String>), String> {
        let environment = [("ACTIONS_RUNTIME_TOKEN".to_owned(), "secret".to_owned())].into();
        Cache::parse(text, Path::new("/p"), &environment).map(|cache| {
            let attributes =
                cache.attributes.into_iter().map(|(key, value)| format!("{key}={value}"));
            (cache.kind, attributes.collect())
        })
    }

    #[test]
    fn reads_entries() {
        for (text, kind, attributes) in [
            ("user/app:cache", "registry", vec!["ref=user/app:cache"]),
            ("type=registry,ref=r:5000/x,mode=max", "registry", vec!["mode=max", "ref=r:5000/x"]),
            ("type=inline", "inline", vec![]),
            ("type=local,dest=.cache", "local", vec!["dest=/p/.cache"]),
            ("type=local,src=/var/cache", "local", vec!["src=/var/cache"]),
            ("type=s3,\"bucket=a,b\"", "s3", vec!["bucket=a,b"]),
            ("type=gha,scope=main", "gha", vec!["scope=main", "token=secret"]),
        ] {
            let attributes = attributes.into_iter().map(str::to_owned).collect();
            assert_eq!(parse(text).unwrap(), (kind.to_owned(), attributes), "{text}");
        }
        assert!(parse("ref=x").unwrap_err().contains("`type` is required"));
        assert!(parse("type=local,x").unwrap_err().contains("no `=`"));
        let none = BTreeMap::new();
        let cache = Cache::parse("type=gha", Path::new("/"), &none).unwrap();
        assert!(cache.attributes.is_empty());
    }
}
