"""A server on this machine that speaks as much of the Hugging Face Hub's protocol as is used here, and fails on demand.

Large files live in LFS, as on the Hub: `resolve` answers with a redirect to another origin ("localhost" instead of
127.0.0.1) whose answers carry no commit; uploads go through preupload, LFS batch, PUT, verify and commit.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.support.hub_state import TOKEN, Hub, Repo, Request, git_oid, is_large, sha256


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub
    fault: str | None = None

    def log_message(self, *_: Any) -> None: ...

    def do_GET(self) -> None:
        self.answer("GET")

    def do_HEAD(self) -> None:
        self.answer("HEAD")

    def do_POST(self) -> None:
        self.answer("POST")

    def do_PUT(self) -> None:
        self.answer("PUT")

    def answer(self, method: str) -> None:
        path = unquote(urlsplit(self.path).path)
        token = self.headers.get("Authorization")
        self.hub.requests.append(Request(method, path, self.headers.get("Host", ""), self.headers.get("Range"), token))
        body = self.read_body()
        self.fault = self.hub.fault_of(method, path)
        if self.fault == "stall":
            self.hub.stopping.wait(60)
            self.close_connection = True
        elif self.fault and self.fault.isdigit():
            self.send(int(self.fault), b"out of order")
        elif not self.route(method, path, body):
            self.refuse(404, "RepoNotFound")

    def route(self, method: str, path: str, body: bytes) -> bool:
        routes = {
            ("GET", r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?"): self.model_info,
            ("GET", r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)"): self.resolve,
            ("GET", r"/lfs/([0-9a-f]{64})"): self.large_file,
            ("POST", r"/api/repos/create"): self.create,
            ("POST", r"/api/validate-yaml"): self.validate,
            ("POST", r"/api/models/([^/]+/[^/]+)/preupload/(.+)"): self.preupload,
            ("POST", r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch"): self.batch,
            ("PUT", r"/lfs/([0-9a-f]{64})"): self.store,
            ("POST", r"/verify"): self.verify,
            ("POST", r"/api/models/([^/]+/[^/]+)/commit/(.+)"): self.commit,
        }
        self.body = body
        for (wanted, pattern), function in routes.items():
            if wanted == ("GET" if method == "HEAD" else method) and (match := re.fullmatch(pattern, path)):
                function(*match.groups())
                return True
        return False

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def send(self, status: int, data: bytes = b"", **headers: str) -> None:
        length = len(data)
        if self.fault == "corrupt":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if self.fault == "truncate":
            data = data[: length // 2]
            self.close_connection = True
        self.send_response(status)
        for key, value in ({"Content-Length": str(length)} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
            self.wfile.flush()

    def send_json(self, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send(200, b"<html>" if self.fault == "cut-header" else data, Content_Type="application/json")

    def send_bytes(self, data: bytes, **headers: str) -> None:
        """All of it or the range asked for."""
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not wanted:
            self.send(200, data, Accept_Ranges="bytes", **headers)
            return
        first = int(wanted[1])
        last = min(int(wanted[2] or len(data)), len(data) - 1)
        self.send(206, data[first : last + 1], Content_Range=f"bytes {first}-{last}/{len(data)}", **headers)

    def refuse(self, status: int, code: str) -> None:
        self.send(status, b"", X_Error_Code=code, X_Error_Message=code)

    def opened(self, repo_id: str, revision: str | None) -> Repo | None:
        """The repository, or None after an answer that refuses it."""
        repo = self.hub.repos.get(repo_id)
        trusted = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if repo is None or (repo.access == "private" and not trusted):
            self.refuse(404 if trusted else 401, "RepoNotFound")
        elif repo.access == "gated" and not trusted and "/resolve/" in self.path:
            self.refuse(403, "GatedRepo")
        elif revision not in (None, "main", repo.head):
            self.refuse(404, "RevisionNotFound")
        else:
            return repo
        return None

    def model_info(self, repo_id: str, revision: str | None) -> None:
        if not (repo := self.opened(repo_id, revision)):
            return
        siblings = []
        for name, data in repo.files.items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git_oid(data)}
            if is_large(name):
                entry["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 130}
            siblings.append(entry)
        self.send_json({"_id": "1", "id": repo_id, "modelId": repo_id, "sha": repo.head, "siblings": siblings})

    def resolve(self, repo_id: str, revision: str, name: str) -> None:
        if not (repo := self.opened(repo_id, revision)):
            return
        if name not in repo.files:
            self.send(404, b"", X_Error_Code="EntryNotFound", X_Repo_Commit=repo.head)
            return
        data = repo.files[name]
        if not is_large(name):
            self.send_bytes(data, ETag=f'"{git_oid(data)}"', X_Repo_Commit=repo.head)
            return
        oid = sha256(data)
        self.hub.large[oid] = data
        self.send(
            302,
            b"",
            Location=f"{self.hub.cdn}/lfs/{oid}",
            X_Linked_Etag=f'"{oid}"',
            X_Linked_Size=str(len(data)),
            X_Repo_Commit=repo.head,
        )

    def large_file(self, oid: str) -> None:
        self.send_bytes(self.hub.large[oid], ETag=f'"{sha256(oid.encode())[:32]}"')

    def create(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.refuse(401, "Unauthorized")
            return
        wanted = json.loads(self.body)
        repo_id = f"{wanted['organization']}/{wanted['name']}"
        if wanted["organization"] == "others":
            self.refuse(403, "Forbidden")
            return
        known = repo_id in self.hub.repos
        private = wanted.get("visibility") == "private" or wanted.get("private") is True
        self.hub.repos.setdefault(repo_id, Repo(access="private" if private else "public"))
        url = json.dumps({"url": f"{self.hub.url}/{repo_id}"}).encode()
        self.send(409 if known else 200, url, Content_Type="application/json")

    def validate(self) -> None:
        starts = json.loads(self.body)["content"].startswith("---\nlicense: ")
        self.send(200 if starts else 400, b'{"errors": [], "warnings": []}', Content_Type="application/json")

    def preupload(self, _repo_id: str, _revision: str) -> None:
        files = [
            {"path": f["path"], "uploadMode": "lfs" if is_large(f["path"]) else "regular", "shouldIgnore": False}
            for f in json.loads(self.body)["files"]
        ]
        self.send_json({"files": files})

    def batch(self, _repo_id: str) -> None:
        objects = []
        for item in json.loads(self.body)["objects"]:
            entry: dict[str, Any] = {"oid": item["oid"], "size": item["size"]}
            if item["oid"] not in self.hub.large:
                upload, verify = f"{self.hub.cdn}/lfs/{item['oid']}", f"{self.hub.url}/verify"
                entry["actions"] = {"upload": {"href": upload}, "verify": {"href": verify}}
            objects.append(entry)
        self.send_json({"transfer": "basic", "objects": objects})

    def store(self, oid: str) -> None:
        if sha256(self.body) == oid:
            self.hub.large[oid] = self.body
        self.send(200 if oid in self.hub.large else 400)

    def verify(self) -> None:
        wanted = json.loads(self.body)
        good = len(self.hub.large.get(wanted["oid"], b"")) == wanted["size"]
        self.send(200 if good else 400)

    def commit(self, repo_id: str, _revision: str) -> None:
        if not (repo := self.opened(repo_id, None)):
            return
        for line in self.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                repo.files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                repo.files[value["path"]] = self.hub.large[value["oid"]]
            else:
                repo.commits.append(value["summary"])
        url = f"{self.hub.url}/{repo_id}/commit/{repo.head}"
        self.send_json({"commitUrl": url, "commitOid": repo.head, "success": True})


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A fresh server on a free port of this machine."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
