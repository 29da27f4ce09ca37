"""The files under static/ as a server hands them out: compressed once, when it starts."""

import gzip
import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise import WhiteNoise
from whitenoise.responders import Response, StaticFile

from giftweb.web.http import widget_files
from giftweb.web.http.security import TRANSPORT
from giftweb.web.http.style_sheets import FOREVER
from giftweb.web.http.widget_files import STATIC

ICON = "/favicon.ico"
"""Where browsers and readers of feeds look for an icon unasked."""

KEEP_SECONDS = 24 * 60 * 60
"""How long a file is kept whose address does not name its content."""


class File(StaticFile):
    """A file; what gzip makes of it is kept in memory, some 50 kB for all of them."""

    def __init__(self, path: str, headers: list[tuple[str, str]], **options: Any):
        varying = [*headers, ("Vary", "Accept-Encoding")]
        super().__init__(path, varying, **options)
        content = Path(path).read_bytes()
        self._version = f"v={hashlib.sha256(content).hexdigest()[:12]}"
        self._compressed = gzip.compress(content, mtime=0)
        own = Headers([*self.alternatives[0][2], ("Content-Encoding", "gzip")])
        own["Content-Length"] = str(len(self._compressed))
        self._headers = own.items()

    def get_response(self, method: str, request_headers: dict[str, Any]) -> Response:
        """The file, or a part of it; whole and compressed for those who understand that.

        By the address that names its content (``templating.asset``) it is kept for ever.
        """
        response = super().get_response(method, request_headers)
        is_whole = response.status == 200
        if is_whole and "gzip" in request_headers.get("HTTP_ACCEPT_ENCODING", ""):
            if response.file is not None:
                response.file.close()
            body = None if method == "HEAD" else BytesIO(self._compressed)
            response = Response(response.status, self._headers, body)
        if request_headers.get("QUERY_STRING") == self._version:
            kept = Headers([*response.headers])
            kept["Cache-Control"] = FOREVER
            response = Response(response.status, kept.items(), response.file)
        return response


class StaticFiles(WhiteNoise):
    """In front of the application: /static/... and what shops load of the widget."""

    def __init__(self, application: Any, *, is_https: bool = False):
        self._carried = [("X-Content-Type-Options", "nosniff")]
        self._carried += TRANSPORT.items() if is_https else ()
        super().__init__(application, root=STATIC, prefix="static/", max_age=KEEP_SECONDS)
        self.add_file_to_dictionary(ICON, str(STATIC / "favicon.ico"))
        for address, path in widget_files.FILES.items():
            self.add_file_to_dictionary(address, str(path))

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> File:
        """The file to answer ``url`` with."""
        headers = Headers(list(self._carried))
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        for name, value in widget_files.headers(url).items() if url in widget_files.FILES else ():
            headers[name] = value
        return File(path, headers.items(), stat_cache=stat_cache)
