"""A document, or what one field said, is taken out of everything that was released. Floor 6.

redacting    all of it, in an order that can be interrupted and repeated
traces       where it is: entries, files, caches, versions
scrubbing    the tables of a version without it
reissue      versions are withdrawn and made anew under other numbers
"""
