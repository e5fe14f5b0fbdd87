//! `~/.netrc`: who one is at which host. Pure.

/// User and password for a host, or those of `default`.
pub(super) fn login(text: &str, host: &str) -> Option<(String, String)> {
    let mut words = words(text).into_iter();
    let mut meant = false;
    let mut found = false;
    let (mut user, mut password) = (String::new(), String::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "machine" | "default" => {
                if found {
                    break;
                }
                meant = word == "default"
                    || words.next().is_some_and(|name| name.eq_ignore_ascii_case(host));
                found |= meant;
            }
            "login" => {
                let value = words.next().unwrap_or_default();
                if meant {
                    user = value;
                }
            }
            "password" => {
                let value = words.next().unwrap_or_default();
                if meant {
                    password = value;
                }
            }
            "account" => {
                words.next();
            }
            _ => {}
        }
    }
    (found && !(user.is_empty() && password.is_empty())).then_some((user, password))
}

/// Words, without comments and macros; one in quotes may have blanks.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_macro = false;
    for line in text.lines() {
        if in_macro {
            in_macro = !line.trim().is_empty();
            continue;
        }
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let (word, behind) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
            };
            if word == "macdef" {
                in_macro = true;
                break;
            }
            found.push(word.to_owned());
            rest = behind.trim_start();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_logins() {
        let text = "# mine\nmachine a login u password \"p w\"\nmacdef init\nmachine b login no\n\n\
                    machine b\n  login v\n  password w\ndefault login anonymous password x\n";
        let of = |host| login(text, host).map(|(user, password)| format!("{user}:{password}"));
        assert_eq!(of("A").as_deref(), Some("u:p w"));
        assert_eq!(of("b").as_deref(), Some("v:w"));
        assert_eq!(of("c").as_deref(), Some("anonymous:x"));
        assert_eq!(login("machine a", "a"), None);
        assert_eq!(login("machine a login u", "b"), None);
        assert_eq!(login("machine", "b"), None);
    }
}
