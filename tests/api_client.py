"""A shop's program, as it speaks to the HTTP API."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class ApiClient:
    """Sends a key with each request, and a fresh idempotency key with each POST."""

    client: FlaskClient
    secret: str
    campaign_id: str
    _keys: itertools.count = field(default_factory=itertools.count)

    def get(self, path: str, **query: Any) -> TestResponse:
        """GET under /api/v1."""
        return self.client.get(f"/api/v1{path}", query_string=query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = "") -> TestResponse:
        """POST under /api/v1. ``key=None`` leaves the idempotency key out."""
        return self._send("POST", path, body, key)

    def patch(self, path: str, body: Any = None) -> TestResponse:
        """PATCH under /api/v1."""
        return self._send("PATCH", path, body, None)

    def delete(self, path: str) -> TestResponse:
        """DELETE under /api/v1."""
        return self.client.delete(f"/api/v1{path}", headers=self._headers())

    def _send(self, method: str, path: str, body: Any, key: str | None) -> TestResponse:
        headers = self._headers()
        if key is not None:
            headers["Idempotency-Key"] = key or f"{id(self)}-{next(self._keys)}"
        json = {} if body is None else body
        return self.client.open(f"/api/v1{path}", method=method, json=json, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}
