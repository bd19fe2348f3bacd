"""Where datasets lie: a path or URL as a file system and a path in it, and files written so that they are whole or absent. Floor 5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from eventcoder.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMES = ("s3", "gs", "gcs", "abfs", "abfss", "file", "hdfs")
ASIDE = ".aside-"


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder on a file system of `pyarrow.fs`. `shown` is its address without keys and passwords."""

    files: Any
    path: str
    shown: str
    local: bool

    def under(self, name: str) -> Place:
        """What is called `name` inside."""
        return Place(self.files, f"{self.path.rstrip('/')}/{name}", f"{self.shown.rstrip('/')}/{name}", self.local)

    def exists(self) -> bool:
        """Whether a file or folder is there."""
        from pyarrow.fs import FileType

        with asked(self):
            return bool(self.files.get_file_info(self.path).type != FileType.NotFound)

    def is_file(self) -> bool:
        from pyarrow.fs import FileType

        with asked(self):
            return bool(self.files.get_file_info(self.path).type == FileType.File)

    def inside(self) -> dict[str, int]:
        """Paths of all files below, relative, with their size in bytes; sorted, without those that begin with '.' or '_'."""
        from pyarrow.fs import FileSelector, FileType

        base = self.path.strip("/") + "/"
        with asked(self):
            found = self.files.get_file_info(FileSelector(self.path, recursive=True, allow_not_found=True))
        names = {info.path.strip("/").removeprefix(base): int(info.size) for info in found if info.type == FileType.File}
        return {name: names[name] for name in sorted(names) if not any(part.startswith((".", "_")) for part in name.split("/"))}

    def read(self) -> bytes:
        """The whole file."""
        with asked(self), self.files.open_input_stream(self.path) as stream:
            return bytes(stream.read())

    def write(self, fill: Callable[[Any], None]) -> None:
        """Let `fill` write into a stream; the file is there when that has ended well, and as it was before when not."""
        folder, _, name = self.path.rpartition("/")
        with asked(self, "written"):
            self.files.create_dir(folder, recursive=True)
            if not self.local:  # an object is there when it is whole
                with self.files.open_output_stream(self.path) as stream:
                    fill(stream)
                return
            aside = f"{folder}/{ASIDE}{name}.part"
            with self.files.open_output_stream(aside) as stream:
                fill(stream)
            self.files.move(aside, self.path)

    def remove(self) -> None:
        """Remove the file."""
        with asked(self, "removed"):
            self.files.delete_file(self.path)


def place(address: str) -> Place:
    """The place that a path or URL names. Raises `InputError` for a URL that cannot be understood or used here."""
    from pyarrow import fs

    parts = urlsplit(address)
    if "://" not in address:
        return Place(fs.LocalFileSystem(), Path(address).absolute().as_posix(), address, True)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    if parts.scheme not in SCHEMES:
        raise InputError(
            f"{shown}: datasets are not read from {parts.scheme}://.", f"Give a path, or a URL of {', '.join(s + '://' for s in SCHEMES)}."
        )
    with asked(Place(None, "", shown, False)):
        files, path = fs.FileSystem.from_uri(address)
    return Place(files, path, shown, isinstance(files, fs.LocalFileSystem))


def without_keys(address: str) -> str:
    """The path or URL as it may be shown: without user, password and options."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if "://" in address else address


@contextmanager
def asked(place: Place, verb: str = "read") -> Iterator[None]:
    """Turn a file system's faults into `InputError`."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{place.shown} cannot be {verb}: {first}", "Check the address, your rights there, and the credentials in the environment."
        ) from None
