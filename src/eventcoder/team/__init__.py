"""A team of coders: who codes what, apart from whom, and what comes of it. Floor 5.

`assigning` and `plans` share work out, `claiming` hands it out, `blind` keeps codings of one item apart, `codings` reads them.
"""
