"""Actors, publishers and places with review. Floor 5.

registering  proposed, accepted, rejected, merged; `describing`: what is said of them
renaming     another name from a day on, and the events that bear the old one
unregistered names met in events and documents that nobody registered
"""
