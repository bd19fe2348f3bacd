"""report.html: what a release, or any part of it, holds, on one page that opens without a network. Floor 5.

    subject     what the page is about: title, version, citation, or the query that it answers
    asking      a query in the codebook's codes, as SQL and in words
    questions   tables -> figures: everything that the page says in numbers, asked of DuckDB in aggregates
    periods     days, weeks, months or years, as the span asks
    reading     coverage by country and period, 0 only where somebody read
    changing    what changed since the version before
    checking    what was checked, out of the gate's document
    borders     the outlines of countries that lie in the package
    drawing     Altair's charts as still SVG; `picture` makes them small, quiet and safe to stand in a page
    charts      figures -> charts; `map` the map
    sections    the parts about the events; `around` those about reading, changes and checks; `parts` the pieces they are made of
    page        the page; `style` its style sheet

There is no script in the page: charts are drawn when it is made, so it opens anywhere, prints as it looks and has nothing to run.
"""

from eventcoder.reportpage.asking import Asked, Query, asked
from eventcoder.reportpage.page import report_page
from eventcoder.reportpage.subject import Subject

__all__ = ["Asked", "Query", "Subject", "asked", "report_page"]
