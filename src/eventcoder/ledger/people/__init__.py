"""Who may store what. Floor 2.

roster       the registered coders, their roles and states
rights       what each role may store: one table, for the program and for a server
permission   the question asked at every way into the ledger
"""
