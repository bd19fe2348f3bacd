"""Actors, publishers and places with review. Floor 5.

registering  proposed, accepted, rejected, merged; `describing`: what is said of them
naming       two names made one, another name from a day on: what a register gets of it, proposed or done
renaming     the events that bear another name than the register has now
unregistered names met in events and documents that nobody registered
"""
