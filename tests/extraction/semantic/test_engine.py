"""Drafts of the engine: other types where the vectors know better, everything else as the rules have it; a head for every model."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

import numpy
import pytest

from eventcoder.errors import CodebookError
from eventcoder.event import Document, Draft
from eventcoder.extraction.engines import open_engine
from eventcoder.extraction.kit import Kit
from eventcoder.extraction.protocol import Engine, Text
from eventcoder.extraction.semantic.embedder import Embedder
from eventcoder.extraction.semantic.engine import renamed, semantic_kit
from eventcoder.extraction.semantic.head import FILE, PROBES, load_head
from eventcoder.extraction.semantic.models import ModelFiles
from eventcoder.extraction.semantic.teaching import make_head, open_head
from eventcoder.extraction.trial import try_type
from eventcoder.project import Project, Settings, packaged_schema

ARTICLE = (
    "BANGUI, 6 May 2025 - Hundreds of nurses marched to the ministry in Bangui on Monday to demand four months of unpaid wages.\n\n"
    "Gunmen ambushed an army patrol near Bria on Sunday, killing two soldiers. The attack was the third this month.\n\n"
    "The government condemned the violence and said a new protest planned for Friday would be banned.\n"
)


def text_of(body: str) -> Text:
    sha = hashlib.sha256(body.encode()).hexdigest()
    return Text(Document(id=sha[:16], sha256=sha, length=len(body), published=date(2025, 5, 6)), body)


@pytest.fixture(scope="module")
def engine(kit: Kit, files: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return open_engine("semantic", kit, Project(tmp_path_factory.mktemp("project"), Settings()))


def drafts_of(engine: Engine, *bodies: str) -> list[list[Draft]]:
    return [answer.drafts for answer in engine.read([text_of(body) for body in bodies])]


def test_drafts_carry_the_engine_and_are_found_where_the_rules_find_them(engine: Engine, kit: Kit, tmp_path: Path) -> None:
    (ours,) = drafts_of(engine, ARTICLE)
    (rules,) = drafts_of(open_engine("rules", kit, Project(tmp_path, Settings())), ARTICLE)
    assert {(d.engine, d.engine_version) for d in ours} == {("semantic", engine.version)}
    assert {d.statement.quote for d in ours} == {d.statement.quote for d in rules}
    assert {d.fields.get("sub_event_type") for d in ours if d.status == "codable"} == {"Peaceful protest", "Armed clash"}
    assert not {d.draft_id for d in ours} & {d.draft_id for d in rules}
    assert kit.voter.__class__.__name__ == "Voter"  # the kit that was given reads as before


def test_the_same_text_gives_the_same_drafts_whatever_is_read_with_it(engine: Engine) -> None:
    other = "KANO, 6 May 2025 - Police arrested nine traders in Kano on Monday after a dispute over stalls.\n"
    alone = drafts_of(engine, ARTICLE)[0]
    beside = drafts_of(engine, other, ARTICLE, other)[1]
    assert [d.as_json() for d in alone] == [d.as_json() for d in beside]


def test_links_between_drafts_follow_their_new_ids(engine: Engine) -> None:
    (found,) = drafts_of(engine, ARTICLE)
    first, second = found[0], found[1]
    linked = second.model_copy(update={"candidates": {"same_as": [{"draft": first.draft_id, "words": "x"}], "location": [{"value": "Bria"}]}})
    one, two = renamed([first, linked], "9")
    assert two.candidates["same_as"] == [{"draft": one.draft_id, "words": "x"}]
    assert two.candidates["location"] == [{"value": "Bria"}]


SENTENCES: list[tuple[str, set[str]]] = [
    ("Both delegations put their names to a document ending six years of hostilities in the valley.", {"Agreement"}),
    ("Loyalist units are back in control of Sarmada since Tuesday after the insurgents withdrew under fire.", {"Government regains territory"}),
    ("Shopkeepers kept their stores shut and sat down on the main road of Quetta over the new tax.", {"Peaceful protest"}),
    ("Villagers in Otuke beat a man to death with hoes on Sunday after he was accused of stealing a goat.", {"Mob violence"}),
    (
        "A hooded gang took the headmaster and his wife from their car and wants 20 million naira.",
        {"Abduction/forced disappearance"},
    ),
    ("Rockets rained down on the outskirts of the city throughout the night, destroying a bakery.", {"Shelling/artillery/missile attack"}),
    ("Mourners carrying portraits walked in silence from the cathedral to the prosecutor's office to ask for justice.", {"Peaceful protest"}),
    ("Riot squads turned the water cannon on pensioners who had linked arms before the treasury.", {"Protest with intervention"}),
    ("Two girls were raped by men in uniform at a checkpoint outside Tawila.", {"Sexual violence"}),
    ("An oil tanker hit a mine off Hodeidah and burned for two days.", {"Remote explosive/landmine/IED"}),
    ("A teenager wearing an explosive vest blew herself up among worshippers in Gwoza.", {"Suicide bomb"}),
    ("Someone on a scooter lobbed a hand grenade into a bar in Bujumbura's Kamenge quarter.", {"Grenade"}),
    ("Jets of the coalition struck a weapons store on the hills above Saada.", {"Air/drone strike"}),
    ("A loitering munition slammed into a command vehicle on the Orikhiv axis.", {"Air/drone strike"}),
    ("Sappers made safe a device left under the bridge at Khasavyurt.", {"Disrupted weapons use"}),
    ("Customs men at Beitbridge found forty rifles hidden in a load of maize.", {"Disrupted weapons use"}),
    ("Herders drove off the guards and put the granaries of Kajang to the torch.", {"Attack", "Looting/property destruction", "Mob violence"}),
    (
        "The rebels walked into Rutshuru; the garrison had left.",
        {"Non-state actor overtakes territory", "Non-violent transfer of territory"},
    ),
    ("Peacekeepers opened a forward camp at Birao with two hundred men.", {"Headquarters or base established"}),
    ("Forty fighters of the splinter faction laid down their weapons and went over to the army in Bama.", {"Change to group/activity"}),
    (
        "Detectives picked up the leader of the bus drivers' union at dawn and charged him.",
        {"Arrests"},
    ),
    ("Guards shot into the crowd of miners who were picketing the shaft, and nine did not get up again.", {"Excessive force against protesters"}),
    ("Students hurled bricks at the line of police and set three buses alight over fees.", {"Violent demonstration"}),
    ("The battle for the crossroads at Hawija lasted until dusk, with losses on either side.", {"Armed clash"}),
    ("A councillor was gunned down at her gate in Tumaco by two men on a motorbike.", {"Attack"}),
    ("Residents found choking and foaming after a shell released a yellowish gas over Khan al-Assal.", {"Chemical weapon"}),
    ("Supporters of the two football clubs fought with sticks and bottles in the market of Tetouan.", {"Mob violence"}),
    ("Settlers cut down eighty olive trees belonging to a family in Burin.", {"Looting/property destruction", "Mob violence"}),
    ("The army handed the airport over to the transitional council without a shot.", {"Non-violent transfer of territory"}),
    ("Three coast guards were hurt as they traded fire with smugglers off Zuwara.", {"Armed clash"}),
    ("Farm workers on strike blocked the Pan-American highway with tractors near Ica, letting ambulances through.", {"Peaceful protest"}),
    ("The parliament of the breakaway region was dissolved by decree.", {"Change to group/activity", "Other"}),
]


def test_types_of_sentences_that_nobody_wrote_the_lexicon_for(kit: Kit, files: ModelFiles, tmp_path: Path) -> None:
    fused = semantic_kit(kit, Project(tmp_path, Settings()))
    answers = [try_type({"id": str(i), "text": text}, fused) for i, (text, _) in enumerate(SENTENCES)]
    assert all(0 < answer["score"] <= 0.99 for answer in answers)
    wrong = [(text, a["sub_event_type"]) for a, (text, right) in zip(answers, SENTENCES, strict=True) if a["sub_event_type"] not in right]
    assert len(wrong) <= len(SENTENCES) // 5, wrong


def test_the_packaged_head_goes_with_the_public_model(embedder: Embedder) -> None:
    head = load_head(packaged_schema() / "classifier" / FILE)
    assert head.fits(embedder)
    assert len(head.labels) == 25
    assert head.about["accuracy"] > 0.8


class Letters:
    """A model of another kind: how often each letter occurs."""

    key = "letters"

    def __init__(self) -> None:
        self.read = 0

    def embed(self, texts: list[str]) -> object:
        return numpy.stack([self.one(text) for text in texts])

    def one(self, text: str) -> object:
        self.read += 1
        counts = numpy.array([text.lower().count(letter) + 0.01 for letter in "abcdefghijklmnopqrstuvwxyz"], dtype=numpy.float32)
        return counts / numpy.linalg.norm(counts)


def small_schema(kit: Kit, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "examples").mkdir(parents=True)
    rows = [
        "sub_event_type,status,style,region,sentence",
        *(f"Attack,codable,wire,africa,Gunmen shot {n} herders." for n in range(2, 12)),
        *(f"Agreement,codable,wire,africa,Parties sign the peace plan for year {n}." for n in range(2, 12)),
    ]
    (folder / "examples" / "types.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setattr(kit, "schema_dir", folder)


def test_another_model_gets_a_head_of_its_own_once(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_schema(kit, tmp_path / "schema", monkeypatch)
    (tmp_path / ".eventcoder").mkdir()
    letters = Letters()
    head = open_head(kit, letters, tmp_path / ".eventcoder" / "cache")  # type: ignore[arg-type]
    assert set(head.labels) == {"Attack", "Agreement"}
    assert head.labels[int(head.log_shares(letters.one("Gunmen shot 40 herders.")).argmax())] == "Attack"
    before = letters.read
    again = open_head(kit, letters, tmp_path / ".eventcoder" / "cache")  # type: ignore[arg-type]
    assert letters.read - before == len(PROBES)  # the examples were not read again
    assert again.version == head.version
    assert again.weights == pytest.approx(head.weights, abs=0.01)


def test_a_cached_head_that_was_cut_off_is_made_again(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_schema(kit, tmp_path / "schema", monkeypatch)
    cache = tmp_path / ".eventcoder" / "cache"
    cache.mkdir(parents=True)
    head = open_head(kit, Letters(), cache)  # type: ignore[arg-type]
    (path,) = cache.glob("semantic-*.npz")
    path.write_bytes(path.read_bytes()[:300])
    assert open_head(kit, Letters(), cache).version == head.version  # type: ignore[arg-type]


def test_a_damaged_packaged_head_is_said(tmp_path: Path) -> None:
    shutil.copy(packaged_schema() / "classifier" / FILE, tmp_path / FILE)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:1000])
    with pytest.raises(CodebookError, match="is damaged"):
        load_head(tmp_path / FILE)


def test_a_head_for_two_types_gives_shares_of_both(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eventcoder.extraction.classifier.making import teaching

    small_schema(kit, tmp_path / "schema", monkeypatch)
    head = make_head(teaching(kit.schema_dir), Letters())  # type: ignore[arg-type]
    shares = numpy.exp(head.log_shares(Letters().one("Gunmen shot 3 herders.")))
    assert shares.shape == (2,)
    assert shares.sum() == pytest.approx(1.0)
