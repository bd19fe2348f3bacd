"""Places that are no folder of this machine: object stores and whatever else fsspec reaches, by URL. Floor 6.

What a URL may carry beyond the path (`?region=...&endpoint_override=...` for S3, as in `extract --to`) is read here, and secrets in it (a
password, a signature) are never printed: every message names the URL without them.
"""

from __future__ import annotations

import hashlib
import sys
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventcoder.errors import MissingPart, ReleaseError, UsageError
from eventcoder.releases.manifest import FileFacts

OBJECTS = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "oci", "tos")  # puts and copies are whole there, and there are no folders
_INSTALLS = {
    "s3": "'eventcoder[s3]'", "s3a": "'eventcoder[s3]'", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol", "webdav": "webdav4", "hf": "huggingface_hub", "oss": "ossfs", "oci": "ocifs",
}  # fmt: skip
_SETTINGS = {  # what may stand behind the `?` of a URL; the rest comes from the environment, as each store's own tools read it
    "s3": ("region", "scheme", "endpoint_override", "anon", "profile"),
    "gs": ("token", "project"),
    "az": ("account_name", "account_key", "sas_token", "anon"),
}
_PLAIN = ("region", "scheme", "endpoint_override", "anon", "profile", "project", "account_name")  # of these, what is no secret
_KIN = {"s3a": "s3", "gcs": "gs", "abfs": "az", "abfss": "az"}
# what the stores' libraries raise that is no OSError: looked up only where the library is loaded
_FAILURES = (
    ("botocore.exceptions", ("BotoCoreError", "ClientError")),
    ("aiohttp", ("ClientError",)),
    ("google.auth.exceptions", ("GoogleAuthError",)),
    ("gcsfs.retry", ("HttpError",)),
    ("azure.core.exceptions", ("AzureError",)),
    ("paramiko", ("SSHException",)),
    ("fsspec.exceptions", ("FSTimeoutError",)),
)
_BLOCK = 1 << 22


def is_url(target: object) -> bool:
    """Whether this names a place by URL; a plain path does not, and neither does `file://`, which is the same as a path."""
    return isinstance(target, str) and "://" in target and not target.startswith("file://")


def local_path(target: str | Path) -> Path:
    """The folder that a path or a `file://` URL names."""
    if isinstance(target, str) and target.startswith("file://"):
        return Path(urllib.parse.unquote(urllib.parse.urlsplit(target).path))
    return Path(target).expanduser()


def shown(url: str) -> str:
    """The URL as it may be printed: without password, query and fragment."""
    scheme, _, rest = url.partition("://")
    rest = rest.partition("?")[0].partition("#")[0]
    host, slash, path = rest.partition("/")
    user, at, name = host.rpartition("@")
    if at and not (_KIN.get(scheme, scheme) == "az" and ":" not in user):  # abfs://container@account names no secret
        host = name
    return f"{scheme}://{host}{slash}{path}"


def scrubbed(text: str, url: str) -> str:
    """Somebody else's message without what `shown` leaves out of the URL."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:  # no address that could hold a secret where one is looked for
        return text.replace(url, shown(url))
    user = parts.netloc.rpartition("@")[0]
    values = [v for name, v in urllib.parse.parse_qsl(parts.query) if name not in _PLAIN]
    secrets = [parts.query, user, user.partition(":")[2], *values, *(urllib.parse.quote(v, safe="") for v in values)]
    text = text.replace(url, shown(url))
    for secret in sorted({s for s in secrets if len(s) > 3}, key=len, reverse=True):
        text = text.replace(secret, "...")
    return text


def failures(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What a store may raise when it cannot be reached or refuses: OSError, and what the loaded libraries have of their own."""
    found: list[type[Exception]] = [OSError, *more]
    for module, names in _FAILURES:
        loaded = sys.modules.get(module)
        found += [getattr(loaded, name) for name in names if loaded is not None and hasattr(loaded, name)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder in a store. Names of files are relative to it, with `/`. Every method raises `ReleaseError` when the store cannot be used."""

    files: Any
    root: str
    url: str
    objects: bool

    @property
    def shown(self) -> str:
        return shown(self.url).rstrip("/")

    def read(self, name: str, most: int) -> bytes | None:
        """A small file; None if there is none. Raises `ReleaseError` for more than `most` bytes."""
        with self._telling("read", name):
            try:
                with self.files.open(self._at(name), "rb") as handle:
                    data = bytes(handle.read(most + 1))
            except FileNotFoundError:
                return None
        if len(data) > most:
            raise ReleaseError(f"{self.shown}/{name} is larger than such a file can be ({most:,} bytes).", "Check the address.")
        return data

    @contextmanager
    def opened(self, name: str) -> Iterator[Any]:
        """A file to be read in pieces."""
        with self._telling("read", name), self.files.open(self._at(name), "rb", block_size=_BLOCK) as handle:
            yield handle

    def facts(self, name: str) -> FileFacts | None:
        """Hash and size of what the store gives back; None if there is nothing."""
        found, size = hashlib.sha256(), 0
        try:
            with self._telling("read", name, absent_is_told=False), self.files.open(self._at(name), "rb", block_size=_BLOCK) as handle:
                while block := handle.read(_BLOCK):
                    found.update(block)
                    size += len(block)
        except FileNotFoundError:
            return None
        return FileFacts(sha256=found.hexdigest(), bytes=size)

    def sizes(self, folder: str) -> dict[str, int]:
        """Every file below a folder with its size, as the store lists them now."""
        at = self._at(folder)
        with self._telling("read", folder):
            self.files.invalidate_cache()
            try:
                listed: Mapping[str, Mapping[str, Any]] = self.files.find(at, detail=True)
            except FileNotFoundError:
                return {}
        return {p[len(at) :].lstrip("/"): int(f.get("size") or 0) for p, f in listed.items() if f.get("type") != "directory" and len(p) > len(at)}

    def folders(self) -> list[str]:
        """The names right below the place."""
        with self._telling("read", ""):
            self.files.invalidate_cache()
            try:
                return sorted({str(p).rstrip("/").rsplit("/", 1)[-1] for p in self.files.ls(self.root, detail=False)})
            except FileNotFoundError:
                return []

    def upload(self, path: Path, name: str) -> None:
        """Put a file of this machine there."""
        with self._telling("written", name):
            self._folder(name)
            self.files.put_file(str(path), self._at(name))

    def write(self, name: str, data: bytes, *, new: bool = False) -> bool:
        """Put some bytes there as a whole; with `new` only where nothing is yet (as far as the store can tell). False: something was."""
        with self._telling("written", name):
            self._folder(name)
            if new:
                try:
                    self.files.pipe_file(self._at(name), data, mode="create")
                except FileExistsError:
                    return False
                return True
            if self.objects:
                self.files.pipe_file(self._at(name), data, **self._served())
            else:  # elsewhere a write that breaks off would leave half a file
                aside = self._at(f".{name}.new")
                self.files.pipe_file(aside, data)
                self.files.mv(aside, self._at(name))
        return True

    def _served(self) -> dict[str, str]:
        """Where a bucket is a web site too, nobody between it and the reader should keep an old list."""
        s3 = self.url.startswith(("s3://", "s3a://"))
        return {"ContentType": "application/json", "CacheControl": "no-cache"} if s3 else {}

    def place(self, name: str, to: str) -> None:
        """Give a file that was sent aside its place: a copy within an object store (the first stays), a renaming elsewhere."""
        with self._telling("written", to):
            self._folder(to)
            (self.files.cp_file if self.objects else self.files.mv)(self._at(name), self._at(to))

    def remove(self, name: str) -> None:
        """Remove a file, or a folder with everything below it; nothing happens if it is not there."""
        with self._telling("written", name), suppress(FileNotFoundError):
            self.files.invalidate_cache()
            self.files.rm(self._at(name), recursive=True)

    def _at(self, name: str) -> str:
        return f"{self.root}/{name}" if name else self.root

    def _folder(self, name: str) -> None:
        if not self.objects:  # an object store would try to make the bucket
            self.files.makedirs(self._at(name).rsplit("/", 1)[0], exist_ok=True)

    @contextmanager
    def _telling(self, what: str, name: str, *, absent_is_told: bool = True) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if not absent_is_told:
                raise
            why = self._why(error)  # some say why (there is no such bucket), others only what
            raise ReleaseError(f"{self.shown}/{name} is not there{'' if why.endswith(name) else why}.", "Check the address.") from None
        except failures(NotImplementedError) as error:
            remedy = "Check the address, the network and your credentials, and run it again; what was there is untouched."
            if type(error).__name__ == "NoCredentialsError" or isinstance(error, PermissionError):
                remedy = "Check your credentials; a public bucket of S3 is read with ?anon=true behind the address."
            if isinstance(error, NotImplementedError):
                remedy = "This kind of place cannot do that; name another."
            raise ReleaseError(f"{self.shown}/{name} cannot be {what}{self._why(error)}.", remedy) from None

    def _why(self, error: BaseException) -> str:
        said = scrubbed(str(error).strip(), self.url)[:300].rstrip(".")
        return f": {said or type(error).__name__}"


def open_store(url: str) -> Store:
    """The place that a URL names. Raises `UsageError` for an address that cannot be used, `MissingPart` naming what to install."""
    import fsspec

    scheme = url.partition("://")[0].lower()
    url = scheme + url[len(scheme) :]  # the libraries know it in small letters
    if "::" in url or scheme in ("http", "https"):
        raise UsageError(f"{shown(url)} is no place that files can be put.", "Name a folder, or a URL such as s3://bucket/folder.")
    address, _, query = url.partition("?")
    if not address.partition("://")[2].strip("/") and scheme in OBJECTS:
        raise UsageError(f"{shown(url)} names no bucket.", f"Write {scheme}://bucket/folder.")
    options = _options(scheme, query)
    try:
        kind = fsspec.get_filesystem_class(scheme)
    except ImportError:
        what = _INSTALLS.get(scheme, "its fsspec package")
        raise MissingPart(f"{scheme}:// needs a package that is not installed.", f"pip install {what}") from None
    except ValueError:
        raise UsageError(f"{shown(url)}: there is no kind of place {scheme!r}.", "Use a folder, s3://, gs://, az://, sftp:// or https://.") from None
    try:
        files = kind(**{**kind._get_kwargs_from_urls(address), **options})
    except failures(ValueError, TypeError) as error:
        raise ReleaseError(f"{shown(url)} cannot be opened: {scrubbed(str(error), url)[:300]}.", "Check the address and your credentials.") from None
    root = str(kind._strip_protocol(address)).rstrip("/")
    if not root and scheme in OBJECTS:
        raise UsageError(f"{shown(url)} names no bucket.", f"Write {scheme}://bucket/folder.")
    return Store(files, root, url, scheme in OBJECTS)


def _options(scheme: str, query: str) -> dict[str, Any]:
    """The settings behind the `?` as the backend takes them."""
    given: dict[str, Any] = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    allowed = _SETTINGS.get(_KIN.get(scheme, scheme), ())
    for name in given:
        if name not in allowed:
            there = f"There are: {', '.join(allowed)}." if allowed else "This kind takes none; use fsspec's own configuration."
            raise UsageError(f"{scheme}:// has no setting {name!r}.", there)
    if "anon" in given:
        given["anon"] = given["anon"].lower() in ("", "1", "true", "yes")
    if _KIN.get(scheme, scheme) != "s3":
        return given
    options: dict[str, Any] = {k: given[k] for k in ("anon", "profile") if k in given}
    if "endpoint_override" in given:
        host = given["endpoint_override"]
        options["endpoint_url"] = host if "://" in host else f"{given.get('scheme', 'https')}://{host}"
    if "region" in given:
        options["client_kwargs"] = {"region_name": given["region"]}
    return options
