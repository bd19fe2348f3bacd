"""Where coders differ somebody else decides, and they learn why. Floor 5.

cases        what waits; `twice`: items that two leads decided apart; `reopening`: decisions taken back
aligning     which events of two codings are one; `grounds`: what is decided together, and why coders err
adjudicating the decision as entries; `casefile`: many of them from a file
taken        where each value came from
feedback     what was overruled, coder by coder; `confusion`: by field and code
"""
