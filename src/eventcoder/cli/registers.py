"""`actors`, `places`, `publishers`: what the team knows beside events. Floor 8."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventcoder.cli.acts import writing_desk
from eventcoder.cli.looking import reading_desk
from eventcoder.cli.options import CoderOption, JsonOption, ProjectOption
from eventcoder.cli.output import emit, note, say, show_problems
from eventcoder.coding import Desk
from eventcoder.errors import NotFound, Refused, UsageError
from eventcoder.ledger import new_entry

if TYPE_CHECKING:
    from eventcoder.gazetteer import Gazetteer

actors = typer.Typer(help="Look up or add actors.", no_args_is_help=True)
places = typer.Typer(help="Look up, add or import places.", no_args_is_help=True)
publishers = typer.Typer(help="Look up or add publishers.", no_args_is_help=True)

_UNKNOWN = "unknown group: "  # how the engine's rule for an actor begins when nobody registered the group
AliasOption = Annotated[list[str] | None, typer.Option("--alias", help="Another name (repeatable).", show_default=False)]


def _store(desk: Desk, kind: str, subject: str, body: dict[str, Any]) -> None:
    desk.ledger.append([new_entry(kind, subject, {k: v for k, v in body.items() if v not in (None, "", [])}, coder=desk.coder, time=desk.moment)])


def _country(desk: Desk, text: str) -> str:
    found = desk.codebook.lists["countries"].canonical(text)
    if found is None:
        raise UsageError(f"Unknown country {text!r}.", "'eventcoder codebook show countries' lists them.")
    return found


@actors.command("find")
def actors_find(
    text: Annotated[str, typer.Argument(help="Name, or its beginning.")], json_: JsonOption = False, project: ProjectOption = None
) -> None:
    """Actors whose name begins with, contains or resembles the text."""
    with reading_desk(project) as desk:
        names = list(desk.actors.complete(text, limit=20)) or list(desk.actors.suggest(text))
        for name in names:
            kind = desk.actors.inter_of(name)
            if json_:
                emit({"actor": name, "inter": kind})
            else:
                say(f"{name}  [{kind or 'kind not known'}]")
        if not names:
            note("No such actor. 'eventcoder actors add' adds one.")


@actors.command("unknown")
def actors_unknown(json_: JsonOption = False, project: ProjectOption = None) -> None:
    """Groups that stored drafts name and the register does not know, the most frequent first: add them, or give them as other names."""
    with reading_desk(project) as desk:
        counts: dict[tuple[str, str], int] = {}
        for entry in desk.ledger.latest("draft").values():
            body = dict(entry.body)
            for side in ("actor1", "actor2"):
                name = str((body.get("rules") or {}).get(side, "")).partition(_UNKNOWN)[2]
                if name and not desk.actors.known(name):
                    country = str((body.get("fields") or {}).get("country") or "")
                    counts[name, country] = counts.get((name, country), 0) + 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        for (name, country), count in ranked:
            like = desk.actors.suggest(name, limit=3)
            if json_:
                emit({"actor": name, "country": country or None, "drafts": count, "similar": like})
            else:
                say(f"{count:>4}  {name}  [{country or 'no country'}]" + (f"  like: {'; '.join(like)}" if like else ""))
        if not ranked:
            note("No stored draft names an unknown group.")


@actors.command("add")
def actors_add(
    name: Annotated[str, typer.Argument(help="The name as it shall stand in events, e.g. 'ACRO: Full name'.")],
    inter: Annotated[str, typer.Option("--inter", help="Kind: State forces, Rebel group, Political militia, ...", show_default=False)],
    country: Annotated[str | None, typer.Option("--country", help="Home country.", show_default=False)] = None,
    alias: AliasOption = None,
    since: Annotated[str | None, typer.Option("--since", help="First day of validity, YYYY-MM-DD.", show_default=False)] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last day of validity.", show_default=False)] = None,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Add an actor to the register; it can be used at once."""
    with writing_desk(project, coder) as desk:
        kind = desk.codebook.lists["inter"].canonical(inter)
        if kind is None:
            raise UsageError(f"Unknown kind {inter!r}.", f"Known: {', '.join(desk.codebook.lists['inter'].codes)}.")
        if desk.actors.known(name):
            raise Refused(f"The actor {name!r} is in the register already.", "Nothing was changed.")
        for day in (since, until):
            _day(day)
        _store(
            desk,
            "actor",
            name,
            {
                "name": name,
                "inter": kind,
                "country": _country(desk, country) if country else None,
                "aliases": alias or [],
                "since": since,
                "until": until,
            },
        )
        say(f"{name}  [{kind}]")


@places.command("find")
def places_find(
    name: Annotated[str, typer.Argument(help="Name of a place, in any script.")],
    country: Annotated[str | None, typer.Option("--country", help="Only in this country.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many.", min=1)] = 10,
    json_: JsonOption = False,
    project: ProjectOption = None,
) -> None:
    """Places of that name: the team's own first, then those of earlier events, then the gazetteer's by population; else other spellings of it."""
    with reading_desk(project) as desk:
        gazetteer, where = _gazetteer(desk), _country(desk, country) if country else None
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
            note("No such place. 'eventcoder places add' adds one.")
            raise typer.Exit(1)


@places.command("add")
def places_add(
    name: Annotated[str, typer.Argument(help="Name as it shall stand in events.")],
    country: Annotated[str, typer.Option("--country", show_default=False)],
    latitude: Annotated[float, typer.Option("--latitude", help="Degrees north.", show_default=False)],
    longitude: Annotated[float, typer.Option("--longitude", help="Degrees east.", show_default=False)],
    admin1: Annotated[str | None, typer.Option("--admin1", show_default=False)] = None,
    admin2: Annotated[str | None, typer.Option("--admin2", show_default=False)] = None,
    alias: AliasOption = None,
    json_: JsonOption = False,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Add a place of the team's own; it can be used at once and ranks first."""
    with writing_desk(project, coder) as desk:
        raw = {
            "name": name,
            "country": country,
            "latitude": latitude,
            "longitude": longitude,
            "admin1": admin1,
            "admin2": admin2,
            "aliases": alias or [],
        }
        place, problems = desk.new_place(raw)
        if problems:
            raise Refused("The place was not stored.", "Mend it and try again.", problems)
        _store(desk, "place", place["gazetteer_id"], place)
        if json_:
            emit(place)
        else:
            say(f"{place['gazetteer_id']}  {name}, {place['country']}")


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

    with writing_desk(project, coder) as desk:
        if is_dump(file):
            _import_dump(desk, file)
            return
        good, problems = read_places_csv(file, desk.codebook, _gazetteer(desk))
        known = desk.ledger.latest("place")
        show_problems(problems)
        if problems and not keep_going:
            raise Refused(f"{len(problems)} problem(s): none of the places was stored.", "Mend the rows, or use --keep-going.")
        fresh = [body for body in good if body["gazetteer_id"] not in known or dict(known[body["gazetteer_id"]].body) != body]
        desk.ledger.append([new_entry("place", body["gazetteer_id"], body, coder=desk.coder, time=desk.moment) for body in fresh])
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

    gazetteer = desk.gazetteer(progress=note)
    done = import_dump(file, _imported(desk), gazetteer.iso2, gazetteer.divisions())
    subject = f"gazetteer:{done.file}"
    stored = desk.ledger.latest("place").get(subject)
    if stored is None or stored.body.get("sha256") != done.sha256:
        desk.ledger.append([new_entry("place", subject, done.body, coder=desk.coder, time=desk.moment)])
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
def places_list(json_: JsonOption = False, project: ProjectOption = None) -> None:
    """The team's own places, and the GeoNames files that it imported."""
    with reading_desk(project) as desk:
        for entry in desk.ledger.latest("place").values():
            body = dict(entry.body)
            if json_:
                emit(body)
            elif "gazetteer" in body:
                here = (_imported(desk) / f"{Path(body['gazetteer']).stem}.sqlite").is_file()
                missing = "" if here else "  not on this machine: run 'eventcoder places import' with this file"
                say(f"{body['gazetteer']}  {body['places']:,} places  {body['licence']}{missing}")
            else:
                say(f"{body['gazetteer_id']}  {body['name']}, {body['country']}  {body['latitude']}, {body['longitude']}")


@publishers.command("find")
def publishers_find(text: Annotated[str, typer.Argument(help="Name or domain.")], json_: JsonOption = False, project: ProjectOption = None) -> None:
    """A publisher by name, other name or domain, with its scale."""
    with reading_desk(project) as desk:
        name = desk.publishers.canonical(text)
        if name is None:
            raise NotFound(f"No publisher {text!r}.", "'eventcoder publishers add' adds one.")
        scale = desk.publishers.scale([name])
        if json_:
            emit({"publisher": name, "scale": scale})
        else:
            say(f"{name}  [{scale or 'scale not known'}]")


@publishers.command("add")
def publishers_add(
    name: Annotated[str, typer.Argument(help="Name as it shall stand in 'source'.")],
    scale: Annotated[
        str, typer.Option("--scale", help="Subnational, National, Regional, International, New media, Local partner or Other.", show_default=False)
    ],
    domain: Annotated[str | None, typer.Option("--domain", show_default=False)] = None,
    country: Annotated[str | None, typer.Option("--country", show_default=False)] = None,
    language: Annotated[str | None, typer.Option("--language", show_default=False)] = None,
    alias: AliasOption = None,
    project: ProjectOption = None,
    coder: CoderOption = None,
) -> None:
    """Add a publisher with its scale; it can be used at once."""
    with writing_desk(project, coder) as desk:
        known = desk.codebook.lists["source_scales"].canonical(scale)
        if known is None or "-" in known:
            raise UsageError(
                f"Unknown scale {scale!r}.", "Give one of Local partner, Other, New media, Subnational, National, Regional, International."
            )
        _store(
            desk,
            "publisher",
            name,
            {
                "name": name,
                "scale": known,
                "domain": domain,
                "country": _country(desk, country) if country else None,
                "language": language,
                "aliases": alias or [],
            },
        )
        say(f"{name}  [{known}]")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day.", "Write it as YYYY-MM-DD.") from None
