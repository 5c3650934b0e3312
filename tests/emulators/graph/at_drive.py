"""Drives, folders, files and sharing links over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.emulators.graph.at_book import open_workbook
from tests.emulators.graph.call import Action, Call, Reply, Resource
from tests.emulators.graph.drive import MIME, Drive, Item
from tests.emulators.graph.errors import (
    access_denied,
    item_not_found,
    malformed,
    not_allowed,
    not_allowed_method,
    precondition_failed,
    resource_locked,
    too_large,
)
from tests.emulators.graph.files import from_xlsx
from tests.emulators.graph.odata import Segment

DRIVE_TYPES = {"personal": "personal", "business": "business", "documentLibrary": "documentLibrary"}
SMALL_UPLOAD = 250_000_000


class Service(Resource):
    """What stands behind `/v1.0`."""

    def step(self, segment: Segment) -> Resource:
        call, emulator = self.call, self.call.emulator
        if segment.name == "me":
            if not call.caller.oid or call.caller.app_only:
                raise malformed("/me request is only valid with delegated authentication flow.")
            return Person(call, call.caller.oid)
        if segment.name == "drives":
            return Keyed(call, lambda key: DriveAt(call, emulator.drive(key)))
        if segment.name == "users":
            return Keyed(call, lambda key: Person(call, emulator.person_id(key)))
        if segment.name == "sites":
            return Keyed(call, lambda key: SiteAt(call, emulator.site(key)))
        if segment.name == "shares":
            return Keyed(call, lambda key: Share(call, key))
        return super().step(segment)


class Keyed(Resource):
    """A collection that is only walked through, by key."""

    def __init__(self, call: Call, find: Any) -> None:
        super().__init__(call)
        self._find = find

    def step(self, segment: Segment) -> Resource:
        found: Resource = self._find(segment.raw)
        return found


class Person(Resource):
    """Somebody of the tenant."""

    def __init__(self, call: Call, oid: str) -> None:
        super().__init__(call)
        self._oid = oid

    def step(self, segment: Segment) -> Resource:
        if segment.name == "drive":
            return DriveAt(self.call, self.call.emulator.drive_of(self._oid))
        if segment.name == "drives":
            return Keyed(self.call, lambda key: DriveAt(self.call, self.call.emulator.drive(key)))
        return super().step(segment)

    def get(self) -> Reply:
        person = self.call.emulator.people[self._oid]
        body = {"id": self._oid, "displayName": person.name, "userPrincipalName": person.upn, "mail": person.upn}
        return self.call.entity("user", body, f"/users(%27{self._oid}%27)")


class SiteAt(Resource):
    """A SharePoint site: its library."""

    def __init__(self, call: Call, drive: Drive) -> None:
        super().__init__(call)
        self._drive = drive

    def step(self, segment: Segment) -> Resource:
        if segment.name == "drive":
            return DriveAt(self.call, self._drive)
        if segment.name == "drives":
            return Keyed(self.call, lambda key: DriveAt(self.call, self.call.emulator.drive(key)))
        return super().step(segment)

    def get(self) -> Reply:
        name = self._drive.site_path.rpartition("/")[2]
        body = {"id": self._drive.site, "name": name, "displayName": name, "webUrl": self._drive.url.rsplit("/", 1)[0]}
        return self.call.entity("site", body, f"/sites(%27{self._drive.site}%27)")


class DriveAt(Resource):
    """One drive."""

    def __init__(self, call: Call, drive: Drive) -> None:
        super().__init__(call)
        self._drive = drive

    def step(self, segment: Segment) -> Resource:
        if segment.name == "root":
            return ItemAt(self.call, self._drive.root)
        if segment.name == "items":
            return Keyed(self.call, lambda key: ItemAt(self.call, self._drive.item(key)))
        return super().step(segment)

    def get(self) -> Reply:
        drive = self._drive
        body = {
            "id": drive.id,
            "driveType": drive.kind,
            "name": "OneDrive" if drive.kind != "documentLibrary" else "Documents",
            "webUrl": drive.url,
            "owner": {"user": _identity(self.call, drive.owner)} if drive.owner else {},
        }
        return self.call.entity("drive", body, f"/drives(%27{drive.id}%27)")


class ItemAt(Resource):
    """A file or a folder."""

    def __init__(self, call: Call, item: Item) -> None:
        super().__init__(call)
        call.item = self.item = item

    def step(self, segment: Segment) -> Resource:
        self.call.caller.must_reach(self.item)
        actions = {"checkout": self._check_out, "checkin": self._check_in, "createlink": self._link}
        if segment.name in actions:
            return Action(self.call, actions[segment.name])
        if segment.name == "at":
            base = self.item.path
            return ItemAt(self.call, self.item.drive.at(f"{base}/{segment.key}"))
        if segment.name == "workbook":
            return open_workbook(self.call, self.item)
        if segment.name == "children":
            return Children(self.call, self.item)
        if segment.name == "content":
            return Content(self.call, self.item)
        if segment.name == "permissions":
            return Permissions(self.call, self.item)
        return super().step(segment)

    def get(self) -> Reply:
        self.call.caller.must_reach(self.item)
        found = self.call.header("if-none-match")
        if found and found in (self.item.etag, self.item.ctag):
            return Reply(304)
        reply = self.call.entity("driveItem", describe(self.call, self.item), "")
        if "children" in self.call.query.get("$expand", ""):
            reply.body["children"] = [describe(self.call, each) for each in self.item.drive.children(self.item)]
        return Reply(200, reply.body, {"ETag": self.item.etag})

    def patch(self) -> Reply:
        changes = self.call.changes("driveItem")
        self._changing()
        if name := changes.get("name"):
            self.item.name = name
        if reference := changes.get("parentReference"):
            drive = self.item.drive
            if reference.get("driveId") not in (None, drive.id):
                raise malformed("Moving between drives is not supported.")
            parent = drive.item(reference["id"]) if "id" in reference else drive.at(_path(reference.get("path", "")))
            if not parent.folder:
                raise malformed("The parent is not a folder.")
            self.item.parent = parent
        self.item.touch(self.call.emulator.now(), self.call.caller.oid, content=False)
        return Reply(200, self.call.entity("driveItem", describe(self.call, self.item), "").body)

    def delete(self) -> Reply:
        self._changing()
        self.item.deleted = True
        self.call.emulator.sessions.end(self.item.id)
        return Reply(204)

    def _changing(self) -> None:
        self.call.caller.must_reach(self.item)
        wanted = self.call.header("if-match")
        if wanted and wanted not in ("*", self.item.etag):
            raise precondition_failed()
        if self.item.read_only or not self.call.caller.may_write(self.item):
            raise access_denied()
        if self.item.locked or (self.item.checked_out_by and self.item.checked_out_by != self.call.caller.oid):
            raise not_allowed()

    def _check_out(self) -> Reply:
        self._changing()
        self.item.checked_out_by = self.call.caller.oid
        self.item.touch(self.call.emulator.now(), self.call.caller.oid, content=False)
        return Reply(204)

    def _check_in(self) -> Reply:
        self._changing()
        self.item.checked_out_by = ""
        self.item.touch(self.call.emulator.now(), self.call.caller.oid, content=False)
        return Reply(204)

    def _link(self) -> Reply:
        given = self.call.body if isinstance(self.call.body, dict) else {}
        kind, scope = given.get("type", "view"), given.get("scope", "organization")
        url = self.call.emulator.links.make(self.item)
        body: dict[str, Any] = {"id": "link", "roles": ["write" if kind == "edit" else "read"]}
        body["link"] = {"type": kind, "scope": scope, "webUrl": url}
        return self.call.entity("permission", body, "/permissions", 201)


class Children(Resource):
    """What lies in a folder."""

    def __init__(self, call: Call, folder: Item) -> None:
        super().__init__(call)
        self._folder = folder

    def get(self) -> Reply:
        found = [describe(self.call, item) for item in self._folder.drive.children(self._folder)]
        return self.call.emulator.collection(self.call, "driveItem", found)


class Permissions(Resource):
    """Who may open a file, as far as the emulator knows."""

    def __init__(self, call: Call, item: Item) -> None:
        super().__init__(call)
        self._item = item

    def get(self) -> Reply:
        role = "read" if self._item.read_only else "write"
        people = self._item.readers if self._item.readers is not None else set(self.call.emulator.people)
        bodies = [
            {"id": oid, "roles": [role], "grantedToV2": {"user": _identity(self.call, oid)}} for oid in sorted(people)
        ]
        return self.call.emulator.collection(self.call, "permission", bodies)


class Content(Resource):
    """The bytes of a file. Somebody who has it open keeps others from replacing them."""

    def __init__(self, call: Call, item: Item) -> None:
        super().__init__(call)
        self._item = item

    def get(self) -> Reply:
        if self._item.book is None:
            raise not_allowed_method()
        return Reply(302, None, {"Location": self.call.emulator.download_url(self._item)})

    def put(self) -> Reply:
        item, emulator = self._item, self.call.emulator
        if item.read_only or not self.call.caller.may_write(item):
            raise access_denied()
        if item.opened or item.locked or item.checked_out_by or emulator.sessions.live(item.id, emulator.clock()):
            raise resource_locked()
        if not isinstance(self.call.body, bytes):
            raise malformed("A file is due.")
        if len(self.call.body) > SMALL_UPLOAD:
            raise too_large()
        item.book = from_xlsx(self.call.body)
        item.touch(emulator.now(), self.call.caller.oid, content=True)
        return self.call.entity("driveItem", describe(self.call, item), "")


class Share(Resource):
    """An address that somebody pasted."""

    def __init__(self, call: Call, token: str) -> None:
        super().__init__(call)
        redeem = call.prefers("redeemSharingLink")
        self._item = call.emulator.links.resolve(token, call.emulator.drives, redeem=redeem)
        call.caller.must_reach(self._item)

    def step(self, segment: Segment) -> Resource:
        if segment.name in ("driveitem", "root"):
            return ItemAt(self.call, self._item)
        if segment.name == "items":
            return Children(self.call, self._item)
        return super().step(segment)

    def get(self) -> Reply:
        body: dict[str, Any] = {"id": self._item.guid, "name": self._item.name}
        if self._item.drive.owner:
            body["owner"] = {"user": _identity(self.call, self._item.drive.owner)}
        return self.call.entity("sharedDriveItem", body, "/shares")


def describe(call: Call, item: Item) -> dict[str, Any]:
    """A driveItem as Graph shows it."""
    drive = item.drive
    body: dict[str, Any] = {
        "id": item.id,
        "name": item.name if item.parent else "root",
        "eTag": item.etag,
        "cTag": item.ctag,
        "createdDateTime": moment(item.created),
        "lastModifiedDateTime": moment(item.changed),
        "lastModifiedBy": {"user": _identity(call, item.by)} if item.by in call.emulator.people else {},
        "webUrl": item.url,
        "size": int(item.megabytes * 1_000_000),
        "parentReference": {"driveId": drive.id, "driveType": DRIVE_TYPES[drive.kind]},
        "fileSystemInfo": {"createdDateTime": moment(item.created), "lastModifiedDateTime": moment(item.changed)},
    }
    if item.parent is not None:
        path = f"/drives/{drive.id}/root:{item.parent.path}"
        body["parentReference"] |= {"id": item.parent.id, "path": path, "name": item.parent.name}
    if drive.site:
        body["parentReference"]["siteId"] = drive.site
    if item.folder:
        body["folder"] = {"childCount": len(drive.children(item))}
        if item.parent is None:
            body["root"] = {}
    else:
        body["file"] = {"mimeType": MIME.get(item.extension, "application/octet-stream")}
        body["@microsoft.graph.downloadUrl"] = call.emulator.download_url(item)
    if item.checked_out_by:
        by = {"user": _identity(call, item.checked_out_by)}
        body["publication"] = {"level": "checkout", "versionId": f"{item.content_tags}.0", "checkedOutBy": by}
    return body


def moment(at: datetime) -> str:
    """A moment as Graph writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _identity(call: Call, oid: str) -> dict[str, str]:
    person = call.emulator.people.get(oid)
    return {"id": oid, "displayName": person.name if person else ""}


def _path(reference: str) -> str:
    """`/drive/root:/Folder` without what comes before the colon."""
    if ":" not in reference:
        raise item_not_found()
    return reference.partition(":")[2]
