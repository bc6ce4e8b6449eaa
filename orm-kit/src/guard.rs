//! Whether a database looks like one that people depend on.

/// Why a database looks like one in production; `None` if it does not.
///
/// `ORM_ENV` or `APP_ENV` says so, or the host of its URL does.
pub(crate) fn production(url: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    for name in ["ORM_ENV", "APP_ENV"] {
        if let Some(value) = variable(name).filter(|value| value.to_ascii_lowercase().starts_with("prod")) {
            return Some(format!("{name} is `{value}`"));
        }
    }
    let hosts = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))?;
    // Before the first `@` are user and password, whatever is in them.
    let hosts = hosts.split_once('@').map_or(hosts, |(_, rest)| rest);
    let (hosts, rest) = hosts.split_at(hosts.find(['/', '?']).unwrap_or(hosts.len()));
    let parameters = rest.split(['?', '&']).filter_map(|parameter| parameter.split_once('='));
    let named = parameters.filter(|(name, _)| matches!(*name, "host" | "hostaddr")).map(|(_, value)| value);
    let hosts: Vec<&str> = std::iter::once(hosts).chain(named.filter(|host| !host.starts_with(['/', '%']))).collect();
    let hosts = hosts.join(",");
    let looks_so = |host: &&str| {
        let name = host.rsplit_once(':').map_or(*host, |(name, _)| name).to_ascii_lowercase();
        let is_local = name.is_empty() || name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
        name.contains("prod")
            || !is_local && name.contains('.') && !name.ends_with(".local") && !name.ends_with(".localhost")
    };
    // Not which one: of a URL that is not well formed, this may be the password.
    hosts.split(',').any(|host| looks_so(&host)).then(|| "of its host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::production;

    fn check(url: &str, is_production: bool) {
        assert_eq!(production(url, |_| None).is_some(), is_production, "{url}");
    }

    #[test]
    fn hosts_that_look_so() {
        check("postgres://me:p.w@localhost:5432/app", false);
        check("postgres://127.0.0.1/prod_copy", false);
        check("postgres:///app?host=/tmp", false);
        check("postgres://db.local/app", false);
        check("sqlite:production.db", false);
        check("postgres://db-prod/app", true);
        check("postgres://localhost,db.example.com:5432/app", true);
        check("postgresql://x.eu-west-1.rds.amazonaws.com/app", true);
    }

    #[test]
    fn an_environment_that_says_so() {
        let production =
            |value: &'static str| production("sqlite:a", move |name| (name == "APP_ENV").then(|| value.to_owned()));
        assert_eq!(production("Production").as_deref(), Some("APP_ENV is `Production`"));
        assert_eq!(production("development"), None);
    }
}
