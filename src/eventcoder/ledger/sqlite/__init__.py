"""The ledger as one SQLite file. Floor 2.

store        one connection, as `backend.Store` asks for it; `opening`: a file looked at, made, upgraded
layout       tables, indexes and the triggers that keep entries from being changed
fresh_heads  a head table made anew beside the one in use; `tuning`: settings while very much is stored
import_lock  one bulk import at a time; `network`: drives on which such a file is not safe
"""
