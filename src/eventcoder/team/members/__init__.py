"""Coders, and the second look at their work. Floor 5.

enrolling    registered, changed, disabled
training     gold documents, scores, the level to reach
approval     what waits for a second person; `threads`: questions and answers, field by field
"""
