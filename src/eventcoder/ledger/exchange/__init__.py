"""Entries on their way between ledgers. Floor 2.

journal      the ledger as text that goes into git, out and in; `journal_line`: one line of it
syncing      both ways with a folder that others use
copying      a whole ledger to another place, proven by a fingerprint
"""
