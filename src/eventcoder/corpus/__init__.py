"""Extraction over many documents: streamed, on all cores or a cluster, resumed after a kill. Floor 5.

    Run            what is to be read, by what, with how many hands
    to_ledger      documents of the project -> drafts in its ledger
    to_dataset     documents of the project, or of a Parquet dataset -> a Parquet dataset of drafts
    only_read      documents of a Parquet dataset -> answers, nothing stored

Memory is bounded by the number of pieces under way, never by the number of documents. Answers come in the order of the documents, whoever read
them. Nothing here prints.
"""

from eventcoder.corpus.run import Read, Run, only_read, to_dataset, to_ledger

__all__ = ["Read", "Run", "only_read", "to_dataset", "to_ledger"]
