"""Settings come from the environment or are defaults; a wrong one is refused with its name and what was expected."""

from datetime import date
from pathlib import Path

import pytest

from service.settings import Settings, SettingsError, described, load_settings

_SECRET = "a-secret-of-thirty-two-characters-or-more"


def shown(settings: Settings) -> dict[str, tuple[str, str]]:
    """Value and source of each variable, as they are printed."""
    return {variable: (value, source) for variable, value, source, _ in described(settings)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "127.0.0.1"),
        ("port", 8000),
        ("profile", "demo"),
        ("today", None),
        ("extensions", "on"),
        ("sstr_pet", "available"),
        ("base_url", "http://127.0.0.1:8000"),
        ("site", None),
        ("max_body_bytes", 16 * 1024 * 1024),
        ("cors_origins", ("*",)),
        ("fhir_servers", ("*",)),
        ("unsigned", "show"),
        ("fetch_deadline_ms", 10_000),
        ("deadline_ms", 10_000),
        ("workers", 1),
        ("repeat_after_days", 0),
        ("secret_key", None),
        ("metrics_token", None),
        ("trust", None),
    ],
)
def test_setting_that_nobody_gave_has_its_default(name: str, value: object) -> None:
    assert getattr(load_settings({}), name) == value


@pytest.mark.parametrize(
    ("variable", "written", "name", "value"),
    [
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),  # noqa: S104 -- a value that somebody may write
        ("PORT", "9000", "port", 9000),
        ("TODAY", "2026-11-20", "today", date(2026, 11, 20)),
        ("EXTENSIONS", "off", "extensions", "off"),
        ("SSTR_PET", "unavailable", "sstr_pet", "unavailable"),
        ("BASE_URL", "https://cds.example/net/", "base_url", "https://cds.example/net"),
        ("MAX_BODY_BYTES", "1000", "max_body_bytes", 1000),
        (
            "CORS_ORIGINS",
            "https://a.example, https://b.example,",
            "cors_origins",
            ("https://a.example", "https://b.example"),
        ),
        ("FHIR_SERVERS", "https://ehr.example/fhir", "fhir_servers", ("https://ehr.example/fhir",)),
        ("UNSIGNED", "hide", "unsigned", "hide"),
        ("FETCH_DEADLINE_MS", "500", "fetch_deadline_ms", 500),
        ("WORKERS", "3", "workers", 3),
        ("PORT", " 9000 ", "port", 9000),
        ("PORT", "", "port", 8000),
        ("PORT", "  ", "port", 8000),
    ],
)
def test_environment_overrides_the_default(variable: str, written: str, name: str, value: object) -> None:
    settings = load_settings({f"HOOFBEATS_{variable}": written})

    assert getattr(settings, name) == value


@pytest.mark.parametrize(
    ("variable", "written", "message"),
    [
        ("PORT", "http", "expected a port from 1 to 65535, not 'http'"),
        ("PORT", "0", "expected a port from 1 to 65535, not '0'"),
        ("PORT", "65536", "expected a port from 1 to 65535, not '65536'"),
        ("PORT", "-1", "expected a port from 1 to 65535, not '-1'"),
        ("PROFILE", "prod", "expected demo or production, not 'prod'"),
        ("TODAY", "20.11.2026", "expected a date such as 2026-11-20, not '20.11.2026'"),
        ("TODAY", "2026-02-30", "expected a date such as 2026-11-20, not '2026-02-30'"),
        ("EXTENSIONS", "true", "expected on or off, not 'true'"),
        ("SSTR_PET", "no", "expected available or unavailable, not 'no'"),
        ("BASE_URL", "cds.example", "expected a http or https address, not 'cds.example'"),
        ("BASE_URL", "http://", "expected a http or https address, not 'http://'"),
        ("BASE_URL", "http://cds.example:99999", "expected a http or https address, not 'http://cds.example:99999'"),
        ("CORS_ORIGINS", "*, foo", "expected a http or https address, not 'foo'"),
        ("FHIR_SERVERS", "foo", "expected a http or https address, not 'foo'"),
        ("HOST", "a b", "expected a name or an address, not 'a b'"),
        ("HOST", "http://127.0.0.1", "expected a name or an address, not 'http://127.0.0.1'"),
        ("REPEAT_AFTER_DAYS", "-1", "expected a whole number of days up to 36500, not '-1'"),
        ("REPEAT_AFTER_DAYS", "36501", "expected a whole number of days up to 36500, not '36501'"),
        ("SITE", "/nowhere/site.toml", "no file at '/nowhere/site.toml'"),
        ("TRUST", "/nowhere/trust.toml", "no file at '/nowhere/trust.toml'"),
        ("MAX_BODY_BYTES", "0", "expected a whole number above 0, not '0'"),
        ("MAX_BODY_BYTES", "16 MB", "expected a whole number above 0, not '16 MB'"),
        ("DEADLINE_MS", "1.5", "expected a whole number above 0, not '1.5'"),
        ("WORKERS", "0", "expected a whole number above 0, not '0'"),
    ],
)
def test_wrong_value_is_refused_with_variable_and_expectation(variable: str, written: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({f"HOOFBEATS_{variable}": written})

    assert str(error.value) == f"HOOFBEATS_{variable}: {message}"


@pytest.mark.parametrize("variable", ["HOOFBEATS_PROT", "HOOFBEATS_", "HOOFBEATS_SOURCES"])
def test_unknown_variable_of_ours_is_refused(variable: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable}: no setting has this name"):
        load_settings({variable: "8000"})


def test_variables_of_others_are_ignored() -> None:
    assert load_settings({"PORT": "1", "HOOFBEAT_PORT": "2", "PATH": "/bin"}).port == 8000


def test_base_url_follows_host_and_port() -> None:
    settings = load_settings({"HOOFBEATS_HOST": "10.0.0.1", "HOOFBEATS_PORT": "81"})

    assert settings.base_url == "http://10.0.0.1:81"


@pytest.mark.parametrize("written", ["::1", "[::1]"])
def test_address_of_ipv6_stands_in_brackets(written: str) -> None:
    settings = load_settings({"HOOFBEATS_HOST": written})

    assert (settings.host, settings.base_url) == ("[::1]", "http://[::1]:8000")


@pytest.mark.parametrize("given", [("TLS_CERTIFICATE",), ("TLS_KEY",)])
def test_certificate_and_key_are_given_together_in_any_profile(tmp_path: Path, given: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match="HOOFBEATS_TLS_KEY: certificate and key are given together"):
        load_settings({f"HOOFBEATS_{name}": str(tmp_path / "file") for name in given})


def test_files_that_are_no_certificate_and_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no certificate")

    with pytest.raises(SettingsError, match="HOOFBEATS_TLS_CERTIFICATE: no certificate with its key: SSLError"):
        load_settings({f"HOOFBEATS_{name}": str(tmp_path / "file") for name in ("TLS_CERTIFICATE", "TLS_KEY")})


def test_overlay_file_of_a_site_is_a_setting(tmp_path: Path) -> None:
    overlay = tmp_path / "site.toml"
    overlay.write_text("")

    assert load_settings({"HOOFBEATS_SITE": str(overlay)}).site == overlay


@pytest.mark.parametrize(("name", "value"), [("unsigned", "hide"), ("fhir_servers", ()), ("workers", 2)])
def test_production_is_careful_where_demo_is_open(name: str, value: object) -> None:
    settings = load_settings({"HOOFBEATS_PROFILE": "production", "HOOFBEATS_BASE_URL": "https://cds.example"})

    assert getattr(settings, name) == value


def test_production_is_refused_at_an_address_without_tls() -> None:
    with pytest.raises(SettingsError, match="HOOFBEATS_BASE_URL: expected an https address in production"):
        load_settings({"HOOFBEATS_PROFILE": "production", "HOOFBEATS_BASE_URL": "http://cds.example"})


def test_day_is_the_one_that_is_set() -> None:
    assert load_settings({"HOOFBEATS_TODAY": "2026-11-20"}).day() == date(2026, 11, 20)


def test_every_setting_is_described_with_its_variable() -> None:
    settings = load_settings({})

    names = {variable.removeprefix("HOOFBEATS_").lower() for variable in shown(settings)}

    assert names == set(Settings.__slots__) - {"sources"}


def test_description_says_where_a_value_comes_from() -> None:
    held = shown(load_settings({"HOOFBEATS_PORT": "9000"}))

    assert (held["HOOFBEATS_PORT"], held["HOOFBEATS_HOST"]) == (("9000", "environment"), ("127.0.0.1", "default"))


def test_description_says_what_each_setting_means() -> None:
    assert all(meaning for _, _, _, meaning in described(load_settings({})))


@pytest.mark.parametrize(
    ("variable", "written"),
    [
        ("DATABASE_URL", "postgresql://hoofbeats:canary@db.example/hoofbeats"),
        ("SECRET_KEY", f"{_SECRET}-canary"),
        ("METRICS_TOKEN", "canary-token-of-some-length-0123456789"),
    ],
)
def test_description_hides_what_is_secret(variable: str, written: str) -> None:
    held = shown(load_settings({f"HOOFBEATS_{variable}": written}))

    assert "canary" not in repr(held)
    assert held[f"HOOFBEATS_{variable}"][1] == "environment"


@pytest.mark.parametrize("variable", ["SECRET_KEY", "DATABASE_URL"])
def test_refusal_of_a_secret_does_not_repeat_it(variable: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({f"HOOFBEATS_{variable}": "canary"})

    assert "canary" not in str(error.value)


def test_settings_do_not_print_their_secrets() -> None:
    settings = load_settings({"HOOFBEATS_SECRET_KEY": _SECRET})

    assert _SECRET not in repr(settings)


def test_production_hurries() -> None:
    settings = load_settings({"HOOFBEATS_PROFILE": "production", "HOOFBEATS_BASE_URL": "https://cds.example"})

    assert (settings.deadline_ms, settings.fetch_deadline_ms) == (450, 900)
