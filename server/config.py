"""Settings: reads the environment once, at start, and reports every fault together."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Set
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from server.domain.quiet import is_zone, parse_quiet_hours
from server.errors import ConfigError
from server.model_settings import ModelSettings
from server.provider_settings import ProviderSettings, http_url

_ALLOWED = re.compile(r"([^@\s]+@)?[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
_ANCESTOR = re.compile(
    r"https://(\*\.)?[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*(:[0-9]+)?|http://(127\.0\.0\.1|localhost)(:[0-9]+)?"
)
OFFICE_HOSTS = (
    "https://*.cloud.microsoft https://*.office.com https://*.officeapps.live.com https://*.sharepoint.com "
    "https://onedrive.live.com"
)
"""Where people reported Excel on the web to show add-ins (office-js#3342, office-js-docs-pr#4911)."""

_GUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_ORIGIN = re.compile(r"https?://[a-zA-Z0-9.\[\]:-]+")


class Settings(ProviderSettings, ModelSettings):
    """Everything that the environment decides. Frozen: no code reads the environment a second time.

    Secrets are `SecretStr`, so that printing the settings shows none.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        hide_input_in_errors=True,  # a traceback is no place for a key that was mistyped
    )

    data_dir: Path = Field(Path("data"), validation_alias="CELLBACK_DATA_DIR")
    """Folder of the ledger, the key, the sample workbook and the local mailbox."""
    database_url: str = Field("", validation_alias="DATABASE_URL")
    """Ledger; empty: SQLite in the data folder."""
    redis_url: str = Field("", validation_alias="REDIS_URL")
    """Queue; empty: an embedded server."""
    host: str = Field("127.0.0.1", validation_alias="HOST")
    """Address to listen on; anything but loopback needs PUBLIC_BASE_URL."""
    port: int = Field(5000, ge=0, le=65535, validation_alias="PORT")
    public_base_url: Annotated[str, AfterValidator(lambda v: http_url(v) if v else v)] = Field(
        "", validation_alias="PUBLIC_BASE_URL"
    )
    """Where providers and recipients reach us; empty: http://127.0.0.1:PORT."""
    secret_key: SecretStr | None = Field(None, validation_alias="CELLBACK_SECRET_KEY")
    """32 characters or more; empty: made at first start and kept in the data folder."""
    old_secret_keys: SecretStr = Field(SecretStr(""), validation_alias="CELLBACK_OLD_SECRET_KEYS")
    """Former secret keys, newest first, apart by spaces (or a JSON list): needed until `rotate-key` is through."""
    undo_seconds: int = Field(10, ge=0, le=3600, validation_alias="CELLBACK_UNDO_SECONDS")
    """Seconds between pressing Send in the panel and the first message."""
    purge_days: int = Field(90, ge=1, validation_alias="CELLBACK_PURGE_DAYS")
    """Days after a campaign's end when its texts and addresses leave the ledger."""
    default_region: str = Field("US", min_length=2, max_length=2, validation_alias="CELLBACK_DEFAULT_REGION")
    """Country (ISO 3166) of phone numbers written without one."""
    log: Literal["debug", "info", "warning"] = Field("info", validation_alias="CELLBACK_LOG")
    """How much the processes log; debug has tracebacks, and so perhaps what cells hold."""

    quiet_hours: str = Field("", validation_alias="CELLBACK_QUIET_HOURS")
    """No message leaves in this span of the recipient's day, such as 21:00-08:00; empty: at any hour."""
    time_zone: str = Field("UTC", validation_alias="CELLBACK_TIME_ZONE")
    """The sheet's time zone, such as Europe/Berlin: for days, and for quiet hours where the recipient's is unknown."""

    google_application_credentials: str = Field("", validation_alias="GOOGLE_APPLICATION_CREDENTIALS")
    """Path of a service account's key file (JSON): the account that people share their spreadsheets with."""
    google_sheets_base_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://sheets.googleapis.com", validation_alias="GOOGLE_SHEETS_BASE_URL"
    )
    """Where the Sheets API is."""
    allowed: str = Field("", validation_alias="CELLBACK_ALLOWED")
    """Who may come in from Google and from Excel, and do everything there: domains and addresses, apart by spaces."""
    viewers: str = Field("", validation_alias="CELLBACK_VIEWERS")
    """Who may come in and look: domains and addresses, apart by spaces."""
    editors: str = Field("", validation_alias="CELLBACK_EDITORS")
    """Who may plan, edit and approve as well, and send nothing."""
    senders: str = Field("", validation_alias="CELLBACK_SENDERS")
    """Who may do everything, the same as CELLBACK_ALLOWED."""
    origins: str = Field("", validation_alias="CELLBACK_ORIGINS")
    """Other origins whose pages may call the API, apart by spaces. The sidebar's own are always among them."""
    google_identity_audience: str = Field("", validation_alias="GOOGLE_IDENTITY_AUDIENCE")
    """OAuth client ids of the add-on's script projects, apart by spaces; empty: nobody comes in from Google."""
    google_certs_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://www.googleapis.com/oauth2/v1/certs", validation_alias="GOOGLE_CERTS_URL"
    )
    """Certificates that identity tokens are signed with."""
    google_oauth_client_id: str = Field("", validation_alias="GOOGLE_OAUTH_CLIENT_ID")
    """Lets people give their own permission for background work; empty: only the service account works."""
    google_oauth_client_secret: SecretStr = Field(SecretStr(""), validation_alias="GOOGLE_OAUTH_CLIENT_SECRET")
    google_oauth_scope: str = Field("https://www.googleapis.com/auth/drive.file", validation_alias="GOOGLE_OAUTH_SCOPE")
    """What people are asked for: drive.file, or .../auth/spreadsheets for an Internal app."""
    google_oauth_auth_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://accounts.google.com/o/oauth2/v2/auth", validation_alias="GOOGLE_OAUTH_AUTH_URL"
    )
    google_oauth_token_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://oauth2.googleapis.com/token", validation_alias="GOOGLE_OAUTH_TOKEN_URL"
    )

    msgraph_tenant_id: str = Field("", validation_alias="MSGRAPH_TENANT_ID")
    """Directories whose people may come in from Excel, apart by spaces."""
    msgraph_client_id: str = Field("", validation_alias="MSGRAPH_CLIENT_ID")
    """Our app registration with Microsoft Entra; empty: nobody comes in from Excel."""
    msgraph_authority_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://login.microsoftonline.com", validation_alias="MSGRAPH_AUTHORITY_URL"
    )
    """Where people sign in; national clouds have their own."""
    msgraph_client_secret: SecretStr = Field(SecretStr(""), validation_alias="MSGRAPH_CLIENT_SECRET")
    """Its secret: without it nobody comes in from Excel."""
    msgraph_audience: str = Field("", validation_alias="MSGRAPH_AUDIENCE")
    """Further audiences of tokens for our API, apart by spaces: an Application ID URI of one's own."""
    msgraph_scope: str = Field("Files.ReadWrite.All", validation_alias="MSGRAPH_SCOPE")
    """What people are asked for: the delegated permission by which workbooks are opened."""
    msgraph_base_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://graph.microsoft.com/v1.0", validation_alias="MSGRAPH_BASE_URL"
    )
    """Where Microsoft Graph is, with its version: the only address that is told a token."""
    msgraph_app_only: bool = Field(False, validation_alias="MSGRAPH_APP_ONLY")
    """Background work by the app itself, with grants of an administrator's. Works, undocumented by Microsoft."""
    office_js_url: Annotated[str, AfterValidator(http_url)] = Field(
        "https://appsforoffice.microsoft.com/lib/1/hosted/office.js", validation_alias="OFFICE_JS_URL"
    )
    """Script of Excel's that the task pane loads; another one is for the stage."""
    excel_frame_ancestors: str = Field(OFFICE_HOSTS, validation_alias="EXCEL_FRAME_ANCESTORS")
    """Sites that may show the task pane in a frame, apart by spaces. Microsoft publishes no list."""

    @model_validator(mode="after")
    def _check(self) -> Settings:
        faults = []
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            faults.append("CELLBACK_SECRET_KEY must have 32 characters or more")
        if any(len(old) < 32 for old in _listed(self.old_secret_keys.get_secret_value())):
            faults.append("each of CELLBACK_OLD_SECRET_KEYS must have 32 characters or more")
        if self.host not in {"127.0.0.1", "localhost", "::1"} and not self.public_base_url:
            faults.append("PUBLIC_BASE_URL must be set when HOST is not the loopback address")
        if set("?#@") & set(self.public_base_url):
            faults.append("PUBLIC_BASE_URL must be an address alone, such as https://cellback.example.org")
        try:
            parse_quiet_hours(self.quiet_hours)
        except ValueError as error:
            faults.append(f"CELLBACK_QUIET_HOURS: {error}")
        if not is_zone(self.time_zone):
            faults.append(f"CELLBACK_TIME_ZONE: “{self.time_zone}” is no time zone, such as Europe/Berlin")
        faults += self.provider_faults() + self.model_faults() + self._google_faults() + self._microsoft_faults()
        faults += [
            f"EXCEL_FRAME_ANCESTORS: “{one}” must look like https://*.sharepoint.com, without a path"
            for one in self.excel_frame_ancestors.split()
            if not _ANCESTOR.fullmatch(one)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _google_faults(self) -> list[str]:
        """What is wrong with who may come in from Google, and from where."""
        faults = []
        if self.google_identity_audience and not self.names_somebody:
            faults.append(
                "CELLBACK_ALLOWED must name the domains or addresses of those who may come in from Google, unless "
                "CELLBACK_VIEWERS, CELLBACK_EDITORS or CELLBACK_SENDERS does"
            )
        faults += [
            f"{name}: “{one}” is neither a domain such as example.org nor an address"
            for name, named in self._named()
            for one in named.split()
            if not _ALLOWED.fullmatch(one)
        ]
        faults += [
            f"CELLBACK_ORIGINS: “{one}” must look like https://sheets.example.org, without a path"
            for one in self.origins.split()
            if not _ORIGIN.fullmatch(one)
        ]
        if bool(self.google_oauth_client_id) != bool(self.google_oauth_client_secret.get_secret_value()):
            faults.append("GOOGLE_OAUTH_CLIENT_ID and GOOGLE_OAUTH_CLIENT_SECRET need each other")
        return faults

    def _microsoft_faults(self) -> list[str]:
        """What is wrong with our registration with Microsoft."""
        faults = [
            f"{name}: “{one}” must be an id such as 00000000-0000-0000-0000-000000000000, no name"
            for name, ids in (
                ("MSGRAPH_CLIENT_ID", self.msgraph_client_id),
                ("MSGRAPH_TENANT_ID", self.msgraph_tenant_id),
            )
            for one in ids.split()
            if not _GUID.fullmatch(one)
        ]
        if self.msgraph_client_secret.get_secret_value() and not self.msgraph_client_id:
            faults.append("MSGRAPH_CLIENT_SECRET needs MSGRAPH_CLIENT_ID")
        faults += [
            f"{name} must begin with https://"
            for name, url in (
                ("MSGRAPH_BASE_URL", self.msgraph_base_url),
                ("MSGRAPH_AUTHORITY_URL", self.msgraph_authority_url),
            )
            if not url.startswith("https://") and urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1"}
        ]
        return faults

    def _named(self) -> tuple[tuple[str, str], ...]:
        """The settings that name people, by their variables."""
        return (
            ("CELLBACK_ALLOWED", self.allowed),
            ("CELLBACK_VIEWERS", self.viewers),
            ("CELLBACK_EDITORS", self.editors),
            ("CELLBACK_SENDERS", self.senders),
        )

    @property
    def names_somebody(self) -> bool:
        """Whether anybody may come in from Google or from Excel."""
        return any(named.split() for _, named in self._named())

    @property
    def base_url(self) -> str:
        """Our public address, without a slash at the end."""
        return self.public_base_url or f"http://127.0.0.1:{self.port}"

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'ledger.db').resolve()}"

    def secret(self) -> str:
        """The secret key: the configured one, else one made at first start and kept with owner-only rights.

        Raises ConfigError when it can't be kept.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return kept_secret(self.key_file).partition("\n")[0].strip()

    @property
    def key_file(self) -> Path:
        """Where the secret key is kept when none is configured: one a line, the newest first."""
        return self.data_dir / "secret.key"

    def old_secrets(self) -> list[str]:
        """Former secret keys, newest first: what they sealed still opens."""
        former = _listed(self.old_secret_keys.get_secret_value())
        if self.secret_key is None and self.key_file.exists():
            former += kept_secret(self.key_file).split("\n")[1:]
        return [secret for secret in dict.fromkeys(former) if secret != self.secret()]

    def access_token(self) -> str:
        """What `serve` prints behind `?token=`: made at first start, stable over restarts."""
        return kept_secret(self.data_dir / "access.token", length=24)


def _listed(text: str) -> list[str]:
    """Secrets in one setting. A text that is no list of texts is taken by its words."""
    try:
        found = json.loads(text)
    except ValueError:
        return text.split()
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else text.split()


def kept_secret(path: Path, *, length: int = 48) -> str:
    """The text in that file; made at first use, readable by its owner only. Safe against two starts at once."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        if not path.exists():
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(length), encoding="ascii")
            try:
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            [f"{path} can't be written ({error.strerror}). Set CELLBACK_DATA_DIR to a folder that you may write to."]
        ) from error


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment (and `.env`), with some fixed by the caller, named by their variable.

    Raises ConfigError that lists every fault, each with the variable's name.
    """
    faults: list[str] = []
    while True:
        try:
            settings = Settings(**overrides)
        except ValidationError as error:
            found = error.errors()
            faults += [
                f"{'.'.join(map(str, fault['loc'])) or 'Settings'}: {_sentence(fault['msg'])}" for fault in found
            ]
            # What several settings have to do with each other is looked at once each of them can be read.
            unread = _defaults({str(fault["loc"][0]) for fault in found if fault["loc"]} - overrides.keys())
            if not unread:
                raise ConfigError(faults) from error
            overrides |= unread
        else:
            break
    if faults:
        raise ConfigError(faults)
    return settings


def _defaults(variables: Set[str]) -> dict[str, Any]:
    fields = {str(field.validation_alias): field.default for field in Settings.model_fields.values()}
    return {name: fields[name] for name in variables if name in fields}


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")
