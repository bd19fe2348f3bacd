"""A release is checked by its own files, and a folder of releases as a whole. Floor 6.

check        one release, all of them, or a file of events; `eventfile` for the last
files        present, nothing more, unchanged, inside the folder
agreement    what it says of itself against its tables
rejudging    the whole gate once more; `reuse`: no id means two events
listing      versions.json against the folders: missing, copied or out of the chain
"""
