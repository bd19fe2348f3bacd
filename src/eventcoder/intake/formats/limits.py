"""How much of a foreign file is believed and held in memory, each bound with its reason. Floor 5."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 10 * 1024 * 1024  # characters of one cell or record: a whole book has one to two million; more is a quote that is never closed
MAX_PIECE: Final = 32 * 1024 * 1024  # characters of one piece: 10,000 ordinary rows have 6 million; rows of 10 MB must not come by the thousand
MAX_COLUMNS: Final = 16_384  # what a spreadsheet can have; the widest event table that we know of has 135
MAX_JSON: Final = 200 * 1024 * 1024  # bytes of a JSON document, which is held as one text; JSON Lines has no such bound
FLOOD: Final = 1024**3  # unpacked bytes below which nothing is suspected: they pass through, they are not held
RATIO: Final = 200  # unpacked to packed: tables of events reach 5 to 40, a bomb 1,000 (gzip) and far more (zstd)
MAX_UNPACKED: Final = 64 * 1024**3  # bytes: a hundred million events; whatever unpacks to more is no table of events
MAX_ROWS: Final = 1_048_576  # of a workbook's sheet, by the format itself
MAX_MEMBERS: Final = 10_000  # of a workbook: an ordinary one has 10 to 50
MAX_PART: Final = 64 * 1024 * 1024  # unpacked bytes of a workbook's part that is read whole (styles, relations, names)
MAX_STRINGS: Final = 400 * 1024 * 1024  # unpacked bytes of a workbook's texts, which are held: a full sheet of notes has 300 MB
MAX_N_STRINGS: Final = 5_000_000  # and how many there may be: each costs 200 bytes however short it is
MAX_SHEET: Final = 8 * 1024**3  # unpacked bytes of one sheet, which streams: a full one of 31 columns has 2 to 3 GB
MAX_STRETCH: Final = 32 * 1024 * 1024  # bytes of a sheet without the beginning of a row: one row is held, with its cells
MAX_GROUP: Final = 4 * 1024**3  # unpacked bytes of a row group of Parquet: usual are 128 MB to 1 GB, and one may have to be held
SUSPECT: Final = 10 * 1024 * 1024  # unpacked bytes of a part from which its ratio counts
