"""What comes from elsewhere into the ledger: articles, and event tables in native and foreign dialects. Floor 5."""
