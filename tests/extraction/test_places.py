"""Places that a project has coded before, in texts that name them again."""

from __future__ import annotations


def test_the_places_of_earlier_events_come_first(kit) -> None:  # type: ignore[no-untyped-def]
    """A town that the project has coded before settles what the text alone leaves open, and never unsettles what it settled."""
    from eventcoder.extraction.kit import Kit
    from eventcoder.extraction.trial import try_places
    from eventcoder.gazetteer import earlier_places, open_gazetteer

    text = {"text": "Around 80 workers rallied outside the town hall of Orsova on Monday."}
    mures = {
        "location": "Orsova",
        "country": "Romania",
        "admin1": "Mureș County",
        "latitude": 46.75,
        "longitude": 24.9137,
        "gazetteer_id": "geonames:671680",
    }
    gazetteer = open_gazetteer(kit.codebook, earlier=earlier_places([mures]))
    (place,) = try_places(text, Kit(kit.codebook, gazetteer, kit.actors))["places"]
    assert place["gazetteer_id"] == "geonames:671680"
    kano = {"location": "Kano", "country": "Nigeria", "latitude": 12.0001, "longitude": 8.5167, "gazetteer_id": "geonames:2335204"}
    gazetteer = open_gazetteer(kit.codebook, earlier=earlier_places([kano]))
    (place,) = try_places({"text": "Police opened fire on traders in Kano on Tuesday."}, Kit(kit.codebook, gazetteer, kit.actors))["places"]
    assert place["gazetteer_id"] == "geonames:2335204"
