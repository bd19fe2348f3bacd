"""Checks over many rows: bulk rules, keyed checks, likely duplicates, dataset expectations, and how findings are told. Floor 4.

    bulk          every column check and rule of the codebook over an Arrow table, with the verdicts of `Codebook.check`
    keyed         what no row can know of itself: unique ids, atomicity, references between tables
    similar       is this event already there? (pure Python: the path of `add`)
    duplicates    the same question over a whole dataset, by blocking
    profiles      what a dataset expectation needs to know of a table, counted in one pass
    expectations  Great Expectations: the suite, and its verdicts on profiles (the only importer of great_expectations)
    gate          all of it for one release, with the document and the page that the release publishes
    rendering     a report as text, JSON, JUnit XML or GitHub annotations
    explain       what a problem's code means and how to mend it

This file imports nothing: `eventcoder add` takes `similar` and must not pay for the rest.
"""
