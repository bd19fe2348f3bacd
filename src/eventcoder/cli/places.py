"""`eventcoder places`: the gazetteer and the places of the team's own, looked up, added, proposed, imported. Floor 8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption, ReasonOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.cli.registering import AliasOption, ByOption, ProposedOption, RejectedOption, WhyOption, told, told_list
from eventcoder.coding import Desk
from eventcoder.errors import NotFound, Refused
from eventcoder.ledger import new_entry

if TYPE_CHECKING:
    from eventcoder.gazetteer import Gazetteer

places = typer.Typer(help="Look up, add, propose, accept or import places.", no_args_is_help=True)

LatitudeOption = Annotated[float, typer.Option("--latitude", help="Degrees north.", show_default=False)]
LongitudeOption = Annotated[float, typer.Option("--longitude", help="Degrees east.", show_default=False)]
DivisionOption = Annotated[str | None, typer.Option("--admin1", help="First-level division.", show_default=False)]
DistrictOption = Annotated[str | None, typer.Option("--admin2", help="Second-level division.", show_default=False)]
InOption = Annotated[str, typer.Option("--country", help="Country that it lies in.", show_default=False)]
PlaceArgument = Annotated[str, typer.Argument(help="Its id or name, as 'places list --proposed' shows it.", show_default=False)]


@places.command("find")
def places_find(
    name: Annotated[str, typer.Argument(help="Name of a place, in any script.")],
    country: Annotated[str | None, typer.Option("--country", help="Only in this country.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many.", min=1)] = 10,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Places of that name: the team's own first, then those of earlier events, then the gazetteer's by population; else other spellings of it."""
    from eventcoder.team.registers.describing import country_given, way_in

    with reading_desk(project) as desk:
        gazetteer, where = _gazetteer(desk), country_given(desk, country) if country else None
        found = gazetteer.lookup(name, country=where, limit=limit, strict=False) or gazetteer.similar(name, country=where, limit=limit)
        for place in found:
            if json_:
                emit(
                    {
                        k: getattr(place, k)
                        for k in ("gazetteer_id", "name", "country", "admin1", "admin2", "latitude", "longitude", "population", "kind", "version")
                    }
                )
            else:
                where = f"{place.latitude:.4f}, {place.longitude:.4f}" if place.latitude is not None and place.longitude is not None else "no point"
                say(
                    f"{place.name}, {place.admin1 or '-'}, {place.country}  {where}  {place.gazetteer_id}"
                    + (f"  {place.population:,}" if place.population else "")
                )
        if not found:
            note(f"No such place. To bring it in: eventcoder places {way_in(desk, 'place')}")
            raise typer.Exit(1)


@places.command("add")
def places_add(
    name: Annotated[str, typer.Argument(help="Name as it shall stand in events.")],
    country: InOption,
    latitude: LatitudeOption,
    longitude: LongitudeOption,
    admin1: DivisionOption = None,
    admin2: DistrictOption = None,
    alias: AliasOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Add a place of the team's own; it can be used at once and ranks first. In a team that is a lead's right: others propose."""
    from eventcoder.team.registers.registering import enter_place

    with writing_desk(project, coder) as desk:
        place = _place(desk, name, country, latitude, longitude, admin1, admin2, alias)
        enter_place(desk, place)
        if json_:
            emit(place)
        else:
            say(f"{place['gazetteer_id']}  {name}, {place['country']}")


@places.command("propose")
def places_propose(
    name: Annotated[str, typer.Argument(help="Name as it shall stand in events.")],
    country: InOption,
    latitude: LatitudeOption,
    longitude: LongitudeOption,
    reason: ReasonOption,
    admin1: DivisionOption = None,
    admin2: DistrictOption = None,
    alias: AliasOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Propose a place. It is not used before a lead accepts it."""
    from eventcoder.team.registers.registering import propose_place

    with writing_desk(project, coder) as desk:
        told([propose_place(desk, _place(desk, name, country, latitude, longitude, admin1, admin2, alias), reason)], as_json=json_)


@places.command("accept")
def places_accept(
    place: PlaceArgument, by: ByOption = None, reason: WhyOption = "", json_: JsonOption = False, project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:  # fmt: skip
    """Accept a place that was proposed."""
    from eventcoder.team.registers.registering import accept

    with writing_desk(project, coder) as desk:
        told(accept(desk, "place", place, by=by, reason=reason), as_json=json_)


@places.command("reject")
def places_reject(
    place: PlaceArgument, reason: ReasonOption, by: ByOption = None, json_: JsonOption = False, project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:  # fmt: skip
    """Turn a proposed place down; a coder takes back an own proposal."""
    from eventcoder.team.registers.registering import reject

    with writing_desk(project, coder) as desk:
        told(reject(desk, "place", place, reason, by=by), as_json=json_)


def _place(
    desk: Desk, name: str, country: str, latitude: float, longitude: float, admin1: str | None, admin2: str | None, alias: list[str] | None
) -> dict[str, Any]:
    """The checked body of a place. Raises `Refused`."""
    given = {"latitude": latitude, "longitude": longitude, "admin1": admin1, "admin2": admin2, "aliases": alias or []}
    place, problems = desk.new_place({"name": name, "country": country, **given})
    if problems:
        raise Refused("The place was not stored.", "Mend it and try again.", problems)
    return place


@places.command("show")
def places_show(
    gazetteer_id: Annotated[str, typer.Argument(help="Id of a place, e.g. geonames:112931, admin1:IR.26 or team:iraq-camp-ashraf.")],
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """One place by its id, with what lies nearest to it."""
    with reading_desk(project) as desk:
        gazetteer = _gazetteer(desk)
        place = gazetteer.place(gazetteer_id)
        if place is None:
            raise NotFound(f"No place {gazetteer_id!r}.", "'eventcoder places find NAME' shows the ids.")
        around = gazetteer.nearest(*place.point, limit=4) if place.point is not None else []
        near = [(other, km) for other, km in around if other.gazetteer_id != place.gazetteer_id][:3]
        if json_:
            names = ("gazetteer_id", "name", "country", "admin1", "admin2", "latitude", "longitude", "population", "kind", "version", "origin")
            emit({k: getattr(place, k) for k in names} | {"near": [{"gazetteer_id": p.gazetteer_id, "name": p.name, "km": km} for p, km in near]})
            return
        exact = "a point" if place.kind == "place" else "no point" if place.point is None else "a representative point of a larger area"
        rows = {
            "id": place.gazetteer_id, "name": place.name, "kind": place.kind, "country": place.country, "admin1": place.admin1,
            "admin2": place.admin2, "point": f"{place.latitude:.4f}, {place.longitude:.4f} ({exact})" if place.point is not None else exact,
            "inhabitants": f"{place.population:,}" if place.population else None, "also": "; ".join(place.aliases),
            "from": f"{place.origin}, {place.version}", "near": "; ".join(f"{p.name} ({km:.0f} km)" for p, km in near),
        }  # fmt: skip
        for key, value in rows.items():
            if value:
                say(f"{key:<12} {value}")


@places.command("import")
def places_import(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV: name, country, latitude, longitude, admin1, admin2, aliases ('; ' between them); or a GeoNames country file (XX.txt, XX.zip)."
        ),
    ],
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Store the good rows.")] = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Take a list of places from a CSV file, all rows or none; or a GeoNames country file as an index of its own."""
    from eventcoder.gazetteer import is_dump, read_places_csv
    from eventcoder.team.registers.registering import enter_places

    with writing_desk(project, coder) as desk:
        if is_dump(file):
            _import_dump(desk, file)
            return
        good, problems = read_places_csv(file, desk.codebook, _gazetteer(desk))
        show_problems(problems)
        if problems and not keep_going:
            raise Refused(f"{len(problems)} problem(s): none of the places was stored.", "Mend the rows, or use --keep-going.")
        fresh = enter_places(desk, good)
        refused = len({p.where for p in problems})
        say(f"read {len(good) + refused}: {len(fresh)} stored, {len(good) - len(fresh)} known, {refused} refused")
        if problems:
            raise typer.Exit(1)


def _gazetteer(desk: Desk) -> Gazetteer:
    """The desk's gazetteer with the imported GeoNames files of the project."""
    gazetteer = desk.gazetteer(progress=note)
    gazetteer.attach(_imported(desk))
    return gazetteer


def _imported(desk: Desk) -> Path:
    return desk.project.state_dir / "places"


def _import_dump(desk: Desk, file: Path) -> None:
    """A GeoNames country file: an index in the state folder, one entry in the ledger that names it."""
    from eventcoder.gazetteer.dump import LICENCE, import_dump
    from eventcoder.ledger.registered import Word, words

    gazetteer = desk.gazetteer(progress=note)
    done = import_dump(file, _imported(desk), gazetteer.iso2, gazetteer.divisions())
    subject = f"gazetteer:{done.file}"
    stored = desk.ledger.latest("place").get(subject)
    if stored is None or stored.body.get("sha256") != done.sha256:
        parents = words(desk.ledger, "place", subject).get(subject, Word(subject)).heads
        desk.ledger.append([new_entry("place", subject, done.body, coder=desk.coder, time=desk.moment, parents=parents)])
    if done.known:
        say(f"{done.file} is known: {sum(done.taken.values()):,} places. Nothing was changed.")
        return
    divisions = done.taken["admin1"] + done.taken["admin2"]
    said = f"{done.taken['place']:,} places and {divisions:,} divisions taken, {done.others:,} of other kinds left out, {done.refused:,} refused"
    say(f"read {sum(done.taken.values()) + done.others + done.refused:,}: {said}")
    for reason in done.reasons:
        note(f"refused: {reason}")
    note(f"Places: {LICENCE}.")


@places.command("list")
def places_list(proposed: ProposedOption = False, rejected: RejectedOption = False, json_: JsonOption = False, project: ProjectOption = None) -> None:
    """The team's own places, and the GeoNames files that it imported; or what is proposed, or was rejected."""
    from eventcoder.ledger.registered import accepted

    with reading_desk(project) as desk:
        if proposed or rejected:
            told_list(desk, "place", proposed=proposed, rejected=rejected, as_json=json_)
            return
        for entry in accepted(desk.ledger, "place").values():
            body = dict(entry.body)
            if json_:
                emit(body)
            elif "gazetteer" in body:
                here = (_imported(desk) / f"{Path(body['gazetteer']).stem}.sqlite").is_file()
                missing = "" if here else "  not on this machine: run 'eventcoder places import' with this file"
                say(f"{body['gazetteer']}  {body['places']:,} places  {body['licence']}{missing}")
            else:
                say(f"{body['gazetteer_id']}  {body['name']}, {body['country']}  {body['latitude']}, {body['longitude']}")
