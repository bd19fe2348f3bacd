"""What is PostgreSQL's own: a ledger on a server, for teams.

`opening` connects, sets up and upgrades; `store` is the connection that everything above speaks through; `layout` has the tables, `guards` the
triggers that make entries append-only, `functions` the only way in which an entry gets in, `roles` who may call what; `staging` keeps the heads of a
bulk import aside; `dialect` turns `?` into `$1`; `faults` says in words what the server says in codes. Only this package imports psycopg. Floor 2.
"""

from eventcoder.errors import MissingPart

try:
    import psycopg
except ImportError as error:  # not installed, or without the client library that it needs
    raise MissingPart(
        f"The ledger is a database on a server, which takes psycopg, and that cannot be used here ({error}).", "pip install 'eventcoder[postgres]'"
    ) from None
del psycopg
