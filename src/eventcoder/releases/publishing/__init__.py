"""Releases are copied to a folder or a store; the list of versions is written last. Floor 6.

publish      what the command does; folders
uploading    stores by URL: aside, read back, put in place
planning     what there is to do: our versions against those that the target names
claiming     one publisher at a time in a store
"""
