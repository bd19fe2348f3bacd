"""Drafts from documents: the engine `rules`, offline and deterministic. Floor 5.

`kit.Kit` holds what the engine needs (codebook, gazetteer, actors, settings, compiled lexicons), `engine.extract_document` makes drafts,
`trial.try_*` answers one question about one text. Nothing here decides: a draft becomes an event only by a coder's act.
"""
