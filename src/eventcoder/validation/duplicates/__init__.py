"""Pairs of events that are perhaps one. Floor 4.

similar      the score of one pair and its reasons: the definition, in pure Python, on the path of `add`
parameters   what the score is made of, and a team's own values (`schema/duplicates.toml`)
search       the pairs of a whole table: `blocking` (DuckDB), then `likeness` (numpy, an upper bound), then `similar`
undecided    the pairs of a ledger that nobody has decided
cluster      how far the events lie apart that a merge would make one
"""
