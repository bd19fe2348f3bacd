"""Which dialect a header shows; broken dialects are named with file and key."""

import pytest

from eventcoder.codebook import load_codebook
from eventcoder.errors import CodebookError, UsageError
from eventcoder.intake.dialects import choose, load_dialects, prove
from eventcoder.project import packaged_schema

from .material import ACLED
from .vintages import SAMPLES

SHIPPED = {"acled", "ccc", "gtd", "mass_mobilization", "native", "ucdp_ged"}


@pytest.fixture(scope="module")
def codebook(tmp_path_factory):
    return load_codebook(packaged_schema(), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def dialects():
    return load_dialects(packaged_schema())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_header_shows_its_dialect(codebook, dialects, name):
    sample = SAMPLES[name]
    assert choose(dialects, "auto", sample.columns, codebook).id == sample.dialect
    assert choose(dialects, "auto", [f" {c.upper().replace('_', ' ')} " for c in sample.columns], codebook).id == sample.dialect


@pytest.mark.parametrize(
    "header",
    [
        ["event_id", *ACLED],
        [*ACLED, "fatalities_low"],
        ["event_date", "country"],
        ["event_date", "country", "sub_event_type", "actor1", "location", "fatalities"],
        ["anything"],
        ["date", "state", "locality"],
        ["id", "country", "date_start", "date_end"],
    ],
)
def test_what_nobody_else_claims_is_ours(codebook, dialects, header):
    assert choose(dialects, "auto", header, codebook).id == "native"


@pytest.mark.parametrize(
    "header",
    [
        [c for c in ACLED if c not in ("timestamp", "tags")],
        [*ACLED, "data_id", "iso3"],
        ["event_date", "country", "event_type"],
        ["event_date", "event_type", "sub_event_type", "country", "fatalities"],
        ["event_id_cnty", "event_date", "sub_event_type"],
    ],
)
def test_thin_and_wide_files_are_known(codebook, dialects, header):
    assert choose(dialects, "auto", header, codebook).id == "acled"


def test_a_dialect_can_be_named(codebook, dialects):
    assert choose(dialects, "gtd", ACLED, codebook).id == "gtd"
    with pytest.raises(UsageError, match=r"Unknown dialect 'acledd'.*Did you mean 'acled'.*auto, acled, ccc"):
        choose(dialects, "acledd", ACLED, codebook)


def test_shipped_dialects_fit_the_codebook(codebook, dialects):
    assert set(dialects) == SHIPPED
    for dialect in dialects.values():
        prove(dialect, codebook)
        assert dialect.source and dialect.title
        assert dialect.id == "native" or dialect.losses
        assert dialect.write.possible or dialect.write.reason


def test_a_project_without_dialects_uses_ours(tmp_path):
    assert set(load_dialects(tmp_path)) == SHIPPED


def test_the_project_s_own_dialects_replace_ours(tmp_path):
    folder = tmp_path / "dialects"
    folder.mkdir()
    (folder / "native.toml").write_text((packaged_schema() / "dialects" / "native.toml").read_text("utf-8"), "utf-8")
    assert set(load_dialects(tmp_path)) == {"native"}
    (folder / "native.toml").rename(folder / "other.toml")
    with pytest.raises(CodebookError, match=r"other\.toml: id: 'native' is not the file's name"):
        load_dialects(tmp_path)
    (folder / "other.toml").unlink()
    with pytest.raises(CodebookError, match="no dialect 'native'"):
        load_dialects(tmp_path)


BREAKS = [
    ("native", 'id = "native"', 'id = "native"\ncolour = 1', "colour: there is no such key"),
    ("native", 'source = "schema/columns.csv of this project"', "", "source: is missing"),
    ("native", "[identity]", "[identiti]", "identiti: there is no such key. Did you mean 'identity'"),
    ("native", "own_names = true", 'own_names = "yes"', "own_names: must be true or false"),
    ("native", 'fatalities = "given"', 'fatalities = "guessed"', "treatment.fatalities: must be"),
    ("native", "required = false", "required = false\nneeded = true", "identity.needed: there is no such key"),
    ("native", "[ignored]", '[ignored]\nIso4 = "x"', "ignored.Iso4: columns of the source are written plain: 'iso4'"),
    ("native", "[ignored]", '[columns]\niso3 = "iso"\n[ignored]', "ignored.iso3: is mapped or kept as well"),
    ("native", "[dates.years]", "[dates.yeers]", "dates.yeers: there is no such key"),
    ("native", "[identity]", "[identity", "Expected ']'"),
    ("acled", 'name = "thin"', "", r"vintage\[5\].name: is missing"),
    ("acled", 'name = "thin"', 'name = "2023"', "vintage: two are called '2023'"),
    ("acled", 'every.event_id_cnty = "[0-9]+[A-Z]{3}"', 'every.event_id_cnty = "[0-9+"', r"\[1\].detect\[2\].every.event_id_cnty: is no pattern"),
    ("acled", 'to = "{2}{1}"', 'to = "{3}{1}"', r"rewrite\[1\].to: the pattern has 2 groups"),
    ("acled", 'to = "{2}{1}"', 'to = "{x}{1}"', r"rewrite\[1\].to: braces"),
    ("acled", 'as = "crowd size={1}"', 'as = "{1}"', r"extract\[1\].as: must begin"),
    ("acled", "COALESCE(sub_event_type, CASE", "COALESCE(sub_event_typ, CASE", r"set\[1\].value: column 10: unknown column 'sub_event_typ'"),
    ("acled", 'column = "sub_event_type"\nvalue', 'column = "sub_event_type"\nvalu', r"set\[1\].valu: there is no such key"),
    ("acled", 'uncertain = ["Riots/Protests"', 'uncertain = ["Remote  VIOLENCE"', "event_type.uncertain: 'remote violence' is among the known"),
    ("acled", 'nulls = { inter2 = "0" }', 'nulls = { inter2 = "0" }\ndates = "mdy"', r"vintage\[7\]: write.dates: must be one of"),
    ("gtd", ', day = "iday" }', " }", "when.start: is a column, or a table of three"),
    ("mass_mobilization", "reason = \"a year without", "# \"", "rows: skip and reason go together"),
    ("mass_mobilization", "skip = \"protest = '0'\"", "skip = \"protest\"", "rows.skip: column 1: the whole must be a bool"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "said"), BREAKS)
def test_a_broken_dialect_is_named_with_its_key(tmp_path, name, old, new, said):
    folder = tmp_path / "dialects"
    folder.mkdir()
    for other in {name, "native"}:
        text = (packaged_schema() / "dialects" / f"{other}.toml").read_text("utf-8")
        if other == name:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / f"{other}.toml").write_text(text, "utf-8")
    with pytest.raises(CodebookError, match=f"{name}.toml.*{said}") as caught:
        load_dialects(tmp_path)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("acled", 'ally_actor_1 = "assoc_actor_1"', 'ally_actor_1 = "assoc_actor1"', "columns.ally_actor_1: 'assoc_actor1' is no .*'assoc_actor_1'"),
        ("acled", 'keep_system = ["timestamp"]', 'keep_system = ["timestam"]', "treatment: 'timestam' is no column"),
        ("acled", 'admin3 = ["NA"]', 'admin4 = ["NA"]', "nulls.columns.admin4: 'admin4' is neither mapped"),
        ("gtd", 'natural = ["eventid"]', 'natural = ["event"]', "identity.natural: 'event' is neither mapped.*Did you mean 'eventid'"),
        ("gtd", "[values.nwound]", "[values.nwounds]", "values.nwounds: 'nwounds' is neither mapped"),
        ("ucdp_ged", 'end = "date_end"', 'end = "date_ends"', "when: 'date_ends' is neither mapped"),
        ("ucdp_ged", 'column = "fatalities_basis"', 'column = "fatality_basis"', "set: 'fatality_basis' is no column"),
        ("native", 'iso3 = "follows', 'iso = "follows', "ignored.iso: is a column of ours"),
    ],
)  # fmt: skip
def test_names_that_lead_nowhere_are_found(codebook, tmp_path, name, old, new, said):
    folder = tmp_path / "dialects"
    folder.mkdir()
    for other in {name, "native"}:
        text = (packaged_schema() / "dialects" / f"{other}.toml").read_text("utf-8")
        if other == name:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / f"{other}.toml").write_text(text, "utf-8")
    with pytest.raises(CodebookError, match=f"{name}.toml: {said}"):
        prove(load_dialects(tmp_path)[name], codebook)


def test_a_way_back_names_its_columns(codebook, dialects):
    acled = dialects["acled"]
    assert acled.write.possible and acled.write.columns == ACLED and acled.write.nulls == {"fatalities": "0"}
    written = {v.name: v.dialect.write for v in acled.vintages}
    assert [name for name, write in written.items() if write.possible] == ["2024+ actor-based", "2023 actor-based", "2024+", "2023"]
    assert written["2023"].codes == {"inter1": "number", "inter2": "number", "interaction": "number"}
    assert written["2023"].nulls == {"fatalities": "0", "inter2": "0"} and written["2023"].dates == "iso"
    assert written["2024+ actor-based"].pairs and "actor2" not in written["2024+ actor-based"].columns
    assert all(write.reason for write in written.values() if not write.possible)
