"""A release or a candidate is made: gather, compare, judge, write aside, put in place. Floor 6.

build        a release of the ledger's settled events; `channel`: a candidate of what is not settled yet
numbering    which number comes next
protection   what is shown of acts, and what must not be told of documents that are not public
contents     every file of it, the manifest and the checksums last
result       what was done, and how fresh the data are
"""
