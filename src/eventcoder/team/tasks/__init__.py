"""Work is shared out, taken, handed in, and kept apart where two do the same. Floor 5.

items        what can be shared out; `plans`: who gets it; `assigning` stores it
claiming     the next task of a coder; `queue`: where the work stands
codings      what was handed in, document by document: adjudication and agreement begin here
blind        what a coder may see of what others do
planting     drafts made wrong on purpose, and what became of them
"""
