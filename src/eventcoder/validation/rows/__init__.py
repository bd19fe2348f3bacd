"""Every row against the codebook: columns, codes, ranges, rules. Floor 4.

conform    a table from anywhere in the codebook's columns and types
bulk       every column check and rule over an Arrow table, with the verdicts of `Codebook.check`
pieces     the same over a Parquet file of any size, piece by piece
sweep      how: each condition is judged once for each combination of values that occurs (`encoding`)
pages      what a Parquet file would take before anything of it is decoded
"""
