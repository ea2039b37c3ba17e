//! Which proxy connections to servers and relays go through, if any.
//!
//! A setting names one, or leaves it to the environment: `https_proxy`, `all_proxy` and, for connections
//! without TLS, `http_proxy`, each in small or capital letters (`HTTP_PROXY` excepted, which a web server sets
//! for its scripts), and `no_proxy` with hosts that are met without one.

mod dialogue;
mod except;

use std::fmt;

pub(crate) use dialogue::{ProxyError, pass};
use except::Exceptions;

/// What a setting and the environment say of proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    /// For connections with TLS.
    secure: Option<Proxy>,
    /// For those without.
    plain: Option<Proxy>,
    except: Exceptions,
    /// A person named it: nothing that a relay is told goes past it.
    is_named: bool,
}

/// One proxy.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) host: String,
    pub(crate) port: u16,
    login: Option<(String, String)>,
}

/// How a proxy is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    /// `CONNECT` (RFC 9110 §9.3.6).
    Http,
    /// SOCKS 5 (RFC 1928); the proxy looks names up.
    Socks5,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({:?})", self.kind)
    }
}

impl Proxies {
    /// Reads the value of the setting; `variable` looks into the environment.
    pub(crate) fn of(setting: &str, variable: impl Fn(&str) -> Option<String>) -> Self {
        match setting {
            NONE => Self::default(),
            AUTOMATIC => Self::of_environment(variable),
            named => {
                let login = variable(LOGIN_VARIABLE);
                let proxy = Proxy::parse(named).map(|mut proxy| {
                    proxy.login = login
                        .as_deref()
                        .and_then(|login| login.split_once(':'))
                        .map(owned);
                    proxy
                });
                Self {
                    secure: proxy.clone(),
                    plain: proxy,
                    except: Exceptions::default(),
                    is_named: true,
                }
            }
        }
    }

    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| {
            let mut values = names.iter().filter_map(|name| variable(name));
            values.find(|value| !value.trim().is_empty())
        };
        // What is not understood is passed over, like any other program does.
        let proxy = |names: &[&str]| first(names).and_then(|text| Proxy::parse(text.trim()));
        let secure = proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]);
        let plain = proxy(&["http_proxy", "all_proxy", "ALL_PROXY"]);
        let except = first(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        Self {
            secure,
            plain,
            except: Exceptions::with_own_machine(&except),
            is_named: false,
        }
    }

    /// The proxy on the way to a host.
    pub(crate) fn on_the_way_to(&self, host: &str, is_secure: bool) -> Option<&Proxy> {
        let proxy = match is_secure {
            true => &self.secure,
            false => &self.plain,
        };
        proxy.as_ref().filter(|_| !self.except.hold(host))
    }

    /// How the proxy is asked, if there is any.
    pub(crate) fn kind(&self) -> Option<ProxyKind> {
        let any = self.secure.as_ref().or(self.plain.as_ref());
        any.map(|proxy| proxy.kind)
    }

    /// Whether a person named a proxy, so that relays are not asked by datagrams, which would go past it.
    pub(crate) fn is_named(&self) -> bool {
        self.is_named
    }
}

impl Proxy {
    /// Reads `http://host:port` or `socks5://host:port`, with a login in front of the host if need be.
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = match text.split_once("://") {
            Some(("http", rest)) => (ProxyKind::Http, rest),
            Some(("socks5" | "socks5h", rest)) => (ProxyKind::Socks5, rest),
            Some(_) => return None,
            None => (ProxyKind::Http, text),
        };
        let rest = rest.trim_end_matches('/');
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login.split_once(':').unwrap_or((login, ""))), place),
            None => (None, rest),
        };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            Some(_) | None => (place, kind.usual_port()),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_host = |it: char| it.is_alphanumeric() || "-._:".contains(it);
        if host.is_empty() || port == 0 || !host.chars().all(is_host) {
            return None;
        }
        Some(Self {
            kind,
            host: host.to_owned(),
            port,
            login: login.map(|(user, password)| (unescape(user), unescape(password))),
        })
    }
}

impl ProxyKind {
    fn usual_port(self) -> u16 {
        match self {
            Self::Http => 8_080,
            Self::Socks5 => 1_080,
        }
    }
}

/// Whether `text` can be the value of the setting. A login is not taken: settings are shown.
pub(crate) fn is_setting(text: &str) -> bool {
    [AUTOMATIC, NONE].contains(&text)
        || text.contains("://") && !text.contains('@') && Proxy::parse(text).is_some()
}

fn owned((user, password): (&str, &str)) -> (String, String) {
    (user.to_owned(), password.to_owned())
}

/// Undoes the escapes of a URL (RFC 3986 §2.1); what is none stays as it is.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.get(..2)).flatten();
        let escaped =
            escaped.and_then(|digits| data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok());
        rest = match escaped {
            Some(byte) => {
                bytes.extend(byte);
                &after[2..]
            }
            None => {
                bytes.push(first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the setting says to have none.
const NONE: &str = "none";
/// What it says to leave it to the environment.
pub(crate) const AUTOMATIC: &str = "automatic";
/// `user:password` for a proxy that the setting names.
const LOGIN_VARIABLE: &str = "WHERRY_PROXY_LOGIN";

#[cfg(test)]
mod tests {
    use super::*;

    fn environment<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    fn way(proxies: &Proxies, host: &str) -> Option<(String, u16)> {
        let proxy = proxies.on_the_way_to(host, true)?;
        Some((proxy.host.clone(), proxy.port))
    }

    #[test]
    fn a_setting_names_a_proxy_without_a_login() {
        for text in [
            "automatic",
            "none",
            "http://proxy:3128",
            "socks5://[2a0f::9]:1080",
            "http://proxy.example.org",
        ] {
            assert!(is_setting(text), "{text}");
        }
        for text in [
            "",
            "proxy:3128",
            "https://proxy:3128",
            "http://",
            "http://a:0",
            "http://a b:1",
            "http://a:b@c:1",
            "ftp://a",
        ] {
            assert!(!is_setting(text), "{text}");
        }
    }

    #[test]
    fn the_environment_is_asked_only_when_the_setting_leaves_it_to_it() {
        let all = [
            ("https_proxy", "http://ana:p%40ss@proxy:3128/"),
            ("no_proxy", "inner.example.org"),
        ];
        let proxies = Proxies::of(AUTOMATIC, environment(&all));
        assert_eq!(
            way(&proxies, "relay.example.org"),
            Some(("proxy".to_owned(), 3_128))
        );
        assert_eq!(way(&proxies, "a.inner.example.org"), None);
        assert_eq!(way(&proxies, "127.0.0.1"), None);
        assert_eq!(proxies.on_the_way_to("relay.example.org", false), None);
        assert_eq!(
            proxies.secure.as_ref().unwrap().login,
            Some(("ana".to_owned(), "p@ss".to_owned()))
        );
        assert!(!proxies.is_named());
        assert_eq!(
            way(&Proxies::of(NONE, environment(&all)), "relay.example.org"),
            None
        );
        let named = Proxies::of(
            "socks5://other",
            environment(&[("no_proxy", "*"), (LOGIN_VARIABLE, "ben:x:y")]),
        );
        assert_eq!(
            way(&named, "relay.example.org"),
            Some(("other".to_owned(), 1_080))
        );
        assert_eq!(
            named.secure.as_ref().unwrap().login,
            Some(("ben".to_owned(), "x:y".to_owned()))
        );
        assert!(named.is_named());
    }

    #[test]
    fn a_variable_that_a_visitor_of_a_web_server_can_set_is_not_believed() {
        let proxies = Proxies::of(AUTOMATIC, environment(&[("HTTP_PROXY", "http://evil:1")]));
        assert_eq!(proxies.on_the_way_to("relay.example.org", false), None);
    }

    #[test]
    fn nothing_of_a_login_is_shown() {
        let proxies = Proxies::of(
            AUTOMATIC,
            environment(&[("all_proxy", "socks5h://ana:secret@proxy")]),
        );
        let shown = format!("{proxies:?}");
        assert!(
            !shown.contains("secret") && !shown.contains("ana"),
            "{shown}"
        );
    }
}
