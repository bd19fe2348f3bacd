"""What stands beside the tables of a release, for people and for catalogues. Floor 6.

citing        CITATION.cff, LICENSE, the line to cite
changes_page  CHANGES.md
report_page   report.html (drawn by the package `reportpage`)
dictionary    dictionary.csv: meaning and fill of every column
croissant     croissant.json; `deposit`: zenodo.json
"""
