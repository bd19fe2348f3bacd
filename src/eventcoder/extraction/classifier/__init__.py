"""The linear classifier of sub-event types: trained on `schema/examples` (and on a team's decisions), read by the engines. Floor 5.

`examples` reads the sentences, `features` says what is seen of them, `training` makes a `linear.Linear` of them, `voting` brings its
probabilities and the rules' vote together.
"""
